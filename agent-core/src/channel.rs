//! The port to platforms: deliver one part. What a platform can do is data, never a method.
//!
//! A platform that can show a reply while it is being written has a second, live half. What it shows is a
//! preview: never journalled, never delivered, and gone when the reply itself arrives by the outbox.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::id::{Made, MessageId};
use crate::message::{Address, MediaRef, Part};
use crate::profile::ChannelProfile;

/// One part on its way.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The outbound; with `part` the idempotency key of the sending.
    pub id: Made,
    /// Which of its parts.
    pub part: u8,
    /// To whom.
    pub to: Address,
    /// For the customer's eyes alone: where others read along, it goes to them directly.
    pub private: bool,
    /// It was sent before and may have arrived: a platform that can be asked is asked first.
    pub again: bool,
    /// The inbound messages it answers.
    pub answers: Vec<MessageId>,
    /// What to show.
    pub body: Part,
    /// The token of each option in `body`, by the option's number.
    pub tokens: BTreeMap<u16, String>,
}

/// Why a part was not delivered, by what the courier can do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// Send it again after this long; other chats may go on.
    #[error("the platform asks to wait {0:?}")]
    Later(Duration),
    /// We write too fast, and nothing was sent: the chat rests so long. When a second chat is told so while the
    /// first rests, the whole account does.
    #[error("the platform asks for a rest of {0:?}")]
    TooFast(Duration),
    /// The whole account must wait this long.
    #[error("the platform asks the account to wait {0:?}")]
    AccountLater(Duration),
    /// The platform does not let the account send any more; an operator must act.
    #[error("the platform stopped the account: {0}")]
    Stopped(String),
    /// The customer told the platform that they want no messages of this purpose.
    #[error("the customer wants no such messages")]
    OptedOut,
    /// It may have arrived.
    #[error("nobody knows whether it arrived: {0}")]
    Ambiguous(String),
    /// It will never be taken.
    #[error("the platform will not take this: {0}")]
    Never(String),
    /// The account's key is at fault; an operator must act.
    #[error("the platform refused our key: {0}")]
    Unauthorized(String),
    /// The platform does not let us write to this chat, which rests so long: for a reason of the customer's, or for
    /// want of rights. Where it refuses a second chat and took nothing since the first, the whole account rests.
    #[error("the platform refused us the chat: {0}")]
    Forbidden(String, Duration),
    /// Too long since the customer wrote.
    #[error("the window for free messages is closed")]
    WindowClosed,
}

/// A file, as it lies on a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its media type.
    pub mime: String,
    /// What is in it.
    pub bytes: Bytes,
}

/// Why a file is not to be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The platform does not keep it, or not any more.
    #[error("the platform has no such file: {0}")]
    Gone(String),
    /// It is not what it was said to be, or lies where nothing is fetched from.
    #[error("the file is not taken: {0}")]
    Refused(String),
    /// Not now.
    #[error("the file can't be had now: {0}")]
    Unavailable(String),
}

/// One account on one platform.
#[async_trait]
pub trait Channel: Send + Sync + fmt::Debug {
    /// What it can do.
    fn profile(&self) -> &ChannelProfile;

    /// Delivers one part; answers with the platform's id of it, if it has one.
    async fn deliver(&self, delivery: &Delivery) -> Result<Option<MessageId>, DeliveryError>;

    /// Shows the customer that a message was seen and is being answered. At best: nothing depends on it.
    async fn attend(&self, to: &Address, message: &MessageId) {
        let _ = (to, message);
    }

    /// A file that a customer sent, for people of the shop to look at.
    ///
    /// # Errors
    /// When it is not to be had.
    async fn file(&self, media: &MediaRef) -> Result<File, FileError> {
        let _ = media;
        Err(FileError::Gone("nothing is fetched from this platform".to_owned()))
    }

    /// Its live half, if it has one.
    fn live(&self) -> Option<&dyn Live> {
        None
    }
}

/// The live half of a channel: shows that, and what, is being written.
///
/// It is told whole sentences that egress has passed, at the pace of the account, and one turn of a chat at a
/// time. Nothing hangs on it: what it can't show is not shown, so it answers no errors.
#[async_trait]
pub trait Live: Send + Sync + fmt::Debug {
    /// Whether it shows words, or only that some are being written.
    fn words(&self) -> bool {
        true
    }

    /// A turn began: the typing sign goes on.
    async fn begin(&self, to: &Address);

    /// What has passed so far, all of it; it takes the place of what was told before. Empty takes it back.
    async fn update(&self, to: &Address, text: &str);

    /// The turn ended: the typing sign goes off. What it says comes by the outbox, if it says anything.
    async fn finish(&self, to: &Address);
}
