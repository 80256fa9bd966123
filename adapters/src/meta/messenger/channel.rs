//! Delivers to Messenger and Instagram by the Graph API, and knows what of their echoes is its own.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent_core::channel::{Channel, Delivery, DeliveryError, File, FileError};
use agent_core::digest::Digest;
use agent_core::id::MessageId;
use agent_core::message::{Address, MediaRef};
use agent_core::profile::ChannelProfile;
use async_trait::async_trait;
use serde_json::{Value, json};

use super::Platform;
use super::limits::FILE;
use super::render::{ATTACHMENT, render};
use crate::meta::delivery::Failures;
use crate::meta::graph::{CallError, Graph};
use crate::meta::loose::text;

/// Sends that are remembered.
const SENDS: usize = 4_096;

/// What was sent to Instagram of late. Its echoes carry nothing of ours, and one that is taken for a person's words
/// would silence the agent. Each send has one echo: who says the same again is a person.
#[derive(Clone, Debug, Default)]
pub struct Own(Arc<Mutex<VecDeque<Sent>>>);

/// One send, and its echo once that came.
#[derive(Debug)]
struct Sent {
    thread: String,
    words: Digest,
    echo: Option<MessageId>,
}

impl Own {
    fn sends(&self) -> MutexGuard<'_, VecDeque<Sent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, thread: &str, words: &str) {
        let mut sends = self.sends();
        if sends.len() >= SENDS {
            sends.pop_front();
        }
        let (thread, words) = (thread.to_owned(), Digest::of(words.as_bytes()));
        sends.push_back(Sent { thread, words, echo: None });
    }

    /// It was refused: no echo of it comes.
    fn forget(&self, thread: &str, words: &str) {
        let (mut sends, words) = (self.sends(), Digest::of(words.as_bytes()));
        let refused = |it: &Sent| it.thread == thread && it.words == words && it.echo.is_none();
        if let Some(at) = sends.iter().rposition(refused) {
            sends.remove(at);
        }
    }

    /// Whether an echo of these words in this chat is of a send of ours; told again, it is so again.
    #[must_use]
    pub fn is(&self, thread: &str, words: &str, echo: &MessageId) -> bool {
        let (mut sends, words) = (self.sends(), Digest::of(words.as_bytes()));
        if sends.iter().any(|it| it.thread == thread && it.echo.as_ref() == Some(echo)) {
            return true;
        }
        let waits = |it: &&mut Sent| it.thread == thread && it.words == words && it.echo.is_none();
        let Some(send) = sends.iter_mut().find(waits) else { return false };
        send.echo = Some(echo.clone());
        true
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

    async fn post(&self, body: &Value) -> Result<Value, CallError> {
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
        // Before it goes: its echo may be faster than the answer. Messenger's carries our mark.
        let own = (self.settings.platform == Platform::Instagram).then_some(&self.own);
        let words = text(&body, "/message/text").unwrap_or_else(|| ATTACHMENT.to_owned());
        let thread = &delivery.to.thread;
        own.inspect(|own| own.keep(thread, &words));
        match self.post(&body).await {
            Ok(answer) => {
                self.failures.forget(delivery);
                Ok(text(&answer, "/message_id").map(MessageId))
            }
            Err(error) => {
                if !matches!(error, CallError::Unknown(_)) {
                    own.inspect(|own| own.forget(thread, &words));
                }
                Err(self.failures.follows(delivery, error))
            }
        }
    }

    async fn file(&self, media: &MediaRef) -> Result<File, FileError> {
        self.graph.file(media, |_| FILE).await
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
