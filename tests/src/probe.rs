//! What the machine needs for the bare things, what a process takes of it, and figures of times.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use agent_core::time::Clock as _;
use serde::Serialize;
use sutler::clock::SystemClock;

/// Syncs that are timed.
const SYNCS: usize = 200;

/// What a sync of 4 KiB takes in a folder: what a durable message can't be faster than.
///
/// # Errors
/// When the folder can't be written to.
pub fn syncs(folder: &Path) -> std::io::Result<Vec<Duration>> {
    let mut file = std::fs::File::create(folder.join("probe"))?;
    let page = [0_u8; 4096];
    let one = |_| {
        let begun = SystemClock.now();
        file.write_all(&page)?;
        file.sync_data()?;
        Ok(SystemClock.now().since(begun))
    };
    (0..SYNCS).map(one).collect()
}

/// The middle, nearly the worst and the worst of some times, in microseconds.
#[derive(Copy, Clone, Debug, Default, Serialize)]
pub struct Figures {
    /// How many there are.
    pub count: usize,
    /// Half are at most this.
    pub p50_us: u64,
    /// 99 of a hundred are at most this.
    pub p99_us: u64,
    /// All are at most this.
    pub worst_us: u64,
}

impl Figures {
    /// The figures of these times.
    #[must_use]
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |hundredth: usize| {
            let place = (times.len() * hundredth / 100).min(times.len().saturating_sub(1));
            let time = times.get(place).copied().unwrap_or_default();
            u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
        };
        Self { count: times.len(), p50_us: at(50), p99_us: at(99), worst_us: at(100) }
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [p50, p99, worst] =
            [self.p50_us, self.p99_us, self.worst_us].map(Duration::from_micros);
        write!(f, "p50 {p50:.1?}, p99 {p99:.1?}, worst {worst:.1?}")
    }
}

/// Seconds of CPU a process has used, to a hundredth, as Linux counts; 0 where that is not told.
#[must_use]
pub fn cpu(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks.filter_map(|n| n.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The most bytes a process ever had in memory; 0 where that is not told.
#[must_use]
pub fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() * 1024
}
