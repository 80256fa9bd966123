//! The terminal as a platform: one person, one conversation, at a keyboard.
//!
//! The channel hands each part to whoever holds the other end; that end decides where it is shown. It
//! knows neither standard output nor the keyboard.

mod render;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use agent_core::channel::{Channel, Delivery, DeliveryError, Live};
use agent_core::id::{Made, MessageId, Name};
use agent_core::message::Address;
use agent_core::profile::{Can, ChannelProfile, Limit, Markup, Menu, Pace, Repeat, Unit};
use async_trait::async_trait;
use tokio::sync::{mpsc, watch};

pub use render::{Look, render};

/// The kind of platform.
pub const KIND: &str = "terminal";
/// The only account there is on a terminal.
pub const ACCOUNT: &str = "local";

/// Until what belongs to another conversation is offered again: whoever sits there has to open it first.
const ELSEWHERE: Duration = Duration::from_secs(60);

/// A terminal that shows one conversation.
#[derive(Debug)]
pub struct Terminal {
    profile: ChannelProfile,
    thread: String,
    screen: mpsc::UnboundedSender<Delivery>,
    preview: watch::Sender<String>,
    /// The newest part shown. Parts of one conversation come in order, so a repetition can only be this one.
    shown: Mutex<Option<(Made, u8)>>,
}

impl Terminal {
    /// A terminal that shows the conversation `thread`; the receiver gets what is to be shown, in order.
    #[must_use]
    pub fn new(thread: &str) -> (Self, mpsc::UnboundedReceiver<Delivery>) {
        let (screen, shown) = mpsc::unbounded_channel();
        let terminal = Self {
            profile: profile(),
            thread: thread.to_owned(),
            screen,
            preview: watch::Sender::new(String::new()),
            shown: Mutex::new(None),
        };
        (terminal, shown)
    }

    /// What is being written, as far as it may be shown; empty when nothing is.
    #[must_use]
    pub fn preview(&self) -> watch::Receiver<String> {
        self.preview.subscribe()
    }
}

#[async_trait]
impl Channel for Terminal {
    fn profile(&self) -> &ChannelProfile {
        &self.profile
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Option<MessageId>, DeliveryError> {
        if delivery.to.thread != self.thread {
            return Err(DeliveryError::Later(ELSEWHERE));
        }
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if *shown != Some((delivery.id, delivery.part)) {
            let gone = |_| DeliveryError::Later(ELSEWHERE);
            self.screen.send(delivery.clone()).map_err(gone)?;
            *shown = Some((delivery.id, delivery.part));
        }
        Ok(None)
    }

    fn live(&self) -> Option<&dyn Live> {
        Some(self)
    }
}

#[async_trait]
impl Live for Terminal {
    async fn begin(&self, to: &Address) {
        self.update(to, "").await;
    }

    async fn update(&self, to: &Address, text: &str) {
        if to.thread == self.thread {
            self.preview.send_replace(text.to_owned());
        }
    }

    async fn finish(&self, to: &Address) {
        self.update(to, "").await;
    }
}

/// The address of a conversation on the terminal. Each has a person of its own, so that a "stop" said in
/// one does not silence the others.
#[must_use]
pub fn address(thread: &str) -> Address {
    Address {
        channel: KIND.into(),
        account: ACCOUNT.into(),
        thread: thread.to_owned(),
        author: thread.to_owned(),
    }
}

/// What a terminal can do: everything is shown, options by number, as many as anybody reads.
#[must_use]
pub fn profile() -> ChannelProfile {
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
        can: BTreeSet::from([Can::Links]),
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use agent_core::id::TurnId;
    use agent_core::message::Part;

    use super::*;

    fn delivery(thread: &str, n: u16) -> Delivery {
        Delivery {
            id: Made { turn: TurnId(1), n },
            part: 0,
            to: address(thread),
            answers: Vec::new(),
            private: false,
            again: false,
            body: Part::Text(format!("part {n}")),
            tokens: BTreeMap::new(),
        }
    }

    #[tokio::test]
    async fn a_repeated_part_is_shown_once() {
        let (terminal, mut screen) = Terminal::new("a");
        for n in [1, 1, 2] {
            terminal.deliver(&delivery("a", n)).await.unwrap();
        }
        drop(terminal);
        let mut shown = Vec::new();
        while let Some(delivery) = screen.recv().await {
            shown.push(delivery.id.n);
        }
        assert_eq!(shown, [1, 2]);
    }

    #[tokio::test]
    async fn what_belongs_to_another_conversation_waits() {
        let (terminal, mut screen) = Terminal::new("a");
        let later = terminal.deliver(&delivery("b", 1)).await;
        assert!(matches!(later, Err(DeliveryError::Later(_))));
        assert!(screen.try_recv().is_err());
    }
}
