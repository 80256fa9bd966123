//! What the page is given to show, as JSON. Pure.

use std::collections::BTreeMap;

use agent_core::conversation::Conversation;
use agent_core::id::Locale;
use agent_core::message::{ActionRef, Outbound, Part};
use agent_core::pack::Pack;
use agent_core::reply::write;
use agent_core::time::Micros;
use serde_json::{Value, json};

use super::reading::{Seen, by_person};

/// What a message needs beside itself.
pub(super) struct Ink<'a> {
    /// The token of an action.
    pub(super) token: &'a (dyn Fn(ActionRef) -> String + Sync),
    /// Where the picture of a record is: its link, where it may be shown.
    pub(super) picture: &'a (dyn Fn(&str, Option<&str>) -> String + Sync),
}

/// A message.
pub(super) fn message(at: Micros, seen: &Seen<'_>, ink: &Ink<'_>) -> Value {
    match seen {
        Seen::Theirs(inbound, words) => {
            let client = inbound.id.as_str().rsplit('/').next().unwrap_or_default();
            said(client, words, at)
        }
        Seen::Ours(outbound, part) => ours(outbound, part, at, ink),
    }
}

/// What a visitor said, under the id their page gave it.
pub(super) fn said(client: &str, words: &str, at: Micros) -> Value {
    json!({ "who": "you", "client": client, "at": millis(at), "text": words })
}

fn ours(outbound: &Outbound, part: &Part, at: Micros, ink: &Ink<'_>) -> Value {
    let who = if by_person(outbound) { "person" } else { "shop" };
    let mut message = match part {
        Part::Text(text) | Part::AskLocation(text) => json!({ "kind": "text", "text": text }),
        Part::Buttons { body, options } => {
            json!({ "kind": "choice", "text": body, "options": choices(options, ink) })
        }
        Part::List { body, rows, .. } => {
            let rows = rows.iter().map(|row| {
                json!({ "label": row.label, "hint": row.hint, "tap": (ink.token)(row.action) })
            });
            json!({ "kind": "choice", "text": body, "options": rows.collect::<Vec<_>>() })
        }
        Part::Cards(cards) => {
            let cards = cards.iter().map(|card| {
                json!({
                    "title": card.title,
                    "detail": card.detail,
                    "picture": (ink.picture)(card.record.as_str(), card.image.as_deref()),
                    "link": card.link,
                    "options": choices(&card.options, ink),
                })
            });
            json!({ "kind": "cards", "cards": cards.collect::<Vec<_>>() })
        }
        Part::Summary { lines, total } => {
            let lines = lines.iter().map(|line| {
                json!({ "quantity": line.quantity, "label": line.label, "amount": line.text })
            });
            json!({ "kind": "summary", "lines": lines.collect::<Vec<_>>(), "total": total })
        }
        Part::Link { body, label, url } => {
            json!({ "kind": "link", "text": body, "label": label, "url": url })
        }
        Part::Album(pictures) => {
            let words: Vec<&str> = pictures.iter().map(|it| it.caption.as_str()).collect();
            json!({ "kind": "text", "text": words.join("\n") })
        }
        Part::Media { media, caption } => {
            json!({ "kind": "link", "text": caption, "label": caption, "url": media.id })
        }
        Part::Template { slots, .. } => {
            let words: Vec<&str> = slots.iter().map(|(_, words)| words.as_str()).collect();
            json!({ "kind": "text", "text": words.join(" ") })
        }
        Part::Native(native) => json!({ "kind": "text", "text": native.words() }),
        Part::Form { body, .. } => json!({ "kind": "text", "text": body }),
    };
    if let Some(fields) = message.as_object_mut() {
        fields.insert("who".to_owned(), who.into());
        fields.insert("reply".to_owned(), outbound.id.to_string().into());
        fields.insert("at".to_owned(), millis(at).into());
    }
    message
}

fn choices(options: &[(String, ActionRef)], ink: &Ink<'_>) -> Vec<Value> {
    let option = |(label, action): &(String, ActionRef)| json!({ "label": label, "tap": (ink.token)(*action) });
    options.iter().map(option).collect()
}

/// The cart as it stands, with the prices it was last told at.
pub(super) fn cart(state: &Conversation, pack: &Pack, ink: &Ink<'_>) -> Value {
    let locale: Locale = state.locale.clone().unwrap_or_else(|| pack.default_locale());
    let priced = state.priced.iter().flat_map(|priced| &priced.lines);
    let priced: BTreeMap<_, _> = priced.map(|line| (line.variant.clone(), line)).collect();
    let mut whole = true;
    let lines = state.cart.iter().map(|(variant, quantity)| {
        let facts = priced.get(variant);
        let amount = facts.filter(|line| line.quantity == *quantity);
        whole &= amount.is_some();
        json!({
            "variant": variant,
            "quantity": quantity,
            "title": facts.map_or(variant.as_str(), |line| line.title.as_str()),
            "options": facts.map_or("", |line| line.options.as_str()),
            "amount": amount.map(|line| write::money(&line.amount, pack, &locale)),
            "picture": (ink.picture)(variant.as_str(), None),
        })
    });
    let lines: Vec<Value> = lines.collect();
    let total = state.priced.as_ref().and_then(|priced| priced.total.as_ref());
    // A sum that counts other lines than these would be a wrong price.
    let same = whole && lines.len() == priced.len();
    let total = total.filter(|_| same).map(|total| write::money(total, pack, &locale));
    json!({
        "count": state.cart.iter().map(|(_, quantity)| quantity).sum::<u32>(),
        "lines": lines,
        "total": total,
    })
}

fn millis(at: Micros) -> i64 {
    at.0 / 1_000
}
