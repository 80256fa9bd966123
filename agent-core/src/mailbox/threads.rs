//! Where turns run.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::time::Clock;

/// Where turns run, and how long after they are woken.
#[derive(Clone, Debug)]
pub struct Threads {
    /// Where.
    pub runtime: Handle,
    /// How long after. A few milliseconds let a burst be acknowledged as a whole before the first of it is thought
    /// about: platforms wait for the one, and people for the other.
    pub after: Duration,
}

impl From<Handle> for Threads {
    /// At once.
    fn from(runtime: Handle) -> Self {
        Self { runtime, after: Duration::ZERO }
    }
}

impl Threads {
    pub(super) fn start(
        &self,
        clock: Arc<dyn Clock>,
        work: impl Future<Output = ()> + Send + 'static,
    ) {
        let after = self.after;
        self.runtime.spawn(async move {
            if after > Duration::ZERO {
                clock.sleep_until(clock.now().after(after)).await;
            }
            work.await;
        });
    }
}
