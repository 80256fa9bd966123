//! Dates and stretches of time in a text. Minutes and seconds are nobody's promise.

use super::token::Token;
use super::{Claim, Kind, Words};

const MONTHS: &[&[&str]] = &[
    &["january", "jan", "januar", "jänner"],
    &["february", "feb", "februar"],
    &["march", "mar", "märz"],
    &["april", "apr"],
    &["may", "mai"],
    &["june", "jun", "juni"],
    &["july", "jul", "juli"],
    &["august", "aug"],
    &["september", "sep", "sept"],
    &["october", "oct", "oktober", "okt"],
    &["november", "nov"],
    &["december", "dec", "dezember", "dez"],
];
const UNITS: &[(&str, &[&str])] = &[
    ("hour", &["hour", "hours", "stunde", "stunden"]),
    ("day", &["day", "days", "tag", "tage", "tagen", "werktag", "werktage", "werktagen"]),
    ("week", &["week", "weeks", "woche", "wochen"]),
    ("month", &["month", "months", "monat", "monate", "monaten"]),
];
const ADJECTIVES: &[&str] = &["business", "working", "more", "full"];
const DAYS: &[&str] = &[
    "today",
    "tonight",
    "tomorrow",
    "overnight",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "heute",
    "morgen",
    "übermorgen",
    "montag",
    "dienstag",
    "mittwoch",
    "donnerstag",
    "freitag",
    "samstag",
    "sonntag",
];
/// Words that make a day a promise.
const PROMISES: &[&str] = &[
    "arrive",
    "arrives",
    "delivered",
    "deliver",
    "delivery",
    "ship",
    "ships",
    "shipped",
    "dispatched",
    "geliefert",
    "lieferung",
    "liefern",
    "kommt",
    "verschickt",
    "versandt",
];

/// The dates, days and stretches of time among tokens.
pub(super) fn read(tokens: &[Token], words: &Words, claims: &mut Vec<Claim>) {
    let promised = tokens.iter().any(|token| PROMISES.contains(&token.text.as_str()));
    for (at, token) in tokens.iter().enumerate() {
        let get = |n: usize| tokens.get(n).map_or("", |token| token.text.as_str());
        if promised && DAYS.contains(&token.text.as_str()) {
            claims.push(Claim::new(&token.raw, Kind::Day(token.text.clone())));
        }
        if let Some(month) = month(&token.text) {
            let near = [at.checked_sub(1), at.checked_sub(2), Some(at + 1), Some(at + 2)];
            let day = near.into_iter().flatten().find_map(|n| day(tokens.get(n)?));
            if let Some(day) = day {
                claims.push(Claim::new(
                    &format!("{day} {}", token.raw),
                    Kind::Date(vec![(month, day)]),
                ));
            }
        }
        let money = |n: Option<usize>| {
            n.and_then(|n| tokens.get(n)).is_some_and(|token| words.currency(token).is_some())
        };
        let priced = || money(at.checked_sub(1)) || money(Some(at + 1));
        if let Some(dates) = figures(tokens, at).filter(|_| !priced()) {
            claims.push(Claim::new(&token.raw, Kind::Date(dates)));
        }
        let Some(value) = token.number else { continue };
        let unit = (at + 1..at + 3).find(|n| !ADJECTIVES.contains(&get(*n)) && get(*n) != "-");
        let unit = unit.and_then(|n| unit_of(get(n)));
        let ranged = matches!(get(at + 1), "-" | "–" | "to" | "bis" | "or" | "oder");
        let unit = unit.or_else(|| unit_of(get(at + 3)).filter(|_| ranged));
        if let Some(unit) = unit {
            let words = format!("{} {unit}", token.raw);
            claims.push(Claim::new(&words, Kind::Span(value / 1000, unit)));
        }
    }
}

fn month(word: &str) -> Option<u8> {
    let at = MONTHS.iter().position(|names| names.contains(&word))?;
    u8::try_from(at + 1).ok()
}

fn day(token: &Token) -> Option<u8> {
    let value = token.number.filter(|_| token.decimals == 0)? / 1000;
    u8::try_from(value).ok().filter(|day| (1..=31).contains(day))
}

fn unit_of(word: &str) -> Option<&'static str> {
    UNITS.iter().find(|(_, words)| words.contains(&word)).map(|(unit, _)| *unit)
}

/// `24.12.`, `2026-12-24` and `12/24`, as month and day; where both readings are possible, both.
fn figures(tokens: &[Token], at: usize) -> Option<Vec<(u8, u8)>> {
    let raw = tokens.get(at)?.raw.as_str();
    let get = |n: usize| tokens.get(n).map_or("", |token| token.raw.as_str());
    let number = |text: &str| text.parse::<u8>().ok();
    let dotted: Vec<&str> = raw.split('.').collect();
    let (first, second) = match dotted.as_slice() {
        [day, month, year] if year.len() == 4 || year.len() == 2 => (number(day)?, number(month)?),
        [day, month] if get(at + 1) == "." => (number(day)?, number(month)?),
        _ if get(at + 1) == "/" && raw.len() <= 2 => (number(raw)?, number(get(at + 2))?),
        [year] if year.len() == 4 && get(at + 1) == "-" && get(at + 3) == "-" => {
            (number(get(at + 4))?, number(get(at + 2))?)
        }
        _ => return None,
    };
    let slash = get(at + 1) == "/";
    let dates = [(second, first), (first, second)];
    let possible = |(month, day): &(u8, u8)| (1..=12).contains(month) && (1..=31).contains(day);
    let dates: Vec<(u8, u8)> =
        dates.into_iter().take(if slash { 2 } else { 1 }).filter(possible).collect();
    // "36/38" is a size, "1/2" a half: a slash alone makes a date only with a year.
    let year = get(at + 3) == "/" && get(at + 4).len() >= 2;
    (!dates.is_empty() && (!slash || year)).then_some(dates)
}
