//! How many groups were durable at least, told outside of the engine.
//!
//! The engine takes damage in its log for the end of it: all that was written behind is dropped, and it
//! opens as if nothing had been there. The mark is how that is noticed. It is written when a group is
//! durable and never synced, so a crash or a power cut leaves an older one, which asks for less.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;

/// The file of the mark.
#[derive(Debug)]
pub(crate) struct Mark(File);

impl Mark {
    /// Opens the mark of a folder; tells the groups that were durable at least.
    pub(crate) fn open(dir: &Path) -> io::Result<(Self, u64)> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false);
        let mut file = file.open(dir.join("mark"))?;
        let mut bytes = [0; 16];
        // One that is not whole asks for nothing.
        let told = file.read_exact(&mut bytes).ok().and_then(|()| parse(bytes));
        Ok((Self(file), told.unwrap_or_default()))
    }

    pub(crate) fn write(&mut self, groups: u64) -> io::Result<()> {
        self.0.rewind()?;
        self.0.write_all(&[groups.to_be_bytes(), (!groups).to_be_bytes()].concat())
    }
}

fn parse(bytes: [u8; 16]) -> Option<u64> {
    let (groups, check) = bytes.split_first_chunk()?;
    let (groups, check) = (u64::from_be_bytes(*groups), u64::from_be_bytes(check.try_into().ok()?));
    (groups == !check).then_some(groups)
}
