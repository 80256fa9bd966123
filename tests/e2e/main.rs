//! One binary, a file a promise.
#![expect(clippy::unwrap_used, reason = "tests say what they expect")]

mod crash;
mod goldens;
mod openai;
mod powercut;
mod workspace;
