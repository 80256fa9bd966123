//! A product and its variants as a feed told of them.

use std::collections::BTreeMap;

use agent_core::id::Name;
use serde::{Deserialize, Serialize};

use crate::offers::Offer;

/// A product: what a feed's rows of one item group have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// The item group, or the item where it has none.
    pub id: Name,
    /// Its name.
    pub title: String,
    /// Its brand.
    pub brand: String,
    /// Its description, as plain text.
    pub description: String,
    /// The shop's own category path, outermost first; the feed's taxonomy where it has none.
    pub category: Vec<String>,
    /// Manufacturer part numbers and GTINs.
    pub codes: Vec<String>,
    /// Its variants, in the feed's order; never empty.
    pub variants: Vec<Variant>,
}

/// One variant: one row of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// The feed's id.
    pub id: Name,
    /// What tells it from its siblings, and other typed fields.
    pub attributes: BTreeMap<Name, String>,
    /// Price and stock as the feed told them.
    pub offer: Offer,
    /// Its page.
    pub link: Option<String>,
    /// Its picture.
    pub image: Option<String>,
}
