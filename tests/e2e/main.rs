//! One binary, a file a promise.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests say what they expect")]

mod asked;
mod billed;
mod canonical;
mod channels;
mod crash;
mod discord;
mod diverge;
mod echoes;
mod erase;
mod failed;
mod files;
mod goldens;
mod history;
mod hostile;
mod live;
mod mailbox;
mod openai;
mod persons;
mod ports;
mod powercut;
mod replay;
mod sending;
mod server;
mod shops;
mod shown;
mod silence;
mod tape;
mod taps;
mod telegram;
mod unordered;
mod utterances;
mod webhook;
mod whatsapp;
mod workspace;
