//! The store on sled as its callers meet it: the contract, opening, erasing, and a model.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, which the lint's exemption does not reach"
)]

mod erase;
mod format;
mod large;
mod model;
mod open;
mod stress;
mod wal;

use std::path::Path;
use std::sync::Arc;

use agent_core::digest::Digest;
use agent_core::store::contract::{self, Subject};
use agent_core::time::turned::CountedIds;
use storage::{OpenError, Settings, SledStore};
use tempfile::TempDir;

/// A store in a folder that goes with it.
struct Folder {
    store: Arc<SledStore>,
    dir: TempDir,
}

fn open(dir: &Path) -> Result<Arc<SledStore>, OpenError> {
    SledStore::open(dir, &Settings::default(), Arc::new(CountedIds::new(1)))
}

/// Words of about so many bytes that nothing makes much shorter.
fn noise(seed: u64, bytes: usize) -> String {
    let words = (0..bytes / 64).map(|n| Digest::of(format!("{seed} {n}").as_bytes()));
    words.map(|word| word.to_string()).collect()
}

impl Subject for Folder {
    type Store = SledStore;

    fn fresh() -> Self {
        let dir = TempDir::new().unwrap();
        Self { store: open(dir.path()).unwrap(), dir }
    }

    fn store(&self) -> &SledStore {
        &self.store
    }

    fn reopened(self) -> Self {
        let Self { store, dir } = self;
        drop(store);
        Self { store: open(dir.path()).unwrap(), dir }
    }
}

#[tokio::test]
async fn the_store_on_sled_keeps_the_contract() {
    contract::check::<Folder>().await;
}
