//! Words made of two, as German makes them: a `Gartenschere` is a `Schere`.

/// Letters of the first of two words that are written as one, at least, and of the second without its ending.
const FRONT: usize = 3;
const TAIL: usize = 3;

/// A word without its ending and its vowels' changes, as words made of two are compared: `Töpfe` and `Topf`.
#[must_use]
pub fn bare(word: &str) -> String {
    let short = |ending: &&str| word.strip_suffix(*ending).filter(|it| it.chars().count() >= TAIL);
    let stem = ["en", "e", "n", "s"].iter().find_map(short).unwrap_or(word);
    stem.replace('ä', "a").replace('ö', "o").replace('ü', "u").replace('ß', "ss")
}

/// Whether a word is made of another one and this, both as [`bare`] has them: a `Gartenschere` is a `Schere`.
#[must_use]
pub fn made_of(whole: &str, last: &str) -> bool {
    let front = whole.strip_suffix(last).unwrap_or_default();
    front.chars().count() >= FRONT && last.chars().count() >= TAIL
}

/// Letters of a colour that a longer word may end with, at least: `multicolored` is not red.
const SHADE: usize = 4;

/// Whether a word for a colour is a shade of another, in languages that write both as one word: `dunkelbraun` is brown.
/// Both are in lower case.
#[must_use]
pub fn is_shade(word: &str, color: &str) -> bool {
    color.chars().count() >= SHADE && word.ends_with(color)
}
