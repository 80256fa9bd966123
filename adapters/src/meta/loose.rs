//! Reads JSON that nobody promised anything about: numbers for strings, keys told twice, halves of characters.

use std::borrow::Cow;
use std::collections::BTreeMap;

use agent_core::digest::Digest;
use agent_core::time::Micros;
use serde_json::Value;
use serde_json::value::RawValue;

/// From this on a number of seconds would be the year 33,658: these are milliseconds.
const MILLISECONDS: i64 = 1_000_000_000_000;
/// Characters of a text that are read; WhatsApp takes 4,096, and nobody reads more.
const LONG: usize = 16_384;

/// The bytes as JSON text: no mark of byte order, no bytes that are no UTF-8, no half of a surrogate pair,
/// which clients make that cut an emoji in two, and which no parser of JSON takes.
pub(crate) fn scrub(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        clean.push_str(before);
        let length = match unit(escape) {
            Some(0xd800..=0xdbff) => {
                let low = escape.get(6..).and_then(unit);
                if matches!(low, Some(0xdc00..=0xdfff)) { 12 } else { 0 }
            }
            Some(0xdc00..=0xdfff) => 0,
            Some(_) => 6,
            // An escape of one character, which may be a backslash.
            None => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        let (kept, tail) = match length {
            0 => ("\\ufffd", escape.get(6..)),
            length => (escape.get(..length).unwrap_or(escape), escape.get(length..)),
        };
        clean.push_str(kept);
        rest = tail.unwrap_or_default();
    }
    clean.push_str(rest);
    clean
}

/// The code unit of `\uXXXX` at the beginning.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

/// The fields of an object; of a key told twice, the last.
pub(crate) fn fields(raw: &RawValue) -> BTreeMap<String, &RawValue> {
    serde_json::from_str(raw.get()).unwrap_or_default()
}

/// The elements of an array; none of anything else.
pub(crate) fn items<'a>(raw: Option<&&'a RawValue>) -> Vec<&'a RawValue> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

/// A whole value; none when it is too deep to be read.
pub(crate) fn value(raw: &RawValue) -> Option<Value> {
    serde_json::from_str(raw.get()).ok()
}

/// The text at a path: a string that is not empty, or a number. No NUL is in it, which no store key or log takes.
pub(crate) fn text(value: &Value, path: &str) -> Option<String> {
    let found = match value.pointer(path)? {
        Value::String(text) => Cow::Borrowed(text.as_str()),
        Value::Number(number) => Cow::Owned(number.to_string()),
        _ => return None,
    };
    let text: String = found.chars().filter(|c| *c != '\0').take(LONG).collect();
    (!text.is_empty()).then_some(text)
}

/// Whether something is said to be so.
pub(crate) fn is(value: &Value, path: &str) -> bool {
    matches!(value.pointer(path), Some(Value::Bool(true)))
}

/// A moment: seconds or milliseconds, as number or string, or a date and time with its offset. What lies in
/// the future is now: a customer can't have written yet. So is what can't be read.
pub(crate) fn time(value: &Value, path: &str, now: Micros) -> Micros {
    moment(value, path).unwrap_or(now).min(now)
}

/// A moment, wherever it lies.
pub(crate) fn moment(value: &Value, path: &str) -> Option<Micros> {
    let told = text(value, path)?;
    let Ok(number) = told.trim().parse::<i64>() else { return date(told.trim()) };
    let micros = if number >= MILLISECONDS { 1_000 } else { 1_000_000 };
    number.checked_mul(micros).filter(|micros| *micros > 0).map(Micros)
}

/// `2021-09-08T06:34:04+0000`, in UTC, as Graph writes it. The days by Howard Hinnant's `days_from_civil`.
fn date(text: &str) -> Option<Micros> {
    let zone = text.get(19..)?;
    if !matches!(zone, "+0000" | "Z" | "+00:00") {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let y = if month <= 2 { year - 1 } else { year };
    let (era, yoe) = (y.div_euclid(400), y.rem_euclid(400));
    let doy = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468;
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(Micros(seconds.checked_mul(1_000_000)?))
}

/// A SHA-256 as base64, as webhooks write it, or in hexadecimal, as the API does.
pub(crate) fn sha256(text: &str) -> Option<Digest> {
    let bytes = if text.len() == 64 { hex::decode(text).ok()? } else { base64(text)? };
    bytes.try_into().ok().map(Digest)
}

/// Base64 (RFC 4648, section 4), padded or not.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for c in text.trim_end_matches('=').bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = (held << 6 | u32::from(value)) & 0xff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_characters_are_replaced_and_nothing_else_is() {
        for (text, clean) in [
            (r#"{"a":"x\ud83d"}"#, r#"{"a":"x\ufffd"}"#),
            (r#"{"a":"\ude00\ud83d\ude00"}"#, r#"{"a":"\ufffd\ud83d\ude00"}"#),
            (r#"{"a":"\\ud83d \/ \" \u00e9"}"#, r#"{"a":"\\ud83d \/ \" \u00e9"}"#),
            (r#"{"a":"\ud83d\u0041"}"#, r#"{"a":"\ufffd\u0041"}"#),
            ("\u{feff}{\"a\":\"\\", "{\"a\":\"\\"),
            ("\\ud83é", "\\ud83é"),
        ] {
            assert_eq!(scrub(text.as_bytes()), clean);
        }
        assert_eq!(scrub(b"{\"a\":\"\xff\"}"), "{\"a\":\"\u{fffd}\"}");
    }

    #[test]
    fn times_are_read_however_they_are_written() {
        let now = Micros(1_800_000_000_000_000);
        let at = |json: &str| time(&serde_json::from_str(json).unwrap(), "/t", now).0 / 1_000_000;
        assert_eq!(at(r#"{"t":"1749416383"}"#), 1_749_416_383);
        assert_eq!(at(r#"{"t":1749416383}"#), 1_749_416_383);
        assert_eq!(at(r#"{"t":1749416383999}"#), 1_749_416_383);
        assert_eq!(at(r#"{"t":"2021-09-08T06:34:04+0000"}"#), 1_631_082_844);
        for odd in [r#"{"t":"soon"}"#, r#"{"t":-5}"#, r#"{"t":9e99}"#, "{}", r#"{"t":1900000000}"#]
        {
            assert_eq!(at(odd), 1_800_000_000, "{odd}");
        }
    }

    #[test]
    fn a_hash_is_read_in_both_its_forms() {
        let bytes = [7_u8; 32];
        assert_eq!(sha256(&hex::encode(bytes)), Some(Digest(bytes)));
        assert_eq!(sha256("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="), Some(Digest(bytes)));
        assert_eq!(sha256("short"), None);
    }
}
