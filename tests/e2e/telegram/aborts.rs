//! A process ends after every call of the store and of the channel, which is before every next one: nothing that came
//! in is lost or answered by two turns, order is kept, and nothing is sent again but what was in doubt.

use std::sync::Arc;
use std::time::Duration;

use adapters::telegram::{Door, KIND, poll};
use agent_core::event::{Answer, Decision, Event};
use agent_core::message::{Address, InboundKind, Status};
use agent_core::store::memory::MemoryStore;
use agent_core::time::turned::TurnedClock;
use sutler_tests::fake::telegram::FakeTelegram;
use sutler_tests::world::{SHOP, START, World};
use tokio::runtime::Builder;

use super::{ADA, bot, member};
use crate::ports::{Gate, GatedChannel, Watched, at_every, process};

/// What outlives a process.
struct Outside {
    clock: Arc<TurnedClock>,
    fake: FakeTelegram,
    store: Arc<MemoryStore>,
}

#[test]
fn ended_at_every_call_it_loses_nothing_and_answers_nothing_twice() {
    let main = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let counted = Gate::new(0);
    let begun = || {
        let clock = Arc::new(TurnedClock::new(START));
        let fake = main.block_on(FakeTelegram::start(clock.clone())).unwrap();
        Outside { clock, fake, store: Arc::default() }
    };
    let outside = begun();
    assert!(process(Some(&counted), play(&outside, &mut Vec::new(), Some(counted.clone()))));
    let shown = main.block_on(check(&outside, 0));
    assert!(shown > 2 && counted.calls() > 40, "{shown} {}", counted.calls());
    at_every(counted.calls(), |at| {
        let (outside, mut said) = (begun(), Vec::new());
        let gate = Gate::new(at);
        if !process(Some(&gate), play(&outside, &mut said, Some(gate.clone()))) {
            outside.clock.turn(Duration::from_secs(60));
            assert!(process(None, play(&outside, &mut said, None)), "there is no gate");
        }
        main.block_on(check(&outside, at));
    });
}

/// A customer writes, and goes on once they were answered, whichever process answered them.
async fn play(outside: &Outside, said: &mut Vec<u32>, gate: Option<Arc<Gate>>) {
    let telegram = bot(&outside.fake, &outside.clock);
    let store = Arc::new(Watched::new(outside.store.clone(), gate.clone()));
    let mut channel: Arc<dyn agent_core::channel::Channel> = Arc::new(telegram.clone());
    if let Some(gate) = gate {
        channel = Arc::new(GatedChannel(channel, gate));
    }
    let member = member(&telegram, channel);
    let world = World::on((store, outside.store.clone()), outside.clock.clone(), vec![member]);
    let world = world.await;
    world.take_up().await;
    let door = Door { telegram, intake: world.intake.clone(), shop: SHOP };
    let polling = tokio::spawn(poll(door, std::future::pending()));
    for (n, line) in ["show me socks", "can I send it back?"].iter().enumerate() {
        if said.len() <= n {
            said.push(outside.fake.say(ADA, line));
        }
        outside.fake.confirmed(said[n]).await;
        world.carry_out().await;
    }
    polling.abort();
}

/// What came in was received once, in its order, by one turn each; how many messages were shown.
async fn check(outside: &Outside, at: u64) -> usize {
    let telegram = bot(&outside.fake, &outside.clock);
    let member = member(&telegram, Arc::new(telegram.clone()));
    let store = (outside.store.clone() as _, outside.store.clone() as _);
    let world = World::on(store, outside.clock.clone(), vec![member]).await;
    let address = Address {
        channel: KIND.into(),
        account: telegram.account().clone(),
        thread: ADA.to_string(),
        author: ADA.to_string(),
    };
    let journal = world.house.find(SHOP, &address).await.unwrap().unwrap();
    let (mut said, mut doubts, mut parts, mut turns) = (Vec::new(), 0, 0, 0);
    for recorded in world.log(journal).await {
        match recorded.event {
            Event::Answer(Answer::Received(inbound)) => match inbound.kind {
                InboundKind::Text(text) => said.push(text),
                InboundKind::Status { status: Status::Ambiguous, .. } => doubts += 1,
                _ => {}
            },
            Event::Answer(Answer::Opened(_)) => turns += 1,
            Event::Decision(Decision::Replied { plan, .. }) => parts += plan.parts.len(),
            _ => {}
        }
    }
    assert_eq!(said, ["show me socks", "can I send it back?"], "{at}");
    assert_eq!(turns, 2, "{at}");
    let mut shown: Vec<String> =
        outside.fake.answers(ADA).iter().map(|it| it.text().to_owned()).collect();
    assert!(shown.len() <= parts + doubts, "{at}: {doubts} doubts, {shown:#?}");
    // What was in doubt is sent once more, before anything else.
    shown.dedup();
    assert_eq!(shown.len(), parts, "{at}: lost, or out of order: {shown:#?}");
    assert!(shown.last().unwrap().contains("30 days"), "{at}: {shown:#?}");
    assert_eq!(outside.fake.wrong(), Vec::<String>::new(), "{at}");
    shown.len()
}
