//! What is called by its whole name, and what is said of it.

use super::asking::shown;
use super::*;

fn wishes(request: &Request) -> Vec<Wish> {
    Clerk::new().explain(request).wishes
}

/// The same in a shop that knows what its goods are called.
fn knowing(mut request: Request, titles: &str) -> Request {
    let mut content = Content::clone(&request.pack);
    content.lexicons.get_mut("en").unwrap().titles = list(titles);
    request.pack = Arc::new(Pack::new(content));
    request
}

fn added(variant: &str, quantity: u32) -> String {
    format!("cart_add {}", json!({ "variant": variant, "quantity": quantity }))
}

#[test]
fn nothing_in_a_whole_name_says_anything_else() {
    let first =
        |text: &str, titles: &str| wishes(&knowing(fresh(Vec::new(), text), titles)).remove(0);
    let titled = "oak grey 30, oak delivery";
    let wish = first("add the oak grey 30", titled);
    assert!(wish.filters.is_empty() && wish.quantity.is_none(), "{wish:?}");
    assert_eq!(wish.words, "oak grey 30");
    assert!(!first("add the oak grey 30", "none at all").filters.is_empty());
    assert_eq!(first("oak delivery", titled).act, Some(Act::Search));
    assert_eq!(first("oak delivery", "none at all").act, Some(Act::Policy));
}

#[test]
fn what_is_called_by_its_whole_name_is_nothing_that_was_shown() {
    let mut request = shown("add the soft fell liner");
    request.tools = holding("").tools;
    request.notes.evidence[1] = described(2, "Fell Gloves", "Soft, with a liner.");
    assert_eq!(calls(&request), [added("P2-grey-M", 1)]);
    let known = calls(&knowing(request, "soft fell liner"));
    assert!(known[0].starts_with("search"), "{known:?}");
}

fn described(n: u32, title: &str, text: &str) -> Evidence {
    let Evidence { label, call, finding } = product(n, title, &[("grey", "M")]);
    let mut finding = Finding::clone(&finding);
    if let Body::Product(facts) = &mut finding.body {
        facts.description = text.to_owned();
    }
    Evidence { label, call, finding: finding.into() }
}

#[test]
fn who_has_begun_to_order_says_what_comes_beside_it_anywhere() {
    for text in ["also the tonno", "blades too, the tonno", "the tonno too"] {
        let acts: Vec<_> = wishes(&holding(text)).iter().filter_map(|it| it.act).collect();
        assert_eq!(acts.last(), Some(&Act::Add), "{text}");
    }
}

#[test]
fn a_size_is_no_place_where_goods_are_named() {
    let wish = wishes(&holding("a scarf in size 2")).remove(0);
    assert!(wish.places.is_empty(), "{wish:?}");
}

#[test]
fn what_is_cheaper_is_of_what_was_searched() {
    let searched = || turn("search", json!({ "words": "gloves" }));
    let act = |before| wishes(&fresh(before, "do you have cheaper ones"))[0].act;
    assert_eq!(act(searched()), Some(Act::Refine));
}

#[test]
fn of_packs_how_many_are_in_one_is_enough() {
    let packs = [("black", "4er-Pack"), ("black", "8er-Pack")];
    let mut request = shown("add the 4er mitten gloves");
    request.tools = holding("").tools;
    request.notes.evidence[0] = product(1, "Mitten Gloves", &packs);
    assert_eq!(calls(&request), [added("P1-black-4er-Pack", 1)]);
}

#[test]
fn what_comes_instead_of_what_was_taken_out_takes_no_other_place() {
    let mut request = holding("the tonno instead");
    request.transcript =
        fresh(turn("cart_remove", json!({ "variant": "P9-red-M" })), "the tonno instead")
            .transcript;
    let wanted = calls(&request);
    assert!(wanted.iter().all(|it| !it.starts_with("cart_remove")), "{wanted:?}");
}
