//! The webhook: announced, and answered 200 when an update is durable.

use std::sync::Arc;

use adapters::telegram::{Door, KIND, PATH, announce, routes};
use agent_core::event::{Answer, Event};
use agent_core::id::JournalId;
use agent_core::message::Address;
use agent_core::store::fault::{Fault, FaultStore};
use agent_core::store::memory::MemoryStore;
use agent_core::time::turned::TurnedClock;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use sutler_tests::fake::telegram::FakeTelegram;
use sutler_tests::world::{SHOP, START, World};
use tower::ServiceExt as _;

use super::{ADA, bot, member};

#[tokio::test]
async fn an_update_is_answered_200_when_it_is_durable_and_never_to_a_stranger() {
    let clock = Arc::new(TurnedClock::new(START));
    let fake = FakeTelegram::start(clock.clone()).await.unwrap();
    let telegram = bot(&fake, &clock);
    let memory = Arc::new(MemoryStore::new());
    let member = member(&telegram, Arc::new(telegram.clone()));
    // Two look-ups, and the commit that is refused: that update has to come again.
    let store = Arc::new(FaultStore::new(memory.clone(), 3, Fault::Before));
    let world = World::on((store, memory), clock.clone(), vec![member]).await;
    let door = Door { telegram, intake: world.intake.clone(), shop: SHOP };
    let path = format!("{PATH}/99");
    let url = format!("https://shop.example{path}");
    announce(door.clone(), url.parse().unwrap(), "s3cret".to_owned(), std::future::pending()).await;
    assert_eq!(fake.webhook(), Some((url, "s3cret".to_owned())));

    let routes = Router::new().nest(PATH, routes([(door, "s3cret".to_owned())]));
    let post = async |secret: Option<&str>, body: String| {
        let mut request = Request::post(&path);
        if let Some(secret) = secret {
            request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
        }
        let request = request.body(Body::from(body)).unwrap();
        routes.clone().oneshot(request).await.unwrap().status().as_u16()
    };
    let update = fake.update(fake.say(ADA, "hello")).to_string();
    for stranger in [None, Some(""), Some("s3crex"), Some("s3cret1")] {
        assert_eq!(post(stranger, update.clone()).await, 401);
    }
    assert_eq!(post(Some("s3cret"), update.clone()).await, 503, "the store took nothing");
    for _ in 0..3 {
        assert_eq!(post(Some("s3cret"), update.clone()).await, 200);
    }
    for bad in ["not JSON", r#"{"update_id":5,"hologram":{}}"#] {
        assert_eq!(post(Some("s3cret"), bad.to_owned()).await, 200);
    }
    world.carry_out().await;
    let address = Address {
        channel: KIND.into(),
        account: "99".into(),
        thread: ADA.to_string(),
        author: ADA.to_string(),
    };
    let journal = world.house.find(SHOP, &address).await.unwrap().unwrap();
    let events = world.log(journal).await;
    let opened = events.iter().filter(|it| matches!(it.event, Event::Answer(Answer::Opened(_))));
    assert_eq!(opened.count(), 1, "answered by one turn");
    assert!(!fake.answers(ADA).is_empty());
    let kept = world.log(JournalId::account(SHOP, &KIND.into(), &"99".into())).await;
    assert_eq!(kept.len(), 2);
    assert_eq!(fake.wrong(), Vec::<String>::new());
}
