//! What a platform is given to show: a reply after `lower`, with what was lost on the way.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::{Made, Name};
use crate::message::{Header, MediaRef, Native, SummaryLine, TemplateButton, TemplateCard};
use crate::time::Micros;

/// A reply cut to what one platform can show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// In the order of sending.
    pub parts: Vec<Part>,
    /// Those of them that are for the customer's eyes alone, by their place: cart, order and link, where others
    /// read along.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub private: BTreeSet<u8>,
    /// What a typed number means.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbered: Vec<(u16, ActionRef)>,
    /// What could not be shown as it was meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<Loss>,
}

/// One action an outbound offers: the n-th, counted over all its blocks.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionRef {
    /// The outbound.
    pub outbound: Made,
    /// Which of its actions.
    pub option: u16,
}

/// One message on a platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Part {
    /// Words.
    Text(String),
    /// Words with a few buttons.
    Buttons {
        /// The words.
        body: String,
        /// Label and action.
        options: Vec<(String, ActionRef)>,
    },
    /// Words with a list that opens.
    List {
        /// The words.
        body: String,
        /// What opens it.
        open: String,
        /// Its rows.
        rows: Vec<ListRow>,
    },
    /// Product cards, native to the platform.
    Cards(Vec<CardPart>),
    /// The cart or an order, laid out line by line.
    Summary {
        /// Its lines.
        lines: Vec<SummaryLine>,
        /// The word for the total, and the total as the customer reads it.
        total: (String, String),
    },
    /// Pictures in one message, each with its words.
    Album(Vec<Picture>),
    /// A file with its caption.
    Media {
        /// The file.
        media: MediaRef,
        /// Its caption.
        caption: String,
    },
    /// Words with a link on a button.
    Link {
        /// The words.
        body: String,
        /// The button.
        label: String,
        /// Where it goes.
        url: String,
    },
    /// An approved template.
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
        buttons: Vec<TemplateButton<ActionRef>>,
        /// Its row of cards that is swiped.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        cards: Vec<TemplateCard<ActionRef>>,
        /// Until when what it offers is to be had, where it says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Micros>,
    },
    /// A form.
    Form {
        /// Which.
        name: Name,
        /// Words with it.
        body: String,
    },
    /// A request for the customer's place.
    AskLocation(String),
    /// What the platform has a form of its own for.
    Native(Native<(String, ActionRef)>),
}

impl Part {
    /// The actions it offers.
    #[must_use]
    pub fn actions(&self) -> Vec<ActionRef> {
        match self {
            Self::Buttons { options, .. } => options.iter().map(|(_, action)| *action).collect(),
            Self::List { rows, .. } => rows.iter().map(|row| row.action).collect(),
            Self::Cards(cards) => {
                cards.iter().flat_map(|card| &card.options).map(|(_, action)| *action).collect()
            }
            Self::Template { buttons, cards, .. } => {
                let of_cards = cards.iter().flat_map(|card| &card.buttons);
                buttons.iter().chain(of_cards).filter_map(TemplateButton::reply).copied().collect()
            }
            Self::Native(native) => native.replies().map(|(_, action)| *action).collect(),
            _ => Vec::new(),
        }
    }
}

/// One picture of an album.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picture {
    /// Where it lies.
    pub url: String,
    /// The words under it.
    pub caption: String,
}

/// A row of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListRow {
    /// First line.
    pub label: String,
    /// Second line.
    pub hint: String,
    /// What it means.
    pub action: ActionRef,
}

/// A product card, native to the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardPart {
    /// The variant or product, as the shop's feed names it.
    pub record: Name,
    /// Its name.
    pub title: String,
    /// Price and stock as the customer reads them.
    pub detail: String,
    /// Its picture.
    pub image: Option<String>,
    /// Its page.
    pub link: Option<String>,
    /// Label and action.
    pub options: Vec<(String, ActionRef)>,
}

/// What could not be shown as it was meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Loss {
    /// One text became several.
    Split {
        /// How many.
        into: u16,
    },
    /// Too many options for buttons.
    ButtonsToList,
    /// Too many for a list, or none there: numbered text.
    ListToNumbers,
    /// Cards became text.
    CardsToText,
    /// A label or caption was cut; the whole of it.
    Shortened(String),
    /// A block the platform has no form of.
    Dropped(Name),
}
