//! What a turn came to, as people compare it: read from its events, whoever made them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::conversation::{Conversation, Resolved};
use crate::digest::Shared;
use crate::event::{Answer, Decision, Event, Outcome, Recorded, Stage, Verdict};
use crate::evidence::{Access, Body, Call, Change, Evidence, Finding, Owner, ToolError};
use crate::id::{Locale, Made, Name, RuleId};
use crate::message::{Block, Inbound, InboundKind, Outbound, Tap};
use crate::model::Usage;
use crate::money::Money;
use crate::pack::Mode;
use crate::policy;
use crate::time::Micros;

/// What a turn came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnView {
    /// When it began.
    pub at: Micros,
    /// What came in, in words.
    pub heard: Vec<String>,
    /// The replies.
    pub replies: Vec<Reply>,
    /// The calls.
    pub calls: Vec<Called>,
    /// The rules that applied.
    pub judged: Vec<(Stage, RuleId, Verdict)>,
    /// What changed.
    pub changes: Vec<Change>,
    /// The models that were asked.
    pub asked: Vec<Asked>,
    /// What the replies stand on: source and record.
    pub cited: Vec<(Name, Name)>,
    /// How it was answered.
    pub mode: Option<Mode>,
    /// The language.
    pub locale: Option<Locale>,
    /// How it ended; none while it is open.
    pub outcome: Option<Outcome>,
    /// What stands afterwards.
    pub after: After,
}

/// One reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// What it was made from.
    pub draft: String,
    /// What was meant.
    pub outbound: Outbound,
    /// It is the pack's phrase, because no draft could be sent.
    pub fallback: bool,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Called {
    /// The call.
    pub call: Call,
    /// What it touches; none where it was refused.
    pub access: Option<Access>,
    /// The rule that refused it.
    pub refused: Option<RuleId>,
    /// What was in the cart then.
    pub cart: Vec<(Name, u32)>,
    /// What it brought; none where it was not run.
    pub result: Option<Result<Vec<Shared<Finding>>, ToolError>>,
}

/// One question to a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Who answered, or why nobody did.
    pub by: Result<Name, String>,
    /// What it cost, where that is told.
    pub usage: Option<Usage>,
    /// How long it took.
    pub took: Duration,
}

/// What stands after a turn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct After {
    /// The cart.
    pub cart: Vec<(Name, u32)>,
    /// What the cart costs, where it was priced as it is.
    pub total: Option<Money>,
    /// What is known of the customer's wishes.
    pub slots: BTreeMap<Name, Value>,
    /// Who answers.
    pub owner: Owner,
    /// The tool that waits for a yes.
    pub pending: Option<Name>,
    /// The customer wants no messages.
    pub opted_out: bool,
    /// The customer was told that they talk to a machine.
    pub disclosed: bool,
}

impl After {
    fn of(state: &Conversation) -> Self {
        let priced = state.priced.as_ref().filter(|priced| {
            let lines = priced.lines.iter().map(|line| (&line.variant, line.quantity));
            lines.eq(state.cart.iter().map(|(variant, quantity)| (variant, *quantity)))
        });
        Self {
            cart: state.cart.clone(),
            total: priced.and_then(|priced| priced.total.clone()),
            slots: state.slots.clone(),
            owner: state.owner.clone(),
            pending: state.pending.as_ref().map(|call| call.tool.clone()),
            opted_out: state.opted_out,
            disclosed: state.disclosed,
        }
    }
}

/// Reads one turn; `state` stands before it, and after it when this returns.
#[must_use]
pub fn view(state: &mut Conversation, turn: &[Recorded]) -> TurnView {
    let mut view = TurnView::default();
    if let Some(first) = turn.first() {
        view.at = first.at;
    }
    let mut asked_at = None;
    for recorded in turn {
        match &recorded.event {
            Event::Answer(Answer::Received(inbound)) => view.heard.extend(heard(state, inbound)),
            Event::Answer(Answer::Answered(answer)) => {
                let since = asked_at.take().unwrap_or(recorded.at);
                let by = answer.as_ref().map(|it| it.by.clone()).map_err(ToString::to_string);
                let usage = answer.as_ref().ok().and_then(|it| it.usage);
                view.asked.push(Asked { by, usage, took: recorded.at.since(since) });
            }
            Event::Answer(Answer::Returned { call, result }) => {
                let found = result.as_ref().map(|output| output.findings.clone());
                let found = found.map_err(ToolError::clone);
                if let Some(called) = view.calls.iter_mut().find(|it| it.call.id == *call) {
                    called.result = Some(found);
                }
            }
            Event::Answer(Answer::Opened(_) | Answer::Prepared { .. }) => {}
            Event::Decision(Decision::Asked { .. }) => asked_at = Some(recorded.at),
            Event::Decision(decision) => decided(&mut view, state, decision),
        }
        state.apply(recorded);
    }
    view.after = After::of(state);
    view
}

fn decided(view: &mut TurnView, state: &Conversation, decision: &Decision) {
    match decision {
        Decision::Judged { stage, rule, verdict } => {
            view.judged.push((*stage, rule.clone(), verdict.clone()));
        }
        Decision::Chose { mode, locale, .. } => {
            (view.mode, view.locale) = (Some(*mode), Some(locale.clone()));
        }
        Decision::Called { call, access } => {
            let (call, access, cart) = (call.clone(), Some(*access), state.cart.clone());
            view.calls.push(Called { call, access, refused: None, cart, result: None });
        }
        Decision::Refused { call, rule, .. } => {
            let (call, refused, cart) = (call.clone(), Some(rule.clone()), state.cart.clone());
            view.calls.push(Called { call, access: None, refused, cart, result: None });
        }
        Decision::Changed(change) => view.changes.push(change.clone()),
        Decision::Replied { draft, outbound, fallback, .. } => {
            let sources = outbound.sources.iter().filter_map(|label| state.evidence(*label));
            view.cited.extend(sources.map(source));
            let (draft, outbound) = (draft.clone(), (**outbound).clone());
            view.replies.push(Reply { draft, outbound, fallback: *fallback });
        }
        Decision::Closed { outcome, .. } => view.outcome = Some(outcome.clone()),
        Decision::Asked { .. } => {}
    }
}

/// The name evidence is cited by, whatever conversation it is in: a record made for one call has no other name.
fn source(evidence: &Evidence) -> (Name, Name) {
    let finding = &evidence.finding;
    let made = finding.record.as_str().parse::<Made>().is_ok();
    let record = if made { finding.source.clone() } else { finding.record.clone() };
    (finding.source.clone(), record)
}

/// An inbound in words; none for what nobody reads.
fn heard(state: &Conversation, inbound: &Inbound) -> Option<String> {
    let words = policy::words(inbound).unwrap_or_default();
    Some(match &inbound.kind {
        InboundKind::Text(text) => text.clone(),
        InboundKind::Tap(Tap::Action(action)) => match state.resolve(*action) {
            Resolved::Meant(label, _) => format!("[{label}]"),
            Resolved::Spent | Resolved::Gone => "[a tap on what is gone]".to_owned(),
        },
        InboundKind::Tap(_) => "[a forged tap]".to_owned(),
        InboundKind::Status { .. } => return None,
        InboundKind::Control { by, .. } => format!("[a command of {by}]"),
        InboundKind::Event { name, .. } | InboundKind::Timer(name) => format!("[{name}]"),
        kind => {
            let kind = serde_json::to_value(kind).unwrap_or_default();
            let name = kind.as_object().and_then(|it| it.keys().next().cloned());
            format!("[{}] {words}", name.unwrap_or_default()).trim_end().to_owned()
        }
    })
}

impl TurnView {
    /// Everything the customer reads, a line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let blocks = self.replies.iter().flat_map(|reply| &reply.outbound.blocks);
        blocks.flat_map(|block| lines(block, true)).collect()
    }

    /// The words, options aside.
    #[must_use]
    pub fn words(&self) -> String {
        let blocks = self.replies.iter().flat_map(|reply| &reply.outbound.blocks);
        blocks.flat_map(|block| lines(block, false)).collect::<Vec<_>>().join("\n")
    }

    /// The labels of what can be tapped.
    #[must_use]
    pub fn options(&self) -> Vec<String> {
        let replies = self.replies.iter();
        let options = replies.flat_map(|reply| crate::message::actions(&reply.outbound.blocks));
        options.map(|(label, _)| label.to_owned()).collect()
    }

    /// The links.
    #[must_use]
    pub fn links(&self) -> Vec<&str> {
        let blocks = self.replies.iter().flat_map(|reply| &reply.outbound.blocks);
        blocks
            .filter_map(|block| match block {
                Block::Link { url, .. } => Some(url.as_str()),
                _ => None,
            })
            .collect()
    }

    /// The tokens that were spent, where models tell.
    #[must_use]
    pub fn tokens(&self) -> u64 {
        let usages = self.asked.iter().filter_map(|asked| asked.usage);
        usages.map(|usage| u64::from(usage.input) + u64::from(usage.output)).sum()
    }

    /// How long models took.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.asked.iter().map(|asked| asked.took).sum()
    }

    /// The tools that were called, refused ones aside.
    #[must_use]
    pub fn tools(&self) -> Vec<&Name> {
        let made = self.calls.iter().filter(|called| called.refused.is_none());
        made.map(|called| &called.call.tool).collect()
    }

    /// What was ordered: the link of the last checkout.
    #[must_use]
    pub fn ordered(&self) -> Option<&str> {
        let found = self.calls.iter().filter(|called| called.access == Some(Access::Write));
        let findings = found.filter_map(|called| called.result.as_ref()?.as_ref().ok()).flatten();
        findings
            .filter_map(|finding| match &finding.body {
                Body::Link { url, .. } => Some(url.as_str()),
                _ => None,
            })
            .next_back()
    }
}

/// What a block says.
fn lines(block: &Block, options: bool) -> Vec<String> {
    let mut lines = Vec::new();
    match block {
        Block::Text(text) | Block::AskLocation(text) => lines.extend(text.lines().map(Into::into)),
        Block::Choice { ask, options: choices, .. } => {
            lines.extend(ask.lines().map(Into::into));
            let choices = choices.iter().filter(|_| options);
            lines.extend(choices.map(|it| format!("[{}] {}", it.label, it.hint).trim().to_owned()));
        }
        Block::Cards(cards) => {
            for card in cards {
                lines.push(format!("{}: {}", card.title, card.detail.replace('\n', " · ")));
                let labels = card.actions.iter().map(|it| format!("[{}]", it.label));
                let labels = labels.collect::<Vec<_>>().join(" ");
                lines.extend((options && !labels.is_empty()).then_some(labels));
            }
        }
        Block::Summary { lines: goods, total, .. } => {
            let line = |it: &crate::message::SummaryLine| {
                format!("{} × {}: {}", it.quantity, it.label, it.text)
            };
            lines.extend(goods.iter().map(line));
            lines.push(format!("{}: {}", total.0, total.1));
        }
        Block::Link { label, .. } => lines.push(format!("{label} →")),
        Block::Media { media, caption } => {
            lines.push(format!("[{}] {caption}", media.mime).trim().to_owned());
        }
        Block::Form { name, ask } => lines.push(format!("[form {name}] {ask}")),
        Block::Native(native) => lines.extend(native.words().lines().map(Into::into)),
        Block::Template { name, slots, .. } => {
            let slots = slots.iter().map(|(name, value)| format!("{name}={value}"));
            lines.push(format!("[template {name}] {}", slots.collect::<Vec<_>>().join(" ")));
        }
    }
    lines
}
