//! Bytes and fields as plain text.

use std::borrow::Cow;

/// A file as UTF-8, without its mark: UTF-16 is read where the mark says so. None when it is neither.
///
/// Bytes after the mark may still hold lines that are not UTF-8; each is reported where it stands.
pub(super) fn decoded(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, odd) = rest.as_chunks::<2>();
        let text: Result<String, _> =
            char::decode_utf16(pairs.iter().map(|it| unit(*it))).collect();
        text.ok().filter(|_| odd.is_empty()).map(|text| Cow::Owned(text.into_bytes()))
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => Some(Cow::Borrowed(rest)),
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ if bytes.iter().take(512).any(|byte| *byte == 0) => None,
        _ => Some(Cow::Borrowed(bytes)),
    }
}

/// Plain text: no markup, no invisible or turning characters, single spaces, at most so many characters.
pub(super) fn clean(text: &str, max: usize) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            // `<b>` is markup; `< 5 kg` is not, nor is what never closes.
            '<' if rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!') => {
                match rest.split_once('>') {
                    Some((_, after)) => {
                        plain.push(' ');
                        rest = after;
                    }
                    None => plain.push(c),
                }
            }
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}' => {}
            c if c.is_control() => plain.push(' '),
            c => plain.push(c),
        }
    }
    let mut joined = String::with_capacity(plain.len().min(max));
    for word in plain.split_whitespace() {
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(word);
    }
    match joined.char_indices().nth(max) {
        Some((at, _)) => joined.get(..at).unwrap_or_default().to_owned(),
        None => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_what_is_not_seen_leave_a_text() {
        assert_eq!(clean("<p class='x'>Blue</p>\u{200b} hat\t\u{202e}now<br>", 99), "Blue hat now");
        assert_eq!(clean("under < 5 kg, 3<4 and <3", 99), "under < 5 kg, 3<4 and <3");
        assert_eq!(clean("äöü", 2), "äö");
    }
}
