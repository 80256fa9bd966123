//! Ports that end the process at their n-th call, before it or when it has had its effect.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use agent_core::catalog::{Backend, Catalog, CatalogError, Errand, Match, Query};
use agent_core::channel::{Channel, Delivery, DeliveryError};
use agent_core::digest::Digest;
use agent_core::evidence::{Call, Output, ToolError, ToolSpec};
use agent_core::id::{CustomerId, JournalId, Locale, MessageId, Name, ShopId};
use agent_core::model::{Completion, Delta, Model, ModelError, Request};
use agent_core::profile::ChannelProfile;
use agent_core::store::fault::Fault;
use agent_core::store::{Archive, Receipt, StoreError};
use agent_core::time::Micros;
use agent_core::tool::{Scene, Tool};
use async_trait::async_trait;
use bytes::Bytes;
use clap::ValueEnum;
use serde_json::Value;

/// A port whose calls are counted.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Port {
    /// Journals and queues.
    Store,
    /// What hashes name.
    Archive,
    /// What answers.
    Model,
    /// What acts.
    Tool,
    /// The shop's own system.
    Backend,
    /// The goods.
    Catalog,
    /// What delivers.
    Channel,
}

impl Port {
    pub(crate) const ALL: [Self; 7] = [
        Self::Store,
        Self::Archive,
        Self::Model,
        Self::Tool,
        Self::Backend,
        Self::Catalog,
        Self::Channel,
    ];
}

/// Where the process ends.
#[derive(Copy, Clone, Debug)]
pub(crate) struct End {
    pub(crate) port: Port,
    /// At which call, counted from 1.
    pub(crate) at: u64,
    /// When the call has had its effect, not before it.
    pub(crate) after: bool,
}

impl End {
    /// The same for the store, as its own decorator takes it.
    pub(crate) fn fault(self) -> Fault {
        let run = Arc::new(|| std::process::abort());
        if self.after { Fault::RunAfter(run) } else { Fault::RunBefore(run) }
    }
}

/// A port behind its count.
#[derive(Debug)]
pub(crate) struct Gate<T: ?Sized> {
    port: Port,
    calls: Arc<AtomicU64>,
    end: Option<End>,
    inner: Arc<T>,
}

impl<T: ?Sized> Gate<T> {
    pub(crate) fn new(port: Port, end: Option<End>, inner: Arc<T>) -> Arc<Self> {
        Arc::new(Self { port, calls: Arc::default(), end, inner })
    }

    /// Another one that shares the count: of all tools.
    pub(crate) fn beside<U: ?Sized>(&self, inner: Arc<U>) -> Arc<Gate<U>> {
        Arc::new(Gate { port: self.port, calls: self.calls.clone(), end: self.end, inner })
    }

    async fn pass<A>(&self, call: impl Future<Output = A> + Send) -> A {
        let n = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let end = self.end.filter(|end| end.port == self.port && end.at == n);
        if end.is_some_and(|end| !end.after) {
            std::process::abort();
        }
        let answer = call.await;
        if end.is_some() {
            std::process::abort();
        }
        answer
    }
}

#[async_trait]
impl Model for Gate<dyn Model> {
    async fn complete(
        &self,
        request: &Request,
        hear: &mut (dyn for<'a> FnMut(Delta<'a>) + Send),
    ) -> Result<Completion, ModelError> {
        self.pass(self.inner.complete(request, hear)).await
    }
}

#[async_trait]
impl Tool for Gate<dyn Tool> {
    fn spec(&self) -> &ToolSpec {
        self.inner.spec()
    }

    async fn prepare(&self, call: &Call, scene: &Scene<'_>) -> Result<Option<Value>, ToolError> {
        self.pass(self.inner.prepare(call, scene)).await
    }

    async fn call(&self, call: &Call, scene: Scene<'_>) -> Result<Output, ToolError> {
        self.pass(self.inner.call(call, scene)).await
    }
}

#[async_trait]
impl Backend for Gate<dyn Backend> {
    async fn run(&self, shop: ShopId, errand: &Errand) -> Result<Value, ToolError> {
        self.pass(self.inner.run(shop, errand)).await
    }
}

#[async_trait]
impl Channel for Gate<dyn Channel> {
    fn profile(&self) -> &ChannelProfile {
        self.inner.profile()
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Option<MessageId>, DeliveryError> {
        self.pass(self.inner.deliver(delivery)).await
    }
}

#[async_trait]
impl Catalog for Gate<dyn Catalog> {
    async fn search(
        &self,
        shop: ShopId,
        locale: &Locale,
        query: &Query,
    ) -> Result<Vec<Match>, CatalogError> {
        self.pass(self.inner.search(shop, locale, query)).await
    }

    async fn product(&self, shop: ShopId, id: &Name) -> Result<Option<Match>, CatalogError> {
        self.pass(self.inner.product(shop, id)).await
    }

    async fn version(&self, shop: ShopId) -> Result<Digest, CatalogError> {
        self.pass(self.inner.version(shop)).await
    }
}

#[async_trait]
impl Archive for Gate<dyn Archive> {
    async fn keep(&self, bytes: Bytes) -> Result<Digest, StoreError> {
        self.pass(self.inner.keep(bytes)).await
    }

    async fn kept(&self, digest: &Digest) -> Result<Option<Bytes>, StoreError> {
        self.pass(self.inner.kept(digest)).await
    }

    async fn shops(&self) -> Result<Vec<ShopId>, StoreError> {
        self.pass(self.inner.shops()).await
    }

    async fn journals(
        &self,
        shop: ShopId,
        after: Option<JournalId>,
        limit: usize,
    ) -> Result<Vec<JournalId>, StoreError> {
        self.pass(self.inner.journals(shop, after, limit)).await
    }

    async fn erase(
        &self,
        shop: ShopId,
        customer: CustomerId,
        at: Micros,
    ) -> Result<Receipt, StoreError> {
        self.pass(self.inner.erase(shop, customer, at)).await
    }
}
