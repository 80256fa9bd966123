//! The shop's process: started, killed, and started again on the same port.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use agent_core::time::Clock as _;
use anyhow::Context as _;
use sutler::clock::SystemClock;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Mutex;

/// Every visitor comes by a proxy of ours, from an address of their own.
const CONFIG: &str = r#"
data = "data"
[server]
trusted_proxies = ["127.0.0.1"]
address_per_second = 100000
address_burst = 100000
[[shop]]
name = "shop"
pack = "retail"
[[shop.key]]
name = "reader"
key_env = "SUTLER_READER"
scopes = ["read"]
"#;

/// Who may read what the shop has on record.
pub(crate) const KEY: &str = "reader-reader-reader-reader-reader";

/// A short wait.
const MOMENT: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(crate) struct Server {
    program: PathBuf,
    folder: TempDir,
    address: SocketAddr,
    child: Mutex<Child>,
}

impl Server {
    pub(crate) async fn start(program: &Path) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("sutler.toml"), CONFIG)?;
        let program = program.canonicalize().with_context(|| program.display().to_string())?;
        // A port that was free a moment ago, since it must be the same after a kill.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let child = open(&program, folder.path(), address).await?;
        Ok(Self { program, folder, address, child: Mutex::new(child) })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) async fn kill_and_start(&self) -> anyhow::Result<()> {
        let mut child = self.child.lock().await;
        child.kill().await?;
        *child = open(&self.program, self.folder.path(), self.address).await?;
        Ok(())
    }

    /// Waits a little.
    pub(crate) async fn moment(&self) {
        SystemClock.sleep_until(SystemClock.now().after(MOMENT)).await;
    }
}

async fn open(program: &Path, folder: &Path, address: SocketAddr) -> anyhow::Result<Child> {
    let mut command = Command::new(program);
    command.current_dir(folder).args(["serve", "--listen", &address.to_string()]);
    command.env("SUTLER_READER", KEY);
    let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let told = child.stdout.take().context("no output")?;
    let mut line = String::new();
    BufReader::new(told).read_line(&mut line).await?;
    anyhow::ensure!(line.contains("open at"), "the shop did not open: {line}");
    Ok(child)
}
