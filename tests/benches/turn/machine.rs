//! The machine at that very hour, and what this process takes of it.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// A fixed loop on one core, and 4 KiB appended and synced over and over.
pub(crate) fn probe(dir: &Path) -> String {
    let start = Instant::now();
    let mut x = 1_u64;
    for n in 0..200_000_000_u64 {
        x = black_box(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(n));
    }
    let cpu = start.elapsed();
    let mut file = File::create(dir.join("raw")).unwrap();
    let (start, mut syncs) = (Instant::now(), 0);
    while start.elapsed() < Duration::from_secs(1) {
        file.write_all(&[7; 4096]).unwrap();
        file.sync_data().unwrap();
        syncs += 1;
    }
    format!("{cpu:.2?} for 200 million steps, {syncs} syncs a second")
}

/// Seconds of CPU this process has used; to a hundredth, as Linux counts.
pub(crate) fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let (_, after_name) = stat.rsplit_once(')').unwrap();
    let ticks = after_name.split_whitespace().skip(11).take(2).map(|n| n.parse::<f64>().unwrap());
    ticks.sum::<f64>() / 100.0
}

/// Bytes of this process in memory.
pub(crate) fn resident() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() * 1024.0
}
