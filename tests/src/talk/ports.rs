//! Ports that fail now and then, before or after they did what was asked.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

use agent_core::catalog::{CatalogError, Errand, Match, Query};
use agent_core::digest::Digest;
use agent_core::evidence::ToolError;
use agent_core::id::{Alias, JournalId, Locale, Name, Seq, ShopId};
use agent_core::message::{Inbound, InboundKind};
use agent_core::store::{Commit, CommitError, Committed, InboxRow, OutboxRow, Page, StoreError};
use agent_core::time::Micros;
use async_trait::async_trait;
use bytes::Bytes;
use catalog::Goods;
use catalog::backend::LocalLinks;
use serde_json::Value;

use super::Chance;

/// One commit in so many is not made; one in so many is, and nobody is told.
const COMMITS: u64 = 60;
/// One reading in so many fails.
const READS: u64 = 300;
/// One look into the catalogue in so many fails.
const LOOKS: u64 = 40;
/// One errand in so many is refused, lost before or lost after it was run.
const ERRANDS: u64 = 6;

const FAULT: &str = "a fault by chance";

pub(super) fn is_status(inbound: &Inbound) -> bool {
    matches!(inbound.kind, InboundKind::Status { .. })
}

/// A store that fails.
#[derive(Debug)]
pub(super) struct Store {
    inner: Arc<dyn agent_core::store::Store>,
    chance: Arc<Chance>,
}

impl Store {
    pub(super) fn new(inner: Arc<dyn agent_core::store::Store>, chance: Arc<Chance>) -> Self {
        Self { inner, chance }
    }

    fn reading(&self) -> Result<(), StoreError> {
        if self.chance.one_in(READS) { Err(StoreError::Failed(FAULT.to_owned())) } else { Ok(()) }
    }
}

#[async_trait]
impl agent_core::store::Store for Store {
    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        if self.chance.one_in(COMMITS) {
            return Err(CommitError::NotApplied(FAULT.to_owned()));
        }
        let committed = self.inner.commit(commit).await?;
        if self.chance.one_in(COMMITS) {
            return Err(CommitError::Unknown(FAULT.to_owned()));
        }
        Ok(committed)
    }

    async fn read(&self, journal: JournalId, after: Seq, limit: usize) -> Result<Page, StoreError> {
        self.reading()?;
        self.inner.read(journal, after, limit).await
    }

    async fn snapshot(&self, journal: JournalId) -> Result<Option<(Seq, Bytes)>, StoreError> {
        self.reading()?;
        self.inner.snapshot(journal).await
    }

    async fn inbox(&self, journal: JournalId, limit: usize) -> Result<Vec<InboxRow>, StoreError> {
        self.reading()?;
        self.inner.inbox(journal, limit).await
    }

    async fn waiting(&self, shop: ShopId, limit: usize) -> Result<Vec<JournalId>, StoreError> {
        self.reading()?;
        self.inner.waiting(shop, limit).await
    }

    async fn due(
        &self,
        shop: ShopId,
        within: RangeInclusive<Micros>,
        limit: usize,
        passing: &BTreeSet<JournalId>,
    ) -> Result<(Vec<OutboxRow>, Option<Micros>), StoreError> {
        self.reading()?;
        self.inner.due(shop, within, limit, passing).await
    }

    async fn timers(
        &self,
        shop: ShopId,
        until: Micros,
        limit: usize,
    ) -> Result<(Vec<(JournalId, Name, Micros)>, Option<Micros>), StoreError> {
        self.reading()?;
        self.inner.timers(shop, until, limit).await
    }

    async fn find(&self, shop: ShopId, alias: &Alias) -> Result<Option<JournalId>, StoreError> {
        self.reading()?;
        self.inner.find(shop, alias).await
    }
}

/// A catalogue that fails.
#[derive(Debug)]
pub(super) struct Catalog {
    goods: Arc<Goods>,
    chance: Arc<Chance>,
}

impl Catalog {
    pub(super) fn new(goods: Arc<Goods>, chance: Arc<Chance>) -> Self {
        Self { goods, chance }
    }

    fn looking(&self) -> Result<(), CatalogError> {
        if self.chance.one_in(LOOKS) { Err(CatalogError(FAULT.to_owned())) } else { Ok(()) }
    }
}

#[async_trait]
impl agent_core::catalog::Catalog for Catalog {
    async fn search(
        &self,
        shop: ShopId,
        locale: &Locale,
        query: &Query,
    ) -> Result<Vec<Match>, CatalogError> {
        self.looking()?;
        self.goods.search(shop, locale, query).await
    }

    async fn product(&self, shop: ShopId, id: &Name) -> Result<Option<Match>, CatalogError> {
        self.looking()?;
        self.goods.product(shop, id).await
    }

    async fn version(&self, shop: ShopId) -> Result<Digest, CatalogError> {
        self.looking()?;
        self.goods.version(shop).await
    }
}

/// A shop's system that fails.
#[derive(Debug)]
pub(super) struct Backend {
    links: LocalLinks,
    chance: Arc<Chance>,
}

impl Backend {
    pub(super) fn new(links: LocalLinks, chance: Arc<Chance>) -> Self {
        Self { links, chance }
    }
}

#[async_trait]
impl agent_core::catalog::Backend for Backend {
    async fn run(&self, shop: ShopId, errand: &Errand) -> Result<Value, ToolError> {
        if self.chance.one_in(ERRANDS) {
            return Err(ToolError::Unavailable(FAULT.to_owned()));
        }
        if self.chance.one_in(ERRANDS * 2) {
            return Err(ToolError::Refused(FAULT.to_owned()));
        }
        let answer = self.links.run(shop, errand).await?;
        if self.chance.one_in(ERRANDS) {
            return Err(ToolError::Ambiguous(FAULT.to_owned()));
        }
        Ok(answer)
    }
}
