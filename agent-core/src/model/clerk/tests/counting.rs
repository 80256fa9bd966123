//! How many of what is meant, where a name, a tale or a list says numbers too.

use super::feeds::{added, before, called, first};
use super::listing::found;
use super::told::knowing;
use super::*;

fn bare(text: &str) -> Request {
    fresh(Vec::new(), text)
}

#[test]
fn a_number_that_is_said_twice_counts_what_has_it_in_its_name() {
    let fez = [product(4, "Three Ply Fez", &[("grey", "M")])];
    let said = |text: &str| found(holding(text), &fez);
    assert_eq!(said("add three of the three ply fez"), [added("P4-grey-M", 3)]);
    assert_eq!(said("add the three ply fez"), [added("P4-grey-M", 1)]);
}

#[test]
fn versions_may_be_listed_by_their_articles() {
    let said = |text: &str| {
        let wishes = Clerk::new().explain(&bare(text)).wishes.into_iter();
        wishes.map(|it| it.filters.get("color").cloned().unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(said("add two ponchos, a red a grey"), ["red", "grey"]);
    assert_eq!(said("add two ponchos, one red, one grey, i take it"), ["red", "grey"]);
}

#[test]
fn a_number_with_its_sign_counts_whatever_was_counted_before() {
    assert_eq!(first(&bare("add 1 more 3 x poncho")).quantity, Some(3));
    assert_eq!(first(&bare("add 2 of the 3 x poncho")).quantity, Some(2));
}

#[test]
fn in_what_something_is_sold_is_no_name_of_it() {
    assert_eq!(first(&bare("add a box poncho")).words, "poncho");
    assert_eq!(first(&called(bare("add a box poncho"), "red box poncho")).words, "box poncho");
}

#[test]
fn goods_that_are_told_of_beside_a_count_are_not_counted() {
    let three = format!("cart_set {}", json!({ "variant": "P1-black-M", "quantity": 3 }));
    assert_eq!(calls(&holding("make three, i have poncho")), [three]);
}

#[test]
fn what_is_asked_of_other_goods_is_not_asked_of_what_was_shown() {
    let fez = || product(4, "Fez", &[("grey", "M")]);
    let cost = [("details", "what cost")];
    let said = |titles: &str| {
        let request = called(before("what cost trilby", fez()), titles);
        calls(&knowing(request, &cost, |_| ())).concat().contains("trilby")
    };
    assert!(said("red trilby") && !said("red fez"));
}
