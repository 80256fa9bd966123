//! A shop small enough to test tools on: a jacket in four variants, its twin, and socks.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::{Value, json};

use super::{Scene, shop_tools};
use crate::catalog::{Backend, Catalog, CatalogError, Errand, Match, Query};
use crate::conversation::Conversation;
use crate::digest::Digest;
use crate::evidence::{Call, Output, ProductFacts, Stock, ToolError, VariantFacts};
use crate::id::{Locale, Made, Name, ShopId, TurnId};
use crate::model::contract;
use crate::money::Money;
use crate::pack::{Content, Pack, Topic};
use crate::time::Micros;

/// A conversation with this in its cart.
#[derive(Debug)]
pub(super) struct Bench {
    pub(super) cart: Vec<(&'static str, u32)>,
}

impl Bench {
    pub(super) const NOW: Micros = Micros(7_000_000);
    pub(super) const CALL: Made = Made { turn: TurnId(1), n: 1 };

    pub(super) fn new() -> Self {
        Self { cart: Vec::new() }
    }

    /// Calls a tool.
    pub(super) async fn call(&self, tool: &str, arguments: Value) -> Result<Output, ToolError> {
        self.run(tool, arguments, json!({})).await.0
    }

    /// Calls a tool before a shop that answers every errand so; also returns the errands.
    pub(super) async fn run(
        &self,
        tool: &str,
        arguments: Value,
        answer: Value,
    ) -> (Result<Output, ToolError>, Vec<Errand>) {
        let shop = Arc::new(Shop { answer, errands: Mutex::default() });
        let (catalog, backend): (Arc<dyn Catalog>, Arc<dyn Backend>) = (shop.clone(), shop.clone());
        let tools = shop_tools(&catalog, &backend);
        let tool = tools.iter().find(|it| it.spec().name.as_str() == tool).unwrap();
        let cart = self.cart.iter().map(|(variant, quantity)| ((*variant).into(), *quantity));
        let conversation = Conversation { cart: cart.collect(), ..Conversation::default() };
        let call = Call { id: Self::CALL, tool: tool.spec().name.clone(), arguments };
        let mut scene = Scene {
            shop: ShopId(1),
            conversation: &conversation,
            pack: &pack(),
            locale: &"en".into(),
            now: Self::NOW,
            prepared: None,
        };
        let prepared = tool.prepare(&call, &scene).await;
        let output = match &prepared {
            Ok(prepared) => {
                scene.prepared = prepared.as_ref();
                tool.call(&call, scene).await
            }
            Err(error) => Err(error.clone()),
        };
        let errands = shop.errands.lock().unwrap().clone();
        (output, errands)
    }
}

fn pack() -> Arc<Pack> {
    let topic = |name: &str, text: &str| Topic {
        cues: std::collections::BTreeMap::new(),
        name: name.into(),
        orders: false,
        examples: [].into(),
        text: [("en".into(), text.to_owned())].into(),
    };
    let topics = vec![topic("returns", "Thirty days."), topic("shipping", "Two days.")];
    let empty = contract::request().pack;
    Arc::new(Pack::new(Content { topics, ..Content::clone(&empty) }))
}

#[derive(Debug)]
struct Shop {
    answer: Value,
    errands: Mutex<Vec<Errand>>,
}

fn product(id: &str, title: &str, variants: &[(&str, &str, &str, i64, Stock)]) -> ProductFacts {
    let variants = variants.iter().map(|(variant, color, size, price, stock)| VariantFacts {
        variant: (*variant).into(),
        attributes: [("color".into(), (*color).to_owned()), ("size".into(), (*size).to_owned())]
            .into(),
        price: Money::new(*price, "EUR"),
        was: None,
        stock: *stock,
        link: None,
        image: None,
    });
    ProductFacts {
        product: id.into(),
        title: title.to_owned(),
        brand: "Fell".to_owned(),
        description: String::new(),
        category: Vec::new(),
        chosen: 0,
        variants: variants.collect(),
    }
}

fn goods() -> Vec<ProductFacts> {
    vec![
        product(
            "jacket",
            "Rain jacket",
            &[
                ("jacket-blue-M", "blue", "M", 11_900, Stock::In(Some(3))),
                ("jacket-blue-L", "blue", "L", 11_900, Stock::In(None)),
                ("jacket-red-M", "red", "M", 9_900, Stock::Out),
            ],
        ),
        product("jacket-2", "Down jacket", &[("jacket-2-1", "grey", "M", 19_900, Stock::Preorder)]),
        product("socks", "Socks", &[("socks-1", "grey", "42", 500, Stock::In(None))]),
    ]
}

fn found(facts: ProductFacts) -> Match {
    Match { version: Digest::of_value(&facts), facts }
}

#[async_trait]
impl Catalog for Shop {
    async fn search(
        &self,
        _: ShopId,
        _: &Locale,
        query: &Query,
    ) -> Result<Vec<Match>, CatalogError> {
        let fits = goods().into_iter().filter(|facts| facts.title.contains(&query.words));
        Ok(fits.take(usize::from(query.limit)).map(found).collect())
    }

    async fn product(&self, _: ShopId, id: &Name) -> Result<Option<Match>, CatalogError> {
        Ok(goods().into_iter().find_map(|mut facts| {
            let variant = facts.variants.iter().position(|variant| variant.variant == *id);
            let chosen = variant.or_else(|| (facts.product == *id).then_some(0))?;
            facts.chosen = chosen;
            Some(found(facts))
        }))
    }

    async fn version(&self, _: ShopId) -> Result<Digest, CatalogError> {
        Ok(Digest::of(b"goods"))
    }
}

#[async_trait]
impl Backend for Shop {
    async fn run(&self, _: ShopId, errand: &Errand) -> Result<Value, ToolError> {
        self.errands.lock().unwrap().push(errand.clone());
        Ok(self.answer.clone())
    }
}
