//! How alike a message and the examples of a pack are.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::Name;

/// Words that stand in several examples of a topic tell of it less surely than one example does.
const COVERED: u32 = 75;

/// So alike a message and an example of a topic must be, of 100.
pub(crate) const TOPIC: u32 = 54;
/// Soft words count this much less.
const SOFT: u32 = 3;

/// What customers say of one thing, as stems.
#[derive(Debug)]
pub(crate) struct Examples {
    pub(crate) name: Name,
    said: Vec<BTreeSet<String>>,
    all: BTreeSet<String>,
}

impl Examples {
    pub(crate) fn new(name: Name, said: Vec<BTreeSet<String>>) -> Self {
        let all = said.iter().flatten().cloned().collect();
        Self { name, said, all }
    }

    pub(crate) fn said(&self) -> &[BTreeSet<String>] {
        &self.said
    }
}

/// How telling words are: rare ones tell more.
#[derive(Debug, Default)]
pub(crate) struct Weights {
    weights: BTreeMap<String, u32>,
    /// Words about goods, and small ones: by themselves they tell nothing of what else is wished.
    soft: BTreeSet<String>,
}

impl Weights {
    /// One and the binary logarithm of how rare a word is among all examples, in halves.
    pub(crate) fn new(examples: &[&Examples], soft: BTreeSet<String>) -> Self {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        let said = || examples.iter().flat_map(|it| it.said());
        for word in said().flatten() {
            *counts.entry(word.clone()).or_default() += 1;
        }
        let all = u32::try_from(said().count()).unwrap_or(u32::MAX);
        let weight = |count: u32| 2 + (all * all / (count * count).max(1)).max(1).ilog2();
        let weights = counts.into_iter().map(|(word, count)| (word, weight(count))).collect();
        Self { weights, soft }
    }

    fn of<'w>(&self, words: impl Iterator<Item = &'w String>) -> u32 {
        let unknown = 10;
        words.map(|word| self.weights.get(word).copied().unwrap_or(unknown)).sum()
    }

    /// How alike a message and the most alike example are. Soft words count where both have them, and are not
    /// missed where one has none; alone they tell nothing. One word of several tells nothing either.
    pub(crate) fn alike(&self, words: &BTreeSet<String>, examples: &Examples) -> Likeness {
        let soft = |word: &&String| self.soft.contains(*word);
        let hard = |word: &&String| !soft(word);
        let mine = self.of(words.iter().filter(hard));
        let own: Vec<&String> =
            words.iter().filter(hard).filter(|word| examples.all.contains(*word)).collect();
        let told = self.of(own.iter().copied()) * 100 / mine.max(1);
        let alone = own.len() < 2 && told < 100;
        if own.is_empty() || alone {
            return Likeness { alike: 0, words: own.len(), told };
        }
        let alike = examples.said.iter().map(|said| {
            let shared = self.of(words.intersection(said).filter(hard));
            let aside = self.of(words.intersection(said).filter(soft)) / SOFT;
            let theirs = self.of(said.iter().filter(hard));
            if shared == 0 {
                return 0;
            }
            ((shared + aside) * 200).checked_div(mine + theirs + 2 * aside).unwrap_or(0)
        });
        let covered = if own.len() > 1 { told * COVERED / 100 } else { 0 };
        let alike = alike.max().unwrap_or(0).max(covered);
        Likeness { alike, words: own.len(), told }
    }
}

/// How alike a message and examples are.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Likeness {
    /// Of 100.
    pub(crate) alike: u32,
    /// Telling words both have.
    pub(crate) words: usize,
    /// How much of the message the examples' words tell, of 100.
    pub(crate) told: u32,
}

/// The examples most alike, and how alike.
pub(crate) fn best<'e>(
    weights: &Weights,
    words: &BTreeSet<String>,
    examples: &'e [Examples],
) -> Option<(&'e Name, Likeness)> {
    let alike = examples.iter().map(|it| (&it.name, weights.alike(words, it)));
    alike
        .max_by_key(|(_, likeness)| likeness.alike * 8 + likeness.told)
        .filter(|(_, likeness)| likeness.alike > 0)
}

/// How much each word tells of each of several things: one that stands with a single one tells of it alone, one
/// that stands with all of them tells little of any.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    counts: BTreeMap<String, BTreeMap<Name, u32>>,
    /// Words that tell nothing.
    idle: BTreeSet<String>,
}

impl Shares {
    /// From all words, each with what it was said of, but for those that tell nothing.
    pub(crate) fn new(said: impl Iterator<Item = (Name, String)>, idle: BTreeSet<String>) -> Self {
        let mut counts: BTreeMap<String, BTreeMap<Name, u32>> = BTreeMap::new();
        for (name, word) in said.filter(|(_, word)| !idle.contains(word)) {
            *counts.entry(word).or_default().entry(name).or_default() += 1;
        }
        Self { counts, idle }
    }

    /// Words that may tell something.
    pub(crate) fn telling(&self, words: &BTreeSet<String>) -> usize {
        words.difference(&self.idle).count()
    }

    /// What some words together tell of each, in hundredths of a word.
    pub(crate) fn of(&self, words: &BTreeSet<String>) -> BTreeMap<&Name, u32> {
        let mut told = BTreeMap::new();
        for counts in words.iter().filter_map(|word| self.counts.get(word)) {
            let all: u32 = counts.values().sum();
            for (name, count) in counts {
                *told.entry(name).or_default() += count * 100 / all.max(1);
            }
        }
        told
    }
}
