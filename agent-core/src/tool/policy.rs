//! `policy`: the shop's rule on a topic, in its own words.

use std::time::Duration;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Scene, Tool, arguments};
use crate::digest::Digest;
use crate::evidence::{Access, Body, Call, Finding, Output, ToolError, ToolSpec, Trust};

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
            Use it for every question about how the shop works; an unknown topic is answered with \
            the names of those there are.";
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
        let text = topic.and_then(|topic| {
            let text = topic.text.get(scene.locale);
            let text = text.or_else(|| topic.text.get(&scene.pack.default_locale()))?;
            Some((topic.name.clone(), text.clone()))
        });
        let Some((topic, text)) = text else {
            let names: Vec<&str> = topics.iter().map(|topic| topic.name.as_str()).collect();
            let names = names.join(", ");
            return Err(ToolError::Missing(format!("no rule on `{asked}`; topics are: {names}")));
        };
        let finding = Finding {
            source: "policy".into(),
            record: topic.clone(),
            version: Digest::of(text.as_bytes()),
            at: scene.now,
            good_for: GOOD_FOR,
            trust: Trust::Shop,
            body: Body::Policy { topic, text },
        };
        Ok(Output { findings: vec![finding.into()], changes: Vec::new() })
    }
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
