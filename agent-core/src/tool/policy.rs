//! `policy`: the shop's rule on a topic, in its own words; and before it, where the topic is of orders, how far the
//! customer's own are, as far as the shop or the platform told it.

use std::time::Duration;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Scene, Tool, arguments};
use crate::catalog::PRICE_GOOD_FOR;
use crate::digest::Digest;
use crate::evidence::{Access, Body, Call, Finding, Output, ToolError, ToolSpec, Trust};
use crate::id::Name;
use crate::order::{Order, Progress};

/// Orders that are told of: the newest so many of which something is known.
const ORDERS: usize = 2;
/// Who asks means no order that is older.
const RECENT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Rules change with the pack, and a conversation keeps its pack.
const GOOD_FOR: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    /// The topic's name, such as `returns`, `shipping` or `payment`.
    topic: String,
}

#[derive(Debug)]
pub(super) struct Policy {
    spec: ToolSpec,
}

impl Policy {
    pub(super) fn new() -> Self {
        let about = "Tells the shop's rule on a topic: returns, shipping, payment and the like. \
            Use it for every question about how the shop works, and where the customer's order is; an \
            unknown topic is answered with the names of those there are.";
        Self { spec: arguments::spec::<Arguments>("policy", about, Access::Read) }
    }
}

#[async_trait]
impl Tool for Policy {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, call: &Call, scene: Scene<'_>) -> Result<Output, ToolError> {
        let Arguments { topic: asked } = arguments::parse(&call.arguments)?;
        let topics = &scene.pack.topics;
        let topic =
            topics.iter().find(|topic| topic.name.as_str().eq_ignore_ascii_case(asked.trim()));
        let rule = topic.and_then(|topic| {
            let text = topic.text.get(scene.locale);
            let text = text.or_else(|| topic.text.get(&scene.pack.default_locale()))?;
            Some((topic, text.clone()))
        });
        let Some((topic, text)) = rule else {
            let names: Vec<&str> = topics.iter().map(|topic| topic.name.as_str()).collect();
            let names = names.join(", ");
            return Err(ToolError::Missing(format!("no rule on `{asked}`; topics are: {names}")));
        };
        let finding = |source: &str, (record, good_for): (Name, Duration), text: String| {
            let version = Digest::of(text.as_bytes());
            let body = Body::Policy { topic: topic.name.clone(), text };
            let (source, at, trust) = (source.into(), scene.now, Trust::Shop);
            Finding { source, record, version, at, good_for, trust, body }.into()
        };
        let known = scene.conversation.orders.iter().rev().filter(|_| topic.orders);
        let known = known.filter_map(|order| {
            let record = order.reference()?.to_string().into();
            Some(finding("order", (record, PRICE_GOOD_FOR), said(order, &scene)?))
        });
        let mut findings: Vec<_> = known.take(ORDERS).collect();
        findings.push(finding("policy", (topic.name.clone(), GOOD_FOR), text));
        Ok(Output { findings, changes: Vec::new() })
    }
}

/// How far an order is, by the pack's phrase; none where the pack has none for it. Of one that was placed and no more,
/// nothing is known: a shop need not tell us that it was paid.
fn said(order: &Order, scene: &Scene<'_>) -> Option<String> {
    let placed = order.placed.as_ref().filter(|placed| !placed.lines.is_empty())?;
    if scene.now.since(placed.at) > RECENT {
        return None;
    }
    let name = match order.progress() {
        Progress::Placed => return None,
        Progress::Failed => "order.failed",
        Progress::Paid => "order.paid",
        Progress::Shipped => "order.shipped",
        Progress::Delivered => "order.delivered",
        Progress::Cancelled => "order.cancelled",
        Progress::Refunded => "order.refunded",
    };
    let goods = placed.lines.iter().map(|line| format!("{} × {}", line.quantity, line.title));
    let goods = goods.collect::<Vec<_>>().join(", ");
    let text = scene.pack.say(name, scene.locale, &[("goods", &goods)]);
    (text != name).then_some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::evidence::Body;
    use crate::tool::bench::Bench;

    #[tokio::test]
    async fn a_rule_is_told_in_the_shops_words() {
        let output = Bench::new().call("policy", json!({"topic": "Returns"})).await.unwrap();
        let Body::Policy { topic, text } = &output.findings[0].body else { panic!("{output:?}") };
        assert_eq!((topic.as_str(), text.as_str()), ("returns", "Thirty days."));
    }

    #[tokio::test]
    async fn an_unknown_topic_is_told_with_those_there_are() {
        let error = Bench::new().call("policy", json!({"topic": "weather"})).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "not found: no rule on `weather`; topics are: returns, shipping"
        );
    }
}
