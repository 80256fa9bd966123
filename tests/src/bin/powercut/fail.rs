//! The disk fails at the n-th step, or is full from there on; afterwards it is whole again.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use recorder::{Lies, Plan, Recorder};

use crate::load::{Load, Note};
use crate::sample::sample;
use sutler_tests::report::{Findings, bar};

/// What is done.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Failures {
    pub(crate) load: Load,
    /// At so many steps.
    pub(crate) points: usize,
    pub(crate) seed: u64,
    /// Not at those, but at every so many.
    pub(crate) every: Option<usize>,
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
            let (places, of) = self.places().await?;
            let bar = bar(places.len() as u64, name);
            let (mut stopped, mut unnoticed) = (0, 0);
            for at in &places {
                let at = *at;
                match self.fail(if full { Plan::Full { at } } else { Plan::Broken { at } }).await {
                    Ok(Came::Not) => {}
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
                "{name}, at {} of {of} steps: at {stopped} the store stopped, at {unnoticed} it could go on",
                places.len()
            ));
        }
        Ok(findings)
    }

    /// The steps to fail at, and how many there are.
    async fn places(self) -> Result<(Vec<u64>, u64)> {
        let dir = tempfile::tempdir()?;
        let recorder = Arc::new(recorder::start(dir.path(), Plan::Record, Lies::default())?);
        let (_, written) = self.load.run(dir.path(), &recorder).await;
        let of = recorder.counted();
        let recording = Arc::into_inner(recorder).map(Recorder::finish);
        let recording = recording.context("a writer is left")?;
        written?;
        if let Some(every) = self.every {
            return Ok(((1..=of).step_by(every.max(1)).collect(), of));
        }
        let mut opening = Vec::new();
        let mut since = 0;
        for (counted, number) in recording.counted() {
            match Note::of(number) {
                Note::Opening => since = counted,
                Note::Opened => opening.extend(since + 1..=counted),
                Note::Made { .. } | Note::Erased => {}
            }
        }
        Ok((sample(&[opening, (1..=of).collect()], self.points, self.seed), of))
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
        self.load
            .check(dir.path(), &acknowledged)
            .await
            .with_context(|| format!("after {written:?}"))?;
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
