//! Ends a shop's process where it hurts, starts it again until it is settled, and looks for anything lost,
//! torn, answered twice or done twice.
//!
//! `cargo run -p tests --bin crash -- ports`, `… -- kills` and `… -- goldens`. Exits with 1 when something was.

mod child;
mod gate;
mod goldens;
mod invariants;
mod parent;
mod sight;
mod sink;
mod trials;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sutler_tests::report::{self, Findings};

use crate::child::{Child, Kind};
use crate::gate::Port;
use crate::goldens::{Goldens, Talking};
use crate::trials::{Calls, Kills};

/// What is lost, torn, or done twice when the process ends at any moment.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Aborts before and after every call of every port, in a turn with two rounds of tools and one write.
    Ports {
        /// Only at every so many calls.
        #[arg(long, default_value_t = 1)]
        every: u64,
        /// Only up to this call.
        #[arg(long, default_value_t = u64::MAX)]
        last: u64,
        /// Only of this port; may be given again.
        #[arg(long)]
        only: Vec<Port>,
        #[command(flatten)]
        kind: Kind,
    },
    /// Kills at random moments while many customers write.
    Kills {
        /// How often.
        #[arg(long, default_value_t = 200)]
        kills: u64,
        /// How many write at once; each for a while, then somebody else in their place.
        #[arg(long, default_value_t = 24)]
        customers: u64,
        /// What chance starts from.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        #[command(flatten)]
        kind: Kind,
    },
    /// Kills while every golden conversation of every pack is held on every channel, and verifies them.
    Goldens(Goldens),
    /// The process that is ended.
    #[command(hide = true)]
    Child(Child),
    /// The process that is killed while it holds golden conversations.
    #[command(hide = true)]
    Talking(Talking),
}

fn main() -> ExitCode {
    let command = Arguments::parse().command;
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let run = async {
        match command {
            Command::Ports { every, last, only, kind } => {
                Calls { kind, only, every, last }.run().await
            }
            Command::Kills { kills, customers, seed, kind } => {
                Kills { kind, kills, customers, seed }.run().await
            }
            Command::Goldens(goldens) => goldens.run().await,
            Command::Child(child) => child.run().await.map(|()| Findings::default()),
            Command::Talking(talking) => talking.run().await.map(|()| Findings::default()),
        }
    };
    let runtime = runtime.worker_threads(2).enable_all().build();
    let found: anyhow::Result<Findings> =
        runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run));
    report::report(found)
}
