//! Which variants of a product a search means: its filters, on what stands now.

use std::collections::BTreeMap;

use agent_core::catalog::{Query, Sort, size_fits};
use agent_core::compound::{is_shade, made_of};
use agent_core::id::Name;
use agent_core::money::{Decimal, Money};

use crate::facets::{Facets, Filter, Said};
use crate::product::{Product, Variant};

/// What a search asks for beside its words, read once.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    facets: &'a Facets,
    brands: Vec<Filter<'a>>,
    attributes: Vec<Filter<'a>>,
    /// What no attribute may say.
    without: Vec<Filter<'a>>,
    /// What neither category nor title may hold, word by word.
    unnamed: Vec<Vec<String>>,
    /// The query's words that attributes say.
    said: Vec<Said<'a>>,
    words: u32,
    /// Words that category and title must hold.
    category: Vec<String>,
    min: Bound<'a>,
    max: Bound<'a>,
    /// What a price weighs.
    sign: i64,
}

/// What a price weighs in an order: what weighs less goes first.
pub(crate) fn sign(sort: Sort) -> i64 {
    match sort {
        Sort::Relevance => 0,
        Sort::Cheapest => 1,
        Sort::Dearest => -1,
    }
}

/// A limit of price, and what it is in the currency that was met last.
#[derive(Debug)]
struct Bound<'a> {
    limit: Option<&'a Decimal>,
    known: Option<(Name, Option<i64>)>,
}

/// The best variant of a product.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    /// Its place among the variants.
    pub(crate) variant: usize,
    /// Whether it can be ordered.
    pub(crate) orderable: bool,
    /// What it costs, in minor units.
    pub(crate) price: i64,
}

impl<'a> Bound<'a> {
    fn of(limit: Option<&'a Decimal>) -> Self {
        Self { limit, known: None }
    }

    /// The limit in minor units of a currency; none where there is no limit.
    fn minor(&mut self, currency: &Name) -> Option<i64> {
        let limit = self.limit?;
        match &self.known {
            Some((known, minor)) if known == currency => *minor,
            _ => {
                let minor = limit.minor(currency.as_str());
                self.known = Some((currency.clone(), minor));
                minor
            }
        }
    }
}

impl<'a> Wanted<'a> {
    /// What a query asks for, of goods that are like this.
    pub(crate) fn of(query: &'a Query, facets: &'a Facets) -> Self {
        let (min, max) = (query.min_price.as_ref(), query.max_price.as_ref());
        let said: Vec<String> =
            query.words.split_whitespace().take(32).map(str::to_lowercase).collect();
        let mut read = Self {
            facets,
            brands: Vec::new(),
            attributes: Vec::new(),
            without: Vec::new(),
            unnamed: Vec::new(),
            said: facets.said(&said),
            words: said.len() as u32,
            category: Vec::new(),
            min: Bound::of(min),
            max: Bound::of(max),
            sign: sign(query.sort),
        };
        for (name, wanted) in &query.filters {
            let wanted = wanted.trim().to_lowercase();
            match name.as_str() {
                "category" => read.category.extend(parts(&wanted).map(singular)),
                "brand" => read.brands.push(facets.brand(|has| words(has?, &wanted))),
                name => read.attributes.push(facets.attribute(name, |has| match name {
                    "gender" => same_gender(has.unwrap_or("unisex"), &wanted),
                    "size" => size_fits(&has?.to_lowercase(), &wanted).then_some(0),
                    "color" => words(has?, &wanted).or_else(|| shade(has?, &wanted)),
                    _ => words(has?, &wanted),
                })),
            }
        }
        for unwanted in query.without.iter().map(|it| it.trim().to_lowercase()) {
            let words: Vec<String> = parts(&unwanted).map(singular).collect();
            if words.is_empty() {
                continue;
            }
            read.without.extend(facets.any(|has| self::words(has, &unwanted)));
            read.unnamed.push(words);
        }
        read
    }

    /// The best variant of the product at a place; none when no variant satisfies every filter. `offer` tells
    /// the price of a variant now, and whether it can be ordered.
    ///
    /// What can be ordered goes before what can't, exact before partial, what has more of the query's words
    /// before what has fewer, then the cheapest or the dearest where that is asked for, the feed's order last.
    pub(crate) fn choose<'p>(
        &mut self,
        at: usize,
        product: &'p Product,
        offer: impl Fn(&'p Variant) -> (&'p Money, bool),
    ) -> Option<Chosen> {
        let mut all = 0;
        for brand in &self.brands {
            all += brand.fit(at)?;
        }
        let first = self.facets.first(at);
        let mut best: Option<((bool, u8, u32, i64), Chosen)> = None;
        for (n, variant) in product.variants.iter().enumerate() {
            let mut fits = self.attributes.iter().map(|attribute| attribute.fit(first + n));
            let Some(loose) = fits.try_fold(all, |loose, fit| Some(loose + fit?)) else { continue };
            if self.without.iter().any(|unwanted| unwanted.fit(first + n).is_some()) {
                continue;
            }
            let (price, orderable) = offer(variant);
            let minor = price.minor;
            if self.min.minor(&price.currency).is_some_and(|min| minor < min)
                || self.max.minor(&price.currency).is_some_and(|max| minor > max)
            {
                continue;
            }
            let said =
                self.said.iter().fold(0, |said, attribute| said | attribute.words(first + n));
            let unsaid = self.words.saturating_sub(said.count_ones());
            let rank = (!orderable, loose, unsaid, self.sign * minor);
            if best.as_ref().is_none_or(|(held, _)| rank < *held) {
                best = Some((rank, Chosen { variant: n, orderable, price: minor }));
            }
        }
        let (_, chosen) = best?;
        self.of_kind(product).then_some(chosen)
    }

    /// Whether category and title hold what they must, and not what they must not.
    fn of_kind(&self, product: &Product) -> bool {
        if self.category.is_empty() && self.unnamed.is_empty() {
            return true;
        }
        let texts = product.category.iter().chain([&product.title]);
        let stems: Vec<String> = texts.flat_map(|text| parts(text)).map(singular).collect();
        let all = |words: &Vec<String>| words.iter().all(|word| stems.contains(word));
        all(&self.category) && !self.unnamed.iter().any(all)
    }
}

/// Which products are of the kind that some words say.
#[derive(Debug)]
pub(crate) struct Kinds<'p> {
    words: Vec<String>,
    /// What was found of each category: there are few of them, and many products.
    known: BTreeMap<&'p [String], bool>,
}

impl<'p> Kinds<'p> {
    pub(crate) fn of(words: &str) -> Self {
        Self { words: parts(words).map(singular).collect(), known: BTreeMap::new() }
    }

    pub(crate) fn has(&mut self, product: &'p Product) -> bool {
        let words = &self.words;
        let Some((kind, wider)) = product.category.split_last().filter(|_| !words.is_empty())
        else {
            return false;
        };
        let stems = |text: &String| parts(text).map(singular).collect::<Vec<_>>();
        // `Tents` are no `Tent accessories`.
        *self.known.entry(&product.category).or_insert_with(|| {
            let own = stems(kind);
            // `Smartphones` are phones, where they are below `Phones`; `Handschuhe` are no `Schuhe`.
            let made = match (own.as_slice(), words.as_slice()) {
                ([own], [word]) => made_of(own, word) && wider.iter().any(|it| stems(it) == *words),
                _ => false,
            };
            let same = own.iter().all(|word| words.contains(word));
            made || same && words.iter().all(|it| own.contains(it))
        })
    }
}

/// `blue` is `blue` exactly, and `light blue` in part.
fn words(has: &str, wanted: &str) -> Option<u8> {
    if same(has, wanted) {
        return Some(0);
    }
    wanted.split_whitespace().all(|word| parts(has).any(|part| same(part, word))).then_some(1)
}

/// `Dunkelbraun` is brown in part.
fn shade(has: &str, wanted: &str) -> Option<u8> {
    parts(has).any(|part| is_shade(&part.to_lowercase(), wanted)).then_some(1)
}

/// Equal but for the case of what is held; cheap where it is plain letters, as nearly always.
fn same(has: &str, wanted: &str) -> bool {
    has.eq_ignore_ascii_case(wanted) || !has.is_ascii() && has.to_lowercase() == wanted
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty())
}

fn singular(word: &str) -> String {
    let word = word.to_lowercase();
    let word = word
        .strip_suffix("es")
        .filter(|stem| stem.ends_with("sh") || stem.ends_with("ss") || stem.ends_with('x'))
        .unwrap_or(&word);
    word.strip_suffix('s')
        .filter(|stem| stem.len() > 2 && !stem.ends_with('s'))
        .unwrap_or(word)
        .to_owned()
}

/// What is for everybody fits in part.
fn same_gender(has: &str, wanted: &str) -> Option<u8> {
    let has = has.to_lowercase();
    match (gender(&has), gender(wanted)) {
        (has, wanted) if has == wanted => Some(0),
        ("unisex", _) => Some(1),
        _ => None,
    }
}

fn gender(word: &str) -> &str {
    match word {
        "women" | "woman" | "womens" | "women's" | "ladies" | "girls" => "female",
        "men" | "man" | "mens" | "men's" | "gentlemen" | "boys" => "male",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_that_is_made_of_another_is_of_it() {
        let product = |category: &str| Product {
            id: "p".into(),
            title: String::new(),
            brand: String::new(),
            description: String::new(),
            category: category.split(" > ").map(str::to_owned).collect(),
            codes: Vec::new(),
            variants: Vec::new(),
        };
        let has = |words: &str, category: &str| {
            let product = product(category);
            Kinds::of(words).has(&product)
        };
        assert!(has("phones", "Phones > Smartphones") && has("tents", "Tent"));
        assert!(!has("phones", "Phones > Phone Cases") && !has("phones", "Audio > Headphones"));
        assert!(!has("schuhe", "Accessoires > Handschuhe"));
    }
}
