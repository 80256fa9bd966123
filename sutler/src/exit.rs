//! How the program ends: a code for scripts, an error and a hint for people.

use std::fmt;
use std::process::ExitCode;

use crate::config::ConfigError;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    code: Code,
    error: anyhow::Error,
    hint: Option<String>,
}

/// What a script is told.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// It was done, and what was looked at is not right: a pack has problems, a journal differs.
    Found = 1,
    /// The configuration or the arguments are wrong. Clap uses the same.
    Usage = 2,
    /// It could not be done: a folder, a file, the network.
    Failed = 3,
}

impl Failure {
    /// A failure with this code.
    #[must_use]
    pub fn new(code: Code, error: impl Into<anyhow::Error>) -> Self {
        Self { code, error: error.into(), hint: None }
    }

    /// Something looked at is not right.
    #[must_use]
    pub fn found(what: impl Into<String>) -> Self {
        Self::new(Code::Found, anyhow::Error::msg(what.into()))
    }

    /// Something was asked for that is not there.
    #[must_use]
    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(Code::Usage, anyhow::Error::msg(what.into()))
    }

    /// What to do about it, if that is known.
    #[must_use]
    pub fn what_to_do(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Says it on standard error, and ends with its code.
    #[must_use]
    pub fn report(&self) -> ExitCode {
        let bold = anstyle::Style::new().bold();
        let red = bold.fg_color(Some(anstyle::AnsiColor::Red.into()));
        anstream::eprintln!("{red}error:{red:#} {self}");
        if let Some(hint) = &self.hint {
            anstream::eprintln!("{bold}hint:{bold:#} {hint}");
        }
        ExitCode::from(self.code as u8)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.error)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::new(Code::Failed, error)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let hint = error.what_to_do().map(str::to_owned);
        Self { code: Code::Usage, error: error.into(), hint }
    }
}
