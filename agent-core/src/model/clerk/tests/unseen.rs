//! Goods whose names have numbers and endings of their own, and shares of what was just put into the cart.

use super::asking::shown;
use super::feeds::{added, before, called, first};
use super::listing::found;
use super::told::knowing;
use super::*;

fn bare(text: &str) -> Request {
    fresh(Vec::new(), text)
}

/// A number of a name counts nothing.
#[test]
fn what_stands_behind_an_article_and_is_called_so_counts_nothing() {
    let wish = |text: &str| first(&called(bare(text), "chain x9, chain x11"));
    assert_eq!((wish("add the x9").quantity, wish("add the x11").quantity), (None, None));
    assert_eq!(wish("add the x9").words, "x 9");
    assert_eq!(wish("add chain x2").quantity, Some(2));
}

#[test]
fn several_of_a_thing_are_called_as_one_is() {
    let several = |it: &mut Lexicon| it.endings.insert(0, "es".to_owned());
    let request = knowing(called(bare("add inner tubes 28"), "inner tube 28"), &[], several);
    let wish = first(&request);
    assert_eq!((wish.words.as_str(), wish.filters.len()), ("inner tubes 28", 0));
}

#[test]
fn what_is_sold_is_no_help_that_is_asked_for() {
    let act = |titles: &str| first(&called(bare("what can i do fezzes?"), titles)).act;
    assert_eq!((act("red fez"), act("red fezzes")), (Some(Act::Help), Some(Act::Ask)));
}

#[test]
fn what_is_taken_back_is_the_count_and_no_measure() {
    let wish = first(&bare("two scarf 45 litres, no wait, three"));
    assert_eq!((wish.quantity, wish.measures), (Some(3), list("45 litres")));
}

#[test]
fn what_lies_there_so_already_is_not_put_there_again() {
    let grey = [added("P1-grey-M", 1)];
    assert_eq!(calls(&holding("add two in black and one in grey")), grey);
    assert_eq!(calls(&holding("add one in grey and two in black")), grey);
}

#[test]
fn a_thing_wished_in_the_basket_is_put_there() {
    let wants = [("search", "id like"), ("add", "id like")];
    let act = |text: &str| first(&knowing(bare(text), &wants, |_| ())).act;
    assert_eq!(act("id like the red scarf in the basket"), Some(Act::Add));
    assert_eq!(act("id like the basket"), Some(Act::Cart));
}

#[test]
fn what_leads_to_what_is_searched_is_not_searched() {
    let words = |text: &str| first(&bare(text)).words;
    assert_eq!(words("my scarf is torn hence show me gloves"), "gloves");
    assert_eq!(words("my scarf is torn show me gloves"), "scarf gloves");
}

#[test]
fn a_question_may_begin_with_a_bound() {
    let asks = |text: &str| (first(&bare(text)).asks, first(&bare(text)).open_question);
    assert_eq!(asks("over what weight are the gloves"), (true, true));
    assert_eq!(asks("over the weight are the gloves"), (false, false));
}

#[test]
fn goods_may_be_called_as_a_rule_is() {
    let act = |titles: &str| first(&called(bare("show me a silly delivery thing"), titles)).act;
    assert_eq!((act("red fez"), act("delivery fez")), (Some(Act::Policy), Some(Act::Search)));
}

#[test]
fn what_is_to_be_as_the_last_is_taken() {
    let fez = product(4, "Fez", &[("red", "L"), ("red", "M"), ("grey", "L"), ("grey", "M")]);
    assert_eq!(calls(&before("grey, same size", fez.clone())), [added("P4-grey-M", 1)]);
    assert_eq!(calls(&before("grey", fez)), [""; 0]);
}

#[test]
fn a_word_of_a_size_is_enough_of_it_where_no_other_has_it() {
    let wants = [("search", "id like"), ("add", "id like")];
    let fez = |n, title, other| product(n, title, &[("grey", "long tassel"), ("grey", other)]);
    let said = |text: &str, other| {
        let request = knowing(holding(text), &wants, |_| ());
        found(request, &[fez(3, "Woollen Fez", other), fez(4, "Woollen Hat", other)])
    };
    let two = [added("P3-grey-long tassel", 2)];
    assert_eq!(said("id like two woollen fez long", "short tassel"), two);
    assert_eq!(said("id like two woollen fez long", "long chain"), [""; 0]);
    assert_eq!(said("id like two fez long", "short tassel"), [""; 0]);
}

#[test]
fn the_other_of_two_takes_the_place_of_the_one_that_goes() {
    let said = |text: &str, versions: &[(&str, &str)]| {
        let mut request = shown(text);
        let held = holding(text);
        request.tools = held.tools;
        request.notes.evidence =
            vec![product(1, "Mitten Gloves", versions), product(2, "Fez", &[("grey", "M")])];
        request.notes.cart = vec![("P1-grey-M".into(), 1)];
        let lines = vec![line("P1-grey-M", "Mitten Gloves", 1)];
        request.notes.priced = Some(CartFacts { lines, total: None });
        calls(&request)
    };
    let text = "the small one instead of the gloves";
    assert_eq!(said(text, &[("grey", "M")]), swapped("P1-grey-M", "P2-grey-M", 1));
    assert_eq!(said(text, &[("grey", "M"), ("grey", "S")]), swapped("P1-grey-M", "P1-grey-S", 1));
}

#[test]
fn what_is_named_behind_what_is_added_is_added_though_it_was_shown() {
    let acts = |text: &str| Clerk::new().explain(&shown(text)).wishes.into_iter().map(|it| it.act);
    let both = [Some(Act::Add), Some(Act::Add)];
    assert!(acts("add a marinara and the mitten gloves").eq(both));
    assert!(acts("the mitten gloves").eq([Some(Act::Details)]));
}

#[test]
fn a_count_of_each_is_of_each_value_that_is_listed() {
    let each = |it: &mut Lexicon| it.apiece = list("each, of each");
    let said = |text: &str| {
        let wishes = Clerk::new().explain(&knowing(bare(text), &[], each)).wishes.into_iter();
        let said = wishes.map(|it| (it.words, it.quantity, it.filters.get("color").cloned()));
        said.collect::<Vec<_>>()
    };
    let two = |color: &str| ("fez".to_owned(), Some(2), Some(color.to_owned()));
    for text in ["add two fez each in red and grey", "add a fez in red and grey, two of each"] {
        assert_eq!(said(text), [two("red"), two("grey")], "{text}");
    }
    let three = [two("red"), two("black"), two("grey")];
    assert_eq!(said("add fez in red, black and in grey, two of each"), three);
    assert_eq!(said("add two fez in red and grey").len(), 1);
}

#[test]
fn a_second_one_is_of_what_is_named_before() {
    let said = |text: &str| {
        let wishes = Clerk::new().explain(&bare(text)).wishes.into_iter();
        let said = wishes.map(|it| (it.act, it.words, it.filters.get("color").cloned()));
        said.collect::<Vec<_>>()
    };
    let fez = |color: &str| (Some(Act::Add), "fez".to_owned(), Some(color.to_owned()));
    assert_eq!(said("add fez in red and a second in grey"), [fez("red"), fez("grey")]);
}

#[test]
fn a_count_is_no_number_of_a_name_whose_other_words_are_not_said() {
    let fez = [product(3, "Fez 2 Ply", &[("grey", "M")])];
    let said = |text: &str| found(holding(text), &fez);
    assert_eq!(said("add 2 x fez"), [added("P3-grey-M", 2)]);
    assert_eq!(said("add 2 ply fez"), [added("P3-grey-M", 1)]);
}

#[test]
fn so_much_of_what_is_shown_is_so_many() {
    let said = |text: &str| first(&bare(text));
    let (of_it, alone) = (said("add two litres of those"), said("add two litres"));
    assert_eq!((of_it.quantity, alone.quantity), (Some(2), None));
}

#[test]
fn the_one_that_is_pointed_at_and_asked_for_kindly_is_taken() {
    let fez = || product(4, "Fez", &[("grey", "M"), ("red", "M")]);
    let said = |text: &str| calls(&before(text, fez()));
    let kindly = |text: &str| calls(&knowing(before(text, fez()), &[("kindly", "kindly")], |_| ()));
    assert_eq!(kindly("the red kindly"), [added("P4-red-M", 1)]);
    assert_eq!(said("the red"), [""; 0]);
}
