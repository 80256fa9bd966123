//! The shop's webhook accepts an errand and does not say so in time: there is one effect.

use std::sync::Arc;
use std::time::Duration;

use agent_core::catalog::Backend;
use agent_core::evidence::{Body, Evidence};
use agent_core::message::InboundKind;
use agent_core::model::scripted::{Scripted, calls, says};
use agent_core::store::memory::MemoryStore;
use agent_core::time::turned::TurnedClock;
use catalog::backend::Webhook;
use serde_json::json;
use sutler_tests::fake::backend::FakeBackend;
use sutler_tests::world::{Member, SHOP, START, World};

use crate::hostile::pack;

const TIMEOUT: Duration = Duration::from_secs(10);

/// A shop behind that webhook whose model puts socks into the cart, asks for the link, and shows it.
fn member(fake: &FakeBackend, clock: &Arc<TurnedClock>) -> Member {
    let model = Scripted::by(|request| {
        let done = format!("{:?}", request.transcript.last());
        Ok(if request.notes.cart.is_empty() {
            calls([("cart_add", json!({"variant": "socks"}))])
        } else if done.contains("https://shop.example/pay/") {
            let link = |it: &&Evidence| matches!(it.finding.body, Body::Link { .. });
            let link = request.notes.evidence.iter().rfind(link).unwrap().label;
            says(&format!("[[link {link} | Pay]]"))
        } else {
            calls([("checkout", json!({}))])
        })
    });
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = fake.url().to_owned();
    let webhook = Webhook::new(http, clock.clone(), url, b"secret".to_vec(), TIMEOUT);
    let backend: Option<Arc<dyn Backend>> = Some(Arc::new(webhook));
    Member { backend, ..Member::new(&pack("retail"), Arc::new(model)) }
}

fn installed() {
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
}

#[tokio::test]
async fn an_accepted_errand_that_times_out_is_asked_again_with_its_key() {
    installed();
    let fake = FakeBackend::start(1).await.unwrap();
    let store = Arc::new(MemoryStore::new());
    let clock = Arc::new(TurnedClock::new(START));
    let members = vec![member(&fake, &clock)];
    let world = World::on((store.clone(), store), clock.clone(), members).await;
    world.send(SHOP, "ada", "m1", InboundKind::Text("socks".to_owned())).await;
    fake.accepted().await;
    clock.turn(TIMEOUT);
    world.settled().await;
    let asked = fake.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0], asked[1]);
    assert_eq!(fake.effects().len(), 1);
    let shown = format!("{:?}", world.deliver().await);
    assert!(shown.contains("https://shop.example/pay/1"), "{shown}");
}

#[tokio::test]
async fn after_a_crash_the_errand_is_asked_again_with_its_key() {
    installed();
    let fake = FakeBackend::start(1).await.unwrap();
    let store = Arc::new(MemoryStore::new());
    let clock = Arc::new(TurnedClock::new(START));
    let stores = || (store.clone() as _, store.clone() as _);
    let died = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let died = died.unwrap();
    let world = World::on(stores(), clock.clone(), vec![member(&fake, &clock)]).await;
    let runs = died.spawn(async move {
        world.send(SHOP, "ada", "m1", InboundKind::Text("socks".to_owned())).await.journal
    });
    let journal = runs.await.unwrap();
    fake.accepted().await;
    // The process ends while the webhook is silent; everything it was doing is gone.
    died.shutdown_background();
    clock.turn(Duration::from_secs(1));
    let world = World::on(stores(), clock.clone(), vec![member(&fake, &clock)]).await;
    world.take_up().await;
    let asked = fake.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0], asked[1]);
    assert_eq!(fake.effects().len(), 1);
    assert_eq!(world.state(journal).await.cart, [("socks".into(), 1)]);
    let shown = format!("{:?}", world.deliver().await);
    assert!(shown.contains("https://shop.example/pay/1"), "{shown}");
}
