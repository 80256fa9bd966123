//! The port to the journals: one write, a few reads. Administration is a second trait.

#[cfg(any(test, feature = "testing"))]
pub mod contract;
#[cfg(any(test, feature = "testing"))]
pub mod fault;
pub mod memory;
pub mod watched;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::event::Recorded;
use crate::id::{Alias, CommitId, CustomerId, JournalId, Made, MessageId, Name, Seq, ShopId};
use crate::message::{Address, Control, Inbound, InboundKind, Outbound, Part, Plan, Status};
use crate::time::Micros;

/// The one write: all or nothing, idempotent by `id`, durable when it answers `Ok`.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Sent again, the same commit under the same id, nothing happens twice and the first answer is given
    /// again: for [`DEDUPE`], or while its messages are remembered if they are all of it and were all told before.
    pub id: CommitId,
    /// When, by the clock; expiries count from it.
    pub at: Micros,
    /// The journal that is written; its shop is the shop of everything in the commit.
    pub journal: JournalId,
    /// Whose data key seals what is written; without, the one who sealed the journal so far, or the shop.
    pub customer: Option<CustomerId>,
    /// Where the journal's head must be. None: `events` is empty and the head does not matter.
    pub expect: Option<Seq>,
    /// Appended to the journal, in order.
    pub events: Vec<Recorded>,
    /// Put into inboxes, each unless its scope told that message id within the last [`DEDUPE`].
    pub accept: Vec<Accept>,
    /// Taken out of the journal's inbox.
    pub consume: Vec<Arrival>,
    /// To be delivered.
    pub outbox: Vec<OutboxRow>,
    /// What becomes of rows of the outbox.
    pub settle: Vec<Settle>,
    /// Timers of the journal, set or cleared.
    pub timers: Vec<(Name, Option<Micros>)>,
    /// The index: aliases of people and of conversations.
    pub bind: Vec<Bind>,
    /// The fold of the journal after `events`, as a cache.
    pub snapshot: Option<Bytes>,
}

impl Commit {
    /// A commit that writes nothing yet.
    #[must_use]
    pub fn blank(id: CommitId, at: Micros, journal: JournalId) -> Self {
        Self {
            id,
            at,
            journal,
            customer: None,
            expect: None,
            events: Vec::new(),
            accept: Vec::new(),
            consume: Vec::new(),
            outbox: Vec::new(),
            settle: Vec::new(),
            timers: Vec::new(),
            bind: Vec::new(),
            snapshot: None,
        }
    }

    /// Whether messages for inboxes, and whose names they come under, are all of it. Where each was told before, nothing
    /// is written at all, and no name is looked at: two tellings of somebody's first message may pass each other.
    #[must_use]
    pub fn only_accepts(&self) -> bool {
        let appends = self.expect.is_some() || self.snapshot.is_some() || !self.events.is_empty();
        let sends = !self.outbox.is_empty() || !self.settle.is_empty();
        let moves = !self.consume.is_empty() || !self.timers.is_empty();
        !(self.accept.is_empty() || appends || sends || moves)
    }

    /// What is wrong with it in itself, whatever the store holds; every store asks this first.
    ///
    /// # Errors
    /// When it is not one a correct caller sends.
    pub fn check(&self) -> Result<(), CommitError> {
        let wrong = |what: &str| Err(CommitError::NotApplied(what.to_owned()));
        let shop = self.journal.shop;
        let mut named = (self.accept.iter().map(|it| it.journal))
            .chain(self.outbox.iter().map(|it| it.journal))
            .chain(self.bind.iter().flat_map(|it| [it.from, it.to]).flatten());
        if named.any(|journal| journal.shop != shop) {
            return wrong("it names a journal of another shop");
        }
        let Some(head) = self.expect else {
            let free = self.events.is_empty() && self.snapshot.is_none();
            return if free { Ok(()) } else { wrong("events and snapshots need an expected head") };
        };
        let mut next = head;
        let follows = self.events.iter().all(|event| {
            next = next.next();
            event.seq == next
        });
        if follows { Ok(()) } else { wrong("its events don't follow the expected head") }
    }
}

/// The order in which a row came into an inbox; unique in a store.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Arrival(pub u64);

/// Something for a journal's inbox; any journal of the shop: this is how one journal tells another.
#[derive(Clone, Debug)]
pub struct Accept {
    /// Whose inbox.
    pub journal: JournalId,
    /// Whose data key seals it; without, as for the rest of its journal.
    pub customer: Option<CustomerId>,
    /// Within which its message id is unique: an account, or a journal.
    pub scope: Name,
    /// What happened.
    pub inbound: Inbound,
}

impl Accept {
    /// What comes from no platform: unique by its id within the journal it is for.
    #[must_use]
    pub fn told(journal: JournalId, customer: Option<CustomerId>, inbound: Inbound) -> Self {
        Self { journal, customer, scope: Name(format!("journal/{}", journal.key)), inbound }
    }
}

/// A row of an inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxRow {
    /// Its place.
    pub arrival: Arrival,
    /// Whose inbox.
    pub journal: JournalId,
    /// Whose data key seals it.
    pub customer: Option<CustomerId>,
    /// What happened.
    pub inbound: Inbound,
}

/// A part to be delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutboxRow {
    /// Whose it is.
    pub journal: JournalId,
    /// Whose data key seals it; without, as for the rest of its journal.
    pub customer: Option<CustomerId>,
    /// The outbound.
    pub id: Made,
    /// Which of its parts; sent in their order.
    pub part: u8,
    /// The event that decided it: rows of one journal go in the order of their events.
    pub seq: Seq,
    /// Not before.
    pub due: Micros,
    /// Not after.
    pub expires: Option<Micros>,
    /// Why it is sent.
    pub purpose: crate::message::Purpose,
    /// The inbound messages it answers.
    pub answers: Vec<MessageId>,
    /// To whom.
    pub to: Address,
    /// For the customer's eyes alone, where others read along.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
    /// What to show.
    pub body: Part,
    /// Where it stands.
    pub state: OutboxState,
}

impl OutboxRow {
    /// The chat it is sent to: what is private goes to the customer directly.
    pub(crate) fn chat(&self) -> Address {
        if self.private { self.to.direct() } else { self.to.clone() }
    }

    /// A part of a reply, to be sent: by the event that decided it, and not before `due`. None where the reply has no
    /// such part.
    #[must_use]
    pub fn of(
        (journal, customer): (JournalId, Option<CustomerId>),
        (outbound, plan): (&Outbound, &Plan),
        part: u8,
        (seq, due): (Seq, Micros),
    ) -> Option<Self> {
        Some(Self {
            journal,
            customer,
            id: outbound.id,
            part,
            seq,
            due,
            expires: outbound.expires,
            purpose: outbound.purpose,
            answers: outbound.answers.clone(),
            to: outbound.to.clone(),
            private: plan.private.contains(&part),
            body: plan.parts.get(usize::from(part))?.clone(),
            state: OutboxState::Waiting,
        })
    }
}

/// Where a row of the outbox stands.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboxState {
    /// To be sent.
    Waiting,
    /// Being sent, as far as anybody knows: found so after a crash, it is ambiguous.
    Sending,
    /// Not to be sent before somebody says what became of it.
    Held,
    /// Perhaps it was sent: the platform's word is awaited until it is due, then the policy decides.
    Unsure,
    /// A person says that it did not arrive: to be sent once more, whatever the policy is.
    Released,
}

/// What becomes of a row of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settle {
    /// The outbound.
    pub id: Made,
    /// Which of its parts.
    pub part: u8,
    /// What becomes of it.
    pub to: Settled,
}

impl Settle {
    /// What somebody who was told knows of rows: a platform by its status, a person by a look at the chat.
    #[must_use]
    pub fn told(inbound: &Inbound) -> Vec<Self> {
        let (id, part, to) = match &inbound.kind {
            InboundKind::Status { status: Status::Ambiguous | Status::Held(_), .. } => {
                return Vec::new();
            }
            InboundKind::Status { of, part, status, .. } => {
                // What arrived need not be sent once more, which it may be about to be.
                let next = of.again().filter(|_| status.arrived());
                let gone = |id| Self { id, part: *part, to: Settled::Done };
                return std::iter::once(*of).chain(next).map(gone).collect();
            }
            InboundKind::Control { command: Control::Settle { of, part, arrived }, .. } => {
                let again = Settled::Again(inbound.at, OutboxState::Released);
                (of, part, if *arrived { Settled::Done } else { again })
            }
            _ => return Vec::new(),
        };
        vec![Self { id: *id, part: *part, to }]
    }
}

/// What becomes of a row of the outbox.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It is gone.
    Done,
    /// It is due again then, in this state.
    Again(Micros, OutboxState),
}

/// An entry of the index.
#[derive(Clone, Debug)]
pub struct Bind {
    /// The key; in the store a keyed hash.
    pub alias: Alias,
    /// What it must point to now, or the commit is refused.
    pub from: Option<JournalId>,
    /// What it points to from now on.
    pub to: Option<JournalId>,
}

/// A commit that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The journal's head after it.
    pub head: Seq,
    /// For each of `accept`, whether it was new.
    pub fresh: Vec<bool>,
}

/// Why a commit was not made, by what the caller can do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// Somebody else wrote: read again.
    #[error("the journal's head is at {0}")]
    Conflict(Seq),
    /// The index says otherwise: look it up again.
    #[error("an index entry changed meanwhile")]
    Bound,
    /// Another node writes here: let go of the journal.
    #[error("another node writes this journal")]
    Fenced,
    /// The customer's key is gone: nothing of theirs can be written.
    #[error("the customer was erased")]
    Erased,
    /// Beyond the store's limits.
    #[error("the commit is too large: {0}")]
    TooLarge(String),
    /// It needs a record that is not what was written; says which. Trying again helps nobody, other journals go on.
    #[error("damaged: {0}")]
    Damaged(String),
    /// Nothing was written.
    #[error("not written: {0}")]
    NotApplied(String),
    /// Perhaps it was: send the same commit again.
    #[error("outcome unknown: {0}")]
    Unknown(String),
}

/// The store can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The customer's key is gone.
    #[error("the customer was erased")]
    Erased,
    /// A record is not what was written; says which.
    #[error("damaged: {0}")]
    Damaged(String),
    /// The engine failed.
    #[error("the store failed: {0}")]
    Failed(String),
}

/// A part of a journal.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The journal's head.
    pub head: Seq,
    /// Whose data key seals the journal.
    pub customer: Option<CustomerId>,
    /// The events asked for.
    pub events: Vec<Recorded>,
}

/// Journals and queues. What a read tells is durable: nobody acts on what a power cut could take back.
#[async_trait]
pub trait Store: Send + Sync + fmt::Debug {
    /// Writes.
    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError>;

    /// The events after `after`, at most `limit`, and none behind a damaged one: `Damaged` is told to who asks for that
    /// first.
    async fn read(&self, journal: JournalId, after: Seq, limit: usize) -> Result<Page, StoreError>;

    /// The newest fold that was given with a commit, and the position it stands at; none where it can't be read,
    /// for it is a cache.
    async fn snapshot(&self, journal: JournalId) -> Result<Option<(Seq, Bytes)>, StoreError>;

    /// The inbox of one journal, oldest first.
    async fn inbox(&self, journal: JournalId, limit: usize) -> Result<Vec<InboxRow>, StoreError>;

    /// The journals of a shop whose inbox is not empty, in the order of their keys.
    async fn waiting(&self, shop: ShopId, limit: usize) -> Result<Vec<JournalId>, StoreError>;

    /// Rows of the outbox that are due within a time, oldest first; and when the next one after them is. Those of the
    /// journals in `passing` are passed over, as if there were none, and so is what is due before that time.
    ///
    /// Rows due at one moment stand by journal, then event, then part. They are told whatever their
    /// state: who holds a row back makes it due later. Where `limit` cuts, what else is due of the journals told of
    /// is told all the same: an earlier part of a conversation may be due later than what came after it.
    async fn due(
        &self,
        shop: ShopId,
        within: RangeInclusive<Micros>,
        limit: usize,
        passing: &BTreeSet<JournalId>,
    ) -> Result<(Vec<OutboxRow>, Option<Micros>), StoreError>;

    /// Timers that are due, oldest first; and when the next one after them is.
    async fn timers(
        &self,
        shop: ShopId,
        until: Micros,
        limit: usize,
    ) -> Result<(Vec<(JournalId, Name, Micros)>, Option<Micros>), StoreError>;

    /// What an alias points to.
    async fn find(&self, shop: ShopId, alias: &Alias) -> Result<Option<JournalId>, StoreError>;
}

/// Administration of a store.
#[async_trait]
pub trait Archive: Send + Sync + fmt::Debug {
    /// Keeps what a hash names: packs, settings, profiles, tool specs, stems. Never personal data.
    async fn keep(&self, bytes: Bytes) -> Result<Digest, StoreError>;

    /// What a hash names.
    async fn kept(&self, digest: &Digest) -> Result<Option<Bytes>, StoreError>;

    /// The shops that have journals, in the order of their numbers.
    async fn shops(&self) -> Result<Vec<ShopId>, StoreError>;

    /// The journals of a shop that have events, in the order of their keys.
    async fn journals(
        &self,
        shop: ShopId,
        after: Option<JournalId>,
        limit: usize,
    ) -> Result<Vec<JournalId>, StoreError>;

    /// Makes everything of a customer unreadable, for ever; their queues, timers and aliases go too.
    ///
    /// Asked again, it answers the first receipt.
    async fn erase(
        &self,
        shop: ShopId,
        customer: CustomerId,
        at: Micros,
    ) -> Result<Receipt, StoreError>;
}

/// That a customer was erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The shop.
    pub shop: ShopId,
    /// Who.
    pub customer: CustomerId,
    /// When.
    pub at: Micros,
    /// Journals that can't be read any more.
    pub journals: u64,
    /// Events in them.
    pub events: u64,
}

/// How long a message id is remembered. Platforms redeliver for up to 7 days (WhatsApp); one more is margin.
pub const DEDUPE: Duration = Duration::from_secs(8 * 24 * 3600 + 3600);

/// What a hash names, read back.
///
/// # Errors
/// When the archive can't be read, has nothing by that name, or something else.
pub async fn kept<T: serde::de::DeserializeOwned>(
    archive: &dyn Archive,
    id: Digest,
) -> Result<T, StoreError> {
    let bytes = archive.kept(&id).await?;
    let bytes =
        bytes.ok_or_else(|| StoreError::Damaged(format!("the archive has nothing named {id}")))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| StoreError::Damaged(format!("archive {id}: {error}")))
}
