//! How often somebody may ask: the generic cell rate algorithm, which keeps one moment for each.
//!
//! The time is the `Clock`'s, so that a test can turn it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agent_core::time::{Clock, Micros};

/// Names that are remembered; beyond it, those that could ask freely are forgotten.
const KNOWN: usize = 16_384;
/// How often they are looked for.
const SWEEP: Duration = Duration::from_secs(1);

/// So many a second in the long run, and so many at once.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// In the long run.
    pub per_second: u32,
    /// At once, by one who was quiet before.
    pub burst: u32,
}

/// An allowance that everybody has of their own, told apart by their names.
#[derive(Debug)]
pub struct Rate<K> {
    every: Duration,
    burst: Duration,
    clock: Arc<dyn Clock>,
    known: Mutex<Known<K>>,
}

#[derive(Debug)]
struct Known<K> {
    /// When each would have used up what they took, had they asked evenly.
    until: HashMap<K, Micros>,
    /// When those that could ask freely were last forgotten: looking for them costs a look at everybody.
    swept: Option<Micros>,
}

impl<K: Eq + Hash> Rate<K> {
    /// Nobody has asked yet.
    #[must_use]
    pub fn new(allowance: Allowance, clock: Arc<dyn Clock>) -> Self {
        let every = Duration::from_secs(1) / allowance.per_second.max(1);
        let burst = every * allowance.burst.saturating_sub(1);
        let known = Mutex::new(Known { until: HashMap::new(), swept: None });
        Self { every, burst, clock, known }
    }

    /// Takes one; else how long to wait.
    ///
    /// # Errors
    /// When there is none left: how long to wait.
    pub fn take(&self, key: K) -> Result<(), Duration> {
        let now = self.clock.now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let Known { until, swept } = &mut *known;
        if until.len() >= KNOWN && !until.contains_key(&key) {
            if swept.is_none_or(|swept| now.since(swept) >= SWEEP) {
                until.retain(|_, until| *until > now);
                *swept = Some(now);
            }
            // More names at once than are remembered is a flood: who is new waits until some are forgotten.
            if until.len() >= KNOWN {
                return Err(SWEEP);
            }
        }
        let used = until.get(&key).copied().unwrap_or(now).max(now);
        let ahead = used.since(now);
        if ahead > self.burst {
            return Err(ahead.saturating_sub(self.burst));
        }
        until.insert(key, used.after(self.every));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use agent_core::time::turned::TurnedClock;

    use super::*;

    #[test]
    fn a_burst_and_then_as_many_as_time_passes_for_each() {
        let clock = Arc::new(TurnedClock::new(Micros(0)));
        let rate = Rate::new(Allowance { per_second: 2, burst: 3 }, clock.clone());
        let taken = |key: &'static str| (0..10).filter(|_| rate.take(key).is_ok()).count();
        assert_eq!(taken("a"), 3);
        assert_eq!(rate.take("a"), Err(Duration::from_millis(500)));
        assert_eq!(taken("b"), 3);
        clock.turn(Duration::from_secs(1));
        assert_eq!(taken("a"), 2);
        clock.turn(Duration::from_secs(3600));
        assert_eq!(taken("a"), 3);
    }

    #[test]
    fn a_flood_of_names_takes_no_more_memory() {
        let clock = Arc::new(TurnedClock::new(Micros(0)));
        let rate = Rate::new(Allowance { per_second: 1, burst: 1 }, clock.clone());
        let taken = (0..2 * KNOWN).filter(|name| rate.take(*name).is_ok()).count();
        assert_eq!(taken, KNOWN);
        clock.turn(Duration::from_secs(2));
        assert_eq!(rate.take(usize::MAX), Ok(()));
        assert_eq!(rate.known.lock().unwrap().until.len(), 1);
    }
}
