//! What is wished where no cue says it: by the examples of a pack, else by how a message is made.

use std::collections::BTreeSet;

use crate::model::clerk::understand::Act;
use crate::model::clerk::understand::act::{About, NEAR};
use crate::model::clerk::understand::alike::best;
use crate::model::clerk::understand::reading::Reading;
use crate::model::clerk::understand::topic::MARGIN;

/// How alike a message and an example must be, of 100, to be taken for it.
const ALIKE: u32 = 62;
/// Words of a name that no word says is searched, at most.
const NAMED: usize = 5;

impl Reading<'_> {
    /// The intent that has this message among its examples, but for words that say nothing; else the one that
    /// has nearly this, and more so than any rule.
    pub(super) fn example(&self, about: &About<'_>) -> Option<Act> {
        let small = &self.tongue.small;
        let stems = self.stems();
        let told: BTreeSet<&String> = stems.difference(small).collect();
        // `When will it be here if I order?` is longer than `order`.
        let same = |said: &BTreeSet<String>| {
            self.words.len() <= said.len() + told.len()
                && said.difference(small).collect::<BTreeSet<_>>() == told
        };
        // `What is it?` is the question word of many.
        let questions = &self.tongue.lexicon.questions;
        let tells = !about.constrained
            && !about.meant
            && !told.iter().all(|word| questions.contains(*word));
        let mut intents = self.tongue.intents.iter().filter(|_| tells);
        let whole = intents.find(|it| it.said().iter().any(same));
        let whole = whole.and_then(|it| act_of(it.name.as_str())).filter(|act| {
            matches!(act, Act::Checkout | Act::Cart | Act::More | Act::Help | Act::OffTopic)
        });
        let whole = whole.filter(|act| *act != Act::Checkout || !self.much());
        let goods = about.thing || about.constrained || about.meant;
        whole.or_else(|| {
            let (name, it) = best(&self.tongue.weights, &stems, &self.tongue.intents)?;
            let near = it.words > 1 && it.alike >= NEAR && it.alike > about.topic + MARGIN;
            let act = act_of(name.as_str()).filter(|_| near && !goods)?;
            let whole = matches!(act, Act::Cart | Act::More | Act::Human)
                || act == Act::Checkout && !self.much();
            // `Is there somebody to talk to instead of a bot?`
            let person = act == Act::Bot && self.has(Act::Human);
            (whole || talks(act) && !person).then_some(act)
        })
    }

    /// The intent whose example is most alike; else a search for what may be a name, else lost.
    pub(super) fn by_example(&mut self, left: &[String]) -> Act {
        let stems = self.stems();
        let best = best(&self.tongue.weights, &stems, &self.tongue.intents);
        if let Some((name, _)) = best.filter(|(_, it)| it.alike >= ALIKE)
            && let Some(act) = act_of(name.as_str())
        {
            // `Which wines do you offer?`
            let goods = act == Act::Help && left.iter().any(|word| self.tongue.is_thing(word));
            return if goods { Act::Search } else { act };
        }
        // One word that changes what was searched: `something warmer`.
        let other = self.calls_other(left);
        if left.len() == 1 && self.words.len() <= 3 && self.scene.searched.is_some() && !other {
            return Act::Refine;
        }
        if let Some(topic) = self.rule(&stems) {
            self.wish.topic = Some(topic);
            return Act::Policy;
        }
        let units = &self.tongue.lexicon.units;
        let readable = |word: &String| {
            let vowel = |c: char| "aeiouyäöü0123456789".contains(c);
            let number = word.chars().all(|c| c.is_ascii_digit());
            number || word.chars().any(vowel) && word.chars().count() > 1 || units.contains(word)
        };
        // A name is little more than itself; a sentence of words that mean nothing here is not for us.
        let bare = self.words.len() <= left.len() + 3 * self.names().len();
        let name = (1..=NAMED).contains(&left.len()) && bare && left.iter().all(readable);
        let question =
            self.words.first().is_some_and(|word| self.tongue.lexicon.questions.contains(word));
        let bound = self.wish.amount != (None, None);
        if left.is_empty() && (bound || !self.wish.filters.is_empty()) {
            return Act::Search;
        }
        // `What is saltimbocca?`, but not `who won?`
        let is = self.words.get(1).is_some_and(|it| self.tongue.lexicon.questions.contains(it));
        let single = left.len() == 1 && (!question || is);
        match (name && !question, self.asks) {
            (true, _) => Act::Search,
            (false, true) if left.len() > 1 || single => Act::Ask,
            (false, true) if question && !left.is_empty() => Act::OffTopic,
            (false, false) if left.len() > 1 && !question && left.iter().all(readable) => {
                self.wish.loose = true;
                Act::Search
            }
            (false, _) => Act::Lost,
        }
    }
}

/// Whether it is talk, and about nothing of the shop's.
pub(super) fn talks(act: Act) -> bool {
    matches!(act, Act::Help | Act::Bot | Act::Bye | Act::Thanks | Act::OffTopic | Act::Rude)
}

pub(super) fn act_of(intent: &str) -> Option<Act> {
    Some(match intent {
        "greet" => Act::Greet,
        "thanks" => Act::Thanks,
        "bye" => Act::Bye,
        "help" => Act::Help,
        "bot" => Act::Bot,
        "rude" => Act::Rude,
        "human" => Act::Human,
        "off_topic" => Act::OffTopic,
        "search" => Act::Search,
        "refine" => Act::Refine,
        "more" => Act::More,
        "details" => Act::Details,
        "compare" => Act::Compare,
        "add" => Act::Add,
        "set" => Act::Set,
        "remove" => Act::Remove,
        "stay" => Act::Keep,
        "cart" => Act::Cart,
        "checkout" => Act::Checkout,
        "nod" => Act::Nod,
        _ => return None,
    })
}
