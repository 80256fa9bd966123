//! The mailbox: one turn at a time, over all that waits; nothing lost, nothing answered twice.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use agent_core::event::{Answer, Decision, Event, Outcome, Recorded};
use agent_core::evidence::{Access, Call, Output, Owner, ToolError, ToolSpec};
use agent_core::id::{CommitId, MessageId, Name};
use agent_core::message::{Inbound, InboundKind};
use agent_core::model::scripted::{Scripted, calls, says};
use agent_core::model::{Completion, Delta, Model, ModelError, Request};
use agent_core::profile::Repeat;
use agent_core::store::fault::{Fault, FaultStore};
use agent_core::store::memory::MemoryStore;
use agent_core::store::{Accept, Commit, Store};
use agent_core::time::turned::{CountedIds, TurnedClock};
use agent_core::time::{Clock as _, Micros};
use agent_core::tool::{Scene, Tool};
use async_trait::async_trait;
use serde_json::json;
use storage::{Settings, SledStore};
use sutler_tests::world::{Collected, FEED, Member, SHOP, START, World, address};
use tokio::sync::{Notify, Semaphore};

use crate::hostile::pack;

fn text(text: &str) -> InboundKind {
    InboundKind::Text(text.to_owned())
}

/// The messages each turn answered.
fn turns(events: &[Recorded]) -> Vec<Vec<String>> {
    let inputs = |recorded: &Recorded| match &recorded.event {
        Event::Answer(Answer::Opened(opening)) => {
            Some(opening.inputs.iter().map(ToString::to_string).collect())
        }
        _ => None,
    };
    events.iter().filter_map(inputs).collect()
}

/// A model that tells when it is asked, and answers when it may.
#[derive(Debug)]
struct Slow {
    asked: Notify,
    may: Semaphore,
}

#[async_trait]
impl Model for Slow {
    async fn complete(
        &self,
        _: &Request,
        _: &mut (dyn for<'a> FnMut(Delta<'a>) + Send),
    ) -> Result<Completion, ModelError> {
        self.asked.notify_one();
        self.may.acquire().await.unwrap().forget();
        Ok(says("Hello."))
    }
}

#[tokio::test]
async fn what_comes_during_a_turn_waits_for_the_next_which_takes_it_all() {
    let slow = Arc::new(Slow { asked: Notify::new(), may: Semaphore::new(0) });
    let world = World::of(vec![Member::new(&pack("retail"), slow.clone())]).await;
    let journal = world.send(SHOP, "ada", "m1", text("one")).await.journal;
    slow.asked.notified().await;
    for id in ["m2", "m3", "m2"] {
        world.send(SHOP, "ada", id, text("more")).await;
    }
    assert!(!world.send(SHOP, "ada", "m1", text("one")).await.fresh, "it was told again");
    slow.may.add_permits(2);
    world.settled().await;
    assert_eq!(turns(&world.log(journal).await), [vec!["m1"], vec!["m2", "m3"]]);
    let delivered = world.deliver().await;
    // The first reply has a second part, which says that a machine writes.
    assert_eq!(delivered.len(), 3);
    assert_eq!(delivered[2].answers, [MessageId::from("m2"), "m3".into()]);
}

#[tokio::test]
async fn a_channel_that_gathers_gives_the_turn_all_words_and_a_stop_does_not_wait() {
    let mut member = Member::new(&pack("retail"), Arc::new(Scripted::by(|_| Ok(says("Hello.")))));
    member.channel = Arc::new(Collected::like(Duration::from_secs(4), Repeat::Nonce));
    let world = World::of(vec![member]).await;
    let journal = world.send(SHOP, "ada", "m1", text("I need")).await.journal;
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert!(world.log(journal).await.is_empty(), "more words may come");
    world.send(SHOP, "ada", "m2", text("a jacket")).await;
    world.clock.turn(Duration::from_secs(4));
    world.settled().await;
    assert_eq!(turns(&world.log(journal).await), [["m1", "m2"]]);
    world.send(SHOP, "ada", "m3", text("STOP")).await;
    world.settled().await;
    assert!(world.state(journal).await.opted_out);
}

#[tokio::test]
async fn what_comes_together_is_taken_in_the_platforms_order_and_what_is_late_in_a_turn_of_its_own()
{
    let mut member = Member::new(&pack("retail"), Arc::new(Scripted::by(|_| Ok(says("Hello.")))));
    member.channel = Arc::new(Collected::like(Duration::from_secs(4), Repeat::Nonce));
    let world = World::of(vec![member]).await;
    let said = |id: &str, second: i64| Inbound {
        id: id.into(),
        at: Micros(START.0 + second * 1_000_000),
        from: Some(address("ada")),
        aliases: Vec::new(),
        kind: text(id),
        reply_to: None,
        referral: None,
    };
    let mut journal = None;
    // Of two that were said in the same second, the one that came first is first.
    for inbound in [said("third", 2), said("first", 0), said("second", 0), said("third", 2)] {
        journal = Some(world.intake.accept(SHOP, inbound).await.unwrap().journal);
    }
    let journal = journal.unwrap();
    world.clock.turn(Duration::from_secs(4));
    world.settled().await;
    world.intake.accept(SHOP, said("late", 1)).await.unwrap();
    world.clock.turn(Duration::from_secs(4));
    world.settled().await;
    let log = world.log(journal).await;
    let taken = turns(&log);
    assert_eq!(taken, [vec!["first", "second", "third"], vec!["late"]]);
    let late = log.iter().find_map(|recorded| match &recorded.event {
        Event::Answer(Answer::Received(it)) if it.id == "late".into() => Some((it.at, recorded.at)),
        _ => None,
    });
    let after = |seconds: i64| Micros(START.0 + seconds * 1_000_000);
    assert_eq!(late, Some((after(1), after(8))), "when it was said, and when it was taken");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conversations_keep_their_order_side_by_side() {
    let echo = Scripted::by(|request| {
        let last = format!("{:?}", request.transcript.last());
        Ok(says(&format!("Heard {}", last.len())))
    });
    let world = Arc::new(World::of(vec![Member::new(&pack("retail"), Arc::new(echo))]).await);
    let talk = |who: String| {
        let world = world.clone();
        async move {
            for n in 0..10 {
                world.send(SHOP, &who, &format!("{who}-{n}"), text("hello")).await;
            }
        }
    };
    let talks = (0..20).map(|n| tokio::spawn(talk(format!("c{n}"))));
    futures::future::try_join_all(talks).await.unwrap();
    world.settled().await;
    for n in 0..20 {
        let answered = turns(&world.events(&format!("c{n}")).await).concat();
        let sent: Vec<String> = (0..10).map(|m| format!("c{n}-{m}")).collect();
        assert_eq!(answered, sent);
    }
}

#[derive(Debug)]
struct Panics(ToolSpec);

#[async_trait]
impl Tool for Panics {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    async fn call(&self, _: &Call, _: Scene<'_>) -> Result<Output, ToolError> {
        panic!("a planted panic")
    }
}

#[tokio::test]
async fn a_tool_that_panics_costs_one_turn_and_a_person_is_asked() {
    for access in [Access::Read, Access::Write] {
        let model = Scripted::by(|request: &Request| {
            let mean = format!("{:?}", request.transcript.last()).contains("mean");
            Ok(if mean { calls([("explode", json!({}))]) } else { says("Hello.") })
        });
        let about = String::new();
        let arguments = json!({"type": "object"});
        let tool = Panics(ToolSpec { name: "explode".into(), about, arguments, access });
        let member = Member::new(&pack("retail"), Arc::new(model)).with_tool(Arc::new(tool));
        let world = World::of(vec![member]).await;
        world.say("ada", "hello").await;
        let turned = world.say("ada", "mean").await;
        assert!(matches!(
            turned.events.last().map(|it| &it.event),
            Some(Event::Decision(Decision::Closed { outcome: Outcome::Failed(_), .. }))
        ));
        assert!(matches!(world.conversation("ada").await.owner, Owner::Waiting { .. }));
        assert!(world.house.store.waiting(SHOP, 9).await.unwrap().is_empty(), "nothing is stuck");
        assert!(world.say("bob", "hello").await.reply.is_some());
    }
}

#[tokio::test]
async fn an_idle_conversation_costs_no_task_and_leaves_no_row() {
    let model = Arc::new(Scripted::by(|_| Ok(says("Hello."))));
    let world = World::of(vec![Member::new(&pack("retail"), model)]).await;
    let before = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    for n in 0..50 {
        world.say(&format!("c{n}"), "hello").await;
        world.deliver_and_settle().await;
    }
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(tokio::runtime::Handle::current().metrics().num_alive_tasks(), before);
    assert!(world.house.store.waiting(SHOP, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_turn_that_fails_every_try_is_woken_again() {
    let store = Arc::new(MemoryStore::new());
    // Three calls take a message in; the fourth, and the four that try it again, fail.
    let mut failing: Arc<dyn Store> = store.clone();
    for _ in 0..5 {
        failing = Arc::new(FaultStore::new(failing, 4, Fault::Before));
    }
    let member = Member::new(&pack("retail"), Arc::new(Scripted::by(|_| Ok(says("Hello.")))));
    let clock = Arc::new(TurnedClock::new(START));
    let world = World::on((failing, store), clock, vec![member]).await;
    let journal = world.send(SHOP, "ada", "m1", text("hello")).await.journal;
    world.settled().await;
    world.ring().await;
    assert!(world.log(journal).await.is_empty(), "it is left for a while");
    world.clock.turn(Duration::from_secs(30));
    world.ring().await;
    assert_eq!(turns(&world.log(journal).await), [["m1"]]);
}

#[tokio::test]
async fn what_was_left_waiting_is_taken_up_so_many_at_once_and_then_the_others() {
    let member = Member::new(&pack("retail"), Arc::new(Scripted::by(|_| Ok(says("Hello.")))));
    let world = World::of(vec![member]).await;
    let people = ["ada", "bob", "cam"];
    let mut journals = Vec::new();
    for who in people {
        let journal = world.send(SHOP, who, &format!("{who}/1"), text("hello")).await.journal;
        world.settled().await;
        let customer = world.state(journal).await.customer;
        let at = world.clock.now();
        let mut inbound = Inbound::told(format!("{who}/2").into(), at, text("again"));
        inbound.from = Some(address(who));
        let accept = Accept { journal, customer, scope: Name("test".to_owned()), inbound };
        let blank = Commit::blank(CommitId(world.house.ids.fresh()), at, journal);
        world.house.store.commit(Commit { customer, accept: vec![accept], ..blank }).await.unwrap();
        journals.push(journal);
    }
    let left = async || world.house.store.waiting(SHOP, 9).await.unwrap().len();
    assert_eq!(left().await, 3);
    world.take_up_by(2).await;
    world.ring().await;
    assert_eq!(left().await, 1);
    world.clock.turn(Duration::from_secs(30));
    world.ring().await;
    assert_eq!(left().await, 0);
    for (who, journal) in people.iter().zip(journals) {
        let answered = [[format!("{who}/1")], [format!("{who}/2")]];
        assert_eq!(turns(&world.log(journal).await), answered);
    }
}

/// A caller who is gone before the store has answered: the message is durable, so it is answered.
#[tokio::test]
async fn whoever_hangs_up_is_answered_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let ids = Arc::new(CountedIds::new(1));
    let sled = SledStore::open(dir.path(), &Settings::default(), ids).unwrap();
    let seen = Arc::new(AtomicBool::new(false));
    let tell = seen.clone();
    let commit = Fault::RunBefore(Arc::new(move || tell.store(true, Ordering::SeqCst)));
    // Whether the person and the talk are known is asked first.
    let store = Arc::new(FaultStore::new(sled.clone(), 3, commit));
    let says = Arc::new(Scripted::by(|_| Ok(says("Hello."))));
    let world = World::over((store, sled), pack("retail"), FEED.as_bytes(), says).await;
    let hello = |id: &str, who: &str| Inbound {
        id: MessageId(id.to_owned()),
        at: START,
        from: Some(address(who)),
        aliases: Vec::new(),
        kind: text("hello"),
        reply_to: None,
        referral: None,
    };
    {
        let mut accept = pin!(world.intake.accept(SHOP, hello("m1", "ada")));
        while !seen.load(Ordering::SeqCst) {
            assert!(futures::poll!(accept.as_mut()).is_pending(), "the store takes its time");
            tokio::task::yield_now().await;
        }
    }
    world.intake.accept(SHOP, hello("m2", "bob")).await.unwrap();
    world.settled().await;
    assert_eq!(turns(&world.events("ada").await), [["m1"]]);
}
