//! What a cart costs now.

use crate::catalog::{self, Catalog, PRICE_GOOD_FOR};
use crate::digest::{Digest, Shared};
use crate::evidence::{
    Body, CartFacts, CartLine, Finding, ProductFacts, ToolError, Trust, VariantFacts,
};
use crate::id::{Name, ShopId};
use crate::time::Micros;

/// A cart with its prices, and what is in it but no longer sold.
#[derive(Debug)]
pub(super) struct Priced {
    pub(super) cart: CartFacts,
    pub(super) gone: Vec<Name>,
}

/// Prices a cart by the catalogue.
pub(super) async fn cart(
    catalog: &dyn Catalog,
    shop: ShopId,
    cart: &[(Name, u32)],
) -> Result<Priced, ToolError> {
    let (mut lines, mut gone) = (Vec::with_capacity(cart.len()), Vec::new());
    for (id, quantity) in cart {
        let found = catalog.product(shop, id).await.map_err(super::unavailable)?;
        let line = found.and_then(|found| {
            let variant = found.facts.variants.iter().find(|variant| variant.variant == *id)?;
            Some(line(&found.facts, variant, *quantity))
        });
        match line {
            Some(line) => lines.push(line),
            None => gone.push(id.clone()),
        }
    }
    let total = catalog::sum(lines.iter().map(|line| &line.amount));
    Ok(Priced { cart: CartFacts { lines, total }, gone })
}

fn line(facts: &ProductFacts, variant: &VariantFacts, quantity: u32) -> CartLine {
    CartLine {
        variant: variant.variant.clone(),
        product: facts.product.clone(),
        title: facts.title.clone(),
        options: options(facts, variant),
        quantity,
        each: variant.price.clone(),
        amount: variant.price.times(quantity),
    }
}

/// What tells a variant from its siblings: `blue, M`.
pub(super) fn options(facts: &ProductFacts, variant: &VariantFacts) -> String {
    let differs = |(name, value): &(&Name, &String)| {
        facts.variants.iter().any(|sibling| sibling.attributes.get(*name) != Some(*value))
    };
    let telling = variant.attributes.iter().filter(differs).map(|(_, value)| value.as_str());
    telling.collect::<Vec<_>>().join(", ")
}

impl Priced {
    /// As findings: the cart, and what is no longer sold, if anything.
    pub(super) fn findings(self, at: Micros) -> Vec<Shared<Finding>> {
        let finding = |body: Body| {
            Shared::from(Finding {
                source: "cart".into(),
                record: "cart".into(),
                version: Digest::of_value(&body),
                at,
                good_for: PRICE_GOOD_FOR,
                trust: Trust::Shop,
                body,
            })
        };
        let mut findings = vec![finding(Body::Cart(self.cart))];
        if !self.gone.is_empty() {
            findings.push(finding(Body::Other(serde_json::json!({ "no_longer_sold": self.gone }))));
        }
        findings
    }
}
