//! Where events come into being: answers are kept, decisions are made and must equal what the journal
//! already says. Live, after a crash and in `verify` it is the same code; only the tape differs.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::conversation::Conversation;
use crate::event::{Answer, Decision, Event, Recorded};
use crate::id::{CommitId, Made, Seq, TurnId};
use crate::time::{Clock, Micros};
use crate::turn::TurnError;

/// What a turn has written so far, and what the journal already holds of it.
#[derive(Debug)]
pub(crate) struct Recorder {
    /// The fold, always as of the last event.
    pub(crate) state: Conversation,
    /// What the journal already holds, not yet met.
    tape: VecDeque<Recorded>,
    /// What is new and not committed.
    fresh: Vec<Recorded>,
    /// None: nothing happens any more, there is the tape alone.
    clock: Option<Arc<dyn Clock>>,
    /// The time of the last answer: the time of our decisions.
    at: Micros,
    made: u16,
    turn: TurnId,
}

impl Recorder {
    pub(crate) fn new(
        state: Conversation,
        tape: Vec<Recorded>,
        clock: Option<Arc<dyn Clock>>,
    ) -> Self {
        let at = state.at;
        Self { state, tape: tape.into(), fresh: Vec::new(), clock, at, made: 0, turn: TurnId(0) }
    }

    /// From now on, what is made is made by this turn.
    pub(crate) fn open(&mut self, turn: TurnId) {
        self.turn = turn;
    }

    /// The next thing this turn makes.
    pub(crate) fn made(&mut self) -> Made {
        let n = self.made;
        self.made = self.made.saturating_add(1);
        Made { turn: self.turn, n }
    }

    /// The id of this turn's next commit.
    pub(crate) fn commit_id(&self) -> CommitId {
        let fresh = self.fresh.first().map_or(0, |recorded| recorded.seq.0);
        let named = format!("{}/{}/{fresh}", self.turn, self.state.head);
        let digest = crate::digest::Digest::of(named.as_bytes()).0;
        let mut id = [0; 16];
        id.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        CommitId(u128::from_be_bytes(id))
    }

    /// Whether what comes next is new: the tape is met, and the world still turns.
    pub(crate) fn is_live(&self) -> bool {
        self.tape.is_empty() && self.clock.is_some()
    }

    /// An answer that is here already: the journal's word if it has one.
    pub(crate) fn given(&mut self, answer: Answer) -> Result<Answer, TurnError> {
        if self.tape.is_empty() { self.keep(answer) } else { self.recorded() }
    }

    /// The answer the journal has here.
    pub(crate) fn recorded(&mut self) -> Result<Answer, TurnError> {
        let recorded = self.tape.pop_front().ok_or(TurnError::Ended)?;
        match &recorded.event {
            Event::Answer(answer) => {
                let answer = answer.clone();
                self.admit(&recorded);
                Ok(answer)
            }
            Event::Decision(_) => {
                Err(TurnError::Diverged { recorded: Box::new(recorded), made: None })
            }
        }
    }

    /// From us: made again, and equal to what the journal says if it says anything.
    pub(crate) fn decide(&mut self, decision: Decision) -> Result<(), TurnError> {
        #[cfg(any(test, feature = "testing"))]
        let decision = super::planted::apply(decision);
        let made = Recorded { seq: self.state.head.next(), at: self.at, event: decision.into() };
        match self.tape.pop_front() {
            None if self.clock.is_none() => return Err(TurnError::Ended),
            None => self.stamp(made),
            Some(recorded) if recorded == made => self.admit(&recorded),
            Some(recorded) => {
                return Err(TurnError::Diverged {
                    recorded: Box::new(recorded),
                    made: Some(Box::new(made)),
                });
            }
        }
        Ok(())
    }

    fn keep(&mut self, answer: Answer) -> Result<Answer, TurnError> {
        let clock = self.clock.as_ref().ok_or(TurnError::Ended)?;
        // Time never runs backwards in a journal, whatever the clock does.
        self.at = clock.now().max(self.at);
        let event = answer.clone().into();
        self.stamp(Recorded { seq: self.state.head.next(), at: self.at, event });
        Ok(answer)
    }

    fn stamp(&mut self, recorded: Recorded) {
        self.state.apply(&recorded);
        self.fresh.push(recorded);
    }

    fn admit(&mut self, recorded: &Recorded) {
        self.at = recorded.at;
        self.state.apply(recorded);
    }

    /// Takes the tape as it stands, without making its decisions again; then `rest` is the tape.
    pub(crate) fn admit_all(&mut self, rest: Vec<Recorded>) -> Vec<Recorded> {
        let tape: Vec<Recorded> = std::mem::replace(&mut self.tape, rest.into()).into();
        for recorded in &tape {
            self.admit(recorded);
        }
        tape
    }

    /// What is left of the tape.
    pub(crate) fn unmet(&self) -> Option<&Recorded> {
        self.tape.front()
    }

    /// Whether the journal already holds what comes next.
    pub(crate) fn on_tape(&self) -> bool {
        !self.tape.is_empty()
    }

    /// The head before what is new, and what is new.
    pub(crate) fn take_fresh(&mut self) -> (Seq, Vec<Recorded>) {
        let fresh = std::mem::take(&mut self.fresh);
        let before =
            fresh.first().map_or(self.state.head, |first| Seq(first.seq.0.saturating_sub(1)));
        (before, fresh)
    }

    /// The time of the last answer.
    pub(crate) fn at(&self) -> Micros {
        self.at
    }
}
