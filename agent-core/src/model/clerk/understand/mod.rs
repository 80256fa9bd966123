//! From words to wishes: a pack's language made ready, and the wishes of one message read with it.

mod amount;
mod reading;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::id::{Locale, Name};
use crate::model::clerk::scene::Scene;
use crate::pack::{Lexicon, Pack};

pub(crate) use self::reading::Reading;

/// What is wished, by itself.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Said hello.
    Greet,
    /// Said thanks.
    Thanks,
    /// Said goodbye.
    Bye,
    /// Asked what can be done here.
    Help,
    /// Asked whether this is a machine.
    Bot,
    /// Was rude.
    Rude,
    /// Asked for a person.
    Human,
    /// Asked about the world.
    OffTopic,
    /// Asked about a rule of the shop.
    Policy,
    /// Looks for goods.
    Search,
    /// Changes the search before.
    Refine,
    /// Wants to know more of a product.
    Details,
    /// Wants two products compared.
    Compare,
    /// Puts something into the cart.
    Add,
    /// Changes how many of something are in the cart.
    Set,
    /// Takes something out of the cart.
    Remove,
    /// Looks at the cart.
    Cart,
    /// Wants to pay.
    Checkout,
    /// Declined, or agreed, to nothing in particular.
    Nod,
    /// Could not be read.
    Lost,
}

/// One wish, with what it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Wish {
    /// What is wished; none in a default wish.
    pub act: Option<Act>,
    /// What is searched, in the feed's words.
    pub words: String,
    /// Filters, by name.
    pub filters: BTreeMap<Name, String>,
    /// At least and at most this, in whole units.
    pub amount: (Option<String>, Option<String>),
    /// How many.
    pub quantity: Option<u32>,
    /// Places in what was shown, from 1; -1 is the last, 0 is all.
    pub places: Vec<i64>,
    /// What was spoken of last is meant.
    pub it: bool,
    /// Cheaper (-1) or dearer (1) than what was shown.
    pub price: i8,
    /// The topic asked about.
    pub topic: Option<Name>,
}

/// A pack's language, made ready.
#[derive(Debug)]
pub(crate) struct Tongue {
    pub(crate) lexicon: Lexicon,
    /// Words that are known as they are, and never taken for typing errors.
    known: BTreeSet<String>,
    /// Cues, longest first: the words, and whose they are.
    cues: Vec<(Vec<String>, Name)>,
    intents: Vec<(Name, Vec<BTreeSet<String>>)>,
    topics: Vec<(Name, Vec<BTreeSet<String>>)>,
    /// How telling a word is.
    weights: BTreeMap<String, u32>,
    things: BTreeSet<String>,
    fillers: BTreeSet<String>,
}

impl Tongue {
    /// Makes a pack's language ready.
    pub(crate) fn new(pack: &Pack, locale: &Locale) -> Self {
        let lexicon = pack.lexicon(locale).cloned().unwrap_or_default();
        let texts = |texts: Option<&Vec<String>>| -> Vec<Vec<String>> {
            texts.into_iter().flatten().map(|text| words::plain(text)).collect()
        };
        let stems = |texts: &[Vec<String>]| -> Vec<BTreeSet<String>> {
            texts
                .iter()
                .map(|text| text.iter().map(|word| words::stem(word, &lexicon)).collect())
                .collect()
        };
        let mut known = BTreeSet::new();
        let mut cues = Vec::new();
        let (mut intents, mut topics) = (Vec::new(), Vec::new());
        for intent in &pack.intents {
            let said = texts(intent.examples.get(locale));
            known.extend(said.iter().flatten().cloned());
            intents.push((intent.name.clone(), stems(&said)));
            for cue in texts(intent.cues.get(locale)) {
                known.extend(cue.iter().cloned());
                cues.push((cue, intent.name.clone()));
            }
        }
        for topic in &pack.topics {
            let said = texts(topic.examples.get(locale));
            known.extend(said.iter().flatten().cloned());
            let telling: Vec<Vec<String>> = said
                .into_iter()
                .map(|text| text.into_iter().filter(|word| tells(&lexicon, word)).collect())
                .collect();
            topics.push((topic.name.clone(), stems(&telling)));
        }
        cues.sort_by_key(|(cue, _)| std::cmp::Reverse(cue.len()));
        known.extend(words::lexicon_words(&lexicon));
        let all: Vec<&BTreeSet<String>> =
            intents.iter().chain(&topics).flat_map(|(_, said)| said).collect();
        let weights = weights(&all);
        let plain = |list: &[String]| list.iter().flat_map(|text| words::plain(text)).collect();
        let (things, fillers) = (plain(&lexicon.things), plain(&lexicon.fillers));
        Self { known, cues, intents, topics, weights, things, fillers, lexicon }
    }

    /// The wishes of the customer's last words.
    pub(crate) fn understand(&self, scene: &Scene<'_>) -> Vec<Wish> {
        let mut wishes: Vec<Wish> = Vec::new();
        for part in self.parts(&scene.words) {
            let wish = Reading::new(self, scene, part).wish();
            // A second part that only says more of the same belongs to the first.
            if !wishes.contains(&wish) {
                wishes.push(wish);
            }
        }
        let weighty = |wish: &Wish| {
            !matches!(wish.act, Some(Act::Greet | Act::Thanks | Act::Nod | Act::Lost))
        };
        if wishes.iter().any(weighty) {
            wishes.retain(weighty);
        }
        wishes.truncate(3);
        wishes
    }

    /// The parts of a message that each say a wish: cut before a word that begins another.
    fn parts(&self, text: &str) -> Vec<Vec<String>> {
        let mut parts: Vec<Vec<String>> = Vec::new();
        for sentence in words::sentences(text) {
            let tokens: Vec<String> =
                sentence.into_iter().map(|word| self.corrected(word)).collect();
            let mut start = 0;
            for at in 0..tokens.len() {
                let joins = tokens.get(at).is_some_and(|word| self.lexicon.joins.contains(word));
                let rest = tokens.get(at + 1..).unwrap_or_default();
                if joins
                    && self.begins(rest)
                    && self.acts(tokens.get(start..at).unwrap_or_default())
                {
                    parts.push(tokens.get(start..at).unwrap_or_default().to_vec());
                    start = at + 1;
                }
            }
            parts.push(tokens.get(start..).unwrap_or_default().to_vec());
        }
        parts.retain(|part| !part.is_empty());
        parts
    }

    /// Whether words begin with a cue of an act of their own.
    fn begins(&self, words: &[String]) -> bool {
        let fillers = words.iter().take_while(|word| self.fillers.contains(*word)).count();
        let starts = |from: usize| {
            let rest = words.get(from..).unwrap_or_default();
            self.cues.iter().any(|(cue, _)| rest.starts_with(cue))
        };
        (0..=fillers.min(4)).any(starts)
    }

    fn acts(&self, words: &[String]) -> bool {
        self.cues.iter().any(|(cue, _)| words.windows(cue.len().max(1)).any(|window| window == cue))
    }

    /// The known word a typing error was meant to be.
    fn corrected(&self, word: String) -> String {
        if word.chars().count() < 4
            || self.known.contains(&word)
            || word.chars().any(|c| c.is_ascii_digit())
        {
            return word;
        }
        if self.translated(&word).is_some()
            || self.known.contains(&words::stem(&word, &self.lexicon))
        {
            return word;
        }
        let reach = if word.chars().count() >= 8 { 2 } else { 1 };
        let near = |known: &&String| {
            known.chars().count() >= 4 && words::distance(known, &word, reach) <= reach
        };
        let best = self
            .known
            .iter()
            .filter(near)
            .min_by_key(|known| (words::distance(known, &word, reach), known.len()));
        best.cloned().unwrap_or(word)
    }

    /// The feed's words for a word: by the synonyms, also when it is made of two of them.
    pub(crate) fn translated(&self, word: &str) -> Option<String> {
        let find = |word: &str| {
            let plain = self.lexicon.synonyms.get(word);
            plain.or_else(|| {
                self.lexicon
                    .endings
                    .iter()
                    .filter_map(|ending| word.strip_suffix(ending.as_str()))
                    .find_map(|stem| self.lexicon.synonyms.get(stem))
            })
        };
        if let Some(found) = find(word) {
            return Some(found.clone());
        }
        word.char_indices().skip(3).find_map(|(at, _)| {
            let (head, tail) = word.split_at(at);
            let tail = find(tail).filter(|_| tail.chars().count() >= 3)?;
            let head = find(head).or_else(|| find(head.strip_suffix('s')?))?;
            Some(format!("{head} {tail}"))
        })
    }

    /// How alike a message and the most alike example are, of 100.
    fn alike(&self, words: &BTreeSet<String>, said: &[BTreeSet<String>]) -> u32 {
        let weight = |words: &mut dyn Iterator<Item = &String>| -> u32 {
            words.map(|word| self.weights.get(word).copied().unwrap_or(5)).sum()
        };
        let mine = weight(&mut words.iter());
        if mine == 0 {
            return 0;
        }
        let alike = said.iter().map(|said| {
            let shared = weight(&mut words.intersection(said));
            (shared * 200).checked_div(mine + weight(&mut said.iter())).unwrap_or(0)
        });
        // Words that stand in several examples of one topic tell of it too, if less surely than one example.
        let own: BTreeSet<&String> = said.iter().flatten().collect();
        let shared: Vec<&String> = words.iter().filter(|word| own.contains(word)).collect();
        let covered =
            if shared.len() > 1 { weight(&mut shared.into_iter()) * 70 / mine } else { 0 };
        alike.max().unwrap_or(0).max(covered)
    }
}

/// Whether a word tells something of a topic.
pub(crate) fn tells(lexicon: &Lexicon, word: &str) -> bool {
    let noise = |list: &[String]| list.iter().any(|it| it == word);
    !noise(&lexicon.fillers) && !noise(&lexicon.questions)
}

/// Rare words tell more: one and the binary logarithm of how rare.
fn weights(said: &[&BTreeSet<String>]) -> BTreeMap<String, u32> {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for word in said.iter().copied().flatten() {
        *counts.entry(word.clone()).or_default() += 1;
    }
    let all = u32::try_from(said.len()).unwrap_or(u32::MAX);
    counts
        .into_iter()
        .map(|(word, count)| (word, 1 + (all / count.max(1)).max(1).ilog2()))
        .collect()
}
