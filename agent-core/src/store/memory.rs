//! A store in memory: the port's meaning in its plainest form. Tests and `verify` run on it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;

use super::{
    Accept, Archive, Arrival, Commit, CommitError, Committed, DEDUPE, InboxRow, OutboxRow, Page,
    Receipt, Settle, Settled, Store, StoreError,
};
use crate::digest::Digest;
use crate::event::Recorded;
use crate::id::{Alias, CommitId, CustomerId, JournalId, Made, MessageId, Name, Seq, ShopId};
use crate::message::Inbound;
use crate::time::Micros;

/// A store that is gone with its process.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Rows>);

impl MemoryStore {
    /// Empty.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A panic elsewhere leaves the rows whole: each commit is checked before it writes.
    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
struct Rows {
    journals: BTreeMap<JournalId, Journal>,
    inboxes: BTreeMap<(JournalId, Arrival), (Option<CustomerId>, Inbound)>,
    arrivals: u64,
    /// What was accepted, and until when that is remembered.
    seen: BTreeMap<(ShopId, Name, MessageId), Micros>,
    /// Commits that were made, and until when that is remembered.
    made: BTreeMap<(ShopId, CommitId), (Micros, Committed)>,
    outbox: BTreeMap<(ShopId, Made, u8), (Option<CustomerId>, OutboxRow)>,
    timers: BTreeMap<(JournalId, Name), Micros>,
    index: BTreeMap<(ShopId, Alias), JournalId>,
    kept: BTreeMap<Digest, Bytes>,
    erased: BTreeMap<(ShopId, CustomerId), Receipt>,
}

#[derive(Debug, Default)]
struct Journal {
    customer: Option<CustomerId>,
    events: Vec<(Option<CustomerId>, Recorded)>,
    snapshot: Option<(Option<CustomerId>, Seq, Bytes)>,
}

impl Journal {
    fn head(&self) -> Seq {
        self.events.last().map_or(Seq::START, |(_, event)| event.seq)
    }
}

impl Rows {
    fn commit(&mut self, commit: &Commit) -> Result<Committed, CommitError> {
        commit.check()?;
        let shop = commit.journal.shop;
        if self.names_erased(commit) {
            return Err(CommitError::Erased);
        }
        if let Some((until, committed)) = self.made.get(&(shop, commit.id))
            && *until > commit.at
        {
            return Ok(committed.clone());
        }
        if commit.only_accepts() && commit.accept.iter().all(|it| self.is_known(commit.at, it)) {
            let head = self.journals.get(&commit.journal).map_or(Seq::START, Journal::head);
            return Ok(Committed { head, fresh: vec![false; commit.accept.len()] });
        }
        self.admit(commit)?;
        let committed = self.apply(commit);
        let until = commit.at.after(DEDUPE);
        self.made.insert((shop, commit.id), (until, committed.clone()));
        Ok(committed)
    }

    /// Whether the commit can be made; nothing is written before all of this is known.
    fn admit(&self, commit: &Commit) -> Result<(), CommitError> {
        let shop = commit.journal.shop;
        let head = self.journals.get(&commit.journal).map_or(Seq::START, Journal::head);
        if commit.expect.is_some_and(|expected| expected != head) {
            return Err(CommitError::Conflict(head));
        }
        let mut bound = BTreeMap::new();
        for bind in &commit.bind {
            let now = bound
                .insert(&bind.alias, bind.to)
                .unwrap_or_else(|| self.index.get(&(shop, bind.alias.clone())).copied());
            if now != bind.from {
                return Err(CommitError::Bound);
            }
        }
        Ok(())
    }

    fn names_erased(&self, commit: &Commit) -> bool {
        std::iter::once(self.owner(commit, commit.journal, None))
            .chain(commit.accept.iter().map(|it| self.owner(commit, it.journal, it.customer)))
            .chain(commit.outbox.iter().map(|it| self.owner(commit, it.journal, it.customer)))
            .any(|owner| self.is_erased(commit.journal.shop, owner))
    }

    /// Whose data key would seal something of a journal: as given, as the commit says, or as so far.
    fn owner(
        &self,
        commit: &Commit,
        journal: JournalId,
        given: Option<CustomerId>,
    ) -> Option<CustomerId> {
        let of_commit = commit.customer.filter(|_| journal == commit.journal);
        given.or(of_commit).or_else(|| self.journals.get(&journal)?.customer)
    }

    fn apply(&mut self, commit: &Commit) -> Committed {
        let shop = commit.journal.shop;
        let head = self.append(commit);
        let fresh = commit.accept.iter().map(|it| self.accept(commit, it)).collect();
        for arrival in &commit.consume {
            self.inboxes.remove(&(commit.journal, *arrival));
        }
        for row in &commit.outbox {
            let owner = self.owner(commit, row.journal, row.customer);
            self.outbox.insert((shop, row.id, row.part), (owner, row.clone()));
        }
        for settle in &commit.settle {
            self.settle(shop, settle);
        }
        for (name, due) in &commit.timers {
            match due {
                Some(due) => self.timers.insert((commit.journal, name.clone()), *due),
                None => self.timers.remove(&(commit.journal, name.clone())),
            };
        }
        for bind in &commit.bind {
            match bind.to {
                Some(journal) => self.index.insert((shop, bind.alias.clone()), journal),
                None => self.index.remove(&(shop, bind.alias.clone())),
            };
        }
        Committed { head, fresh }
    }

    fn append(&mut self, commit: &Commit) -> Seq {
        if commit.events.is_empty() && commit.snapshot.is_none() {
            return self.journals.get(&commit.journal).map_or(Seq::START, Journal::head);
        }
        let journal = self.journals.entry(commit.journal).or_default();
        journal.customer = commit.customer.or(journal.customer);
        let owner = journal.customer;
        journal.events.extend(commit.events.iter().map(|event| (owner, event.clone())));
        let head = journal.head();
        if let Some(fold) = &commit.snapshot {
            journal.snapshot = Some((owner, head, fold.clone()));
        }
        head
    }

    fn accept(&mut self, commit: &Commit, it: &Accept) -> bool {
        if self.is_known(commit.at, it) {
            return false;
        }
        self.seen.insert(told(it), commit.at.after(DEDUPE));
        self.arrivals += 1;
        let owner = self.owner(commit, it.journal, it.customer);
        self.inboxes.insert((it.journal, Arrival(self.arrivals)), (owner, it.inbound.clone()));
        true
    }

    fn is_known(&self, at: Micros, it: &Accept) -> bool {
        self.seen.get(&told(it)).is_some_and(|until| *until > at)
    }

    fn settle(&mut self, shop: ShopId, settle: &Settle) {
        let key = (shop, settle.id, settle.part);
        match settle.to {
            Settled::Done => {
                self.outbox.remove(&key);
            }
            Settled::Again(due, state) => {
                if let Some((_, row)) = self.outbox.get_mut(&key) {
                    row.due = due;
                    row.state = state;
                }
            }
        }
    }

    fn is_erased(&self, shop: ShopId, customer: Option<CustomerId>) -> bool {
        customer.is_some_and(|customer| self.erased.contains_key(&(shop, customer)))
    }

    /// The journal, unless its customer was erased.
    fn open(&self, id: JournalId) -> Result<Option<&Journal>, StoreError> {
        let journal = self.journals.get(&id);
        if self.is_erased(id.shop, journal.and_then(|it| it.customer)) {
            return Err(StoreError::Erased);
        }
        Ok(journal)
    }

    fn erase(&mut self, shop: ShopId, customer: CustomerId, at: Micros) -> Receipt {
        if let Some(receipt) = self.erased.get(&(shop, customer)) {
            return receipt.clone();
        }
        let theirs: BTreeMap<JournalId, u64> = (self.journals.iter())
            .filter(|(id, journal)| id.shop == shop && journal.customer == Some(customer))
            .map(|(id, journal)| (*id, journal.head().0))
            .collect();
        let receipt = Receipt {
            shop,
            customer,
            at,
            journals: theirs.values().filter(|events| **events > 0).count() as u64,
            events: theirs.values().sum(),
        };
        let mut gone: BTreeSet<JournalId> = theirs.into_keys().collect();
        gone.insert(JournalId::customer(shop, customer));
        let of_theirs = |id: &JournalId, owner: Option<CustomerId>| {
            gone.contains(id) || (id.shop == shop && owner == Some(customer))
        };
        self.inboxes.retain(|(id, _), (owner, _)| !of_theirs(id, *owner));
        self.outbox.retain(|_, (owner, row)| !of_theirs(&row.journal, *owner));
        self.timers.retain(|(id, _), _| !gone.contains(id));
        self.index.retain(|_, id| !gone.contains(id));
        self.erased.insert((shop, customer), receipt.clone());
        receipt
    }
}

/// By what a message is known when it is told again.
fn told(it: &Accept) -> (ShopId, Name, MessageId) {
    (it.journal.shop, it.scope.clone(), it.inbound.id.clone())
}

#[async_trait]
impl Store for MemoryStore {
    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        self.rows().commit(&commit)
    }

    async fn read(&self, journal: JournalId, after: Seq, limit: usize) -> Result<Page, StoreError> {
        let rows = self.rows();
        let Some(found) = rows.open(journal)? else { return Ok(Page::default()) };
        let asked = found.events.iter().filter(|(_, event)| event.seq > after).take(limit);
        let mut events = Vec::new();
        for (owner, event) in asked {
            if rows.is_erased(journal.shop, *owner) {
                return Err(StoreError::Erased);
            }
            events.push(event.clone());
        }
        Ok(Page { head: found.head(), customer: found.customer, events })
    }

    async fn snapshot(&self, journal: JournalId) -> Result<Option<(Seq, Bytes)>, StoreError> {
        let rows = self.rows();
        let found = rows.open(journal)?.and_then(|journal| journal.snapshot.clone());
        match found {
            Some((owner, ..)) if rows.is_erased(journal.shop, owner) => Err(StoreError::Erased),
            found => Ok(found.map(|(_, seq, fold)| (seq, fold))),
        }
    }

    async fn inbox(&self, journal: JournalId, limit: usize) -> Result<Vec<InboxRow>, StoreError> {
        let rows = self.rows();
        rows.open(journal)?;
        let all = (journal, Arrival(0))..=(journal, Arrival(u64::MAX));
        let found = rows.inboxes.range(all).take(limit);
        Ok(found
            .map(|((journal, arrival), (customer, inbound))| InboxRow {
                customer: *customer,
                arrival: *arrival,
                journal: *journal,
                inbound: inbound.clone(),
            })
            .collect())
    }

    async fn waiting(&self, shop: ShopId, limit: usize) -> Result<Vec<JournalId>, StoreError> {
        let rows = self.rows();
        let journals: BTreeSet<JournalId> =
            rows.inboxes.keys().map(|(id, _)| *id).filter(|id| id.shop == shop).collect();
        Ok(journals.into_iter().take(limit).collect())
    }

    async fn due(
        &self,
        shop: ShopId,
        within: RangeInclusive<Micros>,
        limit: usize,
        passing: &BTreeSet<JournalId>,
    ) -> Result<(Vec<OutboxRow>, Option<Micros>), StoreError> {
        let rows = self.rows();
        let mut all: Vec<&OutboxRow> = rows
            .outbox
            .iter()
            .filter(|((at, ..), _)| *at == shop)
            .map(|(_, (_, row))| row)
            .filter(|row| row.due >= *within.start() && !passing.contains(&row.journal))
            .collect();
        all.sort_by_key(|row| {
            (row.due, row.journal.slot(), row.journal, row.seq, row.part, row.id)
        });
        let due = all.iter().take_while(|row| row.due <= *within.end()).count();
        let next = all.get(due.min(limit)).map(|row| row.due);
        let told: BTreeSet<JournalId> =
            all.iter().take(due.min(limit)).map(|it| it.journal).collect();
        let rows = all.into_iter().take(due).filter(|row| told.contains(&row.journal));
        Ok((rows.cloned().collect(), next))
    }

    async fn timers(
        &self,
        shop: ShopId,
        until: Micros,
        limit: usize,
    ) -> Result<(Vec<(JournalId, Name, Micros)>, Option<Micros>), StoreError> {
        let rows = self.rows();
        let mut all: Vec<_> = (rows.timers.iter())
            .filter(|((id, _), _)| id.shop == shop)
            .map(|((id, name), due)| (*due, id.slot(), *id, name.clone()))
            .collect();
        all.sort();
        let due = all.iter().take_while(|(due, ..)| *due <= until).take(limit).count();
        let next = all.get(due).map(|(due, ..)| *due);
        let told = all.into_iter().take(due).map(|(due, _, id, name)| (id, name, due));
        Ok((told.collect(), next))
    }

    async fn find(&self, shop: ShopId, alias: &Alias) -> Result<Option<JournalId>, StoreError> {
        Ok(self.rows().index.get(&(shop, alias.clone())).copied())
    }
}

#[async_trait]
impl Archive for MemoryStore {
    async fn keep(&self, bytes: Bytes) -> Result<Digest, StoreError> {
        let digest = Digest::of(&bytes);
        self.rows().kept.insert(digest, bytes);
        Ok(digest)
    }

    async fn kept(&self, digest: &Digest) -> Result<Option<Bytes>, StoreError> {
        Ok(self.rows().kept.get(digest).cloned())
    }

    async fn shops(&self) -> Result<Vec<ShopId>, StoreError> {
        let shops: BTreeSet<ShopId> = self.rows().journals.keys().map(|id| id.shop).collect();
        Ok(shops.into_iter().collect())
    }

    async fn journals(
        &self,
        shop: ShopId,
        after: Option<JournalId>,
        limit: usize,
    ) -> Result<Vec<JournalId>, StoreError> {
        let rows = self.rows();
        let of_shop =
            rows.journals.iter().filter(|(id, it)| id.shop == shop && !it.events.is_empty());
        let later = of_shop.map(|(id, _)| *id).filter(|id| after.is_none_or(|after| *id > after));
        Ok(later.take(limit).collect())
    }

    async fn erase(
        &self,
        shop: ShopId,
        customer: CustomerId,
        at: Micros,
    ) -> Result<Receipt, StoreError> {
        Ok(self.rows().erase(shop, customer, at))
    }
}

#[cfg(test)]
mod tests {
    use super::super::contract::{self, Subject};
    use super::*;

    impl Subject for MemoryStore {
        type Store = Self;

        fn fresh() -> Self {
            Self::new()
        }

        fn store(&self) -> &Self {
            self
        }

        fn reopened(self) -> Self {
            self
        }
    }

    #[tokio::test]
    async fn it_keeps_the_contract() {
        contract::check::<MemoryStore>().await;
    }
}
