//! Product feeds, read into products; what is wrong with a row is reported and the good rows load.

pub mod google;
mod instant;
mod report;

pub use report::{FeedError, Report, RowError};
