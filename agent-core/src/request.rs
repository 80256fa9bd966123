//! Builds what a model is asked from the fold: the stable part first, what stands now last.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::conversation::Conversation;
use crate::digest::Digest;
use crate::evidence::ToolSpec;
use crate::id::{Locale, Name};
use crate::model::{Entry, Limits, Notes, Request};
use crate::pack::{Mode, Pack};
use crate::time::Micros;

/// What an answer may cost at most. Always-reasoning models spend hundreds of tokens before the first word.
pub const LIMITS: Limits = Limits { output: 2_048, deadline: Duration::from_secs(60) };

/// When the transcript is longer than this many tokens, by [`tokens`], its older half leaves.
pub const TRANSCRIPT_TOKENS: usize = 12_000;

/// Tokens of one piece of evidence as models are shown it.
const EVIDENCE_TOKENS: usize = 160;

/// What a model is asked.
#[must_use]
pub fn build(
    conversation: &Conversation,
    pack: &Arc<Pack>,
    tools: &Arc<[ToolSpec]>,
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
    (Digest::of_value(request), Digest::of_value(&Stem::of(request)))
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
        entry => serde_json::to_string(entry).map_or(0, |json| json.len() / 4),
    }
}

/// How many of the oldest entries leave what models are shown: none while the transcript is within its
/// bound, else its older half, cut before a customer's entry so that no result loses its call.
#[must_use]
pub fn to_forget(transcript: &[Entry]) -> usize {
    let sizes: Vec<usize> = transcript.iter().map(tokens).collect();
    let total: usize = sizes.iter().sum();
    if total <= TRANSCRIPT_TOKENS {
        return 0;
    }
    let mut left = total;
    for (n, (entry, size)) in transcript.iter().zip(&sizes).enumerate() {
        if left <= TRANSCRIPT_TOKENS / 2 && matches!(entry, Entry::Customer { .. }) {
            return n;
        }
        left = left.saturating_sub(*size);
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Entry {
        Entry::Customer { text: text.to_owned(), action: None, media: Vec::new() }
    }

    #[test]
    fn a_long_transcript_loses_its_older_half_in_one_block() {
        assert_eq!(to_forget(&[said("hello")]), 0);
        let long: Vec<Entry> = (0..400).map(|_| said(&"word ".repeat(40))).collect();
        let gone = to_forget(&long);
        assert!(gone > 150 && gone < 350, "{gone}");
        assert_eq!(to_forget(&long[gone..]), 0);
    }
}
