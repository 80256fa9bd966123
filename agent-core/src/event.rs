//! What a journal is made of. An event is an *answer* from outside, which is kept, or a *decision*
//! of ours, which is made again on every run and must come out equal. The type says which.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::digest::Digest;
use crate::evidence::{Access, Call, Change, Output, ToolError};
use crate::id::{CustomerId, Locale, Made, MessageId, Name, RuleId, Seq, TurnId};
use crate::message::{Inbound, Outbound, Plan};
use crate::model::{Completion, ModelError};
use crate::pack::Mode;
use crate::time::Micros;

/// The version of the events' format; a journal from a newer one is refused.
pub const FORMAT: u16 = 1;

/// An event at its place. An answer's time is the clock's; a decision's is that of the answer before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// Its position, counted from 1.
    pub seq: Seq,
    /// When.
    pub at: Micros,
    /// What.
    pub event: Event,
}

impl Recorded {
    /// Whether this is where a message was received.
    #[must_use]
    pub fn received(&self, id: &MessageId) -> bool {
        matches!(&self.event, Event::Answer(Answer::Received(inbound)) if inbound.id == *id)
    }

    /// Whether this is where an outbound was made, by the name of any of its sendings.
    #[must_use]
    pub fn replied(&self, of: Made) -> bool {
        let of = of.first();
        matches!(&self.event, Event::Decision(Decision::Replied { outbound, .. }) if outbound.id == of)
    }
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// From outside.
    Answer(Answer),
    /// Ours.
    Decision(Decision),
}

/// What came from outside.
#[expect(
    clippy::large_enum_variant,
    reason = "what is received is the most frequent answer by far"
)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// Something happened to the journal.
    Received(Inbound),
    /// A turn opened on what had been received.
    Opened(Box<Opening>),
    /// A model answered, or did not.
    Answered(Result<Completion, ModelError>),
    /// What a call that writes tells the world outside, as it stood then. It is in the journal with the call, before it
    /// runs: asked again under the same key, the same is told. Journals from before there was this have none.
    Prepared {
        /// Which call.
        call: Made,
        /// What is told.
        body: Value,
    },
    /// A tool answered, or did not.
    Returned {
        /// Which call.
        call: Made,
        /// What it brought.
        result: Result<Output, ToolError>,
    },
}

/// What a turn knows from outside its journal. New outside knowledge is a new field here, never a call from the middle of a turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// The turn: the one fresh id it draws.
    pub turn: TurnId,
    /// Whose conversation it is.
    pub customer: CustomerId,
    /// The inbound messages it answers.
    pub inputs: Vec<MessageId>,
    /// What was in force.
    pub basis: Basis,
    /// Purposes the customer has agreed to, in any of their conversations.
    pub consent: BTreeSet<Name>,
    /// The customer wants no messages, said in another conversation of theirs.
    pub opted_out: bool,
}

/// What was in force when a turn opened. What a hash names is archived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// The engine that made the decisions.
    pub engine: Digest,
    /// The pack.
    pub pack: Digest,
    /// The settings a turn depends on.
    pub settings: Digest,
    /// The channel's profile.
    pub profile: Digest,
    /// The tool specs.
    pub tools: Digest,
    /// The catalogue's version.
    pub catalog: Digest,
    /// The experiment's arm.
    pub arm: Option<Name>,
}

/// What we decided. Listed in the order of a turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Decision {
    /// A rule of policy applied.
    Judged {
        /// Where.
        stage: Stage,
        /// Which.
        rule: RuleId,
        /// What follows.
        verdict: Verdict,
    },
    /// How the turn is to be answered.
    Chose {
        /// The mode.
        mode: Mode,
        /// The language.
        locale: Locale,
        /// Why.
        why: Name,
    },
    /// A model was asked.
    Asked {
        /// The whole request.
        request: Digest,
        /// The part of it that is the same from request to request.
        stem: Digest,
    },
    /// A tool was called.
    Called {
        /// The call.
        call: Call,
        /// What it touches.
        access: Access,
    },
    /// A call was not made: a rule forbids it, or wants the customer's yes first.
    Refused {
        /// The call.
        call: Call,
        /// The rule.
        rule: RuleId,
        /// What the model is told.
        why: String,
    },
    /// The state changed.
    Changed(Change),
    /// The customer is answered.
    Replied {
        /// The draft it was made from.
        draft: String,
        /// What it means.
        outbound: Box<Outbound>,
        /// What is sent.
        plan: Plan,
        /// It is the pack's phrase, because no draft could be sent.
        fallback: bool,
    },
    /// The turn ended.
    Closed {
        /// Which.
        turn: TurnId,
        /// How.
        outcome: Outcome,
    },
}

/// Where a rule applies.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// What came in.
    Ingress,
    /// What a model may see.
    Context,
    /// What a tool may do.
    Tool,
    /// What may go out.
    Egress,
    /// What is kept.
    Retention,
}

/// What follows from a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Verdict {
    /// It does not go on; the reason is for a model or an operator.
    Block(String),
    /// It goes on without what the rule names.
    Redact(String),
    /// A phrase of the pack is added.
    Append(Name),
    /// The customer must say yes first.
    Confirm,
    /// A person is asked.
    HandOver(String),
    /// A phrase of the pack is said instead.
    Say(Name),
    /// The model writes again, told of this.
    Repair(String),
}

/// How a turn ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Outcome {
    /// The customer was answered.
    Replied,
    /// Nothing was to be said.
    Silent,
    /// A person was asked.
    HandedOver,
    /// It could not be finished.
    Failed(String),
}

impl Event {
    /// The clear name of what happened, for indexes and people; never says anything of a customer.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Answer(Answer::Received(_)) => "received",
            Self::Answer(Answer::Opened(_)) => "opened",
            Self::Answer(Answer::Answered(_)) => "answered",
            Self::Answer(Answer::Prepared { .. }) => "prepared",
            Self::Answer(Answer::Returned { .. }) => "returned",
            Self::Decision(Decision::Judged { .. }) => "judged",
            Self::Decision(Decision::Chose { .. }) => "chose",
            Self::Decision(Decision::Asked { .. }) => "asked",
            Self::Decision(Decision::Called { .. }) => "called",
            Self::Decision(Decision::Refused { .. }) => "refused",
            Self::Decision(Decision::Changed(_)) => "changed",
            Self::Decision(Decision::Replied { .. }) => "replied",
            Self::Decision(Decision::Closed { .. }) => "closed",
        }
    }

    /// Whether it came from outside.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        matches!(self, Self::Answer(_))
    }
}

impl From<Answer> for Event {
    fn from(answer: Answer) -> Self {
        Self::Answer(answer)
    }
}

impl From<Decision> for Event {
    fn from(decision: Decision) -> Self {
        Self::Decision(decision)
    }
}
