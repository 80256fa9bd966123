//! A fold that is kept with its journal is a cache: of this engine alone, and never missed.

use std::sync::Arc;

use agent_core::conversation::Conversation;
use agent_core::id::CommitId;
use agent_core::model::clerk::Clerk;
use agent_core::store::memory::MemoryStore;
use agent_core::store::{Commit, Store as _};
use agent_core::turn::engine;
use serde_json::json;
use sutler_tests::world::{Member, START, World};

use crate::hostile::pack;

/// What a process that has just started makes of a conversation whose kept fold is these bytes.
async fn read_with(kept: impl FnOnce(&Conversation) -> Vec<u8>) -> (Conversation, Conversation) {
    let store = Arc::new(MemoryStore::new());
    let member = || vec![Member::new(&pack("retail"), Arc::new(Clerk::new()))];
    let new = async || {
        let clock = Arc::new(agent_core::time::turned::TurnedClock::new(START));
        World::on((store.clone(), store.clone()), clock, member()).await
    };
    let before = new().await;
    before.say("ada", "rain jacket").await;
    let journal = before.journal("ada").await;
    let state = before.conversation("ada").await;
    let mut planted = state.clone();
    planted.slots.insert("planted".into(), json!(true));
    let commit = Commit {
        expect: Some(state.head),
        snapshot: Some(kept(&planted).into()),
        ..Commit::blank(CommitId(1), START, journal)
    };
    store.commit(commit).await.unwrap();
    let read = new().await.house.conversation(journal).await.unwrap();
    ((*read).clone(), state)
}

fn json_of(state: &Conversation) -> Vec<u8> {
    serde_json::to_vec(state).unwrap()
}

#[tokio::test]
async fn the_fold_of_this_engine_is_gone_on_with() {
    let (read, _) = read_with(|state| [engine().0.to_vec(), json_of(state)].concat()).await;
    assert_eq!(read.slots.get("planted"), Some(&json!(true)));
}

#[tokio::test]
async fn the_fold_of_another_engine_and_one_that_is_damaged_are_folded_anew() {
    type Bytes = fn(&Conversation) -> Vec<u8>;
    let other: Bytes = |state| [vec![7; 32], json_of(state)].concat();
    let cut: Bytes = |state| {
        let mut whole = [engine().0.to_vec(), json_of(state)].concat();
        whole.truncate(whole.len() - 9);
        whole
    };
    let odd: Bytes = |_| [engine().0.to_vec(), b"{\"head\":1}".to_vec()].concat();
    let short: Bytes = |_| engine().0[..9].to_vec();
    let none: Bytes = |_| Vec::new();
    for kept in [other, cut, odd, short, none] {
        let (read, state) = read_with(kept).await;
        assert_eq!(read, state);
    }
}
