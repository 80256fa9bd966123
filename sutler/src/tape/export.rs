//! A store onto a tape. It grows beside its name and gets it when it is whole; what was cut short goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use agent_core::digest::Digest;
use agent_core::id::{JournalId, Seq};
use agent_core::replay::tape::{Chain, Holds, Line, Reader, head, named_hashes};
use agent_core::store::StoreError;
use agent_core::time::Micros;
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
    /// Journals with messages that were not taken up yet: no tape holds these.
    pub waiting: u64,
    /// Parts of replies that were not sent yet, nor is it known what became of them: no tape holds these.
    pub unsent: u64,
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
    let (waiting, unsent) = left_behind(books, holds, &journals).await?;
    let resumed = part.journals;
    let mut exported = Exported { resumed, waiting, unsent, ..Exported::default() };
    for id in journals {
        bar.inc(1);
        if part.last.is_some_and(|last| id <= last) && part.written.contains_key(&id) {
            part.stands(books, id).await?;
            continue;
        }
        match books.journal(id).await {
            // Begun since, and its place on the tape is over.
            Ok(Some(_)) if part.last.is_some_and(|last| id < last) => return Err(part.stale()),
            Ok(Some(journal)) => {
                part.journal(books, &journal).await?;
                exported.events += journal.events.len() as u64;
            }
            Ok(None) => exported.erased += 1,
            Err(error) if error.is_damage() => exported.damaged.push(id),
            Err(error) => return Err(error),
        }
    }
    if !part.written.is_empty() {
        // Somebody was erased since, whose journals are on the tape.
        return Err(part.stale());
    }
    exported.journals = part.journals;
    exported.lost = part.lost.iter().copied().collect();
    part.finish(tape)?;
    Ok(exported)
}

/// What waits to be answered or sent in what is exported: journals, and parts.
async fn left_behind(
    books: &Books,
    holds: Holds,
    journals: &[JournalId],
) -> Result<(u64, u64), Error> {
    let all = !matches!(holds, Holds::Journal(_));
    let meant = |journal: &JournalId| all || journals.contains(journal);
    let (mut waiting, mut unsent) = (0, 0);
    for shop in books.shops(holds).await? {
        let waits = books.store.waiting(shop, usize::MAX).await?;
        waiting += waits.iter().filter(|it| meant(it)).count() as u64;
        let ever = Micros::MIN..=Micros::MAX;
        let (due, _) = books.store.due(shop, ever, usize::MAX, &BTreeSet::new()).await?;
        unsent += due.iter().filter(|row| meant(&row.journal)).count() as u64;
    }
    Ok((waiting, unsent))
}

/// A tape that is being written.
struct Part {
    path: PathBuf,
    file: BufWriter<File>,
    chain: Chain,
    kept: BTreeSet<Digest>,
    lost: BTreeSet<Digest>,
    /// What an export that was cut short had written, and was not looked at yet: how long each journal was.
    written: BTreeMap<JournalId, Seq>,
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
        let found = Found::read(&file, holds).map_err(Error::io(&path))?;
        if found.another {
            let hint = "it is no beginning of this export; remove it, or name another file";
            return Err(Error::There { path, hint });
        }
        file.set_len(found.bytes).map_err(Error::io(&path))?;
        let mut file = BufWriter::new(file);
        file.seek(io::SeekFrom::End(0)).map_err(Error::io(&path))?;
        let Found { chain, kept, named, written, last, journals, .. } = found;
        let lost = named.difference(&kept).copied().collect();
        let mut part = Self { path, file, chain, kept, lost, written, last, journals };
        if found.bytes == 0 {
            part.write(&head(holds))?;
        }
        Ok(part)
    }

    /// A journal that is on the tape already must be what it was then: a tape shows the store at one time.
    async fn stands(&mut self, books: &Books, id: JournalId) -> Result<(), Error> {
        let head = match books.store.read(id, Seq(u64::MAX), 1).await {
            Ok(page) => Some(page.head),
            // Nobody can read it any more, so that it can't have gone on.
            Err(StoreError::Damaged(_)) => self.written.get(&id).copied(),
            Err(StoreError::Erased) => None,
            Err(source) => return Err(Error::Read { journal: id, source }),
        };
        if self.written.remove(&id) == head { Ok(()) } else { Err(self.stale()) }
    }

    fn stale(&self) -> Error {
        let hint = "the store went on since it was begun; remove it, and begin anew";
        Error::There { path: self.path.clone(), hint }
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
    /// It is something else, so that nothing may be written over it.
    another: bool,
    bytes: u64,
    chain: Chain,
    kept: BTreeSet<Digest>,
    /// The hashes that its journals name.
    named: BTreeSet<Digest>,
    written: BTreeMap<JournalId, Seq>,
    last: Option<JournalId>,
    journals: u64,
}

impl Found {
    fn read(file: &File, holds: Holds) -> io::Result<Self> {
        let mut found = Self::default();
        let (mut reader, mut inside, mut bytes) = (Reader::default(), None, 0);
        let mut lines = BufReader::new(file);
        let mut text = Vec::new();
        loop {
            text.clear();
            bytes += lines.read_until(b'\n', &mut text)? as u64;
            if found.bytes == 0 {
                // Its first line, or as much of that as there was time for.
                let first = Chain::default().write(&head(holds)) + "\n";
                found.another = !first.as_bytes().starts_with(&text);
            }
            let line = text.strip_suffix(b"\n").and_then(|text| std::str::from_utf8(text).ok());
            let Some(Ok(line)) = line.map(|line| reader.read(line)) else { return Ok(found) };
            match line {
                Line::Kept(text) => _ = found.kept.insert(Digest::of(text.as_bytes())),
                Line::Journal { journal, .. } => inside = Some(journal),
                Line::Event(event) => found.named.extend(named_hashes(&[*event])),
                Line::End { events } => {
                    found.written.extend(inside.map(|journal| (journal, Seq(events))));
                    (found.last, found.journals) = (inside, reader.journals());
                }
                // It was whole, and its name was not yet changed: its end is written again.
                Line::Done { .. } => return Ok(found),
                Line::Head { .. } => {}
            }
            if reader.is_between() {
                (found.bytes, found.chain) = (bytes, reader.chain());
            }
        }
    }
}
