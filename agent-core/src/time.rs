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
    use std::sync::atomic::{AtomicU64, Ordering};

    use sha2::{Digest as _, Sha256};
    use tokio::sync::watch;

    use super::{Clock, Ids, Micros, async_trait};

    /// A clock that stands until it is turned; sleepers wake when it passes their moment.
    #[derive(Debug)]
    pub struct TurnedClock(watch::Sender<Micros>);

    impl TurnedClock {
        /// Stands at `start`.
        #[must_use]
        pub fn new(start: Micros) -> Self {
            Self(watch::Sender::new(start))
        }

        /// Turns forward by `by`.
        pub fn turn(&self, by: std::time::Duration) {
            self.0.send_modify(|now| *now = now.after(by));
        }
    }

    #[async_trait]
    impl Clock for TurnedClock {
        fn now(&self) -> Micros {
            *self.0.borrow()
        }

        async fn sleep_until(&self, until: Micros) {
            let mut seen = self.0.subscribe();
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
}
