//! `[store]`: how the journals' store uses the machine. The defaults are the store's own.

use std::path::PathBuf;

use serde::Deserialize;

/// How the journals' store uses the machine.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    /// Mebibytes of pages the engine keeps in memory.
    pub cache_mib: Option<u64>,
    /// Commits in one group, which one sync makes durable.
    pub group: Option<usize>,
    /// Commits that may wait for the committer.
    pub queue: Option<usize>,
    /// Where the root key lies, when not in the data folder: on another disk, so that a stolen folder is mute.
    pub root_key: Option<PathBuf>,
}
