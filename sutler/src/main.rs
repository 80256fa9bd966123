//! The `sutler` program; everything is in the library.

use std::process::ExitCode;

use clap::Parser as _;
use sutler::cli::Cli;

/// The system's spreads over as many arenas as there are threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
