//! The process that is never ended: it starts children, holds what they acknowledged, and tells again what
//! they did not, as a platform does.

use std::process::Stdio;

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{ChildStdin, ChildStdout, Command};

use crate::child::{Kind, Message, Platform};
use crate::gate::End;
use crate::sink::Sink;

/// A shop that is restarted until it is settled.
#[derive(Debug)]
pub(crate) struct Parent {
    pub(crate) dir: TempDir,
    pub(crate) sink: Sink,
    pub(crate) kind: Kind,
    /// The ids of messages that were taken in, as the child said.
    pub(crate) acknowledged: BTreeSet<String>,
}

/// A child that runs.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) child: tokio::process::Child,
    pub(crate) lines: Lines<BufReader<ChildStdout>>,
    stdin: Option<ChildStdin>,
}

impl Process {
    /// Tells it a message; one that was ended meanwhile does not hear it.
    pub(crate) async fn tell(&mut self, message: &Message) -> Result<()> {
        let line = format!("{}\n", serde_json::to_string(message)?);
        if let Some(stdin) = &mut self.stdin {
            let _ended = stdin.write_all(line.as_bytes()).await;
        }
        Ok(())
    }

    /// Nothing more will be told.
    pub(crate) fn close(&mut self) {
        self.stdin = None;
    }
}

impl Parent {
    pub(crate) async fn new(kind: Kind) -> Result<Self> {
        let (dir, sink) = (tempfile::tempdir()?, Sink::start().await?);
        Ok(Self { dir, sink, kind, acknowledged: BTreeSet::new() })
    }

    pub(crate) fn start(&self, end: Option<End>) -> Result<Process> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("child").arg("--data").arg(self.dir.path()).args(["--sink", &self.sink.url]);
        if let Some(End { port, at, after }) = end {
            let port = format!("{port:?}").to_lowercase();
            command.args(["--port", &port, "--at", &at.to_string()]);
            command.args(after.then_some("--after"));
        }
        let Kind { repeat, hold, on_sight, clerk } = self.kind;
        command.args((repeat == Platform::Never).then_some("--repeat=never"));
        command.args(hold.then_some("--hold"));
        command.args(on_sight.then_some("--on-sight"));
        command.args(clerk.then_some("--clerk"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().context("no child")?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().context("a child without output")?;
        Ok(Process { child, lines: BufReader::new(stdout).lines(), stdin })
    }

    /// Takes a line of a child; the id it acknowledges, if it does.
    pub(crate) fn hear(&mut self, line: &str) -> Result<Option<String>> {
        match line.split_once(' ') {
            Some(("ok", id)) => {
                self.acknowledged.insert(id.to_owned());
                Ok(Some(id.to_owned()))
            }
            Some(("no", why)) => bail!("a message was not taken in: {why}"),
            _ => Ok(None),
        }
    }

    /// Hears what an ended child still said; whether it ended by itself, with everything done.
    pub(crate) async fn bury(&mut self, mut process: Process) -> Result<bool> {
        process.close();
        while let Some(line) = process.lines.next_line().await? {
            self.hear(&line)?;
        }
        Ok(process.child.wait().await?.success())
    }

    /// Starts a child, tells it what was not acknowledged yet, and lets it do all of it.
    pub(crate) async fn through(&mut self, messages: &[Message], end: Option<End>) -> Result<bool> {
        let mut process = self.start(end)?;
        for message in messages.iter().filter(|it| !self.acknowledged.contains(&it.id)) {
            process.tell(message).await?;
        }
        self.bury(process).await
    }
}
