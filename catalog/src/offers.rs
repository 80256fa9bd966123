//! Price and stock, beside the index: changed at once, read with the record that is cited.

use agent_core::evidence::Stock;
use agent_core::money::Money;
use agent_core::time::Micros;
use serde::{Deserialize, Serialize};

/// What a variant costs and whether it can be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Its price when it is not on sale.
    pub price: Money,
    /// Its sale, past, present or to come.
    pub sale: Option<Sale>,
    /// Whether it can be had.
    pub stock: Stock,
}

/// A lower price for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sale {
    /// The price.
    pub price: Money,
    /// From when to when; always, where a feed names no dates.
    pub during: Option<(Micros, Micros)>,
}

impl Offer {
    /// What it costs at a moment.
    #[must_use]
    pub fn price_at(&self, now: Micros) -> &Money {
        self.sale_at(now).map_or(&self.price, |sale| &sale.price)
    }

    /// What it costs at a moment, and what it costs without the sale where there is one.
    #[must_use]
    pub fn at(&self, now: Micros) -> (Money, Option<Money>) {
        match self.sale_at(now) {
            Some(sale) => (sale.price.clone(), Some(self.price.clone())),
            None => (self.price.clone(), None),
        }
    }

    fn sale_at(&self, now: Micros) -> Option<&Sale> {
        self.sale.as_ref().filter(|sale| {
            sale.price < self.price && sale.during.is_none_or(|(from, to)| from <= now && now <= to)
        })
    }
}
