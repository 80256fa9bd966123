//! What is never kept: card numbers and secrets, taken out before anything is durable.
//!
//! PCI DSS 4.0.1, requirement 3: a card's number must not be stored in the clear. A number counts as a card's
//! when it has 13 to 19 digits, begins like an issuer's and passes the Luhn check (ISO/IEC 7812-1), whatever
//! separators or full-width digits it is written with.

use crate::id::RuleId;
use crate::message::{
    AccountNews, Block, Control, Inbound, InboundKind, Native, REDACTED_CARD, REDACTED_SECRET,
};

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

/// An inbound without card numbers and secrets, wherever anybody can write.
#[must_use]
pub fn redact_inbound(mut inbound: Inbound) -> Inbound {
    let clean = |text: &mut String| *text = redact(text).0;
    match &mut inbound.kind {
        InboundKind::Text(text)
        | InboundKind::Edit { text, .. }
        | InboundKind::Enquiry { text, .. }
        | InboundKind::Unsupported(text) => clean(text),
        InboundKind::Media { media, caption } => {
            clean(caption);
            media.name.iter_mut().for_each(|name| *name = redact(name).0.into());
        }
        InboundKind::Order { note, .. } => clean(note),
        InboundKind::Location { called, .. } => clean(called),
        InboundKind::Control {
            command: Control::Say(text) | Control::Said { text, .. }, ..
        } => clean(text),
        InboundKind::Control { command: Control::Show(block), .. } => redact_shown(block),
        InboundKind::Account(AccountNews::Notice { facts, .. }) => redact_value(facts),
        InboundKind::Form { answers: facts, .. } | InboundKind::Event { facts, .. } => {
            for (name, value) in facts {
                redact_field(name.as_str(), value);
            }
        }
        InboundKind::Contact(value) => redact_value(value),
        _ => {}
    }
    if let Some(referral) = &mut inbound.referral {
        redact_value(referral);
    }
    inbound
}

/// The words a person of the shop wrote with what they show.
fn redact_shown(block: &mut Block) {
    let clean = |text: &mut String| *text = redact(text).0;
    match block {
        Block::Media { caption: text, .. }
        | Block::Form { ask: text, .. }
        | Block::AskLocation(text)
        | Block::Native(
            Native::Catalog { text }
            | Native::OrderStatus { text, .. }
            | Native::AskContact { text }
            | Native::AskAddress { text },
        ) => clean(text),
        Block::Native(Native::Carousel { text, slides }) => {
            clean(text);
            slides.iter_mut().for_each(|slide| clean(&mut slide.text));
        }
        Block::Template { slots, .. } => slots.iter_mut().for_each(|(_, text)| clean(text)),
        _ => {}
    }
}

fn redact_value(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => *text = redact(text).0,
        serde_json::Value::Array(values) => values.iter_mut().for_each(redact_value),
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                redact_field(name, value);
            }
        }
        serde_json::Value::Number(number) => {
            let (clean, rules) = redact(&number.to_string());
            if !rules.is_empty() {
                *value = clean.into();
            }
        }
        serde_json::Value::Null | serde_json::Value::Bool(_) => {}
    }
}

/// A field whose name says that it is a secret is one, whatever stands in it.
fn redact_field(name: &str, value: &mut serde_json::Value) {
    let secret = name.split(|c: char| !c.is_alphanumeric()).any(is_secrets_name);
    if secret && (value.is_string() || value.is_number()) {
        *value = REDACTED_SECRET.into();
    } else {
        redact_value(value);
    }
}

fn is_secrets_name(word: &str) -> bool {
    NAMES.contains(&word.to_lowercase().as_str())
}

/// The rules whose marks stand in what came in: intake has redacted it.
#[must_use]
pub fn marks(inputs: &[Inbound]) -> Vec<RuleId> {
    let texts: Vec<String> =
        inputs.iter().filter_map(|inbound| serde_json::to_string(&inbound.kind).ok()).collect();
    let marked = |mark: &str| texts.iter().any(|text| text.contains(mark));
    let mut rules = Vec::new();
    if marked(REDACTED_CARD) {
        rules.push("retention.card".into());
    }
    if marked(REDACTED_SECRET) {
        rules.push("retention.secret".into());
    }
    rules
}

fn digit(c: char) -> Option<u32> {
    let zero = ZEROS.iter().rev().find(|zero| **zero <= c)?;
    Some(c as u32 - *zero as u32).filter(|value| *value < 10)
}

/// The zeros of the scripts people type digits in; the nine others follow each (Unicode, `Nd`).
const ZEROS: &[char] = &[
    '0',
    '\u{660}',
    '\u{6f0}',
    '\u{7c0}',
    '\u{966}',
    '\u{9e6}',
    '\u{a66}',
    '\u{ae6}',
    '\u{b66}',
    '\u{be6}',
    '\u{c66}',
    '\u{ce6}',
    '\u{d66}',
    '\u{e50}',
    '\u{ed0}',
    '\u{f20}',
    '\u{1040}',
    '\u{17e0}',
    '\u{1810}',
    '\u{ff10}',
    '\u{1d7ce}',
    '\u{1d7d8}',
    '\u{1d7e2}',
    '\u{1d7ec}',
    '\u{1d7f6}',
];

fn without_cards(text: &str) -> (String, bool) {
    let chars: Vec<char> = text.chars().collect();
    let mut kept = String::with_capacity(text.len());
    let (mut at, mut found) = (0, false);
    while let Some(c) = chars.get(at).copied() {
        let starts = digit(c).is_some()
            && at.checked_sub(1).and_then(|at| chars.get(at)).is_none_or(|c| digit(*c).is_none());
        match starts.then(|| card_end(&chars, at)).flatten() {
            Some(end) => {
                kept.push_str(REDACTED_CARD);
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
        } else if !c.is_alphanumeric() && gap < GAP {
            gap += 1;
        } else {
            break;
        }
    }
    end
}

/// Signs that may stand between two digits of a card's number: ` - `, or what makes a digit an emoji.
const GAP: usize = 3;

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
    "password",
    "passwort",
    "passwd",
    "passcode",
    "passphrase",
    "kennwort",
    "pin",
    "cvv",
    "cvc",
    "cvv2",
    "cvc2",
    "apikey",
    "token",
    "secret",
    "sicherheitscode",
    "prüfnummer",
    "prüfziffer",
];
/// Those that are digits: "the pin is gold" is about a brooch.
const CODES: &[&str] = &["pin", "cvv", "cvc", "cvv2", "cvc2", "prüfnummer", "prüfziffer"];
/// Words before "key" that make it one.
const KEYS: &[&str] = &["api", "secret", "access", "private", "api-", "license", "licence"];
/// Words between a secret's name and the secret.
const LINKS: &[&str] = &["is", "ist", "lautet", "are", "was", "war", ":", "=", "code", "number"];

fn without_secrets(text: &str) -> (String, bool) {
    let mut kept = String::with_capacity(text.len());
    let (mut found, mut before) = (false, String::new());
    // The name of a secret that was read, and whether a word led on from it to the secret.
    let mut named: Option<(String, bool)> = None;
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end_matches(char::is_whitespace);
        let space = piece.get(word.len()..).unwrap_or_default();
        let bare =
            word.trim_matches(|c: char| matches!(c, '"' | '\'' | ',' | ';' | '`' | '(' | ')'));
        let lower = bare.to_lowercase();
        let (name, value) = lower.split_once([':', '=']).unwrap_or((&lower, ""));
        let names = is_secrets_name(name) || name == "key" && KEYS.contains(&before.as_str());
        let secret = named.as_ref().is_some_and(|(name, led)| is_secret(name, *led, bare));
        if is_key(bare) || secret {
            kept.push_str(REDACTED_SECRET);
            found = true;
            named = None;
        } else if names && !value.is_empty() {
            kept.push_str(&format!("{name}: {REDACTED_SECRET}"));
            found = true;
            named = None;
        } else {
            kept.push_str(word);
            if names {
                named = Some((name.to_owned(), name != lower));
            } else if LINKS.contains(&lower.as_str()) {
                named = named.map(|(name, _)| (name, true));
            } else if !lower.is_empty() {
                named = None;
            }
        }
        kept.push_str(space);
        before = lower;
    }
    (kept, found)
}

/// Whether a word after a secret's name is the secret: where a word or sign led to it, or it looks like a code.
fn is_secret(name: &str, led: bool, word: &str) -> bool {
    let code = word.trim_end_matches(['.', '!', '?']);
    let code = (3..=8).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
    let link = word.is_empty() || LINKS.contains(&word.to_lowercase().as_str());
    code || led && !link && !CODES.contains(&name)
}

/// A key of a known service, by how it begins.
fn is_key(word: &str) -> bool {
    KEY_HEADS.iter().any(|(head, rest)| word.starts_with(head) && word.len() >= head.len() + rest)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

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
            "my password is\nhunter2",
            "PIN 4242, please",
            "api key: hunter2",
            "4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣",
            "4242\u{200b}4242\u{200b}4242\u{200b}4242",
            "4242_4242_4242_4242 12/27",
            "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢",
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
            "my pin is",
            "the pin is gold",
            "the key to a good fit is the shoulder",
            "do you have a token of appreciation?",
        ] {
            assert_eq!(redact(text), (text.to_owned(), Vec::new()));
        }
    }

    #[test]
    fn nothing_that_can_be_written_keeps_them() {
        let card = json!(4_242_424_242_424_242_u64);
        let fields = |name: &str, value: &Value| BTreeMap::from([(name.into(), value.clone())]);
        let said = "mine is 4242424242424242".to_owned();
        for kind in [
            InboundKind::Text(said.clone()),
            InboundKind::Edit { of: "m".into(), text: said.clone() },
            InboundKind::Order { lines: Vec::new(), note: said.clone() },
            InboundKind::Form { name: "pay".into(), answers: fields("card", &card) },
            InboundKind::Form {
                name: "login".into(),
                answers: fields("your-password", &json!("4242")),
            },
            InboundKind::Contact(json!({ "notes": [&said] })),
            InboundKind::Event { name: "paid".into(), facts: fields("by", &json!({"with": card})) },
            InboundKind::Control { by: "anna".into(), command: Control::Say(said.clone()) },
        ] {
            let inbound = Inbound {
                id: "m".into(),
                at: crate::time::Micros(0),
                from: None,
                aliases: Vec::new(),
                kind,
                reply_to: None,
                referral: Some(json!({"ref": said})),
            };
            let clean = redact_inbound(inbound);
            let json = serde_json::to_string(&clean).unwrap();
            assert!(!json.contains("4242"), "{json}");
            assert_eq!(marks(&[clean]).len(), 1, "{json}");
        }
    }
}
