//! What only a name, the feed or what lies in the cart can tell: a comma in a name, words no goods are told of with, the
//! same size, and what is ordered a sentence later.

use super::feeds::{added, before, called, first};
use super::listing::found;
use super::*;

#[test]
fn a_comma_within_a_name_parts_nothing() {
    let wishes = |titles| {
        let request = called(fresh(Vec::new(), "add two oak gloves, scarf of 6"), titles);
        Clerk::new().explain(&request).wishes.len()
    };
    assert_eq!((wishes("oak gloves scarf of 6"), wishes("none at all")), (1, 2));
}

#[test]
fn a_whole_name_is_searched_as_it_is_called() {
    let words =
        |titles| first(&called(fresh(Vec::new(), "show me party hand warmer"), titles)).words;
    assert_eq!(words("party hand warmer"), "party hand warmer");
    assert_eq!(words("none at all"), "party gloves");
}

#[test]
fn words_that_no_goods_are_told_of_with_change_no_search() {
    let words = |told: &str| {
        let search = turn("search", json!({ "words": "gloves" }));
        let mut request = fresh(search, "my toes are size 44");
        let mut content = Content::clone(&request.pack);
        content.lexicons.get_mut("en").unwrap().told = list(told);
        request.pack = Arc::new(Pack::new(content));
        first(&request).words
    };
    assert_eq!((words("gloves, toe").as_str(), words("gloves").as_str()), ("toes", ""));
}

#[test]
fn what_was_named_is_put_there_where_it_is_ordered_a_sentence_later() {
    let wishes = Clerk::new().explain(&holding("show me the knapsacks in grey. i take it")).wishes;
    let said: Vec<_> = wishes.iter().map(|it| (it.act, it.words.as_str())).collect();
    assert_eq!(said, [(Some(Act::Add), "knapsacks")]);
}

#[test]
fn what_counts_behind_a_name_says_more_of_it() {
    let request = before(
        "the woollen fez in red then, one in L",
        product(4, "Woollen Fez", &[("grey", "M"), ("red", "M"), ("red", "L")]),
    );
    let mut content = Content::clone(&request.pack);
    content.lexicons.get_mut("en").unwrap().joins.push("then".to_owned());
    let request = Request { pack: Arc::new(Pack::new(content)), ..request };
    assert_eq!(calls(&request), [added("P4-red-L", 1)]);
}

#[test]
fn a_thing_sought_by_its_article_is_a_new_search() {
    let act = |text| {
        let search = turn("search", json!({ "words": "scarf" }));
        first(&fresh(search, text)).act
    };
    assert_eq!(act("do you have a gloves preferably soft"), Some(Act::Search));
    assert_eq!(act("gloves preferably soft"), Some(Act::Refine));
}

#[test]
fn two_words_of_a_name_are_enough_of_the_one_found() {
    let fez = [product(3, "Woollen Party Fez", &[("red", "M")])];
    let mut request = holding("and a woollen fez to go inside");
    request.transcript = [
        turn("cart_add", json!({ "variant": "P1-black-M" })),
        vec![customer("and a woollen fez to go inside")],
    ]
    .concat();
    assert_eq!(found(request, &fez), [added("P3-red-M", 1)]);
}

#[test]
fn of_one_kind_only_the_one_that_lies_so_goes() {
    let mut request = holding("take the red hats out");
    let of_kind = |n, title| {
        let Evidence { label, call, finding } = product(n, title, &[("red", "M"), ("grey", "M")]);
        let mut finding = Finding::clone(&finding);
        if let Body::Product(facts) = &mut finding.body {
            facts.category = vec!["Hats".to_owned()];
        }
        Evidence { label, call, finding: finding.into() }
    };
    request.notes.evidence = vec![of_kind(2, "Fez Red"), of_kind(1, "Bowler")];
    let lines = vec![line("P2-red-M", "Fez", 1), line("P1-grey-M", "Bowler", 2)];
    request.notes.cart = lines.iter().map(|it| (it.variant.clone(), it.quantity)).collect();
    request.notes.priced = Some(CartFacts { lines, total: None });
    let gone = format!("cart_remove {}", json!({ "variant": "P2-red-M" }));
    assert_eq!(calls(&request), [gone]);
}

#[test]
fn the_same_size_is_that_of_what_was_put_there_last() {
    let fez = [product(3, "Woollen Fez", &[("red", "M"), ("red", "L")])];
    let text = "add the woollen fez in red, same size";
    assert_eq!(found(holding(text), &fez), [added("P3-red-M", 1)]);
    assert_eq!(found(holding("add the woollen fez in red"), &fez), [""; 0]);
}
