//! The threads that think, apart from those that take in.

use std::io;
use std::time::Duration;

use agent_core::mailbox::Threads;
use tokio::runtime::{Builder, Handle, Runtime};

/// How far they give way, in steps of `nice`: a thread of the front gets about ten times their share of a busy processor.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// How long after its message a turn begins: as long as it takes to acknowledge the others of a burst.
const AFTER: Duration = Duration::from_millis(4);

/// Threads for turns and deliveries. Where the system knows priorities of threads they give way to the program's
/// others: however much is thought about, a platform hears in time that its message is safe.
pub(crate) struct Rear {
    threads: Option<Runtime>,
    /// Runs on them.
    pub(crate) handle: Handle,
}

impl Rear {
    /// Opens them.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub(crate) fn open() -> io::Result<Self> {
        let mut threads = Builder::new_multi_thread();
        threads.thread_name("rear").enable_all();
        #[cfg(target_os = "linux")]
        threads.on_thread_start(|| {
            if let Err(error) = rustix::process::setpriority_process(None, NICE) {
                tracing::debug!(%error, "a thread keeps its priority");
            }
        });
        let threads = threads.build()?;
        Ok(Self { handle: threads.handle().clone(), threads: Some(threads) })
    }
}

impl From<&Rear> for Threads {
    fn from(rear: &Rear) -> Self {
        Self { runtime: rear.handle.clone(), after: AFTER }
    }
}

impl Drop for Rear {
    fn drop(&mut self) {
        // Whoever drops it runs on other threads, which must not wait.
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}
