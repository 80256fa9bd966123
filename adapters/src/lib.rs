//! The messaging platforms, bridged to the agent core.
//!
//! A platform is a profile (what it can do, as data), a pure `parse` or its like for what comes in, a pure
//! `render` for what goes out, and a [`Channel`](agent_core::channel::Channel) that delivers. This crate
//! knows no model and no store.
#![forbid(unsafe_code)]

#[cfg(feature = "api")]
pub mod api;
#[cfg(feature = "discord")]
pub mod discord;
#[cfg(feature = "meta")]
pub mod meta;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "telegram")]
pub mod telegram;
pub mod terminal;
#[cfg(feature = "web")]
pub mod web;
