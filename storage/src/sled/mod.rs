//! The store on sled. The only place that names the engine.

mod applier;
mod committer;
#[cfg(test)]
mod damage;
mod engine;
mod erase;
mod group;
mod migrate;
mod nudger;
mod open;
mod prepare;
mod read;
mod rows;
mod state;

use std::collections::BTreeSet;
use std::fs::File;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use agent_core::digest::Digest;
use agent_core::id::{Alias, CustomerId, JournalId, Name, Seq, ShopId};
use agent_core::store::{
    Archive, Commit, CommitError, Committed, InboxRow, OutboxRow, Page, Receipt, Store, StoreError,
};
use agent_core::time::{Ids, Micros};
use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use self::applier::Applier;
use self::committer::{Committer, Job};
use self::nudger::Nudger;
use self::rows::Rows;
use self::state::{About, State};
use crate::archive::Shelf;
use crate::open_error::OpenError;
use crate::span::Clear;

/// How the store uses the machine. The defaults serve a shop on a small server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Bytes of memory for pages that are kept at hand; the system's own cache serves a miss in microseconds: so
    /// small.
    pub cache: u64,
    /// Commits in one group. Beyond this a sync is shared well enough already, and larger batches only
    /// make the first of them wait and the engine's file grow.
    pub group: usize,
    /// Commits that wait for the committer before callers wait instead. A few groups: enough to fill
    /// the next one while a sync runs, and a few megabytes at the size of a turn.
    pub queue: usize,
    /// Bytes of content after which a group is full; a quarter of it in the write-ahead log calls for a checkpoint, and twice as
    /// much fills the log. By 128 KiB, also the most, a sync is shared by dozens of turns; of the commit that fills a group as much
    /// again may lie in the engine.
    pub group_bytes: usize,
    /// Bytes of content in one commit. A turn writes some 10 KiB; this stops what is no turn. Of one commit some 100 KiB lie
    /// in the engine, and the rest in blobs.
    pub commit: usize,
    /// Where the root key lies; in the folder itself unless the shop keeps it elsewhere.
    pub root_key: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cache: 32 * 1024 * 1024,
            group: 128,
            queue: 512,
            group_bytes: GROUP_BYTES,
            commit: 8 * 1024 * 1024,
            root_key: None,
        }
    }
}

/// The most content of a group.
const GROUP_BYTES: usize = 128 * 1024;
/// The least: a turn or two. With less, no sync would be shared.
const GROUP_BYTES_LEAST: usize = 16 * 1024;

/// A setting that a store can't work with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the store's setting `{name}` is {why}")]
pub struct Unfit {
    /// Which.
    pub name: &'static str,
    /// What is wrong with it.
    pub why: &'static str,
}

impl Settings {
    /// Whether a store can work with them; asked whenever one is opened.
    ///
    /// # Errors
    /// The first that it can't work with.
    pub fn check(&self) -> Result<(), Unfit> {
        let unfit = |name, why| Err(Unfit { name, why });
        if self.cache < 1024 * 1024 {
            return unfit("cache", "below 1 MiB: the engine would read every page anew");
        }
        if self.group == 0 {
            return unfit("group", "0: nothing would ever be committed");
        }
        if self.queue == 0 {
            return unfit("queue", "0: nothing could wait to be committed");
        }
        if self.group_bytes < GROUP_BYTES_LEAST {
            return unfit("group_bytes", "below 16 KiB: commits of turns could share no sync");
        }
        if self.group_bytes > GROUP_BYTES {
            return unfit(
                "group_bytes",
                "above 128 KiB: who comes first would wait for all the others",
            );
        }
        Ok(())
    }
}

/// The journals of a deployment in one folder.
#[derive(Debug)]
pub struct SledStore {
    rows: Arc<Rows>,
    state: Arc<State>,
    shelf: Shelf,
    limit: usize,
    /// None while it is dropped: the committer ends when nobody can send to it.
    jobs: Option<mpsc::Sender<Job>>,
    committer: Option<JoinHandle<()>>,
    nudger: Option<Nudger>,
    /// Last: the folder is let go when nothing writes any more.
    _lock: File,
}

impl SledStore {
    /// Opens a folder, or makes it; finishes erasures that a crash cut short.
    ///
    /// # Errors
    /// Says what to do. Nothing is changed in a folder that does not open.
    pub fn open(
        dir: impl AsRef<Path>,
        settings: &Settings,
        ids: Arc<dyn Ids>,
    ) -> Result<Arc<Self>, OpenError> {
        let dir = dir.as_ref();
        settings.check()?;
        let opened = open::open(dir, settings, ids)?;
        let rows = Arc::new(opened.rows);
        let state = Arc::new(State::new());
        let (sender, jobs) = mpsc::channel(settings.queue);
        let (counters, engine) = (opened.counters, opened.engine);
        let applier =
            Applier::start(Arc::clone(&rows), Arc::clone(&state), engine, counters.groups);
        let mut committer = Committer {
            rows: Arc::clone(&rows),
            state: Arc::clone(&state),
            jobs,
            applier: applier.map_err(OpenError::at(dir))?,
            wal: opened.wal,
            limit: settings.group,
            full: settings.group_bytes,
            mark: opened.mark,
            counters,
            alone: u8::MAX,
        };
        let nudger = Nudger::start(Arc::clone(&rows), Arc::clone(&state));
        let nudger = nudger.map_err(OpenError::at(dir))?;
        for (shop, customer, at) in rows.keys.erased() {
            match committer.erased(shop, customer, at) {
                Ok(_) => {}
                // Their key is gone, so nothing of theirs can be read; what else is there still can.
                Err(StoreError::Damaged(what)) => {
                    tracing::error!(what, "an erasure is not finished, for a record is damaged");
                }
                Err(other) => return Err(OpenError::of(dir)(other)),
            }
        }
        let thread = std::thread::Builder::new().name("committer".to_owned());
        let thread = thread.spawn({
            let state = Arc::clone(&state);
            move || {
                if catch_unwind(AssertUnwindSafe(|| committer.run())).is_err() {
                    state.fail("the engine gave up");
                }
            }
        });
        Ok(Arc::new(Self {
            rows,
            state,
            shelf: Shelf::new(dir),
            limit: settings.commit,
            jobs: Some(sender),
            committer: Some(thread.map_err(OpenError::at(dir))?),
            nudger: Some(nudger),
            _lock: opened.lock,
        }))
    }

    /// The clear halves of a journal's events after `after`: readable when the customer was erased.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn clear(
        &self,
        journal: JournalId,
        after: Seq,
        limit: usize,
    ) -> Result<Vec<Clear>, StoreError> {
        self.state.caught_up(&About::Journal(journal)).await?;
        self.rows.clear(journal, after, limit)
    }

    /// Returns when the store has failed, and why: nothing but opening it again helps, so a server ends.
    pub async fn failure(&self) -> String {
        self.state.failure().await
    }

    /// For whoever looks into the engine itself.
    #[cfg(test)]
    async fn caught_up(&self) {
        self.state.caught_up(&About::All).await.unwrap();
    }

    async fn send(&self, job: Job) -> Result<(), StoreError> {
        self.state.check()?;
        let closed = || StoreError::Failed("the store is closed".to_owned());
        let jobs = self.jobs.as_ref().ok_or_else(closed)?;
        jobs.send(job).await.map_err(|_| self.state.check().err().unwrap_or_else(closed))
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(committer) = self.committer.take() {
            // What it panicked with was told where it happened.
            let _ended = committer.join();
        }
        if let Some(nudger) = self.nudger.take() {
            nudger.end();
        }
    }
}

#[async_trait]
impl Store for SledStore {
    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        commit.check()?;
        let _flying = self.state.fly();
        let urgent = commit.events.is_empty();
        let caught_up = self.state.caught_up(&About::Commit(&commit)).await;
        caught_up.map_err(|error| CommitError::NotApplied(error.to_string()))?;
        let prepared = Box::new(prepare::prepare(&self.rows, self.limit, commit)?);
        let (answer, answered) = oneshot::channel();
        let sent = self.send(Job::Commit(prepared, answer)).await;
        sent.map_err(|error| CommitError::NotApplied(error.to_string()))?;
        if urgent && let Some(committer) = &self.committer {
            committer.thread().unpark();
        }
        let ended = || CommitError::Unknown("the store ended before it answered".to_owned());
        answered.await.unwrap_or_else(|_| Err(ended()))
    }

    async fn read(&self, journal: JournalId, after: Seq, limit: usize) -> Result<Page, StoreError> {
        self.state.caught_up(&About::Journal(journal)).await?;
        self.rows.read(journal, after, limit)
    }

    async fn snapshot(&self, journal: JournalId) -> Result<Option<(Seq, Bytes)>, StoreError> {
        self.state.caught_up(&About::Journal(journal)).await?;
        self.rows.snapshot(journal)
    }

    async fn inbox(&self, journal: JournalId, limit: usize) -> Result<Vec<InboxRow>, StoreError> {
        self.state.caught_up(&About::Journal(journal)).await?;
        self.rows.inbox(journal, limit)
    }

    async fn waiting(&self, shop: ShopId, limit: usize) -> Result<Vec<JournalId>, StoreError> {
        self.state.caught_up(&About::All).await?;
        self.rows.waiting(shop, limit)
    }

    async fn due(
        &self,
        shop: ShopId,
        within: RangeInclusive<Micros>,
        limit: usize,
        passing: &BTreeSet<JournalId>,
    ) -> Result<(Vec<OutboxRow>, Option<Micros>), StoreError> {
        self.state.caught_up(&About::All).await?;
        self.rows.due(shop, &within, limit, passing)
    }

    async fn timers(
        &self,
        shop: ShopId,
        until: Micros,
        limit: usize,
    ) -> Result<(Vec<(JournalId, Name, Micros)>, Option<Micros>), StoreError> {
        self.state.caught_up(&About::All).await?;
        self.rows.timers(shop, until, limit)
    }

    async fn find(&self, shop: ShopId, alias: &Alias) -> Result<Option<JournalId>, StoreError> {
        let entry = self.rows.keys.index().alias(shop, alias);
        self.state.caught_up(&About::Entry(&entry)).await?;
        self.rows.find(shop, &entry)
    }
}

#[async_trait]
impl Archive for SledStore {
    async fn keep(&self, bytes: Bytes) -> Result<Digest, StoreError> {
        let digest = Digest::of(&bytes);
        let kept = self.shelf.keep(&digest, &bytes);
        kept.map_err(|error| StoreError::Failed(error.to_string()))?;
        Ok(digest)
    }

    async fn kept(&self, digest: &Digest) -> Result<Option<Bytes>, StoreError> {
        let kept = self.shelf.kept(digest);
        let kept = kept.map_err(|error| StoreError::Failed(error.to_string()))?;
        match kept {
            Some(bytes) if Digest::of(&bytes) != *digest => {
                Err(StoreError::Damaged(format!("what is archived as {digest}")))
            }
            kept => Ok(kept.map(Bytes::from)),
        }
    }

    async fn shops(&self) -> Result<Vec<ShopId>, StoreError> {
        self.state.caught_up(&About::All).await?;
        self.rows.shops()
    }

    async fn journals(
        &self,
        shop: ShopId,
        after: Option<JournalId>,
        limit: usize,
    ) -> Result<Vec<JournalId>, StoreError> {
        self.state.caught_up(&About::All).await?;
        self.rows.journals(shop, after, limit)
    }

    async fn erase(
        &self,
        shop: ShopId,
        customer: CustomerId,
        at: Micros,
    ) -> Result<Receipt, StoreError> {
        let ended = || StoreError::Failed("the store ended before it answered".to_owned());
        let (answer, answered) = oneshot::channel();
        self.send(Job::Drop(shop, customer, at, answer)).await?;
        if let Some(receipt) = answered.await.unwrap_or_else(|_| Err(ended()))? {
            return Ok(receipt);
        }
        // A look through all of the shop: commits go on meanwhile.
        let left = self.rows.left(shop, customer, at)?;
        let (answer, answered) = oneshot::channel();
        self.send(Job::Forget(Box::new(left), answer)).await?;
        answered.await.unwrap_or_else(|_| Err(ended()))
    }
}
