//! Product feeds, read into products; what is wrong with a row is reported and the good rows load.

mod amount;
mod columns;
pub mod google;
mod instant;
mod report;
mod row;
mod text;

pub use report::{ERRORS_KEPT, FeedError, Report, RowError};
