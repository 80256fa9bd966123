//! `[[shop.key]]`: who may use the HTTP API. The secret is in the environment, and only its variable's name here.

use std::collections::BTreeSet;

use adapters::api::Scope;
use serde::Deserialize;

/// Characters a secret has at least: 32 hexadecimal digits are 128 bits.
pub const SECRET: usize = 32;

/// A key of a shop.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Its name, for the log.
    pub name: String,
    /// The variable that holds its secret.
    pub key_env: String,
    /// What it opens.
    pub scopes: BTreeSet<Scope>,
}
