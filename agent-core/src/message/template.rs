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
}
