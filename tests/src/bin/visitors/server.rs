//! The shop's process: started, killed, and started again on the same port.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use agent_core::time::Clock as _;
use anyhow::Context as _;
use sutler::clock::SystemClock;
use sutler_tests::served;
use tempfile::TempDir;
use tokio::process::Child;
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
        let child =
            served::open(&program, folder.path(), address, &[("SUTLER_READER", KEY)]).await?;
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
        let variables = [("SUTLER_READER", KEY)];
        *child = served::open(&self.program, self.folder.path(), self.address, &variables).await?;
        Ok(())
    }

    /// Waits a little.
    pub(crate) async fn moment(&self) {
        SystemClock.sleep_until(SystemClock.now().after(MOMENT)).await;
    }
}
