//! Forms, places, contacts, reactions and the catalogue's door, each as WhatsApp shows them.

use agent_core::channel::Delivery;
use agent_core::message::Native;
use serde_json::{Value, json};

use super::limits::{BODY, BUTTON};
use super::pay;
use super::render::{Shelf, cut, marked, words};

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
                "flow_token": format!("{}/{}", delivery.id, delivery.part),
                "flow_action": "navigate",
            },
        },
    })
}

/// Type and content of a message.
pub(super) fn content(
    native: &Native,
    shelf: &Shelf,
) -> Result<(&'static str, Value), &'static str> {
    Ok(match native {
        Native::Place { name, address, lat_e6, lon_e6 } => {
            let degrees = |e6: i32| f64::from(e6) / 1e6;
            let mut place = json!({ "latitude": degrees(*lat_e6), "longitude": degrees(*lon_e6) });
            for (key, text) in [("name", name), ("address", address)] {
                if let Some(fields) = place.as_object_mut().filter(|_| !text.trim().is_empty()) {
                    fields.insert(key.to_owned(), cut(text, &BODY).into());
                }
            }
            ("location", place)
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
        Native::Catalog { text } => {
            let content = json!({
                "type": "catalog_message",
                "body": { "text": cut(&said(text), &BODY) },
                "action": { "name": "catalog_message" },
            });
            ("interactive", content)
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

/// Words that are not empty, which Meta takes none of.
fn said(text: &str) -> String {
    let text = marked(text);
    if text.trim().is_empty() { "…".to_owned() } else { text }
}
