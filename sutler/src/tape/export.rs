//! A store onto a tape. It grows beside its name and gets it when it is whole; what was cut short goes on.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use agent_core::digest::Digest;
use agent_core::id::JournalId;
use agent_core::replay::tape::{Chain, Holds, Line, Reader, head, named_hashes};
use agent_core::store::StoreError;
use indicatif::ProgressBar;
use serde::Serialize;

use super::{Books, Error, Journal};

/// What an export came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Journals on the tape.
    pub journals: u64,
    /// Of those, the ones an earlier export that was cut short had written.
    pub resumed: u64,
    /// Events written now.
    pub events: u64,
    /// Journals of erased customers: nobody can read them.
    pub erased: u64,
    /// Journals that are damaged, and so not on the tape.
    pub damaged: Vec<JournalId>,
    /// What journals on the tape name, and nobody can read any more in the archive.
    pub lost: Vec<Digest>,
}

/// Writes a store onto a tape. A file beside it, `….part`, holds what is not yet whole; found there, it is
/// gone on with.
///
/// # Errors
/// When the tape is there already, a file can't be written, or the store can't be read. What is damaged in it is no
/// error: it is told of.
pub async fn export(
    books: &Books,
    holds: Holds,
    tape: &Path,
    bar: &ProgressBar,
) -> Result<Exported, Error> {
    if tape.exists() {
        let hint = "name another file, or remove it first";
        return Err(Error::There { path: tape.to_owned(), hint });
    }
    let mut part = Part::take_up(tape, holds)?;
    let journals = books.journals(holds).await?;
    bar.set_length(journals.len() as u64);
    let mut exported = Exported { resumed: part.journals, ..Exported::default() };
    for id in journals {
        bar.inc(1);
        if part.last.is_some_and(|last| id <= last) {
            continue;
        }
        match books.journal(id).await {
            Ok(Some(journal)) => {
                part.journal(books, &journal).await?;
                exported.events += journal.events.len() as u64;
            }
            Ok(None) => exported.erased += 1,
            Err(error) if error.is_damage() => exported.damaged.push(id),
            Err(error) => return Err(error),
        }
    }
    exported.journals = part.journals;
    exported.lost = part.lost.iter().copied().collect();
    part.finish(tape)?;
    Ok(exported)
}

/// A tape that is being written.
struct Part {
    path: PathBuf,
    file: BufWriter<File>,
    chain: Chain,
    kept: BTreeSet<Digest>,
    lost: BTreeSet<Digest>,
    last: Option<JournalId>,
    journals: u64,
}

impl Part {
    /// What an export that was cut short has left, up to its last whole journal; else a new one.
    fn take_up(tape: &Path, holds: Holds) -> Result<Self, Error> {
        let mut name = tape.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let path = tape.with_file_name(name);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        // A tape says everything in clear.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(Error::io(&path))?;
        let found = Found::read(&file).map_err(Error::io(&path))?;
        if found.holds.is_some_and(|held| held != holds) {
            let hint = "it is the beginning of another export; remove it, or name another file";
            return Err(Error::There { path, hint });
        }
        file.set_len(found.bytes).map_err(Error::io(&path))?;
        let mut file = BufWriter::new(file);
        file.seek(io::SeekFrom::End(0)).map_err(Error::io(&path))?;
        let Found { chain, kept, last, journals, .. } = found;
        let lost = BTreeSet::new();
        let mut part = Self { path, file, chain, kept, lost, last, journals };
        if found.bytes == 0 {
            part.write(&head(holds))?;
        }
        Ok(part)
    }

    fn write(&mut self, line: &Line) -> Result<(), Error> {
        let text = self.chain.write(line);
        let written =
            self.file.write_all(text.as_bytes()).and_then(|()| self.file.write_all(b"\n"));
        written.map_err(Error::io(&self.path))
    }

    async fn journal(&mut self, books: &Books, journal: &Journal) -> Result<(), Error> {
        for hash in named_hashes(&journal.events) {
            if self.kept.contains(&hash) || self.lost.contains(&hash) {
                continue;
            }
            let text = match books.archive.kept(&hash).await {
                Ok(bytes) => bytes.and_then(|bytes| String::from_utf8(bytes.into()).ok()),
                Err(StoreError::Damaged(_)) => None,
                Err(error) => return Err(error.into()),
            };
            match text {
                Some(text) => {
                    self.write(&Line::Kept(text))?;
                    self.kept.insert(hash);
                }
                // What was said can be read without it, and is on the tape.
                None => _ = self.lost.insert(hash),
            }
        }
        self.write(&Line::Journal { journal: journal.id, customer: journal.customer })?;
        for event in &journal.events {
            self.write(&Line::Event(Box::new(event.clone())))?;
        }
        self.write(&Line::End { events: journal.events.len() as u64 })?;
        self.journals += 1;
        Ok(())
    }

    /// Whole and durable, it gets its name.
    fn finish(mut self, tape: &Path) -> Result<(), Error> {
        self.write(&Line::Done { journals: self.journals })?;
        let Self { path, file, .. } = self;
        let file = file.into_inner().map_err(|error| Error::io(&path)(error.into_error()))?;
        file.sync_all().map_err(Error::io(&path))?;
        fs::rename(&path, tape).map_err(Error::io(tape))?;
        let folder = tape.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::io(folder))
    }
}

/// What is good of a tape that was cut short.
#[derive(Default)]
struct Found {
    holds: Option<Holds>,
    bytes: u64,
    chain: Chain,
    kept: BTreeSet<Digest>,
    last: Option<JournalId>,
    journals: u64,
}

impl Found {
    fn read(file: &File) -> io::Result<Self> {
        let mut found = Self::default();
        let (mut reader, mut inside, mut bytes) = (Reader::default(), None, 0);
        let mut lines = BufReader::new(file);
        let mut text = Vec::new();
        loop {
            text.clear();
            bytes += lines.read_until(b'\n', &mut text)? as u64;
            let line = text.strip_suffix(b"\n").and_then(|text| std::str::from_utf8(text).ok());
            let Some(Ok(line)) = line.map(|line| reader.read(line)) else { return Ok(found) };
            match line {
                Line::Head { holds, .. } => found.holds = Some(holds),
                Line::Kept(text) => _ = found.kept.insert(Digest::of(text.as_bytes())),
                Line::Journal { journal, .. } => inside = Some(journal),
                Line::End { .. } => (found.last, found.journals) = (inside, reader.journals()),
                // It was whole, and its name was not yet changed: its end is written again.
                Line::Done { .. } => return Ok(found),
                Line::Event(_) => {}
            }
            if reader.is_between() {
                (found.bytes, found.chain) = (bytes, reader.chain());
            }
        }
    }
}
