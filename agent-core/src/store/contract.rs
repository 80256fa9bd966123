//! What every store must do, as small behaviours that run on any of them.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cognitive_complexity,
    reason = "a contract is a list of assertions, and panics where it is broken"
)]

mod journals;
pub mod make;
mod people;
mod queues;

use super::{Archive, Store};

/// A kind of store the contract can try.
pub trait Subject: Sized {
    /// The store.
    type Store: Store + Archive;

    /// An empty one.
    fn fresh() -> Self;

    /// It.
    fn store(&self) -> &Self::Store;

    /// The same one, closed and opened again.
    fn reopened(self) -> Self;
}

/// Runs every behaviour; panics at the first that is not shown.
pub async fn check<S: Subject>() {
    journals::check::<S>().await;
    queues::check::<S>().await;
    people::check::<S>().await;
}
