//! What is asked for, shown and passed over.

use super::*;
use crate::message::Card;

fn wishes(request: &Request) -> Vec<Wish> {
    Clerk::new().explain(request).wishes
}

fn first(text: &str) -> Wish {
    wishes(&fresh(Vec::new(), text)).remove(0)
}

/// The card of a product in grey and M.
pub(super) fn card(n: u32) -> Card {
    Card {
        source: Label(n),
        record: format!("P{n}-grey-M").as_str().into(),
        title: String::new(),
        detail: String::new(),
        price: euros(1_000),
        image: None,
        link: None,
        actions: Vec::new(),
    }
}

/// What is said to two products that a search for gloves showed.
pub(super) fn shown(text: &str) -> Request {
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
fn a_word_typed_without_its_letters_has_endings_too() {
    for text in ["grün scarf", "gruen scarf", "gruens scarf"] {
        assert_eq!(first(text).filters.values().collect::<Vec<_>>(), ["green"], "{text}");
    }
}

#[test]
fn one_is_one_behind_a_yes_too() {
    assert!(first("yes, a for me").one && first("a for me").one && !first("a scarf").one);
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

#[test]
fn goods_that_are_searched_weigh_more_than_a_rule_told_around_them() {
    assert_eq!(first("do you have gloves for my walk in town?").act, Some(Act::Search));
    assert_eq!(first("do you have my delivery of gloves?").act, Some(Act::Policy));
    let wish = first("a scarf, i usually take an l");
    assert_eq!((wish.act, wish.filters.len()), (Some(Act::Search), 1));
}

#[test]
fn what_goods_cost_is_asked_of_them_and_not_of_the_cart() {
    assert_eq!(first("what would the red scarf set me back?").act, Some(Act::Details));
    assert_eq!(first("what would that set me back?").act, Some(Act::Cart));
}

#[test]
fn another_sentence_is_no_name_of_what_is_searched() {
    assert_eq!(first("do you have gloves my hands fit").head, "gloves");
}

#[test]
fn a_want_is_told_beside_what_is_searched_by_name() {
    let words = |text| -> Vec<String> {
        wishes(&fresh(Vec::new(), text)).into_iter().map(|it| it.words).collect()
    };
    assert_eq!(words("cold hands. do you have a scarf"), ["scarf"]);
    assert_eq!(words("cold hands"), ["gloves"]);
}

#[test]
fn what_is_too_dear_is_no_place_and_what_is_out_is_a_bound() {
    assert_eq!(wishes(&shown("both, but the cheapest")).remove(0).places, [0; 0]);
    let wish = wishes(&shown("over 30 is out")).remove(0);
    assert_eq!((wish.act, wish.amount), (Some(Act::Refine), (None, Some("30".to_owned()))));
}

#[test]
fn with_nothing_in_the_cart_what_is_searched_is_found() {
    let explained = Clerk::new().explain(&fresh(Vec::new(), "out with it, do you have a scarf"));
    assert!(!explained.phrases.contains(&"cart.empty".to_owned()), "{:?}", explained.phrases);
}

#[test]
fn what_is_told_after_a_question_is_not_searched() {
    let said = wishes(&fresh(Vec::new(), "is the marinara hot? sorry, i carry that in my gloves"));
    assert_eq!(said.iter().map(|it| it.words.as_str()).collect::<Vec<_>>(), ["marinara hot"]);
}

#[test]
fn what_is_told_before_a_comma_is_no_name() {
    assert_eq!(first("we go north in july, which scarf is it").words, "scarf");
}

#[test]
fn thanks_pay_for_nothing_and_a_person_is_wished_instead_of_a_bot() {
    assert_eq!(first("thanks, to the till").act, Some(Act::Thanks));
    assert_eq!(first("do you have a person please instead of a bot?").act, Some(Act::Human));
}
