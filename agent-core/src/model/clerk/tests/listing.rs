//! What is listed, counted anew, or set beside what there is.

use super::asking::shown;
use super::ordering::menu;
use super::*;

fn wishes(request: &Request) -> Vec<Wish> {
    Clerk::new().explain(request).wishes
}

fn acts(request: &Request) -> Vec<Act> {
    wishes(request).iter().filter_map(|it| it.act).collect()
}

fn words(request: &Request) -> Vec<String> {
    wishes(request).into_iter().map(|it| it.words).collect()
}

fn added(variant: &str, quantity: u32) -> String {
    format!("cart_add {}", json!({ "variant": variant, "quantity": quantity }))
}

/// The calls that come of a request when every search of its turn brought the same.
pub(super) fn found(mut request: Request, products: &[Evidence]) -> Vec<String> {
    for n in 1..4 {
        let made = Clerk::new().explain(&request).calls;
        let Some((tool, arguments)) = made.first().filter(|(tool, _)| tool.as_str() == "search")
        else {
            break;
        };
        let id = Made { turn: TurnId(2), n };
        let call = Call { id, tool: tool.clone(), arguments: arguments.clone() };
        let (draft, blocks) = (String::new(), Vec::new());
        request.transcript.push(Entry::Agent { draft, blocks, calls: vec![call] });
        request.transcript.push(Entry::Tool { call: id, result: Ok(products.to_vec()) });
    }
    calls(&request)
}

#[test]
fn a_version_told_whole_is_an_order_from_a_menu() {
    let tonno = [product(3, "Tonno Pizza", &[("red", "L"), ("red", "S")])];
    let request = |text: &str| {
        let mut request = fresh(Vec::new(), text);
        request.tools = holding(text).tools;
        request
    };
    for text in ["tonno, large", "tonno pizza large"] {
        assert_eq!(found(menu(request(text)), &tonno), [added("P3-red-L", 1)], "{text}");
        assert_eq!(found(request(text), &tonno), [""; 0], "{text}");
    }
    assert_eq!(found(menu(request("is there tonno, large")), &tonno), [""; 0]);
}

#[test]
fn what_is_named_whole_is_put_there_whatever_it_is_for() {
    let fez = [product(3, "Woollen Fez", &[("afters", "M")])];
    assert_eq!(found(holding("and a woollen fez for afters"), &fez), [added("P3-afters-M", 1)]);
    assert_eq!(found(holding("and a fez for afters"), &fez), [""; 0]);
}

#[test]
fn what_is_listed_without_a_comma_is_listed_from_a_menu() {
    let listed = ["gloves", "scarf", "marinara"];
    for text in ["two gloves a scarf and a marinara", "a gloves a scarf and a marinara"] {
        assert_eq!(words(&menu(fresh(Vec::new(), text))), listed, "{text}");
        assert_ne!(words(&fresh(Vec::new(), text)), listed, "{text}");
    }
}

#[test]
fn what_is_exchanged_stands_behind_the_word_for_it() {
    let said = |text: &str| words(&fresh(Vec::new(), text)).len();
    assert_eq!(said("two marinara instead two gloves"), 1);
    assert_eq!(said("two marinara two gloves"), 2);
}

#[test]
fn so_many_of_what_is_not_in_the_cart_change_no_line_of_it() {
    assert_eq!(acts(&holding("make it two marinara")), [Act::Add]);
    for text in ["make it two", "make it three gloves"] {
        assert_eq!(acts(&holding(text)), [Act::Set], "{text}");
    }
}

#[test]
fn a_number_behind_what_is_denied_counts_what_is_left_of_it() {
    assert_eq!(acts(&holding("no gloves for me, two")), [Act::Set]);
    assert_ne!(acts(&holding("no gloves for me, two scarf")), [Act::Set]);
}

#[test]
fn versions_that_are_counted_are_all_ordered() {
    let said = wishes(&fresh(turn("search", json!({})), "a small one and a large one"));
    let said: Vec<_> = said.iter().map(|it| (it.act, it.quantity)).collect();
    assert_eq!(said, [(Some(Act::Add), Some(1)); 2]);
}

#[test]
fn what_was_looked_at_is_ordered_beside_what_is_named() {
    let mut request = menu(shown("that and a marinara"));
    request.transcript.splice(..3, turn("product", json!({ "id": "P2-grey-M" })));
    assert_eq!(acts(&request), [Act::Add, Act::Add]);
}

#[test]
fn what_is_for_a_line_is_not_that_line() {
    assert!(calls(&holding("another mitten for it")).iter().all(|it| it.starts_with("search")));
    assert_eq!(calls(&holding("another mitten for me")), [added("P1-black-M", 1)]);
}

#[test]
fn what_is_turned_into_another_version_too_takes_its_place() {
    let mut request = holding("swap the gloves to L too");
    let mut content = Content::clone(&request.pack);
    content.lexicons.get_mut("en").unwrap().fillers.push("too".to_owned());
    let instead = content.intents.iter_mut().find(|it| it.name.as_str() == "instead").unwrap();
    instead.cues.insert("en".into(), list("swap … to"));
    request.pack = Arc::new(Pack::new(content));
    assert_eq!(calls(&request), swapped("P1-black-M", "P1-black-L", 2));
}

#[test]
fn what_is_asked_for_at_length_is_goods_where_they_are_named() {
    let mut request = fresh(Vec::new(), "which scarves have you got for us");
    let mut content = Content::clone(&request.pack);
    content.lexicons.get_mut("en").unwrap().endings = list("es, s");
    content.lexicons.get_mut("en").unwrap().things.push("scarve".to_owned());
    request.pack = Arc::new(Pack::new(content));
    assert!(wishes(&request).remove(0).thing);
}

#[test]
fn the_same_is_wished_again_for_another() {
    let mut request = holding("another for my one");
    let mut content = Content::clone(&request.pack);
    let refine = content.intents.iter_mut().find(|it| it.name.as_str() == "refine").unwrap();
    refine.cues.insert("en".into(), list("another for"));
    request.pack = Arc::new(Pack::new(content));
    assert_eq!(calls(&request), [added("P1-black-M", 1)]);
}
