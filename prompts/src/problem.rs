//! What is wrong with a pack, said so that its author can fix it: where, what, and what was meant.

use std::fmt;

use crate::suggest::nearest;

/// So many valid names are still read when none of them is near.
const FEW: usize = 12;

/// One thing wrong with a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file or folder.
    pub file: String,
    /// Where in it.
    pub place: Option<Place>,
    /// What is wrong, and where it helps, what to do.
    pub what: String,
    /// The valid name nearest to one that is not.
    pub nearest: Option<String>,
}

/// A place in a text, as editors count: both from 1, columns in characters.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The character in it.
    pub column: usize,
}

/// Everything that is wrong with a pack; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.list())]
pub struct PackErrors(Vec<Problem>);

impl Problem {
    pub(crate) fn new(file: impl Into<String>, what: impl Into<String>) -> Self {
        Self { file: file.into(), place: None, what: what.into(), nearest: None }
    }

    pub(crate) fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Adds the one of `valid` that `word` was perhaps meant to be, else all of them if they are few.
    pub(crate) fn meant<'a>(
        mut self,
        word: &str,
        valid: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let valid: Vec<&str> = valid.into_iter().collect();
        self.nearest = nearest(word, valid.iter().copied()).map(str::to_owned);
        if self.nearest.is_none() && (1..=FEW).contains(&valid.len()) {
            self.what = format!("{}; known: {}", self.what, valid.join(", "));
        }
        self
    }
}

impl Place {
    pub(crate) const START: Self = Self { line: 1, column: 1 };

    /// The place of a byte of a text.
    pub(crate) fn of(text: &str, byte: usize) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or(before);
        Self { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 }
    }
}

impl PackErrors {
    /// What was made, if nothing was wrong. What could not be made has told why.
    pub(crate) fn unless<T>(made: Option<T>, mut problems: Vec<Problem>) -> Result<T, Self> {
        match made {
            Some(made) if problems.is_empty() => Ok(made),
            _ => {
                sort(&mut problems);
                Err(Self(problems))
            }
        }
    }

    /// The problems, in the order of files and lines.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }

    fn list(&self) -> String {
        let lines: Vec<String> = self.0.iter().map(Problem::to_string).collect();
        lines.join("\n")
    }
}

impl From<Problem> for PackErrors {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

/// Sorts by file and place, and drops what was said twice.
pub(crate) fn sort(problems: &mut Vec<Problem>) {
    problems.sort_by(|a, b| (&a.file, a.place).cmp(&(&b.file, b.place)));
    problems.dedup();
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(Place { line, column }) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.what)?;
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}
