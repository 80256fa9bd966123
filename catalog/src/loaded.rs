//! One shop's goods as they are in force: the products, their index, and what changed since the feed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use agent_core::catalog::{CatalogError, Match, Query, Sort};
use agent_core::digest::Digest;
use agent_core::evidence::{ProductFacts, VariantFacts};
use agent_core::id::Name;
use agent_core::money::Money;
use agent_core::pack::Vocabulary;
use agent_core::time::Micros;

use crate::facets::Facets;
use crate::goods::{GoodsError, Stats};
use crate::index::{Found, Texts};
use crate::offers::Offer;
use crate::product::{Product, Variant};
use crate::select::{Chosen, Kinds, Wanted, sign};

/// The file a catalogue is kept in.
const FILE: &str = "goods.jsonl";
/// Products told where the query leaves it open, and at most.
const LIMIT: usize = 5;
const LIMIT_MAX: usize = 20;
/// Of what fits and satisfies every filter, so many of the best are ranked again by the likeness of their
/// titles: far more than are ever told, and few enough to read their titles.
const RANKED: usize = 100;

/// Products whose words are gathered.
const LISTENED_TO: usize = 2_000;

/// What fits so many times worse than the best is not told.
const JUNK: u32 = 4;
/// The same of what is a kind of what was asked for, and is called something else.
const KIN: u32 = 2 * JUNK;

/// One shop's goods.
#[derive(Debug)]
pub(crate) struct Loaded {
    products: Vec<Product>,
    by_id: BTreeMap<Name, (usize, Option<usize>)>,
    texts: Texts,
    facets: Facets,
    version: Digest,
    /// Offers that were changed since the feed, and how often.
    offers: RwLock<(u64, BTreeMap<Name, Offer>)>,
}

impl Loaded {
    /// Products, indexed; written to a folder where one is given.
    pub(crate) fn new(products: Vec<Product>, dir: Option<&Path>) -> Result<Self, GoodsError> {
        let lines = lines(&products)?;
        // The disk and the index keep a core busy each.
        let (texts, fresh) = std::thread::scope(|scope| {
            let fresh = scope.spawn(|| dir.map(|dir| write_fresh(dir, &lines)).transpose());
            (Texts::build(&products), fresh.join())
        });
        let texts = texts?;
        let died = |_| CatalogError("the goods were not written".to_owned());
        if let (Some(dir), Some(fresh)) = (dir, fresh.map_err(died)??) {
            put_in_place(dir, &fresh)?;
        }
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
        let version = Digest::of(&lines);
        Ok(Self {
            by_id,
            texts,
            facets: Facets::of(&products),
            version,
            offers: RwLock::default(),
            products,
        })
    }

    /// What a folder holds; none when nothing was ever written there.
    pub(crate) fn open(dir: &Path) -> Result<Option<Self>, GoodsError> {
        let path = dir.join(FILE);
        let text = match fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            text => text.map_err(named(&path))?,
        };
        let mut products = Vec::new();
        let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        for (n, line) in lines.enumerate() {
            let product = serde_json::from_slice(line).map_err(|error| GoodsError::Damaged {
                path: path.display().to_string(),
                line: n + 1,
                reason: error.to_string(),
            })?;
            products.push(product);
        }
        Self::new(products, None).map(Some)
    }

    /// Changes an offer; false when there is no such variant.
    pub(crate) fn update(&self, variant: &Name, offer: Offer) -> bool {
        if !matches!(self.by_id.get(variant), Some((_, Some(_)))) {
            return false;
        }
        let mut offers = self.offers.write().unwrap_or_else(PoisonError::into_inner);
        offers.0 += 1;
        offers.1.insert(variant.clone(), offer);
        true
    }

    /// What there is, as it stands now.
    pub(crate) fn stats(&self) -> Stats {
        let offers = self.offers.read().unwrap_or_else(PoisonError::into_inner);
        let variants = self.products.iter().flat_map(|product| &product.variants);
        let orderable = variants.clone().filter(|variant| {
            offers.1.get(&variant.id).unwrap_or(&variant.offer).stock.can_be_ordered()
        });
        Stats {
            products: self.products.len(),
            orderable: orderable.count(),
            variants: variants.count(),
        }
    }

    /// The words the goods are told of in; of many goods, those that are spread evenly.
    pub(crate) fn vocabulary(&self) -> Vocabulary {
        let mut told = Vocabulary::default();
        let step = (self.products.len() / LISTENED_TO).max(1);
        let words = |text: &str| -> Vec<String> {
            let words = text.split(|c: char| !c.is_alphanumeric());
            words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
        };
        for product in self.products.iter().step_by(step) {
            told.titles.extend(words(&product.title));
            told.names.insert(product.title.to_lowercase());
            told.kinds.extend(product.category.iter().flat_map(|it| words(it)));
            told.texts.extend(words(&product.description));
            for (name, value) in product.variants.iter().flat_map(|it| &it.attributes) {
                told.values.entry(name.clone()).or_default().insert(value.clone());
                told.words.extend(words(value));
            }
            told.words.extend(words(&product.brand));
        }
        if step == 1 {
            let named = told.titles.iter().chain(&told.kinds).chain(&told.texts).cloned();
            told.words.extend(named);
        } else {
            told.words.clear();
        }
        told
    }

    /// Changes with every change of text, price or stock.
    pub(crate) fn version(&self) -> Digest {
        let changes = self.offers.read().unwrap_or_else(PoisonError::into_inner).0;
        Digest::of(format!("{}/{changes}", self.version).as_bytes())
    }

    /// What fits a search best.
    pub(crate) fn search(&self, query: &Query, now: Micros) -> Result<Vec<Match>, CatalogError> {
        let limit = match usize::from(query.limit) {
            0 => LIMIT,
            limit => limit.min(LIMIT_MAX),
        };
        let mut chosen = self.chosen(query, false, now)?;
        if chosen.is_empty() {
            chosen = self.chosen(query, true, now)?;
        }
        chosen.truncate(limit);
        let found =
            chosen.into_iter().filter_map(|(at, it)| self.found(at as usize, it.variant, now));
        Ok(found.collect())
    }

    fn chosen(
        &self,
        query: &Query,
        loose: bool,
        now: Micros,
    ) -> Result<Vec<(u32, Chosen)>, CatalogError> {
        let found = self.texts.search(&query.words, loose)?;
        let found = found
            .unwrap_or_else(|| (0_u32..).take(self.products.len()).map(|at| (0, at)).collect());
        Ok(match query.sort {
            Sort::Relevance => self.fittest(found, query, now),
            Sort::Cheapest | Sort::Dearest => self.priced(&found, query, now),
        })
    }

    /// By fit; what can't be had must fit much better to be told first.
    fn fittest(&self, found: Vec<Found>, query: &Query, now: Micros) -> Vec<(u32, Chosen)> {
        let (like, mut wanted) = (self.texts.like(&query.words), Wanted::of(query, &self.facets));
        let offers = self.offers.read().unwrap_or_else(PoisonError::into_inner);
        let found = found.into_iter().map(|(score, at)| (score, Reverse(at)));
        let mut heap: BinaryHeap<(u32, Reverse<u32>)> = found.collect();
        let mut kinds = Kinds::of(&query.words);
        let (mut floor, mut best) = (0, Vec::new());
        while let Some((score, Reverse(at))) = heap.pop() {
            if best.len() == RANKED || score < floor / (KIN / JUNK) {
                break;
            }
            let Some(product) = self.products.get(at as usize) else { continue };
            if score < floor && !kinds.has(product) {
                continue;
            }
            if let Some(chosen) =
                wanted.choose(at as usize, product, |variant| stands(&offers.1, variant, now))
            {
                // The first that satisfies every filter is the best that can be told.
                floor = floor.max(score / JUNK);
                let score = score + like.score(&product.title);
                let score = if chosen.orderable { score } else { score / 2 };
                best.push((Reverse(score), at, chosen));
            }
        }
        best.sort_by_key(|(score, at, _)| (*score, *at));
        best.into_iter().map(|(_, at, chosen)| (at, chosen)).collect()
    }

    /// By price; a tail that hardly fits is not worth sorting, so only what fits half as well as the best is, and what is
    /// a kind of what was asked for.
    fn priced(&self, found: &[Found], query: &Query, now: Micros) -> Vec<(u32, Chosen)> {
        let best = found.iter().map(|(score, _)| *score).max().unwrap_or_default();
        let mut kinds = Kinds::of(&query.words);
        let offers = self.offers.read().unwrap_or_else(PoisonError::into_inner);
        let mut wanted = Wanted::of(query, &self.facets);
        let mut priced = Vec::new();
        for (score, at) in found.iter().filter(|(score, _)| *score >= best / KIN) {
            let Some(product) = self.products.get(*at as usize) else { continue };
            if *score < best / 2 && !kinds.has(product) {
                continue;
            }
            let chosen =
                wanted.choose(*at as usize, product, |variant| stands(&offers.1, variant, now));
            priced.extend(chosen.map(|chosen| (Reverse(*score), *at, chosen)));
        }
        let sign = sign(query.sort);
        priced.sort_by_key(|(score, at, it)| (!it.orderable, sign * it.price, *score, *at));
        priced.into_iter().map(|(_, at, chosen)| (at, chosen)).collect()
    }

    /// A product by its own id or that of a variant.
    pub(crate) fn product(&self, id: &Name, now: Micros) -> Option<Match> {
        let (at, variant) = self.by_id.get(id).copied()?;
        let mut found = self.found(at, 0, now)?;
        let variants = &found.facts.variants;
        let orderable = || variants.iter().position(|variant| variant.stock.can_be_ordered());
        found.facts.chosen = variant.or_else(orderable).unwrap_or(0);
        Some(found)
    }

    /// A product as it stands now. Its version tells nothing of which variant was chosen.
    fn found(&self, at: usize, chosen: usize, now: Micros) -> Option<Match> {
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
        let mut facts = ProductFacts {
            product: product.id.clone(),
            title: product.title.clone(),
            brand: product.brand.clone(),
            description: product.description.clone(),
            category: product.category.clone(),
            chosen: 0,
            variants: variants.collect(),
        };
        let version = Digest::of(&serde_json::to_vec(&facts).unwrap_or_default());
        facts.chosen = chosen;
        Some(Match { facts, version })
    }
}

/// What a variant costs now, and whether it can be ordered.
fn stands<'a>(
    changed: &'a BTreeMap<Name, Offer>,
    variant: &'a Variant,
    now: Micros,
) -> (&'a Money, bool) {
    let offer = changed.get(&variant.id).unwrap_or(&variant.offer);
    (offer.price_at(now), offer.stock.can_be_ordered())
}

/// The products as they are kept: one a line.
fn lines(products: &[Product]) -> Result<Vec<u8>, CatalogError> {
    let mut lines = Vec::new();
    for product in products {
        serde_json::to_writer(&mut lines, product)
            .map_err(|error| CatalogError(error.to_string()))?;
        lines.push(b'\n');
    }
    Ok(lines)
}

fn named(path: &Path) -> impl Fn(std::io::Error) -> GoodsError + '_ {
    move |error| GoodsError::File { path: path.display().to_string(), error }
}

/// Writes a catalogue whole beside the one in force, and syncs it.
fn write_fresh(dir: &Path, lines: &[u8]) -> Result<PathBuf, GoodsError> {
    let fresh = dir.join(format!("{FILE}.new"));
    let write = || -> std::io::Result<()> {
        fs::create_dir_all(dir)?;
        let mut file = fs::File::create(&fresh)?;
        file.write_all(lines)?;
        file.sync_all()
    };
    write().map_err(named(&fresh))?;
    Ok(fresh)
}

fn put_in_place(dir: &Path, fresh: &Path) -> Result<(), GoodsError> {
    let put = || -> std::io::Result<()> {
        fs::rename(fresh, dir.join(FILE))?;
        fs::File::open(dir)?.sync_all()
    };
    put().map_err(named(fresh))
}
