//! What the machine needs for the bare things, and figures of times.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use agent_core::time::Clock as _;
use sutler::clock::SystemClock;

use crate::server::Server;

/// Syncs and requests that are timed.
const TIMED: usize = 200;

/// What a sync takes: what a durable message can't be faster than.
pub(crate) fn syncs(folder: &Path) -> std::io::Result<Vec<Duration>> {
    let mut file = std::fs::File::create(folder.join("probe"))?;
    let page = [0_u8; 4096];
    let one = |_| {
        let begun = SystemClock.now();
        file.write_all(&page)?;
        file.sync_data()?;
        Ok(SystemClock.now().since(begun))
    };
    (0..TIMED).map(one).collect()
}

/// What a request takes that touches nothing; those that meet a killed server are not timed.
pub(crate) async fn requests(server: Arc<Server>) -> Vec<Duration> {
    let client = reqwest::Client::new();
    let url = format!("{}/healthz", server.url());
    let mut times = Vec::new();
    for _ in 0..TIMED {
        let begun = SystemClock.now();
        if client.get(&url).send().await.is_ok() {
            times.push(SystemClock.now().since(begun));
        }
        server.moment().await;
    }
    times
}

/// The middle, nearly the worst and the worst.
pub(crate) fn figures(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |hundredth: usize| {
        let place = (times.len() * hundredth / 100).min(times.len().saturating_sub(1));
        times.get(place).copied().unwrap_or_default()
    };
    format!("p50 {:.1?}, p99 {:.1?}, worst {:.1?}", at(50), at(99), at(100))
}
