//! Cues: words that by themselves say a wish. `…` in a cue stands for a few other words, `#` for a number.

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

    /// Where it stands: the places of its words, for each time.
    pub(crate) fn found(&self, words: &[String], lexicon: &Lexicon) -> Vec<Vec<usize>> {
        (0..words.len()).filter_map(|from| self.at(words, from, lexicon)).collect()
    }

    /// The places of its words where it begins here.
    pub(crate) fn at(
        &self,
        words: &[String],
        from: usize,
        lexicon: &Lexicon,
    ) -> Option<Vec<usize>> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_stands_for_a_few_words_and_a_sign_for_a_number() {
        let lexicon = Lexicon { numbers: [("two".to_owned(), 2)].into(), ..Lexicon::default() };
        let places = |cue: &str, text: &str| {
            Cue::new(cue, &"it".into(), &lexicon).found(&plain(text), &lexicon)
        };
        assert_eq!(places("talk … person", "can i talk to a real person"), [[2, 6]]);
        assert_eq!(
            places("talk … person", "talk, as one now and then does of many a person"),
            [[0; 0]; 0]
        );
        assert_eq!(places("# more", "two more, 3 more, more"), [[0, 1], [2, 3]]);
    }
}
