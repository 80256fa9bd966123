//! Durable commits a second, beside what the disk gives at that very hour.
//!
//! `cargo bench -p storage`, and with `-- --reopen` how long 1 GiB takes to open after a kill. Set `TMPDIR` to a folder on the disk in question. A figure without
//! its raw probe says nothing: the same machine gives 150 syncs a second or 5,000.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a bench measures with the machine's clock and speaks to whoever runs it"
)]

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use agent_core::id::{CustomerId, JournalId};
use agent_core::store::contract::make;
use agent_core::store::{Commit, Store};
use agent_core::time::turned::CountedIds;
use storage::{Settings, SledStore};

const PROBE: Duration = Duration::from_secs(2);
const RUN: Duration = Duration::from_secs(5);

/// 4 KiB appended and synced, over and over: what the disk can do.
fn raw(dir: &Path) -> f64 {
    let mut file = File::create(dir.join("raw")).unwrap();
    let block = [7; 4096];
    let start = Instant::now();
    let mut syncs = 0_u32;
    while start.elapsed() < PROBE {
        file.write_all(&block).unwrap();
        file.sync_data().unwrap();
        syncs += 1;
    }
    f64::from(syncs) / start.elapsed().as_secs_f64()
}

/// Seconds of CPU this process has used; to a hundredth, as Linux counts.
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let (_, after_name) = stat.rsplit_once(')').unwrap();
    let ticks = after_name.split_whitespace().skip(11).take(2).map(|n| n.parse::<f64>().unwrap());
    ticks.sum::<f64>() / 100.0
}

/// Three events of 600 bytes behind `head`.
fn commit(id: u128, writer: u128, head: u64) -> Commit {
    let mut commit = make::events(id, head, 3);
    commit.journal = JournalId::conversation(make::SHOP, writer);
    commit.customer = Some(CustomerId(writer + 1));
    for (n, event) in (1..).zip(&mut commit.events) {
        *event = make::event(head + n, &"word ".repeat(80));
    }
    commit
}

struct Figure {
    rate: f64,
    /// Milliseconds of CPU for one commit, of every thread together.
    cpu: f64,
    p50: Duration,
    p99: Duration,
}

/// So many writers, each with a journal of its own and one commit in flight.
async fn writers(dir: &Path, writers: u128, run: Duration) -> Figure {
    let store = SledStore::open(dir, &Settings::default(), Arc::new(CountedIds::new(1))).unwrap();
    let made = Arc::new(AtomicU64::new(0));
    let (start, used) = (Instant::now(), cpu());
    let tasks: Vec<_> = (0..writers)
        .map(|writer| {
            let (store, made) = (Arc::clone(&store), Arc::clone(&made));
            tokio::spawn(async move {
                let (mut head, mut waits) = (0, Vec::new());
                while start.elapsed() < run {
                    let id = u128::from(made.fetch_add(1, Ordering::Relaxed)) << 64;
                    let asked = Instant::now();
                    head = store.commit(commit(id, writer, head)).await.unwrap().head.0;
                    waits.push(asked.elapsed());
                }
                waits
            })
        })
        .collect();
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await.unwrap());
    }
    let (took, used) = (start.elapsed().as_secs_f64(), cpu() - used);
    waits.sort_unstable();
    let commits = waits.len();
    let at = |part: usize| waits.get(commits * part / 100).copied().unwrap_or_default();
    Figure {
        rate: commits as f64 / took,
        cpu: used * 1000.0 / commits as f64,
        p50: at(50),
        p99: at(99),
    }
}

fn show(name: &str, figure: &Figure, raw: f64) {
    let Figure { rate, cpu, p50, p99 } = figure;
    let ratio = rate / raw;
    println!(
        "{name}: {rate:.0}/s, {ratio:.2} of raw; {cpu:.3} ms CPU; p50 {p50:.2?}, p99 {p99:.2?}"
    );
}

/// What is to be opened again, in bytes.
const LARGE: u64 = 1 << 30;
/// Opening longer than this wants a plan: several engines side by side, or a rewritten log now and then.
const OPENING: Duration = Duration::from_secs(5);

/// Writes until it is killed.
fn fill(dir: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(writers(dir, 256, Duration::MAX));
}

/// How long a folder of 1 GiB takes to open after its process was killed while it wrote.
fn reopen() -> ExitCode {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    let mut child = Command::new(std::env::current_exe().unwrap());
    let mut child = child.arg("--fill").arg(&store).spawn().unwrap();
    let size = || fs::metadata(store.join("sled/db")).map_or(0, |known| known.len());
    while size() < LARGE {
        assert!(child.try_wait().unwrap().is_none(), "the writer ended");
        std::thread::sleep(Duration::from_millis(100));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let start = Instant::now();
    let opened = SledStore::open(&store, &Settings::default(), Arc::new(CountedIds::new(1)));
    let took = start.elapsed();
    drop(opened.unwrap());
    let again = Instant::now();
    drop(SledStore::open(&store, &Settings::default(), Arc::new(CountedIds::new(1))).unwrap());
    println!("{} MiB opened after a kill: {took:.2?}, asked {OPENING:?}", size() >> 20);
    println!("opened after a close: {:.2?}", again.elapsed());
    ExitCode::from(u8::from(took > OPENING))
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments.iter().position(|it| it == "--fill") {
        fill(Path::new(&arguments[at + 1]));
    }
    if arguments.iter().any(|it| it == "--reopen") { reopen() } else { commits() }
}

/// Prints the figures; 1 when one is not met.
fn commits() -> ExitCode {
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let before = raw(dir.path());
    let one = runtime.block_on(writers(&dir.path().join("one"), 1, RUN));
    let between = raw(dir.path());
    let many = runtime.block_on(writers(&dir.path().join("many"), 256, RUN));
    let after = raw(dir.path());
    println!("raw append + fdatasync of 4 KiB: {before:.0}/s, {between:.0}/s, {after:.0}/s");
    let (around_one, around_many) = (f64::midpoint(before, between), f64::midpoint(between, after));
    show("1 writer", &one, around_one);
    show("256 writers", &many, around_many);
    let (asked, met) = if around_one < 5000.0 {
        ("at least 0.40 of raw", one.rate >= 0.4 * around_one)
    } else {
        ("at most 0.300 ms CPU", one.cpu <= 0.3)
    };
    println!("1 writer, asked {asked}: {met}");
    let least = (2.0 * around_many).min(8000.0);
    println!("256 writers, asked {least:.0}/s: {}", many.rate >= least);
    ExitCode::from(u8::from(!met || many.rate < least))
}
