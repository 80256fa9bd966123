//! Ports that a test watches, and at which a process ends.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use agent_core::channel::{Channel, Delivery, DeliveryError};
use agent_core::id::{Alias, JournalId, MessageId, Name, Seq, ShopId};
use agent_core::message::Address;
use agent_core::profile::ChannelProfile;
use agent_core::store::{
    Commit, CommitError, Committed, InboxRow, OutboxRow, Page, Store, StoreError,
};
use agent_core::time::Micros;
use async_trait::async_trait;
use bytes::Bytes;
use tokio::runtime::Builder;
use tokio::sync::{Notify, watch};

/// Where a process ends: when the n-th call of a port took effect, and before it is answered.
#[derive(Debug)]
pub(crate) struct Gate {
    at: u64,
    calls: AtomicU64,
    ended: Notify,
}

impl Gate {
    /// Calls are counted from 1; at 0 it never ends.
    pub(crate) fn new(at: u64) -> Arc<Self> {
        Arc::new(Self { at, calls: AtomicU64::new(0), ended: Notify::new() })
    }

    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    /// A call of a port.
    pub(crate) async fn pass<T>(&self, call: impl Future<Output = T>) -> T {
        let here = self.calls.fetch_add(1, Ordering::SeqCst) + 1 == self.at;
        let answer = call.await;
        if here {
            self.end().await;
        }
        answer
    }

    async fn end(&self) {
        self.ended.notify_one();
        std::future::pending::<()>().await;
    }
}

/// Runs a process until it is done, or until it ends at the gate; whether it was done.
pub(crate) fn process(gate: Option<&Arc<Gate>>, work: impl Future<Output = ()>) -> bool {
    let process = Builder::new_current_thread().enable_all().build().unwrap();
    let done = process.block_on(async {
        let ended = async {
            match gate {
                Some(gate) => gate.ended.notified().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = ended => false,
            () = work => true,
        }
    });
    // Everything of the process ends here, wherever it was.
    process.shutdown_background();
    done
}

/// Ends a process at every call that it makes when nothing ends it, some side by side, for they mostly wait.
pub(crate) fn at_every(calls: u64, trial: impl Fn(u64) + Sync) {
    const SIDE: usize = 6;
    std::thread::scope(|scope| {
        for first in 1..=SIDE {
            let trial = &trial;
            scope.spawn(move || (first as u64..=calls).step_by(SIDE).for_each(trial));
        }
    });
}

/// A channel whose calls pass a gate.
#[derive(Debug)]
pub(crate) struct GatedChannel(pub(crate) Arc<dyn Channel>, pub(crate) Arc<Gate>);

#[async_trait]
impl Channel for GatedChannel {
    fn profile(&self) -> &ChannelProfile {
        self.0.profile()
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Option<MessageId>, DeliveryError> {
        self.1.pass(self.0.deliver(delivery)).await
    }

    async fn attend(&self, to: &Address, message: &MessageId) {
        self.1.pass(self.0.attend(to, message)).await;
    }
}

/// A store that tells which messages it took in, and whose calls pass a gate.
#[derive(Debug)]
pub(crate) struct Watched {
    inner: Arc<dyn Store>,
    gate: Option<Arc<Gate>>,
    took: watch::Sender<BTreeSet<String>>,
    full: AtomicBool,
    damaged: Mutex<Option<String>>,
}

impl Watched {
    pub(crate) fn new(inner: Arc<dyn Store>, gate: Option<Arc<Gate>>) -> Self {
        Self {
            inner,
            gate,
            took: watch::Sender::default(),
            full: AtomicBool::new(false),
            damaged: Mutex::default(),
        }
    }

    /// The next commit is refused.
    pub(crate) fn refuse(&self) {
        self.full.store(true, Ordering::SeqCst);
    }

    /// A record of this person's is damaged: nothing they say is taken in.
    pub(crate) fn damage(&self, author: &str) {
        *self.damaged.lock().unwrap() = Some(author.to_owned());
    }

    /// Returns when a message whose id begins so was taken in, or told again.
    pub(crate) async fn took(&self, id: &str) {
        let mut took = self.took.subscribe();
        took.wait_for(|took| took.iter().any(|took| took.starts_with(id))).await.unwrap();
    }

    async fn pass<T>(&self, call: impl Future<Output = T>) -> T {
        match &self.gate {
            Some(gate) => gate.pass(call).await,
            None => call.await,
        }
    }
}

#[async_trait]
impl Store for Watched {
    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        if self.full.swap(false, Ordering::SeqCst) {
            return Err(CommitError::NotApplied("no space left".to_owned()));
        }
        let damaged = self.damaged.lock().unwrap().clone();
        let mut from = commit.accept.iter().filter_map(|it| it.inbound.from.as_ref());
        if damaged.is_some() && from.any(|from| Some(&from.author) == damaged.as_ref()) {
            return Err(CommitError::Damaged("their head".to_owned()));
        }
        let ids: Vec<String> = commit.accept.iter().map(|it| it.inbound.id.to_string()).collect();
        let committed = self.pass(self.inner.commit(commit)).await?;
        self.took.send_modify(|took| took.extend(ids));
        Ok(committed)
    }

    async fn read(&self, journal: JournalId, after: Seq, limit: usize) -> Result<Page, StoreError> {
        self.pass(self.inner.read(journal, after, limit)).await
    }

    async fn snapshot(&self, journal: JournalId) -> Result<Option<(Seq, Bytes)>, StoreError> {
        self.pass(self.inner.snapshot(journal)).await
    }

    async fn inbox(&self, journal: JournalId, limit: usize) -> Result<Vec<InboxRow>, StoreError> {
        self.pass(self.inner.inbox(journal, limit)).await
    }

    async fn waiting(&self, shop: ShopId, limit: usize) -> Result<Vec<JournalId>, StoreError> {
        self.pass(self.inner.waiting(shop, limit)).await
    }

    async fn due(
        &self,
        shop: ShopId,
        within: RangeInclusive<Micros>,
        limit: usize,
        passing: &BTreeSet<JournalId>,
    ) -> Result<(Vec<OutboxRow>, Option<Micros>), StoreError> {
        self.pass(self.inner.due(shop, within, limit, passing)).await
    }

    async fn timers(
        &self,
        shop: ShopId,
        until: Micros,
        limit: usize,
    ) -> Result<(Vec<(JournalId, Name, Micros)>, Option<Micros>), StoreError> {
        self.pass(self.inner.timers(shop, until, limit)).await
    }

    async fn find(&self, shop: ShopId, alias: &Alias) -> Result<Option<JournalId>, StoreError> {
        self.pass(self.inner.find(shop, alias)).await
    }
}
