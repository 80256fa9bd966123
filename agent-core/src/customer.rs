//! The state of a customer: a fold over the journal that is told of them.

use std::collections::BTreeSet;

use crate::event::{Answer, Event, Recorded};
use crate::id::{Alias, Name, Seq};
use crate::message::{InboundKind, Purpose};

/// What is known of a customer, whatever conversation it was said in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    /// The position it stands at.
    pub head: Seq,
    /// How they are known outside.
    pub aliases: BTreeSet<Alias>,
    /// Purposes they agreed to.
    pub consent: BTreeSet<Name>,
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
            self.take(&inbound.kind);
        }
    }

    pub(crate) fn take(&mut self, kind: &InboundKind) {
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
                match (name, given) {
                    (Some(name), true) => _ = self.consent.insert(name),
                    (Some(name), false) => _ = self.consent.remove(&name),
                    (None, _) => {}
                }
            }
            _ => {}
        }
    }
}
