//! Numbers in words, in the languages the packs speak. A pack's own words for numbers come on top.

const ENGLISH: &[(&str, i64)] = &[
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("hundred", 100),
    ("thousand", 1000),
    ("dozen", 12),
];
const GERMAN: &[(&str, i64)] = &[
    ("null", 0),
    ("ein", 1),
    ("eins", 1),
    ("einen", 1),
    ("zwei", 2),
    ("zwo", 2),
    ("drei", 3),
    ("vier", 4),
    ("fünf", 5),
    ("sechs", 6),
    ("sieben", 7),
    ("acht", 8),
    ("neun", 9),
    ("zehn", 10),
    ("elf", 11),
    ("zwölf", 12),
    ("sechzehn", 16),
    ("siebzehn", 17),
    ("zwanzig", 20),
    ("dreißig", 30),
    ("vierzig", 40),
    ("fünfzig", 50),
    ("sechzig", 60),
    ("siebzig", 70),
    ("achtzig", 80),
    ("neunzig", 90),
];

/// The number a word of the languages we know says: `seventy`, `siebenundsiebzig`.
pub(super) fn word(word: &str) -> Option<i64> {
    let english = ENGLISH.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
    let typed = ["ss", "ue", "oe"].iter().any(|it| word.contains(it));
    let german_of =
        |word: &str| german(&word.replace("ss", "ß").replace("ue", "ü").replace("oe", "ö"));
    english.or_else(|| if typed { german_of(word) } else { german(word) })
}

/// German says a number in one word: `zweihundertfünfundzwanzig`.
fn german(word: &str) -> Option<i64> {
    if let Some((_, value)) = GERMAN.iter().find(|(name, _)| *name == word) {
        return Some(*value);
    }
    for (unit, value) in [("tausend", 1000), ("hundert", 100)] {
        if let Some((before, after)) = word.split_once(unit) {
            let before = if before.is_empty() { 1 } else { german(before)? };
            let after = after.strip_prefix("und").unwrap_or(after);
            let after = if after.is_empty() { 0 } else { german(after)? };
            return Some(before * value + after);
        }
    }
    if let Some(unit) = word.strip_suffix("zehn") {
        return Some(german(unit)? + 10);
    }
    let (unit, ten) = word.split_once("und")?;
    Some(german(unit)? + german(ten).filter(|ten| *ten >= 20)?)
}

/// Words that stand one after the other, as one number: `five hundred and twenty-five`.
pub(super) fn joined(values: &[i64]) -> i64 {
    let (mut total, mut current) = (0_i64, 0_i64);
    for value in values {
        match value {
            1000 => {
                total = total.saturating_add(current.max(1).saturating_mul(1000));
                current = 0;
            }
            100 => current = current.max(1).saturating_mul(100),
            value => current = current.saturating_add(*value),
        }
    }
    total.saturating_add(current)
}

/// A number as it is written, in thousandths, and with how many decimals. The last separator is the decimal
/// one if one or two digits follow it; three, where the currency has as many.
pub(super) fn written(word: &str, three: bool) -> (Option<i64>, usize) {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let last = word.rfind(['.', ',']);
    let limit = if three { 3 } else { 2 };
    let fraction =
        last.and_then(|at| word.get(at + 1..)).filter(|rest| (1..=limit).contains(&rest.len()));
    let (whole, fraction) = match (last, fraction) {
        (Some(at), Some(fraction)) => (word.get(..at).unwrap_or_default(), fraction),
        _ => (word, ""),
    };
    (format!("{}{fraction:0<3}", digits(whole)).parse().ok(), fraction.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_figures_are_numbers() {
        for (text, value) in [
            ("zwölf", 12),
            ("siebenundsiebzig", 77),
            ("neunzehn", 19),
            ("zweihundertfünfundzwanzig", 225),
            ("tausendeinhundert", 1100),
            ("dreissig", 30),
            ("fuenf", 5),
        ] {
            assert_eq!(word(text), Some(value), "{text}");
        }
        for text in ["hund", "rund", "und", "", "gesund", "hundertmal"] {
            assert_eq!(word(text), None, "{text}");
        }
        assert_eq!(joined(&[5, 100, 20, 5]), 525);
        assert_eq!(joined(&[2, 1000, 100]), 2100);
        assert_eq!(written("1.299,50", false), (Some(1_299_500), 2));
        assert_eq!(written("1'299", false), (Some(1_299_000), 0));
        assert_eq!(written("1.299", false), (Some(1_299_000), 0));
        assert_eq!(written("1.250", true), (Some(1_250), 3));
    }
}
