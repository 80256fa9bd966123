//! A template of a platform as a person of the shop sends it: by its name, and what fills it.

use agent_core::id::Name;
use agent_core::message::{
    CardShows, Choice, Fill, Header, TemplateButton as CoreButton, TemplateCard as CoreCard,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::show::{Reply, media};
use super::word::{ButtonNumber, Id, Latitude, Longitude, Person, Text, few, kinded};

/// A piece of a template's words.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Slot {
    /// Its name; digits alone where the template counts its pieces.
    slot: Id,
    /// What fills it.
    text: Text,
}

/// What stands above a template's words.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum TemplateHeader {
    /// Words, of which one piece is filled.
    Text {
        /// Its name; digits alone where the template counts its pieces.
        slot: Id,
        /// What fills it.
        text: Text,
    },
    /// A picture, a film or a document.
    File {
        /// Its link, or the platform's own id of it.
        file: Text,
        /// Its media type.
        mime: Person,
    },
    /// A place.
    Place {
        /// Its name.
        name: Text,
        /// Its address.
        address: Text,
        /// Latitude in degrees.
        latitude: Latitude,
        /// Longitude in degrees.
        longitude: Longitude,
    },
}

/// One of a template's buttons.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateButton {
    /// Which, counted from 0.
    place: ButtonNumber,
    /// What fills it.
    #[serde(deserialize_with = "kinded")]
    fill: TemplateFill,
}

/// What fills a button. What stands on it is the template's own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum TemplateFill {
    /// A reply to tap.
    Reply(Reply),
    /// A link.
    Link {
        /// Its end, which the template leaves open.
        end: Text,
    },
    /// A code to copy.
    Code {
        /// The code.
        code: Person,
    },
    /// A form that opens.
    Form {},
    /// The platform's catalogue that opens.
    Catalog {
        /// The product whose picture stands for it, as the shop's feed names it; without, the first.
        product: Option<Id>,
    },
    /// Products of it that open.
    Products {
        /// The words above.
        title: Person,
        /// Which, as the shop's feed names them.
        #[schema(min_items = 1, max_items = 30)]
        #[serde(deserialize_with = "few::<1, 30, _, _>")]
        products: Vec<Id>,
    },
}

/// One card of a template's row. On all of them stand a picture, a film or a product alike, and the same buttons.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateCard {
    /// What stands on top.
    #[serde(deserialize_with = "kinded")]
    shows: CardTop,
    /// What fills its words, in order.
    #[serde(default)]
    slots: Vec<Slot>,
    /// What fills its buttons.
    #[schema(max_items = 2)]
    #[serde(default, deserialize_with = "few::<0, 2, _, _>")]
    buttons: Vec<TemplateButton>,
}

/// What stands on top of a card.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum CardTop {
    /// A picture or a film.
    File {
        /// Its link, or the platform's own id of it.
        file: Text,
        /// Its media type.
        mime: Person,
    },
    /// A product of the platform's catalogue.
    Product {
        /// Which, as the shop's feed names it.
        product: Id,
    },
}

/// What fills words.
pub(super) fn filled(slots: &[Slot]) -> Vec<(Name, String)> {
    slots.iter().map(|it| (it.slot.as_ref().into(), it.text.to_string())).collect()
}

impl From<TemplateCard> for CoreCard<Choice> {
    fn from(it: TemplateCard) -> Self {
        Self {
            shows: match it.shows {
                CardTop::File { file, mime } => CardShows::Media(media(&file, &mime)),
                CardTop::Product { product } => CardShows::Product(product.as_ref().into()),
            },
            slots: filled(&it.slots),
            buttons: it.buttons.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<TemplateHeader> for Header {
    fn from(it: TemplateHeader) -> Self {
        match it {
            TemplateHeader::Text { slot, text } => {
                Self::Text { slot: slot.as_ref().into(), text: text.to_string() }
            }
            TemplateHeader::File { file, mime } => Self::Media(media(&file, &mime)),
            TemplateHeader::Place { name, address, latitude, longitude } => Self::Place {
                name: name.to_string(),
                address: address.to_string(),
                lat_e6: latitude.0,
                lon_e6: longitude.0,
            },
        }
    }
}

impl From<TemplateButton> for CoreButton<Choice> {
    fn from(it: TemplateButton) -> Self {
        let fill = match it.fill {
            TemplateFill::Reply(reply) => Fill::Reply((&reply).into()),
            TemplateFill::Link { end } => Fill::Link(end.to_string()),
            TemplateFill::Code { code } => Fill::Code(code.to_string()),
            TemplateFill::Form {} => Fill::Form,
            TemplateFill::Catalog { product } => {
                Fill::Catalog(product.map(|it| it.as_ref().into()))
            }
            TemplateFill::Products { title, products } => Fill::Products {
                title: title.to_string(),
                records: products.iter().map(|it| it.as_ref().into()).collect(),
            },
        };
        Self { place: it.place.0, fill }
    }
}
