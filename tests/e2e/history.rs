//! Conversations that go on and on. What a model is shown is bounded: old turns leave whole, by an event, and between
//! such events it only grows; and what is kept of a conversation to fold less of it is never believed against it.

use std::sync::Arc;

use agent_core::event::{Answer, Event, Recorded};
use agent_core::evidence::{Change, Owner, ToolError};
use agent_core::id::{CommitId, Seq};
use agent_core::message::Block;
use agent_core::model::Entry;
use agent_core::model::clerk::Clerk;
use agent_core::model::scripted::{Scripted, calls, says};
use agent_core::request::{TRANSCRIPT_TOKENS, tokens};
use agent_core::store::memory::MemoryStore;
use agent_core::store::{Commit, Store};
use agent_core::time::turned::TurnedClock;
use serde_json::json;
use sutler_tests::script::two_rounds;
use sutler_tests::world::{Member, START, World};

use crate::hostile::pack;

#[tokio::test]
async fn old_turns_leave_whole_and_the_rest_only_grows() {
    let model = Arc::new(Scripted::by(|request| {
        let looked = matches!(request.transcript.last(), Some(Entry::Tool { .. }));
        Ok(if looked { says("Well.") } else { calls([("search", json!({"words": "jacket"}))]) })
    }));
    let world = World::of(vec![Member::new(&pack("retail"), model.clone())]).await;
    let words = "and another thing about that jacket ".repeat(30);
    let mut forgot = 0;
    for _ in 0..60 {
        let turned = world.say("ada", &words).await;
        forgot += turned.changes.iter().filter(|it| matches!(it, Change::Forgot { .. })).count();
    }
    assert!(forgot > 1, "{forgot}");
    let mut before: Vec<Entry> = Vec::new();
    let mut shrank = 0;
    for request in model.asked() {
        let transcript = request.transcript;
        let size: usize = transcript.iter().map(tokens).sum();
        assert!(size <= TRANSCRIPT_TOKENS, "{size}");
        assert!(matches!(transcript[0], Entry::Customer { .. }), "a turn is not cut");
        let made = transcript.iter().filter_map(|entry| match entry {
            Entry::Agent { calls, .. } => Some(calls),
            _ => None,
        });
        let made: Vec<_> = made.flatten().map(|call| call.id).collect();
        let results = transcript.iter().filter_map(|entry| match entry {
            Entry::Tool { call, .. } => Some(*call),
            _ => None,
        });
        assert_eq!(made, results.collect::<Vec<_>>(), "calls and results leave together");
        match transcript.starts_with(&before) {
            true => {}
            false => shrank += 1,
        }
        before = transcript;
    }
    assert_eq!(shrank, forgot, "between forgettings it only grows");
}

/// After a hundred turns the cart takes no more, and after a few more its last sight is too far back to be told of:
/// whoever looks at it may tell of it, in any turn.
#[tokio::test]
async fn the_cart_can_be_shown_in_every_turn_however_many_there_were() {
    let world = World::of(vec![Member::new(&pack("retail"), Arc::new(two_rounds()))]).await;
    let (mut forgot, mut full) = (0, 0);
    for n in 0..120 {
        let turned = world.say("ada", "I want a rain jacket, and to pay for it").await;
        let shown = turned.reply.iter().flat_map(|reply| &reply.blocks);
        let carts = shown.filter(|block| matches!(block, Block::Summary { .. })).count();
        assert_eq!(carts, 1, "turn {n}: {:?}", turned.events);
        forgot += turned.changes.iter().filter(|it| matches!(it, Change::Forgot { .. })).count();
        full += turned.events.iter().filter(|it| is_refused(it)).count();
    }
    assert!(forgot > 1, "{forgot}");
    assert!(full > 10, "{full}");
    assert_eq!(world.conversation("ada").await.owner, Owner::Bot);
}

fn is_refused(recorded: &Recorded) -> bool {
    let Event::Answer(Answer::Returned { result: Err(error), .. }) = &recorded.event else {
        return false;
    };
    matches!(error, ToolError::Refused(why) if why.contains("too many"))
}

async fn on(store: &Arc<MemoryStore>) -> World {
    let member = Member::new(&pack("retail"), Arc::new(Clerk::new()));
    let clock = Arc::new(TurnedClock::new(START));
    World::on((store.clone(), store.clone()), clock, vec![member]).await
}

/// How much a process takes a conversation to have found, whose kept fold was changed so.
async fn believed(change: impl FnOnce(&mut [u8])) -> u32 {
    let store = Arc::new(MemoryStore::new());
    let world = on(&store).await;
    for _ in 0..12 {
        world.say("ada", "hello").await;
    }
    let journal = world.journal("ada").await;
    let head = store.read(journal, Seq::START, 1).await.unwrap().head;
    let mut kept = store.snapshot(journal).await.unwrap().unwrap().1.to_vec();
    change(&mut kept);
    let blank = Commit::blank(CommitId(1), START, journal);
    let commit = Commit { expect: Some(head), snapshot: Some(kept.into()), ..blank };
    store.commit(commit).await.unwrap();
    on(&store).await.house.conversation(journal).await.unwrap().findings
}

#[tokio::test]
async fn a_fold_that_another_engine_kept_is_not_believed() {
    let fold_otherwise = |kept: &mut [u8]| {
        let (mark, other) = (b"\"findings\":0", b"\"findings\":7");
        let at = kept.windows(mark.len()).position(|it| it == mark).unwrap();
        kept[at..at + other.len()].copy_from_slice(other);
    };
    assert_eq!(believed(fold_otherwise).await, 7, "its own it believes");
    let by_another = |kept: &mut [u8]| {
        fold_otherwise(kept);
        kept[0] ^= 1;
    };
    assert_eq!(believed(by_another).await, 0);
}
