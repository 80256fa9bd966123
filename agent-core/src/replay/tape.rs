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
    /// One journal; with a conversation, the orders placed in it.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract::make;

    fn tape() -> Vec<String> {
        let mut chain = Chain::default();
        let (journal, customer) = (make::journal(), Some(CustomerId(3)));
        let lines = [
            head(Holds::Everything),
            Line::Kept("{}".to_owned()),
            Line::Journal { journal, customer },
            Line::Event(Box::new(make::event(1, "hello"))),
            Line::Event(Box::new(make::event(2, "there"))),
            Line::End { events: 2 },
            Line::Done { journals: 1 },
        ];
        lines.iter().map(|line| chain.write(line)).collect()
    }

    fn read(lines: &[String]) -> Result<Vec<Line>, TapeError> {
        let mut reader = Reader::default();
        let read = lines.iter().map(|line| reader.read(line)).collect::<Result<_, _>>()?;
        reader.finish().map(|()| read)
    }

    #[test]
    fn what_was_written_is_read() {
        let lines = read(&tape()).unwrap();
        assert_eq!(lines.len(), 7);
        assert_eq!(lines[4], Line::Event(Box::new(make::event(2, "there"))));
    }

    #[test]
    fn every_changed_byte_is_reported_at_its_line() {
        for (n, line) in tape().iter().enumerate() {
            for at in 0..line.len() {
                let mut lines = tape();
                let mut bytes = line.clone().into_bytes();
                bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
                lines[n] = String::from_utf8(bytes).unwrap();
                let error = read(&lines).unwrap_err();
                assert_eq!((error.line, error.wrong), (n as u64 + 1, Wrong::Changed));
                let seq =
                    u64::try_from(n).unwrap().checked_sub(2).filter(|seq| (1..=3).contains(seq));
                assert_eq!(error.at, seq.map(|seq| (make::journal(), Seq(seq))));
            }
        }
    }

    #[test]
    fn a_line_that_is_left_out_moved_or_cut_off_is_reported_where_it_should_stand() {
        for n in 0..7 {
            let mut lines = tape();
            lines.remove(n);
            assert_eq!(read(&lines).unwrap_err().line, n as u64 + 1);
            if n < 6 {
                let mut lines = tape();
                lines.swap(n, n + 1);
                assert_eq!(read(&lines).unwrap_err().line, n as u64 + 1);
            }
            let error = read(&tape()[..n]).unwrap_err();
            assert_eq!((error.line, error.wrong), (n as u64 + 1, Wrong::CutOff));
        }
    }

    /// With a chain that holds, the order of lines is still that of a tape.
    #[test]
    fn a_tape_that_was_written_wrongly_is_refused() {
        let journal = Line::Journal { journal: make::journal(), customer: None };
        let event = |seq| Line::Event(Box::new(make::event(seq, "hello")));
        let head = || head(Holds::Everything);
        for (lines, line) in [
            (vec![journal.clone()], 1),
            (vec![head(), head()], 2),
            (vec![head(), event(1)], 2),
            (vec![head(), journal.clone(), event(2)], 3),
            (vec![head(), journal.clone(), event(1), event(1)], 4),
            (vec![head(), journal.clone(), event(1), Line::End { events: 2 }], 4),
            (vec![head(), journal.clone(), Line::Kept(String::new())], 3),
            (vec![head(), Line::Done { journals: 1 }], 2),
            (vec![head(), Line::Done { journals: 0 }, journal], 3),
        ] {
            let mut chain = Chain::default();
            let lines: Vec<String> = lines.iter().map(|line| chain.write(line)).collect();
            let error = read(&lines).unwrap_err();
            assert!(matches!(error.wrong, Wrong::Misplaced(_)), "{error}");
            assert_eq!(error.line, line, "{error}");
        }
    }

    #[test]
    fn a_newer_format_is_told_whatever_else_its_head_says() {
        for (format, events, newer) in [(2, 1, (2, FORMAT)), (1, 2, (2, crate::event::FORMAT))] {
            for more in ["", ",\"signed\":true"] {
                let raw = format!(
                    "{{\"head\":{{\"events\":{events},\"format\":{format},\"holds\":\"everything\"{more}}}}}"
                );
                let chain = Chain::default().next(&raw);
                let line = format!("{BEFORE_CHAIN}{}{BEFORE_LINE}{raw}}}", chain.0);
                let error = Reader::default().read(&line).unwrap_err();
                assert_eq!(error.wrong, Wrong::Newer(newer.0, newer.1));
            }
        }
    }

    /// What version 1 wrote, every later one reads. A new format gets a fixture of its own.
    #[test]
    fn a_tape_of_format_1_is_read() {
        expect_test::expect_file!["tape.1.jsonl"].assert_eq(&(tape().join("\n") + "\n"));
        let written: Vec<String> =
            include_str!("tape.1.jsonl").lines().map(str::to_owned).collect();
        assert_eq!(read(&written).unwrap(), read(&tape()).unwrap());
    }
}
