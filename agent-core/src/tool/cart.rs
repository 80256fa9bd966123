//! `cart_view`, `cart_add`, `cart_set`, `cart_remove`: pure over the fold; they return changes.

use std::sync::Arc;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::arguments::{self, Nothing};
use super::{Scene, Tool, price, product};
use crate::catalog::Catalog;
use crate::conversation::Conversation;
use crate::evidence::{
    Access, Call, Change, Output, ProductFacts, ToolError, ToolSpec, VariantFacts,
};
use crate::id::Name;

/// More of one variant is an order a person should see.
const QUANTITY_MAX: u32 = 99;
/// More different variants than this are no longer a cart one can read in a chat.
const LINES_MAX: usize = 50;
/// So many variants are suggested instead of one that can't be had.
const SUGGESTED: usize = 12;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Add {
    /// The variant's id; a product's id where it has one variant only.
    #[schemars(with = "String")]
    variant: Name,
    /// How many more.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 99))]
    quantity: u32,
}

fn one() -> u32 {
    1
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Set {
    /// The variant's id.
    #[schemars(with = "String")]
    variant: Name,
    /// How many there are to be; 0 takes it out.
    #[schemars(range(min = 0, max = 99))]
    quantity: u32,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Remove {
    /// The variant's id.
    #[schemars(with = "String")]
    variant: Name,
}

#[derive(Copy, Clone, Debug)]
enum Verb {
    View,
    Add,
    Set,
    Remove,
}

#[derive(Debug)]
pub(super) struct Cart {
    verb: Verb,
    spec: ToolSpec,
    catalog: Arc<dyn Catalog>,
}

impl Cart {
    /// The four of them.
    pub(super) fn all(catalog: &Arc<dyn Catalog>) -> [Self; 4] {
        let tool = |verb, spec| Self { verb, spec, catalog: catalog.clone() };
        [
            tool(
                Verb::View,
                arguments::spec::<Nothing>(
                    "cart_view",
                    "Shows the cart with its lines and total as they are now.",
                    Access::Read,
                ),
            ),
            tool(
                Verb::Add,
                arguments::spec::<Add>(
                    "cart_add",
                    "Puts a variant into the cart and shows the cart. Ask for size or colour \
                     first where the customer left it open.",
                    Access::State,
                ),
            ),
            tool(
                Verb::Set,
                arguments::spec::<Set>(
                    "cart_set",
                    "Changes how many of a variant are in the cart and shows the cart.",
                    Access::State,
                ),
            ),
            tool(
                Verb::Remove,
                arguments::spec::<Remove>(
                    "cart_remove",
                    "Takes a variant out of the cart and shows the cart.",
                    Access::State,
                ),
            ),
        ]
    }

    /// The line that changes and how many it is to hold; none when the cart is only looked at.
    async fn change(
        &self,
        call: &Call,
        scene: &Scene<'_>,
    ) -> Result<Option<(Name, u32)>, ToolError> {
        let conversation = scene.conversation;
        match self.verb {
            Verb::View => {
                arguments::parse::<Nothing>(&call.arguments)?;
                Ok(None)
            }
            Verb::Add => {
                let Add { variant, quantity } = arguments::parse(&call.arguments)?;
                if quantity == 0 {
                    return Err(ToolError::Arguments(
                        "at `quantity`: expected 1 or more".to_owned(),
                    ));
                }
                self.fill(&variant, scene, |held| held.saturating_add(quantity)).await
            }
            Verb::Set => {
                let Set { variant, quantity } = arguments::parse(&call.arguments)?;
                if quantity == 0 {
                    return Ok(Some((held(conversation, variant)?, 0)));
                }
                self.fill(&variant, scene, |_| quantity).await
            }
            Verb::Remove => {
                let Remove { variant } = arguments::parse(&call.arguments)?;
                Ok(Some((held(conversation, variant)?, 0)))
            }
        }
    }

    /// A line with as many of a variant as `wanted` makes of those it holds, if they can be had.
    async fn fill(
        &self,
        id: &Name,
        scene: &Scene<'_>,
        wanted: impl Fn(u32) -> u32 + Send,
    ) -> Result<Option<(Name, u32)>, ToolError> {
        let found = product::look_up(&*self.catalog, scene.shop, id).await?;
        let variant = variant(&found.facts, id)?;
        let held = scene.conversation.in_cart(&variant.variant);
        let wanted = wanted(held);
        if held == 0 && scene.conversation.cart.len() >= LINES_MAX {
            return Err(ToolError::Refused(format!("the cart holds {LINES_MAX} lines at most")));
        }
        if wanted > QUANTITY_MAX {
            let why = format!("{wanted} are too many; at most {QUANTITY_MAX} of one variant");
            return Err(ToolError::Refused(why));
        }
        available(&found.facts, variant, held, wanted)?;
        Ok(Some((variant.variant.clone(), wanted)))
    }
}

/// The variant that is meant by its id, or by its product's where there is no choice.
fn variant<'a>(facts: &'a ProductFacts, id: &Name) -> Result<&'a VariantFacts, ToolError> {
    let named = facts.variants.iter().find(|variant| variant.variant == *id);
    match (named, facts.variants.as_slice()) {
        (Some(named), _) => Ok(named),
        (None, [only]) => Ok(only),
        (None, _) => Err(ToolError::Missing(format!(
            "`{id}` is a product, not a variant; choose one: {}",
            suggest(facts)
        ))),
    }
}

/// Whether a line may grow to so many. What is in the cart already may always become less.
fn available(
    facts: &ProductFacts,
    variant: &VariantFacts,
    held: u32,
    wanted: u32,
) -> Result<(), ToolError> {
    use crate::evidence::Stock;
    match variant.stock {
        _ if wanted <= held => Ok(()),
        stock if !stock.can_be_ordered() => Err(ToolError::Refused(format!(
            "`{}` is out of stock; instead: {}",
            variant.variant,
            suggest(facts)
        ))),
        Stock::In(Some(left)) if left < wanted => Err(ToolError::Refused(format!(
            "only {left} of `{}` are in stock, {held} of them are in the cart",
            variant.variant
        ))),
        _ => Ok(()),
    }
}

/// The variants of a product that can be had: `J-M (blue, M), J-L (blue, L)`.
fn suggest(facts: &ProductFacts) -> String {
    let orderable = facts.variants.iter().filter(|variant| variant.stock.can_be_ordered());
    let named = orderable
        .take(SUGGESTED)
        .map(|variant| format!("`{}` ({})", variant.variant, price::options(facts, variant)));
    let named: Vec<String> = named.collect();
    if named.is_empty() { "none of this product is in stock".to_owned() } else { named.join(", ") }
}

/// A variant that is in the cart.
fn held(conversation: &Conversation, variant: Name) -> Result<Name, ToolError> {
    if conversation.in_cart(&variant) > 0 {
        return Ok(variant);
    }
    let held: Vec<&str> = conversation.cart.iter().map(|(line, _)| line.as_str()).collect();
    let held = if held.is_empty() { "nothing".to_owned() } else { held.join(", ") };
    Err(ToolError::Missing(format!("`{variant}` is not in the cart; in it: {held}")))
}

#[async_trait]
impl Tool for Cart {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, call: &Call, scene: Scene<'_>) -> Result<Output, ToolError> {
        let change = self.change(call, &scene).await?;
        // The cart as it will be: the fold's own rules, on a fold of the cart alone.
        let cart = scene.conversation.cart.clone();
        let mut then = Conversation { cart, ..Conversation::default() };
        let changes: Vec<Change> = change
            .into_iter()
            .map(|(variant, quantity)| Change::Cart { variant, quantity })
            .collect();
        changes.iter().for_each(|change| then.change(change));
        let priced = price::cart(&*self.catalog, scene.shop, &then.cart).await?;
        Ok(Output { findings: priced.findings(scene.now), changes })
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use crate::evidence::{Body, Finding, Output, ToolError};
    use crate::tool::bench::Bench;

    fn finding(finding: &Finding) -> String {
        let cart = match &finding.body {
            Body::Cart(cart) => cart,
            Body::Product(facts) => return format!(" {:?}", facts.variant().unwrap().stock),
            body => return format!(" {body:?}"),
        };
        let lines = cart.lines.iter().map(|line| {
            format!("{} {} [{}] {}, ", line.quantity, line.title, line.options, line.amount)
        });
        let total = cart.total.as_ref().map_or("nothing".to_owned(), ToString::to_string);
        lines.collect::<String>() + &total
    }

    fn show(result: Result<Output, ToolError>) -> String {
        match result {
            Err(error) => error.to_string(),
            Ok(output) => {
                let changes = serde_json::to_string(&output.changes).unwrap();
                output.findings.iter().map(|it| finding(it)).collect::<String>()
                    + &format!(" {changes}")
            }
        }
    }

    /// Makes each call, a name and its arguments, on the same cart.
    async fn check(cart: &[(&'static str, u32)], calls: &[&str], expect: &Expect) {
        let bench = Bench { cart: cart.to_vec() };
        let mut shown = String::new();
        for call in calls {
            let (tool, arguments) = call.split_once(' ').unwrap();
            let result = bench.call(tool, serde_json::from_str(arguments).unwrap()).await;
            shown += &format!("{call}\n  {}\n", show(result));
        }
        expect.assert_eq(&shown);
    }

    #[tokio::test]
    async fn adding_changes_one_line_and_prices_the_whole_cart() {
        let calls = [
            r#"cart_add {"variant":"jacket-blue-M"}"#,
            r#"cart_add {"variant":"socks","quantity":3}"#,
        ];
        check(&[], &calls, &expect![[r#"
            cart_add {"variant":"jacket-blue-M"}
              1 Rain jacket [blue, M] 119.00 EUR, 119.00 EUR [{"cart":{"variant":"jacket-blue-M","quantity":1}}]
            cart_add {"variant":"socks","quantity":3}
              3 Socks [] 15.00 EUR, 15.00 EUR [{"cart":{"variant":"socks-1","quantity":3}}]
        "#]]).await;
        check(&[("socks-1", 2), ("jacket-blue-M", 1)], &calls, &expect![[r#"
            cart_add {"variant":"jacket-blue-M"}
              2 Socks [] 10.00 EUR, 2 Rain jacket [blue, M] 238.00 EUR, 248.00 EUR [{"cart":{"variant":"jacket-blue-M","quantity":2}}]
            cart_add {"variant":"socks","quantity":3}
              5 Socks [] 25.00 EUR, 1 Rain jacket [blue, M] 119.00 EUR, 144.00 EUR [{"cart":{"variant":"socks-1","quantity":5}}]
        "#]]).await;
    }

    #[tokio::test]
    async fn what_can_not_be_added_is_told_with_what_can() {
        let calls = [
            r#"cart_add {"variant":"jacket"}"#,
            r#"cart_add {"variant":"jacket-red-M"}"#,
            r#"cart_add {"variant":"jacket-blue-M","quantity":4}"#,
            r#"cart_add {"variant":"socks","quantity":100}"#,
            r#"cart_add {"variant":"socks","quantity":0}"#,
            r#"cart_add {"id":"socks"}"#,
            r#"cart_add {"variant":"hat"}"#,
        ];
        check(&[], &calls, &expect![[r#"
            cart_add {"variant":"jacket"}
              not found: `jacket` is a product, not a variant; choose one: `jacket-blue-M` (blue, M), `jacket-blue-L` (blue, L)
            cart_add {"variant":"jacket-red-M"}
              refused: `jacket-red-M` is out of stock; instead: `jacket-blue-M` (blue, M), `jacket-blue-L` (blue, L)
            cart_add {"variant":"jacket-blue-M","quantity":4}
              refused: only 3 of `jacket-blue-M` are in stock, 0 of them are in the cart
            cart_add {"variant":"socks","quantity":100}
              refused: 100 are too many; at most 99 of one variant
            cart_add {"variant":"socks","quantity":0}
              arguments: at `quantity`: expected 1 or more
            cart_add {"id":"socks"}
              arguments: at `id`: unknown field `id`, expected `variant` or `quantity`
            cart_add {"variant":"hat"}
              not found: `hat`: no product or variant has this id; ids stand in the results of `search`
        "#]]).await;
    }

    #[tokio::test]
    async fn quantities_are_set_and_lines_are_taken_out() {
        let calls = [
            r#"cart_set {"variant":"socks-1","quantity":1}"#,
            r#"cart_set {"variant":"socks-1","quantity":0}"#,
            r#"cart_remove {"variant":"jacket-blue-M"}"#,
            r#"cart_remove {"variant":"hat"}"#,
        ];
        check(&[("socks-1", 2), ("jacket-blue-M", 1)], &calls, &expect![[r#"
            cart_set {"variant":"socks-1","quantity":1}
              1 Socks [] 5.00 EUR, 1 Rain jacket [blue, M] 119.00 EUR, 124.00 EUR [{"cart":{"variant":"socks-1","quantity":1}}]
            cart_set {"variant":"socks-1","quantity":0}
              1 Rain jacket [blue, M] 119.00 EUR, 119.00 EUR [{"cart":{"variant":"socks-1","quantity":0}}]
            cart_remove {"variant":"jacket-blue-M"}
              2 Socks [] 10.00 EUR, 10.00 EUR [{"cart":{"variant":"jacket-blue-M","quantity":0}}]
            cart_remove {"variant":"hat"}
              not found: `hat` is not in the cart; in it: socks-1, jacket-blue-M
        "#]]).await;
        check(
            &[],
            &[r#"cart_remove {"variant":"hat"}"#, "cart_view {}"],
            &expect![[r#"
            cart_remove {"variant":"hat"}
              not found: `hat` is not in the cart; in it: nothing
            cart_view {}
              nothing []
        "#]],
        )
        .await;
    }

    #[tokio::test]
    async fn what_there_is_not_enough_of_is_told_and_can_become_less() {
        let calls = ["cart_view {}", r#"cart_set {"variant":"jacket-blue-M","quantity":3}"#];
        check(
            &[("jacket-blue-M", 4), ("socks-1", 1)],
            &calls,
            &expect![[r#"
                cart_view {}
                  4 Rain jacket [blue, M] 476.00 EUR, 1 Socks [] 5.00 EUR, 481.00 EUR Other(Object {"too_many_of": Array [String("jacket-blue-M")]}) In(Some(3)) []
                cart_set {"variant":"jacket-blue-M","quantity":3}
                  3 Rain jacket [blue, M] 357.00 EUR, 1 Socks [] 5.00 EUR, 362.00 EUR [{"cart":{"variant":"jacket-blue-M","quantity":3}}]
            "#]],
        )
        .await;
    }

    #[tokio::test]
    async fn what_is_no_longer_sold_is_told_and_can_be_taken_out() {
        let calls = ["cart_view {}", r#"cart_remove {"variant":"hat-1"}"#];
        check(&[("hat-1", 1), ("socks-1", 1)], &calls, &expect![[r#"
            cart_view {}
              1 Socks [] 5.00 EUR, 5.00 EUR Other(Object {"no_longer_sold": Array [String("hat-1")]}) []
            cart_remove {"variant":"hat-1"}
              1 Socks [] 5.00 EUR, 5.00 EUR [{"cart":{"variant":"hat-1","quantity":0}}]
        "#]]).await;
    }
}
