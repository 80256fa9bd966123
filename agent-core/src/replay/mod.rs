//! The journal is the tape: cut into turns, run again, exported and imported.

pub mod tape;
pub mod verify;

use crate::event::{Answer, Decision, Event, Outcome, Recorded};

/// A stretch of a journal.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Stretch<'a> {
    /// Received outside of any turn.
    Quiet(&'a [Recorded]),
    /// A turn from its first received message to its end, or to the end of the journal where it is open.
    Turn(&'a [Recorded]),
}

/// Cuts a journal into turns and what lies between them. Whatever a journal holds, each of its events is
/// in one stretch, in order.
#[must_use]
pub fn stretches(events: &[Recorded]) -> Vec<Stretch<'_>> {
    let mut stretches = Vec::new();
    let mut rest = events;
    while let Some((opened, inputs)) = opened(rest) {
        // A turn takes what it answers right before it opens, in one commit.
        let (quiet, turn) = rest.split_at(opened.saturating_sub(inputs));
        let after = opened - quiet.len();
        let closed = turn.iter().skip(after).position(is_closed);
        let (turn, later) = turn.split_at(closed.map_or(turn.len(), |closed| after + closed + 1));
        if !quiet.is_empty() {
            stretches.push(Stretch::Quiet(quiet));
        }
        stretches.push(Stretch::Turn(turn));
        rest = later;
    }
    if !rest.is_empty() {
        stretches.push(Stretch::Quiet(rest));
    }
    stretches
}

/// Where the first turn opens, and how many messages it answers.
fn opened(events: &[Recorded]) -> Option<(usize, usize)> {
    events.iter().enumerate().find_map(|(at, recorded)| match &recorded.event {
        Event::Answer(Answer::Opened(opening)) => Some((at, opening.inputs.len())),
        _ => None,
    })
}

fn is_closed(recorded: &Recorded) -> bool {
    matches!(recorded.event, Event::Decision(Decision::Closed { .. }))
}

/// How a turn ended; none while it is open.
#[must_use]
pub fn outcome(turn: &[Recorded]) -> Option<&Outcome> {
    match turn.last().map(|recorded| &recorded.event) {
        Some(Event::Decision(Decision::Closed { outcome, .. })) => Some(outcome),
        _ => None,
    }
}
