//! Google Merchant feeds as CSV and TSV: <https://support.google.com/merchants/answer/7052112>.
//!
//! Lines before the header that begin with `#` are skipped; rows that share `item_group_id` are the variants
//! of one product.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use agent_core::id::Name;
use csv::{Position, ReaderBuilder, StringRecord};

use super::columns::Columns;
use super::report::{FeedError, Report, RowError};
use super::row::{Row, Wrong, attributes, link, offer};
use super::text::{clean, decoded};
use crate::product::{Product, Variant};

/// Lengths beyond which a text is cut (the feed's own limits).
const TITLE_MAX: usize = 150;
const TEXT_MAX: usize = 5_000;
/// Rows between two reports of progress.
const PROGRESS_EVERY: u64 = 5_000;

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
    let mut reading = Reading { currency: feed.currency, ..Reading::default() };
    reading.file(feed.bytes, &mut progress)?;
    let Reading { products, mut report, .. } = reading;
    progress(report.rows);
    report.products = products.len() as u64;
    report.variants = products.iter().map(|product| product.variants.len() as u64).sum();
    match (products.is_empty(), report.errors.first()) {
        (true, Some(first)) => Err(FeedError::NoRows(report.rows, first.to_string())),
        (true, None) => Err(FeedError::NoGoods),
        (false, _) => Ok((products, report)),
    }
}

#[derive(Default)]
struct Reading<'a> {
    currency: Option<&'a str>,
    products: Vec<Product>,
    groups: BTreeMap<Name, usize>,
    ids: BTreeSet<Name>,
    report: Report,
}

impl Reading<'_> {
    fn file(&mut self, bytes: &[u8], progress: &mut impl FnMut(u64)) -> Result<(), FeedError> {
        let text = decoded(bytes).ok_or(FeedError::Encoding)?;
        let (above, text) = below_comments(&text);
        if text.trim_ascii().is_empty() {
            return Err(FeedError::Empty);
        }
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter(text))
            .flexible(true)
            .from_reader(Cursor::new(text));
        let columns = Columns::of(reader.headers().map_err(|_| FeedError::Encoding)?)?;
        self.report.unknown.clone_from(&columns.unknown);
        let mut record = StringRecord::new();
        let mut lines = Lines { text, counted: 0, number: above + 1 };
        loop {
            let (at, wrong) = match reader.read_record(&mut record) {
                Ok(false) => return Ok(()),
                Ok(true) => {
                    let row = Row { columns: &columns, record: &record };
                    let at = lines.start(record.position());
                    if row.is_torn() {
                        // A quotation mark that nobody closed: what it swallowed is read again.
                        reader
                            .seek(lines.below(at))
                            .map_err(|it| FeedError::File(it.to_string()))?;
                    }
                    (at, self.row(&row).err())
                }
                Err(error) if matches!(error.kind(), csv::ErrorKind::Io(_)) => {
                    return Err(FeedError::File(error.to_string()));
                }
                Err(error) => {
                    (lines.start(error.position()), Some(("row", "is not UTF-8 text".to_owned())))
                }
            };
            self.report.rows += 1;
            if let Some((field, reason)) = wrong {
                let field = field.to_owned();
                self.report.wrong(RowError { line: lines.number(at), field, reason });
            }
            if self.report.rows.is_multiple_of(PROGRESS_EVERY) {
                progress(self.report.rows);
            }
        }
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), Wrong> {
        let (fields, named) = (row.record.len(), row.columns.count);
        let more = row.record.iter().skip(named).any(|field| !field.trim().is_empty());
        if more || row.is_torn() {
            let why = "put one that holds the delimiter or a line's end in quotation marks, and close them";
            return Err((
                "row",
                format!("has {fields} fields where the header names {named}; {why}"),
            ));
        }
        let id = Name::from(row.get("id"));
        if id.as_str().is_empty() || id.as_str().chars().count() > 50 {
            return Err(("id", "must have 1 to 50 characters".to_owned()));
        }
        let title = clean(row.get("title"), TITLE_MAX);
        if title.is_empty() {
            return Err(("title", "is empty".to_owned()));
        }
        let variant = Variant {
            offer: offer(row, self.currency)?,
            link: link("link", row)?,
            image: link("image_link", row)?,
            attributes: attributes(row)?,
            id: id.clone(),
        };
        if !self.ids.insert(id.clone()) {
            return Err(("id", format!("`{id}` stands twice; the first row counts")));
        }
        self.put(row, title, variant);
        Ok(())
    }

    /// Puts a variant with its product.
    fn put(&mut self, row: &Row<'_>, title: String, variant: Variant) {
        let group = row.optional("item_group_id").map_or_else(|| variant.id.clone(), Name::from);
        let codes = [row.get("mpn"), row.get("gtin")].into_iter().filter(|code| !code.is_empty());
        if let Some(product) = self.groups.get(&group).and_then(|at| self.products.get_mut(*at)) {
            for code in codes {
                if !product.codes.iter().any(|known| known == code) {
                    product.codes.push(code.to_owned());
                }
            }
            if product.title != title {
                product.title = shared(&product.title, &title).to_owned();
            }
            product.variants.push(variant);
            return;
        }
        let path = row.optional("product_type").or_else(|| row.optional("google_product_category"));
        let path = path.unwrap_or_default().split('>').map(|part| clean(part, TITLE_MAX));
        self.groups.insert(group.clone(), self.products.len());
        self.products.push(Product {
            id: group,
            title,
            brand: clean(row.get("brand"), 70),
            description: clean(row.get("description"), TEXT_MAX),
            category: path.filter(|it| !it.is_empty()).collect(),
            codes: codes.map(str::to_owned).collect(),
            variants: vec![variant],
        });
    }
}

/// What stands below the lines that begin with `#`, and how many those are.
fn below_comments(text: &[u8]) -> (u64, &[u8]) {
    let (mut rest, mut lines) = (text, 0);
    while rest.starts_with(b"#") {
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
        rest = rest.get(end..).unwrap_or_default();
        lines += 1;
    }
    (lines, rest)
}

/// What parts the columns: the commonest mark of the header.
fn delimiter(text: &[u8]) -> u8 {
    let mut lines = text.split(|byte| matches!(byte, b'\n' | b'\r'));
    let header = lines.find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let count = |mark: &u8| header.iter().filter(|byte| *byte == mark).count();
    [b';', b',', b'\t'].into_iter().max_by_key(count).unwrap_or(b',')
}

/// Where the lines of a file are: the reader counts no empty ones.
struct Lines<'a> {
    text: &'a [u8],
    counted: usize,
    number: u64,
}

impl Lines<'_> {
    /// Where a record begins; the end of the line before may still stand in front of it.
    fn start(&self, position: Option<&Position>) -> usize {
        let at = position.and_then(|position| usize::try_from(position.byte()).ok());
        let at = at.unwrap_or_default();
        let rest = self.text.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count()
    }

    /// Where the line below begins.
    fn below(&self, at: usize) -> Position {
        let rest = self.text.get(at..).unwrap_or_default();
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let mut position = Position::new();
        position.set_byte((at + end + 1) as u64);
        position
    }

    /// The number of a line; asked in their order.
    fn number(&mut self, at: usize) -> u64 {
        let between = self.text.get(self.counted..at).unwrap_or_default();
        self.number += between.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.counted = self.counted.max(at);
        self.number
    }
}

/// What the titles of two variants have in common at their front: the product's name. The first title
/// where that is less than two words.
fn shared<'a>(a: &'a str, b: &str) -> &'a str {
    let same = a.split(' ').zip(b.split(' ')).take_while(|(a, b)| a == b).count();
    let end = a.match_indices(' ').nth(same.saturating_sub(1)).map_or(a.len(), |(at, _)| at);
    if same < 2 {
        return a;
    }
    let name = a.get(..end).unwrap_or(a);
    name.trim_end_matches(|c: char| !c.is_alphanumeric() && c != ')' && c != '"')
}

#[cfg(test)]
mod tests;
