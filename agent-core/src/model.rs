//! The port to models: a request in, a completion out.
//!
//! Nothing outside `model/` knows which model answered. The whole answer alone counts; what is
//! heard on the way is for the customer's eyes only, and only after egress let it pass.

pub mod clerk;
#[cfg(any(test, feature = "testing"))]
pub mod contract;
#[cfg(feature = "openai")]
pub mod openai;
pub mod route;
pub mod scripted;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::digest::Named;
use crate::evidence::{Call, CartFacts, Evidence, ToolError, ToolSpec};
use crate::id::{Locale, Made, Name};
use crate::message::{Action, Block, MediaRef};
use crate::pack::{Mode, Pack};
use crate::time::Micros;

/// What every model reads. `openai` projects it to messages; the clerk reads it as it is.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// The pack in force; serialised as its hash.
    pub pack: Arc<Pack>,
    /// How the turn is to be answered.
    pub mode: Mode,
    /// The language to answer in.
    pub locale: Locale,
    /// The tools that may be called; serialised as their hash.
    pub tools: Arc<Named<Vec<ToolSpec>>>,
    /// The conversation so far; only ever grows at its end, until a [`Change::Forgot`](crate::evidence::Change::Forgot).
    pub transcript: Vec<Entry>,
    /// What stands now. Last, so that what comes before is byte-identical from request to request.
    pub notes: Notes,
    /// What the answer may cost.
    pub limits: Limits,
}

/// One entry of the transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Entry {
    /// The customer said or tapped something.
    Customer {
        /// In words; a tap's label.
        text: String,
        /// What a tap meant.
        action: Option<Action>,
        /// Files that came with it.
        media: Vec<MediaRef>,
    },
    /// The agent called tools, or answered.
    Agent {
        /// The draft it wrote, with its slots; empty when it only called tools.
        draft: String,
        /// What the customer was shown; empty when it only called tools.
        blocks: Vec<Block>,
        /// The calls it made.
        calls: Vec<Call>,
    },
    /// A person of the shop wrote.
    Person {
        /// What they wrote.
        text: String,
    },
    /// What a call brought.
    Tool {
        /// Which call.
        call: Made,
        /// What it brought.
        result: Result<Vec<Evidence>, ToolError>,
    },
    /// Something happened that is nobody's words: a timer, an event of the shop.
    Happening {
        /// Its name.
        name: Name,
        /// What is known of it.
        facts: BTreeMap<Name, Value>,
    },
}

/// What stands now: the tail of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notes {
    /// The time of the turn.
    pub now: Micros,
    /// Nothing was ever answered in this conversation.
    pub first: bool,
    /// Variants and quantities in the cart, oldest first.
    pub cart: Vec<(Name, u32)>,
    /// The cart as it was last priced.
    pub priced: Option<CartFacts>,
    /// What is known of the customer's wishes.
    pub slots: BTreeMap<Name, Value>,
    /// Evidence that may still be cited, oldest first.
    pub evidence: Vec<Evidence>,
    /// A write that waits for the customer's yes.
    pub pending: Option<Call>,
    /// What was wrong with the last draft of this turn; write it again without.
    pub violations: Vec<String>,
}

/// What an answer may cost.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Tokens of output.
    pub output: u32,
    /// How long it may take.
    pub deadline: Duration,
}

/// A model's whole answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Completion {
    /// A draft in the notation of `reply::draft`; may be empty when tools are called.
    pub text: String,
    /// The tools it calls, with arguments, in order.
    pub calls: Vec<(Name, Value)>,
    /// Why it ended.
    pub finish: Finish,
    /// What it cost, if the server says.
    pub usage: Option<Usage>,
    /// Which model answered.
    pub by: Name,
    /// What was tried before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
}

/// Why an answer ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// It was complete.
    Stop,
    /// It wants tools.
    Tools,
    /// It ran out of tokens.
    Length,
    /// The provider held it back.
    Filtered,
}

/// Tokens by the provider's own count; inclusive totals.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// Of the prompt, cached ones included.
    pub input: u32,
    /// Of those, read from the provider's cache.
    pub cached: u32,
    /// Of the answer, reasoning included.
    pub output: u32,
    /// Of those, reasoning.
    pub reasoning: u32,
}

/// A model that was tried and failed before another answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// Which.
    pub model: Name,
    /// How it failed.
    pub failed: ModelError,
}

/// Why there is no answer, by what the caller can do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ModelError {
    /// Ask again after this long.
    #[error("the model's server asks to wait {0:?}")]
    Later(Duration),
    /// This request will never be answered: give up or ask another model.
    #[error("the model's server rejected the request: {0}")]
    Rejected(String),
    /// The key or account is at fault; an operator must act.
    #[error("the model's server refused the key: {0}")]
    Unauthorized(String),
    /// The conversation does not fit; shorten it.
    #[error("the request is too long for the model: {0}")]
    TooLong(String),
    /// Not reachable, not in time, or not intelligible.
    #[error("the model is unavailable: {0}")]
    Unavailable(String),
    /// A script or a tape has no answer to this.
    #[error("no recorded answer to this request")]
    Miss,
}

impl ModelError {
    /// Its class in one word, for logs and figures: what a server says may repeat the customer's words.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self {
            Self::Later(_) => "later",
            Self::Rejected(_) => "rejected",
            Self::Unauthorized(_) => "unauthorized",
            Self::TooLong(_) => "too_long",
            Self::Unavailable(_) => "unavailable",
            Self::Miss => "miss",
        }
    }
}

/// What a listener hears while a model writes.
#[derive(Debug)]
pub enum Delta<'a> {
    /// More of the draft.
    Text(&'a str),
    /// Forget what was heard: another attempt begins.
    Restart,
}

/// A model.
#[async_trait]
pub trait Model: Send + Sync + fmt::Debug {
    /// Answers one request; tells `hear` of the draft on the way.
    async fn complete(
        &self,
        request: &Request,
        hear: &mut (dyn for<'a> FnMut(Delta<'a>) + Send),
    ) -> Result<Completion, ModelError>;
}
