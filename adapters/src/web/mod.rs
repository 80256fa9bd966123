//! The web as a platform: a page of ours, and a frame on the shop's own site.
//!
//! A visitor's stream is a reading of their conversation's journal and nothing else: every message in it has the
//! position of its event as id, so a stream that was cut is taken up where it ended, and several tabs see one
//! conversation. [`Web`] only tells the streams that are open that there is more to read; what is shown while
//! a reply is being written is all it says itself.

mod assets;
mod door;
mod hub;
mod identity;
mod page;
mod parse;
mod picture;
mod profile;
mod reading;
mod render;
mod routes;
mod session;
mod settings;
mod stream;

use std::sync::Arc;

use agent_core::channel::{Channel, Delivery, DeliveryError, Live};
use agent_core::id::MessageId;
use agent_core::message::Address;
use agent_core::profile::ChannelProfile;
use async_trait::async_trait;

use self::hub::Hub;
pub use self::profile::profile;
pub use self::routes::{Front, Shop, router};
pub use self::settings::{Secret, Settings, SettingsError};

/// The kind of platform.
pub const KIND: &str = "web";
/// The only account a shop has on its own page.
pub const ACCOUNT: &str = "page";

/// The page of one shop.
#[derive(Debug)]
pub struct Web {
    profile: ChannelProfile,
    hub: Arc<Hub>,
}

impl Default for Web {
    fn default() -> Self {
        Self { profile: profile(), hub: Arc::default() }
    }
}

#[async_trait]
impl Channel for Web {
    fn profile(&self) -> &ChannelProfile {
        &self.profile
    }

    /// What is delivered is in the journal already, where every stream reads it, now and later. So this can't
    /// fail, and a repetition is nothing.
    async fn deliver(&self, delivery: &Delivery) -> Result<Option<MessageId>, DeliveryError> {
        self.hub.delivered(&delivery.to.thread, delivery.id, delivery.part);
        Ok(None)
    }

    fn live(&self) -> Option<&dyn Live> {
        Some(self)
    }
}

#[async_trait]
impl Live for Web {
    async fn begin(&self, to: &Address) {
        self.hub.writes(&to.thread, Some(String::new()));
    }

    async fn update(&self, to: &Address, text: &str) {
        self.hub.writes(&to.thread, Some(text.to_owned()));
    }

    async fn finish(&self, to: &Address) {
        self.hub.writes(&to.thread, None);
    }
}

/// The address of a visitor: one person, one conversation, whatever tabs and devices they use.
#[must_use]
pub fn address(thread: &str) -> Address {
    Address {
        channel: KIND.into(),
        account: ACCOUNT.into(),
        thread: thread.to_owned(),
        author: thread.to_owned(),
    }
}
