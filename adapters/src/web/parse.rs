//! What a visitor sends, as an [`Inbound`].

use agent_core::id::{Alias, MessageId};
use agent_core::message::{Inbound, InboundKind, Tap};
use agent_core::time::Micros;
use serde::Deserialize;

use super::address;

/// Characters of one message. A model reads no more in one breath, and a visitor who pastes more is told.
pub(super) const TEXT_MAX: usize = 4_000;
/// Characters of an id the page gave; ours has 32.
const ID_MAX: usize = 64;
/// Characters of a token; ours have 40.
const TOKEN_MAX: usize = 64;

/// A message of the page: words, or a tap.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Posted {
    /// The page's own id of it; sent again, it is the same message.
    pub(super) id: String,
    pub(super) text: Option<String>,
    pub(super) tap: Option<String>,
}

/// Reads a message.
///
/// # Errors
/// What is wrong with it, for whoever wrote the page.
pub(super) fn inbound(
    posted: Posted,
    thread: &str,
    aliases: Vec<Alias>,
    at: Micros,
) -> Result<Inbound, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if posted.id.is_empty() || posted.id.len() > ID_MAX || !posted.id.chars().all(plain) {
        return Err(format!("`id` is 1 to {ID_MAX} letters, digits, - or _"));
    }
    let kind = match (posted.text, posted.tap) {
        (Some(text), None) if text.trim().is_empty() => return Err("`text` is empty".to_owned()),
        (Some(text), None) if text.chars().nth(TEXT_MAX).is_some() => {
            return Err(format!("`text` has more than {TEXT_MAX} characters"));
        }
        (Some(text), None) => InboundKind::Text(text.trim().to_owned()),
        (None, Some(token)) if token.len() > TOKEN_MAX => {
            return Err("`tap` is no token of ours".to_owned());
        }
        (None, Some(token)) => InboundKind::Tap(Tap::Token(token)),
        _ => return Err("one of `text` and `tap` is needed".to_owned()),
    };
    Ok(Inbound {
        // Ids of one visitor can't be another's: a message is never dropped as someone else's repetition.
        id: MessageId(format!("{thread}/{}", posted.id)),
        at,
        from: Some(address(thread)),
        aliases,
        kind,
        reply_to: None,
        referral: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<InboundKind, String> {
        let posted = serde_json::from_str(json).map_err(|error| error.to_string())?;
        inbound(posted, "t", Vec::new(), Micros(0)).map(|inbound| inbound.kind)
    }

    #[test]
    fn words_and_taps_are_read_and_nothing_else() {
        assert_eq!(read(r#"{"id":"a-1","text":" hi "}"#), Ok(InboundKind::Text("hi".to_owned())));
        let tap = InboundKind::Tap(Tap::Token("x".to_owned()));
        assert_eq!(read(r#"{"id":"a-1","tap":"x"}"#), Ok(tap));
        for wrong in [
            r#"{"id":"","text":"hi"}"#,
            r#"{"id":"a/b","text":"hi"}"#,
            r#"{"id":"a","text":"  "}"#,
            r#"{"id":"a"}"#,
            r#"{"id":"a","text":"hi","tap":"x"}"#,
            r#"{"id":"a","text":"hi","from":"someone else"}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let long = "x".repeat(TEXT_MAX + 1);
        assert!(read(&format!(r#"{{"id":"a","text":"{long}"}}"#)).is_err());
    }
}
