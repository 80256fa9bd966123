//! A model that does the same in every turn: looks, puts into the cart and asks for the link, then answers.

use agent_core::evidence::Body;
use agent_core::model::scripted::{Scripted, calls, says};
use agent_core::model::{Completion, Entry, ModelError, Request};
use serde_json::json;

/// Two rounds of tools with one write outside, then words. It reads the turn's state from the request
/// alone, so a process that takes the turn up again goes on where the last one ended.
#[must_use]
pub fn two_rounds() -> Scripted {
    Scripted::by(|request| answer(request).ok_or(ModelError::Miss))
}

fn answer(request: &Request) -> Option<Completion> {
    let said = request.transcript.iter().rposition(|it| matches!(it, Entry::Customer { .. }))?;
    let since = request.transcript.get(said..)?.iter();
    let results = since.filter_map(|entry| match entry {
        Entry::Tool { result, .. } => Some(result),
        _ => None,
    });
    let mut brought = results.clone().flatten().flatten();
    match results.count() {
        0 => Some(calls([("search", json!({ "words": "rain jacket" }))])),
        1 => {
            let chosen =
                request.notes.evidence.iter().rev().find_map(|it| match &it.finding.body {
                    Body::Product(product) => product.variant().map(|it| it.variant.clone()),
                    _ => None,
                })?;
            let add = json!({ "variant": chosen, "quantity": 1 });
            Some(calls([("cart_add", add), ("checkout", json!({}))]))
        }
        // A cart that takes no more was not shown: it must be looked at before it is told of.
        _ if !brought.any(|it| matches!(it.finding.body, Body::Cart(_))) => {
            Some(calls([("cart_view", json!({}))]))
        }
        _ => {
            let link =
                request.notes.evidence.iter().rev().find_map(|it| match &it.finding.body {
                    Body::Link { .. } => Some(it.label),
                    _ => None,
                })?;
            Some(says(&format!("Here you are.\n[[cart]]\n[[link {link} | Pay here]]")))
        }
    }
}
