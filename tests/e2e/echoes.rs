//! Echoes of what the agent said are none of a person's words, also for a process that did not say it.

use std::sync::Arc;
use std::time::Duration;

use adapters::meta::messenger::Platform;
use agent_core::evidence::Owner;
use agent_core::message::{Address, Block, Control, MediaRef};
use agent_core::model::scripted::{Scripted, says};
use agent_core::store::memory::MemoryStore;
use agent_core::store::{Archive, Store};
use agent_core::time::Clock as _;
use agent_core::time::turned::TurnedClock;
use sutler_tests::fake::graph::{FakeGraph, Fate, payload};
use sutler_tests::world::meta::{NUMBER, OnWhatsApp, address, graph};
use sutler_tests::world::{Member, SHOP, START};

use crate::hostile::pack;

async fn process(
    platform: Platform,
    graph: &FakeGraph,
    store: &Arc<MemoryStore>,
    clock: &Arc<TurnedClock>,
) -> OnWhatsApp {
    let member = Member::new(&pack("retail"), Arc::new(Scripted::by(|_| Ok(says("Hello.")))));
    let store = (store.clone() as Arc<dyn Store>, store.clone() as Arc<dyn Archive>);
    OnWhatsApp::on(platform, graph, store, (clock.clone(), member)).await
}

async fn owner(platform: Platform, shop: &OnWhatsApp) -> Owner {
    let at = Address { channel: platform.kind().into(), ..address("ada") };
    let journal = shop.world.house.find(SHOP, &at).await.unwrap().unwrap();
    shop.world.state(journal).await.owner
}

#[tokio::test]
async fn an_echo_is_known_after_a_restart_whether_its_answer_came_or_not() {
    for fate in [None, Some(Fate::Lost)] {
        let clock = Arc::new(TurnedClock::new(START));
        let (graph, store) = (graph(&clock).await, Arc::new(MemoryStore::new()));
        let echo = |mid: &str, text: &str| {
            let at = ("instagram", NUMBER);
            let body = payload::event(at, ("ada", mid), clock.now(), (true, text));
            graph.signed(&body)
        };
        let first = process(Platform::Instagram, &graph, &store, &clock).await;
        graph.fate(fate.clone());
        let at = ("instagram", NUMBER);
        let hello = payload::event(at, ("ada", "m1"), clock.now(), (false, "hello"));
        graph.opens("ada");
        first.told(&graph.signed(&hello)).await;
        first.world.deliver_and_settle().await;
        let taken = graph.taken().pop().unwrap();
        let said = taken.body["message"]["text"].as_str().unwrap().to_owned();
        drop(first);
        let second = process(Platform::Instagram, &graph, &store, &clock).await;
        second.told(&echo(&taken.id, &said)).await;
        assert_eq!(owner(Platform::Instagram, &second).await, Owner::Bot, "{fate:?}");
        clock.turn(Duration::from_secs(1));
        second.told(&echo("m9", "This is Eve.")).await;
        assert!(
            matches!(owner(Platform::Instagram, &second).await, Owner::Person { .. }),
            "a person's words"
        );
    }
}

#[tokio::test]
async fn who_says_again_what_was_sent_is_a_person() {
    for (platform, object) in [(Platform::Instagram, "instagram"), (Platform::Messenger, "page")] {
        let clock = Arc::new(TurnedClock::new(START));
        let (graph, store) = (graph(&clock).await, Arc::new(MemoryStore::new()));
        let shop = process(platform, &graph, &store, &clock).await;
        let event = |mid: &str, said: (bool, &str)| {
            payload::event((object, NUMBER), ("ada", mid), clock.now(), said)
        };
        graph.opens("ada");
        shop.told(&graph.signed(&event("m1", (false, "hello")))).await;
        shop.world.deliver_and_settle().await;
        let picture = MediaRef {
            id: "https://shop.example/a.jpg".to_owned(),
            mime: "image/jpeg".to_owned(),
            ..MediaRef::default()
        };
        let at = Address { channel: platform.kind().into(), ..address("ada") };
        let journal = shop.world.house.find(SHOP, &at).await.unwrap().unwrap();
        let block = Block::Media { media: picture, caption: String::new() };
        for (id, command) in [("p", Control::Show(Box::new(block))), ("b", Control::GiveBack)] {
            shop.command(journal, id, command).await;
            shop.world.deliver_and_settle().await;
        }
        let taken = graph.taken();
        assert_eq!(taken.len(), 3, "two texts and a picture: {taken:?}");
        for sent in &taken {
            let text = sent.body["message"]["text"].as_str().unwrap_or_default();
            let mut echo = event(&sent.id, (true, text));
            if let Some(mark) = sent.body["message"].get("metadata") {
                echo["entry"][0]["messaging"][0]["message"]["metadata"] = mark.clone();
            }
            for _ in 0..2 {
                shop.told(&graph.signed(&echo)).await;
                assert_eq!(owner(platform, &shop).await, Owner::Bot, "{object}: {echo}");
            }
            shop.told(&graph.signed(&event(&format!("eves{}", sent.id), (true, text)))).await;
            let now = owner(platform, &shop).await;
            assert!(matches!(now, Owner::Person { .. }), "{object}, `{text}`: {now:?}");
            shop.command(journal, &format!("b{}", sent.id), Control::GiveBack).await;
        }
    }
}
