//! When changed code decides otherwise than an open turn's tape, the written call is settled with its key, the
//! turn is closed as failed, and a person is asked.

use std::sync::Arc;

use agent_core::digest::Digest;
use agent_core::event::{Answer, Decision, Event, Outcome, Recorded};
use agent_core::evidence::{Access, Call, Change, Owner};
use agent_core::id::{CommitId, CustomerId, Seq};
use agent_core::message::{Control, Inbound, InboundKind, Status};
use agent_core::model::clerk::Clerk;
use agent_core::replay::verify::Verifier;
use agent_core::store::memory::MemoryStore;
use agent_core::store::{Accept, Bind, Commit, Store as _};
use agent_core::time::Clock as _;
use prompts::{Feed, Folder};
use sutler_tests::world::{SHOP, START, World, address};

async fn world(store: Arc<MemoryStore>) -> World {
    let folder = Folder::builtin("retail").unwrap();
    let pack = Arc::new(folder.pack().unwrap());
    let Some(Feed::Embedded(feed)) = folder.feed() else { panic!("a feed") };
    World::over((store.clone(), store), pack, feed, Arc::new(Clerk::new())).await
}

fn written(event: &Event) -> Option<&Call> {
    match event {
        Event::Decision(Decision::Called { call, access: Access::Write }) => Some(call),
        _ => None,
    }
}

/// A store as a process leaves it that ends right after it wrote down that it calls the checkout.
struct Left {
    store: Arc<MemoryStore>,
    call: Call,
    /// What the journal holds, of the turns before and of the open one.
    events: Vec<Recorded>,
}

/// `by` is how the engine decided that has written it.
async fn left(by: impl Fn(&mut Recorded)) -> Left {
    let before = world(Arc::new(MemoryStore::new())).await;
    before.say("ada", "waterproof jacket under 150 in M").await;
    before.say("ada", "add the first to my cart").await;
    let whole = before.events("ada").await.len();
    before.say("ada", "checkout").await;
    let mut events = before.events("ada").await;
    let at = events.iter().position(|it| written(&it.event).is_some()).unwrap();
    // What it tells stands behind it.
    events.truncate(at + 2);
    events[whole..].iter_mut().for_each(by);
    let call = written(&events[at].event).unwrap().clone();
    Left { store: stored(&before, &events, whole).await, call, events }
}

/// A store with these events, of which the last turn, from `whole` on, is open.
pub(crate) async fn stored(before: &World, events: &[Recorded], whole: usize) -> Arc<MemoryStore> {
    let inputs: Vec<Inbound> = events[whole..]
        .iter()
        .filter_map(|it| match &it.event {
            Event::Answer(Answer::Received(inbound)) => Some(inbound.clone()),
            _ => None,
        })
        .collect();

    let store = Arc::new(MemoryStore::new());
    let journal = before.journal("ada").await;
    let person = agent_core::house::person(&address("ada"));
    let customer = before.house.store.find(SHOP, &person).await.unwrap().unwrap();
    let owner = Some(CustomerId(customer.key.0));
    let accept = inputs.into_iter().map(|inbound| Accept {
        journal,
        customer: owner,
        scope: "test/main".into(),
        inbound,
    });
    let talk = agent_core::house::talk(customer, &address("ada"));
    let commit = Commit {
        customer: owner,
        expect: Some(Seq::START),
        events: events.to_vec(),
        accept: accept.collect(),
        bind: vec![
            Bind { alias: person, from: None, to: Some(customer) },
            Bind { alias: talk, from: None, to: Some(journal) },
        ],
        ..Commit::blank(CommitId(u128::MAX), START, journal)
    };
    store.commit(commit).await.unwrap();
    store
}

#[tokio::test]
async fn an_open_turn_is_taken_up_where_it_was_left_and_verified_before_and_after() {
    let Left { store, call, events } = left(|_| {}).await;
    let after = world(store).await;
    let journal = after.journal("ada").await;
    let mut verifier = Verifier::new(after.house.archive.clone());
    let open = verifier.verify(journal, &events).await.unwrap();
    assert_eq!((open.identical, open.open), (2, 1));
    after.resume().await;
    let now = after.events("ada").await;
    assert_eq!(now[..events.len()], events[..]);
    let calls = now.iter().filter(|it| written(&it.event) == Some(&call)).count();
    assert_eq!(calls, 1);
    let done = verifier.verify(journal, &now).await.unwrap();
    assert_eq!((done.identical, done.open, done.failed), (3, 0, 0));
}

/// A tape that was imported has an open turn, and none of what it had taken waits any more.
#[tokio::test]
async fn what_becomes_of_a_message_is_no_part_of_an_open_turn() {
    let before = world(Arc::new(MemoryStore::new())).await;
    let reply = before.say("ada", "waterproof jacket under 150 in M").await.reply.unwrap();
    before.say("ada", "add the first to my cart").await;
    before.say("ada", "checkout").await;
    let mut events = before.events("ada").await;
    let at = events.iter().position(|it| written(&it.event).is_some()).unwrap();
    events.truncate(at + 1);
    let after = world(stored(&before, &events, events.len()).await).await;
    let journal = after.journal("ada").await;
    let kind = InboundKind::Status { of: reply.id, part: 0, status: Status::Read, billed: None };
    let at = after.clock.now();
    after.intake.tell(journal, Inbound::told("read/1".into(), at, kind)).await.unwrap();
    after.resume().await;
    let now = after.events("ada").await;
    let verified = Verifier::new(after.house.archive.clone()).verify(journal, &now).await.unwrap();
    assert_eq!((verified.identical, verified.open, verified.failed), (3, 0, 0));
    let last = &now.last().unwrap().event;
    assert!(matches!(last, Event::Answer(Answer::Received(_))), "{last:?}");
}

#[tokio::test]
async fn a_turn_that_changed_code_decides_otherwise_is_settled_closed_and_given_to_a_person() {
    let Left { store, call, events } = left(|it| match &mut it.event {
        Event::Answer(Answer::Opened(opening)) => opening.basis.engine = Digest::of(b"older"),
        Event::Decision(Decision::Chose { why, .. }) => *why = "as it was before".into(),
        _ => {}
    })
    .await;
    let after = world(store).await;
    after.resume().await;
    let now = after.events("ada").await;
    let [returned, rest @ ..] = &now[events.len()..] else { panic!("nothing was done") };
    match &returned.event {
        Event::Answer(Answer::Returned { call: of, result: Ok(output) }) => {
            // The shop's system was asked again with the key it knows.
            assert_eq!(*of, call.id);
            assert_eq!(output.findings[0].record.as_str(), call.id.to_string());
        }
        other => panic!("{other:?}"),
    }
    let (closed, changes) = rest.split_last().unwrap();
    let waits = changes.iter().any(|it| {
        matches!(it.event, Event::Decision(Decision::Changed(Change::Owner(Owner::Waiting { .. }))))
    });
    assert!(waits, "{rest:?}");
    let Event::Decision(Decision::Closed { outcome: Outcome::Failed(why), .. }) = &closed.event
    else {
        panic!("{closed:?}")
    };
    assert!(why.contains("differs from what is decided now"), "{why}");
    assert!(matches!(after.conversation("ada").await.owner, Owner::Waiting { .. }));
    let journal = after.journal("ada").await;
    assert!(after.house.store.inbox(journal, 9).await.unwrap().is_empty());
    let mut verifier = Verifier::new(after.house.archive.clone());
    let verified = verifier.verify(journal, &now).await.unwrap();
    assert_eq!((verified.identical, verified.failed, verified.other_engine), (2, 1, 1));
    // The person has it: the agent says nothing more, and the next turn is like any other.
    assert_eq!(after.say("ada", "hello?").await.reply, None);
    let now = after.events("ada").await;
    assert_eq!(verifier.verify(journal, &now).await.unwrap().identical, 3);
}

#[tokio::test]
async fn a_turn_that_fails_takes_no_conversation_from_a_person() {
    let before = world(Arc::new(MemoryStore::new())).await;
    before.say("ada", "hello").await;
    let command = Control::TakeOver { until: None };
    before.tell("ada", InboundKind::Control { by: "eve".into(), command }).await;
    let whole = before.events("ada").await.len();
    before.say("ada", "are you there?").await;
    let mut events = before.events("ada").await;
    events.pop();
    for it in &mut events[whole..] {
        if let Event::Decision(Decision::Chose { why, .. }) = &mut it.event {
            *why = "as it was before".into();
        }
    }
    let after = world(stored(&before, &events, whole).await).await;
    after.resume().await;
    let now = after.events("ada").await;
    assert!(
        matches!(
            &now.last().unwrap().event,
            Event::Decision(Decision::Closed { outcome: Outcome::Failed(_), .. })
        ),
        "{now:?}"
    );
    let owner = after.conversation("ada").await.owner;
    assert!(matches!(&owner, Owner::Person { who, .. } if who.as_str() == "eve"), "{owner:?}");
}
