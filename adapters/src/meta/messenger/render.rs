//! A part as the body of one send to Messenger or Instagram. Pure, and never beyond a limit of the platform.

use agent_core::channel::Delivery;
use agent_core::message::{ActionRef, CardPart, Part};
use serde_json::{Map, Value, json};

use super::limits::{BUTTONS, ELEMENTS, Platform, QUICK_REPLIES};
use crate::meta::news::mark;

/// What an echo without words is taken to say.
pub(crate) const ATTACHMENT: &str = "[attachment]";

/// Why a part can't be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the platform has nothing to show {0} with")]
pub struct Unshown(&'static str);

/// The body of one send. It answers the customer: no tag that would let it go outside of the window is ever set,
/// least of all that of a human agent.
///
/// # Errors
/// When the platform has no form for the part: the profile promises none of these.
pub fn render(delivery: &Delivery, platform: Platform) -> Result<Value, Unshown> {
    let mut message = message(delivery)?;
    if platform == Platform::Messenger {
        let mark = mark::write(delivery.id, delivery.part);
        message.insert("metadata".to_owned(), mark.into());
    }
    Ok(json!({
        "recipient": { "id": delivery.to.author },
        "messaging_type": "RESPONSE",
        "message": message,
    }))
}

fn message(delivery: &Delivery) -> Result<Map<String, Value>, Unshown> {
    let template = |payload: Value| json!({ "type": "template", "payload": payload });
    let fields = match &delivery.body {
        Part::Text(text) => json!({ "text": text }),
        Part::Buttons { body, options } => {
            let buttons = postbacks(delivery, options);
            let payload = json!({ "template_type": "button", "text": body, "buttons": buttons });
            json!({ "attachment": template(payload) })
        }
        Part::List { body, rows, .. } => {
            let rows = rows.iter().take(QUICK_REPLIES.into());
            let replies: Vec<Value> = rows
                .map(|row| {
                    let payload = token(delivery, row.action);
                    json!({ "content_type": "text", "title": row.label, "payload": payload })
                })
                .collect();
            json!({ "text": body, "quick_replies": replies })
        }
        Part::Cards(cards) => {
            let cards = cards.iter().take(ELEMENTS.into());
            let elements: Vec<Value> = cards.map(|card| element(delivery, card)).collect();
            let payload = json!({ "template_type": "generic", "elements": elements });
            json!({ "attachment": template(payload) })
        }
        Part::Link { body, label, url } => {
            let button = json!({ "type": "web_url", "title": label, "url": url });
            let payload = json!({ "template_type": "button", "text": body, "buttons": [button] });
            json!({ "attachment": template(payload) })
        }
        Part::Media { media, .. } => {
            let known = ["image", "video", "audio"];
            let of = |kind: &&str| media.mime.starts_with(*kind);
            let kind = known.into_iter().find(of).unwrap_or("file");
            let place = if media.id.starts_with("http") { "url" } else { "attachment_id" };
            json!({ "attachment": { "type": kind, "payload": { place: media.id } } })
        }
        Part::Native(native) => json!({ "text": native.words() }),
        Part::AskLocation(_) => return Err(Unshown("a request for a place")),
        Part::Summary { .. } => return Err(Unshown("an order laid out")),
        Part::Album(_) => return Err(Unshown("an album")),
        Part::Form { .. } => return Err(Unshown("a form")),
        Part::Template { .. } => return Err(Unshown("a template")),
    };
    match fields {
        Value::Object(fields) => Ok(fields),
        _ => Err(Unshown("nothing")),
    }
}

/// What the echo of a part says; of what is shown and has no words it tells only that.
pub(crate) fn words(part: &Part) -> &str {
    match part {
        Part::Text(text) | Part::List { body: text, .. } => text,
        _ => ATTACHMENT,
    }
}

fn token(delivery: &Delivery, action: ActionRef) -> String {
    delivery.tokens.get(&action.option).cloned().unwrap_or_default()
}

fn postbacks(delivery: &Delivery, options: &[(String, ActionRef)]) -> Vec<Value> {
    let button = |(label, action): &(String, ActionRef)| json!({ "type": "postback", "title": label, "payload": token(delivery, *action) });
    options.iter().take(BUTTONS).map(button).collect()
}

fn element(delivery: &Delivery, card: &CardPart) -> Value {
    let mut it = Map::new();
    it.insert("title".to_owned(), card.title.as_str().into());
    it.insert("subtitle".to_owned(), card.detail.as_str().into());
    if let Some(image) = &card.image {
        it.insert("image_url".to_owned(), image.as_str().into());
    }
    if let Some(link) = &card.link {
        let action = json!({ "type": "web_url", "url": link });
        it.insert("default_action".to_owned(), action);
    }
    if !card.options.is_empty() {
        it.insert("buttons".to_owned(), postbacks(delivery, &card.options).into());
    }
    Value::Object(it)
}
