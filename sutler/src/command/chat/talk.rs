//! The conversation behind the screen: a line in, the replies to it out.

use adapters::terminal::address;
use agent_core::action;
use agent_core::channel::Delivery;
use agent_core::conversation::Conversation;
use agent_core::event::Recorded;
use agent_core::id::{JournalId, MessageId, ShopId};
use agent_core::message::{ActionRef, Inbound, InboundKind, Tap};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::reply::Reply;
use crate::assembly::Assembly;
use crate::exit::{Code, Failure};

/// One conversation, with everything that answers it.
pub(super) struct Talk {
    assembly: Assembly,
    shop: ShopId,
    /// Its name.
    pub(super) thread: String,
    shown: UnboundedReceiver<Delivery>,
    /// Where it lies, once something was said.
    journal: Option<JournalId>,
    /// As it stands.
    pub(super) state: Conversation,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Talk {
    /// Begins to deliver and to ring timers.
    pub(super) fn new(
        assembly: Assembly,
        shop: ShopId,
        thread: String,
        shown: UnboundedReceiver<Delivery>,
    ) -> Self {
        let (stop, stopped) = watch::channel(false);
        let until = |mut stopped: watch::Receiver<bool>| async move {
            // An error means that nobody can ask for the end any more.
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        let courier = assembly.courier.clone();
        let deliver = until(stopped.clone());
        let (house, mailbox) = (assembly.house.clone(), assembly.mailbox.clone());
        let ring = agent_core::alarm::ring(house, mailbox, until(stopped));
        let tasks =
            vec![tokio::spawn(async move { courier.run(deliver).await }), tokio::spawn(ring)];
        let state = Conversation::default();
        Self { assembly, shop, thread, shown, journal: None, state, stop, tasks }
    }

    /// Answers what was left unanswered or undelivered when this conversation was last open.
    pub(super) async fn resume(&mut self) -> Result<Vec<Reply>, Failure> {
        let opened = self.assembly.intake.open_shops().await;
        opened.map_err(|error| Failure::new(Code::Failed, error))?;
        let resumed = self.assembly.mailbox.resume().await;
        resumed.map_err(|error| Failure::new(Code::Failed, error))?;
        self.journal = self.find().await?;
        self.catch_up().await?;
        self.replies(0).await
    }

    /// Says one line; the replies to it.
    pub(super) async fn say(&mut self, text: &str, line: u64) -> Result<Vec<Reply>, Failure> {
        let house = &self.assembly.house;
        let inbound = Inbound {
            id: MessageId(format!("{}/{:032x}", self.thread, house.ids.fresh())),
            at: house.clock.now(),
            from: Some(address(&self.thread)),
            aliases: Vec::new(),
            kind: self.meant(text),
            reply_to: None,
            referral: None,
        };
        let accepted = self.assembly.intake.accept(self.shop, inbound).await;
        let accepted = accepted.map_err(|error| Failure::new(Code::Failed, error))?;
        self.journal = Some(accepted.journal);
        self.replies(line).await
    }

    /// Ends what runs beside; what is being sent is still settled.
    pub(super) async fn end(self) {
        // An error means that everybody has ended already.
        let _ = self.stop.send(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the chat panicked");
            }
        }
    }

    /// A number is the option of the newest reply that was shown by it; anything else is words.
    fn meant(&self, text: &str) -> InboundKind {
        let number = text.trim().trim_end_matches(['.', ')']).parse::<u16>().ok();
        let offered = self.state.offered.last();
        let option = number.and_then(|number| number.checked_sub(1));
        match (self.journal, offered, option) {
            (Some(journal), Some(offered), Some(option))
                if usize::from(option) < offered.actions.len() =>
            {
                let action = ActionRef { outbound: offered.outbound, option };
                let token = action::mint(&*self.assembly.house.ids, journal, action);
                InboundKind::Tap(Tap::Token(token))
            }
            _ => InboundKind::Text(text.to_owned()),
        }
    }

    /// Waits until everything that can be answered is answered and shown.
    async fn replies(&mut self, line: u64) -> Result<Vec<Reply>, Failure> {
        self.assembly.mailbox.settled().await;
        self.assembly.courier.deliver_due().await;
        let events = self.catch_up().await?;
        let mut replies: Vec<Reply> = Vec::new();
        while let Ok(delivery) = self.shown.try_recv() {
            match replies.last_mut().filter(|reply| reply.id() == delivery.id) {
                Some(reply) => reply.add(delivery),
                None => replies.push(Reply::new(&self.thread, line, delivery)),
            }
        }
        for reply in &mut replies {
            reply.explain(&events, &self.state);
        }
        Ok(replies)
    }

    /// Takes in what the journal holds beyond what is known.
    async fn catch_up(&mut self) -> Result<Vec<Recorded>, Failure> {
        let Some(journal) = self.journal else { return Ok(Vec::new()) };
        let events = self.assembly.house.events(journal, self.state.head).await;
        let (_, events) = events.map_err(|error| Failure::new(Code::Failed, error))?;
        events.iter().for_each(|recorded| self.state.apply(recorded));
        Ok(events)
    }

    async fn find(&self) -> Result<Option<JournalId>, Failure> {
        let found = self.assembly.house.find(self.shop, &address(&self.thread)).await;
        found.map_err(|error| Failure::new(Code::Failed, error))
    }
}
