//! The system's clock. The only place that reads it.

use std::time::{Duration, SystemTime};

use agent_core::time::{Clock, Micros};
use async_trait::async_trait;

/// The longest single sleep: the system's clock may be set while one sleeps, so it is read again.
const LOOK: Duration = Duration::from_secs(60);

/// The system's clock.
#[derive(Copy, Clone, Debug)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock port's system side")]
    fn now(&self) -> Micros {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the Clock port's system side")]
    async fn sleep_until(&self, until: Micros) {
        loop {
            let left = until.since(self.now());
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LOOK)).await;
        }
    }
}
