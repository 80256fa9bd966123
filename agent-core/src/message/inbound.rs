//! What comes in. Platform types end where an [`Inbound`] begins.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::digest::Digest;
use crate::id::{Alias, CustomerId, Made, MessageId, Name, RuleId};
use crate::message::{ActionRef, Block, Purpose};
use crate::money::Money;
use crate::time::Micros;

/// Where a message came from and where its answer goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// The kind of platform: `terminal`, `whatsapp`, `telegram`.
    pub channel: Name,
    /// The shop's account there: a phone number id, a bot, a page.
    pub account: Name,
    /// The chat: of one person, or of a group.
    pub thread: String,
    /// The person who wrote, as the platform names them. In a group, not the thread.
    pub author: String,
}

impl Address {
    /// Whether others read along: the chat is of a group, and not of the person alone.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.thread != self.author
    }

    /// The chat of the person alone.
    #[must_use]
    pub fn direct(&self) -> Self {
        Self { thread: self.author.clone(), ..self.clone() }
    }
}

/// One thing that happened to a journal, from wherever it came: the cause of a turn, or a part of one.
///
/// Webhooks, taps, delivery statuses, timers, people of the shop and other journals all arrive as this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inbound {
    /// The platform's id, or a derived one; told again, it is dropped.
    pub id: MessageId,
    /// When it was said, by the platform's clock or ours.
    pub at: Micros,
    /// The customer's address; none when it is not from a platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Address>,
    /// Other ids the platform gave for the same person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Alias>,
    /// What happened.
    pub kind: InboundKind,
    /// The message it answers, where the platform says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
    /// The ad, post or link that led here, as the platform told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral: Option<Value>,
}

impl Inbound {
    /// What comes from no platform: a command of a person, a timer, the word of another journal.
    #[must_use]
    pub fn told(id: MessageId, at: Micros, kind: InboundKind) -> Self {
        let (from, aliases, reply_to, referral) = (None, Vec::new(), None, None);
        Self { id, at, from, aliases, kind, reply_to, referral }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum InboundKind {
    /// Words.
    Text(String),
    /// A picture, sound, film or document, with its caption.
    Media {
        /// The file.
        media: MediaRef,
        /// Words sent with it.
        caption: String,
    },
    /// A place, in millionths of a degree.
    Location {
        /// Latitude.
        lat_e6: i32,
        /// Longitude.
        lon_e6: i32,
        /// What it is called and its address, where that was told.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        called: String,
    },
    /// A contact card, as the platform told it.
    Contact(Value),
    /// A reaction to one of our messages; none takes it back.
    Reaction {
        /// The message.
        to: MessageId,
        /// The sign.
        emoji: Option<String>,
    },
    /// A tap on something we showed. Never text.
    Tap(Tap),
    /// An order put together on the platform. Its prices are not believed.
    Order {
        /// What is ordered.
        lines: Vec<OrderLine>,
        /// The customer's note.
        note: String,
    },
    /// A question from a product's page.
    Enquiry {
        /// The product.
        product: Name,
        /// What was asked.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        text: String,
    },
    /// A filled form.
    Form {
        /// The form.
        name: Name,
        /// Its answers.
        answers: BTreeMap<Name, Value>,
    },
    /// The customer changed an earlier message.
    Edit {
        /// Which one.
        of: MessageId,
        /// Its new words.
        text: String,
    },
    /// The customer took a message back.
    Delete {
        /// Which one.
        of: MessageId,
    },
    /// What became of a part we sent.
    Status {
        /// The outbound.
        of: Made,
        /// Which of its parts.
        part: u8,
        /// What became of it.
        status: Status,
        /// As what the platform bills it, if it does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        billed: Option<Name>,
    },
    /// What became of messages of ours, where the platform tells it by its own ids or by a moment.
    Receipt {
        /// These.
        of: Vec<MessageId>,
        /// And all that it took before this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Micros>,
        /// What became of them.
        status: Status,
    },
    /// Consent given or taken back.
    Consent {
        /// For what.
        purpose: Purpose,
        /// Given, or taken back.
        given: bool,
    },
    /// Ids that came to belong to this customer, or ceased to.
    Identity {
        /// New ones.
        add: Vec<Alias>,
        /// Gone ones.
        remove: Vec<Alias>,
        /// Customers who are the same person: a platform named one of their ids and one of this customer's at once.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        same: Vec<CustomerId>,
    },
    /// A command of a person of the shop.
    Control {
        /// Who gave it.
        by: Name,
        /// What they want.
        command: Control,
    },
    /// A timer the journal set for itself.
    Timer(Name),
    /// An event of the shop: an order was shipped.
    Event {
        /// Its name.
        name: Name,
        /// What is known of it.
        facts: BTreeMap<Name, Value>,
    },
    /// News of an account of the shop itself: it belongs to the account's journal.
    Account(AccountNews),
    /// Something this version has no word for.
    Unsupported(String),
}

/// One line of an order that was put together on the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderLine {
    /// The variant.
    pub variant: Name,
    /// How many.
    pub quantity: u32,
    /// What one costs by the platform's word. Never believed, only compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Money>,
}

/// What a platform tells of an account of the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AccountNews {
    /// How far the account may be used, for no named cause: as it was told before there were causes.
    Standing(Standing),
    /// How far the account may be used for one cause. Causes know nothing of one another: the worst that holds counts.
    Stands {
        /// What it is about; what was told of it before is over.
        cause: Name,
        /// How far.
        standing: Standing,
        /// When it is over by itself, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ends: Option<Micros>,
    },
    /// Whether a message template may be used.
    Template {
        /// Its name.
        name: Name,
        /// Its language, as the platform writes it.
        locale: Name,
        /// Whether it may be sent.
        usable: bool,
        /// The platform's word for it.
        why: String,
    },
    /// For people to read; nothing follows from it here.
    Notice {
        /// What it is about.
        about: Name,
        /// What the platform said.
        facts: Value,
    },
}

impl AccountNews {
    /// How far an account may be used for a cause, until anything else is told of it.
    #[must_use]
    pub fn stands(cause: impl Into<Name>, standing: Standing) -> Self {
        Self::Stands { cause: cause.into(), standing, ends: None }
    }
}

/// How far an account may be used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Standing {
    /// As its profile says.
    #[default]
    Good,
    /// Slowly, so as not to make it worse.
    Slowed(String),
    /// Not at all until then; after it slowly, until something is taken again.
    Stopped {
        /// Why.
        why: String,
        /// When it may be tried again.
        until: Micros,
    },
}

impl InboundKind {
    /// Whether the customer did it, and not the shop, a platform or the clock.
    #[must_use]
    pub fn is_customers(&self) -> bool {
        !matches!(
            self,
            Self::Status { .. }
                | Self::Receipt { .. }
                | Self::Account(_)
                | Self::Identity { .. }
                | Self::Control { .. }
                | Self::Timer(_)
                | Self::Event { .. }
        )
    }

    /// Whether it is something a customer says and expects an answer to; it also opens the window in which
    /// they may be written to freely. A change of what was said is neither.
    #[must_use]
    pub fn is_spoken(&self) -> bool {
        self.is_customers()
            && !matches!(
                self,
                Self::Reaction { .. }
                    | Self::Edit { .. }
                    | Self::Delete { .. }
                    | Self::Consent { .. }
            )
    }

    /// Whether it only tells what became of something we sent.
    #[must_use]
    pub fn is_receipt(&self) -> bool {
        matches!(self, Self::Status { .. } | Self::Receipt { .. })
    }
}

/// A tap, before and after intake has checked its token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Tap {
    /// As it came over the wire. Intake turns it into one of the others; a journal never holds it.
    Token(String),
    /// Ours, and of this conversation.
    Action(ActionRef),
    /// Not ours, of another conversation, or damaged.
    Forged,
}

/// What became of a part that was to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Status {
    /// The platform took it, and named it.
    Accepted(Option<MessageId>),
    /// On its way to the customer.
    Sent,
    /// With the customer.
    Delivered,
    /// Seen by the customer.
    Read,
    /// It won't arrive.
    Failed(String),
    /// The platform had taken it and told later that it did not arrive: it is sent again.
    Bounced(Bounce),
    /// Policy forbade it at the moment of sending.
    Refused(RuleId),
    /// Policy holds it back until a person releases it or it is no longer worth sending.
    Held(RuleId),
    /// Nobody knows whether it arrived.
    Ambiguous,
}

/// Why a part that the platform had taken did not arrive, and when it may be sent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounce {
    /// The platform's word for it.
    pub why: String,
    /// Not before.
    pub until: Micros,
    /// What must not be written to before.
    pub rests: Rests,
}

/// What rests after a bounce.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rests {
    /// Nothing but the part.
    Part,
    /// The chat.
    Chat,
    /// The whole account.
    Account,
    /// Whatever is not an approved template, until the customer writes again: by the platform's count the window for
    /// free messages has closed.
    Window,
}

impl Status {
    /// Whether the customer has it.
    #[must_use]
    pub fn arrived(&self) -> bool {
        matches!(self, Self::Delivered | Self::Read)
    }

    /// Its place among the others: of two, in whatever order they come, the higher is what became of a part.
    ///
    /// A part that failed may still be told delivered, and then it was; one that was read was delivered.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match self {
            Self::Held(_) => 0,
            Self::Ambiguous => 1,
            Self::Refused(_) => 2,
            Self::Accepted(_) => 3,
            Self::Sent => 4,
            Self::Failed(_) | Self::Bounced(_) => 5,
            Self::Delivered => 6,
            Self::Read => 7,
        }
    }
}

/// What a person of the shop can ask of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Control {
    /// The person answers from now on, for ever or until a moment.
    TakeOver {
        /// When the bot is back by itself.
        until: Option<Micros>,
    },
    /// The bot answers again.
    GiveBack,
    /// Nobody answers: the matter is closed until the customer writes again.
    Close,
    /// The person says this to the customer.
    Say(String),
    /// The person shows this to the customer: a file, a place, whom to turn to.
    Show(Box<Block>),
    /// The person said this to the customer by other means: it was sent already.
    Said {
        /// What they said.
        text: String,
        /// When the bot is back by itself.
        until: Option<Micros>,
    },
    /// What became of a part that failed, or of which nobody knew, found out by a person.
    Settle {
        /// The outbound.
        of: Made,
        /// Which of its parts.
        part: u8,
        /// Whether it had arrived.
        arrived: bool,
    },
}

/// A file on a platform, fetched only when asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaRef {
    /// The platform's id of it, or its link.
    pub id: String,
    /// Its media type.
    pub mime: String,
    /// Its size.
    pub bytes: Option<u64>,
    /// Its content's hash, once known.
    pub sha256: Option<Digest>,
    /// What it is called, where it has a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Box<str>>,
    /// Whether it is somebody speaking, which platforms show otherwise than music.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub voice: bool,
}
