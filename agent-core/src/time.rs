//! Time, fresh ids and keyed values: the two ports through which the core meets the outside's arbitrariness.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Micros(pub i64);

impl Micros {
    /// Before everything.
    pub const MIN: Self = Self(i64::MIN);
    /// After everything.
    pub const MAX: Self = Self(i64::MAX);

    /// This much later; stops at the end of time instead of wrapping.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)))
    }

    /// How long from `earlier` to this; zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The civil date and time in UTC: year, month, day, hour, minute, second.
    ///
    /// The date by Howard Hinnant's `civil_from_days`, proleptic Gregorian.
    #[must_use]
    pub fn civil(self) -> (i64, u8, u8, u8, u8, u8) {
        let seconds = self.0.div_euclid(1_000_000);
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = doy - (153 * mp + 2) / 5 + 1;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let year = yoe + era * 400 + i64::from(month <= 2);
        (
            year,
            month as u8,
            day as u8,
            (rest / 3600) as u8,
            (rest / 60 % 60) as u8,
            (rest % 60) as u8,
        )
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day, hour, minute, second) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

impl fmt::Debug for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The only time there is. Core, courier and adapters wait through it alone.
#[async_trait]
pub trait Clock: Send + Sync + fmt::Debug {
    /// The present moment.
    fn now(&self) -> Micros;

    /// Returns when `now` is `until` or later; at once if it already is.
    async fn sleep_until(&self, until: Micros);
}

/// Fresh ids and keyed values.
pub trait Ids: Send + Sync + fmt::Debug {
    /// A number never given before, unguessable in production.
    fn fresh(&self) -> u128;

    /// A MAC over `bytes` under this deployment's key, for one purpose: action tokens, links, idempotency.
    ///
    /// The same key, purpose and bytes give the same value; without the key it can't be made.
    fn keyed(&self, purpose: &str, bytes: &[u8]) -> [u8; 32];
}

/// A clock and ids that tests turn.
#[cfg(any(test, feature = "testing"))]
pub mod turned {
    use std::collections::BTreeMap;
    use std::pin::pin;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use sha2::{Digest as _, Sha256};
    use tokio::sync::watch;

    use super::{Clock, Ids, Micros, async_trait};

    /// A clock that stands until it is turned; sleepers wake when it passes their moment.
    #[derive(Debug)]
    pub struct TurnedClock {
        now: watch::Sender<Micros>,
        /// How many sleep until each moment.
        sleepers: watch::Sender<BTreeMap<Micros, usize>>,
    }

    impl TurnedClock {
        /// Stands at `start`.
        #[must_use]
        pub fn new(start: Micros) -> Self {
            Self { now: watch::Sender::new(start), sleepers: watch::Sender::default() }
        }

        /// Turns forward by `by`.
        pub fn turn(&self, by: Duration) {
            self.now.send_modify(|now| *now = now.after(by));
        }

        /// How many sleep until each moment.
        #[must_use]
        pub fn sleepers(&self) -> BTreeMap<Micros, usize> {
            self.sleepers.borrow().clone()
        }

        /// Waits for work that sleeps on this clock: it is turned to the moment of the next sleeper, as often as
        /// that is not further away than `within`. It is not turned for `others`, who slept before.
        pub async fn during<T>(
            &self,
            (within, others): (Duration, &BTreeMap<Micros, usize>),
            work: impl Future<Output = T>,
        ) -> T {
            let mut work = pin!(work);
            let mut sleepers = self.sleepers.subscribe();
            let first = |all: &BTreeMap<Micros, usize>| {
                let more = |&(moment, count): &(&Micros, &usize)| others.get(moment) < Some(count);
                all.iter().find(more).map(|(moment, _)| *moment)
            };
            // Whoever is due, but has not woken yet, goes first.
            let near = |moment| moment > self.now() && moment <= self.now().after(within);
            loop {
                let next = sleepers.wait_for(|all| first(all).is_some_and(near));
                let next = tokio::select! {
                    biased;
                    done = &mut work => return done,
                    next = next => next.ok().and_then(|all| first(&all)),
                };
                if let Some(next) = next {
                    self.turn(next.since(self.now()));
                }
            }
        }
    }

    /// Somebody who sleeps until a moment.
    struct Sleeper<'a>(&'a TurnedClock, Micros);

    impl<'a> Sleeper<'a> {
        fn new(clock: &'a TurnedClock, until: Micros) -> Self {
            clock.sleepers.send_modify(|all| *all.entry(until).or_default() += 1);
            Self(clock, until)
        }
    }

    impl Drop for Sleeper<'_> {
        fn drop(&mut self) {
            let Self(clock, until) = self;
            clock.sleepers.send_modify(|all| {
                let left = all.remove(until).unwrap_or_default().saturating_sub(1);
                if left > 0 {
                    all.insert(*until, left);
                }
            });
        }
    }

    #[async_trait]
    impl Clock for TurnedClock {
        fn now(&self) -> Micros {
            *self.now.borrow()
        }

        async fn sleep_until(&self, until: Micros) {
            let _sleeper = Sleeper::new(self, until);
            let mut seen = self.now.subscribe();
            // The sender lives in `self`, so the wait ends only by reaching the moment.
            let _reached = seen.wait_for(|now| *now >= until).await;
        }
    }

    /// Ids that count from a seed: the same run gives the same ids.
    #[derive(Debug)]
    pub struct CountedIds(AtomicU64, u64);

    impl CountedIds {
        /// Counts within `seed`; two seeds never meet.
        #[must_use]
        pub fn new(seed: u64) -> Self {
            Self(AtomicU64::new(1), seed)
        }
    }

    impl Ids for CountedIds {
        fn fresh(&self) -> u128 {
            (u128::from(self.1) << 64) | u128::from(self.0.fetch_add(1, Ordering::Relaxed))
        }

        fn keyed(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
            let mut hash = Sha256::new();
            hash.update(self.1.to_be_bytes());
            hash.update(purpose.as_bytes());
            hash.update([0]);
            hash.update(bytes);
            hash.finalize().into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::turned::TurnedClock;
    use super::*;

    #[test]
    fn civil_dates_are_those_of_the_calendar() {
        for (micros, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399_000_000, "2000-02-28T23:59:59Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(Micros(micros).to_string(), text);
        }
    }

    #[tokio::test]
    async fn a_sleeper_wakes_when_its_moment_is_reached_and_not_before() {
        let clock = std::sync::Arc::new(TurnedClock::new(Micros(0)));
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(Micros(2_000_000)).await }
        });
        tokio::task::yield_now().await;
        clock.turn(Duration::from_secs(1));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.turn(Duration::from_secs(1));
        sleeper.await.unwrap();
    }

    #[tokio::test]
    async fn work_that_sleeps_is_done_when_the_clock_goes_on_and_longer_sleep_is_left_alone() {
        let clock = std::sync::Arc::new(TurnedClock::new(Micros(0)));
        let second = Duration::from_secs(1);
        let long = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(Micros(9_000_000)).await }
        });
        let work = async {
            clock.sleep_until(clock.now().after(second)).await;
            clock.sleep_until(clock.now().after(second)).await;
        };
        clock.during((second, &clock.sleepers()), work).await;
        assert_eq!(clock.now(), Micros(2_000_000));
        assert!(!long.is_finished());
    }
}
