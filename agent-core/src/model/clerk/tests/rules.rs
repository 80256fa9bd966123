//! Goods that are wished with words that a rule of the shop is asked for with, and what looks like another wish.

use super::feeds::{called, first};
use super::*;

fn act(request: &Request) -> Option<Act> {
    first(request).act
}

#[test]
fn what_is_counted_bounded_or_named_whole_is_no_rule() {
    let fresh = |text: &str| fresh(Vec::new(), text);
    assert_eq!(act(&fresh("add two delivery gloves")), Some(Act::Add));
    assert_eq!(act(&fresh("gloves in town over 30")), Some(Act::Search));
    assert_eq!(act(&fresh("gloves in town")), Some(Act::Policy));
    let card = |titles| act(&called(holding("and a frost card"), titles));
    assert_eq!(card("frost card"), Some(Act::Add));
    assert_eq!(card("none at all"), Some(Act::Policy));
}

#[test]
fn a_rule_that_is_asked_for_at_length_changes_no_line() {
    assert_eq!(act(&holding("can i usually take it instead?")), Some(Act::Policy));
}

#[test]
fn a_thing_for_a_person_asks_for_none() {
    let act = |text: &str| act(&fresh(Vec::new(), text));
    assert_eq!(act("show me a scarf for a clerk"), Some(Act::Search));
    assert_eq!(act("do you have a clerk"), Some(Act::Human));
}

#[test]
fn what_is_no_line_is_left_out_of_no_cart() {
    let out = |text: &str| calls(&holding(text)).iter().any(|it| it.starts_with("cart_remove"));
    assert!(!out("can you leave the moon off") && !out("it is so, leave the moon off"));
    assert!(out("can you leave the scarf off"));
}

#[test]
fn what_is_asked_for_as_what_is_sold_is_no_want() {
    assert_eq!(first(&fresh(Vec::new(), "do you knit gloves")).words, "gloves");
    assert_eq!(first(&fresh(Vec::new(), "i knit gloves")).words, "poncho");
}

#[test]
fn small_words_may_stand_before_what_takes_back() {
    let wish = first(&fresh(Vec::new(), "please no, grey gloves"));
    assert!(wish.without.is_empty() && !wish.filters.is_empty(), "{wish:?}");
}
