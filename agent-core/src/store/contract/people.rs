//! Aliases, shops, the archive and erasure: what lies beside the journals.

use bytes::Bytes;

use super::{Subject, make};
use crate::digest::Digest;
use crate::id::{CustomerId, JournalId, MessageId, Seq, ShopId};
use crate::store::{Archive, Bind, Commit, CommitError, Committed, Receipt, Store, StoreError};
use crate::time::Micros;

pub(super) async fn check<S: Subject>() {
    binds_an_alias_only_from_what_it_was::<S>().await;
    who_was_told_before_is_not_bound_again::<S>().await;
    keeps_shops_apart::<S>().await;
    keeps_what_a_hash_names::<S>().await;
    lists_journals_in_pages::<S>().await;
    erases_one_customer_and_nobody_else::<S>().await;
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

/// Two tellings of somebody's first message pass each other: each found nobody by that name.
async fn who_was_told_before_is_not_bound_again<S: Subject>() {
    let subject = S::fresh();
    let store = subject.store();
    let (one, two) = (make::journal(), JournalId::conversation(make::SHOP, 8));
    let told = |id, journal| {
        let bind = vec![Bind { alias: "wa:1".into(), from: None, to: Some(journal) }];
        Commit {
            journal,
            accept: vec![make::accept(journal, "m1", "hello")],
            bind,
            ..make::commit(id)
        }
    };
    let (first, second) = tokio::join!(store.commit(told(1, one)), store.commit(told(2, two)));
    assert_eq!((first.unwrap().fresh, second.unwrap().fresh), (vec![true], vec![false]));
    assert_eq!(store.find(make::SHOP, &"wa:1".into()).await.unwrap(), Some(one));
    assert_eq!(store.waiting(make::SHOP, 9).await.unwrap(), [one]);
    let mut more = told(3, two);
    more.accept.push(make::accept(two, "m2", "again"));
    assert_eq!(store.commit(more).await, Err(CommitError::Bound), "one of them is new");
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
    assert_eq!(
        store.due(ShopId(2), Micros::MIN..=Micros(9), 9, &make::NOBODY).await.unwrap(),
        (vec![], None)
    );
    assert_eq!(store.timers(ShopId(2), Micros(9), 9).await.unwrap(), (vec![], None));
    assert_eq!(store.find(ShopId(2), &"a".into()).await.unwrap(), None);
    assert!(store.journals(ShopId(2), None, 9).await.unwrap().is_empty());
    assert_eq!(store.shops().await.unwrap(), [make::SHOP]);
    same_elsewhere.journal = other;
    same_elsewhere.accept[0].journal = other;
    same_elsewhere.outbox[0].journal = other;
    same_elsewhere.bind[0].to = Some(other);
    let made = store.commit(same_elsewhere).await.unwrap();
    assert_eq!(made, Committed { head: Seq(1), fresh: vec![true] });
    assert_eq!(
        store.due(make::SHOP, Micros::MIN..=Micros(9), 9, &make::NOBODY).await.unwrap().0.len(),
        1
    );
    assert_eq!(store.find(make::SHOP, &"a".into()).await.unwrap(), Some(make::journal()));
    assert_eq!(store.shops().await.unwrap(), [make::SHOP, ShopId(2)]);
}

async fn keeps_what_a_hash_names<S: Subject>() {
    let subject = S::fresh();
    let store = subject.store();
    let pack = Bytes::from_static(b"a pack");
    let digest = store.keep(pack.clone()).await.unwrap();
    assert_eq!(store.keep(pack.clone()).await.unwrap(), digest);
    assert_eq!(digest, Digest::of(&pack));
    let unknown = Digest::of(b"another");
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
        Receipt { shop: make::SHOP, customer: ada, at: Micros(7), journals: 1, events: 2 };
    assert_eq!(receipt, expected);
    let subject = subject.reopened();
    let store = subject.store();
    assert_eq!(store.erase(make::SHOP, ada, Micros(8)).await.unwrap(), expected);
    let (theirs, other) = (of(ada).journal, of(bob).journal);
    assert_eq!(store.read(theirs, Seq::START, 9).await.unwrap_err(), StoreError::Erased);
    assert_eq!(store.snapshot(theirs).await.unwrap_err(), StoreError::Erased);
    assert_eq!(store.inbox(theirs, 9).await.unwrap_err(), StoreError::Erased);
    assert_eq!(store.waiting(make::SHOP, 9).await.unwrap(), [other]);
    assert_eq!(
        store.due(make::SHOP, Micros::MIN..=Micros(9), 9, &make::NOBODY).await.unwrap().0.len(),
        1
    );
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
