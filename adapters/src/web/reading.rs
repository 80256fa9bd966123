//! What a visitor may see of their journal, from a place on. Pure: the same events give the same messages.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use agent_core::event::{Answer, Decision, Event, Recorded};
use agent_core::evidence::{Body, Change};
use agent_core::id::{Made, Seq};
use agent_core::message::{
    Block, Card, Inbound, InboundKind, Outbound, Part, Purpose, Status, Tap, actions,
};
use agent_core::time::Micros;

/// Where a stream stands: at a part of an event. Everything before has been seen.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) seq: Seq,
    part: u8,
}

/// The id of a message: the position of its event, and which part of it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Id(Seq, Option<u8>);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Some(part) => write!(f, "{}.{part}", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}

impl Id {
    /// Reads an id a stream was given; none when it is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (seq, part) = match text.split_once('.') {
            Some((seq, part)) => (seq, Some(part.parse().ok()?)),
            None => (text, None),
        };
        Some(Self(Seq(seq.parse().ok()?), part))
    }

    /// The place after it.
    pub(super) fn after(self) -> Place {
        match self.1 {
            Some(part) if part < u8::MAX => Place { seq: self.0, part: part + 1 },
            _ => Place { seq: self.0.next(), part: 0 },
        }
    }

    /// The event it stands at, and its part.
    pub(super) fn parts(self) -> (Seq, Option<u8>) {
        (self.0, self.1)
    }
}

impl Place {
    /// At the first event of a journal.
    pub(super) const FIRST: Self = Self { seq: Seq(1), part: 0 };

    /// The first event after a position.
    pub(super) fn after(seq: Seq) -> Self {
        Self { seq: seq.next(), part: 0 }
    }
}

/// One message, as it may be seen.
#[derive(Clone, Debug)]
pub(super) enum Seen<'a> {
    /// The visitor's own.
    Theirs(&'a Inbound, String),
    /// A part of a reply.
    Ours(&'a Outbound, &'a Part),
}

/// A stretch of a journal, read.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    /// What may be seen, in order.
    pub(super) seen: Vec<(Id, Micros, Seen<'a>)>,
    /// Where to go on.
    pub(super) next: Place,
    /// The newest message that was read by the visitor.
    pub(super) read: Option<Id>,
    /// Whether the cart may have changed.
    pub(super) cart: bool,
}

/// Reads events from a place on. It ends before the first part whose sending is not decided yet, unless
/// `delivered` knows of it: what comes after must not be seen before it.
///
/// `older` are events before these, which tell what is tapped or read of earlier replies.
pub(super) fn read<'a>(
    events: &'a [Recorded],
    place: Place,
    delivered: &BTreeSet<(Made, u8)>,
    older: &[Recorded],
) -> Reading<'a> {
    let facts = Facts::of(older.iter().chain(events));
    let head = events.last().map_or(place.seq, |last| last.seq.next());
    let next =
        Place { seq: head.max(place.seq), part: if head > place.seq { 0 } else { place.part } };
    let mut reading = Reading { seen: Vec::new(), next, read: facts.read, cart: false };
    for recorded in events.iter().filter(|recorded| recorded.seq >= place.seq) {
        let at = recorded.at;
        match &recorded.event {
            Event::Answer(Answer::Received(inbound)) => {
                let words = theirs(inbound, &facts);
                if let Some(words) = words {
                    let seen = Seen::Theirs(inbound, words);
                    reading.seen.push((Id(recorded.seq, None), inbound.at, seen));
                }
            }
            Event::Answer(Answer::Returned { result: Ok(output), .. }) => {
                reading.cart |= output.findings.iter().any(|it| matches!(it.body, Body::Cart(_)));
            }
            Event::Decision(Decision::Changed(Change::Cart { .. })) => reading.cart = true,
            Event::Decision(Decision::Replied { outbound, plan, .. }) => {
                let first = if recorded.seq == place.seq { place.part } else { 0 };
                for (part, body) in (0..=u8::MAX).zip(&plan.parts).skip(usize::from(first)) {
                    let sent = facts.fate.get(&(outbound.id, part)).copied();
                    match sent.or_else(|| delivered.contains(&(outbound.id, part)).then_some(true))
                    {
                        Some(true) => {
                            let id = Id(recorded.seq, Some(part));
                            reading.seen.push((id, at, Seen::Ours(outbound, body)));
                        }
                        Some(false) => {}
                        None => {
                            reading.next = Place { seq: recorded.seq, part };
                            return reading;
                        }
                    }
                }
            }
            _ => {}
        }
    }
    reading
}

/// What events say of each other.
#[derive(Debug, Default)]
struct Facts<'a> {
    /// Whether a part was sent, as far as that is decided.
    fate: BTreeMap<(Made, u8), bool>,
    replies: BTreeMap<Made, (Seq, &'a Outbound)>,
    read: Option<Id>,
}

impl<'a> Facts<'a> {
    fn of(events: impl Iterator<Item = &'a Recorded>) -> Self {
        let mut facts = Self::default();
        for recorded in events {
            match &recorded.event {
                Event::Decision(Decision::Replied { outbound, .. }) => {
                    _ = facts.replies.insert(outbound.id, (recorded.seq, outbound));
                }
                Event::Answer(Answer::Received(inbound)) => facts.status(&inbound.kind),
                _ => {}
            }
        }
        facts
    }

    fn status(&mut self, kind: &InboundKind) {
        let InboundKind::Status { of, part, status, .. } = kind else { return };
        let sent = match status {
            Status::Accepted(_) | Status::Sent | Status::Delivered => true,
            Status::Failed(_) | Status::Refused(_) | Status::Bounced(_) => false,
            // A page has no window and no doubt: neither is told of it.
            Status::Ambiguous | Status::Held(_) => return,
            Status::Read => {
                if let Some((seq, _)) = self.replies.get(of) {
                    self.read = Some(Id(*seq, Some(*part)));
                }
                true
            }
        };
        self.fate.insert((*of, *part), sent);
    }

    fn label(&self, made: Made, option: u16) -> Option<String> {
        let (_, outbound) = self.replies.get(&made)?;
        let option = usize::from(option);
        let (label, _) = *actions(&outbound.blocks).get(option)?;
        // "Add to cart" alone would say nothing in a row of five.
        Some(match titles(&outbound.blocks).get(option).copied().flatten() {
            Some(title) => format!("{label}: {title}"),
            None => label.to_owned(),
        })
    }
}

/// For everything that can be tapped, in the order of [`actions`], the title of the card it stands on.
fn titles(blocks: &[Block]) -> Vec<Option<&str>> {
    let titles = blocks.iter().flat_map(|block| match block {
        Block::Choice { options, .. } => vec![None; options.len()],
        Block::Cards(cards) => cards.iter().flat_map(titled).collect(),
        _ => Vec::new(),
    });
    titles.collect()
}

fn titled(card: &Card) -> Vec<Option<&str>> {
    vec![Some(card.title.as_str()); card.actions.len()]
}

/// What a visitor wrote or tapped, in words; none for what they did not say here.
fn theirs(inbound: &Inbound, facts: &Facts<'_>) -> Option<String> {
    inbound.from.as_ref()?;
    match &inbound.kind {
        InboundKind::Text(text) => Some(text.clone()),
        InboundKind::Tap(Tap::Action(action)) => facts.label(action.outbound, action.option),
        _ => None,
    }
}

/// Whether a person of the shop wrote it.
pub(super) fn by_person(outbound: &Outbound) -> bool {
    outbound.purpose == Purpose::Person
}

/// Whether it tells of an earlier reply: a tap of it, or that it was read.
pub(super) fn looks_back(recorded: &Recorded) -> bool {
    let Event::Answer(Answer::Received(inbound)) = &recorded.event else { return false };
    matches!(inbound.kind, InboundKind::Tap(_) | InboundKind::Status { status: Status::Read, .. })
}

#[cfg(test)]
mod tests {
    use agent_core::id::{MessageId, TurnId};
    use agent_core::message::Plan;

    use super::*;
    use crate::web::address;

    const MADE: Made = Made { turn: TurnId(1), n: 0 };

    fn inbound(id: &str, kind: InboundKind) -> Event {
        let inbound = Inbound {
            id: MessageId(id.to_owned()),
            at: Micros(0),
            from: Some(address("t")),
            aliases: Vec::new(),
            kind,
            reply_to: None,
            referral: None,
        };
        Event::Answer(Answer::Received(inbound))
    }

    fn status(part: u8, status: Status) -> Event {
        inbound("s", InboundKind::Status { of: MADE, part, status, billed: None })
    }

    fn replied() -> Event {
        let outbound = Outbound {
            id: MADE,
            to: address("t"),
            purpose: Purpose::Service,
            answers: Vec::new(),
            blocks: Vec::new(),
            sources: Vec::new(),
            expires: None,
        };
        let parts = ["one", "two"].map(|text| Part::Text(text.to_owned())).into();
        let plan = Plan { parts, ..Plan::default() };
        Event::Decision(Decision::Replied {
            draft: String::new(),
            outbound: Box::new(outbound),
            plan,
            fallback: false,
        })
    }

    /// What is seen after an id, of a question, a reply of two parts, another question and these statuses.
    fn seen(after: &str, delivered: &[u8], statuses: Vec<Event>) -> Vec<String> {
        let words = |text: &str| inbound(text, InboundKind::Text(text.to_owned()));
        let events = [words("a"), replied(), words("b")].into_iter().chain(statuses);
        let recorded = |(seq, event)| Recorded { seq: Seq(seq), at: Micros(0), event };
        let events: Vec<Recorded> = (1..).zip(events).map(recorded).collect();
        let place = Id::parse(after).map_or(Place::FIRST, Id::after);
        let delivered = delivered.iter().map(|part| (MADE, *part)).collect();
        let from = usize::try_from(place.seq.0 - 1).unwrap();
        let reading = read(&events[from..], place, &delivered, &[]);
        let seen = reading.seen.iter().map(|(id, ..)| id.to_string());
        seen.chain([format!("next {}.{}", reading.next.seq, reading.next.part)]).collect()
    }

    #[test]
    fn a_part_is_seen_once_its_sending_is_decided_and_nothing_overtakes_it() {
        assert_eq!(seen("", &[], vec![]), ["1", "next 2.0"]);
        assert_eq!(seen("", &[0], vec![]), ["1", "2.0", "next 2.1"]);
        assert_eq!(seen("1", &[1], vec![]), ["next 2.0"], "the first is not decided");
        assert_eq!(seen("", &[0, 1], vec![]), ["1", "2.0", "2.1", "3", "next 4.0"]);
        let sent = || vec![status(0, Status::Accepted(None)), status(1, Status::Accepted(None))];
        assert_eq!(seen("2.0", &[], sent()), ["2.1", "3", "next 6.0"]);
        assert_eq!(seen("2.1", &[], sent()), ["3", "next 6.0"]);
        let refused = vec![status(0, Status::Refused("r".into())), status(1, Status::Sent)];
        assert_eq!(seen("", &[], refused), ["1", "2.1", "3", "next 6.0"]);
    }
}
