//! What was done for journals so far, a line each: called again, a long run goes on where it was cut short.
//!
//! A result stands for the very journal it was made of, by the hash of its events; of another, it is made anew.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use agent_core::digest::{Digest, canonical};
use agent_core::id::JournalId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Journal;

/// Why results can't be kept.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// The file is of a run with something else changed.
    #[error("{} holds the results of another run: name another file, or remove it", .0.display())]
    Another(PathBuf),
    /// The file can't be read or written.
    #[error("the results file {}: {source}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A result, and what it was made of.
#[derive(Debug, Serialize, Deserialize)]
struct Held<T> {
    journal: JournalId,
    of: Digest,
    result: T,
}

/// A file of results.
#[derive(Debug)]
pub struct Results<T> {
    path: PathBuf,
    file: File,
    held: BTreeMap<(JournalId, Digest), T>,
}

impl<T: Serialize + DeserializeOwned> Results<T> {
    /// The file, made or gone on with; `run` says what is done, and is the same for the same run alone.
    ///
    /// # Errors
    /// When it can't be read or written, or is of another run.
    pub fn open(path: &Path, run: &impl Serialize) -> Result<Self, ResultsError> {
        let failed = |source| ResultsError::Io { path: path.to_owned(), source };
        let head = format!("{{\"run\":\"{}\"}}", Digest::of(canonical(run).as_bytes()));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        // Results say what customers said.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(failed)?;
        let (mut held, mut good) = (BTreeMap::new(), 0);
        let mut lines = BufReader::new(&file);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).map_err(failed)? > 0 && line.ends_with(b"\n") {
            if good == 0 {
                if line.trim_ascii_end() != head.as_bytes() {
                    return Err(ResultsError::Another(path.to_owned()));
                }
            } else {
                // What was torn is done again.
                let Ok(Held { journal, of, result }) = serde_json::from_slice(&line) else { break };
                held.insert((journal, of), result);
            }
            good += line.len() as u64;
            line.clear();
        }
        if good == 0 && !head.as_bytes().starts_with(&line) {
            return Err(ResultsError::Another(path.to_owned()));
        }
        drop(lines);
        file.set_len(good).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        if good == 0 {
            writeln!(file, "{head}").map_err(failed)?;
        }
        Ok(Self { path: path.to_owned(), file, held })
    }

    /// What was made of this very journal, if it was.
    pub fn take(&mut self, journal: &Journal) -> Option<T> {
        if self.held.is_empty() { None } else { self.held.remove(&key(journal)) }
    }

    /// Keeps what was made of a journal.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn keep(&mut self, journal: &Journal, result: &T) -> Result<(), ResultsError> {
        let (journal, of) = key(journal);
        let held = Held { journal, of, result };
        let line = canonical(&held) + "\n";
        let failed = |source| ResultsError::Io { path: self.path.clone(), source };
        self.file.write_all(line.as_bytes()).map_err(failed)
    }
}

fn key(journal: &Journal) -> (JournalId, Digest) {
    (journal.id, Digest::of_value(&journal.events))
}

#[cfg(test)]
mod tests {
    use agent_core::id::ShopId;

    use super::*;

    fn journal(n: u128) -> Journal {
        Journal { id: JournalId::conversation(ShopId(1), n), customer: None, events: Vec::new() }
    }

    #[test]
    fn a_result_torn_anywhere_is_made_anew_and_those_before_it_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results");
        let open = || Results::<String>::open(&path, &"run").unwrap();
        let mut results = open();
        results.keep(&journal(1), &"Grüße".to_owned()).unwrap();
        let before = std::fs::metadata(&path).unwrap().len();
        results.keep(&journal(2), &"Schöne Grüße".to_owned()).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for end in usize::try_from(before).unwrap()..whole.len() {
            std::fs::write(&path, whole.get(..end).unwrap()).unwrap();
            let mut results = open();
            assert_eq!(results.take(&journal(1)).as_deref(), Some("Grüße"));
            assert_eq!(results.take(&journal(2)), None);
            assert_eq!(std::fs::metadata(&path).unwrap().len(), before);
        }
    }

    #[test]
    fn a_file_of_anything_else_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes");
        for notes in ["buy milk", "buy milk\n"] {
            std::fs::write(&path, notes).unwrap();
            let refused = Results::<String>::open(&path, &"run").unwrap_err();
            assert!(matches!(refused, ResultsError::Another(_)), "{refused}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), notes);
        }
    }
}
