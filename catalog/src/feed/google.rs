//! Google Merchant feeds as CSV and TSV: <https://support.google.com/merchants/answer/7052112>.
//!
//! Column names are read with spaces or underscores and with or without `g:`; lines before the header that
//! begin with `#` are skipped; rows that share `item_group_id` are the variants of one product.

use std::collections::{BTreeMap, BTreeSet};

use agent_core::evidence::Stock;
use agent_core::id::Name;
use agent_core::money::Money;
use csv::StringRecord;

use crate::feed::instant;
use crate::feed::report::{FeedError, Report, RowError};
use crate::offers::{Offer, Sale};
use crate::product::{Product, Variant};

/// Lengths beyond which a text is cut (the feed's own limits).
const TITLE_MAX: usize = 150;
const TEXT_MAX: usize = 5_000;
/// Rows between two reports of progress.
const PROGRESS_EVERY: u64 = 5_000;

const ATTRIBUTES: &[&str] =
    &["color", "size", "gender", "age_group", "material", "pattern", "condition"];
const KNOWN: &[&str] = &[
    "id",
    "item_group_id",
    "title",
    "description",
    "link",
    "image_link",
    "availability",
    "price",
    "sale_price",
    "sale_price_effective_date",
    "brand",
    "gtin",
    "mpn",
    "google_product_category",
    "product_type",
];

/// A feed as it came.
#[derive(Copy, Clone, Debug)]
pub struct Feed<'a> {
    /// CSV or TSV.
    pub bytes: &'a [u8],
    /// The currency of prices that name none, by ISO 4217; without one, such a row is an error.
    pub currency: Option<&'a str>,
}

impl<'a> From<&'a [u8]> for Feed<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self { bytes, currency: None }
    }
}

/// Reads a feed. `progress` hears how many rows were read.
///
/// # Errors
/// When the file as a whole can't be used; bad rows are in the report.
pub fn read(
    feed: Feed<'_>,
    mut progress: impl FnMut(u64),
) -> Result<(Vec<Product>, Report), FeedError> {
    let Feed { bytes, currency } = feed;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head = bytes
        .split(|byte| *byte == b'\n')
        .find(|line| !line.starts_with(b"#") && !line.trim_ascii().is_empty());
    let head = head.ok_or(FeedError::Empty)?;
    let tabs = head.iter().filter(|byte| **byte == b'\t').count();
    let commas = head.iter().filter(|byte| **byte == b',').count();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(if tabs > commas { b'\t' } else { b',' })
        .comment(Some(b'#'))
        .flexible(true)
        .from_reader(bytes);
    let headers = reader.headers().map_err(|_| FeedError::Encoding(1))?.clone();
    let columns: Vec<String> = headers.iter().map(column).collect();
    for needed in ["id", "title", "price", "availability"] {
        if !columns.iter().any(|column| column == needed) {
            return Err(FeedError::Column(needed));
        }
    }
    let known =
        |column: &String| KNOWN.contains(&column.as_str()) || ATTRIBUTES.contains(&column.as_str());
    let mut report = Report {
        unknown: columns.iter().filter(|it| !known(it)).cloned().collect(),
        ..Report::default()
    };
    let mut reading = Reading::default();
    let mut record = StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {
                report.rows += 1;
                let line = record.position().map_or(0, csv::Position::line);
                if let Err((field, reason)) =
                    reading.row(&Row { columns: &columns, record: &record, currency })
                {
                    report.wrong(RowError { line, field: field.to_owned(), reason });
                }
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                if matches!(error.kind(), csv::ErrorKind::Io(_)) {
                    return Err(FeedError::File(error.to_string()));
                }
                report.rows += 1;
                report.wrong(RowError {
                    line,
                    field: "row".to_owned(),
                    reason: "is not UTF-8 text".to_owned(),
                });
            }
        }
        if report.rows.is_multiple_of(PROGRESS_EVERY) {
            progress(report.rows);
        }
    }
    progress(report.rows);
    let products = reading.products;
    report.products = products.len() as u64;
    report.variants = products.iter().map(|product| product.variants.len() as u64).sum();
    match report.errors.first().filter(|_| products.is_empty()) {
        Some(first) => Err(FeedError::NoRows(report.rows, first.to_string())),
        None => Ok((products, report)),
    }
}

/// `g:Sale Price` is `sale_price`.
fn column(name: &str) -> String {
    let name = name.trim().to_lowercase();
    name.strip_prefix("g:").unwrap_or(&name).replace([' ', '-'], "_")
}

#[derive(Copy, Clone)]
struct Row<'a> {
    columns: &'a [String],
    record: &'a StringRecord,
    currency: Option<&'a str>,
}

impl<'a> Row<'a> {
    fn get(&self, name: &str) -> &'a str {
        let at = self.columns.iter().position(|column| column == name);
        at.and_then(|at| self.record.get(at)).map_or("", str::trim)
    }

    fn amount(&self, name: &'static str) -> Result<Money, Wrong> {
        let text = self.get(name);
        let bare = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let money = match self.currency.filter(|_| bare && !text.is_empty()) {
            Some(currency) => Money::parse(&format!("{text} {currency}")),
            None => Money::parse(text),
        };
        money.map_err(|error| (name, error.to_string()))
    }

    fn optional(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }
}

type Wrong = (&'static str, String);

#[derive(Default)]
struct Reading {
    products: Vec<Product>,
    groups: BTreeMap<Name, usize>,
    ids: BTreeSet<Name>,
}

impl Reading {
    fn row(&mut self, row: &Row<'_>) -> Result<(), Wrong> {
        let id = Name::from(row.get("id"));
        if id.as_str().is_empty() || id.as_str().chars().count() > 50 {
            return Err(("id", "must have 1 to 50 characters".to_owned()));
        }
        let title = clean(row.get("title"), TITLE_MAX);
        if title.is_empty() {
            return Err(("title", "is empty".to_owned()));
        }
        let variant = Variant {
            offer: offer(row)?,
            link: link("link", row)?,
            image: link("image_link", row)?,
            attributes: attributes(row),
            id: id.clone(),
        };
        if !self.ids.insert(id.clone()) {
            return Err(("id", format!("`{id}` stands twice; the first row counts")));
        }
        let group = row.optional("item_group_id").map_or_else(|| id.clone(), Name::from);
        let codes = [row.get("mpn"), row.get("gtin")]
            .into_iter()
            .filter(|code| !code.is_empty())
            .map(str::to_owned);
        if let Some(product) = self.groups.get(&group).and_then(|at| self.products.get_mut(*at)) {
            product
                .codes
                .extend(codes.filter(|code| !product.codes.contains(code)).collect::<Vec<_>>());
            product.variants.push(variant);
            return Ok(());
        }
        let path = row.optional("product_type").or_else(|| row.optional("google_product_category"));
        self.groups.insert(group.clone(), self.products.len());
        self.products.push(Product {
            id: group,
            title,
            brand: clean(row.get("brand"), 70),
            description: clean(row.get("description"), TEXT_MAX),
            category: path
                .unwrap_or_default()
                .split('>')
                .map(|part| part.trim().to_owned())
                .filter(|it| !it.is_empty())
                .collect(),
            codes: codes.collect(),
            variants: vec![variant],
        });
        Ok(())
    }
}

fn offer(row: &Row<'_>) -> Result<Offer, Wrong> {
    let price = row.amount("price")?;
    if price.minor <= 0 {
        return Err(("price", "must be more than zero".to_owned()));
    }
    let sale = match row.get("sale_price") {
        "" => None,
        _ => {
            let sale = row.amount("sale_price")?;
            if sale.currency != price.currency {
                return Err((
                    "sale_price",
                    format!("is in {}, the price in {}", sale.currency, price.currency),
                ));
            }
            if sale.minor <= 0 || sale > price {
                return Err((
                    "sale_price",
                    "must be more than zero and not above the price".to_owned(),
                ));
            }
            let during = match row.get("sale_price_effective_date") {
                "" => None,
                text => Some(instant::interval(text).ok_or_else(|| {
                    (
                        "sale_price_effective_date",
                        format!("expected two instants of ISO 8601 with a `/`, found `{text}`"),
                    )
                })?),
            };
            Some(Sale { price: sale, during })
        }
    };
    Ok(Offer { price, sale, stock: stock(row.get("availability"))? })
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

fn link(field: &'static str, row: &Row<'_>) -> Result<Option<String>, Wrong> {
    match row.optional(field) {
        None => Ok(None),
        Some(text) => match url::Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "https" | "http") => Ok(Some(text)),
            _ => Err((field, format!("expected a link with http or https, found `{text}`"))),
        },
    }
}

fn attributes(row: &Row<'_>) -> BTreeMap<Name, String> {
    let named = ATTRIBUTES
        .iter()
        .filter_map(|name| Some((Name::from(*name), clean(&row.optional(name)?, 100))));
    named.collect()
}

/// Plain text: no markup, no invisible or turning characters, single spaces, at most so many characters.
fn clean(text: &str, max: usize) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut tag = false;
    for c in text.chars() {
        match c {
            '<' => tag = true,
            '>' if tag => {
                tag = false;
                plain.push(' ');
            }
            _ if tag => {}
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}' => {}
            c if c.is_control() => plain.push(' '),
            c => plain.push(c),
        }
    }
    let joined = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    joined.chars().take(max).collect()
}

#[cfg(test)]
mod tests {
    use agent_core::time::Micros;
    use expect_test::{Expect, expect};

    use super::*;

    fn check(feed: &str, expect: &Expect) {
        check_in(None, feed, expect);
    }

    #[track_caller]
    fn check_in(currency: Option<&str>, feed: &str, expect: &Expect) {
        let said = match read(Feed { bytes: feed.as_bytes(), currency }, |_| {}) {
            Err(error) => format!("{error}\n"),
            Ok((products, report)) => {
                let mut said = String::new();
                for product in products {
                    said.push_str(&format!(
                        "{} {} {:?}\n",
                        product.id, product.title, product.category
                    ));
                    for variant in product.variants {
                        let (price, was) = variant.offer.at(Micros(1_770_000_000_000_000));
                        said.push_str(&format!(
                            "  {} {price} {was:?} {:?} {:?}\n",
                            variant.id, variant.offer.stock, variant.attributes
                        ));
                    }
                }
                for error in report.errors {
                    said.push_str(&format!("{error}\n"));
                }
                said
            }
        };
        expect.assert_eq(&said);
    }

    #[test]
    fn rows_of_a_group_are_one_product_and_sales_hold_in_their_time() {
        check(
            "# made by hand\nid\titem group id\tg:title\tprice\tsale_price\tsale price effective date\tavailability\tsize\tproduct_type\n\
             a1\ta\t<b>Blue</b>\u{200b} Hat\t20.00 EUR\t15.00 EUR\t2026-01-01T00:00+00:00/2027-01-01T00:00+00:00\tin stock\tS\tHats > Sun\n\
             a2\ta\tBlue Hat\t20 EUR\t15 EUR\t2025-01-01/2025-02-01\tout_of_stock\tM\tHats > Sun\n",
            &expect![[r#"
                a Blue Hat ["Hats", "Sun"]
                  a1 15.00 EUR Some(Money { minor: 2000, currency: EUR }) In(None) {size: "S"}
                  a2 20.00 EUR None Out {size: "M"}
            "#]],
        );
    }

    #[test]
    fn a_bad_row_is_reported_and_the_good_ones_load() {
        check(
            "id,title,price,sale_price,availability,link\n\
             1,Good,5.00 EUR,,in_stock,https://shop.example/1\n\
             2,,5.00 EUR,,in_stock,\n\
             3,No price,5 EURO,,in_stock,\n\
             4,Sale above,5.00 EUR,6.00 EUR,in_stock,\n\
             5,Stock,5.00 EUR,,maybe,\n\
             6,Link,5.00 EUR,,in_stock,javascript:x\n\
             1,Twice,5.00 EUR,,in_stock,\n",
            &expect![[r#"
                1 Good []
                  1 5.00 EUR None In(None) {}
                line 3, title: is empty
                line 4, price: `EURO` is not a currency code of ISO 4217
                line 5, sale_price: must be more than zero and not above the price
                line 6, availability: expected in_stock, out_of_stock, preorder or backorder, found `maybe`
                line 7, link: expected a link with http or https, found `javascript:x`
                line 8, id: `1` stands twice; the first row counts
            "#]],
        );
    }

    #[test]
    fn a_price_that_names_no_currency_is_in_the_shops() {
        check_in(
            Some("CHF"),
            "id,title,price,sale_price,availability\n1,Hat,20.00,15,in_stock\n2,Cap,5 EUR,,in_stock\n3,Tie,,,in_stock\n",
            &expect![[r#"
                1 Hat []
                  1 15.00 CHF Some(Money { minor: 2000, currency: CHF }) In(None) {}
                2 Cap []
                  2 5.00 EUR None In(None) {}
                line 4, price: expected an amount such as `15.00 USD`, found ``
            "#]],
        );
    }

    #[test]
    fn a_file_that_is_no_feed_says_so() {
        check("", &expect![["the feed is empty; its first line must name the columns\n"]]);
        check(
            "id,title\n1,x\n",
            &expect![[
                "the feed has no column `price`; it needs id, title, price and availability\n"
            ]],
        );
        check(
            "id,title,price,availability\n1,x,free,in_stock\n",
            &expect![[
                "none of the 1 rows can be used; the first: line 2, price: expected an amount such as `15.00 USD`, found `free`\n"
            ]],
        );
    }
}
