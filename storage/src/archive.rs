//! What hashes name, kept for ever: one file each, named by its content. Not sealed, because never
//! personal, and because a tape must be verifiable on a machine without the shop's keys.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use agent_core::digest::Digest;

use crate::files;

/// A folder of named content.
#[derive(Debug)]
pub(crate) struct Shelf {
    root: PathBuf,
    dir: PathBuf,
    /// Who writes; so that what is there is whole and durable for whoever comes next.
    writer: Mutex<()>,
}

impl Shelf {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), dir: root.join("archive"), writer: Mutex::new(()) }
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.dir.join(digest.to_string())
    }

    pub(crate) fn keep(&self, digest: &Digest, bytes: &[u8]) -> io::Result<()> {
        let _writing = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        // One that is there and damaged is written anew: here are its bytes.
        if self.kept(digest)?.is_some_and(|kept| kept == bytes) {
            return Ok(());
        }
        files::create_dirs(&self.root, &self.dir)?;
        files::write_whole(&self.path(digest), bytes)
    }

    pub(crate) fn kept(&self, digest: &Digest) -> io::Result<Option<Vec<u8>>> {
        files::read(&self.path(digest))
    }
}
