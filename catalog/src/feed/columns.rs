//! The columns of a feed: which of them are read, and where each stands.

use std::collections::BTreeMap;

use csv::StringRecord;

use super::report::FeedError;

/// What tells a variant from its siblings, and other typed fields.
pub(super) const ATTRIBUTES: &[&str] =
    &["color", "size", "gender", "age_group", "material", "pattern", "condition"];
const NEEDED: &[&str] = &["id", "title", "price", "availability"];
const READ: &[&str] = &[
    "item_group_id",
    "description",
    "link",
    "image_link",
    "availability_date",
    "sale_price",
    "sale_price_effective_date",
    "brand",
    "gtin",
    "mpn",
    "google_product_category",
    "product_type",
];

/// Where each column that is read stands.
pub(super) struct Columns {
    at: BTreeMap<&'static str, usize>,
    /// How many columns the header names.
    pub(super) count: usize,
    /// Columns without use, each with the one that was perhaps meant.
    pub(super) unknown: Vec<String>,
}

impl Columns {
    /// Reads a header. Names are read with spaces or underscores, and with or without `g:`.
    pub(super) fn of(header: &StringRecord) -> Result<Self, FeedError> {
        let mut columns = Self { at: BTreeMap::new(), count: header.len(), unknown: Vec::new() };
        let known = || NEEDED.iter().chain(READ).chain(ATTRIBUTES);
        let mut strange = Vec::new();
        for (at, name) in header.iter().enumerate() {
            let name = plain(name);
            match known().find(|known| **known == name) {
                Some(known) => _ = columns.at.entry(known).or_insert(at),
                None => strange.push(name),
            }
        }
        let near = |name: &str, wanted: &str| distance(name, wanted) <= wanted.len() / 4 + 1;
        for needed in NEEDED {
            if !columns.at.contains_key(needed) {
                let meant = strange.iter().find(|name| near(name, needed)).cloned();
                return Err(FeedError::Column { needed, meant });
            }
        }
        for name in strange {
            let free = known().filter(|known| !columns.at.contains_key(**known));
            let meant = free.min_by_key(|known| distance(&name, known));
            let meant = meant.filter(|known| known.len() > 3 && near(&name, known));
            columns.unknown.push(match meant {
                Some(meant) => format!("{name} (perhaps `{meant}` is meant)"),
                None => name,
            });
        }
        Ok(columns)
    }

    pub(super) fn get<'a>(&self, record: &'a StringRecord, name: &str) -> &'a str {
        self.at.get(name).and_then(|at| record.get(*at)).map_or("", str::trim)
    }
}

/// `g:Sale Price` is `sale_price`, `colour` is `color`.
fn plain(name: &str) -> String {
    let name = name.trim().to_lowercase();
    match name.strip_prefix("g:").unwrap_or(&name).replace([' ', '-'], "_") {
        british if british == "colour" => "color".to_owned(),
        name => name,
    }
}

/// How many letters must be changed, put in or left out to make one name another.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut corner = std::mem::replace(row.first_mut().unwrap_or(&mut 0), i + 1);
        let mut left = i + 1;
        for (y, above) in b.bytes().zip(row.iter_mut().skip(1)) {
            let cost = (corner + usize::from(x != y)).min(left + 1).min(*above + 1);
            corner = std::mem::replace(above, cost);
            left = cost;
        }
    }
    row.last().copied().unwrap_or_default()
}
