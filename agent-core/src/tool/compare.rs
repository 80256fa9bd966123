//! `compare`: a few products side by side.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Scene, Tool, arguments, product};
use crate::catalog::{self, Catalog};
use crate::evidence::{Access, Call, Output, ToolError, ToolSpec};
use crate::id::Name;

/// More than this nobody compares in a chat.
const COMPARED_MAX: usize = 4;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    /// Two to four ids of products or variants.
    #[schemars(with = "Vec<String>", length(min = 2, max = 4))]
    ids: Vec<Name>,
}

#[derive(Debug)]
pub(super) struct Compare {
    spec: ToolSpec,
    catalog: Arc<dyn Catalog>,
}

impl Compare {
    pub(super) fn new(catalog: Arc<dyn Catalog>) -> Self {
        let about = "Shows two to four products side by side, as they are now. Use it when the \
            customer asks how products differ or which is better.";
        Self { spec: arguments::spec::<Arguments>("compare", about, Access::Read), catalog }
    }
}

#[async_trait]
impl Tool for Compare {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, call: &Call, scene: Scene<'_>) -> Result<Output, ToolError> {
        let Arguments { mut ids } = arguments::parse(&call.arguments)?;
        let mut seen = BTreeSet::new();
        ids.retain(|id| seen.insert(id.clone()));
        if !(2..=COMPARED_MAX).contains(&ids.len()) {
            let why = format!(
                "at `ids`: expected 2 to {COMPARED_MAX} different ids, found {}",
                ids.len()
            );
            return Err(ToolError::Arguments(why));
        }
        let mut output = Output::default();
        for id in &ids {
            let found = product::look_up(&*self.catalog, scene.shop, id).await?;
            output.findings.push(catalog::finding(found, scene.now));
        }
        Ok(output)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::evidence::ToolError;
    use crate::tool::bench::Bench;

    #[tokio::test]
    async fn each_of_two_is_found_in_the_order_asked() {
        let ids = json!({"ids": ["socks", "jacket-red-M"]});
        let output = Bench::new().call("compare", ids).await.unwrap();
        let records: Vec<_> = output.findings.iter().map(|it| it.record.as_str()).collect();
        assert_eq!(records, ["socks", "jacket"]);
    }

    #[tokio::test]
    async fn one_is_too_few_even_if_it_is_named_twice() {
        let error = Bench::new().call("compare", json!({"ids": ["socks", "socks"]})).await;
        assert!(matches!(error, Err(ToolError::Arguments(_))), "{error:?}");
    }
}
