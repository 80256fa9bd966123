//! Prompt packs: the folder format, its strict loader, and the packs that ship with Sutler.
//!
//! A pack is a folder of data that makes the agent a clerk of one trade. This crate is the only one
//! that knows the folder's format; it knows no model, no channel and no store. Loading is strict: a
//! key, name, slot or file that means nothing is a [`Problem`] with file, line and the nearest valid
//! name, and all problems are told at once.
//!
//! ```
//! let problems = prompts::load("no/such/pack".as_ref()).unwrap_err();
//! assert!(problems.to_string().starts_with("no/such/pack: "));
//! ```
#![forbid(unsafe_code)]

// words
mod problem;
pub mod suggest;
// files
mod builtin;
mod document;
mod folder;
// meaning
mod check;
pub mod golden;
mod load;
mod manifest;
mod phrases;
#[cfg(test)]
mod tests;

use std::path::Path;

use agent_core::pack::Pack;

pub use builtin::{builtin, builtin_feed};
pub use check::Checked;
pub use folder::{Feed, Folder, MAX_FILE_BYTES, MAX_FILES};
pub use manifest::TOOLS;
pub use problem::{PackErrors, Place, Problem};

/// Loads a pack from a folder on disk.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load(dir: &Path) -> Result<Pack, PackErrors> {
    Folder::open(dir)?.pack()
}

/// Loads a pack and its golden conversations from a folder on disk, and looks for what is allowed but odd.
///
/// # Errors
/// Everything that is wrong with it.
pub fn check(dir: &Path) -> Result<Checked, PackErrors> {
    Folder::open(dir)?.check()
}
