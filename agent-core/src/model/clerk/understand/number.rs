//! Numbers among the words of a message, in digits and in words.

use crate::model::clerk::understand::words::{number_of, plain, starts_with};
use crate::pack::Lexicon;

/// A number among words: where it stands and ends, and its value.
#[derive(Debug)]
pub(super) struct Number {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) value: String,
}

/// Whether words begin with a number.
pub(crate) fn counts(words: &[String], lexicon: &Lexicon) -> bool {
    words.first().is_some_and(|word| number_of(word).is_some())
        || spelled(words, 0, lexicon).is_some()
}

/// Where the number ends that words begin with, and what belongs to it: `three of`, `4 x`, `a pair of`.
pub(crate) fn count_end(words: &[String], lexicon: &Lexicon) -> Option<usize> {
    let digits = words.first().and_then(|word| number_of(word)).map(|_| 1);
    let end = spelled(words, 0, lexicon).map(|(_, to)| to).max(digits)?;
    let piece = |word: &&String| lexicon.pieces.contains(*word) || lexicon.times.contains(*word);
    Some(end + words.iter().skip(end).take_while(piece).count())
}

/// Numbers in digits and words: `a hundred and twenty` is one.
pub(super) fn numbers(words: &[String], lexicon: &Lexicon) -> Vec<Number> {
    let mut numbers: Vec<Number> = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        // `One litre`.
        let unit = words.get(at + 1).is_some_and(|it| lexicon.units.contains(it));
        // `Number one`.
        let before = at.checked_sub(1).and_then(|at| words.get(at));
        let named = before
            .is_some_and(|it| lexicon.size_words.contains(it) && !lexicon.fillers.contains(it));
        let one = Some("1").filter(|_| (unit || named) && lexicon.one.contains(word));
        if let Some(value) = number_of(word).or(one) {
            numbers.push(Number { from: at, to: at + 1, value: value.to_owned() });
            at += 1;
            continue;
        }
        let Some((value, to)) = spelled(words, at, lexicon) else {
            at += 1;
            continue;
        };
        // `A hundred and twenty` is one number, `a hundred and two hundred` are two.
        let joined = words.get(to).is_some_and(|word| lexicon.joins.contains(word));
        let rest = joined.then(|| spelled(words, to + 1, lexicon)).flatten();
        match rest.filter(|(rest, _)| value >= 100 && value % 100 == 0 && *rest < 100) {
            Some((rest, end)) => {
                numbers.push(Number { from: at, to: end, value: (value + rest).to_string() });
                at = end;
            }
            None => {
                numbers.push(Number { from: at, to, value: value.to_string() });
                at = to;
            }
        }
    }
    numbers
}

/// A number in words that begins here, and where it ends.
fn spelled(words: &[String], at: usize, lexicon: &Lexicon) -> Option<(i64, usize)> {
    let phrases = lexicon.numbers.iter().filter(|(said, _)| said.contains(' '));
    let phrase = phrases.filter_map(|(said, value)| {
        Some((*value, starts_with(words, at, std::slice::from_ref(said))?))
    });
    if let Some(phrase) = phrase.max_by_key(|(_, to)| *to) {
        return Some(phrase);
    }
    let (mut total, mut part, mut to) = (0_i64, 0_i64, at);
    // `One` counts only behind tens: `forty one`.
    let one = |word: &String, part: i64| {
        (part >= 20 && part % 10 == 0 && lexicon.one.contains(word)).then_some(1)
    };
    let value = |word: &String, part: i64| valued(word, lexicon).or_else(|| one(word, part));
    while let Some(value) = words.get(to).and_then(|word| value(word, part)) {
        let fits = to == at || value >= 100 || part % 100 == 0 || part % 10 == 0 && value < 10;
        if !fits {
            break;
        }
        if value >= 1_000 {
            total += part.max(1) * value;
            part = 0;
        } else if value == 100 && part > 0 {
            part *= value;
        } else {
            part += value;
        }
        to += 1;
    }
    (to > at).then_some((total + part, to))
}

/// The value of one word, also where it is made of several: `zweihundertachtzig`.
fn valued(word: &str, lexicon: &Lexicon) -> Option<i64> {
    if let Some(value) = lexicon.numbers.get(word) {
        return Some(*value);
    }
    let (mut total, mut rest, mut parts) = (0_i64, word, 0);
    while !rest.is_empty() {
        let said = lexicon.numbers.iter().filter(|(said, _)| rest.starts_with(said.as_str()));
        if let Some((said, value)) = said.max_by_key(|(said, _)| said.len()) {
            total = if *value == 100 && total > 0 { total * 100 } else { total + value };
            rest = rest.get(said.len()..)?;
            parts += 1;
        } else {
            let join = lexicon.joins.iter().find_map(|join| rest.strip_prefix(join.as_str()));
            rest = join.filter(|_| parts > 0)?;
        }
    }
    (parts > 1).then_some(total)
}

/// Whether a size is this measure: `45 l`, and `45 litres`. One without a unit is of any.
pub(crate) fn measures(size: &str, measure: &str) -> bool {
    let parts = |text: &str| -> (Vec<String>, Option<char>) {
        let words = plain(text);
        let number = |word: &&String| number_of(word).is_some();
        // The `g` of `250 g ground`.
        let unit = words.iter().rposition(|word| number(&word)).and_then(|at| words.get(at + 1));
        let numbers = words.iter().filter(number).map(|it| figure(it).to_owned()).collect();
        (numbers, unit.and_then(|unit| unit.chars().next()))
    };
    let ((has, unit), (wanted, said)) = (parts(size), parts(measure));
    !has.is_empty() && has == wanted && (said.is_none() || said == unit)
}

/// A number as it is compared: `2.0` is `2`.
fn figure(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

/// A share of a whole number, in hundredths.
pub(super) fn share(value: &str, percent: u64) -> Option<String> {
    let whole: u64 = value.split('.').next()?.parse().ok()?;
    Some((whole * percent / 100).to_string())
}

/// What a size says: its measure, and what stands behind that: the `250 g` and the `whole bean` of `250 g whole bean`.
pub(crate) fn parts_of(size: &str) -> Vec<String> {
    let words = plain(size);
    let number = |it: &String| number_of(it).is_some();
    let begins = words.first().is_some_and(number);
    let unit = words.iter().rposition(number).filter(|_| begins).map_or(0, |at| at + 2);
    let (measure, rest) = words.split_at(unit.min(words.len()));
    [measure, rest].into_iter().filter(|it| !it.is_empty()).map(|it| it.join(" ")).collect()
}
