//! Telegram, by its Bot API and teloxide.
//!
//! Updates come by long polling or by webhook. Both end in [`Door`], which tells the platform that it has an
//! update only after that is durable. teloxide sends, and its types decode; its dispatcher and its webhook
//! are not used, since they take an update before it was handled. What is sent is paced by the courier alone.
//!
//! A group is answered only where the bot is spoken to. Telegram tells nobody whether a message whose
//! answer was lost has arrived: the courier's policy for ambiguous sends decides.

mod addressed;
mod client;
mod decode;
mod door;
mod fault;
mod marks;
mod parse;
mod poll;
mod profile;
mod render;
mod send;
mod survey;
mod webhook;

pub use client::{Settings, Telegram};
pub use door::Door;
pub use poll::poll;
pub use profile::profile;
pub use survey::{Remark, survey};
pub use webhook::{PATH, announce, routes};

/// The kind of platform.
pub const KIND: &str = "telegram";
