//! Delivers to WhatsApp by the Graph API.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use agent_core::channel::{Channel, Delivery, DeliveryError, File, FileError};
use agent_core::id::MessageId;
use agent_core::message::{Address, MediaRef, Part};
use agent_core::profile::ChannelProfile;
use agent_core::time::Micros;
use async_trait::async_trait;
use serde_json::json;

use super::limits;
use super::render::{Shelf, filename, is_plain, render};
use crate::meta::delivery::Failures;
use crate::meta::graph::Graph;
use crate::meta::loose::text;

/// Files that are remembered as brought.
const FILES: usize = 1_000;
/// How long one is used that was brought: Meta keeps it for 30 days.
const GOOD: Duration = Duration::from_secs(29 * 24 * 3600);

/// One number of a shop.
#[derive(Clone, Debug)]
pub struct WhatsAppSettings {
    /// Meta's id of the number.
    pub number: String,
    /// What it is shown with.
    pub shelf: Shelf,
    /// What it can do: [`profile`](super::profile).
    pub profile: ChannelProfile,
    /// Hosts of the shop whose files are brought to Meta once and sent by their id; links elsewhere are sent as links.
    pub file_hosts: Vec<String>,
}

/// Delivers for one number.
#[derive(Debug)]
pub struct WhatsApp {
    settings: WhatsAppSettings,
    graph: Graph,
    failures: Failures,
    /// Files that were brought to Meta: link, id, and until when it is good.
    brought: Mutex<BTreeMap<String, (String, Micros)>>,
}

impl WhatsApp {
    /// A number that is reached so.
    #[must_use]
    pub fn new(settings: WhatsAppSettings, graph: Graph) -> Self {
        Self { settings, graph, failures: Failures::default(), brought: Mutex::default() }
    }

    /// The delivery with its file by the id under which it lies at Meta, where it is one that is brought there. What
    /// can't be brought goes as a link: Meta may have more luck.
    async fn brought(&self, delivery: &Delivery) -> Option<Delivery> {
        let Part::Media { media, caption } = &delivery.body else { return None };
        let link = media.id.starts_with("http") && !is_plain(delivery);
        if self.settings.file_hosts.is_empty() || !link {
            return None;
        }
        let now = self.graph.now();
        let known = self.files().get(&media.id).filter(|(_, until)| *until > now).cloned();
        let id = match known {
            Some((id, _)) => id,
            None => {
                let (hosts, most) = (&self.settings.file_hosts, limits::file(&media.mime));
                let file = self.graph.shown(media, hosts, most).await;
                let file = file.inspect_err(|error| tracing::warn!(%error, "sent as a link"));
                let name = filename(media);
                let (number, file) = (&self.settings.number, file.ok()?);
                let brought = self.graph.brought(number, (&file, name.as_deref())).await;
                let id =
                    brought.inspect_err(|error| tracing::warn!(%error, "sent as a link")).ok()?;
                let mut files = self.files();
                if files.len() >= FILES {
                    files.clear();
                }
                files.insert(media.id.clone(), (id.clone(), now.after(GOOD)));
                id
            }
        };
        // The id says nothing of the name that the link told.
        let media = MediaRef { id, name: filename(media).map(Into::into), ..media.clone() };
        let body = Part::Media { media, caption: caption.clone() };
        Some(Delivery { body, ..delivery.clone() })
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<String, (String, Micros)>> {
        self.brought.lock().unwrap_or_else(PoisonError::into_inner)
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
        let brought = self.brought(delivery).await;
        let body = render(brought.as_ref().unwrap_or(delivery), &self.settings.shelf)
            .map_err(|error| DeliveryError::Never(error.to_string()))?;
        match self.graph.post(&self.messages(), &body).await {
            Ok(answer) => {
                self.failures.forget(delivery);
                Ok(text(&answer, "/messages/0/id").map(MessageId))
            }
            Err(error) => Err(self.failures.follows(delivery, error)),
        }
    }

    async fn file(&self, media: &MediaRef) -> Result<File, FileError> {
        self.graph.file(media, limits::file).await
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
