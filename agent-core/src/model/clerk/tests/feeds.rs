//! What goods of a feed are called, and which version of them is meant.

use super::asking::shown;
use super::listing::found;
use super::*;

pub(super) fn first(request: &Request) -> Wish {
    Clerk::new().explain(request).wishes.remove(0)
}

pub(super) fn added(variant: &str, quantity: u32) -> String {
    format!("cart_add {}", json!({ "variant": variant, "quantity": quantity }))
}

/// The same in a shop whose goods are called so, in these words.
pub(super) fn called(mut request: Request, titles: &str) -> Request {
    let mut content = Content::clone(&request.pack);
    let lexicon = content.lexicons.get_mut("en").unwrap();
    lexicon.titles = list(titles);
    lexicon.named =
        titles.split([' ', ',']).filter(|it| !it.is_empty()).map(str::to_owned).collect();
    request.pack = Arc::new(Pack::new(content));
    request
}

/// What is said to one product that was shown, with a cart.
pub(super) fn before(text: &str, evidence: Evidence) -> Request {
    let mut request = holding(text);
    let Label(n) = evidence.label;
    let said = Entry::Agent {
        draft: "so".to_owned(),
        blocks: vec![Block::Cards(vec![asking::card(n)])],
        calls: Vec::new(),
    };
    let mut before = turn("search", json!({ "words": "fez" }));
    before.pop();
    request.transcript = [before, vec![said, customer(text)]].concat();
    request.notes.evidence.push(evidence);
    request
}

fn fez() -> Evidence {
    product(4, "Fez", &[("grey", "M"), ("red", "M"), ("red", "L")])
}

/// What is answered to a question for a version of a fez.
pub(super) fn asked(text: &str, said_before: &str) -> Request {
    asked_of(text, said_before, fez())
}

/// The same of any one product.
pub(super) fn asked_of(text: &str, said_before: &str, evidence: Evidence) -> Request {
    let Body::Product(facts) = &evidence.finding.body else { panic!("a product") };
    let offered = facts.variants.iter().map(|it| {
        let call = json!({ "variant": it.variant, "quantity": 1 });
        format!("{} => cart_add {call}", it.variant)
    });
    let offered: Vec<String> = offered.collect();
    let mut request = before(text, evidence);
    let draft = format!("{{{{{}.title}}}} [[choice which | {}]]", Label(4), offered.join(" | "));
    let last = request.transcript.pop().unwrap();
    let blocks = vec![Block::Text("which".to_owned())];
    request.transcript.push(customer(said_before));
    request.transcript.push(Entry::Agent { draft, blocks, calls: Vec::new() });
    request.transcript.push(last);
    request
}

#[test]
fn of_one_product_a_value_is_no_new_search() {
    assert_eq!(calls(&before("add preferably L", fez())), [added("P4-red-L", 1)]);
}

#[test]
fn the_one_that_is_told_whole_is_taken() {
    assert_eq!(calls(&before("the red one in L", fez())), [added("P4-red-L", 1)]);
    assert_eq!(calls(&before("red in L", fez())), [""; 0]);
}

#[test]
fn what_was_told_before_a_version_was_asked_for_counts() {
    assert_eq!(calls(&asked("red", "the green fez in L")), [added("P4-red-L", 1)]);
    assert_eq!(calls(&asked("red", "the green fez")), [""; 0]);
}

#[test]
fn of_two_sizes_the_bigger_one_is_the_other() {
    let fez = || product(4, "Fez", &[("grey", "30"), ("grey", "40")]);
    for (text, size) in [("the bigger one", "40"), ("the smaller one", "30")] {
        let mut request = asked(text, "add the fez");
        *request.notes.evidence.last_mut().unwrap() = fez();
        assert_eq!(calls(&request), [added(&format!("P4-grey-{size}"), 1)], "{text}");
    }
}

#[test]
fn each_version_or_line_is_meant() {
    let each = calls(&before(
        "one in each color for me",
        product(4, "Fez", &[("grey", "M"), ("red", "M")]),
    ));
    assert_eq!(each, [added("P4-grey-M", 1), added("P4-red-M", 1)]);
    assert_eq!(calls(&before("one in each color for me", fez())), [""; 0]);
    let lines = calls(&holding("another of both for me"));
    assert_eq!(lines, [added("P2-red-45 l", 1), added("P1-black-M", 1)]);
}

#[test]
fn what_is_taken_back_before_a_comma_is_what_was_said_before() {
    let wish = first(&fresh(Vec::new(), "wait no, grey gloves"));
    assert!(wish.without.is_empty() && !wish.filters.is_empty(), "{wish:?}");
}

#[test]
fn a_whole_name_is_one_in_the_plural_too() {
    let filters =
        |titles| first(&called(fresh(Vec::new(), "add two oak red tables"), titles)).filters;
    assert!(filters("oak red table").is_empty() && !filters("none at all").is_empty());
}

#[test]
fn two_words_of_a_name_are_as_they_are_called() {
    let words = |titles| first(&called(fresh(Vec::new(), "show me fists ladders"), titles)).words;
    assert_eq!(words("soft fists ladder"), "fists ladders");
    assert_eq!(words("none at all"), "gloves ladders");
}

#[test]
fn what_goods_are_called_is_not_about_the_world_the_cart_or_a_rule() {
    let act = |text, titles| first(&called(fresh(Vec::new(), text), titles)).act;
    for (text, goods, other) in [
        ("a chess in M", Act::Search, Act::OffTopic),
        ("what does ladder set me back", Act::Details, Act::Cart),
        ("chess delivery", Act::Search, Act::Policy),
    ] {
        assert_eq!(act(text, "chess ladder, delivery board"), Some(goods), "{text}");
        assert_eq!(act(text, "none at all"), Some(other), "{text}");
    }
}

#[test]
fn a_size_in_digits_counts_before_one_in_words() {
    let wish = first(&fresh(Vec::new(), "gloves for small hands in size 44"));
    assert_eq!(wish.filters.get("size").map(String::as_str), Some("44"));
}

#[test]
fn what_costs_least_first_is_an_order_and_no_place() {
    let wish = first(&shown("the cheapest one first please"));
    assert_eq!((wish.act, wish.places.len()), (Some(Act::Refine), 0));
    assert_eq!(first(&shown("the first is it")).places, [1]);
}

#[test]
fn both_that_go_stay_together() {
    let gone = |variant: &str| format!("cart_remove {}", json!({ "variant": variant }));
    let both = [gone("P2-red-45 l"), gone("P1-black-M")];
    assert_eq!(calls(&holding("take the scarf and the gloves out")), both);
}

#[test]
fn a_measure_counts_no_goods() {
    let wishes =
        Clerk::new().explain(&fresh(Vec::new(), "two scarf red 45 litres and a gloves")).wishes;
    let said: Vec<_> = wishes.iter().map(|it| (it.words.as_str(), it.measures.len())).collect();
    assert_eq!(said, [("scarf 45 litres", 1), ("gloves", 0)]);
}

#[test]
fn the_version_that_most_is_said_of_makes_room() {
    let mut request = holding("black in L instead");
    let other = line("P1-grey-M", "Mitten Gloves", 1);
    request.notes.cart.push((other.variant.clone(), 1));
    request.notes.priced.as_mut().unwrap().lines.push(other);
    let mut put = turn("cart_add", json!({ "variant": "P1-grey-M" }));
    put.push(request.transcript.pop().unwrap());
    request.transcript = put;
    assert_eq!(calls(&request), swapped("P1-black-M", "P1-black-L", 2));
}

#[test]
fn what_there_is_one_of_and_is_told_whole_is_put_there_kindly() {
    let fez = [product(3, "Woollen Party Fez", &[("red", "M"), ("grey", "M")])];
    let request = |text: &str| {
        let mut request = fresh(Vec::new(), text);
        request.tools = holding(text).tools;
        request
    };
    assert_eq!(found(request("the party fez in red kindly"), &fez), [added("P3-red-M", 1)]);
    assert_eq!(found(request("party fez in red kindly"), &fez), [added("P3-red-M", 1)]);
    let [fez] = fez;
    let two = [fez, product(4, "Silken Party Fez", &[("red", "M")])];
    assert_eq!(found(request("party fez in red kindly"), &two), [""; 0]);
}

#[test]
fn what_is_ordered_by_name_and_measure_is_put_there() {
    let tea = product(4, "Dawn Tea", &[("grey", "100 g"), ("grey", "250 g")]);
    let goods = [tea, product(5, "Noon Biscuits 250 g", &[("grey", "M")])];
    let request = |text: &str| {
        let mut request = fresh(Vec::new(), text);
        request.tools = holding(text).tools;
        request
    };
    assert_eq!(found(request("dawn tea 250 g kindly"), &goods), [added("P4-grey-250 g", 1)]);
    assert_eq!(found(request("dawn tea 250 g"), &goods), [""; 0]);
    assert_eq!(found(request("dawn tea kindly"), &goods), [""; 0]);
    // Two of them, each with its own.
    let words = |text: &str| -> Vec<String> {
        let wishes = Clerk::new().explain(&request(text)).wishes;
        wishes.into_iter().map(|it| it.words).collect()
    };
    assert_eq!(
        words("dawn tea 250 g and noon drink 100 g"),
        ["dawn tea 250 g", "noon drink 100 g"]
    );
}

#[test]
fn which_versions_there_are_is_told_of_those_that_are_asked_for() {
    let tea = product(4, "Dawn Tea", &[("grey", "100 g"), ("red", "250 g"), ("red", "500 g")]);
    let cues = [("versions", "which sizes"), ("details", "which sizes")];
    let asked = |text: &str| {
        let request = fresh(Vec::new(), text);
        let mut request = told::knowing(request, &cues, |_| {});
        let arguments = json!({ "words": "dawn tea", "filters": { "color": "red" } });
        let call = Call { id: made(), tool: "search".into(), arguments };
        let (draft, blocks) = (String::new(), Vec::new());
        request.transcript.push(Entry::Agent { draft, blocks, calls: vec![call] });
        request.transcript.push(Entry::Tool { call: made(), result: Ok(vec![tea.clone()]) });
        Clerk::new().explain(&request)
    };
    let phrases = asked("which sizes of the dawn tea in red").phrases;
    assert_eq!(phrases, ["product.variant", "product.sizes"]);
    assert_eq!(asked("told of the dawn tea in red").phrases, ["product.variant"]);
}

#[test]
fn what_a_line_is_a_kind_of_names_it_too() {
    let mut request = holding("take the fringe gloves out");
    let Evidence { label, call, finding } = product(2, "Fringe Scarf", &[("red", "45 l")]);
    let mut finding = Finding::clone(&finding);
    if let Body::Product(facts) = &mut finding.body {
        facts.category = vec!["Gloves and scarves".to_owned()];
    }
    request.notes.evidence[0] = Evidence { label, call, finding: finding.into() };
    let gone = format!("cart_remove {}", json!({ "variant": "P2-red-45 l" }));
    assert_eq!(calls(&request), [gone]);
}

#[test]
fn what_is_named_in_a_question_for_a_rule_may_be_a_name_of_the_feed() {
    let text = "what is the longhaul delivery?";
    for titles in ["longhaul flask", "none at all"] {
        assert_eq!(first(&called(fresh(Vec::new(), text), titles)).unknown, "longhaul");
    }
}

#[test]
fn a_word_of_a_bound_is_not_searched() {
    let mut request = fresh(Vec::new(), "gloves that i spend over 20 on");
    let mut content = Content::clone(&request.pack);
    content.lexicons.get_mut("en").unwrap().amounts.at_most = list("spend");
    request.pack = Arc::new(Pack::new(content));
    assert_eq!(first(&request).words, "gloves");
}

#[test]
fn a_product_is_told_of_in_the_version_that_costs_least() {
    let Evidence { label, call, finding } =
        product(3, "Woollen Fez", &[("red", "M"), ("grey", "M")]);
    let mut finding = Finding::clone(&finding);
    if let Body::Product(facts) = &mut finding.body {
        facts.variants[1].price = euros(900);
    }
    let fez = [Evidence { label, call, finding: finding.into() }];
    let mut request = fresh(Vec::new(), "what is told of the woollen fez");
    request.tools = Arc::new(crate::digest::Named::new(["search", "product"].map(spec).to_vec()));
    assert_eq!(found(request, &fez), [format!("product {}", json!({ "id": "P3-grey-M" }))]);
}

#[test]
fn the_one_line_that_comes_so_is_changed() {
    let mut request = holding("the room is for that, i prefer red");
    request.notes.evidence[0] = product(2, "Fringe Scarf", &[("red", "45 l"), ("grey", "45 l")]);
    let lines = &mut request.notes.priced.as_mut().unwrap().lines;
    lines[0] = line("P2-grey-45 l", "Fringe Scarf", 1);
    request.notes.cart[0].0 = "P2-grey-45 l".into();
    assert_eq!(found(request, &[]), swapped("P2-grey-45 l", "P2-red-45 l", 1));
}
