//! Taps: what only shows works until it expires, what writes works once, and what is not ours does nothing.

use std::sync::Arc;
use std::time::Duration;

use agent_core::action;
use agent_core::message::{ActionRef, InboundKind, Tap};
use agent_core::model::Entry;
use agent_core::model::scripted::{Scripted, calls, says};
use serde_json::json;
use sutler_tests::world::{Member, SHOP, Turned, World};

use crate::hostile::{pack, rules};

async fn shop() -> World {
    let draft = "[[choice Well? | Add => cart_add {\"variant\":\"socks\"} \
                 | Look => product {\"id\":\"socks\"} | Also => cart_add {\"variant\":\"jacket-m\"}]]";
    let model = Scripted::by(move |_| Ok(says(draft)));
    World::of(vec![Member::new(&pack("retail"), Arc::new(model))]).await
}

/// Taps an option of the very first reply.
async fn tap(world: &World, option: u16) -> Turned {
    let offered = world.conversation("ada").await.offered;
    let action = ActionRef { outbound: offered.first().unwrap().outbound, option };
    let token = action::mint(&*world.house.ids, world.journal("ada").await, action);
    world.tell("ada", InboundKind::Tap(Tap::Token(token))).await
}

fn phrase(name: &str) -> String {
    pack("retail").say(name, &"en".into(), &[])
}

#[tokio::test]
async fn what_shows_works_again_and_what_writes_works_once() {
    let world = shop().await;
    world.say("ada", "socks").await;
    for _ in 0..2 {
        assert_eq!(tap(&world, 1).await.tools(), ["product".into()]);
    }
    assert_eq!(tap(&world, 0).await.tools(), ["cart_add".into()]);
    let again = tap(&world, 0).await;
    assert!(again.calls.is_empty());
    assert_eq!(again.text(), phrase("tap.spent"));
    assert_eq!(world.conversation("ada").await.cart, [("socks".into(), 1)]);
}

#[tokio::test]
async fn a_button_that_cancels_something_stops_no_messages() {
    for (label, stopped) in [("Cancel", false), ("End", false), ("Unsubscribe", true)] {
        let draft = format!("[[choice Well? | {label}]]");
        let model = Scripted::by(move |_| Ok(says(&draft)));
        let world = World::of(vec![Member::new(&pack("retail"), Arc::new(model))]).await;
        world.say("ada", "socks").await;
        tap(&world, 0).await;
        assert_eq!(world.conversation("ada").await.opted_out, stopped, "{label}");
    }
}

#[tokio::test]
async fn an_old_a_forged_and_anothers_tap_do_nothing_and_say_so() {
    let world = shop().await;
    world.say("ada", "socks").await;
    world.say("bob", "socks").await;
    let hers = world.conversation("ada").await.offered[0].outbound;
    let hers = ActionRef { outbound: hers, option: 0 };
    let token = action::mint(&*world.house.ids, world.journal("ada").await, hers);
    let mut damaged = token.clone();
    damaged.replace_range(5..6, if &token[5..6] == "A" { "B" } else { "A" });
    for token in [token, damaged, "nonsense".to_owned()] {
        let turned = world.tell("bob", InboundKind::Tap(Tap::Token(token))).await;
        assert_eq!(turned.text(), phrase("tap.expired"));
    }
    world.clock.turn(Duration::from_secs(25 * 3600));
    for option in [0, 1] {
        let old = tap(&world, option).await;
        assert!(old.calls.is_empty());
        assert_eq!(old.text(), phrase("tap.expired"));
    }
    assert!(world.conversation("ada").await.cart.is_empty());
}

#[tokio::test]
async fn every_tap_of_a_turn_counts_and_one_twice_counts_once() {
    let world = shop().await;
    world.say("ada", "socks").await;
    let first = world.conversation("ada").await.offered[0].outbound;
    for (id, option) in [("t1", 0), ("t2", 2), ("t3", 0)] {
        let action = ActionRef { outbound: first, option };
        let token = action::mint(&*world.house.ids, world.journal("ada").await, action);
        world.send(SHOP, "ada", id, InboundKind::Tap(Tap::Token(token))).await;
    }
    world.settled().await;
    let cart = world.conversation("ada").await.cart;
    assert_eq!(cart, [("socks".into(), 1), ("jacket-m".into(), 1)]);
}

/// A shop that wants a yes to each order, whose model orders when that is said and puts all else into the cart.
async fn ordering() -> World {
    let model = Scripted::by(|request| {
        Ok(match request.transcript.last() {
            Some(Entry::Customer { text, action: None, .. }) => match text.as_str() {
                "order" => calls([("checkout", json!({}))]),
                "hm" => says("Take your time."),
                variant => calls([("cart_add", json!({ "variant": variant }))]),
            },
            _ => says("[[choice Done. | More => cart_add {\"variant\":\"socks\"}]]"),
        })
    });
    let world = World::of(vec![Member::new(&pack("restaurant"), Arc::new(model))]).await;
    world.say("ada", "socks").await;
    world.say("ada", "order").await;
    world
}

#[tokio::test]
async fn a_yes_is_to_the_cart_it_was_asked_of() {
    let yes = pack("restaurant").say("confirm.yes", &"en".into(), &[]);
    let world = ordering().await;
    world.say("ada", "hm").await;
    assert_eq!(world.tap("ada", &yes).await.tools(), ["checkout".into()], "nothing changed");

    let world = ordering().await;
    world.say("ada", "jacket-m").await;
    let old = world.tap("ada", &yes).await;
    assert!(old.tools().is_empty(), "{:?}", old.tools());
    assert!(rules(&old.events).contains(&"tool.confirm".to_owned()));
    assert_eq!(world.tap("ada", &yes).await.tools(), ["checkout".into()], "asked of this cart");

    // Both are tapped before either is answered.
    let world = ordering().await;
    let offered = world.conversation("ada").await.offered;
    for (id, offer) in [("t1", offered.first()), ("t2", offered.last())] {
        let action = ActionRef { outbound: offer.unwrap().outbound, option: 0 };
        let token = action::mint(&*world.house.ids, world.journal("ada").await, action);
        world.send(SHOP, "ada", id, InboundKind::Tap(Tap::Token(token))).await;
    }
    world.settled().await;
    let state = world.conversation("ada").await;
    assert_eq!(state.cart, [("socks".into(), 2)]);
    assert!(state.orders.is_empty() && state.pending.is_some(), "{:?}", state.orders);
}
