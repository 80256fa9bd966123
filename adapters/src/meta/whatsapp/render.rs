//! A part as the body of one send. Pure, and never beyond a limit of the platform.

use std::collections::BTreeMap;

use agent_core::channel::Delivery;
use agent_core::id::Name;
use agent_core::message::{ActionRef, CardPart, ListRow, MediaRef, Part};
use agent_core::profile::Limit;
use serde_json::{Map, Value, json};

use super::limits::{BODY, BUTTON, CAROUSEL, FILENAME, HEADER, PRODUCTS, ROW, TEXT, URL};
use super::pay::Payments;
use super::template::Filled;
use super::{native, template};
use crate::meta::errors::PLAIN;
use crate::meta::news::mark;

/// The type of a voice message.
const SPOKEN: &str = "audio/ogg";
/// The type of a sticker: pictures are JPEG or PNG.
const STICKER: &str = "image/webp";

/// What a number has on Meta's side that parts are shown with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shelf {
    /// The catalogue that is connected to it, whose products have the shop's own ids.
    pub catalog: Option<String>,
    /// The language its templates are sent in, as Meta writes it: `en_US`.
    pub language: String,
    /// Its forms: what a pack calls one, and Meta's id of the flow.
    pub forms: BTreeMap<Name, String>,
    /// How orders are paid in the chat, where the country has that.
    pub payments: Option<Payments>,
    /// Whether it asks for addresses by Meta's own form, which numbers of India have for customers of India.
    pub addresses: bool,
}

/// Why a part can't be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("WhatsApp has nothing to show {0} with")]
pub struct Unshown(pub(super) &'static str);

/// The body of one send.
///
/// # Errors
/// When the platform has no form for the part: the profile promises none of these.
pub fn render(delivery: &Delivery, shelf: &Shelf) -> Result<Value, Unshown> {
    let (kind, content) = content(delivery, shelf)?;
    let mut body = Map::new();
    body.insert("messaging_product".to_owned(), "whatsapp".into());
    body.insert("recipient_type".to_owned(), "individual".into());
    let to = &delivery.to.author;
    body.insert(recipient(to).to_owned(), to.as_str().into());
    body.insert("type".to_owned(), kind.into());
    body.insert(kind.to_owned(), content);
    let mark = mark::write(delivery.id, delivery.part);
    body.insert("biz_opaque_callback_data".to_owned(), mark.into());
    Ok(Value::Object(body))
}

/// The key a customer stands under: a number, or a business-scoped id (`US.1349…`).
pub(super) fn recipient(name: &str) -> &'static str {
    let mut parts = name.splitn(2, '.');
    let country = parts.next().unwrap_or_default();
    let scoped = country.len() == 2 && country.bytes().all(|c| c.is_ascii_uppercase());
    if scoped && parts.next().is_some() { "recipient" } else { "to" }
}

fn content(delivery: &Delivery, shelf: &Shelf) -> Result<(&'static str, Value), Unshown> {
    let interactive = |content| Ok(("interactive", content));
    match &delivery.body {
        Part::Text(text) => Ok(words(text)),
        Part::Buttons { body, options } => interactive(json!({
            "type": "button",
            "body": { "text": marked(body) },
            "action": { "buttons": buttons(delivery, options) },
        })),
        Part::List { body, open, rows } => interactive(list(delivery, body, open, rows)),
        Part::Cards(cards) => Ok(match (&shelf.catalog, cards.as_slice()) {
            (Some(catalog), cards) if cards.iter().all(|card| card.options.is_empty()) => {
                ("interactive", products(catalog, cards))
            }
            (_, [card]) => one_card(delivery, card),
            (_, cards) => {
                let texts: Vec<String> = cards.iter().map(card_text).collect();
                words(&texts.join("\n\n"))
            }
        }),
        Part::Media { media, caption } if is_plain(delivery) && is_link(&media.id) => {
            Ok(words(format!("{caption}\n{}", media.id).trim()))
        }
        Part::Media { media, caption } => Ok(file(media, caption)),
        Part::Link { body, label, url } => Ok(link(body, label, url)),
        Part::Template { name, slots, header, buttons, cards, until } => {
            let header = header.as_ref();
            let filled = Filled { name, slots, header, buttons, cards, until: *until };
            template::content(delivery, filled, shelf).map(|content| ("template", content))
        }
        Part::AskLocation(ask) => interactive(json!({
            "type": "location_request_message",
            "body": { "text": cut(&marked(ask), &BODY) },
            "action": { "name": "send_location" },
        })),
        Part::Form { name, body } => match shelf.forms.get(name) {
            Some(flow) => interactive(native::form(delivery, flow, body)),
            None => Ok(words(body)),
        },
        Part::Native(it) => native::content(it, delivery, shelf).map_err(Unshown),
        Part::Summary { .. } => Err(Unshown("an order laid out")),
        Part::Album(_) => Err(Unshown("an album")),
    }
}

/// Whether it was sent so often that Meta could perhaps not fetch its file.
pub(super) fn is_plain(delivery: &Delivery) -> bool {
    delivery.id.times() >= PLAIN
}

pub(super) fn words(text: &str) -> (&'static str, Value) {
    let text = cut(&marked(text), &TEXT);
    let preview = text.contains("https://") || text.contains("http://");
    ("text", json!({ "body": text, "preview_url": preview }))
}

pub(super) fn token(delivery: &Delivery, action: ActionRef) -> String {
    delivery.tokens.get(&action.option).cloned().unwrap_or_default()
}

fn buttons(delivery: &Delivery, options: &[(String, ActionRef)]) -> Vec<Value> {
    let button = |(label, action): &(String, ActionRef)| {
        json!({
            "type": "reply",
            "reply": { "id": token(delivery, *action), "title": cut(label, &BUTTON) },
        })
    };
    options.iter().map(button).collect()
}

fn list(delivery: &Delivery, body: &str, open: &str, rows: &[ListRow]) -> Value {
    let row = |row: &ListRow| {
        let mut it = json!({ "id": token(delivery, row.action), "title": cut(&row.label, &ROW) });
        if let Some(fields) = it.as_object_mut().filter(|_| !row.hint.is_empty()) {
            fields.insert("description".to_owned(), row.hint.as_str().into());
        }
        it
    };
    let rows: Vec<Value> = rows.iter().map(row).collect();
    let open = if open.trim().is_empty() { "…" } else { open };
    json!({
        "type": "list",
        "body": { "text": marked(body) },
        "action": { "button": cut(open, &BUTTON), "sections": [{ "rows": rows }] },
    })
}

fn card_text(card: &CardPart) -> String {
    let lines = [Some(format!("*{}*", card.title)), Some(card.detail.clone()), card.link.clone()];
    let lines: Vec<String> = lines.into_iter().flatten().filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// One product: its picture, its words, and its buttons below.
fn one_card(delivery: &Delivery, card: &CardPart) -> (&'static str, Value) {
    let text = card_text(card);
    let picture = card.image.as_deref().filter(|url| is_link(url) && !is_plain(delivery));
    if card.options.is_empty() {
        return match picture {
            Some(url) => ("image", json!({ "link": url, "caption": cut(&text, &BODY) })),
            None => words(&text),
        };
    }
    let mut content = json!({
        "type": "button",
        "body": { "text": cut(&text, &BODY) },
        "action": { "buttons": buttons(delivery, &card.options) },
    });
    if let (Some(url), Some(fields)) = (picture, content.as_object_mut()) {
        let header = json!({ "type": "image", "image": { "link": url } });
        fields.insert("header".to_owned(), header);
    }
    ("interactive", content)
}

/// Products of Meta's own catalogue: one alone, a row of up to ten with their pictures, or a list of up to 30.
fn products(catalog: &str, cards: &[CardPart]) -> Value {
    let texts: Vec<String> = cards.iter().map(card_text).collect();
    let text = cut(&texts.join("\n\n"), &BODY);
    if let [card] = cards {
        return json!({
            "type": "product",
            "body": { "text": text },
            "action": { "catalog_id": catalog, "product_retailer_id": card.record.as_str() },
        });
    }
    if cards.len() <= CAROUSEL {
        let card = |(n, card): (usize, &CardPart)| {
            let action =
                json!({ "product_retailer_id": card.record.as_str(), "catalog_id": catalog });
            json!({ "card_index": n, "type": "product", "action": action })
        };
        let cards: Vec<Value> = cards.iter().enumerate().map(card).collect();
        return json!({
            "type": "carousel",
            "body": { "text": text },
            "action": { "cards": cards },
        });
    }
    let item = |card: &CardPart| json!({ "product_retailer_id": card.record.as_str() });
    let items: Vec<Value> = cards.iter().take(PRODUCTS).map(item).collect();
    let title = cards.first().map(|card| card.title.as_str()).unwrap_or_default();
    json!({
        "type": "product_list",
        // A list of products must have a header.
        "header": { "type": "text", "text": cut(&format!("{title} +{}", cards.len() - 1), &HEADER) },
        "body": { "text": text },
        "action": {
            "catalog_id": catalog,
            "sections": [{ "title": cut(title, &ROW), "product_items": items }],
        },
    })
}

/// A file by its type. A picture in WebP is a sticker, which has no caption; with words it goes as a document.
pub(super) fn file(media: &MediaRef, caption: &str) -> (&'static str, Value) {
    let kind = match media.mime.split('/').next() {
        Some("image") if media.mime != STICKER => "image",
        Some("image") if caption.is_empty() => "sticker",
        Some("video") => "video",
        Some("audio") => "audio",
        _ => "document",
    };
    let place = if is_link(&media.id) { "link" } else { "id" };
    let mut content = Map::new();
    content.insert(place.to_owned(), media.id.as_str().into());
    if kind != "audio" && !caption.is_empty() {
        content.insert("caption".to_owned(), cut(&marked(caption), &BODY).into());
    }
    if let Some(name) = filename(media).filter(|_| kind == "document") {
        content.insert("filename".to_owned(), name.into());
    }
    // Somebody speaking is shown with their picture and told of as played; Meta has that of Opus alone.
    if kind == "audio" && media.voice && media.mime.starts_with(SPOKEN) {
        content.insert("voice".to_owned(), true.into());
    }
    (kind, Value::Object(content))
}

/// What a document is called, by its own name or by its link: without one it is shown as untitled.
pub(super) fn filename(media: &MediaRef) -> Option<String> {
    let of_link = || {
        let path = media.id.split(['?', '#']).next().filter(|_| is_link(&media.id))?;
        let (_, path) = path.split_once("//")?;
        let (_, name) = path.rsplit_once('/')?;
        name.contains('.').then(|| name.to_owned())
    };
    let name = media.name.as_deref().map(str::to_owned).or_else(of_link)?;
    let plain = |c: &char| !c.is_control() && !matches!(c, '"' | '/' | '\\');
    let name: String = name.chars().filter(plain).collect();
    let name = name.trim();
    (!name.is_empty() && name.len() <= FILENAME).then(|| name.to_owned())
}

fn link(body: &str, label: &str, url: &str) -> (&'static str, Value) {
    if !is_link(url) || url.len() > URL || label.trim().is_empty() {
        return words(&format!("{body}\n{url}"));
    }
    let content = json!({
        "type": "cta_url",
        "body": { "text": cut(&marked(body), &BODY) },
        "action": {
            "name": "cta_url",
            "parameters": { "display_text": cut(label, &BUTTON), "url": url },
        },
    });
    ("interactive", content)
}

pub(super) fn is_link(url: &str) -> bool {
    (url.starts_with("https://") || url.starts_with("http://"))
        && !url.contains(char::is_whitespace)
}

/// WhatsApp writes bold with one star; a model, with two.
pub(super) fn marked(text: &str) -> String {
    text.replace("**", "*")
}

/// The text within a limit. What lowering cut is within it already; this holds it for what is put together here.
pub(super) fn cut(text: &str, limit: &Limit) -> String {
    if limit.fits(text) {
        return text.to_owned();
    }
    let mut short = String::new();
    for c in text.chars() {
        short.push(c);
        if !limit.fits(&format!("{short}…")) {
            short.pop();
            break;
        }
    }
    format!("{}…", short.trim_end())
}
