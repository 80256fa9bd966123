//! Wishes side by side that are one, and what only tells why.

use super::asking::shown;
use super::listing::found;
use super::ordering::{menu, with};
use super::*;

fn acts(request: &Request) -> Vec<Act> {
    Clerk::new().explain(request).wishes.iter().filter_map(|it| it.act).collect()
}

/// The same where a `please` is an order.
fn polite(request: Request) -> Request {
    with(request, |content| {
        let cues = BTreeMap::from([("en".into(), list("please"))]);
        let examples = BTreeMap::from([("en".into(), list("zzz"))]);
        content.intents.push(Intent { name: "please".into(), examples, cues });
    })
}

fn added(variant: &str, quantity: u32) -> String {
    format!("cart_add {}", json!({ "variant": variant, "quantity": quantity }))
}

fn set(variant: &str, quantity: u32) -> String {
    format!("cart_set {}", json!({ "variant": variant, "quantity": quantity }))
}

#[test]
fn a_kind_before_the_names_of_it_is_no_wish() {
    let request = menu(holding("another gloves, a marinara"));
    let gloves = |title: &str| {
        let found = product(3, title, &[("red", "M")]);
        [found, product(4, "Knitted Gloves", &[("red", "M")])]
    };
    assert_eq!(found(request.clone(), &gloves("Marinara Gloves")), [added("P3-red-M", 1)]);
    assert_ne!(found(request, &gloves("Marinara Cap")), [added("P3-red-M", 1)]);
}

#[test]
fn what_nothing_is_called_describes_what_was_searched_before_it() {
    let request = fresh(Vec::new(), "show me gloves, marinara");
    let phrases = |products: &[Evidence]| {
        let mut request = request.clone();
        request.tools = holding("").tools;
        let (tool, arguments) = Clerk::new().explain(&request).calls.remove(0);
        assert_eq!(arguments, json!({ "words": "gloves marinara" }));
        let id = Made { turn: TurnId(2), n: 1 };
        let call = Call { id, tool, arguments };
        let (draft, blocks) = (String::new(), Vec::new());
        request.transcript.push(Entry::Agent { draft, blocks, calls: vec![call] });
        request.transcript.push(Entry::Tool { call: id, result: Ok(products.to_vec()) });
        calls(&request).len()
    };
    assert_eq!(phrases(&[product(3, "Mitten Gloves", &[("marinara", "M")])]), 0);
    assert_eq!(phrases(&[product(3, "Mitten Gloves", &[("red", "M")])]), 2);
}

#[test]
fn what_takes_back_before_a_comma_denies_nothing_behind_it() {
    assert_eq!(acts(&holding("no sorry, tonno instead")), [Act::Swap]);
    let wish = Clerk::new().explain(&holding("no sorry, tonno instead")).wishes.remove(0);
    assert_eq!((wish.words.as_str(), wish.without.len()), ("tonno", 0));
}

#[test]
fn a_bound_asked_for_kindly_orders_nothing() {
    let searched = || turn("search", json!({ "words": "gloves" }));
    assert_eq!(acts(&polite(fresh(searched(), "over 40 please"))), [Act::Refine]);
    assert_eq!(acts(&polite(fresh(searched(), "the gloves please"))), [Act::Add]);
}

#[test]
fn so_many_of_what_was_just_put_there_are_all_there_are_of_it() {
    let three = [set("P1-black-M", 3)];
    assert_eq!(calls(&polite(holding("three please"))), three);
    assert_eq!(calls(&holding("three of those, we froze too")), three);
    assert_ne!(calls(&holding("three of those, grey too")), three);
}

#[test]
fn what_is_wished_with_what_was_shown_is_not_asked_of_it() {
    let words = |text: &str| Clerk::new().explain(&shown(text)).wishes.remove(0).words;
    assert_eq!(words("show me cold hands with it"), "gloves");
    assert_ne!(words("is it cold hands"), "gloves");
}
