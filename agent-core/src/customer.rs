//! The state of a customer: a fold over the journal that is told of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{Answer, Event, Recorded};
use crate::id::{Alias, Name, Seq};
use crate::message::{InboundKind, Purpose};
use crate::time::Micros;

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
    /// They want no messages.
    pub opted_out: bool,
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
            InboundKind::Identity { add, remove } => {
                self.aliases.extend(add.iter().cloned());
                self.aliases.retain(|alias| !remove.contains(alias));
            }
            InboundKind::Consent { purpose: Purpose::Service, given } => self.opted_out = !given,
            InboundKind::Consent { purpose, given } => {
                let name = serde_json::to_value(purpose)
                    .ok()
                    .and_then(|name| name.as_str().map(Name::from));
                let Some(name) = name else { return };
                let newest = self.wished.entry(name.clone()).or_insert(at);
                if at < *newest {
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
}
