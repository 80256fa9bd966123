//! Builds what a model is asked from the fold: the stable part first, what stands now last.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::conversation::Conversation;
use crate::digest::{Digest, Named};
use crate::evidence::{Evidence, Label, ToolSpec};
use crate::id::{Locale, Made, Name};
use crate::model::{Entry, Limits, Notes, Request};
use crate::pack::{Mode, Pack};
use crate::time::Micros;

/// What an answer may cost at most. Always-reasoning models spend hundreds of tokens before the first word.
pub const LIMITS: Limits = Limits { output: 2_048, deadline: Duration::from_secs(60) };

/// When the transcript is longer than this many tokens, by [`tokens`], its older half leaves.
pub const TRANSCRIPT_TOKENS: usize = 12_000;

/// As many messages as one turn answers at most.
pub const INPUTS: usize = 64;

/// Tokens of one piece of evidence as models are shown it.
const EVIDENCE_TOKENS: usize = 160;

/// What a model is asked.
#[must_use]
pub fn build(
    conversation: &Conversation,
    pack: &Arc<Pack>,
    tools: &Arc<Named<Vec<ToolSpec>>>,
    mode: Mode,
    locale: &Locale,
    violations: &[String],
) -> Request {
    Request {
        pack: pack.clone(),
        mode,
        locale: locale.clone(),
        tools: tools.clone(),
        transcript: conversation.transcript.clone(),
        notes: notes(conversation, violations),
        limits: LIMITS,
    }
}

fn notes(conversation: &Conversation, violations: &[String]) -> Notes {
    let good = |at: Micros, good_for: Duration| conversation.at <= at.after(good_for);
    Notes {
        now: conversation.at,
        first: !conversation.answered,
        cart: conversation.cart.clone(),
        priced: conversation.priced.clone(),
        slots: conversation.slots.clone(),
        evidence: conversation
            .evidence
            .iter()
            .filter(|evidence| good(evidence.finding.at, evidence.finding.good_for))
            .cloned()
            .collect(),
        pending: conversation.pending.clone(),
        violations: violations.to_vec(),
    }
}

/// The hash of a whole request, and that of the part that stays the same from request to request.
#[must_use]
pub fn digests(request: &Request) -> (Digest, Digest) {
    (whole(request), Digest::of_value(&Stem::of(request)))
}

/// The hash of a request in which findings stand as their own hashes: they are most of it, they are in it twice,
/// and they never change.
fn whole(request: &Request) -> Digest {
    let Request { pack, mode, locale, tools, transcript, notes, limits } = request;
    let Notes { now, first, cart, priced, slots, evidence, pending, violations } = notes;
    let transcript: Vec<Line<'_>> = transcript.iter().map(Line::of).collect();
    let notes = (now, first, cart, priced, slots, brief(evidence), pending, violations);
    Digest::of_value(&(pack, mode, locale, tools, transcript, notes, limits))
}

type Brief = Vec<(Label, Made, Digest)>;

fn brief(evidence: &[Evidence]) -> Brief {
    evidence.iter().map(|it| (it.label, it.call, it.finding.id())).collect()
}

/// An entry of the transcript as it is hashed.
#[derive(Serialize)]
enum Line<'a> {
    Found(Made, Brief),
    Other(&'a Entry),
}

impl<'a> Line<'a> {
    fn of(entry: &'a Entry) -> Self {
        match entry {
            Entry::Tool { call, result: Ok(evidence) } => Self::Found(*call, brief(evidence)),
            entry => Self::Other(entry),
        }
    }
}

/// The part of a request that stays the same: kept once by its hash, so that a miss can show what changed.
#[derive(Debug, Serialize)]
pub struct Stem<'a> {
    pack: &'a Pack,
    mode: Mode,
    locale: &'a Locale,
    tools: Vec<&'a Name>,
}

impl<'a> Stem<'a> {
    /// Of a request.
    #[must_use]
    pub fn of(request: &'a Request) -> Self {
        Self {
            pack: &request.pack,
            mode: request.mode,
            locale: &request.locale,
            tools: request.tools.iter().map(|tool| &tool.name).collect(),
        }
    }
}

/// A rough count of tokens that needs no tokenizer: a quarter of the bytes of its JSON; for evidence, which
/// models are shown in short, so many a piece.
#[must_use]
pub fn tokens(entry: &Entry) -> usize {
    match entry {
        Entry::Tool { result: Ok(evidence), .. } => EVIDENCE_TOKENS * (evidence.len() + 1),
        entry => {
            let mut counted = Counted(0);
            serde_json::to_writer(&mut counted, entry).map_or(0, |()| counted.0 / 4)
        }
    }
}

/// Counts what is written, and keeps nothing.
struct Counted(usize);

impl std::io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// How many of the oldest entries leave what models are shown: none while the transcript is within its
/// bound, else its older half, cut where a turn begins.
#[must_use]
pub fn to_forget(transcript: &[Entry]) -> usize {
    let sizes: Vec<usize> = transcript.iter().map(tokens).collect();
    let total: usize = sizes.iter().sum();
    if total <= TRANSCRIPT_TOKENS {
        return 0;
    }
    // A turn's first entry: where it is cut, no call loses its result, and nothing unanswered leaves. What
    // was said to a silent agent is of turns that are over.
    let asks = |entry: &Entry| matches!(entry, Entry::Customer { .. } | Entry::Happening { .. });
    let begins = |n: usize| {
        let before = n.checked_sub(1).and_then(|n| transcript.get(n));
        let over = transcript.len() - n > INPUTS;
        transcript.get(n).is_some_and(asks) && (over || !before.is_some_and(asks))
    };
    let (mut left, mut cut) = (total, 0);
    for (n, size) in sizes.iter().enumerate() {
        if begins(n) {
            cut = n;
            if left <= TRANSCRIPT_TOKENS / 2 {
                break;
            }
        }
        left = left.saturating_sub(*size);
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Entry {
        Entry::Customer { text: text.to_owned(), action: None, media: Vec::new() }
    }

    fn turn(words: usize) -> [Entry; 2] {
        let blocks = vec![crate::message::Block::Text("word ".repeat(words))];
        [said("and?"), Entry::Agent { draft: String::new(), blocks, calls: Vec::new() }]
    }

    #[test]
    fn whole_turns_leave_and_the_one_that_is_open_stays() {
        let mut long: Vec<Entry> = (0..40).flat_map(|_| turn(400)).collect();
        let gone = to_forget(&long);
        assert!(gone > 20 && gone.is_multiple_of(2), "{gone}");
        // The newest turn is more than half by itself: all before it leaves, and all it answers stays.
        long.extend([said("one"), said("two")]);
        long.extend((0..20).map(|_| turn(400)[1].clone()));
        assert_eq!(to_forget(&long), 80);
        let unheard: Vec<Entry> = (0..400).map(|_| said(&"word ".repeat(40))).collect();
        assert!(to_forget(&unheard) > 150);
    }

    #[test]
    fn a_long_transcript_loses_its_older_half_in_one_block() {
        assert_eq!(to_forget(&[said("hello")]), 0);
        let long: Vec<Entry> = (0..400).flat_map(|_| turn(40)).collect();
        let gone = to_forget(&long);
        assert!(gone > 300 && gone < 700, "{gone}");
        assert_eq!(to_forget(&long[gone..]), 0);
    }
}
