//! The journal is the tape: cut into turns, run again, exported and imported.

pub mod tape;
pub mod verify;

use crate::event::{Answer, Decision, Event, Outcome, Recorded};
use crate::id::MessageId;

/// A stretch of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stretch {
    /// Received outside of any turn.
    Quiet(Vec<Recorded>),
    /// A turn from its first received message to its end, or to the end of the journal where it is open.
    Turn(Vec<Recorded>),
}

/// Cuts a journal into turns and what lies between them.
#[must_use]
pub fn stretches(events: &[Recorded]) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let mut rest = events;
    while !rest.is_empty() {
        let opened = rest
            .iter()
            .position(|recorded| matches!(recorded.event, Event::Answer(Answer::Opened(_))));
        let Some(opened) = opened else {
            stretches.push(Stretch::Quiet(rest.to_vec()));
            break;
        };
        let inputs: &[MessageId] = match rest.get(opened).map(|recorded| &recorded.event) {
            Some(Event::Answer(Answer::Opened(opening))) => &opening.inputs,
            _ => &[],
        };
        let mine = |recorded: &Recorded| match &recorded.event {
            Event::Answer(Answer::Received(inbound)) => inputs.contains(&inbound.id),
            _ => false,
        };
        let start = rest.iter().take(opened).position(mine).unwrap_or(opened);
        let closed = rest.iter().position(|recorded| {
            matches!(recorded.event, Event::Decision(Decision::Closed { .. }))
        });
        let end = closed.map_or(rest.len(), |closed| closed + 1);
        let (quiet, turn) = rest.get(..end).unwrap_or(rest).split_at(start);
        if !quiet.is_empty() {
            stretches.push(Stretch::Quiet(quiet.to_vec()));
        }
        stretches.push(Stretch::Turn(turn.to_vec()));
        rest = rest.get(end..).unwrap_or_default();
    }
    stretches
}

/// How a turn ended; none while it is open.
#[must_use]
pub fn outcome(turn: &[Recorded]) -> Option<&Outcome> {
    match turn.last().map(|recorded| &recorded.event) {
        Some(Event::Decision(Decision::Closed { outcome, .. })) => Some(outcome),
        _ => None,
    }
}
