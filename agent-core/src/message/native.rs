//! What only some platforms have a form of its own for. Elsewhere its words are sent.

use serde::{Deserialize, Serialize};

use crate::id::{MessageId, Name};
use crate::message::{MediaRef, SummaryLine};
use crate::money::Money;

/// Something some platforms have a form of its own for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Native {
    /// A place on the map, in millionths of a degree.
    Place {
        /// Its name.
        name: String,
        /// Its address.
        address: String,
        /// Latitude.
        lat_e6: i32,
        /// Longitude.
        lon_e6: i32,
    },
    /// Whom to turn to.
    Contact {
        /// Their name.
        name: String,
        /// Their number, as people dial it.
        phone: String,
    },
    /// A sign on a message of the customer's; none takes it back.
    Reaction {
        /// The message.
        to: MessageId,
        /// The sign.
        emoji: Option<String>,
    },
    /// The door to the whole catalogue that the platform holds.
    Catalog {
        /// Words with it.
        text: String,
    },
    /// An order to look over and pay without leaving the chat. Made by lowering, of an order and its link.
    Order {
        /// Its lines.
        lines: Vec<SummaryLine>,
        /// The word for the total, and the total as the customer reads it.
        total: (String, String),
        /// The total.
        amount: Money,
        /// The words of the link, and where it is paid.
        pay: (String, String),
    },
    /// How far an order is that was paid so.
    OrderStatus {
        /// What names the order, as its payment named it.
        reference: String,
        /// How far: `processing`, `shipped`, `completed`, `canceled`.
        status: Name,
        /// Words with it.
        text: String,
    },
    /// A request for the number of a customer who is known by an id alone.
    AskContact {
        /// Words with it.
        text: String,
    },
    /// A request for the customer's postal address, by the platform's own form.
    AskAddress {
        /// Words with it.
        text: String,
    },
    /// Pictures or films in a row that is swiped, each with a link below it.
    Carousel {
        /// Words above.
        text: String,
        /// One for each.
        slides: Vec<Slide>,
    },
}

/// One picture or film of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slide {
    /// The picture or film.
    pub media: MediaRef,
    /// The words below it.
    pub text: String,
    /// What its button says.
    pub label: String,
    /// Where that goes.
    pub url: String,
}

impl Native {
    /// The same in words; empty where there are none for it.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Place { name, address, lat_e6, lon_e6 } => {
                let degrees = |e6: i32| f64::from(e6) / 1e6;
                let point = format!("{:.6},{:.6}", degrees(*lat_e6), degrees(*lon_e6));
                joined(&[
                    name,
                    address,
                    &format!("https://www.openstreetmap.org/search?query={point}"),
                ])
            }
            Self::Contact { name, phone } => joined(&[name, phone]),
            Self::Reaction { .. } => String::new(),
            Self::Catalog { text }
            | Self::OrderStatus { text, .. }
            | Self::AskContact { text }
            | Self::AskAddress { text } => text.clone(),
            Self::Carousel { text, slides } => {
                let slides = slides.iter().map(|it| joined(&[&it.text, &it.url]));
                let all: Vec<String> = std::iter::once(text.clone()).chain(slides).collect();
                all.join("\n\n")
            }
            Self::Order { lines, total, pay, .. } => {
                let lines = lines
                    .iter()
                    .map(|line| format!("{} × {}  {}", line.quantity, line.label, line.text));
                let total = format!("{}: {}", total.0, total.1);
                let all: Vec<String> = lines.chain([total, pay.0.clone(), pay.1.clone()]).collect();
                all.join("\n")
            }
        }
    }
}

fn joined(lines: &[&str]) -> String {
    let lines: Vec<&str> = lines.iter().copied().filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}
