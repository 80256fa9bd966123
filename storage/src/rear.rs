//! Threads that nobody waits for.

use std::io;
use std::thread::{Builder, JoinHandle};

/// How far they give way, in steps of `nice`: any other thread gets about ten times their share of a busy processor.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Starts a thread that gives way to the program's others, and so do those that it starts.
pub(crate) fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    Builder::new().name(name.to_owned()).spawn(move || {
        #[cfg(target_os = "linux")]
        if let Err(error) = rustix::process::setpriority_process(None, NICE) {
            tracing::debug!(%error, "a thread keeps its priority");
        }
        work()
    })
}
