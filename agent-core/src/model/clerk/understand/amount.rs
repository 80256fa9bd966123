//! Amounts, sizes and counts among the words of a message.

use crate::model::clerk::understand::words::number_of;
use crate::pack::Lexicon;

/// What numbers among words mean.
#[derive(Clone, Debug, Default)]
pub(crate) struct Amounts {
    pub(crate) at_least: Option<String>,
    pub(crate) at_most: Option<String>,
    pub(crate) size: Option<String>,
    pub(crate) quantity: Option<u32>,
    /// Which words were used.
    pub(crate) used: Vec<bool>,
}

/// A number among words: where it stands and ends, and its value.
struct Number {
    from: usize,
    to: usize,
    value: String,
}

/// Reads the numbers of a message.
pub(crate) fn read(words: &[String], lexicon: &Lexicon) -> Amounts {
    let mut amounts = Amounts { used: vec![false; words.len()], ..Amounts::default() };
    let numbers = numbers(words, lexicon);
    let cue = |list: &[String], end: usize| ends_with(words, end, list);
    let money = |at: usize| words.get(at).is_some_and(|word| lexicon.amounts.money.contains(word));
    let mut n = 0;
    while let Some(number) = numbers.get(n) {
        let begin =
            if number.from > 0 && money(number.from - 1) { number.from - 1 } else { number.from };
        let end = if money(number.to) { number.to + 1 } else { number.to };
        let paid = begin < number.from || end > number.to;
        let size = cue(&lexicon.size_words, begin);
        let mut used = (begin, end);
        let range =
            words.get(end).filter(|word| lexicon.amounts.to.contains(word)).and(numbers.get(n + 1));
        let range =
            range.filter(|next| next.from == end + 1 || money(end + 1) && next.from == end + 2);
        if let Some(next) = range
            .filter(|next| cue(&lexicon.amounts.between, begin).is_some() || paid || money(next.to))
        {
            amounts.at_least = Some(number.value.clone());
            amounts.at_most = Some(next.value.clone());
            let from = cue(&lexicon.amounts.between, begin).unwrap_or(begin);
            used = (from, if money(next.to) { next.to + 1 } else { next.to });
            n += 1;
        } else if let Some(from) = cue(&lexicon.amounts.at_most, begin) {
            amounts.at_most = Some(number.value.clone());
            used.0 = from;
        } else if let Some(from) = cue(&lexicon.amounts.at_least, begin).filter(|_| size.is_none())
        {
            amounts.at_least = Some(number.value.clone());
            used.0 = from;
        } else if let Some(from) = cue(&lexicon.amounts.around, begin) {
            amounts.at_least = share(&number.value, 80);
            amounts.at_most = share(&number.value, 120);
            used.0 = from;
        } else if let Some(to) = starts_with(words, end, &lexicon.amounts.or_less) {
            amounts.at_most = Some(number.value.clone());
            used.1 = to;
        } else if paid {
            amounts.at_most = Some(number.value.clone());
        } else if let Some(from) = size.filter(|_| number_of(&number.value).is_some()) {
            amounts.size = Some(number.value.clone());
            used.0 = from;
        } else if let Some(quantity) = number.value.parse().ok().filter(|quantity| *quantity < 100)
        {
            amounts.quantity = amounts.quantity.or(Some(quantity));
        } else {
            used = (0, 0);
        }
        for used in amounts.used.iter_mut().take(used.1).skip(used.0) {
            *used = true;
        }
        n += 1;
    }
    amounts
}

/// A share of a whole number, in hundredths.
fn share(value: &str, percent: u64) -> Option<String> {
    let whole: u64 = value.split('.').next()?.parse().ok()?;
    Some((whole * percent / 100).to_string())
}

/// Numbers in digits and words: `a hundred and twenty` is one.
fn numbers(words: &[String], lexicon: &Lexicon) -> Vec<Number> {
    let mut numbers = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if let Some(value) = number_of(word) {
            numbers.push(Number { from: at, to: at + 1, value: value.to_owned() });
            at += 1;
            continue;
        }
        let from = at;
        let mut total: Option<i64> = None;
        while let Some(value) = words.get(at).and_then(|word| lexicon.numbers.get(word)) {
            total = Some(match total {
                Some(total) if *value >= 100 => total * value,
                Some(total) if total >= 20 && *value < total => total + value,
                Some(_) => break,
                None => *value,
            });
            at += 1;
        }
        match total {
            Some(total) => numbers.push(Number { from, to: at, value: total.to_string() }),
            None => at += 1,
        }
    }
    numbers
}

/// Where the cue begins that ends here, if one does.
fn ends_with(words: &[String], end: usize, cues: &[String]) -> Option<usize> {
    let before = words.get(..end)?;
    cues.iter().find_map(|cue| {
        let cue: Vec<&str> = cue.split(' ').collect();
        let from = end.checked_sub(cue.len())?;
        before
            .get(from..)
            .filter(|words| words.iter().zip(&cue).all(|(word, cue)| word == cue))
            .map(|_| from)
    })
}

/// Where the cue ends that begins here, if one does.
fn starts_with(words: &[String], from: usize, cues: &[String]) -> Option<usize> {
    cues.iter().find_map(|cue| {
        let cue: Vec<&str> = cue.split(' ').collect();
        let to = from + cue.len();
        words
            .get(from..to)
            .filter(|words| words.iter().zip(&cue).all(|(word, cue)| word == cue))
            .map(|_| to)
    })
}
