//! Erasing a customer: first their key, then whatever a crash may leave half-done and the next start finishes.

use std::collections::BTreeSet;

use agent_core::id::{CustomerId, JournalId, Seq, ShopId};
use agent_core::store::{Receipt, StoreError};
use agent_core::time::Micros;

use super::group::Group;
use super::read::parse;
use super::rows::{Head, Rows, damaged};
use crate::key::{self, Reader, Tag};
use crate::keyring::Owner;
use crate::record::Parts;

/// What an erasure writes when the key is gone.
pub(super) struct Erasure<'a> {
    pub(super) group: Group<'a>,
    pub(super) receipt: Receipt,
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

    /// Drops the key and the blobs, and says what else is to go.
    ///
    /// The receipt is written last, and says that all of it is done.
    pub(super) fn erase(
        &self,
        shop: ShopId,
        customer: CustomerId,
        at: Micros,
        arrivals: u64,
    ) -> Result<Erasure<'_>, StoreError> {
        let io = |error: std::io::Error| StoreError::Failed(error.to_string());
        let owner = Owner::Customer(shop, customer);
        self.keys.erase(shop, customer, at).map_err(io)?;
        self.blobs.erase(owner).map_err(io)?;
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
        let mut group = Group::new(self, arrivals);
        self.empty_queues(&mut group, owner, &theirs)?;
        for row in self.all(key::all(Tag::Alias, shop)) {
            let (key, row) = row?;
            if Reader(&row).journal(shop).is_some_and(|journal| theirs.contains(&journal)) {
                group.unset(key.to_vec());
            }
        }
        let json = serde_json::to_vec(&receipt);
        let json = json.map_err(|error| StoreError::Failed(error.to_string()))?;
        group.set(key::receipt(shop, customer), json);
        Ok(Erasure { group, receipt })
    }

    /// Inbox and outbox rows and timers of these journals, or sealed with this key.
    fn empty_queues(
        &self,
        group: &mut Group<'_>,
        owner: Owner,
        theirs: &BTreeSet<JournalId>,
    ) -> Result<(), StoreError> {
        let (Owner::Customer(shop, _) | Owner::Shop(shop)) = owner else { return Ok(()) };
        for row in self.all(key::all(Tag::Inbox, shop)) {
            let (key, row) = row?;
            let owned = self.readable(self.owned(&key, &row, owner))? == Some(true);
            if owned || is_of(key::journal_of(&key), theirs) {
                self.readable(group.drop_record(key.to_vec()))?;
            }
        }
        for row in self.all(key::all(Tag::Outbox, shop)) {
            let (key, row) = row?;
            let place = row.get(1..key::BEFORE_OUTBOX).unwrap_or_default();
            let owned = self.readable(self.owned(&key, &row, owner))? == Some(true);
            if owned || is_of(key::journal_of_due(place), theirs) {
                group.unset(place.to_vec());
                self.readable(group.drop_record(key.to_vec()))?;
            }
        }
        for row in self.all(key::all(Tag::Ring, shop)) {
            let (place, _) = row?;
            let (journal, name, _) = key::timer_of(&place).ok_or_else(|| damaged(&place))?;
            if theirs.contains(&journal) {
                group.unset(key::timer(journal, &name));
                group.unset(place.to_vec());
            }
        }
        Ok(())
    }

    fn owned(&self, key: &[u8], row: &[u8], owner: Owner) -> Result<bool, StoreError> {
        let record = self.whole(key, row)?;
        let parts = Parts::parse(super::rows::shop_of(key), &record);
        Ok(parts.ok_or_else(|| damaged(key))?.owner == owner)
    }
}

fn is_of(journal: Option<JournalId>, theirs: &BTreeSet<JournalId>) -> bool {
    journal.is_some_and(|journal| theirs.contains(&journal))
}
