//! What a folder can be like when it is opened.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use agent_core::id::Seq;
use agent_core::store::contract::{Subject, make};
use agent_core::store::{Archive, CommitError, Store, StoreError};
use agent_core::time::turned::CountedIds;
use storage::{OpenError, Settings, SledStore};
use tempfile::TempDir;

use super::{Folder, open};

/// A closed folder that holds one commit.
async fn written() -> TempDir {
    let Folder { store, dir } = Folder::fresh();
    store.commit(make::events(1, 0, 1)).await.unwrap();
    dir
}

async fn events(dir: &Path) -> u64 {
    let store = open(dir).unwrap();
    store.read(make::journal(), Seq::START, 9).await.unwrap().head.0
}

#[tokio::test]
async fn a_folder_is_opened_by_one_at_a_time() {
    let folder = Folder::fresh();
    let error = open(folder.dir.path()).unwrap_err();
    assert!(matches!(error, OpenError::Locked(_)), "{error}");
    assert!(error.to_string().contains(folder.dir.path().to_str().unwrap()));
    folder.reopened();
}

#[tokio::test]
async fn an_unfinished_or_damaged_snapshot_of_the_engine_loses_nothing() {
    // What was never finished is removed; what was is kept for whoever looks into it.
    for (name, kept) in
        [("snap.0000FFFFFFFFFFFF.generating", false), ("snap.0000FFFFFFFFFFFF", true)]
    {
        let dir = written().await;
        let snapshot = dir.path().join("sled").join(name);
        fs::write(&snapshot, [7; 100]).unwrap();
        assert_eq!(events(dir.path()).await, 1, "{name}");
        assert!(!snapshot.exists(), "{name}");
        assert_eq!(dir.path().join("aside").join(name).exists(), kept, "{name}");
    }
}

/// The engine takes damage in its log for its end. Whatever it makes of it, nobody may take it for all.
#[tokio::test]
async fn damage_in_the_engines_log_is_harmless_or_told() {
    let Folder { store, dir } = Folder::fresh();
    for n in 0..40 {
        let mut commit = make::events(u128::from(n), n * 3, 3);
        // More than the write-ahead log still has at the end.
        commit.events[0] = make::event(n * 3 + 1, &super::noise(n, 6_000));
        store.commit(commit).await.unwrap();
    }
    drop(store);
    let db = dir.path().join("sled/db");
    let whole = fs::read(&db).unwrap();
    let written = whole.iter().rposition(|byte| *byte != 0).unwrap();
    let mut cut = 0;
    for part in 1..16 {
        let copied = TempDir::new().unwrap();
        super::erase::copy(dir.path(), copied.path());
        let mut damaged = whole.clone();
        let at = written * part / 16;
        damaged[at..at + 16].iter_mut().for_each(|byte| *byte ^= 0x5A);
        fs::write(copied.path().join("sled/db"), &damaged).unwrap();
        match open(copied.path()) {
            Ok(store) => match store.read(make::journal(), Seq::START, 999).await {
                Ok(page) => assert_eq!((page.head, page.events.len()), (Seq(120), 120)),
                Err(error) => assert!(matches!(error, StoreError::Damaged(_)), "{error}"),
            },
            Err(OpenError::Cut { missing, .. }) => {
                assert!(missing > 0);
                cut += 1;
            }
            Err(error) => assert!(matches!(error, OpenError::Damaged { .. }), "{error}"),
        }
    }
    assert!(cut > 0, "nothing was cut off");
}

#[tokio::test]
async fn who_removes_the_mark_goes_on_with_what_is_left() {
    let dir = written().await;
    let mark = dir.path().join("mark");
    fs::write(&mark, [9_u64.to_be_bytes(), (!9_u64).to_be_bytes()].concat()).unwrap();
    let error = open(dir.path()).unwrap_err();
    assert!(matches!(error, OpenError::Cut { missing: 8, .. }), "{error}");
    fs::remove_file(&mark).unwrap();
    assert_eq!(events(dir.path()).await, 1);
}

#[tokio::test]
async fn a_format_that_is_not_known_is_refused_and_left_as_it_is() {
    let dir = written().await;
    let format = dir.path().join("format");
    for (text, newer) in [("4\n", true), ("0\n", false), ("one\n", false)] {
        fs::write(&format, text).unwrap();
        let error = open(dir.path()).unwrap_err();
        assert_eq!(matches!(error, OpenError::Newer { found: 4, known: 3, .. }), newer, "{error}");
        assert_eq!(matches!(error, OpenError::Damaged { .. }), !newer, "{error}");
    }
    fs::remove_file(&format).unwrap();
    assert!(matches!(open(dir.path()), Err(OpenError::Damaged { .. })));
    fs::write(&format, "3\n").unwrap();
    assert_eq!(events(dir.path()).await, 1);
}

#[tokio::test]
async fn lost_keys_are_told_and_nothing_is_made_in_their_place() {
    for name in ["root.key", "keys"] {
        let dir = written().await;
        let file = dir.path().join(name);
        let kept = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        let error = open(dir.path()).unwrap_err();
        assert!(matches!(error, OpenError::KeyLost { .. }), "{error}");
        assert!(!file.exists());
        let mut other = kept.clone();
        other[20] = if other[20] == b'a' { b'b' } else { b'a' };
        fs::write(&file, &other).unwrap();
        let error = open(dir.path()).unwrap_err();
        assert!(matches!(error, OpenError::KeyLost { .. }), "{error}");
        assert_eq!(fs::read(&file).unwrap(), other);
        fs::write(&file, &kept).unwrap();
        assert_eq!(events(dir.path()).await, 1);
    }
}

#[tokio::test]
async fn what_is_archived_and_damaged_is_told_and_mended_by_whoever_keeps_it_again() {
    let Folder { store, dir } = Folder::fresh();
    let digest = store.keep("a pack".into()).await.unwrap();
    fs::write(dir.path().join("archive").join(digest.to_string()), "a pock").unwrap();
    let damaged = store.kept(&digest).await.unwrap_err();
    assert!(matches!(damaged, StoreError::Damaged(_)), "{damaged}");
    store.keep("a pack".into()).await.unwrap();
    assert_eq!(store.kept(&digest).await.unwrap().unwrap(), "a pack");
}

#[tokio::test]
async fn an_engine_that_is_gone_is_not_made_anew_over_its_keys() {
    let Folder { store, dir } = Folder::fresh();
    let customer = Some(agent_core::id::CustomerId(1));
    let commit = agent_core::store::Commit { customer, ..make::events(1, 0, 1) };
    store.commit(commit).await.unwrap();
    drop(store);
    fs::remove_dir_all(dir.path().join("sled")).unwrap();
    assert!(matches!(open(dir.path()), Err(OpenError::Damaged { .. })));
}

#[tokio::test]
async fn a_start_that_was_cut_short_starts_again() {
    let dir = TempDir::new().unwrap();
    fs::create_dir_all(dir.path().join("sled.new/blobs")).unwrap();
    fs::write(dir.path().join("sled.new/db"), [7; 100]).unwrap();
    fs::write(dir.path().join("keys.new"), [7; 100]).unwrap();
    assert_eq!(events(dir.path()).await, 0);
    assert!(!dir.path().join("sled.new").exists());
    assert!(!dir.path().join("keys.new").exists());
}

#[tokio::test]
async fn a_blob_that_no_record_names_is_swept() {
    let Folder { store, dir } = Folder::fresh();
    let mut commit = make::events(1, 0, 1);
    commit.events[0] = make::event(1, &"x".repeat(100_000));
    store.commit(commit).await.unwrap();
    drop(store);
    let blobs = dir.path().join("blobs/1/shop");
    let named = fs::read_dir(&blobs).unwrap().next().unwrap().unwrap().path();
    let stray = blobs.join("00");
    fs::copy(&named, &stray).unwrap();
    assert_eq!(events(dir.path()).await, 1);
    assert!(named.exists() && !stray.exists());
}

#[cfg(unix)]
#[tokio::test]
async fn keys_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = written().await;
    for name in ["root.key", "keys"] {
        let mode = fs::metadata(dir.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn the_engine_never_writes_a_file_that_it_does_not_sync() {
    let Folder { store, dir } = Folder::fresh();
    for n in 0..100 {
        let mut commit = make::events(u128::from(n), n, 1);
        commit.events[0] = make::event(n + 1, &"x".repeat(60_000));
        store.commit(commit).await.unwrap();
    }
    drop(store);
    assert_eq!(events(dir.path()).await, 100);
    assert_eq!(fs::read_dir(dir.path().join("sled/blobs")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_store_that_could_not_write_refuses_everything_until_it_is_opened_again() {
    let Folder { store, dir } = Folder::fresh();
    store.commit(make::events(1, 0, 1)).await.unwrap();
    // Where the folder of blobs should be lies a file.
    fs::write(dir.path().join("blobs"), []).unwrap();
    let mut large = make::events(2, 1, 1);
    large.events[0] = make::event(2, &"x".repeat(100_000));
    let refused = store.commit(large.clone()).await;
    assert!(matches!(refused, Err(CommitError::NotApplied(_))), "{refused:?}");
    let refused = store.commit(make::events(3, 1, 1)).await;
    assert!(matches!(refused, Err(CommitError::NotApplied(_))), "{refused:?}");
    let read = store.read(make::journal(), Seq::START, 9).await;
    assert!(matches!(read, Err(StoreError::Failed(_))), "{read:?}");
    assert!(store.failure().await.contains("start again"));
    drop(store);
    fs::remove_file(dir.path().join("blobs")).unwrap();
    assert_eq!(events(dir.path()).await, 1);
    let store = open(dir.path()).unwrap();
    assert_eq!(store.commit(large).await.unwrap().head, Seq(2));
}

#[test]
fn settings_that_no_store_works_with_are_refused_before_anything_is_made() {
    let dir = TempDir::new().unwrap();
    let new = dir.path().join("new");
    let good = Settings::default;
    for (settings, name) in [
        (Settings { cache: 0, ..good() }, "cache"),
        (Settings { group: 0, ..good() }, "group"),
        (Settings { queue: 0, ..good() }, "queue"),
        (Settings { group_bytes: 1024, ..good() }, "group_bytes"),
        (Settings { group_bytes: 512 * 1024, ..good() }, "group_bytes"),
    ] {
        match SledStore::open(&new, &settings, Arc::new(CountedIds::new(1))) {
            Err(OpenError::Unfit(unfit)) => assert_eq!(unfit.name, name),
            other => panic!("{name}: {other:?}"),
        }
        assert!(!new.exists());
    }
}
