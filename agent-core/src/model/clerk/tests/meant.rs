//! What is told around a wish, and what a wish means beside what was told or put there before.

use super::asking::{card, shown};
use super::feeds::{added, asked, called, first};
use super::listing::found;
use super::ordering::menu;
use super::told::knowing;
use super::*;

fn wishes(request: &Request) -> Vec<Wish> {
    Clerk::new().explain(request).wishes
}

fn acts(request: &Request) -> Vec<Act> {
    wishes(request).iter().filter_map(|it| it.act).collect()
}

fn set(variant: &str, quantity: u32) -> String {
    format!("cart_set {}", json!({ "variant": variant, "quantity": quantity }))
}

/// The same in a shop whose goods are told of in these words.
fn told_in(request: Request, words: fn(&mut Lexicon)) -> Request {
    knowing(request, &[], words)
}

#[test]
fn another_of_the_same_kind_is_told_of_and_not_put_there() {
    let mut told = turn("product", json!({ "id": "P1" }));
    let blocks = vec![Block::Cards(vec![card(1)])];
    told.pop();
    told.push(Entry::Agent { draft: "so".to_owned(), blocks, calls: Vec::new() });
    let request = |text: &str| {
        let mut request = menu(fresh(told.clone(), text));
        request.notes.evidence = vec![product(1, "Mitten Gloves", &[("grey", "M")])];
        request.tools = holding(text).tools;
        request
    };
    let ski = [product(3, "Ski Gloves", &[("grey", "M")])];
    assert_eq!(acts(&request("and the ski gloves")), [Act::Search]);
    assert!(found(request("and the ski gloves"), &ski).iter().all(|it| !it.starts_with("cart")));
    assert_eq!(acts(&request("and the gloves")), [Act::Add]);
}

#[test]
fn one_of_what_was_compared_is_chosen_before_a_comma() {
    let compared = |text: &str| {
        let call = turn("compare", json!({ "ids": ["P1-grey-M", "P2-grey-M"] }));
        let mut request = shown(text);
        request.transcript.splice(..3, call.into_iter().take(2));
        request
    };
    let (then, other) = ("the fell one and, that is me", "the fell one, that is me");
    assert_eq!(acts(&compared(then)), [Act::Add]);
    assert_ne!(acts(&compared(other)), [Act::Add]);
}

#[test]
fn what_a_version_costs_is_told_of_what_was_asked_for() {
    let mut request = asked("what is it in L", "the fez");
    let added = turn("cart_add", json!({ "variant": "P1-black-M" }));
    request.transcript.splice(..3, added);
    let explained = Clerk::new().explain(&request);
    assert_eq!((explained.calls.len(), explained.phrases), (0, list("product.variant")));
}

#[test]
fn only_goods_are_counted() {
    let words = |it: &mut Lexicon| {
        it.told.push("gloves".to_owned());
        it.numbers.extend([("one".to_owned(), 1)]);
    };
    let count = |text: &str| first(&told_in(holding(text), words)).quantity;
    assert_eq!(count("one colleague is out, hence three gloves"), Some(3));
    assert_eq!(count("two colleague, hence three gloves"), Some(3));
    assert_eq!(count("two gloves, one is out"), Some(2));
}

#[test]
fn a_line_is_doubled_behind_what_is_told() {
    assert_eq!(calls(&holding("my cat froze hence double the gloves")), [set("P1-black-M", 4)]);
    let sized = calls(&holding("my cat froze in double gloves"));
    assert!(sized.iter().all(|it| !it.starts_with("cart")));
}

#[test]
fn of_whom_it_is_for_a_thing_is_listed_too() {
    let one = |it: &mut Lexicon| it.fillers.push("us".to_owned());
    let listed = wishes(&told_in(holding("for my cat two marinara and for us a tonno"), one));
    let said: Vec<_> = listed.iter().map(|it| (it.words.as_str(), it.quantity)).collect();
    assert_eq!(said, [("marinara", Some(2)), ("tonno", None)]);
}

#[test]
fn there_are_as_many_of_one_as_of_the_other() {
    let request = fresh(Vec::new(), "add two gloves and as many ponchos");
    let counts = |cues: &[(&str, &str)]| {
        let wishes = wishes(&knowing(request.clone(), cues, |_| ()));
        wishes.into_iter().map(|it| it.quantity).collect::<Vec<_>>()
    };
    assert_eq!(counts(&[("as_many", "as many")]), [Some(2), Some(2)]);
    assert_eq!(counts(&[("same", "as many")]), [Some(2), None]);
}

#[test]
fn what_the_pack_has_only_a_wider_word_for_is_not_put_there() {
    let cake = [product(3, "Cake", &[("brown", "M")])];
    let words = |it: &mut Lexicon| {
        it.things.push("cake".to_owned());
        it.synonyms
            .extend(["cheesecake", "gateau"].map(|said| (said.to_owned(), "cake".to_owned())));
    };
    let puts = |text: &str| found(menu(told_in(holding(text), words)), &cake);
    assert_eq!(puts("and a gateau"), [added("P3-brown-M", 1)]);
    assert!(puts("and a cheesecake").iter().all(|it| !it.starts_with("cart")));
    assert!(puts("add a cheesecake").iter().all(|it| !it.starts_with("cart")));
}

#[test]
fn a_want_says_what_the_thing_beside_it_is_to_be_like() {
    let words = |it: &mut Lexicon| {
        it.told.push("vegan".to_owned());
        it.named.push("fez".to_owned());
        it.needs.extend([("vegan".to_owned(), list("no … animals"))]);
    };
    let words = |named: bool| {
        let request = told_in(fresh(Vec::new(), "no animals, show me marinara"), words);
        first(&if named { called(request, "vegan marinara") } else { request }).words
    };
    assert_eq!((words(false).as_str(), words(true).as_str()), ("vegan marinara", "marinara"));
}

#[test]
fn what_a_thing_is_for_searches_nothing_beside_what_is_put_there() {
    let act = |text: &str| {
        let words = |it: &mut Lexicon| it.ties.push("to".to_owned());
        let cues = [("search", "to sip, in sight")];
        wishes(&knowing(holding(text), &cues, words)).pop().unwrap().act
    };
    assert_eq!(act("add a scarf and a marinara to sip"), Some(Act::Add));
    assert_eq!(act("add a scarf and a marinara in sight"), Some(Act::Search));
}

#[test]
fn how_a_thing_is_to_be_is_told_in_a_sentence_before_it() {
    let said = |text: &str| {
        let wishes = wishes(&fresh(Vec::new(), text));
        wishes.iter().map(|it| (it.words.clone(), it.filters.len())).collect::<Vec<_>>()
    };
    assert_eq!(said("show me it is the fete of a zorb in red. gloves"), [("gloves".to_owned(), 1)]);
    assert_eq!(said("do you have for the fete a zorb in red? gloves").len(), 2);
}

#[test]
fn what_is_asked_of_a_whole_name_is_asked_of_the_product() {
    let act = |text: &str| first(&called(fresh(Vec::new(), text), "ski gloves")).act;
    assert_eq!(act("can the ski gloves stand hail?"), Some(Act::Details));
    assert_eq!(act("can the ski gloves?"), Some(Act::Search));
    assert_eq!(act("can the sky gloves stand hail?"), Some(Act::Search));
}

#[test]
fn another_of_the_same_lies_beside_what_was_just_put_there() {
    let act = |text: &str| acts(&knowing(holding(text), &[("search", "need")], |_| ()));
    assert_eq!(calls(&holding("show me another of the same in L")), [added("P1-black-L", 1)]);
    assert_eq!(act("need another of the same in L"), [Act::Add]);
    assert_ne!(act("need another in L"), [Act::Add]);
    assert_ne!(act("need another of the same in L?"), [Act::Add]);
}

#[test]
fn last_year_is_no_place() {
    let words = |it: &mut Lexicon| {
        it.units.push("year".to_owned());
        it.ordinals.extend([("last".to_owned(), -1)]);
    };
    let places = |text: &str| first(&told_in(shown(text), words)).places;
    assert_eq!(places("show me the last year gloves"), [0_i64; 0]);
    assert_eq!(places("show me the last"), [-1]);
}

#[test]
fn what_is_told_behind_a_count_of_a_line_is_why() {
    for text in ["three of the mitten, he is a slob", "three of the mitten"] {
        let he = |it: &mut Lexicon| {
            it.fillers.push("he".to_owned());
            it.pieces.push("of".to_owned());
        };
        assert_eq!(calls(&told_in(holding(text), he)), [set("P1-black-M", 3)], "{text}");
    }
}

#[test]
fn what_is_told_before_a_line_is_changed_is_why() {
    let told = "i have at my the grey knapsack. the scarf out";
    assert_eq!(acts(&holding(told)), [Act::Remove]);
    assert_eq!(acts(&holding("add the grey knapsack. the scarf out")), [Act::Add, Act::Remove]);
}

#[test]
fn what_is_meant_is_called_whole_by_fewer_words() {
    let cola = [product(3, "Gloves", &[("red", "M")])];
    let titles = |text: &str, titles| found(called(holding(text), titles), &cola);
    let gone = format!("cart_remove {}", json!({ "variant": "P1-black-M" }));
    let swapped = [gone, added("P3-red-M", 2)];
    assert_eq!(titles("gloves instead", "mitten gloves, gloves"), swapped);
    assert!(titles("gloves instead", "mitten gloves, fell gloves").is_empty());
}
