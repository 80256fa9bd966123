//! What must not be done, done: a message is marked as seen in a commit of its own, before the work.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

use agent_core::id::{Alias, CommitId, JournalId, JournalKey, Name, Seq, ShopId, Subject};
use agent_core::store::{
    Accept, Commit, CommitError, Committed, InboxRow, OutboxRow, Page, Store, StoreError,
};
use agent_core::time::Micros;
use async_trait::async_trait;
use bytes::Bytes;

/// A store that marks on sight.
#[derive(Debug)]
pub(crate) struct OnSight(Arc<dyn Store>);

impl OnSight {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self(store)
    }

    /// Marks what a platform told; says for each whether it is new.
    async fn mark(&self, commit: &Commit) -> Result<Vec<bool>, CommitError> {
        // The marks need rows to guard: here those of a journal that only keeps what it is told.
        let (subject, key) = (Subject::Shop, JournalKey(0));
        let journal = JournalId { subject, key, ..commit.journal };
        let accept = commit.accept.iter().map(|it| Accept {
            journal,
            customer: None,
            scope: it.scope.clone(),
            inbound: it.inbound.clone(),
        });
        let marks = Commit {
            accept: accept.collect(),
            ..Commit::blank(CommitId(!commit.id.0), commit.at, journal)
        };
        Ok(self.0.commit(marks).await?.fresh)
    }
}

#[async_trait]
impl Store for OnSight {
    async fn commit(&self, mut commit: Commit) -> Result<Committed, CommitError> {
        if commit.accept.is_empty() {
            return self.0.commit(commit).await;
        }
        let fresh = self.mark(&commit).await?;
        let mut news = fresh.iter();
        commit.accept.retain(|_| news.next().is_some_and(|fresh| *fresh));
        for accept in &mut commit.accept {
            accept.scope = Name(format!("marked/{}", accept.scope));
        }
        let committed = self.0.commit(commit).await?;
        Ok(Committed { fresh, ..committed })
    }

    async fn read(&self, journal: JournalId, after: Seq, limit: usize) -> Result<Page, StoreError> {
        self.0.read(journal, after, limit).await
    }

    async fn snapshot(&self, journal: JournalId) -> Result<Option<(Seq, Bytes)>, StoreError> {
        self.0.snapshot(journal).await
    }

    async fn inbox(&self, journal: JournalId, limit: usize) -> Result<Vec<InboxRow>, StoreError> {
        self.0.inbox(journal, limit).await
    }

    async fn waiting(&self, shop: ShopId, limit: usize) -> Result<Vec<JournalId>, StoreError> {
        self.0.waiting(shop, limit).await
    }

    async fn due(
        &self,
        shop: ShopId,
        within: RangeInclusive<Micros>,
        limit: usize,
        passing: &BTreeSet<JournalId>,
    ) -> Result<(Vec<OutboxRow>, Option<Micros>), StoreError> {
        self.0.due(shop, within, limit, passing).await
    }

    async fn timers(
        &self,
        shop: ShopId,
        until: Micros,
        limit: usize,
    ) -> Result<(Vec<(JournalId, Name, Micros)>, Option<Micros>), StoreError> {
        self.0.timers(shop, until, limit).await
    }

    async fn find(&self, shop: ShopId, alias: &Alias) -> Result<Option<JournalId>, StoreError> {
        self.0.find(shop, alias).await
    }
}
