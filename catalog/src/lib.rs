//! The goods of a shop: feeds, the search index, live price and stock, and the systems behind them.
//!
//! Texts are indexed; price and stock stand beside the index in a table that is changed at once, because a
//! price must be right the moment it changes, and because a reply cites the very record that was read. This
//! crate is the one door of tantivy; it knows no channel, no model and no journal.
#![forbid(unsafe_code)]

pub mod backend;
mod facets;
pub mod feed;
mod goods;
#[cfg(feature = "tantivy")]
mod index;
mod loaded;
mod offers;
mod product;
mod select;

pub use goods::{Goods, GoodsError, Stats};
pub use offers::{Offer, Sale};
pub use product::{Product, Variant};
