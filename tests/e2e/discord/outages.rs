//! Gateways that break, repeat, and are not there: nothing is lost, answered twice or out of order.

use std::collections::BTreeMap;
use std::time::Duration;

use agent_core::id::JournalId;
use serde_json::json;
use sutler_tests::fake::discord::{APPLICATION, Fault};
use sutler_tests::world::SHOP;

use super::shop::{Opening, Outside, Shop};

const ADA: u64 = 41;
const BEN: u64 = 42;

async fn opened() -> (Outside, Shop) {
    let outside = Outside::new().await;
    let shop = outside.open(Opening::default()).await;
    shop.connected(1).await;
    (outside, shop)
}

/// Each of these was answered, in this order and once.
async fn answered(shop: &Shop, user: u64, ids: &[u64]) {
    let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
    assert_eq!(shop.turns(user).await.concat(), ids);
}

#[tokio::test]
async fn an_event_told_three_times_is_answered_once() {
    let (outside, shop) = opened().await;
    let id = outside.write(ADA, "hello");
    let message = outside.fake.message(id);
    for _ in 0..2 {
        outside.fake.tell("MESSAGE_CREATE", &message);
    }
    shop.say(ADA, "waterproof jacket").await;
    let tap = outside.fake.tap(ADA, "Add to cart");
    for _ in 0..2 {
        outside.fake.tell("INTERACTION_CREATE", &tap);
    }
    shop.took(&tap).await;
    let last = outside.write(ADA, "thanks");
    shop.store.took(&last.to_string()).await;
    shop.settle().await;
    let turns = shop.turns(ADA).await.concat();
    assert_eq!(turns.len(), 4, "{turns:?}");
    assert_eq!(shop.conversation(ADA).await.cart.len(), 1);
}

#[tokio::test]
async fn what_is_said_while_a_dropped_gateway_resumes_is_heard_in_order() {
    let (outside, shop) = opened().await;
    shop.say(ADA, "hello").await;
    outside.fake.drop_gateway();
    let missed: Vec<u64> = (0..5).map(|n| outside.write(ADA, &format!("number {n}"))).collect();
    shop.store.took(&missed[4].to_string()).await;
    assert_eq!(outside.fake.sessions(), (1, 1), "resumed, and not begun anew");
    shop.settle().await;
    assert_eq!(
        shop.turns(ADA).await.concat()[1..],
        missed.iter().map(u64::to_string).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn what_was_missed_by_a_forgotten_session_is_fetched_before_what_is_new() {
    let (outside, shop) = opened().await;
    shop.say(ADA, "hello").await;
    shop.say(BEN, "hello").await;
    let heard: Vec<u64> =
        shop.turns(ADA).await.concat().iter().map(|id| id.parse().unwrap()).collect();
    outside.fake.forget_sessions();
    let mut ids = heard;
    ids.extend((0..120).map(|n| outside.fake.write_unheard(ADA, &format!("number {n}"))));
    let bens = outside.fake.write_unheard(BEN, "and me");
    // serenity waits some seconds between two beginnings.
    shop.connected(2).await;
    // Time stands: what is being fetched is not to be given up.
    ids.push(outside.fake.write(ADA, "the newest"));
    shop.store.took(&ids.last().unwrap().to_string()).await;
    shop.store.took(&bens.to_string()).await;
    shop.settle().await;
    answered(&shop, ADA, &ids).await;
    assert_eq!(shop.turns(BEN).await.concat().len(), 2, "nobody has to write for it");
}

#[tokio::test]
async fn a_start_fetches_what_was_said_since_the_newest_journalled_message() {
    let (outside, shop) = opened().await;
    let first = outside.write(ADA, "hello");
    shop.store.took(&first.to_string()).await;
    shop.settle().await;
    drop(shop);
    let second = outside.fake.write_unheard(ADA, "waterproof jacket");
    // What can't be fetched at once is waited for, and nothing newer goes before it.
    outside.fake.fail("GET /channels", [Fault::Status(503)]);
    let shop = outside.open(Opening::default()).await;
    shop.connected(2).await;
    let third = outside.fake.write(ADA, "thanks");
    shop.store.took(&third.to_string()).await;
    shop.settle().await;
    answered(&shop, ADA, &[first, second, third]).await;
}

/// The process ends, and another one begins.
async fn again((outside, shop): (Outside, Shop), opening: Opening) -> (Outside, Shop) {
    let begun = outside.fake.sessions().0;
    drop(shop);
    let shop = outside.open(opening).await;
    shop.connected(begun + 1).await;
    (outside, shop)
}

#[tokio::test]
async fn an_edit_of_an_old_message_does_not_bring_back_what_was_said_after_it() {
    let (outside, shop) = opened().await;
    let ids = [outside.write(ADA, "helo"), outside.write(ADA, "waterproof jacket")];
    shop.store.took(&ids[1].to_string()).await;
    shop.settle().await;
    outside.clock.turn(Duration::from_secs(10 * 24 * 3_600));
    let mut edited = outside.fake.message(ids[0]);
    edited["content"] = json!("hello");
    edited["edited_timestamp"] = json!("2026-11-12T00:00:00Z");
    outside.fake.tell("MESSAGE_UPDATE", &edited);
    shop.store.took(&format!("{}/edited/", ids[0])).await;
    shop.settle().await;
    let (_outside, shop) = again((outside, shop), Opening::default()).await;
    shop.say(ADA, "thanks").await;
    let turns = shop.turns(ADA).await.concat();
    let brought = turns.iter().filter(|id| **id == ids[1].to_string()).count();
    assert_eq!(brought, 1, "{turns:?}");
}

#[tokio::test]
async fn who_only_ever_used_commands_is_heard_after_an_outage() {
    let (outside, shop) = opened().await;
    let asked = outside.fake.command(ADA, (None, ADA + 1_000_000), "shop", "socks");
    shop.took(&asked).await;
    shop.settle().await;
    let mut ids = Vec::new();
    // A session that is forgotten, and then a process.
    outside.fake.forget_sessions();
    ids.push(outside.fake.write_unheard(ADA, "waterproof jacket"));
    shop.store.took(&ids[0].to_string()).await;
    shop.settle().await;
    let asked = outside.fake.command(BEN, (None, BEN + 1_000_000), "shop", "socks");
    shop.took(&asked).await;
    shop.settle().await;
    ids.push(outside.fake.write_unheard(BEN, "waterproof jacket"));
    let (_outside, shop) = again((outside, shop), Opening::default()).await;
    shop.store.took(&ids[1].to_string()).await;
}

#[tokio::test]
async fn who_blocked_the_bot_keeps_nobody_else_from_being_fetched() {
    for (fault, seconds) in [(Fault::Refused(400, 50_007), 1), (Fault::Status(503), 5)] {
        let outside = Outside::new().await;
        let opening = Opening { channels: [600].into(), ..Opening::default() };
        let shop = outside.open(opening.clone()).await;
        shop.connected(1).await;
        let first = outside.fake.write_in(600, BEN, "hello");
        shop.store.took(&first.to_string()).await;
        for user in 100..108 {
            let id = outside.write(user, "hello");
            shop.store.took(&id.to_string()).await;
        }
        outside.fake.fail("POST /users", vec![fault; 1_000]);
        let begun = outside.fake.sessions().0;
        drop(shop);
        outside.fake.forget_sessions();
        let said = outside.fake.write_in(600, BEN, "waterproof jacket");
        let shop = outside.open(opening).await;
        shop.connected(begun + 1).await;
        outside.fake.until(|fake| (fake.asked("POST /users") >= 8).then_some(())).await;
        // What is said now is taken in after what is being fetched.
        let other = outside.fake.write(ADA, "hello");
        shop.store.took(&other.to_string()).await;
        outside.clock.turn(Duration::from_secs(seconds));
        shop.store.took(&said.to_string()).await;
    }
}

#[tokio::test]
async fn a_start_fetches_eight_places_a_second_and_none_that_was_silent_for_a_month() {
    let (outside, shop) = opened().await;
    let hello = async |user| {
        let id = outside.write(user, "hello");
        shop.store.took(&id.to_string()).await;
    };
    hello(ADA).await;
    outside.clock.turn(Duration::from_secs(31 * 24 * 3_600));
    for user in 100..109 {
        hello(user).await;
    }
    drop(shop);
    let missed = outside.fake.write_unheard(ADA, "waterproof jacket");
    let shop = outside.open(Opening::default()).await;
    shop.connected(2).await;
    let fetched = || outside.fake.asked("GET /channels");
    outside.fake.until(|_| (fetched() >= 8).then_some(())).await;
    let bens = outside.fake.write(BEN, "hello");
    shop.store.took(&bens.to_string()).await;
    assert_eq!(fetched(), 8);
    outside.clock.turn(Duration::from_secs(1));
    outside.fake.until(|_| (fetched() >= 9).then_some(())).await;
    outside.clock.turn(Duration::from_secs(1));
    let newest = outside.fake.write(ADA, "thanks");
    shop.store.took(&missed.to_string()).await;
    shop.store.took(&newest.to_string()).await;
    assert_eq!(fetched(), 10);
}

#[tokio::test]
async fn what_the_store_does_not_take_is_taken_in_when_it_does_and_before_what_is_newer() {
    let (outside, shop) = opened().await;
    shop.store.refuse();
    let ids = [outside.write(ADA, "hello"), outside.write(ADA, "show me jackets")];
    let soon = (Duration::from_secs(2), &BTreeMap::new());
    outside.clock.during(soon, shop.store.took(&ids[1].to_string())).await;
    shop.settle().await;
    answered(&shop, ADA, &ids).await;
}

#[tokio::test]
async fn whose_record_is_damaged_keeps_nobody_else_waiting() {
    let (outside, shop) = opened().await;
    shop.store.damage(&ADA.to_string());
    outside.write(ADA, "hello");
    shop.say(BEN, "hello").await;
    shop.say(BEN, "waterproof jacket").await;
    assert_eq!(shop.turns(BEN).await.len(), 2);
}

#[tokio::test]
async fn what_can_not_be_read_is_quarantined_and_the_next_is_heard() {
    let (outside, shop) = opened().await;
    outside.fake.tell("HOLOGRAM_CREATE", &json!({"beam": "secret words"}));
    outside.fake.tell("HOLOGRAM_CREATE", &json!({"beam": 2}));
    outside.fake.tell(
        "MESSAGE_CREATE",
        &json!({"id": "77", "channel_id": "5", "content": ["secret words"]}),
    );
    outside.fake.tell("INTERACTION_CREATE", &json!({"id": "78", "type": 3, "token": 9}));
    shop.say(ADA, "hello").await;
    assert_eq!(shop.turns(ADA).await.len(), 1);
    let account = JournalId::account(SHOP, &"discord".into(), &APPLICATION.to_string().into());
    let kept = shop.house.events(account, agent_core::id::Seq::START).await.unwrap().1;
    let ids: Vec<String> = kept
        .iter()
        .map(|recorded| match &recorded.event {
            agent_core::event::Event::Answer(agent_core::event::Answer::Received(it)) => {
                it.id.to_string()
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ids, ["quarantined/event/HOLOGRAM_CREATE", "quarantined/77", "quarantined/78"]);
    assert!(!format!("{kept:?}").contains("secret words"));
}

#[tokio::test]
async fn without_the_message_content_intent_the_shop_still_hears_what_calls_it() {
    let outside = Outside::new().await;
    outside.fake.set_up("flags", json!(0));
    let shop = outside.open(Opening { channels: [600].into(), ..Opening::default() }).await;
    shop.connected(1).await;
    outside.fake.write_in(600, BEN, "withheld");
    let called = outside.fake.write_in(600, ADA, &format!("<@{APPLICATION}> hello"));
    shop.store.took(&called.to_string()).await;
    shop.settle().await;
    assert!(outside.fake.said(ADA).iter().any(|said| !said.by_customer));
    assert!(
        shop.house
            .store
            .find(
                SHOP,
                &agent_core::house::person(&agent_core::message::Address {
                    channel: "discord".into(),
                    account: APPLICATION.to_string().into(),
                    thread: BEN.to_string(),
                    author: BEN.to_string(),
                })
            )
            .await
            .unwrap()
            .is_none()
    );
}
