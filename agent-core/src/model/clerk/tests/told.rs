//! What is told beside a wish: greetings, ages, what is too much, and words that goods are called by in part.

use super::listing::found;
use super::*;

/// The same in a shop with more words and cues.
pub(super) fn knowing(
    mut request: Request,
    cues: &[(&str, &str)],
    words: fn(&mut Lexicon),
) -> Request {
    let mut content = Content::clone(&request.pack);
    content.intents.extend(cues.iter().map(|(name, cue)| Intent {
        name: (*name).into(),
        examples: BTreeMap::new(),
        cues: [("en".into(), list(cue))].into(),
    }));
    words(content.lexicons.get_mut("en").unwrap());
    request.pack = Arc::new(Pack::new(content));
    request
}

fn wishes(request: &Request) -> Vec<Wish> {
    Clerk::new().explain(request).wishes
}

fn asks(text: &str, cues: &[(&str, &str)], words: fn(&mut Lexicon)) -> Wish {
    wishes(&knowing(fresh(Vec::new(), text), cues, words)).remove(0)
}

fn put(variant: &str, quantity: u32) -> String {
    format!("cart_add {}", json!({ "variant": variant, "quantity": quantity }))
}

#[test]
fn one_that_is_enough_counts_beside_what_is_too_many() {
    let cues = [("single", "a pair suffices")];
    let text = "three are too many, a pair suffices";
    let request = knowing(holding(text), &cues, |_| ());
    let one = format!("cart_set {}", json!({ "variant": "P1-black-M", "quantity": 1 }));
    assert_eq!(calls(&request), [one]);
}

#[test]
fn an_article_is_not_what_something_is_for() {
    let article = |it: &mut Lexicon| it.it.push("my".to_owned());
    let made_for = |text: &str| wishes(&knowing(holding(text), &[], article)).remove(0).for_it;
    assert!(!made_for("another one in l for my tall brother") && made_for("gas for it"));
}

#[test]
fn an_age_of_two_digits_is_no_size() {
    let cues = [("persons", "he turns ##")];
    let wish = asks("he turns 42, do you have gloves", &cues, |_| ());
    assert_eq!((wish.act, wish.filters.len()), (Some(Act::Search), 0));
}

#[test]
fn a_part_of_what_goods_are_called_is_not_of_the_world() {
    let part = |it: &mut Lexicon| it.named.push("tennisracket".to_owned());
    let act = |words: fn(&mut Lexicon)| {
        asks("which is the cheapest tennis", &[("off_topic", "tennis")], words).act
    };
    assert_eq!((act(part), act(|_| ())), (Some(Act::Search), Some(Act::OffTopic)));
}

#[test]
fn so_many_more_in_another_color_are_put_beside() {
    assert_eq!(calls(&holding("and 2 in grey")), [put("P1-grey-M", 2)]);
}

#[test]
fn a_small_word_is_no_other_form_of_goods() {
    let words = |it: &mut Lexicon| {
        it.fillers.push("hoops".to_owned());
        it.synonyms.insert("hoop".to_owned(), "gloves".to_owned());
    };
    assert_eq!(asks("do you have hoops scarf", &[], words).words, "scarf");
}

#[test]
fn what_a_name_ends_in_is_read_as_it_is() {
    let words = |it: &mut Lexicon| it.named.push("woolglowes".to_owned());
    let read = |words: fn(&mut Lexicon)| asks("do you have glowes", &[], words).words;
    assert_eq!((read(words).as_str(), read(|_| ()).as_str()), ("glowes", "gloves"));
    assert_eq!(asks("do you have scarps", &[], |_| ()).words, "scarps");
}

#[test]
fn what_is_too_small_is_changed_to_what_stands_among_words_for_it() {
    let cues = [("instead", "change … over")];
    let request = knowing(holding("m is too small, change l over"), &cues, |_| ());
    let wish = wishes(&request).remove(0);
    assert_eq!((wish.act, wish.words.as_str()), (Some(Act::Swap), ""));
}

#[test]
fn which_of_several_goes_is_asked_where_it_was_not_understood() {
    let cues = [("refine", "lighter")];
    let text = "take the lighter out";
    assert_eq!(calls(&knowing(holding(text), &cues, |_| ())), [""; 0]);
    assert_eq!(calls(&holding("take it out")).len(), 1);
}

#[test]
fn what_seems_to_ask_for_the_cart_may_begin_a_rule() {
    let topic = |mut request: Request| {
        let mut content = Content::clone(&request.pack);
        content.topics[0].cues = [("en".into(), list("back … delivery"))].into();
        request.pack = Arc::new(Pack::new(content));
        wishes(&request).remove(0)
    };
    let wish = topic(holding("what do you set me back for delivery"));
    assert_eq!(wish.act, Some(Act::Policy));
}

#[test]
fn what_agrees_names_nothing() {
    let words = |it: &mut Lexicon| it.yes.push("yep".to_owned());
    let request = knowing(holding("yep add gloves"), &[], words);
    assert_eq!(wishes(&request).remove(0).words, "gloves");
}

#[test]
fn a_size_told_with_a_greeting_counts() {
    let wish = asks("hello, my son is l and do you have gloves", &[], |_| ());
    assert_eq!((wish.act, wish.filters.len()), (Some(Act::Search), 1));
}

#[test]
fn a_tale_is_not_bought_with_what_is_named_behind_it() {
    let said = wishes(&fresh(Vec::new(), "aunt flies berlin tomorrow and i take gloves"));
    let bought = said.iter().filter(|it| it.act == Some(Act::Add));
    assert_eq!(bought.map(|it| it.words.as_str()).collect::<Vec<_>>(), ["gloves"]);
}

#[test]
fn one_word_beside_thanks_is_no_search() {
    let before = turn("search", json!({ "words": "gloves" }));
    let said = wishes(&fresh(before, "reassuring. thanks"));
    assert!(said.iter().any(|it| it.act == Some(Act::Thanks)));
}

#[test]
fn what_was_shown_is_ordered_as_it_is_told() {
    let fez = product(4, "Fez", &[("grey", "M"), ("red", "M"), ("red", "L")]);
    let mut request = fresh(Vec::new(), "the red in l, bill");
    let blocks = vec![Block::Cards(vec![asking::card(4)])];
    let said = Entry::Agent { draft: "so".to_owned(), blocks, calls: Vec::new() };
    let mut before = turn("search", json!({ "words": "fez" }));
    before.pop();
    request.transcript.splice(..0, before.into_iter().chain([said]));
    request.notes.first = false;
    request.notes.evidence = vec![fez];
    request.tools = holding("").tools;
    assert_eq!(found(request.clone(), &[]), [put("P4-red-L", 1)]);
    // A word that no goods are called by.
    *request.transcript.last_mut().unwrap() = customer("the huge in red l, add");
    assert_eq!(found(request, &[]), [put("P4-red-L", 1)]);
}
