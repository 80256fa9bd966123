//! The notation models write: text, slots that name evidence, and blocks on lines of their own.
//!
//! ```text
//! This one is warm: {{e3.title}}, {{e3.price}}.
//! [[card e3]]
//! [[choice Which size? | M => cart_add {"variant":"RJ1-M"} | Show me others]]
//! ```

use crate::evidence::Label;
use crate::id::Name;

/// A draft, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Its paragraphs and blocks, in order.
    pub pieces: Vec<Piece>,
}

/// One paragraph or block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Words and slots.
    Text(Vec<Span>),
    /// `[[card e3]]`: a product, or one variant of it.
    Card(Label, Option<Name>),
    /// `[[choice ask | option | …]]`.
    Choice(Vec<Span>, Vec<Offer>),
    /// `[[cart]]`: the newest cart.
    Cart,
    /// `[[link e4 | label]]`.
    Link(Label, String),
}

/// Words, or a slot among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// Words.
    Words(String),
    /// `{{e3.price}}`, or `{{e3.price@VARIANT}}`.
    Slot {
        /// The evidence.
        label: Label,
        /// What of it.
        field: String,
        /// Of which variant, if not the chosen one.
        variant: Option<Name>,
    },
}

/// One option of a choice: its label, and after `=>` what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Words and slots.
    pub label: Vec<Span>,
    /// What it means; none: as if its label had been written.
    pub means: Option<Means>,
}

/// What an option means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Means {
    /// As if this had been written.
    Say(String),
    /// A call.
    Do(Name, serde_json::Value),
}

/// What is wrong with a draft. Written so that a model can mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// `{{` or `[[` without its end.
    #[error("`{0}` is not closed")]
    Open(String),
    /// A slot that names no evidence.
    #[error("`{{{{{0}}}}}` is no slot; write {{{{e3.price}}}}")]
    Slot(String),
    /// A block there is none of.
    #[error(
        "`[[{0}]]` is no block; there are [[card e3]], [[choice …]], [[cart]] and [[link e3 | words]]"
    )]
    Block(String),
    /// An option whose call can't be read.
    #[error("the option `{0}` does not read `label => tool {{json}}`")]
    Option(String),
}

/// Reads a draft.
///
/// # Errors
/// The first thing that is not in the notation.
pub fn parse(text: &str) -> Result<Draft, DraftError> {
    let mut pieces = Vec::new();
    let mut words = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("[[") {
        let (before, after) = rest.split_at(start);
        let after = after.strip_prefix("[[").unwrap_or(after);
        let end = close(after).ok_or_else(|| DraftError::Open(clip(&format!("[[{after}"))))?;
        let (inside, tail) = after.split_at(end);
        words.push_str(before);
        flush(&mut words, &mut pieces)?;
        pieces.push(block(inside.trim())?);
        rest = tail.strip_prefix("]]").unwrap_or(tail);
    }
    words.push_str(rest);
    flush(&mut words, &mut pieces)?;
    Ok(Draft { pieces })
}

/// Where `]]` closes a block: not within the brackets of JSON arguments.
fn close(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    let mut previous = None;
    for (at, c) in text.char_indices() {
        if quoted {
            quoted = escaped || c != '"';
            escaped = c == '\\' && !escaped;
        } else {
            match c {
                '"' if depth > 0 => quoted = true,
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                ']' if depth == 0 && previous == Some(']') => return Some(at - 1),
                _ => {}
            }
        }
        previous = Some(c);
    }
    None
}

fn clip(text: &str) -> String {
    text.chars().take(40).collect()
}

fn flush(words: &mut String, pieces: &mut Vec<Piece>) -> Result<(), DraftError> {
    for paragraph in words.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        pieces.push(Piece::Text(spans(paragraph)?));
    }
    words.clear();
    Ok(())
}

fn spans(text: &str) -> Result<Vec<Span>, DraftError> {
    let mut spans = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (slot, tail) = after
            .split_once("}}")
            .ok_or_else(|| DraftError::Open(clip(&format!("{{{{{after}"))))?;
        if !before.is_empty() {
            spans.push(Span::Words(before.to_owned()));
        }
        spans.push(slot_span(slot.trim())?);
        rest = tail;
    }
    if !rest.is_empty() {
        spans.push(Span::Words(rest.to_owned()));
    }
    Ok(spans)
}

fn slot_span(slot: &str) -> Result<Span, DraftError> {
    let wrong = || DraftError::Slot(slot.to_owned());
    let (label, field) = slot.split_once('.').ok_or_else(wrong)?;
    let (field, variant) = match field.split_once('@') {
        Some((field, variant)) => (field, Some(Name::from(variant))),
        None => (field, None),
    };
    let label = label.parse().map_err(|_| wrong())?;
    Ok(Span::Slot { label, field: field.to_owned(), variant })
}

fn block(inside: &str) -> Result<Piece, DraftError> {
    let wrong = || DraftError::Block(clip(inside));
    let (word, rest) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
    match word {
        "cart" => Ok(Piece::Cart),
        "card" => {
            let (label, variant) = match rest.trim().split_once('@') {
                Some((label, variant)) => (label, Some(Name::from(variant))),
                None => (rest.trim(), None),
            };
            Ok(Piece::Card(label.parse().map_err(|_| wrong())?, variant))
        }
        "link" => {
            let (label, words) = rest.split_once('|').unwrap_or((rest, ""));
            Ok(Piece::Link(label.trim().parse().map_err(|_| wrong())?, words.trim().to_owned()))
        }
        "choice" => {
            let mut fields = fields(rest).into_iter();
            let ask = spans(fields.next().unwrap_or_default().trim())?;
            let options: Vec<Offer> =
                fields.map(|field| option(field.trim())).collect::<Result<_, _>>()?;
            if options.is_empty() { Err(wrong()) } else { Ok(Piece::Choice(ask, options)) }
        }
        _ => Err(wrong()),
    }
}

/// Splits at `|` outside of JSON arguments.
fn fields(text: &str) -> Vec<&str> {
    let (mut fields, mut start, mut depth) = (Vec::new(), 0, 0_u32);
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => {
                fields.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    fields.push(text.get(start..).unwrap_or_default());
    fields
}

fn option(text: &str) -> Result<Offer, DraftError> {
    let wrong = || DraftError::Option(clip(text));
    let Some((label, means)) = text.split_once("=>") else {
        return Ok(Offer { label: spans(text)?, means: None });
    };
    let means = means.trim();
    let (word, rest) = means.split_once(char::is_whitespace).unwrap_or((means, ""));
    let means = if word == "say" {
        Means::Say(rest.trim().to_owned())
    } else {
        let arguments = if rest.trim().is_empty() { "{}" } else { rest.trim() };
        Means::Do(word.into(), serde_json::from_str(arguments).map_err(|_| wrong())?)
    };
    Ok(Offer { label: spans(label.trim())?, means: Some(means) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_slots_and_blocks_are_told_apart() {
        let draft = parse(
            "It costs {{e3.price}}.\n\n[[card e3]]\n[[card e4@X-1]]\n\
             [[choice Size? | M => cart_add {\"variant\":\"a]]b\",\"n\":[[1]]} | Other => say show others | No]]\n[[cart]]",
        )
        .unwrap();
        assert_eq!(draft.pieces.len(), 5);
        assert!(
            matches!(&draft.pieces[2], Piece::Card(Label(4), Some(variant)) if variant.as_str() == "X-1")
        );
        let Piece::Choice(_, options) = &draft.pieces[3] else { panic!("{:?}", draft.pieces[3]) };
        assert!(matches!(&options[0].means, Some(Means::Do(tool, arguments))
            if tool.as_str() == "cart_add" && arguments["variant"] == "a]]b"));
        assert_eq!(options[1].means, Some(Means::Say("show others".to_owned())));
        assert_eq!(options[2].means, None);
    }

    #[test]
    fn what_is_not_in_the_notation_is_said() {
        for (text, wrong) in [
            ("{{e3.price", DraftError::Open("{{e3.price".to_owned())),
            ("{{price}}", DraftError::Slot("price".to_owned())),
            ("[[picture e3]]", DraftError::Block("picture e3".to_owned())),
            ("[[choice a | b => c {]]", DraftError::Open("[[choice a | b => c {]]".to_owned())),
            ("[[choice a | b => c x]]", DraftError::Option("b => c x".to_owned())),
        ] {
            assert_eq!(parse(text), Err(wrong));
        }
    }
}
