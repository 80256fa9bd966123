//! A pack as it is for a shop whose feed speaks another language than the pack was written for: its words for goods are
//! the customers' own.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Vocabulary;
use crate::id::Locale;
use crate::pack::{Lexicon, Pack};

/// Letters of what a longer word is made of, at least.
const PART: usize = 4;
/// Words of an attribute's value that a customer says; longer ones are prose.
const VALUE_WORDS: usize = 2;
/// The value of words that leave an attribute open.
const ANY: &str = "*";

impl Pack {
    /// The pack in the words of these goods. Nothing changes, but where a lexicon of it translates into another language
    /// than they are told of in.
    #[must_use]
    pub fn fitted(self, told: &Vocabulary) -> Self {
        let Some(locale) = spoken(&self, told) else { return self };
        let Some(own) = self.lexicons.get(&locale).filter(|it| translates(it)) else { return self };
        let words = Fitted::of(own, told);
        let mut content = (*self).clone();
        for (other, lexicon) in &mut content.lexicons {
            words.fit(lexicon, *other == locale);
        }
        Self::new(content)
    }
}

/// The language goods are told of in: the one of the pack's whose small words are among those of their descriptions most.
fn spoken(pack: &Pack, told: &Vocabulary) -> Option<Locale> {
    let small = |lexicon: &Lexicon| {
        let small: BTreeSet<&String> = lexicon.fillers.iter().collect();
        small.into_iter().filter(|it| told.texts.contains(*it)).count()
    };
    let best = pack.lexicons.iter().max_by_key(|(_, lexicon)| small(lexicon));
    best.map(|(locale, _)| locale.clone())
}

/// Whether most of what a lexicon has for its words are no words of its own.
fn translates(lexicon: &Lexicon) -> bool {
    let own: BTreeSet<&String> = lexicon.things.iter().chain(lexicon.synonyms.keys()).collect();
    let foreign = lexicon.synonyms.values().filter(|it| !own.contains(it)).count();
    foreign * 2 > lexicon.synonyms.len()
}

/// A word without its ending and its vowels' changes, as words are compared: `Töpfe` and `Topf`.
fn bare(word: &str, lexicon: &Lexicon) -> String {
    let short = |ending: &String| {
        word.strip_suffix(ending.as_str()).filter(|stem| stem.chars().count() >= PART)
    };
    let stem = lexicon.endings.iter().find_map(short).unwrap_or(word);
    stem.to_lowercase().replace('ä', "a").replace('ö', "o").replace('ü', "u").replace('ß', "ss")
}

/// The words of a language for what is sold, and which of them the goods know.
struct Fitted<'a> {
    told: &'a Vocabulary,
    own: &'a Lexicon,
    /// The goods' words, bare.
    known: BTreeSet<String>,
    /// What the pack calls a thing, and the word for it.
    called: BTreeMap<&'a String, String>,
}

impl<'a> Fitted<'a> {
    fn of(own: &'a Lexicon, told: &'a Vocabulary) -> Self {
        let values = told.values.values().flatten().flat_map(|it| it.split(' '));
        let words = told.titles.iter().chain(&told.kinds).map(String::as_str).chain(values);
        let known = words.map(|word| bare(word, own)).collect();
        let mut fitted = Self { told, own, known, called: BTreeMap::new() };
        for (said, pack) in own.synonyms.iter().filter(|(said, _)| !said.contains(' ')) {
            if fitted.knows(said) {
                fitted.called.entry(pack).or_insert_with(|| said.clone());
            }
        }
        fitted
    }

    fn knows(&self, word: &str) -> bool {
        self.known.contains(&bare(word, self.own))
    }

    fn fit(&self, lexicon: &mut Lexicon, native: bool) {
        self.values(lexicon, native);
        for (said, pack) in &mut lexicon.synonyms {
            match self.called.get(pack) {
                _ if native && self.knows(said) => pack.clone_from(said),
                Some(called) => pack.clone_from(called),
                None if native => pack.clone_from(said),
                None => {}
            }
        }
        let needs = std::mem::take(&mut lexicon.needs).into_iter();
        let called = needs.filter_map(|(pack, told)| Some((self.called.get(&pack)?.clone(), told)));
        lexicon.needs = called.collect();
        if native {
            lexicon.synonyms.retain(|said, _| !said.contains(' '));
            let named: BTreeSet<&String> = self.told.titles.iter().chain(&self.told.kinds).collect();
            lexicon.named.extend(named.into_iter().filter(|it| letters(it)).cloned());
            lexicon.things.extend(self.kinds());
            lexicon.units.extend(self.units());
        } else {
            let called = self.called.iter().map(|(pack, own)| ((*pack).clone(), own.clone()));
            lexicon.synonyms.extend(called);
        }
    }

    /// Words of filters: the feed's own, and for the pack's those that the feed has.
    fn values(&self, lexicon: &mut Lexicon, native: bool) {
        for (name, said) in &mut lexicon.values {
            let Some(has) = self.told.values.get(name) else { continue };
            let whole: BTreeMap<String, &String> =
                has.iter().map(|it| (it.to_lowercase(), it)).collect();
            // What the pack calls a value, and the feed's words for it.
            let mut called: BTreeMap<&String, Vec<&String>> = BTreeMap::new();
            for (own, pack) in self.own.values.get(name).into_iter().flatten() {
                called.entry(pack).or_default().extend(whole.get(own));
            }
            for (said, pack) in said.iter_mut().filter(|(_, pack)| *pack != ANY) {
                let others = called.get(pack).map_or(&[][..], |it| it);
                // `Dunkelgrün` is green.
                let within = others.iter().find(|it| said.contains(it.to_lowercase().as_str()));
                match whole.get(said).or(within).or(others.first()) {
                    Some(value) => pack.clone_from(value),
                    None if native && !whole.contains_key(&pack.to_lowercase()) => {
                        pack.clone_from(said);
                    }
                    None => {}
                }
            }
            let plain = |it: &&String| {
                name.as_str() == "color"
                    && it.split(' ').count() <= VALUE_WORDS
                    && it.chars().all(|c| c.is_alphabetic() || c == ' ')
            };
            for value in has.iter().filter(plain) {
                said.entry(value.to_lowercase()).or_insert_with(|| value.clone());
            }
        }
    }

    /// The units that sizes are told in.
    fn units(&self) -> BTreeSet<String> {
        let sizes = self.told.values.get("size").into_iter().flatten();
        sizes.filter_map(|it| unit(it)).collect()
    }

    /// What the goods are: words of their kinds, and those of titles that end with one: `Gießkannen`, `Laubrechen`.
    fn kinds(&self) -> BTreeSet<String> {
        let long = |word: &&String| word.chars().count() >= PART && letters(word);
        let kinds = || self.told.kinds.iter().filter(long);
        let things = self.own.things.iter().filter(long);
        let ends: BTreeSet<String> = kinds().chain(things).map(|it| bare(it, self.own)).collect();
        let is_one = |word: &&String| {
            let word = bare(word, self.own);
            ends.iter().any(|end| word.ends_with(end.as_str()))
        };
        kinds().chain(self.told.titles.iter().filter(long).filter(is_one)).cloned().collect()
    }
}

/// The unit of a size: the `l` of `10 l`.
fn unit(size: &str) -> Option<String> {
    let (number, unit) = size.split_once(' ')?;
    let digits = number.bytes().all(|it| it.is_ascii_digit() || matches!(it, b'.' | b','));
    (digits && unit.chars().all(char::is_alphabetic)).then(|| unit.to_lowercase())
}

fn letters(word: &str) -> bool {
    word.chars().count() > 2 && word.chars().all(char::is_alphabetic)
}
