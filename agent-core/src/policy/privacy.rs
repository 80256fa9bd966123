//! What is never kept: card numbers and secrets, taken out before anything is durable.
//!
//! PCI DSS 4.0.1, requirement 3: a card's number must not be stored in the clear. A number counts as a card's
//! when it has 13 to 19 digits, begins like an issuer's and passes the Luhn check (ISO/IEC 7812-1), whatever
//! separators or full-width digits it is written with.

use crate::id::RuleId;
use crate::message::{Inbound, InboundKind};

const CARD: &str = "[redacted card number]";
const SECRET: &str = "[redacted secret]";

/// The text without card numbers and secrets, and the rules that took something out.
#[must_use]
pub fn redact(text: &str) -> (String, Vec<RuleId>) {
    let (text, cards) = without_cards(text);
    let (text, secrets) = without_secrets(&text);
    let mut rules = Vec::new();
    if cards {
        rules.push(RuleId::from("retention.card"));
    }
    if secrets {
        rules.push(RuleId::from("retention.secret"));
    }
    (text, rules)
}

/// An inbound without card numbers and secrets, wherever a customer can write.
#[must_use]
pub fn redact_inbound(mut inbound: Inbound) -> Inbound {
    let clean = |text: &mut String| *text = redact(text).0;
    match &mut inbound.kind {
        InboundKind::Text(text)
        | InboundKind::Edit { text, .. }
        | InboundKind::Unsupported(text) => clean(text),
        InboundKind::Media { caption, .. } => clean(caption),
        InboundKind::Order { note, .. } => clean(note),
        InboundKind::Form { answers, .. } => answers.values_mut().for_each(redact_value),
        InboundKind::Contact(value) => redact_value(value),
        _ => {}
    }
    if let Some(referral) = &mut inbound.referral {
        redact_value(referral);
    }
    inbound
}

fn redact_value(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => *text = redact(text).0,
        serde_json::Value::Array(values) => values.iter_mut().for_each(redact_value),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(redact_value),
        _ => {}
    }
}

/// The rules whose marks stand in what came in: intake has redacted it.
#[must_use]
pub fn marks(inputs: &[Inbound]) -> Vec<RuleId> {
    let marked =
        |mark: &str| inputs.iter().filter_map(super::words).any(|text| text.contains(mark));
    let mut rules = Vec::new();
    if marked(CARD) {
        rules.push("retention.card".into());
    }
    if marked(SECRET) {
        rules.push("retention.secret".into());
    }
    rules
}

fn digit(c: char) -> Option<u32> {
    let c = match c {
        '\u{ff10}'..='\u{ff19}' => char::from_u32(c as u32 - 0xff10 + 0x30)?,
        c => c,
    };
    c.to_digit(10)
}

fn without_cards(text: &str) -> (String, bool) {
    let chars: Vec<char> = text.chars().collect();
    let mut kept = String::with_capacity(text.len());
    let (mut at, mut found) = (0, false);
    while let Some(c) = chars.get(at).copied() {
        let starts = digit(c).is_some()
            && at.checked_sub(1).and_then(|at| chars.get(at)).is_none_or(|c| digit(*c).is_none());
        match starts.then(|| card_end(&chars, at)).flatten() {
            Some(end) => {
                kept.push_str(CARD);
                at = end;
                found = true;
            }
            None => {
                kept.push(c);
                at += 1;
            }
        }
    }
    (kept, found)
}

/// Where the card number that begins here ends, if one does. The longest that passes.
fn card_end(chars: &[char], start: usize) -> Option<usize> {
    let mut digits = Vec::new();
    let (mut end, mut gap) = (None, 0);
    for (n, c) in chars.iter().enumerate().skip(start) {
        if let Some(digit) = digit(*c) {
            digits.push(digit);
            gap = 0;
            let next = chars.get(n + 1).and_then(|c| self::digit(*c));
            if next.is_none() && is_card(&digits) {
                end = Some(n + 1);
            }
            if digits.len() > 19 {
                return end;
            }
        } else if matches!(c, ' ' | '-' | '.' | '\u{a0}' | '/' | '–') && gap < 2 {
            gap += 1;
        } else {
            break;
        }
    }
    end
}

fn is_card(digits: &[u32]) -> bool {
    if !(13..=19).contains(&digits.len()) {
        return false;
    }
    let head = |n: usize| digits.iter().take(n).fold(0, |value, digit| value * 10 + digit);
    // Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay, Maestro.
    let issued = match digits.len() {
        13 => head(1) == 4,
        14 => matches!(head(2), 36 | 38 | 39) || (300..=305).contains(&head(3)),
        15 => matches!(head(2), 34 | 37),
        _ => {
            head(1) == 4
                || (51..=55).contains(&head(2))
                || (2221..=2720).contains(&head(4))
                || head(4) == 6011
                || matches!(head(2), 62 | 65 | 35)
                || (644..=649).contains(&head(3))
                || matches!(head(4), 5018 | 5020 | 5038 | 6304 | 6759 | 6761 | 6763)
        }
    };
    issued && luhn(digits)
}

fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(n, digit)| match n % 2 {
            0 => *digit,
            _ if *digit > 4 => digit * 2 - 9,
            _ => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

const KEY_HEADS: &[(&str, usize)] = &[
    ("sk-", 16),
    ("sk_live_", 12),
    ("sk_test_", 12),
    ("ghp_", 20),
    ("github_pat_", 20),
    ("xoxb-", 16),
    ("AKIA", 16),
    ("AIza", 30),
    ("eyJ", 40),
];
const NAMES: &[&str] = &[
    "password", "passwort", "passcode", "kennwort", "pin", "cvv", "cvc", "api key", "token",
    "secret",
];

fn without_secrets(text: &str) -> (String, bool) {
    let mut kept: Vec<String> = Vec::new();
    let (mut found, mut named) = (false, false);
    for word in text.split(' ') {
        let bare =
            word.trim_matches(|c: char| matches!(c, '"' | '\'' | ',' | ';' | '`' | '(' | ')'));
        let key = KEY_HEADS
            .iter()
            .any(|(head, rest)| bare.starts_with(head) && bare.len() >= head.len() + rest);
        let (name, value) = bare.split_once([':', '=']).unwrap_or((bare, ""));
        let names = NAMES.contains(&name.to_lowercase().as_str());
        if key || named && !bare.is_empty() && !matches!(bare, "is" | "ist" | ":" | "=") {
            kept.push(SECRET.to_owned());
            found = true;
            named = false;
        } else if names && !value.is_empty() {
            kept.push(format!("{name}: {SECRET}"));
            found = true;
        } else {
            // `password: xyz`, `password is xyz`: the next word is the secret.
            let colon = names && bare.len() > name.len();
            let is = matches!(bare, "is" | "ist" | ":" | "=")
                && kept.last().is_some_and(|last| NAMES.contains(&last.to_lowercase().as_str()));
            named = colon || is;
            kept.push(word.to_owned());
        }
    }
    (kept.join(" "), found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_numbers_and_secrets_are_taken_out_however_they_are_written() {
        for text in [
            "my card is 4242 4242 4242 4242 thanks",
            "4242-4242-4242-4242",
            "card:５５５５５５５５５５５５４４４４",
            "378282246310005",
            "my password: hunter22",
            "das passwort ist geheim123",
            "cvv=123",
            "key sk-abcdefghijklmnop1234",
        ] {
            let (clean, rules) = redact(text);
            assert!(!rules.is_empty(), "{text} → {clean}");
            assert!(
                !clean.contains("4242") && !clean.contains("hunter") && !clean.contains("geheim"),
                "{clean}"
            );
        }
    }

    #[test]
    fn order_numbers_phones_and_prices_stay() {
        for text in [
            "order 100200300400500",
            "call +49 170 1234567",
            "gtin 4006381333931",
            "between 40 and 120 euros, size 42",
            "1234567812345678",
            "I forgot my password, what now?",
        ] {
            assert_eq!(redact(text), (text.to_owned(), Vec::new()));
        }
    }
}
