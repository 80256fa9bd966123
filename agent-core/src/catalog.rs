//! The port to the shop's goods, and the one to the shop's own systems.

mod slip;

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::digest::{Digest, Shared};
use crate::evidence::{Finding, ProductFacts, ToolError};
use crate::id::{Locale, Made, Name, ShopId};
use crate::money::{Decimal, Money};
use crate::time::Micros;

pub use self::slip::distance;

/// A search.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Query {
    /// What the customer calls it, without the constraints below.
    pub words: String,
    /// Attributes that must match, such as `color`, `size`, `gender`, `material`, `brand`, `category`.
    #[schemars(with = "BTreeMap<String, String>")]
    pub filters: BTreeMap<Name, String>,
    /// What nothing found may be: colours, materials, kinds, a word or two each.
    pub without: Vec<String>,
    /// At most this price, in whole units of the shop's currency.
    pub max_price: Option<Decimal>,
    /// At least this price, in whole units of the shop's currency.
    pub min_price: Option<Decimal>,
    /// How the matches are sorted.
    pub sort: Sort,
    /// At most so many products; 0 leaves it to the tool.
    pub limit: u8,
}

/// How matches are sorted.
#[derive(
    Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// What fits best, first.
    #[default]
    Relevance,
    /// Cheapest first.
    Cheapest,
    /// Dearest first.
    Dearest,
}

/// A product that fits a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// What is known of it, with the variant that fits best chosen.
    pub facts: ProductFacts,
    /// The record's version: it changes when price, stock or text do.
    pub version: Digest,
}

/// The catalogue does not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the catalogue is unavailable: {0}")]
pub struct CatalogError(pub String);

/// The goods of all shops.
#[async_trait]
pub trait Catalog: Send + Sync + fmt::Debug {
    /// The products that fit, best first. Out-of-stock variants are chosen only when no other fits.
    /// When no product satisfies every filter the answer is empty; relaxing is the caller's business.
    async fn search(
        &self,
        shop: ShopId,
        locale: &Locale,
        query: &Query,
    ) -> Result<Vec<Match>, CatalogError>;

    /// A product by its own id or that of one of its variants, which is then the chosen one.
    async fn product(&self, shop: ShopId, id: &Name) -> Result<Option<Match>, CatalogError>;

    /// The version of the whole catalogue of a shop.
    async fn version(&self, shop: ShopId) -> Result<Digest, CatalogError>;
}

/// A request to the shop's own systems that has an effect there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Errand {
    /// What is asked: `checkout`, `hand_over`.
    pub kind: Name,
    /// The idempotency key: asked again with it, there is one effect.
    pub key: Made,
    /// When it was decided.
    pub at: Micros,
    /// What it is about.
    pub body: Value,
}

/// The shop's own systems.
#[async_trait]
pub trait Backend: Send + Sync + fmt::Debug {
    /// Runs an errand; the answer is what the shop's system said.
    ///
    /// # Errors
    /// `Ambiguous` when the errand may have had its effect: run it again with the same key.
    async fn run(&self, shop: ShopId, errand: &Errand) -> Result<Value, ToolError>;
}

/// How long a price may be told as present fact.
pub const PRICE_GOOD_FOR: std::time::Duration = std::time::Duration::from_secs(15 * 60);

/// A match as a finding.
#[must_use]
pub fn finding(found: Match, at: Micros) -> Shared<Finding> {
    Shared::from(Finding {
        source: "catalog".into(),
        record: found.facts.product.clone(),
        version: found.version,
        at,
        good_for: PRICE_GOOD_FOR,
        trust: crate::evidence::Trust::Typed,
        body: crate::evidence::Body::Product(Box::new(found.facts)),
    })
}

/// Whether a size is the one that is wished: as it is written, in letters or whole, or within `42-44`.
#[must_use]
pub fn size_fits(has: &str, wanted: &str) -> bool {
    let (has, wanted) = (size(has), size(wanted));
    if has == wanted || has.split('/').any(|one| size(one) == wanted) {
        return true;
    }
    let number = |text: &str| text.trim().parse::<f64>().ok();
    // `120`, of what is sold in `120 cm`, in `Ø 120 cm` or in `120 x 200 cm`.
    let letters = |it: &str| it.chars().all(char::is_alphabetic);
    let sign = |it: char| it.is_alphabetic() && !it.is_ascii();
    let rest = has.trim_start_matches(sign).strip_prefix(&wanted);
    let side = |rest: &str| {
        rest.strip_prefix('x').is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()))
    };
    let ranged = wanted.split_once('-').is_some_and(|(a, b)| number(a).and(number(b)).is_some());
    let rest = rest.filter(|_| number(&wanted).is_some() || ranged);
    if rest.is_some_and(|rest| letters(rest) || side(rest)) {
        return true;
    }
    let range = has.split_once('-').and_then(|(from, to)| Some((number(from)?, number(to)?)));
    range.zip(number(&wanted)).is_some_and(|((from, to), it)| from <= it && it <= to)
}

/// One way to write a size.
fn size(text: &str) -> String {
    // `2,40 m` is `2.40 m`.
    let text: String = text
        .to_lowercase()
        .replace(',', ".")
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '/'))
        .collect();
    match text.as_str() {
        "small" => "s",
        "medium" => "m",
        "large" => "l",
        "extralarge" | "x-large" | "xlarge" => "xl",
        "extrasmall" | "x-small" | "xsmall" => "xs",
        "xx-large" | "xxlarge" | "2xl" => "xxl",
        _ => return text,
    }
    .to_owned()
}

/// The sum of amounts of one currency; none when there are none or the currencies differ.
#[must_use]
pub fn sum<'a>(amounts: impl IntoIterator<Item = &'a Money>) -> Option<Money> {
    let mut amounts = amounts.into_iter();
    let first = amounts.next()?.clone();
    amounts.try_fold(first, |total, amount| {
        let minor = total.minor.checked_add(amount.minor)?;
        (total.currency == amount.currency).then_some(Money { minor, currency: total.currency })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_told_by_its_first_number() {
        for (has, wanted) in [
            ("Ø 60 cm", "60"),
            ("180 x 200 cm", "180"),
            ("140-160 x 200 cm", "140-160"),
            ("2,40 m", "2.40"),
        ] {
            assert!(size_fits(has, wanted), "{has}");
        }
        for (has, wanted) in [("Ø 60 cm", "6"), ("180 x 200 cm", "200"), ("XL", "X")] {
            assert!(!size_fits(has, wanted), "{has}");
        }
    }
}
