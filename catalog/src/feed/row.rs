//! One row of a feed: what each field must hold.

use std::collections::BTreeMap;

use agent_core::evidence::Stock;
use agent_core::id::Name;
use agent_core::time::Micros;
use csv::StringRecord;

use super::amount::amount;
use super::columns::{ATTRIBUTES, Columns};
use super::instant;
use super::text::clean;
use crate::offers::{Offer, Sale};

/// The column at fault, and what is wrong with it.
pub(super) type Wrong = (&'static str, String);

#[derive(Copy, Clone)]
pub(super) struct Row<'a> {
    pub(super) columns: &'a Columns,
    pub(super) record: &'a StringRecord,
}

impl<'a> Row<'a> {
    pub(super) fn get(&self, name: &str) -> &'a str {
        self.columns.get(self.record, name)
    }

    /// Whether it runs over several lines and comes out with fields too many or too few.
    pub(super) fn is_torn(&self) -> bool {
        self.record.len() != self.columns.count
            && self.record.iter().any(|field| field.contains(['\n', '\r']))
    }

    pub(super) fn optional(&self, name: &str) -> Option<&'a str> {
        Some(self.get(name)).filter(|text| !text.is_empty())
    }
}

pub(super) fn offer(row: &Row<'_>, currency: Option<&str>) -> Result<Offer, Wrong> {
    let price = amount(row.get("price"), currency).map_err(|why| ("price", why))?;
    let sale = match row.optional("sale_price") {
        None => None,
        Some(text) => {
            let sale =
                amount(text, Some(price.currency.as_str())).map_err(|why| ("sale_price", why))?;
            if sale.currency != price.currency {
                let why = format!("is in {}, the price in {}", sale.currency, price.currency);
                return Err(("sale_price", why));
            }
            if sale > price {
                return Err(("sale_price", format!("{sale} is above the price of {price}")));
            }
            Some(Sale { price: sale, during: during(row)? })
        }
    };
    Ok(Offer { price, sale, stock: stock(row.get("availability"))? })
}

fn during(row: &Row<'_>) -> Result<Option<(Micros, Micros)>, Wrong> {
    let field = "sale_price_effective_date";
    let Some(text) = row.optional(field) else { return Ok(None) };
    let why = || {
        format!("expected two instants of ISO 8601, the earlier first, with a `/`; found `{text}`")
    };
    instant::interval(text).map(Some).ok_or_else(|| (field, why()))
}

fn stock(text: &str) -> Result<Stock, Wrong> {
    match text.to_lowercase().replace([' ', '-'], "_").as_str() {
        "in_stock" | "available_for_order" => Ok(Stock::In(None)),
        "out_of_stock" | "discontinued" => Ok(Stock::Out),
        "preorder" | "pre_order" => Ok(Stock::Preorder),
        "backorder" | "back_order" => Ok(Stock::Backorder),
        _ => Err((
            "availability",
            format!("expected in_stock, out_of_stock, preorder or backorder, found `{text}`"),
        )),
    }
}

pub(super) fn link(field: &'static str, row: &Row<'_>) -> Result<Option<String>, Wrong> {
    let Some(text) = row.optional(field) else { return Ok(None) };
    match url::Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "https" | "http") => Ok(Some(text.to_owned())),
        _ => Err((field, format!("expected a link with http or https, found `{text}`"))),
    }
}

pub(super) fn attributes(row: &Row<'_>) -> Result<BTreeMap<Name, String>, Wrong> {
    let named = ATTRIBUTES
        .iter()
        .filter_map(|name| Some((Name::from(*name), clean(row.optional(name)?, 100))));
    let mut attributes: BTreeMap<Name, String> = named.collect();
    let field = "availability_date";
    // What can be had now is not told of with a date, whatever the feed still says.
    let later = matches!(stock(row.get("availability"))?, Stock::Preorder | Stock::Backorder);
    if let Some(text) = row.optional(field).filter(|_| later) {
        if instant::instant(text).is_none() {
            return Err((field, format!("expected a date of ISO 8601, found `{text}`")));
        }
        let (date, _) = text.split_once(['T', ' ']).unwrap_or((text, ""));
        attributes.insert(field.into(), date.to_owned());
    }
    Ok(attributes)
}
