//! What is amended as soon as it was said, what is listed in versions, and what is only shown.

use super::feeds::{added, first};
use super::listing::found;
use super::told::knowing;
use super::*;

fn bare(text: &str) -> Request {
    fresh(Vec::new(), text)
}

fn wishes(request: &Request) -> Vec<Wish> {
    Clerk::new().explain(request).wishes
}

fn gone(variant: &str) -> String {
    format!("cart_remove {}", json!({ "variant": variant }))
}

#[test]
fn that_this_was_all_is_no_part_of_what_is_listed_before_it() {
    let acts = |text: &str| -> Vec<Option<Act>> {
        wishes(&bare(text)).into_iter().map(|it| it.act).collect()
    };
    let checkout = Some(Act::Checkout);
    assert_eq!(acts("add two ponchos and three scarf, that is all").last(), Some(&checkout));
    let counts: Vec<_> = wishes(&bare("add two ponchos and three scarf, that is all"))
        .into_iter()
        .map(|it| it.quantity)
        .collect();
    assert_eq!(counts, [Some(2), Some(3), None]);
    assert_eq!(acts("add two ponchos, please to the till").last(), Some(&checkout));
}

#[test]
fn what_is_to_be_shown_is_not_ordered() {
    let cues = [("shows", "show me")];
    let wish = |text: &str, cues: &[(&str, &str)]| first(&knowing(bare(text), cues, |_| ()));
    let shown = wish("show me one poncho add", &cues);
    assert_eq!((shown.buys, shown.quantity), (false, None));
    assert!(wish("show me one poncho add", &[]).buys);
    assert!(wish("show me, i take one poncho", &cues).buys);
}

#[test]
fn what_is_to_stand_for_what_does_not_lie_there_takes_nothing_out() {
    let fez = [product(4, "Fez", &[("grey", "M")])];
    let mut request = holding("i prefer the fez not the trilby");
    request = knowing(request, &[], |it| it.things.push("fez".to_owned()));
    assert_eq!(found(request, &fez), [added("P4-grey-M", 1)]);
}

#[test]
fn one_or_the_other_tells_neither() {
    let color = |text: &str| {
        let or = |it: &mut Lexicon| it.alternatives = list("or");
        first(&knowing(bare(text), &[], or)).filters.get("color").cloned()
    };
    assert_eq!(color("add a poncho in red or grey"), None);
    assert_eq!(color("add a poncho in red"), Some("red".to_owned()));
}

#[test]
fn shares_may_stand_alone_and_have_sizes_of_two_numbers() {
    let told = |text: &str| -> Vec<(Option<u32>, String)> {
        let wishes = wishes(&bare(text)).into_iter();
        wishes.map(|it| (it.quantity, it.filters.into_values().collect())).collect()
    };
    let one = |value: &str| (Some(1), value.to_owned());
    assert_eq!(told("one red, one grey"), [one("red"), one("grey")]);
    assert_eq!(told("add two ponchos one in 3-4 and one in 7-8").len(), 2);
}

#[test]
fn a_pack_of_so_many_is_one() {
    let fez = [product(4, "Fez Pack of 5", &[("grey", "M")])];
    let things = |it: &mut Lexicon| it.things.push("fez".to_owned());
    let said = |text: &str| found(knowing(holding(text), &[], things), &fez);
    assert_eq!(said("add a 5 pack fez"), [added("P4-grey-M", 1)]);
    assert_eq!(said("add 5 packs fez"), [added("P4-grey-M", 5)]);
}

#[test]
fn what_goes_while_so_many_stay_goes_where_there_are_no_more() {
    assert_eq!(calls(&holding("take the scarf out one is enough")), [gone("P2-red-45 l")]);
    let one = format!("cart_set {}", json!({ "variant": "P1-black-M", "quantity": 1 }));
    assert_eq!(calls(&holding("take the gloves out one is enough")), [one]);
}

#[test]
fn what_was_just_put_there_goes_by_a_word_that_no_goods_have() {
    let told = |it: &mut Lexicon| it.told = list("mitten, gloves, fringe, scarf, fez");
    let said = |text: &str, lines: usize| {
        let mut request = knowing(holding(text), &[], told);
        request.notes.cart.drain(..2 - lines);
        request.notes.priced.as_mut().unwrap().lines.drain(..2 - lines);
        calls(&request)
    };
    assert_eq!(said("the thingy out", 1), [gone("P1-black-M")]);
    assert!(said("the fez out", 1).is_empty() && said("the thingy out", 2).is_empty());
}

#[test]
fn a_drawn_out_word_is_what_it_is() {
    assert_eq!(first(&bare("hellooo")).act, Some(Act::Greet));
    assert_eq!(first(&bare("helloooo there")).act, Some(Act::Greet));
}
