//! A store that fails where a test wants it to: at the n-th call, before or after it took effect.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;

use super::{Commit, CommitError, Committed, InboxRow, OutboxRow, Page, Store, StoreError};
use crate::id::{Alias, JournalId, Name, Seq, ShopId};
use crate::time::Micros;

/// What happens at the call.
#[derive(Clone)]
pub enum Fault {
    /// The call fails and had no effect.
    Before,
    /// The call fails though it had its effect.
    After,
    /// This runs before the call; it may end the process.
    RunBefore(Arc<dyn Fn() + Send + Sync>),
    /// This runs when the call has had its effect and its answer is not yet told.
    RunAfter(Arc<dyn Fn() + Send + Sync>),
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Before => "Before",
            Self::After => "After",
            Self::RunBefore(_) => "RunBefore",
            Self::RunAfter(_) => "RunAfter",
        })
    }
}

/// A store with one fault at one of its calls.
#[derive(Debug)]
pub struct FaultStore {
    inner: Arc<dyn Store>,
    calls: AtomicU64,
    at: u64,
    fault: Fault,
}

impl FaultStore {
    /// Calls are counted from 1; a fault at 0 never comes.
    #[must_use]
    pub fn new(inner: Arc<dyn Store>, at: u64, fault: Fault) -> Self {
        Self { inner, calls: AtomicU64::new(0), at, fault }
    }

    /// How many calls there were: when fewer than the fault's, it did not come.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    async fn call<T, E>(
        &self,
        call: impl Future<Output = Result<T, E>>,
        before: E,
        after: E,
    ) -> Result<T, E> {
        if self.calls.fetch_add(1, Ordering::SeqCst) + 1 != self.at {
            return call.await;
        }
        match &self.fault {
            Fault::Before => return Err(before),
            Fault::RunBefore(run) => run(),
            Fault::After | Fault::RunAfter(_) => {}
        }
        let answer = call.await?;
        match &self.fault {
            Fault::After => return Err(after),
            Fault::RunAfter(run) => run(),
            Fault::Before | Fault::RunBefore(_) => {}
        }
        Ok(answer)
    }

    async fn reading<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let fault = || StoreError::Failed("a planned fault".to_owned());
        self.call(call, fault(), fault()).await
    }
}

#[async_trait]
impl Store for FaultStore {
    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        let before = CommitError::NotApplied("a planned fault".to_owned());
        let after = CommitError::Unknown("a planned fault".to_owned());
        self.call(self.inner.commit(commit), before, after).await
    }

    async fn read(&self, journal: JournalId, after: Seq, limit: usize) -> Result<Page, StoreError> {
        self.reading(self.inner.read(journal, after, limit)).await
    }

    async fn snapshot(&self, journal: JournalId) -> Result<Option<(Seq, Bytes)>, StoreError> {
        self.reading(self.inner.snapshot(journal)).await
    }

    async fn inbox(&self, journal: JournalId, limit: usize) -> Result<Vec<InboxRow>, StoreError> {
        self.reading(self.inner.inbox(journal, limit)).await
    }

    async fn waiting(&self, shop: ShopId, limit: usize) -> Result<Vec<JournalId>, StoreError> {
        self.reading(self.inner.waiting(shop, limit)).await
    }

    async fn due(
        &self,
        shop: ShopId,
        within: RangeInclusive<Micros>,
        limit: usize,
        passing: &BTreeSet<JournalId>,
    ) -> Result<(Vec<OutboxRow>, Option<Micros>), StoreError> {
        self.reading(self.inner.due(shop, within, limit, passing)).await
    }

    async fn timers(
        &self,
        shop: ShopId,
        until: Micros,
        limit: usize,
    ) -> Result<(Vec<(JournalId, Name, Micros)>, Option<Micros>), StoreError> {
        self.reading(self.inner.timers(shop, until, limit)).await
    }

    async fn find(&self, shop: ShopId, alias: &Alias) -> Result<Option<JournalId>, StoreError> {
        self.reading(self.inner.find(shop, alias)).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::contract::make;
    use super::super::memory::MemoryStore;
    use super::*;

    #[tokio::test]
    async fn the_fault_comes_at_its_call_and_takes_effect_as_planned() {
        for (fault, head) in [(Fault::Before, 1), (Fault::After, 2)] {
            let store = FaultStore::new(Arc::new(MemoryStore::new()), 2, fault);
            store.commit(make::events(1, 0, 1)).await.unwrap();
            store.commit(make::events(2, 1, 1)).await.unwrap_err();
            assert_eq!(store.read(make::journal(), Seq::START, 9).await.unwrap().head, Seq(head));
            assert_eq!(store.calls(), 3);
        }
    }
}
