//! `[log]`: what is told to the operator, on standard error.

use serde::Deserialize;

/// What is told to the operator.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// How it is written.
    #[serde(default)]
    pub format: LogFormat,
    /// Which events, in `tracing`'s notation; the variable `SUTLER_LOG` goes before it.
    pub filter: Option<String>,
}

/// How a log is written.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Pretty,
    /// One JSON object a line, for machines.
    Json,
}
