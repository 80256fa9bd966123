//! The data folder, opened: what administration needs of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use agent_core::id::{CommitId, CustomerId, JournalId, MessageId, ShopId};
use agent_core::message::{Inbound, InboundKind};
use agent_core::store::{Accept, Commit, CommitError, Store as _};
use agent_core::time::{Clock, Ids, Micros};
use anyhow::Context as _;
use storage::{OpenError, SledStore};

use crate::clock::SystemClock;
use crate::config::Config;
use crate::exit::{Code, Failure};
use crate::ids::OsIds;

/// The data folder of a deployment. Only one process has it at a time.
#[derive(Debug)]
pub struct Data {
    /// Where it is.
    pub dir: PathBuf,
    /// Its journals.
    pub store: Arc<SledStore>,
    /// The system's clock.
    pub clock: Arc<dyn Clock>,
    /// Ids under the folder's own key.
    pub ids: Arc<dyn Ids>,
}

impl Data {
    /// Opens the folder, or makes it.
    ///
    /// # Errors
    /// When another process has it, or it can't be read.
    pub fn open(config: &Config) -> Result<Self, Failure> {
        let dir = config.data();
        let ids = OsIds::open(&dir)
            .with_context(|| format!("the data folder {} can't be used", dir.display()))?;
        let ids: Arc<dyn Ids> = Arc::new(ids);
        let root_key = config.store.root_key.as_deref().map(|path| config.path(path));
        let store = SledStore::open(&dir, &config.store.settings(root_key), ids.clone())
            .map_err(unopened)?;
        Ok(Self { dir, store, clock: Arc::new(SystemClock), ids })
    }

    /// Opens a folder that must be there: for who only looks.
    ///
    /// # Errors
    /// When there is none, another process has it, or it can't be read.
    pub fn existing(config: &Config) -> Result<Self, Failure> {
        let dir = config.data();
        if !dir.join("format").exists() {
            let what = format!("there is no data in {}", dir.display());
            return Err(Failure::usage(what).hint(
                "name the folder with --data, or the configuration with --config; `sutler chat` makes one",
            ));
        }
        Self::open(config)
    }

    /// Puts something into a journal's inbox: the shop's process takes it up when it is next started.
    ///
    /// # Errors
    /// When it was not written.
    pub async fn tell(
        &self,
        (journal, customer): (JournalId, Option<CustomerId>),
        (id, at): (String, Micros),
        kind: InboundKind,
    ) -> Result<(), CommitError> {
        let accept = vec![Accept::told(journal, customer, Inbound::told(MessageId(id), at, kind))];
        let blank = Commit::blank(CommitId(self.ids.fresh()), self.clock.now(), journal);
        self.store.commit(Commit { accept, ..blank }).await.map(|_| ())
    }

    /// Where a shop's goods are kept.
    #[must_use]
    pub fn goods(dir: &Path, shop: ShopId) -> PathBuf {
        dir.join("catalog").join(shop.to_string())
    }
}

fn unopened(error: OpenError) -> Failure {
    let running = matches!(error, OpenError::Locked(_));
    let failure = Failure::new(Code::Failed, error);
    let hint = "a shop that runs is asked over its API: give it a `[[shop.key]]`; /v1/openapi.json says the rest";
    if running { failure.hint(hint) } else { failure }
}
