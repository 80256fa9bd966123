//! One folder, copied for each trial: erased wholly, or by a process that ends at a step of it and is
//! started again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use agent_core::id::{CustomerId, JournalId, Seq};
use agent_core::store::{Archive, Store, StoreError};
use agent_core::time::Micros;
use anyhow::{Context as _, Result, ensure};
use recorder::{Lies, Plan};
use storage::SledStore;
use sutler_tests::report::{Findings, bar};
use sutler_tests::world::SHOP;

use crate::planted::{count, journals, open, plant, words};
use crate::search::{absent, files, holds};

/// Where the wrapped key stands behind the customer's id in the key file, and how long it is.
const WRAPPED: (usize, usize) = (32, 72);

/// Steps that an erasure may take more or fewer than another: the engine's threads write in one piece what they have at hand.
const VARIES: u64 = 3;

/// The process that erases every other customer.
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) data: PathBuf,
    pub(crate) customers: u64,
    pub(crate) at: u64,
    pub(crate) after: bool,
}

/// Customers, by number: those who are erased.
fn erased(customers: u64) -> impl Iterator<Item = u64> {
    (0..customers).step_by(2)
}

impl Child {
    /// Erases; tells how many steps it took.
    pub(crate) async fn run(self) -> Result<()> {
        let store = open(&self.data)?;
        let mut theirs = Vec::new();
        for customer in erased(self.customers) {
            // After a crash the alias may be gone already: then the erasure was finished.
            if let Ok((person, _)) = journals(&store, customer).await {
                theirs.push(CustomerId(person.key.0));
            }
        }
        let recorder = recorder::start(&self.data, Plan::Record, Lies::default())?;
        if self.at > 0 {
            recorder.plan(Plan::Abort { at: self.at, after: self.after });
        }
        for customer in theirs {
            store.erase(SHOP, customer, Micros(5)).await?;
        }
        anstream::println!("steps {}", recorder.counted());
        drop(recorder.finish());
        Ok(())
    }
}

/// What is tried.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Trial {
    pub(crate) customers: u64,
    pub(crate) every: u64,
    pub(crate) seed: u64,
}

/// A customer before the erasure.
struct Before {
    customer: u64,
    journals: (JournalId, JournalId),
    events: usize,
    wrapped: Vec<u8>,
}

impl Trial {
    pub(crate) async fn run(self) -> Result<Findings> {
        let planted = tempfile::tempdir()?;
        plant(planted.path(), self.seed, self.customers).await?;
        let before = Arc::new(self.before(planted.path()).await?);
        let mut findings = Findings::default();
        let steps = self.erase(planted.path(), &before, 0, false).await?;
        let steps = steps.context("an erasure that nothing ended did not end well")?;
        findings.tried += 1;
        let bar = bar(steps * 2 / self.every.max(1), "erasures cut short");
        for after in [false, true] {
            for at in (1..=steps).step_by(usize::try_from(self.every.max(1))?) {
                if let Err(error) = self.erase(planted.path(), &before, at, after).await {
                    let when = if after { "after" } else { "before" };
                    bar.suspend(|| findings.add(&format!("ended {when} step {at}"), &error));
                }
                findings.tried += 1;
                bar.inc(1);
            }
        }
        bar.finish_and_clear();
        findings.say(format!(
            "{} customers erased of {}, in {steps} steps",
            erased(self.customers).count(),
            self.customers
        ));
        Ok(findings)
    }

    /// Who there is, and that the search would find what is looked for.
    async fn before(self, dir: &Path) -> Result<Vec<Before>> {
        let store = open(dir)?;
        let keys = fs::read(dir.join("keys"))?;
        let mut before = Vec::new();
        for customer in 0..self.customers {
            let journals = journals(&store, customer).await?;
            let id = journals.0.key.0.to_be_bytes();
            let at = keys.windows(id.len()).position(|window| window == id).context("no key")?;
            let wrapped = keys.get(at + WRAPPED.0..at + WRAPPED.0 + WRAPPED.1);
            let wrapped = wrapped.context("the key is cut off")?.to_vec();
            let page = store.read(journals.1, Seq::START, usize::MAX).await?;
            let told = serde_json::to_vec(&page.events)?;
            for word in words(self.seed, customer) {
                ensure!(holds(&told, word.as_bytes()), "`{word}` was never said");
            }
            before.push(Before { customer, journals, events: page.events.len(), wrapped });
        }
        drop(store);
        let files = files(dir)?;
        let found = files
            .iter()
            .filter(|(_, bytes)| before.iter().all(|before| holds(bytes, &before.wrapped)));
        ensure!(found.count() == 1, "the keys are not where they are searched for");
        Ok(before)
    }

    /// One erasure, ended at a step or at none; the number of steps if it was not ended.
    async fn erase(
        self,
        planted: &Path,
        before: &[Before],
        at: u64,
        after: bool,
    ) -> Result<Option<u64>> {
        let dir = tempfile::tempdir()?;
        copy(planted, dir.path())?;
        let steps = self.child(dir.path(), at, after)?;
        if let Some(took) = steps.filter(|_| at > 0) {
            ensure!(
                took < at && at <= took + VARIES,
                "it went on behind step {at} and took {took}"
            );
        }
        if steps.is_none() {
            // Whoever asked was not told that it is done, and asks again.
            self.child(dir.path(), 0, false)?.context("the second erasure did not end well")?;
        }
        let store = open(dir.path())?;
        for before in before {
            self.look(&store, before).await.with_context(|| format!("{}", before.customer))?;
        }
        drop(store);
        let files = files(dir.path())?;
        for before in before.iter().filter(|before| before.customer.is_multiple_of(2)) {
            let words = words(self.seed, before.customer);
            let mut secrets: Vec<Vec<u8>> = words.into_iter().map(String::into_bytes).collect();
            secrets.push(before.wrapped.clone());
            absent(&files, &secrets)?;
        }
        Ok(steps)
    }

    fn child(self, dir: &Path, at: u64, after: bool) -> Result<Option<u64>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("child").arg("--data").arg(dir);
        command.args(["--customers", &self.customers.to_string(), "--at", &at.to_string()]);
        command.args(after.then_some("--after"));
        let output = command.output()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let steps = said.lines().find_map(|line| line.strip_prefix("steps ")?.parse().ok());
        Ok(steps.filter(|_| output.status.success()))
    }

    async fn look(self, store: &SledStore, before: &Before) -> Result<()> {
        let talk = before.journals.1;
        let read = store.read(talk, Seq::START, usize::MAX).await;
        if !before.customer.is_multiple_of(2) {
            ensure!(read?.events.len() == before.events, "events of another customer are gone");
            ensure!(!store.inbox(talk, 9).await?.is_empty(), "another customer's inbox is empty");
            return Ok(());
        }
        ensure!(matches!(read, Err(StoreError::Erased)), "an erased conversation answers {read:?}");
        let clear = store.clear(talk, Seq::START, usize::MAX).await?;
        ensure!(clear.len() == before.events, "{} of {} figures", clear.len(), before.events);
        ensure!(clear.iter().any(|clear| clear.pack.is_some()), "no figure names its pack");
        ensure!(journals(store, before.customer).await.is_err(), "the alias still leads to them");
        let receipt = store.erase(SHOP, CustomerId(before.journals.0.key.0), Micros(9)).await?;
        ensure!(receipt.at == Micros(5) && receipt.events >= before.events as u64, "{receipt:?}");
        ensure!(count(store).await? > 0, "no journals are listed");
        Ok(())
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let to = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            fs::create_dir_all(&to)?;
            copy(&path, &to)?;
        } else {
            fs::copy(&path, &to)?;
        }
    }
    Ok(())
}
