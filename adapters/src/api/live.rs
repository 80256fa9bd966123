//! What is being written right now, for the streams that are open: heard on the way to the platform.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use agent_core::channel::{Channel, Delivery, DeliveryError, File, FileError, Live};
use agent_core::id::{MessageId, ShopId};
use agent_core::message::{Address, MediaRef};
use agent_core::profile::ChannelProfile;
use async_trait::async_trait;
use tokio::sync::watch;

/// Chats that are remembered before those nobody listens to are looked for.
const CHATS: usize = 1_024;

type Chat = (ShopId, Address);

/// What is being written, by chat; nothing is written where there is none. In memory alone: it is no more
/// than a sign.
#[derive(Debug, Default)]
pub struct Typing(Mutex<HashMap<Chat, watch::Sender<Option<String>>>>);

impl Typing {
    /// Changes with what is being written in a chat.
    pub(super) fn listen(&self, shop: ShopId, at: &Address) -> watch::Receiver<Option<String>> {
        let mut chats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if chats.len() >= CHATS {
            chats.retain(|_, chat| chat.receiver_count() > 0 || chat.borrow().is_some());
        }
        let chat = chats.entry((shop, at.clone()));
        chat.or_insert_with(|| watch::Sender::new(None)).subscribe()
    }

    fn tell(&self, shop: ShopId, at: &Address, text: Option<String>) {
        let mut chats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (shop, at.clone());
        let over = text.is_none();
        let chat = chats.entry(key.clone()).or_insert_with(|| watch::Sender::new(None));
        chat.send_replace(text);
        if over && chat.receiver_count() == 0 {
            chats.remove(&key);
        }
    }
}

/// A channel whose live half is heard by the streams too.
#[derive(Debug)]
pub struct Overheard {
    /// The channel.
    pub channel: Arc<dyn Channel>,
    /// The shop whose it is.
    pub shop: ShopId,
    /// Where it is told.
    pub typing: Arc<Typing>,
}

#[async_trait]
impl Channel for Overheard {
    fn profile(&self) -> &ChannelProfile {
        self.channel.profile()
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Option<MessageId>, DeliveryError> {
        self.channel.deliver(delivery).await
    }

    async fn attend(&self, to: &Address, message: &MessageId) {
        self.channel.attend(to, message).await;
    }

    async fn file(&self, media: &MediaRef) -> Result<File, FileError> {
        self.channel.file(media).await
    }

    /// Only where the channel has one itself: what it says is paced in the platform's budget.
    fn live(&self) -> Option<&dyn Live> {
        self.channel.live().map(|_| self as &dyn Live)
    }
}

#[async_trait]
impl Live for Overheard {
    fn words(&self) -> bool {
        self.channel.live().is_some_and(Live::words)
    }

    async fn begin(&self, to: &Address) {
        self.typing.tell(self.shop, to, Some(String::new()));
        if let Some(live) = self.channel.live() {
            live.begin(to).await;
        }
    }

    async fn update(&self, to: &Address, text: &str) {
        self.typing.tell(self.shop, to, Some(text.to_owned()));
        if let Some(live) = self.channel.live() {
            live.update(to, text).await;
        }
    }

    async fn finish(&self, to: &Address) {
        self.typing.tell(self.shop, to, None);
        if let Some(live) = self.channel.live() {
            live.finish(to).await;
        }
    }
}
