//! One turn at a time per journal. The inbox in the store is the queue; this is only the set of busy journals.
//!
//! A journal is busy from the moment something comes in until its inbox is empty, and becoming idle is one
//! lock: whoever comes in after the inbox was seen empty finds the journal either still busy, and marks it,
//! or idle, and wakes it. An idle journal costs nothing.

mod bounce;
mod threads;
mod work;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use tokio::sync::{Notify, Semaphore};
use tracing::Instrument as _;

pub use self::threads::Threads;
use crate::event::{Answer, Recorded};
use crate::house::{Fold, House, has_turns};
use crate::id::{CommitId, CustomerId, JournalId, Name, Seq, Subject};
use crate::live;
use crate::message::{Inbound, InboundKind};
use crate::policy;
use crate::store::{Accept, Commit, CommitError, InboxRow, OutboxRow, Settle, Settled, StoreError};
use crate::time::Micros;
use crate::turn::{Done, TurnError};

/// Turns that run at once; the rest wait their turn.
pub const TURNS: usize = 256;
/// Journals that may be busy before intake refuses: the platforms deliver again.
pub const BUSY: usize = 20_000;
/// Rows of an inbox that one turn takes.
pub const TAKEN: usize = crate::request::INPUTS;
/// How often a commit whose outcome is unknown is sent again, and a turn that the store did not take is run
/// again before the journal is left for a while.
const TRIES: u32 = 5;
/// How long it is left then.
const AGAIN: Duration = Duration::from_secs(30);

/// A journal that nobody else works on, until this is dropped.
struct Claim<'a> {
    mailbox: &'a Arc<Mailbox>,
    journal: JournalId,
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if !self.mailbox.rest(self.journal, false) {
            self.mailbox.start(self.journal);
        }
    }
}

/// The set of busy journals.
#[derive(Debug)]
pub struct Mailbox {
    house: Arc<House>,
    busy: Mutex<BTreeMap<JournalId, bool>>,
    /// Journals whose turn failed every try, and when they are woken again.
    left: Mutex<BTreeMap<JournalId, Micros>>,
    waiting: AtomicUsize,
    turns: Semaphore,
    outbox: Arc<Notify>,
    idle: Notify,
    threads: Threads,
}

/// What a look into an inbox came to.
enum Looked {
    /// Something was done, and more may wait.
    Worked,
    /// Nothing waits but what came in since; whoever brought it has said so.
    Emptied,
    /// More words may come; so long they are waited for.
    Gathers(Duration),
}

/// Why a look into an inbox came to nothing.
#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Turn(#[from] TurnError),
    #[error("the turn panicked")]
    Panicked,
}

impl Mailbox {
    /// A mailbox; `outbox` is told when there is something to deliver. Turns run on `threads`, wherever from the
    /// mailbox is told.
    #[must_use]
    pub fn new(house: Arc<House>, outbox: Arc<Notify>, threads: impl Into<Threads>) -> Arc<Self> {
        Arc::new(Self {
            house,
            busy: Mutex::default(),
            left: Mutex::default(),
            waiting: AtomicUsize::new(0),
            turns: Semaphore::new(TURNS),
            outbox,
            idle: Notify::new(),
            threads: threads.into(),
        })
    }

    /// Whether more may come in; else how many wait.
    pub(crate) fn admit(&self) -> Result<(), usize> {
        match self.waiting.load(Ordering::Relaxed) {
            waiting if waiting >= BUSY => Err(waiting),
            _ => Ok(()),
        }
    }

    /// Wakes what was left waiting when the process last ended, and says how much that is.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn resume(self: &Arc<Self>) -> Result<usize, StoreError> {
        self.resume_by(BUSY).await
    }

    /// As [`Mailbox::resume`], so many journals at once; after them as many every half a minute.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn resume_by(self: &Arc<Self>, at_once: usize) -> Result<usize, StoreError> {
        let mut woken = 0;
        for shop in self.house.shops() {
            for journal in self.house.store.waiting(shop.id, usize::MAX).await? {
                match u32::try_from(woken / at_once.max(1)).unwrap_or(u32::MAX) {
                    0 => self.wake(journal),
                    later => self.leave(journal, AGAIN.saturating_mul(later)),
                }
                woken += 1;
            }
        }
        Ok(woken)
    }

    /// A journal is woken after a while.
    fn leave(&self, journal: JournalId, wait: Duration) {
        let due = self.house.clock.now().after(wait);
        self.left.lock().unwrap_or_else(PoisonError::into_inner).insert(journal, due);
    }

    /// Something came into this journal's inbox.
    pub fn wake(self: &Arc<Self>, journal: JournalId) {
        if !self.occupy(journal, true) {
            return;
        }
        self.start(journal);
    }

    /// Makes a journal busy; one that is already is looked at again when `again`.
    fn occupy(&self, journal: JournalId, again: bool) -> bool {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        match busy.entry(journal) {
            Entry::Occupied(mut busy) => {
                *busy.get_mut() |= again;
                false
            }
            Entry::Vacant(idle) => {
                idle.insert(false);
                self.waiting.store(busy.len(), Ordering::Relaxed);
                true
            }
        }
    }

    fn start(self: &Arc<Self>, journal: JournalId) {
        let mailbox = self.clone();
        self.threads.start(self.house.clock.clone(), async move { mailbox.work(journal).await });
    }

    /// Takes in what became of a row of the outbox and settles it, in one commit: as an event at once where the
    /// row is done with and the conversation at rest, else by its inbox.
    pub(crate) async fn told(
        self: &Arc<Self>,
        row: &OutboxRow,
        to: Settled,
        inbound: Inbound,
    ) -> Result<(), CommitError> {
        let (journal, customer, at) = (row.journal, row.customer, self.house.clock.now());
        let settle = vec![Settle { id: row.id, part: row.part, to }];
        let blank = Commit::blank(CommitId(self.house.ids.fresh()), at, journal);
        let blank = Commit { customer, settle, ..blank };
        // A row that stays may come to the same again, which the inbox does not take twice.
        if to == Settled::Done && self.occupy(journal, false) {
            let _claim = Claim { mailbox: self, journal };
            // Who was erased, or can't be read, is told so by the commit below.
            let state = self.house.conversation(journal).await;
            if let Some(state) = state.ok().filter(|state| state.open.is_none()) {
                let event = Answer::Received(inbound.clone()).into();
                let recorded = Recorded { seq: state.head.next(), at, event };
                let (expect, events) = (Some(state.head), vec![recorded.clone()]);
                drop(state);
                match self.commit(Commit { expect, events, ..blank.clone() }).await {
                    Err(CommitError::Conflict(_)) => {}
                    Err(error) => return Err(error),
                    Ok(()) => {
                        self.house.advance(journal, &recorded);
                        return Ok(());
                    }
                }
            }
        }
        let scope = Name(format!("courier/{}", journal.key));
        let accept = vec![Accept { journal, customer, scope, inbound }];
        self.commit(Commit { id: CommitId(self.house.ids.fresh()), accept, ..blank }).await?;
        self.wake(journal);
        Ok(())
    }

    /// Commits; asks again where the outcome is unknown.
    async fn commit(&self, commit: Commit) -> Result<(), CommitError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.house.store.commit(commit.clone()).await {
                Err(CommitError::Unknown(_)) if tries < TRIES => {}
                committed => return committed.map(|_| ()),
            }
        }
    }

    /// Wakes the journals that were left after their turn had failed every try.
    pub(crate) fn again(self: &Arc<Self>) {
        let now = self.house.clock.now();
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let due = left.iter().filter(|(_, due)| **due <= now).map(|(journal, _)| *journal);
        let due: Vec<JournalId> = due.collect();
        left.retain(|journal, _| !due.contains(journal));
        drop(left);
        due.into_iter().for_each(|journal| self.wake(journal));
    }

    /// Returns when no journal is busy.
    pub async fn settled(&self) {
        loop {
            let idle = self.idle.notified();
            if self.busy.lock().unwrap_or_else(PoisonError::into_inner).is_empty() {
                return;
            }
            idle.await;
        }
    }

    async fn work(self: Arc<Self>, journal: JournalId) {
        let (mut failures, mut gathered) = (0, false);
        loop {
            let permit = self.turns.acquire().await;
            let looked = self.look(journal, gathered).await;
            drop(permit);
            gathered = false;
            let done = match looked {
                Ok(Looked::Worked) => {
                    failures = 0;
                    false
                }
                Ok(Looked::Emptied) => {
                    failures = 0;
                    true
                }
                Ok(Looked::Gathers(settle)) => {
                    self.house.clock.sleep_until(self.house.clock.now().after(settle)).await;
                    gathered = true;
                    false
                }
                Err(error) => {
                    failures += 1;
                    tracing::error!(journal = %journal.key, %error, failures, "turn not taken");
                    failures >= TRIES
                }
            };
            if done && self.rest(journal, failures >= TRIES) {
                return;
            }
        }
    }

    /// Becomes idle, unless something came in meanwhile. Given up, the journal is left for a while.
    fn rest(&self, journal: JournalId, giving_up: bool) -> bool {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        match busy.get_mut(&journal) {
            Some(again) if *again && !giving_up => {
                *again = false;
                false
            }
            _ => {
                if giving_up {
                    self.leave(journal, AGAIN);
                }
                busy.remove(&journal);
                self.waiting.store(busy.len(), Ordering::Relaxed);
                if busy.is_empty() {
                    self.idle.notify_waiters();
                }
                true
            }
        }
    }

    async fn look(
        self: &Arc<Self>,
        journal: JournalId,
        gathered: bool,
    ) -> Result<Looked, LookError> {
        let (mut rows, all) = match self.taken(journal).await {
            // Nothing of an erased customer is answered.
            Err(StoreError::Erased) => return Ok(Looked::Emptied),
            rows => rows?,
        };
        if rows.is_empty() {
            return Ok(Looked::Emptied);
        }
        let quiet = rows.iter().all(|row| row.inbound.kind.is_receipt());
        if !has_turns(journal) {
            return self.keep(journal, rows, all).await;
        }
        // What comes in behind an open turn's events would be taken for one of them: that one is run first.
        let told = rows.iter().any(bounce::is_told);
        let open = (quiet || told) && self.house.conversation(journal).await?.open.is_some();
        if quiet && !open {
            return self.keep(journal, rows, all).await;
        }
        // A turn puts nothing into the outbox again; one that is open took its inputs before.
        if told && !open {
            rows.retain(bounce::is_told);
            return self.keep(journal, rows, false).await;
        }
        match self.settle(journal, &rows).filter(|_| !gathered) {
            Some(settle) => Ok(Looked::Gathers(settle)),
            None => self.converse(journal, rows, all).await,
        }
    }

    /// How long more words may be waited for: by the channel, and not when what is there must be acted on.
    fn settle(&self, journal: JournalId, rows: &[InboxRow]) -> Option<Duration> {
        let shop = self.house.shop(journal.shop)?;
        let spoken = |row: &&InboxRow| {
            matches!(row.inbound.kind, InboundKind::Text(_) | InboundKind::Media { .. })
        };
        let from = rows.iter().rev().find(spoken)?.inbound.from.as_ref()?;
        let settle = self.house.channel(journal.shop, from)?.profile().settle;
        let wished = || {
            let mut words = rows.iter().filter_map(|row| policy::words(&row.inbound));
            words.any(|words| policy::optout::read(words, &shop.pack).is_some())
        };
        (settle > Duration::ZERO && rows.len() < TAKEN && !wished()).then_some(settle)
    }

    /// Keeps what came in, without a turn: statuses, and journals that have none.
    async fn keep(
        &self,
        journal: JournalId,
        rows: Vec<InboxRow>,
        all: bool,
    ) -> Result<Looked, LookError> {
        let head = self.house.store.read(journal, Seq(u64::MAX), 1).await?.head;
        let at = self.house.clock.now();
        let mut seq = head;
        let received = |row: &InboxRow| {
            seq = seq.next();
            Recorded { seq, at, event: Answer::Received(row.inbound.clone()).into() }
        };
        let events: Vec<Recorded> = rows.iter().map(received).collect();
        let outbox = self.to_resend(journal, &events).await?;
        let sends = !outbox.is_empty();
        let commit = Commit {
            customer: match journal.subject {
                Subject::Customer => Some(CustomerId(journal.key.0)),
                _ => rows.iter().find_map(|row| row.customer),
            },
            expect: Some(head),
            events,
            outbox,
            settle: rows.iter().flat_map(|row| Settle::told(&row.inbound)).collect(),
            consume: rows.iter().map(|row| row.arrival).collect(),
            ..Commit::blank(CommitId(self.house.ids.fresh()), at, journal)
        };
        self.house.store.commit(commit).await.map_err(TurnError::from)?;
        if journal.subject == Subject::Account {
            self.house.told_of(journal);
        }
        if sends {
            self.outbox.notify_one();
        }
        Ok(if all { Looked::Emptied } else { Looked::Worked })
    }

    async fn converse(
        self: &Arc<Self>,
        journal: JournalId,
        rows: Vec<InboxRow>,
        all: bool,
    ) -> Result<Looked, LookError> {
        let Some(agent) = self.house.agents.get(&journal.shop) else {
            return Err(
                StoreError::Failed("the shop is not in the configuration".to_owned()).into()
            );
        };
        let (kept, mut work) = self.work_of(journal, rows).await?;
        work.live = live::show(&self.house, &work);
        let snapshot = work.snapshot;
        // A turn that is taken up again answers what it had taken, and no more.
        let all = all && work.tape.is_empty();
        let span = tracing::info_span!(
            "turn",
            shop = %journal.shop,
            conversation = %journal.key,
            turn = %work.force.turn,
            channel = %work.force.profile.channel,
            pack = %work.force.pack.name,
            mode = tracing::field::Empty,
            inputs = work.inputs.len(),
        );
        let attending = live::attend(&self.house, &work);
        let run = AssertUnwindSafe(agent.turn(work)).catch_unwind().instrument(span.clone());
        let (done, all) = match run.await {
            Ok(Ok(done)) => (done, all),
            Ok(Err(TurnError::Commit(CommitError::TooLarge(why)))) => {
                let why = format!("the turn is too large: {why}");
                (self.fail(agent, journal, &why, span.clone()).await?, false)
            }
            Ok(Err(TurnError::Commit(error))) => return Err(TurnError::from(error).into()),
            Ok(Err(diverged)) => {
                (self.fail(agent, journal, &diverged.to_string(), span.clone()).await?, false)
            }
            // A panic costs one turn.
            Err(_) => (self.fail(agent, journal, "the turn panicked", span.clone()).await?, false),
        };
        drop(attending);
        let kept = if snapshot { done.state.head } else { kept };
        self.house.remember(journal, Fold { kept, state: Arc::new(done.state) });
        tracing::info!(parent: &span, outcome = ?done.outcome, "turn taken");
        if done.sent {
            self.outbox.notify_one();
        }
        for told in done.told {
            self.wake(told);
        }
        Ok(if all { Looked::Emptied } else { Looked::Worked })
    }

    /// Fails a turn that was cut short: what it wrote is in the journal by now, so that is read again.
    async fn fail(
        &self,
        agent: &crate::turn::Agent,
        journal: JournalId,
        why: &str,
        span: tracing::Span,
    ) -> Result<Done, LookError> {
        let (rows, _) = self.taken(journal).await?;
        let (_, work) = self.work_of(journal, rows).await?;
        let run = AssertUnwindSafe(agent.fail(work, why)).catch_unwind().instrument(span);
        run.await.map_err(|_| LookError::Panicked)?.map_err(LookError::from)
    }
}
