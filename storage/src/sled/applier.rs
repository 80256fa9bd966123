//! Gives the engine what is durable in the write-ahead log, beside the committer: who waits to be acknowledged does not wait for that.
//!
//! Groups come in their order, each whole. At a checkpoint the engine is flushed and, since its own flush does not reach the
//! medium, its file synced: then the log may begin again.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::JoinHandle;
use std::{io, mem};

use agent_core::store::StoreError;
use sled::IVec;

use super::engine::Engine;
use super::rows::Rows;
use super::state::State;
use crate::blob::Blob;
use crate::keyring::Owner;
use crate::{rear, wal};

/// A group that is durable.
#[derive(Clone, Debug)]
pub(super) struct Logged {
    pub(super) group: u64,
    pub(super) rows: Arc<wal::Rows<IVec>>,
    /// Blobs that nothing names when the engine has it.
    pub(super) stale: Vec<(Owner, [u8; 32])>,
}

#[derive(Debug)]
enum Work {
    Give(Logged),
    Settle,
}

/// How far the engine is.
#[derive(Debug)]
enum Progress {
    /// It has this group and those before.
    Given(u64),
    /// It has them durably.
    Settled(u64),
}

/// The committer's side.
#[derive(Debug)]
pub(super) struct Applier {
    /// None while it is dropped: the thread ends when nobody can send to it.
    work: Option<Sender<Work>>,
    progress: Receiver<Progress>,
    thread: Option<JoinHandle<()>>,
    state: Arc<State>,
    /// Groups that it was not heard to have given; the newest last.
    ahead: VecDeque<Logged>,
    /// The last group that was given to it, and the last that the engine has durably.
    last: u64,
    settled: u64,
    /// Whether a checkpoint was asked for and not heard of.
    asked: bool,
}

impl Applier {
    /// Starts the thread, over an engine that has everything up to a group durably.
    pub(super) fn start(
        rows: Arc<Rows>,
        state: Arc<State>,
        engine: Engine,
        last: u64,
    ) -> io::Result<Self> {
        let ((work, works), (told, progress)) = (channel(), channel());
        let mut side = Side { rows, state: Arc::clone(&state), engine, last, told };
        let thread = rear::spawn("applier", move || {
            let failed = match catch_unwind(AssertUnwindSafe(|| side.run(&works))) {
                Ok(done) => done.err().map(|error| error.to_string()),
                Err(_) => Some("the engine gave up".to_owned()),
            };
            // Before the committer hears that it ended, and asks why.
            if let Some(why) = failed {
                side.state.fail(&why);
            }
        })?;
        let (work, thread, ahead) = (Some(work), Some(thread), VecDeque::new());
        Ok(Self { work, progress, thread, state, ahead, last, settled: last, asked: false })
    }

    /// Groups that the engine may not have; the newest last.
    pub(super) fn ahead(&self) -> &VecDeque<Logged> {
        &self.ahead
    }

    /// Whether the engine has everything up to a group durably.
    pub(super) fn is_settled(&self, group: u64) -> bool {
        self.settled == group
    }

    /// Takes a group that is durable; it follows the one before.
    pub(super) fn apply(&mut self, logged: Logged) -> Result<(), String> {
        self.last = logged.group;
        self.ahead.push_back(logged.clone());
        self.send(Work::Give(logged))
    }

    /// Asks for a checkpoint, unless one is on its way.
    pub(super) fn ask_to_settle(&mut self) -> Result<(), String> {
        if mem::replace(&mut self.asked, true) { Ok(()) } else { self.send(Work::Settle) }
    }

    /// Hears how far the engine is, and waits for nothing.
    pub(super) fn heed(&mut self) -> Result<(), String> {
        loop {
            match self.progress.try_recv() {
                Ok(progress) => self.hear(&progress),
                Err(TryRecvError::Empty) => return Ok(()),
                Err(TryRecvError::Disconnected) => return Err(self.state.why()),
            }
        }
    }

    /// Returns when the engine has everything.
    pub(super) fn catch_up(&mut self) -> Result<(), String> {
        while !self.ahead.is_empty() {
            self.wait()?;
        }
        Ok(())
    }

    /// Returns when the engine has everything durably.
    pub(super) fn settle(&mut self) -> Result<(), String> {
        while self.settled < self.last {
            self.ask_to_settle()?;
            self.wait()?;
        }
        Ok(())
    }

    /// Returns when none of these blobs, about to be written, is about to be removed.
    pub(super) fn spare(&mut self, blobs: &[Blob]) -> Result<(), String> {
        let mut stale = self.ahead.iter().flat_map(|it| &it.stale);
        if stale.any(|(_, name)| blobs.iter().any(|blob| blob.name == *name)) {
            self.catch_up()?;
        }
        Ok(())
    }

    fn send(&self, work: Work) -> Result<(), String> {
        let sent = self.work.as_ref().is_some_and(|it| it.send(work).is_ok());
        if sent { Ok(()) } else { Err(self.state.why()) }
    }

    fn wait(&mut self) -> Result<(), String> {
        let progress = self.progress.recv().map_err(|_| self.state.why())?;
        self.hear(&progress);
        Ok(())
    }

    fn hear(&mut self, progress: &Progress) {
        match *progress {
            Progress::Given(group) => {
                while self.ahead.front().is_some_and(|it| it.group <= group) {
                    self.ahead.pop_front();
                }
            }
            Progress::Settled(group) => (self.settled, self.asked) = (group, false),
        }
    }
}

impl Drop for Applier {
    fn drop(&mut self) {
        drop(self.work.take());
        if let Some(thread) = self.thread.take() {
            // What it panicked with was told where it happened.
            let _ended = thread.join();
        }
    }
}

/// The thread's side.
struct Side {
    rows: Arc<Rows>,
    state: Arc<State>,
    engine: Engine,
    /// The last group that the engine has.
    last: u64,
    told: Sender<Progress>,
}

impl Side {
    fn run(&mut self, works: &Receiver<Work>) -> Result<(), StoreError> {
        while let Ok(work) = works.recv() {
            let progress = match work {
                Work::Give(logged) => self.give(&logged)?,
                Work::Settle => self.settle()?,
            };
            // The committer may have ended.
            let _gone = self.told.send(progress);
        }
        Ok(())
    }

    /// Gives the engine a group; then removes what nothing names any more.
    fn give(&mut self, logged: &Logged) -> Result<Progress, StoreError> {
        let Logged { group, rows, stale } = logged;
        self.state.writing.store(*group, Ordering::Relaxed);
        let given = self.engine.give(&**rows);
        self.state.writing.store(0, Ordering::Relaxed);
        given?;
        self.last = *group;
        for (owner, name) in stale {
            if let Err(error) = self.rows.blobs.remove(*owner, name) {
                tracing::warn!(%error, "left a blob that nothing names; the next start sweeps it");
            }
        }
        self.state.gave(*group);
        Ok(Progress::Given(*group))
    }

    /// Makes durable in the engine what it was given.
    fn settle(&mut self) -> Result<Progress, StoreError> {
        self.state.writing.store(self.last, Ordering::Relaxed);
        let settled = self.engine.settle();
        self.state.writing.store(0, Ordering::Relaxed);
        settled.map(|()| Progress::Settled(self.last))
    }
}

#[cfg(test)]
mod tests {
    use agent_core::store::contract::make;
    use agent_core::time::turned::CountedIds;

    use super::super::Settings;
    use super::super::open::{Opened, open};
    use super::*;
    use crate::key;

    #[test]
    fn a_blob_is_not_written_while_it_is_about_to_be_removed() {
        let dir = tempfile::TempDir::new().unwrap();
        let ids = Arc::new(CountedIds::new(1));
        let Opened { rows, engine, .. } = open(dir.path(), &Settings::default(), ids).unwrap();
        let (rows, state) = (Arc::new(rows), Arc::new(State::new()));
        let mut applier = Applier::start(Arc::clone(&rows), state, engine, 0).unwrap();
        let owner = Owner::Shop(make::SHOP);
        let blob = |name| Blob { owner, name: [name; 32], key: key::counters(), sealed: vec![1] };
        rows.blobs.write(&blob(1)).unwrap();
        let stale = vec![(owner, [1; 32])];
        let row = (key::counters(), Some(IVec::from(b"row")));
        let logged = Arc::new(wal::Rows::from([row]));
        applier.apply(Logged { group: 1, rows: logged, stale }).unwrap();
        applier.spare(&[blob(2)]).unwrap();
        assert_eq!(applier.ahead().len(), 1, "another is not waited for");
        applier.spare(&[blob(1)]).unwrap();
        assert!(applier.ahead().is_empty());
        assert_eq!(rows.blobs.read(owner, &[1; 32]).unwrap(), None);
        assert!(!applier.is_settled(1));
        applier.settle().unwrap();
        assert!(applier.is_settled(1));
    }
}
