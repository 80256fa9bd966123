//! Messenger and Instagram, which speak nearly the same.

mod channel;
mod limits;
pub mod parse;
pub mod render;
#[cfg(test)]
mod tests;

pub use channel::{Messenger, MessengerSettings, Own};
pub use limits::{Platform, profile};
