//! What can be done to a commit before its turn at the committer: writing it as JSON and sealing it,
//! on the caller's thread.

use agent_core::id::{CustomerId, JournalId, Seq};
use agent_core::message::Inbound;
use agent_core::store::{Commit, CommitError, StoreError};
use serde::Serialize;

use super::rows::Rows;
use crate::blob::Blob;
use crate::key;
use crate::keyring::{NoKey, Owner};
use crate::record::{Draft, INLINE};
use crate::seal::Sealer;
use crate::span;

/// A commit whose records are sealed.
#[derive(Debug)]
pub(super) struct Prepared {
    /// What is not sealed: its `events`, `accept`, `outbox`, `bind` and `snapshot` are empty.
    pub(super) commit: Commit,
    /// How many events it has.
    pub(super) count: u64,
    /// Messages for inboxes are all of it.
    pub(super) only_accepts: bool,
    /// Whose keys it uses; the journal's first.
    pub(super) owners: Vec<Owner>,
    pub(super) customer: Option<CustomerId>,
    pub(super) events: Vec<Sealed>,
    pub(super) snapshot: Option<Sealed>,
    pub(super) accept: Vec<Arriving>,
    pub(super) outbox: Vec<Leaving>,
    pub(super) bind: Vec<Binding>,
    pub(super) blobs: Vec<Blob>,
    /// Of content.
    pub(super) bytes: usize,
}

/// A record and where it will lie.
#[derive(Debug)]
pub(super) struct Sealed {
    pub(super) key: Vec<u8>,
    pub(super) record: Vec<u8>,
}

/// An inbound that is sealed only when its place is known.
#[derive(Debug)]
pub(super) struct Arriving {
    pub(super) journal: JournalId,
    pub(super) owner: Owner,
    pub(super) message: [u8; 16],
    pub(super) plain: Vec<u8>,
    /// Whether it goes into a blob, however short.
    pub(super) apart: bool,
}

/// A row for the outbox.
#[derive(Debug)]
pub(super) struct Leaving {
    pub(super) row: Sealed,
    /// Its place in the order of sending.
    pub(super) place: Vec<u8>,
    pub(super) state: u8,
}

/// An index entry.
#[derive(Debug)]
pub(super) struct Binding {
    pub(super) key: Vec<u8>,
    pub(super) from: Option<JournalId>,
    pub(super) to: Option<JournalId>,
}

/// Content of a commit that lies in the engine; records beyond it go into blobs, however short: the engine writes long
/// pages many times over.
const HERE: usize = 96 * 1024;
/// What a commit may take of the engine at all, its rows with their keys included.
const MOST: usize = super::GROUP_BYTES;
/// What a row takes beside its content: keys, places, an owner, a nonce.
const ROW: usize = 128;

/// Refuses before anything is queued.
fn not_applied(error: StoreError) -> CommitError {
    match error {
        StoreError::Erased => CommitError::Erased,
        StoreError::Damaged(what) => CommitError::Damaged(what),
        StoreError::Failed(_) => CommitError::NotApplied(error.to_string()),
    }
}

/// Seals what a commit writes.
pub(super) fn prepare(
    rows: &Rows,
    limit: usize,
    mut commit: Commit,
) -> Result<Prepared, CommitError> {
    let shop = commit.journal.shop;
    let customer = owner(rows, &commit, commit.journal, None)?;
    let mut desk = Desk { rows, limit, bytes: 0, here: 0, sealer: None, blobs: Vec::new() };
    let mut owners = vec![Owner::new(shop, customer)];
    let theirs = Owner::new(shop, customer);
    let (count, only_accepts) = (commit.events.len() as u64, commit.only_accepts());
    let head = Seq(commit.expect.unwrap_or_default().0 + count);
    let mut events = Vec::new();
    for span in span::spans(&std::mem::take(&mut commit.events)).map_err(no_json)? {
        let key = key::event(commit.journal, span.first);
        events.push(desk.seal(theirs, key, &span.clear, &span.plain)?);
    }
    let snapshot = match commit.snapshot.take() {
        None => None,
        Some(fold) => {
            let plain = [&head.0.to_be_bytes(), fold.as_ref()].concat();
            Some(desk.seal(theirs, key::snapshot(commit.journal), &[], &plain)?)
        }
    };
    let mut outbox = Vec::with_capacity(commit.outbox.len());
    for row in std::mem::take(&mut commit.outbox) {
        let owner = Owner::new(shop, owner(rows, &commit, row.journal, row.customer)?);
        owners.push(owner);
        let place = key::due(&row);
        let sealed = desk.seal(owner, key::outbox(shop, row.id, row.part), &[], &json(&row)?)?;
        outbox.push(Leaving { row: sealed, place, state: super::read::state_byte(row.state) });
    }
    let mut accept = Vec::with_capacity(commit.accept.len());
    for it in std::mem::take(&mut commit.accept) {
        let owner = Owner::new(shop, owner(rows, &commit, it.journal, it.customer)?);
        owners.push(owner);
        let message = rows.keys.index().message(shop, &it.scope, it.inbound.id.as_str());
        let plain = json::<Inbound>(&it.inbound)?;
        let apart = desk.count(&[], &plain)?;
        accept.push(Arriving { journal: it.journal, owner, message, plain, apart });
    }
    let Commit { consume, settle, timers, bind, .. } = &commit;
    desk.take((consume.len() + settle.len() + timers.len() + bind.len()) * ROW)?;
    let bind = std::mem::take(&mut commit.bind).into_iter().map(|it| Binding {
        key: rows.keys.index().alias(shop, &it.alias),
        from: it.from,
        to: it.to,
    });
    let bind = bind.collect();
    let Desk { bytes, blobs, .. } = desk;
    Ok(Prepared {
        commit,
        count,
        only_accepts,
        owners,
        customer,
        events,
        snapshot,
        accept,
        outbox,
        bind,
        blobs,
        bytes,
    })
}

/// Whose data key seals something of a journal: as given, as the commit says, or as so far.
fn owner(
    rows: &Rows,
    commit: &Commit,
    journal: JournalId,
    given: Option<CustomerId>,
) -> Result<Option<CustomerId>, CommitError> {
    let of_commit = commit.customer.filter(|_| journal == commit.journal);
    match given.or(of_commit) {
        Some(customer) => Ok(Some(customer)),
        None => Ok(rows.head(journal).map_err(not_applied)?.customer),
    }
}

fn json<T: Serialize>(value: &T) -> Result<Vec<u8>, CommitError> {
    serde_json::to_vec(value).map_err(no_json)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn no_json(error: serde_json::Error) -> CommitError {
    CommitError::NotApplied(error.to_string())
}

/// Seals records, one owner at a time.
struct Desk<'a> {
    rows: &'a Rows,
    limit: usize,
    bytes: usize,
    /// What the engine takes of them.
    here: usize,
    sealer: Option<(Owner, Sealer)>,
    blobs: Vec<Blob>,
}

impl Desk<'_> {
    fn seal(
        &mut self,
        owner: Owner,
        key: Vec<u8>,
        clear: &[u8],
        plain: &[u8],
    ) -> Result<Sealed, CommitError> {
        let apart = self.count(clear, plain)?;
        let sealer = match self.sealer.take() {
            Some((last, sealer)) if last == owner => sealer,
            Some(_) | None => self.rows.keys.make(owner).map_err(no_key)?.sealer(),
        };
        let draft = Draft { key: &key, owner, clear, plain, apart };
        let (record, blob) = draft.seal(&sealer, self.rows.keys.index());
        self.blobs.extend(blob);
        self.sealer = Some((owner, sealer));
        Ok(Sealed { key, record })
    }

    /// Counts a record; whether it goes into a blob.
    fn count(&mut self, clear: &[u8], plain: &[u8]) -> Result<bool, CommitError> {
        self.bytes += plain.len();
        if self.bytes > self.limit {
            let limit = self.limit;
            return Err(CommitError::TooLarge(format!("more than {limit} bytes of content")));
        }
        let apart = plain.len() > INLINE || self.here + plain.len() > HERE;
        self.take(ROW + clear.len() + if apart { 0 } else { plain.len() })?;
        Ok(apart)
    }

    fn take(&mut self, bytes: usize) -> Result<(), CommitError> {
        self.here += bytes;
        if self.here > MOST {
            let why = format!("its rows alone have more than {MOST} bytes: make several of it");
            return Err(CommitError::TooLarge(why));
        }
        Ok(())
    }
}

/// Whoever has no key to write with was erased.
pub(super) fn no_key(why: NoKey) -> CommitError {
    match why {
        NoKey::Erased => CommitError::Erased,
        NoKey::Unknown => CommitError::Damaged("no data key".to_owned()),
    }
}

impl Prepared {
    /// Where the journal's head will be.
    pub(super) fn head(&self, now: Seq) -> Seq {
        Seq(now.0 + self.count)
    }
}
