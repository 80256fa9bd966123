//! What every store must do, as small behaviours that run on any of them.

use bytes::Bytes;

use super::{
    Accept, Archive, Arrival, Bind, Commit, CommitError, Committed, DEDUPE, OutboxState, Settle,
    Settled, Store, StoreError,
};
use crate::id::{CommitId, CustomerId, JournalId, MessageId, Name, Seq, ShopId};
use crate::time::Micros;

/// A kind of store the contract can try.
pub trait Subject: Sized {
    /// The store.
    type Store: Store + Archive;

    /// An empty one.
    fn fresh() -> Self;

    /// It.
    fn store(&self) -> &Self::Store;

    /// The same one, closed and opened again.
    fn reopened(self) -> Self;
}

/// Commits and rows to try a store with.
pub mod make {
    use super::{
        Accept, Bytes, Commit, CommitId, JournalId, Micros, Name, OutboxState, Seq, ShopId,
    };
    use crate::event::{Answer, Recorded};
    use crate::id::{Made, MessageId, TurnId};
    use crate::message::{Address, Inbound, InboundKind, Part, Purpose};
    use crate::store::OutboxRow;

    /// The shop all of these are of.
    pub const SHOP: ShopId = ShopId(1);

    /// The journal all of these are for, unless told otherwise.
    #[must_use]
    pub fn journal() -> JournalId {
        JournalId::conversation(SHOP, 7)
    }

    /// A commit of nothing, that expects nothing, at this second.
    #[must_use]
    pub fn commit(id: u128) -> Commit {
        Commit {
            id: CommitId(id),
            at: Micros(1_000_000),
            journal: journal(),
            customer: None,
            expect: None,
            events: Vec::new(),
            accept: Vec::new(),
            consume: Vec::new(),
            outbox: Vec::new(),
            settle: Vec::new(),
            timers: Vec::new(),
            bind: Vec::new(),
            snapshot: None,
        }
    }

    /// A commit that appends `n` events behind `head`.
    #[must_use]
    pub fn events(id: u128, head: u64, n: u64) -> Commit {
        let events = (head + 1..=head + n).map(|seq| event(seq, "hello")).collect();
        Commit { expect: Some(Seq(head)), events, ..commit(id) }
    }

    /// An event: these words were received.
    #[must_use]
    pub fn event(seq: u64, words: &str) -> Recorded {
        let received = Answer::Received(inbound(&format!("m{seq}"), words));
        Recorded { seq: Seq(seq), at: Micros(seq as i64), event: received.into() }
    }

    /// Words of a customer.
    #[must_use]
    pub fn inbound(id: &str, words: &str) -> Inbound {
        Inbound {
            id: MessageId::from(id),
            at: Micros(5),
            from: Some(address()),
            aliases: Vec::new(),
            kind: InboundKind::Text(words.to_owned()),
            reply_to: None,
            referral: None,
        }
    }

    /// Those words for the inbox of a journal.
    #[must_use]
    pub fn accept(journal: JournalId, id: &str, words: &str) -> Accept {
        let scope = Name::from("terminal/desk");
        Accept { journal, customer: None, scope, inbound: inbound(id, words) }
    }

    /// A part for the outbox of [`journal`], decided at `seq`.
    #[must_use]
    pub fn outbox(n: u16, part: u8, seq: u64, due: i64) -> OutboxRow {
        OutboxRow {
            journal: journal(),
            customer: None,
            id: Made { turn: TurnId(9), n },
            part,
            seq: Seq(seq),
            due: Micros(due),
            expires: None,
            purpose: Purpose::Service,
            answers: Vec::new(),
            to: address(),
            body: Part::Text(format!("part {n}.{part}")),
            state: OutboxState::Waiting,
        }
    }

    /// An opaque fold.
    #[must_use]
    pub fn fold(words: &str) -> Option<Bytes> {
        Some(Bytes::copy_from_slice(words.as_bytes()))
    }

    fn address() -> Address {
        Address {
            channel: "terminal".into(),
            account: "desk".into(),
            thread: "1".to_owned(),
            author: "1".to_owned(),
        }
    }
}

/// Runs every behaviour; panics at the first that is not shown.
pub async fn check<S: Subject>() {
    appends_at_the_expected_head_only::<S>().await;
    reads_a_part_of_a_journal::<S>().await;
    answers_a_commit_again_as_it_did_first::<S>().await;
    refuses_a_commit_that_is_wrong_in_itself::<S>().await;
    writes_all_of_a_commit_or_nothing::<S>().await;
    accepts_a_message_once_within_its_scope::<S>().await;
    remembers_a_message_long_enough::<S>().await;
    fills_the_inbox_of_another_journal::<S>().await;
    keeps_the_inbox_in_order_until_consumed::<S>().await;
    tells_the_outbox_in_the_order_of_sending::<S>().await;
    settles_rows_of_the_outbox::<S>().await;
    sets_moves_and_clears_timers::<S>().await;
    binds_an_alias_only_from_what_it_was::<S>().await;
    keeps_the_newest_snapshot_only::<S>().await;
    keeps_shops_apart::<S>().await;
    keeps_large_payloads_whole::<S>().await;
    keeps_what_a_hash_names::<S>().await;
    lists_journals_in_pages::<S>().await;
    erases_one_customer_and_nobody_else::<S>().await;
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
    assert_eq!(store.due(make::SHOP, Micros(9), 9).await.unwrap(), (vec![], None));
    assert_eq!(store.timers(make::SHOP, Micros(9), 9).await.unwrap(), (vec![], None));
    assert_eq!(store.find(make::SHOP, &"a".into()).await.unwrap(), None);
    // A refusal is not remembered: corrected, the same id is made.
    refused.expect = Some(Seq(1));
    refused.events = vec![make::event(2, "hello")];
    assert_eq!(store.commit(refused).await.unwrap().fresh, [true]);
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
    let order = JournalId { subject: crate::id::Subject::Order, ..make::journal() };
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
    let told = |(rows, next): (Vec<super::OutboxRow>, Option<Micros>)| {
        (rows.iter().map(|row| (row.id.n, row.part)).collect::<Vec<_>>(), next)
    };
    let all = store.due(make::SHOP, Micros(30), 9).await.unwrap();
    assert_eq!(all.0[1], make::outbox(2, 0, 2, 20));
    assert_eq!(told(all), (vec![(4, 0), (2, 0), (2, 1), (3, 0), (1, 0)], Some(Micros(90))));
    let some = store.due(make::SHOP, Micros(30), 2).await.unwrap();
    assert_eq!(told(some), (vec![(4, 0), (2, 0)], Some(Micros(20))));
    let none = store.due(make::SHOP, Micros(-6), 9).await.unwrap();
    assert_eq!(told(none), (vec![], Some(Micros(-5))));
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
    let (rows, next) = store.due(make::SHOP, Micros(10), 9).await.unwrap();
    assert_eq!((rows, next), (vec![make::outbox(1, 1, 1, 10)], Some(Micros(50))));
    store.commit(settle(4, 1, Settled::Done)).await.unwrap();
    let subject = subject.reopened();
    let store = subject.store();
    let (rows, next) = store.due(make::SHOP, Micros(50), 9).await.unwrap();
    let mut moved = make::outbox(1, 0, 1, 50);
    moved.state = OutboxState::Sending;
    assert_eq!((rows, next), (vec![moved], None));
    store.commit(settle(5, 0, Settled::Done)).await.unwrap();
    store.commit(settle(6, 0, again)).await.unwrap();
    assert_eq!(store.due(make::SHOP, Micros(99), 9).await.unwrap(), (vec![], None));
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

async fn binds_an_alias_only_from_what_it_was<S: Subject>() {
    let subject = S::fresh();
    let store = subject.store();
    let (one, two) = (make::journal(), JournalId::conversation(make::SHOP, 8));
    let bind = |id, from, to| Commit {
        bind: vec![Bind { alias: "wa:1".into(), from, to }],
        ..make::commit(id)
    };
    store.commit(bind(1, None, Some(one))).await.unwrap();
    assert_eq!(store.commit(bind(2, None, Some(two))).await, Err(CommitError::Bound));
    assert_eq!(store.commit(bind(3, Some(two), None)).await, Err(CommitError::Bound));
    let mut chain = bind(4, Some(one), Some(two));
    chain.bind.push(Bind { alias: "wa:1".into(), from: Some(two), to: Some(one) });
    store.commit(chain).await.unwrap();
    assert_eq!(store.find(make::SHOP, &"wa:1".into()).await.unwrap(), Some(one));
    store.commit(bind(5, Some(one), Some(two))).await.unwrap();
    let subject = subject.reopened();
    let store = subject.store();
    assert_eq!(store.find(make::SHOP, &"wa:1".into()).await.unwrap(), Some(two));
    store.commit(bind(6, Some(two), None)).await.unwrap();
    assert_eq!(store.find(make::SHOP, &"wa:1".into()).await.unwrap(), None);
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

async fn keeps_shops_apart<S: Subject>() {
    let subject = S::fresh();
    let store = subject.store();
    let other = JournalId::conversation(ShopId(2), 7);
    let mut commit = make::events(1, 0, 1);
    commit.accept.push(make::accept(make::journal(), "m1", "hello"));
    commit.outbox.push(make::outbox(1, 0, 1, 1));
    commit.timers.push(("nap".into(), Some(Micros(1))));
    commit.bind.push(Bind { alias: "a".into(), from: None, to: Some(make::journal()) });
    let mut same_elsewhere = commit.clone();
    store.commit(commit).await.unwrap();
    assert_eq!(store.read(other, Seq::START, 9).await.unwrap().head, Seq::START);
    assert!(store.waiting(ShopId(2), 9).await.unwrap().is_empty());
    assert_eq!(store.due(ShopId(2), Micros(9), 9).await.unwrap(), (vec![], None));
    assert_eq!(store.timers(ShopId(2), Micros(9), 9).await.unwrap(), (vec![], None));
    assert_eq!(store.find(ShopId(2), &"a".into()).await.unwrap(), None);
    assert!(store.journals(ShopId(2), None, 9).await.unwrap().is_empty());
    same_elsewhere.journal = other;
    same_elsewhere.accept[0].journal = other;
    same_elsewhere.outbox[0].journal = other;
    same_elsewhere.bind[0].to = Some(other);
    let made = store.commit(same_elsewhere).await.unwrap();
    assert_eq!(made, Committed { head: Seq(1), fresh: vec![true] });
    assert_eq!(store.due(make::SHOP, Micros(9), 9).await.unwrap().0.len(), 1);
    assert_eq!(store.find(make::SHOP, &"a".into()).await.unwrap(), Some(make::journal()));
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

async fn keeps_what_a_hash_names<S: Subject>() {
    let subject = S::fresh();
    let store = subject.store();
    let pack = Bytes::from_static(b"a pack");
    let digest = store.keep(pack.clone()).await.unwrap();
    assert_eq!(store.keep(pack.clone()).await.unwrap(), digest);
    assert_eq!(digest, crate::digest::Digest::of(&pack));
    let unknown = crate::digest::Digest::of(b"another");
    let subject = subject.reopened();
    assert_eq!(subject.store().kept(&digest).await.unwrap(), Some(pack));
    assert_eq!(subject.store().kept(&unknown).await.unwrap(), None);
}

async fn lists_journals_in_pages<S: Subject>() {
    let subject = S::fresh();
    let store = subject.store();
    let ids: Vec<_> = (1..=5).map(|key| JournalId::conversation(make::SHOP, key)).collect();
    for (n, id) in ids.iter().enumerate().rev() {
        let commit = Commit { journal: *id, ..make::events(n as u128, 0, 1) };
        store.commit(commit).await.unwrap();
    }
    assert_eq!(store.journals(make::SHOP, None, 2).await.unwrap(), ids[..2]);
    assert_eq!(store.journals(make::SHOP, Some(ids[1]), 9).await.unwrap(), ids[2..]);
}

async fn erases_one_customer_and_nobody_else<S: Subject>() {
    let subject = S::fresh();
    let store = subject.store();
    let (ada, bob) = (CustomerId(1), CustomerId(2));
    let of = |customer: CustomerId| {
        let journal = JournalId::conversation(make::SHOP, customer.0);
        let mut commit = make::events(customer.0, 0, 2);
        commit.journal = journal;
        commit.customer = Some(customer);
        commit.accept.push(make::accept(journal, &format!("m{customer}"), "hello"));
        commit.outbox.push(make::outbox(customer.0 as u16, 0, 1, 1));
        commit.outbox[0].journal = journal;
        commit.timers.push(("nap".into(), Some(Micros(1))));
        let alias = customer.to_string().into();
        commit.bind.push(Bind { alias, from: None, to: Some(journal) });
        commit.snapshot = make::fold("fold");
        commit
    };
    store.commit(of(ada)).await.unwrap();
    store.commit(of(bob)).await.unwrap();
    let receipt = store.erase(make::SHOP, ada, Micros(7)).await.unwrap();
    let expected =
        super::Receipt { shop: make::SHOP, customer: ada, at: Micros(7), journals: 1, events: 2 };
    assert_eq!(receipt, expected);
    let subject = subject.reopened();
    let store = subject.store();
    assert_eq!(store.erase(make::SHOP, ada, Micros(8)).await.unwrap(), expected);
    let (theirs, other) = (of(ada).journal, of(bob).journal);
    assert_eq!(store.read(theirs, Seq::START, 9).await.unwrap_err(), StoreError::Erased);
    assert_eq!(store.snapshot(theirs).await.unwrap_err(), StoreError::Erased);
    assert_eq!(store.inbox(theirs, 9).await.unwrap_err(), StoreError::Erased);
    assert_eq!(store.waiting(make::SHOP, 9).await.unwrap(), [other]);
    assert_eq!(store.due(make::SHOP, Micros(9), 9).await.unwrap().0.len(), 1);
    assert_eq!(store.timers(make::SHOP, Micros(9), 9).await.unwrap().0.len(), 1);
    assert_eq!(store.find(make::SHOP, &ada.to_string().into()).await.unwrap(), None);
    assert_eq!(store.journals(make::SHOP, None, 9).await.unwrap(), [theirs, other]);
    let page = store.read(other, Seq::START, 9).await.unwrap();
    assert_eq!((page.customer, page.events.len()), (Some(bob), 2));
    let more = |id, customer| Commit { journal: theirs, customer, ..make::events(id, 2, 1) };
    assert_eq!(store.commit(more(8, Some(ada))).await, Err(CommitError::Erased));
    assert_eq!(store.commit(more(9, None)).await, Err(CommitError::Erased));
    let mut told = Commit { journal: other, ..make::commit(10) };
    told.accept.push(make::accept(theirs, "m9", "hello"));
    assert_eq!(store.commit(told).await, Err(CommitError::Erased));
    let message = MessageId::from("m9");
    let rows = store.inbox(other, 9).await.unwrap();
    assert!(rows.iter().all(|row| row.inbound.id != message));
}
