//! A recorded conversation, run again with something else: another pack, model, policy, goods or prices.
//!
//! The customer says what they said. Where the new conversation stands differently from the recorded one, what
//! they said next may make no sense any more: the turn is marked, never silently gone on with.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::conversation::Conversation;
use crate::digest::Digest;
use crate::event::{Answer, Event, Opening, Recorded};
use crate::id::{JournalId, MessageId, Seq, TurnId};
use crate::message::{Inbound, InboundKind};
use crate::model::Model;
use crate::pack::Pack;
use crate::replay::cassette::{Cassette, Miss};
use crate::replay::force::{Force, Forces};
use crate::replay::script::{self, Carried};
use crate::replay::stage::{Stage, StageError, Tempo};
use crate::replay::view::{TurnView, view};
use crate::replay::{Stretch, stretches};
use crate::store::StoreError;
use crate::time::Micros;
use crate::tool::Tool;
use crate::turn::InForce;

/// Turns a simulated customer may take beyond those that were recorded.
const PATIENCE: usize = 4;
/// How long a simulated customer thinks.
const THINKS: Duration = Duration::from_secs(20);

/// What becomes of a turn that left the script.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OffScript {
    /// Nothing more is run.
    #[default]
    Stop,
    /// The customer goes on saying what they said; a tap on what is not offered is written as words.
    Continue,
    /// A simulated customer goes on.
    Simulate,
}

/// Somebody who goes on for the recorded customer.
pub trait Customer: Send + fmt::Debug {
    /// What they do next; none: they leave.
    fn next(&mut self, now: &Conversation) -> Option<InboundKind>;
}

/// The pack that is in force instead of a recorded one.
pub type Repack = Arc<dyn Fn(&Arc<Pack>) -> Arc<Pack> + Send + Sync>;

/// What a conversation is run again with.
pub struct Setting {
    /// Who answers.
    pub model: Arc<dyn Model>,
    /// The tools; none: they answer as recorded.
    pub tools: Option<Arc<[Arc<dyn Tool>]>>,
    /// The recorded answers.
    pub cassette: Arc<Cassette>,
    /// The time turns are told.
    pub tempo: Arc<Tempo>,
    /// Answers come when they came; else only what came in does, and models take the time they take.
    pub timed: bool,
    /// The pack.
    pub pack: Repack,
    /// The version of the goods, where they are others.
    pub catalog: Option<Digest>,
    /// What becomes of turns that leave the script.
    pub off_script: OffScript,
    /// Who goes on where a customer is simulated.
    pub customer: Option<Box<dyn Customer>>,
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setting").field("model", &self.model).finish_non_exhaustive()
    }
}

/// Whether a turn is the recorded one's match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Script {
    /// The customer was faced with the same.
    On,
    /// They were faced with something else; why.
    Off(String),
    /// The turn was not run, because it or one before it left the script; why.
    Stopped(String),
    /// A simulated customer took it.
    Simulated,
}

/// A turn as it was and as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// As it was; none where a simulated customer went on longer.
    pub was: Option<TurnView>,
    /// As it is; none where it was not run.
    pub now: Option<TurnView>,
    /// Whether they match.
    pub script: Script,
}

/// A conversation that was run again.
#[derive(Debug)]
pub struct Again {
    /// Its turns.
    pub turns: Vec<Pair>,
    /// Its new journal.
    pub events: Vec<Recorded>,
    /// Requests that nothing was recorded for.
    pub misses: Vec<Miss>,
}

/// Why a conversation can't be run again.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RerunError {
    /// What was in force is not there.
    #[error("what was in force at event {seq} is not there: {source}")]
    Archive {
        /// The opening.
        seq: Seq,
        /// What is missing.
        source: StoreError,
    },
    /// A turn can't be run.
    #[error("the turn that opens at event {seq} can't be run: {source}")]
    Turn {
        /// The opening.
        seq: Seq,
        /// Why.
        source: StageError,
    },
}

/// Runs a conversation again.
///
/// # Errors
/// When what was in force is not there, or a turn can't be run.
pub async fn rerun(
    journal: JournalId,
    events: &[Recorded],
    forces: &mut Forces,
    setting: Setting,
) -> Result<Again, RerunError> {
    let mut run =
        Run { journal, setting, stage: None, turns: Vec::new(), astray: None, last: None };
    let mut then = Conversation::default();
    let mut quiet: Vec<Recorded> = Vec::new();
    for stretch in stretches(events) {
        let turn = match stretch {
            Stretch::Quiet(events) => {
                run.quiet(events, &mut then, &mut quiet);
                continue;
            }
            Stretch::Turn(turn) => turn,
        };
        let before = then.clone();
        let was = view(&mut then, turn);
        let Some((seq, opening)) = opening(turn) else { continue };
        let archive = |source| RerunError::Archive { seq, source };
        let force = forces.of(&opening.basis).await.map_err(archive)?;
        run.stage(&force, &mut quiet);
        let failed = |source| RerunError::Turn { seq, source };
        run.turn(turn, opening, force, was, &before).await.map_err(failed)?;
        run.stands(&then);
    }
    let last = run.last.as_ref().map_or(Seq::START, |last| last.2);
    run.simulate().await.map_err(|source| RerunError::Turn { seq: last, source })?;
    let misses = run.setting.cassette.misses();
    let events = run.stage.map(|stage| stage.events).unwrap_or_default();
    Ok(Again { turns: run.turns, events, misses })
}

/// The opening of a turn.
#[must_use]
pub fn opening(turn: &[Recorded]) -> Option<(Seq, &Opening)> {
    turn.iter().find_map(|recorded| match &recorded.event {
        Event::Answer(Answer::Opened(opening)) => Some((recorded.seq, &**opening)),
        _ => None,
    })
}

struct Run {
    journal: JournalId,
    setting: Setting,
    stage: Option<Stage>,
    turns: Vec<Pair>,
    /// Why the script was left.
    astray: Option<Script>,
    /// The newest message, what its turn ran under, and where it opened.
    last: Option<(Inbound, InForce, Seq)>,
}

impl Run {
    /// Where turns run; the tools of a tape are known with its first turn.
    fn stage(&mut self, force: &Force, quiet: &mut Vec<Recorded>) {
        if self.stage.is_some() {
            return;
        }
        let setting = &self.setting;
        let tools = setting.tools.clone().unwrap_or_else(|| setting.cassette.tools(&force.specs));
        let tempo = setting.tempo.clone();
        let mut stage = Stage::new(self.journal, setting.model.clone(), tools, tempo);
        for recorded in quiet.drain(..) {
            if let Event::Answer(Answer::Received(inbound)) = recorded.event {
                stage.quiet(recorded.at, inbound);
            }
        }
        self.stage = Some(stage);
    }

    fn quiet(&mut self, events: &[Recorded], then: &mut Conversation, early: &mut Vec<Recorded>) {
        for recorded in events {
            match (&recorded.event, &mut self.stage) {
                (Event::Answer(Answer::Received(inbound)), Some(stage)) => {
                    if let Carried::Same(inbound) = script::carry(inbound, then, &stage.state) {
                        stage.quiet(recorded.at, *inbound);
                    }
                }
                (_, None) => early.push(recorded.clone()),
                _ => {}
            }
            then.apply(recorded);
        }
    }

    async fn turn(
        &mut self,
        turn: &[Recorded],
        opening: &Opening,
        force: Force,
        was: TurnView,
        then: &Conversation,
    ) -> Result<(), StageError> {
        let Some(stage) = &mut self.stage else { return Ok(()) };
        let heard = Heard::of(turn, then, &stage.state);
        if let (Some(label), None) = (&heard.lost, &self.astray) {
            self.astray = Some(Script::Off(format!("`{label}` is not offered now")));
        }
        let script = match (self.astray.clone(), self.setting.off_script) {
            (None, _) => Script::On,
            (Some(Script::Off(why)), OffScript::Stop) => Script::Stopped(why),
            (Some(_), OffScript::Simulate) => Script::Simulated,
            (Some(script), _) => script,
        };
        if matches!(script, Script::Stopped(_) | Script::Simulated) {
            self.turns.push(Pair { was: Some(was), now: None, script });
            return Ok(());
        }
        let force = Force { pack: (self.setting.pack)(&force.pack), ..force };
        let mut force = Force { specs: stage.agent().specs().clone(), ..force }.open(opening);
        force.basis.engine = crate::turn::engine();
        force.basis.pack = force.pack.id();
        force.basis.tools = force.specs.id();
        force.basis.catalog = self.setting.catalog.unwrap_or(force.basis.catalog);
        self.setting.cassette.open(self.turns.len(), turn);
        self.setting.tempo.tell(heard.times(turn, self.setting.timed));
        if let Some(last) = heard.inputs.last() {
            let seq = self.last.as_ref().map_or(Seq::START, |last| last.2);
            self.last = Some((last.clone(), force.clone(), seq));
        }
        let mut before = stage.state.clone();
        let written = stage.turn(force, heard.inputs).await?;
        let now = view(&mut before, written);
        self.turns.push(Pair { was: Some(was), now: Some(now), script });
        Ok(())
    }

    /// Looks whether the two conversations still stand alike after a turn.
    fn stands(&mut self, then: &Conversation) {
        let Some(stage) = self.stage.as_ref() else { return };
        let ran = self.turns.last().is_some_and(|pair| pair.now.is_some());
        if self.astray.is_none() || (ran && self.setting.off_script == OffScript::Continue) {
            self.astray = script::astray(then, &stage.state).map(Script::Off);
        }
    }

    /// A simulated customer goes on where the script was left.
    async fn simulate(&mut self) -> Result<(), StageError> {
        let simulated = |pair: &&Pair| pair.script == Script::Simulated;
        let left = self.turns.iter().filter(simulated).count();
        let (Some(stage), Some(customer)) = (&mut self.stage, &mut self.setting.customer) else {
            return Ok(());
        };
        let Some((last, force, _)) = self.last.clone().filter(|_| left > 0) else { return Ok(()) };
        for n in 0..left + PATIENCE {
            let Some(kind) = customer.next(&stage.state) else { break };
            let at = stage.state.at.after(THINKS);
            let id = MessageId(format!("simulated {n}"));
            let inbound = Inbound { id, at, kind, reply_to: None, referral: None, ..last.clone() };
            let digest = Digest::of(format!("{} {n}", force.turn).as_bytes()).0;
            let turn = digest.first_chunk().copied().map(u128::from_be_bytes).unwrap_or_default();
            self.setting.cassette.open(self.turns.len(), &[]);
            self.setting.tempo.tell([at, at]);
            let mut before = stage.state.clone();
            let force = InForce { turn: TurnId(turn), ..force.clone() };
            let written = stage.turn(force, vec![inbound]).await?;
            let now = Some(view(&mut before, written));
            self.turns.push(Pair { was: None, now, script: Script::Simulated });
        }
        Ok(())
    }
}

/// What a turn answers, carried over.
struct Heard {
    inputs: Vec<Inbound>,
    times: Vec<Micros>,
    lost: Option<String>,
}

impl Heard {
    fn of(turn: &[Recorded], then: &Conversation, now: &Conversation) -> Self {
        let mut heard = Self { inputs: Vec::new(), times: Vec::new(), lost: None };
        for recorded in turn {
            let Event::Answer(Answer::Received(inbound)) = &recorded.event else { continue };
            let carried = match script::carry(inbound, then, now) {
                Carried::Same(inbound) => *inbound,
                Carried::Nothing => continue,
                Carried::Lost(label) => {
                    heard.lost = Some(label.clone());
                    Inbound { kind: InboundKind::Text(label), ..inbound.clone() }
                }
            };
            heard.inputs.push(carried);
            heard.times.push(recorded.at);
        }
        heard
    }

    /// The times of what came in, and of the opening; timed, of everything that was answered.
    fn times(&self, turn: &[Recorded], timed: bool) -> Vec<Micros> {
        let mut times = self.times.clone();
        let opened =
            turn.iter().skip_while(|it| !matches!(&it.event, Event::Answer(Answer::Opened(_))));
        let answers = opened.filter(|it| it.event.is_answer()).map(|it| it.at);
        times.extend(answers.take(if timed { usize::MAX } else { 1 }));
        times
    }
}
