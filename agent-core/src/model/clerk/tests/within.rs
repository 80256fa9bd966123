//! What only is part of something else: of a rule, a name, a bound, of whom something is for or of one thing in a list.

use super::asking::{card, shown};
use super::feeds::{added, asked, before, first};
use super::listing::found;
use super::told::knowing;
use super::*;

fn acts(request: &Request) -> Vec<Act> {
    Clerk::new().explain(request).wishes.iter().filter_map(|it| it.act).collect()
}

fn wish(text: &str, words: fn(&mut Lexicon)) -> Wish {
    first(&knowing(fresh(Vec::new(), text), &[], words))
}

#[test]
fn what_only_is_part_of_a_rule_pays_nothing() {
    let fez = before("can i send it back, fez", product(4, "Back Fez", &[("grey", "M")]));
    let mut request = knowing(fez, &[("checkout", "send it")], |_| ());
    let mut content = Content::clone(&request.pack);
    let said = || BTreeMap::from([("en".into(), list("send it back"))]);
    let text = [("en".into(), "a rule".to_owned())].into();
    let name = "returns".into();
    content.topics.push(Topic { name, orders: false, examples: said(), cues: said(), text });
    request.pack = Arc::new(Pack::new(content));
    assert_eq!(acts(&request), [Act::Policy]);
}

#[test]
fn for_whom_something_is_asks_nothing() {
    let grey = swapped("P1-black-M", "P1-grey-M", 2);
    assert_eq!(calls(&holding("no wait, the gloves grey, is for my friend")), grey);
}

#[test]
fn versions_of_one_thing_are_shares_of_it() {
    let one = |it: &mut Lexicon| it.numbers.extend([("one".to_owned(), 1)]);
    let text = "two marinara, one small and one large";
    let wishes = Clerk::new().explain(&knowing(fresh(Vec::new(), text), &[], one)).wishes;
    let size = |it: &Wish| it.filters.get("size").cloned().unwrap_or_default();
    let said: Vec<_> = wishes.iter().map(|it| (it.words.clone(), it.quantity, size(it))).collect();
    let share = |size: &str| ("marinara".to_owned(), Some(1), size.to_owned());
    assert_eq!(said, [share("S"), share("L")]);
}

#[test]
fn what_takes_out_is_a_name_behind_what_counts() {
    let pair = |it: &mut Lexicon| it.pieces.push("pair".to_owned());
    let act = |text: &str| acts(&knowing(holding(text), &[("remove", "drop")], pair));
    assert_eq!(act("two pair drop scarf"), [Act::Search]);
    assert_eq!(act("drop scarf"), [Act::Remove]);
}

#[test]
fn who_is_small_is_no_size() {
    let boy = |it: &mut Lexicon| drop(it.synonyms.insert("small boy".into(), "kids".into()));
    let wish = wish("a scarf for a small boy", boy);
    assert_eq!((wish.words.as_str(), wish.filters.len()), ("scarf kids", 0));
}

#[test]
fn a_line_that_should_be_so_as_well_is_changed() {
    let too = |it: &mut Lexicon| it.fillers.push("too".to_owned());
    let request = knowing(holding("the gloves should be L too"), &[("instead", "should be")], too);
    assert_eq!(calls(&request), swapped("P1-black-M", "P1-black-L", 2));
}

#[test]
fn a_want_says_nothing_beside_a_thing_that_is_told_of() {
    let wishes = Clerk::new().explain(&fresh(Vec::new(), "cold hands. red scarf")).wishes;
    assert_eq!(wishes.iter().map(|it| it.words.as_str()).collect::<Vec<_>>(), ["scarf"]);
}

#[test]
fn of_a_long_word_two_letters_may_be_left_out() {
    let long = |it: &mut Lexicon| it.things.push("bruschetta".to_owned());
    assert_eq!(wish("brusheta", long).words, "bruschetta");
    assert_eq!(wish("marina", |_| ()).words, "marina");
}

#[test]
fn which_of_those_has_a_word_is_told_of() {
    assert_eq!(acts(&shown("which of those is fell gloves?")), [Act::Details]);
    assert_eq!(acts(&shown("which of those is ski gloves?")), [Act::Refine]);
}

#[test]
fn what_is_in_a_thing_is_asked_of_the_thing() {
    let within = |it: &mut Lexicon| it.ties.push("in".to_owned());
    assert_eq!(wish("is delivery in the scarf?", within).act, Some(Act::Details));
    assert_eq!(wish("is delivery in town?", within).act, Some(Act::Policy));
}

#[test]
fn another_is_told_of_just_after_one_was() {
    let menu = |it: &mut Lexicon| it.menu = true;
    let told = || turn("product", json!({ "id": "P9" }));
    let act = |text: &str| first(&knowing(fresh(told(), text), &[], menu)).act;
    assert_eq!(act("and the marinara"), Some(Act::Search));
    assert_eq!(act("and a marinara"), Some(Act::Add));
    assert_eq!(act("and the second"), None.or(act("the second")));
}

#[test]
fn both_are_those_that_were_told_of_one_by_one() {
    let told = |n: u32| {
        let mut turn = turn("product", json!({ "id": format!("P{n}") }));
        let blocks = vec![Block::Cards(vec![card(n)])];
        turn.pop();
        turn.push(Entry::Agent { draft: "so".to_owned(), blocks, calls: Vec::new() });
        turn
    };
    let mut request = holding("add both");
    request.transcript = [told(4), told(5), vec![customer("add both")]].concat();
    let fez = |n: u32| product(n, &format!("Fez {n}"), &[("grey", "M")]);
    request.notes.evidence.extend([fez(4), fez(5)]);
    assert_eq!(calls(&request), [added("P5-grey-M", 1), added("P4-grey-M", 1)]);
}

#[test]
fn one_of_a_line_becomes_another_thing() {
    let one = |it: &mut Lexicon| it.numbers.extend([("one of".to_owned(), 1)]);
    let act = |text: &str| acts(&knowing(holding(text), &[], one));
    assert_eq!(act("make one of the gloves a poncho"), [Act::Swap]);
    assert_eq!(act("make one of the gloves"), [Act::Set]);
}

#[test]
fn a_size_with_an_article_counts_nothing() {
    let boxes = |it: &mut Lexicon| it.pieces.push("box".to_owned());
    let request = knowing(holding("make the scarf the 60 box"), &[("set", "make … #")], boxes);
    let wish = first(&request);
    let size = wish.filters.get("size").map(String::as_str);
    assert_eq!((wish.act, size, wish.quantity), (Some(Act::Swap), Some("60 l"), None));
}

#[test]
fn one_more_of_it_is_of_what_was_put_there_last_whatever_was_asked_since() {
    let more = |it: &mut Lexicon| {
        it.numbers.insert("one more".to_owned(), 1);
        it.beside.push("more".to_owned());
    };
    let mut request = knowing(holding("add one more of those"), &[], more);
    let last = request.transcript.pop().unwrap();
    request.transcript.extend(turn("policy", json!({ "topic": "delivery" })));
    request.transcript.push(last);
    assert_eq!(calls(&request), [added("P1-black-M", 1)]);
}

#[test]
fn what_stands_within_a_bound_wishes_nothing_more() {
    let bound = |it: &mut Lexicon| {
        it.beside.push("more".to_owned());
        it.amounts.at_most.push("no more than".to_owned());
    };
    assert!(!wish("gloves no more than 85", bound).more && wish("more gloves", bound).more);
}

#[test]
fn somebody_to_talk_to_is_wished_instead_of_a_bot() {
    let request = fresh(Vec::new(), "is a person please, that i can talk to instead of a bot?");
    assert_eq!(acts(&request), [Act::Human]);
}

#[test]
fn what_is_said_of_whom_it_is_for_describes_what_is_searched_behind_it() {
    let gloves = [product(3, "Mitten Gloves", &[("marinara", "M")])];
    let asked = |text: &str| {
        let mut request = fresh(Vec::new(), text);
        request.tools = holding("").tools;
        found(request, &gloves).len()
    };
    let first = |text: &str| {
        let searches = calls(&fresh(Vec::new(), text));
        searches.first().cloned().unwrap_or_default()
    };
    assert!(first("marinara. show me gloves").contains("gloves marinara"));
    assert_eq!(asked("marinara. show me gloves"), 0);
}

#[test]
fn another_thing_if_there_is_one_is_no_change_of_a_search() {
    let cues = [("refine", "if you have it")];
    let act = |text: &str| {
        let searched = fresh(turn("search", json!({ "words": "gloves" })), text);
        acts(&knowing(searched, &cues, |_| ()))
    };
    assert_eq!(act("and a scarf if you have it"), [Act::Search]);
    assert_eq!(act("scarf if you have it"), [Act::Refine]);
}

#[test]
fn what_is_ordered_with_nothing_in_the_cart_is_the_one_shown() {
    let mut request = before("that is all, that", product(4, "Fez", &[("grey", "M")]));
    assert_eq!(acts(&request), [Act::Checkout]);
    request.notes.cart.clear();
    assert_eq!(calls(&request), [added("P4-grey-M", 1)]);
}

#[test]
fn what_is_asked_while_a_version_is_asked_for_is_asked_of_that_product() {
    let cues = [("details", "does it come")];
    let mut request = knowing(asked("does it come silken?", "show me gloves"), &cues, |_| ());
    for entry in &mut request.transcript {
        if let Entry::Agent { blocks, .. } = entry
            && let Some(Block::Cards(cards)) = blocks.first_mut()
        {
            cards.push(card(1));
        }
    }
    request.tools = Arc::new(crate::digest::Named::new(vec![spec("product")]));
    assert_eq!(calls(&request), ["product {\"id\":\"P4-grey-M\"}"]);
}

#[test]
fn what_only_is_told_of_a_thing_takes_no_place() {
    let fez = [product(3, "Woollen Fez", &[("silken", "M")])];
    let swap = |text: &str| found(holding(text), &fez);
    assert_eq!(swap("make the gloves silken"), [""; 0]);
    let gone = format!("cart_remove {}", json!({ "variant": "P1-black-M" }));
    assert_eq!(swap("make the gloves fez"), [gone, added("P3-silken-M", 2)]);
}

#[test]
fn for_whom_it_is_not_is_no_change_of_a_line() {
    let her = |it: &mut Lexicon| {
        let gender = [("for her".to_owned(), "female".to_owned())].into();
        it.values.insert("gender".into(), gender);
    };
    assert!(!wish("the gloves not for her", her).instead && wish("not grey", her).instead);
}

#[test]
fn behind_an_article_stands_no_verb() {
    let apart = |it: &mut Lexicon| it.apart = true;
    let act = |text: &str| acts(&knowing(holding(text), &[("remove", "drop")], apart));
    assert_ne!(act("and the drop ones"), [Act::Remove]);
    assert_eq!(act("and drop those"), [Act::Remove]);
}

#[test]
fn what_is_more_than_a_line_is_called_adds_no_more_of_it() {
    let one = |it: &mut Lexicon| {
        it.numbers.insert("one of".to_owned(), 1);
        it.menu = true;
    };
    let gloves = [product(1, "Mitten Gloves", &[("black", "M")])];
    let added = |text: &str| found(knowing(holding(text), &[], one), &gloves);
    assert_eq!(added("one of the gloves silk"), [""; 0]);
    assert_eq!(acts(&knowing(holding("one of the gloves silk"), &[], one)), [Act::Search]);
}

#[test]
fn what_comes_in_no_such_thing_is_not_meant() {
    let silk = |it: &mut Lexicon| {
        it.values.insert("material".into(), [("silk".to_owned(), "silk".to_owned())].into());
    };
    let add = |text: &str| calls(&knowing(holding(text), &[], silk));
    assert_eq!(add("add two in silk"), [""; 0]);
    assert_eq!(add("add two in grey"), [added("P1-grey-M", 2)]);
}

#[test]
fn a_line_that_is_made_so_as_well_is_changed() {
    let request = knowing(holding("make the gloves L as well"), &[("set", "make the")], |it| {
        it.fillers.extend(["as".to_owned(), "well".to_owned()]);
        it.beside.push("as well".to_owned());
    });
    assert_eq!(calls(&request), swapped("P1-black-M", "P1-black-L", 2));
}

#[test]
fn who_does_not_come_is_no_part_of_a_line() {
    let one = |it: &mut Lexicon| {
        it.numbers.insert("one".to_owned(), 1);
        it.ties.push("so".to_owned());
        it.fillers.extend(["only".to_owned(), "one".to_owned()]);
    };
    let act = |text: &str| acts(&knowing(holding(text), &[("set", "only #")], one));
    assert_eq!(act("he is not coming so only one gloves"), [Act::Set]);
    assert_eq!(act("not silk so the one gloves"), [Act::Lost]);
}

#[test]
fn another_number_taken_back_is_of_what_lies_there() {
    let one = |it: &mut Lexicon| it.numbers.extend([("one".to_owned(), 1)]);
    let request = knowing(holding("and three gloves not one"), &[], one);
    let three = format!("cart_set {}", json!({ "variant": "P1-black-M", "quantity": 3 }));
    assert_eq!(calls(&request), [three]);
}
