//! What is asked for, shown and passed over.

use super::*;
use crate::message::Card;

fn wishes(request: &Request) -> Vec<Wish> {
    Clerk::new().explain(request).wishes
}

fn first(text: &str) -> Wish {
    wishes(&fresh(Vec::new(), text)).remove(0)
}

/// What is said to two products that a search for gloves showed.
pub(super) fn shown(text: &str) -> Request {
    let card = |n: u32| Card {
        source: Label(n),
        record: format!("P{n}-grey-M").as_str().into(),
        title: String::new(),
        detail: String::new(),
        price: euros(1_000),
        image: None,
        link: None,
        actions: Vec::new(),
    };
    let mut before = turn("search", json!({ "words": "gloves" }));
    let (draft, blocks) = ("so".to_owned(), vec![Block::Cards(vec![card(1), card(2)])]);
    before.push(Entry::Agent { draft, blocks, calls: Vec::new() });
    let mut request = fresh(before, text);
    request.notes.evidence = vec![
        product(1, "Mitten Gloves", &[("grey", "M")]),
        product(2, "Fell Gloves", &[("grey", "M")]),
    ];
    request
}

#[test]
fn several_words_for_a_thing_have_endings_too() {
    let wish = first("show me two red hand warmers");
    assert_eq!((wish.words.as_str(), wish.head.as_str(), wish.thing), ("gloves", "gloves", true));
}

#[test]
fn the_most_of_one_kind_is_searched_and_not_compared() {
    let wish = first("which one is the cheapest red scarf in the shop?");
    assert_eq!((wish.act, wish.price), (Some(Act::Search), -2));
}

#[test]
fn others_are_wished_where_what_was_shown_is_passed_over() {
    for text in ["next ones, i saw those", "any others"] {
        let acts: Vec<_> = wishes(&shown(text)).iter().filter_map(|it| it.act).collect();
        assert_eq!(acts, [Act::More], "{text}");
    }
}

#[test]
fn what_is_said_of_what_was_shown_is_not_searched() {
    let wish = wishes(&shown("phew, is that dear, red please")).remove(0);
    assert_eq!((wish.act, wish.words.as_str()), (Some(Act::Refine), ""));
}

#[test]
fn thanks_for_what_a_rule_is_about_ask_for_no_rule() {
    assert_eq!(first("thanks for the delivery").act, Some(Act::Thanks));
    assert_eq!(first("gloves, black, M, delivery").act, Some(Act::Search));
}
