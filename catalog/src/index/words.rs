//! The words a catalogue knows, and those a word it does not know may have been meant to be.

use std::collections::BTreeSet;

use agent_core::catalog::distance;
use agent_core::compound::made_of;
use tantivy::Searcher;
use tantivy::schema::Field;

/// Letters a word must have to be taken for another.
const LETTERS: usize = 4;
/// Words one word is taken for, at most.
const MEANT: usize = 6;

/// The words of a catalogue, stemmed.
#[derive(Debug, Default)]
pub(crate) struct Words {
    /// Of titles, brands and categories.
    names: BTreeSet<String>,
    /// Of descriptions.
    texts: BTreeSet<String>,
    /// Names as they are written, bare, and stemmed, where words are made of two.
    pub(crate) joined: BTreeSet<(String, String)>,
}

impl Words {
    pub(crate) fn of(
        searcher: &Searcher,
        names: &[Field],
        texts: &[Field],
    ) -> tantivy::Result<Self> {
        let words = |fields: &[Field]| -> tantivy::Result<BTreeSet<String>> {
            let mut words = BTreeSet::new();
            for segment in searcher.segment_readers() {
                for field in fields {
                    let inverted = segment.inverted_index(*field)?;
                    let mut terms = inverted.terms().stream()?;
                    while terms.advance() {
                        words.extend(std::str::from_utf8(terms.key()).map(str::to_owned));
                    }
                }
            }
            Ok(words)
        };
        Ok(Self { names: words(names)?, texts: words(texts)?, joined: BTreeSet::new() })
    }

    /// Whether a title, brand or category has it.
    pub(crate) fn name(&self, word: &str) -> bool {
        self.names.contains(word)
    }

    /// Two names that were written as one: `rainjacket`.
    pub(crate) fn parts<'a>(&self, word: &'a str) -> Option<(&'a str, &'a str)> {
        let mut cuts = (3..word.len().saturating_sub(2)).filter_map(|at| word.split_at_checked(at));
        cuts.find(|(front, back)| self.name(front) && self.name(back))
    }

    /// Names that are made of another word and this one, which is bare: a `Gartenschere`, of `Schere`.
    pub(crate) fn ending_in(&self, word: &str) -> impl Iterator<Item = &str> {
        self.joined
            .iter()
            .filter(move |(bare, _)| made_of(bare, word))
            .map(|(_, stem)| stem.as_str())
    }

    /// Those a word may have been meant to be: of names before those of texts.
    pub(crate) fn near(&self, word: &str) -> Vec<&str> {
        let names = near(&self.names, word);
        if names.is_empty() { near(&self.texts, word) } else { names }
    }
}

/// Those a word may have been meant to be: nearest by letters, all of one distance; the first letter is never
/// wrong. Else those it begins with, or that begin with it.
fn near<'w>(words: &'w BTreeSet<String>, word: &str) -> Vec<&'w str> {
    let letters = word.chars().count();
    let Some(first) = word.chars().next().filter(|_| letters >= LETTERS) else {
        return Vec::new();
    };
    let reach = if letters >= 9 { 2 } else { 1 };
    let mut near: Vec<(usize, &'w str)> = Vec::new();
    let mut parts: Vec<&'w str> = Vec::new();
    let from = first.to_string();
    for known in words.range(from..).take_while(|known| known.starts_with(first)) {
        let other = known.chars().count();
        let shorter = other.min(letters);
        if shorter >= LETTERS && (word.starts_with(known.as_str()) || known.starts_with(word)) {
            parts.push(known);
        }
        if other.abs_diff(letters) <= reach && other >= LETTERS {
            let distance = distance(word, known, reach);
            if distance <= reach {
                near.push((distance, known));
            }
        }
    }
    let least = near.iter().map(|(distance, _)| *distance).min();
    let mut meant: Vec<&'w str> = near
        .into_iter()
        .filter(|(distance, _)| Some(*distance) == least)
        .map(|(_, known)| known)
        .collect();
    if meant.is_empty() {
        meant = parts;
    }
    meant.truncate(MEANT);
    meant
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_word_is_taken_for_those_nearest_to_it() {
        let known = ["jacket", "basket", "racket", "dino", "waterproof", "belt", "blouse"];
        let names = known.map(str::to_owned).into();
        let words = Words { names, texts: ["pineapple".to_owned()].into(), ..Words::default() };
        assert_eq!(words.near("jakcet"), ["jacket"]);
        assert_eq!(words.near("hacket"), [""; 0]);
        assert_eq!(words.near("dinosaur"), ["dino"]);
        assert_eq!(words.near("waterprof"), ["waterproof"]);
        assert_eq!(words.near("unicorn"), [""; 0]);
        assert_eq!(words.near("bel"), [""; 0]);
        assert_eq!(words.parts("jacketbelt"), Some(("jacket", "belt")));
        assert_eq!(words.parts("jackethat"), None);
        assert_eq!(words.near("pinapple"), ["pineapple"]);
    }
}
