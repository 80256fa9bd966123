//! What one commit may bring: much in content, and little to the engine.

use std::path::Path;

use agent_core::id::Seq;
use agent_core::store::contract::{Subject, make};
use agent_core::store::{Commit, CommitError, Store as _};
use agent_core::time::Micros;

use super::Folder;

/// The bytes of all files of a folder, and how many files there are.
fn size(dir: &Path) -> (u64, usize) {
    let Ok(entries) = dir.read_dir() else { return (0, 0) };
    entries.map(|entry| entry.unwrap()).fold((0, 0), |(bytes, files), entry| {
        let known = entry.metadata().unwrap();
        let (more, inside) = if known.is_dir() { size(&entry.path()) } else { (known.len(), 1) };
        (bytes + more, files + inside)
    })
}

/// Each of these is short enough for the engine by itself.
#[tokio::test]
async fn of_a_large_commit_a_little_lies_in_the_engine_and_the_rest_in_blobs() {
    let folder = Folder::fresh();
    let long = |n: u64| format!("{n} ").repeat(15_000);
    let mut commit = make::events(1, 0, 60);
    commit.events = (1..=60).map(|seq| make::event(seq, &long(seq))).collect();
    commit.accept = vec![make::accept(make::journal(), "m1", &long(61))];
    folder.store.commit(commit.clone()).await.unwrap();
    let (_, files) = size(&folder.dir.path().join("blobs"));
    assert!((50..=61).contains(&files), "{files} files");
    let folder = folder.reopened();
    let page = folder.store.read(make::journal(), Seq::START, 99).await.unwrap();
    assert_eq!(page.events, commit.events);
    let rows = folder.store.inbox(make::journal(), 9).await.unwrap();
    assert_eq!(rows[0].inbound, commit.accept[0].inbound);
    let consumed = Commit { consume: vec![rows[0].arrival], ..make::commit(2) };
    folder.store.commit(consumed).await.unwrap();
    assert!(folder.store.inbox(make::journal(), 9).await.unwrap().is_empty());
    assert_eq!(size(&folder.dir.path().join("blobs")).1, files - 1);
}

#[tokio::test]
async fn a_commit_of_more_than_the_store_takes_is_refused_before_anything_is_written() {
    let folder = Folder::fresh();
    let before = size(folder.dir.path());
    let timers = (0..2_000).map(|n| (format!("nap {n}").as_str().into(), Some(Micros(n))));
    let rows = Commit { timers: timers.collect(), ..make::events(1, 0, 1) };
    let mut content = make::events(2, 0, 9);
    content.events = (1..=9).map(|seq| make::event(seq, &"x".repeat(1024 * 1024))).collect();
    for (commit, says) in [(rows, "its rows alone"), (content, "8388608 bytes of content")] {
        match folder.store.commit(commit).await {
            Err(CommitError::TooLarge(why)) => assert!(why.contains(says), "{why}"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(size(folder.dir.path()), before);
    let page = folder.store.read(make::journal(), Seq::START, 9).await.unwrap();
    assert_eq!((page.head, page.events.len()), (Seq::START, 0));
    folder.store.commit(make::events(3, 0, 1)).await.unwrap();
}
