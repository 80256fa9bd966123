//! The Sutler binary as a library: configuration, assembly and commands.
//!
//! The only crate that knows the clock, the environment, files, and everybody else.
#![forbid(unsafe_code)]

// the outside
pub mod clock;
pub mod environment;
pub mod ids;
// words to the operator
pub mod config;
pub mod exit;
pub mod telemetry;
// a process of shops
pub mod assembly;
#[cfg(feature = "server")]
pub mod channel;
pub mod data;
#[cfg(feature = "server")]
pub mod metrics;
pub mod model_server;
#[cfg(feature = "server")]
pub mod readiness;
#[cfg(feature = "server")]
mod rear;
// journals, read and taken elsewhere
pub mod tape;
pub mod transcript;
// conversations, run again
pub mod replay;
// what can be asked of it
pub mod cli;
mod command;
