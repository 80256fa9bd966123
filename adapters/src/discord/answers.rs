//! What is known of the interactions that are being answered: each has one answer, into which the parts of a
//! reply are edited one after the other.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use agent_core::id::Made;
use agent_core::time::Micros;
use tokio::sync::watch;

use super::place::moment;
use super::render::Shown;

/// For how long Discord lets an interaction be answered.
/// <https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages>
pub(crate) const LIFE: Duration = Duration::from_secs(15 * 60);
/// Interactions that are remembered; beyond that the oldest are answered by messages.
const KNOWN: usize = 10_000;

/// The interactions that are being answered, by their ids.
#[derive(Debug, Default)]
pub(crate) struct Answers(Mutex<BTreeMap<u64, Answer>>);

/// One interaction.
#[derive(Debug)]
struct Answer {
    /// Whether Discord was told that an answer follows: before that there is none to edit.
    deferred: watch::Sender<bool>,
    /// What it shows, in order.
    shown: Vec<((Made, u8), Shown)>,
    /// Nothing more is edited into it: it is full, or can't be edited any more.
    over: bool,
}

/// An interaction that is being taken in, and of whose answer Discord is to be told that it follows. Dropped before
/// that, nobody tells it any more, and none can be edited.
#[derive(Debug)]
#[must_use]
pub(crate) struct Begun<'a> {
    answers: &'a Answers,
    id: u64,
}

impl Begun<'_> {
    /// Discord was told that an answer follows.
    pub(crate) fn announced(self) {
        self.answers.deferred(self.id, true);
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        self.answers.deferred(self.id, false);
    }
}

/// Whether a part can be edited into an answer.
#[derive(Debug)]
pub(crate) enum Room {
    /// With what is shown already, it is this.
    Here(Box<Shown>),
    /// It can't be.
    Elsewhere,
    /// This process did not see the interaction.
    Unseen,
}

impl Answers {
    /// An interaction came in.
    pub(crate) fn begin(&self, id: u64, now: Micros) -> Begun<'_> {
        let mut known = self.known();
        known.retain(|id, _| moment(*id).after(LIFE) > now);
        if known.len() >= KNOWN {
            known.pop_first();
        }
        let begun =
            || Answer { deferred: watch::Sender::new(false), shown: Vec::new(), over: false };
        known.entry(id).or_insert_with(begun);
        Begun { answers: self, id }
    }

    /// Discord was told that an answer follows, or, when that failed, none can be edited. What was said first holds.
    fn deferred(&self, id: u64, told: bool) {
        if let Some(answer) = self.known().get_mut(&id) {
            let said = |deferred: &mut bool| !std::mem::replace(deferred, true);
            answer.over |= answer.deferred.send_if_modified(said) && !told;
        }
    }

    /// Returns when Discord was told that an answer follows, if that is this process's business.
    pub(crate) async fn wait(&self, id: u64) {
        let waits = self.known().get(&id).map(|answer| answer.deferred.subscribe());
        if let Some(mut waits) = waits {
            // An error means that it was forgotten, and then there is nothing to wait for.
            let _ = waits.wait_for(|deferred| *deferred).await;
        }
    }

    /// Whether a part can be edited into an answer.
    pub(crate) fn room(&self, id: u64, key: (Made, u8), part: &Shown) -> Room {
        let mut known = self.known();
        let Some(answer) = known.get_mut(&id) else { return Room::Unseen };
        if answer.over {
            return Room::Elsewhere;
        }
        let before = answer.shown.iter().take_while(|(shown, _)| *shown != key);
        let all = before.map(|(_, shown)| shown).chain([part]).cloned();
        let joined = all.map(Some).reduce(|all, part| all?.joined(part?)).flatten();
        match joined {
            Some(joined) => Room::Here(Box::new(joined)),
            None => {
                // What comes after a part that had no room must not stand before it.
                answer.over = true;
                Room::Elsewhere
            }
        }
    }

    /// A part was edited in.
    pub(crate) fn shown(&self, id: u64, key: (Made, u8), part: Shown) {
        if let Some(answer) = self.known().get_mut(&id)
            && answer.shown.iter().all(|(shown, _)| *shown != key)
        {
            answer.shown.push((key, part));
        }
    }

    /// It can't be edited any more.
    pub(crate) fn over(&self, id: u64) {
        if let Some(answer) = self.known().get_mut(&id) {
            answer.over = true;
        }
    }

    /// Whether it is still open and shows nothing.
    pub(crate) fn is_bare(&self, id: u64) -> bool {
        self.known().get(&id).is_some_and(|answer| !answer.over && answer.shown.is_empty())
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<u64, Answer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn an_interaction_whose_announcing_was_cut_is_waited_for_no_longer() {
        let answers = Answers::default();
        let (begun, cut) = (answers.begin(1, Micros(0)), answers.begin(2, Micros(0)));
        assert_eq!(answers.wait(1).now_or_never(), None);
        begun.announced();
        drop(cut);
        for (id, here) in [(1, true), (2, false)] {
            assert_eq!(answers.wait(id).now_or_never(), Some(()), "{id}");
            let room = answers.room(id, (made(), 0), &Shown::default());
            assert_eq!(matches!(room, Room::Here(_)), here, "{id}: {room:?}");
        }
    }

    fn made() -> Made {
        Made { turn: agent_core::id::TurnId(1), n: 0 }
    }
}
