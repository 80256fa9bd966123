//! The goods of all shops of a process, and the core's `Catalog` port over them.
//!
//! A catalogue on disk is one file of JSON lines, written whole and renamed into place, so that a broken
//! import leaves the last good one in force. Its index is built in memory when it is opened.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use agent_core::catalog::{Catalog, CatalogError, Match, Query};
use agent_core::digest::Digest;
use agent_core::id::{Locale, Name, ShopId};
use agent_core::pack::Vocabulary;
use agent_core::time::Clock;
use async_trait::async_trait;

use crate::feed::google::{self, Feed};
use crate::feed::{FeedError, Report};
use crate::loaded::Loaded;
use crate::offers::Offer;

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

impl Goods {
    /// No goods yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, shops: RwLock::new(BTreeMap::new()) }
    }

    /// Reads a feed and puts it in force; kept in `dir` where one is given. `progress` hears how many rows
    /// were read.
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
        self.put(shop, Loaded::new(products, dir)?);
        Ok(report)
    }

    /// Opens what an import kept; false when there is none.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn open(&self, shop: ShopId, dir: &Path) -> Result<bool, GoodsError> {
        let loaded = Loaded::open(dir)?;
        Ok(loaded.map(|loaded| self.put(shop, loaded)).is_some())
    }

    /// Changes price or stock of a variant, visible to the next read. False when there is no such variant.
    pub fn update(&self, shop: ShopId, variant: &Name, offer: Offer) -> bool {
        self.shop(shop).is_some_and(|loaded| loaded.update(variant, offer))
    }

    /// What a shop has now.
    #[must_use]
    pub fn stats(&self, shop: ShopId) -> Stats {
        self.shop(shop).map_or_else(Stats::default, |loaded| loaded.stats())
    }

    /// The words a shop's goods are told of in.
    #[must_use]
    pub fn vocabulary(&self, shop: ShopId) -> Vocabulary {
        self.shop(shop).map_or_else(Vocabulary::default, |loaded| loaded.vocabulary())
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

#[async_trait]
impl Catalog for Goods {
    async fn search(
        &self,
        shop: ShopId,
        _: &Locale,
        query: &Query,
    ) -> Result<Vec<Match>, CatalogError> {
        self.loaded(shop)?.search(query, self.clock.now())
    }

    async fn product(&self, shop: ShopId, id: &Name) -> Result<Option<Match>, CatalogError> {
        Ok(self.loaded(shop)?.product(id, self.clock.now()))
    }

    async fn version(&self, shop: ShopId) -> Result<Digest, CatalogError> {
        Ok(self.loaded(shop)?.version())
    }
}

#[cfg(test)]
mod tests {
    use agent_core::catalog::Sort;
    use agent_core::time::turned::TurnedClock;

    use super::*;

    const SHOP: ShopId = ShopId(1);
    const FEED: &str = "\
id,item_group_id,title,description,link,availability,price,product_type,color,material
A1,A,Linen Hat,,https://s.example/a1,in_stock,20.00 EUR,Hats,navy,linen
A2,A,Linen Hat,,https://s.example/a2,in_stock,20.00 EUR,Hats,grey,linen
B1,B,Leather Hat,,https://s.example/b1,in_stock,90.00 EUR,Hats,brown,leather
C1,C,Rain Hat,,https://s.example/c1,in_stock,30.00 EUR,Hats,light grey,nylon
D1,D,Boat Shoes,,https://s.example/d1,in_stock,99.00 EUR,Shoes > Loafers,brown,leather
E1,E,Court Sneakers,,https://s.example/e1,in_stock,40.00 EUR,Shoes > Sneakers,grey,cotton
";

    async fn found(query: Query) -> Vec<String> {
        let goods = Goods::new(Arc::new(TurnedClock::new(agent_core::time::Micros(0))));
        goods.import(SHOP, FEED.as_bytes(), None, |_| {}).unwrap();
        let found = goods.search(SHOP, &"en".into(), &query).await.unwrap();
        let chosen = found.iter().map(|it| it.facts.variant().unwrap().variant.to_string());
        chosen.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    }

    #[tokio::test]
    async fn what_is_not_wanted_is_no_variant_and_no_kind_that_is_found() {
        let without = |unwanted: &str| Query {
            words: "hats".to_owned(),
            without: vec![unwanted.to_owned()],
            ..Query::default()
        };
        assert_eq!(found(without("grey")).await, ["A1", "B1"]);
        assert_eq!(found(without("leather")).await, ["A1", "C1"]);
        assert_eq!(found(without("Rain")).await, ["A1", "B1"]);
    }

    #[tokio::test]
    async fn what_is_of_the_kind_asked_for_is_found_though_it_is_called_otherwise() {
        let feed = "\
id,title,availability,price,product_type
UNO,Vesta Uno Espresso Machine,in_stock,449.00 EUR,Brewing > Espresso machines
DUO,Vesta Duo Dual Boiler,in_stock,1299.00 EUR,Brewing > Espresso machines
CUP,Espresso Cup,in_stock,9.00 EUR,Brewing > Cups
OIL,Machine Oil,in_stock,5.00 EUR,Brewing > Care
";
        let goods = Goods::new(Arc::new(TurnedClock::new(agent_core::time::Micros(0))));
        goods.import(SHOP, feed.as_bytes(), None, |_| {}).unwrap();
        let found = async |sort| {
            let query = Query { words: "espresso machines".to_owned(), sort, ..Query::default() };
            let found = goods.search(SHOP, &"en".into(), &query).await.unwrap();
            found.iter().map(|it| it.facts.product.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(found(Sort::Relevance).await, ["UNO", "DUO"]);
        assert_eq!(found(Sort::Dearest).await, ["DUO", "UNO"]);
    }

    #[tokio::test]
    async fn what_a_title_ends_in_is_what_the_product_is() {
        let feed = "\
id,title,availability,price,product_type
BAG,Ticket Belt Bag,in_stock,39.00 EUR,Bags > Belt bags
OWN,Woven Belt 2,in_stock,48.00 EUR,Accessories > Belts
";
        let goods = Goods::new(Arc::new(TurnedClock::new(agent_core::time::Micros(0))));
        goods.import(SHOP, feed.as_bytes(), None, |_| {}).unwrap();
        let query = Query { words: "belts".to_owned(), ..Query::default() };
        let found = goods.search(SHOP, &"en".into(), &query).await.unwrap();
        let found: Vec<_> = found.iter().map(|it| it.facts.product.as_str()).collect();
        assert_eq!(found, ["OWN", "BAG"]);
    }

    #[tokio::test]
    async fn a_product_stands_with_its_cheapest_variant_where_the_cheapest_are_asked_for() {
        let feed = "\
id,item_group_id,title,availability,price,size
PS,P,Rope,in_stock,50.00 EUR,S
PM,P,Rope,in_stock,20.00 EUR,M
PL,P,Rope,in_stock,60.00 EUR,L
PX,P,Rope,out_of_stock,10.00 EUR,X
Q1,Q,Rope,in_stock,30.00 EUR,S
";
        let goods = Goods::new(Arc::new(TurnedClock::new(agent_core::time::Micros(0))));
        goods.import(SHOP, feed.as_bytes(), None, |_| {}).unwrap();
        let sorted = async |sort, words: &str| {
            let query = Query { words: words.to_owned(), sort, ..Query::default() };
            let found = goods.search(SHOP, &"en".into(), &query).await.unwrap();
            let chosen = found.iter().map(|it| it.facts.variant().unwrap().variant.to_string());
            chosen.collect::<Vec<_>>()
        };
        assert_eq!(sorted(Sort::Cheapest, "rope").await, ["PM", "Q1"]);
        assert_eq!(sorted(Sort::Dearest, "rope").await, ["PL", "Q1"]);
        // What is named is meant, whatever it costs.
        assert_eq!(sorted(Sort::Cheapest, "rope S").await, ["Q1", "PS"]);
        assert_eq!(sorted(Sort::Relevance, "rope").await.len(), 2);
    }

    #[tokio::test]
    async fn a_colour_is_what_a_longer_word_ends_with_too() {
        let feed = "\
id,title,availability,price,color
A,Rope,in_stock,20.00 EUR,dunkelbraun
B,Rope,in_stock,20.00 EUR,braun
C,Rope,in_stock,20.00 EUR,schwarz
D,Rope,in_stock,20.00 EUR,Multicolored
";
        let goods = Goods::new(Arc::new(TurnedClock::new(agent_core::time::Micros(0))));
        goods.import(SHOP, feed.as_bytes(), None, |_| {}).unwrap();
        let found = async |color: &str| {
            let filters = [("color".into(), color.to_owned())].into();
            let query = Query { words: "rope".to_owned(), filters, ..Query::default() };
            let found = goods.search(SHOP, &"de".into(), &query).await.unwrap();
            let mut found: Vec<_> = found.iter().map(|it| it.facts.product.to_string()).collect();
            found.sort();
            found
        };
        assert_eq!(found("braun").await, ["A", "B"]);
        assert_eq!(found("red").await, [""; 0]);
    }

    #[tokio::test]
    async fn a_german_word_made_of_two_is_found_by_the_second() {
        let feed = "\
id,title,description,availability,price,product_type
A,Bypass-Gartenschere,Schere mit Feder und Griff,in_stock,14.00 EUR,Werkzeug
B,Heckenschere,Klinge aus Stahl,in_stock,49.00 EUR,Werkzeug
C,Scherenkasten,Kasten aus Holz für Scheren,in_stock,9.00 EUR,Werkzeug
D,Gartenbank,Bank aus Holz,in_stock,99.00 EUR,Möbel
E,Sonnenhut,Hut aus Stroh,in_stock,19.00 EUR,Kleidung
";
        let goods = Goods::new(Arc::new(TurnedClock::new(agent_core::time::Micros(0))));
        goods.import(SHOP, feed.as_bytes(), None, |_| {}).unwrap();
        let found = async |words: &str| {
            let query = Query { words: words.to_owned(), ..Query::default() };
            let found = goods.search(SHOP, &"de".into(), &query).await.unwrap();
            let mut found: Vec<String> =
                found.iter().map(|it| it.facts.product.to_string()).collect();
            found.sort();
            found
        };
        assert_eq!(found("Scheren").await, ["A", "B"]);
        assert_eq!(found("Bänke").await, ["D"]);
        assert_eq!(found("Hüte").await, ["E"]);
        assert!(goods.vocabulary(SHOP).kinds.contains("möbel"));
    }

    #[tokio::test]
    async fn what_fits_best_and_costs_too_much_hides_nothing() {
        let max_price = agent_core::money::Decimal::parse("50").ok();
        let query = Query { words: "shoes".to_owned(), max_price, ..Query::default() };
        assert_eq!(found(query).await, ["E1"]);
    }
}
