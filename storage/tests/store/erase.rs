//! An erased customer is in no byte of the folder, and the figures stay.

use std::fs;
use std::path::Path;

use agent_core::id::{CustomerId, JournalId, Seq};
use agent_core::store::contract::{Subject, make};
use agent_core::store::{Archive, Bind, Commit, Store, StoreError};
use agent_core::time::Micros;

use super::Folder;

/// Whether a text is anywhere in a folder, as raw bytes.
fn holds(dir: &Path, text: &[u8]) -> bool {
    fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, text);
        }
        let name = path.file_name().unwrap().as_encoded_bytes().to_vec();
        [name, fs::read(&path).unwrap()]
            .iter()
            .any(|bytes| bytes.windows(text.len()).any(|window| window == text))
    })
}

/// The wrapped data key of a customer: what stands behind their id in the key file.
fn wrapped(dir: &Path, customer: CustomerId) -> Vec<u8> {
    let keys = fs::read(dir.join("keys")).unwrap();
    let id = customer.0.to_be_bytes();
    let at = keys.windows(16).position(|window| window == id).unwrap();
    keys[at + 32..at + 104].to_vec()
}

/// Words of one customer, in everything a commit can hold; some in a blob.
fn spoken(customer: CustomerId, word: &str) -> Commit {
    let journal = JournalId::conversation(make::SHOP, customer.0);
    let mut commit = make::events(customer.0, 0, 2);
    commit.journal = journal;
    commit.customer = Some(customer);
    commit.events[0] = make::event(1, word);
    commit.events[1] = make::event(2, &format!("{word} {}", "x".repeat(100_000)));
    commit.accept.push(make::accept(journal, word, word));
    commit.outbox.push(make::outbox(customer.0 as u16, 0, 1, 1));
    commit.outbox[0].journal = journal;
    commit.outbox[0].to.author = word.to_owned();
    commit.bind.push(Bind { alias: word.into(), from: None, to: Some(journal) });
    commit.snapshot = make::fold(word);
    commit
}

#[tokio::test]
async fn no_word_of_anyone_is_ever_in_the_folder_in_clear() {
    let Folder { store, dir } = Folder::fresh();
    store.commit(spoken(CustomerId(1), "wombat")).await.unwrap();
    assert!(!holds(dir.path(), b"wombat"));
    drop(store);
    assert!(!holds(dir.path(), b"wombat"));
    assert!(holds(dir.path(), b"received"), "the search finds what is in clear");
}

#[tokio::test]
async fn figures_survive_and_the_key_and_the_blobs_go() {
    let folder = Folder::fresh();
    let (ada, bob) = (CustomerId(0x1111_2222_3333), CustomerId(0x4444_5555_6666));
    folder.store.commit(spoken(ada, "wombat")).await.unwrap();
    folder.store.commit(spoken(bob, "quokka")).await.unwrap();
    let dir = folder.dir.path().to_owned();
    let key = wrapped(&dir, ada);
    assert!(holds(&dir, &key));
    let receipt = folder.store.erase(make::SHOP, ada, Micros(5)).await.unwrap();
    assert_eq!((receipt.journals, receipt.events), (1, 2));
    assert!(!holds(&dir, &key));
    assert!(!folder.dir.path().join("blobs/1").join(ada.to_string()).exists());
    let folder = folder.reopened();
    let theirs = JournalId::conversation(make::SHOP, ada.0);
    let clear = folder.store.clear(theirs, Seq::START, 9).await.unwrap();
    assert_eq!(
        clear.iter().map(|it| (it.kind.as_str(), it.seq.0)).collect::<Vec<_>>(),
        [("received", 1), ("received", 2)]
    );
    let read = folder.store.read(theirs, Seq::START, 9).await;
    assert_eq!(read.unwrap_err(), StoreError::Erased);
    let other = JournalId::conversation(make::SHOP, bob.0);
    assert_eq!(folder.store.read(other, Seq::START, 9).await.unwrap().events.len(), 2);
}

#[tokio::test]
async fn an_erasure_that_was_cut_short_is_finished_at_the_next_start() {
    let Folder { store, dir } = Folder::fresh();
    let ada = CustomerId(1);
    store.commit(spoken(ada, "wombat")).await.unwrap();
    drop(store);
    // As a crash leaves it right behind the key: the key file says erased, all else is as before.
    let before = tempfile::TempDir::new().unwrap();
    copy(dir.path(), before.path());
    let store = super::open(dir.path()).unwrap();
    let receipt = store.erase(make::SHOP, ada, Micros(5)).await.unwrap();
    drop(store);
    fs::copy(dir.path().join("keys"), before.path().join("keys")).unwrap();
    let store = super::open(before.path()).unwrap();
    assert!(store.waiting(make::SHOP, 9).await.unwrap().is_empty());
    assert_eq!(
        store.due(make::SHOP, Micros::MIN..=Micros(9), 9, &make::NOBODY).await.unwrap(),
        (vec![], None)
    );
    assert_eq!(store.find(make::SHOP, &"wombat".into()).await.unwrap(), None);
    assert!(!before.path().join("blobs/1").join(ada.to_string()).exists());
    assert_eq!(store.erase(make::SHOP, ada, Micros(9)).await.unwrap(), receipt);
}

pub(super) fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            fs::create_dir_all(&to).unwrap();
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).unwrap();
        }
    }
}
