//! The tree as rows, opened: what readers and the committer share.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use agent_core::id::{CommitId, CustomerId, JournalId, Seq, ShopId};
use agent_core::store::StoreError;
use agent_core::time::Micros;
use sled::IVec;

use crate::blob::Blobs;
use crate::key::{self, Reader};
use crate::keyring::{Keyring, NoKey, Owner};
use crate::record::{Body, Parts};

/// A record longer than this continues in further rows.
///
/// The engine keeps up to some 20 rows on a page, and writes a page beyond 128 KiB into a file of its
/// own that it never syncs. With rows of 4 KiB no page comes near that.
pub(super) const PIECE: usize = 4 * 1024;

/// The engine, the keys and the blobs.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) tree: sled::Db,
    pub(super) keys: Keyring,
    pub(super) blobs: Blobs,
    told: Mutex<BTreeSet<String>>,
    /// After `tree`, so that the engine is let go here.
    _last: LastHandle,
}

/// Damaged records that the operator is told of; where there are more, the first ones are enough.
const TOLD: usize = 1000;

/// The handle that outlives all others: letting go of the engine panics where its disk fails then.
#[derive(Debug)]
pub(super) struct LastHandle(Option<sled::Db>);

impl LastHandle {
    pub(super) fn new(tree: sled::Db) -> Self {
        Self(Some(tree))
    }

    /// Lets go; says whether what the engine wrote then is on the disk.
    pub(super) fn close(&mut self) -> bool {
        let tree = self.0.take();
        catch_unwind(AssertUnwindSafe(|| drop(tree))).is_ok()
    }
}

impl Drop for LastHandle {
    fn drop(&mut self) {
        if !self.close() {
            tracing::error!(
                "the disk failed while the store was closed; nothing acknowledged was in it"
            );
        }
    }
}

/// Where a journal stands.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) seq: Seq,
    pub(super) customer: Option<CustomerId>,
}

impl Head {
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let seq = Seq(reader.number()?);
        let customer = reader.take().map(|bytes| CustomerId(u128::from_be_bytes(bytes)));
        Some(Self { seq, customer })
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        let mut bytes = self.seq.0.to_be_bytes().to_vec();
        bytes.extend(self.customer.iter().flat_map(|customer| customer.0.to_be_bytes()));
        bytes
    }
}

/// What rows of a commit bear, by which it is known when it is sent again.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Until when.
    pub(super) until: Micros,
    pub(super) commit: CommitId,
    /// Where its journal stood after it.
    pub(super) head: Seq,
}

impl Stamp {
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let until = reader.moment()?;
        let commit = CommitId(u128::from_be_bytes(reader.take()?));
        Some(Self { until, commit, head: Seq(reader.number()?) })
    }

    pub(super) fn bytes(self) -> [u8; key::BEFORE_EVENTS] {
        let mut bytes = [0; key::BEFORE_EVENTS];
        let parts = [&key::moment(self.until)[..], &self.commit.0.to_be_bytes()];
        let parts = parts.concat().into_iter().chain(self.head.0.to_be_bytes());
        bytes.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        bytes
    }
}

/// What the store counts.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counters {
    /// Groups that were written.
    pub(super) groups: u64,
    /// Rows that ever came into inboxes.
    pub(super) arrivals: u64,
}

impl Counters {
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        Some(Self { groups: reader.number()?, arrivals: reader.number()? })
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        [self.groups.to_be_bytes(), self.arrivals.to_be_bytes()].concat()
    }
}

/// The engine's error.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn failed(error: sled::Error) -> StoreError {
    match error {
        sled::Error::Corruption { .. } => StoreError::Damaged(error.to_string()),
        _ => StoreError::Failed(error.to_string()),
    }
}

/// Says where bytes are not what was written.
pub(super) fn damaged(key: &[u8]) -> StoreError {
    StoreError::Damaged(format!("the record at {}", hex::encode(key)))
}

impl Rows {
    pub(super) fn new(tree: sled::Db, keys: Keyring, blobs: Blobs) -> Self {
        let _last = LastHandle::new(tree.clone());
        Self { tree, keys, blobs, told: Mutex::default(), _last }
    }

    pub(super) fn get(&self, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        self.tree.get(key).map_err(failed)
    }

    /// Tells the operator of a damaged record; once, however often it is met.
    pub(super) fn tell(&self, damaged: &StoreError) {
        let what = damaged.to_string();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() < TOLD && told.insert(what.clone()) {
            tracing::error!(what, "left out; everything else can be read");
        }
    }

    /// A row that can be read, or nothing for one that is damaged or not there any more.
    pub(super) fn readable<T>(&self, row: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
        match row {
            Ok(row) => Ok(Some(row)),
            Err(damaged @ StoreError::Damaged(_)) => {
                self.tell(&damaged);
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    /// The rows from one key up to, not including, another.
    pub(super) fn scan(
        &self,
        from: Vec<u8>,
        to: Vec<u8>,
    ) -> impl DoubleEndedIterator<Item = Result<(IVec, IVec), StoreError>> {
        self.tree.range(from..to).map(|row| row.map_err(failed))
    }

    /// All rows that begin with a prefix.
    pub(super) fn all(
        &self,
        prefix: Vec<u8>,
    ) -> impl Iterator<Item = Result<(IVec, IVec), StoreError>> {
        let end = key::behind(&prefix);
        self.scan(prefix, end)
    }

    pub(super) fn head(&self, journal: JournalId) -> Result<Head, StoreError> {
        let key = key::head(journal);
        let Some(row) = self.get(&key)? else { return Ok(Head::default()) };
        Head::parse(&row).ok_or_else(|| damaged(&key))
    }

    /// The clear half and the opened half of the record in a row.
    ///
    /// Between a scan and this the row may have been written anew or removed, its pieces and blob with
    /// it: then the newer row is told, or nothing.
    pub(super) fn open(&self, key: &[u8], mut row: IVec) -> Result<Option<Opened>, StoreError> {
        loop {
            match self.try_open(key, &row) {
                Ok((owner, clear, plain)) => return Ok(Some(Opened { row, owner, clear, plain })),
                Err(StoreError::Damaged(what)) => match self.get(key)? {
                    Some(now) if now == row => return Err(StoreError::Damaged(what)),
                    Some(now) => row = now,
                    None => return Ok(None),
                },
                Err(other) => return Err(other),
            }
        }
    }

    fn try_open(&self, key: &[u8], row: &[u8]) -> Result<(Owner, Vec<u8>, Vec<u8>), StoreError> {
        let record = self.whole(key, row)?;
        let parts = Parts::parse(shop_of(key), &record).ok_or_else(|| damaged(key))?;
        let data_key = self.keys.find(parts.owner).map_err(|why| match why {
            NoKey::Erased => StoreError::Erased,
            NoKey::Unknown => StoreError::Damaged(format!("no data key for {}", hex::encode(key))),
        })?;
        let sealer = data_key.sealer();
        let plain = match &parts.body {
            Body::Here(sealed) => parts.open(key, &sealer, sealed),
            Body::Blob(name) => {
                // One file that can't be read costs itself, like a record that is damaged.
                let sealed = self.blobs.read(parts.owner, name).map_err(|error| {
                    StoreError::Damaged(format!("the blob of {}: {error}", hex::encode(key)))
                })?;
                sealed.and_then(|sealed| parts.open(key, &sealer, &sealed))
            }
        };
        Ok((parts.owner, parts.clear.to_vec(), plain.ok_or_else(|| damaged(key))?))
    }

    /// The blob that the record at a key names; none also where there is no record.
    pub(super) fn names(&self, key: &[u8]) -> Result<Option<[u8; 32]>, StoreError> {
        let Some(row) = self.get(key)? else { return Ok(None) };
        let record = self.whole(key, &row)?;
        let parts = Parts::parse(shop_of(key), &record).ok_or_else(|| damaged(key))?;
        Ok(match parts.body {
            Body::Blob(name) => Some(name),
            Body::Here(_) => None,
        })
    }

    /// The record in a row, put together from its pieces.
    pub(super) fn whole(&self, key: &[u8], row: &[u8]) -> Result<Vec<u8>, StoreError> {
        let first = row.get(key::front(key)..).and_then(|first| first.split_first_chunk());
        let ([more], piece) = first.ok_or_else(|| damaged(key))?;
        let mut record = piece.to_vec();
        for n in 1..=*more {
            let piece = self.get(&key::more(key, n))?.ok_or_else(|| damaged(key))?;
            record.extend_from_slice(&piece);
        }
        Ok(record)
    }
}

/// A record that was opened.
#[derive(Debug)]
pub(super) struct Opened {
    /// The row it came from.
    pub(super) row: IVec,
    pub(super) owner: Owner,
    pub(super) clear: Vec<u8>,
    pub(super) plain: Vec<u8>,
}

pub(super) fn shop_of(key: &[u8]) -> ShopId {
    Reader(key).shop().unwrap_or(ShopId(0))
}
