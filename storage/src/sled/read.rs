//! Reading. An answer is held back until everything it could have seen is durable.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use agent_core::event::Recorded;
use agent_core::id::{JournalId, Name, Seq, ShopId};
use agent_core::store::{Arrival, InboxRow, OutboxRow, OutboxState, Page, StoreError};
use agent_core::time::Micros;
use bytes::Bytes;
use sled::IVec;

use super::rows::{Rows, damaged};
use crate::key::{self, Reader, Tag};
use crate::keyring::Owner;
use crate::span::{self, Clear};

/// Whose timer, which, and when it rings.
type Timer = (JournalId, Name, Micros);

pub(super) fn state_byte(state: OutboxState) -> u8 {
    match state {
        OutboxState::Waiting => 0,
        OutboxState::Sending => 1,
        OutboxState::Held => 2,
        OutboxState::Unsure => 3,
        OutboxState::Released => 4,
    }
}

fn state(byte: u8) -> Option<OutboxState> {
    match byte {
        0 => Some(OutboxState::Waiting),
        1 => Some(OutboxState::Sending),
        2 => Some(OutboxState::Held),
        3 => Some(OutboxState::Unsure),
        4 => Some(OutboxState::Released),
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
        let mut next = after.next();
        if after >= head.seq || limit == 0 {
            return Ok(Page { head: head.seq, customer: head.customer, events });
        }
        let mut rows = self.events(journal, next, head.seq)?;
        while events.len() < limit && next <= head.seq {
            let row = rows.next().transpose().and_then(|row| self.span(journal, next, row));
            match row {
                Ok(row) => {
                    events.extend(row.into_iter().take(limit - events.len()));
                    next = events.last().map_or(next, |last| last.seq.next());
                }
                // What comes before a damaged row is told; who asks for it itself, is told so.
                Err(StoreError::Damaged(_)) if !events.is_empty() => break,
                Err(error) => return Err(error),
            }
        }
        Ok(Page { head: head.seq, customer: head.customer, events })
    }

    /// The events of a row from one of them on; at least that one.
    fn span(
        &self,
        journal: JournalId,
        from: Seq,
        row: Option<(IVec, IVec)>,
    ) -> Result<Vec<Recorded>, StoreError> {
        let (key, row) = row.ok_or_else(|| damaged(&key::event(journal, from)))?;
        let opened = self.open(&key, row)?.ok_or_else(|| damaged(&key))?;
        let mut events = span::events(&opened.clear, &opened.plain).ok_or_else(|| damaged(&key))?;
        events.retain(|recorded| recorded.seq >= from);
        match events.first() {
            Some(first) if first.seq == from => Ok(events),
            Some(_) | None => Err(damaged(&key::event(journal, from))),
        }
    }

    /// The clear halves of events: readable when the sealed ones are not.
    pub(super) fn clear(
        &self,
        journal: JournalId,
        after: Seq,
        limit: usize,
    ) -> Result<Vec<Clear>, StoreError> {
        let head = self.head(journal)?;
        let mut clear: Vec<Clear> = Vec::new();
        if after >= head.seq {
            return Ok(clear);
        }
        for row in self.events(journal, after.next(), head.seq)? {
            let (key, row) = row?;
            let record = self.whole(&key, &row)?;
            let parts = crate::record::Parts::parse(journal.shop, &record);
            let row = span::clear(parts.ok_or_else(|| damaged(&key))?.clear);
            let row = row.map_err(|_| damaged(&key))?;
            clear.extend(row.into_iter().filter(|it| it.seq > after));
            if clear.len() >= limit {
                break;
            }
        }
        clear.truncate(limit);
        Ok(clear)
    }

    /// The rows of a journal's events, from the one that holds `from` on.
    fn events(
        &self,
        journal: JournalId,
        from: Seq,
        head: Seq,
    ) -> Result<impl Iterator<Item = Result<(IVec, IVec), StoreError>>, StoreError> {
        let begins = key::event(journal, from);
        // Whoever reads on from where they were asks for the beginning of a row.
        let first = match self.get(&begins)? {
            Some(_) => begins,
            None => {
                let before = self.scan(key::events(journal), begins.clone()).next_back();
                before.transpose()?.map_or(begins, |(key, _)| key.to_vec())
            }
        };
        Ok(self.scan(first, key::event(journal, head.next())))
    }

    pub(super) fn snapshot(&self, journal: JournalId) -> Result<Option<(Seq, Bytes)>, StoreError> {
        self.living(journal)?;
        let key = key::snapshot(journal);
        let Some(row) = self.get(&key)? else { return Ok(None) };
        // A cache that can't be read is no cache: the journal says all of it.
        let Some(opened) = self.readable(self.open(&key, row))?.flatten() else { return Ok(None) };
        let mut reader = Reader(&opened.plain);
        let seq = reader.number().map(Seq);
        Ok(seq.map(|seq| (seq, Bytes::copy_from_slice(reader.0))))
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
        row: IVec,
    ) -> Result<Option<InboxRow>, StoreError> {
        let Some(opened) = self.open(key, row)? else { return Ok(None) };
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
        within: &RangeInclusive<Micros>,
        limit: usize,
        passing: &BTreeSet<JournalId>,
    ) -> Result<(Vec<OutboxRow>, Option<Micros>), StoreError> {
        let (mut rows, mut told, mut next) = (Vec::new(), BTreeSet::new(), None);
        let (from, to) =
            (key::due_from(shop, *within.start()), key::behind(&key::all(Tag::Due, shop)));
        for place in self.scan(from, to) {
            let (place, _) = place?;
            let journal = key::journal_of_due(&place).ok_or_else(|| damaged(&place))?;
            if passing.contains(&journal) {
                continue;
            }
            let (due, key) = key::outbox_of(&place).ok_or_else(|| damaged(&place))?;
            if due > *within.end() {
                return Ok((rows, next.or(Some(due))));
            }
            if rows.len() < limit {
                told.insert(journal);
            } else {
                next = next.or(Some(due));
            }
            if told.contains(&journal) {
                rows.extend(self.readable(self.leaving(&place, due, &key))?.flatten());
            }
        }
        Ok((rows, next))
    }

    /// The row at a place in the order, unless it was settled, moved or erased since its place was seen.
    fn leaving(
        &self,
        place: &[u8],
        due: Micros,
        key: &[u8],
    ) -> Result<Option<OutboxRow>, StoreError> {
        let Some(row) = self.get(key)? else { return Ok(None) };
        match self.open(key, row) {
            Ok(Some(opened)) if opened.row.get(1..key::BEFORE_OUTBOX) == Some(place) => {
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

    /// What an entry of the index names.
    pub(super) fn find(&self, shop: ShopId, entry: &[u8]) -> Result<Option<JournalId>, StoreError> {
        let Some(row) = self.get(entry)? else { return Ok(None) };
        Reader(&row).journal(shop).map(Some).ok_or_else(|| damaged(entry))
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
