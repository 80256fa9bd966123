//! Loopback fakes of what stands outside. Each checks what it is asked, and answers what it is told to.

pub mod openai;
pub mod shopper;
