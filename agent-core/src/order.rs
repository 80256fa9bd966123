//! The state of an order: a fold over the journal that is told of it. What it is told comes in any order, and again,
//! and comes to the same.
//!
//! An order comes into being when the `checkout` tool has brought its link. Its reference is the id of that call: the
//! idempotency key under which the shop's own system was asked for the link. Where it is paid in the chat, the platform
//! knows it by its link; so what is told of it may name either.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::catalog::sum;
use crate::digest::Digest;
use crate::event::{Answer, Event, Recorded};
use crate::evidence::{Body, CartLine, Output};
use crate::id::{JournalKey, Made, MessageId, Name};
use crate::message::{Block, Control, Inbound, InboundKind, Native};
use crate::money::Money;
use crate::time::Micros;

/// The event that begins an order's journal.
pub const PLACED: &str = "order_placed";
/// The fact by which an event names an order.
pub const REFERENCE: &str = "reference";
/// The status of a payment that was paid back, as platforms call it.
const REFUNDED: &str = "refunded";
/// Letters of the name an order is paid by: the shortest limit of a platform is 35 (Meta's `reference_id`).
const PAID_BY: usize = 32;

/// What names an order where it is paid in the chat: its link, so that shown again it is the same order.
#[must_use]
pub fn paid_by(link: &str) -> String {
    Digest::of(link.as_bytes()).to_string().chars().take(PAID_BY).collect()
}

/// What a platform's word of a payment is named by, as a message is by its id: told again, it is the same.
#[must_use]
pub fn word_of(reference: &str, transaction: &str, status: &str) -> MessageId {
    MessageId(format!("payment/{reference}/{transaction}/{status}"))
}

/// An order as it was placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placed {
    /// The call that made its link.
    #[serde(with = "text")]
    pub reference: Made,
    /// When it did.
    pub at: Micros,
    /// The conversation it was placed in; none in that conversation's own state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<JournalKey>,
    /// What was ordered, at the prices the shop's system was told.
    pub lines: Vec<CartLine>,
    /// The sum of the lines.
    pub total: Option<Money>,
    /// Where it is paid.
    pub link: String,
}

/// A call as it is written everywhere outside.
mod text {
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    use crate::id::Made;

    pub(super) fn serialize<S: Serializer>(made: &Made, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(made)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Made, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|_| de::Error::custom("expected 32 hexadecimal digits, `-`, a number"))
    }
}

impl Placed {
    /// The order an event of a conversation placed, if it placed one.
    #[must_use]
    pub fn in_event(recorded: &Recorded) -> Option<Self> {
        match &recorded.event {
            Event::Answer(Answer::Returned { call, result: Ok(output) }) => {
                Self::by(*call, recorded.at, output)
            }
            _ => None,
        }
    }

    /// The order a call placed, if it placed one: of a link to a checkout, and of the cart that came with it.
    #[must_use]
    pub fn by(call: Made, at: Micros, output: &Output) -> Option<Self> {
        let link = output.findings.iter().find_map(|finding| match &finding.body {
            Body::Link { url, .. } if finding.source.as_str() == "checkout" => Some(url.clone()),
            _ => None,
        })?;
        let cart = output.findings.iter().find_map(|finding| match &finding.body {
            Body::Cart(cart) => Some(cart.clone()),
            _ => None,
        });
        let (lines, total) = cart.map(|cart| (cart.lines, cart.total)).unwrap_or_default();
        Some(Self { reference: call, at, conversation: None, lines, total, link })
    }

    /// The same as the event that begins the order's journal.
    #[must_use]
    pub fn told(self, conversation: JournalKey) -> InboundKind {
        let facts = match serde_json::to_value(Self { conversation: Some(conversation), ..self }) {
            Ok(Value::Object(facts)) => facts,
            _ => Map::new(),
        };
        let facts = facts.into_iter().map(|(name, fact)| (name.into(), fact)).collect();
        InboundKind::Event { name: PLACED.into(), facts }
    }

    fn read(facts: &BTreeMap<Name, Value>) -> Option<Self> {
        let facts: Map<String, Value> =
            facts.iter().map(|(name, fact)| (name.0.clone(), fact.clone())).collect();
        serde_json::from_value(Value::Object(facts)).ok()
    }

    /// Whether a reference names this order: its own, or the one it is paid by.
    #[must_use]
    pub fn is_named(&self, reference: &str) -> bool {
        reference == self.reference.to_string() || reference == paid_by(&self.link)
    }
}

/// What an inbound of a conversation tells of an order, as its journal is told: the reference it names, and the event.
#[must_use]
pub fn news(inbound: &Inbound) -> Option<(String, InboundKind)> {
    match &inbound.kind {
        InboundKind::Event { name, facts } if name.as_str() != PLACED => {
            let reference = facts.get(REFERENCE)?.as_str()?.to_owned();
            Some((reference, inbound.kind.clone()))
        }
        InboundKind::Control { by, command: Control::Show(shown) } => match &**shown {
            Block::Native(Native::OrderStatus { reference, status, .. }) => {
                let facts = [(REFERENCE.into(), reference.clone().into()), by_whom(by)];
                let name = format!("order_{status}").into();
                Some((reference.clone(), InboundKind::Event { name, facts: facts.into() }))
            }
            _ => None,
        },
        _ => None,
    }
}

fn by_whom(by: &Name) -> (Name, Value) {
    ("by".into(), by.as_str().into())
}

/// Money that moved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// When it was first told.
    pub at: Micros,
    /// How much, where that was told.
    pub amount: Option<Money>,
    /// The transaction it is of, where that was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<Name>,
}

impl Payment {
    /// The name of a refund that is told of by its transaction alone, and not by an event of its own.
    fn part(&self) -> Option<Name> {
        let transaction = self.transaction.clone()?;
        Some(match &self.amount {
            Some(amount) => format!("{transaction} {amount}").into(),
            None => transaction,
        })
    }
}

/// How far an order is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Its link was made.
    Placed,
    /// A payment failed, and none was made so far.
    Failed,
    /// It is paid.
    Paid,
    /// It is on its way.
    Shipped,
    /// The customer has it.
    Delivered,
    /// It was called off.
    Cancelled,
    /// What was paid was paid back.
    Refunded,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Placed => "placed",
            Self::Failed => "payment failed",
            Self::Paid => "paid",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
        })
    }
}

/// An order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// How it was placed; none where only later news are known.
    pub placed: Option<Placed>,
    /// Payments by their transactions; one that names none stands under the empty name.
    pub payments: BTreeMap<Name, Payment>,
    /// Money paid back.
    pub refunds: BTreeMap<Name, Payment>,
    /// When a payment first failed.
    pub failed: Option<Micros>,
    /// When it left the shop.
    pub shipped: Option<Micros>,
    /// When the customer had it.
    pub delivered: Option<Micros>,
    /// When it was called off.
    pub cancelled: Option<Micros>,
}

impl Order {
    /// The fold.
    #[must_use]
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> Self {
        let mut order = Self::default();
        for recorded in events {
            if let Event::Answer(Answer::Received(inbound)) = &recorded.event {
                order.take(inbound);
            }
        }
        order
    }

    /// An order that was placed now.
    #[must_use]
    pub fn new(placed: Placed) -> Self {
        Self { placed: Some(placed), ..Self::default() }
    }

    /// Takes one event in. Of what is told again, the first by its own time holds.
    pub fn take(&mut self, inbound: &Inbound) {
        let Some((_, kind)) = news(inbound) else { return self.begin(inbound) };
        let InboundKind::Event { name, facts } = &kind else { return };
        let fact = |name: &str| word(facts.get(name)?);
        let payment = || {
            let (amount, transaction) = (amount(facts), fact("transaction"));
            Payment { at: inbound.at, amount, transaction }
        };
        match name.as_str() {
            "payment_captured" | "order_paid" => {
                let transaction = fact("transaction").unwrap_or_else(|| "".into());
                first_payment(&mut self.payments, transaction, payment());
            }
            "payment_refunded" | "order_refunded" => {
                let (refund, id) = (payment(), &inbound.id);
                // A platform tells of a transaction's refund, which the shop may tell as well; the shop of each by an event.
                let transaction = refund.transaction.as_ref().map_or("", Name::as_str);
                let reference = facts.get(REFERENCE).and_then(Value::as_str).unwrap_or_default();
                let platforms = *id == word_of(reference, transaction, REFUNDED);
                let part = refund.part().filter(|_| platforms);
                let name = fact("refund").or(part).unwrap_or_else(|| id.as_str().into());
                first_payment(&mut self.refunds, name, refund);
            }
            "payment_failed" | "payment_canceled" => first(&mut self.failed, inbound.at),
            "order_shipped" => first(&mut self.shipped, inbound.at),
            "order_delivered" | "order_completed" => first(&mut self.delivered, inbound.at),
            "order_cancelled" | "order_canceled" => first(&mut self.cancelled, inbound.at),
            _ => {}
        }
    }

    fn begin(&mut self, inbound: &Inbound) {
        let InboundKind::Event { name, facts } = &inbound.kind else { return };
        let placed = Placed::read(facts).filter(|_| name.as_str() == PLACED);
        let Some(placed) = placed else { return };
        if self.placed.as_ref().is_none_or(|known| placed.at < known.at) {
            self.placed = Some(placed);
        }
    }

    /// The call that placed it.
    #[must_use]
    pub fn reference(&self) -> Option<Made> {
        self.placed.as_ref().map(|placed| placed.reference)
    }

    /// Whether a reference names it.
    #[must_use]
    pub fn is_named(&self, reference: &str) -> bool {
        self.placed.as_ref().is_some_and(|placed| placed.is_named(reference))
    }

    /// What was paid; none where that was not told, or in several currencies.
    #[must_use]
    pub fn paid(&self) -> Option<Money> {
        // What names no transaction may be another's word of one that does.
        let named = self.payments.iter().filter(|(name, _)| !name.as_str().is_empty());
        let named: Vec<&Payment> = named.map(|(_, payment)| payment).collect();
        if named.is_empty() { total(self.payments.values()) } else { total(named) }
    }

    /// What was paid back.
    #[must_use]
    pub fn refunded(&self) -> Option<Money> {
        // What a platform told of may be what the shop told of as well.
        let again = |(name, refund): &(&Name, &Payment)| {
            refund.part().as_ref() == Some(*name)
                && self
                    .refunds
                    .iter()
                    .any(|(other, it)| other != *name && it.part() == refund.part())
        };
        total(self.refunds.iter().filter(|it| !again(it)).map(|(_, refund)| refund))
    }

    /// Whether it was paid by more than one transaction.
    #[must_use]
    pub fn is_paid_twice(&self) -> bool {
        self.payments.keys().filter(|name| !name.as_str().is_empty()).count() > 1
    }

    /// Whether all of it was paid back. A refund that tells no amount is of the whole; one that does is of a part, as
    /// long as nothing tells how much the whole is.
    fn is_refunded(&self) -> bool {
        if self.refunds.values().any(|refund| refund.amount.is_none()) {
            return true;
        }
        let whole = self.paid().or_else(|| self.placed.as_ref()?.total.clone());
        let is_whole = |(back, whole): (Money, Money)| {
            back.currency == whole.currency && back.minor >= whole.minor
        };
        self.refunded().zip(whole).is_some_and(is_whole)
    }

    /// How far it is. What was paid back as a whole is refunded whatever else is told, and what was called off is
    /// called off.
    #[must_use]
    pub fn progress(&self) -> Progress {
        if self.is_refunded() {
            Progress::Refunded
        } else if self.cancelled.is_some() {
            Progress::Cancelled
        } else if self.delivered.is_some() {
            Progress::Delivered
        } else if self.shipped.is_some() {
            Progress::Shipped
        } else if !self.payments.is_empty() {
            Progress::Paid
        } else if self.failed.is_some() {
            Progress::Failed
        } else {
            Progress::Placed
        }
    }
}

/// A name somebody else gave, which may be a number.
fn word(fact: &Value) -> Option<Name> {
    match fact {
        Value::String(name) => Some(name.as_str().into()),
        Value::Number(name) => Some(name.to_string().into()),
        _ => None,
    }
}

fn first(known: &mut Option<Micros>, at: Micros) {
    *known = Some(known.map_or(at, |known| known.min(at)));
}

fn first_payment(known: &mut BTreeMap<Name, Payment>, name: Name, told: Payment) {
    let earlier = known.remove(&name).map_or(told.clone(), |known| known.min(told));
    known.insert(name, earlier);
}

fn total<'a>(payments: impl IntoIterator<Item = &'a Payment>) -> Option<Money> {
    let amounts: Option<Vec<&Money>> =
        payments.into_iter().map(|payment| payment.amount.as_ref()).collect();
    sum(amounts?)
}

/// What an event says of an amount: `amount_minor`, a number or its digits, and `currency`.
fn amount(facts: &BTreeMap<Name, Value>) -> Option<Money> {
    let minor = match facts.get("amount_minor")? {
        Value::String(digits) => digits.parse().ok()?,
        number => number.as_i64()?,
    };
    Some(Money::new(minor, facts.get("currency")?.as_str()?))
}

#[cfg(test)]
mod tests;
