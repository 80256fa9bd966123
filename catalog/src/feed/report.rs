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
    /// Columns this version has no use for, each with the one that was perhaps meant.
    pub unknown: Vec<String>,
}

/// Errors that are listed one by one.
pub const ERRORS_KEPT: usize = 1_000;

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
    /// The column at fault; `row` where it is the row as a whole.
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
    #[error("the feed is neither UTF-8 nor UTF-16; save it as UTF-8 and import it again")]
    Encoding,
    /// A column that is needed is missing.
    #[error("the feed has no column `{needed}`; it needs id, title, price and availability{}", perhaps(.meant.as_ref()))]
    Column {
        /// Which.
        needed: &'static str,
        /// The column that is perhaps meant to be it.
        meant: Option<String>,
    },
    /// It is empty.
    #[error("the feed is empty; its first line must name the columns")]
    Empty,
    /// It has rows, and none of them is good.
    #[error("none of the {0} rows can be used; the first: {1}")]
    NoRows(u64, String),
    /// It names columns and has no rows.
    #[error("the feed has no rows below its header")]
    NoGoods,
}

fn perhaps(meant: Option<&String>) -> String {
    meant.map_or(String::new(), |meant| format!("; is `{meant}` meant? Rename it"))
}
