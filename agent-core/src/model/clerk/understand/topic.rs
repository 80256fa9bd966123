//! The rule of the shop that a part of a message asks for.

use std::collections::BTreeSet;

use crate::id::Name;
use crate::model::clerk::understand::Act;
use crate::model::clerk::understand::alike::{Likeness, best};
use crate::model::clerk::understand::cue::Cue;
use crate::model::clerk::understand::reading::{Reading, SENTENCE};

/// So much more alike something must be than a rule to go before it, of 100.
pub(super) const MARGIN: u32 = 8;
/// So much of one word must tell of a topic, in hundredths: in a question, in a sentence, and where it names what is
/// sold.
const ASKED: u32 = 60;
const STATED: u32 = 80;
const NAMED: u32 = 120;
/// And so much of each word that may tell something, in a question and in a sentence.
const MOST: u32 = 60;
const NEARLY: u32 = 75;
/// So surely a cue of one word of a topic asks for it, and one of several.
pub(super) const CUED: Likeness = Likeness { alike: 80, words: 2, told: 100 };
pub(super) const SURELY: Likeness = Likeness { alike: 90, words: 2, told: 100 };

/// Letters a product's name has more than.
const NAME: usize = 3;

impl Reading<'_> {
    /// The rule of the shop that is asked for, and how surely.
    pub(super) fn topic(&self) -> (Option<Name>, Likeness) {
        if self.wish.price != 0 {
            return (None, Likeness::default());
        }
        // `What is this chat for?` asks for help with the chat, and for no rule on it.
        let other = (0..self.words.len()).filter(|at| !self.phrase(*at));
        let other: Vec<String> = other.filter_map(|at| self.words.get(at).cloned()).collect();
        let words = self.apart();
        let rule = self.tongue.rule(&words);
        let within = |words: usize| words < 2 && self.tongue.rule(&other).is_none();
        let rule = rule.filter(|(_, words)| !(self.told_at_length && within(*words)));
        if let Some((topic, words)) = rule {
            return (Some(topic.clone()), if words > 1 { SURELY } else { CUED });
        }
        match best(&self.tongue.weights, &self.stems(), &self.tongue.topics) {
            Some((topic, likeness))
                if !self.told_at_length
                    && !words.iter().any(String::is_empty)
                    && !self.outdone(likeness) =>
            {
                (Some(topic.clone()), likeness)
            }
            _ => (None, Likeness::default()),
        }
    }

    /// Whether the words may well be about a rule that was told, and are not surely about another.
    pub(super) fn tells_of(&self, rule: &Name, likeness: Likeness) -> bool {
        let stems = self.stems();
        let shares = self.tongue.shares.of(&stems);
        let told = shares.get(rule).copied().unwrap_or(0);
        let most = shares.values().copied().max().unwrap_or(0);
        if !self.joined() {
            // `Does that take long?` may be of another rule.
            return likeness != SURELY && told > 0 && told * 2 >= most;
        }
        likeness == CUED || likeness != SURELY && told > 0
    }

    /// Whether a rule is asked for, of what may only come to be: `if it is too tight`.
    pub(super) fn supposes(&self) -> bool {
        let tie = |at: &usize| {
            self.words.get(*at).is_some_and(|it| self.tongue.lexicon.ties.contains(it))
        };
        let may = self.words.iter().any(|it| self.tongue.lexicon.requests.contains(it));
        let mut found = self.tongue.rules.found(&self.words, &self.tongue.lexicon).into_iter();
        (self.asks || may)
            && found.any(|(cue, places)| cue.words >= SENTENCE && places.first().is_some_and(tie))
    }

    /// Its words, but for those by which the cart is spoken of at length, as in `add it to my order`, or another size.
    fn apart(&self) -> Vec<String> {
        let cues = self.tongue.cues.found(&self.words, &self.tongue.lexicon).into_iter();
        let of_cart = |cue: &Cue| matches!(cue.intent.as_str(), "add" | "cart" | "set" | "remove");
        let cues = cues.filter(|(cue, at)| {
            cue.words >= SENTENCE && of_cart(cue) && !self.asks_a_rule(cue, at)
        });
        let places: BTreeSet<usize> = cues.flat_map(|(_, places)| places).collect();
        let words = self.words.iter().enumerate();
        // `How much is the green one?`
        let colored = self.wish.points && self.wish.filters.keys().any(|it| it.as_str() == "color");
        let colored = |at: usize| colored && self.told.get(at).is_some_and(|told| *told);
        let word = |(at, word): (usize, &String)| {
            if places.contains(&at) || self.titled(at) || self.stepped.contains(&at) || colored(at)
            {
                String::new()
            } else {
                word.clone()
            }
        };
        words.map(word).collect()
    }

    /// Whether what seems to ask for the cart begins a question for a rule: `what do I pay for shipping?`
    pub(super) fn asks_a_rule(&self, cue: &Cue, places: &[usize]) -> bool {
        let found = self.tongue.rules.found(&self.words, &self.tongue.lexicon);
        let thing = |at: &usize| self.words.get(*at).is_some_and(|it| !self.tongue.tells(it));
        let begins = |rule: &Vec<usize>| {
            let behind = rule.iter().filter(|at| places.last() < Some(at));
            rule.iter().any(|at| places.contains(at)) && behind.into_iter().any(thing)
        };
        self.open && cue.intent.as_str() == "cart" && found.iter().any(|(_, rule)| begins(rule))
    }

    /// Whether what seems to pay only is part of what asks for a rule: the `send it` of `can I send it back?`, the
    /// `wrap it up` of `can you wrap it up as a present?`
    pub(super) fn within_a_rule(&self, cue: &Cue, places: &[usize]) -> bool {
        let found = self.tongue.rules.found(&self.words, &self.tongue.lexicon);
        let within =
            |rule: &Vec<usize>| rule.first() == places.first() && places.last() < rule.last();
        cue.intent.as_str() == "checkout" && found.iter().any(|(_, rule)| within(rule))
    }

    /// Whether the message is more like an intent's example than like a rule's.
    fn outdone(&self, rule: Likeness) -> bool {
        let intent = best(&self.tongue.weights, &self.stems(), &self.tongue.intents);
        intent.is_some_and(|(_, it)| it.words > 1 && it.alike > rule.alike + MARGIN)
    }

    /// The topic that most of the words tell of, where nothing else was understood.
    pub(super) fn rule(&self, stems: &BTreeSet<String>) -> Option<Name> {
        if self.words.len() < 3 || self.told_at_length {
            return None;
        }
        let named = self.cues.contains(&Act::Search)
            || self.words.iter().any(|word| self.tongue.is_thing(word));
        let least = match (named, self.asks) {
            (true, _) => NAMED,
            (false, true) => ASKED,
            (false, false) => STATED,
        };
        let shares = &self.tongue.shares;
        // Of a question about the world, few words are the shop's.
        let most = u32::try_from(shares.telling(stems))
            .unwrap_or(u32::MAX)
            .saturating_mul(if self.asks { MOST } else { NEARLY });
        let told = shares.of(stems).into_iter().max_by_key(|(_, told)| *told);
        let best = told.filter(|(_, told)| *told >= least.max(most));
        best.map(|(topic, _)| topic.clone())
    }

    /// The word behind an article that the pack does not know: it may be a product's name.
    pub(super) fn unknown(&self) -> String {
        let lexicon = &self.tongue.lexicon;
        let name = |pair: &&[String]| match pair {
            [article, word] => {
                let long = word.chars().count() > NAME;
                let known = self.tongue.familiar(word) && !self.tongue.is_named(word)
                    || self.tongue.is_thing(word);
                long && lexicon.the.contains(article) && !known
            }
            _ => false,
        };
        self.words.windows(2).find(name).and_then(|pair| pair.last()).cloned().unwrap_or_default()
    }
}
