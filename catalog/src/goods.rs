//! The goods of all shops of a process, and the core's `Catalog` port over them.
//!
//! A catalogue on disk is one file of JSON lines, written whole and renamed into place, so that a broken
//! import leaves the last good one in force. Its index is built in memory when it is opened.

use std::collections::BTreeMap;
use std::io::{BufRead as _, Write as _};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use agent_core::catalog::{Catalog, CatalogError, Match, Query, Sort};
use agent_core::digest::Digest;
use agent_core::evidence::{ProductFacts, VariantFacts};
use agent_core::id::{Locale, Name, ShopId};
use agent_core::time::{Clock, Micros};
use async_trait::async_trait;

use crate::feed::google::{self, Feed};
use crate::feed::{FeedError, Report};
use crate::index::Texts;
use crate::offers::Offer;
use crate::product::Product;
use crate::select;

/// The file a catalogue is kept in.
const FILE: &str = "goods.jsonl";
/// Products told where the query leaves it open, and at most.
const LIMIT: usize = 5;
const LIMIT_MAX: usize = 20;
/// Products looked at before filters.
const LOOKED_AT: usize = 2_000;

/// Why goods can't be loaded. What was in force stays in force.
#[derive(Debug, thiserror::Error)]
pub enum GoodsError {
    /// The feed can't be used.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// The index can't be built.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// A file can't be read or written.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// A file is not what was written.
    #[error("{path}, line {line}: {reason}; import the feed again")]
    Damaged {
        /// Which.
        path: String,
        /// Where.
        line: usize,
        /// Why.
        reason: String,
    },
}

/// What a shop has.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Products.
    pub products: usize,
    /// Their variants.
    pub variants: usize,
    /// Variants that can be ordered now.
    pub orderable: usize,
}

/// The goods of all shops.
#[derive(Debug)]
pub struct Goods {
    clock: Arc<dyn Clock>,
    shops: RwLock<BTreeMap<ShopId, Arc<Loaded>>>,
}

/// One shop's goods.
#[derive(Debug)]
struct Loaded {
    products: Vec<Product>,
    by_id: BTreeMap<Name, (usize, Option<usize>)>,
    texts: Texts,
    version: Digest,
    /// Offers that were changed since the feed, and how often.
    offers: RwLock<(u64, BTreeMap<Name, Offer>)>,
}

impl Goods {
    /// No goods yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, shops: RwLock::new(BTreeMap::new()) }
    }

    /// Reads a feed and puts it in force; kept in `dir` where one is given.
    ///
    /// # Errors
    /// When the feed can't be used or the file not written; then what was in force stays.
    pub fn import<'f>(
        &self,
        shop: ShopId,
        feed: impl Into<Feed<'f>>,
        dir: Option<&Path>,
        progress: impl FnMut(u64),
    ) -> Result<Report, GoodsError> {
        let (products, report) = google::read(feed.into(), progress)?;
        let loaded = Loaded::new(products)?;
        if let Some(dir) = dir {
            save(dir, &loaded.products)?;
        }
        self.put(shop, loaded);
        Ok(report)
    }

    /// Opens what an import kept; false when there is none.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn open(&self, shop: ShopId, dir: &Path) -> Result<bool, GoodsError> {
        let path = dir.join(FILE);
        let named = |error| GoodsError::File { path: path.display().to_string(), error };
        let file = match std::fs::File::open(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            file => file.map_err(named)?,
        };
        let mut products = Vec::new();
        for (n, line) in std::io::BufReader::new(file).lines().enumerate() {
            let product = serde_json::from_str(&line.map_err(named)?).map_err(|error| {
                GoodsError::Damaged {
                    path: path.display().to_string(),
                    line: n + 1,
                    reason: error.to_string(),
                }
            })?;
            products.push(product);
        }
        self.put(shop, Loaded::new(products)?);
        Ok(true)
    }

    /// Changes price or stock of a variant, visible to the next read. False when there is no such variant.
    pub fn update(&self, shop: ShopId, variant: &Name, offer: Offer) -> bool {
        let Some(loaded) = self.shop(shop).filter(|loaded| loaded.by_id.contains_key(variant))
        else {
            return false;
        };
        let mut offers = loaded.offers.write().unwrap_or_else(PoisonError::into_inner);
        offers.0 += 1;
        offers.1.insert(variant.clone(), offer);
        true
    }

    /// What a shop has.
    #[must_use]
    pub fn stats(&self, shop: ShopId) -> Stats {
        let Some(loaded) = self.shop(shop) else { return Stats::default() };
        let variants = loaded.products.iter().flat_map(|product| &product.variants);
        let orderable =
            variants.clone().filter(|variant| variant.offer.stock.can_be_ordered()).count();
        Stats { products: loaded.products.len(), variants: variants.count(), orderable }
    }

    fn put(&self, shop: ShopId, loaded: Loaded) {
        self.shops.write().unwrap_or_else(PoisonError::into_inner).insert(shop, Arc::new(loaded));
    }

    fn shop(&self, shop: ShopId) -> Option<Arc<Loaded>> {
        self.shops.read().unwrap_or_else(PoisonError::into_inner).get(&shop).cloned()
    }

    fn loaded(&self, shop: ShopId) -> Result<Arc<Loaded>, CatalogError> {
        self.shop(shop).ok_or_else(|| CatalogError("no feed was imported for this shop".to_owned()))
    }
}

impl Loaded {
    fn new(products: Vec<Product>) -> Result<Self, CatalogError> {
        let mut by_id = BTreeMap::new();
        for (at, product) in products.iter().enumerate() {
            for (n, variant) in product.variants.iter().enumerate() {
                by_id.insert(variant.id.clone(), (at, Some(n)));
            }
        }
        // A product's own id goes before a variant's of the same name, unless it is its only variant.
        for (at, product) in products.iter().enumerate() {
            by_id.entry(product.id.clone()).or_insert((at, None));
        }
        let mut lines = Vec::new();
        for product in &products {
            serde_json::to_writer(&mut lines, product)
                .map_err(|error| CatalogError(error.to_string()))?;
        }
        let texts = Texts::build(&products)?;
        Ok(Self { by_id, texts, version: Digest::of(&lines), offers: RwLock::default(), products })
    }

    /// What fits a query, best first; a few more than are told, for what can't be had goes last.
    fn matches(
        &self,
        query: &Query,
        limit: usize,
        loose: bool,
        now: Micros,
    ) -> Result<Vec<ProductFacts>, CatalogError> {
        let found = self.texts.search(&query.words, LOOKED_AT, loose)?;
        let sorted = query.sort != Sort::Relevance;
        // A junk tail is not worth sorting by price: only what is near the best fit is.
        let floor = found.first().map_or(0.0, |(_, score)| score * if sorted { 0.5 } else { 0.0 });
        let mut matches = Vec::new();
        for (at, score) in found {
            if score < floor || !sorted && matches.len() >= limit * 4 {
                break;
            }
            let Some(mut facts) = self.facts(at, now) else { continue };
            if let Some(chosen) = select::choose(&facts, query) {
                facts.chosen = chosen;
                matches.push(facts);
            }
        }
        Ok(matches)
    }

    fn facts(&self, at: usize, now: Micros) -> Option<ProductFacts> {
        let product = self.products.get(at)?;
        let offers = self.offers.read().unwrap_or_else(PoisonError::into_inner);
        let variants = product.variants.iter().map(|variant| {
            let offer = offers.1.get(&variant.id).unwrap_or(&variant.offer);
            let (price, was) = offer.at(now);
            VariantFacts {
                variant: variant.id.clone(),
                attributes: variant.attributes.clone(),
                price,
                was,
                stock: offer.stock,
                link: variant.link.clone(),
                image: variant.image.clone(),
            }
        });
        Some(ProductFacts {
            product: product.id.clone(),
            title: product.title.clone(),
            brand: product.brand.clone(),
            description: product.description.clone(),
            category: product.category.clone(),
            chosen: 0,
            variants: variants.collect(),
        })
    }
}

fn matched(facts: ProductFacts) -> Match {
    Match { version: Digest::of_value(&facts.variants), facts }
}

#[async_trait]
impl Catalog for Goods {
    async fn search(
        &self,
        shop: ShopId,
        _: &Locale,
        query: &Query,
    ) -> Result<Vec<Match>, CatalogError> {
        let loaded = self.loaded(shop)?;
        let now = self.clock.now();
        let limit = match usize::from(query.limit) {
            0 => LIMIT,
            limit => limit.min(LIMIT_MAX),
        };
        let mut matches = loaded.matches(query, limit, false, now)?;
        if matches.is_empty() {
            matches = loaded.matches(query, limit, true, now)?;
        }
        let price = |facts: &ProductFacts| facts.variant().map_or(0, |variant| variant.price.minor);
        match query.sort {
            // Fit decides, then whether it can be had.
            Sort::Relevance => matches
                .sort_by_key(|facts| !facts.variant().is_some_and(|it| it.stock.can_be_ordered())),
            Sort::Cheapest => matches.sort_by_key(price),
            Sort::Dearest => matches.sort_by_key(|facts| -price(facts)),
        }
        matches.truncate(limit);
        Ok(matches.into_iter().map(matched).collect())
    }

    async fn product(&self, shop: ShopId, id: &Name) -> Result<Option<Match>, CatalogError> {
        let loaded = self.loaded(shop)?;
        let Some((at, variant)) = loaded.by_id.get(id).copied() else { return Ok(None) };
        let Some(mut facts) = loaded.facts(at, self.clock.now()) else { return Ok(None) };
        let orderable = || facts.variants.iter().position(|variant| variant.stock.can_be_ordered());
        facts.chosen = variant.or_else(orderable).unwrap_or(0);
        Ok(Some(matched(facts)))
    }

    async fn version(&self, shop: ShopId) -> Result<Digest, CatalogError> {
        let loaded = self.loaded(shop)?;
        let changes = loaded.offers.read().unwrap_or_else(PoisonError::into_inner).0;
        Ok(Digest::of(format!("{}/{changes}", loaded.version).as_bytes()))
    }
}

/// Writes a catalogue whole, syncs it, and renames it into place.
fn save(dir: &Path, products: &[Product]) -> Result<(), GoodsError> {
    let (path, fresh) = (dir.join(FILE), dir.join(format!("{FILE}.new")));
    let named = |error| GoodsError::File { path: path.display().to_string(), error };
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(dir)?;
        let mut file = std::io::BufWriter::new(std::fs::File::create(&fresh)?);
        for product in products {
            serde_json::to_writer(&mut file, product)?;
            file.write_all(b"\n")?;
        }
        file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        std::fs::rename(&fresh, &path)?;
        std::fs::File::open(dir)?.sync_all()
    };
    write().map_err(named)
}
