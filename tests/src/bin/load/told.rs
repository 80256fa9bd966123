//! What came of a load.

use std::collections::BTreeMap;
use std::time::Duration;

use agent_core::time::Micros;
use serde::Serialize;
use sutler_tests::probe::Figures;

use crate::customers::Acks;
use crate::ledger::Record;
use crate::town::Town;

/// What a turn may add to the model's time at the 99th of a hundred.
const TURN: Duration = Duration::from_millis(50);

/// One side.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Told {
    pub(crate) messages: u64,
    pub(crate) turns: usize,
    pub(crate) turns_per_second: f64,
    /// From a webhook to its acknowledgement.
    pub(crate) acknowledged: Figures,
    /// Of a turn, less the model's time.
    pub(crate) turn: Figures,
    /// From a webhook to its answer, with the model's time and that of turns before.
    pub(crate) answered: Figures,
    pub(crate) cpu_ms_per_turn: f64,
    pub(crate) peak_bytes: u64,
    pub(crate) lost: u64,
    pub(crate) repeated: u64,
    pub(crate) out_of_order: u64,
    /// Webhooks that were refused and told again, and those never taken.
    pub(crate) refused: u64,
    pub(crate) never_taken: u64,
    /// Bodies that broke a limit of Meta's.
    pub(crate) faults: usize,
}

/// All sides, and the disk.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(crate) sutler: Told,
    pub(crate) bare: Option<Told>,
    /// The bare handler that syncs what it was told before it acknowledges.
    pub(crate) keeping: Option<Told>,
    /// A bare sync of 4 KiB on the same disk.
    pub(crate) sync: Figures,
}

impl Told {
    pub(crate) fn of(town: &Town, acks: Acks, cpu: f64, peak_bytes: u64) -> Self {
        let records = town.ledger.records();
        let turns = town.ledger.taken();
        let faults = town.graph.faults();
        for fault in faults.iter().take(5) {
            anstream::eprintln!("the Graph server refused: {fault}");
        }
        let first = records.iter().filter_map(|it| it.told).min().unwrap_or_default();
        let last = records.iter().flat_map(|it| &it.answers).map(|it| it.0).max();
        let seconds = last.unwrap_or(first).since(first).as_secs_f64().max(0.001);
        let mut told = Self {
            messages: records.len() as u64,
            turns,
            turns_per_second: turns as f64 / seconds,
            acknowledged: Figures::of(acks.times),
            cpu_ms_per_turn: cpu * 1_000.0 / (turns as f64).max(1.0),
            peak_bytes,
            refused: acks.refused,
            never_taken: acks.never,
            faults: faults.len(),
            ..Self::default()
        };
        told.count(&records);
        told
    }

    fn count(&mut self, records: &[Record]) {
        let (mut turns, mut answered) = (Vec::new(), Vec::new());
        let mut before: BTreeMap<u64, (Micros, usize)> = BTreeMap::new();
        for record in records {
            self.repeated += (record.answers.len() as u64).saturating_sub(1);
            let (Some(told), Some(answer)) = (record.told, record.answers.first()) else {
                self.lost += 1;
                continue;
            };
            answered.push(answer.0.since(told));
            let previous = before.insert(record.customer, *answer);
            // Messages of one turn are answered at once.
            let apart = previous.filter(|previous| previous.1 != answer.1);
            self.out_of_order += u64::from(apart.is_some_and(|previous| previous.1 > answer.1));
            if let Some((asked, thought)) = record.model {
                let begun = apart.map_or(told, |previous| previous.0.max(told));
                turns.push(answer.0.since(begun).saturating_sub(thought.since(asked)));
            }
        }
        (self.turn, self.answered) = (Figures::of(turns), Figures::of(answered));
    }

    /// What must not be, and how often it was.
    pub(crate) fn wrong(&self) -> Vec<(u64, &'static str)> {
        let counts = [
            (self.lost, "answers lost"),
            (self.repeated, "answers that came twice"),
            (self.out_of_order, "answers out of order"),
            (self.never_taken, "webhooks that were never taken"),
            (self.faults as u64, "bodies that broke a limit"),
        ];
        counts.into_iter().filter(|(count, _)| *count > 0).collect()
    }
}

impl Report {
    /// For people.
    pub(crate) fn lines(&self) -> Vec<String> {
        let it = &self.sutler;
        let mut lines = vec![
            format!(
                "{} messages in {} turns, {:.0} turns a second; {} webhooks refused and told again",
                it.messages, it.turns, it.turns_per_second, it.refused
            ),
            format!(
                "lost {}, repeated {}, out of order {}, beyond a limit {}",
                it.lost, it.repeated, it.out_of_order, it.faults
            ),
            format!("webhook to acknowledgement:   {}", it.acknowledged),
        ];
        let times = |other: &Told| {
            let times = it.acknowledged.p99_us as f64 / (other.acknowledged.p99_us as f64).max(1.0);
            format!("{} ({times:.1} times at p99; goal 2)", other.acknowledged)
        };
        let bare =
            self.bare.iter().map(|it| format!("  the bare handler's:         {}", times(it)));
        lines.extend(bare);
        let kept =
            self.keeping.iter().map(|it| format!("  if it syncs before:         {}", times(it)));
        lines.extend(kept);
        lines.push(format!("  a bare sync of 4 KiB:       {}", self.sync));
        let met = Duration::from_micros(it.turn.p99_us) <= TURN;
        let met = if met { "met" } else { "missed" };
        lines.push(format!("a turn less the model's time: {} (goal p99 {TURN:?}: {met})", it.turn));
        if let Some(bare) = &self.bare {
            lines.push(format!("  the bare handler's:         {}", bare.turn));
        }
        lines.push(format!("webhook to answer:            {}", it.answered));
        let mebibytes = |bytes: u64| bytes / (1024 * 1024);
        let taken = |it: &Told| {
            let (cpu, peak) = (it.cpu_ms_per_turn, mebibytes(it.peak_bytes));
            format!("{cpu:.2} ms of CPU a turn, {peak} MiB at its peak")
        };
        lines.push(format!("it took {}", taken(it)));
        if let Some(bare) = &self.bare {
            lines.push(format!(
                "  the bare handler {}; it lost {} and repeated {}",
                taken(bare),
                bare.lost,
                bare.repeated
            ));
        }
        lines
    }
}
