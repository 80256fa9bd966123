//! A conversation's fold as it is kept with its journal: a cache, and for the engine alone that folded it. Another
//! one may fold otherwise, and what it decides must come out of the journal.

use bytes::Bytes;

use crate::conversation::Conversation;
use crate::turn::engine;

/// As it is kept: the engine's name, then the fold as JSON.
pub(crate) fn bytes(state: &Conversation) -> Option<Bytes> {
    let mut bytes = engine().0.to_vec();
    serde_json::to_writer(&mut bytes, state).ok()?;
    Some(bytes.into())
}

/// The fold; none where another engine folded it.
pub(crate) fn fold(bytes: &[u8]) -> Option<Conversation> {
    serde_json::from_slice(bytes.strip_prefix(engine().0.as_slice())?).ok()
}
