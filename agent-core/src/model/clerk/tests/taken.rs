//! What is told around what is taken, and what is said of several at once.

use super::asking::shown;
use super::feeds::added;
use super::ordering::with;
use super::*;

fn wishes(request: &Request) -> Vec<Wish> {
    Clerk::new().explain(request).wishes
}

fn acts(request: &Request) -> Vec<Act> {
    wishes(request).iter().filter_map(|it| it.act).collect()
}

/// The same in a shop where all that is told of goods has these words.
fn told(request: Request, words: &str) -> Request {
    with(request, |content| content.lexicons.get_mut("en").unwrap().told = list(words))
}

/// How many of which colour and size.
fn versions(text: &str) -> Vec<(Option<u32>, String, String)> {
    let request = with(fresh(Vec::new(), text), |content| {
        let values = &mut content.lexicons.get_mut("en").unwrap().values;
        values.insert("gender".into(), [("brother".to_owned(), "male".to_owned())].into());
    });
    let of = |wish: &Wish, name: &str| wish.filters.get(name).cloned().unwrap_or_default();
    let all = wishes(&request);
    all.iter().map(|it| (it.quantity, of(it, "color"), of(it, "size"))).collect()
}

#[test]
fn what_is_said_of_all_of_them_each_says() {
    let version = |count, color: &str, size: &str| (Some(count), color.to_owned(), size.to_owned());
    let said = versions("two in red and one in grey, both in M");
    assert_eq!(said, [version(2, "red", "M"), version(1, "grey", "M")]);
    let said = versions("one in red and one in grey for my brother to the basket");
    let colors: Vec<&str> = said.iter().map(|(_, color, _)| color.as_str()).collect();
    assert_eq!(colors, ["red", "grey"]);
}

#[test]
fn what_is_lovely_and_taken_is_called_by_its_name() {
    let words = |text: &str| {
        let wish = wishes(&told(shown(text), "mitten, fell, gloves")).remove(0);
        (wish.act.unwrap(), wish.words)
    };
    assert_eq!(words("the fell is lovely, i take that"), (Act::Add, "fell".to_owned()));
    assert_eq!(words("the fell lovely"), (Act::Search, "fell lovely".to_owned()));
}

#[test]
fn one_that_is_named_is_not_both() {
    let request = |text: &str| {
        let mut request = shown(text);
        request.tools = holding(text).tools;
        request
    };
    assert_eq!(calls(&request("add the fell and i both")), [added("P2-grey-M", 1)]);
    assert_eq!(calls(&request("add both")), [added("P1-grey-M", 1), added("P2-grey-M", 1)]);
}

#[test]
fn what_is_not_sold_takes_no_place() {
    let act = |text: &str| acts(&told(holding(text), "gloves, scarf, tonno"));
    assert_eq!(act("i prefer a present"), [Act::Search]);
    assert_eq!(act("i prefer a tonno"), [Act::Swap]);
}

#[test]
fn what_does_not_lie_there_takes_nothing_out() {
    assert_eq!(calls(&holding("the poncho is late, take it out")), [""; 0]);
    assert_eq!(calls(&holding("my plan is late, take it out")).len(), 1);
}

#[test]
fn a_noun_puts_nothing_there_as_its_verb_does() {
    let act = |noun: bool| {
        acts(&with(holding("leaves off"), |content| {
            let lexicon = content.lexicons.get_mut("en").unwrap();
            let goods = [("leaves".to_owned(), "scarf".to_owned())].into();
            lexicon.synonyms = if noun { goods } else { lexicon.synonyms.clone() };
        }))
    };
    assert_eq!(act(false), [Act::Remove]);
    assert!(!act(true).contains(&Act::Remove));
}

#[test]
fn so_many_of_what_lies_there_are_all_of_it() {
    let set = |n: u32| format!("cart_set {}", json!({ "variant": "P1-black-M", "quantity": n }));
    assert_eq!(calls(&holding("and three of those")), [set(3)]);
}

#[test]
fn what_is_another_material_in_another_colour_is_swapped_all_the_same() {
    let request = |sized: bool| {
        let mut request = holding("i prefer it grey");
        let mut ring = product(1, "Mitten Gloves", &[("black", "M"), ("grey", "M")]);
        let mut finding = (*ring.finding).clone();
        let Body::Product(facts) = &mut finding.body else { panic!("a product") };
        for (variant, material) in facts.variants.iter_mut().zip(["wool", "silk"]) {
            let name = if sized { "size" } else { "material" };
            variant.attributes.insert(name.into(), material.to_owned());
        }
        ring.finding = finding.into();
        request.notes.evidence.push(ring);
        request
    };
    assert_eq!(calls(&request(false)), swapped("P1-black-M", "P1-grey-M", 2));
    assert_eq!(calls(&request(true)), [""; 0]);
}

#[test]
fn a_box_for_watches_is_a_watchbox_where_words_are_made_of_two() {
    let said = |apart: bool| {
        let mut request = with(fresh(Vec::new(), "do you have a box"), |content| {
            content.lexicons.get_mut("en").unwrap().apart = apart;
        });
        request.tools = holding("").tools;
        for n in 1..4 {
            let made = Clerk::new().explain(&request).calls;
            let Some((tool, arguments)) = made.into_iter().next() else { break };
            let id = Made { turn: TurnId(2), n };
            let call = Call { id, tool, arguments };
            let (draft, blocks) = (String::new(), Vec::new());
            request.transcript.push(Entry::Agent { draft, blocks, calls: vec![call] });
            let goods = vec![product(4, "Uhrenbox", &[("red", "M")])];
            request.transcript.push(Entry::Tool { call: id, result: Ok(goods) });
        }
        Clerk::new().explain(&request).phrases
    };
    assert_eq!(said(true), ["search.none"]);
    assert_eq!(said(false), ["search.one"]);
}

/// What is wished in a shop whose words are made of two.
fn made(text: &str) -> Wish {
    let request = with(fresh(Vec::new(), text), |content| {
        let lexicon = content.lexicons.get_mut("en").unwrap();
        lexicon.named = list("lederarmband");
        lexicon.things.push("lederarmband".to_owned());
        lexicon.size_words.push("weite".to_owned());
        lexicon.elsewhere = list("fahrrad");
        lexicon.endings = list("er, s");
        let synonyms = [("leder", "leather"), ("armband", "bracelet")];
        let synonyms = synonyms.map(|(said, feed)| (said.to_owned(), feed.to_owned()));
        lexicon.synonyms.extend(synonyms);
    });
    wishes(&request).remove(0)
}

#[test]
fn a_slip_of_what_goods_are_called_is_not_made_of_two() {
    assert_eq!(made("show me a lederarmbant").words, "lederarmband");
}

#[test]
fn a_word_for_a_size_may_be_made_of_two() {
    let wish = made("show me a scarf in ringweite m");
    let size = wish.filters.get("size").map(String::as_str);
    assert_eq!((wish.words.as_str(), size), ("scarf", Some("M")));
}

#[test]
fn several_of_what_other_shops_have_are_known() {
    assert!(made("do you have fahrräder").elsewhere && !made("do you have fahrten").elsewhere);
}
