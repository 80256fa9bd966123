//! Inboxes, the outbox and timers.

use super::{Subject, make};
use crate::id::{CommitId, JournalId, Name, Subject as About};
use crate::store::{Arrival, Commit, DEDUPE, OutboxRow, OutboxState, Settle, Settled, Store};
use crate::time::Micros;

pub(super) async fn check<S: Subject>() {
    accepts_a_message_once_within_its_scope::<S>().await;
    remembers_a_message_long_enough::<S>().await;
    fills_the_inbox_of_another_journal::<S>().await;
    keeps_the_inbox_in_order_until_consumed::<S>().await;
    tells_the_outbox_in_the_order_of_sending::<S>().await;
    settles_rows_of_the_outbox::<S>().await;
    sets_moves_and_clears_timers::<S>().await;
}

async fn accepts_a_message_once_within_its_scope<S: Subject>() {
    let subject = S::fresh();
    let store = subject.store();
    let mut commit = make::commit(1);
    commit.accept.push(make::accept(make::journal(), "m1", "hello"));
    commit.accept.push(make::accept(make::journal(), "m1", "hello"));
    commit.accept.push(make::accept(make::journal(), "m2", "again"));
    assert_eq!(store.commit(commit.clone()).await.unwrap().fresh, [true, false, true]);
    let subject = subject.reopened();
    let store = subject.store();
    commit.id = CommitId(2);
    commit.accept[2].scope = "terminal/other".into();
    assert_eq!(store.commit(commit).await.unwrap().fresh, [false, false, true]);
    assert_eq!(store.inbox(make::journal(), 9).await.unwrap().len(), 3);
}

async fn remembers_a_message_long_enough<S: Subject>() {
    let subject = S::fresh();
    let store = subject.store();
    let accept = |id, at| {
        let accept = vec![make::accept(make::journal(), "m1", "hello")];
        Commit { at, accept, ..make::commit(id) }
    };
    let start = Micros(1_000_000);
    let last = Micros(start.after(DEDUPE).0 - 1);
    assert_eq!(store.commit(accept(1, start)).await.unwrap().fresh, [true]);
    assert_eq!(store.commit(accept(2, last)).await.unwrap().fresh, [false]);
    assert_eq!(store.commit(accept(1, last)).await.unwrap().fresh, [true], "the first answer");
    assert_eq!(store.commit(accept(3, start.after(DEDUPE))).await.unwrap().fresh, [true]);
    assert_eq!(store.commit(accept(4, start.after(DEDUPE))).await.unwrap().fresh, [false]);
}

async fn fills_the_inbox_of_another_journal<S: Subject>() {
    let subject = S::fresh();
    let store = subject.store();
    let order = JournalId { subject: About::Order, ..make::journal() };
    let mut commit = make::events(1, 0, 1);
    commit.accept.push(make::accept(order, "m1", "told"));
    store.commit(commit).await.unwrap();
    let rows = store.inbox(order, 9).await.unwrap();
    assert_eq!(
        rows.iter().map(|row| &row.inbound).collect::<Vec<_>>(),
        [&make::inbound("m1", "told")]
    );
    assert!(store.inbox(make::journal(), 9).await.unwrap().is_empty());
    assert_eq!(store.waiting(make::SHOP, 9).await.unwrap(), [order]);
}

async fn keeps_the_inbox_in_order_until_consumed<S: Subject>() {
    let subject = S::fresh();
    let store = subject.store();
    let other = JournalId::conversation(make::SHOP, 3);
    for n in 1..=4 {
        let mut commit = make::commit(n);
        let journal = if n == 2 { other } else { make::journal() };
        commit.accept.push(make::accept(journal, &format!("m{}", 9 - n), "hello"));
        store.commit(commit).await.unwrap();
    }
    let subject = subject.reopened();
    let store = subject.store();
    assert_eq!(store.waiting(make::SHOP, 9).await.unwrap(), [other, make::journal()]);
    assert_eq!(store.waiting(make::SHOP, 1).await.unwrap(), [other]);
    let rows = store.inbox(make::journal(), 2).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.inbound.id.as_str()).collect::<Vec<_>>(), ["m8", "m6"]);
    let mut taken = make::commit(10);
    taken.consume = vec![rows[0].arrival, Arrival(u64::MAX)];
    store.commit(taken).await.unwrap();
    let mut newer = make::commit(11);
    newer.accept.push(make::accept(make::journal(), "m1", "hello"));
    store.commit(newer).await.unwrap();
    let rows = store.inbox(make::journal(), 9).await.unwrap();
    let order: Vec<_> = rows.iter().map(|row| row.inbound.id.as_str()).collect();
    assert_eq!(order, ["m6", "m5", "m1"]);
    assert!(rows.iter().map(|row| row.arrival).is_sorted());
    let mut elsewhere = make::commit(12);
    elsewhere.journal = other;
    elsewhere.consume = rows.iter().map(|row| row.arrival).collect();
    store.commit(elsewhere).await.unwrap();
    assert_eq!(store.inbox(make::journal(), 9).await.unwrap().len(), 3, "another's rows");
}

async fn tells_the_outbox_in_the_order_of_sending<S: Subject>() {
    let subject = S::fresh();
    let store = subject.store();
    let mut commit = make::commit(1);
    commit.outbox = vec![
        make::outbox(3, 0, 300, 20),
        make::outbox(2, 1, 2, 20),
        make::outbox(2, 0, 2, 20),
        make::outbox(1, 0, 1, 30),
        make::outbox(4, 0, 4, -5),
        make::outbox(5, 0, 5, 90),
    ];
    store.commit(commit).await.unwrap();
    let subject = subject.reopened();
    let store = subject.store();
    let told = |(rows, next): (Vec<OutboxRow>, Option<Micros>)| {
        (rows.iter().map(|row| (row.id.n, row.part)).collect::<Vec<_>>(), next)
    };
    let all = store.due(make::SHOP, Micros::MIN..=Micros(30), 9, &make::NOBODY).await.unwrap();
    assert_eq!(all.0[1], make::outbox(2, 0, 2, 20));
    assert_eq!(told(all), (vec![(4, 0), (2, 0), (2, 1), (3, 0), (1, 0)], Some(Micros(90))));
    let none = store.due(make::SHOP, Micros::MIN..=Micros(-6), 9, &make::NOBODY).await.unwrap();
    assert_eq!(told(none), (vec![], Some(Micros(-5))));
    let later = store.due(make::SHOP, Micros(20)..=Micros(30), 9, &make::NOBODY).await.unwrap();
    assert_eq!(told(later), (vec![(2, 0), (2, 1), (3, 0), (1, 0)], Some(Micros(90))));
    let between = store.due(make::SHOP, Micros(21)..=Micros(29), 9, &make::NOBODY).await.unwrap();
    assert_eq!(told(between), (vec![], Some(Micros(30))));
    let (theirs, hers) = (make::journal(), JournalId::conversation(make::SHOP, 8));
    let row = OutboxRow { journal: hers, ..make::outbox(6, 0, 1, 25) };
    store.commit(Commit { outbox: vec![row], journal: hers, ..make::commit(2) }).await.unwrap();
    let some = store.due(make::SHOP, Micros::MIN..=Micros(30), 2, &make::NOBODY).await.unwrap();
    let whole = vec![(4, 0), (2, 0), (2, 1), (3, 0), (1, 0)];
    assert_eq!(told(some), (whole, Some(Micros(20))), "whole conversations, and not hers");
    let passing = |journal| [journal].into_iter().collect();
    let of_hers =
        store.due(make::SHOP, Micros::MIN..=Micros(30), 1, &passing(theirs)).await.unwrap();
    assert_eq!(told(of_hers), (vec![(6, 0)], None), "as if the others were not there");
    let before =
        store.due(make::SHOP, Micros::MIN..=Micros(20), 9, &passing(theirs)).await.unwrap();
    assert_eq!(told(before), (vec![], Some(Micros(25))));
}

async fn settles_rows_of_the_outbox<S: Subject>() {
    let subject = S::fresh();
    let store = subject.store();
    let mut commit = make::commit(1);
    commit.outbox = vec![make::outbox(1, 0, 1, 10), make::outbox(1, 1, 1, 10)];
    store.commit(commit).await.unwrap();
    let settle = |id, part, to| {
        let made = make::outbox(1, part, 1, 10).id;
        Commit { settle: vec![Settle { id: made, part, to }], ..make::commit(id) }
    };
    let again = Settled::Again(Micros(50), OutboxState::Sending);
    store.commit(settle(2, 0, again)).await.unwrap();
    store.commit(settle(3, 7, again)).await.unwrap();
    let (rows, next) =
        store.due(make::SHOP, Micros::MIN..=Micros(10), 9, &make::NOBODY).await.unwrap();
    assert_eq!((rows, next), (vec![make::outbox(1, 1, 1, 10)], Some(Micros(50))));
    store.commit(settle(4, 1, Settled::Done)).await.unwrap();
    let subject = subject.reopened();
    let store = subject.store();
    let (rows, next) =
        store.due(make::SHOP, Micros::MIN..=Micros(50), 9, &make::NOBODY).await.unwrap();
    let mut moved = make::outbox(1, 0, 1, 50);
    moved.state = OutboxState::Sending;
    assert_eq!((rows, next), (vec![moved], None));
    store.commit(settle(5, 0, Settled::Done)).await.unwrap();
    store.commit(settle(6, 0, again)).await.unwrap();
    assert_eq!(
        store.due(make::SHOP, Micros::MIN..=Micros(99), 9, &make::NOBODY).await.unwrap(),
        (vec![], None)
    );
}

async fn sets_moves_and_clears_timers<S: Subject>() {
    let subject = S::fresh();
    let store = subject.store();
    let set = |id, name: &str, due: Option<i64>| Commit {
        timers: vec![(name.into(), due.map(Micros))],
        ..make::commit(id)
    };
    store.commit(set(1, "nap", Some(30))).await.unwrap();
    store.commit(set(2, "idle", Some(20))).await.unwrap();
    store.commit(set(3, "nap", Some(10))).await.unwrap();
    let subject = subject.reopened();
    let store = subject.store();
    let row = |name: &str, due| (make::journal(), Name::from(name), Micros(due));
    let told = store.timers(make::SHOP, Micros(15), 9).await.unwrap();
    assert_eq!(told, (vec![row("nap", 10)], Some(Micros(20))));
    let told = store.timers(make::SHOP, Micros(99), 9).await.unwrap();
    assert_eq!(told, (vec![row("nap", 10), row("idle", 20)], None));
    store.commit(set(4, "nap", None)).await.unwrap();
    store.commit(set(5, "nothing", None)).await.unwrap();
    let told = store.timers(make::SHOP, Micros(99), 9).await.unwrap();
    assert_eq!(told, (vec![row("idle", 20)], None));
}
