//! What goes out: meaning, not markup. A channel learns of it only after `lower`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::evidence::Label;
use crate::id::{Made, MessageId, Name};
use crate::message::{Address, Header, MediaRef, Native, TemplateButton, TemplateCard};
use crate::money::Money;
use crate::time::Micros;

/// One reply, or one notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outbound {
    /// Which turn made it; the idempotency key of its sending.
    pub id: Made,
    /// Whom it is for.
    pub to: Address,
    /// Why it is sent: what consent and which window it needs.
    pub purpose: Purpose,
    /// The inbound messages it answers.
    pub answers: Vec<MessageId>,
    /// What it shows, in order.
    pub blocks: Vec<Block>,
    /// The evidence its claims stand on.
    pub sources: Vec<Label>,
    /// When it is no longer worth sending.
    pub expires: Option<Micros>,
}

/// Why something is sent.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// An answer to the customer.
    Service,
    /// About an order or an account.
    Utility,
    /// To sell.
    Marketing,
    /// What must be said whatever else is silent: the confirmation of an opt-out.
    Notice,
    /// Written by a person of the shop.
    Person,
}

/// One thing shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Block {
    /// Words.
    Text(String),
    /// A question with answers to tap.
    Choice {
        /// The question.
        ask: String,
        /// What opens the list where the answers don't fit on buttons.
        open: String,
        /// The answers.
        options: Vec<Choice>,
    },
    /// Products.
    Cards(Vec<Card>),
    /// The cart or an order.
    Summary {
        /// Its lines.
        lines: Vec<SummaryLine>,
        /// The word for the total, and the total as the customer reads it.
        total: (String, String),
        /// The total.
        amount: Money,
    },
    /// A link to follow.
    Link {
        /// Its words.
        label: String,
        /// Where it goes.
        url: String,
    },
    /// A file.
    Media {
        /// The file.
        media: MediaRef,
        /// Words with it.
        caption: String,
    },
    /// A form to fill.
    Form {
        /// Which.
        name: Name,
        /// Words with it.
        ask: String,
    },
    /// A message template the platform approved.
    Template {
        /// Which.
        name: Name,
        /// What fills it.
        slots: Vec<(Name, String)>,
        /// What fills what stands above its words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        header: Option<Header>,
        /// What fills its buttons.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        buttons: Vec<TemplateButton<Choice>>,
        /// Its row of cards that is swiped.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        cards: Vec<TemplateCard<Choice>>,
        /// Until when what it offers is to be had, where it says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Micros>,
    },
    /// A request for the customer's place.
    AskLocation(String),
    /// What only some platforms have a form of its own for.
    Native(Native),
}

/// An answer to tap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What it says.
    pub label: String,
    /// A second line where a platform has one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// What it means.
    pub action: Action,
}

/// What a tap means. The journal holds the meaning; only the wire carries a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// As if the customer had written this.
    Say(String),
    /// Calls a tool with these arguments.
    Do {
        /// The tool.
        tool: Name,
        /// Its arguments.
        arguments: Value,
    },
}

/// One product, as shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// The variant or product shown.
    pub record: Name,
    /// The evidence it stands on.
    pub source: Label,
    /// Its name.
    pub title: String,
    /// Price, former price and stock as the customer reads them.
    pub detail: String,
    /// Its price.
    pub price: Money,
    /// Its picture.
    pub image: Option<String>,
    /// Its page.
    pub link: Option<String>,
    /// What can be done with it.
    pub actions: Vec<Choice>,
}

/// One line of a cart or an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SummaryLine {
    /// The variant, as the feed names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<Name>,
    /// How many.
    pub quantity: u32,
    /// Of what.
    pub label: String,
    /// The line's amount as the customer reads it.
    pub text: String,
    /// The line's amount.
    pub amount: Money,
}

/// Label and meaning of everything that can be tapped, in order: an [`ActionRef`](crate::message::ActionRef)
/// counts them so.
#[must_use]
pub fn actions(blocks: &[Block]) -> Vec<(&str, &Action)> {
    let options = blocks.iter().flat_map(|block| match block {
        Block::Choice { options, .. } => options.iter().collect(),
        Block::Cards(cards) => cards.iter().flat_map(|card| &card.actions).collect::<Vec<_>>(),
        Block::Template { buttons, cards, .. } => {
            let of_cards = cards.iter().flat_map(|card| &card.buttons);
            buttons.iter().chain(of_cards).filter_map(TemplateButton::reply).collect()
        }
        Block::Native(native) => native.replies().collect(),
        _ => Vec::new(),
    });
    options.map(|choice| (choice.label.as_str(), &choice.action)).collect()
}
