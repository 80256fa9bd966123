//! A vertical as a value: what a prompt pack says, whatever folder it came from.
//!
//! The core reads packs and never files: `prompts` parses, checks and hashes the folder. A pack's
//! identity is the hash of its content, which is archived when first used, so old conversations
//! keep the pack they ran with.

pub(crate) mod answer;
mod claimed;
mod fitted;
mod intent;
mod lexicon;
mod tongues;

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

pub use claimed::Words;
pub use fitted::Vocabulary;
pub use intent::{Intent, Topic};
pub use lexicon::{Amounts, Lexicon, Writing};
pub(crate) use tongues::undrawn;
pub use tongues::{Known, Tongues, words};

use crate::digest::{Digest, Named};
use crate::evidence::ToolSpec;
use crate::id::{Locale, Name};

/// The phrases the engine says itself, with the slots it fills. Every pack has them in every language it speaks.
pub const ENGINE_PHRASES: &[(&str, &[&str])] = &[
    ("card.add", &[]),
    ("card.more", &[]),
    ("card.sale", &["price", "was"]),
    ("cart.empty", &[]),
    ("cart.total", &[]),
    ("choice.open", &[]),
    ("confirm.ask", &[]),
    ("confirm.declined", &[]),
    ("confirm.no", &[]),
    ("confirm.yes", &[]),
    ("disclosure", &[]),
    ("fallback", &[]),
    ("handover.waiting", &[]),
    ("link.open", &[]),
    ("optin.confirmed", &[]),
    ("optout.confirmed", &[]),
    ("stock.backorder", &[]),
    ("stock.few", &["count"]),
    ("stock.in", &[]),
    ("stock.out", &[]),
    ("stock.preorder", &[]),
    ("tap.expired", &[]),
    ("tap.spent", &[]),
];

/// The phrases whose slots are filled where a pack has them, beside those above.
pub const CLERK_SLOTS: &[(&str, &[&str])] = &[
    ("ask.about", &["title"]),
    ("order.cancelled", &["goods"]),
    ("order.delivered", &["goods"]),
    ("order.failed", &["goods"]),
    ("order.paid", &["goods"]),
    ("order.refunded", &["goods"]),
    ("order.shipped", &["goods"]),
    ("product.colors", &["colors"]),
    ("product.details", &["title", "description"]),
    ("product.material", &["material"]),
    ("product.sizes", &["sizes"]),
    ("product.variant", &["title"]),
    ("search.cheapest", &["title"]),
    ("search.dearest", &["title"]),
    ("stock.gone", &["title"]),
    ("stock.withdrawn", &["title"]),
];

/// The intents that mean something to the clerk; by any other it understands nothing.
pub const CLERK_INTENTS: &[&str] = &[
    "add",
    "as_many",
    "away",
    "bot",
    "bye",
    "cart",
    "cheaper",
    "cheapest",
    "checkout",
    "clear",
    "compare",
    "dearer",
    "dearest",
    "details",
    "double",
    "half",
    "each",
    "except",
    "excess",
    "greet",
    "help",
    "human",
    "instead",
    "kindly",
    "more",
    "nod",
    "off_topic",
    "persons",
    "please",
    "refine",
    "remove",
    "rest",
    "rude",
    "same",
    "search",
    "set",
    "shows",
    "single",
    "stay",
    "thanks",
    "unbound",
    "versions",
];

/// A pack and its identity. Serialised as the hash of its content.
#[derive(Clone, Debug)]
pub struct Pack {
    id: Digest,
    content: Content,
    /// Gathered when it is first needed.
    tongues: OnceLock<Tongues>,
    words: OnceLock<Words>,
    /// With the hash of the specs they are of.
    shown: OnceLock<(Digest, Arc<Named<Vec<ToolSpec>>>)>,
}

impl PartialEq for Pack {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Pack {}

/// What a pack says. This is what is archived, and what its hash is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// The pack's name: `retail`.
    pub name: Name,
    /// Its version, as its author counts.
    pub version: String,
    /// The languages it speaks; the first is the default.
    pub locales: Vec<Locale>,
    /// Which model route serves each mode.
    pub modes: BTreeMap<Mode, Name>,
    /// What a model is told, by mode and language. The clerk does not read it.
    pub prompts: BTreeMap<Mode, BTreeMap<Locale, String>>,
    /// The tools a model may use, and how.
    pub tools: BTreeMap<Name, Grant>,
    /// What customers want, with examples.
    pub intents: Vec<Intent>,
    /// The shop's rules by topic: returns, shipping, payment.
    pub topics: Vec<Topic>,
    /// Sentences, by language and name, with `{slots}`.
    pub phrases: BTreeMap<Locale, BTreeMap<Name, String>>,
    /// Words and how numbers are written, by language.
    pub lexicons: BTreeMap<Locale, Lexicon>,
}

/// How a pack lets a tool be used.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The customer must say yes to each call before it runs.
    #[serde(default)]
    pub confirm: bool,
}

/// How a turn is to be answered.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Fast, conversational.
    Instant,
    /// With reasoning.
    Thinking,
    /// With the catalogue in the loop.
    Shopping,
}

impl Content {
    /// The language spoken when nothing else is known.
    #[must_use]
    pub fn default_locale(&self) -> Locale {
        self.locales.first().cloned().unwrap_or_else(|| "en".into())
    }

    /// A phrase in a language, else in the default one, else the phrase's own name, which a checked pack never shows.
    #[must_use]
    pub fn phrase<'a>(&'a self, name: &'a str, locale: &Locale) -> &'a str {
        let find = |locale: &Locale| self.phrases.get(locale).and_then(|phrases| phrases.get(name));
        find(locale).or_else(|| find(&self.default_locale())).map_or(name, String::as_str)
    }
}

impl Pack {
    /// A pack of this content.
    #[must_use]
    pub fn new(content: Content) -> Self {
        Self {
            id: Digest::of_value(&content),
            content,
            tongues: OnceLock::new(),
            words: OnceLock::new(),
            shown: OnceLock::new(),
        }
    }

    /// The hash of its content.
    #[must_use]
    pub fn id(&self) -> Digest {
        self.id
    }

    /// The words of its languages.
    #[must_use]
    pub fn tongues(&self) -> &Tongues {
        self.tongues.get_or_init(|| Tongues::of(&self.content))
    }

    /// The words that claims are read with.
    #[must_use]
    pub fn words(&self) -> &Words {
        self.words.get_or_init(|| Words::of(&self.content))
    }

    /// Those of these tools that a model is shown. A pack nearly always meets the same, so the first are kept.
    #[must_use]
    pub fn shown(&self, specs: &Named<Vec<ToolSpec>>) -> Arc<Named<Vec<ToolSpec>>> {
        let pick = || {
            let shown = specs.iter().filter(|spec| self.tools.contains_key(&spec.name));
            Arc::new(Named::new(shown.cloned().collect()))
        };
        let (of, shown) = self.shown.get_or_init(|| (specs.id(), pick()));
        if *of == specs.id() { shown.clone() } else { pick() }
    }

    /// A phrase with its `{slots}` filled. A slot without a value stays empty.
    #[must_use]
    pub fn say(&self, name: &str, locale: &Locale, slots: &[(&str, &str)]) -> String {
        let mut rest = self.phrase(name, locale);
        let mut said = String::with_capacity(rest.len());
        while let Some((before, after)) = rest.split_once('{') {
            said.push_str(before);
            // Evidence slots, `{{e3.price}}`, belong to the renderer and pass through.
            if after.starts_with('{') {
                let (slot, tail) = after.split_once("}}").unwrap_or((after, ""));
                said.push_str(&format!("{{{slot}}}}}"));
                rest = tail;
                continue;
            }
            let (slot, tail) = after.split_once('}').unwrap_or((after, ""));
            said.push_str(
                slots.iter().find(|(name, _)| *name == slot).map_or("", |(_, value)| value),
            );
            rest = tail;
        }
        said.push_str(rest);
        said
    }

    /// The words of a language, else of the default one.
    #[must_use]
    pub fn lexicon(&self, locale: &Locale) -> Option<&Lexicon> {
        self.lexicons.get(locale).or_else(|| self.lexicons.get(&self.default_locale()))
    }
}

impl Deref for Pack {
    type Target = Content;

    fn deref(&self) -> &Content {
        &self.content
    }
}

impl Serialize for Pack {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.id.serialize(to)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A small pack for the core's own tests.
    pub(crate) fn pack() -> Pack {
        let phrases = ENGINE_PHRASES
            .iter()
            .map(|(name, _)| (Name::from(*name), format!("<{name}>")))
            .collect();
        Pack::new(Content {
            name: "test".into(),
            version: "1".to_owned(),
            locales: vec!["en".into()],
            modes: BTreeMap::new(),
            prompts: BTreeMap::new(),
            tools: ["search", "cart_add", "cart_view", "checkout", "hand_over", "product"]
                .into_iter()
                .map(|name| (name.into(), Grant::default()))
                .collect(),
            intents: Vec::new(),
            topics: Vec::new(),
            phrases: BTreeMap::from([("en".into(), phrases)]),
            lexicons: BTreeMap::from([("en".into(), Lexicon::default())]),
        })
    }

    #[test]
    fn slots_are_filled_and_those_of_evidence_pass_through() {
        let mut content = pack().content;
        let phrases = content.phrases.get_mut("en").unwrap();
        phrases.insert("found".into(), "{n} found from {{e3.price}} {missing}!".to_owned());
        let said = Pack::new(content).say("found", &"en".into(), &[("n", "3")]);
        assert_eq!(said, "3 found from {{e3.price}} !");
    }
}
