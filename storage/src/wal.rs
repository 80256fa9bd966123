//! The write-ahead log: what a group of commits writes, durable before the engine has it.
//!
//! The engine takes 0.2 ms and wakes seven threads to hand its own log to the system; one write and one sync here cost half of
//! that, and nobody else. So a group is durable when it stands in this file, and the engine is asked for many groups at
//! once: a checkpoint, after which the log begins again at its first byte. What a crash left in it is given to the engine
//! when the store opens.
//!
//! A record is `group u64, length u32, the first 16 bytes of the SHA-256 of both and of what follows`, then for each row
//! `length of the key u32, length of the row u32 or REMOVED, key, row`. Numbers of groups follow each other, so
//! what an earlier round left behind the last record is known by its number.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::files;
use crate::key::Reader;

/// The file's length when it is made: written once, so that a sync has nothing but content to bring to the medium. It holds
/// what lies between two checkpoints; a group that is longer makes it longer.
const ROOM: u64 = 384 * 1024;

/// What stands for the length of a row that was removed.
const REMOVED: u32 = u32::MAX;

const CHECK: usize = 16;
const HEADER: usize = 8 + 4 + CHECK;

/// Rows by their keys: written, or removed.
pub(crate) type Rows<R> = BTreeMap<Vec<u8>, Option<R>>;

/// A group as the log has it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Logged {
    pub(crate) group: u64,
    pub(crate) rows: Rows<Vec<u8>>,
}

/// The log, open.
#[derive(Debug)]
pub(crate) struct Wal {
    file: File,
    /// Where the next record goes.
    end: u64,
}

impl Wal {
    /// Makes the log of a folder that has none.
    pub(crate) fn create(dir: &Path) -> io::Result<()> {
        files::write_whole(&path(dir), &vec![0; ROOM as usize])
    }

    /// Opens the log of a folder; tells the groups it holds.
    pub(crate) fn open(dir: &Path) -> io::Result<(Self, Vec<Logged>)> {
        let mut file = OpenOptions::new().read(true).write(true).open(path(dir))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let (logged, end) = parse(&bytes);
        Ok((Self { file, end: end as u64 }, logged))
    }

    /// Bytes since the last checkpoint.
    pub(crate) fn len(&self) -> u64 {
        self.end
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.end == 0
    }

    /// Writes a record that [`record`] made, durably. After an error nobody knows what the medium holds.
    pub(crate) fn append(&mut self, record: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(record)?;
        self.file.sync_data()?;
        self.end += record.len() as u64;
        Ok(())
    }

    /// The engine has everything durably: the next record is the first one.
    pub(crate) fn begin(&mut self) -> io::Result<()> {
        if self.end > ROOM {
            self.file.set_len(ROOM)?;
        }
        self.end = 0;
        Ok(())
    }
}

/// Where it lies.
pub(crate) fn path(dir: &Path) -> PathBuf {
    dir.join("wal")
}

/// The bytes of a group.
pub(crate) fn record<R: AsRef<[u8]>>(group: u64, rows: &Rows<R>) -> Vec<u8> {
    let mut bytes = vec![0; HEADER];
    for (key, row) in rows {
        let row = row.as_ref().map(AsRef::as_ref);
        bytes.extend((key.len() as u32).to_be_bytes());
        bytes.extend(row.map_or(REMOVED, |row| row.len() as u32).to_be_bytes());
        bytes.extend(key);
        bytes.extend(row.unwrap_or_default());
    }
    let (header, body) = bytes.split_at_mut(HEADER);
    let length = (body.len() as u32).to_be_bytes();
    let head = [&group.to_be_bytes()[..], &length, &check(group, body)].concat();
    header.copy_from_slice(&head);
    bytes
}

fn check(group: u64, body: &[u8]) -> [u8; CHECK] {
    let mut hash = Sha256::new();
    hash.update(group.to_be_bytes());
    hash.update(body);
    let mut check = [0; CHECK];
    check.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    check
}

/// The groups that follow each other from the first byte on, and where the last of them ends.
fn parse(bytes: &[u8]) -> (Vec<Logged>, usize) {
    let (mut logged, mut rest) = (Vec::<Logged>::new(), bytes);
    while let Some((it, after)) = first(rest) {
        if logged.last().is_some_and(|last| it.group != last.group + 1) {
            break;
        }
        logged.push(it);
        rest = after;
    }
    (logged, bytes.len() - rest.len())
}

fn first(bytes: &[u8]) -> Option<(Logged, &[u8])> {
    let mut reader = Reader(bytes);
    let group = reader.number()?;
    let length = u32::from_be_bytes(reader.take()?) as usize;
    let known: [u8; CHECK] = reader.take()?;
    let (mut body, rest) = reader.0.split_at_checked(length)?;
    if known != check(group, body) {
        return None;
    }
    let mut rows = Rows::new();
    while !body.is_empty() {
        let mut reader = Reader(body);
        let key = u32::from_be_bytes(reader.take()?) as usize;
        let row = u32::from_be_bytes(reader.take()?);
        let (key, after) = reader.0.split_at_checked(key)?;
        let (row, after) = match row {
            REMOVED => (None, after),
            length => {
                let (row, after) = after.split_at_checked(length as usize)?;
                (Some(row.to_vec()), after)
            }
        };
        rows.insert(key.to_vec(), row);
        body = after;
    }
    Some((Logged { group, rows }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(group: u64) -> Logged {
        let rows = [
            (b"gone".to_vec(), None),
            (b"empty".to_vec(), Some(vec![])),
            (group.to_be_bytes().to_vec(), Some(vec![group as u8; 300])),
        ];
        Logged { group, rows: Rows::from(rows) }
    }

    fn append(wal: &mut Wal, n: u64) {
        wal.append(&record(n, &group(n).rows)).unwrap();
    }

    fn reopened(dir: &Path) -> Vec<u64> {
        let groups = Wal::open(dir).unwrap().1;
        groups.iter().for_each(|it| assert_eq!(*it, group(it.group)));
        groups.iter().map(|it| it.group).collect()
    }

    #[test]
    fn what_was_appended_is_there_at_the_next_start_and_an_earlier_round_is_not() {
        let dir = tempfile::TempDir::new().unwrap();
        Wal::create(dir.path()).unwrap();
        let (mut wal, none) = Wal::open(dir.path()).unwrap();
        assert_eq!(none, []);
        (1..=3).for_each(|n| append(&mut wal, n));
        assert_eq!(reopened(dir.path()), [1, 2, 3]);
        wal.begin().unwrap();
        append(&mut wal, 4);
        assert_eq!(reopened(dir.path()), [4], "2 and 3 stand where they stood");
        let (mut wal, _) = Wal::open(dir.path()).unwrap();
        append(&mut wal, 5);
        assert_eq!(reopened(dir.path()), [4, 5]);
    }

    #[test]
    fn a_record_that_was_cut_short_is_none() {
        let one = record(7, &group(7).rows);
        let two = [one.clone(), record(8, &group(8).rows)].concat();
        for end in one.len()..two.len() {
            let (logged, at) = parse(&two[..end]);
            assert_eq!((logged, at), (vec![group(7)], one.len()), "{end}");
        }
        for at in one.len()..two.len() {
            let mut changed = two.clone();
            changed[at] ^= 1;
            assert_eq!(parse(&changed).0, [group(7)], "{at}");
        }
    }

    #[test]
    fn a_long_group_makes_it_longer_for_a_while() {
        let dir = tempfile::TempDir::new().unwrap();
        Wal::create(dir.path()).unwrap();
        let (mut wal, _) = Wal::open(dir.path()).unwrap();
        let length = || std::fs::metadata(dir.path().join("wal")).unwrap().len();
        assert_eq!(length(), ROOM);
        let long = Rows::from([(b"long".to_vec(), Some(vec![1; 2 * ROOM as usize]))]);
        wal.append(&record(1, &long)).unwrap();
        assert!(length() > 2 * ROOM);
        assert_eq!(Wal::open(dir.path()).unwrap().1.len(), 1);
        wal.begin().unwrap();
        assert_eq!(length(), ROOM);
    }
}
