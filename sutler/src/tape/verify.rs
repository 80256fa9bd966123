//! Journals against the engine: those of a store, or those on a tape.

use std::path::Path;
use std::sync::Arc;

use agent_core::id::JournalId;
use agent_core::replay::tape::Holds;
use agent_core::replay::verify::{Verified, Verifier, VerifyError};
use agent_core::store::memory::MemoryStore;
use indicatif::ProgressBar;

use super::{Books, Error, Journal, Tape};

/// What verifying came to.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// Journals that were run again.
    pub journals: u64,
    /// What their turns came to, where nothing diverged.
    pub turns: Verified,
    /// Journals of erased customers: nobody can read them.
    pub erased: u64,
    /// Those that did not come out the same, in the order they were met.
    pub diverged: Vec<Divergence>,
}

/// A journal that did not come out the same.
#[derive(Clone, Debug)]
pub struct Divergence {
    /// Which.
    pub journal: JournalId,
    /// Where, and how.
    pub error: VerifyError,
}

/// Verifies the journals of a store after this one, or all.
///
/// # Errors
/// When the store can't be read. That something diverges is no error but the verdict.
pub async fn verify(
    books: &Books,
    holds: Holds,
    after: Option<JournalId>,
    bar: &ProgressBar,
) -> Result<Verdict, Error> {
    let journals = books.journals(holds).await?;
    bar.set_length(journals.len() as u64);
    let mut verdict = Verdict::default();
    let mut verifier = Verifier::new(books.archive.clone());
    for id in journals {
        if after.is_none_or(|after| id > after) {
            // Cut short, the bar that stays on the screen says after which to go on.
            bar.set_message(format!("verifying {}", id.key));
            match books.journal(id).await? {
                Some(journal) => verdict.take(&mut verifier, &journal).await,
                None => verdict.erased += 1,
            }
        }
        bar.inc(1);
    }
    Ok(verdict)
}

/// Verifies the journals on a tape, without any store.
///
/// # Errors
/// When the tape can't be read or is damaged.
pub async fn verify_tape(path: &Path, bar: &ProgressBar) -> Result<Verdict, Error> {
    let archive = Arc::new(MemoryStore::new());
    let mut tape = Tape::open(path, bar)?;
    let mut verdict = Verdict::default();
    let mut verifier = Verifier::new(archive.clone());
    while let Some(journal) = tape.journal(&*archive).await? {
        verdict.take(&mut verifier, &journal).await;
    }
    Ok(verdict)
}

impl Verdict {
    async fn take(&mut self, verifier: &mut Verifier, journal: &Journal) {
        self.journals += 1;
        match verifier.verify(journal.id, &journal.events).await {
            Ok(turns) => self.turns += turns,
            Err(error) => self.diverged.push(Divergence { journal: journal.id, error }),
        }
    }
}
