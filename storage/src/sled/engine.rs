//! The engine as it is written: never so much between two syncs that it fills a segment.
//!
//! Its file is made of segments, each written from its beginning to its end. One that holds nothing any more is written
//! over when later ones are on the medium: or so the engine thinks, whose own flush does not reach it. They are, where less
//! than a segment lies between two syncs of the file. A row can make it write a whole page anew, and move
//! another one meanwhile, so a group of many rows is given in portions. A power cut may leave a part of it: it is still in
//! the write-ahead log, which gives it again.

use std::fs::File;

use agent_core::store::StoreError;
use sled::IVec;

use super::rows::failed;
use crate::key;
use crate::wal;

/// Rows between two flushes, which tell how much was written. Each makes the engine write a page of up to some 80 KiB anew
/// and perhaps move another; 5 KiB are usual.
const PORTION: usize = 16;

/// Bytes flushed after which the file is synced; an eighth of a segment, so that a portion more may be long.
const LOOSE: usize = 256 * 1024;

/// The engine and its file, open for as long as the store, so that no error of writing it back is missed.
#[derive(Debug)]
pub(super) struct Engine {
    tree: sled::Db,
    file: File,
    /// Rows since the last flush.
    given: usize,
    /// Bytes flushed since the last sync.
    loose: usize,
}

impl Engine {
    pub(super) fn new(tree: sled::Db, file: File) -> Self {
        Self { tree, file, given: 0, loose: 0 }
    }

    /// Gives it the rows of a group. The counters come last: an engine that has them has the group.
    pub(super) fn give<R>(&mut self, rows: &wal::Rows<R>) -> Result<(), StoreError>
    where
        R: Clone + Into<IVec>,
    {
        let counters = key::counters();
        let last = rows.get_key_value(&counters);
        let mut rows = rows.iter().filter(|(key, _)| **key != counters).chain(last);
        loop {
            let (mut batch, before) = (sled::Batch::default(), self.given);
            for (key, row) in rows.by_ref().take(PORTION - before) {
                self.given += 1;
                match row {
                    Some(row) => batch.insert(&**key, row.clone()),
                    None => batch.remove(&**key),
                }
            }
            if self.given == before {
                return Ok(());
            }
            self.tree.apply_batch(batch).map_err(failed)?;
            if self.given == PORTION {
                self.flush()?;
            }
            if self.loose >= LOOSE {
                self.sync()?;
            }
        }
    }

    /// Returns when all that it was given is on the medium.
    pub(super) fn settle(&mut self) -> Result<(), StoreError> {
        self.flush()?;
        self.sync()
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        self.loose += self.tree.flush().map_err(failed)?;
        self.given = 0;
        Ok(())
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        self.loose = 0;
        self.file.sync_data().map_err(|error| StoreError::Failed(error.to_string()))
    }
}
