//! A pack in the words of a shop's feed: what it calls goods is what the customers call them, in whatever language.

mod sizes;

use std::collections::{BTreeMap, BTreeSet};

use crate::compound::{self, is_shade};
use crate::id::{Locale, Name};
use crate::pack::{Lexicon, Pack};

/// Letters of what a longer word is made of, at least, and without its ending.
const PART: usize = 4;
const STEM: usize = 3;
/// Words of an attribute's value that a customer says; longer ones are prose.
const VALUE_WORDS: usize = 2;
/// The value of words that leave an attribute open.
const ANY: &str = "*";

/// The words goods are told of in: a pack is fitted to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// What attributes say, as it is written, by their names.
    pub values: BTreeMap<Name, BTreeSet<String>>,
    /// Words of titles, in lower case.
    pub titles: BTreeSet<String>,
    /// Whole titles, in lower case.
    pub names: BTreeSet<String>,
    /// Words of what the goods are kinds of.
    pub kinds: BTreeSet<String>,
    /// Words of descriptions.
    pub texts: BTreeSet<String>,
    /// All words of all goods, their brands' and values' too; none where only some of the goods were listened to.
    pub words: BTreeSet<String>,
}

impl Pack {
    /// The pack in the words of these goods: the language they are told of in knows their names, and where it translates
    /// into another, all languages have their words.
    #[must_use]
    pub fn fitted(self, told: &Vocabulary) -> Self {
        let Some(locale) = spoken(&self, told) else { return self };
        let Some(own) = self.lexicons.get(&locale) else { return self };
        let words = Fitted::of(own, told);
        let mut content = (*self).clone();
        for (other, lexicon) in &mut content.lexicons {
            lexicon.told.extend(told.words.iter().cloned());
            words.written(lexicon);
            lexicon.titles.extend(told.names.iter().cloned());
            if translates(own) {
                words.fit(lexicon, *other == locale);
            } else if *other == locale {
                words.otherwise(lexicon);
                words.name(lexicon);
                words.called_so(lexicon);
                words.whole_sizes(lexicon);
                lexicon.things.extend(words.sold());
            }
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
        word.strip_suffix(ending.as_str()).filter(|stem| stem.chars().count() >= STEM)
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
            self.name(lexicon);
            lexicon.things.extend(self.kinds());
            self.sizes(lexicon);
            self.colors(lexicon);
        } else {
            let called = self.called.iter().map(|(pack, own)| ((*pack).clone(), own.clone()));
            lexicon.synonyms.extend(called);
        }
    }

    /// What the pack has another word for is called as the goods are, where they know only that: a `bike` is no `bicycle`
    /// where bikes are sold, and a bicycle is a bike there.
    fn otherwise(&self, lexicon: &mut Lexicon) {
        let unknown = |pack: &&String| !pack.split(' ').any(|word| self.knows(word));
        for (said, pack) in &mut lexicon.synonyms {
            // A `windbreaker` is nothing else where they sell windbreakers.
            if self.told.titles.contains(said) && !self.has_both(said, pack) {
                pack.clone_from(said);
                continue;
            }
            let Some(called) = self.called.get(pack).filter(|_| unknown(&&*pack)) else { continue };
            pack.clone_from(if self.knows(said) { said } else { called });
        }
        for (pack, called) in self.called.iter().filter(|(pack, _)| unknown(pack)) {
            lexicon.synonyms.entry((*pack).clone()).or_insert_with(|| called.clone());
            lexicon.elsewhere.retain(|it| it != *pack);
        }
    }

    /// Whether anything is called both what is said and what the pack has for it: a `minestrone` is a soup.
    fn has_both(&self, said: &str, pack: &str) -> bool {
        self.told.names.iter().any(|name| {
            let words: BTreeSet<&str> = name.split(|c: char| !c.is_alphanumeric()).collect();
            words.contains(said) && pack.split(' ').any(|word| word != said && words.contains(word))
        })
    }

    /// The pack's words for a value are the feed's own where it has them: `cognac` is not brown there.
    fn called_so(&self, lexicon: &mut Lexicon) {
        for (name, said) in &mut lexicon.values {
            for value in self.told.values.get(name).into_iter().flatten() {
                said.entry(value.to_lowercase()).and_modify(|pack| pack.clone_from(value));
                // `Sage green` is no green.
                let words: Vec<&str> = value.split(' ').collect();
                let named = |it: &&str| {
                    let word = it.to_lowercase();
                    self.told.titles.contains(&word) || self.told.kinds.contains(&word)
                };
                let colored = words.len() == 2 || words.len() == 1 && !words.iter().any(named);
                if name.as_str() == "color" && colored && words.iter().all(|it| letters(it)) {
                    said.entry(value.to_lowercase()).or_insert_with(|| value.clone());
                }
            }
        }
    }

    /// What the goods are called, and the units they are told in.
    fn name(&self, lexicon: &mut Lexicon) {
        let named: BTreeSet<&String> = self.told.titles.iter().chain(&self.told.kinds).collect();
        lexicon.named.extend(named.into_iter().filter(|it| letters(it)).cloned());
        lexicon.units.extend(self.units());
        // `Five treads`, of ladders with `5 tread`.
        let several = |it: String| lexicon.apart.then(|| format!("{it}s"));
        lexicon.units.extend(self.units().into_iter().filter_map(several));
        lexicon.elsewhere.retain(|it| !self.knows(it));
        // `Die Trage`, where they sell Babytragen: what they are called says something.
        lexicon.fillers.retain(|it| lexicon.apart || !self.ends_title(it));
    }

    /// Whether a noun of the titles is made of another word and this.
    fn ends_title(&self, word: &str) -> bool {
        let unit = self.own.units.iter().chain(&self.own.pieces).any(|it| it == word);
        let own = compound::bare(word);
        let mut titles = self.told.titles.iter().filter(|_| !unit && word.chars().count() > PART);
        titles.any(|it| compound::made_of(&compound::bare(it), &own))
    }

    /// What each of the goods is, as its name says it last, before a comma and numbers: `Baby Doll 38 cm`.
    fn sold(&self) -> BTreeSet<String> {
        let unit = |word: &&str| self.own.units.iter().any(|unit| unit == word);
        // A `Rain Jacket Men` is a jacket.
        let whom = |word: &&str| {
            self.own.values.get("gender").is_some_and(|said| said.contains_key(*word))
        };
        let other = |word: &&str| !letters(word) || unit(word) || whom(word);
        let sold = self.told.names.iter().filter_map(|name| {
            let name = name.split(',').next()?;
            name.split(|c: char| !c.is_alphanumeric()).rev().find(|word| !other(word))
        });
        // What some goods come in is no name of others: the `natural` of paper filters, beside a `Brazil Natural`.
        let colors = || self.told.values.get("color").into_iter().flatten();
        let small = |word: &&str| {
            self.own.fillers.iter().any(|it| it == word) || colors().any(|it| it == word)
        };
        sold.filter(|it| !small(it)).map(str::to_owned).collect()
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
                // Brown is what is `dunkelbraun`, too.
                if !whole.contains_key(said) && whole.keys().any(|it| is_shade(it, said)) {
                    pack.clone_from(said);
                    continue;
                }
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
                for shade in &lexicon.shades {
                    said.insert(format!("{}{shade}", value.to_lowercase()), value.clone());
                }
            }
        }
    }

    /// Leaves out the colours that no goods have and titles end with: `Handcreme` is no cream.
    fn colors(&self, lexicon: &mut Lexicon) {
        let Some(colors) = lexicon.values.get_mut("color") else { return };
        let has: BTreeSet<&String> = self.told.values.get("color").into_iter().flatten().collect();
        let ends = |said: &String| {
            let made = |title: &String| title != said && title.ends_with(said.as_str());
            self.told.titles.iter().any(made)
        };
        let so = |said: &String| has.iter().any(|it| it.to_lowercase() == *said);
        colors.retain(|said, _| so(said) || !ends(said));
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

fn letters(word: &str) -> bool {
    word.chars().count() > 2 && word.chars().all(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pack that translates German into the English of its feed.
    fn pack() -> Pack {
        let words = |said: &[&str]| said.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let pairs = |pairs: &[(&str, &str)]| {
            let owned = pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
            owned.collect::<BTreeMap<_, _>>()
        };
        let synonyms =
            pairs(&[("hose", "trousers"), ("buxe", "trousers"), ("kurze hose", "shorts")]);
        let colors = pairs(&[
            ("grün", "green"),
            ("dunkelgrün", "green"),
            ("gelb", "yellow"),
            ("creme", "cream"),
        ]);
        let german = Lexicon {
            fillers: words(&["mit", "und"]),
            endings: words(&["en", "n", "e"]),
            values: [("color".into(), colors)].into(),
            needs: [("trousers".to_owned(), words(&["knie … kalt"]))].into(),
            things: words(&["stiefel"]),
            size_words: words(&["größe", "gr", "mit"]),
            synonyms,
            ..Lexicon::default()
        };
        let colors = pairs(&[("green", "green")]);
        let english = Lexicon {
            fillers: words(&["with", "and"]),
            values: [("color".into(), colors)].into(),
            ..Lexicon::default()
        };
        let mut content = (*crate::pack::tests::pack()).clone();
        content.lexicons = [("de".into(), german), ("en".into(), english)].into();
        Pack::new(content)
    }

    fn told(texts: &[&str], colors: &[&str]) -> Vocabulary {
        let words = |it: &[&str]| it.iter().map(|it| (*it).to_owned()).collect::<BTreeSet<_>>();
        Vocabulary {
            values: [
                ("color".into(), words(colors)),
                ("size".into(), words(&["10 l", "XL", "2 Zoll", "Gr. 4"])),
            ]
            .into(),
            titles: words(&["arbeitshose", "karl", "gummistiefel", "18", "handcreme"]),
            names: words(&["arbeitshose karl", "gummistiefel 18"]),
            kinds: words(&["hosen"]),
            texts: words(texts),
            words: BTreeSet::new(),
        }
    }

    #[test]
    fn what_goods_are_called_by_is_no_small_word() {
        let mut content = (*pack()).clone();
        let german = content.lexicons.get_mut("de").unwrap();
        german.fillers.extend(["trage", "sache"].map(str::to_owned));
        let mut told = told(&["mit", "und"], &["Grün"]);
        told.titles.insert("babytrage".to_owned());
        let fitted = Pack::new(content).fitted(&told);
        assert_eq!(fitted.lexicons.get("de").unwrap().fillers, ["mit", "und", "sache"]);
    }

    #[test]
    fn goods_in_the_customers_language_are_called_as_customers_call_them() {
        let fitted = pack().fitted(&told(&["mit", "und"], &["Grün", "ecru", "schwarz/rot"]));
        let german = fitted.lexicons.get("de").unwrap();
        let synonyms: Vec<(&str, &str)> =
            german.synonyms.iter().map(|(said, feed)| (said.as_str(), feed.as_str())).collect();
        assert_eq!(synonyms, [("buxe", "hose"), ("hose", "hose")]);
        let colors = &german.values[&Name::from("color")];
        let colors: Vec<(&str, &str)> =
            colors.iter().map(|(said, feed)| (said.as_str(), feed.as_str())).collect();
        assert_eq!(
            colors,
            [("dunkelgrün", "Grün"), ("ecru", "ecru"), ("gelb", "gelb"), ("grün", "Grün")]
        );
        assert_eq!(german.needs.keys().collect::<Vec<_>>(), ["hose"]);
        assert_eq!(german.things, ["stiefel", "arbeitshose", "gummistiefel", "hosen"]);
        assert_eq!(german.named, ["arbeitshose", "gummistiefel", "handcreme", "hosen", "karl"]);
        assert_eq!(german.titles, ["arbeitshose karl", "gummistiefel 18"]);
        let sizes = &german.values[&Name::from("size")];
        assert_eq!(sizes.keys().collect::<Vec<_>>(), ["gr 4", "größe 4"]);
        assert_eq!(sizes["größe 4"], "Gr. 4");
        assert_eq!(german.units, ["l", "zoll"]);
        let english = fitted.lexicons.get("en").unwrap();
        assert_eq!(english.synonyms["trousers"], "hose");
        assert_eq!(english.values[&Name::from("color")]["green"], "Grün");
    }

    #[test]
    fn colours_are_the_feeds_own_and_what_they_are_shades_of() {
        let mut content = (*pack()).clone();
        let german = content.lexicons.get_mut("de").unwrap();
        german.shades = vec!["farben".to_owned()];
        let brown = ["braun", "cognac"].map(|said| (said.to_owned(), "brown".to_owned()));
        german.values.get_mut("color").unwrap().extend(brown);
        let fitted = Pack::new(content.clone()).fitted(&told(&["mit"], &["dunkelbraun", "cognac"]));
        for (said, feed) in [("braun", "braun"), ("cognac", "cognac"), ("cognacfarben", "cognac")] {
            assert_eq!(fitted.lexicons["de"].values["color"][said], feed);
        }
        let fitted = Pack::new(content).fitted(&told(&["with"], &["plum", "Karl"]));
        assert_eq!(
            fitted.lexicons["en"].values["color"].keys().collect::<Vec<_>>(),
            ["green", "plum"]
        );
    }

    #[test]
    fn what_the_pack_has_another_word_for_is_called_as_the_goods_are() {
        let mut content = (*pack()).clone();
        let english = content.lexicons.get_mut("en").unwrap();
        let own = [
            ("bike", "bicycle"),
            ("cycle", "bicycle"),
            ("bell", "ring"),
            ("hoop", "ring"),
            ("tee", "shirt"),
            ("pants", "trousers"),
            ("trousers", "trousers"),
        ];
        let own = own.map(|(said, feed)| (said.to_owned(), feed.to_owned()));
        english.synonyms = own.into();
        english.things = ["ring", "shirt"].map(str::to_owned).into();
        english.elsewhere = vec!["bicycle".to_owned()];
        let mut told = told(&["with", "and"], &[]);
        told.titles = ["bike", "ring", "shirt", "bell", "hoop"].map(str::to_owned).into();
        told.names = ["brass bell", "hoop ring"].map(str::to_owned).into();
        let fitted = Pack::new(content).fitted(&told);
        let english = fitted.lexicons.get("en").unwrap();
        let synonyms: Vec<(&str, &str)> =
            english.synonyms.iter().map(|(said, feed)| (said.as_str(), feed.as_str())).collect();
        assert_eq!(
            synonyms,
            [
                ("bell", "bell"),
                ("bicycle", "bike"),
                ("bike", "bike"),
                ("cycle", "bike"),
                ("hoop", "ring"),
                ("pants", "trousers"),
                ("tee", "shirt"),
                ("trousers", "trousers"),
            ]
        );
        assert_eq!(english.elsewhere, [""; 0]);
    }

    #[test]
    fn goods_in_the_packs_own_language_are_known_by_their_names() {
        let mut content = (*pack()).clone();
        let english = content.lexicons.get_mut("en").unwrap();
        english.elsewhere = vec!["football".to_owned(), "laptop".to_owned()];
        english.units = vec!["cm".to_owned()];
        let mut told = told(&["with", "and"], &["green"]);
        told.titles = ["quick", "football", "38", "baby", "doll"].map(str::to_owned).into();
        told.names = ["quick football", "baby doll 38 cm"].map(str::to_owned).into();
        // What is a colour of some goods is no kind of others, though a name ends with it.
        told.names.insert("baby green".to_owned());
        told.names.insert("quick cap men".to_owned());
        let whom = [("men".to_owned(), "male".to_owned())].into();
        english.values.insert("gender".into(), whom);
        let sizes = ["pack of 8", "A4", "10 l", "8", "4 x 50 mm", "9 x 5 x 3 cm"];
        let sizes = sizes.map(str::to_owned).into();
        told.values.insert("size".into(), sizes);
        let fitted = Pack::new(content).fitted(&told);
        let english = fitted.lexicons.get("en").unwrap();
        assert_eq!(english.named, ["baby", "doll", "football", "hosen", "quick"]);
        assert_eq!(
            english.titles,
            ["baby doll 38 cm", "baby green", "quick cap men", "quick football"]
        );
        assert_eq!(english.things, ["cap", "doll", "football"]);
        let sizes: Vec<&String> = english.values[&Name::from("size")].keys().collect();
        assert_eq!(sizes, ["4 x 50", "9 x 5 x 3", "a4", "pack of 8"]);
        assert_eq!(english.elsewhere, ["laptop"]);
        // Measures and names are the same in any language, the rest stays as it was.
        let german = |pack: &Pack| pack.lexicons[&Locale::from("de")].clone();
        let mut other = german(&fitted);
        let spellings: Vec<(&str, &str)> = other
            .spellings
            .iter()
            .map(|(joined, apart)| (joined.as_str(), apart.as_str()))
            .collect();
        assert_eq!(spellings, [("10l", "10 l"), ("4x50", "4 x 50"), ("9x5x3", "9 x 5 x 3")]);
        assert_eq!(other.titles, english.titles);
        (other.spellings, other.titles) = Default::default();
        other.values.remove("size");
        assert_eq!(
            serde_json::to_value(other).unwrap(),
            serde_json::to_value(german(&pack())).unwrap()
        );
    }
}
