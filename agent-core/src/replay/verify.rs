//! Gives the engine the answers of a journal alone; it must make the same decisions, byte for byte.
//!
//! Model, tools, store and clock are shut: whoever asks them has already diverged.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::conversation::Conversation;
use crate::digest::{Digest, canonical};
use crate::event::{Answer, Event, Opening, Outcome, Recorded};
use crate::evidence::{Call, Output, ToolError, ToolSpec};
use crate::house::kept;
use crate::id::{Alias, JournalId, Name, Seq, ShopId};
use crate::model::{Completion, Delta, Model, ModelError, Request};
use crate::pack::{Content, Pack};
use crate::profile::ChannelProfile;
use crate::replay::{Stretch, outcome, stretches};
use crate::store::{
    Archive, Commit, CommitError, Committed, InboxRow, OutboxRow, Page, Store, StoreError,
};
use crate::time::{Clock, Micros};
use crate::tool::{Scene, Tool};
use crate::turn::{Agent, InForce, Ports, TurnError, Work};

/// What a journal came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Turns that came out identical.
    pub identical: u64,
    /// Turns that were closed as failed; they were cut short by a fault and are not run again.
    pub failed: u64,
    /// A turn that is still open; it is taken up again by the shop's own process.
    pub open: bool,
}

/// Where a journal does not come out the same.
#[derive(Debug, Clone, thiserror::Error)]
pub enum VerifyError {
    /// The first event that differs.
    #[error("event {seq} ({kind}) differs\n  journal: {journal}\n  engine:  {engine}")]
    Diverged {
        /// Its position.
        seq: Seq,
        /// Its kind.
        kind: &'static str,
        /// What the journal says, in canonical form.
        journal: String,
        /// What the engine says.
        engine: String,
    },
    /// Positions are missing, or twice.
    #[error("event {0} does not follow the one before it")]
    Order(Seq),
    /// What a hash names is not there, or the journal can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Verifies journals against what their hashes name.
#[derive(Debug)]
pub struct Verifier {
    archive: Arc<dyn Archive>,
    forces: BTreeMap<(Digest, Digest, Digest), Force>,
}

#[derive(Clone, Debug)]
struct Force {
    pack: Arc<Pack>,
    profile: Arc<ChannelProfile>,
    agent: Agent,
}

impl Verifier {
    /// Over this archive.
    #[must_use]
    pub fn new(archive: Arc<dyn Archive>) -> Self {
        Self { archive, forces: BTreeMap::new() }
    }

    /// Runs every turn of a journal again.
    ///
    /// # Errors
    /// The first event that differs.
    pub async fn verify(
        &mut self,
        journal: JournalId,
        events: &[Recorded],
    ) -> Result<Verified, VerifyError> {
        let mut expected = Seq::START;
        for recorded in events {
            expected = expected.next();
            if recorded.seq != expected {
                return Err(VerifyError::Order(recorded.seq));
            }
        }
        let mut verified = Verified::default();
        let mut past = Conversation::default();
        for stretch in stretches(events) {
            let turn = match stretch {
                Stretch::Quiet(events) => {
                    events.iter().for_each(|recorded| past.apply(recorded));
                    continue;
                }
                Stretch::Turn(turn) => turn,
            };
            match outcome(&turn) {
                None => verified.open = true,
                Some(Outcome::Failed(_)) => verified.failed += 1,
                Some(_) => {
                    self.turn(journal, &past, &turn).await?;
                    verified.identical += 1;
                }
            }
            turn.iter().for_each(|recorded| past.apply(recorded));
        }
        Ok(verified)
    }

    async fn turn(
        &mut self,
        journal: JournalId,
        past: &Conversation,
        turn: &[Recorded],
    ) -> Result<(), VerifyError> {
        let opening = turn.iter().find_map(|recorded| match &recorded.event {
            Event::Answer(Answer::Opened(opening)) => Some(opening),
            _ => None,
        });
        let Some(opening) = opening else { return Ok(()) };
        let Force { pack, profile, agent } = self.force(opening).await?;
        let force = InForce {
            pack,
            profile,
            customer: opening.customer,
            turn: opening.turn,
            basis: opening.basis.clone(),
            opted_out: opening.opted_out,
            consent: opening.consent.clone(),
        };
        let work = Work {
            journal,
            past: past.clone(),
            inputs: Vec::new(),
            force,
            tape: turn.to_vec(),
            snapshot: false,
        };
        agent.turn(work).await.map(|_| ()).map_err(diverged)
    }

    /// What was in force by the hashes of an opening.
    async fn force(&mut self, opening: &Opening) -> Result<Force, StoreError> {
        let basis = &opening.basis;
        let key = (basis.pack, basis.profile, basis.tools);
        if let Some(force) = self.forces.get(&key) {
            return Ok(force.clone());
        }
        let content: Content = kept(&*self.archive, basis.pack).await?;
        let profile: ChannelProfile = kept(&*self.archive, basis.profile).await?;
        let specs: Vec<ToolSpec> = kept(&*self.archive, basis.tools).await?;
        let shut = |spec| Arc::new(Shut(spec)) as Arc<dyn Tool>;
        let ports = Ports {
            model: Arc::new(ShutModel),
            tools: specs.into_iter().map(shut).collect(),
            store: Arc::new(ShutStore),
            clock: Arc::new(ShutClock),
        };
        let force = Force {
            pack: Arc::new(Pack::new(content)),
            profile: Arc::new(profile),
            agent: Agent::new(ports),
        };
        self.forces.insert(key, force.clone());
        Ok(force)
    }
}

fn diverged(error: TurnError) -> VerifyError {
    match error {
        TurnError::Diverged { recorded, made } => VerifyError::Diverged {
            seq: recorded.seq,
            kind: recorded.event.kind(),
            journal: canonical(&*recorded),
            engine: made.map_or_else(
                || "wants an answer from outside here".to_owned(),
                |made| canonical(&*made),
            ),
        },
        TurnError::Surplus(recorded) => VerifyError::Diverged {
            seq: recorded.seq,
            kind: recorded.event.kind(),
            journal: canonical(&*recorded),
            engine: "makes nothing more".to_owned(),
        },
        // The store is shut: the engine made events the journal does not have.
        TurnError::Commit(error) => VerifyError::Diverged {
            seq: Seq::START,
            kind: "closed",
            journal: "ends here".to_owned(),
            engine: error.to_string(),
        },
    }
}

#[derive(Debug)]
struct ShutModel;

#[async_trait]
impl Model for ShutModel {
    async fn complete(
        &self,
        _: &Request,
        _: &mut (dyn for<'a> FnMut(Delta<'a>) + Send),
    ) -> Result<Completion, ModelError> {
        Err(ModelError::Miss)
    }
}

#[derive(Debug)]
struct Shut(ToolSpec);

#[async_trait]
impl Tool for Shut {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    async fn call(&self, _: &Call, _: Scene<'_>) -> Result<Output, ToolError> {
        Err(ToolError::Unavailable("tools are shut while a journal is verified".to_owned()))
    }
}

#[derive(Debug)]
struct ShutClock;

#[async_trait]
impl Clock for ShutClock {
    fn now(&self) -> Micros {
        Micros(0)
    }

    async fn sleep_until(&self, _: Micros) {}
}

#[derive(Debug)]
struct ShutStore;

const SHUT: &str = "the engine goes on where the journal ends";

#[async_trait]
impl Store for ShutStore {
    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        let made: Vec<&'static str> =
            commit.events.iter().map(|recorded| recorded.event.kind()).collect();
        Err(CommitError::NotApplied(format!("{SHUT}: {}", made.join(", "))))
    }

    async fn read(&self, _: JournalId, _: Seq, _: usize) -> Result<Page, StoreError> {
        Err(StoreError::Failed(SHUT.to_owned()))
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
        _: Micros,
        _: usize,
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
