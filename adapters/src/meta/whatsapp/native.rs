//! Forms, places, contacts, requests, rows of pictures and the catalogue's door, each as WhatsApp shows them.

use agent_core::channel::Delivery;
use agent_core::message::{ActionRef, Native, Slide, SlideTap};
use serde_json::{Value, json};

use super::limits::{BODY, BUTTON, CARD, CARD_BREAKS, CAROUSEL, URL};
use super::pay;
use super::render::{Shelf, cut, file, is_link, marked, token, words};

/// The version of flows' messages.
const FLOW_VERSION: &str = "3";
/// What stands on a button for which nobody gave a word: it needs no language.
const OPEN: &str = "→";

/// A flow: its answers come back as a form reply.
pub(super) fn form(delivery: &Delivery, flow: &str, body: &str) -> Value {
    // The first line that fits is what the button says; Meta takes no emoji there.
    let line = body.lines().next().unwrap_or_default().trim();
    let plain =
        !line.is_empty() && line.chars().all(|c| c.is_alphanumeric() || " .,?!'-".contains(c));
    let open = if plain && BUTTON.fits(line) { line } else { OPEN };
    json!({
        "type": "flow",
        "body": { "text": cut(&said(body), &BODY) },
        "action": {
            "name": "flow",
            "parameters": {
                "flow_message_version": FLOW_VERSION,
                "flow_id": flow,
                "flow_cta": open,
                "flow_token": token_of_form(delivery),
                "flow_action": "navigate",
            },
        },
    })
}

/// What a form is known by to whoever serves it.
pub(super) fn token_of_form(delivery: &Delivery) -> String {
    format!("{}/{}", delivery.id, delivery.part)
}

/// A place, with its name and address where it has them.
pub(super) fn place((name, address): (&str, &str), lat_e6: i32, lon_e6: i32) -> Value {
    let degrees = |e6: i32| f64::from(e6) / 1e6;
    let mut place = json!({ "latitude": degrees(lat_e6), "longitude": degrees(lon_e6) });
    for (key, text) in [("name", name), ("address", address)] {
        if let Some(fields) = place.as_object_mut().filter(|_| !text.trim().is_empty()) {
            fields.insert(key.to_owned(), cut(text, &BODY).into());
        }
    }
    place
}

/// What stands on an answer, and which it is.
type Answer = (String, ActionRef);

/// Type and content of a message.
pub(super) fn content(
    native: &Native<Answer>,
    delivery: &Delivery,
    shelf: &Shelf,
) -> Result<(&'static str, Value), &'static str> {
    Ok(match native {
        Native::Place { name, address, lat_e6, lon_e6 } => {
            ("location", place((name, address), *lat_e6, *lon_e6))
        }
        Native::Contact { name, phone } => {
            let name = said(name);
            let name = cut(&name, &BODY);
            let mut contact = json!({ "name": { "formatted_name": name, "first_name": name } });
            if let Some(fields) = contact.as_object_mut().filter(|_| !phone.trim().is_empty()) {
                fields.insert("phones".to_owned(), json!([{ "phone": phone, "type": "WORK" }]));
            }
            ("contacts", json!([contact]))
        }
        Native::Reaction { to, emoji } => {
            let emoji = emoji.as_deref().unwrap_or_default();
            ("reaction", json!({ "message_id": to.0, "emoji": emoji }))
        }
        Native::Catalog { text } => ("interactive", asked("catalog_message", text, None)),
        Native::AskContact { text } => ("interactive", asked("request_contact_info", text, None)),
        Native::AskAddress { text } if is_indian(&delivery.to.author) => {
            ("interactive", asked("address_message", text, Some(json!({ "country": "IN" }))))
        }
        Native::AskAddress { text } => words(&said(text)),
        Native::Carousel { text, slides } => {
            let row = carousel(delivery, text, slides);
            row.map_or_else(|| words(&native.words()), |it| ("interactive", it))
        }
        Native::Order { lines, total, amount, pay } => match &shelf.payments {
            Some(payments) => {
                let asked = pay::Asked { lines, total, amount, pay };
                pay::details(&asked, payments)
                    .map_or_else(|| words(&native.words()), |it| ("interactive", it))
            }
            None => words(&native.words()),
        },
        Native::OrderStatus { reference, status, text } => {
            ("interactive", pay::status(reference, status.as_str(), &said(text)))
        }
    })
}

/// Words with one button, which is Meta's own.
fn asked(kind: &str, text: &str, parameters: Option<Value>) -> Value {
    let mut action = json!({ "name": kind });
    if let (Some(parameters), Some(fields)) = (parameters, action.as_object_mut()) {
        fields.insert("parameters".to_owned(), parameters);
    }
    json!({ "type": kind, "body": { "text": cut(&said(text), &BODY) }, "action": action })
}

/// Whether somebody is of India: by their number, or by the id they are known under.
fn is_indian(name: &str) -> bool {
    name.trim_start_matches('+').starts_with("91") || name.starts_with("IN.")
}

/// A row of pictures or of films, each with a link or each with answers; none where Meta has no row for these, which
/// lowering makes into words before.
fn carousel(delivery: &Delivery, text: &str, slides: &[Slide<Answer>]) -> Option<Value> {
    if !(2..=CAROUSEL).contains(&slides.len()) {
        return None;
    }
    let kinds: Vec<&str> = slides.iter().map(|slide| file(&slide.media, "").0).collect();
    let kind = *kinds.first().filter(|kind| matches!(**kind, "image" | "video"))?;
    let answers = slides.first().map(|slide| slide.replies().len());
    let shows = |slide: &Slide<Answer>| {
        let tapped = match &slide.tap {
            SlideTap::Link { label, url } => {
                is_link(url) && url.len() <= URL && !label.trim().is_empty()
            }
            SlideTap::Replies(replies) => !replies.is_empty(),
        };
        is_link(&slide.media.id) && tapped && Some(slide.replies().len()) == answers
    };
    if !slides.iter().all(shows) || kinds.iter().any(|it| *it != kind) {
        return None;
    }
    let card = |(n, slide): (usize, &Slide<Answer>)| {
        let mut card = json!({
            "card_index": n,
            "header": { "type": kind, kind: { "link": slide.media.id } },
            "action": tapped(delivery, &slide.tap),
        });
        let words = short(&slide.text);
        if let Some(fields) = card.as_object_mut() {
            if let SlideTap::Link { .. } = slide.tap {
                fields.insert("type".to_owned(), "cta_url".into());
            }
            if !words.is_empty() {
                fields.insert("body".to_owned(), json!({ "text": words }));
            }
        }
        card
    };
    let cards: Vec<Value> = slides.iter().enumerate().map(card).collect();
    Some(json!({
        "type": "carousel",
        "body": { "text": cut(&said(text), &BODY) },
        "action": { "cards": cards },
    }))
}

/// What can be tapped on a card.
fn tapped(delivery: &Delivery, tap: &SlideTap<Answer>) -> Value {
    match tap {
        SlideTap::Link { label, url } => json!({
            "name": "cta_url",
            "parameters": { "display_text": cut(label, &BUTTON), "url": url },
        }),
        SlideTap::Replies(replies) => {
            let reply = |(label, action): &Answer| {
                let reply = json!({ "id": token(delivery, *action), "title": cut(label, &BUTTON) });
                json!({ "type": "quick_reply", "quick_reply": reply })
            };
            let buttons: Vec<Value> = replies.iter().map(reply).collect();
            json!({ "buttons": buttons })
        }
    }
}

/// Words of a card: what stands beyond its breaks goes on in the last line.
fn short(text: &str) -> String {
    let text = marked(text);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut kept: Vec<&str> = lines.by_ref().take(CARD_BREAKS).collect();
    let rest = lines.collect::<Vec<_>>().join(" ");
    kept.extend((!rest.is_empty()).then_some(rest.as_str()));
    cut(&kept.join("\n"), &CARD)
}

/// Words that are not empty, which Meta takes none of.
fn said(text: &str) -> String {
    let text = marked(text);
    if text.trim().is_empty() { "…".to_owned() } else { text }
}
