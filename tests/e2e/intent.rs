//! What a write tells the shop's system stands in the journal with the call, before it is told: who asks again
//! after a crash asks with the same key and the same words, whatever the goods cost by then.

use std::sync::{Arc, Mutex};

use agent_core::catalog::{Backend, Errand};
use agent_core::digest::Digest;
use agent_core::event::{Answer, Decision, Event, Recorded};
use agent_core::evidence::ToolError;
use agent_core::id::{Seq, ShopId};
use agent_core::replay::verify::Verifier;
use agent_core::store::memory::MemoryStore;
use agent_core::time::turned::TurnedClock;
use async_trait::async_trait;
use serde_json::{Value, json};
use sutler_tests::script;
use sutler_tests::world::{FEED, Member, START, World};

use crate::failed::stored;
use crate::hostile::pack;

/// A shop's system that writes down what it is asked, key and all.
#[derive(Debug, Default)]
struct Told(Mutex<Vec<Errand>>);

#[async_trait]
impl Backend for Told {
    async fn run(&self, _: ShopId, errand: &Errand) -> Result<Value, ToolError> {
        self.0.lock().unwrap().push(errand.clone());
        Ok(json!({ "url": "https://shop.example/pay/1" }))
    }
}

/// A shop in which the jacket costs this, over a store that may have been used before.
async fn shop(store: Arc<MemoryStore>, told: &Arc<Told>, price: &str) -> World {
    let feed = FEED.replace("89.99", price).into_bytes();
    let backend: Arc<dyn Backend> = told.clone();
    let member = Member::new(&pack("retail"), Arc::new(script::two_rounds()));
    let member = Member { feed, backend: Some(backend), ..member };
    World::on((store.clone(), store), Arc::new(TurnedClock::new(START)), vec![member]).await
}

fn is_prepared(recorded: &Recorded) -> bool {
    matches!(recorded.event, Event::Answer(Answer::Prepared { .. }))
}

/// A link was asked for at one price; what the journal holds of the turn ends where `until` says, and another process
/// takes it up when the jacket costs another. What both told the shop's system, and the journal then.
async fn taken_up(
    until: impl Fn(&Recorded) -> bool,
    by: impl Fn(&mut Recorded),
) -> (Vec<Errand>, Vec<Recorded>) {
    let told = Arc::new(Told::default());
    let before = shop(Arc::default(), &told, "89.99").await;
    before.say("ada", "a rain jacket").await;
    let mut events = before.events("ada").await;
    let end = events.iter().position(until).unwrap();
    events.truncate(end + 1);
    events.iter_mut().for_each(by);
    let after = shop(stored(&before, &events, 0).await, &told, "99.99").await;
    after.resume().await;
    let (journal, now) = (after.journal("ada").await, after.events("ada").await);
    assert_eq!(now[..events.len()], events[..]);
    let mut verifier = Verifier::new(after.house.archive.clone());
    // A journal from before reads and verifies without what there was not.
    let mut older = now.clone();
    older.retain(|it| !is_prepared(it));
    (1..).zip(&mut older).for_each(|(seq, it)| it.seq = Seq(seq));
    assert_eq!(older.len() + 1, now.len());
    for events in [&now, &older] {
        let verified = verifier.verify(journal, events).await.unwrap();
        assert_eq!(verified.identical + verified.failed, 1);
    }
    let told = told.0.lock().unwrap().clone();
    (told, now)
}

#[tokio::test]
async fn after_a_crash_the_shop_is_told_the_same_under_the_same_key() {
    let older = |it: &mut Recorded| match &mut it.event {
        Event::Answer(Answer::Opened(opening)) => opening.basis.engine = Digest::of(b"older"),
        Event::Decision(Decision::Chose { why, .. }) => *why = "as it was before".into(),
        _ => {}
    };
    let nothing = |_: &mut Recorded| {};
    let otherwise: [&dyn Fn(&mut Recorded); 2] = [&nothing, &older];
    for by in otherwise {
        let (told, now) = taken_up(is_prepared, by).await;
        assert_eq!(told.len(), 2);
        assert_eq!(told[0], told[1]);
        assert_eq!(told[1].body["total"], 8_999);
        assert_eq!(now.iter().filter(|it| is_prepared(it)).count(), 1);
        // What is ordered is what the shop was told.
        let state = agent_core::conversation::Conversation::fold(&now);
        let placed = state.orders[0].placed.as_ref().unwrap();
        assert_eq!(placed.total.as_ref().unwrap().to_string(), "89.99 EUR");
        assert_eq!(state.prepared, None);
    }
}

/// It was written before there was such an event.
#[tokio::test]
async fn a_journal_that_has_the_call_alone_is_taken_up() {
    let called = |it: &Recorded| {
        matches!(&it.event, Event::Decision(Decision::Called { call, .. })
            if call.tool.as_str() == "checkout")
    };
    let (told, now) = taken_up(called, |_| {}).await;
    assert_eq!(told[0].key, told[1].key);
    // What was told before, if anything was, nobody knows.
    assert_eq!(told[1].body["total"], 9_999);
    assert_eq!(now.iter().filter(|it| is_prepared(it)).count(), 1);
}
