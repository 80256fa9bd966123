//! A store that tells who listens when a journal grew, so that nobody has to ask again and again.

use std::collections::{BTreeSet, HashMap};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::watch;

use super::{Commit, CommitError, Committed, InboxRow, OutboxRow, Page, Store, StoreError};
use crate::id::{Alias, JournalId, Name, Seq, ShopId};
use crate::time::Micros;

/// Journals somebody may listen to before those nobody does any more are looked for.
const HEARD: usize = 1_024;

/// Another store, and those who listen to it.
#[derive(Debug)]
pub struct Watched {
    store: Arc<dyn Store>,
    heard: Mutex<HashMap<JournalId, watch::Sender<Seq>>>,
}

impl Watched {
    /// Nobody listens yet.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, heard: Mutex::default() }
    }

    /// Changes whenever the journal has grown. Begin to listen, then read: so nothing is missed.
    pub fn listen(&self, journal: JournalId) -> watch::Receiver<Seq> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if heard.len() >= HEARD {
            heard.retain(|_, sender| sender.receiver_count() > 0);
        }
        heard.entry(journal).or_insert_with(|| watch::Sender::new(Seq::START)).subscribe()
    }

    fn tell(&self, journal: JournalId, head: Seq) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sender) = heard.get(&journal) else { return };
        if sender.receiver_count() == 0 {
            heard.remove(&journal);
        } else {
            sender.send_replace(head);
        }
    }
}

#[async_trait]
impl Store for Watched {
    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        let (journal, grows) = (commit.journal, !commit.events.is_empty());
        let committed = self.store.commit(commit).await;
        match &committed {
            Ok(done) if grows => self.tell(journal, done.head),
            // It may have grown: whoever listens looks.
            Err(CommitError::Unknown(_)) if grows => self.tell(journal, Seq::START),
            _ => {}
        }
        committed
    }

    async fn read(&self, journal: JournalId, after: Seq, limit: usize) -> Result<Page, StoreError> {
        self.store.read(journal, after, limit).await
    }

    async fn snapshot(&self, journal: JournalId) -> Result<Option<(Seq, Bytes)>, StoreError> {
        self.store.snapshot(journal).await
    }

    async fn inbox(&self, journal: JournalId, limit: usize) -> Result<Vec<InboxRow>, StoreError> {
        self.store.inbox(journal, limit).await
    }

    async fn waiting(&self, shop: ShopId, limit: usize) -> Result<Vec<JournalId>, StoreError> {
        self.store.waiting(shop, limit).await
    }

    async fn due(
        &self,
        shop: ShopId,
        within: RangeInclusive<Micros>,
        limit: usize,
        passing: &BTreeSet<JournalId>,
    ) -> Result<(Vec<OutboxRow>, Option<Micros>), StoreError> {
        self.store.due(shop, within, limit, passing).await
    }

    async fn timers(
        &self,
        shop: ShopId,
        until: Micros,
        limit: usize,
    ) -> Result<(Vec<(JournalId, Name, Micros)>, Option<Micros>), StoreError> {
        self.store.timers(shop, until, limit).await
    }

    async fn find(&self, shop: ShopId, alias: &Alias) -> Result<Option<JournalId>, StoreError> {
        self.store.find(shop, alias).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Answer, Recorded};
    use crate::id::{CommitId, MessageId};
    use crate::message::{Inbound, InboundKind};
    use crate::store::memory::MemoryStore;

    #[tokio::test]
    async fn who_listens_is_told_of_their_journal_alone() {
        let watched = Watched::new(Arc::new(MemoryStore::new()));
        let journal = |key| JournalId::conversation(ShopId(1), key);
        let mut ear = watched.listen(journal(1));
        let grow = |key: u128| {
            let inbound =
                Inbound::told(MessageId("m".to_owned()), Micros(0), InboundKind::Timer("t".into()));
            let event = Answer::Received(inbound).into();
            Commit {
                expect: Some(Seq::START),
                events: vec![Recorded { seq: Seq(1), at: Micros(0), event }],
                ..Commit::blank(CommitId(key), Micros(0), journal(key))
            }
        };
        watched.commit(grow(2)).await.unwrap();
        watched.commit(Commit::blank(CommitId(9), Micros(0), journal(1))).await.unwrap();
        assert!(!ear.has_changed().unwrap());
        watched.commit(grow(1)).await.unwrap();
        assert!(ear.has_changed().unwrap());
        assert_eq!(*ear.borrow_and_update(), Seq(1));
        drop(ear);
        watched.tell(journal(1), Seq(2));
        assert!(watched.heard.lock().unwrap().is_empty());
    }
}
