//! The port to tools, and the tools of a shop.

mod arguments;
mod cart;
mod checkout;
mod compare;
mod hand_over;
mod policy;
mod price;
mod product;
mod search;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use crate::catalog::{Backend, Catalog, CatalogError};
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
    /// What the call tells the world outside, as [`Tool::prepare`] said it, however long ago.
    pub prepared: Option<&'a Value>,
}

/// A tool.
#[async_trait]
pub trait Tool: Send + Sync + fmt::Debug {
    /// What models are told of it.
    fn spec(&self) -> &ToolSpec;

    /// What a call that writes is going to tell the world outside, where the journal and the call don't say it all.
    /// It is written down before the call runs, so that who asks again after a crash tells the same under the same key.
    ///
    /// # Errors
    /// Where it can't be told; then the call is not run, and this is what came of it.
    async fn prepare(&self, _: &Call, _: &Scene<'_>) -> Result<Option<Value>, ToolError> {
        Ok(None)
    }

    /// Runs one call; `call.id` is the idempotency key of what it writes.
    async fn call(&self, call: &Call, scene: Scene<'_>) -> Result<Output, ToolError>;
}

/// The tools of a shop, over its goods and its own systems. One list serves all shops of a process.
#[must_use]
pub fn shop_tools(catalog: &Arc<dyn Catalog>, backend: &Arc<dyn Backend>) -> Vec<Arc<dyn Tool>> {
    let mut tools: Vec<Arc<dyn Tool>> = vec![
        Arc::new(search::Search::new(catalog.clone())),
        Arc::new(product::Product::new(catalog.clone())),
        Arc::new(compare::Compare::new(catalog.clone())),
    ];
    tools.extend(cart::Cart::all(catalog).map(|tool| Arc::new(tool) as Arc<dyn Tool>));
    tools.extend([
        Arc::new(checkout::Checkout::new(catalog.clone(), backend.clone())) as Arc<dyn Tool>,
        Arc::new(policy::Policy::new()),
        Arc::new(hand_over::HandOver::new(backend.clone())),
    ]);
    tools
}

#[expect(clippy::needless_pass_by_value, reason = "an error is given away where it is mapped")]
fn unavailable(error: CatalogError) -> ToolError {
    ToolError::Unavailable(error.to_string())
}

#[cfg(test)]
mod bench;
