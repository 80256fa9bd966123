//! The program as its users run it.
#![expect(clippy::unwrap_used, reason = "tests say what they expect")]

#[cfg(feature = "web")]
mod browser;
#[cfg(all(feature = "discord", feature = "meta", feature = "telegram", feature = "web"))]
mod channels;
mod chat;
mod damaged;
#[cfg(feature = "meta")]
mod doctor;
mod erased;
mod errors;
mod model;
mod orders;
mod readme;
mod replay;
#[cfg(feature = "api")]
mod serve;
mod tapes;
#[cfg(feature = "web")]
mod visit;
#[cfg(feature = "web")]
mod web;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The program in a folder of its own, untouched by the variables of whoever runs the tests.
fn sutler(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sutler"));
    command.current_dir(folder).env_clear();
    command
}

/// Runs it with this on standard input.
fn run(command: &mut Command, input: &str) -> Output {
    let (input_to, output) = (Stdio::piped(), Stdio::piped());
    let mut child = command.stdin(input_to).stdout(output).stderr(Stdio::piped()).spawn().unwrap();
    // Dropped at the end of the statement: the end of the input.
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn stdout(output: &Output) -> &str {
    str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    str::from_utf8(&output.stderr).unwrap()
}
