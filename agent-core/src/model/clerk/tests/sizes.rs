//! Versions that are told by a part of what their sizes say, and numbers that are none.

use super::feeds::{added, asked_of, before, called, first};
use super::listing::found;
use super::*;

/// A tea in sizes that say two things.
fn tea() -> Evidence {
    let sizes = ["250 g leaves", "250 g powder", "1 kg leaves"];
    product(4, "Dawn Tea", &sizes.map(|size| ("grey", size)))
}

fn ordering(text: &str) -> Request {
    Request { tools: holding(text).tools, ..fresh(Vec::new(), text) }
}

#[test]
fn a_part_of_a_size_answers_where_it_tells_one_from_others() {
    let added = |size: &str| vec![added(&format!("P4-grey-{size}"), 1)];
    let answer = |text: &str| calls(&asked_of(text, "add the tea", tea()));
    assert_eq!(answer("powder"), added("250 g powder"));
    assert_eq!(answer("the kilo"), added("1 kg leaves"));
    assert_eq!(answer("leaves, 250 g"), added("250 g leaves"));
    assert_eq!(answer("leaves"), [""; 0]);
    assert_eq!(answer("250 g"), [""; 0]);
}

#[test]
fn a_part_of_a_size_is_one_of_what_was_not_shown_too() {
    let ordered = |text: &str| found(ordering(text), &[tea()]);
    assert_eq!(ordered("add the dawn tea, the kilo"), [added("P4-grey-1 kg leaves", 1)]);
    assert_eq!(ordered("add the dawn tea as powders"), [added("P4-grey-250 g powder", 1)]);
    assert_eq!(ordered("add the dawn tea in leaves"), [""; 0]);
}

#[test]
fn a_number_behind_times_counts() {
    let ordered = found(ordering("add the dawn tea 1 kg leaves x 3"), &[tea()]);
    assert_eq!(ordered, [added("P4-grey-1 kg leaves", 3)]);
}

#[test]
fn a_number_behind_an_article_is_a_version_where_there_is_one() {
    let pans = || product(4, "Fine Pans", &[("grey", "12 pans"), ("grey", "24 pans")]);
    let mut request = before("make the pans the 24 box", pans());
    request.notes.cart = vec![("P4-grey-12 pans".into(), 1)];
    let lines = vec![line("P4-grey-12 pans", "Fine Pans", 1)];
    request.notes.priced = Some(CartFacts { lines, total: None });
    assert_eq!(calls(&request), swapped("P4-grey-12 pans", "P4-grey-24 pans", 1));
}

#[test]
fn the_smaller_of_two_lines_is_told_by_its_size() {
    let kettle = || product(4, "Steam Kettle", &[("grey", "0.6 l"), ("grey", "1 l")]);
    for (text, size) in [("take the small one out", "0.6 l"), ("take the large one out", "1 l")] {
        let mut request = before(text, kettle());
        let lines = ["P4-grey-1 l", "P4-grey-0.6 l"].map(|it| line(it, "Steam Kettle", 1));
        request.notes.cart = lines.iter().map(|it| (it.variant.clone(), it.quantity)).collect();
        request.notes.priced = Some(CartFacts { lines: lines.to_vec(), total: None });
        let gone = json!({ "variant": format!("P4-grey-{size}") });
        assert_eq!(calls(&request), [format!("cart_remove {gone}")], "{text}");
    }
}

#[test]
fn a_small_word_may_be_one_of_a_whole_name() {
    let words = |titles| first(&called(ordering("add the other dawn tea"), titles)).words;
    assert_eq!(words("other dawn tea"), "other dawn tea");
    assert_eq!(words("dawn tea"), "dawn tea");
}

#[test]
fn the_bigger_one_of_what_is_named_is_the_other_of_two() {
    let fez = product(5, "Fez", &[("grey", "M")]);
    let request = called(before("add the dawn tea, the bigger one", fez), "dawn tea");
    let tea = [product(4, "Dawn Tea", &[("grey", "0.8 l"), ("grey", "1.2 l")])];
    assert_eq!(found(request, &tea), [added("P4-grey-1.2 l", 1)]);
}

#[test]
fn what_tells_why_a_version_is_wished_names_nothing() {
    let powder = [added("P4-grey-250 g powder", 1)];
    for text in ["powder, i not of scarf", "my scarf is of wool hence powder"] {
        assert_eq!(calls(&asked_of(text, "add the tea", tea())), powder, "{text}");
    }
    let both = asked_of("powder, and a scarf", "add the tea", tea());
    assert!(Clerk::new().explain(&both).wishes.iter().any(|it| it.words == "scarf"));
}

#[test]
fn what_is_of_a_kind_is_found_beside_what_is_called_so() {
    let of_kind = |n, title: &str| {
        let evidence = product(n, title, &[("grey", "M")]);
        let Body::Product(facts) = &evidence.finding.body else { panic!("a product") };
        let facts = ProductFacts { category: list("Home, Tea Pots"), ..(**facts).clone() };
        let body = Body::Product(Box::new(facts));
        let finding = Finding { body, ..(*evidence.finding).clone() };
        Evidence { finding: finding.into(), ..evidence }
    };
    let goods = [of_kind(4, "Dawn Tea Pot"), of_kind(5, "Dusk Can")];
    let mut request = ordering("do you have tea pots");
    for n in 1..3 {
        let (tool, arguments) = Clerk::new().explain(&request).calls.remove(0);
        let id = Made { turn: TurnId(2), n };
        let call = Call { id, tool, arguments };
        let (draft, blocks) = (String::new(), Vec::new());
        request.transcript.push(Entry::Agent { draft, blocks, calls: vec![call] });
        request.transcript.push(Entry::Tool { call: id, result: Ok(goods.to_vec()) });
        if Clerk::new().explain(&request).calls.is_empty() {
            break;
        }
    }
    assert_eq!(Clerk::new().explain(&request).phrases, ["search.found"]);
    // `The pots`, of the one such thing in the cart.
    let mut request = holding("take the pots out");
    request.notes.evidence.extend(goods);
    request.notes.cart.push(("P5-grey-M".into(), 1));
    request.notes.priced.as_mut().unwrap().lines.push(line("P5-grey-M", "Dusk Can", 1));
    let gone = format!("cart_remove {}", json!({ "variant": "P5-grey-M" }));
    assert_eq!(calls(&request), [gone]);
}

#[test]
fn a_size_that_does_not_fit_is_neither_wished_nor_counted() {
    let shoe = || product(4, "Dawn Shoe", &[("grey", "42"), ("grey", "43")]);
    let answer = |text: &str, count: u32| {
        let mut request = fresh(turn("cart_add", json!({ "variant": "P4-grey-42" })), text);
        request.tools = holding(text).tools;
        request.notes.evidence = vec![shoe()];
        request.notes.cart = vec![("P4-grey-42".into(), count)];
        let lines = vec![line("P4-grey-42", "Dawn Shoe", count)];
        request.notes.priced = Some(CartFacts { lines, total: None });
        calls(&request)
    };
    let other = swapped("P4-grey-42", "P4-grey-43", 1);
    for text in [
        "i prefer 43, 42 is too small",
        "i prefer 43, the 42 is too small",
        "42 is too small, i prefer 43",
    ] {
        assert_eq!(answer(text, 1), other, "{text}");
    }
    // Of so many of them it counts.
    let fewer = json!({ "variant": "P4-grey-42", "quantity": 2 });
    assert_eq!(answer("42 is too many, make it 2", 42), [format!("cart_set {fewer}")]);
}

#[test]
fn a_number_of_a_size_in_two_numbers_counts_nothing() {
    let desk = product(4, "Dawn Desk", &[("grey", "120 x 60 cm"), ("grey", "160 x 80 cm")]);
    let answer = |text: &str| calls(&asked_of(text, "add the desk", desk.clone()));
    assert_eq!(answer("add the 160 x 80"), [added("P4-grey-160 x 80 cm", 1)]);
}

#[test]
fn a_size_with_a_number_counts_nothing() {
    let fez =
        product(4, "Dawn Fez", &[("grey", "3/4"), ("grey", "1/2"), ("grey", "5A"), ("grey", "7A")]);
    let answer = |text: &str| calls(&asked_of(text, "add the fez", fez.clone()));
    assert_eq!(answer("add the 3/4 please"), [added("P4-grey-3/4", 1)]);
    assert_eq!(answer("two 5As"), [added("P4-grey-5A", 2)]);
}
