//! `[store]`: how the journals' store uses the machine. The defaults are the store's own, and so is what it refuses.

use std::path::PathBuf;

use serde::Deserialize;
use storage::Settings;

use super::problem::{ConfigError, Text};

/// How the journals' store uses the machine.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    /// Mebibytes of pages the engine keeps in memory.
    pub cache_mib: Option<u64>,
    /// Commits in one group, which one sync makes durable.
    pub group: Option<usize>,
    /// Kibibytes of content after which a group is full.
    pub group_kib: Option<usize>,
    /// Commits that may wait for the committer.
    pub queue: Option<usize>,
    /// Where the root key lies, when not in the data folder: on another disk, so that a stolen folder is mute.
    pub root_key: Option<PathBuf>,
}

impl Store {
    /// The store's own settings; the root key lies where it always does, unless `root_key` says otherwise.
    #[must_use]
    pub fn settings(&self, root_key: Option<PathBuf>) -> Settings {
        let default = Settings::default();
        Settings {
            cache: self.cache_mib.map_or(default.cache, |mib| mib.saturating_mul(1024 * 1024)),
            group: self.group.unwrap_or(default.group),
            group_bytes: self.group_kib.map_or(default.group_bytes, |kib| kib.saturating_mul(1024)),
            queue: self.queue.unwrap_or(default.queue),
            commit: default.commit,
            root_key,
        }
    }

    /// Whether a store can work with it.
    pub(super) fn check(&self, text: &Text<'_>) -> Result<(), ConfigError> {
        let Err(unfit) = self.settings(None).check() else { return Ok(()) };
        let key = match unfit.name {
            "cache" => "cache_mib",
            "group_bytes" => "group_kib",
            name => name,
        };
        let root = text.table()?;
        let section = root.get_ref().get("store").and_then(|store| store.get_ref().as_table());
        let at = section.and_then(|it| it.get(key)).map_or(0, |value| value.span().start);
        Err(text.problem(at, &format!("`{key}` is {}", unfit.why)))
    }
}
