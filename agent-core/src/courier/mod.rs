//! Delivers what the outbox holds, and settles it. Policy is asked again at the moment of each send.
//!
//! Rows of one conversation go one after the other in their order; conversations side by side. A row is
//! settled and its outcome told to its journal in one commit, so a crash repeats a send at most where the
//! platform drops the repetition (`Repeat::Nonce`); elsewhere the row is marked before the call, and a
//! row found marked after a crash is ambiguous. Where statuses tell what became of each sending, one that may be a
//! repetition has a name of its own (`Made::again`).

pub(crate) mod pace;
mod row;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use tokio::sync::{Notify, Semaphore};

use crate::house::House;
use crate::id::{CommitId, JournalId};
use crate::mailbox::Mailbox;
use crate::store::{Commit, OutboxRow, OutboxState, Settle, Settled, StoreError};
use crate::time::Micros;

/// Conversations delivered to at once.
pub const CHATS: usize = 64;
/// Rows looked at in one reading of the outbox.
const ROWS: usize = 512;
/// Until a refused key or a send nobody knows the outcome of is tried again.
const AGAIN: Duration = Duration::from_secs(30);
/// How often an unknown outcome of a commit is asked for again.
const TRIES: usize = 4;
/// How long a platform's word is waited for where it brings our reference back, before the policy decides
/// about a send nobody knows the outcome of.
pub const PROOF: Duration = Duration::from_secs(600);
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
    /// Held while the outbox is read and what is due there started; whether it is known what waited there before.
    reading: tokio::sync::Mutex<bool>,
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
    /// Those that had rows when the outbox was read while they were busy: perhaps more than they know of.
    passed: BTreeSet<JournalId>,
    /// Those whose first row waits, and until when: nothing may overtake it.
    waiting: BTreeMap<JournalId, Micros>,
}

/// What became of one row.
enum Sent {
    /// It is gone; the next may go.
    Settled,
    /// It stays for later; the next may go.
    Stays,
    /// It waits until then, and so do those after it.
    Waits(Micros),
    /// It can't be sent here or now, nor those after it; they are looked at again then.
    Away(Micros),
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
        let mut recalled = self.reading.lock().await;
        let now = self.house.clock.now();
        if !*recalled {
            *recalled = self.recall(now).await.is_ok();
        }
        let (passing, mut next) = self.waiting(now);
        let mut skipped = false;
        for shop in self.house.shops() {
            match self.house.store.due(shop.id, Micros::MIN..=now, ROWS, &passing).await {
                Ok((rows, later)) => {
                    skipped |= self.start(rows);
                    next = [next, later].into_iter().flatten().min();
                }
                Err(error) => {
                    tracing::error!(shop = %shop.id, %error, "outbox not read");
                    next = Some(now.after(AGAIN));
                }
            }
        }
        (next, skipped)
    }

    /// What waits since before this process may not be overtaken either. A part that bounced goes by itself.
    async fn recall(&self, now: Micros) -> Result<(), StoreError> {
        for shop in self.house.shops() {
            let (mut from, mut limit) = (now, ROWS);
            loop {
                let (store, nobody) = (&self.house.store, BTreeSet::new());
                let (rows, next) = store.due(shop.id, from..=Micros::MAX, limit, &nobody).await?;
                self.waited(&rows, now);
                let Some(next) = next else { break };
                // What is due at one moment and is too much for a page is read again in a larger one.
                limit = if next == from { limit * 2 } else { ROWS };
                from = next;
            }
        }
        Ok(())
    }

    /// Conversations wait for the last of these rows that are due later, and may be sent then.
    fn waited(&self, rows: &[OutboxRow], now: Micros) {
        let waits = |row: &&OutboxRow| {
            let goes = !matches!(row.state, OutboxState::Held | OutboxState::Unsure);
            goes && row.due > now && row.id.times() == 0
        };
        let mut chats = self.chats();
        for row in rows.iter().filter(waits) {
            let until = chats.waiting.entry(row.journal).or_insert(row.due);
            *until = row.due.max(*until);
        }
    }

    /// The conversations whose rows may not go yet, and when the first of them may. The outbox is read anew.
    fn waiting(&self, now: Micros) -> (BTreeSet<JournalId>, Option<Micros>) {
        let mut chats = self.chats();
        chats.rested.clear();
        chats.waiting.retain(|_, until| *until > now);
        (chats.waiting.keys().copied().collect(), chats.waiting.values().min().copied())
    }

    /// Starts a chat for each conversation that is not busy; says whether one was skipped.
    fn start(self: &Arc<Self>, rows: Vec<OutboxRow>) -> bool {
        let mut chats: BTreeMap<JournalId, Vec<OutboxRow>> = BTreeMap::new();
        for row in rows {
            chats.entry(row.journal).or_default().push(row);
        }
        let mut held = self.chats();
        let mut skipped = false;
        for (journal, mut rows) in chats {
            if held.rested.contains(&journal) {
                self.outbox.notify_one();
                skipped = true;
                continue;
            }
            if !held.busy.insert(journal) {
                held.passed.insert(journal);
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
                courier.rest(journal, sent.unwrap_or(false));
            });
        }
        skipped
    }

    /// A chat is no longer busy. The outbox is read again if rows are left, or may have come in meanwhile.
    fn rest(&self, journal: JournalId, all: bool) {
        let mut chats = self.chats();
        chats.busy.remove(&journal);
        chats.rested.insert(journal);
        if chats.passed.remove(&journal) || !all {
            self.outbox.notify_one();
        }
        if chats.busy.is_empty() {
            self.idle.notify_waiters();
        }
    }

    fn chats(&self) -> std::sync::MutexGuard<'_, Chats> {
        self.chats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Delivers rows in their order; says whether all of them are gone.
    async fn chat(self: &Arc<Self>, journal: JournalId, rows: Vec<OutboxRow>) -> bool {
        let mut all = true;
        for (n, row) in rows.iter().enumerate() {
            match self.row(row).await {
                Ok(Sent::Settled) => {}
                Ok(Sent::Stays) => all = false,
                Ok(Sent::Waits(until)) => {
                    self.chats().waiting.insert(journal, until);
                    self.hold_back(journal, rows.get(n + 1..).unwrap_or_default(), until).await;
                    return false;
                }
                Ok(Sent::Away(until)) => {
                    self.chats().waiting.insert(journal, until);
                    return false;
                }
                Err(error) => {
                    tracing::error!(journal = %journal.key, %error, "delivery not settled");
                    self.house.clock.sleep_until(self.house.clock.now().after(AGAIN)).await;
                    return false;
                }
            }
        }
        all
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

    fn blank(&self, journal: JournalId) -> Commit {
        Commit::blank(CommitId(self.house.ids.fresh()), self.house.clock.now(), journal)
    }
}
