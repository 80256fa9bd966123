//! The state of a conversation: a fold over its journal, and nothing but the fold.

mod amend;
mod fold;
mod sent;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::evidence::{Call, CartFacts, Evidence, Owner};
use crate::id::{CustomerId, Locale, Made, MessageId, Name, Seq, TurnId};
use crate::message::{Action, ActionRef, Address};
use crate::model::Entry;
use crate::order::Order;
use crate::time::Micros;

pub use amend::Amendments;
pub(crate) use fold::unsupported;
pub use sent::{Deliveries, SENT_KEPT, Sent};

/// Evidence that can be cited: the newest so many, and all of the open turn. Older evidence stays in the journal.
pub const EVIDENCE_KEPT: usize = 48;
/// Orders of a conversation that can still be told something: the newest so many. Every link to a checkout is one, whether
/// it is paid or not; who is given a link on each working day is told of those of two years.
pub const ORDERS_KEPT: usize = 512;
/// Orders whose goods can still be named: the newest so many. The rest takes some 300 bytes each.
pub const ORDERS_WHOLE: usize = 32;
/// Replies whose actions can still be resolved.
pub const OFFERS_KEPT: usize = 12;
/// How long an offered action can be tapped.
pub const OFFER_GOOD_FOR: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

/// The state of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conversation {
    /// The position it stands at.
    pub head: Seq,
    /// The time of the last event.
    pub at: Micros,
    /// Whose it is.
    pub customer: Option<CustomerId>,
    /// Where the customer writes from.
    pub address: Option<Address>,
    /// What models are shown, oldest first.
    pub transcript: Vec<Entry>,
    /// The customer was answered at least once.
    pub answered: bool,
    /// The customer was told that they talk to a machine.
    pub disclosed: bool,
    /// The reply that told so; when it is not sent, they were not told.
    pub disclosed_in: Option<Made>,
    /// Replies in a row that had to be the pack's phrase.
    pub fallbacks: u32,
    /// The language spoken.
    pub locale: Option<Locale>,
    /// Variants and quantities, in the order they were put in.
    pub cart: Vec<(Name, u32)>,
    /// The cart as it was last priced.
    pub priced: Option<CartFacts>,
    /// What was ordered here, newest last; each order's own journal is told the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<Order>,
    /// What is known of the customer's wishes.
    pub slots: BTreeMap<Name, Value>,
    /// Who answers.
    pub owner: Owner,
    /// The event that last took the word from the agent: what it had decided before is not sent any more.
    pub silent_at: Seq,
    /// The customer wants no messages.
    pub opted_out: bool,
    /// The event that last said so: what was decided before is not sent any more.
    pub opted_out_at: Seq,
    /// A write that waits for the customer's yes.
    pub pending: Option<Call>,
    /// The call that writes and has not returned, and what it tells the world outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prepared: Option<(Made, Value)>,
    /// The cart as it was when the customer was last asked for a yes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked_of: Vec<(Name, u32)>,
    /// What was offered, newest last.
    pub offered: Vec<Offered>,
    /// Actions that were used up.
    pub spent: BTreeSet<ActionRef>,
    /// Evidence that may be cited, oldest first.
    pub evidence: Vec<Evidence>,
    /// How many findings there ever were; the next is `e` and one more.
    pub findings: u32,
    /// Timers that are set.
    pub timers: BTreeMap<Name, Micros>,
    /// What became of what was sent.
    pub deliveries: Deliveries,
    /// What customers changed of what they said.
    pub amended: Amendments,
    /// When the customer last said something, by the platform's clock: it opens the window.
    pub last_customer: Option<Micros>,
    /// When the platform last said that the window is closed, whatever our count of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shut: Option<Micros>,
    /// A reply is held because the window had closed, and the customer was invited to write, if there is a
    /// template for it.
    pub invited: bool,
    /// The turn that is open.
    pub open: Option<TurnId>,
    /// What was received and no turn has answered yet.
    pub unanswered: Vec<MessageId>,
}

/// What one reply offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offered {
    /// The reply.
    pub outbound: Made,
    /// When.
    pub at: Micros,
    /// Label and meaning of its actions, in their order.
    pub actions: Vec<(String, Action)>,
    /// What a typed number means.
    pub numbered: Vec<(u16, ActionRef)>,
}

/// What a tap or a typed number comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved<'a> {
    /// Its label and meaning.
    Meant(&'a str, &'a Action),
    /// It was used up.
    Spent,
    /// It is too old, or was never offered.
    Gone,
}

impl Conversation {
    /// The fold of events over nothing.
    #[must_use]
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a crate::event::Recorded>) -> Self {
        let mut conversation = Self::default();
        for recorded in events {
            conversation.apply(recorded);
        }
        conversation
    }

    /// What a tap means now.
    #[must_use]
    pub fn resolve(&self, action: ActionRef) -> Resolved<'_> {
        if self.spent.contains(&action) {
            return Resolved::Spent;
        }
        let offered = self.offered.iter().find(|offered| offered.outbound == action.outbound);
        offered
            .filter(|offered| self.at <= offered.at.after(OFFER_GOOD_FOR))
            .and_then(|offered| offered.actions.get(usize::from(action.option)))
            .map_or(Resolved::Gone, |(label, action)| Resolved::Meant(label, action))
    }

    /// The write that waits for the customer's yes, and the button that says it: the first of its offer.
    #[must_use]
    pub fn asked(&self) -> Option<(&Call, ActionRef)> {
        let call = self.pending.as_ref()?;
        let meant = |action: &Action| {
            matches!(action, Action::Do { tool, arguments }
                if *tool == call.tool && *arguments == call.arguments)
        };
        let offer = self
            .offered
            .iter()
            .rfind(|offered| offered.actions.first().is_some_and(|(_, action)| meant(action)))?;
        Some((call, ActionRef { outbound: offer.outbound, option: 0 }))
    }

    /// Whether the customer's yes is to what lies in the cart now.
    #[must_use]
    pub fn is_as_asked(&self) -> bool {
        self.asked_of == self.cart
    }

    /// Whether a person has it, or nobody wants anything of it any more: the agent must not speak.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        match &self.owner {
            Owner::Person { until, .. } => until.is_none_or(|until| self.at < until),
            Owner::Closed => true,
            Owner::Bot | Owner::Waiting { .. } => false,
        }
    }

    /// What a typed number means: an option of the newest reply, where that was shown as a numbered text.
    #[must_use]
    pub fn numbered(&self, text: &str) -> Option<ActionRef> {
        let number: u16 = text.trim().trim_end_matches(['.', ')']).parse().ok()?;
        let newest = self.offered.last()?;
        newest.numbered.iter().find(|(n, _)| *n == number).map(|(_, action)| *action)
    }

    /// How many of a variant are in the cart.
    #[must_use]
    pub fn in_cart(&self, variant: &Name) -> u32 {
        self.cart.iter().find(|(line, _)| line == variant).map_or(0, |(_, quantity)| *quantity)
    }

    /// The newest order of this conversation that a reference names.
    #[must_use]
    pub fn order(&self, reference: &str) -> Option<&Order> {
        self.orders.iter().rfind(|order| order.is_named(reference))
    }

    /// Evidence by its label.
    #[must_use]
    pub fn evidence(&self, label: crate::evidence::Label) -> Option<&Evidence> {
        self.evidence.iter().find(|evidence| evidence.label == label)
    }
}

#[cfg(test)]
mod tests;
