//! Amounts of money and percentages in a text.

use super::token::Token;
use super::{Amount, Claim, Kind, Words, number};
use crate::id::Name;
use crate::money::{decimals, family};

/// Names and signs of money, and the family each belongs to: a `$` is any dollar.
const SIGNS: &[(&str, &[&str])] = &[
    ("€", &["€", "eur", "euro", "euros", "euronen", "teuro"]),
    ("$", &["$", "usd", "dollar", "dollars", "buck", "bucks"]),
    ("£", &["£", "gbp", "pound", "pounds", "quid", "pfund"]),
    ("¥", &["¥", "jpy", "yen", "yuan", "rmb"]),
    ("CHF", &["chf", "sfr", "franken", "francs"]),
    ("kr", &["kr", "kronor", "kroner", "kronen", "sek", "nok", "dkk"]),
    ("PLN", &["zł", "zloty", "pln"]),
    ("INR", &["₹", "rupee", "rupees"]),
];
/// A hundredth of some money.
const CENTS: &[&str] = &["cent", "cents", "¢", "pence", "penny", "rappen"];
/// Codes of ISO 4217 that are words when they are shouted.
const SHOUTED: &[&str] = &["ALL", "TRY", "TOP", "CUP", "MAD", "COP", "RON", "SOS", "PEN", "GEL"];
/// Signs that may stand between a number and its currency.
const BETWEEN: &[&str] = &["(", ")", "[", "]", "-", "–", "—", "=", ":", "\"", "'", "≈", "+"];
/// What makes two numbers a range.
const RANGE: &[&str] = &["-", "–", "—", "/", "to", "or", "and", "bis", "oder", "und"];
/// Words before a number that make it a price.
const PRICES: &[&str] = &[
    "price", "prices", "priced", "cost", "costs", "costing", "pay", "worth", "total", "totals",
    "preis", "preise", "kostet", "kosten", "gesamt", "summe", "zahlst", "zahlen",
];
/// Words between those and the number.
const LEADING: &[&str] = &[
    ":", "=", "is", "are", "of", "at", "just", "only", "now", "you", "it", "about", "around",
    "would", "be", "comes", "to", "ist", "sind", "nur", "jetzt", "von", "bei", "sie", "dich",
    "euch", "das", "etwa", "rund", "beträgt", "nun", "for", "für", "a", "mere",
];
/// Units that make two decimals no price.
const UNITS: &[&str] = &[
    "kg", "g", "mg", "l", "ml", "cm", "mm", "m", "km", "inch", "inches", "oz", "lb", "lbs", "cl",
    "star", "stars", "sterne", "sternen", "uhr", "am", "pm", "h", ":",
];

/// The money a token names: none when it names none; within, its family where that is known.
pub(super) fn currency(token: &Token) -> Option<Option<Name>> {
    let known = SIGNS.iter().find(|(_, words)| words.contains(&token.text.as_str()));
    if let Some((family, _)) = known {
        return Some(Some((*family).into()));
    }
    let code = token.raw.as_str();
    if !SHOUTED.contains(&code) && decimals(code).is_some() {
        return Some(Some(family(code)));
    }
    let sign = token.raw.chars().next().is_some_and(|c| {
        matches!(c, '\u{20a0}'..='\u{20c1}' | '¤' | '֏' | '؋' | '৳' | '฿' | '៛' | '﷼')
    });
    (sign || CENTS.contains(&token.text.as_str())).then_some(None)
}

/// The amounts and percentages among tokens.
pub(super) fn read(tokens: &[Token], words: &Words) -> Vec<Claim> {
    let mut claims = Vec::new();
    let mut later: Option<(usize, Name)> = None;
    // From the end, for "10 to 20 euros" says the currency once.
    for (at, token) in tokens.iter().enumerate().rev() {
        let Some(value) = token.number else { continue };
        let get = |n: usize| tokens.get(n).map_or("", |token| token.text.as_str());
        let after = get(at + 1);
        let percent = matches!(after, "%" | "percent" | "prozent" | "pct" | "prozentig")
            || after == "per" && get(at + 2) == "cent"
            || after == "-" && matches!(get(at + 2), "percent" | "prozent");
        if percent {
            claims.push(Claim::new(&format!("{} {after}", token.raw), Kind::Percent(value)));
            continue;
        }
        let range = RANGE.contains(&after) && !get(at + 2).is_empty();
        let ranged = later.as_ref().filter(|(n, _)| range && *n == at + 2).map(|(_, it)| it);
        let (beside, word) = match (beside(tokens, at, words), ranged) {
            (Some((currency, word)), _) => (Some(currency), word),
            (None, Some(currency)) => (Some(Some(currency.clone())), after.to_owned()),
            (None, None) => (None, String::new()),
        };
        let priced = || priced(tokens, at) || token.decimals == 2 && !UNITS.contains(&after);
        let currency = match beside {
            Some(currency) => currency,
            None if priced() => None,
            None => continue,
        };
        let three = currency.as_ref().is_some_and(|it| decimals(it.as_str()) == Some(3));
        let value =
            if three { number::written(&token.raw, true).0.unwrap_or(value) } else { value };
        let value = match word.as_str() {
            cents if CENTS.contains(&cents) => value / 100,
            _ if matches!(after, "k" | "tsd") => value.saturating_mul(1000),
            _ => value,
        };
        if let Some(currency) = &currency {
            later = Some((at, currency.clone()));
        }
        let said = format!("{} {word}", token.raw);
        claims.push(Claim::new(said.trim(), Kind::Amount(Amount { value, currency })));
    }
    claims.reverse();
    claims
}

type Found = (Option<Name>, String);

/// The currency beside a number, and the word that names it.
fn beside(tokens: &[Token], at: usize, words: &Words) -> Option<Found> {
    let found = |n: usize| {
        let token = tokens.get(n)?;
        Some((words.currency(token)?, token.text.clone()))
    };
    let dash =
        |n: usize| tokens.get(n).is_some_and(|it| matches!(it.text.as_str(), "-" | "–" | "—"));
    let between = |n: usize| {
        let text = tokens.get(n).map_or("", |token| token.text.as_str());
        BETWEEN.contains(&text) || matches!(text, "," | ".") && dash(n + 1)
    };
    let number = |n: usize| tokens.get(n).is_some_and(|token| token.number.is_some());
    let weight = |n: usize| tokens.get(n).is_some_and(|token| token.text == "of");
    let thousand = tokens.get(at + 1).is_some_and(|it| matches!(it.text.as_str(), "k" | "tsd"));
    let next = at + 1 + usize::from(thousand);
    // A sign written to the next number is that number's.
    let nexts = |n: usize| number(n + 1) && tokens.get(n + 1).is_some_and(|it| it.glued);
    let own = |n: usize| tokens.get(n).is_some_and(|it| it.glued) || !nexts(n);
    let after = found(next).filter(|_| own(next) && !weight(next + 1)).or_else(|| {
        let skipped = (next..next + 3).take_while(|n| between(*n)).count();
        let sign = next + skipped;
        found(sign).filter(|_| skipped > 0 && !number(sign + 1))
    });
    after.or_else(|| {
        let before = at.checked_sub(1)?;
        found(before).or_else(|| {
            let skipped = (0..2).take_while(|n| before >= *n && between(before - n)).count();
            before.checked_sub(skipped).filter(|_| skipped > 0).and_then(found)
        })
    })
}

/// Whether words before a bare number make it a price, and none after it something else.
fn priced(tokens: &[Token], at: usize) -> bool {
    let before = tokens.get(..at).unwrap_or_default().iter().rev();
    let word = before.map(|it| it.text.as_str()).take(4).find(|word| !LEADING.contains(word));
    let noun = tokens.get(at + 1).is_some_and(|next| {
        next.raw.chars().all(char::is_alphabetic) && !FOLLOWING.contains(&next.text.as_str())
    });
    word.is_some_and(|word| PRICES.contains(&word)) && !noun
}

/// Words that may follow a price without making it a count.
const FOLLOWING: &[&str] = &[
    "now",
    "today",
    "only",
    "each",
    "per",
    "instead",
    "and",
    "or",
    "right",
    "for",
    "with",
    "in",
    "if",
    "all",
    "total",
    "a",
    "jetzt",
    "heute",
    "pro",
    "je",
    "statt",
    "nur",
    "und",
    "oder",
    "für",
    "mit",
    "im",
    "wenn",
    "insgesamt",
    "apiece",
    "flat",
    "so",
    "but",
    "aber",
];
