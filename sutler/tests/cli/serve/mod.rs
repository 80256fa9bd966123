//! `sutler serve`, as its operators and those who build on it meet it.
#![expect(clippy::indexing_slicing, reason = "tests say what they expect")]

mod alarm;
mod crash;
mod doubt;
mod end;
mod front;
mod http;
mod orders;
mod shown;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::sutler;

/// Two shops with keys: one that may do everything, one that may only read, and another shop's.
const CONFIG: &str = r#"
data = "d"
[server]
listen = "127.0.0.1:0"
body_kib = 64
address_per_second = 100000
address_burst = 100000
[[shop]]
name = "one"
pack = "retail"
[[shop.key]]
name = "all"
key_env = "KEY_ALL"
scopes = ["post", "read", "control", "tell"]
[[shop.key]]
name = "reader"
key_env = "KEY_READER"
scopes = ["read"]
[[shop]]
name = "two"
pack = "restaurant"
[[shop.key]]
name = "other"
key_env = "KEY_OTHER"
scopes = ["post", "read", "control", "tell"]
"#;

const ALL: &str = "all-all-all-all-all-all-all-all-all";
const READER: &str = "reader-reader-reader-reader-reader";
const OTHER: &str = "other-other-other-other-other-other";

/// The key of the model's server.
const MUSE: &str = "sk-loopback";

/// The keys and the secret of the Graph API.
const GRAPH: &str = "graph-graph";

/// The first shop with a model behind it, and more lines under `[server]`.
fn with_model(base_url: &str, server: &str) -> String {
    let model = format!(
        "name = \"one\"\nmodel = {{ kind = \"openai\", base_url = \"{base_url}\", model = \"muse\", key_env = \"MUSE_KEY\" }}"
    );
    let config = CONFIG.replace("name = \"one\"", &model);
    config.replace("[server]", &format!("[server]\n{server}"))
}

/// A server that runs until it is dropped.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(folder: &Path) -> Self {
        Self::with(folder, CONFIG)
    }

    /// With a configuration of its own.
    fn with(folder: &Path, config: &str) -> Self {
        std::fs::write(folder.join("sutler.toml"), config).unwrap();
        let mut command = sutler(folder);
        command.arg("serve").env("KEY_ALL", ALL).env("KEY_READER", READER).env("KEY_OTHER", OTHER);
        command.env("MUSE_KEY", MUSE).env("GRAPH", GRAPH);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut told = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut told).unwrap();
        let port = told.split(':').nth(2).unwrap_or_else(|| panic!("it said: {told}"));
        Self { child, port: port.parse().unwrap() }
    }

    /// Asks for the end.
    fn ask_to_end(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// Asks for the end, and gives the code it ends with.
    fn end(mut self) -> Option<i32> {
        self.ask_to_end();
        self.child.wait().unwrap().code()
    }

    /// Ends it as a power cut would.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
