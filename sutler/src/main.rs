//! The `sutler` program; everything is in the library.

use std::process::ExitCode;

use clap::Parser as _;
use sutler::cli::Cli;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
