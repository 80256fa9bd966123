//! What is asked of the catalogue: the query of a wish, and the same with less or in other words.

use serde_json::{Value, json};

use crate::catalog::{Query, Sort};
use crate::model::clerk::decide::name::{kind, unbranded};
use crate::model::clerk::decide::pick::{chosen, whole};
use crate::model::clerk::scene::{Scene, Shown};
use crate::model::clerk::understand::{Act, PRICE, Wish, plain, same, says};
use crate::money::{Decimal, Money};

/// Constraints are dropped so often before it is said that nothing was found.
const RELAXED: usize = 3;
/// Words of a name that are searched by themselves, where no product has all of it.
const SINGLE: usize = 3;
/// Other words for what is searched that are tried, where a feed has none of it.
const OTHERS: usize = 2;

/// The query of a wish: its own, or the one before, changed.
pub(super) fn query(wish: &Wish, act: Act, scene: &Scene<'_>) -> Query {
    let before = if wish.price == 0 { scene.worded.as_ref() } else { scene.searched.as_ref() };
    let mut query = match (act, before) {
        (Act::Refine, Some(before)) => Query { limit: 0, ..before.clone() },
        (Act::Refine, None) => Query { words: noun(scene), ..Query::default() },
        _ => Query::default(),
    };
    let words = [query.words.as_str(), wish.words.as_str()];
    query.words = words.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ");
    query.without.extend(wish.without.iter().cloned());
    query.filters.retain(|name, value| !wish.without.contains(value) && !wish.open.contains(name));
    for (name, value) in &wish.filters {
        query.without.retain(|unwanted| unwanted != value);
        query.filters.insert(name.clone(), value.clone());
    }
    let decimal =
        |text: &Option<String>| text.as_deref().and_then(|text| Decimal::parse(text).ok());
    let (at_least, at_most) = (decimal(&wish.amount.0), decimal(&wish.amount.1));
    // `Never mind the price.`
    if wish.open.iter().any(|name| name.as_str() == PRICE) {
        (query.min_price, query.max_price) = (None, None);
    }
    // A bound that is no longer one within the other is given up.
    if wish.amount != (None, None) {
        query.min_price = at_least.or(query.min_price.filter(|_| wish.amount.0.is_none()));
        query.max_price = at_most.or(query.max_price.filter(|_| wish.amount.1.is_none()));
    }
    // `Not so dear, 90 at most` says no more than its bound.
    let bound = act == Act::Refine && wish.price == -1 && wish.amount.1.is_some();
    if wish.price != 0 && !bound {
        query.sort = if wish.price < 0 { Sort::Cheapest } else { Sort::Dearest };
        if act == Act::Refine && wish.price.abs() == 1 {
            // Of one product that was named, others of its kind are wished.
            if wish.words.is_empty()
                && let [only] = scene.shown.as_slice()
                && (whole(&scene.shown, &plain(&query.words)).len() == 1
                    || unbranded(only, &plain(&query.words)))
            {
                of_kind(&mut query, only);
            }
            beside(&mut query, wish, scene);
        }
    }
    query
}

/// Bounds a query by what the shown products cost, which are no longer among what it finds.
fn beside(query: &mut Query, wish: &Wish, scene: &Scene<'_>) {
    let prices = scene.shown.iter().filter_map(chosen).map(|variant| &variant.price);
    let bound = |price: Option<&Money>, step: i8| Decimal::parse(&beyond(price?, step)?).ok();
    if wish.price < 0 && wish.amount.1.is_none() {
        query.max_price = bound(prices.min_by_key(|price| price.minor), -1);
    } else if wish.price > 0 && wish.amount.0.is_none() {
        query.max_price = None;
        query.min_price = bound(prices.max_by_key(|price| price.minor), 1);
    }
}

/// A price of one minor unit more or less than another.
pub(super) fn beyond(price: &Money, step: i8) -> Option<String> {
    let minor = price.minor.checked_add(step.into())?;
    let (whole, rest, places) = Money { minor, currency: price.currency.clone() }.split();
    Some(match places {
        0 => whole.to_string(),
        places => format!("{whole}.{rest:0places$}", places = places as usize),
    })
}

/// Turns a query for a product to what it is: its title's last word where its category says so too, else its
/// category.
pub(super) fn of_kind(query: &mut Query, shown: &Shown<'_>) {
    let last = kind(shown.facts).unwrap_or_default();
    let category = |it: &String| plain(it).iter().any(|own| says(&last, own));
    match shown.facts.category.last() {
        Some(kind) if !shown.facts.category.iter().any(category) => {
            query.words.clear();
            query.filters.insert("category".into(), kind.clone());
        }
        _ => query.words = last,
    }
}

/// What the product in focus is, as its title's last word.
fn noun(scene: &Scene<'_>) -> String {
    let focus = scene.focus.as_ref().and_then(|id| scene.product(id));
    let focus = focus.or_else(|| scene.shown.first().cloned());
    focus.and_then(|shown| kind(shown.facts)).unwrap_or_default()
}

/// The same with less: a filter fewer, or what was searched before with what is said now.
pub(super) fn relaxed(asked: &Query, wish: &Wish, act: Act, scene: &Scene<'_>) -> Vec<Query> {
    let mut queries = Vec::new();
    let mut less = asked.clone();
    let last = ["gender", "size"];
    if !less.without.is_empty() {
        less.without.clear();
        queries.push(less.clone());
    }
    // `Anything in terracotta for the living room?` names nothing but what it is for.
    let kinds = asked.filters.keys().any(|name| name.as_str() != "gender");
    if act == Act::Search && wish.head.is_empty() && !wish.thing && kinds {
        queries.push(Query { words: String::new(), ..less.clone() });
    }
    if wish.described && less.filters.remove("size").is_some() {
        queries.push(less.clone());
    }
    let least = queries.len() + RELAXED;
    while !asked.words.is_empty() && queries.len() < least && !less.filters.is_empty() {
        let loose = less.filters.keys().find(|name| !last.contains(&name.as_str()));
        let name = loose.or_else(|| less.filters.keys().next()).cloned();
        name.and_then(|name| less.filters.remove(&name));
        queries.push(less.clone());
    }
    if act == Act::Search && !wish.said.is_empty() && wish.names.len() < 2 {
        queries.insert(0, Query { words: wish.said.clone(), ..asked.clone() });
    }
    // `My son starts school, he needs a coat in 110`: a coat, before anything that has all of the words.
    let aside = plain(&wish.words).len().saturating_sub(plain(&wish.kind).len());
    let told = if wish.amount == (None, None) { 1 } else { 2 };
    if act == Act::Search && !wish.kind.is_empty() && aside >= told {
        let mut kind = Query { words: wish.kind.clone(), ..asked.clone() };
        queries.push(kind.clone());
        if kind.filters.remove("gender").is_some() {
            queries.push(kind.clone());
        }
        kind.filters.clear();
        queries.push(kind);
    }
    if act == Act::Search && !wish.thing && !wish.filters.is_empty() && scene.worded.is_some() {
        queries.push(query(&Wish { words: String::new(), ..wish.clone() }, Act::Refine, scene));
    }
    if act == Act::Refine && !wish.words.is_empty() {
        queries.push(query(wish, Act::Search, scene));
    }
    // `Cushions for the sofa`: what has one of the words, where nothing has all.
    let words = plain(&wish.words);
    let free = wish.filters.is_empty() && wish.amount == (None, None);
    if act == Act::Search && free && wish.names.len() < 2 && words.len() > 1 {
        let head = words.iter().find(|word| **word == wish.head).cloned();
        let rest = words.into_iter().filter(|word| *word != wish.kind && *word != wish.head);
        let single = head.into_iter().chain(rest).take(SINGLE);
        queries.extend(single.map(|words| Query { words, ..asked.clone() }));
    }
    if act == Act::Search && !wish.said.is_empty() && !wish.filters.is_empty() {
        queries.push(Query { words: wish.said.clone(), ..Query::default() });
    }
    queries
}

/// The wish in other words for what it names, which a feed may have.
pub(super) fn otherwise(wish: &Wish, scene: &Scene<'_>) -> Vec<Wish> {
    let Some(kind) = plain(&wish.kind).pop() else { return Vec::new() };
    let lexicon = scene.request.pack.lexicon(&scene.request.locale);
    let synonyms = lexicon.into_iter().flat_map(|it| &it.synonyms);
    let other = |(said, feed): (&String, &String)| {
        (*feed == kind && !said.contains(' ')).then(|| said.clone())
    };
    let mut others: Vec<String> = synonyms.filter_map(other).collect();
    others.dedup_by(|next, before| same(next, before));
    let called = |other: &String| in_words(wish, other, other);
    others.iter().take(OTHERS).map(called).collect()
}

/// The wish in other words, the kind of thing among them.
pub(super) fn in_words(wish: &Wish, words: &str, kind: &str) -> Wish {
    let head = plain(kind).pop().unwrap_or_default();
    let head = if wish.kind.ends_with(&wish.head) { head } else { wish.head.clone() };
    let (words, kind) = (words.to_owned(), kind.to_owned());
    let names = vec![words.clone()];
    Wish { said: String::new(), words, kind, names, head, ..wish.clone() }
}

pub(super) fn arguments(query: &Query) -> Value {
    let mut arguments = serde_json::Map::new();
    arguments.insert("words".to_owned(), json!(query.words));
    if !query.filters.is_empty() {
        arguments.insert("filters".to_owned(), json!(query.filters));
    }
    if !query.without.is_empty() {
        arguments.insert("without".to_owned(), json!(query.without));
    }
    if let Some(max) = &query.max_price {
        arguments.insert("max_price".to_owned(), json!(max));
    }
    if let Some(min) = &query.min_price {
        arguments.insert("min_price".to_owned(), json!(min));
    }
    if query.sort != Sort::Relevance {
        arguments.insert("sort".to_owned(), json!(query.sort));
    }
    if query.limit > 0 {
        arguments.insert("limit".to_owned(), json!(query.limit));
    }
    Value::Object(arguments)
}
