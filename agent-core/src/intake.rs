//! Takes in what happens: redacts, resolves whose it is, and makes it durable. Only then is it acknowledged.

mod whose;

use std::sync::Arc;

use crate::event::{Answer, Event};
use crate::house::{House, has_turns};
use crate::id::{CommitId, JournalId, MessageId, Name, Seq, ShopId};
use crate::mailbox::Mailbox;
use crate::message::{Inbound, InboundKind};
use crate::policy::privacy;
use crate::quarantine::{self, Unread};
use crate::store::{Accept, Commit, CommitError, StoreError};

/// Takes in what happens to the shops of a house.
#[derive(Clone, Debug)]
pub struct Intake {
    house: Arc<House>,
    mailbox: Arc<Mailbox>,
}

/// What was taken in.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The conversation it went to.
    pub journal: JournalId,
    /// Whether it was new; a redelivered message is not.
    pub fresh: bool,
}

/// Why something was not taken in. It was not acknowledged: let the platform deliver it again.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IntakeError {
    /// It comes from no platform, so it belongs to no conversation by itself.
    #[error("the message names no address")]
    NoAddress,
    /// It tells of something we sent, and nobody by that address is known: it is not ours.
    #[error("nobody is known by this address")]
    Stranger,
    /// Too much is waiting already.
    #[error("{0} messages wait to be answered, which is the limit; try again later")]
    Full(usize),
    /// The index could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It could not be made durable.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl IntakeError {
    /// Why it won't be taken in however often it comes, while others are: it is too large, or a record of its customer's
    /// is damaged. It is quarantined then, or it would keep back what comes after it.
    #[must_use]
    pub fn never(&self) -> Option<&str> {
        match self {
            Self::Commit(CommitError::TooLarge(why) | CommitError::Damaged(why))
            | Self::Store(StoreError::Damaged(why)) => Some(why),
            _ => None,
        }
    }
}

/// The event of a shop's journal that another pack came into force, and its field.
const PACK: &str = "pack";
/// How often an unknown outcome or a lost race is tried again before the platform is left to deliver again.
const TRIES: usize = 4;

impl Intake {
    /// An intake into this mailbox.
    #[must_use]
    pub fn new(house: Arc<House>, mailbox: Arc<Mailbox>) -> Self {
        Self { house, mailbox }
    }

    /// Takes in one message of a customer. Durable when it answers.
    ///
    /// # Errors
    /// When it was not taken in; nothing of it is left then.
    pub async fn accept(&self, shop: ShopId, inbound: Inbound) -> Result<Accepted, IntakeError> {
        let from = inbound.from.clone().ok_or(IntakeError::NoAddress)?;
        self.mailbox.admit().map_err(IntakeError::Full)?;
        let redacted = privacy::redact_inbound(inbound);
        let mut tries = 0;
        loop {
            tries += 1;
            let place = self.place(shop, &from, &redacted).await?;
            if place.fresh && redacted.kind.is_receipt() {
                return Err(IntakeError::Stranger);
            }
            let journal = place.conversation;
            let mut accept = vec![self.row(&place, &from, redacted.clone()).await?];
            accept.extend(self.introduce(&place, &redacted.id).await?);
            let (customer, bind) = (Some(place.customer_id()), place.bind(&from));
            match self.commit(Commit { customer, accept, bind, ..self.blank(journal) }).await {
                Err(CommitError::Bound | CommitError::Erased) if tries < TRIES => {}
                fresh => {
                    let fresh = fresh?.first().copied().unwrap_or(false);
                    // Told before by who seemed new: the first telling has made them known meanwhile.
                    let passed = place.fresh && !fresh;
                    let journal = match passed.then(|| self.place(shop, &from, &redacted)) {
                        Some(known) => known.await?.conversation,
                        None => journal,
                    };
                    return Ok(Accepted { journal, fresh });
                }
            }
        }
    }

    /// Tells a journal something that comes from no platform: a command of a person, an event of the shop.
    ///
    /// To reach a customer who never wrote, give [`accept`](Self::accept) their address.
    ///
    /// # Errors
    /// When it was not taken in.
    pub async fn tell(&self, journal: JournalId, inbound: Inbound) -> Result<bool, IntakeError> {
        self.mailbox.admit().map_err(IntakeError::Full)?;
        let store = &self.house.store;
        // Before its first turn only its inbox tells whose it is, and whose key seals what is told. It is read first: a
        // turn that ends meanwhile empties it, and has begun the journal by then.
        let customer = if has_turns(journal) {
            let waiting = store.inbox(journal, 1).await?.into_iter().next();
            let begun = store.read(journal, Seq(u64::MAX), 1).await?.head != Seq::START;
            if waiting.is_none() && !begun {
                return Err(IntakeError::NoAddress);
            }
            waiting.filter(|_| !begun).and_then(|row| row.customer)
        } else {
            None
        };
        let accept = Accept::told(journal, customer, privacy::redact_inbound(inbound));
        let commit = Commit { accept: vec![accept], ..self.blank(journal) };
        let fresh = self.commit(commit).await?;
        Ok(fresh.first().copied().unwrap_or(false))
    }

    /// Keeps what a platform sent and nobody could read, for a while; its account's journal is told. The platform
    /// is told that we have it, and a person can look at it. `id` is the platform's, or made of the bytes.
    ///
    /// # Errors
    /// When it was not taken in.
    pub async fn quarantine(
        &self,
        shop: ShopId,
        (channel, name): (&Name, &Name),
        id: &str,
        (raw, why): (&str, &str),
    ) -> Result<bool, IntakeError> {
        self.mailbox.admit().map_err(IntakeError::Full)?;
        let (unread, account) = (Unread { id, raw, why }, JournalId::account(shop, channel, name));
        let mut epoch = 0;
        let fresh = loop {
            let (commit, at) = (CommitId(self.house.ids.fresh()), self.house.clock.now());
            match self.commit(unread.commit(commit, at, account, epoch)).await {
                // What was kept of this day was erased with somebody.
                Err(CommitError::Erased) if epoch < quarantine::EPOCHS => epoch += 1,
                told => break told?.first().copied().unwrap_or(false),
            }
        };
        tracing::warn!(%shop, %channel, account = %name, id, why, "what a platform sent was not understood");
        Ok(fresh)
    }

    /// Tells each shop's journal which pack is in force, where that changed. Called once at the start.
    ///
    /// # Errors
    /// When it was not taken in.
    pub async fn open_shops(&self) -> Result<(), IntakeError> {
        for shop in self.house.shops() {
            let journal = JournalId::shop(shop.id);
            let events = self.house.readable(journal).await?;
            let in_force = serde_json::json!(shop.pack.id());
            let told = events.iter().rev().find_map(|recorded| match &recorded.event {
                Event::Answer(Answer::Received(inbound)) => match &inbound.kind {
                    InboundKind::Event { name, facts } if name.as_str() == PACK => {
                        facts.get(PACK).cloned()
                    }
                    _ => None,
                },
                _ => None,
            });
            if told.as_ref() == Some(&in_force) {
                continue;
            }
            let facts = [(PACK.into(), in_force), ("name".into(), shop.pack.name.as_str().into())];
            let head = events.last().map_or(Seq::START, |last| last.seq);
            let id = MessageId(format!("{PACK}/{head}/{}", shop.pack.id()));
            let kind = InboundKind::Event { name: PACK.into(), facts: facts.into() };
            match self.tell(journal, Inbound::told(id, self.house.clock.now(), kind)).await {
                // Nothing hangs on it: a shop whose journal can't be written any more is open all the same.
                Err(IntakeError::Commit(
                    CommitError::NotApplied(why) | CommitError::Damaged(why),
                )) => {
                    tracing::error!(shop = %shop.id, why, "not told which pack is in force");
                }
                told => _ = told?,
            }
        }
        Ok(())
    }

    fn blank(&self, journal: JournalId) -> Commit {
        Commit::blank(CommitId(self.house.ids.fresh()), self.house.clock.now(), journal)
    }

    /// Makes it durable, and wakes whom it is for: in a task of its own, for a caller who hangs up meanwhile is
    /// dropped, and what is durable must be answered all the same.
    async fn commit(&self, commit: Commit) -> Result<Vec<bool>, CommitError> {
        let Self { house, mailbox } = self.clone();
        let task = tokio::spawn(async move {
            let mut tries = 0;
            let fresh = loop {
                tries += 1;
                match house.store.commit(commit.clone()).await {
                    Ok(committed) => break committed.fresh,
                    Err(CommitError::Unknown(_)) if tries < TRIES => {}
                    Err(error) => return Err(error),
                }
            };
            commit.accept.iter().for_each(|it| mailbox.wake(it.journal));
            Ok(fresh)
        });
        task.await.unwrap_or_else(|error| Err(CommitError::Unknown(error.to_string())))
    }
}
