//! `sutler serve` as a process of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use anyhow::Context as _;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// Starts the program in a folder that has its `sutler.toml`; it serves when this returns, and ends when it is dropped.
///
/// # Errors
/// When it can't be started, or does not open.
pub async fn open(
    program: &Path,
    folder: &Path,
    listen: SocketAddr,
    variables: &[(&str, &str)],
) -> anyhow::Result<Child> {
    let mut command = Command::new(program);
    command.current_dir(folder).args(["serve", "--listen", &listen.to_string()]);
    command.envs(variables.iter().copied());
    let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let told = child.stdout.take().context("no output")?;
    let mut line = String::new();
    BufReader::new(told).read_line(&mut line).await?;
    anyhow::ensure!(line.contains("open at"), "the shop did not open: {line}");
    Ok(child)
}
