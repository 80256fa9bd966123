//! Recorded answers, asked for again: a model and tools that say what they said.
//!
//! A model's answer is found by the hash of the whole request, so that nothing is answered that was not asked.
//! What is not found is a miss: it is kept, and the turn goes on without a model. By place instead, the n-th
//! question of a turn gets the n-th answer, whatever is asked.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::Value;

use crate::digest::{Digest, canonical};
use crate::event::{Answer, Decision, Event, Recorded};
use crate::evidence::{Call, Output, ToolError, ToolSpec};
use crate::id::Made;
use crate::model::{Completion, Delta, Model, ModelError, Request};
use crate::request;
use crate::tool::{Scene, Tool};

/// How a recorded answer is found.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Key {
    /// By what is asked.
    #[default]
    Request,
    /// By the turn and the place in it.
    Place,
}

type Answered = Result<Completion, ModelError>;
type Returned = Result<Output, ToolError>;
/// What a call told the world outside, if it said so, and what came of it.
type Ran = (Option<Value>, Returned);

/// A request nothing was recorded for.
#[derive(Clone, Debug)]
pub struct Miss {
    /// The turn of the rerun, counted from 0.
    pub turn: usize,
    /// What was asked.
    pub request: Box<Request>,
}

/// The recorded answers of one conversation.
#[derive(Debug, Default)]
pub struct Cassette {
    key: Key,
    rows: Mutex<Rows>,
}

#[derive(Debug, Default)]
struct Rows {
    turn: usize,
    /// By the hash of the request.
    asked: BTreeMap<Digest, VecDeque<Answered>>,
    /// By tool and arguments.
    called: BTreeMap<(String, String), VecDeque<Ran>>,
    /// What is left of the turn that runs.
    model: VecDeque<Answered>,
    tools: VecDeque<Ran>,
    misses: Vec<Miss>,
}

impl Cassette {
    /// What a conversation's models and tools answered.
    #[must_use]
    pub fn of(events: &[Recorded], key: Key) -> Self {
        let mut rows = Rows::default();
        let (mut asked, mut prepared) = (None, None);
        let mut calls: BTreeMap<Made, &Call> = BTreeMap::new();
        for recorded in events {
            match &recorded.event {
                Event::Decision(Decision::Asked { request, .. }) => asked = Some(*request),
                Event::Answer(Answer::Answered(answer)) => {
                    if let Some(request) = asked.take() {
                        rows.asked.entry(request).or_default().push_back(answer.clone());
                    }
                }
                Event::Decision(Decision::Called { call, .. }) => _ = calls.insert(call.id, call),
                Event::Answer(Answer::Prepared { body, .. }) => prepared = Some(body.clone()),
                Event::Answer(Answer::Returned { call, result }) => {
                    let ran = (prepared.take(), result.clone());
                    if let Some(call) = calls.get(call) {
                        rows.called.entry(named(call)).or_default().push_back(ran);
                    }
                }
                _ => {}
            }
        }
        Self { key, rows: Mutex::new(rows) }
    }

    /// The turn that runs now: its number, and what was recorded of it.
    pub fn open(&self, turn: usize, recorded: &[Recorded]) {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.turn = turn;
        rows.model.clear();
        rows.tools.clear();
        let mut prepared = None;
        for recorded in recorded {
            match &recorded.event {
                Event::Answer(Answer::Answered(answer)) => rows.model.push_back(answer.clone()),
                Event::Answer(Answer::Prepared { body, .. }) => prepared = Some(body.clone()),
                Event::Answer(Answer::Returned { result, .. }) => {
                    rows.tools.push_back((prepared.take(), result.clone()));
                }
                _ => {}
            }
        }
    }

    /// What was asked for and not found.
    #[must_use]
    pub fn misses(&self) -> Vec<Miss> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).misses.clone()
    }

    /// Tools of these specs that answer as recorded.
    #[must_use]
    pub fn tools(self: &Arc<Self>, specs: &[ToolSpec]) -> Arc<[Arc<dyn Tool>]> {
        let tool = |spec: &ToolSpec| {
            Arc::new(Recording { spec: spec.clone(), cassette: self.clone() }) as Arc<dyn Tool>
        };
        specs.iter().map(tool).collect()
    }

    fn prepared(&self, call: &Call) -> Option<Value> {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let found = match self.key {
            Key::Place => rows.tools.front(),
            Key::Request => rows.called.get(&named(call)).and_then(VecDeque::front),
        };
        found.and_then(|(prepared, _)| prepared.clone())
    }

    fn returned(&self, call: &Call) -> Returned {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let found = match self.key {
            Key::Place => rows.tools.pop_front(),
            Key::Request => rows.called.get_mut(&named(call)).and_then(next),
        };
        found.map(|(_, result)| result).unwrap_or_else(|| {
            let what = format!("nothing is recorded of `{}` with these arguments", call.tool);
            Err(ToolError::Unavailable(what))
        })
    }
}

/// The oldest that was not told yet; the last is told again and again.
fn next<T: Clone>(told: &mut VecDeque<T>) -> Option<T> {
    if told.len() > 1 { told.pop_front() } else { told.front().cloned() }
}

fn named(call: &Call) -> (String, String) {
    (call.tool.to_string(), canonical(&call.arguments))
}

#[async_trait]
impl Model for Cassette {
    async fn complete(
        &self,
        request: &Request,
        _: &mut (dyn for<'a> FnMut(Delta<'a>) + Send),
    ) -> Answered {
        let digest = (self.key == Key::Request).then(|| request::digests(request).0);
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let found = match digest {
            Some(digest) => rows.asked.get_mut(&digest).and_then(next),
            None => rows.model.pop_front(),
        };
        found.unwrap_or_else(|| {
            let miss = Miss { turn: rows.turn, request: Box::new(request.clone()) };
            rows.misses.push(miss);
            Err(ModelError::Miss)
        })
    }
}

/// A tool that answers as recorded.
#[derive(Debug)]
struct Recording {
    spec: ToolSpec,
    cassette: Arc<Cassette>,
}

#[async_trait]
impl Tool for Recording {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn prepare(&self, call: &Call, _: &Scene<'_>) -> Result<Option<Value>, ToolError> {
        Ok(self.cassette.prepared(call))
    }

    async fn call(&self, call: &Call, _: Scene<'_>) -> Returned {
        self.cassette.returned(call)
    }
}
