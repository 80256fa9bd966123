//! Fresh ids from the system's randomness, and keyed values under a key that lies in the data folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use agent_core::time::Ids;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The key's file in the data folder. Lost, it costs the links and taps that are under way, and no data.
const FILE: &str = "ids.key";

/// Ids of this deployment.
pub struct OsIds(Hmac<Sha256>);

impl std::fmt::Debug for OsIds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OsIds(…)")
    }
}

impl OsIds {
    /// The ids of a data folder; makes the folder and its key if they are not there.
    ///
    /// # Errors
    /// When the key can't be read or made, or is not a key.
    pub fn open(data: &Path) -> io::Result<Self> {
        fs::create_dir_all(data)?;
        let path = data.join(FILE);
        let key = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if data.join("format").exists() {
                    tracing::warn!(path = %path.display(), "this key is gone; a new one was made, and links and buttons sent before no longer work");
                }
                make(&path)?;
                // Who started at the same time may have been first: the key is the one that lies there.
                fs::read(&path)
            }
            key => key,
        };
        let key = <[u8; 32]>::try_from(key?).map_err(|key| {
            let what = format!(
                "{} has {} bytes instead of 32: put it back from a backup, or remove it, and links and buttons sent \
                 before no longer work",
                path.display(),
                key.len()
            );
            io::Error::new(io::ErrorKind::InvalidData, what)
        })?;
        Ok(Self::keyed_with(&key))
    }

    /// Ids under a key that is gone with the process: nobody can tell afterwards what a keyed value was made of.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn passing() -> io::Result<Self> {
        random().map(|key| Self::keyed_with(&key))
    }

    fn keyed_with(key: &[u8; 32]) -> Self {
        // A key shorter than a block is filled with zeros, by HMAC's own rule; so is this.
        let mut block = [0; 64];
        block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        Self(Hmac::new(&block.into()))
    }
}

impl Ids for OsIds {
    fn fresh(&self) -> u128 {
        match random::<16>() {
            Ok(bytes) => u128::from_be_bytes(bytes),
            // A process that can't draw ids must not go on: two conversations would become one.
            Err(error) => {
                tracing::error!(%error, "the system gives no randomness");
                std::process::abort()
            }
        }
    }

    fn keyed(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(bytes);
        mac.finalize().into_bytes().into()
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the Ids port's system side")]
fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}

/// Makes a key: its file is there whole or not at all, readable by its owner only, and never in the place of another.
fn make(path: &Path) -> io::Result<()> {
    let new = path.with_extension(format!("{}.new", hex::encode(random::<8>()?)));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(&random::<32>()?)?;
    file.sync_all()?;
    let named = match fs::hard_link(&new, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => fs::remove_file(&new),
        // Where the file system gives no second name to a file, the last of several is the one.
        Err(_) => fs::rename(&new, path),
        Ok(()) => fs::remove_file(&new),
    };
    named?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_outlives_the_process_and_tells_purposes_apart() {
        let folder = tempfile::tempdir().unwrap();
        let first = OsIds::open(folder.path()).unwrap();
        let again = OsIds::open(folder.path()).unwrap();
        assert_eq!(first.keyed("action", b"x"), again.keyed("action", b"x"));
        assert_ne!(first.keyed("action", b"x"), first.keyed("link", b"x"));
        assert_ne!(first.keyed("a", b"b"), first.keyed("ab", b""));
        assert_ne!(first.fresh(), first.fresh());
        let other = tempfile::tempdir().unwrap();
        let other = OsIds::open(other.path()).unwrap();
        assert_ne!(first.keyed("action", b"x"), other.keyed("action", b"x"));
    }

    #[test]
    fn those_who_start_at_once_have_one_key() {
        const AT_ONCE: usize = 4;
        for _ in 0..50 {
            let folder = tempfile::tempdir().unwrap();
            let begin = std::sync::Barrier::new(AT_ONCE);
            let open = || {
                begin.wait();
                OsIds::open(folder.path()).unwrap().keyed("action", b"x")
            };
            let keyed: Vec<[u8; 32]> = std::thread::scope(|scope| {
                let all: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(open)).collect();
                all.into_iter().map(|one| one.join().unwrap()).collect()
            });
            let kept = OsIds::open(folder.path()).unwrap().keyed("action", b"x");
            assert_eq!(keyed, [kept; AT_ONCE]);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
        }
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_the_key_and_a_damaged_one_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        OsIds::open(folder.path()).unwrap();
        let path = folder.path().join(FILE);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path, b"short").unwrap();
        assert!(OsIds::open(folder.path()).unwrap_err().to_string().contains("5 bytes"));
    }
}
