//! What a platform can do, as data. `lower` and the courier know nothing else about it.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::Name;

/// What a platform can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelProfile {
    /// The kind of platform.
    pub channel: Name,
    /// A text message.
    pub text: Limit,
    /// A caption under a file.
    pub caption: Limit,
    /// Buttons under a text, if it has them.
    pub buttons: Option<Menu>,
    /// A list that opens, if it has one.
    pub list: Option<Menu>,
    /// Product cards in a row, if it has them; the label's limit is that of a card's button.
    pub cards: Option<Menu>,
    /// Its markup.
    pub markup: Markup,
    /// What else it can do.
    pub can: BTreeSet<Can>,
    /// How long after the customer's last message we may write freely.
    pub window: Option<Duration>,
    /// The approved template that invites the customer to write when the window is closed and a reply has to
    /// be held; without one nothing is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopen: Option<Name>,
    /// How long messages that arrive together are gathered into one turn.
    pub settle: Duration,
    /// What makes a second send harmless.
    pub repeat: Repeat,
    /// How fast it may be written to.
    pub pace: Pace,
}

/// A length and what it counts.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// At most so many.
    pub max: u32,
    /// Of these.
    pub unit: Unit,
}

/// What a platform counts.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// UTF-16 code units (Telegram).
    Utf16,
    /// Unicode scalar values.
    Scalars,
    /// What a reader calls a character.
    Graphemes,
    /// UTF-8 bytes.
    Bytes,
}

/// How many options, and how long their words.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Menu {
    /// At most so many options, rows or cards.
    pub count: u16,
    /// An option's first line.
    pub label: Limit,
    /// Its second line.
    pub hint: Limit,
    /// The words above.
    pub body: Limit,
}

/// A platform's way to write bold and links.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Markup {
    /// None.
    Plain,
    /// `*bold*` with its own rules.
    WhatsApp,
    /// Offsets beside the text (Telegram).
    Entities,
    /// Discord's Markdown.
    Discord,
    /// HTML.
    Html,
}

/// What else a platform can do.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Can {
    /// Approved templates.
    Templates,
    /// Forms.
    Forms,
    /// A link on a button.
    Links,
    /// Ask for a place.
    AskLocation,
    /// A typing sign.
    Typing,
    /// Mark as seen.
    Seen,
    /// Change a sent message.
    Edit,
    /// Lay out the lines of an order.
    Summaries,
    /// Several pictures in one message.
    Album,
    /// Products of a catalogue the platform holds itself, under the shop's own ids.
    Catalog,
    /// Places, contacts, reactions and rows of pictures in a form of their own.
    Native,
    /// Ask for a postal address by a form of its own.
    Addresses,
    /// Orders that are paid in the chat.
    Orders,
    /// Bill each message: what can be said in one message is.
    Bill,
    /// Show what is said together as one message: each is a bubble and a sound of its own, and they are few a second.
    Join,
}

/// What makes a second send of the same part harmless.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// The platform drops a repeated idempotency key: send again.
    Nonce,
    /// The same, for so long after the first send; then the configured policy decides.
    NonceFor(Duration),
    /// A status webhook names our id: wait for it before anything is sent again.
    StatusEcho,
    /// Nothing does: the configured policy decides.
    Never,
}

/// How fast a platform may be written to.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// Messages within any second for the account.
    pub account_per_second: u16,
    /// Between two messages to one chat.
    pub chat_every: Duration,
    /// How many to one chat may go at once before that.
    pub chat_burst: u16,
    /// In a chat where others read along, at most so many within so long, whoever they are for; none: as
    /// elsewhere.
    pub shared: Option<(u16, Duration)>,
}

impl Limit {
    /// How long a text is by this limit's unit.
    #[must_use]
    pub fn measure(&self, text: &str) -> u32 {
        use unicode_segmentation::UnicodeSegmentation as _;
        let length = match self.unit {
            Unit::Utf16 => text.encode_utf16().count(),
            Unit::Scalars => text.chars().count(),
            Unit::Graphemes => text.graphemes(true).count(),
            Unit::Bytes => text.len(),
        };
        u32::try_from(length).unwrap_or(u32::MAX)
    }

    /// Whether a text is within it.
    #[must_use]
    pub fn fits(&self, text: &str) -> bool {
        self.measure(text) <= self.max
    }
}
