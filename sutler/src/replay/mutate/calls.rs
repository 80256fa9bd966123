//! An agent that calls the wrong thing, or says something else: its model's answers are changed.

use std::sync::Arc;

use agent_core::event::{Answer, Event};
use agent_core::evidence::ProductFacts;
use agent_core::id::Name;
use agent_core::model::{Completion, Finish};
use serde_json::{Value, json};

use super::{Edit, Place, Plant};

type Sites = Vec<(String, Plant)>;
type Called = (Name, Value);

/// The answers of the turn's models, in order.
fn completions<'a>(place: &Place<'a>) -> Vec<&'a Completion> {
    let answers = place.events.iter().filter_map(|recorded| match &recorded.event {
        Event::Answer(Answer::Answered(Ok(completion))) => Some(completion),
        _ => None,
    });
    answers.collect()
}

/// Every call of the turn's models: the answer it is in, its place there, and the call.
fn made<'a>(place: &Place<'a>) -> Vec<(usize, usize, &'a Called)> {
    let completions = completions(place).into_iter().enumerate();
    let calls = completions.flat_map(|(nth, completion)| {
        completion.calls.iter().enumerate().map(move |(at, call)| (nth, at, call))
    });
    calls.collect()
}

fn edit(change: impl Fn(Completion) -> Completion + Send + Sync + 'static) -> Edit<Completion> {
    Arc::new(change)
}

/// One call of one answer is another.
fn replaced(nth: usize, at: usize, with: Called) -> Plant {
    let change = edit(move |mut completion| {
        if let Some(call) = completion.calls.get_mut(at) {
            *call = with.clone();
        }
        completion
    });
    Plant::Completion(Some(nth), change)
}

/// Whoever drops a call does not make it in the next round either, and says that all is well.
pub(super) fn dropped(place: &Place<'_>) -> Sites {
    let mut sites = Sites::new();
    for (_, _, call) in made(place) {
        let (site, call) = (format!("{} {}", call.0, call.1), call.clone());
        let change = edit(move |mut completion| {
            let before = completion.calls.len();
            completion.calls.retain(|made| *made != call);
            if completion.calls.is_empty() && before > 0 {
                (completion.text, completion.finish) = ("Okay.".to_owned(), Finish::Stop);
            }
            completion
        });
        sites.push((site, Plant::Completion(None, change)));
    }
    sites.dedup_by(|a, b| a.0 == b.0);
    sites
}

pub(super) fn second_dropped(place: &Place<'_>) -> Sites {
    let of_more = completions(place).into_iter().enumerate().filter(|(_, it)| it.calls.len() > 1);
    let site = |(nth, completion): (usize, &Completion)| {
        let named = completion.calls.last().map(|call| call.0.to_string()).unwrap_or_default();
        let change = edit(|mut completion| {
            completion.calls.pop();
            completion
        });
        (named, Plant::Completion(Some(nth), change))
    };
    of_more.map(site).collect()
}

pub(super) fn twice(place: &Place<'_>) -> Sites {
    let counted = made(place)
        .into_iter()
        .filter(|(_, _, call)| matches!(call.0.as_str(), "cart_add" | "checkout" | "hand_over"));
    let site = |(nth, at, call): (usize, usize, &Called)| {
        let change = edit(move |mut completion| {
            if let Some(call) = completion.calls.get(at).cloned() {
                completion.calls.insert(at, call);
            }
            completion
        });
        (call.0.to_string(), Plant::Completion(Some(nth), change))
    };
    counted.map(site).collect()
}

/// The variant a call names, and the product it is of.
fn named<'a>(call: &Called, place: &Place<'a>) -> Option<(Name, &'a ProductFacts)> {
    let variant = call.1.get("variant")?.as_str()?;
    let of =
        |facts: &&&ProductFacts| facts.variants.iter().any(|it| it.variant.as_str() == variant);
    Some((variant.into(), place.goods.iter().find(of)?))
}

fn with_variant(call: &Called, variant: &Name) -> Called {
    let mut call = call.clone();
    if let Some(fields) = call.1.as_object_mut() {
        fields.insert("variant".to_owned(), json!(variant));
    }
    call
}

/// Calls that name a variant, with another in its place.
fn exchanged(
    place: &Place<'_>,
    other: fn(&Name, &ProductFacts, &Place<'_>) -> Option<Name>,
) -> Sites {
    let sites = made(place).into_iter().filter_map(|(nth, at, call)| {
        let (variant, facts) = named(call, place)?;
        let other = other(&variant, facts, place)?;
        let site = format!("{} {other} for {variant}", call.0);
        Some((site, replaced(nth, at, with_variant(call, &other))))
    });
    sites.collect()
}

pub(super) fn other_item(place: &Place<'_>) -> Sites {
    exchanged(place, |_, facts, place| {
        let other = place.goods.iter().find(|it| it.product != facts.product)?;
        other.variants.iter().find(|it| it.stock.can_be_ordered()).map(|it| it.variant.clone())
    })
}

pub(super) fn other_variant(place: &Place<'_>) -> Sites {
    exchanged(place, |variant, facts, _| {
        let others = facts.variants.iter().filter(|it| it.variant != *variant);
        others.clone().find(|it| it.stock.can_be_ordered()).map(|it| it.variant.clone())
    })
}

pub(super) fn other_quantity(place: &Place<'_>) -> Sites {
    let counted = made(place).into_iter();
    let counted = counted.filter(|(_, _, call)| matches!(call.0.as_str(), "cart_add" | "cart_set"));
    let site = |(nth, at, call): (usize, usize, &Called)| {
        let quantity = call.1.get("quantity").and_then(Value::as_u64).unwrap_or(1);
        let mut more = call.clone();
        if let Some(fields) = more.1.as_object_mut() {
            fields.insert("quantity".to_owned(), json!(quantity + 1));
        }
        (format!("{} {} for {quantity}", call.0, quantity + 1), replaced(nth, at, more))
    };
    counted.map(site).collect()
}

/// A search without one of its conditions.
pub(super) fn condition_forgotten(place: &Place<'_>) -> Sites {
    let mut sites = Sites::new();
    for (nth, at, call) in made(place).into_iter().filter(|it| it.2.0.as_str() == "search") {
        let filters = call.1.get("filters").and_then(Value::as_object);
        for name in filters.into_iter().flat_map(|filters| filters.keys()) {
            let mut less = call.clone();
            if let Some(filters) = less.1.get_mut("filters").and_then(Value::as_object_mut) {
                filters.remove(name);
            }
            sites.push((name.clone(), replaced(nth, at, less)));
        }
        for name in ["max_price", "min_price", "sort"] {
            if call.1.get(name).is_none_or(Value::is_null) {
                continue;
            }
            let mut less = call.clone();
            if let Some(fields) = less.1.as_object_mut() {
                fields.remove(name);
            }
            sites.push((name.to_owned(), replaced(nth, at, less)));
        }
    }
    sites
}

/// The first answer calls a tool nobody asked for, before whatever else it does.
fn unasked(place: &Place<'_>, tool: &'static str, arguments: &Value) -> Sites {
    let called = place.view.calls.iter().any(|it| it.call.tool.as_str() == tool);
    if called || completions(place).is_empty() || !place.pack.tools.contains_key(tool) {
        return Sites::new();
    }
    let arguments = arguments.clone();
    let change = edit(move |mut completion| {
        completion.calls.insert(0, (tool.into(), arguments.clone()));
        completion
    });
    vec![(tool.to_owned(), Plant::Completion(Some(0), change))]
}

pub(super) fn checkout_unasked(place: &Place<'_>) -> Sites {
    if place.view.after.cart.is_empty() {
        return Sites::new();
    }
    unasked(place, "checkout", &json!({}))
}

pub(super) fn person_unasked(place: &Place<'_>) -> Sites {
    unasked(place, "hand_over", &json!({ "why": "nobody asked" }))
}

/// The words are those of another intent.
pub(super) fn past_the_question(place: &Place<'_>) -> Sites {
    let locale = place.view.locale.clone().unwrap_or_else(|| place.pack.default_locale());
    let last = completions(place).len().checked_sub(1);
    let says = completions(place).last().is_some_and(|completion| completion.calls.is_empty());
    let Some(last) = last.filter(|_| says) else { return Sites::new() };
    let phrase = place.pack.phrase("fallback", &locale).to_owned();
    let change = edit(move |completion| Completion { text: phrase.clone(), ..completion });
    vec![(
        "says the phrase for what was not understood".to_owned(),
        Plant::Completion(Some(last), change),
    )]
}
