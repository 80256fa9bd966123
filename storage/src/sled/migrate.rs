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

/// Rows that are written at once: few megabytes at the size of a turn.
const AT_ONCE: usize = 256;

type Step = fn(&sled::Db) -> Result<(), StoreError>;

/// What brings a store of format n + 1 to n + 2. A new format can't be added without its step.
const STEPS: [Step; FORMAT as usize - 1] = [stamps];

/// Takes every step from a format on.
pub(super) fn migrate(found: u32, tree: &sled::Db) -> Result<(), StoreError> {
    for (from, step) in (1..).zip(STEPS).skip(found as usize - 1) {
        tracing::info!(from, to = from + 1, "the store is brought to a newer format");
        step(tree)?;
    }
    tree.flush().map(|_| ()).map_err(failed)
}

/// Format 2: rows bear the stamp of their commit, and both counters lie in one row. Its rows of events hold
/// all of a commit; those of format 1 held one each, and stay so.
fn stamps(tree: &sled::Db) -> Result<(), StoreError> {
    rewrite(tree, Tag::Event, |_, row| {
        // What stood first was the number of further pieces, at most some twenty; a stamp begins with a time
        // after 1970.
        let is_old = row.first().is_some_and(|first| *first < 0x80);
        let blank = Stamp { until: Micros(0), commit: CommitId(0), head: Seq::START };
        is_old.then(|| [&blank.bytes(), &**row].concat())
    })?;
    rewrite(tree, Tag::Commit, |key, row| {
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

/// Writes anew the rows of a kind that are told otherwise.
fn rewrite(
    tree: &sled::Db,
    tag: Tag,
    anew: impl Fn(&[u8], &IVec) -> Option<Vec<u8>>,
) -> Result<(), StoreError> {
    let (mut batch, mut rows) = (Batch::default(), 0);
    for row in tree.scan_prefix([tag as u8]) {
        let (key, row) = row.map_err(failed)?;
        let Some(row) = anew(&key, &row) else { continue };
        batch.insert(key, row);
        rows += 1;
        if rows % AT_ONCE == 0 {
            tree.apply_batch(std::mem::take(&mut batch)).map_err(failed)?;
        }
    }
    tree.apply_batch(batch).map_err(failed)
}
