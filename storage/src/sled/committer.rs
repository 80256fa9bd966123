//! The only writer: one thread that gathers commits into groups, one record of the log and one sync for each.
//!
//! A group is durable in the write-ahead log before the engine has it, so whatever is read is durable. At a checkpoint
//! the engine is flushed and, since its own flush does not reach the medium, its file synced.
//! An error of either means that nobody knows what the medium holds, and asking again can answer wrongly:
//! the store is marked as failed, refuses everything, and is opened anew from what the medium has.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use agent_core::id::{CustomerId, ShopId};
use agent_core::store::{CommitError, Committed, Receipt, StoreError};
use agent_core::time::Micros;
use tokio::sync::{mpsc, oneshot, watch};

use super::erase::Left;
use super::group::Group;
use super::prepare::Prepared;
use super::rows::{Counters, Rows, batch};
use crate::key;
use crate::mark::Mark;
use crate::wal::{self, Wal};

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

/// What others must know of the committer.
#[derive(Debug)]
pub(super) struct State {
    /// Why nothing will ever be written again.
    failed: watch::Sender<Option<String>>,
    /// Commits that were asked for and not answered, and how many at once at most since a group began.
    flying: AtomicUsize,
    at_once: AtomicUsize,
    /// The group that the engine is writing; 0 for none.
    writing: AtomicU64,
}

impl State {
    pub(super) fn new() -> Self {
        let (flying, at_once) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (failed, writing) = (watch::Sender::new(None), AtomicU64::new(0));
        Self { failed, flying, at_once, writing }
    }

    /// The group that the engine is writing; 0 for none.
    pub(super) fn writing(&self) -> u64 {
        self.writing.load(Ordering::Relaxed)
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
        self.failed.borrow().clone().map_or(Ok(()), |why| Err(StoreError::Failed(why)))
    }

    /// Returns when the store has failed, and why.
    pub(super) async fn failure(&self) -> String {
        let mut failed = self.failed.subscribe();
        // The sender lives in `self`, so the wait ends only by failing.
        let failed = failed.wait_for(Option::is_some).await.map(|why| why.clone());
        failed.ok().flatten().unwrap_or_default()
    }

    pub(super) fn fail(&self, why: &str) {
        tracing::error!(why, "the store failed; it refuses everything until it is opened again");
        self.failed.send_if_modified(|failed| {
            let first = failed.is_none();
            failed.get_or_insert_with(|| format!("{why}; see to the disk, then start again"));
            first
        });
        self.writing.store(0, Ordering::Relaxed);
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
    pub(super) wal: Wal,
    pub(super) mark: Mark,
    /// How many commits at most make one group.
    pub(super) limit: usize,
    /// A group of so much content is full; and no two checkpoints have more between them, but for the group that came last.
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
        // After the last checkpoint the next start has nothing to do.
        if let Err(why) = self.work().and_then(|()| self.checkpoint()) {
            self.state.fail(&why);
        }
        self.jobs.close();
        while let Some(job) = self.jobs.blocking_recv() {
            refuse(job, self.state.check().err());
        }
    }

    fn work(&mut self) -> Result<(), String> {
        while let Some(first) = self.jobs.blocking_recv() {
            self.take(first)?;
        }
        Ok(())
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
                // After the answers, while nobody waits: so that few have to wait for one.
                if self.wal.len() > self.full as u64 / 2 { self.checkpoint() } else { Ok(()) }
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

    /// Keys and blobs before the record that needs them; what is stale after the engine has it.
    fn make_durable(&mut self, mut group: Group<'_>) -> Result<(), Failure> {
        let before = |why: String| Failure { why, begun: false };
        let begun = |why: String| Failure { why, begun: true };
        if group.is_empty() {
            return Ok(());
        }
        let groups = self.counters.groups + 1;
        let counters = Counters { groups, arrivals: group.arrivals };
        group.set(key::counters(), counters.bytes());
        let rows = group.rows();
        self.rows.keys.sync().map_err(|error| before(error.to_string()))?;
        for blob in &group.blobs {
            self.rows.blobs.write(blob).map_err(|error| before(error.to_string()))?;
        }
        let record = wal::record(groups, &rows);
        if self.wal.len() > 0 && self.wal.len() as usize + record.len() > self.full {
            self.checkpoint().map_err(before)?;
        }
        self.wal.append(&record).map_err(|error| begun(error.to_string()))?;
        self.state.writing.store(groups, Ordering::Relaxed);
        let written = self.rows.tree.apply_batch(batch(rows));
        self.state.writing.store(0, Ordering::Relaxed);
        written.map_err(|error| begun(error.to_string()))?;
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

    /// Makes durable in the engine what it was given, so that the log can begin again.
    fn checkpoint(&mut self) -> Result<(), String> {
        self.state.writing.store(self.counters.groups, Ordering::Relaxed);
        let flushed = self.rows.tree.flush();
        self.state.writing.store(0, Ordering::Relaxed);
        flushed.map_err(|error| error.to_string())?;
        self.file.sync_data().and_then(|()| self.wal.begin()).map_err(|error| error.to_string())
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
