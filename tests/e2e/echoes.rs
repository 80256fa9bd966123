//! Echoes of what the agent said are none of a person's words, also for a process that did not say it.

use std::sync::Arc;
use std::time::Duration;

use agent_core::evidence::Owner;
use agent_core::model::scripted::{Scripted, says};
use agent_core::store::memory::MemoryStore;
use agent_core::time::Clock as _;
use agent_core::time::turned::TurnedClock;
use sutler_tests::fake::graph::{FakeGraph, Fate, payload};
use sutler_tests::world::meta::{NUMBER, OnWhatsApp, address, graph};
use sutler_tests::world::{Member, SHOP, START};

use crate::hostile::pack;

async fn process(
    graph: &FakeGraph,
    store: &Arc<MemoryStore>,
    clock: &Arc<TurnedClock>,
) -> OnWhatsApp {
    let member = Member::new(&pack("retail"), Arc::new(Scripted::by(|_| Ok(says("Hello.")))));
    OnWhatsApp::on_instagram(graph, (store.clone(), store.clone()), clock.clone(), member).await
}

async fn owner(shop: &OnWhatsApp) -> Owner {
    let mut at = address("ada");
    at.channel = "instagram".into();
    let journal = shop.world.house.find(SHOP, &at).await.unwrap().unwrap();
    shop.world.state(journal).await.owner
}

#[tokio::test]
async fn an_echo_is_known_after_a_restart_whether_its_answer_came_or_not() {
    for fate in [None, Some(Fate::Lost)] {
        let clock = Arc::new(TurnedClock::new(START));
        let (graph, store) = (graph(&clock).await, Arc::new(MemoryStore::new()));
        let echo = |mid: &str, text: &str| {
            let body = payload::instagram(NUMBER, ("ada", mid), clock.now(), (true, text));
            graph.signed(&body)
        };
        let first = process(&graph, &store, &clock).await;
        graph.fate(fate.clone());
        let hello = payload::instagram(NUMBER, ("ada", "m1"), clock.now(), (false, "hello"));
        graph.opens("ada");
        first.told(&graph.signed(&hello)).await;
        first.world.deliver_and_settle().await;
        let taken = graph.taken().pop().unwrap();
        let said = taken.body["message"]["text"].as_str().unwrap().to_owned();
        drop(first);
        let second = process(&graph, &store, &clock).await;
        second.told(&echo(&taken.id, &said)).await;
        assert_eq!(owner(&second).await, Owner::Bot, "{fate:?}");
        clock.turn(Duration::from_secs(1));
        second.told(&echo("m9", "This is Eve.")).await;
        assert!(matches!(owner(&second).await, Owner::Person { .. }), "a person's words");
    }
}
