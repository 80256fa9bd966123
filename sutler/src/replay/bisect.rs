//! Which version of a pack broke a case, and which of its files.
//!
//! A case may fail only now and then. So the last version is run first, to learn how often a broken one fails, and
//! the first, to learn how often a good one does; every version between is run until the odds are clear (Wald's
//! sequential test). Versions are known by their content: two of the same content are one.

use std::collections::BTreeMap;
use std::future::Future;

use prompts::Folder;

use super::statistics::odds;

/// Runs of the first and the last version, to learn how often each fails.
const LEARNED: u32 = 24;
/// Runs of one version at most.
const RUNS: u32 = 200;
/// The logarithm of the odds at which a version is called good or bad: one in ten thousand is called wrongly.
const SURE: f64 = 9.2;

/// Why nothing is found.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BisectError {
    /// Nothing is broken at the end.
    #[error("the last version passes all of {0} runs: nothing is broken there")]
    LastPasses(u32),
    /// It was broken from the beginning.
    #[error(
        "the first version fails as often as the last ({first} and {last} of {runs} runs): go back further"
    )]
    FirstFails {
        /// Failures of the first.
        first: u32,
        /// Failures of the last.
        last: u32,
        /// Of so many runs each.
        runs: u32,
    },
    /// There is nothing between.
    #[error("at least two versions of different content are needed")]
    TooFew,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Culprit {
    /// The first bad one, by its place.
    pub at: usize,
    /// Runs that were made.
    pub runs: u32,
    /// Failures of the last version, of `LEARNED` runs.
    pub failed: u32,
}

/// A version that is tried: whether its n-th run passes.
pub trait Trial {
    /// Runs once.
    fn passes(&mut self, version: usize, attempt: u32) -> impl Future<Output = bool> + Send;
}

/// Finds the first bad one of so many versions, of which the first is good and the last is bad.
///
/// # Errors
/// When that is not so.
pub async fn bisect(versions: usize, trial: &mut impl Trial) -> Result<Culprit, BisectError> {
    let Some(last) = versions.checked_sub(1).filter(|last| *last > 0) else {
        return Err(BisectError::TooFew);
    };
    let bad = failures(last, LEARNED, trial).await;
    if bad == 0 {
        return Err(BisectError::LastPasses(LEARNED));
    }
    let good = failures(0, LEARNED, trial).await;
    if good * 2 > bad {
        return Err(BisectError::FirstFails { first: good, last: bad, runs: LEARNED });
    }
    let mut judge = Sequential::of(good, bad);
    let (mut from, mut to) = (0, last);
    while to - from > 1 {
        let middle = from.midpoint(to);
        if judge.is_bad(middle, trial).await { to = middle } else { from = middle }
    }
    Ok(Culprit { at: to, runs: judge.runs + 2 * LEARNED, failed: bad })
}

async fn failures(version: usize, runs: u32, trial: &mut impl Trial) -> u32 {
    let mut failed = 0;
    for attempt in 0..runs {
        failed += u32::from(!trial.passes(version, attempt).await);
    }
    failed
}

/// How often a good and a bad version fail, and the runs that were made since.
#[derive(Debug)]
struct Sequential {
    good: f64,
    bad: f64,
    runs: u32,
}

impl Sequential {
    /// Shares that are never none and never all: what was not seen in few runs may still be.
    fn of(good: u32, bad: u32) -> Self {
        let share = |failed: u32| f64::from(failed) / f64::from(LEARNED);
        // A bad version that was learned to fail often may fail a little less often at another place.
        let bad = (share(bad) * 0.8).clamp(0.02, 0.98);
        let good = share(good).clamp(0.001, bad / 2.0);
        Self { good, bad, runs: 0 }
    }

    async fn is_bad(&mut self, version: usize, trial: &mut impl Trial) -> bool {
        let (mut failed, mut runs) = (0, 0);
        loop {
            failed += u32::from(!trial.passes(version, runs).await);
            runs += 1;
            let odds = odds(failed, runs, self.good, self.bad);
            if odds.abs() >= SURE || runs >= RUNS {
                self.runs += runs;
                return odds > 0.0;
            }
        }
    }
}

/// Files by which two versions of a pack differ, and what each is in the later one.
#[must_use]
pub fn changed_files(good: &Folder, bad: &Folder) -> BTreeMap<String, Option<String>> {
    let names = good.files().keys().chain(bad.files().keys());
    let differ = names.filter(|name| good.files().get(*name) != bad.files().get(*name));
    differ.map(|name| (name.clone(), bad.files().get(name).cloned())).collect()
}

/// A version with some of the files of another.
#[must_use]
pub fn mixed(good: &Folder, changes: &BTreeMap<String, Option<String>>, take: &[String]) -> Folder {
    let mut files = good.files().clone();
    for name in take {
        match changes.get(name) {
            Some(Some(text)) => _ = files.insert(name.clone(), text.clone()),
            Some(None) => _ = files.remove(name),
            None => {}
        }
    }
    Folder::of("a mixed version", files)
}

/// The fewest files that break the good version: those without which it is whole, by delta debugging
/// (Zeller and Hildebrandt, 2002). `breaks` says whether a version with these files is bad; none where it does not load.
pub async fn culprits<F, Fut>(files: Vec<String>, mut breaks: F) -> Vec<String>
where
    F: FnMut(Vec<String>) -> Fut,
    Fut: Future<Output = Option<bool>>,
{
    let mut suspects = files;
    let mut parts = 2;
    while suspects.len() > 1 {
        let size = suspects.len().div_ceil(parts);
        let chunks: Vec<Vec<String>> = suspects.chunks(size).map(<[String]>::to_vec).collect();
        let mut less = None;
        for chunk in &chunks {
            let rest: Vec<String> =
                suspects.iter().filter(|it| !chunk.contains(it)).cloned().collect();
            if breaks(chunk.clone()).await == Some(true) {
                less = Some((chunk.clone(), 2));
            } else if !rest.is_empty() && breaks(rest.clone()).await == Some(true) {
                less = Some((rest, (parts - 1).max(2)));
            }
            if less.is_some() {
                break;
            }
        }
        match less {
            Some((fewer, next)) => (suspects, parts) = (fewer, next),
            None if parts < suspects.len() => parts = (parts * 2).min(suspects.len()),
            None => break,
        }
    }
    suspects
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Versions of which those from `bad` on fail one run in `one_in`.
    struct Chance {
        bad: usize,
        one_in: u64,
        dice: u64,
    }

    impl Trial for Chance {
        async fn passes(&mut self, version: usize, _: u32) -> bool {
            // Numerical Recipes' linear congruence; its high bits are good enough for dice.
            self.dice = self
                .dice
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            version < self.bad || !(self.dice >> 33).is_multiple_of(self.one_in)
        }
    }

    #[tokio::test]
    async fn the_first_bad_one_of_64_is_found_also_when_it_fails_one_time_in_three() {
        for one_in in [1, 3] {
            for bad in 1..64 {
                let mut chance = Chance { bad, one_in, dice: bad as u64 };
                let found = bisect(64, &mut chance).await.unwrap();
                assert_eq!(found.at, bad, "{found:?}");
            }
        }
    }

    #[tokio::test]
    async fn what_is_whole_or_was_always_broken_is_told() {
        let mut whole = Chance { bad: 64, one_in: 1, dice: 1 };
        assert_eq!(bisect(64, &mut whole).await, Err(BisectError::LastPasses(24)));
        let mut broken = Chance { bad: 0, one_in: 1, dice: 1 };
        assert!(matches!(bisect(64, &mut broken).await, Err(BisectError::FirstFails { .. })));
        assert_eq!(bisect(1, &mut broken).await, Err(BisectError::TooFew));
    }

    #[tokio::test]
    async fn the_files_that_break_it_are_found_also_where_it_takes_two() {
        let files = |names: &str| names.chars().map(String::from).collect::<Vec<_>>();
        for (guilty, all) in [("c", "abcdefgh"), ("bg", "abcdefgh"), ("a", "a"), ("ab", "ab")] {
            let breaks = |taken: Vec<String>| {
                let bad = guilty.chars().all(|it| taken.contains(&it.to_string()));
                // A version with `d` and without `e` does not even load.
                let loads = taken.contains(&"e".to_owned()) || !taken.contains(&"d".to_owned());
                async move { loads.then_some(bad) }
            };
            assert_eq!(culprits(files(all), breaks).await, files(guilty));
        }
    }
}
