//! Gives the engine the answers of a journal alone; it must make the same decisions, byte for byte.
//!
//! A turn that ended is run to its end. Of a turn that is open, and of one that was closed as failed, all is
//! run that was written before the fault; the closing of a failed one is made again too.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_trait::async_trait;
use futures::FutureExt as _;
use serde::{Deserialize, Serialize};

use crate::conversation::Conversation;
use crate::digest::canonical;
use crate::event::{Answer, Decision, Event, Opening, Outcome, Recorded};
use crate::evidence::Access;
use crate::id::{JournalId, Seq};
use crate::model::scripted::Scripted;
use crate::replay::force::Forces;
use crate::replay::{Stretch, outcome, stretches};
use crate::store::memory::MemoryStore;
use crate::store::{Archive, StoreError};
use crate::time::{Clock, Micros};
use crate::turn::{Agent, Done, Ports, TurnError, Work, engine};

/// What journals came to.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// Turns that came out identical, to their end.
    pub identical: u64,
    /// Turns that a fault had cut short: identical up to there, and closed as failed.
    pub failed: u64,
    /// Turns that are still open, and identical so far; the shop's own process takes them up again.
    pub open: u64,
    /// Of all these, turns that another build of the engine had opened.
    pub other_engine: u64,
}

impl std::ops::AddAssign for Verified {
    fn add_assign(&mut self, more: Self) {
        self.identical += more.identical;
        self.failed += more.failed;
        self.open += more.open;
        self.other_engine += more.other_engine;
    }
}

/// Where a journal does not come out the same.
#[derive(Debug, Clone, thiserror::Error)]
pub enum VerifyError {
    /// The first event that differs.
    #[error("event {seq} ({kind}) differs{}\n  journal: {journal}\n  engine:  {engine}", by_whom(*other_engine))]
    Diverged {
        /// Its position.
        seq: Seq,
        /// Its kind, by the journal.
        kind: &'static str,
        /// What the journal says, in canonical form.
        journal: String,
        /// What the engine says.
        engine: String,
        /// Whether another build of the engine opened the turn, so that it may rightly decide otherwise.
        other_engine: bool,
    },
    /// Positions are missing, or twice.
    #[error("event {0} does not follow the one before it")]
    Order(Seq),
    /// The engine panicked.
    #[error("the engine panicked in the turn that begins at event {0}")]
    Panicked(Seq),
    /// What the hashes of an opening name is not there.
    #[error("what was in force at event {seq} is not there: {source}")]
    Archive {
        /// The opening.
        seq: Seq,
        /// What is missing.
        source: StoreError,
    },
}

/// Verifies journals against what their hashes name.
#[derive(Debug)]
pub struct Verifier {
    agent: Agent,
    forces: Forces,
}

impl Verifier {
    /// Over this archive.
    #[must_use]
    pub fn new(archive: Arc<dyn Archive>) -> Self {
        // There is the tape alone, so none of these is ever asked.
        let ports = Ports {
            model: Arc::new(Scripted::new([])),
            tools: Arc::new([]),
            store: Arc::new(MemoryStore::new()),
            clock: Arc::new(Still),
        };
        Self { agent: Agent::new(ports), forces: Forces::new(archive) }
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
                return Err(VerifyError::Order(expected));
            }
        }
        let mut verified = Verified::default();
        let mut past = Conversation::default();
        for stretch in stretches(events) {
            match stretch {
                Stretch::Quiet(events) => {
                    quiet(events)?.iter().for_each(|recorded| past.apply(recorded));
                }
                Stretch::Turn(turn) => {
                    let ran = self.turn(journal, past, turn).await;
                    let (ran, after) = ran.map_err(|error| error.within(turn))?;
                    verified += ran;
                    past = after;
                }
            }
        }
        Ok(verified)
    }

    /// What the turn came to, and the fold after it.
    async fn turn(
        &mut self,
        journal: JournalId,
        past: Conversation,
        turn: &[Recorded],
    ) -> Result<(Verified, Conversation), VerifyError> {
        let Some((seq, opening)) = opened(turn) else { return Ok((Verified::default(), past)) };
        let other_engine = u64::from(opening.basis.engine != engine());
        let ran = Verified { other_engine, ..Verified::default() };
        let work = self.work(journal, past, opening).await;
        let work = work.map_err(|source| VerifyError::Archive { seq, source })?;
        let again = Again { agent: &self.agent, work };
        let ran = match outcome(turn) {
            None => {
                again.cut_short(turn).await?;
                Verified { open: 1, ..ran }
            }
            Some(Outcome::Failed(why)) => match again.failed(turn, why).await {
                // It failed because another engine decides otherwise, as this one does.
                Err(VerifyError::Diverged { .. }) if other_engine > 0 => {
                    Verified { failed: 1, ..ran }
                }
                failed => failed.map(|()| Verified { failed: 1, ..ran })?,
            },
            Some(_) => {
                let after = again.whole(turn).await?;
                return Ok((Verified { identical: 1, ..ran }, after));
            }
        };
        let mut after = again.work.past;
        turn.iter().for_each(|recorded| after.apply(recorded));
        Ok((ran, after))
    }

    /// The turn that opened so, without its tape.
    async fn work(
        &mut self,
        journal: JournalId,
        past: Conversation,
        opening: &Opening,
    ) -> Result<Work, StoreError> {
        let force = self.forces.of(&opening.basis).await?.open(opening);
        let (inputs, tape) = (Vec::new(), Vec::new());
        let (released, snapshot, replay, live) = (Vec::new(), false, true, None);
        Ok(Work { journal, past, inputs, force, tape, snapshot, released, replay, live })
    }
}

fn opened(turn: &[Recorded]) -> Option<(Seq, &Opening)> {
    turn.iter().find_map(|recorded| match &recorded.event {
        Event::Answer(Answer::Opened(opening)) => Some((recorded.seq, &**opening)),
        _ => None,
    })
}

impl VerifyError {
    /// The error, met in this turn.
    fn within(mut self, turn: &[Recorded]) -> Self {
        if let Self::Diverged { other_engine, .. } = &mut self {
            *other_engine = opened(turn).is_some_and(|(_, it)| it.basis.engine != engine());
        }
        self
    }
}

fn by_whom(other_engine: bool) -> &'static str {
    if other_engine { "; another build of the engine opened its turn" } else { "" }
}

/// Outside of turns there are answers alone.
fn quiet(events: &[Recorded]) -> Result<&[Recorded], VerifyError> {
    let received = |event: &Event| matches!(event, Event::Answer(Answer::Received(_)));
    match events.iter().find(|recorded| !received(&recorded.event)) {
        None => Ok(events),
        Some(stray) => Err(differs(stray, "has no turn here".to_owned())),
    }
}

/// A turn that is run again.
struct Again<'a> {
    agent: &'a Agent,
    work: Work,
}

impl Again<'_> {
    /// To its end; the fold after it.
    async fn whole(self, turn: &[Recorded]) -> Result<Conversation, VerifyError> {
        let done = run(self.agent, self.work, turn).await?;
        done.map(|done| done.state).map_err(|error| diverged(error, turn))
    }

    /// To where its tape ends, which is before its own end.
    async fn cut_short(&self, turn: &[Recorded]) -> Result<(), VerifyError> {
        match run(self.agent, self.work.clone(), turn).await? {
            Err(TurnError::Ended) | Ok(_) => Ok(()),
            Err(error) => Err(diverged(error, turn)),
        }
    }

    /// Up to its last write, or else its opening: so far it was in the journal when it failed. Then its
    /// closing, which begins with what became of that write.
    async fn failed(&self, turn: &[Recorded], why: &str) -> Result<(), VerifyError> {
        let written = turn.iter().rposition(|recorded| {
            matches!(
                recorded.event,
                Event::Decision(Decision::Called { access: Access::Write, .. })
                    | Event::Answer(Answer::Opened(_))
            )
        });
        let (before, closing) = turn.split_at(written.map_or(0, |written| written + 1));
        self.cut_short(before).await?;
        let work = Work { tape: before.to_vec(), ..self.work.clone() };
        let closed = self.agent.failed(work, why, closing.to_vec()).await;
        closed.map(|_| ()).map_err(|error| diverged(error, turn))
    }
}

/// Runs what the journal holds of a turn.
async fn run(
    agent: &Agent,
    work: Work,
    turn: &[Recorded],
) -> Result<Result<Done, TurnError>, VerifyError> {
    let work = Work { tape: turn.to_vec(), ..work };
    let begins = turn.first().map_or(Seq::START, |first| first.seq);
    let run = AssertUnwindSafe(agent.turn(work)).catch_unwind().await;
    run.map_err(|_| VerifyError::Panicked(begins))
}

fn diverged(error: TurnError, turn: &[Recorded]) -> VerifyError {
    match error {
        TurnError::Diverged { recorded, made: Some(made) } => differs(&recorded, canonical(&*made)),
        TurnError::Diverged { recorded, made: None } => {
            differs(&recorded, "wants another answer from outside here".to_owned())
        }
        TurnError::Surplus(recorded) => differs(&recorded, "makes nothing more".to_owned()),
        // A turn that ended has its end on the tape, so the engine meets that first; and it writes nothing.
        TurnError::Ended | TurnError::Commit(_) => match turn.last() {
            Some(last) => differs(last, "goes on where the journal ends".to_owned()),
            None => VerifyError::Order(Seq::START),
        },
    }
}

fn differs(recorded: &Recorded, engine: String) -> VerifyError {
    let (seq, kind, journal) = (recorded.seq, recorded.event.kind(), canonical(recorded));
    VerifyError::Diverged { seq, kind, journal, engine, other_engine: false }
}

/// A clock nobody asks.
#[derive(Debug)]
struct Still;

#[async_trait]
impl Clock for Still {
    fn now(&self) -> Micros {
        Micros::default()
    }

    async fn sleep_until(&self, _: Micros) {}
}
