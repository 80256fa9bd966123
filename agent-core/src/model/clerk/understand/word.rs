//! One word as it was meant: as it is, without its typing error, or as the two it is made of.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::distance;
use crate::compound::{bare, made_of};
use crate::model::clerk::understand::tongue::Tongue;
use crate::model::clerk::understand::words;
use crate::pack::undrawn;

/// Letters a word must have to be taken for a typing error.
const TYPED: usize = 4;
/// The same without its ending.
const STEM: usize = 6;
/// Letters of a word that those for small ones are made of, at least.
const PART: usize = 4;
/// Words of so many letters may have another letter in them, and of so many two.
const OTHER: usize = 6;
const LONG: usize = 10;

/// A word as it was meant, and as it was said.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) meant: String,
    pub(super) said: String,
}

impl Word {
    fn new(word: String) -> Self {
        Self { meant: word.clone(), said: word }
    }
}

/// A word by its letters, as typing errors are found.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    word: String,
    first: Option<char>,
    letters: Vec<char>,
    /// How many letters it has without an ending that it may have.
    root: usize,
}

impl Typed {
    pub(super) fn new(word: &str) -> Option<Self> {
        let mut letters: Vec<char> = word.chars().collect();
        let first = letters.first().copied();
        letters.sort_unstable();
        let root = letters.len();
        (root >= TYPED).then(|| Self { word: word.to_owned(), first, letters, root })
    }

    /// The same word with an ending: `schule` is no slip of `schale`, of several `schal`.
    pub(super) fn with(word: &str, ending: &str) -> Option<Self> {
        let root = word.chars().count();
        Some(Self { root, ..Self::new(&format!("{word}{ending}"))? })
    }

    /// How many letters this is off a known word, where it may have been meant for it.
    fn off(&self, known: &Self) -> Option<usize> {
        let (length, other) = (self.letters.len(), known.letters.len());
        let reach = if length.max(other) >= LONG { 2 } else { 1 };
        let swapped = || self.letters == known.letters;
        if length.abs_diff(other) > reach || self.first != known.first && !swapped() {
            return None;
        }
        // `Fairy` is no slip of `fair`, `jackett` is one of `jacket`.
        let mut last = self.word.chars().rev();
        let doubled = last.next() == last.next();
        let longer = self.word.starts_with(&known.word) && length == other + 1 && !doubled;
        // `Vegana` is no slip of `vegans`.
        let mut pairs = self.word.chars().rev().zip(known.word.chars().rev());
        let ends = pairs.next().is_some_and(|(own, other)| own != other);
        let longer = longer
            || ends
                && known.word.ends_with('s')
                && length == other
                && pairs.all(|(own, other)| own == other);
        let slip =
            (length >= OTHER && known.root >= OTHER || other != length || swapped()) && !longer;
        let distance = distance(&known.word, &self.word, reach);
        (slip && distance <= reach).then_some(distance)
    }
}

impl Tongue {
    /// A word as the pack knows it: as it is, without its typing error, or as the two it is made of. What is called by
    /// one of these `names` is as it is: the `metros`, of Metro Sneakers.
    pub(super) fn read(&self, word: String, names: &BTreeSet<String>) -> Vec<Word> {
        let mut stems = self.lexicon.endings.iter().filter_map(|it| word.strip_suffix(it.as_str()));
        let named = |it: &str| names.contains(it);
        // The `licht` of a Fahrradlicht.
        if number(&word) || !self.familiar(&word) && (stems.any(named) || self.ends_name(&word)) {
            return vec![Word::new(word)];
        }
        let word = self.written(&word).unwrap_or(word);
        // `Hellooo`.
        let known = self.familiar(&word) || self.feed.contains(&word);
        let short = undrawn(&word).filter(|it| !known && self.familiar(it));
        let word = short.unwrap_or(word);
        let familiar = self.familiar(&word);
        // `Earrings`, where that is the feed's word for them, are no rings.
        let stem = words::stem(&word, &self.lexicon);
        // `Kerzn`, as some say Kerzen.
        let mut goods = self.lexicon.things.iter().chain(self.lexicon.synonyms.keys());
        let ended = || goods.find(|it| words::stem(it, &self.lexicon) == stem).cloned();
        if let Some(meant) = (!familiar && stem != word).then(ended).flatten() {
            return vec![Word { meant, said: word }];
        }
        let own = [&word, &stem].into_iter().any(|it| self.things.contains(it));
        // A `Schneeanzug`, which the feed tells of, is no Anzug in the snow.
        let named = self.is_named(&word) || !self.lexicon.apart && self.feed.contains(&stem);
        if familiar && !(own && self.is_thing(&word)) || named || self.names(&word) {
            return vec![Word::new(word)];
        }
        if let Some(meant) = self.enlarged(&word).filter(|_| !familiar) {
            return vec![Word { meant, said: word }];
        }
        // `Lederarmbant`, where they sell a Lederarmband.
        let slip = || self.corrected(&word).filter(|it| self.is_named(it));
        if let Some(meant) = (!familiar && !self.lexicon.apart).then(slip).flatten() {
            return vec![Word { meant, said: word }];
        }
        if let Some(meant) = self.size_word(&word).filter(|_| !familiar) {
            return vec![Word { meant, said: word }];
        }
        if let Some((head, tail)) = self.halves(&word) {
            let mut words = self.read(head, names);
            words.extend(self.read(tail, names));
            return words;
        }
        if familiar {
            return vec![Word::new(word)];
        }
        match self.corrected(&word) {
            // It may as well be one of the feed's that the pack does not know: `pans` are no pants.
            Some(meant) => vec![Word { meant, said: word }],
            None => vec![Word::new(word)],
        }
    }

    /// What a word is for a small one of: the `mütze` of a `Mützchen`, the `flasch` of a `Fläschchen` where goods are
    /// called Glasflasche.
    fn enlarged(&self, word: &str) -> Option<String> {
        let mut stems =
            self.lexicon.diminutives.iter().filter_map(|it| word.strip_suffix(it.as_str()));
        let own = stems.next().map(bare).filter(|own| own.chars().count() >= PART)?;
        let goods = self.lexicon.things.iter().chain(self.lexicon.synonyms.keys());
        let same = goods.filter(|it| bare(it) == own).min_by_key(|it| it.len()).cloned();
        let ends = || self.named.iter().any(|it| made_of(&bare(it), &own));
        same.or_else(|| ends().then(|| own.clone()))
    }

    /// The word for a size that one made of two ends in: the `größe` of a `Ringgröße`.
    fn size_word(&self, word: &str) -> Option<String> {
        let sizes = self.lexicon.size_words.iter().filter(|it| it.chars().count() > PART);
        let mut ends = sizes.filter(|it| !self.lexicon.apart && made_of(word, it));
        ends.next().cloned()
    }

    /// Whether a word of what goods are called ends in this one.
    pub(super) fn ends_name(&self, word: &str) -> bool {
        let stem = words::stem(word, &self.lexicon);
        self.named.iter().any(|own| made_of(own, &stem))
    }

    /// How a word is written that was typed without the language's own letters: `gruene` is `grüne`.
    fn written(&self, word: &str) -> Option<String> {
        let typed = words::folded(word);
        let ended = || {
            self.lexicon.endings.iter().find_map(|ending| {
                let known = self.folded.get(typed.strip_suffix(ending.as_str())?)?;
                (!known.is_ascii()).then(|| format!("{known}{ending}"))
            })
        };
        self.folded.get(&typed).cloned().or_else(ended)
    }

    /// Whether a word is known, with any of the language's endings.
    pub(super) fn familiar(&self, word: &str) -> bool {
        let mut stems = self.lexicon.endings.iter().filter_map(|it| word.strip_suffix(it.as_str()));
        let known = |it: &str| self.known.contains(it) || self.foreign.contains(it);
        known(word) || stems.any(|it| it.len() > 2 && known(it))
    }

    /// Whether a word by itself is one of the feed's, in other words.
    pub(super) fn names(&self, word: &str) -> bool {
        let values = || self.lexicon.values.values().any(|values| values.contains_key(word));
        word.chars().count() > 2 && (self.synonym(word).is_some() || values())
    }

    /// The two words of the pack's goods a word is made of.
    fn halves(&self, word: &str) -> Option<(String, String)> {
        let names = |word: &str| self.names(word);
        let cuts = || word.char_indices().skip(3).map(|(at, _)| word.split_at(at));
        let whole = self.whole(word);
        let typed = || {
            cuts().filter(|(head, tail)| names(head) && tail.len() > 4).find_map(|(head, tail)| {
                let tail = self.corrected(tail).filter(|it| names(it))?;
                Some((head.to_owned(), tail))
            })
        };
        let slipped = || {
            cuts().filter(|(head, tail)| head.len() > 3 && names(tail)).find_map(|(head, tail)| {
                let head = self.corrected(head).filter(|it| names(it))?;
                Some((head, tail.to_owned()))
            })
        };
        // What it is stands last: the rest may be a word of another trade.
        let last = || {
            let mut cuts = cuts().filter(|(_, tail)| tail.chars().count() > 4);
            if self.lexicon.apart {
                return None;
            }
            cuts.find(|(_, tail)| names(tail))
                .map(|(head, tail)| (head.to_owned(), tail.to_owned()))
        };
        // Where words stand apart, `whitesand` is a name and no sand in white.
        let thing = |(_, tail): &(String, String)| !self.lexicon.apart || self.is_thing(tail);
        whole.or_else(typed).or_else(slipped).filter(thing).or_else(last)
    }

    /// The same, where both are known, or the second is again made of two.
    fn whole(&self, word: &str) -> Option<(String, String)> {
        let sold =
            |word: &str| word.chars().count() > 2 && (self.names(word) || self.is_thing(word));
        let cuts = word.char_indices().skip(3).map(|(at, _)| word.split_at(at));
        let fitting = cuts.filter_map(|(head, tail)| {
            let joined = head.strip_suffix('s').filter(|it| self.names(it));
            let head = Some(head).filter(|it| self.names(it)).or(joined)?;
            let tail = Some(tail).filter(|it| sold(it) || self.whole(it).is_some())?;
            Some((head.to_owned(), tail.to_owned()))
        });
        fitting.max_by_key(|(head, _)| head.len())
    }

    /// The known word a typing error was meant to be. Other feeds have other words: short ones are only
    /// taken for a slip where letters are swapped, doubled or left out, and the first letter always counts.
    fn corrected(&self, word: &str) -> Option<String> {
        let typed = Typed::new(word).filter(|_| !number(word))?;
        let stems = self.lexicon.endings.iter().filter_map(|it| word.strip_suffix(it.as_str()));
        let stems = stems.filter(|it| it.chars().count() >= STEM).filter_map(Typed::new);
        let best = std::iter::once(typed).chain(stems).find_map(|typed| {
            let near = self.typed.iter().filter_map(|known| Some((typed.off(known)?, known)));
            near.min_by_key(|(distance, known)| (*distance, known.word.len()))
        });
        best.map(|(_, known)| known.word.clone())
    }

    /// The feed's words for a word, by the synonyms, with any of the language's endings.
    fn synonym(&self, word: &str) -> Option<&String> {
        let endings =
            || self.lexicon.endings.iter().filter_map(|it| word.strip_suffix(it.as_str()));
        let plain = self.lexicon.synonyms.get(word);
        plain.or_else(|| endings().find_map(|stem| self.lexicon.synonyms.get(stem)))
    }

    /// Where several words end that begin here and are one of the feed's, the last with any of the language's endings,
    /// and what the feed has for them: `swimming costumes`.
    pub(super) fn phrase(&self, message: &[String], from: usize) -> Option<(usize, &String)> {
        let same = |word: &String, said: &String| {
            let mut stems =
                self.lexicon.endings.iter().filter_map(|it| word.strip_suffix(it.as_str()));
            word == said || stems.any(|stem| stem == said)
        };
        let found = self.phrases.iter().filter_map(|(said, feed)| {
            let to = from + said.len();
            let (last, first) = message.get(from..to)?.split_last()?;
            let (end, begin) = said.split_last()?;
            (first == begin && same(last, end)).then_some((to, feed))
        });
        found.max_by_key(|(to, _)| *to)
    }

    /// Whether what is sold is named here, in one word or several.
    pub(super) fn thing_at(&self, message: &[String], at: usize) -> bool {
        let small = message.get(at).is_some_and(|word| self.fillers.contains(word));
        let phrase = || self.phrase(message, at).filter(|_| !small);
        let phrase = || phrase().map(|(_, feed)| words::plain(feed));
        message.get(at).is_some_and(|word| self.is_thing(word))
            || phrase().is_some_and(|feed| feed.iter().any(|it| self.sold(it)))
    }

    /// The feed's words for a word.
    pub(crate) fn translated(&self, word: &str) -> Option<String> {
        self.synonym(word).cloned()
    }
}

/// Words by how they are typed without the language's own letters.
pub(super) fn folded(known: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut folded: BTreeMap<String, String> = BTreeMap::new();
    for word in known {
        // The one with the language's own letters is how it is written.
        let meant = folded.entry(words::folded(word)).or_insert_with(|| word.clone());
        if meant.is_ascii() || word.contains('ß') {
            meant.clone_from(word);
        }
    }
    folded
}

pub(super) fn number(word: &str) -> bool {
    word.chars().any(|c| c.is_ascii_digit())
}
