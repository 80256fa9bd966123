//! The tape: a journal as versioned, hash-chained JSON lines that name no engine.
//!
//! A line is one JSON object in canonical form. The first is the head (`format`, `shop`, `journal`), then come
//! what the hashes in the journal name (`kept`), then its events; the last is the end with their number. Every
//! line carries `chain`: SHA-256 over the chain of the line before and this line without its own.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, canonical};
use crate::event::{Answer, Event, Recorded};
use crate::id::{CustomerId, JournalId};

/// The version of the tape's format.
pub const FORMAT: u16 = 1;

/// One line of a tape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Line {
    /// The first line.
    Head {
        /// The version of the format.
        format: u16,
        /// The version of the events' format.
        events: u16,
        /// The journal.
        journal: JournalId,
        /// Whose it is.
        customer: Option<CustomerId>,
    },
    /// What a hash in the journal names, as canonical JSON text.
    Kept(String),
    /// One event.
    Event(Box<Recorded>),
    /// The last line.
    End {
        /// How many events there are.
        events: u64,
    },
}

/// A line with its chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Chained {
    chain: Digest,
    line: Line,
}

/// Writes and reads the chain.
#[derive(Clone, Debug)]
pub struct Chain(Digest);

/// What is wrong with a tape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TapeError {
    /// A line is not what its chain says. For an event, its position is named.
    #[error("{0} was changed after it was written")]
    Changed(String),
    /// A line can't be read.
    #[error("line can't be read: {0}")]
    Unreadable(String),
    /// A newer format.
    #[error(
        "the tape has format {0}; this version reads up to {FORMAT}; import it with a newer Sutler"
    )]
    Newer(u16),
    /// A line where it does not belong.
    #[error("{0} does not belong here")]
    Order(String),
}

impl Default for Chain {
    fn default() -> Self {
        Self(Digest::of(b"sutler tape"))
    }
}

impl Chain {
    /// The text of the next line, without its end.
    #[must_use]
    pub fn write(&mut self, line: Line) -> String {
        self.0 = next(self.0, &line);
        canonical(&Chained { chain: self.0, line })
    }

    /// The next line.
    ///
    /// # Errors
    /// When it is not what was written there.
    pub fn read(&mut self, text: &str) -> Result<Line, TapeError> {
        let Chained { chain, line } =
            serde_json::from_str(text).map_err(|error| TapeError::Unreadable(error.to_string()))?;
        if chain != next(self.0, &line) {
            return Err(TapeError::Changed(named(&line)));
        }
        self.0 = chain;
        match &line {
            Line::Head { format, .. } if *format > FORMAT => Err(TapeError::Newer(*format)),
            Line::Head { events, .. } if *events > crate::event::FORMAT => {
                Err(TapeError::Newer(*events))
            }
            _ => Ok(line),
        }
    }
}

fn next(before: Digest, line: &Line) -> Digest {
    let mut bytes = before.0.to_vec();
    bytes.extend(canonical(line).into_bytes());
    Digest::of(&bytes)
}

fn named(line: &Line) -> String {
    match line {
        Line::Head { .. } => "the head".to_owned(),
        Line::Kept(text) => format!("the archived record {}", Digest::of(text.as_bytes())),
        Line::Event(recorded) => format!("event {}", recorded.seq),
        Line::End { .. } => "the end".to_owned(),
    }
}

/// The hashes a journal names.
#[must_use]
pub fn named_hashes(events: &[Recorded]) -> BTreeSet<Digest> {
    let mut named = BTreeSet::new();
    for recorded in events {
        if let Event::Answer(Answer::Opened(opening)) = &recorded.event {
            let basis = &opening.basis;
            named.extend([basis.pack, basis.settings, basis.profile, basis.tools]);
        }
    }
    named
}
