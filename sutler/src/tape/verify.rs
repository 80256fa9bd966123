//! Journals against the engine: those of a store, or those on a tape; several at once.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent_core::id::JournalId;
use agent_core::replay::tape::Holds;
use agent_core::replay::verify::{Verified, Verifier, VerifyError};
use agent_core::store::memory::MemoryStore;
use agent_core::turn::engine;
use indicatif::ProgressBar;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::results::Results;
use super::{Books, Error, Journal, Tape};

/// How journals are verified.
#[derive(Clone, Debug)]
pub struct How {
    /// So many at once.
    pub jobs: usize,
    /// Where those that came out the same are kept, so that a run that was cut short goes on.
    pub results: Option<PathBuf>,
}

impl Default for How {
    /// One after the other, and nothing is kept.
    fn default() -> Self {
        Self { jobs: 1, results: None }
    }
}

/// What verifying came to.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// Journals that were run again, now or before the run was cut short.
    pub journals: u64,
    /// What their turns came to, where nothing diverged.
    pub turns: Verified,
    /// Journals of erased customers: nobody can read them.
    pub erased: u64,
    /// Journals that are damaged, and could not be run again; in their order.
    pub damaged: Vec<JournalId>,
    /// Those that did not come out the same, in their order.
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

/// Verifies the journals of a store.
///
/// # Errors
/// When the store can't be read. That something diverges, or is damaged, is no error but the verdict.
pub async fn verify(
    books: &Books,
    holds: Holds,
    how: &How,
    bar: &ProgressBar,
) -> Result<Verdict, Error> {
    let journals = books.journals(holds).await?;
    bar.set_length(journals.len() as u64);
    let crew = Crew::new(books, how, bar)?;
    for id in journals {
        crew.give(Job::Read(id)).await;
    }
    crew.end().await
}

/// Verifies the journals on a tape, without any store.
///
/// # Errors
/// When the tape can't be read or is damaged.
pub async fn verify_tape(path: &Path, how: &How, bar: &ProgressBar) -> Result<Verdict, Error> {
    let books = Books::new(Arc::new(MemoryStore::new()));
    let mut tape = Tape::open(path, bar)?;
    // The bar is the tape's.
    let crew = Crew::new(&books, how, &ProgressBar::hidden())?;
    while let Some(journal) = tape.journal(Some(&*books.archive)).await? {
        crew.give(Job::Verify(journal)).await;
    }
    crew.end().await
}

enum Job {
    Read(JournalId),
    Verify(Journal),
}

/// Those who verify: each takes the next journal when done with one.
struct Crew {
    jobs: mpsc::Sender<Job>,
    workers: Vec<JoinHandle<Result<(), Error>>>,
    verdict: Arc<Mutex<Verdict>>,
}

struct Worker {
    books: Books,
    verifier: Verifier,
    queue: Arc<tokio::sync::Mutex<mpsc::Receiver<Job>>>,
    results: Option<Arc<Mutex<Results<Verified>>>>,
    verdict: Arc<Mutex<Verdict>>,
    bar: ProgressBar,
}

impl Crew {
    fn new(books: &Books, how: &How, bar: &ProgressBar) -> Result<Self, Error> {
        // What another build of the engine made says nothing of this one.
        let results = how.results.as_deref().map(|path| Results::open(path, &engine()));
        let results = results.transpose()?.map(|it| Arc::new(Mutex::new(it)));
        let (jobs, queue) = mpsc::channel(2 * how.jobs.max(1));
        let queue = Arc::new(tokio::sync::Mutex::new(queue));
        let verdict: Arc<Mutex<Verdict>> = Arc::default();
        let worker = |_| Worker {
            books: books.clone(),
            verifier: Verifier::new(books.archive.clone()),
            queue: queue.clone(),
            results: results.clone(),
            verdict: verdict.clone(),
            bar: bar.clone(),
        };
        let workers = (0..how.jobs.max(1)).map(worker);
        let workers = workers.map(|worker| tokio::spawn(worker.run())).collect();
        Ok(Self { jobs, workers, verdict })
    }

    /// Waits until somebody has room for it; whoever ended with an error is heard at the end.
    async fn give(&self, job: Job) {
        let _ = self.jobs.send(job).await;
    }

    async fn end(self) -> Result<Verdict, Error> {
        drop(self.jobs);
        for worker in self.workers {
            match worker.await {
                Ok(ended) => ended?,
                Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
            }
        }
        let mut verdict = self.verdict.lock().unwrap_or_else(PoisonError::into_inner).clone();
        verdict.diverged.sort_by_key(|it| it.journal);
        verdict.damaged.sort_unstable();
        Ok(verdict)
    }
}

impl Worker {
    async fn run(mut self) -> Result<(), Error> {
        loop {
            let job = self.queue.lock().await.recv().await;
            match job {
                None => return Ok(()),
                Some(Job::Verify(journal)) => self.take(&journal).await?,
                Some(Job::Read(id)) => match self.books.journal(id).await {
                    Ok(Some(journal)) => self.take(&journal).await?,
                    Ok(None) => self.verdict().erased += 1,
                    Err(error) if error.is_damage() => self.verdict().damaged.push(id),
                    Err(error) => return Err(error),
                },
            }
            self.bar.inc(1);
        }
    }

    fn verdict(&self) -> MutexGuard<'_, Verdict> {
        self.verdict.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn take(&mut self, journal: &Journal) -> Result<(), Error> {
        let results = self.results.clone();
        let results =
            || results.as_deref().map(|it| it.lock().unwrap_or_else(PoisonError::into_inner));
        let held = results().and_then(|mut it| it.take(journal));
        let verified = match held {
            Some(turns) => Ok(turns),
            None => {
                let verified = self.verifier.verify(journal.id, &journal.events).await;
                // What diverged is told again when the run goes on, and so is run again.
                if let (Ok(turns), Some(mut results)) = (&verified, results()) {
                    results.keep(journal, turns)?;
                }
                verified
            }
        };
        let mut verdict = self.verdict();
        verdict.journals += 1;
        match verified {
            Ok(turns) => verdict.turns += turns,
            Err(error) => verdict.diverged.push(Divergence { journal: journal.id, error }),
        }
        Ok(())
    }
}
