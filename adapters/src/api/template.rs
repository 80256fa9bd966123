//! A template of a platform as a person of the shop sends it: by its name, and what fills it.

use agent_core::message::{Action, Block, Choice, Fill, Header, TemplateButton as CoreButton};
use serde::Deserialize;
use utoipa::ToSchema;

use super::show::media;
use super::word::{ButtonNumber, Id, Latitude, Longitude, Person, Text};

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
    fill: TemplateFill,
}

/// What fills a button. What stands on it is the template's own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum TemplateFill {
    /// A reply to tap.
    Reply {
        /// What stands on it.
        label: Person,
        /// What a tap means, as if the customer had written it.
        says: Text,
    },
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
}

/// A template of this name, filled.
pub(super) fn block(
    name: &Id,
    slots: &[Slot],
    header: Option<TemplateHeader>,
    buttons: Vec<TemplateButton>,
) -> Block {
    let slot = |it: &Slot| (it.slot.as_ref().into(), it.text.to_string());
    Block::Template {
        name: name.as_ref().into(),
        slots: slots.iter().map(slot).collect(),
        header: header.map(Header::from),
        buttons: buttons.into_iter().map(CoreButton::from).collect(),
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
            TemplateFill::Reply { label, says } => Fill::Reply(Choice {
                label: label.to_string(),
                hint: String::new(),
                action: Action::Say(says.to_string()),
            }),
            TemplateFill::Link { end } => Fill::Link(end.to_string()),
            TemplateFill::Code { code } => Fill::Code(code.to_string()),
            TemplateFill::Form {} => Fill::Form,
        };
        Self { place: it.place.0, fill }
    }
}
