//! The `sutler` program; everything is in the library.

use std::process::ExitCode;

use clap::Parser as _;
use sutler::cli::Cli;

/// Takes a tenth less of a turn's CPU than the system's, which also spreads over as many arenas as there are threads.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
