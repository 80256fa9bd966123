//! What is taken back at once, counted apart, chosen of two, and told beside it all.

use super::*;

fn wishes(request: &Request) -> Vec<Wish> {
    Clerk::new().explain(request).wishes
}

fn acts(request: &Request) -> Vec<Act> {
    wishes(request).iter().filter_map(|it| it.act).collect()
}

fn words(text: &str) -> Vec<String> {
    wishes(&fresh(Vec::new(), text)).into_iter().map(|it| it.words).collect()
}

fn gone(variant: &str) -> String {
    format!("cart_remove {}", json!({ "variant": variant }))
}

#[test]
fn goods_that_are_taken_back_are_not_wished() {
    for text in [
        "a marinara, no sorry, a tonno",
        "a marinara, i mean a tonno",
        "a marinara no wait the tonno please",
        "a marinara please. no wait, a tonno",
    ] {
        assert_eq!(words(text), ["tonno"], "{text}");
    }
    assert_eq!(words("a marinara, no onions"), ["marinara"]);
    assert_eq!(acts(&holding("the scarf, no wait, the tonno")), [Act::Swap]);
}

#[test]
fn numbers_of_persons_count_nothing() {
    let quantity = |text: &str| wishes(&fresh(Vec::new(), text)).remove(0).quantity;
    assert_eq!(quantity("he is three so i take gloves"), None);
    assert_eq!(quantity("i take three gloves"), Some(3));
}

#[test]
fn one_less_goes_and_is_not_all_that_is_left() {
    let one = format!("cart_set {}", json!({ "variant": "P1-black-M", "quantity": 1 }));
    assert_eq!(acts(&holding("one less is enough")), [Act::Remove]);
    assert_eq!(calls(&holding("one less please, it rained at sea")), [one]);
    assert_eq!(calls(&holding("make the gloves 0")), [gone("P1-black-M")]);
}

#[test]
fn what_shares_a_name_is_apart_whatever_it_is() {
    for text in ["2 fezzes, one red one grey", "fezzes one red one grey, to go with them"] {
        let wishes = wishes(&fresh(Vec::new(), text));
        let said = wishes.iter().map(|it| (it.filters.values().cloned().collect(), it.quantity));
        let each = |color: &str| (vec![color.to_owned()], Some(1));
        assert_eq!(said.collect::<Vec<_>>(), [each("red"), each("grey")], "{text}");
    }
}

#[test]
fn things_that_are_not_known_are_listed_too() {
    assert_eq!(words("1 fez, 1 first aid kit"), ["fez", "first aid kit"]);
    assert_eq!(words("for my trip one fez"), ["fez"]);
    assert_eq!(words("add marinarae"), ["marinarae"]);
    assert_eq!(
        acts(&fresh(Vec::new(), "add a marinara and a tonno that is all")),
        [Act::Add, Act::Add, Act::Checkout]
    );
}

#[test]
fn one_of_what_was_compared_is_chosen() {
    let compared = |text: &str| {
        let mut request = asking::shown(text);
        let call = turn("compare", json!({ "ids": ["P1-grey-M", "P2-grey-M"] }));
        request.transcript.splice(..3, call.into_iter().take(2));
        request
    };
    assert_eq!(acts(&compared("and the first")), [Act::Add]);
    assert_eq!(acts(&asking::shown("the first")), [Act::Details]);
    assert_eq!(acts(&compared("is it the first")), [Act::Details]);
}

#[test]
fn one_goes_and_the_other_comes() {
    assert_eq!(acts(&holding("the scarf out and the tonno add")), [Act::Remove, Act::Add]);
    assert_eq!(acts(&holding("we wore gloves so no gloves")), [Act::Remove]);
    let larger = swapped("P1-black-M", "P1-black-L", 2);
    assert_eq!(calls(&holding("too small, i take it in L")), larger);
}

#[test]
fn both_of_a_kind_go() {
    let mut request = holding("both scarf out");
    request.notes.evidence.push(product(3, "Snood Scarf", &[("red", "M")]));
    request.notes.cart.push(("P3-red-M".into(), 1));
    let lines = &mut request.notes.priced.as_mut().unwrap().lines;
    lines.push(line("P3-red-M", "Snood Scarf", 1));
    assert_eq!(calls(&request), [gone("P2-red-45 l"), gone("P3-red-M")]);
}
