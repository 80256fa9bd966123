//! The journal is the tape: cut into turns, run again, exported and imported.
//!
//! `verify` gives the engine the recorded answers and wants the same decisions; `rerun` gives it others, and
//! [`diff`] tells what differs. Neither knows files or reports.

pub mod asked;
pub mod cassette;
pub mod diff;
pub mod force;
pub mod rerun;
pub mod script;
pub mod stage;
pub mod tape;
pub mod verify;
pub mod view;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;
    use crate::event::{Basis, Opening};
    use crate::id::{CustomerId, Seq, TurnId};
    use crate::store::contract::make;

    fn opened(inputs: usize) -> Event {
        let hash = Digest::of(b"");
        Answer::Opened(Box::new(Opening {
            turn: TurnId(1),
            customer: CustomerId(1),
            inputs: vec!["m".into(); inputs],
            basis: Basis {
                engine: hash,
                pack: hash,
                settings: hash,
                profile: hash,
                tools: hash,
                catalog: hash,
                arm: None,
            },
            consent: std::collections::BTreeSet::new(),
            opted_out: false,
        }))
        .into()
    }

    /// A journal by letters: `r` received, a digit opened on so many, `c` closed. Its stretches, turns in brackets.
    fn check(journal: &str, stretches: &str) {
        let event = |letter| match letter {
            'r' => make::event(1, "hello").event,
            'c' => Decision::Closed { turn: TurnId(1), outcome: Outcome::Silent }.into(),
            digit => opened(digit.to_digit(10).unwrap() as usize),
        };
        let events: Vec<Recorded> = (1..)
            .zip(journal.chars())
            .map(|(seq, letter)| Recorded { event: event(letter), ..make::event(seq, "") })
            .collect();
        let letters = |part: &[Recorded]| {
            let letter = |it: &Recorded| journal.chars().nth(it.seq.0 as usize - 1).unwrap();
            part.iter().map(letter).collect::<String>()
        };
        let cut: Vec<String> = super::stretches(&events)
            .iter()
            .map(|stretch| match stretch {
                Stretch::Quiet(part) => letters(part),
                Stretch::Turn(part) => format!("[{}]", letters(part)),
            })
            .collect();
        assert_eq!(cut.join(" "), stretches, "{journal}");
        assert_eq!(
            events.last().map(|last| last.seq),
            events.len().checked_sub(1).map(|n| Seq(n as u64 + 1))
        );
    }

    #[test]
    fn a_turn_begins_with_what_it_answers_and_all_else_lies_between() {
        check("", "");
        check("rr", "rr");
        check("r1c", "[r1c]");
        check("rrr2c", "r [rr2c]");
        check("r1crrrr2crr1", "[r1c] rr [rr2c] r [r1]");
        check("0c0c", "[0c] [0c]");
    }

    /// A tape may come from anywhere: none makes it panic or lose an event.
    #[test]
    fn journals_nobody_wrote_are_cut_too() {
        check("9c", "[9c]");
        check("cc1", "c [c1]");
        check("c2c", "[c2c]");
        check("r1r1c", "[r1r1c]");
    }
}
