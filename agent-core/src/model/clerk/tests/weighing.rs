//! Goods beside rules of the shop, numbers of names and sizes, one of what is shown by what it costs.

use super::asking::{card, shown};
use super::*;

fn wishes(request: &Request) -> Vec<Wish> {
    Clerk::new().explain(request).wishes
}

fn first(text: &str) -> Wish {
    wishes(&fresh(Vec::new(), text)).remove(0)
}

fn act(request: &Request) -> Option<Act> {
    wishes(request).remove(0).act
}

fn added(variant: &str) -> String {
    format!("cart_add {}", json!({ "variant": variant, "quantity": 1 }))
}

/// Two products that were shown, the second the dearer one.
fn priced(text: &str) -> Request {
    let mut request = shown(text);
    request.tools = holding("").tools;
    let dear = &mut request.notes.evidence[1];
    let mut finding = Finding::clone(&dear.finding);
    if let Body::Product(facts) = &mut finding.body {
        facts.variants.iter_mut().for_each(|it| it.price = euros(2_000));
    }
    dear.finding = finding.into();
    request
}

#[test]
fn goods_weigh_more_than_a_word_of_a_rule() {
    assert_eq!(first("poncho").act, Some(Act::Search));
    assert_eq!(first("is it a poncho?").act, Some(Act::Policy));
    assert_eq!(first("do you have deliverys?").act, Some(Act::Search));
    assert_eq!(first("which deliverys?").act, Some(Act::Policy));
}

#[test]
fn how_one_may_pay_is_asked_with_something_to_pay_for() {
    assert_eq!(act(&holding("can i for bill?")), Some(Act::Policy));
    assert_eq!(act(&holding("can i bill?")), Some(Act::Checkout));
}

#[test]
fn who_has_nothing_yet_orders_what_is_named() {
    assert_eq!(first("fringe gloves to the till").act, Some(Act::Add));
    assert_eq!(act(&holding("fringe gloves to the till")), Some(Act::Checkout));
}

#[test]
fn a_no_of_a_bound_takes_nothing_out() {
    assert_ne!(act(&holding("i want gloves, not over 40")), Some(Act::Remove));
    assert_eq!(act(&holding("i want gloves not")), Some(Act::Remove));
}

#[test]
fn a_number_is_part_of_a_name_where_goods_are_called_so() {
    let with = |titles: &str| {
        let mut request = fresh(Vec::new(), "add the korn 40");
        let mut content = Content::clone(&request.pack);
        content.lexicons.get_mut("en").unwrap().titles = list(titles);
        request.pack = Arc::new(Pack::new(content));
        wishes(&request).remove(0)
    };
    assert!(with("bold mill korn 40").filters.is_empty());
    assert_eq!(with("bold mill korn 40").words, "korn 40");
    assert_eq!(with("bold mill korn").filters.values().collect::<Vec<_>>(), ["40"]);
}

#[test]
fn a_count_before_the_basket_is_no_size() {
    let wish = first("i take two in the hat");
    assert_eq!((wish.quantity, wish.filters.len()), (Some(2), 0));
}

#[test]
fn one_of_a_unit_is_a_measure() {
    let mut request = holding("make the scarf a litres");
    request.notes.evidence[0] = product(2, "Fringe Scarf", &[("red", "45 l"), ("red", "1 l")]);
    assert_eq!(calls(&request), swapped("P2-red-45 l", "P2-red-1 l", 1));
}

#[test]
fn a_size_is_nothing_that_is_named_instead() {
    let wish = wishes(&holding("the scarf, no wait in 60 litres")).remove(0);
    assert_eq!(wish.words, "scarf");
}

#[test]
fn what_is_searched_may_stand_before_its_verb() {
    assert_eq!(first("fezzes show me").head, "fezzes");
}

#[test]
fn typing_errors_are_taken_for_one_of_what_the_feed_has_many() {
    assert_eq!(first("knpsack").words, "knapsack");
}

#[test]
fn the_cheaper_of_two_is_taken_kindly() {
    assert_eq!(calls(&priced("the cheaper in M kindly")), [added("P1-grey-M")]);
    for text in ["show me the cheaper kindly", "cheaper in M kindly", "the cheaper"] {
        assert_ne!(act(&priced(text)), Some(Act::Add), "{text}");
    }
}

#[test]
fn which_of_those_is_the_cheapest_is_told_of_what_is_shown() {
    assert_eq!(calls(&priced("which of those is cheapest?")), [""; 0]);
    assert!(calls(&priced("which is cheapest?"))[0].starts_with("search"));
}

#[test]
fn what_is_told_whole_behind_a_word_that_joins_is_ordered() {
    assert!(first("and the fell gloves in grey").kindly);
    for text in ["the fell gloves in grey", "and fell gloves in grey"] {
        assert!(!first(text).kindly, "{text}");
    }
}

#[test]
fn what_lies_so_is_to_be_another_way() {
    let larger = swapped("P1-black-M", "P1-black-L", 2);
    assert_eq!(calls(&holding("the black one in L another")), larger);
    assert_ne!(act(&holding("the grey one in M another")), Some(Act::Swap));
}

#[test]
fn others_of_its_kind_are_cheaper_where_it_was_named_without_its_brand() {
    let mut before = turn("search", json!({ "words": "soft fell gloves" }));
    before.pop();
    let blocks = vec![Block::Cards(vec![card(1)])];
    before.push(Entry::Agent { draft: "so".to_owned(), blocks, calls: Vec::new() });
    let mut request = fresh(before, "cheaper ones");
    let evidence = product(1, "Acme Soft Fell Gloves", &[("grey", "M")]);
    let mut finding = Finding::clone(&evidence.finding);
    if let Body::Product(facts) = &mut finding.body {
        facts.brand = "Acme".to_owned();
        facts.category = vec!["Gloves".to_owned()];
    }
    request.notes.evidence = vec![Evidence { finding: finding.into(), ..evidence }];
    request.tools = holding("").tools;
    let call = calls(&request).remove(0);
    assert!(call.contains(r#""words":"gloves""#), "{call}");
}

#[test]
fn what_it_is_for_is_not_what_is_searched() {
    let mut request = fresh(Vec::new(), "show me a scarf for those gloves");
    request.tools = holding("").tools;
    let (id, arguments) = (made(), json!({ "words": "scarf gloves" }));
    let call = Call { id, tool: "search".into(), arguments };
    assert_eq!(calls(&request), [r#"search {"words":"scarf gloves"}"#]);
    let (draft, blocks) = (String::new(), Vec::new());
    request.transcript.push(Entry::Agent { draft, blocks, calls: vec![call] });
    let found = Ok(vec![product(1, "Mitten Gloves", &[("grey", "M")])]);
    request.transcript.push(Entry::Tool { call: id, result: found });
    assert_eq!(calls(&request), [r#"search {"words":"scarf"}"#]);
}
