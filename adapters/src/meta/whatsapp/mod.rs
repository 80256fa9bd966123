//! WhatsApp, by Meta's Cloud API.

mod account;
mod channel;
mod limits;
mod message;
pub mod parse;
pub mod render;
mod status;

pub use channel::{WhatsApp, WhatsAppSettings};
pub use limits::profile;

/// The kind of platform.
pub const KIND: &str = "whatsapp";
