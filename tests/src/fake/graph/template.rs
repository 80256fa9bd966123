//! Approved templates, and requests that have a button of Meta's own.

use std::collections::BTreeSet;

use serde_json::Value;

use super::limits::{Checked, file, items, perhaps, text, within};
use super::orders::place;

/// Letters of what a quick reply of a template brings back.
const PAYLOAD: usize = 128;

pub(super) fn template(it: &Value) -> Checked {
    within(it, "/name", 512)?;
    let name = text(it, "/name").unwrap_or_default();
    if !name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_') {
        return Err(format!("a template can't be named `{name}`"));
    }
    within(it, "/language/code", 16)?;
    let mut seen = BTreeSet::new();
    for component in items(it, "/components") {
        let kind = text(component, "/type").unwrap_or_default().to_lowercase();
        let which = if kind == "button" { format!("button {}", index(component)?) } else { kind };
        if !seen.insert(which.clone()) {
            return Err(format!("a template with two of {which}"));
        }
        match which.as_str() {
            "header" => header(component)?,
            "body" => items(component, "/parameters").iter().try_for_each(|it| piece(it, 1_024))?,
            "carousel" | "limited_time_offer" => {}
            _ if which.starts_with("button ") => button(component)?,
            _ => return Err(format!("a template's {which}")),
        }
    }
    Ok(())
}

/// Which button, as a number or as one in a string.
fn index(component: &Value) -> Result<u64, String> {
    let told = component.get("index");
    let number = told.and_then(Value::as_u64).or_else(|| told?.as_str()?.parse().ok());
    number
        .filter(|n| *n < 10)
        .ok_or_else(|| format!("{told:?} is none of a template's ten buttons"))
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
        ("flow" | "catalog" | "mpm", "action") => Ok(()),
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
