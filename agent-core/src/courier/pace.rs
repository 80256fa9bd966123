//! One budget per account and per chat, shared by everything that is sent there.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::id::Name;
use crate::message::Address;
use crate::profile::ChannelProfile;
use crate::time::{Clock, Micros};

/// Chats whose pace is remembered; beyond that the ones that may write at once are forgotten.
const CHATS: usize = 10_000;

/// Channel and account, and one chat of it; without a chat, the whole account.
type Budget = (Name, Name, Option<String>);

/// The budgets: for each account and chat, the moment up to which its allowance is used (GCRA, ITU-T I.371).
#[derive(Debug)]
pub(crate) struct Paces {
    clock: Arc<dyn Clock>,
    used: Mutex<BTreeMap<Budget, Micros>>,
}

impl Paces {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, used: Mutex::new(BTreeMap::new()) }
    }

    /// Returns when the account and the chat may be written to, and counts one message.
    pub(crate) async fn wait(&self, profile: &ChannelProfile, to: &Address) {
        let until = self.reserve(profile, to);
        self.clock.sleep_until(until).await;
    }

    fn reserve(&self, profile: &ChannelProfile, to: &Address) -> Micros {
        let now = self.clock.now();
        let pace = &profile.pace;
        let account = Duration::from_secs(1) / u32::from(pace.account_per_second.max(1));
        let (channel, name) = (to.channel.clone(), to.account.clone());
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() > CHATS {
            used.retain(|_, moment| *moment > now);
        }
        let burst = u32::from(pace.account_per_second.max(1));
        let by_account = take(
            used.entry((channel.clone(), name.clone(), None)).or_insert(now),
            now,
            account,
            burst,
        );
        let chat = used.entry((channel, name, Some(to.thread.clone()))).or_insert(now);
        let by_chat = take(chat, now, pace.chat_every, u32::from(pace.chat_burst.max(1)));
        by_account.max(by_chat)
    }
}

/// Uses one message of an allowance; says from when it may go.
fn take(used: &mut Micros, now: Micros, every: Duration, burst: u32) -> Micros {
    *used = (*used).max(now).after(every);
    let ahead = every.saturating_mul(burst);
    Micros(used.0.saturating_sub(i64::try_from(ahead.as_micros()).unwrap_or(i64::MAX))).max(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_goes_at_once_and_the_rest_at_the_pace() {
        let (now, every) = (Micros(1_000_000), Duration::from_secs(1));
        let mut used = now;
        let moments: Vec<i64> =
            (0..5).map(|_| take(&mut used, now, every, 3).0 / 1_000_000).collect();
        assert_eq!(moments, [1, 1, 1, 2, 3]);
    }
}
