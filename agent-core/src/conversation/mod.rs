//! The fold.
/// The fold of a conversation.
#[derive(Clone, Debug, Default)]
pub struct Conversation {}
