//! A journal as the API tells it: at most one entry for each event, under the event's position. Pure: the same
//! events give the same entries, so a list and a stream never differ.

use std::collections::{HashMap, HashSet};

use agent_core::event::{Answer, Decision, Event, Outcome, Recorded};
use agent_core::evidence::{Change, Owner};
use agent_core::id::{Made, MessageId, TurnId};
use agent_core::message::{
    ActionRef, Control, Inbound, InboundKind, Outbound, Plan, Purpose, Status, actions,
};
use agent_core::time::Micros;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::content::{self, Content};

/// Something that happened in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Entry {
    /// Something was said. A reply is told once it was sent, never before.
    Message {
        /// Its place in the conversation: entries have growing numbers, with gaps.
        seq: u64,
        /// When.
        #[schema(format = DateTime)]
        at: String,
        /// Whose words.
        from: From,
        /// The message's own id: of a customer's, the platform's or the client's; of ours, `turn-number/part`.
        id: String,
        /// The customer's messages it answers.
        answers: Vec<String>,
        /// What it shows.
        content: Content,
        /// By which ad, link or story the customer came, as the platform tells it. Its words are anybody's.
        #[serde(skip_serializing_if = "Option::is_none")]
        referral: Option<Value>,
    },
    /// What became of a part of a reply.
    Status {
        /// Its place.
        seq: u64,
        /// When.
        #[schema(format = DateTime)]
        at: String,
        /// Of which reply.
        outbound: String,
        /// Of which of its parts.
        part: u8,
        /// What.
        status: Fate,
        /// Why it is not on its way: the platform's word, or the rule that said so.
        #[serde(skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// What became of messages of ours.
    Receipt {
        /// Its place.
        seq: u64,
        /// When.
        #[schema(format = DateTime)]
        at: String,
        /// The messages, by their ids.
        of: Vec<String>,
        /// What.
        status: Fate,
    },
    /// Who answers from now on.
    Owner {
        /// Its place.
        seq: u64,
        /// When.
        #[schema(format = DateTime)]
        at: String,
        /// Who.
        owner: Who,
        /// The person's name, or why one was asked.
        name: String,
    },
    /// The agent is done with what the customer said.
    Turn {
        /// Its place.
        seq: u64,
        /// When.
        #[schema(format = DateTime)]
        at: String,
        /// The turn.
        turn: String,
        /// The messages it took; each is in one turn and no other.
        took: Vec<String>,
        /// How it ended.
        outcome: Ending,
    },
    /// An event of the shop.
    Event {
        /// Its place.
        seq: u64,
        /// When.
        #[schema(format = DateTime)]
        at: String,
        /// Its name.
        name: String,
    },
}

/// Whose words something is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum From {
    /// The customer.
    Customer,
    /// The agent.
    Agent,
    /// A person of the shop.
    Person,
}

/// What became of a part.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fate {
    /// The platform took it.
    Accepted,
    /// On its way.
    Sent,
    /// With the customer.
    Delivered,
    /// Seen.
    Read,
    /// It won't arrive, and is not sent again, unless a person asks for it: settle it.
    Failed,
    /// It did not arrive, and is sent again; where an earlier sending of it is in doubt, only once a person settles it.
    Bounced,
    /// A rule forbade it.
    Refused,
    /// A rule holds it back until a person releases it.
    Held,
    /// Nobody knows: settle it.
    Ambiguous,
}

/// Who answers.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Who {
    /// The agent.
    Agent,
    /// Nobody yet: a person was asked.
    Waiting,
    /// A person.
    Person,
    /// Nobody, until the customer writes again.
    Closed,
}

/// How a turn ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ending {
    /// The customer was answered.
    Replied,
    /// Nothing was to be said.
    Silent,
    /// A person was asked.
    HandedOver,
    /// It could not be finished.
    Failed,
}

impl Entry {
    /// Its place.
    pub(super) fn seq(&self) -> u64 {
        match self {
            Self::Message { seq, .. }
            | Self::Status { seq, .. }
            | Self::Receipt { seq, .. }
            | Self::Owner { seq, .. }
            | Self::Turn { seq, .. }
            | Self::Event { seq, .. } => *seq,
        }
    }

    /// Its kind, as a stream names it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Message { .. } => "message",
            Self::Status { .. } => "status",
            Self::Receipt { .. } => "receipt",
            Self::Owner { .. } => "owner",
            Self::Turn { .. } => "turn",
            Self::Event { .. } => "event",
        }
    }
}

/// What was read so far, as far as later events refer to it.
pub(super) struct Reading<'a> {
    /// What a tap carries.
    token: &'a (dyn Fn(ActionRef) -> String + Send + Sync),
    replies: HashMap<Made, (Outbound, Plan)>,
    told: HashSet<(Made, u8)>,
    took: HashMap<TurnId, Vec<MessageId>>,
    /// What is no message, and only tells what became of ours.
    news: HashSet<MessageId>,
    /// What platforms took: their own id of it, when, and ours.
    accepted: Vec<(Option<MessageId>, Micros, String)>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(token: &'a (dyn Fn(ActionRef) -> String + Send + Sync)) -> Self {
        Self {
            token,
            replies: HashMap::new(),
            told: HashSet::new(),
            took: HashMap::new(),
            news: HashSet::new(),
            accepted: Vec::new(),
        }
    }

    /// Reads the next event.
    pub(super) fn read(&mut self, recorded: &Recorded) -> Option<Entry> {
        let (seq, at) = (recorded.seq.0, recorded.at.to_string());
        match &recorded.event {
            Event::Answer(Answer::Received(inbound)) => {
                if let InboundKind::Status { of, part, status: Status::Accepted(id), .. } =
                    &inbound.kind
                {
                    let ours = format!("{}/{part}", of.first());
                    self.accepted.push((id.clone(), recorded.at, ours));
                }
                self.received(seq, at, inbound)
            }
            Event::Answer(Answer::Opened(opening)) => {
                self.took.insert(opening.turn, opening.inputs.clone());
                None
            }
            Event::Decision(Decision::Replied { outbound, plan, .. }) => {
                self.replies.insert(outbound.id, ((**outbound).clone(), plan.clone()));
                None
            }
            Event::Decision(Decision::Changed(Change::Owner(owner))) => {
                let (owner, name) = who(owner);
                Some(Entry::Owner { seq, at, owner, name })
            }
            Event::Decision(Decision::Closed { turn, outcome }) => {
                let mut took = self.took.remove(turn).unwrap_or_default();
                took.retain(|id| !self.news.remove(id));
                let (turn, took) = (turn.to_string(), ids(&took));
                Some(Entry::Turn { seq, at, turn, took, outcome: ending(outcome) })
            }
            Event::Answer(_) | Event::Decision(_) => None,
        }
    }

    fn received(&mut self, seq: u64, at: String, inbound: &Inbound) -> Option<Entry> {
        if matches!(inbound.kind, InboundKind::Status { .. } | InboundKind::Receipt { .. }) {
            self.news.insert(inbound.id.clone());
        }
        match &inbound.kind {
            InboundKind::Status { of, part, status, .. } => {
                self.became(seq, at, (of.first(), *part), status)
            }
            InboundKind::Receipt { of, until, status } => {
                let meant = |id: &Option<MessageId>, at: &Micros| {
                    id.as_ref().is_some_and(|id| of.contains(id))
                        || until.is_some_and(|until| *at < until)
                };
                let of = self.accepted.iter().filter(|(id, at, _)| meant(id, at));
                let of = of.map(|(.., ours)| ours.clone()).collect();
                Some(Entry::Receipt { seq, at, of, status: fate(status) })
            }
            InboundKind::Control { by: _, command: Control::Said { text, .. } } => {
                let (id, content) = (told(&inbound.id), Content::Text { text: text.clone() });
                let (from, answers) = (From::Person, Vec::new());
                let referral = None;
                Some(Entry::Message { seq, at, from, id, answers, content, referral })
            }
            InboundKind::Event { name, .. } => {
                Some(Entry::Event { seq, at, name: name.to_string() })
            }
            kind => {
                let label = |action: ActionRef| {
                    let (outbound, _) = self.replies.get(&action.outbound)?;
                    let offered = actions(&outbound.blocks);
                    offered.get(usize::from(action.option)).map(|(label, _)| (*label).to_owned())
                };
                let content = content::of_customer(kind, &label)?;
                let (from, id) = (From::Customer, told(&inbound.id));
                let (answers, referral) = (Vec::new(), inbound.referral.clone());
                Some(Entry::Message { seq, at, from, id, answers, content, referral })
            }
        }
    }

    /// A part is told when it is first known to be on its way; after that, what becomes of it.
    fn became(
        &mut self,
        seq: u64,
        at: String,
        (of, part): (Made, u8),
        status: &Status,
    ) -> Option<Entry> {
        let fate = fate(status);
        let sent = matches!(fate, Fate::Accepted | Fate::Sent | Fate::Delivered | Fate::Read);
        if sent && self.told.insert((of, part)) {
            let (outbound, plan) = self.replies.get(&of)?;
            let body = plan.parts.get(usize::from(part))?;
            let from = match outbound.purpose {
                Purpose::Person => From::Person,
                Purpose::Service | Purpose::Utility | Purpose::Marketing | Purpose::Notice => {
                    From::Agent
                }
            };
            return Some(Entry::Message {
                seq,
                at,
                from,
                id: format!("{of}/{part}"),
                answers: ids(&outbound.answers),
                content: content::of_part(body, self.token),
                referral: None,
            });
        }
        let (outbound, why) = (of.to_string(), why(status));
        Some(Entry::Status { seq, at, outbound, part, status: fate, why })
    }
}

/// How a turn ended, in the API's words.
fn ending(outcome: &Outcome) -> Ending {
    match outcome {
        Outcome::Replied => Ending::Replied,
        Outcome::Silent => Ending::Silent,
        Outcome::HandedOver => Ending::HandedOver,
        Outcome::Failed(_) => Ending::Failed,
    }
}

/// What became of a part, in the API's words.
fn fate(status: &Status) -> Fate {
    match status {
        Status::Accepted(_) => Fate::Accepted,
        Status::Sent => Fate::Sent,
        Status::Delivered => Fate::Delivered,
        Status::Read => Fate::Read,
        Status::Failed(_) => Fate::Failed,
        Status::Bounced(_) => Fate::Bounced,
        Status::Refused(_) => Fate::Refused,
        Status::Held(_) => Fate::Held,
        Status::Ambiguous => Fate::Ambiguous,
    }
}

/// Why a part is not on its way.
fn why(status: &Status) -> Option<String> {
    match status {
        Status::Failed(why) => Some(why.clone()),
        Status::Bounced(bounce) => Some(format!("{}; again at {}", bounce.why, bounce.until)),
        Status::Refused(rule) | Status::Held(rule) => Some(rule.to_string()),
        Status::Accepted(_)
        | Status::Sent
        | Status::Delivered
        | Status::Read
        | Status::Ambiguous => None,
    }
}

/// Who answers, and the name that goes with it.
pub(super) fn who(owner: &Owner) -> (Who, String) {
    match owner {
        Owner::Bot => (Who::Agent, String::new()),
        Owner::Waiting { why, .. } => (Who::Waiting, why.clone()),
        Owner::Person { who, .. } => (Who::Person, who.to_string()),
        Owner::Closed => (Who::Closed, String::new()),
    }
}

fn ids(ids: &[MessageId]) -> Vec<String> {
    ids.iter().map(told).collect()
}

/// A message's id as whoever sent it knows it: ours put the customer before it, to tell customers apart.
fn told(id: &MessageId) -> String {
    let id = id.as_str();
    id.rsplit_once('/').map_or(id, |(_, last)| last).to_owned()
}
