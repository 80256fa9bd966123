//! What a cart costs now.

use crate::catalog::{self, Catalog, Match, PRICE_GOOD_FOR};
use crate::digest::{Digest, Shared};
use crate::evidence::{
    Body, CartFacts, CartLine, Finding, NO_LONGER_SOLD, ProductFacts, ToolError, Trust,
    VariantFacts,
};
use crate::id::{Name, ShopId};
use crate::time::Micros;

/// Products that are told of at once where there is not enough of them.
const TOLD: usize = 8;

/// A cart with its prices, and what is in it but can't be had.
#[derive(Debug)]
pub(super) struct Priced {
    pub(super) cart: CartFacts,
    /// No longer sold.
    gone: Vec<Name>,
    /// More in the cart than in stock.
    short: Vec<Short>,
}

/// A line that holds more than there is.
#[derive(Debug)]
struct Short {
    variant: Name,
    wanted: u32,
    left: u32,
    found: Match,
}

/// Prices a cart by the catalogue.
pub(super) async fn cart(
    catalog: &dyn Catalog,
    shop: ShopId,
    cart: &[(Name, u32)],
) -> Result<Priced, ToolError> {
    let (mut lines, mut gone, mut short) = (Vec::with_capacity(cart.len()), Vec::new(), Vec::new());
    for (id, quantity) in cart {
        let found = catalog.product(shop, id).await.map_err(super::unavailable)?;
        let variant = found.as_ref().and_then(|found| {
            let variant = found.facts.variants.iter().find(|variant| variant.variant == *id)?;
            Some((line(&found.facts, variant, *quantity), variant.stock.left()))
        });
        let Some((line, left)) = variant else {
            gone.push(id.clone());
            continue;
        };
        lines.push(line);
        if let (Some(found), Some(left)) = (found, left.filter(|left| left < quantity)) {
            short.push(Short { variant: id.clone(), wanted: *quantity, left, found });
        }
    }
    let total = catalog::sum(lines.iter().map(|line| &line.amount));
    Ok(Priced { cart: CartFacts { lines, total }, gone, short })
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

/// What is said of a cart, as a finding.
pub(super) fn finding(body: Body, at: Micros) -> Shared<Finding> {
    Shared::from(Finding {
        source: "cart".into(),
        record: "cart".into(),
        version: Digest::of_value(&body),
        at,
        good_for: PRICE_GOOD_FOR,
        trust: Trust::Shop,
        body,
    })
}

impl Priced {
    /// Why it can't be ordered as it is, if it can't.
    pub(super) fn lacks(&self) -> Option<String> {
        let gone = self.gone.iter().map(|variant| {
            format!("`{variant}` is no longer sold; take it out with `cart_remove`")
        });
        let short = self.short.iter().map(|Short { variant, wanted, left, .. }| match left {
            0 => format!("`{variant}` is out of stock; take it out with `cart_remove`"),
            left => format!(
                "only {left} of `{variant}` are in stock, {wanted} of them are in the cart; make it \
                 fewer with `cart_set`"
            ),
        });
        let lacks: Vec<String> = gone.chain(short).collect();
        (!lacks.is_empty()).then(|| lacks.join("; "))
    }

    /// As findings: the cart, and what of it is no longer sold or not enough of, if anything.
    pub(super) fn findings(self, at: Micros) -> Vec<Shared<Finding>> {
        let finding = |body| finding(body, at);
        let mut findings = vec![finding(Body::Cart(self.cart))];
        if !self.gone.is_empty() {
            findings.push(finding(Body::Other(serde_json::json!({ NO_LONGER_SOLD: self.gone }))));
        }
        if !self.short.is_empty() {
            let short: Vec<&Name> = self.short.iter().map(|short| &short.variant).collect();
            findings.push(finding(Body::Other(serde_json::json!({ "too_many_of": short }))));
            // How many there are, each product says.
            let found = self.short.into_iter().take(TOLD).map(|short| short.found);
            findings.extend(found.map(|found| catalog::finding(found, at)));
        }
        findings
    }
}
