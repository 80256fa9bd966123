//! Every format that was ever written is opened by every later version.

use std::fs;
use std::path::Path;

use agent_core::id::{CustomerId, JournalId, Seq};
use agent_core::store::contract::{Subject, make};
use agent_core::store::{Archive, Bind, Commit, Store, StoreError};
use agent_core::time::Micros;
use tempfile::TempDir;

use super::{Folder, open};

const ADA: CustomerId = CustomerId(1);
const BOB: CustomerId = CustomerId(2);

fn journal(customer: CustomerId) -> JournalId {
    JournalId::conversation(make::SHOP, customer.0)
}

/// One of everything for a customer; the second event is longer than one row, the third than what lies in the engine.
fn everything(customer: CustomerId) -> Commit {
    let mut commit = make::events(customer.0, 0, 3);
    (commit.journal, commit.customer) = (journal(customer), Some(customer));
    commit.events[1] = make::event(2, &"long ".repeat(2_000));
    commit.events[2] = make::event(3, &"longer ".repeat(10_000));
    commit.accept = vec![make::accept(journal(customer), &format!("m{}", customer.0), "hello")];
    commit.outbox = vec![make::outbox(customer.0 as u16, 0, 3, 7)];
    commit.outbox[0].journal = journal(customer);
    commit.timers = vec![("nap".into(), Some(Micros(9)))];
    let alias = format!("wa:{}", customer.0).into();
    commit.bind = vec![Bind { alias, from: None, to: Some(journal(customer)) }];
    commit.snapshot = make::fold("folded");
    commit
}

/// What the fixture was made with: the folder as it was when the store was closed after this.
async fn fill(store: &storage::SledStore) {
    store.keep("an archived pack".into()).await.unwrap();
    store.commit(everything(ADA)).await.unwrap();
    store.commit(everything(BOB)).await.unwrap();
    store.erase(make::SHOP, BOB, Micros(5)).await.unwrap();
}

async fn holds_everything(store: &storage::SledStore) {
    let ada = everything(ADA);
    let page = store.read(journal(ADA), Seq::START, 9).await.unwrap();
    assert_eq!((page.events, page.customer), (ada.events, Some(ADA)));
    assert_eq!(store.snapshot(journal(ADA)).await.unwrap().unwrap().1, "folded");
    assert_eq!(store.inbox(journal(ADA), 9).await.unwrap()[0].inbound, ada.accept[0].inbound);
    let (due, _) = store.due(make::SHOP, Micros::MIN..=Micros(9), 9, &make::NOBODY).await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].body, ada.outbox[0].body);
    let (timers, _) = store.timers(make::SHOP, Micros(9), 9).await.unwrap();
    assert_eq!(timers, [(journal(ADA), "nap".into(), Micros(9))]);
    let found = store.find(make::SHOP, &"wa:1".into()).await;
    assert_eq!(found, Ok(Some(journal(ADA))));
    let digest = agent_core::digest::Digest::of(b"an archived pack");
    assert_eq!(store.kept(&digest).await.unwrap().unwrap(), "an archived pack");
    let read = store.read(journal(BOB), Seq::START, 9).await;
    assert_eq!(read.unwrap_err(), StoreError::Erased);
    assert_eq!(store.clear(journal(BOB), Seq::START, 9).await.unwrap().len(), 3);
    // Told again: the first answer, and nothing twice.
    assert_eq!(store.commit(everything(ADA)).await.unwrap().head, Seq(3));
    assert_eq!(store.inbox(journal(ADA), 9).await.unwrap().len(), 1);
}

async fn opens_and_holds_everything(format: u32) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let dir = TempDir::new().unwrap();
    super::erase::copy(&fixtures.join(format!("format-{format}")), dir.path());
    let written = || fs::read_to_string(dir.path().join("format")).unwrap();
    assert_eq!(written(), format!("{format}\n"));
    let store = open(dir.path()).unwrap();
    assert_eq!(written(), "3\n");
    holds_everything(&store).await;
    drop(store);
    holds_everything(&open(dir.path()).unwrap()).await;
}

#[tokio::test]
async fn a_store_of_format_1_is_brought_to_the_newest_and_holds_everything() {
    opens_and_holds_everything(1).await;
}

#[tokio::test]
async fn a_store_of_format_2_opens_and_holds_everything() {
    opens_and_holds_everything(2).await;
}

/// A step that was cut short before the new number was written is taken again.
#[tokio::test]
async fn a_migration_that_was_cut_short_is_taken_again() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/format-1");
    let dir = TempDir::new().unwrap();
    super::erase::copy(&fixture, dir.path());
    drop(open(dir.path()).unwrap());
    fs::write(dir.path().join("format"), "1\n").unwrap();
    holds_everything(&open(dir.path()).unwrap()).await;
}

#[tokio::test]
async fn what_the_fixture_holds_is_what_is_written_now() {
    let Folder { store, dir } = Folder::fresh();
    fill(&store).await;
    drop(store);
    holds_everything(&open(dir.path()).unwrap()).await;
}
