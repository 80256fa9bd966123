//! A configuration's text, and what is wrong with it: file, line, and the nearest valid name.

use std::path::Path;

use prompts::suggest::nearest;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::DeTable;

/// What is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct ConfigError {
    place: String,
    what: String,
    hint: Option<String>,
}

impl ConfigError {
    pub(super) fn unreadable(file: &Path, why: &str) -> Self {
        let what = format!("the configuration can't be read: {why}");
        Self { place: file.display().to_string(), what, hint: None }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Adds the one of `valid` that `word` was perhaps meant to be, else all of them.
    pub(super) fn meant<'a>(self, word: &str, valid: impl IntoIterator<Item = &'a str>) -> Self {
        let valid: Vec<&str> = valid.into_iter().collect();
        match nearest(word, valid.iter().copied()) {
            Some(meant) => self.hint(format!("did you mean `{meant}`?")),
            None if valid.is_empty() => self,
            None => self.hint(format!("known here: {}", valid.join(", "))),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn what_to_do(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

/// The text of a configuration.
#[derive(Debug)]
pub(super) struct Text<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
}

impl<'a> Text<'a> {
    /// A problem at a byte of the text.
    pub(super) fn problem(&self, at: usize, what: &str) -> ConfigError {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        ConfigError { place: format!("{}:{line}", self.file), what: what.to_owned(), hint: None }
    }

    /// The text as it is written, with the places of its values.
    pub(super) fn table(&self) -> Result<Spanned<DeTable<'a>>, ConfigError> {
        DeTable::parse(self.text).map_err(|error| self.misfit(&error))
    }

    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        toml::from_str(self.text).map_err(|error| self.misfit(&error))
    }

    /// What the reader said, in our words.
    fn misfit(&self, error: &toml::de::Error) -> ConfigError {
        let at = error.span().map_or(0, |span| span.start);
        let message = error.message();
        // Serde quotes names with backticks: every second piece is one, and the first is the wrong one.
        let mut names = message.split('`').skip(1).step_by(2);
        let first = names.next().unwrap_or_default();
        if message.starts_with("unknown field ") {
            self.problem(at, &format!("unknown key `{first}`")).meant(first, names)
        } else if message.starts_with("unknown variant ") {
            self.problem(at, &format!("unknown value `{first}`")).meant(first, names)
        } else if message.starts_with("missing field ") {
            self.problem(at, &format!("the key `{first}` is missing"))
        } else {
            self.problem(at, message)
        }
    }
}
