//! What others know of the committer: whether the store failed, and which groups were answered that the engine does not have yet.

use std::collections::{BTreeSet, VecDeque};
use std::mem;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use agent_core::id::JournalId;
use agent_core::store::{Commit, StoreError};
use tokio::sync::watch;

/// What stands for the last group that the engine has when it will never have another.
const FAILED: u64 = u64::MAX;

/// What others must know of the committer.
#[derive(Debug)]
pub(super) struct State {
    failed: OnceLock<String>,
    /// Commits that were asked for and not answered, and how many at once at most since a group began.
    flying: AtomicUsize,
    at_once: AtomicUsize,
    /// The group that the engine is writing; 0 for none.
    pub(super) writing: AtomicU64,
    /// The groups that were answered and that the engine does not have yet; the newest last.
    ahead: Mutex<VecDeque<Ahead>>,
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

    pub(super) fn ahead(&self) -> MutexGuard<'_, VecDeque<Ahead>> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The engine has a group, and those before.
    pub(super) fn gave(&self, group: u64) {
        self.ahead().retain(|it| it.group > group);
        // Where the store failed meanwhile, it stays so.
        self.given.send_if_modified(|given| mem::replace(given, group.max(*given)) < group);
    }

    /// Returns when the engine has what was answered before this call and touches what is asked about.
    pub(super) async fn caught_up(&self, asked: &About<'_>) -> Result<(), StoreError> {
        let touches = |it: &&Ahead| it.touched.touches(asked);
        let ahead = self.ahead().iter().rev().find(touches).map(|it| it.group);
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
    pub(super) fn at_once(&self) -> usize {
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
        self.why()
    }

    /// Why it failed, if it did.
    pub(super) fn why(&self) -> String {
        self.failed.get().cloned().unwrap_or_default()
    }

    pub(super) fn fail(&self, why: &str) {
        if self.failed.set(format!("{why}; see to the disk, then start again")).is_ok() {
            tracing::error!(
                why,
                "the store failed; it refuses everything until it is opened again"
            );
        }
        self.given.send_replace(FAILED);
        self.writing.store(0, Ordering::Relaxed);
    }
}

/// A group that was answered.
#[derive(Debug)]
pub(super) struct Ahead {
    pub(super) group: u64,
    pub(super) touched: Touched,
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

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Arc;
    use std::task::{Context, Waker};

    use agent_core::store::contract::make;

    use super::*;

    fn waits(state: &State, asked: &About<'_>) -> bool {
        pin!(state.caught_up(asked)).poll(&mut Context::from_waker(Waker::noop())).is_pending()
    }

    fn ahead(state: &State, journals: Option<BTreeSet<JournalId>>) {
        let index = BTreeSet::from([b"a".to_vec()]);
        state.ahead().push_back(Ahead { group: 2, touched: Touched { journals, index } });
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
        state.gave(1);
        tokio::task::yield_now().await;
        assert!(!reader.is_finished());
        state.gave(2);
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

    /// A group may be on its way when it fails.
    #[tokio::test]
    async fn who_waits_for_the_failure_is_told_though_a_group_was_given_after_it() {
        let state = State::new();
        state.fail("no sync");
        state.gave(5);
        assert!(state.failure().await.starts_with("no sync"));
    }
}
