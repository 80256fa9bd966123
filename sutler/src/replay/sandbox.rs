//! A copy of a shop that can be broken: its goods under any number, and systems that do nothing outside.

use std::sync::Arc;

use agent_core::catalog::{Backend, Catalog, CatalogError, Errand, Match, Query};
use agent_core::conversation::Conversation;
use agent_core::digest::Digest;
use agent_core::event::{Answer, Decision, Event, Recorded};
use agent_core::evidence::{Body, Call, Output, ToolError};
use agent_core::id::{Locale, Made, Name, ShopId};
use agent_core::time::{Ids, Micros};
use agent_core::tool::{Tool, shop_tools};
use async_trait::async_trait;
use catalog::Goods;
use catalog::backend::LocalLinks;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Where links of the sandbox lead: a name that never resolves (RFC 2606).
const LINKS: &str = "https://sandbox.invalid/checkout";

/// One shop's goods, whatever number a conversation calls the shop by.
#[derive(Clone, Debug)]
pub struct Shelf {
    /// The goods.
    pub goods: Arc<Goods>,
    /// Their shop.
    pub shop: ShopId,
}

#[async_trait]
impl Catalog for Shelf {
    async fn search(
        &self,
        _: ShopId,
        locale: &Locale,
        query: &Query,
    ) -> Result<Vec<Match>, CatalogError> {
        self.goods.search(self.shop, locale, query).await
    }

    async fn product(&self, _: ShopId, id: &Name) -> Result<Option<Match>, CatalogError> {
        self.goods.product(self.shop, id).await
    }

    async fn version(&self, _: ShopId) -> Result<Digest, CatalogError> {
        self.goods.version(self.shop).await
    }
}

/// The tools of a shop over a shelf, for one conversation: nothing they do is done outside.
#[must_use]
pub fn tools(shelf: &Shelf, recorded: &[Recorded]) -> Arc<[Arc<dyn Tool>]> {
    let catalog: Arc<dyn Catalog> = Arc::new(shelf.clone());
    let backend: Arc<dyn Backend> = Arc::new(Systems::of(recorded));
    shop_tools(&catalog, &backend).into()
}

/// The version of a shelf's goods.
pub async fn version(shelf: &Shelf) -> Option<Digest> {
    shelf.goods.version(shelf.shop).await.ok()
}

/// The shop's systems as they answered then; asked for something else, a sandbox.
#[derive(Debug)]
struct Systems {
    ran: Vec<Ran>,
    links: LocalLinks,
}

/// An errand that was run.
#[derive(Debug)]
struct Ran {
    kind: Name,
    key: Made,
    /// What was in the cart.
    cart: Vec<(Name, u32)>,
    /// What became of it.
    answered: Result<Value, ToolError>,
}

impl Systems {
    fn of(recorded: &[Recorded]) -> Self {
        let mut state = Conversation::default();
        let mut called: Option<Call> = None;
        let mut ran = Vec::new();
        for event in recorded {
            match &event.event {
                Event::Decision(Decision::Called { call, .. }) => called = Some(call.clone()),
                Event::Answer(Answer::Returned { result, .. }) => {
                    if let Some(call) = called.take() {
                        let answered = result.as_ref().map(answer).map_err(ToolError::clone);
                        let (kind, key, cart) = (call.tool, call.id, state.cart.clone());
                        ran.push(Ran { kind, key, cart, answered });
                    }
                }
                _ => {}
            }
            state.apply(event);
        }
        let links = LocalLinks::new(LINKS.to_owned(), Arc::new(Fixed::default()));
        Self { ran, links }
    }
}

/// What a shop's system must have answered for this to have come of it.
fn answer(output: &Output) -> Value {
    let link = output.findings.iter().find_map(|finding| match &finding.body {
        Body::Link { url, expires } => Some(json!({ "url": url, "expires": expires })),
        _ => None,
    });
    link.unwrap_or_else(|| json!({}))
}

fn lines(errand: &Errand) -> Vec<(Name, u32)> {
    let lines = errand.body.get("lines").and_then(Value::as_array).into_iter().flatten();
    let line = |line: &Value| {
        let quantity = line.get("quantity")?.as_u64()?;
        Some((line.get("variant")?.as_str()?.into(), u32::try_from(quantity).ok()?))
    };
    lines.filter_map(line).collect()
}

#[async_trait]
impl Backend for Systems {
    async fn run(&self, shop: ShopId, errand: &Errand) -> Result<Value, ToolError> {
        let same = |ran: &&Ran| {
            let checkout = ran.kind.as_str() == "checkout";
            ran.kind == errand.kind && (!checkout || ran.cart == lines(errand))
        };
        let mut ran = self.ran.iter().filter(same);
        let found = ran.clone().find(|ran| ran.key == errand.key).or_else(|| ran.next());
        match found {
            Some(ran) => ran.answered.clone(),
            None => self.links.run(shop, errand).await,
        }
    }
}

/// Ids of the sandbox: the same on every run, and good for nothing outside.
#[derive(Debug, Default)]
pub struct Fixed(std::sync::atomic::AtomicU64);

impl Ids for Fixed {
    fn fresh(&self) -> u128 {
        u128::from(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) + 1
    }

    fn keyed(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(purpose.as_bytes());
        hash.update([0]);
        hash.update(bytes);
        hash.finalize().into()
    }
}

/// The beginning of a sandbox's time, where nothing recorded says otherwise: 2026-01-05, a Monday, 09:00 UTC.
pub const START: Micros = Micros(1_767_603_600_000_000);
