//! One damaged record costs itself, and nothing else.

use std::sync::Arc;

use agent_core::id::{CustomerId, JournalId, JournalKey, Seq, Subject};
use agent_core::store::contract::make;
use agent_core::store::{Archive, Commit, CommitError, Store, StoreError};
use agent_core::time::Micros;
use agent_core::time::turned::CountedIds;
use tempfile::TempDir;

use super::{Settings, SledStore};
use crate::key;

const OTHER: JournalId =
    JournalId { shop: make::SHOP, subject: Subject::Conversation, key: JournalKey(8) };

/// Two journals of two customers, each with three events in rows of their own, a message and a part to
/// deliver.
async fn two() -> (TempDir, Arc<SledStore>) {
    let dir = TempDir::new().unwrap();
    let ids = Arc::new(CountedIds::new(1));
    let store = SledStore::open(dir.path(), &Settings::default(), ids).unwrap();
    for (n, journal) in [(1, make::journal()), (2, OTHER)] {
        let theirs = |commit| Commit { journal, customer: Some(CustomerId(n)), ..commit };
        for head in 0..2 {
            let id = n * 100 + u128::from(head);
            store.commit(theirs(make::events(id, head, 1))).await.unwrap();
        }
        let mut commit = theirs(make::events(n, 2, 1));
        commit.accept = vec![make::accept(journal, &format!("m{n}"), "hello")];
        commit.outbox = vec![make::outbox(n as u16, 0, 3, 1)];
        commit.outbox[0].journal = journal;
        store.commit(commit).await.unwrap();
    }
    store.caught_up().await;
    (dir, store)
}

/// Puts these bytes where a row is.
async fn put(store: &SledStore, key: Vec<u8>, bytes: &[u8]) {
    store.caught_up().await;
    let mut batch = sled::Batch::default();
    batch.insert(key, bytes);
    store.rows.tree.apply_batch(batch).unwrap();
}

fn next(id: u128, journal: JournalId) -> Commit {
    Commit { journal, ..make::events(id, 3, 1) }
}

#[tokio::test]
async fn a_commit_that_needs_it_is_refused_and_those_beside_it_are_not() {
    let (_dir, store) = two().await;
    put(&store, key::head(make::journal()), b"short").await;
    let mut told = make::commit(3);
    told.journal = OTHER;
    told.accept = vec![make::accept(OTHER, "m3", "told")];
    // Settles a part whose row is damaged, behind an inbox row that must not stay.
    put(&store, key::outbox(make::SHOP, make::outbox(1, 0, 3, 1).id, 0), b"short").await;
    let settle = make::outbox(1, 0, 3, 1).id;
    told.settle = vec![agent_core::store::Settle {
        id: settle,
        part: 0,
        to: agent_core::store::Settled::Done,
    }];
    let (damaged, half, whole) = tokio::join!(
        store.commit(next(4, make::journal())),
        store.commit(told),
        store.commit(next(5, OTHER)),
    );
    for refused in [damaged, half] {
        assert!(matches!(refused, Err(CommitError::Damaged(_))), "{refused:?}");
    }
    assert_eq!(whole.unwrap().head, Seq(4));
    assert_eq!(store.inbox(OTHER, 9).await.unwrap().len(), 1);
    assert_eq!(store.find(make::SHOP, &"a".into()).await, Ok(None), "the store goes on");
}

#[tokio::test]
async fn queues_are_told_without_it() {
    let (_dir, store) = two().await;
    put(&store, key::inbox(make::journal(), agent_core::store::Arrival(1)), b"\0damaged").await;
    store.commit(accepting(3)).await.unwrap();
    let rows = store.inbox(make::journal(), 9).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.arrival.0).collect::<Vec<_>>(), [3]);
    let first = key::outbox(make::SHOP, make::outbox(1, 0, 3, 1).id, 0);
    put(&store, first, b"short").await;
    let (due, next) =
        store.due(make::SHOP, Micros::MIN..=Micros(9), 9, &make::NOBODY).await.unwrap();
    assert_eq!((due.iter().map(|row| row.journal).collect::<Vec<_>>(), next), (vec![OTHER], None));
}

fn accepting(id: u128) -> Commit {
    let accept = vec![make::accept(make::journal(), &format!("m{id}"), "again")];
    Commit { accept, ..make::commit(id) }
}

#[tokio::test]
async fn a_journal_is_read_up_to_it_and_others_wholly() {
    let (_dir, store) = two().await;
    put(&store, key::event(make::journal(), Seq(2)), b"\0damaged").await;
    let page = store.read(make::journal(), Seq::START, 9).await.unwrap();
    assert_eq!((page.head, page.events.len()), (Seq(3), 1));
    let error = store.read(make::journal(), Seq(1), 9).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_)), "{error}");
    assert_eq!(store.read(make::journal(), Seq(2), 9).await.unwrap().events.len(), 1);
    assert_eq!(store.read(OTHER, Seq::START, 9).await.unwrap().events.len(), 3);
    let mut gone = sled::Batch::default();
    gone.remove(key::event(OTHER, Seq(2)));
    store.rows.tree.apply_batch(gone).unwrap();
    assert_eq!(store.read(OTHER, Seq::START, 9).await.unwrap().events.len(), 1);
    let error = store.read(OTHER, Seq(1), 9).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_)), "a gap is damage: {error}");
}

/// The fold is a cache, so nothing hangs on it: neither on its row nor on the file of a long one.
#[tokio::test]
async fn a_fold_that_is_damaged_is_none_and_the_next_one_takes_its_place() {
    let (dir, store) = two().await;
    let folded = |id, words: &str| Commit {
        customer: Some(CustomerId(1)),
        expect: Some(Seq(3)),
        snapshot: make::fold(words),
        ..make::commit(id)
    };
    let kept = |fold: Option<(Seq, bytes::Bytes)>| fold.map(|(seq, fold)| (seq, fold.len()));
    let long = "x".repeat(100_000);
    store.commit(folded(4, &long)).await.unwrap();
    let fold = store.snapshot(make::journal()).await.unwrap();
    assert_eq!(kept(fold), Some((Seq(3), long.len())));
    let blobs = dir.path().join("blobs/1").join(CustomerId(1).to_string());
    std::fs::remove_dir_all(blobs).unwrap();
    assert_eq!(store.snapshot(make::journal()).await, Ok(None));
    for (id, damaged) in [(5, b"\0damaged".as_slice()), (6, b"")] {
        put(&store, key::snapshot(make::journal()), damaged).await;
        assert_eq!(store.snapshot(make::journal()).await, Ok(None));
        store.commit(folded(id, "short")).await.unwrap();
        let fold = store.snapshot(make::journal()).await.unwrap();
        assert_eq!(kept(fold), Some((Seq(3), 5)));
    }
    assert_eq!(store.read(make::journal(), Seq::START, 9).await.unwrap().events.len(), 3);
}

#[tokio::test]
async fn another_customer_can_be_erased() {
    let (_dir, store) = two().await;
    put(&store, key::head(make::journal()), b"short").await;
    put(&store, key::inbox(make::journal(), agent_core::store::Arrival(1)), b"").await;
    put(&store, key::outbox(make::SHOP, make::outbox(1, 0, 3, 1).id, 0), b"short").await;
    let receipt = store.erase(make::SHOP, CustomerId(2), Micros(5)).await.unwrap();
    assert_eq!((receipt.journals, receipt.events), (1, 3));
    assert_eq!(store.read(OTHER, Seq::START, 9).await.unwrap_err(), StoreError::Erased);
    assert_eq!(store.journals(make::SHOP, None, 9).await.unwrap().len(), 2);
}

/// A customer's one blob in a folder.
fn blob(dir: &TempDir, customer: CustomerId) -> std::path::PathBuf {
    let blobs = dir.path().join("blobs/1").join(customer.to_string());
    std::fs::read_dir(blobs).unwrap().next().unwrap().unwrap().path()
}

/// What can't be read now may be readable at the next start, or by whoever mends the disk.
#[tokio::test]
async fn a_blob_is_kept_where_its_record_cannot_be_read() {
    let (dir, store) = two().await;
    let long = Commit { snapshot: make::fold(&"x".repeat(100_000)), ..make::commit(4) };
    let long = Commit { customer: Some(CustomerId(1)), expect: Some(Seq(3)), ..long };
    store.commit(long).await.unwrap();
    put(&store, key::snapshot(make::journal()), b"\0damaged").await;
    drop(store);
    let kept = blob(&dir, CustomerId(1));
    let ids = Arc::new(CountedIds::new(1));
    drop(SledStore::open(dir.path(), &Settings::default(), ids).unwrap());
    assert!(kept.exists());
}

#[tokio::test]
async fn a_blob_that_cannot_be_read_costs_its_record_alone() {
    let (dir, store) = two().await;
    let mut long = Commit { customer: Some(CustomerId(1)), ..make::events(4, 3, 1) };
    long.outbox = vec![make::outbox(4, 0, 4, 1)];
    long.outbox[0].body = agent_core::message::Part::Text("x".repeat(100_000));
    store.commit(long).await.unwrap();
    drop(store);
    // As on a bad sector: the file is there, and every read of it fails.
    let bad = blob(&dir, CustomerId(1));
    std::fs::remove_file(&bad).unwrap();
    std::fs::create_dir(&bad).unwrap();
    let ids = Arc::new(CountedIds::new(1));
    let store = SledStore::open(dir.path(), &Settings::default(), ids).unwrap();
    assert!(bad.exists());
    let (due, _) = store.due(make::SHOP, Micros::MIN..=Micros(9), 9, &make::NOBODY).await.unwrap();
    assert_eq!(due.len(), 2);
}
