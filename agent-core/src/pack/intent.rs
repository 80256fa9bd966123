//! What customers want, and the shop's rules on topics.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{Locale, Name};

/// One thing customers want.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// Its name.
    pub name: Name,
    /// How customers say it, whole.
    pub examples: BTreeMap<Locale, Vec<String>>,
    /// Words that by themselves say it, wherever they stand in a message: `…` is up to six others, `#` a number, `##` one from ten on, and
    /// `send|ship` any one of these. The words of a cue of several may have any ending.
    #[serde(default)]
    pub cues: BTreeMap<Locale, Vec<String>>,
}

/// A topic customers ask about, and the shop's rule on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Its name.
    pub name: Name,
    /// How customers ask about it.
    pub examples: BTreeMap<Locale, Vec<String>>,
    /// Words that by themselves ask about it, as those of an intent.
    #[serde(default)]
    pub cues: BTreeMap<Locale, Vec<String>>,
    /// It is asked about orders: what is known of the customer's own is told before the rule.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub orders: bool,
    /// The rule, in the shop's own words.
    pub text: BTreeMap<Locale, String>,
}
