//! Where everything lies: the keys of the one tree.
//!
//! A key is its tag, its shop, and what tells it from its siblings, all big-endian, so that the order
//! of bytes is the order of reading. What platforms named (message ids, aliases, scopes) stands in
//! keys only as a keyed hash. Rows that are due carry the slot of their journal, so that several nodes
//! on one store can share them out without a new format.

use agent_core::id::{
    Alias, CommitId, CustomerId, JournalId, JournalKey, Made, Name, Seq, ShopId, Subject,
};
use agent_core::store::{Arrival, OutboxRow};
use agent_core::time::Micros;

use crate::seal::Key;

/// The first byte of a key.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Tag {
    /// alias hash → journal
    Alias = b'a',
    /// commit id → its stamp, where no other row bears it
    Commit = b'c',
    /// message hash → the stamp of the commit that brought it
    Seen = b'd',
    /// journal, first seq → the stamp of a commit, and its events, sealed
    Event = b'e',
    /// journal → its head and customer
    Head = b'h',
    /// journal, arrival → inbound, sealed
    Inbox = b'i',
    /// the store's own counters, under shop 0
    Own = b'm',
    /// journal, name → when a timer rings
    Timer = b'n',
    /// due, slot, journal, seq, part, outbound → nothing: the order of sending
    Due = b'o',
    /// outbound, part → its state, its place in the order, and the row, sealed
    Outbox = b'p',
    /// journal → the newest fold, sealed
    Snapshot = b's',
    /// due, slot, journal, name → nothing: the order of ringing
    Ring = b't',
    /// expiry, commit id → the message hashes that expire with it
    Expiry = b'x',
    /// another key, number → the rest of a long record
    More = b'y',
    /// customer → the receipt of their erasure
    Receipt = b'z',
}

/// Builds a key.
struct Writer(Vec<u8>);

impl Writer {
    fn new(tag: Tag, shop: ShopId) -> Self {
        let mut bytes = Vec::with_capacity(64);
        bytes.push(tag as u8);
        Self(bytes).put(&shop.0.to_be_bytes())
    }

    fn put(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// Without the shop, which stands at the front.
    fn journal(self, journal: JournalId) -> Self {
        let subject = match journal.subject {
            Subject::Conversation => 0,
            Subject::Customer => 1,
            Subject::Account => 2,
            Subject::Order => 3,
            Subject::Shop => 4,
            Subject::Quarantine => 5,
        };
        self.put(&[subject]).put(&journal.key.0.to_be_bytes())
    }

    fn made(self, id: Made) -> Self {
        self.put(&id.turn.0.to_be_bytes()).put(&id.n.to_be_bytes())
    }

    /// In the order of time, times before 1970 included.
    fn moment(self, at: Micros) -> Self {
        self.put(&moment(at))
    }
}

pub(crate) fn moment(at: Micros) -> [u8; 8] {
    (at.0.cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

/// Reads a key or a value from its front.
#[derive(Clone)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl Reader<'_> {
    pub(crate) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (front, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*front)
    }

    pub(crate) fn number(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }

    pub(crate) fn moment(&mut self) -> Option<Micros> {
        self.number().map(|bits| Micros((bits ^ (1 << 63)).cast_signed()))
    }

    /// A tag and a shop; the tag is known from where the key was looked for.
    pub(crate) fn shop(&mut self) -> Option<ShopId> {
        let [_tag, shop @ ..] = self.take::<5>()?;
        Some(ShopId(u32::from_be_bytes(shop)))
    }

    pub(crate) fn journal(&mut self, shop: ShopId) -> Option<JournalId> {
        let subject = match self.take()? {
            [0] => Subject::Conversation,
            [1] => Subject::Customer,
            [2] => Subject::Account,
            [3] => Subject::Order,
            [4] => Subject::Shop,
            [5] => Subject::Quarantine,
            _ => return None,
        };
        let key = JournalKey(u128::from_be_bytes(self.take()?));
        Some(JournalId { shop, subject, key })
    }
}

fn of_journal(tag: Tag, journal: JournalId) -> Writer {
    Writer::new(tag, journal.shop).journal(journal)
}

/// All keys of a kind in a shop begin so.
pub(crate) fn all(tag: Tag, shop: ShopId) -> Vec<u8> {
    Writer::new(tag, shop).0
}

/// The first key behind all that begin with `prefix`.
pub(crate) fn behind(prefix: &[u8]) -> Vec<u8> {
    let kept = prefix.iter().rposition(|byte| *byte < 0xFF).map_or(0, |last| last + 1);
    let mut key = prefix.get(..kept).unwrap_or_default().to_vec();
    if let Some(last) = key.last_mut() {
        *last += 1;
    }
    key
}

/// All of a journal's events begin so.
pub(crate) fn events(journal: JournalId) -> Vec<u8> {
    of_journal(Tag::Event, journal).0
}

/// The row of the events of one commit from this one on.
pub(crate) fn event(journal: JournalId, first: Seq) -> Vec<u8> {
    of_journal(Tag::Event, journal).put(&first.0.to_be_bytes()).0
}

pub(crate) fn head(journal: JournalId) -> Vec<u8> {
    of_journal(Tag::Head, journal).0
}

pub(crate) fn snapshot(journal: JournalId) -> Vec<u8> {
    of_journal(Tag::Snapshot, journal).0
}

/// All of a journal's inbox begins so.
pub(crate) fn inboxes(journal: JournalId) -> Vec<u8> {
    of_journal(Tag::Inbox, journal).0
}

pub(crate) fn inbox(journal: JournalId, arrival: Arrival) -> Vec<u8> {
    of_journal(Tag::Inbox, journal).put(&arrival.0.to_be_bytes()).0
}

pub(crate) fn outbox(shop: ShopId, id: Made, part: u8) -> Vec<u8> {
    Writer::new(Tag::Outbox, shop).made(id).put(&[part]).0
}

pub(crate) fn due(row: &OutboxRow) -> Vec<u8> {
    Writer::new(Tag::Due, row.journal.shop)
        .moment(row.due)
        .put(&row.journal.slot().to_be_bytes())
        .journal(row.journal)
        .put(&row.seq.0.to_be_bytes())
        .put(&[row.part])
        .made(row.id)
        .0
}

/// All that is due from this moment on begins here.
pub(crate) fn due_from(shop: ShopId, from: Micros) -> Vec<u8> {
    Writer::new(Tag::Due, shop).moment(from).0
}

/// The same row's place in the order when it is due at another moment.
pub(crate) fn due_at(key: &[u8], due: Micros) -> Option<Vec<u8>> {
    let mut moved = key.to_vec();
    moved.get_mut(5..13)?.copy_from_slice(&moment(due));
    Some(moved)
}

/// When the row at this place is due, and the key of the row itself.
pub(crate) fn outbox_of(due: &[u8]) -> Option<(Micros, Vec<u8>)> {
    let mut reader = Reader(due);
    let shop = reader.shop()?;
    let at = reader.moment()?;
    reader.take::<27>()?;
    let [part] = reader.take()?;
    Some((at, Writer::new(Tag::Outbox, shop).put(reader.0).put(&[part]).0))
}

/// The journal of the row at this place.
pub(crate) fn journal_of_due(due: &[u8]) -> Option<JournalId> {
    let mut reader = Reader(due);
    let shop = reader.shop()?;
    reader.take::<10>()?;
    reader.journal(shop)
}

pub(crate) fn timer(journal: JournalId, name: &Name) -> Vec<u8> {
    of_journal(Tag::Timer, journal).put(name.as_str().as_bytes()).0
}

pub(crate) fn ring(journal: JournalId, name: &Name, due: Micros) -> Vec<u8> {
    Writer::new(Tag::Ring, journal.shop)
        .moment(due)
        .put(&journal.slot().to_be_bytes())
        .journal(journal)
        .put(name.as_str().as_bytes())
        .0
}

/// Which timer rings at this place.
pub(crate) fn timer_of(ring: &[u8]) -> Option<(JournalId, Name, Micros)> {
    let mut reader = Reader(ring);
    let shop = reader.shop()?;
    let due = reader.moment()?;
    reader.take::<2>()?;
    let journal = reader.journal(shop)?;
    let name = std::str::from_utf8(reader.0).ok()?;
    Some((journal, Name::from(name), due))
}

/// The journal of a head, an inbox row or a timer.
pub(crate) fn journal_of(key: &[u8]) -> Option<JournalId> {
    let mut reader = Reader(key);
    let shop = reader.shop()?;
    reader.journal(shop)
}

pub(crate) fn commit(shop: ShopId, id: CommitId) -> Vec<u8> {
    Writer::new(Tag::Commit, shop).put(&id.0.to_be_bytes()).0
}

pub(crate) fn expiry(shop: ShopId, until: Micros, id: CommitId) -> Vec<u8> {
    Writer::new(Tag::Expiry, shop).moment(until).put(&id.0.to_be_bytes()).0
}

/// When it expires, and the commit whose answer and messages then do.
pub(crate) fn expired(key: &[u8]) -> Option<(Micros, CommitId)> {
    let mut reader = Reader(key);
    reader.shop()?;
    Some((reader.moment()?, CommitId(u128::from_be_bytes(reader.take()?))))
}

pub(crate) fn receipt(shop: ShopId, customer: CustomerId) -> Vec<u8> {
    Writer::new(Tag::Receipt, shop).put(&customer.0.to_be_bytes()).0
}

/// How many groups were written, and how many rows came into inboxes.
pub(crate) fn counters() -> Vec<u8> {
    Writer::new(Tag::Own, ShopId(0)).put(b"counters").0
}

/// Bytes of an outbox row that stand before its record: its state and its place in the order.
pub(crate) const BEFORE_OUTBOX: usize = 1 + 59;
/// Bytes of a row of events that stand before their record: the stamp of their commit.
pub(crate) const BEFORE_EVENTS: usize = 8 + 16 + 8;

/// How many bytes of its own stand before the record in the row at a key.
pub(crate) fn front(key: &[u8]) -> usize {
    match key.first() {
        Some(tag) if *tag == Tag::Outbox as u8 => BEFORE_OUTBOX,
        Some(tag) if *tag == Tag::Event as u8 => BEFORE_EVENTS,
        _ => 0,
    }
}

/// The n-th further piece of the record at `key`; n from 1.
pub(crate) fn more(key: &[u8], n: u8) -> Vec<u8> {
    let shop = key.get(1..5).unwrap_or_default();
    [&[Tag::More as u8], shop, key, &[n]].concat()
}

/// The key that hashes what platforms named.
#[derive(Clone, Debug)]
pub(crate) struct Index(Key);

impl Index {
    pub(crate) fn new(key: Key) -> Self {
        Self(key)
    }

    pub(crate) fn alias(&self, shop: ShopId, alias: &Alias) -> Vec<u8> {
        let mac = self.0.mac(&[b"alias", &shop.0.to_be_bytes(), alias.as_str().as_bytes()]);
        Writer::new(Tag::Alias, shop).put(&half(&mac)).0
    }

    /// The hash of a message within its scope.
    pub(crate) fn message(&self, shop: ShopId, scope: &Name, id: &str) -> [u8; 16] {
        let scope = scope.as_str().as_bytes();
        half(&self.0.mac(&[b"message", &shop.0.to_be_bytes(), scope, id.as_bytes()]))
    }

    /// The name of a blob: of this content at this place.
    pub(crate) fn blob(&self, place: &[u8], content: &[u8]) -> [u8; 32] {
        self.0.mac(&[b"blob", place, content])
    }
}

pub(crate) fn seen(shop: ShopId, message: &[u8; 16]) -> Vec<u8> {
    Writer::new(Tag::Seen, shop).put(message).0
}

/// 128 bits are enough to tell apart whatever one shop ever receives.
fn half(mac: &[u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    for (to, from) in half.iter_mut().zip(mac) {
        *to = *from;
    }
    half
}

#[cfg(test)]
mod tests {
    use agent_core::store::contract::make;

    use super::*;

    #[test]
    fn a_place_in_the_order_leads_to_its_row() {
        let row = make::outbox(3, 1, 5, -9);
        let place = due(&row);
        assert_eq!(outbox_of(&place), Some((Micros(-9), outbox(make::SHOP, row.id, 1))));
        let moved = due_at(&place, Micros(40)).unwrap();
        assert_eq!(moved, due(&OutboxRow { due: Micros(40), ..row }));
        assert!(moved > place, "times before 1970 come first");
        let name = Name::from("nap");
        let told = timer_of(&ring(make::journal(), &name, Micros(4)));
        assert_eq!(told, Some((make::journal(), name, Micros(4))));
    }

    #[test]
    fn behind_a_prefix_lies_nothing_of_it() {
        assert_eq!(behind(&[1, 2]), [1, 3]);
        assert_eq!(behind(&[1, 0xFF, 0xFF]), [2]);
    }

    #[test]
    fn every_key_begins_with_its_tag_and_its_shop() {
        let index = Index::new(Key::new([1; 32]));
        let (journal, shop) = (make::journal(), make::SHOP);
        for (tag, key) in [
            (Tag::Event, event(journal, Seq(1))),
            (Tag::Due, due(&make::outbox(1, 0, 1, 1))),
            (Tag::Alias, index.alias(shop, &"wa:1".into())),
            (Tag::Seen, seen(shop, &index.message(shop, &"a".into(), "m1"))),
            (Tag::More, more(&event(journal, Seq(1)), 2)),
        ] {
            assert!(key.starts_with(&all(tag, shop)), "{tag:?}");
        }
    }

    #[test]
    fn scope_and_message_are_told_apart() {
        let index = Index::new(Key::new([1; 32]));
        let hash = |scope: &str, id| index.message(make::SHOP, &scope.into(), id);
        assert_ne!(hash("ab", "c"), hash("a", "bc"));
        assert_eq!(hash("ab", "c"), hash("ab", "c"));
    }
}
