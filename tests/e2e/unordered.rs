//! A thousand events, each told up to three times and in any order, come to one and the same.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use agent_core::store::memory::MemoryStore;
use agent_core::time::turned::TurnedClock;
use agent_core::time::{Clock as _, Micros};
use serde_json::{Value, json};
use sutler_tests::dice::Dice;
use sutler_tests::fake::graph::{FakeGraph, Taken, payload};
use sutler_tests::world::START;
use sutler_tests::world::meta::{NUMBER, OnWhatsApp, graph};

use crate::whatsapp::member;

const CUSTOMERS: usize = 100;
const EVENTS: usize = 1_000;

fn from(customer: usize) -> String {
    format!("4915{customer:04}")
}

/// What is told of one customer's message and of its answer: ten events.
fn events(customer: usize, taken: &Taken, asked: &str, at: Micros) -> Vec<Value> {
    let statuses = ["sent", "delivered", "read"]
        .map(|status| payload::statuses(NUMBER, &[payload::status(taken, status, at)]));
    let from = from(customer);
    let of = |id: String, kind: Value, seconds: i64| {
        payload::message(NUMBER, (&from, &id), Micros(at.0 + seconds * 1_000_000), &kind)
    };
    let words = |text: &str| json!({ "type": "text", "text": { "body": text } });
    let edit = |n: i64| {
        let edit =
            json!({ "original_message_id": asked, "message": words(&format!("edited {n}")) });
        of(format!("{asked}/e{n}"), json!({ "type": "edit", "edit": edit }), n)
    };
    let revoke = json!({ "type": "revoke", "revoke": { "original_message_id": asked } });
    let react = |n: i64, emoji: &str| {
        let reaction = json!({ "message_id": taken.id, "emoji": emoji });
        of(format!("{asked}/r{n}"), json!({ "type": "reaction", "reaction": reaction }), n)
    };
    let echo = |n: u32| {
        let echo = json!({ "id": format!("{asked}/s{n}"), "to": from, "type": "text",
            "timestamp": (at.0 / 1_000_000).to_string(), "text": { "body": format!("Eve, {n}") } });
        payload::change(NUMBER, "smb_message_echoes", json!({ "message_echoes": [echo] }))
    };
    let mut events = statuses.to_vec();
    events.extend([edit(1), edit(2), react(3, "👍"), react(4, "")]);
    if customer % 4 == 3 {
        // A message that may come after its own change. Nobody else speaks here: it is answered whenever it comes.
        let second = format!("{asked}/m");
        let edit = json!({ "original_message_id": second, "message": words("second edited") });
        events.push(of(format!("{asked}/me"), json!({ "type": "edit", "edit": edit }), 2));
        events.push(of(second, words("second"), 1));
    } else {
        events.extend([echo(1), echo(2)]);
    }
    // Every other customer takes the message back.
    let last =
        if customer.is_multiple_of(2) { of(format!("{asked}/v"), revoke, 5) } else { edit(6) };
    events.push(last);
    events
}

/// What all conversations came to, whatever the order of it.
async fn came_to(shop: &OnWhatsApp) -> Vec<String> {
    let mut all = Vec::new();
    for customer in 0..CUSTOMERS {
        let state = shop.conversation(&from(customer)).await;
        let fates: BTreeSet<String> =
            state.deliveries.parts.iter().map(|sent| format!("{sent:?}")).collect();
        let said: BTreeSet<String> =
            state.transcript.iter().map(|entry| format!("{entry:?}")).collect();
        all.push(format!("{:?} {fates:?} {said:?}", state.owner));
    }
    all
}

async fn told(seed: Option<u64>) -> Vec<String> {
    let clock = Arc::new(TurnedClock::new(START));
    let (graph, store) = (graph(&clock).await, Arc::new(MemoryStore::new()));
    let shop = OnWhatsApp::open(&graph, (store.clone(), store), clock.clone(), member()).await;
    let mut asked = Vec::new();
    for customer in 0..CUSTOMERS {
        let said = graph.says(&from(customer), &payload::text("hello"));
        let body: Value = serde_json::from_slice(&said.0).unwrap();
        let id = body.pointer("/entry/0/changes/0/value/messages/0/id").unwrap();
        asked.push(id.as_str().unwrap().to_owned());
        shop.told(&said).await;
        shop.world.deliver_and_settle().await;
        // A number sends 80 a second.
        clock.turn(Duration::from_millis(100));
    }
    let mut all = all(&graph, &asked, clock.now());
    assert_eq!(all.len(), EVENTS);
    if let Some(seed) = seed {
        let mut dice = Dice::new(seed);
        let again: Vec<Value> =
            all.iter().flat_map(|event| vec![event.clone(); dice.below(3) as usize]).collect();
        all.extend(again);
        for n in (1..all.len()).rev() {
            all.swap(n, dice.below(n as u64 + 1) as usize);
        }
    }
    for event in &all {
        shop.front.take(&payload::wire(event)).await.unwrap();
    }
    shop.world.settled().await;
    came_to(&shop).await
}

fn all(graph: &FakeGraph, asked: &[String], at: Micros) -> Vec<Value> {
    let taken = graph.taken();
    let of = |customer: usize| {
        let answer = taken.iter().find(|it| it.to == from(customer)).unwrap();
        events(customer, answer, &asked[customer], at)
    };
    (0..CUSTOMERS).flat_map(of).collect()
}

#[tokio::test]
async fn in_whatever_order_a_thousand_events_are_told_they_come_to_the_same() {
    let plain = told(None).await;
    assert!(plain[1].contains("Read") && plain[1].contains("edited 6"), "{}", plain[1]);
    assert!(!plain[0].contains("edited"), "taken back: {}", plain[0]);
    assert!(plain[3].contains("second edited"), "{}", plain[3]);
    for seed in 1..4 {
        for (customer, (one, other)) in told(Some(seed)).await.iter().zip(&plain).enumerate() {
            assert_eq!(one, other, "customer {customer}, seed {seed}");
        }
    }
}
