//! A text as words, numbers and signs, whatever markup and invisible characters stand between them.

use unicode_normalization::UnicodeNormalization as _;

use super::{Words, number};

/// One word, number or sign.
#[derive(Debug)]
pub(super) struct Token {
    /// As it was written.
    pub(super) raw: String,
    /// In lower case.
    pub(super) text: String,
    /// In thousandths, where it is a number.
    pub(super) number: Option<i64>,
    /// The number its word says.
    named: Option<i64>,
    /// How many decimals it was written with.
    pub(super) decimals: usize,
    /// No space stands before it.
    pub(super) glued: bool,
}

/// Full-width letters as plain ones, and nothing a reader does not see.
pub(super) fn visible(text: &str) -> String {
    text.nfkc().filter(|c| !is_invisible(*c)).collect()
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{20e3}' | '\u{e0000}'..='\u{e007f}')
}

/// A visible text without markup: `**12**.<b>99</b>` is `12.99`.
pub(super) fn without_markup(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        plain.push_str(before);
        let named = tag.chars().nth(1).is_some_and(|c| c.is_ascii_alphabetic() || c == '/');
        match tag.find('>').filter(|_| named) {
            Some(end) => rest = tag.get(end + 1..).unwrap_or_default(),
            None => {
                plain.push('<');
                rest = tag.get(1..).unwrap_or_default();
            }
        }
    }
    plain.push_str(rest);
    plain.retain(|c| !matches!(c, '*' | '_' | '~' | '`' | '|'));
    plain
}

/// The tokens of a text without markup.
pub(super) fn tokens(text: &str, words: &Words) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let get = |at: usize| chars.get(at).copied().unwrap_or(' ');
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let start = at;
        let c = get(at);
        if c.is_whitespace() {
            at += 1;
            continue;
        }
        let mut number = None;
        let mut decimals = 0;
        if c.is_ascii_digit() {
            at = digits_end(&chars, at);
            // After a letter it is part of a name: `e3`, `A4`, `RJ-12`. After a currency it is not.
            let named = tokens.last().is_some_and(|last| is_named(last, start, &chars, words));
            let word: String = chars.get(start..at).unwrap_or_default().iter().collect();
            let (value, places) = number::written(&word, false);
            (number, decimals) = if named { (None, 0) } else { (value, places) };
        } else if c.is_alphabetic() {
            while get(at).is_alphabetic() {
                at += 1;
            }
        } else if c.is_numeric() {
            // A digit of a script we don't read: nothing backs what it says.
            while get(at).is_numeric() {
                at += 1;
            }
            number = Some(i64::MAX);
        } else {
            at += 1;
        }
        let raw: String = chars.get(start..at).unwrap_or_default().iter().collect();
        let text = raw.to_lowercase();
        let named = words.number(&text);
        let number = number.or_else(|| named.map(|value| value * 1000));
        let glued = start > 0 && !get(start - 1).is_whitespace();
        tokens.push(Token { raw, text, number, named, decimals, glued });
    }
    join_words(tokens)
}

/// Where a number ends: digits, with separators between them; a space where three digits follow.
fn digits_end(chars: &[char], mut at: usize) -> usize {
    let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let three = |at: usize| (at..at + 3).all(digit) && !digit(at + 3);
    loop {
        match chars.get(at) {
            Some(c) if c.is_ascii_digit() => at += 1,
            Some('.' | ',' | '\'' | '’') if digit(at + 1) => at += 1,
            Some(' ') if three(at + 1) => at += 1,
            _ => return at,
        }
    }
}

fn is_named(last: &Token, start: usize, chars: &[char], words: &Words) -> bool {
    let before = |n: usize| start.checked_sub(n).and_then(|at| chars.get(at)).copied();
    let letter = |n: usize| before(n).is_some_and(char::is_alphabetic);
    let touches = letter(1) || matches!(before(1), Some('-' | '/' | '#')) && letter(2);
    touches && words.currency(last).is_none()
}

/// Makes one token of number words that belong together.
fn join_words(tokens: Vec<Token>) -> Vec<Token> {
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut run: Vec<i64> = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let links = match token.text.as_str() {
            "and" | "und" => run.last().is_some_and(|last| *last >= 100),
            "-" => run.last().is_some_and(|last| (20..100).contains(last)),
            _ => false,
        };
        if links && tokens.peek().is_some_and(|next| next.named.is_some()) {
            continue;
        }
        match (token.named, joined.last_mut()) {
            (Some(more), Some(last)) if !run.is_empty() => {
                run.push(more);
                last.number = Some(number::joined(&run).saturating_mul(1000));
                last.text = format!("{} {}", last.text, token.text);
            }
            (first, _) => {
                run = first.into_iter().collect();
                joined.push(token);
            }
        }
    }
    joined
}
