//! WhatsApp, by Meta's Cloud API.

mod account;
mod channel;
mod limits;
mod message;
mod native;
pub mod parse;
mod pay;
pub mod render;
mod status;
mod template;
#[cfg(test)]
mod tests;

pub use channel::{WhatsApp, WhatsAppSettings};
pub use limits::{PER_SECOND, profile};
pub use pay::Payments;

/// The kind of platform.
pub const KIND: &str = "whatsapp";
