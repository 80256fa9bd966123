//! What is meant by what was said and done before.

use super::asking::shown;
use super::*;

fn wishes(request: &Request) -> Vec<Wish> {
    Clerk::new().explain(request).wishes
}

fn first(text: &str) -> Wish {
    wishes(&fresh(Vec::new(), text)).remove(0)
}

fn act(request: &Request) -> Option<Act> {
    wishes(request).first().and_then(|it| it.act)
}

/// What is said with a scarf and gloves in the cart, after these calls.
fn after(made: &[(&str, Value)], text: &str) -> Request {
    let mut request = holding(text);
    let calls = made.iter().flat_map(|(tool, arguments)| turn(tool, arguments.clone()));
    let calls = calls.filter(|it| matches!(it, Entry::Agent { blocks, .. } if blocks.is_empty()));
    let said = Entry::Agent {
        draft: "so".to_owned(),
        blocks: vec![Block::Text("so".to_owned())],
        calls: Vec::new(),
    };
    request.transcript =
        std::iter::once(customer("before")).chain(calls).chain([said, customer(text)]).collect();
    request
}

#[test]
fn another_version_of_what_was_just_put_there_lies_beside_it() {
    let beside = format!("cart_add {}", json!({ "variant": "P1-black-L", "quantity": 1 }));
    for text in [
        "and the same in L for my brother",
        "and for my brother the same in L",
        "the same in L for my sister",
        "and one in L for my sister",
        "another in L",
    ] {
        assert_eq!(calls(&holding(text)), [beside.as_str()], "{text}");
    }
}

#[test]
fn what_was_done_to_one_line_is_done_to_another() {
    let variant = |it: &str| json!({ "variant": it });
    let gone = format!("cart_remove {}", variant("P2-red-45 l"));
    let removed = [("cart_remove", variant("P9-red-M"))];
    assert_eq!(calls(&after(&removed, "and the scarf please")), [gone]);
    let counted = [("cart_set", json!({ "variant": "P1-black-M", "quantity": 3 }))];
    let three = format!("cart_set {}", json!({ "variant": "P2-red-45 l", "quantity": 3 }));
    assert_eq!(calls(&after(&counted, "and the scarf please")), [three]);
    let changed =
        [("cart_remove", variant("P1-black-M")), ("cart_add", json!({ "variant": "P1-grey-M" }))];
    let mut request = after(&changed, "and the scarf please");
    let scarves = [("red", "45 l"), ("grey", "45 l")];
    request.notes.evidence.insert(0, product(2, "Fringe Scarf", &scarves));
    request.notes.evidence.remove(1);
    assert_eq!(calls(&request), swapped("P2-red-45 l", "P2-grey-45 l", 1));
    assert_eq!(act(&after(&removed, "and a scarf please")), Some(Act::Add));
}

#[test]
fn what_lies_in_the_cart_as_it_is_named_is_not_changed() {
    let held = |text: &str| {
        let mut request = holding(text);
        for line in &mut request.notes.priced.as_mut().unwrap().lines {
            line.options = line.variant.as_str().replace('-', ", ");
        }
        request
    };
    let gone = format!("cart_remove {}", json!({ "variant": "P1-black-M" }));
    assert_eq!(calls(&held("take the black gloves out, i prefer that")), [gone.as_str()]);
    for text in ["take the black one out", "make it out of the basket, the black one"] {
        assert_eq!(calls(&held(text)), [gone.as_str()], "{text}");
    }
    assert_eq!(calls(&held("take the grey one out")), [""; 0]);
}

#[test]
fn what_is_called_so_is_no_slip() {
    let mut request = holding("take the scarvs out");
    request.notes.cart.push(("P3-red-M".into(), 1));
    let lines = &mut request.notes.priced.as_mut().unwrap().lines;
    lines.push(line("P3-red-M", "Scarv Fez", 1));
    let gone = format!("cart_remove {}", json!({ "variant": "P3-red-M" }));
    assert_eq!(calls(&request), [gone]);
}

#[test]
fn a_no_before_a_name_takes_back_what_was_before() {
    let without = |text: &str| wishes(&shown(text)).remove(0).without;
    assert_eq!(without("no the fell in L"), [""; 0]);
    assert_eq!(without("not the fell in L"), ["fell"]);
}

#[test]
fn what_was_shown_before_is_cheaper_or_not() {
    assert_eq!(act(&shown("do you have cheaper ones than the fell")), Some(Act::Refine));
    assert_eq!(act(&shown("is the fell cheaper")), Some(Act::Details));
}

#[test]
fn it_may_be_double_and_only_what_begins_so_is_doubled() {
    assert!(wishes(&holding("double the scarf")).remove(0).doubled);
    for text in ["add a tonno in double", "double tonno"] {
        assert!(!first(text).doubled, "{text}");
    }
}

#[test]
fn why_something_is_needed_is_told_before_it() {
    assert_eq!(first("they broke in town hence show me a fez").act, Some(Act::Search));
    assert_eq!(first("they broke hence show me the delivery").act, Some(Act::Policy));
}

#[test]
fn a_wish_for_one_is_kind_to_all_that_is_listed() {
    let said = wishes(&fresh(Vec::new(), "gloves in grey and a scarf in red kindly"));
    assert_eq!(said.iter().map(|it| it.kindly).collect::<Vec<_>>(), [true, true]);
}

#[test]
fn what_can_be_made_otherwise_is_changed() {
    let larger = swapped("P1-black-M", "P1-black-L", 2);
    assert_eq!(calls(&holding("can you make it a size up")), larger);
    assert_eq!(act(&holding("can you make gloves in L")), Some(Act::Search));
}

#[test]
fn so_many_of_them_are_told_whatever_is_told_of_them() {
    let text = "can i take the tonno, two of those, one for a bed";
    let said = wishes(&fresh(Vec::new(), text));
    assert_eq!(said.iter().map(|it| it.quantity).collect::<Vec<_>>(), [Some(2)]);
}
