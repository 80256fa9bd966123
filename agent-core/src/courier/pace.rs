//! One budget per account and per chat, shared by everything that is sent there.
//!
//! Limits are kept exactly, over any stretch of their length and not on average: a platform counts so.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::id::Name;
use crate::message::Address;
use crate::profile::ChannelProfile;
use crate::time::{Clock, Micros};

/// Chats whose pace is remembered; beyond that the ones that may write at once are forgotten.
const CHATS: usize = 1_000;
/// How long a place is waited for by who keeps others waiting meanwhile.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many times slower an account is written to that its platform is displeased with.
const SLOWED: usize = 10;

/// Channel and account, and one chat of it; without a chat, the whole account.
type Key = (Name, Name, Option<String>);

/// At most so many within so long.
type Limit = (usize, Duration);

/// The budgets, by account and chat.
#[derive(Debug)]
pub(crate) struct Paces {
    clock: Arc<dyn Clock>,
    budgets: Mutex<BTreeMap<Key, Budget>>,
}

/// What was sent of late, and until when nothing may be.
#[derive(Debug, Default)]
struct Budget {
    sent: VecDeque<Micros>,
    rests: Option<Micros>,
    /// Of an account: the chat that was refused last, as long as nothing was taken since.
    refused: Option<String>,
    /// After this moment it says nothing any more.
    stale: Micros,
}

impl Paces {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, budgets: Mutex::default() }
    }

    /// Counts one message, if the account and the chat may be written to now; says as of when.
    ///
    /// # Errors
    /// From when they perhaps may.
    fn take(&self, profile: &ChannelProfile, to: &Address, slowly: bool) -> Result<Micros, Micros> {
        let now = self.clock.now();
        let pace = &profile.pace;
        let second = usize::from(pace.account_per_second.max(1));
        let second = if slowly { (second / SLOWED).max(1) } else { second };
        let by_account = [(second, Duration::from_secs(1))];
        let burst = usize::from(pace.chat_burst.max(1));
        let chat = (burst, pace.chat_every.saturating_mul(u32::from(pace.chat_burst.max(1))));
        let shared = pace.shared.filter(|_| to.is_shared());
        let shared = shared.map(|(count, within)| (usize::from(count.max(1)), within));
        let by_chat: Vec<Limit> = [Some(chat), shared].into_iter().flatten().collect();
        let mut budgets = self.budgets();
        if budgets.len() > CHATS {
            budgets.retain(|_, budget| budget.stale > now);
        }
        let keys = [(account(to), by_account.as_slice()), (thread(to), by_chat.as_slice())];
        let free = keys.iter().filter_map(|(key, limits)| budgets.get(key)?.free(limits));
        if let Some(until) = free.max().filter(|until| *until > now) {
            return Err(until);
        }
        for (key, limits) in keys {
            budgets.entry(key).or_default().count(limits, now);
        }
        Ok(now)
    }

    /// A place that was taken then is not used: whoever is next may have it.
    pub(crate) fn give_back(&self, to: &Address, taken: Micros) {
        let mut budgets = self.budgets();
        for key in [account(to), thread(to)] {
            let Some(budget) = budgets.get_mut(&key) else { continue };
            if let Some(place) = budget.sent.iter().rposition(|sent| *sent == taken) {
                budget.sent.remove(place);
            }
        }
    }

    /// Waits for a place within the limits, and takes it; says as of when.
    ///
    /// # Errors
    /// From when there perhaps is one, where that is too long to wait for.
    pub(crate) async fn place(
        &self,
        profile: &ChannelProfile,
        to: &Address,
        slowly: bool,
    ) -> Result<Micros, Micros> {
        let patience = self.clock.now().after(PATIENCE);
        loop {
            match self.take(profile, to, slowly) {
                Err(until) if until <= patience => self.clock.sleep_until(until).await,
                taken => return taken,
            }
        }
    }

    /// Waits for a place as long as it takes, and takes it.
    pub(crate) async fn wait(&self, profile: &ChannelProfile, to: &Address) {
        while let Err(until) = self.take(profile, to, false) {
            self.clock.sleep_until(until).await;
        }
    }

    /// The platform said that the whole account must wait.
    pub(crate) fn hold(&self, to: &Address, until: Micros) {
        self.budgets().entry(account(to)).or_default().hold(until);
    }

    /// The platform said that a chat must wait, and that the account need not.
    pub(crate) fn hold_chat(&self, to: &Address, until: Micros) {
        self.budgets().entry(thread(to)).or_default().hold(until);
    }

    /// The platform said that the chat is written to too fast. A second chat told so while the first rests
    /// means that it is the account.
    pub(crate) fn rest(&self, to: &Address, until: Micros) {
        let now = self.clock.now();
        let (account, chat) = (account(to), thread(to));
        let mut budgets = self.budgets();
        let ours = |key: &Key| (&key.0, &key.1) == (&account.0, &account.1);
        let mut others = budgets
            .range(account.clone()..)
            .take_while(|(key, _)| ours(key))
            .filter(|(key, _)| key.2.is_some() && **key != chat);
        let other = others.any(|(_, budget)| budget.rests.is_some_and(|rests| rests > now));
        for key in std::iter::once(chat).chain(other.then_some(account)) {
            budgets.entry(key).or_default().hold(until);
        }
        if other {
            tracing::warn!(channel = %to.channel, account = %to.account, %until, "the account rests");
        }
    }

    /// The platform refused us a chat, which rests. A second chat that is refused while nothing is taken between them
    /// means that it is the account; says whether it is.
    pub(crate) fn refused(&self, to: &Address, until: Micros, all_until: Micros) -> bool {
        let mut budgets = self.budgets();
        let before = budgets.entry(account(to)).or_default().refused.replace(to.thread.clone());
        let all = before.is_some_and(|chat| chat != to.thread);
        budgets.entry(thread(to)).or_default().hold(until);
        if all {
            budgets.entry(account(to)).or_default().hold(all_until);
        }
        all
    }

    /// The platform took a message of the account's.
    pub(crate) fn took(&self, to: &Address) {
        if let Some(budget) = self.budgets().get_mut(&account(to)) {
            budget.refused = None;
        }
    }

    fn budgets(&self) -> MutexGuard<'_, BTreeMap<Key, Budget>> {
        self.budgets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn account(to: &Address) -> Key {
    (to.channel.clone(), to.account.clone(), None)
}

fn thread(to: &Address) -> Key {
    (to.channel.clone(), to.account.clone(), Some(to.thread.clone()))
}

impl Budget {
    fn hold(&mut self, until: Micros) {
        self.rests = self.rests.max(Some(until));
        self.stale = self.stale.max(until);
    }

    /// From when one more may go; none: at any time.
    fn free(&self, limits: &[Limit]) -> Option<Micros> {
        let full = limits.iter().filter_map(|(count, within)| {
            let oldest = self.sent.len().checked_sub(*count)?;
            Some(self.sent.get(oldest)?.after(*within))
        });
        full.chain(self.rests).max()
    }

    fn count(&mut self, limits: &[Limit], now: Micros) {
        let most = limits.iter().map(|(count, _)| *count).max().unwrap_or(1);
        let longest = limits.iter().map(|(_, within)| *within).max().unwrap_or_default();
        while self.sent.front().is_some_and(|sent| sent.after(longest) <= now) {
            self.sent.pop_front();
        }
        self.sent.push_back(now);
        if self.sent.len() > most {
            self.sent.pop_front();
        }
        self.stale = self.stale.max(now.after(longest));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::profile::{Limit as Length, Markup, Pace, Repeat, Unit};
    use crate::time::turned::TurnedClock;

    const SECOND: Duration = Duration::from_secs(1);

    fn profile() -> ChannelProfile {
        let limit = Length { max: 100, unit: Unit::Scalars };
        ChannelProfile {
            channel: "test".into(),
            text: limit,
            caption: limit,
            buttons: None,
            list: None,
            cards: None,
            markup: Markup::Plain,
            can: BTreeSet::new(),
            window: None,
            reopen: None,
            settle: Duration::ZERO,
            repeat: Repeat::Never,
            pace: Pace {
                account_per_second: 3,
                chat_every: SECOND,
                chat_burst: 1,
                shared: Some((4, 60 * SECOND)),
            },
        }
    }

    fn to(thread: &str) -> Address {
        Address {
            channel: "test".into(),
            account: "main".into(),
            thread: thread.to_owned(),
            author: thread.trim_start_matches("group ").to_owned(),
        }
    }

    /// The seconds at which messages to these chats go, each as soon as it may.
    fn sent(paces: &Paces, clock: &TurnedClock, threads: &[&str]) -> Vec<i64> {
        let mut moments = Vec::new();
        for thread in threads {
            while let Err(until) = paces.take(&profile(), &to(thread), false) {
                clock.turn(until.since(clock.now()));
            }
            moments.push(clock.now().0 / 1_000_000);
        }
        moments
    }

    /// Takes a place in a chat.
    fn take(paces: &Paces, thread: &str, slowly: bool) -> Result<(), Micros> {
        paces.take(&profile(), &to(thread), slowly).map(|_| ())
    }

    fn paces() -> (Paces, Arc<TurnedClock>) {
        let clock = Arc::new(TurnedClock::new(Micros(0)));
        (Paces::new(clock.clone()), clock)
    }

    #[test]
    fn no_second_has_more_than_the_account_or_the_chat_may() {
        let (paces, clock) = paces();
        assert_eq!(
            sent(&paces, &clock, &["a", "b", "c", "d", "d", "a", "b"]),
            [0, 0, 0, 1, 2, 2, 2]
        );
    }

    #[test]
    fn a_shared_chat_has_a_limit_of_its_own_over_all_who_write_there() {
        let (paces, clock) = paces();
        let threads = ["group a"; 9];
        assert_eq!(sent(&paces, &clock, &threads), [0, 1, 2, 3, 60, 61, 62, 63, 120]);
    }

    #[test]
    fn an_account_its_platform_is_displeased_with_is_written_to_slowly() {
        let (paces, clock) = paces();
        assert_eq!(take(&paces, "a", true), Ok(()));
        assert_eq!(take(&paces, "b", true), Err(Micros(1_000_000)));
        assert_eq!(take(&paces, "b", false), Ok(()), "as it may otherwise");
        clock.turn(SECOND);
        assert_eq!(take(&paces, "c", true), Ok(()));
    }

    #[test]
    fn a_chat_told_to_rest_rests_and_a_second_one_rests_the_account() {
        let (paces, clock) = paces();
        let until = |seconds: i64| Micros(seconds * 1_000_000);
        paces.rest(&to("a"), until(35));
        assert_eq!(take(&paces, "a", false), Err(until(35)));
        assert_eq!(take(&paces, "b", false), Ok(()));
        paces.rest(&to("a"), until(36));
        assert_eq!(take(&paces, "c", false), Ok(()), "the same chat again is no second one");
        paces.rest(&to("b"), until(20));
        assert_eq!(take(&paces, "c", false), Err(until(20)));
        clock.turn(20 * SECOND);
        assert_eq!(take(&paces, "c", false), Ok(()));
        assert_eq!(take(&paces, "a", false), Err(until(36)));
    }

    #[test]
    fn one_chat_that_is_refused_rests_alone_and_a_second_rests_the_account() {
        let (paces, clock) = paces();
        let until = |seconds: i64| Micros(seconds * 1_000_000);
        let free = |chat: &str| take(&paces, chat, false);
        assert!(!paces.refused(&to("a"), until(600), until(30)));
        assert!(!paces.refused(&to("a"), until(600), until(30)), "the same one again");
        assert_eq!(free("a"), Err(until(600)));
        assert_eq!(free("b"), Ok(()));
        paces.took(&to("b"));
        assert!(!paces.refused(&to("c"), until(600), until(30)), "others are written to");
        assert_eq!(free("d"), Ok(()));
        assert!(paces.refused(&to("a"), until(600), until(30)));
        assert_eq!(free("e"), Err(until(30)));
        clock.turn(30 * SECOND);
        assert_eq!(free("e"), Ok(()));
        assert_eq!(free("a"), Err(until(600)));
    }

    #[test]
    fn a_place_that_is_given_back_is_anybodys() {
        let (paces, clock) = paces();
        let taken = paces.take(&profile(), &to("a"), false).unwrap();
        assert_eq!(take(&paces, "a", false), Err(Micros(1_000_000)));
        paces.give_back(&to("a"), taken);
        assert_eq!(sent(&paces, &clock, &["a", "b", "c", "d"]), [0, 0, 0, 1]);
        // What nobody has can't be given back.
        paces.give_back(&to("a"), Micros(5));
        paces.give_back(&to("z"), taken);
        assert_eq!(take(&paces, "d", false), Err(Micros(2_000_000)));
    }
}
