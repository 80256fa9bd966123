//! Wakes the applier where the engine forgets to.
//!
//! A write of the engine's log that fails in one of its own threads is noted by it, and nobody is told: who waits for
//! that write waits for ever. Whoever asks anew is told, and with them all who wait. So where a group takes long, somebody asks.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::rows::Rows;
use super::state::State;

/// How often is looked whether the same group is still being written: far longer than a disk that works takes.
const LOOK: Duration = Duration::from_secs(1);

/// Looks after the applier, until it is ended.
#[derive(Debug)]
pub(super) struct Nudger {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Nudger {
    pub(super) fn start(rows: Arc<Rows>, state: Arc<State>) -> io::Result<Self> {
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new().name("nudger".to_owned());
        let thread = thread.spawn(move || {
            let (mut last, mut looks) = (0, 0_u32);
            let mut asking: Vec<JoinHandle<()>> = Vec::new();
            while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                let group = state.writing();
                looks = if group == last { looks.saturating_add(1) } else { 0 };
                last = group;
                asking.retain(|it| !it.is_finished());
                // A disk that is slow and nothing else keeps them all waiting: it is asked ever more seldom.
                if group > 0 && looks.is_power_of_two() {
                    let rows = Arc::clone(&rows);
                    asking.push(std::thread::spawn(move || drop(rows.tree.flush())));
                }
            }
            for it in asking {
                // It had nothing to tell.
                let _ended = it.join();
            }
        })?;
        Ok(Self { stop, thread })
    }

    /// When the applier has ended, and so nobody waits any more.
    pub(super) fn end(self) {
        drop(self.stop);
        let _ended = self.thread.join();
    }
}
