//! What is ordered by its name as from a menu, and what takes the place of a line.

use super::*;

fn wishes(request: &Request) -> Vec<Wish> {
    Clerk::new().explain(request).wishes
}

fn acts(request: &Request) -> Vec<Act> {
    wishes(request).iter().filter_map(|it| it.act).collect()
}

/// The same request with a pack that was changed.
pub(super) fn with(mut request: Request, change: impl FnOnce(&mut Content)) -> Request {
    let mut content = Content::clone(&request.pack);
    change(&mut content);
    request.pack = Arc::new(Pack::new(content));
    request
}

/// The same in a kitchen.
pub(super) fn menu(request: Request) -> Request {
    with(request, |content| {
        let lexicon = content.lexicons.get_mut("en").unwrap();
        (lexicon.menu, lexicon.yes, lexicon.alongside) = (true, list("ok"), list("with a"));
    })
}

fn set(variant: &str, quantity: u32) -> String {
    format!("cart_set {}", json!({ "variant": variant, "quantity": quantity }))
}

fn added(variant: &str, quantity: u32) -> String {
    format!("cart_add {}", json!({ "variant": variant, "quantity": quantity }))
}

#[test]
fn a_name_counted_or_joined_is_an_order_from_a_menu() {
    for text in ["ok a marinara", "two marinara", "with a tonno", "the tonno", "and tonno"] {
        assert_eq!(acts(&menu(fresh(Vec::new(), text))), [Act::Add], "{text}");
        assert_eq!(acts(&fresh(Vec::new(), text)), [Act::Search], "{text}");
    }
    assert_eq!(acts(&menu(fresh(Vec::new(), "tonno"))), [Act::Search]);
    assert_eq!(acts(&menu(holding("tonno"))), [Act::Add]);
    assert_eq!(acts(&menu(holding("is there tonno"))), [Act::OffTopic]);
    let names = |request: Request| wishes(&request).remove(0).names;
    assert_eq!(names(menu(fresh(Vec::new(), "tonno, funghi and nduja"))).len(), 3);
    assert_eq!(names(fresh(Vec::new(), "tonno, funghi and nduja")).len(), 2);
}

#[test]
fn the_word_of_a_question_may_only_urge() {
    assert_eq!(acts(&fresh(Vec::new(), "do add a scarf")), [Act::Add]);
    assert_eq!(acts(&fresh(Vec::new(), "do you have a scarf")), [Act::Search]);
}

#[test]
fn what_is_done_first_is_no_place() {
    let places = |text: &str| wishes(&holding(text)).remove(0).places;
    assert!(places("add a tonno first").is_empty());
    assert_eq!(places("add the first"), [1]);
}

#[test]
fn what_is_too_much_is_said_within_one_clause() {
    let sizes = |text: &str| wishes(&fresh(Vec::new(), text)).remove(0).filters.len();
    assert_eq!(sizes("add a scarf too, small"), 1);
    assert_eq!(sizes("a scarf, too small"), 0);
}

#[test]
fn a_thing_named_behind_the_value_of_another_is_its_own() {
    let said = wishes(&fresh(Vec::new(), "add the gloves in black and the tonno"));
    let filters: Vec<usize> = said.iter().map(|it| it.filters.len()).collect();
    assert_eq!(filters, [1, 0]);
}

#[test]
fn one_of_several_becomes_another_version() {
    let one = |text: &str| {
        let request = with(holding(text), |content| {
            content.lexicons.get_mut("en").unwrap().numbers.insert("one of".to_owned(), 1);
        });
        calls(&request)
    };
    let larger = [set("P1-black-M", 1), added("P1-black-L", 1)];
    assert_eq!(one("one of the gloves in L instead"), larger);
    assert_eq!(one("my i is tall, one of the gloves in L instead"), larger);
    let told = wishes(&holding("it is tonno, two gloves in L instead"));
    assert_eq!(told.iter().map(|it| it.words.as_str()).collect::<Vec<_>>(), ["gloves"]);
}

#[test]
fn versions_are_counted_apart() {
    let wishes = wishes(&holding("i prefer two black and one grey"));
    let said = wishes.iter().map(|it| (it.act, it.again)).collect::<Vec<_>>();
    assert_eq!(said, [(Some(Act::Swap), false), (Some(Act::Add), true)]);
    assert_eq!(calls(&holding("three black instead of that")), [set("P1-black-M", 3)]);
}

/// The same with a cap that was just looked at.
fn looking(text: &str) -> Request {
    let mut request = holding(text);
    request.transcript.splice(..3, turn("product", json!({ "id": "P3" })));
    request.notes.evidence.push(product(3, "Peaked Cap", &[("red", "M")]));
    request
}

#[test]
fn what_was_looked_at_takes_a_lines_place() {
    let gone = format!("cart_remove {}", json!({ "variant": "P2-red-45 l" }));
    assert_eq!(calls(&looking("the scarf for that instead")), [gone, added("P3-red-M", 1)]);
}

#[test]
fn what_was_looked_at_in_the_cart_makes_room() {
    let mut request = holding("tonno instead");
    request.transcript.splice(..3, turn("product", json!({ "id": "P1-black-M" })));
    assert_eq!(acts(&request), [Act::Swap]);
    request.transcript.splice(..3, turn("policy", json!({ "topic": "delivery" })));
    assert_eq!(acts(&request), [Act::Search]);
}

#[test]
fn what_is_for_it_is_something_else() {
    assert!(!wishes(&holding("add a tonno for it")).remove(0).it);
    assert!(wishes(&holding("add it")).remove(0).it);
}

#[test]
fn who_would_like_to_order_pays() {
    let order = |request: Request| {
        with(request, |content| {
            let pays = content.intents.iter_mut().filter(|it| it.name.as_str() == "checkout");
            pays.for_each(|it| it.examples = BTreeMap::from([("en".into(), list("take"))]));
        })
    };
    assert_eq!(acts(&order(holding("please and i take"))), [Act::Checkout]);
    assert_eq!(acts(&order(holding("i take two"))), [Act::Add]);
}

#[test]
fn how_it_is_to_be_may_be_said_before_it_is_added() {
    let wishes = wishes(&holding("grey then, size large, add it"));
    let last = wishes.last().unwrap();
    assert_eq!((last.act, last.filters.len()), (Some(Act::Add), 2));
}

#[test]
fn a_number_of_persons_is_no_place() {
    let request = with(fresh(Vec::new(), "add gloves for both of us"), |content| {
        let lexicon = content.lexicons.get_mut("en").unwrap();
        lexicon.numbers.insert("both of us".to_owned(), 2);
    });
    let wish = wishes(&request).remove(0);
    assert_eq!((wish.quantity, wish.places), (Some(2), Vec::new()));
}

#[test]
fn who_is_asked_for_at_length_is_called() {
    let request = with(fresh(Vec::new(), "is this a bot i can talk to"), |content| {
        let asks = content.intents.iter_mut().find(|it| it.name.as_str() == "human").unwrap();
        asks.cues.insert("en".into(), list("bot i can talk"));
    });
    assert_eq!(acts(&request), [Act::Human]);
}
