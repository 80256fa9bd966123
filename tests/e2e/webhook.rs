//! The shop's webhook accepts an errand and does not say so in time, or not at all: there is one effect.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use agent_core::catalog::{Backend, Errand};
use agent_core::evidence::{Body, Evidence, ToolError};
use agent_core::id::{Made, TurnId};
use agent_core::message::InboundKind;
use agent_core::model::scripted::{Scripted, calls, says};
use agent_core::store::memory::MemoryStore;
use agent_core::time::turned::TurnedClock;
use catalog::backend::Webhook;
use serde_json::json;
use sutler_tests::fake::backend::{FakeBackend, Trouble};
use sutler_tests::world::{Member, SHOP, START, World};

use crate::hostile::pack;

const TIMEOUT: Duration = Duration::from_secs(10);

/// Longer than the webhook leaves the shop alone, and shorter than it waits for it.
const MOMENT: Duration = Duration::from_secs(5);

fn webhook(fake: &FakeBackend, clock: &Arc<TurnedClock>) -> Webhook {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    Webhook::new(http, clock.clone(), fake.url().to_owned(), b"secret".to_vec(), TIMEOUT)
}

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
    let backend: Option<Arc<dyn Backend>> = Some(Arc::new(webhook(fake, clock)));
    Member { backend, ..Member::new(&pack("retail"), Arc::new(model)) }
}

fn installed() {
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
}

#[tokio::test]
async fn an_accepted_errand_that_times_out_is_asked_again_with_its_key() {
    installed();
    let fake = FakeBackend::start(&[Trouble::Silence]).await.unwrap();
    let store = Arc::new(MemoryStore::new());
    let clock = Arc::new(TurnedClock::new(START));
    let members = vec![member(&fake, &clock)];
    let world = World::on((store.clone(), store), clock.clone(), members).await;
    world.send(SHOP, "ada", "m1", InboundKind::Text("socks".to_owned())).await;
    fake.accepted().await;
    clock.turn(TIMEOUT);
    clock.during((MOMENT, &BTreeMap::new()), world.settled()).await;
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
    let fake = FakeBackend::start(&[Trouble::Silence]).await.unwrap();
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

/// What comes of an errand at a shop with these troubles, and how often the shop was asked.
async fn comes_of(troubles: &[Trouble]) -> (Result<(), ToolError>, usize) {
    let fake = FakeBackend::start(troubles).await.unwrap();
    let clock = Arc::new(TurnedClock::new(START));
    let webhook = webhook(&fake, &clock);
    let key = Made { turn: TurnId(7), n: 0 };
    let errand = Errand { kind: "checkout".into(), key, at: START, body: json!({}) };
    let silence = async {
        for trouble in troubles {
            fake.accepted().await;
            if *trouble == Trouble::Silence {
                clock.turn(TIMEOUT);
            }
        }
        std::future::pending::<()>().await;
    };
    let nobody = BTreeMap::new();
    let outcome = tokio::select! {
        outcome = clock.during((MOMENT, &nobody), webhook.run(SHOP, &errand)) => outcome,
        () = silence => unreachable!(),
    };
    assert_eq!(fake.effects().len(), 1);
    (outcome.map(|_| ()), fake.asked().len())
}

#[tokio::test]
async fn a_shop_that_is_still_at_an_errand_has_not_refused_it() {
    use Trouble::{Silence, Status};
    installed();
    let (unknown, not_now, refused) = (
        |status| Err(ToolError::Ambiguous(format!("the shop's system answered {status}"))),
        |status| Err(ToolError::Unavailable(format!("the shop's system answered {status}"))),
        |status| Err(ToolError::Refused(format!("the shop's system answered {status}"))),
    );
    let cases: [(&[Trouble], _, _); 9] = [
        (&[Silence, Status(409)], Ok(()), 3),
        (&[Status(409)], Ok(()), 2),
        (&[Silence, Status(409), Status(409)], unknown(409), 3),
        (&[Silence, Status(503), Status(429)], unknown(429), 3),
        (&[Silence, Status(425)], Ok(()), 3),
        (&[Status(429)], not_now(429), 1),
        (&[Status(408)], not_now(408), 1),
        (&[Status(422)], refused(422), 1),
        (&[Silence, Status(422)], refused(422), 2),
    ];
    for (troubles, outcome, asked) in cases {
        assert_eq!(comes_of(troubles).await, (outcome, asked), "{troubles:?}");
    }
}
