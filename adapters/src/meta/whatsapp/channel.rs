//! Delivers to WhatsApp by the Graph API.

use agent_core::channel::{Channel, Delivery, DeliveryError};
use agent_core::id::MessageId;
use agent_core::message::Address;
use agent_core::profile::ChannelProfile;
use async_trait::async_trait;
use serde_json::json;

use super::render::{Shelf, render};
use crate::meta::delivery::Failures;
use crate::meta::graph::Graph;
use crate::meta::loose::text;

/// One number of a shop.
#[derive(Clone, Debug)]
pub struct WhatsAppSettings {
    /// Meta's id of the number.
    pub number: String,
    /// What it is shown with.
    pub shelf: Shelf,
    /// What it can do: [`profile`](super::profile).
    pub profile: ChannelProfile,
}

/// Delivers for one number.
#[derive(Debug)]
pub struct WhatsApp {
    settings: WhatsAppSettings,
    graph: Graph,
    failures: Failures,
}

impl WhatsApp {
    /// A number that is reached so.
    #[must_use]
    pub fn new(settings: WhatsAppSettings, graph: Graph) -> Self {
        Self { settings, graph, failures: Failures::default() }
    }

    fn messages(&self) -> String {
        format!("{}/messages", self.settings.number)
    }
}

#[async_trait]
impl Channel for WhatsApp {
    fn profile(&self) -> &ChannelProfile {
        &self.settings.profile
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Option<MessageId>, DeliveryError> {
        let body = render(delivery, &self.settings.shelf)
            .map_err(|error| DeliveryError::Never(error.to_string()))?;
        match self.graph.post(&self.messages(), &body).await {
            Ok(answer) => {
                self.failures.forget(delivery);
                Ok(text(&answer, "/messages/0/id").map(MessageId))
            }
            Err(error) => Err(self.failures.follows(delivery, error)),
        }
    }

    async fn attend(&self, to: &Address, message: &MessageId) {
        let body = json!({
            "messaging_product": "whatsapp",
            "status": "read",
            "message_id": message.0,
            "typing_indicator": { "type": "text" },
        });
        if let Err(error) = self.graph.post(&self.messages(), &body).await {
            tracing::debug!(account = %to.account, %error, "not shown as read");
        }
    }
}
