//! Erases customers, whole or cut short at every step of it, and searches the data folder for what they said.
//!
//! `cargo run -p tests --bin erase`. Exits with 1 when a word or a key is found, when another
//! customer's conversation can't be read, or when figures are gone.

mod planted;
mod search;
mod trial;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sutler_tests::report::{self, Findings};

use crate::trial::{Child, Trial};

/// What is left of customers who were erased.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    child: Option<Command>,
    /// How many customers there are; every other one is erased.
    #[arg(long, default_value_t = 6)]
    customers: u64,
    /// Aborts only at every so many steps of an erasure.
    #[arg(long, default_value_t = 1)]
    every: u64,
    /// What chance starts from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Subcommand)]
enum Command {
    /// The process that erases, and is ended.
    #[command(hide = true)]
    Child {
        /// The data folder.
        #[arg(long)]
        data: PathBuf,
        /// How many customers there are.
        #[arg(long)]
        customers: u64,
        /// At which step of the erasures it ends; at none, it does them.
        #[arg(long, default_value_t = 0)]
        at: u64,
        /// When the step is done.
        #[arg(long)]
        after: bool,
    },
}

fn main() -> ExitCode {
    let Arguments { child, customers, every, seed } = Arguments::parse();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let run = async {
        match child {
            Some(Command::Child { data, customers, at, after }) => {
                Child { data, customers, at, after }.run().await.map(|()| Findings::default())
            }
            None => Trial { customers, every, seed }.run().await,
        }
    };
    report::report(runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run)))
}
