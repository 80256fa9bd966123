//! A group of commits on its way into one batch. Later commits of the group see earlier ones.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use agent_core::id::{JournalId, ShopId};
use agent_core::store::{Arrival, CommitError, Committed, DEDUPE, Settle, Settled, StoreError};
use agent_core::time::Micros;
use sled::IVec;

use super::applier::Logged;
use super::prepare::{Arriving, Binding, Leaving, Prepared, Sealed};
use super::read::state_byte;
use super::rows::{Head, PIECE, Rows, Stamp, damaged, shop_of};
use super::state::Touched;
use crate::blob::Blob;
use crate::key::{self, BEFORE_OUTBOX, Reader, Tag};
use crate::keyring::Owner;
use crate::record::{Body, Draft, Parts};
use crate::wal;

/// What a group writes.
pub(super) struct Group<'a> {
    rows: &'a Rows,
    /// Groups before it that the engine may not have; the newest last.
    ahead: &'a VecDeque<Logged>,
    /// Written or removed, and not yet in the tree.
    writes: wal::Rows<IVec>,
    /// What `writes` held before each write of the commit that is being taken in.
    undo: Vec<(Vec<u8>, Option<Option<IVec>>)>,
    /// How many rows ever came into inboxes.
    arrivals: u64,
    blobs: Vec<Blob>,
    touched: Touched,
    stale: Vec<(Owner, [u8; 32])>,
}

/// What was made of it, and is written nowhere yet.
pub(super) struct Unwritten {
    pub(super) rows: wal::Rows<IVec>,
    /// How many rows ever came into inboxes.
    pub(super) arrivals: u64,
    /// To be durable before the rows.
    pub(super) blobs: Vec<Blob>,
    /// To be removed when the engine has the rows.
    pub(super) stale: Vec<(Owner, [u8; 32])>,
    /// Whose readers must wait for it once it is answered.
    pub(super) touched: Touched,
}

/// The engine can't be read, or a record is damaged.
type Fatal<T> = Result<T, StoreError>;

impl<'a> Group<'a> {
    pub(super) fn new(rows: &'a Rows, ahead: &'a VecDeque<Logged>, arrivals: u64) -> Self {
        let (blobs, stale) = (Vec::new(), Vec::new());
        let (writes, undo) = (BTreeMap::new(), Vec::new());
        let touched = Touched::default();
        Self { rows, ahead, writes, undo, arrivals, blobs, touched, stale }
    }

    /// What it writes, once all of it was taken in.
    pub(super) fn unwritten(self) -> Unwritten {
        let Self { writes: rows, arrivals, blobs, mut stale, touched, .. } = self;
        // A fold that came back to what it was is named again.
        stale.retain(|(_, name)| !blobs.iter().any(|blob| blob.name == *name));
        Unwritten { rows, arrivals, blobs, stale, touched }
    }

    fn get(&self, key: &[u8]) -> Fatal<Option<IVec>> {
        let before = self.ahead.iter().rev().map(|it| &*it.rows);
        match std::iter::once(&self.writes).chain(before).find_map(|rows| rows.get(key)) {
            Some(row) => Ok(row.clone()),
            None => self.rows.get(key),
        }
    }

    pub(super) fn set(&mut self, key: Vec<u8>, row: impl Into<IVec>) {
        self.write(key, Some(row.into()));
    }

    pub(super) fn unset(&mut self, key: Vec<u8>) {
        self.write(key, None);
    }

    fn write(&mut self, key: Vec<u8>, row: Option<IVec>) {
        let before = self.writes.insert(key.clone(), row);
        self.undo.push((key, before));
    }

    /// Takes one commit in, or says why it can't be made. After an error nothing of it is in the group.
    pub(super) fn apply(&mut self, it: Prepared) -> Fatal<Result<Committed, CommitError>> {
        self.undo.clear();
        let (arrivals, blobs, stale) = (self.arrivals, self.blobs.len(), self.stale.len());
        let applied = self.take_in(it);
        if applied.is_err() {
            for (key, before) in self.undo.drain(..).rev() {
                match before {
                    Some(row) => self.writes.insert(key, row),
                    None => self.writes.remove(&key),
                };
            }
            self.arrivals = arrivals;
            self.blobs.truncate(blobs);
            self.stale.truncate(stale);
        }
        applied
    }

    fn take_in(&mut self, mut it: Prepared) -> Fatal<Result<Committed, CommitError>> {
        let (shop, at) = (it.commit.journal.shop, it.commit.at);
        if it.owners.iter().any(|owner| self.rows.keys.is_erased(*owner)) {
            return Ok(Err(CommitError::Erased));
        }
        if let Some(committed) = self.answered(&it)? {
            return Ok(Ok(committed));
        }
        let head = self.head(it.commit.journal)?;
        if it.only_accepts && self.all_known(at, &it.accept)? {
            // What platforms repeat costs no sync.
            return Ok(Ok(Committed {
                head: it.head(head.seq),
                fresh: vec![false; it.accept.len()],
            }));
        }
        if let Err(refused) = self.admit(&it, head)? {
            return Ok(Err(refused));
        }
        self.blobs.append(&mut it.blobs);
        let journals = self.touched.journals.get_or_insert_default();
        journals.extend(it.accept.iter().map(|arriving| arriving.journal));
        journals.insert(it.commit.journal);
        self.touched.index.extend(it.bind.iter().map(|bind| bind.key.clone()));
        let until = at.after(DEDUPE);
        let stamp = Stamp { until, commit: it.commit.id, head: it.head(head.seq) };
        self.append(&mut it, head, stamp)?;
        let mut expiring = Vec::new();
        let mut fresh = Vec::with_capacity(it.accept.len());
        for arriving in &it.accept {
            let new = self.accept(at, arriving, stamp)?;
            if new {
                expiring.extend(arriving.message);
            }
            fresh.push(new);
        }
        for arrival in &it.commit.consume {
            self.drop_record(key::inbox(it.commit.journal, *arrival))?;
        }
        for leaving in it.outbox {
            self.leave(leaving)?;
        }
        for settle in &it.commit.settle {
            self.settle(shop, settle)?;
        }
        for (name, due) in &it.commit.timers {
            self.timer(it.commit.journal, name, *due)?;
        }
        for bind in it.bind {
            match bind.to {
                Some(journal) => self.set(bind.key, bytes_of(journal)),
                None => self.unset(bind.key),
            }
        }
        let stamped = it.count > 0 || !expiring.is_empty();
        if !stamped {
            self.set(key::commit(shop, it.commit.id), &stamp.bytes());
        }
        if !stamped || !expiring.is_empty() {
            self.set(key::expiry(shop, until, it.commit.id), expiring);
        }
        Ok(Ok(Committed { head: stamp.head, fresh }))
    }

    /// What was answered to this very commit, if it was made before and that is remembered.
    fn answered(&self, it: &Prepared) -> Fatal<Option<Committed>> {
        let (shop, id, at) = (it.commit.journal.shop, it.commit.id, it.commit.at);
        let stamped = |key: &[u8]| -> Fatal<Option<Stamp>> {
            let stamp = self.get(key)?.and_then(|row| Stamp::parse(&row));
            Ok(stamp.filter(|stamp| stamp.commit == id && stamp.until > at))
        };
        let (mut made, mut told) = (None, BTreeSet::new());
        let mut fresh = Vec::with_capacity(it.accept.len());
        for arriving in &it.accept {
            let stamp = stamped(&key::seen(shop, &arriving.message))?;
            fresh.push(stamp.is_some() && told.insert(arriving.message));
            made = made.or(stamp);
        }
        if let (None, Some(first)) = (made, it.events.first()) {
            made = stamped(&first.key)?;
        }
        if made.is_none() {
            made = stamped(&key::commit(shop, id))?;
        }
        Ok(made.map(|stamp| Committed { head: stamp.head, fresh }))
    }

    pub(super) fn head(&self, journal: JournalId) -> Fatal<Head> {
        let key = key::head(journal);
        let Some(row) = self.get(&key)? else { return Ok(Head::default()) };
        Head::parse(&row).ok_or_else(|| damaged(&key))
    }

    /// Nothing is written before all of this is known.
    fn admit(&self, it: &Prepared, head: Head) -> Fatal<Result<(), CommitError>> {
        if let Some(expected) = it.commit.expect {
            // Sealed for another than the head now names: as with any other write that came between.
            let same_owner = it.customer == it.commit.customer.or(head.customer);
            if expected != head.seq || !same_owner {
                return Ok(Err(CommitError::Conflict(head.seq)));
            }
        }
        let mut bound: BTreeMap<&[u8], Option<JournalId>> = BTreeMap::new();
        for Binding { key, from, to } in &it.bind {
            let now = match bound.insert(key, *to) {
                Some(now) => now,
                None => self.get(key)?.and_then(|row| Reader(&row).journal(shop_of(key))),
            };
            if now != *from {
                return Ok(Err(CommitError::Bound));
            }
        }
        Ok(Ok(()))
    }

    fn append(&mut self, it: &mut Prepared, head: Head, stamp: Stamp) -> Fatal<()> {
        if it.events.is_empty() && it.snapshot.is_none() {
            return Ok(());
        }
        let after = Head { seq: stamp.head, customer: it.customer };
        if after != head {
            self.set(key::head(it.commit.journal), after.bytes());
        }
        for Sealed { key, record } in it.events.drain(..) {
            self.put_record(key, &stamp.bytes(), &record);
        }
        if let Some(Sealed { key, record }) = it.snapshot.take() {
            self.rows.readable(self.drop_record(key.clone()))?;
            self.put_record(key, &[], &record);
        }
        Ok(())
    }

    fn accept(&mut self, at: Micros, it: &Arriving, stamp: Stamp) -> Fatal<bool> {
        if self.is_known(at, it)? {
            return Ok(false);
        }
        self.set(key::seen(it.journal.shop, &it.message), &stamp.bytes());
        self.arrivals += 1;
        let key = key::inbox(it.journal, Arrival(self.arrivals));
        // Erased owners were refused before anything was written.
        let Ok(data_key) = self.rows.keys.make(it.owner) else { return Err(StoreError::Erased) };
        let draft =
            Draft { key: &key, owner: it.owner, clear: &[], plain: &it.plain, apart: it.apart };
        let (record, blob) = draft.seal(&data_key.sealer(), self.rows.keys.index());
        self.blobs.extend(blob);
        self.put_record(key, &[], &record);
        Ok(true)
    }

    fn is_known(&self, at: Micros, it: &Arriving) -> Fatal<bool> {
        let until = self.get(&key::seen(it.journal.shop, &it.message))?;
        Ok(until.and_then(|row| Reader(&row).moment()).is_some_and(|until| until > at))
    }

    fn all_known(&self, at: Micros, accept: &[Arriving]) -> Fatal<bool> {
        for it in accept {
            if !self.is_known(at, it)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn leave(&mut self, Leaving { row, place, state }: Leaving) -> Fatal<()> {
        if let Some(before) = self.get(&row.key)? {
            self.unset(before.get(1..BEFORE_OUTBOX).unwrap_or_default().to_vec());
            self.drop_record(row.key.clone())?;
        }
        let front = [&[state], place.as_slice()].concat();
        self.put_record(row.key, &front, &row.record);
        self.set(place, &[]);
        Ok(())
    }

    fn settle(&mut self, shop: ShopId, settle: &Settle) -> Fatal<()> {
        let key = key::outbox(shop, settle.id, settle.part);
        let Some(row) = self.get(&key)? else { return Ok(()) };
        let (front, rest) = row.split_at_checked(BEFORE_OUTBOX).ok_or_else(|| damaged(&key))?;
        let place = front.get(1..).unwrap_or_default();
        self.unset(place.to_vec());
        match settle.to {
            Settled::Done => self.drop_record(key)?,
            Settled::Again(due, state) => {
                let moved = key::due_at(place, due).ok_or_else(|| damaged(&key))?;
                self.set(key, [&[state_byte(state)], moved.as_slice(), rest].concat());
                self.set(moved, &[]);
            }
        }
        Ok(())
    }

    fn timer(
        &mut self,
        journal: JournalId,
        name: &agent_core::id::Name,
        due: Option<Micros>,
    ) -> Fatal<()> {
        let key = key::timer(journal, name);
        if let Some(before) = self.get(&key)?.and_then(|row| Reader(&row).moment()) {
            self.unset(key::ring(journal, name, before));
        }
        match due {
            Some(due) => {
                self.set(key, &key::moment(due));
                self.set(key::ring(journal, name, due), &[]);
            }
            None => self.unset(key),
        }
        Ok(())
    }

    fn put_record(&mut self, key: Vec<u8>, front: &[u8], record: &[u8]) {
        let mut pieces = record.chunks(PIECE);
        let first = pieces.next().unwrap_or_default();
        let mut more = 0;
        for piece in pieces {
            more += 1;
            self.set(key::more(&key, more), piece);
        }
        self.set(key, [front, &[more], first].concat());
    }

    /// Removes a record, its pieces and, when the batch is durable, its blob.
    pub(super) fn drop_record(&mut self, key: Vec<u8>) -> Fatal<()> {
        let Some(row) = self.get(&key)? else { return Ok(()) };
        let first = row.get(key::front(&key)..).and_then(|first| first.split_first_chunk());
        let ([more], first) = first.ok_or_else(|| damaged(&key))?;
        if *more == 0
            && let Some(parts) = Parts::parse(shop_of(&key), first)
            && let Body::Blob(name) = parts.body
        {
            self.stale.push((parts.owner, name));
        }
        for n in 1..=*more {
            self.unset(key::more(&key, n));
        }
        self.unset(key);
        Ok(())
    }

    /// Forgets answers and messages of a shop that expired; a few at a time, so that no commit waits.
    pub(super) fn sweep(&mut self, shop: ShopId, now: Micros, limit: usize) -> Fatal<()> {
        let (from, to) = (key::all(Tag::Expiry, shop), key::expiry(shop, now, MAX));
        // What a group before it forgot may still be in the engine.
        let gone = |key: &IVec| self.ahead.iter().any(|it| it.rows.contains_key(&**key));
        let expired =
            self.rows.scan(from, to).filter(|row| !matches!(row, Ok((key, _)) if gone(key)));
        let expired: Vec<_> = expired.take(limit).collect::<Result<_, _>>()?;
        for (key, messages) in expired {
            let Some((until, id)) = key::expired(&key) else {
                self.unset(key.to_vec());
                continue;
            };
            for message in messages.as_chunks::<16>().0 {
                self.forget(key::seen(shop, message), until)?;
            }
            self.forget(key::commit(shop, id), until)?;
            self.unset(key.to_vec());
        }
        Ok(())
    }

    /// Removes a row that begins with its expiry, unless it was written again since.
    fn forget(&mut self, key: Vec<u8>, until: Micros) -> Fatal<()> {
        let current = self.get(&key)?.and_then(|row| Reader(&row).moment());
        if current.is_some_and(|current| current <= until) {
            self.unset(key);
        }
        Ok(())
    }
}

const MAX: agent_core::id::CommitId = agent_core::id::CommitId(u128::MAX);

fn bytes_of(journal: JournalId) -> Vec<u8> {
    // A head's key without its tag and shop.
    key::head(journal).get(5..).unwrap_or_default().to_vec()
}
