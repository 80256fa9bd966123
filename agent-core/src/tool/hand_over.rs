//! `hand_over`: a person of the shop is asked, and the agent falls silent.

use std::sync::Arc;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Scene, Tool, arguments};
use crate::catalog::{Backend, Errand};
use crate::evidence::{Access, Call, Change, Output, Owner, ToolError, ToolSpec};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    /// Why, in a sentence for the person who takes over.
    why: String,
}

#[derive(Debug)]
pub(super) struct HandOver {
    spec: ToolSpec,
    backend: Arc<dyn Backend>,
}

impl HandOver {
    pub(super) fn new(backend: Arc<dyn Backend>) -> Self {
        let about = "Asks a person of the shop to take over this conversation. Use it when the \
            customer asks for a person, complains, or needs what no other tool can do.";
        let spec = arguments::spec::<Arguments>("hand_over", about, Access::Write);
        Self { spec, backend }
    }
}

#[async_trait]
impl Tool for HandOver {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, call: &Call, scene: Scene<'_>) -> Result<Output, ToolError> {
        let Arguments { why } = arguments::parse(&call.arguments)?;
        let body = json!({ "why": why });
        let errand = Errand { kind: "hand_over".into(), key: call.id, at: scene.now, body };
        self.backend.run(scene.shop, &errand).await?;
        let owner = Owner::Waiting { why, since: scene.now };
        Ok(Output { findings: Vec::new(), changes: vec![Change::Owner(owner)] })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tool::bench::Bench;

    #[tokio::test]
    async fn the_shop_is_told_and_the_conversation_waits() {
        let (output, errands) =
            Bench::new().run("hand_over", json!({"why": "angry"}), json!({})).await;
        let owner = Owner::Waiting { why: "angry".to_owned(), since: Bench::NOW };
        assert_eq!(output.unwrap().changes, [Change::Owner(owner)]);
        assert_eq!(errands[0].body, json!({"why": "angry"}));
        assert_eq!(errands[0].key, Bench::CALL);
    }
}
