//! Records what this process writes and syncs below one folder, rebuilds what a power cut leaves of it,
//! and makes a chosen step fail or end the process.
//!
//! A binary that calls [`start`] is linked with our own `write`, `fsync`, `rename` and the like in front of
//! the C library's: everything in the process goes through them, the engine included. Until `start`, and
//! for every other folder, they only pass on. Linux with glibc only; nothing but tests links this.
//!
//! What is worth nothing here though it is something on a real disk: `sync_file_range`, the sync of a file
//! for its own name in its directory, and the order of directories among each other. So what survives
//! here survives on any disk that does what `fsync` says.

mod calls;
mod rebuild;

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub use rebuild::Cut;

/// What happens at a step. Steps are writes, syncs, and changes of names; they are counted from 1.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Plan {
    /// Nothing: everything is only recorded.
    #[default]
    Record,
    /// The disk reports an error at this step, and then works again.
    Broken {
        /// Which.
        at: u64,
    },
    /// From this step on the disk takes no more bytes and no more names.
    Full {
        /// Which.
        at: u64,
    },
    /// The process ends.
    Abort {
        /// At which step.
        at: u64,
        /// When the step is done, not before it.
        after: bool,
    },
}

/// What the disk is made to get wrong, to see that it is missed.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Lies {
    /// `fdatasync` says that it was done, and is not.
    pub fdatasync: bool,
    /// Snapshots of the engine are never removed, and never leave their folder; whoever tries is told otherwise.
    pub snapshots: bool,
}

/// A file or directory, whatever its name.
type Node = usize;

/// A name in a directory.
type Entry = (Node, String);

#[derive(Debug)]
enum Step {
    Write {
        node: Node,
        at: u64,
        bytes: Vec<u8>,
    },
    Length {
        node: Node,
        length: u64,
    },
    /// What was done before step `covers` is durable.
    Sync {
        node: Node,
        covers: usize,
    },
    Name {
        entry: Entry,
        node: Node,
    },
    Unname {
        entry: Entry,
    },
    Move {
        from: Entry,
        to: Entry,
        node: Node,
    },
    Note {
        number: u64,
        counted: u64,
    },
}

#[derive(Debug)]
struct State {
    root: PathBuf,
    plan: Plan,
    lies: Lies,
    counted: u64,
    steps: Vec<Step>,
    nodes: HashMap<u64, Node>,
    /// For each node, whether it is a directory.
    kinds: Vec<bool>,
    /// What was changed and had been made by a function that is not stood in for.
    unseen: Vec<PathBuf>,
}

impl State {
    /// Takes in what is there already.
    fn find(&mut self, path: &Path) -> std::io::Result<()> {
        let known = path.symlink_metadata()?;
        self.nodes.insert(known.ino(), self.kinds.len());
        self.kinds.push(known.is_dir());
        if known.is_dir() {
            for entry in path.read_dir()? {
                self.find(&entry?.path())?;
            }
        }
        Ok(())
    }
}

static ON: AtomicBool = AtomicBool::new(false);
static STATE: Mutex<Option<State>> = Mutex::new(None);

/// Every change is one push or one insert, so a panic leaves nothing half-done.
fn state() -> MutexGuard<'static, Option<State>> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A recording under way.
#[derive(Debug)]
pub struct Recorder(());

/// Starts to record what happens below a folder; only one that is empty now can be rebuilt.
///
/// # Errors
/// When the folder can't be read.
///
/// # Panics
/// When another recording is under way: there is one for a process.
pub fn start(root: &Path, plan: Plan, lies: Lies) -> std::io::Result<Recorder> {
    calls::link();
    let root = root.canonicalize()?;
    let (steps, kinds, unseen) = (Vec::new(), Vec::new(), Vec::new());
    let (nodes, counted) = (HashMap::new(), 0);
    let mut fresh = State { root, plan, lies, counted, steps, nodes, kinds, unseen };
    let root = fresh.root.clone();
    fresh.find(&root)?;
    let before = state().replace(fresh);
    assert!(before.is_none(), "a recording is under way already");
    ON.store(true, Ordering::SeqCst);
    Ok(Recorder(()))
}

impl Recorder {
    /// Notes a number between two steps: what was acknowledged, say.
    pub fn note(&self, number: u64) {
        if let Some(state) = state().as_mut() {
            state.steps.push(Step::Note { number, counted: state.counted });
        }
    }

    /// How many steps there were so far.
    #[must_use]
    pub fn counted(&self) -> u64 {
        state().as_ref().map_or(0, |state| state.counted)
    }

    /// From now on another plan is in force; it counts from 1 again.
    pub fn plan(&self, plan: Plan) {
        if let Some(state) = state().as_mut() {
            (state.plan, state.counted) = (plan, 0);
        }
    }

    /// From now on the disk gets other things wrong.
    pub fn lies(&self, lies: Lies) {
        if let Some(state) = state().as_mut() {
            state.lies = lies;
        }
    }

    /// Ends it.
    ///
    /// # Panics
    /// When something was not seen, so that the recording would lie.
    #[must_use]
    pub fn finish(self) -> Recording {
        ON.store(false, Ordering::SeqCst);
        let state = state().take();
        let (steps, kinds, unseen) =
            state.map(|it| (it.steps, it.kinds, it.unseen)).unwrap_or_default();
        assert!(unseen.is_empty(), "made unseen: {unseen:?}");
        Recording { steps, kinds }
    }
}

/// What was recorded.
#[derive(Debug)]
pub struct Recording {
    steps: Vec<Step>,
    kinds: Vec<bool>,
}

impl Recording {
    /// How many steps there are, notes included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether nothing was done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The numbers noted before a step, and the steps that noted them.
    pub fn notes(&self, before: usize) -> impl Iterator<Item = (usize, u64)> {
        self.steps.iter().enumerate().take(before).filter_map(|(at, step)| match step {
            Step::Note { number, .. } => Some((at, *number)),
            _ => None,
        })
    }

    /// The numbers noted, and how many steps were counted before each.
    pub fn counted(&self) -> impl Iterator<Item = (u64, u64)> {
        self.steps.iter().filter_map(|step| match step {
            Step::Note { number, counted } => Some((*counted, *number)),
            _ => None,
        })
    }

    /// The most bytes that were written to one file, between these steps, and all waited for its sync at once.
    #[must_use]
    pub fn unsynced(&self, steps: std::ops::Range<usize>) -> usize {
        let mut waiting: HashMap<Node, Vec<(usize, usize)>> = HashMap::new();
        let mut most = 0;
        for (n, step) in self.steps.iter().enumerate().take(steps.end).skip(steps.start) {
            match step {
                Step::Write { node, bytes, .. } => {
                    let waiting = waiting.entry(*node).or_default();
                    waiting.push((n, bytes.len()));
                    most = most.max(waiting.iter().map(|(_, bytes)| bytes).sum());
                }
                Step::Sync { node, covers } => {
                    waiting.entry(*node).or_default().retain(|(n, _)| n >= covers);
                }
                _ => {}
            }
        }
        most
    }
}
