//! What was acknowledged and is not in the engine yet.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use agent_core::id::Seq;
use agent_core::store::contract::{Subject, make};
use agent_core::store::{Commit, Store};
use storage::{OpenError, SledStore};
use tempfile::TempDir;

use super::erase::copy;
use super::{Folder, open};

/// The folder as it is found after the process was killed now: what the engine was not asked to write is gone.
fn killed(dir: &Path) -> TempDir {
    let found = TempDir::new().unwrap();
    copy(dir, found.path());
    found
}

/// As the engine was before these commits: nothing of them was written by it.
async fn unwritten(commits: impl IntoIterator<Item = Commit>) -> TempDir {
    let Folder { store, dir } = Folder::fresh();
    drop(store);
    let before = killed(dir.path());
    let store = open(dir.path()).unwrap();
    for commit in commits {
        store.commit(commit).await.unwrap();
    }
    for name in ["wal", "mark", "keys"] {
        fs::copy(dir.path().join(name), before.path().join(name)).unwrap();
    }
    before
}

async fn head(store: &Arc<SledStore>) -> (Seq, usize) {
    let page = store.read(make::journal(), Seq::START, 999).await.unwrap();
    (page.head, page.events.len())
}

#[tokio::test]
async fn is_given_to_it_at_the_next_start_and_once() {
    let dir = unwritten((0..5).map(|n| make::events(u128::from(n), n, 1))).await;
    for _ in 0..2 {
        let store = open(dir.path()).unwrap();
        assert_eq!(head(&store).await, (Seq(5), 5));
        assert_eq!(store.commit(make::events(4, 4, 1)).await.unwrap().head, Seq(5));
        drop(store);
    }
    let store = open(dir.path()).unwrap();
    store.commit(make::events(5, 5, 1)).await.unwrap();
    let found = killed(dir.path());
    assert_eq!(head(&open(found.path()).unwrap()).await, (Seq(6), 6));
}

#[tokio::test]
async fn is_told_to_be_missing_where_the_log_begins_after_it() {
    let dir = unwritten((0..5).map(|n| make::events(u128::from(n), n, 1))).await;
    let (wal, whole) = (dir.path().join("wal"), fs::read(dir.path().join("wal")).unwrap());
    let second = 28 + u32::from_be_bytes(whole[8..12].try_into().unwrap()) as usize;
    fs::write(&wal, &whole[second..]).unwrap();
    let error = open(dir.path()).unwrap_err();
    assert!(matches!(error, OpenError::Cut { missing: 1, .. }), "{error}");
    // A log that is empty says nothing; the mark does.
    fs::write(&wal, []).unwrap();
    let error = open(dir.path()).unwrap_err();
    assert!(matches!(error, OpenError::Cut { missing: 5, .. }), "{error}");
    fs::remove_file(&wal).unwrap();
    let error = open(dir.path()).unwrap_err();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
    fs::write(&wal, &whole).unwrap();
    assert_eq!(head(&open(dir.path()).unwrap()).await, (Seq(5), 5));
}

/// Otherwise a shop that is never stopped had all that it ever did in it.
#[tokio::test]
async fn is_never_much() {
    let Folder { store, dir } = Folder::fresh();
    let length = || fs::metadata(dir.path().join("wal")).unwrap().len();
    let made = length();
    for n in 0..60 {
        let mut commit = make::events(u128::from(n), n, 1);
        commit.events[0] = make::event(n + 1, &super::noise(n, 60_000));
        store.commit(commit).await.unwrap();
    }
    assert_eq!(length(), made);
    drop(store);
    assert_eq!(head(&open(dir.path()).unwrap()).await, (Seq(60), 60));
}
