//! `product`: one product, whole.

use std::sync::Arc;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Scene, Tool, arguments};
use crate::catalog::{self, Catalog, Match};
use crate::evidence::{Access, Call, Output, ToolError, ToolSpec};
use crate::id::{Name, ShopId};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    /// The id of a product or of one of its variants.
    #[schemars(with = "String")]
    id: Name,
}

#[derive(Debug)]
pub(super) struct Product {
    spec: ToolSpec,
    catalog: Arc<dyn Catalog>,
}

impl Product {
    pub(super) fn new(catalog: Arc<dyn Catalog>) -> Self {
        let about = "Shows one product with all its variants, prices and stock as they are now. \
            Use it for questions about a product that was found before.";
        Self { spec: arguments::spec::<Arguments>("product", about, Access::Read), catalog }
    }
}

#[async_trait]
impl Tool for Product {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, call: &Call, scene: Scene<'_>) -> Result<Output, ToolError> {
        let Arguments { id } = arguments::parse(&call.arguments)?;
        let found = look_up(&*self.catalog, scene.shop, &id).await?;
        Ok(Output { findings: vec![catalog::finding(found, scene.now)], changes: Vec::new() })
    }
}

/// A product by its id or a variant's.
pub(super) async fn look_up(
    catalog: &dyn Catalog,
    shop: ShopId,
    id: &Name,
) -> Result<Match, ToolError> {
    let found = catalog.product(shop, id).await.map_err(super::unavailable)?;
    found.ok_or_else(|| {
        let why = "no product or variant has this id; ids stand in the results of `search`";
        ToolError::Missing(format!("`{id}`: {why}"))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::evidence::{Body, ToolError};
    use crate::tool::bench::Bench;

    #[tokio::test]
    async fn a_variants_id_finds_its_product_with_the_variant_chosen() {
        let output = Bench::new().call("product", json!({"id": "jacket-blue-M"})).await.unwrap();
        let Body::Product(facts) = &output.findings[0].body else { panic!("{output:?}") };
        assert_eq!(facts.variant().unwrap().variant.as_str(), "jacket-blue-M");
    }

    #[tokio::test]
    async fn an_unknown_id_is_told_with_where_ids_are() {
        let error = Bench::new().call("product", json!({"id": "x"})).await.unwrap_err();
        assert!(matches!(&error, ToolError::Missing(why) if why.contains("search")), "{error}");
    }
}
