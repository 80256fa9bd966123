//! Groups that are made one over the other.

use std::sync::Arc;

use agent_core::id::Seq;
use agent_core::store::contract::make;
use agent_core::store::{Commit, OutboxState, Store};
use agent_core::time::turned::CountedIds;

use super::super::prepare::prepare;
use super::super::{Settings, SledStore};
use super::*;

#[tokio::test]
async fn queues_that_are_empty_leave_no_row_behind() {
    let dir = tempfile::TempDir::new().unwrap();
    let ids = Arc::new(CountedIds::new(1));
    let store = SledStore::open(dir.path(), &Settings::default(), ids).unwrap();
    let mut full = make::commit(1);
    full.accept = vec![make::accept(make::journal(), "m1", &"x".repeat(30_000))];
    full.outbox = vec![make::outbox(1, 0, 1, 10)];
    full.timers = vec![("nap".into(), Some(Micros(5)))];
    store.commit(full).await.unwrap();
    let made = make::outbox(1, 0, 1, 10).id;
    let settle = |to| vec![Settle { id: made, part: 0, to }];
    let mut moved = make::commit(2);
    moved.settle = settle(Settled::Again(Micros(50), OutboxState::Sending));
    moved.timers = vec![("nap".into(), Some(Micros(6)))];
    store.commit(moved).await.unwrap();
    let mut emptied = make::commit(3);
    emptied.consume = vec![Arrival(1)];
    emptied.settle = settle(Settled::Done);
    emptied.timers = vec![("nap".into(), None)];
    store.commit(emptied).await.unwrap();
    store.caught_up().await;
    for tag in [Tag::Inbox, Tag::More, Tag::Outbox, Tag::Due, Tag::Timer, Tag::Ring] {
        assert_eq!(store.rows.all(key::all(tag, make::SHOP)).count(), 0, "{tag:?}");
    }
}

#[tokio::test]
async fn a_message_that_is_told_again_writes_nothing() {
    let dir = tempfile::TempDir::new().unwrap();
    let ids = Arc::new(CountedIds::new(1));
    let store = SledStore::open(dir.path(), &Settings::default(), ids).unwrap();
    let told = |id| Commit {
        accept: vec![make::accept(make::journal(), "m1", "hello")],
        ..make::commit(id)
    };
    assert_eq!(store.commit(told(1)).await.unwrap().fresh, [true]);
    store.caught_up().await;
    let all = || store.rows.tree.iter().map(Result::unwrap).collect::<Vec<_>>();
    let before = all();
    assert_eq!(store.commit(told(2)).await.unwrap().fresh, [false]);
    store.caught_up().await;
    assert!(all() == before);
}

#[tokio::test]
async fn what_expired_is_forgotten_a_few_rows_at_a_time() {
    let dir = tempfile::TempDir::new().unwrap();
    let ids = Arc::new(CountedIds::new(1));
    let store = SledStore::open(dir.path(), &Settings::default(), ids).unwrap();
    let commit = |id: u128, at| {
        let accept = vec![make::accept(make::journal(), &format!("m{id}"), "hello")];
        Commit { accept, at, ..make::commit(id) }
    };
    let rows = |store: &SledStore| {
        [Tag::Commit, Tag::Seen, Tag::Expiry]
            .map(|tag| store.rows.all(key::all(tag, make::SHOP)).count())
    };
    for id in 1..=6 {
        store.commit(commit(id, Micros(0))).await.unwrap();
    }
    let later = Micros(0).after(DEDUPE);
    // The message is told again when its time is over: its row is newer than the expiry.
    store.commit(commit(7, Micros(later.0 - 1))).await.unwrap();
    store.caught_up().await;
    assert_eq!(rows(&store), [0, 7, 7]);
    let mut again = commit(8, later);
    again.accept[0].inbound.id = "m1".into();
    store.commit(again.clone()).await.unwrap();
    store.caught_up().await;
    assert_eq!(rows(&store), [0, 4, 4], "four expired; m1 was told again");
    store.commit(commit(9, later)).await.unwrap();
    store.caught_up().await;
    assert_eq!(rows(&store), [0, 3, 3]);
    again.id.0 = 10;
    assert_eq!(store.commit(again).await.unwrap().fresh, [false]);
}

#[tokio::test]
async fn what_a_group_before_it_wrote_counts_before_the_engine_has_it() {
    let dir = tempfile::TempDir::new().unwrap();
    let ids = Arc::new(CountedIds::new(1));
    let store = SledStore::open(dir.path(), &Settings::default(), ids).unwrap();
    let told = |id, seq| Commit {
        accept: vec![make::accept(make::journal(), "m1", "hello")],
        ..make::events(id, seq, 1)
    };
    let later = Micros(0).after(DEDUPE);
    store.commit(Commit { at: Micros(0), ..make::commit(1) }).await.unwrap();
    store.caught_up().await;
    let made = |ahead: &VecDeque<Logged>, commit| {
        let mut group = Group::new(&store.rows, ahead, 0);
        let prepared = prepare(&store.rows, 1_000_000, commit).unwrap();
        let answer = group.apply(prepared).unwrap();
        group.sweep(make::SHOP, later, 1).unwrap();
        (answer, Arc::new(group.unwritten().rows))
    };
    let expired = key::expiry(make::SHOP, later, make::commit(1).id);
    let (first, rows) = made(&VecDeque::new(), told(2, 0));
    assert_eq!(first.unwrap().fresh, [true]);
    assert!(rows.contains_key(&expired));
    let ahead = VecDeque::from([Logged { group: 2, rows, stale: Vec::new() }]);
    let (again, _) = made(&ahead, told(3, 0));
    assert_eq!(again, Err(CommitError::Conflict(Seq(1))));
    let (second, rows) = made(&ahead, told(4, 1));
    assert_eq!(second.unwrap().fresh, [false]);
    assert!(!rows.contains_key(&expired), "it was forgotten before");
}
