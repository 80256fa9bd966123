//! Cues: words that by themselves say a wish. `…` in a cue stands for a few other words, `#` for a number, `##` for
//! one from ten on, and `send|ship` for any one of these words. The words of a longer cue are met with any of the
//! language's endings; one that stands alone is met as it is, since `ordered` orders nothing.

use std::collections::BTreeMap;

use crate::id::Name;
use crate::model::clerk::understand::words::{number_of, plain, root, spelled};
use crate::pack::Lexicon;

/// Words that `…` stands for at most.
const GAP: usize = 6;
/// So many are many.
const MANY: i64 = 10;
/// Words any of which may stand at one place, and each of which tells something by itself, at most.
const FEW: usize = 12;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// Any of these, as they are written and as their roots.
    Word(Vec<String>, Vec<String>),
    Number,
    /// A number of two digits or more.
    Many,
    Gap,
}

/// One cue and the intent it says.
#[derive(Clone, Debug)]
pub(crate) struct Cue {
    pieces: Vec<Piece>,
    pub(crate) intent: Name,
    /// How many words it has of its own.
    pub(crate) words: usize,
    /// Its words are met as they are: alone, or about the world: `the match` is not what `matching` socks are.
    exact: bool,
}

impl Cue {
    pub(crate) fn new(text: &str, intent: &Name, lexicon: &Lexicon) -> Self {
        let word = |said: Vec<String>| {
            let roots = said.iter().map(|word| root(word, lexicon)).collect();
            Piece::Word(said, roots)
        };
        let mut pieces = Vec::new();
        for part in text.split_whitespace() {
            match part {
                "…" => pieces.push(Piece::Gap),
                "#" => pieces.push(Piece::Number),
                "##" => pieces.push(Piece::Many),
                any if any.contains('|') => {
                    let each = any.split('|').flat_map(|it| spelled(plain(it), lexicon));
                    pieces.push(word(each.collect()));
                }
                part => {
                    let words = spelled(plain(part), lexicon).into_iter();
                    pieces.extend(words.map(|it| word(vec![it])));
                }
            }
        }
        let words = pieces.iter().filter(|piece| **piece != Piece::Gap).count();
        let exact = words < 2 || matches!(intent.as_str(), "off_topic" | "rude");
        Self { pieces, intent: intent.clone(), words, exact }
    }

    /// Whether it has a number of two digits or more.
    pub(crate) fn many(&self) -> bool {
        self.pieces.contains(&Piece::Many)
    }

    /// Its words.
    pub(crate) fn said(&self) -> impl Iterator<Item = &String> {
        let said = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Word(said, _) => Some(said),
            Piece::Number | Piece::Many | Piece::Gap => None,
        });
        said.flatten()
    }

    /// Those of its words that few others may stand for: of many that may, each by itself tells nothing.
    pub(crate) fn own(&self) -> impl Iterator<Item = &String> {
        let own = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Word(said, _) if said.len() <= FEW => Some(said),
            _ => None,
        });
        own.flatten()
    }

    /// The places of its words where it begins here.
    fn at(&self, message: &Message<'_>, from: usize) -> Option<Vec<usize>> {
        let mut places = Vec::new();
        let (mut at, mut room) = (from, 0);
        for piece in &self.pieces {
            let fits = |place: &usize| {
                let Some(word) = message.words.get(*place) else { return false };
                match piece {
                    Piece::Word(said, _) if self.exact => said.contains(word),
                    Piece::Word(_, roots) => {
                        message.roots.get(*place).is_some_and(|root| roots.contains(root))
                    }
                    Piece::Number => message.numbers.get(*place).is_some_and(Option::is_some),
                    Piece::Many => message.numbers.get(*place) == Some(&Some(true)),
                    Piece::Gap => false,
                }
            };
            if *piece == Piece::Gap {
                room = GAP;
                continue;
            }
            let found = (at..=at + room).find(fits)?;
            places.push(found);
            at = found + 1;
            room = 0;
        }
        (!places.is_empty()).then_some(places)
    }
}

/// Words of a message, their roots, and which are numbers and have two digits or more.
struct Message<'m> {
    words: &'m [String],
    roots: Vec<String>,
    numbers: Vec<Option<bool>>,
}

impl<'m> Message<'m> {
    fn new(words: &'m [String], lexicon: &'m Lexicon) -> Self {
        let roots = words.iter().map(|word| root(word, lexicon)).collect();
        let number = |word: &String| match number_of(word) {
            Some(digits) => Some(digits.len() > 1),
            None => lexicon.numbers.get(word).map(|value| *value >= MANY),
        };
        Self { words, roots, numbers: words.iter().map(number).collect() }
    }
}

/// Many cues, longest first, at hand by the word they begin with.
#[derive(Debug, Default)]
pub(crate) struct Cues {
    cues: Vec<Cue>,
    /// By the word as it is.
    first: BTreeMap<String, Vec<usize>>,
    /// By the root of the word.
    rooted: BTreeMap<String, Vec<usize>>,
    /// Those that begin with a number.
    counted: Vec<usize>,
}

impl Cues {
    pub(crate) fn new(mut cues: Vec<Cue>) -> Self {
        cues.sort_by_key(|cue| std::cmp::Reverse(cue.words));
        let (mut first, mut rooted) = (BTreeMap::<_, Vec<usize>>::new(), BTreeMap::new());
        let mut counted = Vec::new();
        for (n, cue) in cues.iter().enumerate() {
            match cue.pieces.first() {
                Some(Piece::Word(said, roots)) => {
                    let (by, words) =
                        if cue.exact { (&mut first, said) } else { (&mut rooted, roots) };
                    for word in words {
                        by.entry(word.clone()).or_default().push(n);
                    }
                }
                Some(_) => counted.push(n),
                None => {}
            }
        }
        first.values_mut().chain(rooted.values_mut()).for_each(Vec::dedup);
        Self { cues, first, rooted, counted }
    }

    /// Where those are that begin at a place, each by its number.
    fn begin<'c>(
        &'c self,
        message: &'c Message<'c>,
        from: usize,
    ) -> impl Iterator<Item = (usize, Vec<usize>)> + 'c {
        let first = message.words.get(from).and_then(|word| self.first.get(word));
        let rooted = message.roots.get(from).and_then(|root| self.rooted.get(root));
        let found = move |n: &usize| Some((*n, self.cues.get(*n)?.at(message, from)?));
        let near = first.into_iter().chain(rooted).flatten();
        near.chain(&self.counted).filter_map(found)
    }

    /// Whether one begins at a place.
    pub(crate) fn begins(&self, words: &[String], from: usize, lexicon: &Lexicon) -> bool {
        self.begin(&Message::new(words, lexicon), from).next().is_some()
    }

    /// Those that stand among words, longest first, and the places of their words.
    pub(crate) fn found(&self, words: &[String], lexicon: &Lexicon) -> Vec<(&Cue, Vec<usize>)> {
        let message = Message::new(words, lexicon);
        let mut found: Vec<(usize, Vec<usize>)> =
            (0..words.len()).flat_map(|from| self.begin(&message, from)).collect();
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

    #[test]
    fn the_words_of_a_longer_cue_may_be_any_of_several_and_have_endings() {
        let endings = ["em", "s"].map(str::to_owned).to_vec();
        let lexicon = Lexicon { endings, ..Lexicon::default() };
        let found = |cue: &str, text: &str| {
            let cues = Cues::new(vec![Cue::new(cue, &"it".into(), &lexicon)]);
            !cues.found(&plain(text), &lexicon).is_empty()
        };
        assert!(found("mein paket|sendung", "wo ist es mit meinem paket"));
        assert!(found("mein paket|sendung", "meinem sendung"));
        assert!(!found("mein paket|sendung", "meinem brief"));
        assert!(found("order", "an order") && !found("order", "orders"));
    }
}
