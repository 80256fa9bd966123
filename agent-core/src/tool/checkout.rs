//! `checkout`: a link to pay for the cart, made by the shop's own system.

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::arguments::{self, Nothing};
use super::{Scene, Tool, price};
use crate::catalog::{Backend, Catalog, Errand, PRICE_GOOD_FOR};
use crate::digest::Digest;
use crate::evidence::{
    Access, Body, Call, CartFacts, CartLine, Finding, Output, ToolError, ToolSpec, Trust,
};
use crate::id::{Locale, Name};
use crate::money::Money;
use crate::time::Micros;

/// No platform takes longer links.
const URL_MAX: usize = 2000;

/// What the shop's system answers; `expires` in microseconds since 1970.
#[derive(Debug, Deserialize)]
struct Answer {
    url: String,
    #[serde(default)]
    expires: Option<Micros>,
}

/// What the shop's system is told: the cart at the prices of the moment the link was asked for.
#[derive(Debug, Serialize, Deserialize)]
struct Sold {
    lines: Vec<CartLine>,
    total: i64,
    currency: Name,
    locale: Locale,
}

#[derive(Debug)]
pub(super) struct Checkout {
    spec: ToolSpec,
    catalog: Arc<dyn Catalog>,
    backend: Arc<dyn Backend>,
}

impl Checkout {
    pub(super) fn new(catalog: Arc<dyn Catalog>, backend: Arc<dyn Backend>) -> Self {
        let about = "Makes a link where the customer pays for what is in the cart. Call it when \
            the customer wants to order or to pay, not before.";
        let spec = arguments::spec::<Nothing>("checkout", about, Access::Write);
        Self { spec, catalog, backend }
    }
}

#[async_trait]
impl Tool for Checkout {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn prepare(&self, call: &Call, scene: &Scene<'_>) -> Result<Option<Value>, ToolError> {
        arguments::parse::<Nothing>(&call.arguments)?;
        let cart = &scene.conversation.cart;
        if cart.is_empty() {
            return Err(ToolError::Refused("the cart is empty; add something first".to_owned()));
        }
        let priced = price::cart(&*self.catalog, scene.shop, cart).await?;
        if let Some(lacks) = priced.lacks() {
            return Err(ToolError::Refused(lacks));
        }
        let CartFacts { lines, total } = priced.cart;
        let Some(Money { minor: total, currency }) = total else {
            return Err(ToolError::Refused("the cart's prices have no one currency".to_owned()));
        };
        let sold = Sold { lines, total, currency, locale: scene.locale.clone() };
        serde_json::to_value(sold).map(Some).map_err(|error| unreadable(&error))
    }

    async fn call(&self, call: &Call, scene: Scene<'_>) -> Result<Output, ToolError> {
        let body = scene.prepared.cloned().unwrap_or_default();
        let Sold { lines, total, currency, .. } =
            serde_json::from_value(body.clone()).map_err(|error| unreadable(&error))?;
        let cart = CartFacts { lines, total: Some(Money { minor: total, currency }) };
        let errand = Errand { kind: "checkout".into(), key: call.id, at: scene.now, body };
        let answer = self.backend.run(scene.shop, &errand).await?;
        let wrong = |why| ToolError::Unavailable(format!("the shop's checkout answered {why}"));
        let Answer { url, expires } =
            serde_json::from_value(answer).map_err(|error| wrong(format!("wrongly: {error}")))?;
        if !is_web_address(&url) {
            return Err(wrong("no web address in `url`".to_owned()));
        }
        let body = Body::Link { url, expires };
        let finding = Finding {
            source: "checkout".into(),
            record: call.id.to_string().into(),
            version: Digest::of_value(&body),
            at: scene.now,
            good_for: expires.map_or(PRICE_GOOD_FOR, |expires| expires.since(scene.now)),
            trust: Trust::Shop,
            body,
        };
        // The cart comes with it as the shop's system was told of it: that is what is ordered.
        let findings = vec![finding.into(), price::finding(Body::Cart(cart), scene.now)];
        Ok(Output { findings, changes: Vec::new() })
    }
}

/// The cart as it is told can't be written, or read again: it stays untold.
fn unreadable(error: &serde_json::Error) -> ToolError {
    ToolError::Unavailable(format!("the cart can't be told: {error}"))
}

/// Whether a customer may be sent there: the web, with a host, in one word.
fn is_web_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    let plain = url.chars().all(|it| !it.is_whitespace() && !it.is_control());
    !host.is_empty() && plain && url.len() <= URL_MAX
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tool::bench::Bench;

    #[tokio::test]
    async fn the_shop_is_asked_once_with_the_cart_priced_and_its_link_is_told() {
        let bench = Bench { cart: vec![("socks-1", 2)] };
        let (output, errands) =
            bench.run("checkout", json!({}), json!({"url": "https://shop.example/c/1"})).await;
        let output = output.unwrap();
        assert!(
            matches!(&output.findings[0].body, Body::Link { url, .. } if url.ends_with("/c/1"))
        );
        let Body::Cart(cart) = &output.findings[1].body else { panic!("{output:?}") };
        assert_eq!(serde_json::json!(cart.lines), errands[0].body["lines"]);
        assert_eq!(cart.total.as_ref().unwrap().minor, 1000);
        assert_eq!(errands.len(), 1);
        assert_eq!(errands[0].key, Bench::CALL);
        assert_eq!(errands[0].body["total"], 1000);
        assert_eq!(errands[0].body["lines"][0]["quantity"], 2);
    }

    #[tokio::test]
    async fn nothing_is_asked_for_an_empty_cart_or_goods_that_can_not_be_had() {
        let carts = [
            (vec![], "the cart is empty; add something first"),
            (vec![("hat-1", 1)], "`hat-1` is no longer sold; take it out with `cart_remove`"),
            // Put there when there still were enough.
            (
                vec![("jacket-blue-M", 4), ("socks-1", 9), ("jacket-red-M", 1)],
                "only 3 of `jacket-blue-M` are in stock, 4 of them are in the cart; make it fewer with `cart_set`; \
                 `jacket-red-M` is out of stock; take it out with `cart_remove`",
            ),
        ];
        for (cart, why) in carts {
            let (output, errands) = Bench { cart }.run("checkout", json!({}), json!({})).await;
            assert_eq!(output, Err(ToolError::Refused(why.to_owned())));
            assert!(errands.is_empty());
        }
        let cart = vec![("jacket-blue-M", 3), ("jacket-2-1", 40)];
        let answer = json!({"url": "https://shop.example/c/1"});
        assert!(Bench { cart }.run("checkout", json!({}), answer).await.0.is_ok());
    }

    #[tokio::test]
    async fn what_is_no_web_address_goes_to_no_customer() {
        for url in ["javascript:alert(1)", "https://", "https:///c", "shop.example", "https://a b"]
        {
            let bench = Bench { cart: vec![("socks-1", 1)] };
            let (output, _) = bench.run("checkout", json!({}), json!({ "url": url })).await;
            assert!(matches!(output, Err(ToolError::Unavailable(_))), "{url}: {output:?}");
        }
    }
}
