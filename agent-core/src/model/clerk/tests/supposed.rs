//! What only seems to be wished, what is shared out, and what is settled.

use super::feeds::{added, before, called, first};
use super::listing::found;
use super::*;

/// The same with other words of the language.
fn with(mut request: Request, change: impl FnOnce(&mut Lexicon)) -> Request {
    let mut content = Content::clone(&request.pack);
    change(content.lexicons.get_mut("en").unwrap());
    request.pack = Arc::new(Pack::new(content));
    request
}

/// The same with another cue.
fn cued(mut request: Request, name: &str, cue: &str) -> Request {
    let mut content = Content::clone(&request.pack);
    let cues = [("en".into(), vec![cue.to_owned()])].into();
    let examples = [("en".into(), list("zzz"))].into();
    content.intents.push(Intent { name: name.into(), examples, cues });
    request.pack = Arc::new(Pack::new(content));
    request
}

fn set(variant: &str, quantity: u32) -> String {
    format!("cart_set {}", json!({ "variant": variant, "quantity": quantity }))
}

fn hat() -> Evidence {
    product(4, "Fez", &[("grey", "M"), ("red", "M")])
}

#[test]
fn what_may_come_to_be_takes_nothing_out() {
    assert_eq!(first(&holding("not the scarf")).act, Some(Act::Remove));
    assert_ne!(first(&holding("if not the scarf")).act, Some(Act::Remove));
    let acts = |text: &str| {
        let wishes = Clerk::new().explain(&fresh(Vec::new(), text)).wishes;
        wishes.iter().filter_map(|it| it.act).collect::<Vec<_>>()
    };
    assert_eq!(acts("if that scarf. is it in town?"), [Act::Policy]);
}

#[test]
fn who_talks_to_persons_of_their_own_asks_for_nobody() {
    let request = |text: &str| {
        let request = cued(fresh(Vec::new(), text), "human", "talk … now");
        with(request, |it| {
            it.values.insert("gender".into(), [("husband".into(), "male".into())].into());
        })
    };
    assert_eq!(first(&request("talk to someone now")).act, Some(Act::Human));
    assert_eq!(first(&request("talk to a husband now")).act, Some(Act::Human));
    assert_ne!(first(&request("talk to my husband now")).act, Some(Act::Human));
}

#[test]
fn what_was_just_put_there_is_shared_out() {
    let shared = vec![set("P1-black-M", 1), added("P1-grey-M", 1)];
    assert_eq!(calls(&holding("one in black and one in grey")), shared);
    let three = calls(&holding("two in black and one in grey"));
    assert!(!three.contains(&set("P1-black-M", 1)), "{three:?}");
}

#[test]
fn one_of_several_becomes_another_version() {
    let request = holding("a pair of those in L instead");
    let request = with(request, |it| {
        it.numbers.insert("a pair of those".to_owned(), 1);
    });
    assert_eq!(calls(&request), [set("P1-black-M", 1), added("P1-black-L", 1)]);
}

#[test]
fn who_asks_which_to_take_takes_none() {
    let or = |text: &str| with(before(text, hat()), |it| it.alternatives = list("or"));
    assert_eq!(first(&or("i take the fez or the bonnet")).act, Some(Act::Add));
    assert_ne!(first(&or("i take the fez or the bonnet?")).act, Some(Act::Add));
}

#[test]
fn whom_one_of_several_is_for_makes_them_no_fewer() {
    let quantity = |text: &str| first(&fresh(Vec::new(), text)).quantity;
    assert_eq!(quantity("two gloves, a for my neighbour"), Some(2));
}

#[test]
fn a_word_of_a_name_that_was_shown_is_no_cue() {
    let wide = product(4, "Wide Out Fez", &[("grey", "M")]);
    assert_eq!(first(&before("told of the wide out fez", wide)).act, Some(Act::Details));
    assert_eq!(first(&before("the gloves out", hat())).act, Some(Act::Remove));
}

#[test]
fn a_join_within_a_name_joins_nothing() {
    let names = |titles: &str| {
        let request = called(fresh(Vec::new(), "show me the silk and wool scarf"), titles);
        first(&request).names.len()
    };
    assert_eq!(names("silk and wool scarf"), 1);
    assert_eq!(names("silk scarf"), 2);
}

#[test]
fn what_is_shown_is_counted_by_its_name() {
    let one = || product(4, "Wool Fez", &[("grey", "M")]);
    assert_eq!(calls(&before("wool fez, two", one())), [added("P4-grey-M", 2)]);
    assert_eq!(first(&before("of those fez an", one())).quantity, Some(1));
    assert_eq!(first(&before("an fez", one())).quantity, None);
}

#[test]
fn what_is_settled_is_taken() {
    assert_eq!(calls(&before("the red one and", hat())), [added("P4-red-M", 1)]);
    assert_eq!(calls(&before("the red one", hat())), [""; 0]);
}

#[test]
fn a_whole_name_is_bought_kindly() {
    let one = [product(3, "Wool Fez", &[("grey", "M")])];
    assert_eq!(found(holding("wool fez kindly"), &one), [added("P3-grey-M", 1)]);
    assert_eq!(found(holding("wool fez"), &one), [""; 0]);
    let two = [product(3, "Wool Fez", &[("grey", "M"), ("red", "M"), ("red", "L")])];
    assert_eq!(found(holding("wool fez kindly"), &two), [""; 0]);
    assert_eq!(found(holding("the wool fez in red, L"), &two), [added("P3-red-L", 1)]);
}

#[test]
fn what_puts_it_there_by_itself_is_no_search() {
    let mut request =
        before("add that in L another", product(4, "Fez", &[("red", "M"), ("red", "L")]));
    request.notes.cart.clear();
    request.notes.priced = None;
    assert_eq!(calls(&request), [added("P4-red-L", 1)]);
}

#[test]
fn what_is_named_and_was_not_shown_is_searched_anew() {
    let sunhat = |titles: &str| first(&called(before("sunhat in grey", hat()), titles)).act;
    assert_eq!(sunhat("sunhat"), Some(Act::Search));
    assert_eq!(sunhat("bonnet"), Some(Act::Refine));
}

#[test]
fn two_of_each_are_counted() {
    let each = |text: &str| with(holding(text), |it| it.both = list("both, for each"));
    assert_eq!(first(&each("for each two")).act, Some(Act::Set));
    assert_eq!(calls(&each("for each three")).len(), 2);
}

#[test]
fn what_is_too_many_is_not_how_many_go() {
    let request = cued(holding("two weighs much, grab three out"), "excess", "# weighs much");
    assert_eq!(first(&request).quantity, Some(3));
}

#[test]
fn with_nothing_there_who_takes_something_out_puts_nothing_there() {
    let mut request = cued(before("i take scarf never ever", hat()), "remove", "never ever");
    request.notes.cart.clear();
    request.notes.priced = None;
    assert_ne!(first(&request).act, Some(Act::Add));
}

#[test]
fn a_guest_is_no_superlative() {
    let guest = |it: &mut Lexicon| {
        it.values.insert("gender".into(), [("guest".into(), "male".into())].into());
    };
    let wish = first(&with(fresh(Vec::new(), "show me a scarf for my guest"), guest));
    assert!(wish.filters.contains_key("gender"), "{wish:?}");
}

#[test]
fn small_things_and_those_said_short_are_what_goods_are_called() {
    let words = |text: &str| {
        let request = with(called(fresh(Vec::new(), text), "glasflasche"), |it| {
            it.diminutives = list("chen");
            it.endings = list("e, n");
            it.things = list("kerze");
        });
        first(&request).words
    };
    assert_eq!(words("show me fläschchen"), "flasch");
    assert_eq!(words("show me kerzn"), "kerze");
}
