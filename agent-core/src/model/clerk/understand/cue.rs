//! Cues: words that by themselves say a wish. `…` in a cue stands for a few other words, `#` for a number.

use std::collections::BTreeMap;

use crate::id::Name;
use crate::model::clerk::understand::words::{number_of, plain, spelled};
use crate::pack::Lexicon;

/// Words that `…` stands for at most.
const GAP: usize = 6;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Word(String),
    Number,
    Gap,
}

/// One cue and the intent it says.
#[derive(Clone, Debug)]
pub(crate) struct Cue {
    pieces: Vec<Piece>,
    pub(crate) intent: Name,
    /// How many words it has of its own.
    pub(crate) words: usize,
}

impl Cue {
    pub(crate) fn new(text: &str, intent: &Name, lexicon: &Lexicon) -> Self {
        let mut pieces = Vec::new();
        for word in text.split_whitespace() {
            match word {
                "…" => pieces.push(Piece::Gap),
                "#" => pieces.push(Piece::Number),
                word => pieces.extend(spelled(plain(word), lexicon).into_iter().map(Piece::Word)),
            }
        }
        let words = pieces.iter().filter(|piece| **piece != Piece::Gap).count();
        Self { pieces, intent: intent.clone(), words }
    }

    /// Its words.
    pub(crate) fn said(&self) -> impl Iterator<Item = &String> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Word(word) => Some(word),
            Piece::Number | Piece::Gap => None,
        })
    }

    /// The places of its words where it begins here.
    fn at(&self, words: &[String], from: usize, lexicon: &Lexicon) -> Option<Vec<usize>> {
        let mut places = Vec::with_capacity(self.words);
        let (mut at, mut room) = (from, 0);
        for piece in &self.pieces {
            if *piece == Piece::Gap {
                room = GAP;
                continue;
            }
            let fits = |word: &String| match piece {
                Piece::Word(own) => word == own,
                _ => number_of(word).is_some() || lexicon.numbers.contains_key(word),
            };
            let found = words.get(at..)?.iter().take(room + 1).position(fits)?;
            places.push(at + found);
            at += found + 1;
            room = 0;
        }
        (!places.is_empty()).then_some(places)
    }
}

/// Many cues, longest first, at hand by the word they begin with.
#[derive(Debug, Default)]
pub(crate) struct Cues {
    cues: Vec<Cue>,
    first: BTreeMap<String, Vec<usize>>,
    /// Those that begin with a number.
    counted: Vec<usize>,
}

impl Cues {
    pub(crate) fn new(mut cues: Vec<Cue>) -> Self {
        cues.sort_by_key(|cue| std::cmp::Reverse(cue.words));
        let mut first: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut counted = Vec::new();
        for (n, cue) in cues.iter().enumerate() {
            match cue.pieces.first() {
                Some(Piece::Word(word)) => first.entry(word.clone()).or_default().push(n),
                Some(_) => counted.push(n),
                None => {}
            }
        }
        Self { cues, first, counted }
    }

    /// Where those are that begin at a place, each by its number.
    fn begin<'c>(
        &'c self,
        words: &'c [String],
        from: usize,
        lexicon: &'c Lexicon,
    ) -> impl Iterator<Item = (usize, Vec<usize>)> + 'c {
        let first = words.get(from).and_then(|word| self.first.get(word)).into_iter().flatten();
        let found = move |n: &usize| Some((*n, self.cues.get(*n)?.at(words, from, lexicon)?));
        first.chain(&self.counted).filter_map(found)
    }

    /// Whether one begins at a place.
    pub(crate) fn begins(&self, words: &[String], from: usize, lexicon: &Lexicon) -> bool {
        self.begin(words, from, lexicon).next().is_some()
    }

    /// Those that stand among words, longest first, and the places of their words.
    pub(crate) fn found(&self, words: &[String], lexicon: &Lexicon) -> Vec<(&Cue, Vec<usize>)> {
        let mut found: Vec<(usize, Vec<usize>)> =
            (0..words.len()).flat_map(|from| self.begin(words, from, lexicon)).collect();
        found.sort_unstable();
        found.into_iter().filter_map(|(n, places)| Some((self.cues.get(n)?, places))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_stands_for_a_few_words_and_a_sign_for_a_number() {
        let lexicon = Lexicon { numbers: [("two".to_owned(), 2)].into(), ..Lexicon::default() };
        let places = |cue: &str, text: &str| -> Vec<Vec<usize>> {
            let cues = Cues::new(vec![Cue::new(cue, &"it".into(), &lexicon)]);
            let words = plain(text);
            cues.found(&words, &lexicon).into_iter().map(|(_, places)| places).collect()
        };
        assert_eq!(places("talk … person", "can i talk to a real person"), [[2, 6]]);
        assert_eq!(
            places("talk … person", "talk, as one now and then does of many a person"),
            [[0; 0]; 0]
        );
        assert_eq!(places("# more", "two more, 3 more, more"), [[0, 1], [2, 3]]);
    }
}
