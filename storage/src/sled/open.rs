//! Opening: alone, in a known format, on an engine whose half-written snapshots were cleared away.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use agent_core::store::StoreError;
use agent_core::time::Ids;

use super::Settings;
use super::engine::Engine;
use super::migrate;
use super::rows::{Counters, LastHandle, Rows, failed};
use crate::blob::Blobs;
use crate::files;
use crate::key;
use crate::keyring::Keyring;
use crate::mark::Mark;
use crate::open_error::OpenError;
use crate::rear;
use crate::wal::{self, Logged, Wal};

/// The number of the layout this version writes.
pub(super) const FORMAT: u32 = 3;

/// The first one that has a write-ahead log.
const LOGGED: u32 = 3;

/// The engine's file is made of segments of this size; see [`super::engine`].
const SEGMENT: usize = 2 * 1024 * 1024;

/// The share of a cache that the engine is told of: it counts contents alone, and for 3 MiB of these 3 to 4 MiB of
/// memory were seen to be taken, beside what the allocator keeps of pages that left.
const COUNTED: (u64, u64) = (1, 2);

/// How long to wait for the engine's threads of before, which end within milliseconds.
const ATTEMPTS: u32 = 100;
const PAUSE: Duration = Duration::from_millis(20);

/// A store's parts, and what keeps others out.
pub(super) struct Opened {
    pub(super) rows: Rows,
    pub(super) engine: Engine,
    pub(super) wal: Wal,
    pub(super) mark: Mark,
    /// What is in the engine.
    pub(super) counters: Counters,
    pub(super) lock: File,
}

/// Opens the folder, or makes it.
pub(super) fn open(
    dir: &Path,
    settings: &Settings,
    ids: Arc<dyn Ids>,
) -> Result<Opened, OpenError> {
    let above = dir.ancestors().find(|above| above.is_dir()).unwrap_or(Path::new("."));
    files::create_dirs(above, dir).map_err(OpenError::at(dir))?;
    let lock = lock(dir)?;
    let engine = dir.join("sled");
    let first = !engine.exists();
    let found = format(dir, first)?;
    let root = settings.root_key.clone().unwrap_or_else(|| dir.join("root.key"));
    let keys = Keyring::open(dir, &root, first, ids)?;
    if first && keys.has_customers() {
        return Err(OpenError::damaged(
            &engine,
            "the folder is gone, though there are keys for it",
        ));
    }
    let log = wal::path(dir);
    if first || found < LOGGED {
        Wal::create(dir).map_err(OpenError::at(&log))?;
    }
    if first {
        create(dir, &engine, settings)?;
    }
    if !log.exists() {
        return Err(OpenError::damaged(&log, "it is gone, though there is a store"));
    }
    clear_unfinished(&engine).map_err(OpenError::at(&engine))?;
    // A process that ended, or was killed, may have left what it wrote and never synced. It can be read, so it
    // must be durable: and before the engine opens, which writes over what it takes for replaced.
    let file = File::open(engine.join("db")).map_err(OpenError::at(&engine))?;
    file.sync_all().map_err(OpenError::at(&engine))?;
    let tree = open_engine(dir, &engine, settings)?;
    // It took what its new snapshot leaves out for gone, so the snapshot must be named for good before anything else.
    files::sync_dir(&engine).map_err(OpenError::at(&engine))?;
    if found < FORMAT {
        let synced = || file.sync_data().map_err(|error| StoreError::Failed(error.to_string()));
        let durable = || tree.flush().map_err(failed).and_then(|_| synced());
        migrate::migrate(found, &tree, &durable).map_err(OpenError::of(dir))?;
        file.sync_all().map_err(OpenError::at(&engine))?;
        write_format(dir)?;
    }
    for dir in [dir, &dir.join("archive")].into_iter().filter(|dir| dir.is_dir()) {
        files::sync_dir(dir).map_err(OpenError::at(dir))?;
    }
    let (wal, logged) = Wal::open(dir).map_err(OpenError::at(&log))?;
    let mut engine = Engine::new(tree.clone(), file);
    let wal = replay(dir, (wal, logged), &tree, &mut engine)?;
    let rows = Rows::new(tree, keys, Blobs::new(dir));
    let (mark, counters) = marked(dir, &rows)?;
    sweep(&rows).map_err(OpenError::at(dir))?;
    Ok(Opened { rows, engine, wal, mark, counters, lock })
}

/// Gives the engine the groups of the log that it does not have, durably.
fn replay(
    dir: &Path,
    (mut wal, logged): (Wal, Vec<Logged>),
    tree: &sled::Db,
    engine: &mut Engine,
) -> Result<Wal, OpenError> {
    let done = counters(tree).map_err(OpenError::of(dir))?.groups;
    // They follow each other, so only the first can be too late.
    let missing = logged.first().map_or(0, |first| first.group.saturating_sub(done + 1));
    if missing > 0 {
        return Err(OpenError::Cut { dir: dir.to_owned(), missing });
    }
    for Logged { rows, .. } in logged.into_iter().filter(|it| it.group > done) {
        engine.give(&rows).map_err(OpenError::of(dir))?;
    }
    engine.settle().map_err(OpenError::of(dir))?;
    wal.begin().map_err(OpenError::at(dir))?;
    Ok(wal)
}

/// What is in the engine.
fn counters(tree: &sled::Db) -> Result<Counters, StoreError> {
    let row = tree.get(key::counters()).map_err(failed)?;
    Ok(row.and_then(|row| Counters::parse(&row)).unwrap_or_default())
}

/// Opens the mark, and holds what is in the engine against it.
fn marked(dir: &Path, rows: &Rows) -> Result<(Mark, Counters), OpenError> {
    let path = dir.join("mark");
    let (mark, least) = Mark::open(dir).map_err(OpenError::at(&path))?;
    let counters = counters(&rows.tree).map_err(OpenError::of(dir))?;
    if counters.groups < least {
        let missing = least - counters.groups;
        return Err(OpenError::Cut { dir: dir.to_owned(), missing });
    }
    Ok((mark, counters))
}

fn lock(dir: &Path) -> Result<File, OpenError> {
    let path = dir.join("lock");
    let lock = fs::OpenOptions::new().write(true).create(true).truncate(false).open(&path);
    let lock = lock.map_err(OpenError::at(&path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked(dir.to_owned())),
        Err(TryLockError::Error(error)) => Err(OpenError::at(&path)(error)),
    }
}

/// The folder's format; written first of all, so that every later version can tell what it meets.
fn format(dir: &Path, first: bool) -> Result<u32, OpenError> {
    let path = dir.join("format");
    let Some(text) = files::read(&path).map_err(OpenError::at(&path))? else {
        if !first {
            return Err(OpenError::damaged(&path, "it is gone, though there is a store"));
        }
        write_format(dir)?;
        return Ok(FORMAT);
    };
    let number = str::from_utf8(&text).ok().and_then(|text| text.trim().parse().ok());
    let found: u32 = number.ok_or_else(|| OpenError::damaged(&path, "it holds no number"))?;
    match found {
        0 => Err(OpenError::damaged(&path, "there is no format 0")),
        1..=FORMAT => Ok(found),
        _ => Err(OpenError::Newer { dir: dir.to_owned(), found, known: FORMAT }),
    }
}

fn write_format(dir: &Path) -> Result<(), OpenError> {
    let path = dir.join("format");
    files::write_whole(&path, format!("{FORMAT}\n").as_bytes()).map_err(OpenError::at(&path))
}

/// Makes the engine's folder under another name, syncs what the engine does not, and then names it:
/// a crash leaves no folder or a whole one.
fn create(dir: &Path, engine: &Path, settings: &Settings) -> Result<(), OpenError> {
    let unfinished = dir.join("sled.new");
    let io = OpenError::at(engine);
    match fs::remove_dir_all(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(error)),
        Ok(()) | Err(_) => {}
    }
    let tree = start(&unfinished, settings)?.map_err(|error| engine_error(engine, error))?;
    tree.flush().map_err(|error| engine_error(engine, error))?;
    if !LastHandle::new(tree).close() {
        return Err(io(io::Error::other("the disk failed while the store was made")));
    }
    sync_all(&unfinished).map_err(&io)?;
    fs::rename(&unfinished, engine).map_err(&io)?;
    files::sync_dir(dir).map_err(&io)
}

fn sync_all(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            sync_all(&path)?;
        } else {
            File::open(&path)?.sync_all()?;
        }
    }
    files::sync_dir(dir)
}

/// The engine reads the newest snapshot even if it was never finished, and then does not open.
fn clear_unfinished(engine: &Path) -> io::Result<()> {
    for path in snapshots(engine)? {
        if path.extension().is_some_and(|extension| extension == "generating") {
            files::remove(&path)?;
        }
    }
    Ok(())
}

fn snapshots(engine: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(engine)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("snap.") {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Opens the engine; if its snapshot is damaged, without it: the log is the truth.
fn open_engine(dir: &Path, engine: &Path, settings: &Settings) -> Result<sled::Db, OpenError> {
    match start(engine, settings)? {
        Ok(tree) => return Ok(tree),
        Err(sled::Error::Corruption { .. }) => {}
        Err(error) => return Err(engine_error(engine, error)),
    }
    let aside = dir.join("aside");
    let snapshots = snapshots(engine).map_err(OpenError::at(engine))?;
    tracing::error!(
        store = %dir.display(),
        aside = %aside.display(),
        "the engine's snapshot is damaged; it was moved aside, and the store is read from its log"
    );
    fs::create_dir_all(&aside).map_err(OpenError::at(&aside))?;
    for snapshot in snapshots {
        let name = snapshot.file_name().unwrap_or_default();
        fs::rename(&snapshot, aside.join(name)).map_err(OpenError::at(&snapshot))?;
    }
    files::sync_dir(engine).map_err(OpenError::at(engine))?;
    start(engine, settings)?.map_err(|error| engine_error(engine, error))
}

/// Starts the engine. It panics on some kinds of damage, and for a moment after it was closed its own
/// threads still hold its lock; ours says that nobody else does, so the moment is waited for.
fn start(path: &Path, settings: &Settings) -> Result<sled::Result<sled::Db>, OpenError> {
    let config = sled::Config::new()
        .path(path)
        .mode(sled::Mode::LowSpace)
        .segment_size(segment(path)?)
        .cache_capacity(settings.cache / COUNTED.1 * COUNTED.0)
        .flush_every_ms(None)
        .use_compression(false);
    // Its threads inherit the priority of who starts it.
    let attempt = || {
        let config = config.clone();
        let opened = rear::spawn("engine", move || config.open()).map_err(OpenError::at(path))?;
        opened.join().map_err(|_| OpenError::damaged(path, "the engine gave up on its log"))
    };
    for _ in 0..ATTEMPTS {
        match attempt()? {
            Err(sled::Error::Io(error)) if error.to_string().contains("could not acquire lock") => {
                std::thread::sleep(PAUSE);
            }
            started => return Ok(started),
        }
    }
    attempt()
}

/// What the engine was made with: it opens with nothing else.
fn segment(engine: &Path) -> Result<usize, OpenError> {
    let path = engine.join("conf");
    let Some(conf) = files::read(&path).map_err(OpenError::at(&path))? else {
        return Ok(SEGMENT);
    };
    let conf = String::from_utf8_lossy(&conf);
    let size = conf.lines().find_map(|line| line.strip_prefix("segment_size: "));
    let size = size.and_then(|size| size.trim().parse().ok());
    size.ok_or_else(|| OpenError::damaged(&path, "it does not say `segment_size`"))
}

fn engine_error(engine: &Path, error: sled::Error) -> OpenError {
    match error {
        sled::Error::Io(error) => OpenError::at(engine)(error),
        other => OpenError::damaged(engine, &other.to_string()),
    }
}

/// Removes blobs of commits that were never made. What can't be read may name one, so that one stays.
fn sweep(rows: &Rows) -> io::Result<()> {
    rows.blobs.sweep(|key, name| match rows.names(key) {
        Ok(named) => named.is_some_and(|named| hex::encode(named) == name),
        Err(error) => {
            rows.tell(&error);
            true
        }
    })
}
