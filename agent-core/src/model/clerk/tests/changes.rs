//! What changes the cart, and what must not.

use super::*;

fn acts(request: &Request) -> Vec<Act> {
    Clerk::new().explain(request).wishes.iter().filter_map(|it| it.act).collect()
}

fn gone(variants: &[&str]) -> Vec<String> {
    variants.iter().map(|it| format!("cart_remove {}", json!({ "variant": it }))).collect()
}

#[test]
fn a_question_for_what_there_is_changes_nothing() {
    for text in
        ["do you have a scarf for me", "is the scarf out", "hello, do you have gloves for me"]
    {
        let calls = calls(&holding(text));
        assert!(calls.iter().all(|it| !it.starts_with("cart")), "{text}: {calls:?}");
    }
    assert_eq!(acts(&fresh(Vec::new(), "do you have gloves for me")), [Act::Search]);
    assert_eq!(acts(&fresh(Vec::new(), "can i take gloves")), [Act::Add]);
}

#[test]
fn what_is_named_with_a_too_behind_it_is_put_to_what_was_just_put_there() {
    assert_eq!(acts(&holding("fell marinara too")), [Act::Add]);
    assert_eq!(acts(&holding("fell marinara")), [Act::Search]);
    assert_eq!(acts(&fresh(Vec::new(), "fell marinara too")), [Act::Search]);
}

#[test]
fn so_many_of_another_version_are_put_beside_a_line() {
    let grey = json!({ "variant": "P1-grey-M", "quantity": 3 });
    let grey = [format!("cart_add {grey}")];
    assert_eq!(calls(&holding("and three mitten gloves in grey")), grey);
    assert_eq!(calls(&holding("three mitten gloves in grey")), grey);
    assert_eq!(
        calls(&holding("wait, mitten gloves in grey")),
        swapped("P1-black-M", "P1-grey-M", 2)
    );
}

#[test]
fn what_leads_shares_is_one_of_them() {
    let wishes = |text: &str| -> Vec<(Option<u32>, Vec<String>)> {
        let wishes = Clerk::new().explain(&fresh(Vec::new(), text)).wishes;
        let told = |it: Wish| (it.quantity, it.filters.into_values().collect());
        wishes.into_iter().map(told).collect()
    };
    let of = |count: u32, color: &str| (Some(count), vec![color.to_owned()]);
    assert_eq!(
        wishes("two gloves in black, one in red and three in grey"),
        [of(2, "black"), of(1, "red"), of(3, "grey")]
    );
}

#[test]
fn what_is_named_before_out_goes() {
    assert_eq!(calls(&holding("the scarf out please")), gone(&["P2-red-45 l"]));
    assert_eq!(calls(&holding("scarf and gloves out")), gone(&["P2-red-45 l"]));
    assert_eq!(calls(&holding("scarf out, the gloves can stay")), gone(&["P2-red-45 l"]));
    assert_eq!(acts(&holding("the gloves can stay")), [Act::Keep]);
    assert_eq!(acts(&fresh(Vec::new(), "the scarf out")), [Act::Search]);
}

#[test]
fn a_line_called_like_the_cart_is_meant_where_it_is_changed() {
    let basket = |text: &str| {
        let mut request = holding(text);
        request.notes.cart.push(("P3-red-M".into(), 1));
        let lines = &mut request.notes.priced.as_mut().unwrap().lines;
        lines.push(line("P3-red-M", "Seagrass Basket", 1));
        calls(&request)
    };
    assert_eq!(basket("take the basket out"), gone(&["P3-red-M"]));
    assert_eq!(basket("take the scarf out of the basket"), gone(&["P2-red-45 l"]));
    assert_eq!(basket("show me the basket"), ["cart_view {}"]);
}

#[test]
fn one_person_is_no_wish_for_a_person() {
    assert_eq!(acts(&fresh(Vec::new(), "gloves for one person please")), [Act::Search]);
    assert_eq!(acts(&fresh(Vec::new(), "a person please")), [Act::Human]);
}

#[test]
fn all_but_one_colour_is_not_that_colour() {
    let wishes = Clerk::new().explain(&fresh(Vec::new(), "scarf in any color but red")).wishes;
    let said: Vec<_> = wishes.iter().map(|it| (it.without.clone(), it.filters.len())).collect();
    assert_eq!(said, [(list("red"), 0)]);
}

#[test]
fn who_says_goodbye_puts_nothing_into_the_cart() {
    assert_eq!(acts(&holding("bye and have a nice evening")), [Act::Bye]);
}

#[test]
fn what_is_taken_back_at_once_is_changed() {
    let larger = swapped("P1-black-M", "P1-black-L", 2);
    assert_eq!(calls(&holding("no wait, in L")), larger);
    let grey = swapped("P1-black-M", "P1-grey-M", 2);
    assert_eq!(calls(&holding("make the black gloves grey instead")), grey);
    assert_eq!(acts(&holding("no not mitten, ski gloves")), [Act::Swap]);
}

#[test]
fn what_is_set_side_by_side_is_compared_and_not_bought() {
    assert_eq!(acts(&fresh(Vec::new(), "add gloves and a scarf side by side")), [Act::Compare]);
}

#[test]
fn who_buys_what_was_shown_as_the_cart_pays() {
    let mut request = holding("i take that");
    request.transcript.splice(..3, turn("cart_view", json!({})));
    assert_eq!(acts(&request), [Act::Checkout]);
}

#[test]
fn a_number_within_a_longer_word_counts_nothing() {
    let quantity = |text: &str| {
        let wishes = Clerk::new().explain(&fresh(Vec::new(), text)).wishes;
        wishes.first().and_then(|wish| wish.quantity)
    };
    assert_eq!(quantity("add two-finger gloves"), None);
    assert_eq!(quantity("add two gloves"), Some(2));
}

#[test]
fn what_is_named_to_go_goes_where_the_rest_is_kept() {
    assert_eq!(calls(&holding("take the scarf out, keep the rest")), gone(&["P2-red-45 l"]));
    assert_eq!(calls(&holding("for me no gloves")), gone(&["P1-black-M"]));
}

#[test]
fn one_of_several_goes() {
    let one = [format!("cart_set {}", json!({ "variant": "P1-black-M", "quantity": 1 }))];
    for text in ["take one out", "take a glove out", "two too many, one out"] {
        assert_eq!(calls(&holding(text)), one, "{text}");
    }
}

#[test]
fn what_is_no_count_counts_nothing() {
    let counts =
        |text: &str| Clerk::new().explain(&fresh(Vec::new(), text)).wishes.remove(0).quantity;
    assert_eq!(counts("gloves for minus three"), None);
    assert_eq!(counts("to my two please on the of"), None);
    assert_eq!(counts("three too many, two gloves"), Some(2));
}

#[test]
fn both_of_what_was_compared_are_bought() {
    let compared = turn("compare", json!({ "ids": ["P1-black-M", "P2-red-45 l"] }));
    assert_eq!(acts(&fresh(compared, "both side by side")), [Act::Add]);
}

#[test]
fn a_bound_is_given_up() {
    let before = turn("search", json!({ "words": "scarf", "max_price": "50" }));
    let mut request = fresh(before, "forget the price");
    request.tools = holding("").tools;
    assert_eq!(calls(&request), [format!("search {}", json!({ "words": "scarf" }))]);
}

#[test]
fn what_was_put_there_last_is_had_in_another_version() {
    let wishes = Clerk::new().explain(&holding("add another of those and two small")).wishes;
    let said: Vec<_> = wishes.iter().map(|it| (it.act, it.quantity, it.filters.len())).collect();
    assert_eq!(said, [(Some(Act::Add), Some(2), 1)]);
    assert_eq!(acts(&holding("my niece said grey. it instead")), [Act::Swap]);
    let mut one = holding("both in grey");
    one.notes.cart.remove(0);
    assert_eq!(calls(&one), swapped("P1-black-M", "P1-grey-M", 2));
}

#[test]
fn what_names_no_goods_is_told_around_another_version() {
    let text = "a small one would be too big so in large instead";
    assert_eq!(acts(&holding(text)), [Act::Swap]);
}

#[test]
fn what_is_counted_in_the_cart_is_put_there() {
    assert_eq!(acts(&fresh(Vec::new(), "a plate set in the basket")), [Act::Add]);
    assert_eq!(acts(&fresh(Vec::new(), "show me the basket")), [Act::Cart]);
}

#[test]
fn one_and_the_other_share_a_name() {
    let colors = |text: &str| -> Vec<Option<String>> {
        let wishes = Clerk::new().explain(&fresh(Vec::new(), text)).wishes;
        wishes.iter().map(|it| it.filters.get("color").cloned()).collect()
    };
    let two = [Some("red".to_owned()), Some("grey".to_owned())];
    assert_eq!(colors("scarf one in red 45 litres and one in grey 60 litres"), two);
    assert_eq!(colors("scarf one in red and the other in grey"), two);
}

#[test]
fn one_of_the_kind_of_all_that_lies_there_takes_its_place() {
    let felt = || product(4, "Felt Fez", &[("grey", "M")]);
    let first = |kind: &str| {
        let mut request = feeds::before("the felt instead", felt());
        request.notes.cart.remove(0);
        request.notes.priced.as_mut().unwrap().lines.remove(0);
        for evidence in &mut request.notes.evidence {
            let mut finding = Finding::clone(&evidence.finding);
            if let Body::Product(facts) = &mut finding.body {
                let kind = if evidence.label == Label(4) { kind } else { "Warm" };
                facts.category = vec![kind.to_owned()];
            }
            evidence.finding = finding.into();
        }
        feeds::first(&request).act
    };
    assert_eq!(first("Warm"), Some(Act::Swap));
    assert_ne!(first("Light"), Some(Act::Swap));
}
