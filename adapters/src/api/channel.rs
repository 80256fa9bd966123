//! The platform that a shop's own front end is.

use std::collections::BTreeSet;
use std::time::Duration;

use agent_core::channel::{Channel, Delivery, DeliveryError, Live};
use agent_core::id::{MessageId, Name};
use agent_core::message::Address;
use agent_core::profile::{Can, ChannelProfile, Limit, Markup, Menu, Pace, Repeat, Unit};
use async_trait::async_trait;

/// The kind of platform.
pub const KIND: &str = "api";
/// The only account a shop has on it.
pub const ACCOUNT: &str = "api";

/// A shop's own front end.
#[derive(Debug)]
pub struct Api(ChannelProfile);

impl Default for Api {
    fn default() -> Self {
        Self(profile())
    }
}

#[async_trait]
impl Channel for Api {
    fn profile(&self) -> &ChannelProfile {
        &self.0
    }

    /// What is delivered is in the journal already, where the front end reads it: this can't fail, and a
    /// repetition is nothing.
    async fn deliver(&self, _: &Delivery) -> Result<Option<MessageId>, DeliveryError> {
        Ok(None)
    }

    fn live(&self) -> Option<&dyn Live> {
        Some(self)
    }
}

/// It shows nothing by itself: [`Overheard`](super::Overheard) tells the streams that are open.
#[async_trait]
impl Live for Api {
    async fn begin(&self, _: &Address) {}

    async fn update(&self, _: &Address, _: &str) {}

    async fn finish(&self, _: &Address) {}
}

/// Where a customer of the shop's own front end writes from: one person, one conversation.
#[must_use]
pub fn address(customer: &str) -> Address {
    Address {
        channel: KIND.into(),
        account: ACCOUNT.into(),
        thread: customer.to_owned(),
        author: customer.to_owned(),
    }
}

/// Everything is told as it is meant; how it looks is the front end's business.
fn profile() -> ChannelProfile {
    let long = Limit { max: 8_000, unit: Unit::Graphemes };
    let line = Limit { max: 120, unit: Unit::Graphemes };
    let menu = Menu { count: 40, label: line, hint: long, body: long };
    ChannelProfile {
        channel: Name::from(KIND),
        text: long,
        caption: long,
        buttons: Some(menu),
        list: None,
        cards: Some(menu),
        markup: Markup::Plain,
        can: BTreeSet::from([Can::Links, Can::Summaries, Can::Typing]),
        window: None,
        reopen: None,
        settle: Duration::ZERO,
        repeat: Repeat::Nonce,
        pace: Pace {
            account_per_second: 10_000,
            chat_every: Duration::ZERO,
            chat_burst: 10_000,
            shared: None,
        },
    }
}
