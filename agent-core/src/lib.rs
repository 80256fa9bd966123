//! The agent of Sutler: conversations as journals, turns, policy, evidence, lowering and replay.
//!
//! A conversation is an append-only journal of [`event::Event`]s, and its state is a fold over it and
//! nothing else. Time, ids, models, tools, goods and platforms reach the core through ports alone, and
//! what they answered is in the journal: so memory, recovery, audit and replay are readings of one log.
//!
//! The modules stand in rows, lowest first. A file names only rows above its own here, and its own row.
#![forbid(unsafe_code)]

// words
pub mod compound;
pub mod digest;
pub mod id;
pub mod money;
pub mod time;
// speech
pub mod evidence;
pub mod message;
pub mod pack;
pub mod profile;
// ports
pub mod catalog;
pub mod channel;
pub mod model;
// journal
pub mod account;
pub mod conversation;
pub mod customer;
pub mod event;
pub mod order;
pub mod store;
// judgement
pub mod action;
pub mod mode;
pub mod policy;
pub mod reply;
pub mod request;
pub mod tool;
// spine
pub mod turn;
// replay
pub mod replay;
// shell
pub mod alarm;
pub mod courier;
pub mod heard;
pub mod house;
pub mod intake;
mod live;
pub mod mailbox;
pub mod quarantine;

#[cfg(test)]
mod layers;
