//! Where a message becomes a reply. A turn always runs against what the journal already holds of it:
//! nothing at first, a prefix after a crash, all of it in `verify`.

mod egress;
mod ingress;
mod order;
#[cfg(any(test, feature = "testing"))]
pub mod planted;
mod recorder;
mod round;
pub(crate) mod snapshot;
mod tell;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt as _;
use tokio::sync::watch;

use crate::conversation::Conversation;
use crate::digest::{Digest, Named};
use crate::event::{Answer, Basis, Decision, Event, Opening, Outcome, Recorded};
use crate::evidence::{Access, Change, Owner, ToolError, ToolSpec};
use crate::id::{CustomerId, JournalId, Locale, Made, Seq, TurnId};
use crate::message::{Inbound, InboundKind};
use crate::model::Model;
use crate::order::Order;
use crate::pack::Pack;
use crate::profile::ChannelProfile;
use crate::store::{Accept, Arrival, Commit, CommitError, OutboxRow, Settle, Settled, Store};
use crate::time::{Clock, Micros};
use crate::tool::Tool;
use recorder::Recorder;

/// Rounds of tools a turn may take before the pack's phrase is said.
pub const ROUNDS: u8 = 6;
/// Calls a model may make in one round.
pub const CALLS: usize = 8;
/// How long a reply is worth sending.
pub const REPLY_GOOD_FOR: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

/// Events after the newest snapshot before a turn writes the next: folding so many costs less than a
/// snapshot a turn.
pub const SNAPSHOT_EVERY: u64 = 64;

/// Bytes of a snapshot, at most: of a commit, which may hold a few MiB, it must leave most to the turn.
const SNAPSHOT_MOST: usize = 1024 * 1024;

/// The engine that makes decisions here: the hash of its sources.
#[must_use]
pub fn engine() -> Digest {
    Digest::of(env!("SUTLER_ENGINE").as_bytes())
}

/// What a turn reaches the world through.
#[derive(Clone, Debug)]
pub struct Ports {
    /// Answers.
    pub model: Arc<dyn Model>,
    /// Acts.
    pub tools: Arc<[Arc<dyn Tool>]>,
    /// Keeps.
    pub store: Arc<dyn Store>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Runs turns.
#[derive(Clone, Debug)]
pub struct Agent {
    /// Its ports.
    pub ports: Ports,
    specs: Arc<Named<Vec<ToolSpec>>>,
}

/// What is in force for one turn, and what it opens with.
#[derive(Clone, Debug)]
pub struct InForce {
    /// The pack.
    pub pack: Arc<Pack>,
    /// The channel's profile.
    pub profile: Arc<Named<ChannelProfile>>,
    /// The specs of the tools.
    pub specs: Arc<Named<Vec<ToolSpec>>>,
    /// Those of the tools a model is shown.
    pub shown: Arc<Named<Vec<ToolSpec>>>,
    /// Whose conversation it is.
    pub customer: CustomerId,
    /// The fresh id.
    pub turn: TurnId,
    /// What was in force, by hash.
    pub basis: Basis,
    /// The customer wants no messages, said elsewhere.
    pub opted_out: bool,
    /// Purposes the customer agreed to.
    pub consent: std::collections::BTreeSet<crate::id::Name>,
}

/// One turn to run.
#[derive(Clone, Debug)]
pub struct Work {
    /// Whose.
    pub journal: JournalId,
    /// The fold before the turn.
    pub past: Conversation,
    /// What it answers. What the tape holds of it goes before.
    pub inputs: Vec<(Option<Arrival>, Inbound)>,
    /// What is in force.
    pub force: InForce,
    /// What the journal already holds of this turn.
    pub tape: Vec<Recorded>,
    /// Whether the fold is to be kept with the turn's end.
    pub snapshot: bool,
    /// What a person releases by an input, for the outbox with the turn's end.
    pub released: Vec<OutboxRow>,
    /// Whether there is the tape alone: nothing new happens, and nothing is written.
    pub replay: bool,
    /// Where what the model writes is told on the way, as far as it may be said.
    pub live: Option<watch::Sender<String>>,
}

/// A turn that was run.
#[derive(Clone, Debug)]
pub struct Done {
    /// The fold after it.
    pub state: Conversation,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether something is to be delivered.
    pub sent: bool,
    /// Other journals that were told something.
    pub told: Vec<JournalId>,
}

/// Why a turn was not finished.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TurnError {
    /// What was decided is not what the journal says.
    #[error("event {} differs from what is decided now", .recorded.seq)]
    Diverged {
        /// What the journal says.
        recorded: Box<Recorded>,
        /// What is decided now; none when an answer is wanted where the journal has a decision.
        made: Option<Box<Recorded>>,
    },
    /// The journal holds more than the turn makes.
    #[error("event {} is not made any more", .0.seq)]
    Surplus(Box<Recorded>),
    /// The turn goes on where the tape ends, and there is the tape alone.
    #[error("the journal ends here")]
    Ended,
    /// It was not written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// A turn as it runs.
#[derive(Debug)]
struct Turn<'a> {
    agent: &'a Agent,
    journal: JournalId,
    force: InForce,
    recorder: Recorder,
    inputs: Vec<Inbound>,
    arrivals: Vec<Arrival>,
    outbox: Vec<OutboxRow>,
    released: Vec<OutboxRow>,
    timers: Vec<(crate::id::Name, Option<Micros>)>,
    tell: Vec<Accept>,
    told: Vec<JournalId>,
    sent: bool,
    snapshot: bool,
    live: Option<watch::Sender<String>>,
    /// Orders that were paid twice before this turn.
    paid_twice: Vec<Made>,
}

impl Agent {
    /// An agent over these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        let specs = ports.tools.iter().map(|tool| tool.spec().clone()).collect();
        Self { ports, specs: Arc::new(Named::new(specs)) }
    }

    /// The specs of its tools.
    #[must_use]
    pub fn specs(&self) -> &Arc<Named<Vec<ToolSpec>>> {
        &self.specs
    }

    /// Runs one turn to its end, and commits it.
    ///
    /// # Errors
    /// `Diverged` and `Surplus` when the tape says otherwise; `Commit` when the store does not take it, in
    /// which case nothing the customer could see has happened and the turn can be run again.
    pub async fn turn(&self, work: Work) -> Result<Done, TurnError> {
        let mut turn = Turn::new(self, work);
        turn.receive()?;
        let opening = turn.opening()?;
        turn.recorder.open(opening.turn);
        let outcome = turn.run(&opening).await?;
        turn.close(opening.turn, outcome).await
    }

    /// Closes a turn that can't be finished: what it wrote outside is settled with its key, and a person is asked.
    ///
    /// # Errors
    /// When the store does not take it.
    pub async fn fail(&self, work: Work, why: &str) -> Result<Done, TurnError> {
        tracing::error!(why, inputs = work.inputs.len(), "turn failed");
        self.failed(work, why, Vec::new()).await
    }

    /// Closes a turn as failed, against what the journal already holds of its closing.
    pub(crate) async fn failed(
        &self,
        work: Work,
        why: &str,
        closing: Vec<Recorded>,
    ) -> Result<Done, TurnError> {
        let mut turn = Turn::new(self, work);
        let tape = turn.recorder.admit_all(closing);
        if tape.is_empty() {
            turn.receive()?;
        }
        let opened = tape.iter().find_map(|recorded| match &recorded.event {
            Event::Answer(Answer::Opened(opening)) => Some(opening.turn),
            _ => None,
        });
        let id = match opened {
            Some(turn) => turn,
            None => turn.opening()?.turn,
        };
        turn.recorder.open(id);
        // Where nothing was decided yet, what came in of consent and ids would be forgotten with the turn.
        if !tape.iter().any(|recorded| matches!(recorded.event, Event::Decision(_))) {
            turn.take_over()?;
        }
        turn.settle_open_write(&tape).await?;
        // A person who has it sees what came in; of a closed one, nobody would.
        let state = &turn.recorder.state;
        if !(state.is_taken() && matches!(state.owner, Owner::Person { .. })) {
            let since = turn.recorder.at();
            let owner = Owner::Waiting { why: why.to_owned(), since };
            turn.recorder.decide(Decision::Changed(Change::Owner(owner)))?;
        }
        turn.close(id, Outcome::Failed(why.to_owned())).await
    }
}

impl<'a> Turn<'a> {
    fn new(agent: &'a Agent, work: Work) -> Self {
        let mut inputs: Vec<Inbound> = work
            .tape
            .iter()
            .map_while(|recorded| match &recorded.event {
                Event::Answer(Answer::Received(inbound)) => Some(inbound.clone()),
                _ => None,
            })
            .collect();
        let resumed = !work.tape.is_empty();
        let paid_twice = work.past.orders.iter().filter(|order| order.is_paid_twice());
        let paid_twice = paid_twice.filter_map(Order::reference).collect();
        let clock = (!work.replay).then(|| agent.ports.clock.clone());
        let mut arrivals = Vec::new();
        for (arrival, inbound) in work.inputs {
            // A turn that is taken up again answers what it had taken; the rest waits for the next.
            if !resumed {
                inputs.push(inbound.clone());
            }
            if !resumed || inputs.contains(&inbound) {
                arrivals.extend(arrival);
            }
        }
        Self {
            agent,
            journal: work.journal,
            force: work.force,
            recorder: Recorder::new(work.past, work.tape, clock),
            inputs,
            arrivals,
            outbox: Vec::new(),
            released: work.released,
            timers: Vec::new(),
            tell: Vec::new(),
            told: Vec::new(),
            sent: false,
            snapshot: work.snapshot,
            live: work.live,
            paid_twice,
        }
    }

    fn receive(&mut self) -> Result<(), TurnError> {
        self.tell_orders();
        for inbound in self.inputs.clone() {
            self.recorder.given(Answer::Received(inbound))?;
        }
        Ok(())
    }

    fn opening(&mut self) -> Result<Opening, TurnError> {
        let opening = Opening {
            turn: self.force.turn,
            customer: self.force.customer,
            inputs: self.inputs.iter().map(|inbound| inbound.id.clone()).collect(),
            basis: self.force.basis.clone(),
            consent: self.force.consent.clone(),
            opted_out: self.force.opted_out,
        };
        match self.recorder.given(Answer::Opened(Box::new(opening)))? {
            Answer::Opened(opening) => Ok(*opening),
            other => Err(self.unexpected(other)),
        }
    }

    /// An answer of another kind than the one that was wanted.
    fn unexpected(&self, answer: Answer) -> TurnError {
        let recorded = Recorded {
            seq: self.recorder.state.head,
            at: self.recorder.at(),
            event: answer.into(),
        };
        TurnError::Diverged { recorded: Box::new(recorded), made: None }
    }

    fn change(&mut self, change: Change) -> Result<(), TurnError> {
        if let Change::Timer { name, due } = &change {
            self.timers.push((name.clone(), *due));
        }
        if let Change::Consent { purpose, given } = &change {
            let kind = InboundKind::Consent { purpose: *purpose, given: *given };
            self.tell_customer(kind, self.recorder.at());
        }
        self.recorder.decide(Decision::Changed(change))
    }

    /// The pack's phrase in the conversation's language.
    fn phrase(&self, name: &str) -> String {
        self.force.pack.say(name, &self.spoken_in(), &[])
    }

    fn spoken_in(&self) -> Locale {
        self.recorder.state.locale.clone().unwrap_or_else(|| self.force.pack.default_locale())
    }

    async fn close(mut self, turn: TurnId, outcome: Outcome) -> Result<Done, TurnError> {
        self.recorder.decide(Decision::Closed { turn, outcome: outcome.clone() })?;
        if let Some(surplus) = self.recorder.unmet() {
            return Err(TurnError::Surplus(Box::new(surplus.clone())));
        }
        self.commit(true).await?;
        self.told.extend(self.orders_told(turn));
        Ok(Done { state: self.recorder.state, outcome, sent: self.sent, told: self.told })
    }

    /// Writes what is new. The last commit of a turn also consumes what it answers and carries the fold.
    async fn commit(&mut self, last: bool) -> Result<(), TurnError> {
        let id = self.recorder.commit_id();
        let (expect, events) = self.recorder.take_fresh();
        if events.is_empty() && (!last || self.arrivals.is_empty()) {
            return Ok(());
        }
        let snapshot = (last && self.snapshot).then(|| snapshot::bytes(&self.recorder.state));
        // It is a cache: one that is too large would keep the turn itself from being written.
        let snapshot = snapshot.flatten().filter(|bytes| bytes.len() <= SNAPSHOT_MOST);
        if last {
            self.outbox.append(&mut self.released);
        }
        let commit = Commit {
            customer: Some(self.force.customer),
            expect: Some(expect),
            events,
            accept: std::mem::take(&mut self.tell),
            consume: if last { std::mem::take(&mut self.arrivals) } else { Vec::new() },
            settle: if last { self.settled() } else { Vec::new() },
            outbox: std::mem::take(&mut self.outbox),
            timers: std::mem::take(&mut self.timers),
            snapshot,
            ..Commit::blank(id, self.recorder.at(), self.journal)
        };
        self.agent.ports.store.commit(commit).await?;
        Ok(())
    }

    /// What the inputs tell of rows of the outbox.
    fn settled(&mut self) -> Vec<Settle> {
        let settle: Vec<Settle> = self.inputs.iter().flat_map(Settle::told).collect();
        self.sent |= settle.iter().any(|settle| settle.to != Settled::Done);
        settle
    }

    /// A write that was called and whose outcome nobody wrote down is asked for again, with its key.
    async fn settle_open_write(&mut self, tape: &[Recorded]) -> Result<(), TurnError> {
        let open = tape.iter().rev().find_map(|recorded| match &recorded.event {
            Event::Answer(Answer::Returned { .. }) => Some(None),
            Event::Decision(Decision::Called { call, access: Access::Write }) => {
                Some(Some(call.clone()))
            }
            _ => None,
        });
        let Some(call) = open.flatten() else { return Ok(()) };
        // The tool may be what panicked.
        match AssertUnwindSafe(self.run_tool(&call, Access::Write)).catch_unwind().await {
            Ok(ran) => ran,
            Err(_) => {
                let result = Err(ToolError::Ambiguous("the tool panicked".to_owned()));
                self.recorder.given(Answer::Returned { call: call.id, result }).map(|_| ())
            }
        }
    }

    fn rows(&mut self, outbound: &crate::message::Outbound, plan: &crate::message::Plan, seq: Seq) {
        let (of, at) = ((self.journal, Some(self.force.customer)), self.recorder.at());
        let row = |part| OutboxRow::of(of, (outbound, plan), part, (seq, at));
        self.outbox.extend((0..=u8::MAX).map_while(row));
        self.sent |= !plan.parts.is_empty();
    }
}
