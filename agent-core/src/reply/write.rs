//! How amounts and stock are written in the customer's language, by the pack's lexicon and phrases.

use crate::evidence::{Stock, VariantFacts};
use crate::id::Locale;
use crate::money::Money;
use crate::pack::{Pack, Writing};

/// Below this many pieces the stock is called small.
const FEW: u32 = 4;

/// An amount as the customer reads it: `€1,299.00` or `1.299,00 €`.
#[must_use]
pub fn money(amount: &Money, pack: &Pack, locale: &Locale) -> String {
    let writing = pack.lexicon(locale).map(|lexicon| lexicon.writing.clone()).unwrap_or_default();
    let sign = writing.signs.get(&amount.currency).map_or(amount.currency.as_str(), String::as_str);
    let minus = if amount.minor < 0 { "-" } else { "" };
    let number = format!("{minus}{}", number(amount, &writing));
    writing.money.replace("{number}", &number).replace("{sign}", sign)
}

fn number(amount: &Money, writing: &Writing) -> String {
    let (whole, rest, places) = amount.split();
    let digits = whole.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n) % 3 == 0 {
            grouped.push_str(&writing.group);
        }
        grouped.push(digit);
    }
    if places > 0 {
        grouped.push_str(&writing.decimal);
        grouped.push_str(&format!("{rest:0places$}", places = places as usize));
    }
    grouped
}

/// The phrase for a stock.
#[must_use]
pub fn stock(stock: Stock, pack: &Pack, locale: &Locale) -> String {
    let name = match stock {
        Stock::In(Some(0)) | Stock::Out => "stock.out",
        Stock::In(Some(n)) if n < FEW => "stock.few",
        Stock::In(_) => "stock.in",
        Stock::Preorder => "stock.preorder",
        Stock::Backorder => "stock.backorder",
    };
    let count = match stock {
        Stock::In(Some(n)) => n.to_string(),
        _ => String::new(),
    };
    pack.say(name, locale, &[("count", &count)])
}

/// What tells a variant from its siblings, for reading: `blue, M`.
#[must_use]
pub fn options(variant: &VariantFacts) -> String {
    let named =
        ["color", "size", "pattern"].into_iter().filter_map(|name| variant.attributes.get(name));
    named.map(String::as_str).filter(|value| !value.is_empty()).collect::<Vec<_>>().join(", ")
}
