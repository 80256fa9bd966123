//! What a message shows, as the API tells it. The journal's own types never leave the process.

use std::collections::BTreeMap;

use agent_core::id::Name;
use agent_core::message::{ActionRef, InboundKind, ListRow, Part, Tap};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What a message shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Content {
    /// Words.
    Text {
        /// The words.
        text: String,
    },
    /// Words with answers to tap.
    Buttons {
        /// The words.
        text: String,
        /// The answers.
        options: Vec<Button>,
    },
    /// Words with a list of answers.
    List {
        /// The words.
        text: String,
        /// What opens the list.
        open: String,
        /// The answers.
        options: Vec<Button>,
    },
    /// Products.
    Cards {
        /// One for each.
        cards: Vec<Card>,
    },
    /// The cart or an order.
    Summary {
        /// Its lines.
        lines: Vec<SummaryLine>,
        /// The word for the total.
        label: String,
        /// The total as the customer reads it.
        total: String,
    },
    /// Pictures.
    Album {
        /// One for each.
        pictures: Vec<Picture>,
    },
    /// A file.
    Media {
        /// Its media type.
        mime: String,
        /// Words with it.
        caption: String,
    },
    /// Words with a link.
    Link {
        /// The words.
        text: String,
        /// What the link says.
        label: String,
        /// Where it goes.
        url: String,
    },
    /// A message template of the platform.
    Template {
        /// Which.
        name: String,
        /// What fills it, in order.
        slots: Vec<String>,
    },
    /// A form of the platform.
    Form {
        /// Which.
        name: String,
        /// Words with it.
        text: String,
    },
    /// A request for the customer's place.
    AskLocation {
        /// The words.
        text: String,
    },
    /// A place.
    Location {
        /// Latitude in degrees, as decimal digits.
        latitude: String,
        /// Longitude in degrees, as decimal digits.
        longitude: String,
        /// What it is called and its address; empty where that was not told.
        name: String,
    },
    /// Something was tapped.
    Tap {
        /// What it said; empty when it is not known any more.
        text: String,
    },
    /// Something else, named and in words.
    Other {
        /// What it is.
        what: String,
        /// Its words, if it has any.
        text: String,
    },
}

/// Something to tap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Button {
    /// What it says.
    label: String,
    /// A second line, or nothing.
    hint: String,
    /// What to post to `/v1/taps` when it is tapped.
    token: String,
}

/// A product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Card {
    /// The variant or product, as the shop's feed names it.
    record: String,
    /// Its name.
    title: String,
    /// Price and stock as the customer reads them.
    detail: String,
    /// Its picture.
    image: Option<String>,
    /// Its page.
    link: Option<String>,
    /// What can be done with it.
    options: Vec<Button>,
}

/// One line of a cart or an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct SummaryLine {
    /// How many.
    quantity: u32,
    /// Of what.
    label: String,
    /// The line's amount as the customer reads it.
    amount: String,
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Picture {
    /// Where it lies.
    url: String,
    /// The words under it.
    caption: String,
}

/// A part of a reply; `token` mints what a tap carries.
pub(super) fn of_part(part: &Part, token: &dyn Fn(ActionRef) -> String) -> Content {
    let button = |(label, action): &(String, ActionRef)| Button {
        label: label.clone(),
        hint: String::new(),
        token: token(*action),
    };
    let row = |row: &ListRow| Button {
        label: row.label.clone(),
        hint: row.hint.clone(),
        token: token(row.action),
    };
    match part {
        Part::Text(text) => Content::Text { text: text.clone() },
        Part::Buttons { body, options } => {
            Content::Buttons { text: body.clone(), options: options.iter().map(button).collect() }
        }
        Part::List { body, open, rows } => Content::List {
            text: body.clone(),
            open: open.clone(),
            options: rows.iter().map(row).collect(),
        },
        Part::Cards(cards) => {
            let card = |card: &agent_core::message::CardPart| Card {
                record: card.record.to_string(),
                title: card.title.clone(),
                detail: card.detail.clone(),
                image: card.image.clone(),
                link: card.link.clone(),
                options: card.options.iter().map(button).collect(),
            };
            Content::Cards { cards: cards.iter().map(card).collect() }
        }
        Part::Summary { lines, total } => {
            let line = |line: &agent_core::message::SummaryLine| SummaryLine {
                quantity: line.quantity,
                label: line.label.clone(),
                amount: line.text.clone(),
            };
            let (label, total) = total.clone();
            Content::Summary { lines: lines.iter().map(line).collect(), label, total }
        }
        Part::Album(pictures) => {
            let picture = |picture: &agent_core::message::Picture| Picture {
                url: picture.url.clone(),
                caption: picture.caption.clone(),
            };
            Content::Album { pictures: pictures.iter().map(picture).collect() }
        }
        Part::Media { media, caption } => {
            Content::Media { mime: media.mime.clone(), caption: caption.clone() }
        }
        Part::Link { body, label, url } => {
            Content::Link { text: body.clone(), label: label.clone(), url: url.clone() }
        }
        Part::Template { name, slots, .. } => {
            let slots = slots.iter().map(|(_, value)| value.clone()).collect();
            Content::Template { name: name.to_string(), slots }
        }
        Part::Form { name, body } => Content::Form { name: name.to_string(), text: body.clone() },
        Part::AskLocation(text) => Content::AskLocation { text: text.clone() },
        Part::Native(native) => Content::Text { text: native.words() },
    }
}

/// What a customer did; none when it is not theirs. `label` knows what a tap says.
pub(super) fn of_customer(
    kind: &InboundKind,
    label: &dyn Fn(ActionRef) -> Option<String>,
) -> Option<Content> {
    if !kind.is_customers() {
        return None;
    }
    let other = |what: &str, text: &str| Content::Other { what: what.into(), text: text.into() };
    let degrees = |e6: i32| format!("{:.6}", f64::from(e6) / 1e6);
    Some(match kind {
        InboundKind::Text(text) => Content::Text { text: text.clone() },
        InboundKind::Media { media, caption } => {
            Content::Media { mime: media.mime.clone(), caption: caption.clone() }
        }
        InboundKind::Location { lat_e6, lon_e6, called } => {
            let (latitude, longitude) = (degrees(*lat_e6), degrees(*lon_e6));
            Content::Location { latitude, longitude, name: called.clone() }
        }
        InboundKind::Tap(Tap::Action(action)) => {
            Content::Tap { text: label(*action).unwrap_or_default() }
        }
        InboundKind::Tap(_) => Content::Tap { text: String::new() },
        InboundKind::Edit { text, .. } => other("edit", text),
        InboundKind::Delete { .. } => other("delete", ""),
        InboundKind::Reaction { emoji, .. } => {
            other("reaction", emoji.as_deref().unwrap_or_default())
        }
        InboundKind::Contact(card) => other("contact", &contact(card)),
        InboundKind::Order { note, .. } => other("order", note),
        InboundKind::Enquiry { product, text } => other("enquiry", &format!("{product} {text}")),
        InboundKind::Form { name, answers } => other("form", &form(name.as_str(), answers)),
        InboundKind::Consent { given, .. } => {
            other("consent", if *given { "given" } else { "taken back" })
        }
        InboundKind::Unsupported(what) => other("unsupported", what),
        InboundKind::Status { .. }
        | InboundKind::Receipt { .. }
        | InboundKind::Account(_)
        | InboundKind::Identity { .. }
        | InboundKind::Control { .. }
        | InboundKind::Timer(_)
        | InboundKind::Event { .. } => return None,
    })
}

/// Names and numbers of a contact card, however the platform tells them.
fn contact(card: &Value) -> String {
    const TOLD: [&str; 4] = ["formatted_name", "name", "phone", "phone_number"];
    let mut words: Vec<&str> = Vec::new();
    let mut left = vec![card];
    while let Some(value) = left.pop() {
        match value {
            Value::Array(values) => left.extend(values.iter().rev()),
            Value::Object(fields) => {
                let told = TOLD.iter().filter_map(|key| fields.get(*key)?.as_str());
                words.extend(told);
                left.extend(fields.values().filter(|value| !value.is_string()));
            }
            _ => {}
        }
    }
    words.join(" ")
}

/// A form and what was filled in.
fn form(name: &str, answers: &BTreeMap<Name, Value>) -> String {
    let mut lines = vec![name.to_owned()];
    lines.extend(answers.iter().map(|(key, value)| match value {
        Value::String(text) => format!("{key}: {text}"),
        value => format!("{key}: {value}"),
    }));
    lines.join("\n")
}
