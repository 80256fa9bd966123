//! Loopback fakes of what stands outside. Each checks what it is asked, and answers what it is told to.

pub mod backend;
pub mod discord;
pub mod graph;
mod loopback;
pub mod openai;
pub mod shopper;
pub mod telegram;
