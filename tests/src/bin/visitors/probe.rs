//! What the machine needs for a bare request.

use std::sync::Arc;
use std::time::Duration;

use agent_core::time::Clock as _;
use sutler::clock::SystemClock;

use crate::server::Server;

/// Requests that are timed.
const TIMED: usize = 200;

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
