//! An approved template with what fills it: its words, what stands above them, and its buttons.

use agent_core::channel::Delivery;
use agent_core::id::Name;
use agent_core::message::{
    ActionRef, CardShows, Fill, Header, MediaRef, TemplateButton, TemplateCard,
};
use agent_core::profile::Limit;
use agent_core::time::Micros;
use serde_json::{Map, Value, json};

use super::limits::{
    BODY, CARD, CARD_BUTTONS, CAROUSEL, CODE, HEADER, PRODUCTS, ROW, TEMPLATE_BUTTONS, URL,
};
use super::native::{place, token_of_form};
use super::render::{Shelf, Unshown, cut, file, token};

/// What a template is filled with.
#[derive(Copy, Clone)]
pub(super) struct Filled<'a> {
    pub(super) name: &'a Name,
    pub(super) slots: &'a [(Name, String)],
    pub(super) header: Option<&'a Header>,
    pub(super) buttons: &'a [TemplateButton<ActionRef>],
    pub(super) cards: &'a [TemplateCard<ActionRef>],
    pub(super) until: Option<Micros>,
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
    let Filled { name, slots, header, buttons, cards, until } = filled;
    let above = match (header, until) {
        // An offer of limited time has a picture or a film above it, or nothing.
        (Some(Header::Media(media)), Some(_)) => Some(top(&pictured(media, &["image", "video"])?)),
        (Some(_), Some(_)) => return Err(Unshown("this above an offer of limited time")),
        (header, None) => header.map(above).transpose()?,
        (None, Some(_)) => None,
    };
    let mut components: Vec<Value> = above.into_iter().collect();
    components.extend(body(slots, &BODY)?);
    components.extend(until.map(offered));
    for it in buttons {
        components.push(button(delivery, it, TEMPLATE_BUTTONS)?);
    }
    if !cards.is_empty() {
        components.push(carousel(delivery, cards, shelf)?);
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

/// What fills the words.
fn body(slots: &[(Name, String)], limit: &Limit) -> Result<Option<Value>, Unshown> {
    let words = |(slot, text): &(Name, String)| parameter(slot, &cut(&line(text), limit));
    let parameters: Vec<Value> = slots.iter().map(words).collect::<Result<_, _>>()?;
    let body = json!({ "type": "body", "parameters": parameters });
    Ok((!slots.is_empty()).then_some(body))
}

/// Until when an offer holds, which the customer sees count down.
fn offered(until: Micros) -> Value {
    let offer = json!({ "expiration_time_ms": until.0 / 1_000 });
    let parameter = json!({ "type": "limited_time_offer", "limited_time_offer": offer });
    json!({ "type": "limited_time_offer", "parameters": [parameter] })
}

/// The row of cards: each with its picture or product, its words and its buttons.
fn carousel(
    delivery: &Delivery,
    cards: &[TemplateCard<ActionRef>],
    shelf: &Shelf,
) -> Result<Value, Unshown> {
    if !(2..=CAROUSEL).contains(&cards.len()) {
        return Err(Unshown("a template's row of one card, or of more than ten"));
    }
    let card = |(n, card): (usize, &TemplateCard<ActionRef>)| {
        let mut components = vec![shown(&card.shows, shelf)?];
        components.extend(body(&card.slots, &CARD)?);
        for it in &card.buttons {
            components.push(button(delivery, it, CARD_BUTTONS)?);
        }
        Ok(json!({ "card_index": n, "components": components }))
    };
    let cards: Vec<Value> = cards.iter().enumerate().map(card).collect::<Result<_, _>>()?;
    Ok(json!({ "type": "carousel", "cards": cards }))
}

/// What stands on top of a card.
fn shown(shows: &CardShows, shelf: &Shelf) -> Result<Value, Unshown> {
    let parameter = match shows {
        CardShows::Media(media) => pictured(media, &["image", "video"])?,
        CardShows::Product(record) => {
            let Some(catalog) = &shelf.catalog else {
                return Err(Unshown("a product on a card, for a number without a catalogue"));
            };
            let product = json!({ "product_retailer_id": record.as_str(), "catalog_id": catalog });
            json!({ "type": "product", "product": product })
        }
    };
    Ok(top(&parameter))
}

fn top(parameter: &Value) -> Value {
    json!({ "type": "header", "parameters": [parameter] })
}

/// A file that stands above words, where it is of one of these types.
fn pictured(media: &MediaRef, kinds: &[&str]) -> Result<Value, Unshown> {
    let (kind, content) = file(media, "");
    match kinds.contains(&kind) {
        true => Ok(json!({ "type": kind, kind: content })),
        false => Err(Unshown("a file of this type above a template's words")),
    }
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
        Header::Media(media) => pictured(media, &["image", "video", "document"])?,
        Header::Place { name, address, lat_e6, lon_e6 } => {
            let place = place((&line(name), &line(address)), *lat_e6, *lon_e6);
            json!({ "type": "location", "location": place })
        }
    };
    Ok(top(&parameter))
}

fn button(
    delivery: &Delivery,
    button: &TemplateButton<ActionRef>,
    most: u8,
) -> Result<Value, Unshown> {
    if button.place >= most {
        return Err(Unshown("more buttons than a template or its card has"));
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
        Fill::Catalog(record) => {
            let mut action = Map::new();
            if let Some(record) = record {
                action.insert("thumbnail_product_retailer_id".to_owned(), record.as_str().into());
            }
            ("catalog", json!({ "type": "action", "action": action }))
        }
        Fill::Products { title, records } => {
            ("mpm", json!({ "type": "action", "action": products(title, records)? }))
        }
    };
    Ok(json!({
        "type": "button",
        "sub_type": kind,
        "index": button.place.to_string(),
        "parameters": [parameter],
    }))
}

/// Products that a button opens, with the first one's picture.
fn products(title: &str, records: &[Name]) -> Result<Value, Unshown> {
    let Some(first) = records.first().filter(|_| records.len() <= PRODUCTS) else {
        return Err(Unshown("no products behind a button, or more than 30"));
    };
    let items: Vec<Value> =
        records.iter().map(|it| json!({ "product_retailer_id": it.as_str() })).collect();
    Ok(json!({
        "thumbnail_product_retailer_id": first.as_str(),
        "sections": [{ "title": cut(&line(title), &ROW), "product_items": items }],
    }))
}
