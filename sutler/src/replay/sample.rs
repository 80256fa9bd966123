//! Which conversations of production are worth a look: by rules, and a share of the rest, of every kind.

use std::collections::{BTreeMap, BTreeSet};

use agent_core::conversation::Conversation;
use agent_core::digest::Digest;
use agent_core::event::{Answer, Decision, Event, Outcome, Recorded, Stage, Verdict};
use agent_core::evidence::{Change, Owner};
use agent_core::message::InboundKind;
use serde::Serialize;

use super::rates::{MicroUsd, Rates};
use crate::tape::Journal;

/// Reactions that say no.
const NEGATIVE: [&str; 8] = ["👎", "😡", "😠", "😞", "😢", "💔", "🤬", "🙄"];
/// Scores of an event named like feedback at or below this, of five, are bad.
const BAD_SCORE: f64 = 2.0;

/// Rules by which conversations are chosen.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// This share of all, from 0 to 1; the same conversations each time.
    pub share: f64,
    /// Those in which a person was asked.
    pub hand_overs: bool,
    /// Those whose customer was not content.
    pub negative: bool,
    /// Those in which a rule held something back, took something out or had it written again.
    pub policy: bool,
    /// Those that cost more tokens.
    pub tokens: Option<u64>,
    /// Those that cost more money,
    pub cost: Option<MicroUsd>,
    /// at these rates.
    pub rates: Rates,
    /// Those that call tools in an order that no earlier one had.
    pub new_paths: bool,
    /// What the share is taken of, kind by kind.
    pub per: Vec<Stratum>,
    /// At most so many, those with the most reasons first.
    pub most: Option<usize>,
}

/// What tells kinds of conversations apart.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stratum {
    /// The pack.
    Pack,
    /// The language.
    Locale,
    /// The channel.
    Channel,
    /// The shop.
    Shop,
}

/// A conversation that was chosen, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chosen {
    /// Which.
    pub journal: String,
    /// Its place among those that were looked at.
    #[serde(skip)]
    pub at: usize,
    /// Its kind.
    pub stratum: String,
    /// Why.
    pub reasons: Vec<String>,
}

/// Chooses. The order of the journals is that of time, by which a path is new.
#[must_use]
pub fn choose(journals: &[Journal], rules: &Rules) -> Vec<Chosen> {
    let mut order: Vec<usize> = (0..journals.len()).collect();
    order.sort_by_key(|at| journals.get(*at).and_then(|it| it.events.first()).map(|it| it.at));
    let mut paths = BTreeSet::new();
    let mut strata: BTreeMap<String, Vec<(Digest, usize)>> = BTreeMap::new();
    let mut reasons: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for at in order {
        let Some(journal) = journals.get(at) else { continue };
        let stratum = stratum(journal, &rules.per);
        // The same conversations each time, and no others when there are more.
        let lot = Digest::of(journal.id.to_string().as_bytes());
        strata.entry(stratum).or_default().push((lot, at));
        let found = looked(&journal.events, rules, &mut paths);
        if !found.is_empty() {
            reasons.insert(at, found);
        }
    }
    for drawn in strata.values_mut() {
        drawn.sort_unstable();
        let many = share_of(drawn.len(), rules.share);
        for (_, at) in drawn.iter().take(many) {
            reasons.entry(*at).or_default().push("share".to_owned());
        }
    }
    let chosen = reasons.into_iter().filter_map(|(at, reasons)| {
        let journal = journals.get(at)?;
        let stratum = stratum(journal, &rules.per);
        Some(Chosen { journal: journal.id.to_string(), at, stratum, reasons })
    });
    let mut chosen: Vec<Chosen> = chosen.collect();
    if let Some(most) = rules.most {
        chosen.sort_by_key(|it| std::cmp::Reverse(it.reasons.len()));
        chosen.truncate(most);
        chosen.sort_by_key(|it| it.at);
    }
    chosen
}

/// As many of so many: at least one of each kind, when any are wanted.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a count is a count"
)]
fn share_of(many: usize, share: f64) -> usize {
    (many as f64 * share.clamp(0.0, 1.0)).ceil() as usize
}

fn stratum(journal: &Journal, per: &[Stratum]) -> String {
    let state = Conversation::fold(&journal.events);
    let opened = journal.events.iter().rev().find_map(|recorded| match &recorded.event {
        Event::Answer(Answer::Opened(opening)) => Some(&opening.basis),
        _ => None,
    });
    let part = |stratum: &Stratum| match stratum {
        Stratum::Pack => opened.map(|it| it.pack.to_string().chars().take(12).collect()),
        Stratum::Locale => state.locale.as_ref().map(ToString::to_string),
        Stratum::Channel => state.address.as_ref().map(|it| it.channel.to_string()),
        Stratum::Shop => Some(journal.id.shop.to_string()),
    };
    let parts: Vec<String> = per.iter().map(|it| part(it).unwrap_or_default()).collect();
    parts.join(" ")
}

/// Why a conversation is worth a look, its share aside.
fn looked(events: &[Recorded], rules: &Rules, paths: &mut BTreeSet<Vec<String>>) -> Vec<String> {
    let mut reasons = BTreeSet::new();
    let (mut tokens, mut cost, mut path) = (0, MicroUsd(0), Vec::new());
    for recorded in events {
        match &recorded.event {
            Event::Answer(Answer::Received(inbound)) if rules.negative => {
                reasons.extend(negative(&inbound.kind));
            }
            Event::Answer(Answer::Answered(Ok(completion))) => {
                let usage = completion.usage.unwrap_or_default();
                tokens += u64::from(usage.input) + u64::from(usage.output);
                cost.0 += rules.rates.cost(&completion.by, &usage).0;
            }
            Event::Decision(Decision::Called { call, .. })
                if path.last() != Some(&call.tool.to_string()) =>
            {
                path.push(call.tool.to_string());
            }
            Event::Decision(Decision::Changed(Change::Owner(Owner::Waiting { .. })))
                if rules.hand_overs =>
            {
                reasons.insert("hand-over".to_owned());
            }
            Event::Decision(Decision::Judged { stage, rule, verdict })
                if rules.policy && held(*stage, verdict) =>
            {
                reasons.insert(format!("policy {rule}"));
            }
            Event::Decision(Decision::Refused { rule, .. }) if rules.policy => {
                reasons.insert(format!("policy {rule}"));
            }
            Event::Decision(Decision::Closed { outcome: Outcome::Failed(_), .. })
                if rules.negative =>
            {
                reasons.insert("a turn failed".to_owned());
            }
            _ => {}
        }
    }
    if rules.tokens.is_some_and(|most| tokens > most) {
        reasons.insert(format!("{tokens} tokens"));
    }
    if rules.cost.is_some_and(|most| cost > most) {
        reasons.insert(cost.to_string());
    }
    let new = !path.is_empty() && paths.insert(path.clone());
    if rules.new_paths && new {
        reasons.insert(format!("new path {}", path.join(" › ")));
    }
    reasons.into_iter().collect()
}

/// Whether a rule held something back, and did not only say which way a turn goes.
fn held(stage: Stage, verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Repair(_) | Verdict::Redact(_) | Verdict::Confirm => true,
        Verdict::Block(_) | Verdict::HandOver(_) => stage != Stage::Ingress,
        Verdict::Say(_) => stage == Stage::Egress,
        Verdict::Append(_) => false,
    }
}

/// Whether a customer says that they are not content.
fn negative(kind: &InboundKind) -> Option<String> {
    match kind {
        InboundKind::Reaction { emoji: Some(emoji), .. } => {
            NEGATIVE.contains(&emoji.as_str()).then(|| format!("reaction {emoji}"))
        }
        InboundKind::Event { name, facts } | InboundKind::Form { name, answers: facts } => {
            let about = ["feedback", "rating", "csat"].iter().any(|it| name.as_str().contains(it));
            let score = facts.iter().find(|(name, _)| matches!(name.as_str(), "score" | "rating"));
            let score = score.and_then(|(_, score)| score.as_f64()).filter(|_| about)?;
            (score <= BAD_SCORE).then(|| format!("score {score}"))
        }
        _ => None,
    }
}
