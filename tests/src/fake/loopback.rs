//! What a fake platform stands on: a server on a free port of loopback, and what it knows, for which a test can wait.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use agent_core::time::Clock;
use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// What a fake knows, on a test's clock.
#[derive(Debug)]
pub(super) struct Shared<S> {
    pub(super) clock: Arc<dyn Clock>,
    state: Mutex<S>,
    changed: Notify,
}

impl<S> Shared<S> {
    pub(super) fn new(clock: Arc<dyn Clock>, state: S) -> Arc<Self> {
        Arc::new(Self { clock, state: Mutex::new(state), changed: Notify::new() })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, S> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever waits looks again.
    pub(super) fn changed(&self) {
        self.changed.notify_waiters();
    }

    /// Returns when `done` answers with something. Every change is looked at.
    pub(super) async fn until<T>(&self, mut done: impl FnMut() -> Option<T>) -> T {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            if let Some(done) = done() {
                return done;
            }
            changed.await;
        }
    }

    /// The same, for so long of the machine's own time: a client is really there and waits too.
    #[expect(clippy::disallowed_methods, reason = "no clock of the test turns for a real client")]
    pub(super) async fn within<T>(
        &self,
        patience: Duration,
        done: impl FnMut() -> Option<T>,
    ) -> Option<T> {
        tokio::time::timeout(patience, self.until(done)).await.ok()
    }
}

/// A running server. It ends when it is dropped.
#[derive(Debug)]
pub(super) struct Served {
    /// Where it is, without a slash at the end.
    pub(super) url: String,
    task: JoinHandle<()>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Served {
    /// A port of its own.
    pub(super) async fn bind() -> std::io::Result<(TcpListener, String)> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        Ok((listener, address.to_string()))
    }

    pub(super) fn on((listener, address): (TcpListener, String), routes: Router) -> Self {
        let task = tokio::spawn(async move {
            let _ended = axum::serve(listener, routes).await;
        });
        Self { url: format!("http://{address}"), task }
    }
}
