//! `search`: products that fit words and constraints.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Scene, Tool, arguments};
use crate::catalog::{self, Catalog, Query};
use crate::evidence::{Access, Call, Output, ToolError, ToolSpec};

/// As many as a customer looks at, when nothing else was asked for.
const SHOWN: u8 = 5;
/// As many as a platform's row of cards takes, and a model reads with profit.
const SHOWN_MAX: u8 = 10;

#[derive(Debug)]
pub(super) struct Search {
    spec: ToolSpec,
    catalog: Arc<dyn Catalog>,
}

impl Search {
    pub(super) fn new(catalog: Arc<dyn Catalog>) -> Self {
        let about = "Finds products by words and constraints, best first. Put what the customer \
            calls the product into `words`, and colour, size, gender, material, brand, category and \
            price limits into their own fields, and what the customer does not want into `without`. An empty result means that nothing meets all \
            constraints: say so, or search again with fewer.";
        Self { spec: arguments::spec::<Query>("search", about, Access::Read), catalog }
    }
}

#[async_trait]
impl Tool for Search {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, call: &Call, scene: Scene<'_>) -> Result<Output, ToolError> {
        let mut query: Query = arguments::parse(&call.arguments)?;
        query.limit = if query.limit == 0 { SHOWN } else { query.limit.min(SHOWN_MAX) };
        let found = self.catalog.search(scene.shop, scene.locale, &query).await;
        let found = found.map_err(super::unavailable)?;
        let findings = found.into_iter().map(|found| catalog::finding(found, scene.now)).collect();
        Ok(Output { findings, changes: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::tool::bench::Bench;

    #[tokio::test]
    async fn what_fits_is_found_as_evidence_of_now() {
        let output = Bench::new().call("search", json!({"words": "jacket"})).await.unwrap();
        let records: Vec<_> = output.findings.iter().map(|it| it.record.as_str()).collect();
        assert_eq!(records, ["jacket", "jacket-2"]);
        assert_eq!(output.findings[0].at, Bench::NOW);
        let one = Bench::new().call("search", json!({"words": "jacket", "limit": 1})).await;
        assert_eq!(one.unwrap().findings.len(), 1);
    }
}
