//! An approved template with what fills it: its words, what stands above them, and its buttons.

use agent_core::channel::Delivery;
use agent_core::id::Name;
use agent_core::message::{ActionRef, Fill, Header, TemplateButton};
use serde_json::{Map, Value, json};

use super::limits::{BODY, CODE, HEADER, TEMPLATE_BUTTONS, URL};
use super::native::{place, token_of_form};
use super::render::{Shelf, Unshown, cut, file, token};

/// What a template is filled with.
#[derive(Copy, Clone)]
pub(super) struct Filled<'a> {
    pub(super) name: &'a Name,
    pub(super) slots: &'a [(Name, String)],
    pub(super) header: Option<&'a Header>,
    pub(super) buttons: &'a [TemplateButton<ActionRef>],
}

/// The template's content.
///
/// # Errors
/// When it is filled with something that no template takes, and that can't be cut.
pub(super) fn content(
    delivery: &Delivery,
    filled: Filled<'_>,
    shelf: &Shelf,
) -> Result<Value, Unshown> {
    let Filled { name, slots, header, buttons } = filled;
    let mut components: Vec<Value> = header.map(above).transpose()?.into_iter().collect();
    if !slots.is_empty() {
        let words = |(slot, text): &(Name, String)| parameter(slot, &cut(&line(text), &BODY));
        let parameters: Vec<Value> = slots.iter().map(words).collect::<Result<_, _>>()?;
        components.push(json!({ "type": "body", "parameters": parameters }));
    }
    for it in buttons {
        components.push(button(delivery, it)?);
    }
    let language = json!({ "code": shelf.language });
    let mut template = Map::new();
    template.insert("name".to_owned(), name.as_str().into());
    template.insert("language".to_owned(), language);
    if !components.is_empty() {
        template.insert("components".to_owned(), components.into());
    }
    Ok(Value::Object(template))
}

/// A piece of words, by its number, or by its name: at most 20 small letters and `_`.
fn parameter(slot: &Name, text: &str) -> Result<Value, Unshown> {
    let slot = slot.as_str();
    if !slot.is_empty() && slot.bytes().all(|c| c.is_ascii_digit()) {
        return Ok(json!({ "type": "text", "text": text }));
    }
    let plain = slot.bytes().all(|c| c.is_ascii_lowercase() || c == b'_');
    if !plain || !(1..=20).contains(&slot.len()) {
        return Err(Unshown("a piece of a template that is named so"));
    }
    Ok(json!({ "type": "text", "parameter_name": slot, "text": text }))
}

/// What fills a template stands within its lines: Meta takes no breaks, no tabs and no gaps there.
fn line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() { "–".to_owned() } else { line }
}

fn above(header: &Header) -> Result<Value, Unshown> {
    let parameter = match header {
        Header::Text { slot, text } => parameter(slot, &cut(&line(text), &HEADER))?,
        Header::Media(media) => {
            let (kind, content) = file(media, "");
            if !matches!(kind, "image" | "video" | "document") {
                return Err(Unshown("sound or a sticker above a template's words"));
            }
            json!({ "type": kind, kind: content })
        }
        Header::Place { name, address, lat_e6, lon_e6 } => {
            let place = place((&line(name), &line(address)), *lat_e6, *lon_e6);
            json!({ "type": "location", "location": place })
        }
    };
    Ok(json!({ "type": "header", "parameters": [parameter] }))
}

fn button(delivery: &Delivery, button: &TemplateButton<ActionRef>) -> Result<Value, Unshown> {
    if button.place >= TEMPLATE_BUTTONS {
        return Err(Unshown("a template's eleventh button"));
    }
    let (kind, parameter) = match &button.fill {
        Fill::Reply(action) => {
            ("quick_reply", json!({ "type": "payload", "payload": token(delivery, *action) }))
        }
        // A link or a code that was cut would lead nowhere.
        Fill::Link(end) if end.trim().is_empty() || end.len() > URL => {
            return Err(Unshown("an end of a link that is empty, or longer than any link"));
        }
        Fill::Link(end) => ("url", json!({ "type": "text", "text": end })),
        Fill::Code(code) if code.trim().is_empty() || !CODE.fits(code) => {
            return Err(Unshown("a code that is empty, or longer than 20 characters"));
        }
        Fill::Code(code) => ("copy_code", json!({ "type": "coupon_code", "coupon_code": code })),
        Fill::Form => {
            let action = json!({ "flow_token": token_of_form(delivery) });
            ("flow", json!({ "type": "action", "action": action }))
        }
    };
    Ok(json!({
        "type": "button",
        "sub_type": kind,
        "index": button.place.to_string(),
        "parameters": [parameter],
    }))
}
