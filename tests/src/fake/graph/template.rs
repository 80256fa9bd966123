//! Approved templates, and requests that have a button of Meta's own.

use std::collections::BTreeSet;

use serde_json::Value;

use super::limits::{Checked, between, file, goods, items, perhaps, text, within};
use super::orders::place;

/// Letters of what a quick reply of a template brings back.
const PAYLOAD: usize = 128;

pub(super) fn template(it: &Value) -> Checked {
    named(it)?;
    filled(items(it, "/components"), (10, 1_024))?;
    let offers = items(it, "/components").iter().any(|it| kind(it) == "limited_time_offer");
    let above = items(it, "/components").iter().find(|it| kind(it) == "header");
    let words = above.and_then(|it| text(it, "/parameters/0/type"));
    match words.filter(|_| offers) {
        None | Some("image" | "video") => Ok(()),
        Some(found) => Err(format!("an offer of limited time below a {found}")),
    }
}

fn named(it: &Value) -> Checked {
    within(it, "/name", 512)?;
    let name = text(it, "/name").unwrap_or_default();
    if !name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_') {
        return Err(format!("a template can't be named `{name}`"));
    }
    within(it, "/language/code", 16)
}

fn kind(component: &Value) -> String {
    text(component, "/type").unwrap_or_default().to_lowercase()
}

/// The components of a template, or of one of its cards, which has so many buttons and so long words.
fn filled(components: &[Value], (buttons, words): (u64, usize)) -> Checked {
    let mut seen = BTreeSet::new();
    for component in components {
        let kind = kind(component);
        let which = match kind.as_str() {
            "button" => format!("button {}", index(component, buttons)?),
            _ => kind,
        };
        if !seen.insert(which.clone()) {
            return Err(format!("a template with two of {which}"));
        }
        match which.as_str() {
            "header" => header(component)?,
            "body" => items(component, "/parameters").iter().try_for_each(|it| piece(it, words))?,
            "carousel" if buttons == 10 => cards(items(component, "/cards"))?,
            "limited_time_offer" if buttons == 10 => offer(component)?,
            _ if which.starts_with("button ") => button(component)?,
            _ => return Err(format!("a template's {which}")),
        }
    }
    Ok(())
}

/// A template's row of cards: all with a picture, a film or a product, and with the same buttons.
fn cards(cards: &[Value]) -> Checked {
    between("cards", cards.len(), 2, 10)?;
    let mut alike = BTreeSet::new();
    for (n, card) in cards.iter().enumerate() {
        if card.get("card_index").and_then(Value::as_u64) != Some(n as u64) {
            return Err(format!("the card at {n} has another card_index"));
        }
        let components = items(card, "/components");
        filled(components, (2, 160))?;
        let above = components.iter().find(|it| kind(it) == "header");
        let shows = above.and_then(|it| text(it, "/parameters/0/type")).unwrap_or_default();
        if !matches!(shows, "image" | "video" | "product") {
            return Err(format!("a card with `{shows}` on top"));
        }
        let of = |it: &&Value| kind(it) == "button";
        let sub = |it: &Value| text(it, "/sub_type").unwrap_or_default().to_lowercase();
        let buttons: Vec<String> = components.iter().filter(of).map(sub).collect();
        alike.insert((shows.to_owned(), buttons));
    }
    if alike.len() > 1 { Err(format!("cards of several sorts: {alike:?}")) } else { Ok(()) }
}

fn offer(component: &Value) -> Checked {
    let until = component.pointer("/parameters/0/limited_time_offer/expiration_time_ms");
    match until.and_then(Value::as_u64) {
        // In milliseconds: in seconds it would be long over.
        Some(until) if until > 1_000_000_000_000 => Ok(()),
        found => Err(format!("an offer that ends at {found:?}")),
    }
}

/// Products that a button opens.
fn products(action: &Value) -> Checked {
    within(action, "/thumbnail_product_retailer_id", 128)?;
    goods(items(action, "/sections"))
}

/// Which button, as a number or as one in a string.
fn index(component: &Value, most: u64) -> Result<u64, String> {
    let told = component.get("index");
    let number = told.and_then(Value::as_u64).or_else(|| told?.as_str()?.parse().ok());
    number.filter(|n| *n < most).ok_or_else(|| format!("{told:?} is none of {most} buttons"))
}

/// What fills a piece of words.
fn piece(parameter: &Value, most: usize) -> Checked {
    if let Some(name) = text(parameter, "/parameter_name") {
        let plain = name.bytes().all(|c| c.is_ascii_lowercase() || c == b'_');
        if !plain || !(1..=20).contains(&name.len()) {
            return Err(format!("a template's piece can't be named `{name}`"));
        }
    }
    match text(parameter, "/type") {
        Some("text") => {
            within(parameter, "/text", most)?;
            let words = text(parameter, "/text").unwrap_or_default();
            if words.contains(['\n', '\t']) || words.contains("     ") {
                return Err("what fills a template has no breaks, tabs or gaps".to_owned());
            }
            Ok(())
        }
        Some("currency" | "date_time") => Ok(()),
        found => Err(format!("a template's piece of {found:?}")),
    }
}

fn header(component: &Value) -> Checked {
    let [parameter] = items(component, "/parameters") else {
        return Err("a template's header is filled with one thing".to_owned());
    };
    match text(parameter, "/type").unwrap_or_default() {
        "text" => piece(parameter, 60),
        kind @ ("image" | "video" | "document") => {
            file(parameter.get(kind).unwrap_or(&Value::Null))
        }
        "product" => {
            within(parameter, "/product/product_retailer_id", 128)?;
            within(parameter, "/product/catalog_id", 128)
        }
        "location" => {
            let at = parameter.get("location").unwrap_or(&Value::Null);
            within(at, "/name", 1_024)?;
            within(at, "/address", 1_024)?;
            place(at)
        }
        found => Err(format!("a template's header of {found}")),
    }
}

fn button(component: &Value) -> Checked {
    let kind = text(component, "/sub_type").unwrap_or_default().to_lowercase();
    let parameters = items(component, "/parameters");
    let [parameter] = parameters else {
        return match (kind.as_str(), parameters) {
            ("flow" | "catalog", []) => Ok(()),
            _ => Err(format!("a {kind} button is filled with one thing")),
        };
    };
    match (kind.as_str(), text(parameter, "/type").unwrap_or_default()) {
        ("quick_reply", "payload") => within(parameter, "/payload", PAYLOAD),
        ("quick_reply", "text") => within(parameter, "/text", PAYLOAD),
        ("url", "text") => within(parameter, "/text", 2_000),
        ("copy_code", "coupon_code") => within(parameter, "/coupon_code", 20),
        ("flow", "action") => Ok(()),
        ("catalog", "action") => perhaps(parameter, "/action/thumbnail_product_retailer_id", 128),
        ("mpm", "action") => products(parameter.get("action").unwrap_or(&Value::Null)),
        (kind, found) => Err(format!("a {kind} button is not filled with {found}")),
    }
}

/// A request for a number, a place or the like: words, and a button of Meta's own.
pub(super) fn asked(it: &Value, action: &str) -> Checked {
    within(it, "/body/text", 1_024)?;
    match text(it, "/action/name") {
        Some(name) if name == action => Ok(()),
        found => Err(format!("the action is {found:?}, not {action}")),
    }
}

/// A request for an address, which only customers of India can be sent.
pub(super) fn address(it: &Value, to: &str) -> Checked {
    asked(it, "address_message")?;
    match text(it, "/action/parameters/country") {
        Some("IN") if to.trim_start_matches('+').starts_with("91") || to.starts_with("IN.") => {}
        country => {
            let country = country.unwrap_or("no country");
            return Err(format!("addresses of {to} can't be asked for in {country}"));
        }
    }
    perhaps(it, "/action/parameters/values/in_pin_code", 6)
}
