//! Many writers at once.

use std::sync::Arc;

use agent_core::id::{CustomerId, JournalId, Seq};
use agent_core::store::contract::{Subject, make};
use agent_core::store::{Archive, Commit, CommitError, Store};

use super::Folder;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_of_many_journals_and_of_one_lose_nothing() {
    let folder = Folder::fresh();
    let store = Arc::clone(&folder.store);
    let writers = (0..32_u128).map(|writer| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            // Two writers share each journal, and take the head from the conflict.
            let journal = JournalId::conversation(make::SHOP, writer / 2);
            let customer = Some(CustomerId(writer / 2 + 1));
            let (mut head, mut made) = (0, 0);
            while made < 20 {
                let id = (writer << 64) | (u128::from(head) << 32) | made;
                let mut commit = Commit { journal, customer, ..make::events(id, head, 2) };
                commit.accept.push(make::accept(journal, &format!("{writer}-{made}"), "hello"));
                match store.commit(commit).await {
                    Ok(committed) => {
                        made += 1;
                        head = committed.head.0;
                    }
                    Err(CommitError::Conflict(at)) => head = at.0,
                    Err(other) => panic!("{other}"),
                }
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    drop(store);
    let folder = folder.reopened();
    let journals = folder.store.journals(make::SHOP, None, 99).await.unwrap();
    assert_eq!(journals.len(), 16);
    for journal in journals {
        let page = folder.store.read(journal, Seq::START, 999).await.unwrap();
        assert_eq!(page.events.len(), 80);
        let rows = folder.store.inbox(journal, 999).await.unwrap();
        assert_eq!(rows.len(), 40);
        let mut arrivals: Vec<_> = rows.iter().map(|row| row.arrival).collect();
        arrivals.dedup();
        assert_eq!(arrivals.len(), 40);
    }
}
