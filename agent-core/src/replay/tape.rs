//! The tape: journals as versioned, hash-chained JSON lines that name no engine.
//!
//! A line is `{"chain":"…","line":…}`, where `line` is in canonical form and `chain` is SHA-256 over the
//! chain of the line before and the bytes of this `line`. So no byte of a tape can be changed, no line left
//! out, moved or added, and nothing cut off, without the reader saying at which line.
//!
//! ```text
//! head      the formats, and what the tape was asked to hold
//! kept      what a hash in the next journal names, where no journal before it did
//! journal   one journal begins
//! event     …its events, from the first
//! end       …and how many there were
//! done      how many journals there were
//! ```

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, canonical};
use crate::event::{Answer, Event, Recorded};
use crate::id::{CustomerId, JournalId, Seq, ShopId};

/// The version of the tape's format.
pub const FORMAT: u16 = 1;

/// One line of a tape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Line {
    /// The first line.
    Head {
        /// The version of the tape's format.
        format: u16,
        /// The version of the events' format.
        events: u16,
        /// What it was asked to hold.
        holds: Holds,
    },
    /// What a hash names, as its text.
    Kept(String),
    /// A journal begins.
    Journal {
        /// Which.
        journal: JournalId,
        /// Whose it is.
        customer: Option<CustomerId>,
    },
    /// One event of the journal.
    Event(Box<Recorded>),
    /// The journal ends.
    End {
        /// How many events it has.
        events: u64,
    },
    /// The last line.
    Done {
        /// How many journals there are.
        journals: u64,
    },
}

/// What a tape holds.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Holds {
    /// Every journal of the store that can still be read.
    Everything,
    /// Every such journal of one shop.
    Shop(ShopId),
    /// One journal.
    Journal(JournalId),
}

const BEFORE_CHAIN: &str = "{\"chain\":\"";
const BEFORE_LINE: &str = "\",\"line\":";

/// The first line of a tape written by this version.
#[must_use]
pub fn head(holds: Holds) -> Line {
    Line::Head { format: FORMAT, events: crate::event::FORMAT, holds }
}

/// Where a chain stands.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Chain(Digest);

impl Default for Chain {
    fn default() -> Self {
        Self(Digest::of(b"sutler tape"))
    }
}

impl Chain {
    /// The text of the next line, without its end.
    #[must_use]
    pub fn write(&mut self, line: &Line) -> String {
        let line = canonical(line);
        *self = self.next(&line);
        format!("{BEFORE_CHAIN}{}{BEFORE_LINE}{line}}}", self.0)
    }

    fn next(self, line: &str) -> Self {
        Self(Digest::of(&[&self.0.0, line.as_bytes()].concat()))
    }
}

/// What is wrong with a tape, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}{}: {wrong}", Place(at.as_ref()))]
pub struct TapeError {
    /// The line, counted from 1.
    pub line: u64,
    /// Inside a journal: which, and the position of its event that stands, or should stand, here.
    pub at: Option<(JournalId, Seq)>,
    /// What is wrong with it.
    pub wrong: Wrong,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// It is not what its chain says.
    #[error("it was changed after it was written, or a line before it is missing")]
    Changed,
    /// It was written so, and can't be read.
    #[error("it can't be read: {0}")]
    Unreadable(String),
    /// A newer format.
    #[error(
        "the tape has format {0} and this version reads up to {1}; read it with a newer Sutler"
    )]
    Newer(u16, u16),
    /// It does not belong there.
    #[error("{0} does not belong here")]
    Misplaced(&'static str),
    /// The tape ends before its last line.
    #[error("the tape was cut off here")]
    CutOff,
}

struct Place<'a>(Option<&'a (JournalId, Seq)>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some((journal, seq)) => write!(f, " (event {seq} of {journal})"),
            None => Ok(()),
        }
    }
}

/// Reads a tape line by line and holds it to its chain and its order.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    chain: Chain,
    lines: u64,
    stands: Stands,
    journals: u64,
}

#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
enum Stands {
    #[default]
    BeforeHead,
    Between,
    Inside(JournalId, Seq),
    Behind,
}

impl Reader {
    /// The next line, from its text without its end.
    ///
    /// # Errors
    /// When it is not what was written there. Nothing behind it can be trusted then.
    pub fn read(&mut self, text: &str) -> Result<Line, TapeError> {
        self.lines += 1;
        let raw = self.raw(text).ok_or_else(|| self.wrong(Wrong::Changed))?;
        let line: Line = match serde_json::from_str(raw) {
            Ok(line) => line,
            Err(error) => return Err(self.wrong(self.unreadable(raw, &error))),
        };
        match (&line, self.stands) {
            (Line::Head { format, events, .. }, Stands::BeforeHead) => {
                newer(*format, *events).map_or(Ok(()), |newer| Err(self.wrong(newer)))?;
                self.stands = Stands::Between;
            }
            (Line::Kept(_), Stands::Between) => {}
            (Line::Journal { journal, .. }, Stands::Between) => {
                self.stands = Stands::Inside(*journal, Seq::START);
            }
            (Line::Event(event), Stands::Inside(journal, seq)) if event.seq == seq.next() => {
                self.stands = Stands::Inside(journal, event.seq);
            }
            (Line::End { events }, Stands::Inside(_, Seq(seq))) if *events == seq => {
                self.stands = Stands::Between;
                self.journals += 1;
            }
            (Line::Done { journals }, Stands::Between) if *journals == self.journals => {
                self.stands = Stands::Behind;
            }
            _ => return Err(self.wrong(Wrong::Misplaced(named(&line)))),
        }
        Ok(line)
    }

    /// Ends reading.
    ///
    /// # Errors
    /// When the tape is not whole.
    pub fn finish(mut self) -> Result<(), TapeError> {
        self.lines += 1;
        if self.stands == Stands::Behind { Ok(()) } else { Err(self.wrong(Wrong::CutOff)) }
    }

    /// Whether the line read last ends a journal, or the head: from here a writer can go on.
    #[must_use]
    pub fn is_between(&self) -> bool {
        self.stands == Stands::Between
    }

    /// The chain after the line read last.
    #[must_use]
    pub fn chain(&self) -> Chain {
        self.chain
    }

    /// The journals that were read whole.
    #[must_use]
    pub fn journals(&self) -> u64 {
        self.journals
    }

    /// The bytes of the line, if the chain holds.
    fn raw<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let (chain, rest) = text.strip_prefix(BEFORE_CHAIN)?.split_once(BEFORE_LINE)?;
        let raw = rest.strip_suffix('}')?;
        let next = self.chain.next(raw);
        (next.0.to_string() == chain).then(|| self.chain = next)?;
        Some(raw)
    }

    /// A head of a newer format need not look like ours.
    fn unreadable(&self, raw: &str, error: &serde_json::Error) -> Wrong {
        let head = serde_json::from_str::<serde_json::Value>(raw).ok();
        let number = |name: &str| {
            let number = head.as_ref()?.get("head")?.get(name)?.as_u64()?;
            u16::try_from(number).ok()
        };
        let formats = number("format").zip(number("events")).filter(|_| self.lines == 1);
        formats
            .and_then(|(format, events)| newer(format, events))
            .unwrap_or_else(|| Wrong::Unreadable(error.to_string()))
    }

    fn wrong(&self, wrong: Wrong) -> TapeError {
        let at = match self.stands {
            Stands::Inside(journal, seq) => Some((journal, seq.next())),
            Stands::BeforeHead | Stands::Between | Stands::Behind => None,
        };
        TapeError { line: self.lines, at, wrong }
    }
}

fn newer(format: u16, events: u16) -> Option<Wrong> {
    if format > FORMAT {
        return Some(Wrong::Newer(format, FORMAT));
    }
    (events > crate::event::FORMAT).then_some(Wrong::Newer(events, crate::event::FORMAT))
}

fn named(line: &Line) -> &'static str {
    match line {
        Line::Head { .. } => "a head",
        Line::Kept(_) => "an archived record",
        Line::Journal { .. } => "the beginning of a journal",
        Line::Event(_) => "an event of this position",
        Line::End { .. } => "the end of a journal of this length",
        Line::Done { .. } => "the end of a tape of so many journals",
    }
}

/// The hashes a journal names that are archived.
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
