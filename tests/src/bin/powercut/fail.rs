//! The disk fails at the n-th step, or is full from there on; afterwards it is whole again.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use recorder::{Lies, Plan, Recorder};

use crate::load::{Load, check};
use sutler_tests::report::{Findings, bar};

/// What is done.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Failures {
    pub(crate) load: Load,
    /// Every so many steps.
    pub(crate) every: u64,
}

/// What a step came to.
enum Came {
    /// The load had fewer steps.
    Not,
    /// The store went on, and nothing was lost.
    Unnoticed,
    /// The store stopped, with this error, and nothing was lost.
    Stopped,
}

impl Failures {
    pub(crate) async fn run(self) -> Result<Findings> {
        let mut findings = Findings::default();
        for (name, full) in [("an error", false), ("a full disk", true)] {
            let steps = self.steps().await?;
            let bar = bar(steps / self.every, name);
            let (mut stopped, mut unnoticed) = (0, 0);
            for at in (1..).step_by(usize::try_from(self.every.max(1))?) {
                match self.fail(if full { Plan::Full { at } } else { Plan::Broken { at } }).await {
                    Ok(Came::Not) => break,
                    Ok(Came::Unnoticed) => unnoticed += 1,
                    Ok(Came::Stopped) => stopped += 1,
                    Err(error) => {
                        bar.suspend(|| findings.add(&format!("{name} at step {at}"), &error));
                    }
                }
                findings.tried += 1;
                bar.inc(1);
            }
            bar.finish_and_clear();
            findings.say(format!(
                "{name}: at {stopped} steps the store stopped, at {unnoticed} it could go on"
            ));
        }
        Ok(findings)
    }

    async fn steps(self) -> Result<u64> {
        let dir = tempfile::tempdir()?;
        let recorder = Arc::new(recorder::start(dir.path(), Plan::Record, Lies::default())?);
        let (_, written) = self.load.run(dir.path(), &recorder).await;
        let steps = recorder.counted();
        drop(Arc::into_inner(recorder).map(Recorder::finish));
        written.map(|()| steps)
    }

    async fn fail(self, plan: Plan) -> Result<Came> {
        let dir = tempfile::tempdir()?;
        let recorder = Arc::new(recorder::start(dir.path(), plan, Lies::default())?);
        let (acknowledged, written) = self.load.run(dir.path(), &recorder).await;
        let steps = recorder.counted();
        drop(Arc::into_inner(recorder).map(Recorder::finish).context("a writer is left")?);
        let at = match plan {
            Plan::Broken { at } | Plan::Full { at } | Plan::Abort { at, .. } => at,
            Plan::Record => 0,
        };
        check(dir.path(), &acknowledged).await.with_context(|| format!("after {written:?}"))?;
        match written {
            Ok(()) if steps < at => Ok(Came::Not),
            Ok(()) => Ok(Came::Unnoticed),
            Err(error) => clear(&error, plan).map(|()| Came::Stopped),
        }
    }
}

/// An error that says what is wrong.
fn clear(error: &anyhow::Error, plan: Plan) -> Result<()> {
    let text = format!("{error:#}");
    let told: &[&str] = match plan {
        Plan::Full { .. } => &["no space is left", "No space left", "see to the disk"],
        _ => &["see to the disk", "Input/output error"],
    };
    ensure!(told.iter().any(|told| text.contains(told)), "the error is not clear: {text}");
    Ok(())
}
