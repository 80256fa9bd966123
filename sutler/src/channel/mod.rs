//! What the kinds of channels bring to `sutler serve`. To add one:
//!
//! 1. `config/channel.rs`: a variant of `Channel` with the kind's settings, and `true` in its row of `KINDS`,
//!    both behind the kind's cargo feature.
//! 2. Here: a file `<kind>.rs` with a function `plug`, and its line in [`plugs`].
//!
//! A kind is plugged in once for all shops: it reads their `[[shop.channel]]`s, and several accounts may share
//! one route.

#[cfg(feature = "api")]
mod api;
#[cfg(feature = "discord")]
pub(crate) mod discord;
#[cfg(feature = "meta")]
pub(crate) mod meta;
#[cfg(feature = "telegram")]
pub(crate) mod telegram;
#[cfg(feature = "web")]
mod web;

use agent_core::id::{Name, ShopId};
use futures::future::BoxFuture;

use adapters::server::{Part, Stop, Streams};

use crate::assembly::{Account, Assembly};
use crate::config::{Config, Shop};
use crate::data::Data;
use crate::exit::Failure;

/// What a kind of channel brings.
pub struct Plug {
    /// What delivers: before there is a house, since the house is built from it.
    pub accounts: Vec<(ShopId, Account)>,
    /// What it needs once the house stands.
    pub open: Open,
}

/// Opens a kind of channel over a house that stands.
pub type Open = Box<dyn FnOnce(&Assembly, &Stop) -> Opened + Send>;

/// What of a kind of channel runs while the server does.
#[derive(Default)]
pub struct Opened {
    /// Its routes.
    pub parts: Vec<Part>,
    /// What else it does until the [`Stop`] it was given: a connection it holds, a list it sweeps.
    pub work: Vec<BoxFuture<'static, ()>>,
}

/// Every kind that is built in.
///
/// # Errors
/// When a secret is missing, or a kind can't be what the configuration wants.
pub fn plugs(config: &Config, data: &Data) -> Result<Vec<Plug>, Failure> {
    let mut plugs: Vec<Plug> = Vec::new();
    let streams = Streams::new(config.server.streams());
    #[cfg(feature = "meta")]
    plugs.extend(meta::plug(config, data)?);
    #[cfg(feature = "discord")]
    plugs.extend(discord::plug(config, data)?);
    #[cfg(feature = "telegram")]
    plugs.extend(telegram::plug(config, data)?);
    #[cfg(feature = "web")]
    plugs.extend([web::plug(config, &streams)?]);
    // Where no kind is built in, nothing is added and nothing read.
    let _ = (&mut plugs, config, data, &streams);
    // Last, because it hears the live halves of all others.
    #[cfg(feature = "api")]
    let plugs = api::plug(config, plugs, &streams)?;
    Ok(plugs)
}

/// What platforms bill for one message: channel, account, category, US dollars.
#[must_use]
pub fn bills(shop: &Shop) -> Vec<((Name, Name, Name), f64)> {
    #[cfg(feature = "meta")]
    let bills = meta::bills(shop).collect();
    #[cfg(not(feature = "meta"))]
    let bills = {
        let _ = shop;
        Vec::new()
    };
    bills
}

impl std::fmt::Debug for Plug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plug").field("accounts", &self.accounts).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("parts", &self.parts).finish_non_exhaustive()
    }
}
