//! The state of a customer: a fold over the journal that is told of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{Answer, Event, Recorded};
use crate::id::{Alias, CustomerId, Name, Seq};
use crate::message::{InboundKind, Purpose};
use crate::time::Micros;

/// The purpose of messages at all: whether a stop or a start was the last word.
pub(crate) const SERVICE: &str = "service";

/// What is known of a customer, whatever conversation it was said in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    /// The position it stands at.
    pub head: Seq,
    /// How they are known outside.
    pub aliases: BTreeSet<Alias>,
    /// Purposes they agreed to.
    pub consent: BTreeSet<Name>,
    /// When they last said something of each purpose.
    pub wished: BTreeMap<Name, Micros>,
    /// Customers who are the same person. Their ids stay theirs; what one of them wishes, all do.
    pub same: BTreeSet<CustomerId>,
}

impl Customer {
    /// The fold.
    #[must_use]
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> Self {
        let mut customer = Self::default();
        for recorded in events {
            customer.apply(recorded);
        }
        customer
    }

    /// Takes one event in.
    pub fn apply(&mut self, recorded: &Recorded) {
        self.head = recorded.seq;
        if let Event::Answer(Answer::Received(inbound)) = &recorded.event {
            self.take(&inbound.kind, inbound.at);
        }
    }

    pub(crate) fn take(&mut self, kind: &InboundKind, at: Micros) {
        match kind {
            InboundKind::Identity { add, remove, same } => {
                self.aliases.extend(add.iter().cloned());
                self.aliases.retain(|alias| !remove.contains(alias));
                self.same.extend(same);
            }
            InboundKind::Consent { purpose, given } => {
                let name = serde_json::to_value(purpose)
                    .ok()
                    .and_then(|name| name.as_str().map(Name::from));
                let Some(name) = name else { return };
                let newest = self.wished.entry(name.clone()).or_insert(at);
                // Of messages at all what is told last holds: two clocks must not make a stop the older word.
                if at < *newest && *purpose != Purpose::Service {
                    return;
                }
                *newest = at;
                match given {
                    true => _ = self.consent.insert(name),
                    false => _ = self.consent.remove(&name),
                }
            }
            _ => {}
        }
    }

    /// Whether they want messages, and when they last said so; none if they never did.
    #[must_use]
    pub fn wants_messages(&self) -> Option<(bool, Micros)> {
        self.wished.get(SERVICE).map(|at| (self.consent.contains(SERVICE), *at))
    }

    /// Whether they want no messages.
    #[must_use]
    pub fn opted_out(&self) -> bool {
        self.wants_messages().is_some_and(|(wanted, _)| !wanted)
    }

    /// Takes in what the same person wished as another customer: of each purpose the newest word holds, and of two that
    /// were said at once, the no.
    pub fn join(&mut self, other: &Self) {
        for (purpose, at) in &other.wished {
            let known = self.wished.get(purpose).copied();
            if known > Some(*at) {
                continue;
            }
            if !other.consent.contains(purpose) {
                self.consent.remove(purpose);
            } else if known < Some(*at) {
                self.consent.insert(purpose.clone());
            }
            self.wished.insert(purpose.clone(), *at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wishes(wishes: &[(Purpose, bool, i64)]) -> Customer {
        let mut customer = Customer::default();
        for (purpose, given, at) in wishes {
            customer.take(&InboundKind::Consent { purpose: *purpose, given: *given }, Micros(*at));
        }
        customer
    }

    #[test]
    fn of_one_person_the_newest_word_holds_and_of_two_at_once_the_no() {
        for (one, other, no) in [
            (&[][..], &[][..], false),
            (&[], &[(false, 1)], true),
            (&[(false, 1)], &[(true, 2)], false),
            (&[(false, 2)], &[(true, 1)], true),
            (&[(false, 1)], &[(true, 1)], true),
            (&[(true, 1)], &[(false, 2), (true, 3)], false),
        ] {
            for purpose in [Purpose::Service, Purpose::Marketing] {
                let of = |words: &[(bool, i64)]| {
                    let words = words.iter().map(|(given, at)| (purpose, *given, *at));
                    wishes(&words.collect::<Vec<_>>())
                };
                for (a, b) in [(one, other), (other, one)] {
                    let mut joined = of(a);
                    joined.join(&of(b));
                    let yes = joined.consent.len() == 1;
                    assert_eq!(yes, !no && !a.is_empty() | !b.is_empty(), "{a:?} {b:?}");
                    let silent = no && purpose == Purpose::Service;
                    assert_eq!(joined.opted_out(), silent, "{a:?} {b:?}");
                }
            }
        }
    }
}
