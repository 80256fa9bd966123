//! Why a store does not open, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use agent_core::store::StoreError;

/// Why a store does not open. Nothing was changed, and nothing that was acknowledged is lost by it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("another process uses {}: stop it first, or give this one another folder", .0.display())]
    Locked(PathBuf),
    /// It was written by a newer version.
    #[error("{} is in format {found}, this version knows up to {known}: start the newer version, or export with it and import here", .dir.display())]
    Newer {
        /// The folder.
        dir: PathBuf,
        /// The folder's format.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// What opens the sealed records is not there.
    #[error("the keys of this store are not at {}: {why}; put the file back from where the shop keeps it, for without it nothing can be read", .path.display())]
    KeyLost {
        /// The file that is missing or wrong.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Bytes are not what was written.
    #[error("{} is damaged ({what}): put the folder back from a backup, or import the last export into an empty one", .path.display())]
    Damaged {
        /// Where.
        path: PathBuf,
        /// What.
        what: String,
    },
    /// The engine's log ends before what was acknowledged.
    #[error("the log in {} is damaged and ends {missing} groups of commits too early: put the folder back from a backup, or import the last export into an empty one; to go on without what is missing, remove the file `mark`", .dir.display())]
    Cut {
        /// The folder.
        dir: PathBuf,
        /// How many syncs' worth of commits are missing at least.
        missing: u64,
    },
    /// The disk is full.
    #[error("no space is left for {}: free some and start again", .0.display())]
    Full(PathBuf),
    /// What a start finishes, of an erasure or for a newer format, could not be.
    #[error("{} could not be made ready: {why}; nothing is lost: see to the disk (is it full?), then start again", .dir.display())]
    Unfinished {
        /// The folder.
        dir: PathBuf,
        /// What the store said.
        why: String,
    },
    /// A setting can't be worked with.
    #[error(transparent)]
    Unfit(#[from] crate::sled::Unfit),
    /// The system refused.
    #[error("{}: {source}; see to the disk and the folder's permissions, then start again", .path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

impl OpenError {
    /// What the system's error at a path means.
    pub(crate) fn at(path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::Full(path.to_owned())
            }
            _ => Self::Io { path: path.to_owned(), source },
        }
    }

    /// What the store's error means while a folder is being opened. What failed is no damage, and goes on when it can.
    pub(crate) fn of(dir: &Path) -> impl Fn(StoreError) -> Self {
        move |error| match error {
            StoreError::Failed(why) => Self::Unfinished { dir: dir.to_owned(), why },
            StoreError::Damaged(_) | StoreError::Erased => Self::damaged(dir, &error.to_string()),
        }
    }

    pub(crate) fn lost(path: &Path, why: &str) -> Self {
        Self::KeyLost { path: path.to_owned(), why: why.to_owned() }
    }

    pub(crate) fn damaged(path: &Path, what: &str) -> Self {
        Self::Damaged { path: path.to_owned(), what: what.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever puts back a backup gets dropped keys back, and loses what was acknowledged since.
    #[test]
    fn a_full_disk_is_not_told_as_damage() {
        let dir = Path::new("data");
        let full = OpenError::of(dir)(StoreError::Failed("No space left on device".to_owned()));
        let told = full.to_string();
        assert!(told.contains("No space left") && told.contains("start again"), "{told}");
        assert!(!told.contains("backup"), "{told}");
        let damaged = OpenError::of(dir)(StoreError::Damaged("the record at 00".to_owned()));
        assert!(matches!(damaged, OpenError::Damaged { .. }), "{damaged}");
    }
}
