//! The data folder, opened: what administration needs of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use agent_core::id::ShopId;
use agent_core::time::{Clock, Ids};
use anyhow::Context as _;
use storage::SledStore;

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
            .map_err(|error| Failure::new(Code::Failed, error))?;
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

    /// Where a shop's goods are kept.
    #[must_use]
    pub fn goods(dir: &Path, shop: ShopId) -> PathBuf {
        dir.join("catalog").join(shop.to_string())
    }
}
