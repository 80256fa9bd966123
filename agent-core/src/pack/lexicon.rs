//! The words of a language: how numbers are said and written, and what a vertical calls its things.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::Name;

/// The words of one language in one vertical.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lexicon {
    /// How amounts and lists are written.
    pub writing: Writing,
    /// Words that stop us from writing, beside those every pack knows.
    #[serde(default)]
    pub stop: Vec<String>,
    /// Words that let us write again, beside those every pack knows.
    #[serde(default)]
    pub start: Vec<String>,
    /// Words that ask for a person.
    #[serde(default)]
    pub human: Vec<String>,
    /// Words that agree.
    #[serde(default)]
    pub yes: Vec<String>,
    /// Words that decline.
    #[serde(default)]
    pub no: Vec<String>,
    /// Numbers in words.
    #[serde(default)]
    pub numbers: BTreeMap<String, i64>,
}

/// How a language writes amounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Writing {
    /// Between whole units and the rest.
    pub decimal: String,
    /// Between thousands.
    pub group: String,
    /// Where number and sign stand: `{sign}{number}` or `{number} {sign}`.
    pub money: String,
    /// The sign of a currency; without one, its code stands.
    #[serde(default)]
    pub signs: BTreeMap<Name, String>,
}

impl Default for Writing {
    fn default() -> Self {
        Self {
            decimal: ".".to_owned(),
            group: ",".to_owned(),
            money: "{number} {sign}".to_owned(),
            signs: BTreeMap::new(),
        }
    }
}
