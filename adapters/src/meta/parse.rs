//! A webhook's body, read. Pure: the same bytes at the same moment come to the same.
//!
//! The body is taken apart first and every piece then read on its own, so that one that can't be read costs itself
//! alone. Unknown fields, kinds and values are named and never an error.

use std::collections::BTreeMap;

use agent_core::digest::Digest;
use serde_json::value::RawValue;

use super::loose::{items, scrub};
use super::news::{News, Of, Reading, What};
use super::{messenger, whatsapp};

/// Pieces of one body that are read: Meta puts up to 1,000 updates in one.
const PIECES: usize = 10_000;

/// Why a whole body could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unread(pub String);

/// Everything a body tells.
///
/// # Errors
/// When it is no JSON, or nothing Meta's webhooks send: it may be kept for people to look at.
pub fn parse(body: &[u8], reading: Reading) -> Result<Vec<News>, Unread> {
    let text = scrub(body);
    let envelope: BTreeMap<String, &RawValue> =
        serde_json::from_str(&text).map_err(|error| Unread(error.to_string()))?;
    let object = envelope.get("object").and_then(|raw| serde_json::from_str(raw.get()).ok());
    let object: String = object.unwrap_or_default();
    let read: fn(&RawValue, Reading, &mut Vec<News>) = match object.as_str() {
        "whatsapp_business_account" => whatsapp::parse::entry,
        "page" => messenger::parse::page,
        "instagram" => messenger::parse::instagram,
        _ => return Err(Unread(format!("the object `{object}` is none of business messaging"))),
    };
    let mut news = Vec::new();
    for entry in items(envelope.get("entry")).into_iter().take(PIECES) {
        read(entry, reading, &mut news);
    }
    Ok(news)
}

/// The id an entry is of, whatever it is written as.
pub(crate) fn id(entry: &BTreeMap<String, &RawValue>) -> String {
    let id = entry.get("id").map(|raw| raw.get().trim_matches('"')).unwrap_or_default();
    id.chars().take(128).collect()
}

/// A piece that could not be read: kept for people to look at.
pub(crate) fn unread(of: Of, why: &str, raw: &RawValue) -> News {
    let id = Digest::of(raw.get().as_bytes()).to_string();
    News { of, what: What::Unread { id, why: why.to_owned(), raw: raw.get().to_owned() } }
}
