//! Which version is meant, of what was just put into the cart or shown, and which goods by their whole names.

use super::asking::shown;
use super::*;

fn wishes(request: &Request) -> Vec<Wish> {
    Clerk::new().explain(request).wishes
}

fn first(request: &Request) -> Wish {
    wishes(request).remove(0)
}

/// What lies there, as its line says it.
fn lying(text: &str) -> Request {
    let mut request = holding(text);
    for line in &mut request.notes.priced.as_mut().unwrap().lines {
        line.options = line.variant.as_str().replace('-', ", ");
    }
    request
}

#[test]
fn how_it_is_to_be_is_told_just_after_it_was_put_there() {
    let grey = swapped("P1-black-M", "P1-grey-M", 2);
    assert_eq!(calls(&lying("grey")), grey);
    assert_eq!(first(&lying("grey, hides dirt better")).act, Some(Act::Swap));
    assert_eq!(first(&lying("black M")).act, Some(Act::Keep));
    for text in ["grey too", "and grey", "show me grey", "grün", "grey scarf"] {
        assert_ne!(first(&lying(text)).act, Some(Act::Swap), "{text}");
    }
}

#[test]
fn one_more_for_someone_is_a_version_of_what_was_put_there() {
    let other = format!("cart_add {}", json!({ "variant": "P1-black-L", "quantity": 1 }));
    assert_eq!(calls(&lying("and the black one in L for my neighbour")), [other]);
}

#[test]
fn what_is_told_more_closely_goes_alone() {
    let gone = format!("cart_remove {}", json!({ "variant": "P2-red-45 l" }));
    let text = "take it out, take the red scarf out";
    assert_eq!(calls(&lying(text)), [gone]);
}

/// What is said to a fez that was shown, with a scarf and gloves in the cart.
fn before_a_fez(text: &str) -> Request {
    let mut request = holding(text);
    let blocks = vec![Block::Cards(vec![asking::card(4)])];
    let said = Entry::Agent { draft: "so".to_owned(), blocks, calls: Vec::new() };
    let mut before = turn("search", json!({ "words": "fez" }));
    before.pop();
    request.transcript = [before, vec![said, customer(text)]].concat();
    let versions = [("grey", "M"), ("red", "M"), ("red", "L")];
    request.notes.evidence.push(product(4, "Fez", &versions));
    request
}

#[test]
fn what_was_shown_is_taken_too_and_kindly() {
    let fez = |version: &str| {
        format!("cart_add {}", json!({ "variant": format!("P4-{version}"), "quantity": 1 }))
    };
    assert_eq!(calls(&before_a_fez("yes, that another")), [fez("grey-M")]);
    for text in ["red in L kindly", "yes, red in L"] {
        assert_eq!(calls(&before_a_fez(text)), [fez("red-L")], "{text}");
    }
    for text in ["red kindly", "red in L"] {
        assert_eq!(calls(&before_a_fez(text)), [""; 0], "{text}");
    }
}

#[test]
fn a_word_for_what_follows_it_is_a_name() {
    let words = |text| first(&fresh(Vec::new(), text)).words;
    assert_eq!(words("show me the fists gloves"), "fists gloves");
    assert_eq!(words("show me fists"), "gloves");
}

#[test]
fn who_leaves_tells_of_the_world_in_passing() {
    let act = |text| first(&fresh(turn("search", json!({ "words": "fez" })), text)).act;
    assert_eq!(act("how high my hedge grows. bye"), Some(Act::Bye));
    assert_eq!(act("how high it grows so show me a ladder"), Some(Act::Ask));
    assert_eq!(act("show me socks for person please"), Some(Act::Human));
}

#[test]
fn what_is_asked_of_a_name_is_not_searched() {
    let wish = first(&fresh(Vec::new(), "which bag sizes is the ladder told of"));
    assert_eq!((wish.act, wish.words.as_str()), (Some(Act::Details), "ladder"));
}

#[test]
fn what_is_counted_is_bought_with_what_is_named_before_it() {
    let said = wishes(&fresh(Vec::new(), "show me a fez in red and two gloves in grey"));
    assert_eq!(said.iter().map(|it| it.buys).collect::<Vec<_>>(), [true, true]);
}

#[test]
fn for_whom_one_more_is_stands_before_how_it_is_to_be() {
    for same in ["the same", "one"] {
        let text = format!("i take the gloves in grey m and for my neighbour {same} in black l");
        let told = wishes(&fresh(Vec::new(), &text));
        let words: Vec<&str> = told.iter().map(|it| it.words.as_str()).collect();
        assert_eq!(words, ["gloves", "gloves"], "{text}");
    }
}

#[test]
fn what_was_named_in_a_sentence_before_is_taken_in_a_version() {
    let wish = first(&shown("the mitten gloves please. i take it in grey"));
    assert_eq!((wish.act, wish.words.as_str()), (Some(Act::Add), "mitten gloves"));
    assert_eq!(wish.filters.len(), 1);
}

#[test]
fn a_large_number_behind_a_colour_counts_nothing() {
    assert_eq!(wishes(&fresh(Vec::new(), "i take the gloves, grey and 110, for me")).len(), 1);
}

#[test]
fn another_piece_of_what_was_put_there_is_no_other_to_look_at() {
    assert_eq!(first(&holding("also a box of those, next ones")).act, Some(Act::Add));
    assert_eq!(first(&shown("basket, next ones")).act, Some(Act::More));
}

#[test]
fn what_comes_instead_is_searched_without_what_goes() {
    let search = calls(&holding("instead of the scarf i prefer the fell in grey"));
    assert!(search.first().is_some_and(|it| it.contains("\"fell\"")), "{search:?}");
}
