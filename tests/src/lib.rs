//! End-to-end tests of Sutler: the real assembly against loopback fakes.

pub mod fake;
pub mod world;
