//! `kind = "discord"`: a bot on Discord.

use serde::Deserialize;

/// A bot on Discord.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discord {
    /// The variable that holds its token.
    pub token_env: String,
    /// The application's id, as Discord's page shows it.
    pub application_id: String,
    /// How commands and taps come.
    #[serde(default)]
    pub interactions: Interactions,
    /// The application's public key, in hexadecimal: what `interactions = "http"` is checked with.
    pub public_key: Option<String>,
    /// Channels and threads of servers where every message is for the shop, by their ids.
    #[serde(default)]
    pub channels: Vec<String>,
    /// Another Discord than Discord's own.
    pub base_url: Option<String>,
}

/// How commands and taps on Discord come.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interactions {
    /// Over the gateway, which we hold open: nobody has to reach us.
    #[default]
    Gateway,
    /// They are sent to us, by way of `public_url`.
    Http,
}
