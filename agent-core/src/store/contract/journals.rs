//! Journals: the one write, and reading.

use bytes::Bytes;

use super::{Subject, make};
use crate::id::{JournalId, Seq, ShopId};
use crate::store::{Bind, Commit, CommitError, Committed, Store};
use crate::time::Micros;

pub(super) async fn check<S: Subject>() {
    appends_at_the_expected_head_only::<S>().await;
    reads_a_part_of_a_journal::<S>().await;
    answers_a_commit_again_as_it_did_first::<S>().await;
    refuses_a_commit_that_is_wrong_in_itself::<S>().await;
    writes_all_of_a_commit_or_nothing::<S>().await;
    keeps_the_newest_snapshot_only::<S>().await;
    keeps_large_payloads_whole::<S>().await;
}

async fn appends_at_the_expected_head_only<S: Subject>() {
    let subject = S::fresh();
    let store = subject.store();
    assert_eq!(store.commit(make::events(1, 0, 2)).await.map(|it| it.head), Ok(Seq(2)));
    assert_eq!(store.commit(make::events(2, 0, 1)).await, Err(CommitError::Conflict(Seq(2))));
    assert_eq!(store.commit(make::events(3, 2, 1)).await.map(|it| it.head), Ok(Seq(3)));
    let page = subject.reopened().store().read(make::journal(), Seq::START, 9).await.unwrap();
    assert_eq!(page.head, Seq(3));
    assert_eq!(page.events, (1..=3).map(|seq| make::event(seq, "hello")).collect::<Vec<_>>());
}

async fn reads_a_part_of_a_journal<S: Subject>() {
    let subject = S::fresh();
    let store = subject.store();
    store.commit(make::events(1, 0, 300)).await.unwrap();
    let page = store.read(make::journal(), Seq(254), 3).await.unwrap();
    assert_eq!(page.head, Seq(300));
    assert_eq!(page.events.iter().map(|event| event.seq.0).collect::<Vec<_>>(), [255, 256, 257]);
    assert!(store.read(make::journal(), Seq(300), 3).await.unwrap().events.is_empty());
    let unknown = JournalId::conversation(make::SHOP, 8);
    assert_eq!(store.read(unknown, Seq::START, 3).await.unwrap().head, Seq::START);
}

async fn answers_a_commit_again_as_it_did_first<S: Subject>() {
    let subject = S::fresh();
    let store = subject.store();
    let mut first = make::events(1, 0, 1);
    first.accept.push(make::accept(make::journal(), "m1", "hello"));
    let answer = Committed { head: Seq(1), fresh: vec![true] };
    assert_eq!(store.commit(first.clone()).await, Ok(answer.clone()));
    store.commit(make::events(2, 1, 1)).await.unwrap();
    assert_eq!(store.commit(first.clone()).await, Ok(answer.clone()));
    let subject = subject.reopened();
    let store = subject.store();
    assert_eq!(store.commit(first).await, Ok(answer));
    assert_eq!(store.read(make::journal(), Seq::START, 9).await.unwrap().head, Seq(2));
    assert_eq!(store.inbox(make::journal(), 9).await.unwrap().len(), 1);
}

async fn refuses_a_commit_that_is_wrong_in_itself<S: Subject>() {
    let subject = S::fresh();
    let store = subject.store();
    let elsewhere = JournalId::conversation(ShopId(2), 7);
    let mut gap = make::events(1, 0, 1);
    gap.events[0].seq = Seq(2);
    let headless = Commit { expect: None, ..make::events(2, 0, 1) };
    let mut foreign_inbox = make::commit(3);
    foreign_inbox.accept.push(make::accept(elsewhere, "m1", "hello"));
    let mut foreign_alias = make::commit(4);
    foreign_alias.bind.push(Bind { alias: "a".into(), from: None, to: Some(elsewhere) });
    let mut foreign_part = make::commit(5);
    foreign_part.outbox.push(make::outbox(1, 0, 1, 1));
    foreign_part.outbox[0].journal = elsewhere;
    for commit in [gap, headless, foreign_inbox, foreign_alias, foreign_part] {
        let refused = store.commit(commit).await;
        assert!(matches!(refused, Err(CommitError::NotApplied(_))), "{refused:?}");
    }
    assert!(store.inbox(elsewhere, 9).await.unwrap().is_empty());
    assert_eq!(store.find(ShopId(2), &"a".into()).await.unwrap(), None);
}

async fn writes_all_of_a_commit_or_nothing<S: Subject>() {
    let subject = S::fresh();
    let store = subject.store();
    store.commit(make::events(1, 0, 1)).await.unwrap();
    let mut refused = make::events(2, 0, 1);
    refused.accept.push(make::accept(make::journal(), "m1", "hello"));
    refused.outbox.push(make::outbox(1, 0, 1, 1));
    refused.timers.push(("nap".into(), Some(Micros(1))));
    refused.bind.push(Bind { alias: "a".into(), from: None, to: Some(make::journal()) });
    store.commit(refused.clone()).await.unwrap_err();
    assert!(store.inbox(make::journal(), 9).await.unwrap().is_empty());
    assert!(store.waiting(make::SHOP, 9).await.unwrap().is_empty());
    assert_eq!(
        store.due(make::SHOP, Micros::MIN..=Micros(9), 9, &make::NOBODY).await.unwrap(),
        (vec![], None)
    );
    assert_eq!(store.timers(make::SHOP, Micros(9), 9).await.unwrap(), (vec![], None));
    assert_eq!(store.find(make::SHOP, &"a".into()).await.unwrap(), None);
    // A refusal is not remembered: corrected, the same id is made.
    refused.expect = Some(Seq(1));
    refused.events = vec![make::event(2, "hello")];
    assert_eq!(store.commit(refused).await.unwrap().fresh, [true]);
}

async fn keeps_the_newest_snapshot_only<S: Subject>() {
    let subject = S::fresh();
    let store = subject.store();
    let folded =
        |id, head, words| Commit { snapshot: make::fold(words), ..make::events(id, head, 1) };
    assert_eq!(store.snapshot(make::journal()).await.unwrap(), None);
    store.commit(folded(1, 0, "one")).await.unwrap();
    store.commit(make::events(2, 1, 1)).await.unwrap();
    let kept = store.snapshot(make::journal()).await.unwrap();
    assert_eq!(kept, Some((Seq(1), Bytes::from_static(b"one"))));
    store.commit(folded(3, 2, "three")).await.unwrap();
    let kept = subject.reopened().store().snapshot(make::journal()).await.unwrap();
    assert_eq!(kept, Some((Seq(3), Bytes::from_static(b"three"))));
}

async fn keeps_large_payloads_whole<S: Subject>() {
    let subject = S::fresh();
    let store = subject.store();
    for (n, size) in [5_000, 60_000, 70_000, 300_000].into_iter().enumerate() {
        let n = n as u64;
        let words = "x".repeat(size);
        let mut commit = make::events(u128::from(n) + 1, n, 1);
        commit.events[0] = make::event(n + 1, &words);
        commit.accept.push(make::accept(make::journal(), &format!("m{n}"), &words));
        commit.snapshot = make::fold(&words);
        store.commit(commit).await.unwrap();
        assert_eq!(store.snapshot(make::journal()).await.unwrap().map(|it| it.1.len()), Some(size));
    }
    let subject = subject.reopened();
    let store = subject.store();
    let page = store.read(make::journal(), Seq::START, 9).await.unwrap();
    let rows = store.inbox(make::journal(), 9).await.unwrap();
    assert_eq!(rows.len(), 4);
    for (n, size) in [5_000, 60_000, 70_000, 300_000].into_iter().enumerate() {
        let words = "x".repeat(size);
        assert!(page.events[n] == make::event(n as u64 + 1, &words), "event of {size}");
        assert!(rows[n].inbound == make::inbound(&format!("m{n}"), &words), "inbound of {size}");
    }
    let consume = rows.iter().map(|row| row.arrival).collect();
    store.commit(Commit { consume, ..make::commit(99) }).await.unwrap();
    assert!(subject.reopened().store().inbox(make::journal(), 9).await.unwrap().is_empty());
}
