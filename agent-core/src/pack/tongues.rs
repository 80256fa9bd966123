//! The words of a pack's languages, gathered once for each pack: they tell which language is spoken.

use std::collections::{BTreeMap, BTreeSet};

use super::Content;
use crate::id::Locale;

/// A letter is a language's own from so many of its words on: `soirée` is said in all.
const OWN: usize = 10;
/// A letter that stands so often draws a word out.
const DRAWN: usize = 3;

/// The words of a pack's languages.
#[derive(Clone, Debug, Default)]
pub struct Tongues {
    by_locale: BTreeMap<Locale, Tongue>,
    goods: BTreeSet<String>,
    things: BTreeSet<String>,
    told: BTreeSet<String>,
}

#[derive(Clone, Debug, Default)]
struct Tongue {
    words: BTreeSet<String>,
    /// Those that every sentence has: `the`.
    small: BTreeSet<String>,
    endings: Vec<String>,
    /// Letters beside those all alphabets here have: `ß`.
    letters: BTreeSet<char>,
}

/// How well a language knows a word, worst first.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// Not at all.
    Not,
    /// As the first of two words it is made of, or by a letter.
    Begins,
    /// With one of its endings.
    Ending,
    /// As it is.
    Whole,
    /// As one that every sentence has.
    Small,
}

impl Tongues {
    pub(super) fn of(pack: &Content) -> Self {
        let tongue = |locale: &Locale| (locale.clone(), Tongue::of(pack, locale));
        let (mut goods, mut things) = (BTreeSet::new(), BTreeSet::new());
        let mut told = BTreeSet::new();
        for lexicon in pack.lexicons.values() {
            goods.extend(lexicon.synonyms.keys().cloned());
            things.extend(lexicon.things.iter().cloned());
            let feed = lexicon.synonyms.values().flat_map(|feed| feed.split(' '));
            goods.extend(feed.map(str::to_owned));
            told.extend(lexicon.told.iter().cloned());
        }
        Self { by_locale: pack.locales.iter().map(tongue).collect(), goods, things, told }
    }

    /// Whether the feed has a word.
    #[must_use]
    pub fn tells(&self, word: &str) -> bool {
        self.told.contains(word)
    }

    /// Whether a word is of what is sold; a thing may have an ending of two letters.
    #[must_use]
    pub fn sells(&self, word: &str) -> bool {
        let mut stems = (0..3).filter_map(|cut| word.get(..word.len().checked_sub(cut)?));
        self.goods.contains(word) || stems.any(|stem| self.things.contains(stem))
    }

    /// How well a language's examples, cues or lexicon know a word: not, as the first of two it is made of or by a letter, with
    /// an ending, or as it is. The names of goods have endings in every language.
    #[must_use]
    pub fn knows(&self, locale: &Locale, word: &str) -> Known {
        let known = self.by_locale.get(locale).map_or(Known::Not, |tongue| tongue.knows(word));
        if self.sells(word) { known.min(Known::Ending) } else { known }
    }
}

impl Tongue {
    fn of(pack: &Content, locale: &Locale) -> Self {
        let intents = pack.intents.iter().flat_map(|intent| [&intent.examples, &intent.cues]);
        let topics = pack.topics.iter().flat_map(|topic| [&topic.examples, &topic.cues]);
        let texts = intents.chain(topics).filter_map(|texts| texts.get(locale)).flatten();
        let lexicon = pack.lexicons.get(locale);
        let lists = lexicon.into_iter().flat_map(|it| {
            let amounts = &it.amounts;
            [
                [&it.fillers, &it.things, &it.questions, &it.size_words, &it.stop, &it.it],
                [
                    &amounts.at_most,
                    &amounts.at_least,
                    &amounts.between,
                    &amounts.or_less,
                    &it.joins,
                    &amounts.money,
                ],
                [&it.yes, &it.no, &it.start, &it.human, &it.negations, &it.units],
            ]
        });
        let lists = lists.flatten();
        let maps = lexicon.into_iter().flat_map(|it| {
            let values = it.values.values().flat_map(BTreeMap::keys);
            it.synonyms.keys().chain(values).chain(it.numbers.keys()).chain(it.ordinals.keys())
        });
        let known = texts.chain(lists.flatten()).chain(maps).flat_map(|text| words(text));
        // A number is of no language.
        let known = known.filter(|word| !word.bytes().all(|byte| byte.is_ascii_digit()));
        let known: BTreeSet<String> = known.collect();
        let mut letters: BTreeMap<char, usize> = BTreeMap::new();
        for letter in known.iter().flat_map(|it| it.chars()).filter(|it| !it.is_ascii()) {
            *letters.entry(letter).or_default() += 1;
        }
        letters.retain(|_, words| *words >= OWN);
        let small =
            lexicon.into_iter().flat_map(|it| [&it.fillers, &it.joins, &it.single, &it.the]);
        let small = small.flatten();
        Self {
            small: small.flat_map(|text| words(text)).collect(),
            letters: letters.into_keys().collect(),
            words: known,
            endings: lexicon.map(|it| it.endings.clone()).unwrap_or_default(),
        }
    }

    fn knows(&self, word: &str) -> Known {
        match self.knows_as_it_is(word) {
            // `Hellooo`.
            Known::Not => undrawn(word).map_or(Known::Not, |it| self.knows_as_it_is(&it)),
            known => known,
        }
    }

    fn knows_as_it_is(&self, word: &str) -> Known {
        let mut stems = self.endings.iter().filter_map(|ending| word.strip_suffix(ending.as_str()));
        if self.small.contains(word) {
            Known::Small
        } else if self.words.contains(word) {
            Known::Whole
        } else if stems.any(|stem| stem.chars().count() > 2 && self.words.contains(stem)) {
            Known::Ending
        } else if self.begins(word) || word.chars().any(|it| self.letters.contains(&it)) {
            Known::Begins
        } else {
            Known::Not
        }
    }

    /// A word made of two is told by its first.
    fn begins(&self, word: &str) -> bool {
        let ends = word.char_indices().map(|(at, _)| at).skip(5);
        let mut firsts = ends.filter(|at| at + 2 < word.len()).filter_map(|at| word.get(..at));
        firsts.any(|first| self.words.contains(first))
    }
}

/// A word without the letters that draw it out, where some do and more than one is left: `hellooo` is `hello`.
pub(crate) fn undrawn(word: &str) -> Option<String> {
    let letters: Vec<char> = word.chars().collect();
    let runs = letters.chunk_by(|a, b| a == b);
    let once = |run: &[char]| if run.len() < DRAWN { run.len() } else { 1 };
    let short: String = runs.flat_map(|run| run.iter().take(once(run))).collect();
    (short.len() < word.len() && short.chars().count() > 1).then_some(short)
}

/// The words of a text, as they are compared.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::contract;
    use crate::pack::{Lexicon, Pack};

    #[test]
    fn a_letter_tells_of_a_language_where_many_of_its_words_have_it() {
        let lexicon = |things: &str| Lexicon {
            things: things.split(' ').map(str::to_owned).collect(),
            fillers: vec!["auch".to_owned()],
            ..Lexicon::default()
        };
        let german = "größe straße süß weiß heiß fuß gruß maß spaß floß kloß soirée";
        let pack = Pack::new(Content {
            locales: vec!["en".into(), "de".into()],
            lexicons: [("en".into(), lexicon("shoe")), ("de".into(), lexicon(german))].into(),
            ..(**contract::request().pack).clone()
        });
        let knows = |locale: &str, word: &str| pack.tongues().knows(&locale.into(), word);
        assert_eq!(knows("de", "reißverschluss"), Known::Begins);
        assert_eq!(knows("en", "reißverschluss"), Known::Not);
        assert_eq!(knows("de", "café"), Known::Not);
        assert_eq!(knows("de", "auch"), Known::Small);
    }
    #[test]
    fn a_number_is_of_no_language() {
        let lexicon = Lexicon { questions: vec!["30 days".to_owned()], ..Lexicon::default() };
        let pack = Pack::new(Content {
            locales: vec!["en".into()],
            lexicons: [("en".into(), lexicon)].into(),
            ..(**contract::request().pack).clone()
        });
        let knows = |word: &str| pack.tongues().knows(&"en".into(), word);
        assert_eq!((knows("30"), knows("days")), (Known::Not, Known::Whole));
    }
}
