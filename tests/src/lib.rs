//! End-to-end tests of Sutler: the real assembly against loopback fakes.

pub mod dice;
pub mod fake;
pub mod mutate;
pub mod probe;
pub mod report;
pub mod script;
pub mod served;
pub mod talk;
pub mod tamper;
pub mod world;
