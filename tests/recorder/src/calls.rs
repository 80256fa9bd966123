//! The functions that stand in front of the C library's.

#![expect(unsafe_code, reason = "standing in for functions of the C library")]

use std::ffi::{CStr, OsStr, c_char, c_int, c_long, c_uint, c_void};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use crate::{Entry, Node, ON, Plan, State, Step, state};

/// Keeps these functions in every binary that records: called from elsewhere only, they would be left out.
pub(crate) fn link() {
    let ours: [*const (); 11] = [
        open64 as _,
        write as _,
        pwrite64 as _,
        ftruncate64 as _,
        fsync as _,
        fdatasync as _,
        rename as _,
        unlink as _,
        unlinkat as _,
        mkdir as _,
        rmdir as _,
    ];
    std::hint::black_box(ours);
}

/// What a step does; decides what a full disk refuses.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Kind {
    Grows,
    Else,
}

impl State {
    /// Counts a step; an error number when it is to fail, and whether the process is to end after it.
    fn step(&mut self, kind: Kind) -> Result<bool, c_int> {
        self.counted += 1;
        match self.plan {
            Plan::Broken { at } if self.counted == at => Err(libc::EIO),
            Plan::Full { at } if self.counted >= at && kind == Kind::Grows => Err(libc::ENOSPC),
            Plan::Abort { at, after } if self.counted == at => {
                if !after {
                    std::process::abort();
                }
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn below(&self, path: &Path) -> bool {
        path.starts_with(&self.root)
    }

    fn node(&self, ino: u64) -> Option<Node> {
        self.nodes.get(&ino).copied()
    }

    fn made(&mut self, path: &Path, directory: bool) -> Option<()> {
        let node = self.kinds.len();
        self.kinds.push(directory);
        self.nodes.insert(path.symlink_metadata().ok()?.ino(), node);
        let entry = self.entry(path)?;
        self.steps.push(Step::Name { entry, node });
        Some(())
    }

    fn entry(&self, path: &Path) -> Option<Entry> {
        let dir = self.node(path.parent()?.metadata().ok()?.ino())?;
        Some((dir, path.file_name()?.to_str()?.to_owned()))
    }

    /// Whether it is a snapshot of the engine that is to stay.
    fn stays(&self, from: &Path, to: Option<&Path>) -> bool {
        let name = from.file_name().unwrap_or_default().as_bytes();
        let leaves = to.is_none_or(|to| to.parent() != from.parent());
        self.lies.snapshots && name.starts_with(b"snap.") && leaves
    }
}

fn fail(error: c_int) -> c_int {
    // SAFETY: it points to this thread's own error number, for as long as the thread lives.
    unsafe { *libc::__errno_location() = error };
    -1
}

/// # Safety
/// As the C library says of `path`.
unsafe fn path<'a>(path: *const c_char) -> &'a Path {
    // SAFETY: the caller gave a C string, as the function it called asks.
    Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(path) }.to_bytes()))
}

/// The file behind a descriptor, if it is one of ours.
fn behind(state: &mut State, fd: c_int) -> Option<Node> {
    let link = PathBuf::from(format!("/proc/self/fd/{fd}"));
    let named = link.read_link().ok().filter(|named| state.below(named))?;
    let node = link.metadata().ok().and_then(|known| state.node(known.ino()));
    if node.is_none() {
        state.unseen.push(named);
    }
    node
}

/// Runs a step on a descriptor: `call` does it, `record` tells of it when it was done.
fn on_file(
    fd: c_int,
    kind: Kind,
    call: impl FnOnce() -> c_long,
    record: impl FnOnce(Node, c_long) -> Step,
) -> c_long {
    if !ON.load(Ordering::Relaxed) {
        return call();
    }
    let mut state = state();
    let Some(state) = state.as_mut() else { return call() };
    let Some(node) = behind(state, fd) else { return call() };
    let ends = match state.step(kind) {
        Ok(ends) => ends,
        Err(error) => return fail(error).into(),
    };
    let done = call();
    if done >= 0 {
        let step = record(node, done);
        state.steps.push(step);
    }
    end(ends);
    done
}

fn end(ends: bool) {
    if ends {
        std::process::abort();
    }
}

/// Copies what was written: `done` bytes of it.
///
/// # Safety
/// As the C library says of `bytes`.
unsafe fn written(bytes: *const c_void, done: c_long) -> Vec<u8> {
    let length = usize::try_from(done).unwrap_or_default();
    // SAFETY: the caller gave at least as many bytes as the system took.
    unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), length) }.to_vec()
}

/// # Safety
/// As the C library says.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn write(fd: c_int, bytes: *const c_void, count: usize) -> isize {
    // SAFETY: passed on as they came.
    let call = || unsafe { libc::syscall(libc::SYS_write, fd, bytes, count) };
    // SAFETY: it asks where the descriptor stands, and changes nothing.
    let at = unsafe { libc::syscall(libc::SYS_lseek, fd, 0, libc::SEEK_CUR) };
    let at = u64::try_from(at).unwrap_or_default();
    // SAFETY: the caller's bytes, of which so many were taken.
    let record = |node, done| Step::Write { node, at, bytes: unsafe { written(bytes, done) } };
    on_file(fd, Kind::Grows, call, record) as isize
}

/// # Safety
/// As the C library says.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn pwrite64(
    fd: c_int,
    bytes: *const c_void,
    count: usize,
    at: i64,
) -> isize {
    // SAFETY: passed on as they came.
    let call = || unsafe { libc::syscall(libc::SYS_pwrite64, fd, bytes, count, at) };
    let at = u64::try_from(at).unwrap_or_default();
    // SAFETY: the caller's bytes, of which so many were taken.
    let record = |node, done| Step::Write { node, at, bytes: unsafe { written(bytes, done) } };
    on_file(fd, Kind::Grows, call, record) as isize
}

/// # Safety
/// As the C library says.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn ftruncate64(fd: c_int, length: i64) -> c_int {
    // SAFETY: passed on as they came.
    let call = || unsafe { libc::syscall(libc::SYS_ftruncate, fd, length) };
    let length = u64::try_from(length).unwrap_or_default();
    on_file(fd, Kind::Else, call, |node, _| Step::Length { node, length }) as c_int
}

/// A sync covers what was done before it began. Others go on meanwhile, so it runs without the lock.
fn sync(fd: c_int, call: impl FnOnce() -> c_long, lie: fn(&State) -> bool) -> c_int {
    if !ON.load(Ordering::Relaxed) {
        return call() as c_int;
    }
    let begun = state().as_mut().and_then(|state| {
        let node = behind(state, fd)?;
        Some((node, state.steps.len(), state.step(Kind::Else), lie(state)))
    });
    let Some((node, covers, step, lie)) = begun else { return call() as c_int };
    let ends = match step {
        Ok(ends) => ends,
        Err(error) => return fail(error),
    };
    let done = call();
    if let Some(state) = state().as_mut()
        && done == 0
        && !lie
    {
        state.steps.push(Step::Sync { node, covers });
    }
    end(ends);
    done as c_int
}

/// # Safety
/// As the C library says.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn fsync(fd: c_int) -> c_int {
    // SAFETY: passed on as it came.
    sync(fd, || unsafe { libc::syscall(libc::SYS_fsync, fd) }, |_| false)
}

/// # Safety
/// As the C library says.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn fdatasync(fd: c_int) -> c_int {
    // SAFETY: passed on as it came.
    let call = || unsafe { libc::syscall(libc::SYS_fdatasync, fd) };
    sync(fd, call, |state| state.lies.fdatasync)
}

/// Runs a step on names: `call` does it, `record` tells of it when it was done.
fn on_names(
    first: &Path,
    kind: Kind,
    call: impl FnOnce() -> c_long,
    record: impl FnOnce(&mut State) -> Option<()>,
) -> c_int {
    if !ON.load(Ordering::Relaxed) {
        return call() as c_int;
    }
    let mut state = state();
    let Some(state) = state.as_mut().filter(|state| state.below(first)) else {
        return call() as c_int;
    };
    let ends = match state.step(kind) {
        Ok(ends) => ends,
        Err(error) => return fail(error),
    };
    let done = call();
    if done >= 0 && record(state).is_none() {
        state.unseen.push(first.to_owned());
    }
    end(ends);
    done as c_int
}

/// # Safety
/// As the C library says. The mode is read when a file is made only; elsewhere it holds anything.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn open64(name: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    // SAFETY: passed on as they came.
    let call = || unsafe { libc::syscall(libc::SYS_openat, libc::AT_FDCWD, name, flags, mode) };
    if !ON.load(Ordering::Relaxed) || flags & (libc::O_CREAT | libc::O_TRUNC) == 0 {
        return call() as c_int;
    }
    // SAFETY: a C string, as this function asks.
    let named = unsafe { path(name) };
    match named.metadata() {
        Err(_) => on_names(named, Kind::Grows, call, |state| state.made(named, false)),
        Ok(known) if flags & libc::O_TRUNC != 0 => on_names(named, Kind::Else, call, |state| {
            let node = state.node(known.ino())?;
            state.steps.push(Step::Length { node, length: 0 });
            Some(())
        }),
        Ok(_) => call() as c_int,
    }
}

/// # Safety
/// As the C library says.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn mkdir(name: *const c_char, mode: c_uint) -> c_int {
    // SAFETY: passed on as they came.
    let call = || unsafe { libc::syscall(libc::SYS_mkdirat, libc::AT_FDCWD, name, mode) };
    // SAFETY: a C string, as this function asks.
    let named = unsafe { path(name) };
    on_names(named, Kind::Grows, call, |state| state.made(named, true))
}

/// # Safety
/// As the C library says.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: passed on as they came.
    let call = || unsafe {
        libc::syscall(libc::SYS_renameat2, libc::AT_FDCWD, from, libc::AT_FDCWD, to, 0)
    };
    // SAFETY: C strings, as this function asks.
    let (from, to) = unsafe { (path(from), path(to)) };
    if ON.load(Ordering::Relaxed) && state().as_ref().is_some_and(|it| it.stays(from, Some(to))) {
        return 0;
    }
    on_names(from, Kind::Else, call, |state| {
        let node = state.node(to.metadata().ok()?.ino())?;
        let (from, to) = (state.entry(from)?, state.entry(to)?);
        state.steps.push(Step::Move { from, to, node });
        Some(())
    })
}

fn unname(named: &Path, call: impl FnOnce() -> c_long) -> c_int {
    if ON.load(Ordering::Relaxed) && state().as_ref().is_some_and(|it| it.stays(named, None)) {
        return 0;
    }
    on_names(named, Kind::Else, call, |state| {
        let entry = state.entry(named)?;
        state.steps.push(Step::Unname { entry });
        Some(())
    })
}

/// # Safety
/// As the C library says.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn unlink(name: *const c_char) -> c_int {
    // SAFETY: passed on as it came, and a C string, as this function asks.
    let call = || unsafe { libc::syscall(libc::SYS_unlinkat, libc::AT_FDCWD, name, 0) };
    // SAFETY: as above.
    unname(unsafe { path(name) }, call)
}

/// # Safety
/// As the C library says.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn rmdir(name: *const c_char) -> c_int {
    // SAFETY: passed on as it came, and a C string, as this function asks.
    let call =
        || unsafe { libc::syscall(libc::SYS_unlinkat, libc::AT_FDCWD, name, libc::AT_REMOVEDIR) };
    // SAFETY: as above.
    unname(unsafe { path(name) }, call)
}

/// # Safety
/// As the C library says.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn unlinkat(dir: c_int, name: *const c_char, flags: c_int) -> c_int {
    // SAFETY: passed on as they came, and a C string, as this function asks.
    let call = || unsafe { libc::syscall(libc::SYS_unlinkat, dir, name, flags) };
    // SAFETY: as above.
    let named = unsafe { path(name) };
    let above = PathBuf::from(format!("/proc/self/fd/{dir}")).read_link().unwrap_or_default();
    unname(&above.join(named), call)
}
