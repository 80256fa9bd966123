//! The power goes: the folder is rebuilt as a cut leaves it, and opened.

use std::ops::Range;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use recorder::{Cut, Lies, Plan, Recorder, Recording};
use sutler_tests::dice::Dice;

use crate::load::{Acknowledged, Load, Note};
use crate::sample::sample;
use sutler_tests::report::{Findings, bar};

/// What is done.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Cuts {
    pub(crate) load: Load,
    pub(crate) points: usize,
    pub(crate) seed: u64,
    pub(crate) lies: Lies,
}

impl Cuts {
    /// Writes once, and cuts at every point, nothing and half of what was not synced surviving.
    pub(crate) async fn run(self) -> Result<Findings> {
        let (recording, segment) = self.recorded().await?;
        let points = self.points(&recording);
        // An unfinished snapshot is there for sure only where everything is that was written.
        let survives = if self.lies.snapshots { [50, 100] } else { [0, 50] };
        let bar = bar(points.len() as u64 * 2, "power cuts");
        let mut findings = Findings::default();
        let most = Places::of(&recording).most_unsynced(&recording);
        findings.say(format!(
            "the engine had at most {} KiB to sync; a segment holds {}",
            most / 1024,
            segment / 1024
        ));
        if most > segment && self.lies == Lies::default() {
            findings.add("while it wrote", &anyhow!("a group filled a segment of the engine"));
        }
        for (n, point) in points.iter().enumerate() {
            for percent in survives {
                let cut = Cut { before: *point, percent };
                if let Err(error) = self.cut(&recording, cut, n as u64).await {
                    let of = recording.len();
                    let what = format!("cut before step {point} of {of}, {percent}% of the rest");
                    bar.suspend(|| findings.add(&what, &error));
                }
                findings.tried += 1;
                bar.inc(1);
            }
        }
        bar.finish_and_clear();
        Ok(findings)
    }

    /// What was written, and how large the engine's segments are.
    async fn recorded(self) -> Result<(Recording, usize)> {
        let dir = tempfile::tempdir()?;
        let recorder = Arc::new(recorder::start(dir.path(), Plan::Record, self.lies)?);
        let (_, written) = self.load.run(dir.path(), &recorder).await;
        let recording =
            Arc::into_inner(recorder).map(Recorder::finish).context("a writer is left")?;
        written?;
        let conf = std::fs::read(dir.path().join("sled/conf"))?;
        let conf = String::from_utf8_lossy(&conf);
        let segment = conf.lines().find_map(|line| line.strip_prefix("segment_size: "));
        let segment = segment.context("the engine does not say how large its segments are")?;
        Ok((recording, segment.parse()?))
    }

    /// A third of the points anywhere, a third while the store is being opened, and a third right behind
    /// an acknowledgement, where most can be lost.
    fn points(self, recording: &Recording) -> Vec<usize> {
        let places = Places::of(recording);
        if self.lies.snapshots {
            return places.opening;
        }
        let kinds = [places.anywhere, places.opening, places.acknowledged];
        sample(&kinds, self.points, self.seed)
    }

    async fn cut(self, recording: &Recording, cut: Cut, n: u64) -> Result<()> {
        let dir = tempfile::tempdir()?;
        let mut dice = Dice::new(self.seed.wrapping_add(n << 8 | u64::from(cut.percent)));
        // What the disk gets wrong it still gets wrong when the store is opened.
        let recorder = (self.lies != Lies::default())
            .then(|| recorder::start(dir.path(), Plan::Record, self.lies))
            .transpose()?;
        recording.rebuild(cut, &mut || dice.roll(), dir.path())?;
        let acknowledged = Acknowledged::of(recording.notes(cut.before).map(|(_, number)| number));
        let checked = self.load.check(dir.path(), &acknowledged).await;
        drop(recorder.map(Recorder::finish));
        checked
    }
}

/// Where the power may go: before these steps.
#[derive(Default)]
struct Places {
    anywhere: Vec<usize>,
    opening: Vec<usize>,
    acknowledged: Vec<usize>,
    /// From where it was open to where it was opened again.
    open: Vec<Range<usize>>,
}

impl Places {
    fn of(recording: &Recording) -> Self {
        let mut places = Self { anywhere: (0..=recording.len()).collect(), ..Self::default() };
        let (mut opening, mut open) = (None, None);
        for (at, number) in recording.notes(recording.len()) {
            match Note::of(number) {
                Note::Opening => {
                    places.open.extend(open.take().map(|open| open..at));
                    opening = Some(at);
                }
                Note::Opened => {
                    places.opening.extend(opening.take().unwrap_or(at)..=at);
                    open = Some(at);
                }
                Note::Made { .. } | Note::Erased => places.acknowledged.push(at + 1),
            }
        }
        places.open.extend(open.map(|open| open..recording.len()));
        places
    }

    /// The most that the engine had written to its file and not synced.
    fn most_unsynced(&self, recording: &Recording) -> usize {
        let open = self.open.iter().map(|open| recording.unsynced(open.clone()));
        open.max().unwrap_or_default()
    }
}
