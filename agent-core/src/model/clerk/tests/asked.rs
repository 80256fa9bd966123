//! What is asked of goods by their names, and what is only told beside a wish.

use super::feeds::{added, before, called, first};
use super::told::knowing;
use super::*;

fn bare(text: &str) -> Request {
    fresh(Vec::new(), text)
}

#[test]
fn what_is_asked_by_a_name_that_no_others_have_is_asked_of_that() {
    let said = |text: &str, titles: &str| {
        let told = |it: &mut Lexicon| it.told = list("woollen, trilby, hat");
        let wish = first(&knowing(called(bare(text), titles), &[], told));
        (wish.act, wish.called)
    };
    let trilby = (Some(Act::Details), "trilby".to_owned());
    assert_eq!(said("is the trilby silly", "woollen trilby, woollen hat"), trilby);
    let both = (Some(Act::Details), "woollen trilby".to_owned());
    assert_eq!(said("is woollen trilby silly", "woollen trilby, woollen hat"), both);
    let other = |text: &str, titles: &str| said(text, titles).1.is_empty();
    assert!(other("is the woollen silly", "woollen trilby, woollen hat"));
    assert!(other("is trilby silly", "woollen trilby, woollen hat"));
    assert!(other("is the trilby silly and soft", "woollen trilby, woollen hat"));
    // It is a rule that is asked for behind it.
    assert!(other("is the trilby silly, what is the delivery", "woollen trilby, woollen hat"));
}

#[test]
fn what_is_told_behind_what_is_ordered_is_no_name_of_it() {
    let told = |it: &mut Lexicon| it.told = list("poncho, soft");
    let words = |text: &str| first(&knowing(bare(text), &[], told)).words;
    assert_eq!(words("add the poncho, holiday it is"), "poncho");
    assert_eq!(words("add the poncho, the soft"), "poncho soft");
}

#[test]
fn one_for_me_and_one_for_somebody_are_two() {
    let said = |text: &str| first(&bare(text)).quantity;
    assert_eq!(said("add one poncho for me and one for my mate"), Some(2));
    assert_eq!(said("add one poncho for me"), None);
    assert_eq!(said("add two ponchos one for me and one for my mate"), Some(2));
}

#[test]
fn a_number_before_a_word_of_a_name_is_part_of_that() {
    let said = |titles: &str| {
        let wish = first(&called(bare("add fez 60 denier silk"), titles));
        (wish.quantity, wish.filters.len(), wish.words)
    };
    assert_eq!(said("soft 60 denier fez"), (None, 0, "fez 60 denier silk".to_owned()));
    assert_ne!(said("soft fez"), (None, 0, "fez 60 denier silk".to_owned()));
}

#[test]
fn so_many_of_what_was_shown_are_put_beside_what_lies_there() {
    let fez = product(4, "Fez", &[("red", "L")]);
    assert_eq!(calls(&before("make it two", fez)), [added("P4-red-L", 2)]);
}
