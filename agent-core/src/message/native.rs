//! What only some platforms have a form of its own for. Elsewhere its words are sent.

use serde::{Deserialize, Serialize};

use crate::id::{MessageId, Name};
use crate::message::{Choice, MediaRef, SummaryLine};
use crate::money::Money;

/// Something some platforms have a form of its own for. `A` is an answer to tap: its meaning in a reply, its words and a
/// reference in what is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Native<A = Choice> {
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
    /// Pictures or films in a row that is swiped, each with a link or with answers below it.
    Carousel {
        /// Words above.
        text: String,
        /// One for each.
        slides: Vec<Slide<A>>,
    },
}

/// One picture or film of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slide<A = Choice> {
    /// The picture or film.
    pub media: MediaRef,
    /// The words below it.
    pub text: String,
    /// What can be tapped there.
    pub tap: SlideTap<A>,
}

/// What can be tapped below a picture of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SlideTap<A = Choice> {
    /// A link.
    Link {
        /// What its button says.
        label: String,
        /// Where it goes.
        url: String,
    },
    /// Answers.
    Replies(Vec<A>),
}

impl<A> Slide<A> {
    /// The answers below it.
    #[must_use]
    pub fn replies(&self) -> &[A] {
        match &self.tap {
            SlideTap::Replies(replies) => replies,
            SlideTap::Link { .. } => &[],
        }
    }

    /// Its words, and where its link goes.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.tap {
            SlideTap::Link { url, .. } => joined(&[&self.text, url]),
            SlideTap::Replies(_) => self.text.clone(),
        }
    }

    /// The same with its answers made into others.
    #[must_use]
    pub fn map<B>(self, of: &mut impl FnMut(A) -> B) -> Slide<B> {
        let tap = match self.tap {
            SlideTap::Link { label, url } => SlideTap::Link { label, url },
            SlideTap::Replies(replies) => SlideTap::Replies(replies.into_iter().map(of).collect()),
        };
        Slide { media: self.media, text: self.text, tap }
    }
}

impl<A> Native<A> {
    /// The same with its answers made into others.
    #[must_use]
    pub fn map<B>(self, mut of: impl FnMut(A) -> B) -> Native<B> {
        match self {
            Self::Place { name, address, lat_e6, lon_e6 } => {
                Native::Place { name, address, lat_e6, lon_e6 }
            }
            Self::Contact { name, phone } => Native::Contact { name, phone },
            Self::Reaction { to, emoji } => Native::Reaction { to, emoji },
            Self::Catalog { text } => Native::Catalog { text },
            Self::Order { lines, total, amount, pay } => {
                Native::Order { lines, total, amount, pay }
            }
            Self::OrderStatus { reference, status, text } => {
                Native::OrderStatus { reference, status, text }
            }
            Self::AskContact { text } => Native::AskContact { text },
            Self::AskAddress { text } => Native::AskAddress { text },
            Self::Carousel { text, slides } => {
                let slides = slides.into_iter().map(|slide| slide.map(&mut of));
                Native::Carousel { text, slides: slides.collect() }
            }
        }
    }

    /// The answers it offers, in their order.
    pub fn replies(&self) -> impl Iterator<Item = &A> {
        let slides = match self {
            Self::Carousel { slides, .. } => slides.as_slice(),
            _ => &[],
        };
        slides.iter().flat_map(Slide::replies)
    }

    /// The same in words, but for its answers; empty where there are none for it.
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
                let slides = slides.iter().map(Slide::words);
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
