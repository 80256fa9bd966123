//! Searching a folder for bytes: in every file, and in the names of files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

/// Every file of a folder, its name in front of its bytes.
pub(crate) fn files(dir: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().as_encoded_bytes().to_vec();
        if path.is_dir() {
            files.push((path.clone(), name));
            files.extend(self::files(&path)?);
        } else {
            let bytes = [name, fs::read(&path)?].concat();
            files.push((path, bytes));
        }
    }
    Ok(files)
}

/// None of these is in any of the files.
pub(crate) fn absent(files: &[(PathBuf, Vec<u8>)], secrets: &[Vec<u8>]) -> Result<()> {
    for (path, bytes) in files {
        // Sixteen bytes in a row tell a secret; most places are none by their first byte alone.
        let found = secrets.iter().find(|secret| holds(bytes, secret));
        ensure!(found.is_none(), "{} holds {found:02x?}", path.display());
    }
    Ok(())
}

pub(crate) fn holds(bytes: &[u8], secret: &[u8]) -> bool {
    let Some((first, _)) = secret.split_first() else { return false };
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        rest = rest.get(at..).unwrap_or_default();
        if rest.starts_with(secret) {
            return true;
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    false
}
