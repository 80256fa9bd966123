//! Delivers what the outbox holds, and settles it. Policy is asked again at the moment of each send.
//!
//! Rows of one conversation go one after the other in their order; conversations side by side. A row is
//! settled and its outcome told to its journal in one commit, so a crash repeats a send at most where the
//! platform drops the repetition ([`Repeat::Nonce`]); elsewhere the row is marked before the call, and a
//! row found marked after a crash is ambiguous.

pub(crate) mod pace;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use tokio::sync::{Notify, Semaphore};

use crate::action;
use crate::channel::{Delivery, DeliveryError};
use crate::house::House;
use crate::id::{CommitId, JournalId, MessageId, Name};
use crate::mailbox::Mailbox;
use crate::message::{ActionRef, Inbound, InboundKind, Part, Status};
use crate::policy;
use crate::profile::Repeat;
use crate::store::{
    Accept, Commit, CommitError, OutboxRow, OutboxState, Settle, Settled, StoreError,
};
use crate::time::Micros;

/// Conversations delivered to at once.
pub const CHATS: usize = 64;
/// Rows looked at in one reading of the outbox.
const ROWS: usize = 512;
/// Until a refused key or an ambiguous send is tried again.
const AGAIN: Duration = Duration::from_secs(30);
/// How often an unknown outcome of a commit is asked for again.
const TRIES: usize = 4;
/// Until a held row is looked at again; only a person or a status webhook settles it.
const HELD: Duration = Duration::from_secs(24 * 3600);

/// What is done with a send nobody knows the outcome of, where the platform gives no evidence.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Default)]
pub enum Ambiguous {
    /// Send once more: a repetition is better than silence.
    #[default]
    Resend,
    /// Hold until a person says what became of it: silence is better than a repetition.
    Hold,
}

/// Delivers.
#[derive(Debug)]
pub struct Courier {
    house: Arc<House>,
    mailbox: Arc<Mailbox>,
    outbox: Arc<Notify>,
    /// Held while the outbox is read and what is due there started.
    reading: tokio::sync::Mutex<()>,
    chats: Mutex<Chats>,
    idle: Notify,
    permits: Arc<Semaphore>,
    ambiguous: Ambiguous,
}

/// The conversations that are being delivered to.
#[derive(Debug, Default)]
struct Chats {
    busy: BTreeSet<JournalId>,
    /// Those that came to rest since the outbox was last read: what was read of them may be settled by now.
    rested: BTreeSet<JournalId>,
    /// Those whose first row waits, and until when: nothing may overtake it.
    waiting: BTreeMap<JournalId, Micros>,
}

/// What became of one row.
enum Sent {
    /// It is settled; the next may go.
    Settled,
    /// It waits until then, and so do those after it.
    Waits(Micros),
}

impl Courier {
    /// A courier that is told of new rows by `outbox`.
    #[must_use]
    pub fn new(
        house: Arc<House>,
        mailbox: Arc<Mailbox>,
        outbox: Arc<Notify>,
        ambiguous: Ambiguous,
    ) -> Arc<Self> {
        Arc::new(Self {
            house,
            mailbox,
            outbox,
            reading: tokio::sync::Mutex::default(),
            chats: Mutex::default(),
            idle: Notify::new(),
            permits: Arc::new(Semaphore::new(CHATS)),
            ambiguous,
        })
    }

    /// Delivers until `stop` is done; what is being sent then is still settled.
    pub async fn run(self: &Arc<Self>, stop: impl Future<Output = ()> + Send) {
        let mut stop = std::pin::pin!(stop.fuse());
        loop {
            let told = self.outbox.notified();
            let next = self.round().await.0;
            let clock = self.house.clock.clone();
            let wait = async move {
                match next {
                    Some(next) => clock.sleep_until(next).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = &mut stop => break,
                () = told => {}
                () = wait => {}
            }
        }
        self.settled().await;
    }

    /// Delivers what is due now, and returns when it is settled.
    pub async fn deliver_due(self: &Arc<Self>) {
        loop {
            let skipped = self.round().await.1;
            self.settled().await;
            if !skipped {
                return;
            }
        }
    }

    /// Returns when nothing is being sent.
    async fn settled(&self) {
        loop {
            let idle = self.idle.notified();
            if self.chats().busy.is_empty() {
                return;
            }
            idle.await;
        }
    }

    /// Starts what is due; says when to look again, and whether anything due was left for then.
    async fn round(self: &Arc<Self>) -> (Option<Micros>, bool) {
        let _reading = self.reading.lock().await;
        let now = self.house.clock.now();
        let mut next: Option<Micros> = None;
        let mut skipped = false;
        self.chats().rested.clear();
        for shop in self.house.shops() {
            match self.house.store.due(shop.id, now, ROWS).await {
                Ok((rows, later)) => {
                    let (busy, waits) = self.start(rows, now);
                    skipped |= busy;
                    next = [next, later, waits].into_iter().flatten().min();
                }
                Err(error) => {
                    tracing::error!(shop = %shop.id, %error, "outbox not read");
                    next = Some(now.after(AGAIN));
                }
            }
        }
        (next, skipped)
    }

    /// Starts a chat for each conversation that is not busy; says whether one was skipped, and until when
    /// the first of those that may not go yet waits.
    fn start(self: &Arc<Self>, rows: Vec<OutboxRow>, now: Micros) -> (bool, Option<Micros>) {
        let mut chats: BTreeMap<JournalId, Vec<OutboxRow>> = BTreeMap::new();
        for row in rows {
            chats.entry(row.journal).or_default().push(row);
        }
        let mut held = self.chats();
        let (mut skipped, mut waits) = (false, None);
        for (journal, mut rows) in chats {
            if let Some(until) = held.waiting.get(&journal).filter(|until| **until > now) {
                waits = [waits, Some(*until)].into_iter().flatten().min();
                continue;
            }
            held.waiting.remove(&journal);
            // Whatever comes to rest tells the outbox, which is then read again.
            if held.rested.contains(&journal) || !held.busy.insert(journal) {
                skipped = true;
                continue;
            }
            rows.sort_by_key(|row| (row.seq, row.id, row.part));
            let courier = self.clone();
            let permits = self.permits.clone();
            tokio::spawn(async move {
                let permit = permits.acquire_owned().await;
                let sent = AssertUnwindSafe(courier.chat(journal, rows)).catch_unwind().await;
                if sent.is_err() {
                    tracing::error!(journal = %journal.key, "delivery panicked");
                    let clock = &courier.house.clock;
                    clock.sleep_until(clock.now().after(AGAIN)).await;
                }
                drop(permit);
                courier.rest(journal);
            });
        }
        (skipped, waits)
    }

    /// A chat is no longer busy; rows may have come in while it was.
    fn rest(&self, journal: JournalId) {
        let mut chats = self.chats();
        chats.busy.remove(&journal);
        chats.rested.insert(journal);
        if chats.busy.is_empty() {
            self.idle.notify_waiters();
        }
        drop(chats);
        self.outbox.notify_one();
    }

    fn chats(&self) -> std::sync::MutexGuard<'_, Chats> {
        self.chats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn chat(self: &Arc<Self>, journal: JournalId, rows: Vec<OutboxRow>) {
        for (n, row) in rows.iter().enumerate() {
            match self.row(row).await {
                Ok(Sent::Settled) => {}
                Ok(Sent::Waits(until)) => {
                    self.chats().waiting.insert(journal, until);
                    self.hold_back(journal, rows.get(n + 1..).unwrap_or_default(), until).await;
                    break;
                }
                Err(error) => {
                    tracing::error!(journal = %journal.key, %error, "delivery not settled");
                    self.house.clock.sleep_until(self.house.clock.now().after(AGAIN)).await;
                    break;
                }
            }
        }
        self.mailbox.wake(journal);
    }

    /// What comes after a row that waits must not overtake it.
    async fn hold_back(&self, journal: JournalId, rows: &[OutboxRow], until: Micros) {
        if rows.is_empty() {
            return;
        }
        let settle = rows.iter().map(|row| Settle {
            id: row.id,
            part: row.part,
            to: Settled::Again(until, row.state),
        });
        let commit = Commit { settle: settle.collect(), ..self.blank(journal) };
        if let Err(error) = self.house.store.commit(commit).await {
            tracing::error!(journal = %journal.key, %error, "rows not held back");
        }
    }

    async fn row(&self, row: &OutboxRow) -> Result<Sent, CommitError> {
        let Some(channel) = self.house.channel(row.journal.shop, &row.to).cloned() else {
            let why = format!(
                "the account {}/{} is not in the configuration",
                row.to.channel, row.to.account
            );
            return self.settle(row, Settled::Done, Status::Failed(why)).await;
        };
        let repeat = channel.profile().repeat;
        let sends = match row.state {
            OutboxState::Waiting => true,
            OutboxState::Sending => {
                repeat != Repeat::StatusEcho && self.ambiguous == Ambiguous::Resend
            }
            OutboxState::Held => false,
        };
        let direct = row.private.then(|| row.to.direct());
        let to = direct.as_ref().unwrap_or(&row.to);
        if sends && let Err(until) = self.house.paces.place(channel.profile(), to).await {
            return self.waits(row, until).await;
        }
        // Asked when it may go, and not before: until then it waited, and much may have been said.
        let now = self.house.clock.now();
        if let Err(rule) = self.permitted(row, now).await? {
            tracing::info!(journal = %row.journal.key, %rule, "send refused");
            return self.settle(row, Settled::Done, Status::Refused(rule)).await;
        }
        match row.state {
            OutboxState::Held => return self.again(row, now.after(HELD), OutboxState::Held).await,
            OutboxState::Sending if !sends => return self.hold(row).await,
            OutboxState::Waiting | OutboxState::Sending => {}
        }
        if repeat == Repeat::Never && row.state == OutboxState::Sending {
            self.doubted(row, now).await?;
        }
        if repeat != Repeat::Nonce && row.state == OutboxState::Waiting {
            self.again(row, now, OutboxState::Sending).await?;
        }
        let outcome = channel.deliver(&self.delivery(row)).await;
        self.outcome(row, repeat, outcome).await
    }

    async fn outcome(
        &self,
        row: &OutboxRow,
        repeat: Repeat,
        outcome: Result<Option<MessageId>, DeliveryError>,
    ) -> Result<Sent, CommitError> {
        let wait = |wait: Duration| self.house.clock.now().after(wait);
        let failed = |why: String| self.settle(row, Settled::Done, Status::Failed(why));
        match outcome {
            Ok(id) => self.settle(row, Settled::Done, Status::Accepted(id)).await,
            Err(DeliveryError::Later(later)) => self.waits(row, wait(later)).await,
            Err(DeliveryError::TooFast(rest)) => {
                let until = wait(rest);
                let direct = row.private.then(|| row.to.direct());
                self.house.paces.rest(direct.as_ref().unwrap_or(&row.to), until);
                self.waits(row, until).await
            }
            Err(DeliveryError::Never(why)) => failed(why).await,
            Err(DeliveryError::WindowClosed) => failed("the window is closed".to_owned()).await,
            Err(DeliveryError::Unauthorized(why)) => {
                tracing::error!(account = %row.to.account, why, "the platform refused our key");
                self.waits(row, wait(AGAIN)).await
            }
            Err(DeliveryError::Ambiguous(why)) => {
                tracing::warn!(journal = %row.journal.key, why, "nobody knows whether it arrived");
                let first = row.state == OutboxState::Waiting;
                match (repeat, self.ambiguous) {
                    (Repeat::Nonce, _) => self.waits(row, wait(AGAIN)).await,
                    // Once more and no oftener: marked as sent, it is held when nobody knows again.
                    (Repeat::Never, Ambiguous::Resend) if first => {
                        self.doubted(row, wait(AGAIN)).await?;
                        Ok(Sent::Waits(wait(AGAIN)))
                    }
                    (Repeat::StatusEcho | Repeat::Never, _) => self.hold(row).await,
                }
            }
        }
    }

    /// The row was not sent, and waits.
    async fn waits(&self, row: &OutboxRow, until: Micros) -> Result<Sent, CommitError> {
        self.again(row, until, row.state).await?;
        Ok(Sent::Waits(until))
    }

    /// Nobody knows whether the row was sent; it is sent once more at `due`, and its journal is told of the doubt.
    async fn doubted(&self, row: &OutboxRow, due: Micros) -> Result<Sent, CommitError> {
        self.settle(row, Settled::Again(due, OutboxState::Sending), Status::Ambiguous).await
    }

    async fn hold(&self, row: &OutboxRow) -> Result<Sent, CommitError> {
        let until = self.house.clock.now().after(HELD);
        self.settle(row, Settled::Again(until, OutboxState::Held), Status::Ambiguous).await
    }

    /// Asks the policy as the conversation stands now.
    async fn permitted(
        &self,
        row: &OutboxRow,
        now: Micros,
    ) -> Result<Result<(), crate::id::RuleId>, CommitError> {
        let failed = |error: StoreError| match error {
            StoreError::Erased => CommitError::Erased,
            error => CommitError::NotApplied(error.to_string()),
        };
        let conversation = self.house.conversation(row.journal).await.map_err(failed)?;
        let opted_out = match row.customer {
            Some(customer) => {
                self.house.customer(row.journal.shop, customer).await.map_err(failed)?.opted_out
            }
            None => false,
        };
        Ok(policy::send(&conversation, opted_out, row, now))
    }

    fn delivery(&self, row: &OutboxRow) -> Delivery {
        let tokens = options(&row.body).into_iter();
        let tokens = tokens
            .map(|action| (action.option, action::mint(&*self.house.ids, row.journal, action)));
        Delivery {
            id: row.id,
            part: row.part,
            to: row.to.clone(),
            answers: row.answers.clone(),
            private: row.private,
            body: row.body.clone(),
            tokens: tokens.collect(),
        }
    }

    async fn again(
        &self,
        row: &OutboxRow,
        due: Micros,
        state: OutboxState,
    ) -> Result<Sent, CommitError> {
        let settle = vec![Settle { id: row.id, part: row.part, to: Settled::Again(due, state) }];
        let commit = Commit { settle, ..self.blank(row.journal) };
        self.house.store.commit(commit).await.map(|_| Sent::Settled)
    }

    /// Settles a row and tells its journal, in one commit.
    async fn settle(
        &self,
        row: &OutboxRow,
        to: Settled,
        status: Status,
    ) -> Result<Sent, CommitError> {
        let at = self.house.clock.now();
        let inbound = Inbound {
            id: MessageId(format!("{}/{}/{}", row.id, row.part, named(&status))),
            at,
            from: None,
            aliases: Vec::new(),
            kind: InboundKind::Status { of: row.id, part: row.part, status },
            reply_to: None,
            referral: None,
        };
        let scope = Name(format!("courier/{}", row.journal.key));
        let commit = Commit {
            customer: row.customer,
            accept: vec![Accept { journal: row.journal, customer: row.customer, scope, inbound }],
            settle: vec![Settle { id: row.id, part: row.part, to }],
            ..self.blank(row.journal)
        };
        let mut tries = 0;
        loop {
            tries += 1;
            match self.house.store.commit(commit.clone()).await {
                Err(CommitError::Unknown(_)) if tries < TRIES => {}
                committed => return committed.map(|_| Sent::Settled),
            }
        }
    }

    fn blank(&self, journal: JournalId) -> Commit {
        Commit::blank(CommitId(self.house.ids.fresh()), self.house.clock.now(), journal)
    }
}

fn named(status: &Status) -> &'static str {
    match status {
        Status::Accepted(_) => "accepted",
        Status::Sent => "sent",
        Status::Delivered => "delivered",
        Status::Read => "read",
        Status::Failed(_) => "failed",
        Status::Refused(_) => "refused",
        Status::Ambiguous => "ambiguous",
    }
}

/// The actions a part offers.
fn options(part: &Part) -> Vec<ActionRef> {
    match part {
        Part::Buttons { options, .. } => options.iter().map(|(_, action)| *action).collect(),
        Part::List { rows, .. } => rows.iter().map(|row| row.action).collect(),
        Part::Cards(cards) => {
            cards.iter().flat_map(|card| &card.options).map(|(_, action)| *action).collect()
        }
        _ => Vec::new(),
    }
}
