//! Reading. An answer is held back until everything it could have seen is durable.

use agent_core::event::{Event, Recorded};
use agent_core::id::{Alias, JournalId, Name, Seq, ShopId};
use agent_core::store::{Arrival, InboxRow, OutboxRow, OutboxState, Page, StoreError};
use agent_core::time::Micros;
use bytes::Bytes;

use super::rows::{Rows, damaged};
use crate::key::{self, Reader, Tag};
use crate::keyring::Owner;
use crate::record::Clear;

/// What stands before the record in a row of the outbox: its state and its place in the order.
pub(super) const FRONT: usize = 1 + 59;

/// Whose timer, which, and when it rings.
type Timer = (JournalId, Name, Micros);

pub(super) fn state_byte(state: OutboxState) -> u8 {
    match state {
        OutboxState::Waiting => 0,
        OutboxState::Sending => 1,
        OutboxState::Held => 2,
        OutboxState::Unsure => 3,
    }
}

fn state(byte: u8) -> Option<OutboxState> {
    match byte {
        0 => Some(OutboxState::Waiting),
        1 => Some(OutboxState::Sending),
        2 => Some(OutboxState::Held),
        3 => Some(OutboxState::Unsure),
        _ => None,
    }
}

impl Rows {
    /// Whether the customer of a journal was erased.
    fn living(&self, journal: JournalId) -> Result<super::rows::Head, StoreError> {
        let head = self.head(journal)?;
        if self.keys.is_erased(Owner::new(journal.shop, head.customer)) {
            return Err(StoreError::Erased);
        }
        Ok(head)
    }

    pub(super) fn read(
        &self,
        journal: JournalId,
        after: Seq,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let head = self.living(journal)?;
        let mut events: Vec<Recorded> = Vec::new();
        let mut next = after;
        let mut rows = self.events(journal, after, head.seq);
        while events.len() < limit && next < head.seq {
            next = next.next();
            let event = rows.next().transpose().and_then(|row| self.event(journal, next, row));
            match event {
                Ok(event) => events.push(event),
                // What comes before a damaged event is told; who asks for it itself, is told so.
                Err(StoreError::Damaged(_)) if !events.is_empty() => break,
                Err(error) => return Err(error),
            }
        }
        Ok(Page { head: head.seq, customer: head.customer, events })
    }

    fn event(
        &self,
        journal: JournalId,
        seq: Seq,
        row: Option<(sled::IVec, sled::IVec)>,
    ) -> Result<Recorded, StoreError> {
        let expected = key::event(journal, seq);
        let (key, row) =
            row.filter(|(key, _)| *key == expected).ok_or_else(|| damaged(&expected))?;
        let opened = self.open(&key, row, 0)?.ok_or_else(|| damaged(&key))?;
        let clear: Clear = parse(&key, &opened.clear)?;
        let event: Event = parse(&key, &opened.plain)?;
        Ok(Recorded { seq: clear.seq, at: clear.at, event })
    }

    /// The clear halves of events: readable when the sealed ones are not.
    pub(super) fn clear(
        &self,
        journal: JournalId,
        after: Seq,
        limit: usize,
    ) -> Result<Vec<Clear>, StoreError> {
        let head = self.head(journal)?;
        let rows = self.events(journal, after, head.seq).take(limit);
        let clear = rows.map(|row| {
            let (key, row) = row?;
            let record = self.whole(&key, &row)?;
            let parts = crate::record::Parts::parse(journal.shop, &record);
            parse(&key, parts.ok_or_else(|| damaged(&key))?.clear)
        });
        clear.collect()
    }

    fn events(
        &self,
        journal: JournalId,
        after: Seq,
        head: Seq,
    ) -> impl Iterator<Item = Result<(sled::IVec, sled::IVec), StoreError>> {
        // An empty range where `after` is the head or beyond it.
        let end = key::event(journal, head.max(after).next());
        self.scan(key::event(journal, after.next()), end)
    }

    pub(super) fn snapshot(&self, journal: JournalId) -> Result<Option<(Seq, Bytes)>, StoreError> {
        self.living(journal)?;
        let key = key::snapshot(journal);
        let Some(row) = self.get(&key)? else { return Ok(None) };
        let Some(opened) = self.open(&key, row, 0)? else { return Ok(None) };
        let mut reader = Reader(&opened.plain);
        let seq = Seq(reader.number().ok_or_else(|| damaged(&key))?);
        Ok(Some((seq, Bytes::copy_from_slice(reader.0))))
    }

    pub(super) fn inbox(
        &self,
        journal: JournalId,
        limit: usize,
    ) -> Result<Vec<InboxRow>, StoreError> {
        self.living(journal)?;
        let mut rows = Vec::new();
        for row in self.all(key::inboxes(journal)) {
            if rows.len() >= limit {
                break;
            }
            let (key, row) = row?;
            rows.extend(self.readable(self.arrived(journal, &key, row))?.flatten());
        }
        Ok(rows)
    }

    fn arrived(
        &self,
        journal: JournalId,
        key: &[u8],
        row: sled::IVec,
    ) -> Result<Option<InboxRow>, StoreError> {
        let Some(opened) = self.open(key, row, 0)? else { return Ok(None) };
        let (_, arrival) = key.split_last_chunk().ok_or_else(|| damaged(key))?;
        let arrival = Arrival(u64::from_be_bytes(*arrival));
        let customer = opened.owner.customer();
        let inbound = parse(key, &opened.plain)?;
        Ok(Some(InboxRow { arrival, journal, customer, inbound }))
    }

    pub(super) fn waiting(&self, shop: ShopId, limit: usize) -> Result<Vec<JournalId>, StoreError> {
        let (mut from, to) = (key::all(Tag::Inbox, shop), key::behind(&key::all(Tag::Inbox, shop)));
        let mut journals = Vec::new();
        while journals.len() < limit {
            let Some(row) = self.scan(from, to.clone()).next() else { break };
            let (key, _) = row?;
            let journal = key::journal_of(&key).ok_or_else(|| damaged(&key))?;
            journals.push(journal);
            from = key::behind(&key::inboxes(journal));
        }
        Ok(journals)
    }

    pub(super) fn due(
        &self,
        shop: ShopId,
        until: Micros,
        limit: usize,
    ) -> Result<(Vec<OutboxRow>, Option<Micros>), StoreError> {
        let mut rows = Vec::new();
        for place in self.all(key::all(Tag::Due, shop)) {
            let (place, _) = place?;
            let (due, key) = key::outbox_of(&place).ok_or_else(|| damaged(&place))?;
            if due > until || rows.len() >= limit {
                return Ok((rows, Some(due)));
            }
            rows.extend(self.readable(self.leaving(&place, due, &key))?.flatten());
        }
        Ok((rows, None))
    }

    /// The row at a place in the order, unless it was settled, moved or erased since its place was seen.
    fn leaving(
        &self,
        place: &[u8],
        due: Micros,
        key: &[u8],
    ) -> Result<Option<OutboxRow>, StoreError> {
        let Some(row) = self.get(key)? else { return Ok(None) };
        match self.open(key, row, FRONT) {
            Ok(Some(opened)) if opened.row.get(1..FRONT) == Some(place) => {
                let state = opened.row.first().copied().and_then(state);
                let state = state.ok_or_else(|| damaged(key))?;
                let row: OutboxRow = parse(key, &opened.plain)?;
                Ok(Some(OutboxRow { due, state, ..row }))
            }
            Ok(_) | Err(StoreError::Erased) => Ok(None),
            Err(other) => Err(other),
        }
    }

    pub(super) fn timers(
        &self,
        shop: ShopId,
        until: Micros,
        limit: usize,
    ) -> Result<(Vec<Timer>, Option<Micros>), StoreError> {
        let mut rows = Vec::new();
        for place in self.all(key::all(Tag::Ring, shop)) {
            let (place, _) = place?;
            let (journal, name, due) = key::timer_of(&place).ok_or_else(|| damaged(&place))?;
            if due > until || rows.len() >= limit {
                return Ok((rows, Some(due)));
            }
            rows.push((journal, name, due));
        }
        Ok((rows, None))
    }

    pub(super) fn find(
        &self,
        shop: ShopId,
        alias: &Alias,
    ) -> Result<Option<JournalId>, StoreError> {
        let key = self.keys.index().alias(shop, alias);
        let Some(row) = self.get(&key)? else { return Ok(None) };
        Reader(&row).journal(shop).map(Some).ok_or_else(|| damaged(&key))
    }

    pub(super) fn shops(&self) -> Result<Vec<ShopId>, StoreError> {
        let (mut from, to) = (vec![Tag::Head as u8], vec![Tag::Head as u8 + 1]);
        let mut shops = Vec::new();
        while let Some(row) = self.scan(from, to.clone()).next() {
            let (key, _) = row?;
            let shop = Reader(&key).shop().ok_or_else(|| damaged(&key))?;
            shops.push(shop);
            from = key::behind(&key::all(Tag::Head, shop));
        }
        Ok(shops)
    }

    pub(super) fn journals(
        &self,
        shop: ShopId,
        after: Option<JournalId>,
        limit: usize,
    ) -> Result<Vec<JournalId>, StoreError> {
        let all = key::all(Tag::Head, shop);
        let end = key::behind(&all);
        let from = after.map_or(all, |journal| key::behind(&key::head(journal)));
        let mut journals = Vec::new();
        for row in self.scan(from, end) {
            if journals.len() >= limit {
                break;
            }
            let (key, row) = row?;
            // Whoever reads one whose head is damaged is told so.
            if super::rows::Head::parse(&row).is_none_or(|head| head.seq > Seq::START) {
                journals.push(key::journal_of(&key).ok_or_else(|| damaged(&key))?);
            }
        }
        Ok(journals)
    }
}

pub(super) fn parse<T: serde::de::DeserializeOwned>(
    key: &[u8],
    bytes: &[u8],
) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| {
        StoreError::Damaged(format!("the record at {}: {error}", hex::encode(key)))
    })
}
