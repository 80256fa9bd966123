//! The cart: filled, changed, paid.

use serde_json::json;

use crate::model::clerk::decide::goods::{ask_which, json as arguments, query};
use crate::model::clerk::decide::pick::{line, meant, pick, sized, subject};
use crate::model::clerk::decide::{Next, call, said};
use crate::model::clerk::say::Saying;
use crate::model::clerk::scene::{Scene, Shown};
use crate::model::clerk::understand::{Act, Tongue, Wish};

pub(super) fn add(
    wish: &Wish,
    scene: &Scene<'_>,
    tongue: &Tongue,
    saying: &mut Saying<'_>,
) -> Next {
    if scene.done.iter().any(|done| done.call.tool.as_str() == "cart_add") {
        saying.added();
        return Next::Say;
    }
    let mut sized_wish = wish.clone();
    if sized(wish, scene)
        && let Some(size) = wish.quantity
    {
        sized_wish.filters.insert("size".into(), size.to_string());
        sized_wish.quantity = None;
    }
    let wish = &sized_wish;
    let mut products = meant(wish, scene);
    let known = wish.words.is_empty() || wish.it;
    if let Some(asked) = scene.asked.clone().filter(|_| known && wish.places.is_empty()) {
        products = vec![asked];
    }
    if products.is_empty() && (wish.words.is_empty() || wish.it) {
        products.extend(subject(wish, scene));
    }
    let things = wish.words.split(' ').filter(|word| !word.is_empty()).count();
    if products.is_empty() && things > 0 {
        let found = scene.brought("search");
        let Some(first) = found.first() else {
            let asked = scene.done.iter().any(|done| done.call.tool.as_str() == "search");
            if asked {
                saying.found(&[], false, 0);
                return Next::Say;
            }
            return call("search", arguments(&query(wish, Act::Search, scene)));
        };
        let words: Vec<&str> = wish.words.split(' ').collect();
        let full = |shown: &&Shown<'_>| {
            let title = shown.facts.title.to_lowercase();
            words.iter().all(|word| title.contains(word))
        };
        let full: Vec<&Shown<'_>> = found.iter().filter(full).collect();
        match (full.as_slice(), found.len()) {
            ([only], _) => products.push((*only).clone()),
            (_, 1) => products.push(first.clone()),
            _ => {
                saying.found(&found, false, 0);
                return Next::Say;
            }
        }
    }
    if products.is_empty() {
        return if scene.shown.is_empty() {
            said(saying, "add.what")
        } else {
            ask_which(scene, saying)
        };
    }
    let mut calls = Vec::new();
    for product in &products {
        match pick(product, wish, scene, tongue) {
            Ok(variant) => {
                let quantity = wish.quantity.unwrap_or(1).max(1);
                calls.push((
                    "cart_add".into(),
                    json!({ "variant": variant.variant, "quantity": quantity }),
                ));
            }
            Err(missing) => {
                saying.choose(product, &missing, wish);
                return Next::Say;
            }
        }
    }
    Next::Call(calls)
}

pub(super) fn change(wish: &Wish, act: Act, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    let tool = if act == Act::Set { "cart_set" } else { "cart_remove" };
    if scene.done.iter().any(|done| matches!(done.call.tool.as_str(), "cart_set" | "cart_remove")) {
        saying.changed(act);
        return Next::Say;
    }
    let cart = &scene.request.notes.cart;
    if cart.is_empty() {
        return said(saying, "cart.empty");
    }
    if act == Act::Remove && wish.places.contains(&0) {
        let calls = cart.iter().map(|(variant, _)| (tool.into(), json!({ "variant": variant })));
        return Next::Call(calls.collect());
    }
    let Some(variant) = line(wish, scene) else { return said(saying, "cart.which") };
    let held = cart.iter().find(|(line, _)| *line == variant).map_or(0, |(_, quantity)| *quantity);
    match (act, wish.quantity) {
        (Act::Remove, Some(fewer)) if fewer < held => {
            call("cart_set", json!({ "variant": variant, "quantity": held - fewer }))
        }
        (Act::Remove, _) => call("cart_remove", json!({ "variant": variant })),
        (_, Some(quantity)) => {
            call("cart_set", json!({ "variant": variant, "quantity": quantity }))
        }
        (_, None) => said(saying, "cart.how_many"),
    }
}

pub(super) fn checkout(scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    if scene.request.notes.cart.is_empty() && scene.done.is_empty() {
        return said(saying, "checkout.empty");
    }
    let viewed =
        scene.priced() || scene.done.iter().any(|done| done.call.tool.as_str() == "cart_view");
    let asked = scene.done.iter().rev().find(|done| done.call.tool.as_str() == "checkout");
    match asked {
        None if !viewed => call("cart_view", json!({})),
        None => call("checkout", json!({})),
        Some(done) if done.result.is_err() => {
            saying.failed(done);
            Next::Say
        }
        Some(_) => {
            saying.checkout();
            Next::Say
        }
    }
}
