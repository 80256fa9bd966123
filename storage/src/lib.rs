//! The journal on sled: durable, sealed, exact.
//!
//! The store knows no event's meaning. What it promises: an acknowledged commit survives a power cut,
//! a commit happens wholly or not at all and once, and an erased customer can't be read again, from any
//! byte of the folder.
//!
//! In a data folder lie `format` (the number of this layout), `root.key` (held by the shop), `keys`
//! (data keys, wrapped), `sled/` (the engine), `wal` (the write-ahead log), `blobs/` (long payloads, sealed), `archive/` (what
//! hashes name), `lock`, `mark` (how many groups were durable at least), and `aside/` if the engine ever left a snapshot that could not be read.
#![forbid(unsafe_code)]

mod archive;
mod blob;
mod files;
mod key;
mod keyring;
mod mark;
mod open_error;
mod rear;
mod record;
mod seal;
mod sled;
mod span;
mod squeeze;
mod wal;

pub use self::open_error::OpenError;
pub use self::sled::{Settings, SledStore, Unfit};
pub use self::span::Clear;
