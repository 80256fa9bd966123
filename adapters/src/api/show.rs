//! What a person of the shop shows a customer beside words, and what customers sent as files.

use std::sync::Arc;

use agent_core::channel::{File, FileError};
use agent_core::event::{Answer, Event};
use agent_core::id::{MessageId, Seq};
use agent_core::message::{
    Action, Block, Choice, Control, InboundKind, MediaRef, Native, Slide as CoreSlide,
    SlideTap as CoreTap,
};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use utoipa::ToSchema;

use super::desk::{Desk, nobody, unread};
use super::document::Refused;
use super::key::{Caller, Scope};
use super::post::{Accepted, Taken, taken};
use super::template::{self, Slot, TemplateButton, TemplateCard, TemplateHeader};
use super::word::{Id, Latitude, Longitude, Moment, Person, Text, few, kinded};
use crate::server::Problem;

/// What a person shows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Show {
    /// The client's id of the message.
    id: Id,
    /// Who shows it.
    by: Person,
    /// What.
    what: Shown,
}

/// Something that is shown. A platform that has no form for it is sent its words.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Shown {
    /// A file.
    File {
        /// Its link, or the platform's own id of it.
        file: Text,
        /// Its media type.
        mime: Person,
        /// What it is called, which documents are shown with; without, as its link ends.
        name: Option<Person>,
        /// Whether it is somebody speaking: sound in Ogg is then shown as a voice message.
        #[serde(default)]
        voice: bool,
        /// Words with it.
        caption: Option<Text>,
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
    /// Whom to turn to.
    Contact {
        /// Their name.
        name: Text,
        /// Their number, as people dial it.
        phone: Person,
    },
    /// A sign on a message of the customer's.
    Reaction {
        /// The message, by its id.
        message: Text,
        /// The sign; without, it is taken back.
        emoji: Option<Person>,
    },
    /// A request for the customer's place.
    AskLocation {
        /// The words.
        text: Text,
    },
    /// A form.
    Form {
        /// Which, as the configuration names it.
        name: Id,
        /// Words with it.
        text: Text,
    },
    /// The door to the platform's catalogue.
    Catalog {
        /// Words with it.
        text: Text,
    },
    /// How far an order is that was paid in the chat.
    OrderStatus {
        /// What names the order: its own reference, or the one its payment named.
        reference: Id,
        /// How far.
        status: Progress,
        /// Words with it.
        text: Text,
    },
    /// A request for the number of a customer who is known by an id alone.
    AskContact {
        /// The words.
        text: Text,
    },
    /// A request for the customer's postal address.
    AskAddress {
        /// The words.
        text: Text,
    },
    /// Pictures or films in a row that is swiped: two to ten of one sort, each with a link below it, or each with one
    /// or two answers to tap.
    Carousel {
        /// Words above.
        text: Text,
        /// One for each.
        #[schema(min_items = 2, max_items = 10)]
        #[serde(deserialize_with = "few::<2, 10, _, _>")]
        slides: Vec<Slide>,
    },
    /// A template that the platform approved. It reaches a customer who has not written for long, too.
    Template {
        /// Which, as the platform knows it.
        name: Id,
        /// What fills its words, in order.
        #[serde(default)]
        slots: Vec<Slot>,
        /// What fills what stands above them.
        #[serde(default, deserialize_with = "kinded")]
        header: Option<TemplateHeader>,
        /// What fills its buttons.
        #[serde(default)]
        buttons: Vec<TemplateButton>,
        /// Its row of cards: none, or two to ten.
        #[schema(max_items = 10)]
        #[serde(default, deserialize_with = "few::<0, 10, _, _>")]
        cards: Vec<TemplateCard>,
        /// Until when what it offers is to be had, where it says so.
        until: Option<Moment>,
    },
}

/// One picture or film of a row.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Slide {
    /// Its link.
    file: Text,
    /// Its media type.
    mime: Person,
    /// Words below it.
    text: Option<Text>,
    /// What can be tapped below it.
    #[serde(deserialize_with = "kinded")]
    tap: SlideTap,
}

/// What can be tapped below a picture.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum SlideTap {
    /// A link.
    Link {
        /// What its button says.
        label: Person,
        /// Where that goes.
        url: Text,
    },
    /// Answers.
    Replies {
        /// One or two.
        #[schema(min_items = 1, max_items = 2)]
        #[serde(deserialize_with = "few::<1, 2, _, _>")]
        replies: Vec<Reply>,
    },
}

/// An answer to tap.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reply {
    /// What stands on it.
    label: Person,
    /// What a tap means, as if the customer had written it.
    says: Text,
}

/// How far an order is.
#[derive(Copy, Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Progress {
    Processing,
    PartiallyShipped,
    Shipped,
    Completed,
    Canceled,
}

impl From<Shown> for Block {
    fn from(shown: Shown) -> Self {
        let native = match shown {
            Shown::File { file, mime, name, voice, caption } => {
                let name = name.map(|it| it.to_string().into());
                let media = MediaRef { name, voice, ..media(&file, &mime) };
                let caption = caption.map(|it| it.to_string()).unwrap_or_default();
                return Self::Media { media, caption };
            }
            Shown::AskLocation { text } => return Self::AskLocation(text.to_string()),
            Shown::Form { name, text } => {
                return Self::Form { name: name.as_ref().into(), ask: text.to_string() };
            }
            Shown::Place { name, address, latitude, longitude } => Native::Place {
                name: name.to_string(),
                address: address.to_string(),
                lat_e6: latitude.0,
                lon_e6: longitude.0,
            },
            Shown::Contact { name, phone } => {
                Native::Contact { name: name.to_string(), phone: phone.to_string() }
            }
            Shown::Reaction { message, emoji } => Native::Reaction {
                to: MessageId(message.to_string()),
                emoji: emoji.map(|it| it.to_string()),
            },
            Shown::AskContact { text } => Native::AskContact { text: text.to_string() },
            Shown::AskAddress { text } => Native::AskAddress { text: text.to_string() },
            Shown::Carousel { text, slides } => Native::Carousel {
                text: text.to_string(),
                slides: slides.into_iter().map(CoreSlide::from).collect(),
            },
            Shown::Template { name, slots, header, buttons, cards, until } => {
                return Self::Template {
                    name: name.as_ref().into(),
                    slots: template::filled(&slots),
                    header: header.map(Into::into),
                    buttons: buttons.into_iter().map(Into::into).collect(),
                    cards: cards.into_iter().map(Into::into).collect(),
                    until: until.map(|it| it.0),
                };
            }
            Shown::Catalog { text } => Native::Catalog { text: text.to_string() },
            Shown::OrderStatus { reference, status, text } => Native::OrderStatus {
                reference: reference.to_string(),
                status: status.word().into(),
                text: text.to_string(),
            },
        };
        Self::Native(native)
    }
}

impl From<Slide> for CoreSlide {
    fn from(it: Slide) -> Self {
        Self {
            media: media(&it.file, &it.mime),
            text: it.text.map(|text| text.to_string()).unwrap_or_default(),
            tap: match it.tap {
                SlideTap::Link { label, url } => {
                    CoreTap::Link { label: label.to_string(), url: url.to_string() }
                }
                SlideTap::Replies { replies } => {
                    CoreTap::Replies(replies.iter().map(Choice::from).collect())
                }
            },
        }
    }
}

impl From<&Reply> for Choice {
    fn from(it: &Reply) -> Self {
        Self {
            label: it.label.to_string(),
            hint: String::new(),
            action: Action::Say(it.says.to_string()),
        }
    }
}

/// A file that lies on the platform, or at a link.
pub(super) fn media(file: &Text, mime: &Person) -> MediaRef {
    MediaRef { id: file.to_string(), mime: mime.to_string(), ..MediaRef::default() }
}

impl Progress {
    fn word(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::PartiallyShipped => "partially_shipped",
            Self::Shipped => "shipped",
            Self::Completed => "completed",
            Self::Canceled => "canceled",
        }
    }
}

/// Show the customer something as a person: a file, a place, a form.
#[utoipa::path(
    post,
    path = "/v1/conversations/{id}/show",
    tag = "control",
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")),
    request_body = Show,
    responses((status = 202, description = "taken in", body = Taken), Refused),
    security(("key" = ["control"])),
)]
pub(super) async fn show(
    State(desk): State<Arc<Desk>>,
    Caller(key): Caller,
    Path(id): Path<String>,
    Json(asked): Json<Show>,
) -> Accepted {
    key.may(Scope::Control)?;
    let journal = Desk::journal(key.shop, &id)?;
    let command = Control::Show(Box::new(asked.what.into()));
    let fresh = desk.command(journal, (asked.id.as_ref(), asked.by.as_ref()), command).await?;
    taken(journal, fresh)
}

/// A file that a customer sent, as it lies on the platform.
///
/// Platforms keep files for days, not for ever.
#[utoipa::path(
    get,
    path = "/v1/conversations/{id}/files/{seq}",
    tag = "conversations",
    params(
        ("id" = String, Path, pattern = "^[0-9a-f]{32}$"),
        ("seq" = u64, Path, description = "The number of the entry"),
    ),
    responses((status = 200, description = "the file", content_type = "application/octet-stream"), Refused),
    security(("key" = ["read"])),
)]
pub(super) async fn file(
    State(desk): State<Arc<Desk>>,
    Caller(key): Caller,
    Path((id, seq)): Path<(String, u64)>,
) -> Result<impl IntoResponse, Problem> {
    key.may(Scope::Read)?;
    let journal = Desk::journal(key.shop, &id)?;
    let none = || Problem::new(StatusCode::NOT_FOUND, "the entry has no file");
    let before = Seq(seq.checked_sub(1).ok_or_else(none)?);
    let page = desk.front.house.store.read(journal, before, 1).await.map_err(unread)?;
    if page.head == Seq::START {
        return Err(nobody());
    }
    let found = page.events.first().filter(|it| it.seq == Seq(seq)).map(|it| &it.event);
    let Some(Event::Answer(Answer::Received(inbound))) = found else { return Err(none()) };
    let (InboundKind::Media { media, .. }, Some(from)) = (&inbound.kind, &inbound.from) else {
        return Err(none());
    };
    let channel = desk.front.house.channel(key.shop, from).ok_or_else(none)?;
    let File { mime, bytes } = channel.file(media).await.map_err(|error| match error {
        FileError::Gone(_) | FileError::Refused(_) => {
            Problem::new(StatusCode::NOT_FOUND, error.to_string())
        }
        FileError::Unavailable(_) => {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()).retry(5)
        }
    })?;
    // Whatever a customer calls it, no browser runs it.
    let plain = mime.bytes().all(|c| c.is_ascii_graphic()) && !mime.ends_with("/*");
    let mime = if plain { mime } else { "application/octet-stream".to_owned() };
    let headers = [
        (header::CONTENT_TYPE, mime),
        (header::CONTENT_DISPOSITION, "attachment".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_a_word_at_any_depth() {
        let read = |kind: [&str; 5]| {
            let [shown, header, fill, top, tap] = kind;
            let template = format!(
                r#"{{"kind":{shown},"name":"t","header":{{"kind":{header},"slot":"1","text":"x"}},
                "buttons":[{{"place":0,"fill":{{"kind":{fill}}}}}],
                "cards":[{{"shows":{{"kind":{top},"file":"f","mime":"image/png"}}}}]}}"#
            );
            let tap = format!(r#"{{"kind":{tap},"label":"l","url":"u"}}"#);
            let slide = format!(r#"{{"file":"f","mime":"image/png","tap":{tap}}}"#);
            let row = format!(r#"{{"kind":"carousel","text":"x","slides":[{slide},{slide}]}}"#);
            [template, row].iter().all(|what| {
                let show = format!(r#"{{"id":"1","by":"Ada","what":{what}}}"#);
                serde_json::from_str::<Show>(&show).is_ok()
            })
        };
        let words = [r#""template""#, r#""text""#, r#""form""#, r#""file""#, r#""link""#];
        assert!(read(words));
        for (place, number) in [(0, "11"), (1, "0"), (2, "3"), (3, "0"), (4, "0")] {
            let mut kinds = words;
            kinds[place] = number;
            assert!(!read(kinds), "{place}");
        }
    }

    #[test]
    fn a_list_keeps_the_limits_the_document_tells() {
        let read = |[cards, buttons, products]: [usize; 3]| {
            let products = vec![r#""p""#; products].join(",");
            let fill = format!(r#"{{"kind":"products","title":"x","products":[{products}]}}"#);
            let button = format!(r#"{{"place":0,"fill":{fill}}}"#);
            let buttons = vec![button; buttons].join(",");
            let shows = r#"{"kind":"product","product":"p"}"#;
            let card = format!(r#"{{"shows":{shows},"buttons":[{buttons}]}}"#);
            let cards = vec![card; cards].join(",");
            let what = format!(r#"{{"kind":"template","name":"t","cards":[{cards}]}}"#);
            let show = format!(r#"{{"id":"1","by":"Ada","what":{what}}}"#);
            serde_json::from_str::<Show>(&show).is_ok()
        };
        assert!(read([10, 2, 30]) && read([0, 0, 0]) && read([1, 1, 1]));
        assert!(!read([11, 2, 30]) && !read([10, 3, 30]) && !read([1, 1, 31]) && !read([1, 1, 0]));
    }
}
