//! The process's environment: the only place that reads it. Secrets come from here, by the variable's name.

/// A variable of the environment; none when it is unset, empty or not text.
#[expect(clippy::disallowed_methods, reason = "the environment is read here and passed down")]
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
