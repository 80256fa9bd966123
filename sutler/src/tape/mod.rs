//! Tapes as files: a store written onto one, a store filled from one, and either verified.
//!
//! A tape holds journals whole and what their hashes name, and so everything a conversation is. What it does
//! not hold: what waits in inboxes and outboxes, and which message ids were seen. So a shop that moves to
//! another folder by a tape is stopped first, and when nothing waits.

mod export;
mod import;
pub mod results;
mod verify;

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use agent_core::event::Recorded;
use agent_core::id::{CustomerId, JournalId, Seq, ShopId};
use agent_core::order::Placed;
use agent_core::replay::tape::{Holds, Line, Reader, TapeError};
use agent_core::store::{Archive, CommitError, Store, StoreError};
use indicatif::ProgressBar;

pub use export::{Exported, export};
pub use import::{Imported, import};
pub use verify::{Divergence, How, Verdict, verify, verify_tape};

/// Events read from a store at once.
const PAGE: usize = 512;
/// Journals listed at once.
const LISTED: usize = 4_096;

/// A store to write onto a tape, to fill from one, or to verify.
#[derive(Clone, Debug)]
pub struct Books {
    /// The journals.
    pub store: Arc<dyn Store>,
    /// What their hashes name.
    pub archive: Arc<dyn Archive>,
}

/// A journal, whole.
#[derive(Clone, Debug)]
pub struct Journal {
    /// Which.
    pub id: JournalId,
    /// Whose.
    pub customer: Option<CustomerId>,
    /// All of it.
    pub events: Vec<Recorded>,
}

/// What was to be done with a tape, and could not be.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Something is there already that must not be overwritten.
    #[error("{} is there already: {hint}", .path.display())]
    There {
        /// What.
        path: PathBuf,
        /// What to do about it.
        hint: &'static str,
    },
    /// The tape is not what was written.
    #[error("{}, {source}; nothing was taken from it", .path.display())]
    Tape {
        /// Which.
        path: PathBuf,
        /// Where and what.
        source: TapeError,
    },
    /// A journal here is not the one on the tape, though it has its name.
    #[error(
        "{journal} is here already and differs from the tape's at event {seq}: import into another folder"
    )]
    Differs {
        /// Which.
        journal: JournalId,
        /// The first event that differs.
        seq: Seq,
    },
    /// The store can't be read.
    #[error("{journal}: {source}")]
    Read {
        /// Which journal.
        journal: JournalId,
        /// What the store said.
        source: StoreError,
    },
    /// The store can't be written.
    #[error("{journal}: {source}")]
    Commit {
        /// Which journal.
        journal: JournalId,
        /// What the store said.
        source: CommitError,
    },
    /// What was done so far can't be kept.
    #[error(transparent)]
    Results(#[from] results::ResultsError),
    /// The store or its archive can't be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Error {
    fn io(path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::Io { path: path.to_owned(), source }
    }

    /// Whether a record is not what was written: that costs what it is of, and nothing else.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        let (Self::Read { source, .. } | Self::Store(source)) = self else { return false };
        matches!(source, StoreError::Damaged(_))
    }

    fn tape(path: &Path) -> impl Fn(TapeError) -> Self {
        move |source| Self::Tape { path: path.to_owned(), source }
    }
}

impl Books {
    /// A store that is also the archive.
    #[must_use]
    pub fn new<S: Store + Archive + 'static>(store: Arc<S>) -> Self {
        Self { store: store.clone(), archive: store }
    }

    /// The journals a tape of this kind holds, in the order of a tape.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn journals(&self, holds: Holds) -> Result<Vec<JournalId>, Error> {
        if let Holds::Journal(journal) = holds {
            return self.with_orders(journal).await;
        }
        let mut journals: Vec<JournalId> = Vec::new();
        for shop in self.shops(holds).await? {
            let mut last = None;
            loop {
                let more = self.archive.journals(shop, last, LISTED).await?;
                last = more.last().copied();
                journals.extend(&more);
                if more.len() < LISTED {
                    break;
                }
            }
        }
        Ok(journals)
    }

    /// The shops whose journals a tape of this kind holds.
    async fn shops(&self, holds: Holds) -> Result<Vec<ShopId>, Error> {
        Ok(match holds {
            Holds::Journal(journal) => vec![journal.shop],
            Holds::Shop(shop) => vec![shop],
            Holds::Everything => self.archive.shops().await?,
        })
    }

    /// A journal, and those of the orders placed in it, as far as they are begun.
    async fn with_orders(&self, journal: JournalId) -> Result<Vec<JournalId>, Error> {
        let placed = match self.journal(journal).await? {
            Some(whole) => whole.events.iter().filter_map(Placed::in_event).collect(),
            None => Vec::new(),
        };
        let mut journals = vec![journal];
        for placed in placed {
            let id = JournalId::order(journal.shop, placed.reference);
            match self.store.read(id, Seq(u64::MAX), 1).await {
                Ok(page) if page.head == Seq::START => {}
                Ok(_) | Err(StoreError::Erased) => journals.push(id),
                Err(source) => return Err(Error::Read { journal: id, source }),
            }
        }
        journals.sort_unstable();
        Ok(journals)
    }

    /// A journal, whole; none when its customer was erased.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn journal(&self, id: JournalId) -> Result<Option<Journal>, Error> {
        let mut journal = Journal { id, customer: None, events: Vec::new() };
        loop {
            let after = journal.events.last().map_or(Seq::START, |last| last.seq);
            match self.store.read(id, after, PAGE).await {
                Err(StoreError::Erased) => return Ok(None),
                Err(source) => return Err(Error::Read { journal: id, source }),
                Ok(page) => {
                    journal.customer = page.customer;
                    let done = page.events.is_empty();
                    journal.events.extend(page.events);
                    if done || journal.events.last().is_some_and(|last| last.seq >= page.head) {
                        return Ok(Some(journal));
                    }
                }
            }
        }
    }
}

/// The journals on a tape; what their hashes name goes to the archive.
///
/// # Errors
/// When the tape can't be read or is damaged.
pub async fn read_tape(
    path: &Path,
    archive: &dyn Archive,
    bar: &ProgressBar,
) -> Result<Vec<Journal>, Error> {
    let mut tape = Tape::open(path, bar)?;
    let mut journals = Vec::new();
    while let Some(journal) = tape.journal(Some(archive)).await? {
        journals.push(journal);
    }
    Ok(journals)
}

/// A tape that is read from its beginning.
struct Tape<'a> {
    path: &'a Path,
    file: BufReader<File>,
    reader: Reader,
    text: String,
    bar: &'a ProgressBar,
}

impl<'a> Tape<'a> {
    fn open(path: &'a Path, bar: &'a ProgressBar) -> Result<Self, Error> {
        let file = File::open(path).map_err(Error::io(path))?;
        bar.set_length(file.metadata().map_err(Error::io(path))?.len());
        bar.set_position(0);
        let file = BufReader::new(file);
        Ok(Self { path, file, reader: Reader::default(), text: String::new(), bar })
    }

    /// The next line; none behind the last of a whole tape.
    fn next(&mut self) -> Result<Option<Line>, Error> {
        self.text.clear();
        let read = self.file.read_line(&mut self.text).map_err(Error::io(self.path))?;
        self.bar.inc(read as u64);
        if read == 0 {
            let end = self.reader.clone().finish();
            return end.map(|()| None).map_err(Error::tape(self.path));
        }
        let line = self.text.strip_suffix('\n').unwrap_or(&self.text);
        self.reader.read(line).map(Some).map_err(Error::tape(self.path))
    }

    /// The next journal whole; what is archived before it goes into an archive, if there is one.
    async fn journal(&mut self, archive: Option<&dyn Archive>) -> Result<Option<Journal>, Error> {
        let mut journal: Option<Journal> = None;
        while let Some(line) = self.next()? {
            match (line, &mut journal) {
                (Line::Kept(text), _) => {
                    if let Some(archive) = archive {
                        archive.keep(text.into()).await?;
                    }
                }
                (Line::Journal { journal: id, customer }, _) => {
                    journal = Some(Journal { id, customer, events: Vec::new() });
                }
                (Line::Event(event), Some(journal)) => journal.events.push(*event),
                (Line::End { .. }, _) => return Ok(journal),
                (Line::Head { .. } | Line::Event(_) | Line::Done { .. }, _) => {}
            }
        }
        Ok(None)
    }
}
