//! The folds of journals that were read of late: a bounded cache, and never the truth.
//!
//! A fold knows where it stands, and whoever takes one reads what its journal holds beyond that. So it may
//! be old, but not wrong.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::id::JournalId;

/// Folds that are kept at least; at most there are twice as many. Enough for all who write within a minute
/// or two, and a few megabytes however many wrote before them.
const KEPT: usize = 256;

/// Folds by their journal. Those nobody took while [`KEPT`] others were put are forgotten.
#[derive(Debug)]
pub(super) struct Folds<T>(Mutex<Generations<T>>);

#[derive(Debug)]
struct Generations<T> {
    young: HashMap<JournalId, T>,
    old: HashMap<JournalId, T>,
}

impl<T> Default for Folds<T> {
    fn default() -> Self {
        Self(Mutex::new(Generations { young: HashMap::new(), old: HashMap::new() }))
    }
}

impl<T> Folds<T> {
    /// Takes a fold out: whoever has it alone can go on with it without a copy.
    pub(super) fn take(&self, journal: JournalId) -> Option<T> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (young, old) = (held.young.remove(&journal), held.old.remove(&journal));
        young.or(old)
    }

    /// Whether a fold could be taken.
    pub(super) fn has(&self, journal: JournalId) -> bool {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.young.contains_key(&journal) || held.old.contains_key(&journal)
    }

    /// Puts a fold back, or a newer one.
    pub(super) fn put(&self, journal: JournalId, fold: T) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.young.insert(journal, fold);
        if held.young.len() >= KEPT {
            held.old = std::mem::take(&mut held.young);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ShopId;

    #[test]
    fn what_is_in_use_stays_and_all_else_is_bounded() {
        let journal = |n: usize| JournalId::conversation(ShopId(1), n as u128);
        let folds = Folds::default();
        folds.put(journal(0), 0);
        for n in 1..10 * KEPT {
            folds.put(journal(n), n);
            let hot = folds.take(journal(0)).unwrap();
            folds.put(journal(0), hot);
        }
        let kept = (0..10 * KEPT).filter(|n| folds.take(journal(*n)).is_some()).count();
        assert!((KEPT..=2 * KEPT).contains(&kept), "{kept}");
    }
}
