//! Golden conversations: what a customer says to a pack, and what must come of it. Only the format; who runs them is elsewhere.
//!
//! ```toml
//! name = "a jacket in another colour"
//! locale = "en"
//!
//! [[turn]]
//! say = "waterproof jacket under 150 in M"
//! tools = [{ name = "search", arguments = { max_price = 150, filters = { size = "M" } } }]
//! parts = ["text", "cards"]
//!
//! [[turn]]
//! tap = "Add to cart"
//! cart = [{ variant = "LL-1001-BLU-M", quantity = 1 }]
//! not = ["sorry"]
//! ```

use agent_core::id::{Locale, Name};
use agent_core::pack::Content;
use serde::Deserialize;
use serde_json::Value;

use crate::document::Document;
use crate::folder::Folder;
use crate::manifest::TOOLS;
use crate::problem::{PackErrors, Problem};

/// One conversation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    /// What it shows, in a few words.
    pub name: String,
    /// Its language.
    pub locale: Locale,
    /// Why it is here.
    #[serde(default)]
    pub about: String,
    /// Its turns.
    #[serde(default, rename = "turn")]
    pub turns: Vec<Turn>,
}

/// What the customer does, and what must come of it. What is not given is not looked at.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// What the customer writes; this or `tap`.
    pub say: Option<String>,
    /// The label of the option they tap, one of those last shown.
    pub tap: Option<String>,
    /// The calls that must be made, in order, and no other; empty: none.
    pub tools: Option<Vec<Expected>>,
    /// What the reply must contain, all of it, whatever its case.
    #[serde(default)]
    pub reply: Vec<String>,
    /// What the reply must not contain.
    #[serde(default)]
    pub not: Vec<String>,
    /// The phrase of the pack the reply must say, by its name (`cart.empty`) or its area (`greet`).
    pub kind: Option<Name>,
    /// Kinds of blocks the reply must have, in this order, others between them; empty: there is no reply.
    pub parts: Option<Vec<Part>>,
    /// The cart afterwards, in order; empty: nothing is in it.
    pub cart: Option<Vec<Line>>,
    /// Who answers afterwards.
    pub owner: Option<Owner>,
}

/// A call that must be made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The tool.
    pub name: Name,
    /// Arguments it must have; it may have others.
    #[serde(default)]
    pub arguments: Value,
}

/// A line of the cart.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The variant.
    pub variant: Name,
    /// How many.
    pub quantity: u32,
}

/// A kind of block of a reply.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Words.
    Text,
    /// A question with options.
    Choice,
    /// Products.
    Cards,
    /// The cart.
    Summary,
    /// A link.
    Link,
}

/// Who answers.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The agent.
    Bot,
    /// Nobody yet: a person was asked.
    Waiting,
    /// A person.
    Person,
    /// Nobody.
    Closed,
}

impl Folder {
    /// The golden conversations in it, in the order of their files.
    ///
    /// # Errors
    /// Everything that is wrong with them, or with the pack they talk to.
    pub fn goldens(&self) -> Result<Vec<Golden>, PackErrors> {
        self.check().map(|checked| checked.goldens)
    }
}

/// Reads the golden conversations of a pack and checks them against it.
pub(crate) fn read(folder: &Folder, pack: &Content, problems: &mut Vec<Problem>) -> Vec<Golden> {
    let mut goldens = Vec::new();
    for (file, text) in folder.files.iter().filter(|(file, _)| file.starts_with("golden/")) {
        let parsed = Document::parse(folder.name_of(file), text, problems);
        let Some(mut document) = parsed else { continue };
        if let Some(golden) = document.read::<Golden>(problems) {
            check(&golden, pack, &document, problems);
            goldens.push(golden);
        }
    }
    goldens
}

fn check(golden: &Golden, pack: &Content, document: &Document<'_>, problems: &mut Vec<Problem>) {
    if !pack.locales.contains(&golden.locale) {
        let problem = document.problem(&["locale"], format!("unknown locale `{}`", golden.locale));
        let locales = pack.locales.iter().map(Locale::as_str);
        problems.push(problem.meant(golden.locale.as_str(), locales));
    }
    if golden.turns.is_empty() {
        problems.push(document.problem(&[], "the conversation has no `[[turn]]`"));
    }
    for (at, turn) in golden.turns.iter().enumerate() {
        let at = at.to_string();
        if turn.say.is_some() == turn.tap.is_some() {
            let what = "a turn has either `say` or `tap`";
            problems.push(document.problem(&["turn", &at], what));
        }
        for (n, call) in turn.tools.iter().flatten().enumerate() {
            if !TOOLS.contains(&call.name.as_str()) {
                let path = ["turn", &at, "tools", &n.to_string(), "name"];
                let problem = document.problem(&path, format!("unknown tool `{}`", call.name));
                problems.push(problem.meant(call.name.as_str(), TOOLS));
            }
        }
        if let Some(kind) = turn.kind.as_ref().filter(|kind| !is_said(kind, &golden.locale, pack)) {
            let what = format!("no phrase and no area of phrases is called `{kind}`");
            let phrases = pack.phrases.get(&golden.locale);
            let names = phrases.into_iter().flat_map(|phrases| phrases.keys().map(Name::as_str));
            let areas = names.clone().filter_map(|name| name.split_once('.')).map(|(area, _)| area);
            let problem = document.problem(&["turn", &at, "kind"], what);
            problems.push(problem.meant(kind.as_str(), areas.chain(names)));
        }
    }
}

/// Whether a pack has a phrase of this name, or an area of it.
fn is_said(kind: &Name, locale: &Locale, pack: &Content) -> bool {
    let names = pack.phrases.get(locale).into_iter().flat_map(|phrases| phrases.keys());
    let mut names = names.map(Name::as_str);
    names.any(|name| {
        name.strip_prefix(kind.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}
