//! Delivers to Messenger and Instagram by the Graph API, and knows what of their echoes is its own.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use agent_core::channel::{Channel, Delivery, DeliveryError, File, FileError};
use agent_core::digest::Digest;
use agent_core::id::MessageId;
use agent_core::message::{Address, MediaRef};
use agent_core::profile::ChannelProfile;
use async_trait::async_trait;
use serde_json::{Value, json};

use super::Platform;
use super::render::{ATTACHMENT, render};
use crate::meta::delivery::Failures;
use crate::meta::graph::Graph;
use crate::meta::loose::text;

/// Sends that are remembered until their echo came.
const SENDS: usize = 4_096;

/// What was sent of late. Instagram's echoes carry nothing of ours, and one that is taken for a person's words
/// would silence the agent.
#[derive(Clone, Debug, Default)]
pub struct Own(Arc<Mutex<VecDeque<(String, Digest)>>>);

impl Own {
    fn keep(&self, thread: &str, words: &str) {
        let mut sends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sends.len() >= SENDS {
            sends.pop_front();
        }
        sends.push_back((thread.to_owned(), Digest::of(words.as_bytes())));
    }

    /// Whether these words were sent to this chat by us.
    #[must_use]
    pub fn is(&self, thread: &str, words: &str) -> bool {
        let send = (thread.to_owned(), Digest::of(words.as_bytes()));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&send)
    }
}

/// One page or account of a shop.
#[derive(Clone, Debug)]
pub struct MessengerSettings {
    /// Which of the two.
    pub platform: Platform,
    /// Meta's id of the page or account.
    pub account: String,
    /// What it can do: [`profile`](super::profile).
    pub profile: ChannelProfile,
}

/// Delivers for one page or account.
#[derive(Debug)]
pub struct Messenger {
    settings: MessengerSettings,
    graph: Graph,
    failures: Failures,
    own: Own,
}

impl Messenger {
    /// A page or account that is reached so; `own` tells its echoes from other people's words.
    #[must_use]
    pub fn new(settings: MessengerSettings, graph: Graph, own: Own) -> Self {
        Self { settings, graph, failures: Failures::default(), own }
    }

    async fn post(&self, body: &Value) -> Result<Value, crate::meta::graph::CallError> {
        self.graph.post(&format!("{}/messages", self.settings.account), body).await
    }
}

#[async_trait]
impl Channel for Messenger {
    fn profile(&self) -> &ChannelProfile {
        &self.settings.profile
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Option<MessageId>, DeliveryError> {
        let body = render(delivery, self.settings.platform)
            .map_err(|error| DeliveryError::Never(error.to_string()))?;
        // Before it goes: its echo may be faster than the answer.
        let words = text(&body, "/message/text");
        self.own.keep(&delivery.to.thread, words.as_deref().unwrap_or(ATTACHMENT));
        match self.post(&body).await {
            Ok(answer) => {
                self.failures.forget(delivery);
                Ok(text(&answer, "/message_id").map(MessageId))
            }
            Err(error) => Err(self.failures.follows(delivery, error)),
        }
    }

    async fn file(&self, media: &MediaRef) -> Result<File, FileError> {
        self.graph.file(media).await
    }

    async fn attend(&self, to: &Address, _message: &MessageId) {
        for action in ["mark_seen", "typing_on"] {
            let body = json!({ "recipient": { "id": to.author }, "sender_action": action });
            if let Err(error) = self.post(&body).await {
                tracing::debug!(account = %to.account, %error, action, "not shown");
            }
        }
    }
}
