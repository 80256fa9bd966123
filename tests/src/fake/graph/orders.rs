//! Places, contacts, reactions, flows, rows of products, and orders that are paid in the chat.

use std::collections::BTreeSet;

use serde_json::Value;

use super::limits::{Checked, between, distinct, items, perhaps, text, web, within};

pub(super) fn place(it: &Value) -> Checked {
    for (key, most) in [("/latitude", 90.0), ("/longitude", 180.0)] {
        let degrees = match it.pointer(key) {
            Some(Value::String(degrees)) => degrees.parse().ok(),
            other => other.and_then(Value::as_f64),
        };
        let Some(degrees) = degrees else { return Err(format!("a location without {key}")) };
        if !(-most..=most).contains(&degrees) {
            return Err(format!("{key} is {degrees}"));
        }
    }
    perhaps(it, "/name", 1_024)?;
    perhaps(it, "/address", 1_024)
}

pub(super) fn reaction(it: &Value) -> Checked {
    within(it, "/message_id", 512)?;
    match text(it, "/emoji") {
        // Empty takes it back.
        Some(emoji) if emoji.chars().count() <= 10 => Ok(()),
        Some(emoji) => Err(format!("`{emoji}` is more than one emoji")),
        None => Err("a reaction without emoji".to_owned()),
    }
}

pub(super) fn contacts(all: &Value) -> Checked {
    let all = all.as_array().map_or(&[][..], Vec::as_slice);
    between("contacts", all.len(), 1, 257)?;
    let parts = ["first_name", "last_name", "middle_name", "suffix", "prefix"];
    for contact in all {
        within(contact, "/name/formatted_name", 1_024)?;
        // The formatted name alone is not taken.
        if !parts.iter().any(|part| contact.pointer(&format!("/name/{part}")).is_some()) {
            return Err("a contact's name has none of its parts".to_owned());
        }
    }
    Ok(())
}

pub(super) fn flow(it: &Value) -> Checked {
    within(it, "/body/text", 1_024)?;
    let parameters = it.pointer("/action/parameters").ok_or("a flow without parameters")?;
    within(parameters, "/flow_cta", 20)?;
    within(parameters, "/flow_message_version", 3)?;
    if parameters.get("flow_id").is_none() && parameters.get("flow_name").is_none() {
        return Err("a flow with neither flow_id nor flow_name".to_owned());
    }
    match parameters.pointer("/flow_action_payload/data") {
        Some(data) if data.as_object().is_none_or(serde_json::Map::is_empty) => {
            Err("the data of a flow is empty".to_owned())
        }
        _ => Ok(()),
    }
}

pub(super) fn carousel(it: &Value) -> Checked {
    within(it, "/body/text", 1_024)?;
    if it.get("footer").is_some() {
        return Err("a carousel has no footer".to_owned());
    }
    let cards = items(it, "/action/cards");
    between("cards", cards.len(), 2, 10)?;
    let kind = |card: &Value| text(card, "/type").unwrap_or_default().to_owned();
    let first = cards.first().map(kind).unwrap_or_default();
    for (n, card) in cards.iter().enumerate() {
        if card.get("card_index").and_then(Value::as_u64) != Some(n as u64) {
            return Err(format!("the card at {n} has another card_index"));
        }
        if kind(card) != first {
            return Err("cards of several types".to_owned());
        }
        if first == "product" {
            within(card, "/action/product_retailer_id", 128)?;
            within(card, "/action/catalog_id", 128)?;
        } else {
            slide(card)?;
        }
    }
    if first != "product" {
        let alike: BTreeSet<String> = cards.iter().map(sort).collect();
        if alike.len() > 1 {
            return Err(format!("cards of several sorts: {alike:?}"));
        }
        let replies = cards.iter().flat_map(|card| items(card, "/action/buttons"));
        distinct("buttons' ids", replies.filter_map(|it| text(it, "/quick_reply/id")))?;
    }
    Ok(())
}

/// What must be the same on all cards of a row: picture or film, and their buttons.
fn sort(card: &Value) -> String {
    let replies = items(card, "/action/buttons").len();
    format!("{} with {replies} replies", text(card, "/header/type").unwrap_or_default())
}

/// A card with a picture or a film, and a link or one or two replies.
fn slide(card: &Value) -> Checked {
    match text(card, "/header/type") {
        Some(kind @ ("image" | "video")) => web(card, &format!("/header/{kind}/link"))?,
        found => return Err(format!("a card's header of {found:?}")),
    }
    perhaps(card, "/body/text", 160)?;
    if text(card, "/body/text").is_some_and(|words| words.matches('\n').count() > 2) {
        return Err("a card's words have more than two breaks".to_owned());
    }
    let replies = items(card, "/action/buttons");
    if text(card, "/action/name") == Some("cta_url") && replies.is_empty() {
        within(card, "/action/parameters/display_text", 20)?;
        return web(card, "/action/parameters/url");
    }
    between("a card's replies", replies.len(), 1, 2)?;
    for reply in replies {
        // By Meta's document of December 2025 it is 256; by older ones, 20.
        within(reply, "/quick_reply/id", 20)?;
        within(reply, "/quick_reply/title", 20)?;
    }
    Ok(())
}

/// An amount in hundredths.
fn amount(it: &Value, path: &str) -> Result<i64, String> {
    let at = |part: &str| it.pointer(&format!("{path}/{part}")).and_then(Value::as_i64);
    match (at("value"), at("offset")) {
        (Some(value), Some(100)) if value >= 0 => Ok(value),
        found => Err(format!("{path} is no amount in hundredths: {found:?}")),
    }
}

pub(super) fn details(it: &Value) -> Checked {
    within(it, "/body/text", 1_024)?;
    if text(it, "/action/name") != Some("review_and_pay") {
        return Err("the action of order_details is not review_and_pay".to_owned());
    }
    let of = it.pointer("/action/parameters").ok_or("order_details without parameters")?;
    within(of, "/reference_id", 35)?;
    if !matches!(text(of, "/type"), Some("digital-goods" | "physical-goods")) {
        return Err("the type of an order is digital-goods or physical-goods".to_owned());
    }
    if !matches!(text(of, "/currency"), Some("INR" | "BRL" | "SGD")) {
        return Err("orders are paid in INR, BRL or SGD".to_owned());
    }
    let paid = ["payment_settings", "payment_configuration"];
    if !paid.iter().any(|key| of.get(*key).is_some()) {
        return Err("order_details that say nothing of how it is paid".to_owned());
    }
    let total = amount(of, "/total_amount")?;
    let lines = items(of, "/order/items");
    between("items", lines.len(), 1, 999)?;
    let mut sum = 0;
    for line in lines {
        within(line, "/retailer_id", 128)?;
        within(line, "/name", 60)?;
        let quantity = line.get("quantity").and_then(Value::as_i64).unwrap_or_default();
        if quantity < 1 {
            return Err("an item without quantity".to_owned());
        }
        let each = amount(line, "/amount")?;
        let on_sale = line.get("sale_amount").map(|_| amount(line, "/sale_amount"));
        sum += on_sale.unwrap_or(Ok(each))? * quantity;
    }
    let subtotal = amount(of, "/order/subtotal")?;
    if subtotal != sum {
        return Err(format!("the subtotal is {subtotal}, its items come to {sum}"));
    }
    let perhaps = |path: &str| if of.pointer(path).is_some() { amount(of, path) } else { Ok(0) };
    let whole = subtotal + perhaps("/order/tax")? + perhaps("/order/shipping")?
        - perhaps("/order/discount")?;
    if whole != total {
        return Err(format!("the total is {total}, its parts come to {whole}"));
    }
    Ok(())
}

pub(super) fn status(it: &Value) -> Checked {
    within(it, "/body/text", 1_024)?;
    if text(it, "/action/name") != Some("review_order") {
        return Err("the action of order_status is not review_order".to_owned());
    }
    within(it, "/action/parameters/reference_id", 35)?;
    let known = ["pending", "processing", "partially_shipped", "shipped", "completed", "canceled"];
    match text(it, "/action/parameters/order/status") {
        Some(status) if known.contains(&status) => Ok(()),
        found => Err(format!("an order can't be {found:?}")),
    }
}
