//! Meta's business messaging: WhatsApp Cloud API, Messenger and Instagram, which share one webhook, one way to
//! sign it and one Graph API to send by.
//!
//! [`parse`] reads what Meta tells, [`whatsapp::render`] and [`messenger::render`] write what is sent, both pure;
//! [`webhook`] and the channels do the rest. What Meta's documents leave open is read tolerantly: nothing of a
//! message Meta signed is ever an error.

// what comes in
mod loose;
pub mod news;
pub mod parse;
pub mod signature;
pub mod standby;
pub mod webhook;
// what goes out
pub mod app;
mod delivery;
pub mod errors;
mod files;
pub mod graph;
// the platforms
pub mod messenger;
pub mod whatsapp;

#[cfg(test)]
mod published;
#[cfg(test)]
mod tests;
