//! What Meta takes: every limit of its documents on a body that is sent, told loudly where one is broken.
//!
//! Lengths are counted in UTF-16 units, the strictest of what "characters" may mean.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{orders, template};

/// What is wrong with a body; the first thing.
pub(super) type Checked = Result<(), String>;

/// The text at a path.
pub(super) fn text<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    value.pointer(path).and_then(Value::as_str)
}

pub(super) fn items<'a>(value: &'a Value, path: &str) -> &'a [Value] {
    value.pointer(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A text that must be there, not empty, and at most so long.
pub(super) fn within(value: &Value, path: &str, most: usize) -> Checked {
    let Some(text) = text(value, path) else { return Err(format!("{path} is missing")) };
    let length = text.encode_utf16().count();
    match length {
        0 => Err(format!("{path} is empty")),
        _ if text.trim().is_empty() => Err(format!("{path} is blank")),
        _ if length > most => Err(format!("{path} has {length} characters; at most {most}")),
        _ => Ok(()),
    }
}

/// The same where it may be missing.
pub(super) fn perhaps(value: &Value, path: &str, most: usize) -> Checked {
    if value.pointer(path).is_some() { within(value, path, most) } else { Ok(()) }
}

pub(super) fn between(what: &str, count: usize, least: usize, most: usize) -> Checked {
    if (least..=most).contains(&count) {
        Ok(())
    } else {
        Err(format!("{count} {what}; {least} to {most} are taken"))
    }
}

pub(super) fn distinct<'a>(what: &str, words: impl Iterator<Item = &'a str>) -> Checked {
    let mut seen = BTreeSet::new();
    for word in words {
        if !seen.insert(word.to_owned()) {
            return Err(format!("two {what} are `{word}`"));
        }
    }
    Ok(())
}

pub(super) fn web(value: &Value, path: &str) -> Checked {
    match text(value, path) {
        Some(url) if url.starts_with("https://") || url.starts_with("http://") => Ok(()),
        Some(url) => Err(format!("{path} is no web address: {url}")),
        None => Err(format!("{path} is missing")),
    }
}

/// A body for `POST /{number}/messages` of WhatsApp.
///
/// # Errors
/// The first limit it breaks.
pub fn whatsapp(body: &Value) -> Checked {
    if text(body, "/messaging_product") != Some("whatsapp") {
        return Err("messaging_product is not whatsapp".to_owned());
    }
    if text(body, "/status") == Some("read") {
        return within(body, "/message_id", 512);
    }
    if text(body, "/to").or_else(|| text(body, "/recipient")).is_none_or(str::is_empty) {
        return Err("neither to nor recipient".to_owned());
    }
    perhaps(body, "/biz_opaque_callback_data", 512)?;
    // A message that says nothing of its type is text.
    let kind = text(body, "/type").unwrap_or("text");
    let content = body.get(kind).ok_or_else(|| format!("the object {kind} is missing"))?;
    match kind {
        "text" => within(content, "/body", 4_096),
        "image" | "video" | "document" => {
            file(content)?;
            perhaps(content, "/filename", 240)?;
            perhaps(content, "/caption", 1_024)
        }
        "audio" | "sticker" if content.get("caption").is_some() => {
            Err(format!("{kind} has no caption"))
        }
        "audio" => {
            file(content)?;
            let voice = content.get("voice").is_none_or(Value::is_boolean);
            if voice { Ok(()) } else { Err("voice is yes or no".to_owned()) }
        }
        "sticker" => file(content),
        "location" => orders::place(content),
        "reaction" => orders::reaction(content),
        "contacts" => orders::contacts(content),
        "interactive" => interactive(content, recipient(body)),
        "template" => template::template(content),
        other => Err(format!("the type {other} is unknown")),
    }
}

/// Whom it is for.
fn recipient(body: &Value) -> &str {
    text(body, "/to").or_else(|| text(body, "/recipient")).unwrap_or_default()
}

pub(super) fn file(content: &Value) -> Checked {
    match (text(content, "/id"), content.get("link")) {
        (Some(id), None) if !id.is_empty() => Ok(()),
        (None, Some(_)) => web(content, "/link"),
        _ => Err("a file needs either id or link".to_owned()),
    }
}

fn interactive(it: &Value, to: &str) -> Checked {
    let kind = text(it, "/type").ok_or("interactive without a type")?;
    perhaps(it, "/footer/text", 60)?;
    header(it, kind)?;
    match kind {
        "button" => {
            within(it, "/body/text", 1_024)?;
            buttons(items(it, "/action/buttons"))
        }
        "list" => {
            within(it, "/body/text", 1_024)?;
            within(it, "/action/button", 20)?;
            sections(items(it, "/action/sections"))
        }
        "cta_url" => {
            within(it, "/body/text", 1_024)?;
            within(it, "/action/parameters/display_text", 20)?;
            web(it, "/action/parameters/url")
        }
        "product" => {
            perhaps(it, "/body/text", 1_024)?;
            within(it, "/action/catalog_id", 128)?;
            within(it, "/action/product_retailer_id", 128)
        }
        "product_list" => {
            within(it, "/body/text", 1_024)?;
            within(it, "/action/catalog_id", 128)?;
            goods(items(it, "/action/sections"))
        }
        "catalog_message" => within(it, "/body/text", 1_024),
        "location_request_message" => template::asked(it, "send_location"),
        "request_contact_info" => template::asked(it, "request_contact_info"),
        "address_message" => template::address(it, to),
        "flow" => orders::flow(it),
        "carousel" => orders::carousel(it),
        "order_details" => orders::details(it),
        "order_status" => orders::status(it),
        other => Err(format!("the interactive type {other} is unknown")),
    }
}

fn header(it: &Value, kind: &str) -> Checked {
    let Some(header) = it.get("header") else {
        return match kind {
            "product_list" => Err("a product_list needs a header".to_owned()),
            _ => Ok(()),
        };
    };
    match (kind, text(header, "/type").unwrap_or_default()) {
        ("product" | "carousel", _) => Err(format!("{kind} has no header")),
        ("list" | "product_list", found) if found != "text" => {
            Err(format!("the header of a {kind} is words, not {found}"))
        }
        (_, "text") => within(header, "/text", 60),
        (_, media @ ("image" | "video" | "document")) => {
            file(header.get(media).unwrap_or(&Value::Null))
        }
        (_, found) => Err(format!("a header of {found}")),
    }
}

fn buttons(buttons: &[Value]) -> Checked {
    between("buttons", buttons.len(), 1, 3)?;
    for button in buttons {
        within(button, "/reply/title", 20)?;
        within(button, "/reply/id", 256)?;
        let id = text(button, "/reply/id").unwrap_or_default();
        if id != id.trim() {
            return Err(format!("the id `{id}` has spaces at its edge"));
        }
    }
    let of = |path| buttons.iter().filter_map(move |button| text(button, path));
    distinct("buttons' ids", of("/reply/id"))?;
    distinct("buttons' titles", of("/reply/title"))
}

fn sections(sections: &[Value]) -> Checked {
    between("sections", sections.len(), 1, 10)?;
    for section in sections {
        if sections.len() > 1 || section.get("title").is_some() {
            within(section, "/title", 24)?;
        }
    }
    let rows: Vec<&Value> = sections.iter().flat_map(|section| items(section, "/rows")).collect();
    between("rows", rows.len(), 1, 10)?;
    for row in &rows {
        within(row, "/id", 200)?;
        within(row, "/title", 24)?;
        perhaps(row, "/description", 72)?;
    }
    distinct("rows' ids", rows.iter().filter_map(|row| text(row, "/id")))
}

pub(super) fn goods(sections: &[Value]) -> Checked {
    between("sections", sections.len(), 1, 10)?;
    for section in sections {
        within(section, "/title", 24)?;
    }
    let all: Vec<&Value> =
        sections.iter().flat_map(|section| items(section, "/product_items")).collect();
    between("products", all.len(), 1, 30)?;
    all.iter().try_for_each(|item| within(item, "/product_retailer_id", 128))
}

/// A body for `POST /{page}/messages` of Messenger, or of Instagram.
///
/// # Errors
/// The first limit it breaks.
pub fn messenger(body: &Value, instagram: bool) -> Checked {
    if text(body, "/recipient/id").is_none_or(str::is_empty) {
        return Err("no recipient".to_owned());
    }
    if let Some(action) = body.get("sender_action") {
        let known = ["typing_on", "typing_off", "mark_seen"];
        let alone = body.as_object().is_some_and(|fields| fields.len() == 2);
        return match action.as_str() {
            Some(action) if known.contains(&action) && alone => Ok(()),
            _ => Err("a sender_action that is unknown, or not alone".to_owned()),
        };
    }
    if body.get("tag").is_some() || text(body, "/messaging_type") != Some("RESPONSE") {
        return Err("an agent may only answer: RESPONSE, without a tag".to_owned());
    }
    let message = body.get("message").ok_or("no message")?;
    perhaps(message, "/metadata", 1_000)?;
    let replies = items(message, "/quick_replies");
    between("quick replies", replies.len(), 0, 13)?;
    for reply in replies {
        within(reply, "/title", 20)?;
        within(reply, "/payload", 1_000)?;
    }
    if let Some(words) = message.get("text") {
        let bytes = words.as_str().map_or(0, str::len);
        return match instagram {
            true if bytes > 1_000 => Err(format!("{bytes} bytes of text; at most 1000")),
            _ => within(message, "/text", 2_000),
        };
    }
    let payload = message.pointer("/attachment/payload").ok_or("neither text nor attachment")?;
    match (text(message, "/attachment/type"), text(payload, "/template_type")) {
        (Some("image" | "video" | "audio" | "file"), _) => match payload.get("attachment_id") {
            Some(_) => Ok(()),
            None => web(payload, "/url"),
        },
        (Some("template"), Some("button")) => {
            within(payload, "/text", 640)?;
            postbacks(items(payload, "/buttons"), 1)
        }
        (Some("template"), Some("generic")) => {
            let elements = items(payload, "/elements");
            between("elements", elements.len(), 1, 10)?;
            for element in elements {
                within(element, "/title", 80)?;
                perhaps(element, "/subtitle", 80)?;
                postbacks(items(element, "/buttons"), 0)?;
            }
            Ok(())
        }
        found => Err(format!("an attachment of {found:?}")),
    }
}

fn postbacks(buttons: &[Value], least: usize) -> Checked {
    between("buttons", buttons.len(), least, 3)?;
    for button in buttons {
        within(button, "/title", 20)?;
        match text(button, "/type") {
            Some("postback") => within(button, "/payload", 1_000)?,
            Some("web_url") => web(button, "/url")?,
            found => return Err(format!("a button of {found:?}")),
        }
    }
    Ok(())
}
