//! Goods: searched, looked at, compared.

use serde_json::{Value, json};

use crate::catalog::{Query, Sort};
use crate::evidence::VariantFacts;
use crate::id::Name;
use crate::model::clerk::decide::pick::{meant, only, subject, variant};
use crate::model::clerk::decide::{Next, call, said};
use crate::model::clerk::say::Saying;
use crate::model::clerk::scene::Scene;
use crate::model::clerk::understand::{Act, Wish};
use crate::money::Decimal;

/// The query of a wish: its own, or the one before, changed.
pub(super) fn query(wish: &Wish, act: Act, scene: &Scene<'_>) -> Query {
    let before = if wish.price == 0 { scene.worded.as_ref() } else { scene.searched.as_ref() };
    let mut query = match (act, before) {
        (Act::Refine, Some(before)) => before.clone(),
        (Act::Refine, None) => Query { words: noun(scene), ..Query::default() },
        _ => Query { words: wish.words.clone(), ..Query::default() },
    };
    for (name, value) in &wish.filters {
        query.filters.insert(name.clone(), value.clone());
    }
    let decimal =
        |text: &Option<String>| text.as_deref().and_then(|text| Decimal::parse(text).ok());
    if let Some(at_least) = decimal(&wish.amount.0) {
        query.min_price = Some(at_least);
    }
    if let Some(at_most) = decimal(&wish.amount.1) {
        query.max_price = Some(at_most);
    }
    if wish.price != 0 {
        query.sort = if wish.price < 0 { Sort::Cheapest } else { Sort::Dearest };
        let prices = scene.shown.iter().filter_map(|shown| {
            let variant =
                shown.facts.variants.iter().find(|variant| variant.variant == shown.variant)?;
            Some((variant.price.minor, whole(variant)))
        });
        if wish.price < 0 && wish.amount.1.is_none() {
            query.max_price = prices
                .min_by_key(|(minor, _)| *minor)
                .and_then(|(_, text)| Decimal::parse(&text).ok());
        } else if wish.price > 0 && wish.amount.0.is_none() {
            query.max_price = None;
            query.min_price = prices
                .max_by_key(|(minor, _)| *minor)
                .and_then(|(_, text)| Decimal::parse(&text).ok());
        }
    }
    query
}

/// Just below, or above, what a variant costs, in whole units.
pub(super) fn whole(variant: &VariantFacts) -> String {
    let (whole, rest, places) = variant.price.split();
    match places {
        0 => whole.to_string(),
        places => format!("{whole}.{rest:0places$}", places = places as usize),
    }
}

/// What the product in focus is, as its title's last word.
pub(super) fn noun(scene: &Scene<'_>) -> String {
    let focus = scene
        .focus
        .as_ref()
        .and_then(|id| scene.product(id))
        .or_else(|| scene.shown.first().cloned());
    focus
        .and_then(|shown| shown.facts.title.split_whitespace().next_back().map(str::to_lowercase))
        .unwrap_or_default()
}

pub(super) fn search(wish: &Wish, act: Act, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    // One product is spoken of, and only its colour or size is said: that variant of it.
    if act == Act::Refine
        && wish.price == 0
        && wish.amount == (None, None)
        && let Some(shown) = subject(wish, scene)
        && let Some(variant) = variant(shown.facts, wish, None)
    {
        saying.card(shown.label, Some(&variant.variant), "product.variant");
        return Next::Say;
    }
    let searches = scene.done.iter().filter(|done| done.call.tool.as_str() == "search").count();
    let asked = query(wish, act, scene);
    if searches == 0 {
        return call("search", json(&asked));
    }
    let found = scene.brought("search");
    if found.is_empty() && searches == 1 && wish.price == 0 {
        // The least important constraint is dropped once, and that is said.
        if let Some(relaxed) = relaxed(&asked) {
            return call("search", json(&relaxed));
        }
    }
    match only(&found, &asked.words) {
        Some(only) => saying.found(std::slice::from_ref(only), searches > 1, wish.price),
        None => saying.found(&found, searches > 1, wish.price),
    }
    Next::Say
}

/// A query without its least important constraint.
pub(super) fn relaxed(query: &Query) -> Option<Query> {
    let mut relaxed = query.clone();
    let filter = ["color", "material", "gender", "size"]
        .iter()
        .find(|name| query.filters.contains_key(**name));
    if query.words.is_empty() {
        return None;
    }
    match filter {
        Some(name) => _ = relaxed.filters.remove(*name),
        None => return None,
    }
    Some(relaxed)
}

pub(super) fn json(query: &Query) -> Value {
    let mut arguments = json!({ "words": query.words });
    let mut put = |name: &str, value: Value| {
        if let Some(fields) = arguments.as_object_mut() {
            fields.insert(name.to_owned(), value);
        }
    };
    if !query.filters.is_empty() {
        put("filters", json!(query.filters));
    }
    if let Some(max) = &query.max_price {
        put("max_price", json!(max));
    }
    if let Some(min) = &query.min_price {
        put("min_price", json!(min));
    }
    if query.sort != Sort::Relevance {
        put("sort", json!(query.sort));
    }
    arguments
}

pub(super) fn details(wish: &Wish, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    if let Some(shown) = scene.brought("product").first() {
        saying.details(shown);
        return Next::Say;
    }
    match subject(wish, scene) {
        Some(shown) => call("product", json!({ "id": shown.variant })),
        None if scene.shown.is_empty() => search(wish, Act::Search, scene, saying),
        None => ask_which(scene, saying),
    }
}

pub(super) fn ask_which(scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    saying.which(&scene.shown);
    Next::Say
}

pub(super) fn compare(wish: &Wish, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    let compared = scene.brought("compare");
    if !compared.is_empty() {
        saying.compared(&compared);
        return Next::Say;
    }
    let mut meant = meant(wish, scene);
    if meant.len() < 2 {
        meant = scene.listed.iter().take(2).cloned().collect();
    }
    if meant.len() < 2 {
        return said(saying, "compare.which");
    }
    let ids: Vec<&Name> = meant.iter().take(4).map(|shown| &shown.variant).collect();
    call("compare", json!({ "ids": ids }))
}
