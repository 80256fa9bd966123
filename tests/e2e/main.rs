//! One binary, a file a promise.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests say what they expect")]

mod canonical;
mod crash;
mod diverge;
mod erase;
mod failed;
mod goldens;
mod openai;
mod powercut;
mod tape;
mod utterances;
mod workspace;
