//! The only writer: one thread that gathers commits into groups, one record of the log and one sync for each.
//!
//! A group is answered when it is durable in the write-ahead log, and only then does the applier give it to the engine: so
//! whatever is read is durable, and who asks for what a group touches waits until the engine has it. The next group is made
//! meanwhile, over rows of those before that the engine may not have.
//! An error of either means that nobody knows what the medium holds, and asking again can answer wrongly:
//! the store is marked as failed, refuses everything, and is opened anew from what the medium has.

use std::sync::Arc;
use std::time::Duration;

use agent_core::id::{CustomerId, ShopId};
use agent_core::store::{CommitError, Committed, Receipt, StoreError};
use agent_core::time::Micros;
use tokio::sync::{mpsc, oneshot};

use super::applier::{Applier, Logged};
use super::erase::Left;
use super::group::{Group, Unwritten};
use super::prepare::Prepared;
use super::rows::{Counters, Rows};
use super::state::{Ahead, State};
use crate::key;
use crate::mark::Mark;
use crate::wal::{self, Wal};

/// Rows that expired, forgotten for each commit: more than one commit brings, so that they run out.
const SWEPT: usize = 4;

/// How long a group waits, at most so often, for others that write now: a sync costs more than a commit. What a platform waits for
/// to be acknowledged ends that pause, and is waited with for nobody.
const PAUSE: Duration = Duration::from_millis(1);
const PAUSES: usize = 4;
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

/// The thread's own.
pub(super) struct Committer {
    pub(super) rows: Arc<Rows>,
    pub(super) state: Arc<State>,
    pub(super) jobs: mpsc::Receiver<Job>,
    pub(super) applier: Applier,
    pub(super) wal: Wal,
    pub(super) mark: Mark,
    /// How many commits at most make one group.
    pub(super) limit: usize,
    /// A group of so much content is full. A quarter of it in the log calls for a checkpoint, and with twice as much the log is full.
    pub(super) full: usize,
    pub(super) counters: Counters,
    /// Groups in a row without more than one commit in flight.
    pub(super) alone: u8,
}

/// What was made of each commit of a group.
type Answers = Vec<Result<Committed, CommitError>>;

/// Why a group failed, and whether some of it may have been written.
struct Failure {
    why: String,
    begun: bool,
}

impl Committer {
    /// Works until every sender is gone or something fails.
    pub(super) fn run(mut self) {
        // After the last checkpoint the next start has nothing to do.
        if let Err(why) = self.work().and_then(|()| self.settled()) {
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
        let (mut pauses, mut waits) = (0, true);
        while let Some(job) = next.take() {
            match job {
                Job::Commit(commit, answer) => {
                    bytes += commit.bytes;
                    waits &= commit.count > 0;
                    commits.push((*commit, answer));
                }
                Job::Drop(shop, customer, at, answer) => {
                    let all = self.all_given(commits);
                    return told(all.and_then(|()| self.dropped(shop, customer, at)), answer);
                }
                Job::Forget(left, answer) => {
                    let all = self.all_given(commits);
                    return told(all.and_then(|()| self.forgotten(*left)), answer);
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
        }
        self.commit(commits)
    }

    fn commit(
        &mut self,
        commits: Vec<(Prepared, Answer<Committed, CommitError>)>,
    ) -> Result<(), String> {
        let (commits, waiting): (Vec<_>, Vec<_>) = commits.into_iter().unzip();
        match self.write(commits) {
            Ok((answers, logged)) => {
                for (to, answer) in waiting.into_iter().zip(answers) {
                    // Whoever asked may be gone; the commit stands.
                    let _gone = to.send(answer);
                }
                logged.map_or(Ok(()), |logged| self.apply(logged))
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

    /// Commits, and returns when the engine has everything: whoever looks through it finds all there is.
    fn all_given(
        &mut self,
        commits: Vec<(Prepared, Answer<Committed, CommitError>)>,
    ) -> Result<(), StoreError> {
        let committed = self.commit(commits).and_then(|()| self.applier.catch_up());
        committed.map_err(StoreError::Failed)
    }

    /// Makes a group durable; its answers may be told when this returns, and then it must be applied.
    fn write(&mut self, commits: Vec<Prepared>) -> Result<(Answers, Option<Logged>), Failure> {
        let before = |why: String| Failure { why, begun: false };
        self.applier.heed().map_err(before)?;
        let rows = Arc::clone(&self.rows);
        let mut group = Group::new(&rows, self.applier.ahead(), self.counters.arrivals);
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
        let unwritten = group.unwritten();
        Ok((answers, self.make_durable(unwritten)?))
    }

    /// Keys and blobs before the record that needs them. Nothing comes of a group that writes nothing.
    fn make_durable(&mut self, unwritten: Unwritten) -> Result<Option<Logged>, Failure> {
        let before = |why: String| Failure { why, begun: false };
        let begun = |why: String| Failure { why, begun: true };
        let Unwritten { mut rows, arrivals, blobs, stale, touched } = unwritten;
        if rows.is_empty() {
            return Ok(None);
        }
        let groups = self.counters.groups + 1;
        let counters = Counters { groups, arrivals };
        rows.insert(key::counters(), Some(counters.bytes().into()));
        self.rows.keys.sync().map_err(|error| before(error.to_string()))?;
        self.applier.spare(&blobs).map_err(before)?;
        for blob in &blobs {
            self.rows.blobs.write(blob).map_err(|error| before(error.to_string()))?;
        }
        let record = wal::record(groups, &rows);
        self.make_room(record.len()).map_err(before)?;
        self.wal.append(&record).map_err(|error| begun(error.to_string()))?;
        self.counters = counters;
        if let Err(error) = self.mark.write(groups) {
            tracing::warn!(%error, "the mark was not written; damage may go unnoticed");
        }
        self.state.ahead().push_back(Ahead { group: groups, touched });
        Ok(Some(Logged { group: groups, rows: Arc::new(rows), stale }))
    }

    /// Begins the log again where the engine has all of it durably, and waits for that where it is full.
    fn make_room(&mut self, record: usize) -> Result<(), String> {
        if self.wal.len() as usize + record > 2 * self.full {
            return self.settled();
        }
        if self.applier.is_settled(self.counters.groups) { self.begin() } else { Ok(()) }
    }

    fn begin(&mut self) -> Result<(), String> {
        self.wal.begin().map_err(|error| error.to_string())
    }

    /// Has the engine given a group that is durable, and a checkpoint made where it is time for one.
    fn apply(&mut self, logged: Logged) -> Result<(), String> {
        self.applier.apply(logged)?;
        if self.wal.len() as usize > self.full / 4 { self.applier.ask_to_settle() } else { Ok(()) }
    }

    /// Returns when the engine has all of the log durably, which begins again.
    fn settled(&mut self) -> Result<(), String> {
        if self.wal.is_empty() {
            return Ok(());
        }
        self.applier.settle()?;
        self.begin()
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
        let unwritten = group.unwritten();
        let logged = self.make_durable(unwritten).map_err(|failure| failure.why);
        let applied = logged.and_then(|logged| logged.map_or(Ok(()), |logged| self.apply(logged)));
        applied.and_then(|()| self.applier.catch_up()).map_err(StoreError::Failed)?;
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
