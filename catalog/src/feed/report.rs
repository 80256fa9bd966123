//! What became of a feed.

use std::fmt;

/// What became of a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows read.
    pub rows: u64,
    /// Products made of them.
    pub products: u64,
    /// Variants made of them.
    pub variants: u64,
    /// Rows that were left out, and why. At most 1,000 are listed.
    pub errors: Vec<RowError>,
    /// Rows that were left out, all counted.
    pub bad: u64,
    /// Columns this version has no use for.
    pub unknown: Vec<String>,
}

/// Errors that are listed one by one.
pub(super) const ERRORS_KEPT: usize = 1_000;

impl Report {
    /// Counts a bad row.
    pub(crate) fn wrong(&mut self, error: RowError) {
        self.bad += 1;
        if self.errors.len() < ERRORS_KEPT {
            self.errors.push(error);
        }
    }
}

/// What is wrong with one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// Its line in the file, counted from 1.
    pub line: u64,
    /// The column at fault.
    pub field: String,
    /// Why.
    pub reason: String,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, {}: {}", self.line, self.field, self.reason)
    }
}

/// A feed that can't be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// It can't be opened.
    #[error("{0}")]
    File(String),
    /// It is not text.
    #[error("the feed is not UTF-8 (line {0}); save it as UTF-8 and import it again")]
    Encoding(u64),
    /// A column that is needed is missing.
    #[error("the feed has no column `{0}`; it needs id, title, price and availability")]
    Column(&'static str),
    /// It is empty.
    #[error("the feed is empty; its first line must name the columns")]
    Empty,
    /// It has rows, and none of them is good.
    #[error("none of the {0} rows can be used; the first: {1}")]
    NoRows(u64, String),
}
