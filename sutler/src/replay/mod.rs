//! Replay as a tool: conversations run again with something changed, and what that changes; suites of cases,
//! and whether those would notice; what is taken from production, and from other programs.
//!
//! How a turn is run again and compared is the core's; here are files, reports and the shop's own settings.

// what a conversation is run again with
pub mod plan;
pub mod sandbox;
pub mod simulated;
// running, and what came of it
pub mod batch;
pub mod miss;
pub mod parallel;
pub mod rates;
pub mod report;
// cases, and whether they hold
pub mod assert;
pub mod case;
pub mod grounded;
pub mod infer;
pub mod judge;
pub mod mutate;
pub mod runner;
pub mod statistics;
pub mod suite;
// out of production, and out of other programs
pub mod bisect;
pub mod import;
pub mod sample;
pub mod scrub;
