//! One message of a customer, of whatever type.

use std::collections::BTreeMap;

use agent_core::action::is_token;
use agent_core::id::Name;
use agent_core::message::{Inbound, InboundKind, MediaRef, OrderLine, Tap};
use agent_core::money::Money;
use agent_core::time::Micros;
use serde_json::Value;

use super::parse::Change;
use crate::meta::loose::{is, sha256, text, time};
use crate::meta::news::{Place, What};

/// Lines of one order that are read: a product list shows 30.
const LINES: usize = 100;

/// Reads a message: nearly always one thing that happened.
pub(super) fn read(it: &Value, change: &Change<'_>) -> Vec<What> {
    let kind = text(it, "/type").unwrap_or_default();
    let Some(id) = text(it, "/id") else { return nothing("message without an id") };
    if it.pointer("/group_id").is_some() {
        return nothing("message in a group");
    }
    let at = time(it, "/timestamp", change.reading.now);
    if kind == "system" {
        return vec![system(it, at, change)];
    }
    let names = names(it, change);
    if names.is_empty() {
        return nothing("message of nobody");
    }
    let Some(kind) = what(&kind, it) else { return nothing(&kind) };
    let inbound = Inbound {
        reply_to: text(it, "/context/id").map(Into::into),
        referral: it.pointer("/referral").cloned(),
        ..change.place.inbound(&names, id, at, kind)
    };
    vec![What::Chat(inbound)]
}

fn nothing(named: &str) -> Vec<What> {
    vec![What::Nothing(named.to_owned())]
}

/// Every name of who wrote, the one they are answered under first: a number where there is one.
fn names(it: &Value, change: &Change<'_>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut add = |name: Option<String>| {
        if let Some(name) = name.filter(|name| !names.contains(name)) {
            names.push(name);
        }
    };
    // Only where one person is told of is it sure whom a contact is.
    let contact = match change.contacts.as_slice() {
        [contact] => Some(contact),
        _ => None,
    };
    let of_contact = |path: &str| contact.and_then(|contact| text(contact, path));
    add(text(it, "/from"));
    add(of_contact("/wa_id"));
    add(text(it, "/from_user_id").or_else(|| of_contact("/user_id")));
    add(text(it, "/from_parent_user_id").or_else(|| of_contact("/parent_user_id")));
    add(own_number(it));
    names
}

/// The number of who wrote, where we asked for it and they gave it: Meta says so, and lets nobody give another's.
/// A contact that is sent otherwise is anybody's.
fn own_number(it: &Value) -> Option<String> {
    let origin = text(it, "/contacts/0/origin").or_else(|| text(it, "/origin"))?;
    if origin != "contact_request" {
        return None;
    }
    let told = text(it, "/contacts/0/phones/0/wa_id");
    let number = told.or_else(|| text(it, "/contacts/0/phones/0/phone"))?;
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

/// What happened; none where it is nothing to answer and nothing to keep.
fn what(kind: &str, it: &Value) -> Option<InboundKind> {
    let body = |path: &str| text(it, path);
    Some(match kind {
        "text" => {
            let words = body("/text/body")?;
            match body("/context/referred_product/product_retailer_id") {
                Some(product) => InboundKind::Enquiry { product: product.into(), text: words },
                None => InboundKind::Text(words),
            }
        }
        "image" | "video" | "document" | "sticker" | "audio" | "voice" => media(kind, it),
        "location" => location(it).unwrap_or_else(|| unsupported("location")),
        "contacts" => InboundKind::Contact(it.pointer("/contacts").cloned().unwrap_or_default()),
        "button" => {
            let label = body("/button/text").or_else(|| body("/button/payload"))?;
            tapped(body("/button/payload"), label)
        }
        "interactive" => interactive(it),
        "order" => order(it),
        "reaction" => InboundKind::Reaction {
            to: body("/reaction/message_id")?.into(),
            emoji: body("/reaction/emoji"),
        },
        "edit" => InboundKind::Edit {
            of: body("/edit/original_message_id")?.into(),
            text: it.pointer("/edit/message").and_then(words).unwrap_or_default(),
        },
        "revoke" => InboundKind::Delete { of: body("/revoke/original_message_id")?.into() },
        // The chat was opened, and nothing said.
        "request_welcome" => return None,
        "unsupported" | "unknown" | "" => {
            let told = body("/unsupported/type").or_else(|| body("/errors/0/title"));
            unsupported(&told.unwrap_or_else(|| "unsupported message".to_owned()))
        }
        other => unsupported(other),
    })
}

fn unsupported(what: &str) -> InboundKind {
    InboundKind::Unsupported(what.chars().take(120).collect())
}

/// A tap is one of ours where it carries our token; a button of somebody else is what stands on it.
fn tapped(payload: Option<String>, label: String) -> InboundKind {
    match payload.filter(|payload| is_token(payload)) {
        Some(token) => InboundKind::Tap(Tap::Token(token)),
        None => InboundKind::Text(label),
    }
}

/// The words of a message, whatever carries them: also of what the shop sent.
pub(super) fn words(message: &Value) -> Option<String> {
    let of = |path: &str| text(message, path);
    of("/text/body")
        .or_else(|| of("/interactive/body/text"))
        .or_else(|| of("/button/text"))
        .or_else(|| {
            let kind = of("/type")?;
            of(&format!("/{kind}/caption")).or_else(|| of(&format!("/{kind}/name")))
        })
}

fn media(kind: &str, it: &Value) -> InboundKind {
    let of = |field: &str| text(it, &format!("/{kind}/{field}"));
    let media = MediaRef {
        id: of("id").or_else(|| of("url")).or_else(|| of("link")).unwrap_or_default(),
        mime: of("mime_type").unwrap_or_else(|| format!("{kind}/*")),
        bytes: of("file_size").and_then(|size| size.parse().ok()),
        sha256: of("sha256").and_then(|hash| sha256(&hash)),
        name: of("filename").map(Into::into),
        // As a type of its own in older webhooks.
        voice: kind == "voice" || is(it, &format!("/{kind}/voice")),
    };
    InboundKind::Media {
        media,
        caption: of("caption").or_else(|| of("filename")).unwrap_or_default(),
    }
}

fn location(it: &Value) -> Option<InboundKind> {
    let degrees = |path: &str, most: f64| {
        let degrees: f64 = text(it, path)?.parse().ok()?;
        let millionths = (degrees * 1e6).round();
        // Within the bounds of a sphere it fits.
        (degrees.abs() <= most).then_some(millionths as i32)
    };
    let words = ["/location/name", "/location/address"].iter().filter_map(|path| text(it, path));
    Some(InboundKind::Location {
        lat_e6: degrees("/location/latitude", 90.0)?,
        lon_e6: degrees("/location/longitude", 180.0)?,
        called: words.collect::<Vec<_>>().join(", "),
    })
}

fn interactive(it: &Value) -> InboundKind {
    let of = |path: &str| text(it, &format!("/interactive/{path}"));
    let kind = of("type").unwrap_or_default();
    match kind.as_str() {
        "button_reply" | "list_reply" => {
            let id = of(&format!("{kind}/id"));
            let label = of(&format!("{kind}/title")).or_else(|| id.clone()).unwrap_or_default();
            tapped(id, label)
        }
        "nfm_reply" => {
            let name = of("nfm_reply/name").unwrap_or_else(|| "flow".to_owned());
            // A string that holds JSON, or does not.
            let answers = of("nfm_reply/response_json")
                .and_then(|json| serde_json::from_str::<BTreeMap<Name, Value>>(&json).ok());
            match answers {
                Some(answers) if name == "address_message" => address(answers),
                Some(answers) => InboundKind::Form { name: name.into(), answers },
                None => unsupported("a form that can't be read"),
            }
        }
        "" => unsupported("interactive"),
        other => unsupported(other),
    }
}

/// The form Meta has for addresses: what was filled in is its answers.
fn address(mut answers: BTreeMap<Name, Value>) -> InboundKind {
    if let Some(Value::Object(fields)) = answers.remove(&Name::from("values")) {
        // India's postal code is called a PIN, which is kept of nobody.
        let named = |key: String| if key == "in_pin_code" { "postcode".into() } else { key.into() };
        answers.extend(fields.into_iter().map(|(key, value)| (named(key), value)));
    }
    InboundKind::Form { name: "address".into(), answers }
}

fn order(it: &Value) -> InboundKind {
    let items = it.pointer("/order/product_items").and_then(Value::as_array);
    let line = |item: &Value| {
        let quantity = text(item, "/quantity")?.parse::<f64>().ok()?;
        let whole = (1.0..=9_999.0).contains(&quantity) && quantity.fract() == 0.0;
        let price = text(item, "/item_price").zip(text(item, "/currency"));
        Some(OrderLine {
            variant: text(item, "/product_retailer_id")?.into(),
            quantity: if whole { quantity as u32 } else { return None },
            claimed: price.and_then(|(price, code)| Money::parse(&format!("{price} {code}")).ok()),
        })
    };
    let lines = items.into_iter().flatten().take(LINES).filter_map(line).collect();
    InboundKind::Order { lines, note: text(it, "/order/text").unwrap_or_default() }
}

/// The platform speaks: of a customer's new number or id.
fn system(it: &Value, at: Micros, change: &Change<'_>) -> What {
    let of = |path: &str| text(it, path);
    let kind = of("/system/type").unwrap_or_default();
    // `customer` and `from` are the old number, `wa_id` the new one.
    let (old, new) = match kind.as_str() {
        "user_changed_number" | "customer_changed_number" => (
            vec![of("/from"), of("/system/customer"), of("/system/previous_user_id")],
            vec![of("/system/wa_id"), of("/system/new_wa_id"), of("/system/user_id")],
        ),
        "user_changed_user_id" => (
            vec![of("/system/previous_user_id"), of("/system/previous_parent_user_id")],
            vec![of("/from"), of("/system/user_id"), of("/system/parent_user_id")],
        ),
        _ => return What::Nothing(format!("system {kind}")),
    };
    identity(old.into_iter().flatten(), new.into_iter().flatten(), at, &change.place)
        .unwrap_or_else(|| What::Nothing(format!("system {kind} without ids")))
}

/// Names that came and went; none where either is missing. They are answered under the first new one.
pub(super) fn identity(
    old: impl Iterator<Item = String>,
    new: impl Iterator<Item = String>,
    at: Micros,
    place: &Place<'_>,
) -> Option<What> {
    let new: Vec<String> = new.collect();
    let old: Vec<String> = old.filter(|name| !new.contains(name)).collect();
    if old.is_empty() || new.is_empty() {
        return None;
    }
    let id = format!("identity/{}/{}/{}", old.join("+"), new.join("+"), at.0);
    let aliases = |names: &[String]| names.iter().map(|name| place.alias(name)).collect();
    let (add, remove, same) = (aliases(&new), aliases(&old), Vec::new());
    let kind = InboundKind::Identity { add, remove, same };
    let names: Vec<String> = new.iter().chain(&old).cloned().collect();
    Some(What::Chat(place.inbound(&names, id, at, kind)))
}
