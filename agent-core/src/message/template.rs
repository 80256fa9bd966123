//! What an approved template of a platform is filled with, beside its words.

use serde::{Deserialize, Serialize};

use crate::id::Name;
use crate::message::MediaRef;

/// What stands above a template's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Header {
    /// Words, of which one piece is filled.
    Text {
        /// The name of the piece; digits alone where the template counts its pieces.
        slot: Name,
        /// What fills it.
        text: String,
    },
    /// A picture, a film or a document.
    Media(MediaRef),
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
}

/// One card of a template's row that is swiped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateCard<A> {
    /// Its picture or film, or a product of the platform's catalogue.
    pub shows: CardShows,
    /// What fills its words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<(Name, String)>,
    /// What fills its buttons.
    pub buttons: Vec<TemplateButton<A>>,
}

/// What stands on top of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum CardShows {
    /// A picture or a film.
    Media(MediaRef),
    /// A product, as the shop's feed names it.
    Product(Name),
}

/// One of a template's buttons, and what fills it. `A` is what a tap is known by: its meaning in a reply, a
/// reference to it in what is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateButton<A> {
    /// Which of the template's buttons, counted from 0.
    pub place: u8,
    /// What fills it.
    pub fill: Fill<A>,
}

/// What fills a button. What stands on it is the template's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fill<A> {
    /// What a tap on it means.
    Reply(A),
    /// The end of its link.
    Link(String),
    /// The code it copies.
    Code(String),
    /// A form that opens: its answers come back as those of any form.
    Form,
    /// The platform's catalogue that opens; the product whose picture stands for it, where not the first.
    Catalog(Option<Name>),
    /// Products of it that open: what stands above them, and which.
    Products {
        /// The words above.
        title: String,
        /// The products, as the shop's feed names them.
        records: Vec<Name>,
    },
}

impl<A> TemplateButton<A> {
    /// The answer that a tap on it is.
    #[must_use]
    pub fn reply(&self) -> Option<&A> {
        match &self.fill {
            Fill::Reply(reply) => Some(reply),
            Fill::Link(_)
            | Fill::Code(_)
            | Fill::Form
            | Fill::Catalog(_)
            | Fill::Products { .. } => None,
        }
    }

    /// The same with its answer made into another.
    #[must_use]
    pub fn map<B>(self, of: &mut impl FnMut(A) -> B) -> TemplateButton<B> {
        let fill = match self.fill {
            Fill::Reply(reply) => Fill::Reply(of(reply)),
            Fill::Link(end) => Fill::Link(end),
            Fill::Code(code) => Fill::Code(code),
            Fill::Form => Fill::Form,
            Fill::Catalog(record) => Fill::Catalog(record),
            Fill::Products { title, records } => Fill::Products { title, records },
        };
        TemplateButton { place: self.place, fill }
    }
}

impl<A> TemplateCard<A> {
    /// The same with its answers made into others.
    #[must_use]
    pub fn map<B>(self, of: &mut impl FnMut(A) -> B) -> TemplateCard<B> {
        let buttons = self.buttons.into_iter().map(|button| button.map(of)).collect();
        TemplateCard { shows: self.shows, slots: self.slots, buttons }
    }
}
