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
    /// The outbound, as its turn made it.
    pub of: Made,
    /// Which of its parts.
    pub part: u8,
    /// When the platform took it, if it did.
    pub at: Option<Micros>,
    /// The platform's id of it.
    pub id: Option<MessageId>,
    /// The highest that was told of it: what arrived before all else, then by its newest sending, then by
    /// [`Status::rank`].
    pub status: Status,
    /// Which sending the status is of, counted from 0: after a bounce there is another.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub times: u16,
    /// Sendings that are known not to have arrived: one bit for each.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failed: u16,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "for serde")]
fn is_zero(count: &u16) -> bool {
    *count == 0
}

impl Sent {
    /// Whether it is to be sent again by itself: its newest sending bounced, and none of them may have arrived.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self.status, Status::Bounced(_)) && self.is_gone()
    }

    /// Whether a person must say what became of it: nobody knows of its newest sending, or that one is known to have failed
    /// and one before it is in doubt.
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.status == Status::Ambiguous || self.has_failed() && !self.is_gone()
    }

    /// Whether a person may settle it: they know that it arrived, or want it to be sent once more.
    #[must_use]
    pub fn can_be_settled(&self) -> bool {
        let failed = self.has_failed() && !self.is_missing();
        failed || matches!(self.status, Status::Held(_) | Status::Ambiguous)
    }

    /// Whether its newest sending is known not to have arrived.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        matches!(self.status, Status::Failed(_) | Status::Bounced(_))
    }

    /// The name of the sending that a person may ask for where the outbox holds nothing of it any more: it failed, and is
    /// not sent again by itself.
    #[must_use]
    pub fn to_release(&self) -> Option<Made> {
        let next = (0..=self.times).try_fold(self.of, |sending, _| sending.again());
        next.filter(|_| self.has_failed() && !self.is_missing())
    }

    /// Whether each of its sendings is known not to have arrived.
    fn is_gone(&self) -> bool {
        let all = 1_u16.checked_shl(u32::from(self.times) + 1).map_or(u16::MAX, |next| next - 1);
        self.failed == all
    }

    /// The newest of its sendings, made or to be made; none after the last that has a name.
    #[must_use]
    pub fn newest(&self) -> Option<Made> {
        let times = self.times + u16::from(self.is_missing());
        (0..times).try_fold(self.of, |sending, _| sending.again())
    }

    /// Whether a sending is made already, or even a later one.
    #[must_use]
    pub fn is_made(&self, sending: Made) -> bool {
        let made = matches!(self.status, Status::Accepted(_) | Status::Sent);
        let now = self.times == sending.times() && made;
        now || self.times > sending.times() || self.status.arrived()
    }
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
    /// What is known of a part, by the name of any of its sendings.
    #[must_use]
    pub fn of(&self, of: Made, part: u8) -> Option<&Sent> {
        self.parts.iter().find(|sent| sent.of == of.first() && sent.part == part)
    }

    /// A status of one part.
    pub(super) fn told(&mut self, of: Made, part: u8, at: Micros, status: &Status) {
        let (of, times) = (of.first(), of.times());
        let found = self.parts.iter().position(|sent| sent.of == of && sent.part == part);
        let place = found.unwrap_or(self.parts.len());
        if found.is_none() {
            let status = status.clone();
            self.parts.push(Sent { of, part, at: None, id: None, status, times, failed: 0 });
        }
        let Some(sent) = self.parts.get_mut(place) else { return };
        if let Status::Accepted(id) = status {
            sent.at = Some(sent.at.map_or(at, |known| known.min(at)));
            sent.id = sent.id.take().or_else(|| id.clone());
        }
        if let Status::Failed(_) | Status::Bounced(_) = status {
            sent.failed |= 1 << times;
        }
        sent.raise(times, status);
        for (id, status) in &self.early {
            if sent.id.as_ref() == Some(id) {
                sent.raise(0, status);
            }
        }
        for (until, status) in &self.until {
            if sent.at.is_some_and(|at| at <= *until) {
                sent.raise(0, status);
            }
        }
        let gone = self.parts.len().saturating_sub(SENT_KEPT);
        self.parts.drain(..gone);
    }

    /// A receipt by the platform's ids, or by a moment.
    pub(super) fn receipt(&mut self, of: &[MessageId], until: Option<Micros>, status: &Status) {
        for id in of {
            match self.parts.iter_mut().find(|sent| sent.id.as_ref() == Some(id)) {
                Some(sent) => sent.raise(0, status),
                None => self.early.push((id.clone(), status.clone())),
            }
        }
        let gone = self.early.len().saturating_sub(SENT_KEPT);
        self.early.drain(..gone);
        let Some(until) = until else { return };
        for sent in self.parts.iter_mut().filter(|sent| sent.at.is_some_and(|at| at <= until)) {
            sent.raise(0, status);
        }
        match self.until.iter_mut().find(|(_, known)| known.rank() == status.rank()) {
            Some((moment, _)) => *moment = until.max(*moment),
            None => self.until.push((until, status.clone())),
        }
        self.until.sort_by_key(|(_, status)| status.rank());
    }
}

impl Sent {
    /// The higher of two; of two that are as high, any one, but always the same.
    fn raise(&mut self, times: u16, told: &Status) {
        let order = |times: u16, status: &Status| {
            (status.arrived(), times, status.rank(), format!("{status:?}"))
        };
        if order(times, told) > order(self.times, &self.status) {
            self.status.clone_from(told);
            self.times = times;
        }
    }
}
