//! The side that is measured: a process of its own.

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use anyhow::Context as _;
use sutler_tests::{probe, served};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::town::{NUMBER, SECRET, Town};

/// The variable of all secrets.
const VARIABLE: &str = "SUTLER_LOAD";

pub(crate) struct Side {
    /// Where webhooks go.
    pub(crate) url: String,
    child: Child,
}

impl Side {
    /// The shop, in a folder of its own.
    pub(crate) async fn sutler(
        program: &Path,
        folder: &Path,
        town: &Town,
        settle_ms: u64,
    ) -> anyhow::Result<Self> {
        let (model, graph) = (&town.model, town.graph.base_url());
        let config = format!(
            r#"data = "data"
[[shop]]
name = "shop"
pack = "retail"
model = {{ kind = "openai", base_url = "{model}", model = "load" }}
[[shop.channel]]
kind = "whatsapp"
number_id = "{NUMBER}"
per_second = 1000
[shop.channel.app]
token_env = "{VARIABLE}"
secret_env = ["{VARIABLE}"]
verify_env = "{VARIABLE}"
base_url = "{graph}"
settle_ms = {settle_ms}
"#
        );
        std::fs::write(folder.join("sutler.toml"), config)?;
        let program = program.canonicalize().with_context(|| {
            format!("{}: build it with `cargo build --release -p sutler`", program.display())
        })?;
        let listen = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let child = served::open(&program, folder, listen, &[(VARIABLE, SECRET)]).await?;
        Ok(Self { url: format!("http://{listen}/webhooks/meta"), child })
    }

    /// The bare handler; it keeps what it is told in a folder, if it has one.
    pub(crate) async fn bare(town: &Town, folder: Option<&Path>) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--bare", &town.model, town.graph.base_url()]).args(folder);
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let told = child.stdout.take().context("no output")?;
        let mut url = String::new();
        BufReader::new(told).read_line(&mut url).await?;
        Ok(Self { url: url.trim().to_owned(), child })
    }

    /// Seconds of CPU it used.
    pub(crate) fn cpu(&self) -> f64 {
        self.child.id().map_or(0.0, probe::cpu)
    }

    /// The most bytes it had in memory.
    pub(crate) fn peak(&self) -> u64 {
        self.child.id().map_or(0, probe::peak)
    }
}
