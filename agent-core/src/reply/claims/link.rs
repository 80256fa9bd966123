//! Links in a text, with or without a scheme.

use super::{Claim, Kind};

/// Endings that make a dotted word a domain. Any ending does, where a path follows.
const ENDINGS: &str = "com net org io shop store de at ch uk eu fr it es nl info biz co me app ly ru cn xyz online site \
top link click page dev cc tv us ca au in br pl se no dk fi be gg to sh fm ie pt jp kr mx za nz ai gl goo example \
website live pro club vip world today tech cloud market sale pay cash money gov edu mobi name li lu cz hu gr ro tr ua";

/// The links of a visible text.
pub(super) fn read(text: &str) -> Vec<Claim> {
    let ends = |c: char| {
        c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | '"' | '[' | ']' | '|' | '{' | '}')
    };
    let trimmed = |word: &str| {
        word.trim_matches(['.', ',', '!', '?', ';', ':', '*', '_', '~', '`', '\'']).to_owned()
    };
    let words = text.split(ends).map(trimmed).filter(|word| is_link(word));
    words.map(|word| Claim::new(&word.clone(), Kind::Link(word))).collect()
}

fn is_link(word: &str) -> bool {
    let lower = word.to_lowercase();
    if lower.contains("://")
        || lower.starts_with("www.")
        || lower.contains('@') && lower.contains('.')
    {
        return true;
    }
    let host = lower.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let path = host.len() < lower.len();
    let labels: Vec<&str> = host.split('.').collect();
    let plain =
        |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    if labels.len() < 2 || !labels.iter().all(plain) {
        return false;
    }
    let numbers = labels.iter().all(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
    if numbers {
        return labels.len() == 4;
    }
    let ending = labels.last().copied().unwrap_or_default();
    let named = labels.iter().rev().nth(1).is_some_and(|name| name.chars().count() > 1);
    let word = ending.chars().count() > 1 && ending.chars().all(char::is_alphabetic);
    named && word && (path || ENDINGS.split(' ').any(|known| known == ending))
}
