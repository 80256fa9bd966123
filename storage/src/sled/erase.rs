//! Erasing a customer: first their key, then whatever a crash may leave half-done and the next start finishes.

use std::collections::{BTreeSet, VecDeque};

use agent_core::id::{CustomerId, JournalId, Seq, ShopId};
use agent_core::store::{Receipt, StoreError};
use agent_core::time::Micros;

use super::applier::Logged;
use super::group::Group;
use super::read::parse;
use super::rows::{Head, Rows, damaged};
use crate::key::{self, Reader, Tag};
use crate::keyring::Owner;
use crate::record::Parts;

/// What is left of a customer whose key was dropped. Nothing of theirs can be written any more, so that it is found beside
/// the committer, who has others to serve.
#[derive(Debug)]
pub(super) struct Left {
    pub(super) receipt: Receipt,
    /// Their journals.
    theirs: BTreeSet<JournalId>,
    /// Records that are theirs, of inboxes and of the outbox.
    records: Vec<Vec<u8>>,
    /// Other rows of theirs.
    rows: Vec<Vec<u8>>,
    /// Entries of the index that name a journal of theirs.
    aliases: Vec<Vec<u8>>,
}

impl Rows {
    pub(super) fn receipt(
        &self,
        shop: ShopId,
        customer: CustomerId,
    ) -> Result<Option<Receipt>, StoreError> {
        let key = key::receipt(shop, customer);
        self.get(&key)?.map(|row| parse(&key, &row)).transpose()
    }

    /// Drops the key and the blobs.
    pub(super) fn drop_key(
        &self,
        shop: ShopId,
        customer: CustomerId,
        at: Micros,
    ) -> Result<(), StoreError> {
        let io = |error: std::io::Error| StoreError::Failed(error.to_string());
        self.keys.erase(shop, customer, at).map_err(io)?;
        self.blobs.erase(Owner::Customer(shop, customer)).map_err(io)
    }

    /// Finds what is left of one whose key was dropped.
    pub(super) fn left(
        &self,
        shop: ShopId,
        customer: CustomerId,
        at: Micros,
    ) -> Result<Left, StoreError> {
        let mut receipt = Receipt { shop, customer, at, journals: 0, events: 0 };
        let mut theirs = BTreeSet::from([JournalId::customer(shop, customer)]);
        for row in self.all(key::all(Tag::Head, shop)) {
            let (key, row) = row?;
            let head = Head::parse(&row).ok_or_else(|| damaged(&key));
            let Some(head) = self.readable(head)? else { continue };
            if head.customer == Some(customer) {
                theirs.insert(key::journal_of(&key).ok_or_else(|| damaged(&key))?);
                receipt.journals += u64::from(head.seq > Seq::START);
                receipt.events += head.seq.0;
            }
        }
        let (records, rows, aliases) = (Vec::new(), Vec::new(), Vec::new());
        let mut left = Left { receipt, theirs, records, rows, aliases };
        self.queued(Owner::Customer(shop, customer), shop, &mut left)?;
        for row in self.all(key::all(Tag::Alias, shop)) {
            let (key, row) = row?;
            if is_of(Reader(&row).journal(shop), &left.theirs) {
                left.aliases.push(key.to_vec());
            }
        }
        Ok(left)
    }

    /// Inbox and outbox rows, and the rows of timers, of these journals or sealed with this key.
    fn queued(&self, owner: Owner, shop: ShopId, left: &mut Left) -> Result<(), StoreError> {
        for row in self.all(key::all(Tag::Inbox, shop)) {
            let (key, row) = row?;
            let owned = self.readable(self.owned(&key, &row, owner))? == Some(true);
            if owned || is_of(key::journal_of(&key), &left.theirs) {
                left.records.push(key.to_vec());
            }
        }
        for row in self.all(key::all(Tag::Outbox, shop)) {
            let (key, row) = row?;
            let owned = self.readable(self.owned(&key, &row, owner))? == Some(true);
            if owned || is_of(key::journal_of_due(place(&row)), &left.theirs) {
                left.records.push(key.to_vec());
            }
        }
        for row in self.all(key::all(Tag::Ring, shop)) {
            let (place, _) = row?;
            let (journal, name, _) = key::timer_of(&place).ok_or_else(|| damaged(&place))?;
            if left.theirs.contains(&journal) {
                left.rows.extend([key::timer(journal, &name), place.to_vec()]);
            }
        }
        Ok(())
    }

    /// Removes what was found, where nobody did so meanwhile; the engine must have all groups before. The receipt says that all
    /// of it is done.
    pub(super) fn forget(&self, left: &Left, arrivals: u64) -> Result<Group<'_>, StoreError> {
        let Receipt { shop, customer, .. } = left.receipt;
        let mut group = Group::new(self, &NONE, arrivals);
        for key in &left.records {
            if key.first() == Some(&(Tag::Outbox as u8))
                && let Some(row) = self.get(key)?
            {
                group.unset(place(&row).to_vec());
            }
            self.readable(group.drop_record(key.clone()))?;
        }
        left.rows.iter().for_each(|key| group.unset(key.clone()));
        for key in &left.aliases {
            // A name may be somebody else's by now.
            let now = self.get(key)?.and_then(|row| Reader(&row).journal(shop));
            if is_of(now, &left.theirs) {
                group.unset(key.clone());
            }
        }
        let json = serde_json::to_vec(&left.receipt);
        let json = json.map_err(|error| StoreError::Failed(error.to_string()))?;
        group.set(key::receipt(shop, customer), json);
        Ok(group)
    }

    fn owned(&self, key: &[u8], row: &[u8], owner: Owner) -> Result<bool, StoreError> {
        let record = self.whole(key, row)?;
        let parts = Parts::parse(super::rows::shop_of(key), &record);
        Ok(parts.ok_or_else(|| damaged(key))?.owner == owner)
    }
}

/// Groups that the engine does not have.
static NONE: VecDeque<Logged> = VecDeque::new();

/// Where a row of the outbox stands in the order of sending.
fn place(row: &[u8]) -> &[u8] {
    row.get(1..key::BEFORE_OUTBOX).unwrap_or_default()
}

fn is_of(journal: Option<JournalId>, theirs: &BTreeSet<JournalId>) -> bool {
    journal.is_some_and(|journal| theirs.contains(&journal))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use agent_core::store::contract::make;
    use agent_core::store::{Bind, Commit, CommitError, Store as _};
    use agent_core::time::turned::CountedIds;
    use tokio::sync::oneshot;

    use super::super::committer::Job;
    use super::super::{Settings, SledStore};
    use super::*;

    fn theirs(customer: u128) -> Commit {
        let journal = JournalId::conversation(make::SHOP, customer);
        let mut commit = make::events(customer, 0, 1);
        (commit.journal, commit.customer) = (journal, Some(CustomerId(customer)));
        commit.accept = vec![make::accept(journal, &format!("m{customer}"), "hello")];
        commit.outbox = vec![make::outbox(customer as u16, 0, 1, 1)];
        commit.outbox[0].journal = journal;
        let alias = format!("wa:{customer}").into();
        commit.bind = vec![Bind { alias, from: None, to: Some(journal) }];
        commit
    }

    #[tokio::test]
    async fn commits_go_on_while_it_is_looked_for_what_is_left() {
        let dir = tempfile::TempDir::new().unwrap();
        let ids = Arc::new(CountedIds::new(1));
        let store = SledStore::open(dir.path(), &Settings::default(), ids).unwrap();
        let [ada, bob] = [1, 2].map(|n| JournalId::conversation(make::SHOP, n));
        for n in [1, 2] {
            store.commit(theirs(n)).await.unwrap();
        }
        store.caught_up().await;
        store.rows.drop_key(make::SHOP, CustomerId(1), Micros(5)).unwrap();
        let left = store.rows.left(make::SHOP, CustomerId(1), Micros(5)).unwrap();
        let late = Commit { accept: vec![make::accept(ada, "late", "hello")], ..make::commit(8) };
        let late = store.commit(Commit { journal: ada, ..late }).await;
        assert_eq!(late, Err(CommitError::Erased));
        // The number of the one is the other's by now.
        let bind = vec![Bind { alias: "wa:1".into(), from: Some(ada), to: Some(bob) }];
        store.commit(Commit { bind, journal: bob, ..make::commit(9) }).await.unwrap();
        let (answer, answered) = oneshot::channel();
        store.send(Job::Forget(Box::new(left), answer)).await.unwrap();
        let receipt = answered.await.unwrap().unwrap();
        assert_eq!((receipt.journals, receipt.events), (1, 1));
        assert_eq!(store.find(make::SHOP, &"wa:1".into()).await, Ok(Some(bob)));
        assert_eq!(store.waiting(make::SHOP, 9).await.unwrap(), [bob]);
        let ever = Micros::MIN..=Micros::MAX;
        let (due, _) = store.due(make::SHOP, ever, 9, &make::NOBODY).await.unwrap();
        assert_eq!(due.iter().map(|row| row.journal).collect::<Vec<_>>(), [bob]);
    }
}
