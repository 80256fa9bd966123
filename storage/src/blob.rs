//! What is too long for the engine: one sealed file each, under its owner, named by its content and
//! its place. A file is durable before the commit that names it, so one that no record names is from
//! a commit that was never made, or was consumed: it is swept when the store opens.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::files;
use crate::keyring::Owner;

/// No record that can be long has a key of more bytes.
const FRONT: u64 = 256;

/// A sealed payload on its way into a file.
#[derive(Debug)]
pub(crate) struct Blob {
    pub(crate) owner: Owner,
    pub(crate) name: [u8; 32],
    /// The record that names it. It stands in the file, for the sweep to look it up.
    pub(crate) key: Vec<u8>,
    pub(crate) sealed: Vec<u8>,
}

/// The folder of blobs.
#[derive(Clone, Debug)]
pub(crate) struct Blobs {
    root: PathBuf,
    dir: PathBuf,
}

impl Blobs {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), dir: root.join("blobs") }
    }

    fn owned(&self, owner: Owner) -> PathBuf {
        match owner {
            Owner::Store => self.dir.clone(),
            Owner::Shop(shop) => self.dir.join(shop.to_string()).join("shop"),
            Owner::Customer(shop, customer) => {
                self.dir.join(shop.to_string()).join(customer.to_string())
            }
        }
    }

    fn path(&self, owner: Owner, name: &[u8; 32]) -> PathBuf {
        self.owned(owner).join(hex::encode(name))
    }

    pub(crate) fn write(&self, blob: &Blob) -> io::Result<()> {
        let path = self.path(blob.owner, &blob.name);
        files::create_dirs(&self.root, files::parent(&path))?;
        let length = (blob.key.len() as u16).to_be_bytes();
        files::write_whole(&path, &[&length, blob.key.as_slice(), &blob.sealed].concat())
    }

    /// The sealed payload.
    pub(crate) fn read(&self, owner: Owner, name: &[u8; 32]) -> io::Result<Option<Vec<u8>>> {
        let bytes = files::read(&self.path(owner, name))?;
        Ok(bytes.and_then(|bytes| split(&bytes).map(|(_, sealed)| sealed.to_vec())))
    }

    pub(crate) fn remove(&self, owner: Owner, name: &[u8; 32]) -> io::Result<()> {
        files::remove(&self.path(owner, name))
    }

    /// Removes all of an owner's.
    pub(crate) fn erase(&self, owner: Owner) -> io::Result<()> {
        let dir = self.owned(owner);
        match std::fs::remove_dir_all(&dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(()) => files::sync_dir(files::parent(&dir)),
        }
    }

    /// Removes every file that `named` does not know: by its record's key and its name. Makes durable
    /// the folders that a process made and did not live to sync.
    pub(crate) fn sweep(&self, mut named: impl FnMut(&[u8], &str) -> bool) -> io::Result<()> {
        for shop in entries(&self.dir)? {
            for owner in entries(&shop)? {
                for path in entries(&owner)? {
                    let front = match front(&path) {
                        Ok(front) => front,
                        Err(error) => {
                            tracing::error!(path = %path.display(), %error, "left a blob that can't be read");
                            continue;
                        }
                    };
                    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                    if !split(&front).is_some_and(|(key, _)| named(key, name)) {
                        files::remove(&path)?;
                    }
                }
            }
            files::sync_dir(&shop)?;
        }
        if self.dir.is_dir() { files::sync_dir(&self.dir) } else { Ok(()) }
    }
}

/// The beginning of a file, where the key of its record stands; the rest may be long.
fn front(path: &Path) -> io::Result<Vec<u8>> {
    let mut front = Vec::new();
    File::open(path)?.take(FRONT).read_to_end(&mut front)?;
    Ok(front)
}

fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

fn entries(dir: &Path) -> io::Result<Vec<PathBuf>> {
    match std::fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
    }
}
