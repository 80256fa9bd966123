//! What waits when a turn starts is taken at once: no wish of it is lost behind another, and it may be much.

use std::sync::Arc;
use std::time::Duration;

use agent_core::event::{Answer, Decision, Event, Recorded};
use agent_core::evidence::{Change, Owner};
use agent_core::id::{CommitId, Name};
use agent_core::message::{ActionRef, Inbound, InboundKind, OrderLine, Purpose, Tap};
use agent_core::model::scripted::{Scripted, says};
use agent_core::profile::Repeat;
use agent_core::store::{Accept, Commit};
use agent_core::time::Clock as _;
use serde_json::json;
use sutler_tests::world::{Collected, Member, SHOP, World, address};

use crate::hostile::pack;

/// A kitchen that asks before it orders, and shows buttons; and a customer who was greeted.
async fn greeted() -> World {
    let draft = "[[choice Well? | Add => cart_add {\"variant\":\"socks\"} | Order => checkout {}]]";
    let model = Scripted::by(move |_| Ok(says(draft)));
    let world = World::of(vec![Member::new(&pack("restaurant"), Arc::new(model))]).await;
    world.say("ada", "hello").await;
    world
}

fn text(text: &str) -> InboundKind {
    InboundKind::Text(text.to_owned())
}

/// All of it waits when the turn starts.
async fn told(world: &World, kinds: Vec<InboundKind>) -> Vec<Recorded> {
    let (journal, before) = (world.journal("ada").await, world.events("ada").await.len());
    let customer = world.conversation("ada").await.customer;
    let at = world.clock.now();
    let accept = kinds.into_iter().enumerate().map(|(n, kind)| {
        let (id, from) = (format!("{before}/{n}").into(), Some(address("ada")));
        let (aliases, reply_to, referral) = (Vec::new(), None, None);
        let inbound = Inbound { id, at, from, aliases, kind, reply_to, referral };
        Accept { journal, customer, scope: Name("test".to_owned()), inbound }
    });
    let blank = Commit::blank(CommitId(world.house.ids.fresh()), at, journal);
    let commit = Commit { customer, accept: accept.collect(), ..blank };
    world.house.store.commit(commit).await.unwrap();
    world.resume().await;
    world.events("ada").await.split_off(before)
}

/// A tap on an option of the newest reply.
async fn tap(world: &World, label: &str) -> InboundKind {
    let offered = world.conversation("ada").await.offered.pop().unwrap();
    let option = offered.actions.iter().position(|(shown, _)| shown == label).unwrap();
    let action = ActionRef { outbound: offered.outbound, option: u16::try_from(option).unwrap() };
    InboundKind::Tap(Tap::Action(action))
}

#[tokio::test]
async fn a_no_to_a_question_swallows_neither_a_stop_nor_the_wish_for_a_person() {
    for (said, stopped) in [("STOP", true), ("I want to talk to a human", false)] {
        let world = greeted().await;
        world.tap("ada", "Add").await;
        world.tap("ada", "Order").await;
        assert!(world.conversation("ada").await.pending.is_some(), "it was asked");
        told(&world, vec![text(said), text("no")]).await;
        let state = world.conversation("ada").await;
        assert_eq!(state.opted_out, stopped, "{said}");
        assert_eq!(matches!(state.owner, Owner::Waiting { .. }), !stopped, "{said}");
    }
}

/// The pack counts `stop that` and `cancel` among its noes.
#[tokio::test]
async fn to_a_question_cancel_is_a_no_and_stop_is_a_stop_whatever_the_pack_says() {
    for (said, stopped) in [("cancel", false), ("stop that", true)] {
        let world = greeted().await;
        world.tap("ada", "Add").await;
        world.tap("ada", "Order").await;
        told(&world, vec![text(said)]).await;
        let state = world.conversation("ada").await;
        assert_eq!((state.opted_out, state.pending.is_some()), (stopped, stopped), "{said}");
    }
}

#[tokio::test]
async fn a_tap_swallows_neither_the_wish_for_a_person_nor_an_order() {
    let world = greeted().await;
    let add = tap(&world, "Add").await;
    let line = OrderLine { variant: "jacket-m".into(), quantity: 2, claimed: None };
    told(&world, vec![InboundKind::Order { lines: vec![line], note: String::new() }, add]).await;
    let cart = world.conversation("ada").await.cart;
    assert_eq!(cart, [("jacket-m".into(), 2), ("socks".into(), 1)]);

    let world = greeted().await;
    let add = tap(&world, "Add").await;
    told(&world, vec![text("I want to talk to a human"), add]).await;
    assert!(matches!(world.conversation("ada").await.owner, Owner::Waiting { .. }));
}

#[tokio::test]
async fn a_tap_that_asks_back_drops_no_other() {
    let world = greeted().await;
    let (order, add) = (tap(&world, "Order").await, tap(&world, "Add").await);
    told(&world, vec![order, add]).await;
    let state = world.conversation("ada").await;
    assert_eq!(state.cart, [("socks".into(), 1)]);
    assert!(state.pending.is_some(), "and it is asked whether to order");
}

#[tokio::test]
async fn what_is_said_to_a_silent_agent_is_forgotten_as_well() {
    let world = greeted().await;
    world.say("ada", "stop").await;
    let long = "word ".repeat(800);
    let mut forgotten = 0;
    for _ in 0..60 {
        let events = told(&world, vec![text(&long), text(&long)]).await;
        forgotten += events
            .iter()
            .filter(|it| {
                matches!(&it.event, Event::Decision(Decision::Changed(Change::Forgot { .. })))
            })
            .count();
    }
    assert!(forgotten > 0);
    let kept = world.conversation("ada").await.transcript.len();
    assert!(kept < 80, "{kept} of 120 messages are kept");
}

#[tokio::test]
async fn a_turn_takes_no_more_than_a_commit_can_hold() {
    let world = greeted().await;
    let happening = || {
        let facts = [("body".into(), json!("x".repeat(250_000)))].into();
        InboundKind::Event { name: "note".into(), facts }
    };
    let events = told(&world, (0..40).map(|_| happening()).collect()).await;
    let inputs = |it: &Recorded| match &it.event {
        Event::Answer(Answer::Opened(opening)) => Some(opening.inputs.len()),
        _ => None,
    };
    let turns: Vec<usize> = events.iter().filter_map(inputs).collect();
    assert_eq!(turns, [8, 8, 8, 8, 8]);
}

/// Its key is the customer's before their first turn as well: it goes when they are erased.
#[tokio::test]
async fn what_a_conversation_is_told_before_its_first_turn_is_its_customers() {
    let model = Arc::new(Scripted::by(|_| Ok(says("Hello."))));
    let channel = Arc::new(Collected::like(Duration::from_secs(10), Repeat::Nonce));
    let member = Member { channel, ..Member::new(&pack("retail"), model) };
    let world = World::of(vec![member]).await;
    let journal = world.send(SHOP, "ada", "m1", text("hello")).await.journal;
    let note = Inbound {
        id: "n1".into(),
        at: world.clock.now(),
        from: None,
        aliases: Vec::new(),
        kind: InboundKind::Event { name: "note".into(), facts: [].into() },
        reply_to: None,
        referral: None,
    };
    world.intake.tell(journal, note).await.unwrap();
    let rows = world.house.store.inbox(journal, 9).await.unwrap();
    assert_eq!(rows.len(), 2, "more words are waited for");
    assert!(rows.iter().all(|row| row.customer.is_some() && row.customer == rows[0].customer));
}

#[tokio::test]
async fn a_wish_is_kept_though_the_turn_that_heard_it_fails() {
    let mut asked = 0;
    let model = Scripted::by(move |_| {
        asked += 1;
        assert!(asked < 2, "a planted panic");
        Ok(says("Hello."))
    });
    let world = World::of(vec![Member::new(&pack("retail"), Arc::new(model))]).await;
    world.say("ada", "hello").await;
    let (purpose, given) = (Purpose::Marketing, true);
    told(&world, vec![InboundKind::Consent { purpose, given }, text("hm")]).await;
    assert!(matches!(world.conversation("ada").await.owner, Owner::Waiting { .. }), "it failed");
    let customer = world.conversation("ada").await.customer.unwrap();
    let customer = world.house.customer(SHOP, customer).await.unwrap();
    assert!(customer.consent.contains(&Name::from("marketing")), "{customer:?}");
}
