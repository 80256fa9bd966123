//! No free-form send at 24 hours, after STOP, in standby, or while a person answers: neither of what waits in the
//! outbox, nor of what backs off, nor of what another process left behind, nor of what did not arrive at first, nor of
//! what nobody knows the arrival of.

use std::sync::Arc;
use std::time::Duration;

use agent_core::message::Control;
use agent_core::store::memory::MemoryStore;
use agent_core::time::turned::TurnedClock;
use serde_json::{Value, json};
use sutler_tests::fake::graph::{FakeGraph, Fate, payload};
use sutler_tests::world::START;
use sutler_tests::world::meta::{NUMBER, OnWhatsApp, graph, words};

use crate::whatsapp::member;

/// Where a reply is when it must be silent.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Place {
    Outbox,
    BackOff,
    Recovered,
    /// Taken, told of as failed, and to be sent again.
    Bounced,
    /// Taken, its answer lost, and to be sent once more if nothing is told of it.
    Doubted,
}

/// Why it must be.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Why {
    Day,
    Stop,
    Standby,
    Person,
}

type Clock = Arc<TurnedClock>;

async fn process(graph: &FakeGraph, store: &Arc<MemoryStore>, clock: &Clock) -> OnWhatsApp {
    OnWhatsApp::open(graph, (store.clone(), store.clone()), clock.clone(), member()).await
}

async fn silenced(shop: &OnWhatsApp, graph: &FakeGraph, clock: &Clock, why: Why) {
    match why {
        Why::Day => clock.turn(Duration::from_secs(24 * 3_600)),
        Why::Stop => shop.told(&graph.says("4915", &payload::text("STOP"))).await,
        Why::Standby => {
            let told = payload::standby(NUMBER, "4915", "to the other", START);
            shop.told(&graph.signed(&told)).await;
        }
        Why::Person => {
            shop.commanded("4915", "take", Control::TakeOver { until: None }).await;
        }
    }
}

/// What went freely after a reply was made, waited there, and had to be silent.
async fn went(place: Place, why: Why) -> Vec<String> {
    let clock = Arc::new(TurnedClock::new(START));
    let (graph, store) = (graph(&clock).await, Arc::new(MemoryStore::new()));
    let mut shop = process(&graph, &store, &clock).await;
    shop.told(&graph.says("4915", &payload::text("hello"))).await;
    match place {
        Place::Outbox => {}
        Place::BackOff => {
            graph.fate([Fate::Code(429, 131_056)]);
            shop.world.deliver_and_settle().await;
        }
        Place::Recovered => {
            drop(shop);
            shop = process(&graph, &store, &clock).await;
            shop.world.take_up().await;
        }
        Place::Bounced => {
            graph.fate([Fate::Fails(131_000)]);
            shop.world.deliver_and_settle().await;
            for status in graph.statuses() {
                shop.told(&status).await;
            }
        }
        Place::Doubted => {
            graph.fate([Fate::Lost]);
            shop.world.deliver_and_settle().await;
        }
    }
    let before = graph.taken().len();
    let taken = matches!(place, Place::Bounced | Place::Doubted);
    assert_eq!(before, usize::from(taken), "{place:?}");
    silenced(&shop, &graph, &clock, why).await;
    for seconds in [0, 5, 60, 600, 90_000] {
        clock.turn(Duration::from_secs(seconds));
        shop.world.deliver_and_settle().await;
    }
    assert_eq!(graph.faults(), [""; 0]);
    let taken = graph.taken().into_iter().skip(before);
    let freely = taken.filter(|taken| taken.body["type"] != "template");
    freely.map(|taken| words(&taken.body).to_owned()).collect()
}

#[tokio::test]
async fn nothing_goes_freely_wherever_it_waits() {
    for place in [Place::Outbox, Place::BackOff, Place::Recovered, Place::Bounced, Place::Doubted] {
        for why in [Why::Day, Why::Standby, Why::Person] {
            assert_eq!(went(place, why).await, [""; 0], "{place:?}, {why:?}");
        }
        let confirmed = went(place, Why::Stop).await;
        assert_eq!(confirmed.len(), 1, "one confirmation: {place:?}, {confirmed:?}");
        assert!(!confirmed[0].contains("Hello."), "{confirmed:?}");
    }
}

/// How often somebody is answered whose chat another app had, and who writes to us then.
async fn answered(restarts: bool, other: &Value, eve: bool) -> usize {
    let clock = Arc::new(TurnedClock::new(START));
    let (graph, store) = (graph(&clock).await, Arc::new(MemoryStore::new()));
    let mut shop = process(&graph, &store, &clock).await;
    shop.answered(&graph, "4915", "hello").await;
    let before = graph.taken().len();
    clock.turn(Duration::from_secs(60));
    let others = payload::change(NUMBER, "standby", json!({ "standby": other }));
    shop.told(&graph.signed(&others)).await;
    if eve {
        shop.commanded("4915", "take", Control::TakeOver { until: None }).await;
    }
    shop.world.deliver_and_settle().await;
    assert_eq!(graph.taken().len(), before, "in standby: {other}");
    if restarts {
        drop(shop);
        shop = process(&graph, &store, &clock).await;
    }
    for _ in 0..2 {
        clock.turn(Duration::from_secs(60));
        shop.answered(&graph, "4915", "and now?").await;
        // What was told in standby comes once more, and late.
        let mut late = others.clone();
        late["entry"][0]["changes"][0]["value"]["standby"]["messages"] = json!([said("late")]);
        shop.told(&graph.signed(&late)).await;
        shop.world.deliver_and_settle().await;
    }
    assert_eq!(graph.faults(), [""; 0]);
    graph.taken().len() - before
}

/// Words of the customer's, of a minute after the beginning.
fn said(id: &str) -> Value {
    let at = (START.0 / 1_000_000 + 60).to_string();
    json!({ "from": "4915", "id": format!("wamid.{id}"), "type": "text", "timestamp": at,
        "text": { "body": "to the other" } })
}

#[tokio::test]
async fn a_message_to_us_ends_what_was_told_in_standby_and_no_persons_word() {
    let echo = json!({ "id": "wamid.E", "to": "4915", "type": "text",
        "timestamp": (START.0 / 1_000_000 + 60).to_string(), "text": { "body": "Mine." } });
    for other in [json!({ "messages": [said("S")] }), json!({ "message_echoes": [echo] })] {
        for restarts in [false, true] {
            assert_eq!(answered(restarts, &other, false).await, 3, "{restarts}, {other}");
            assert_eq!(answered(restarts, &other, true).await, 0, "{restarts}, {other}");
        }
    }
}

#[tokio::test]
async fn a_second_before_the_day_is_over_it_goes() {
    for (seconds, count) in [(24 * 3_600 - 1, 1), (24 * 3_600, 0)] {
        let clock = Arc::new(TurnedClock::new(START));
        let (graph, store) = (graph(&clock).await, Arc::new(MemoryStore::new()));
        let shop = process(&graph, &store, &clock).await;
        shop.told(&graph.says("4915", &payload::text("hello"))).await;
        clock.turn(Duration::from_secs(seconds));
        shop.world.deliver_and_settle().await;
        let freely = graph.taken().iter().filter(|it| it.body["type"] != "template").count();
        assert_eq!(freely, count, "after {seconds} seconds");
        assert_eq!(graph.faults(), [""; 0], "after {seconds} seconds");
    }
}
