//! Chats in which another app answers: Meta tells what is said there in standby, and does not always tell when it is
//! over. A message that comes in our own hands again is the proof that it is.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use agent_core::id::Name;
use agent_core::message::Address;
use agent_core::time::Micros;

/// Who has a chat that is told of in standby.
pub(crate) const STANDBY: &str = "standby";
/// Chats that are remembered; beyond it all are forgotten, and looked up again.
const CHATS: usize = 100_000;

/// Whose each chat is, as far as its messages told since the process began.
#[derive(Debug, Default)]
pub struct Standby(Mutex<HashMap<Chat, Told>>);

type Chat = (Name, Name, String);

/// Who has a chat.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// By the platform's clock.
    pub(crate) at: Micros,
    /// Whether it is another app.
    pub(crate) other: bool,
}

impl Standby {
    /// What was told last; none of a chat nothing was told of yet.
    pub(crate) fn of(&self, chat: &Address) -> Option<Told> {
        self.chats().get(&key(chat)).copied()
    }

    /// Messages come in any order: what is older than what is known tells nothing.
    pub(crate) fn tell(&self, chat: &Address, told: Told) {
        let mut chats = self.chats();
        if chats.len() >= CHATS {
            chats.clear();
        }
        let known = chats.entry(key(chat)).or_insert(told);
        if told.at >= known.at {
            *known = told;
        }
    }

    fn chats(&self) -> MutexGuard<'_, HashMap<Chat, Told>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(chat: &Address) -> Chat {
    (chat.channel.clone(), chat.account.clone(), chat.thread.clone())
}
