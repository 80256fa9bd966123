//! Where turns run again: ports of one's own, a store that is a sheet of paper, and time as it is told.

use std::collections::{BTreeSet, VecDeque};
use std::ops::RangeInclusive;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::FutureExt as _;

use crate::conversation::Conversation;
use crate::event::{Answer, Recorded};
use crate::id::{Alias, JournalId, Name, Seq, ShopId};
use crate::message::Inbound;
use crate::model::Model;
use crate::store::{Commit, CommitError, Committed, InboxRow, OutboxRow, Page, Store, StoreError};
use crate::time::{Clock, Micros};
use crate::tool::Tool;
use crate::turn::{Agent, InForce, Ports, TurnError, Work};

/// A clock that tells the times it was given, one a question, and then stands, unless something took time.
#[derive(Debug, Default)]
pub struct Tempo(Mutex<(VecDeque<Micros>, Micros)>);

impl Tempo {
    /// From now on it tells these.
    pub fn tell(&self, times: impl IntoIterator<Item = Micros>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.0 = times.into_iter().collect();
    }

    /// Something took so long.
    pub fn pass(&self, took: Duration) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.1 = held.1.after(took);
    }
}

#[async_trait]
impl Clock for Tempo {
    fn now(&self) -> Micros {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(next) = held.0.pop_front() {
            held.1 = next;
        }
        held.1
    }

    async fn sleep_until(&self, _: Micros) {}
}

/// Why a turn could not be run.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StageError {
    /// The engine says so.
    #[error(transparent)]
    Turn(#[from] TurnError),
    /// The engine, a tool or a model panicked.
    #[error("the turn panicked")]
    Panicked,
}

/// One conversation that is run again.
#[derive(Debug)]
pub struct Stage {
    agent: Agent,
    sheet: Arc<Sheet>,
    /// The time turns are told.
    pub tempo: Arc<Tempo>,
    journal: JournalId,
    /// The fold so far.
    pub state: Conversation,
    /// Everything so far.
    pub events: Vec<Recorded>,
}

impl Stage {
    /// A conversation with nothing in it, over these ports.
    #[must_use]
    pub fn new(
        journal: JournalId,
        model: Arc<dyn Model>,
        tools: Arc<[Arc<dyn Tool>]>,
        tempo: Arc<Tempo>,
    ) -> Self {
        let sheet = Arc::new(Sheet::default());
        let ports = Ports { model, tools, store: sheet.clone(), clock: tempo.clone() };
        let agent = Agent::new(ports);
        Self { agent, sheet, tempo, journal, state: Conversation::default(), events: Vec::new() }
    }

    /// The agent that runs its turns.
    #[must_use]
    pub fn agent(&self) -> &Agent {
        &self.agent
    }

    /// Something is received outside of any turn.
    pub fn quiet(&mut self, at: Micros, inbound: Inbound) {
        let event = Answer::Received(inbound).into();
        self.push(Recorded { seq: self.state.head.next(), at, event });
    }

    /// Runs a turn to its end; what it wrote.
    ///
    /// # Errors
    /// When it can't be run.
    pub async fn turn(
        &mut self,
        force: InForce,
        inputs: Vec<Inbound>,
    ) -> Result<&[Recorded], StageError> {
        let from = self.events.len();
        let work = Work {
            journal: self.journal,
            past: self.state.clone(),
            inputs: inputs.into_iter().map(|inbound| (None, inbound)).collect(),
            force,
            tape: Vec::new(),
            snapshot: false,
            released: Vec::new(),
            replay: false,
            live: None,
        };
        let ran = AssertUnwindSafe(self.agent.turn(work)).catch_unwind().await;
        let written = self.sheet.take();
        let done = ran.map_err(|_| StageError::Panicked)??;
        self.state = done.state;
        self.events.extend(written);
        Ok(self.events.get(from..).unwrap_or_default())
    }

    /// Lets the last so many events have been these, and folds anew: what a broken agent would have left.
    pub fn rewrite(&mut self, last: usize, events: Vec<Recorded>) {
        self.events.truncate(self.events.len().saturating_sub(last));
        self.state = Conversation::fold(&self.events);
        for recorded in events {
            let seq = self.state.head.next();
            self.push(Recorded { seq, ..recorded });
        }
    }

    fn push(&mut self, recorded: Recorded) {
        self.state.apply(&recorded);
        self.events.push(recorded);
    }
}

/// A store of which nothing is asked but to take what one turn writes.
#[derive(Debug, Default)]
struct Sheet(Mutex<Vec<Recorded>>);

impl Sheet {
    fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Store for Sheet {
    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        let mut sheet = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let head = commit.events.last().map(|last| last.seq).or(commit.expect).unwrap_or_default();
        sheet.extend(commit.events);
        Ok(Committed { head, fresh: vec![true; commit.accept.len()] })
    }

    async fn read(&self, _: JournalId, _: Seq, _: usize) -> Result<Page, StoreError> {
        Ok(Page::default())
    }

    async fn snapshot(&self, _: JournalId) -> Result<Option<(Seq, Bytes)>, StoreError> {
        Ok(None)
    }

    async fn inbox(&self, _: JournalId, _: usize) -> Result<Vec<InboxRow>, StoreError> {
        Ok(Vec::new())
    }

    async fn waiting(&self, _: ShopId, _: usize) -> Result<Vec<JournalId>, StoreError> {
        Ok(Vec::new())
    }

    async fn due(
        &self,
        _: ShopId,
        _: RangeInclusive<Micros>,
        _: usize,
        _: &BTreeSet<JournalId>,
    ) -> Result<(Vec<OutboxRow>, Option<Micros>), StoreError> {
        Ok((Vec::new(), None))
    }

    async fn timers(
        &self,
        _: ShopId,
        _: Micros,
        _: usize,
    ) -> Result<(Vec<(JournalId, Name, Micros)>, Option<Micros>), StoreError> {
        Ok((Vec::new(), None))
    }

    async fn find(&self, _: ShopId, _: &Alias) -> Result<Option<JournalId>, StoreError> {
        Ok(None)
    }
}
