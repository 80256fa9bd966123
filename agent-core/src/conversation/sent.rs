//! What became of what was sent: whatever order a platform tells it in, it comes to the same.

use serde::{Deserialize, Serialize};

use crate::id::{Made, MessageId};
use crate::message::Status;
use crate::time::Micros;

/// Parts whose fate is remembered.
pub const SENT_KEPT: usize = 32;

/// One part that was to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// The outbound.
    pub of: Made,
    /// Which of its parts.
    pub part: u8,
    /// When the platform took it, if it did.
    pub at: Option<Micros>,
    /// The platform's id of it.
    pub id: Option<MessageId>,
    /// The highest that was told of it, by [`Status::rank`].
    pub status: Status,
}

/// The parts that were to be sent, newest last, and what was told of messages not known yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deliveries {
    /// The parts.
    pub parts: Vec<Sent>,
    /// Told of a platform's id before the part had it.
    early: Vec<(MessageId, Status)>,
    /// Told of everything taken before a moment.
    until: Vec<(Micros, Status)>,
}

impl Deliveries {
    /// A status of one part.
    pub(super) fn told(&mut self, of: Made, part: u8, at: Micros, status: &Status) {
        let found = self.parts.iter().position(|sent| sent.of == of && sent.part == part);
        let place = found.unwrap_or(self.parts.len());
        if found.is_none() {
            self.parts.push(Sent { of, part, at: None, id: None, status: status.clone() });
        }
        let Some(sent) = self.parts.get_mut(place) else { return };
        if let Status::Accepted(id) = status {
            sent.at = sent.at.or(Some(at));
            sent.id = sent.id.take().or_else(|| id.clone());
        }
        raise(&mut sent.status, status);
        for (id, status) in &self.early {
            if sent.id.as_ref() == Some(id) {
                raise(&mut sent.status, status);
            }
        }
        for (until, status) in &self.until {
            if sent.at.is_some_and(|at| at <= *until) {
                raise(&mut sent.status, status);
            }
        }
        let gone = self.parts.len().saturating_sub(SENT_KEPT);
        self.parts.drain(..gone);
    }

    /// A receipt by the platform's ids, or by a moment.
    pub(super) fn receipt(&mut self, of: &[MessageId], until: Option<Micros>, status: &Status) {
        for id in of {
            match self.parts.iter_mut().find(|sent| sent.id.as_ref() == Some(id)) {
                Some(sent) => raise(&mut sent.status, status),
                None => self.early.push((id.clone(), status.clone())),
            }
        }
        let gone = self.early.len().saturating_sub(SENT_KEPT);
        self.early.drain(..gone);
        let Some(until) = until else { return };
        for sent in self.parts.iter_mut().filter(|sent| sent.at.is_some_and(|at| at <= until)) {
            raise(&mut sent.status, status);
        }
        match self.until.iter_mut().find(|(_, known)| known.rank() == status.rank()) {
            Some((moment, _)) => *moment = until.max(*moment),
            None => self.until.push((until, status.clone())),
        }
        self.until.sort_by_key(|(_, status)| status.rank());
    }
}

/// The higher of two; of two that are as high, any one, but always the same.
fn raise(known: &mut Status, told: &Status) {
    let order = |status: &Status| (status.rank(), format!("{status:?}"));
    if order(told) > order(known) {
        known.clone_from(told);
    }
}
