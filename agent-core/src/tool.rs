//! The port to tools, and the tools of a shop.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::conversation::Conversation;
use crate::evidence::{Call, Output, ToolError, ToolSpec};
use crate::id::{Locale, ShopId};
use crate::pack::Pack;
use crate::time::Micros;

/// What a tool may know beside its arguments. It has no clock and no store.
#[derive(Clone, Debug)]
pub struct Scene<'a> {
    /// The shop.
    pub shop: ShopId,
    /// The fold of the conversation.
    pub conversation: &'a Conversation,
    /// The pack in force.
    pub pack: &'a Arc<Pack>,
    /// The conversation's language.
    pub locale: &'a Locale,
    /// The time of the turn.
    pub now: Micros,
}

/// A tool.
#[async_trait]
pub trait Tool: Send + Sync + fmt::Debug {
    /// What models are told of it.
    fn spec(&self) -> &ToolSpec;

    /// Runs one call; `call.id` is the idempotency key of what it writes.
    async fn call(&self, call: &Call, scene: Scene<'_>) -> Result<Output, ToolError>;
}
