//! `[courier]`: how answers are delivered.

use serde::Deserialize;

/// How answers are delivered.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Courier {
    /// What is done with a message nobody knows the arrival of, where the platform gives no evidence.
    #[serde(default)]
    pub ambiguous: Ambiguous,
}

/// What is done with a message nobody knows the arrival of.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ambiguous {
    /// It is sent once more.
    #[default]
    Resend,
    /// It is held until a person says what became of it.
    Hold,
}

impl From<Ambiguous> for agent_core::courier::Ambiguous {
    fn from(ambiguous: Ambiguous) -> Self {
        match ambiguous {
            Ambiguous::Resend => Self::Resend,
            Ambiguous::Hold => Self::Hold,
        }
    }
}
