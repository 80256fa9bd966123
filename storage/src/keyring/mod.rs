//! The data keys: one for each customer, wrapped by a root key that the shop holds.
//!
//! They lie outside the engine, which never forgets a byte it once wrote. New keys are appended to one
//! small file, which has room for some hundreds at its end, and synced before the first commit that uses them. To drop one, the file is written anew
//! without it; the old file is overwritten before it is let go, so no copy stays in the folder.

mod entry;

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent_core::id::{CustomerId, ShopId};
use agent_core::time::{Ids, Micros};

use self::entry::Unreadable;
use crate::files;
use crate::key::Index;
use crate::open_error::OpenError;
use crate::seal::Key;

/// Whose a data key is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Owner {
    /// The store's: hashes of platform ids.
    Store,
    /// A shop's: what belongs to no customer.
    Shop(ShopId),
    /// A customer's.
    Customer(ShopId, CustomerId),
}

impl Owner {
    pub(crate) fn new(shop: ShopId, customer: Option<CustomerId>) -> Self {
        customer.map_or(Self::Shop(shop), |customer| Self::Customer(shop, customer))
    }

    pub(crate) fn customer(self) -> Option<CustomerId> {
        match self {
            Self::Customer(_, customer) => Some(customer),
            Self::Shop(_) | Self::Store => None,
        }
    }
}

#[derive(Clone, Debug)]
enum Slot {
    Live(Key),
    Erased(Micros),
}

/// Why there is no key.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoKey {
    /// It was dropped.
    Erased,
    /// The key file never heard of it.
    Unknown,
}

/// The key file, open.
#[derive(Debug)]
pub(crate) struct Keyring {
    path: PathBuf,
    root: Key,
    index: Index,
    ids: Arc<dyn Ids>,
    slots: Mutex<Slots>,
    /// Written by one thread; apart from the slots, so that nobody waits for the disk to get a key.
    file: Mutex<KeyFile>,
}

#[derive(Debug)]
struct Slots {
    all: HashMap<Owner, Slot>,
    /// Given out, and not yet in the file.
    pending: Vec<Owner>,
}

#[derive(Debug)]
struct KeyFile {
    file: File,
    /// The length of the file that is acknowledged.
    end: u64,
    /// How far it reaches; zeros lie between.
    room: u64,
}

/// By how much the file grows: where it need not, a sync has nothing but the new keys to bring to the medium.
const ROOM: usize = 64 * 1024;

impl Keyring {
    /// Opens the key file; makes it and the root key when `first` says that this is a first start.
    pub(crate) fn open(
        dir: &Path,
        root: &Path,
        first: bool,
        ids: Arc<dyn Ids>,
    ) -> Result<Self, OpenError> {
        let path = dir.join("keys");
        discard(&path.with_extension(files::UNFINISHED)).map_err(OpenError::at(&path))?;
        let found = files::read(&path).map_err(OpenError::at(&path))?;
        let root = root_key(root, first && found.is_none(), &*ids)?;
        let bytes = match found {
            Some(bytes) => bytes,
            None if first => create(&path, &root, &*ids)?,
            None => return Err(OpenError::lost(&path, "the file of data keys is gone")),
        };
        let (all, end) = entry::parse(&root, &bytes).map_err(|why| match why {
            Unreadable::OtherRoot => OpenError::lost(&path, "another root key wrapped it"),
            Unreadable::Damaged(at) => OpenError::damaged(&path, &format!("byte {at}")),
        })?;
        let Some(Slot::Live(index)) = all.get(&Owner::Store) else {
            return Err(OpenError::damaged(&path, "it has no index key"));
        };
        let index = Index::new(index.clone());
        let file = OpenOptions::new().write(true).open(&path).map_err(OpenError::at(&path))?;
        let rest = bytes.get(end..).unwrap_or_default();
        if rest.iter().any(|byte| *byte != 0) {
            tracing::warn!(path = %path.display(), "cut off new keys that no commit used");
        }
        if !rest.is_empty() {
            file.set_len(end as u64).map_err(OpenError::at(&path))?;
        }
        // Whole keys too may be from a process that was killed before it synced them.
        file.sync_all().map_err(OpenError::at(&path))?;
        let slots = Mutex::new(Slots { all, pending: Vec::new() });
        let file = Mutex::new(KeyFile { file, end: end as u64, room: end as u64 });
        Ok(Self { path, root, index, ids, slots, file })
    }

    /// A panic can't leave the slots half-changed: each change is one insert.
    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    /// The key to write with, made at its first use; in the file after the next [`sync`](Self::sync).
    pub(crate) fn make(&self, owner: Owner) -> Result<Key, NoKey> {
        let mut slots = self.slots();
        match slots.all.get(&owner) {
            Some(Slot::Live(key)) => Ok(key.clone()),
            Some(Slot::Erased(_)) => Err(NoKey::Erased),
            None => {
                let key = drawn(&*self.ids);
                slots.all.insert(owner, Slot::Live(key.clone()));
                slots.pending.push(owner);
                Ok(key)
            }
        }
    }

    /// The key to read with.
    pub(crate) fn find(&self, owner: Owner) -> Result<Key, NoKey> {
        match self.slots().all.get(&owner) {
            Some(Slot::Live(key)) => Ok(key.clone()),
            Some(Slot::Erased(_)) => Err(NoKey::Erased),
            None => Err(NoKey::Unknown),
        }
    }

    pub(crate) fn is_erased(&self, owner: Owner) -> bool {
        matches!(self.slots().all.get(&owner), Some(Slot::Erased(_)))
    }

    /// Everyone whose key was dropped, and when.
    pub(crate) fn erased(&self) -> Vec<(ShopId, CustomerId, Micros)> {
        let slots = self.slots();
        let erased = slots.all.iter().filter_map(|(owner, slot)| match (owner, slot) {
            (Owner::Customer(shop, customer), Slot::Erased(at)) => Some((*shop, *customer, *at)),
            _ => None,
        });
        erased.collect()
    }

    /// Whether any customer ever had a key here.
    pub(crate) fn has_customers(&self) -> bool {
        self.slots().all.keys().any(|owner| matches!(owner, Owner::Customer(..)))
    }

    /// Makes the keys given out so far durable. After an error the file is not to be written again.
    pub(crate) fn sync(&self) -> io::Result<()> {
        let new: Vec<(Owner, Slot)> = {
            let mut slots = self.slots();
            let pending = std::mem::take(&mut slots.pending);
            pending
                .iter()
                .filter_map(|owner| Some((*owner, slots.all.get(owner)?.clone())))
                .collect()
        };
        if new.is_empty() {
            return Ok(());
        }
        let mut keys = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let end = keys.end;
        let mut bytes = entry::append(&self.root, end, &new);
        let end = end + bytes.len() as u64;
        if end > keys.room {
            bytes.resize(bytes.len() + ROOM, 0);
            keys.room = end + ROOM as u64;
        }
        let at = keys.end;
        keys.file.seek(io::SeekFrom::Start(at))?;
        keys.file.write_all(&bytes)?;
        keys.file.sync_data()?;
        keys.end = end;
        Ok(())
    }

    /// Drops a customer's key for ever, durably. After an error the file is not to be written again.
    pub(crate) fn erase(&self, shop: ShopId, customer: CustomerId, at: Micros) -> io::Result<()> {
        let all = {
            let mut slots = self.slots();
            let owner = Owner::Customer(shop, customer);
            if let Some(Slot::Erased(_)) = slots.all.get(&owner) {
                return Ok(());
            }
            slots.all.insert(owner, Slot::Erased(at));
            slots.pending.clear();
            slots.all.clone()
        };
        // Whoever reads or writes needs the slots meanwhile.
        let bytes = entry::file(&self.root, &all);
        let mut keys = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        files::write_whole(&self.path, &bytes)?;
        let fresh = OpenOptions::new().write(true).open(&self.path)?;
        let old = std::mem::replace(&mut keys.file, fresh);
        let length = std::mem::replace(&mut keys.end, bytes.len() as u64);
        keys.room = keys.end;
        overwrite(old, length)
    }
}

/// The best that can be done to an open file's bytes on the medium.
fn overwrite(mut file: File, length: u64) -> io::Result<()> {
    file.seek(io::SeekFrom::Start(0))?;
    io::copy(&mut io::Read::take(io::repeat(0), length), &mut file)?;
    file.sync_all()
}

/// Removes a key file that was not finished; what it holds is overwritten first.
fn discard(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(file) => {
            let length = file.metadata()?.len();
            overwrite(file, length)?;
        }
    }
    files::remove(path)?;
    files::sync_dir(files::parent(path))
}

fn create(path: &Path, root: &Key, ids: &dyn Ids) -> Result<Vec<u8>, OpenError> {
    let first = HashMap::from([(Owner::Store, Slot::Live(drawn(ids)))]);
    let bytes = entry::file(root, &first);
    files::write_whole(path, &bytes).map_err(OpenError::at(path))?;
    Ok(bytes)
}

/// A key nobody can guess: the ids port promises as much of each fresh number.
fn drawn(ids: &dyn Ids) -> Key {
    let (one, two) = (ids.fresh().to_be_bytes(), ids.fresh().to_be_bytes());
    Key::new(Key::new([0; 32]).mac(&[b"data key", &one, &two]))
}

/// Reads the root key: 64 hexadecimal digits. Makes it at a first start.
fn root_key(path: &Path, first: bool, ids: &dyn Ids) -> Result<Key, OpenError> {
    let text = match files::read(path).map_err(OpenError::at(path))? {
        Some(text) => text,
        None if first => {
            let text = format!("{}\n", hex::encode(drawn(ids).bytes()));
            files::write_whole(path, text.as_bytes()).map_err(OpenError::at(path))?;
            text.into_bytes()
        }
        None => return Err(OpenError::lost(path, "the root key is gone")),
    };
    let mut key = [0; 32];
    hex::decode_to_slice(text.trim_ascii(), &mut key)
        .map_err(|_| OpenError::lost(path, "it is not 64 hexadecimal digits"))?;
    Ok(Key::new(key))
}

#[cfg(test)]
mod tests {
    use agent_core::time::turned::CountedIds;

    use super::*;

    #[test]
    fn the_file_grows_for_many_keys_at_once_and_holds_each() {
        let dir = tempfile::TempDir::new().unwrap();
        let root = dir.path().join("root.key");
        let open = |first| Keyring::open(dir.path(), &root, first, Arc::new(CountedIds::new(1)));
        let length = || std::fs::metadata(dir.path().join("keys")).unwrap().len();
        let owner = |n| Owner::Customer(ShopId(1), CustomerId(n));
        let keys = open(true).unwrap();
        let mut lengths = std::collections::BTreeSet::new();
        let made: Vec<Key> = (0..700)
            .map(|n| {
                let key = keys.make(owner(n)).unwrap();
                keys.sync().unwrap();
                lengths.insert(length());
                key
            })
            .collect();
        assert_eq!(lengths.len(), 2, "{lengths:?}");
        keys.erase(ShopId(1), CustomerId(3), Micros(5)).unwrap();
        keys.make(owner(700)).unwrap();
        keys.sync().unwrap();
        drop(keys);
        let keys = open(false).unwrap();
        for (n, key) in (0..).zip(&made).filter(|(n, _)| *n != 3) {
            assert_eq!(keys.find(owner(n)).unwrap().bytes(), key.bytes());
        }
        assert_eq!(keys.find(owner(3)).unwrap_err(), NoKey::Erased);
        assert!(keys.find(owner(700)).is_ok());
    }
}
