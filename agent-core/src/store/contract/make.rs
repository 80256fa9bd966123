//! Commits and rows to try a store with.

use std::collections::BTreeSet;

use bytes::Bytes;

use crate::event::{Answer, Recorded};
use crate::id::{CommitId, JournalId, Made, MessageId, Name, Seq, ShopId, TurnId};
use crate::message::{Address, Inbound, InboundKind, Part, Purpose};
use crate::store::{Accept, Commit, OutboxRow, OutboxState};
use crate::time::Micros;

/// Nobody is passed over.
pub const NOBODY: BTreeSet<JournalId> = BTreeSet::new();
/// The shop all of these are of.
pub const SHOP: ShopId = ShopId(1);

/// The journal all of these are for, unless told otherwise.
#[must_use]
pub fn journal() -> JournalId {
    JournalId::conversation(SHOP, 7)
}

/// A commit of nothing, that expects nothing, at this second.
#[must_use]
pub fn commit(id: u128) -> Commit {
    Commit {
        id: CommitId(id),
        at: Micros(1_000_000),
        journal: journal(),
        customer: None,
        expect: None,
        events: Vec::new(),
        accept: Vec::new(),
        consume: Vec::new(),
        outbox: Vec::new(),
        settle: Vec::new(),
        timers: Vec::new(),
        bind: Vec::new(),
        snapshot: None,
    }
}

/// A commit that appends `n` events behind `head`.
#[must_use]
pub fn events(id: u128, head: u64, n: u64) -> Commit {
    let events = (head + 1..=head + n).map(|seq| event(seq, "hello")).collect();
    Commit { expect: Some(Seq(head)), events, ..commit(id) }
}

/// An event: these words were received.
#[must_use]
pub fn event(seq: u64, words: &str) -> Recorded {
    let received = Answer::Received(inbound(&format!("m{seq}"), words));
    Recorded { seq: Seq(seq), at: Micros(seq as i64), event: received.into() }
}

/// Words of a customer.
#[must_use]
pub fn inbound(id: &str, words: &str) -> Inbound {
    Inbound {
        id: MessageId::from(id),
        at: Micros(5),
        from: Some(address()),
        aliases: Vec::new(),
        kind: InboundKind::Text(words.to_owned()),
        reply_to: None,
        referral: None,
    }
}

/// Those words for the inbox of a journal.
#[must_use]
pub fn accept(journal: JournalId, id: &str, words: &str) -> Accept {
    let scope = Name::from("terminal/desk");
    Accept { journal, customer: None, scope, inbound: inbound(id, words) }
}

/// A part for the outbox of [`journal`], decided at `seq`.
#[must_use]
pub fn outbox(n: u16, part: u8, seq: u64, due: i64) -> OutboxRow {
    OutboxRow {
        journal: journal(),
        customer: None,
        id: Made { turn: TurnId(9), n },
        part,
        seq: Seq(seq),
        due: Micros(due),
        expires: None,
        purpose: Purpose::Service,
        answers: Vec::new(),
        to: address(),
        private: false,
        body: Part::Text(format!("part {n}.{part}")),
        state: OutboxState::Waiting,
    }
}

/// An opaque fold.
#[must_use]
pub fn fold(words: &str) -> Option<Bytes> {
    Some(Bytes::copy_from_slice(words.as_bytes()))
}

fn address() -> Address {
    Address {
        channel: "terminal".into(),
        account: "desk".into(),
        thread: "1".to_owned(),
        author: "1".to_owned(),
    }
}
