//! What one sentence says of another, and what a wish leaves open.

use super::*;

fn wishes(request: &Request) -> Vec<Wish> {
    Clerk::new().explain(request).wishes
}

fn acts(text: &str) -> Vec<Act> {
    wishes(&fresh(Vec::new(), text)).iter().filter_map(|it| it.act).collect()
}

#[test]
fn what_is_told_before_a_question_is_not_searched() {
    assert_eq!(acts("that is the scarf. what is the delivery?"), [Act::Policy]);
    assert_eq!(acts("niece set up everything here. what can i do?").first(), Some(&Act::Help));
}

#[test]
fn what_is_preferred_narrows_what_was_searched() {
    let said = wishes(&fresh(Vec::new(), "do you have a red scarf, preferably wool"));
    assert_eq!(said.iter().map(|it| it.words.as_str()).collect::<Vec<_>>(), ["scarf wool"]);
}

#[test]
fn what_may_be_any_is_no_filter() {
    let wish = wishes(&fresh(Vec::new(), "scarf, whatever color")).remove(0);
    assert_eq!((wish.open, wish.filters.len()), (vec!["color".into()], 0));
}

#[test]
fn a_question_that_names_a_thing_is_not_about_the_world() {
    assert_eq!(acts("how high are the fell gloves?"), [Act::Ask]);
    assert_eq!(acts("how high is the sun?"), [Act::OffTopic]);
}

#[test]
fn what_is_put_there_is_not_put_there_again() {
    let adds = |text: &str| acts(text).len();
    assert_eq!(adds("add scarf in red. i take it"), 1);
    assert_eq!(adds("add scarf in red. add one more of it"), 2);
}
