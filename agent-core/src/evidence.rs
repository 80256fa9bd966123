//! What is known and from where: tool results as immutable evidence, and the tools' specs and calls.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::digest::{Digest, Shared};
use crate::id::Locale;
use crate::id::{Made, Name};
use crate::message::{ActionRef, Purpose};
use crate::money::Money;
use crate::time::Micros;

/// What a finding calls the variants of a cart that are no longer sold.
pub(crate) const NO_LONGER_SOLD: &str = "no_longer_sold";

/// The name a draft cites evidence by: `e3` is the third of its conversation.
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(pub u32);

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "e{}", self.0)
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text was not `e` and a number from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("evidence is named `e` and a number, as in `e3`")]
pub struct LabelError;

impl std::str::FromStr for Label {
    type Err = LabelError;

    fn from_str(text: &str) -> Result<Self, LabelError> {
        let digits =
            text.strip_prefix('e').filter(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
        digits.and_then(|digits| digits.parse().ok()).filter(|n| *n > 0).map(Self).ok_or(LabelError)
    }
}

impl Serialize for Label {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// One thing a tool found: what it says, which record says so, in which version, and how long that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Who says so: `catalog`, `cart`, `policy`, `checkout`.
    pub source: Name,
    /// The record in that source.
    pub record: Name,
    /// The record's version there.
    pub version: Digest,
    /// When it was read.
    pub at: Micros,
    /// How long it is good to be told as present fact.
    pub good_for: Duration,
    /// Who wrote it.
    pub trust: Trust,
    /// What it says.
    pub body: Body,
}

/// A finding with its name in the conversation. Immutable; replay reads it, not the live catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// How drafts cite it.
    pub label: Label,
    /// The call that found it.
    pub call: Made,
    /// What was found.
    pub finding: Shared<Finding>,
}

/// Who wrote what evidence says; nothing free-text may become an argument of a write.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// The shop's own rules: policies, carts, checkout.
    Shop,
    /// Typed fields of a feed: price, stock, size.
    Typed,
    /// Free text of a feed: titles, descriptions, reviews.
    FreeText,
    /// The customer.
    Customer,
}

/// What evidence says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Body {
    /// A product and the variant of it that was meant.
    Product(Box<ProductFacts>),
    /// The cart, priced.
    Cart(CartFacts),
    /// A link that was made for this customer.
    Link {
        /// Where it goes.
        url: String,
        /// When it ends.
        expires: Option<Micros>,
    },
    /// The shop's rule on a topic, in its own words.
    Policy {
        /// The topic.
        topic: Name,
        /// The rule, in the conversation's locale.
        text: String,
    },
    /// What a shop's own tool answered.
    Other(Value),
}

/// A product as it stood when it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductFacts {
    /// The product: the feed's item group, or the item where it has none.
    pub product: Name,
    /// Its name.
    pub title: String,
    /// Its brand.
    pub brand: String,
    /// Its description, whole.
    pub description: String,
    /// The shop's own category path, outermost first.
    pub category: Vec<String>,
    /// The variant that fits what was asked best; an index into `variants`.
    pub chosen: usize,
    /// All its variants, in the feed's order; never empty.
    pub variants: Vec<VariantFacts>,
}

/// One variant as it stood when it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariantFacts {
    /// The feed's id.
    pub variant: Name,
    /// What tells it from its siblings and other typed fields: `color`, `size`, `material`, `gender`.
    pub attributes: BTreeMap<Name, String>,
    /// What it costs now.
    pub price: Money,
    /// What it costs when not on sale, if it is on sale.
    pub was: Option<Money>,
    /// Whether it can be had.
    pub stock: Stock,
    /// Its page.
    pub link: Option<String>,
    /// Its picture.
    pub image: Option<String>,
}

impl ProductFacts {
    /// The variant that was meant.
    #[must_use]
    pub fn variant(&self) -> Option<&VariantFacts> {
        self.variants.get(self.chosen).or_else(|| self.variants.first())
    }
}

/// Whether something can be had.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stock {
    /// Yes; how many, where the shop tells.
    In(Option<u32>),
    /// To be ordered before it is out.
    Preorder,
    /// Sold, but sent later.
    Backorder,
    /// No.
    Out,
}

impl Stock {
    /// Whether it can be put into a cart.
    #[must_use]
    pub fn can_be_ordered(self) -> bool {
        !matches!(self, Self::Out | Self::In(Some(0)))
    }

    /// How many can be had, where there is an end to it.
    #[must_use]
    pub fn left(self) -> Option<u32> {
        match self {
            Self::In(left) => left,
            Self::Out => Some(0),
            Self::Preorder | Self::Backorder => None,
        }
    }
}

/// A cart with its prices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CartFacts {
    /// In the order they were put in.
    pub lines: Vec<CartLine>,
    /// The sum of the lines; none when the cart is empty or its currencies differ.
    pub total: Option<Money>,
}

/// One line of a priced cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CartLine {
    /// The variant.
    pub variant: Name,
    /// Its product.
    pub product: Name,
    /// The product's name.
    pub title: String,
    /// What tells the variant from its siblings, as read: `M, blue`.
    pub options: String,
    /// How many.
    pub quantity: u32,
    /// What one costs.
    pub each: Money,
    /// What the line costs.
    pub amount: Money,
}

/// What a model is told of a tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolSpec {
    /// Its name.
    pub name: Name,
    /// What it is for and when to use it, for a model to read.
    pub about: String,
    /// JSON Schema of its arguments.
    pub arguments: Value,
    /// What it touches.
    pub access: Access,
}

/// What a tool touches.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Nothing.
    Read,
    /// This journal only.
    State,
    /// The world outside: journalled before it runs, and again after, with one idempotency key.
    Write,
}

/// One call of a tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// Its id, and the idempotency key of what it writes.
    pub id: Made,
    /// The tool.
    pub tool: Name,
    /// Its arguments.
    pub arguments: Value,
}

/// What a tool answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// What it found.
    pub findings: Vec<Shared<Finding>>,
    /// What is to change in the journal.
    pub changes: Vec<Change>,
}

/// One change of a journal's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// So many of this variant are in the cart now; zero takes it out.
    Cart {
        /// The variant.
        variant: Name,
        /// How many.
        quantity: u32,
    },
    /// A slot is filled, or emptied.
    Slot {
        /// Its canonical name.
        name: Name,
        /// What fills it.
        value: Option<Value>,
    },
    /// Who answers from now on.
    Owner(Owner),
    /// The customer agreed or took it back.
    Consent {
        /// To what.
        purpose: Purpose,
        /// Agreed, or not.
        given: bool,
    },
    /// An action that writes was used up.
    Spent(ActionRef),
    /// A write waits for the customer's yes; none: it no longer does.
    Pending(Option<Call>),
    /// The language of the conversation.
    Locale(Locale),
    /// A timer was set, or cleared.
    Timer {
        /// Which.
        name: Name,
        /// When it rings.
        due: Option<Micros>,
    },
    /// The oldest entries of the transcript leave what models are shown: so many.
    Forgot {
        /// Entries, counted from the oldest still shown.
        entries: u32,
    },
    /// The customer was told that they talk to a machine.
    Disclosed,
}

/// Who answers in a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Owner {
    /// The agent.
    #[default]
    Bot,
    /// The agent is silent; a person was asked.
    Waiting {
        /// Why.
        why: String,
        /// Since when.
        since: Micros,
    },
    /// A person.
    Person {
        /// Who.
        who: Name,
        /// Until when, if they said.
        until: Option<Micros>,
    },
    /// Nobody, until the customer writes again.
    Closed,
}

/// Why a tool gave no result. Written so that a model can act on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ToolError {
    /// The arguments don't fit the schema, or each other.
    #[error("arguments: {0}")]
    Arguments(String),
    /// There is no such thing.
    #[error("not found: {0}")]
    Missing(String),
    /// It may not be done.
    #[error("refused: {0}")]
    Refused(String),
    /// What stands behind the tool did not answer; nothing was done.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// It may have been done; asked again with the same key it is done once.
    #[error("outcome unknown: {0}")]
    Ambiguous(String),
}
