//! What brings an older store to the format of now, one format at a time.
//!
//! A step may be cut short anywhere and is then taken again from its beginning, so it must know what it did
//! already. The number of the new format is written when all of it is durable.

use agent_core::id::{CommitId, Seq, ShopId};
use agent_core::store::StoreError;
use agent_core::time::Micros;
use sled::{Batch, IVec};

use super::open::FORMAT;
use super::rows::{Counters, Stamp, failed};
use crate::key::{self, Reader, Tag};

/// Bytes of rows that are written before they are made durable: a quarter of what a group of commits may have, for the
/// oldest stores have segments of a quarter of the size. Nothing orders what the engine writes meanwhile, and it must not
/// come to write over a segment whose content is not durable elsewhere.
const AT_ONCE: usize = super::GROUP_BYTES / 4;

type Step = fn(&sled::Db, Durable<'_>) -> Result<(), StoreError>;

/// Makes durable what was written.
pub(super) type Durable<'a> = &'a dyn Fn() -> Result<(), StoreError>;

/// What brings a store of format n + 1 to n + 2. A new format can't be added without its step.
const STEPS: [Step; FORMAT as usize - 1] = [stamps, logged];

/// Takes every step from a format on.
pub(super) fn migrate(found: u32, tree: &sled::Db, durable: Durable<'_>) -> Result<(), StoreError> {
    for (from, step) in (1..).zip(STEPS).skip(found as usize - 1) {
        tracing::info!(from, to = from + 1, "the store is brought to a newer format");
        step(tree, durable)?;
    }
    durable()
}

/// Format 2: rows bear the stamp of their commit, and both counters lie in one row. Its rows of events hold
/// all of a commit; those of format 1 held one each, and stay so.
fn stamps(tree: &sled::Db, durable: Durable<'_>) -> Result<(), StoreError> {
    rewrite((tree, durable), Tag::Event, |_, row| {
        // What stood first was the number of further pieces, at most some twenty; a stamp begins with a time
        // after 1970.
        let is_old = row.first().is_some_and(|first| *first < 0x80);
        let blank = Stamp { until: Micros(0), commit: CommitId(0), head: Seq::START };
        is_old.then(|| [&blank.bytes(), &**row].concat())
    })?;
    rewrite((tree, durable), Tag::Commit, |key, row| {
        let commit = key.split_last_chunk().map(|(_, id)| CommitId(u128::from_be_bytes(*id)))?;
        if Stamp::parse(row).is_some_and(|stamp| stamp.commit == commit) {
            return None;
        }
        let mut reader = Reader(row);
        let (until, head) = (reader.moment()?, Seq(reader.number()?));
        Some(Stamp { until, commit, head }.bytes().to_vec())
    })?;
    let own = |name: &str| [&key::all(Tag::Own, ShopId(0)), name.as_bytes()].concat();
    let old = [own("groups"), own("arrivals")];
    let counted = |key: &Vec<u8>| {
        let row = tree.get(key).map_err(failed)?;
        Ok(row.and_then(|row| Reader(&row).number()))
    };
    let [groups, arrivals] = [counted(&old[0])?, counted(&old[1])?];
    let mut batch = Batch::default();
    if groups.or(arrivals).is_some() {
        let (groups, arrivals) = (groups.unwrap_or_default(), arrivals.unwrap_or_default());
        batch.insert(key::counters(), Counters { groups, arrivals }.bytes());
        old.into_iter().for_each(|key| batch.remove(key));
    }
    tree.apply_batch(batch).map_err(failed)
}

/// Format 3: a write-ahead log, which the folder has when it opens. Its rows are those of format 2.
fn logged(_: &sled::Db, _: Durable<'_>) -> Result<(), StoreError> {
    Ok(())
}

/// Writes anew the rows of a kind that are told otherwise.
fn rewrite(
    (tree, durable): (&sled::Db, Durable<'_>),
    tag: Tag,
    anew: impl Fn(&[u8], &IVec) -> Option<Vec<u8>>,
) -> Result<(), StoreError> {
    let (mut batch, mut bytes) = (Batch::default(), 0);
    for row in tree.scan_prefix([tag as u8]) {
        let (key, row) = row.map_err(failed)?;
        let Some(row) = anew(&key, &row) else { continue };
        bytes += key.len() + row.len();
        batch.insert(key, row);
        if bytes >= AT_ONCE {
            tree.apply_batch(std::mem::take(&mut batch)).map_err(failed)?;
            durable()?;
            bytes = 0;
        }
    }
    tree.apply_batch(batch).map_err(failed)?;
    durable()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use agent_core::store::contract::make;

    use super::*;

    /// Rows of events, as the engine has them, that are told in the new way.
    fn told(tree: &sled::Db) -> usize {
        tree.scan_prefix([Tag::Event as u8])
            .filter(|row| row.as_ref().unwrap().1[0] >= 0x80)
            .count()
    }

    #[test]
    fn little_is_written_before_it_is_made_durable() {
        let dir = tempfile::TempDir::new().unwrap();
        let tree = sled::Config::new().path(dir.path()).open().unwrap();
        let mut batch = Batch::default();
        for n in 0..200 {
            batch.insert(key::event(make::journal(), Seq(n)), vec![0; 4000]);
        }
        tree.apply_batch(batch).unwrap();
        let (durable, most) = (Cell::new(0), Cell::new(0));
        let make_durable = || {
            let now = told(&tree);
            most.set(most.get().max(now - durable.replace(now)));
            Ok(())
        };
        migrate(1, &tree, &make_durable).unwrap();
        assert_eq!(durable.get(), 200);
        assert!((1..=AT_ONCE / 4000 + 1).contains(&most.get()), "{} rows", most.get());
    }
}
