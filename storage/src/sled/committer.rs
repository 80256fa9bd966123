//! The only writer: one thread that gathers commits into groups, one batch and one sync for each.
//!
//! The engine's own flush does not reach the medium, so each group ends with an fdatasync of its file.
//! An error there means that nobody knows what the medium holds, and asking again can answer wrongly:
//! the store is marked as failed, refuses everything, and is opened anew from what the medium has.

use std::collections::BTreeSet;
use std::fs::File;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use agent_core::id::{CustomerId, JournalId, ShopId};
use agent_core::store::{CommitError, Committed, Receipt, StoreError};
use agent_core::time::Micros;
use tokio::sync::{mpsc, oneshot, watch};

use super::erase::Left;
use super::group::Group;
use super::prepare::Prepared;
use super::rows::{Counters, Rows};
use crate::key;
use crate::mark::Mark;

/// Rows that expired, forgotten for each commit: more than one commit brings, so that they run out.
const SWEPT: usize = 4;

/// How long a group waits, at most so often, for others that write now. Where several write, a group
/// costs more than its commits do: the engine wakes all of its threads for each write. What a platform waits for
/// to be acknowledged ends that pause: such a group waits only while more come in, as they do in a burst.
const PAUSE: Duration = Duration::from_millis(1);
const PAUSES: usize = 4;
const BREATH: Duration = Duration::from_micros(100);
const BREATHS: usize = 8;
/// As many commits are waited for at least where several write.
const COMPANY: usize = 4;
/// Who was alone for so many groups in a row writes alone, and waits for nobody.
const ALONE: u8 = 8;

/// What stands for the last durable group when nothing will ever be durable again.
const FAILED: u64 = u64::MAX;

type Answer<T, E> = oneshot::Sender<Result<T, E>>;

/// Work for the committer.
#[derive(Debug)]
pub(super) enum Job {
    Commit(Box<Prepared>, Answer<Committed, CommitError>),
    /// Drops a customer's key; tells the receipt of one who was erased before.
    Drop(ShopId, CustomerId, Micros, Answer<Option<Receipt>, StoreError>),
    /// Removes what is left of one whose key was dropped.
    Forget(Box<Left>, Answer<Receipt, StoreError>),
}

/// What readers must know of the committer.
#[derive(Debug)]
pub(super) struct State {
    failed: OnceLock<String>,
    /// Commits that were asked for and not answered, and how many at once at most since a group began.
    flying: AtomicUsize,
    at_once: AtomicUsize,
    /// The group that the engine is writing; 0 for none.
    writing: AtomicU64,
    /// The last group that readers may see.
    applied: AtomicU64,
    /// What that group touches, until it is durable.
    touched: Mutex<Option<Touched>>,
    /// The last group that a power cut can't take back.
    durable: watch::Sender<u64>,
}

impl State {
    pub(super) fn new() -> Self {
        let durable = watch::Sender::new(0);
        let (flying, at_once) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (writing, applied) = (AtomicU64::new(0), AtomicU64::new(0));
        let (failed, touched) = (OnceLock::new(), Mutex::default());
        Self { failed, flying, at_once, writing, applied, touched, durable }
    }

    /// The group that the engine is writing; 0 for none.
    pub(super) fn writing(&self) -> u64 {
        self.writing.load(Ordering::Relaxed)
    }

    fn touched(&self) -> MutexGuard<'_, Option<Touched>> {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when everything of a journal that could be read before this call is durable.
    pub(super) async fn journal_settled(&self, journal: JournalId) -> Result<(), StoreError> {
        let waits = self.touched().as_ref().is_some_and(|it| it.touches(journal));
        if waits { self.settled().await } else { self.check() }
    }

    /// Returns when what could be read of an entry of the index before this call is durable.
    pub(super) async fn entry_settled(&self, entry: &[u8]) -> Result<(), StoreError> {
        let waits = self.touched().as_ref().is_some_and(|it| it.changes(entry));
        if waits { self.settled().await } else { self.check() }
    }

    /// Counts a commit as one in flight, until what is given is dropped.
    pub(super) fn fly(&self) -> Flying<'_> {
        let flying = self.flying.fetch_add(1, Ordering::Relaxed) + 1;
        self.at_once.fetch_max(flying, Ordering::Relaxed);
        Flying(self)
    }

    /// How many commits were in flight at once since this was last asked.
    fn at_once(&self) -> usize {
        self.at_once.swap(self.flying.load(Ordering::Relaxed), Ordering::Relaxed)
    }

    pub(super) fn check(&self) -> Result<(), StoreError> {
        match self.failed.get() {
            Some(why) => Err(StoreError::Failed(why.clone())),
            None => Ok(()),
        }
    }

    /// Returns when everything that could be read before this call is durable.
    pub(super) async fn settled(&self) -> Result<(), StoreError> {
        let seen = self.applied.load(Ordering::SeqCst);
        if *self.durable.borrow() < seen {
            // The sender lives in `self`, so the wait ends only by reaching the group or by failing.
            let mut durable = self.durable.subscribe();
            let _reached = durable.wait_for(|durable| *durable >= seen).await;
        }
        self.check()
    }

    pub(super) async fn failure(&self) -> String {
        // The sender lives in `self`, so the wait ends only by failing.
        let _reached =
            self.durable.subscribe().wait_for(|durable| *durable == FAILED).await.is_ok();
        self.failed.get().cloned().unwrap_or_default()
    }

    pub(super) fn fail(&self, why: &str) {
        tracing::error!(why, "the store failed; it refuses everything until it is opened again");
        let _first = self.failed.set(format!("{why}; see to the disk, then start again"));
        self.durable.send_replace(FAILED);
        self.writing.store(0, Ordering::Relaxed);
    }
}

/// What a group touches.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// The journals it writes or tells something; none: perhaps all of them.
    pub(super) journals: Option<BTreeSet<JournalId>>,
    /// The entries of the index it changes.
    pub(super) index: BTreeSet<Vec<u8>>,
}

impl Touched {
    fn touches(&self, journal: JournalId) -> bool {
        self.journals.as_ref().is_none_or(|journals| journals.contains(&journal))
    }

    fn changes(&self, entry: &[u8]) -> bool {
        self.journals.is_none() || self.index.contains(entry)
    }
}

/// A commit in flight.
pub(super) struct Flying<'a>(&'a State);

impl Drop for Flying<'_> {
    fn drop(&mut self) {
        self.0.flying.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The thread's own.
pub(super) struct Committer {
    pub(super) rows: Arc<Rows>,
    pub(super) state: Arc<State>,
    pub(super) jobs: mpsc::Receiver<Job>,
    /// The engine's file, open for as long as the store, so that no error of writing it back is missed.
    pub(super) file: File,
    pub(super) mark: Mark,
    /// How many commits at most make one group.
    pub(super) limit: usize,
    /// A group of so much content is full.
    pub(super) full: usize,
    pub(super) counters: Counters,
    /// Groups in a row without more than one commit in flight.
    pub(super) alone: u8,
}

/// Why a group failed, and whether some of it may have been written.
struct Failure {
    why: String,
    begun: bool,
}

impl Committer {
    /// Works until every sender is gone or something fails.
    pub(super) fn run(mut self) {
        while let Some(first) = self.jobs.blocking_recv() {
            if let Err(why) = self.take(first) {
                self.state.fail(&why);
                break;
            }
        }
        self.jobs.close();
        while let Some(job) = self.jobs.blocking_recv() {
            refuse(job, self.state.check().err());
        }
    }

    fn take(&mut self, first: Job) -> Result<(), String> {
        let (mut commits, mut bytes) = (Vec::new(), 0);
        let mut next = Some(first);
        let at_once = self.state.at_once();
        self.alone = if at_once > 1 { 0 } else { self.alone.saturating_add(1) };
        let company = if self.alone < ALONE { at_once.max(COMPANY).min(self.limit) } else { 1 };
        let (mut pauses, mut breaths, mut waits) = (0, 0, true);
        while let Some(job) = next.take() {
            match job {
                Job::Commit(commit, answer) => {
                    bytes += commit.bytes;
                    waits &= commit.count > 0;
                    commits.push((*commit, answer));
                }
                Job::Drop(shop, customer, at, answer) => {
                    self.commit(commits)?;
                    return told(self.dropped(shop, customer, at), answer);
                }
                Job::Forget(left, answer) => {
                    self.commit(commits)?;
                    return told(self.forgotten(*left), answer);
                }
            }
            if commits.len() == self.limit || bytes >= self.full {
                break;
            }
            next = self.jobs.try_recv().ok();
            while waits && next.is_none() && commits.len() < company && pauses < PAUSES {
                std::thread::park_timeout(PAUSE);
                pauses += 1;
                next = self.jobs.try_recv().ok();
            }
            if !waits && next.is_none() && company > 1 && breaths < BREATHS {
                std::thread::park_timeout(BREATH);
                breaths += 1;
                next = self.jobs.try_recv().ok();
            }
        }
        self.commit(commits)
    }

    fn commit(
        &mut self,
        commits: Vec<(Prepared, Answer<Committed, CommitError>)>,
    ) -> Result<(), String> {
        let (commits, waiting): (Vec<_>, Vec<_>) = commits.into_iter().unzip();
        match self.write(commits) {
            Ok(answers) => {
                for (to, answer) in waiting.into_iter().zip(answers) {
                    // Whoever asked may be gone; the commit stands.
                    let _gone = to.send(answer);
                }
                // After the answers: whoever reads the outbox finds the writer ahead.
                self.settle();
                Ok(())
            }
            Err(Failure { why, begun }) => {
                for to in waiting {
                    let error = if begun { CommitError::Unknown } else { CommitError::NotApplied };
                    let _gone = to.send(Err(error(why.clone())));
                }
                Err(why)
            }
        }
    }

    /// Writes a group; its answers may be told when this returns.
    fn write(
        &mut self,
        commits: Vec<Prepared>,
    ) -> Result<Vec<Result<Committed, CommitError>>, Failure> {
        let before = |why: String| Failure { why, begun: false };
        let rows = Arc::clone(&self.rows);
        let mut group = Group::new(&rows, self.counters.arrivals);
        let last = commits.last().map(|it| (it.commit.journal.shop, it.commit.at));
        let sweep = commits.len() * SWEPT;
        let mut answers = Vec::with_capacity(commits.len());
        for commit in commits {
            answers.push(match group.apply(commit) {
                Ok(answer) => answer,
                // It needs a record that is not what was written; the others don't.
                Err(StoreError::Damaged(what)) => Err(CommitError::Damaged(what)),
                Err(error) => return Err(before(error.to_string())),
            });
        }
        if let Some((shop, now)) = last {
            match group.sweep(shop, now, sweep) {
                Ok(()) => {}
                Err(damaged @ StoreError::Damaged(_)) => rows.tell(&damaged),
                Err(error) => return Err(before(error.to_string())),
            }
        }
        self.make_durable(group)?;
        Ok(answers)
    }

    /// Readers may tell of the group.
    fn settle(&self) {
        self.state.durable.send_replace(self.counters.groups);
        *self.state.touched() = None;
    }

    /// Keys and blobs before the batch that needs them; what is stale after it.
    fn make_durable(&mut self, mut group: Group<'_>) -> Result<(), Failure> {
        let before = |why: String| Failure { why, begun: false };
        let begun = |why: String| Failure { why, begun: true };
        if group.is_empty() {
            return Ok(());
        }
        let groups = self.counters.groups + 1;
        let counters = Counters { groups, arrivals: group.arrivals };
        group.set(key::counters(), counters.bytes());
        let batch = group.batch();
        self.rows.keys.sync().map_err(|error| before(error.to_string()))?;
        for blob in &group.blobs {
            self.rows.blobs.write(blob).map_err(|error| before(error.to_string()))?;
        }
        *self.state.touched() = Some(std::mem::take(&mut group.touched));
        self.state.applied.store(groups, Ordering::SeqCst);
        self.state.writing.store(groups, Ordering::Relaxed);
        let written = self.rows.tree.apply_batch(batch).and_then(|()| self.rows.tree.flush());
        self.state.writing.store(0, Ordering::Relaxed);
        written.map_err(|error| begun(error.to_string()))?;
        self.file.sync_data().map_err(|error| begun(error.to_string()))?;
        self.counters = counters;
        if let Err(error) = self.mark.write(groups) {
            tracing::warn!(%error, "the mark was not written; damage may go unnoticed");
        }
        for (owner, name) in &group.stale {
            // A fold that came back to what it was is named again.
            if !group.blobs.iter().any(|blob| blob.name == *name)
                && let Err(error) = self.rows.blobs.remove(*owner, name)
            {
                tracing::warn!(%error, "left a blob that nothing names; the next start sweeps it");
            }
        }
        Ok(())
    }

    /// Drops a customer's key, or tells that they were erased.
    fn dropped(
        &self,
        shop: ShopId,
        customer: CustomerId,
        at: Micros,
    ) -> Result<Option<Receipt>, StoreError> {
        let receipt = self.rows.receipt(shop, customer)?;
        if receipt.is_none() {
            self.rows.drop_key(shop, customer, at)?;
        }
        Ok(receipt)
    }

    /// Removes what is left of them, unless somebody else did.
    fn forgotten(&mut self, left: Left) -> Result<Receipt, StoreError> {
        if let Some(receipt) = self.rows.receipt(left.receipt.shop, left.receipt.customer)? {
            return Ok(receipt);
        }
        let rows = Arc::clone(&self.rows);
        let group = rows.forget(&left, self.counters.arrivals)?;
        self.make_durable(group).map_err(|failure| StoreError::Failed(failure.why))?;
        self.settle();
        Ok(left.receipt)
    }

    /// Erases a customer, or tells that they were.
    pub(super) fn erased(
        &mut self,
        shop: ShopId,
        customer: CustomerId,
        at: Micros,
    ) -> Result<Receipt, StoreError> {
        match self.dropped(shop, customer, at)? {
            Some(receipt) => Ok(receipt),
            None => self.forgotten(self.rows.left(shop, customer, at)?),
        }
    }
}

/// Answers; says what ends the committer.
fn told<T>(done: Result<T, StoreError>, answer: Answer<T, StoreError>) -> Result<(), String> {
    let failed = match &done {
        Err(StoreError::Failed(why)) => Some(why.clone()),
        Ok(_) | Err(StoreError::Damaged(_) | StoreError::Erased) => None,
    };
    let _gone = answer.send(done);
    failed.map_or(Ok(()), Err)
}

fn refuse(job: Job, why: Option<StoreError>) {
    let why = why.unwrap_or_else(|| StoreError::Failed("the store is closed".to_owned()));
    match job {
        Job::Commit(_, answer) => {
            let _gone = answer.send(Err(CommitError::NotApplied(why.to_string())));
        }
        Job::Drop(.., answer) => {
            let _gone = answer.send(Err(why));
        }
        Job::Forget(_, answer) => {
            let _gone = answer.send(Err(why));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    fn waits(read: impl Future) -> bool {
        pin!(read).poll(&mut Context::from_waker(Waker::noop())).is_pending()
    }

    #[tokio::test]
    async fn a_read_is_told_when_what_it_saw_is_durable_and_not_before() {
        let state = Arc::new(State::new());
        state.settled().await.unwrap();
        state.applied.store(2, Ordering::SeqCst);
        let reader = tokio::spawn({
            let state = Arc::clone(&state);
            async move { state.settled().await }
        });
        state.durable.send_replace(1);
        tokio::task::yield_now().await;
        assert!(!reader.is_finished());
        state.durable.send_replace(2);
        reader.await.unwrap().unwrap();
    }

    #[test]
    fn an_entry_of_the_index_waits_for_the_group_that_changes_it_and_no_other() {
        let state = State::new();
        state.applied.store(1, Ordering::SeqCst);
        let (journals, index) = (Some(BTreeSet::new()), BTreeSet::from([b"a".to_vec()]));
        *state.touched() = Some(Touched { journals, index });
        assert!(!waits(state.entry_settled(b"b")));
        assert!(waits(state.entry_settled(b"a")));
        // Whatever an erasure touches.
        *state.touched() = Some(Touched::default());
        assert!(waits(state.entry_settled(b"b")));
    }

    #[tokio::test]
    async fn a_read_that_waits_is_told_of_the_failure() {
        let state = Arc::new(State::new());
        state.applied.store(1, Ordering::SeqCst);
        let reader = tokio::spawn({
            let state = Arc::clone(&state);
            async move { state.settled().await }
        });
        tokio::task::yield_now().await;
        state.fail("no sync");
        assert!(matches!(reader.await.unwrap(), Err(StoreError::Failed(_))));
    }
}
