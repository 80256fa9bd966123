//! The only writer: one thread that gathers commits into groups, one record of the log and one sync for each.
//!
//! A group is answered when it is durable in the write-ahead log, and only then given to the engine: so whatever is read is
//! durable, and who asks for what a group touches waits until the engine has it. At a checkpoint the engine is flushed and,
//! since its own flush does not reach the medium, its file synced.
//! An error of either means that nobody knows what the medium holds, and asking again can answer wrongly:
//! the store is marked as failed, refuses everything, and is opened anew from what the medium has.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use agent_core::id::{CustomerId, JournalId, ShopId};
use agent_core::store::{Commit, CommitError, Committed, Receipt, StoreError};
use agent_core::time::Micros;
use sled::IVec;
use tokio::sync::{mpsc, oneshot, watch};

use super::engine::Engine;
use super::erase::Left;
use super::group::Group;
use super::prepare::Prepared;
use super::rows::{Counters, Rows};
use crate::key;
use crate::keyring::Owner;
use crate::mark::Mark;
use crate::wal::{self, Wal};

/// Rows that expired, forgotten for each commit: more than one commit brings, so that they run out.
const SWEPT: usize = 4;

/// How long a group waits, at most so often, for others that write now: a sync costs more than a commit. What a platform waits for
/// to be acknowledged ends that pause: such a group waits only while more come in, as they do in a burst.
const PAUSE: Duration = Duration::from_millis(1);
const PAUSES: usize = 4;
const BREATH: Duration = Duration::from_micros(100);
const BREATHS: usize = 8;
/// As many commits are waited for at least where several write.
const COMPANY: usize = 4;
/// Who was alone for so many groups in a row writes alone, and waits for nobody.
const ALONE: u8 = 8;

/// What stands for the last group that the engine has when it will never have another.
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

/// What others must know of the committer.
#[derive(Debug)]
pub(super) struct State {
    failed: OnceLock<String>,
    /// Commits that were asked for and not answered, and how many at once at most since a group began.
    flying: AtomicUsize,
    at_once: AtomicUsize,
    /// The group that the engine is writing; 0 for none.
    writing: AtomicU64,
    /// The group that was answered and that the engine does not have yet.
    ahead: Mutex<Option<Ahead>>,
    /// The last group that the engine has.
    given: watch::Sender<u64>,
}

impl State {
    pub(super) fn new() -> Self {
        let (flying, at_once) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (failed, ahead) = (OnceLock::new(), Mutex::default());
        let (writing, given) = (AtomicU64::new(0), watch::Sender::new(0));
        Self { failed, flying, at_once, writing, ahead, given }
    }

    /// The group that the engine is writing; 0 for none.
    pub(super) fn writing(&self) -> u64 {
        self.writing.load(Ordering::Relaxed)
    }

    fn ahead(&self) -> MutexGuard<'_, Option<Ahead>> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when the engine has what was answered before this call and touches what is asked about.
    pub(super) async fn caught_up(&self, asked: &About<'_>) -> Result<(), StoreError> {
        let ahead = self.ahead().as_ref().filter(|it| it.touched.touches(asked)).map(|it| it.group);
        if let Some(group) = ahead {
            // The sender lives in `self`, so the wait ends only by reaching the group or by failing.
            let _reached = self.given.subscribe().wait_for(|given| *given >= group).await.is_ok();
        }
        self.check()
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

    /// Returns when the store has failed, and why.
    pub(super) async fn failure(&self) -> String {
        // The sender lives in `self`, so the wait ends only by failing.
        let _failed = self.given.subscribe().wait_for(|given| *given == FAILED).await.is_ok();
        self.failed.get().cloned().unwrap_or_default()
    }

    pub(super) fn fail(&self, why: &str) {
        tracing::error!(why, "the store failed; it refuses everything until it is opened again");
        let _first = self.failed.set(format!("{why}; see to the disk, then start again"));
        self.given.send_replace(FAILED);
        self.writing.store(0, Ordering::Relaxed);
    }
}

/// A group that was answered.
#[derive(Debug)]
struct Ahead {
    group: u64,
    touched: Touched,
}

/// What a group touches.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// The journals it writes or tells something; none: perhaps all of them.
    pub(super) journals: Option<BTreeSet<JournalId>>,
    /// The entries of the index it changes.
    pub(super) index: BTreeSet<Vec<u8>>,
}

/// What somebody wants to read.
#[derive(Debug)]
pub(super) enum About<'a> {
    All,
    Journal(JournalId),
    /// What a commit looks up before it is sent.
    Commit(&'a Commit),
    /// An entry of the index.
    Entry(&'a [u8]),
}

impl Touched {
    fn touches(&self, asked: &About<'_>) -> bool {
        let Some(journals) = &self.journals else { return true };
        match asked {
            About::All => true,
            About::Journal(journal) => journals.contains(journal),
            About::Commit(commit) => {
                let told = commit.accept.iter().map(|it| it.journal);
                let sent = commit.outbox.iter().map(|it| it.journal);
                told.chain(sent).chain([commit.journal]).any(|it| journals.contains(&it))
            }
            About::Entry(entry) => self.index.contains(*entry),
        }
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
    pub(super) engine: Engine,
    pub(super) wal: Wal,
    pub(super) mark: Mark,
    /// How many commits at most make one group.
    pub(super) limit: usize,
    /// A group of so much content is full; and between two checkpoints are such a group, or several of half as much.
    pub(super) full: usize,
    pub(super) counters: Counters,
    /// Groups in a row without more than one commit in flight.
    pub(super) alone: u8,
}

/// What was made of each commit of a group.
type Answers = Vec<Result<Committed, CommitError>>;

/// A group that is durable.
struct Logged {
    rows: wal::Rows<IVec>,
    /// Blobs that nothing names when the engine has it.
    stale: Vec<(Owner, [u8; 32])>,
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
            Ok((answers, logged)) => {
                for (to, answer) in waiting.into_iter().zip(answers) {
                    // Whoever asked may be gone; the commit stands.
                    let _gone = to.send(answer);
                }
                logged.map_or(Ok(()), |logged| self.give(logged))?;
                // While nobody waits: so that few have to wait for one.
                if self.wal.len() as usize > self.full / 4 { self.checkpoint() } else { Ok(()) }
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

    /// Makes a group durable; its answers may be told when this returns, and then the engine must be given it.
    fn write(&mut self, commits: Vec<Prepared>) -> Result<(Answers, Option<Logged>), Failure> {
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
        Ok((answers, self.make_durable(group)?))
    }

    /// Keys and blobs before the record that needs them. Nothing comes of a group that writes nothing.
    fn make_durable(&mut self, mut group: Group<'_>) -> Result<Option<Logged>, Failure> {
        let before = |why: String| Failure { why, begun: false };
        let begun = |why: String| Failure { why, begun: true };
        if group.is_empty() {
            return Ok(None);
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
        if self.wal.len() as usize + record.len() > self.full / 2 {
            self.checkpoint().map_err(before)?;
        }
        self.wal.append(&record).map_err(|error| begun(error.to_string()))?;
        self.counters = counters;
        if let Err(error) = self.mark.write(groups) {
            tracing::warn!(%error, "the mark was not written; damage may go unnoticed");
        }
        *self.state.ahead() = Some(Ahead { group: groups, touched: group.touched });
        // A fold that came back to what it was is named again.
        let named = |name: &[u8; 32]| group.blobs.iter().any(|blob| blob.name == *name);
        let stale = group.stale.into_iter().filter(|(_, name)| !named(name)).collect();
        Ok(Some(Logged { rows, stale }))
    }

    /// Gives the engine a group that is durable; then removes what nothing names any more.
    fn give(&mut self, Logged { rows, stale }: Logged) -> Result<(), String> {
        let groups = self.counters.groups;
        self.state.writing.store(groups, Ordering::Relaxed);
        let written = self.engine.give(rows);
        self.state.writing.store(0, Ordering::Relaxed);
        written.map_err(|error| error.to_string())?;
        for (owner, name) in &stale {
            if let Err(error) = self.rows.blobs.remove(*owner, name) {
                tracing::warn!(%error, "left a blob that nothing names; the next start sweeps it");
            }
        }
        self.state.given.send_replace(groups);
        *self.state.ahead() = None;
        Ok(())
    }

    /// Makes durable in the engine what it was given, so that the log can begin again.
    fn checkpoint(&mut self) -> Result<(), String> {
        if self.wal.is_empty() {
            return Ok(());
        }
        self.state.writing.store(self.counters.groups, Ordering::Relaxed);
        let settled = self.engine.settle();
        self.state.writing.store(0, Ordering::Relaxed);
        settled.map_err(|error| error.to_string())?;
        self.wal.begin().map_err(|error| error.to_string())
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
        let logged = self.make_durable(group).map_err(|failure| failure.why);
        let given = logged.and_then(|logged| logged.map_or(Ok(()), |logged| self.give(logged)));
        given.map_err(StoreError::Failed)?;
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

    use agent_core::store::contract::make;

    use super::*;

    fn waits(state: &State, asked: &About<'_>) -> bool {
        pin!(state.caught_up(asked)).poll(&mut Context::from_waker(Waker::noop())).is_pending()
    }

    fn ahead(state: &State, journals: Option<BTreeSet<JournalId>>) {
        let index = BTreeSet::from([b"a".to_vec()]);
        *state.ahead() = Some(Ahead { group: 2, touched: Touched { journals, index } });
    }

    #[tokio::test]
    async fn a_read_begins_when_the_engine_has_what_was_answered_and_not_before() {
        let state = Arc::new(State::new());
        state.caught_up(&About::All).await.unwrap();
        ahead(&state, Some(BTreeSet::new()));
        let reader = tokio::spawn({
            let state = Arc::clone(&state);
            async move { state.caught_up(&About::All).await }
        });
        state.given.send_replace(1);
        tokio::task::yield_now().await;
        assert!(!reader.is_finished());
        state.given.send_replace(2);
        reader.await.unwrap().unwrap();
    }

    #[test]
    fn who_asks_for_what_a_group_touches_waits_for_it_and_nobody_else() {
        let state = State::new();
        let here = make::commit(1);
        let elsewhere =
            Commit { journal: JournalId::conversation(make::SHOP, 77), ..make::commit(2) };
        let told = vec![make::accept(make::journal(), "m1", "hello")];
        let telling = Commit { accept: told, ..elsewhere.clone() };
        ahead(&state, Some(BTreeSet::from([make::journal()])));
        for (asked, expected) in [
            (About::All, true),
            (About::Journal(make::journal()), true),
            (About::Journal(elsewhere.journal), false),
            (About::Commit(&here), true),
            (About::Commit(&elsewhere), false),
            (About::Commit(&telling), true),
            (About::Entry(b"a"), true),
            (About::Entry(b"b"), false),
        ] {
            assert_eq!(waits(&state, &asked), expected, "{asked:?}");
        }
        // Whatever an erasure touches.
        ahead(&state, None);
        assert!(waits(&state, &About::Entry(b"b")));
    }

    #[tokio::test]
    async fn a_read_that_waits_is_told_of_the_failure() {
        let state = Arc::new(State::new());
        ahead(&state, None);
        let reader = tokio::spawn({
            let state = Arc::clone(&state);
            async move { state.caught_up(&About::All).await }
        });
        tokio::task::yield_now().await;
        state.fail("no sync");
        assert!(matches!(reader.await.unwrap(), Err(StoreError::Failed(_))));
    }
}
