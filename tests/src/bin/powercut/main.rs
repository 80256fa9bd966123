//! Pulls the plug, breaks the disk and fills it, and looks what is left of what was acknowledged.
//!
//! `cargo run -p tests --bin powercut -- cut`, and `… -- fail`. Exits with 1 when anything was lost.

mod cut;
mod fail;
mod load;
mod sample;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use recorder::Lies;

use crate::cut::Cuts;
use crate::fail::Failures;
use crate::load::Load;
use sutler_tests::report;

/// What is left of what was acknowledged when the power goes or the disk fails.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Journals written side by side.
    #[arg(long, global = true, default_value_t = 6)]
    writers: u64,
    /// Commits to each journal in each session.
    #[arg(long, global = true, default_value_t = 12)]
    commits: u64,
    /// How often the store is opened and written to.
    #[arg(long, global = true, default_value_t = 4)]
    sessions: u64,
    /// Events of a commit.
    #[arg(long, global = true, default_value_t = 3)]
    events: u64,
    /// Bytes of most events; some have 9 and some 70 thousand.
    #[arg(long, global = true, default_value_t = 400)]
    size: usize,
}

#[derive(Subcommand)]
enum Command {
    /// Cuts the power at points of a recorded log, with nothing and half of what was not synced surviving.
    Cut {
        /// At how many points.
        #[arg(long, default_value_t = 40)]
        points: usize,
        /// What chance starts from.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// What to leave out, to see that it is missed: then 1 is the right exit.
        #[arg(long)]
        without: Option<Without>,
    },
    /// Fails a write, sync or name once, and then fills the disk, each at a sample of all steps.
    Fail {
        /// At how many steps: half of them while the store is being opened, half anywhere.
        #[arg(long, default_value_t = 40)]
        points: usize,
        /// What chance starts from.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// No sample, but every so many steps: all with 1, which takes a while.
        #[arg(long, conflicts_with_all = ["points", "seed"])]
        every: Option<usize>,
    },
}

/// What can be left out.
#[derive(Copy, Clone, PartialEq, Eq, ValueEnum)]
enum Without {
    /// The committer's own sync of the engine's file.
    Fdatasync,
    /// The cleaning away of the engine's snapshots that can't be read. Cuts at every step of an opening.
    Cleaning,
}

fn main() -> ExitCode {
    let Arguments { command, writers, commits, sessions, events, size } = Arguments::parse();
    let load = Load { sessions, writers, commits, events, size };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build();
    let run = async {
        match command {
            Command::Cut { points, seed, without } => {
                let lies = Lies {
                    fdatasync: without == Some(Without::Fdatasync),
                    snapshots: without == Some(Without::Cleaning),
                };
                Cuts { load, points, seed, lies }.run().await
            }
            Command::Fail { points, seed, every } => {
                Failures { load, points, seed, every }.run().await
            }
        }
    };
    report::report(runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run)))
}
