//! Something else of the same kind for what is personal: the same for the same, whoever wrote it how.

use std::collections::BTreeMap;
use std::sync::Arc;

use agent_core::time::Ids;

use super::find::{Found, Kind};

/// Names that say nothing of anybody. None is the beginning of another.
const NAMES: [&str; 32] = [
    "Alder", "Aspen", "Birch", "Cedar", "Cypress", "Elm", "Fir", "Hazel", "Holly", "Juniper",
    "Larch", "Laurel", "Linden", "Maple", "Myrtle", "Oak", "Olive", "Palmer", "Pine", "Poplar",
    "Rowan", "Sorrel", "Spruce", "Sycamore", "Tamarind", "Thorn", "Walnut", "Willow", "Yew", "Bay",
    "Briar", "Clover",
];
/// Digits of a telephone number by which it is known, whatever stands before them.
const OWN_DIGITS: usize = 9;
/// Digits that say whose they are, by themselves.
const TELLING_DIGITS: usize = 4;
/// Providers of mail for everybody.
const PROVIDERS: [&str; 9] = [
    "gmail.",
    "googlemail.",
    "outlook.",
    "hotmail.",
    "yahoo.",
    "icloud.",
    "gmx.",
    "web.de",
    "proton",
];
/// Words of many addresses.
const COMMON: [&str; 14] = [
    "info", "mail", "shop", "hello", "office", "contact", "kontakt", "post", "service", "support",
    "team", "the", "and", "von",
];
/// Letters of the shortest part of a name that is replaced by itself.
const NAME_LETTERS: usize = 3;

/// Replaces what was found.
pub struct Pen {
    ids: Arc<dyn Ids>,
    /// Where they stand alone: the whole text is theirs.
    whole: BTreeMap<String, String>,
    /// Wherever they stand, the longest first.
    inside: Vec<(String, String, bool)>,
}

impl std::fmt::Debug for Pen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pen").finish_non_exhaustive()
    }
}

impl Pen {
    /// Writes something else for all of these; the ids' key decides what. Words of the shop's own are nobody's part.
    #[must_use]
    pub fn new(ids: Arc<dyn Ids>, found: &Found, own: impl Fn(&str) -> bool) -> Self {
        let mut pen = Self { ids, whole: BTreeMap::new(), inside: Vec::new() };
        for (words, kind) in &found.0 {
            let other = pen.other(words, *kind);
            if *kind == Kind::Id {
                pen.whole.insert(words.clone(), other);
                continue;
            }
            // Its parts too: a model repeats what it read without signs, and not all of it.
            let others: Vec<&str> = tokens(local(&other, *kind)).collect();
            let parts = tokens(local(words, *kind)).enumerate().filter_map(|(n, part)| {
                // Where there are fewer others, the last stands for the rest too.
                Some((part, *others.get(n).or(others.last())?))
            });
            let telling = parts.filter(|(part, _)| tells(part) && !own(part));
            let telling: Vec<_> =
                telling.map(|(part, other)| (part.to_owned(), other.to_owned(), true)).collect();
            pen.inside.extend(telling);
            pen.inside.push((words.clone(), other, *kind == Kind::Name));
        }
        pen.inside.sort_by_key(|(words, ..)| std::cmp::Reverse(words.len()));
        pen.inside.dedup_by(|a, b| a.0 == b.0);
        pen
    }

    /// A text without anything personal that is known.
    #[must_use]
    pub fn write(&self, text: &str) -> String {
        if let Some(other) = self.whole.get(text) {
            return other.clone();
        }
        let mut written = text.to_owned();
        // What was written by us is not read again: it is held back behind a sign no text has.
        let mut held: Vec<String> = Vec::new();
        for (words, other, name) in &self.inside {
            let mut from = 0;
            while let Some(at) = find(&written, words, *name, from) {
                let sign = format!("\u{e000}{}\u{e001}", held.len());
                let found = written.get(at..at + words.len()).unwrap_or_default();
                held.push(if *name { shaped(other, found) } else { other.clone() });
                written.replace_range(at..at + words.len(), &sign);
                from = at + sign.len();
            }
        }
        for (n, other) in held.iter().enumerate() {
            written = written.replace(&format!("\u{e000}{n}\u{e001}"), other);
        }
        written
    }

    /// What must not stand anywhere afterwards.
    pub fn originals(&self) -> impl Iterator<Item = &str> {
        let inside = self.inside.iter().map(|(words, ..)| words.as_str());
        inside.chain(self.whole.keys().map(String::as_str))
    }

    fn other(&self, words: &str, kind: Kind) -> String {
        let own = own(words, kind);
        let key = self.ids.keyed(&format!("scrub {kind:?}"), own.as_bytes());
        match kind {
            Kind::Mail => {
                mail(words, |part| self.ids.keyed("scrub Name", part.to_lowercase().as_bytes()))
            }
            Kind::Phone | Kind::Card | Kind::Account => digits(words, &key, kind),
            Kind::Street | Kind::Town => places(words, &key),
            Kind::Name => {
                name(words, |part| self.ids.keyed("scrub Name", part.to_lowercase().as_bytes()))
            }
            Kind::Id => format!("p{}", hex::encode(key.get(..10).unwrap_or_default())),
        }
    }
}

/// Where words stand; those of a name as whole words, whatever their case.
fn find(text: &str, words: &str, name: bool, from: usize) -> Option<usize> {
    if !name {
        return text.get(from..)?.find(words).map(|at| from + at);
    }
    let lower = words.to_lowercase();
    let starts = text.char_indices().map(|(at, _)| at).filter(|at| *at >= from);
    starts.into_iter().find(|at| {
        let found = text.get(*at..*at + words.len()).is_some_and(|it| it.to_lowercase() == lower);
        let before = text.get(..*at).and_then(|it| it.chars().next_back());
        let after = text.get(*at + words.len()..).and_then(|it| it.chars().next());
        found
            && !before.is_some_and(char::is_alphanumeric)
            && !after.is_some_and(char::is_alphanumeric)
    })
}

/// What tells one from another, however it is written.
fn own(words: &str, kind: Kind) -> String {
    match kind {
        Kind::Phone => {
            let digits: Vec<char> = words.chars().filter(char::is_ascii_digit).collect();
            digits.iter().skip(digits.len().saturating_sub(OWN_DIGITS)).collect()
        }
        Kind::Card | Kind::Account => words.chars().filter(|c| c.is_alphanumeric()).collect(),
        _ => words.to_lowercase(),
    }
}

/// The same form with other digits. The last ones are the own; so one number written in two ways stays one.
fn digits(words: &str, key: &[u8; 32], kind: Kind) -> String {
    let many = words.chars().filter(char::is_ascii_digit).count();
    let mut left = many;
    let other = words.chars().map(|c| {
        if !c.is_ascii_digit() {
            // The country of an account is its first two letters; its other letters are the customer's.
            return c;
        }
        left -= 1;
        let byte = key.get(left % 32).copied().unwrap_or_default();
        // The beginning of a number tells its kind, not whose it is.
        if kind == Kind::Phone && many - left <= 2 && many > OWN_DIGITS {
            c
        } else {
            char::from(b'0' + byte % 10)
        }
    });
    let other: String = other.collect();
    // Nobody's card by chance: its last digit does not fit.
    if kind == Kind::Card && luhn(&other) { next_digit(&other) } else { other }
}

fn luhn(text: &str) -> bool {
    let digits = text.chars().rev().filter_map(|c| c.to_digit(10));
    let sum: u32 = digits
        .enumerate()
        .map(|(n, digit)| match (n % 2, digit * 2) {
            (0, _) => digit,
            (_, twice) if twice > 9 => twice - 9,
            (_, twice) => twice,
        })
        .sum();
    sum.is_multiple_of(10)
}

fn next_digit(text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    if let Some(digit) = chars.iter_mut().rev().find(|c| c.is_ascii_digit()) {
        *digit = if *digit == '9' { '0' } else { char::from(*digit as u8 + 1) };
    }
    chars.into_iter().collect()
}

/// Words that are no part of a place's name.
const KINDS: [&str; 37] = [
    "street",
    "st",
    "st.",
    "avenue",
    "ave",
    "ave.",
    "road",
    "rd",
    "rd.",
    "lane",
    "drive",
    "boulevard",
    "blvd",
    "court",
    "square",
    "terrace",
    "place",
    "straße",
    "strasse",
    "str.",
    "str",
    "ln",
    "crescent",
    "close",
    "way",
    "box",
    "postfach",
    "weg",
    "platz",
    "allee",
    "gasse",
    "ring",
    "damm",
    "rue",
    "via",
    "calle",
    "plaza",
];
/// Endings that say what a place is.
const ENDINGS: [&str; 12] = [
    "straße", "strasse", "str.", "weg", "platz", "allee", "gasse", "ring", "damm", "ufer", "steig",
    "chaussee",
];

/// The same form with another name and other numbers.
fn places(words: &str, key: &[u8; 32]) -> String {
    let mut n = 0;
    let part = |part: &str| {
        n += 1;
        let byte = key.get(n % 32).copied().unwrap_or_default();
        let lower = part.to_lowercase();
        if KINDS.contains(&lower.trim_end_matches(',')) {
            return part.to_owned();
        }
        if part.chars().any(|c| c.is_ascii_digit()) {
            let other = |(at, c): (usize, char)| match c {
                c if c.is_ascii_digit() => {
                    let byte = key.get((n + at) % 32).copied().unwrap_or_default();
                    char::from(b'1' + byte % 9)
                }
                c => c,
            };
            return part.chars().enumerate().map(other).collect();
        }
        let ending = ENDINGS.iter().find(|it| lower.ends_with(**it)).copied().unwrap_or_default();
        let comma = if part.ends_with(',') { "," } else { "" };
        let name = NAMES.get(usize::from(byte) % NAMES.len()).copied().unwrap_or_default();
        format!("{name}{ending}{comma}")
    };
    words.split(' ').map(part).collect::<Vec<_>>().join(" ")
}

/// Another name for one, and the same for the same.
fn named(key: &[u8; 32]) -> String {
    let at = usize::from(key.first().copied().unwrap_or_default());
    let name = NAMES.get(at % NAMES.len()).copied().unwrap_or_default();
    // Two people are two: a letter tells those apart whom the list does not.
    let tail = char::from(b'a' + key.get(1).copied().unwrap_or_default() % 26);
    format!("{name}{tail}")
}

/// Other names, part by part, written as they were; those with a hyphen have two.
fn name(words: &str, key: impl Fn(&str) -> [u8; 32]) -> String {
    let part = |part: &str| shaped(&named(&key(part)), part);
    let parts = |word: &str| word.split('-').map(part).collect::<Vec<_>>().join("-");
    words.split_whitespace().map(parts).collect::<Vec<_>>().join(" ")
}

/// Another address, part by part; who has a name in it has the same elsewhere. Providers stay, they are nobody's.
fn mail(words: &str, key: impl Fn(&str) -> [u8; 32]) -> String {
    let (local, domain) = words.split_once('@').unwrap_or((words, ""));
    let mut other = String::new();
    for part in local.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let bare = part.trim_end_matches(|c: char| !c.is_alphanumeric());
        other.push_str(&shaped(&named(&key(bare)), bare));
        other.push_str(part.get(bare.len()..).unwrap_or_default());
    }
    let known = PROVIDERS.iter().any(|it| domain.to_lowercase().starts_with(it));
    format!("{other}@{}", if known { domain } else { "example.org" })
}

/// In capitals, small, or neither, as the other is written.
fn shaped(other: &str, like: &str) -> String {
    let letters = || like.chars().filter(|c| c.is_alphabetic());
    if letters().count() > 1 && letters().all(char::is_uppercase) {
        other.to_uppercase()
    } else if letters().next().is_some_and(char::is_lowercase) {
        other.to_lowercase()
    } else {
        other.to_owned()
    }
}

/// What of an address of mail is somebody's.
fn local(words: &str, kind: Kind) -> &str {
    if kind == Kind::Mail { words.split('@').next().unwrap_or(words) } else { words }
}

fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty())
}

/// Whether a part by itself says whose it is: enough digits, or letters that are no word of all addresses.
fn tells(part: &str) -> bool {
    let lower = part.to_lowercase();
    if part.chars().any(|c| c.is_ascii_digit()) {
        return part.chars().filter(char::is_ascii_digit).count() >= TELLING_DIGITS;
    }
    part.chars().count() >= NAME_LETTERS
        && !KINDS.contains(&lower.as_str())
        && !COMMON.contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::sandbox::Fixed;

    fn pen(found: &[(&str, Kind)]) -> Pen {
        let mut all = Found::default();
        found.iter().for_each(|(words, kind)| all.put(words, *kind));
        Pen::new(Arc::new(Fixed::default()), &all, |_| false)
    }

    fn pen_of_one(name: &str) -> Pen {
        pen(&[(name, Kind::Name)])
    }

    #[test]
    fn the_same_person_is_the_same_however_they_are_written() {
        let pen = pen(&[
            ("Ada Lovelace", Kind::Name),
            ("+49 170 1234567", Kind::Phone),
            ("01701234567", Kind::Phone),
            ("ada@x.example", Kind::Mail),
            ("Lange Straße 12a", Kind::Street),
            ("4917012345670", Kind::Id),
        ]);
        let written = pen
            .write("ADA, ada lovelace and Adalbert: +49 170 1234567, 01701234567, ada@x.example");
        let words: Vec<&str> = written.split([' ', ',']).filter(|it| !it.is_empty()).collect();
        assert_eq!(words[0].to_lowercase(), words[1], "{written}");
        assert!(words[0].chars().all(char::is_uppercase), "{written}");
        assert_eq!(words[4], "Adalbert:", "only whole words are names");
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let double = pen_of_one("Möller-Huß").write("frau möller huß, MÖLLER-HUSS oder Huß");
        assert!(
            !double.contains("huß") && !double.contains("Huß") && !double.contains("möller"),
            "{double}"
        );
        let phone = digits(
            &written[written.find('+').unwrap()..written.find(", 0").unwrap_or(written.len())],
        );
        assert!(written.contains("@example.org"), "{written}");
        // Said again without signs, it is the same other number, and the same other name.
        assert!(pen.write("phone 1234567 ada").ends_with(&words[1].to_lowercase()), "{written}");
        assert!(!pen.write("phone 1234567").contains("1234567"));
        for original in ["lovelace", "1234567", "ada@"] {
            assert!(!written.to_lowercase().contains(original), "{written}");
        }
        assert!(phone.starts_with("49"), "{written}");
        let street = pen.write("to Lange Straße 12a please");
        assert!(street.contains(" Straße ") && street.ends_with("a please"), "{street}");
        assert!(!street.contains("Lange") && !street.contains("12a"), "{street}");
        assert_eq!(
            pen.write("x4917012345670"),
            "x4917012345670",
            "an id is replaced where it stands alone"
        );
        assert_ne!(pen.write("4917012345670"), "4917012345670");
    }

    #[test]
    fn no_card_comes_out_that_could_be_somebodys() {
        for n in 0..50 {
            let card = format!("4111 1111 1111 {n:04}");
            let other = pen(&[(&card, Kind::Card)]).write(&card);
            assert!(!luhn(&other), "{other}");
            assert_eq!(other.len(), card.len());
        }
    }
}
