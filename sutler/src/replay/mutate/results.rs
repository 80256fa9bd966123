//! Tools that bring something else than there is.

use std::sync::Arc;

use agent_core::digest::Shared;
use agent_core::evidence::{Body, Finding, Output, Stock, ToolError};

use super::{Place, Plant};

type Sites = Vec<(String, Plant)>;

/// A unit of money, in its smallest units.
const UNIT: i64 = 100;

/// The n-th result is changed, where a finding of it fits.
fn changed(
    place: &Place<'_>,
    fits: impl Fn(&[Shared<Finding>]) -> Option<String>,
    change: fn(&mut Output),
) -> Sites {
    let ran = place.view.calls.iter().filter(|called| called.result.is_some()).enumerate();
    let sites = ran.filter_map(|(nth, called)| {
        let findings = called.result.as_ref()?.as_ref().ok()?;
        let site = format!("{}: {}", called.call.tool, fits(findings)?);
        let edit = move |mut result: Result<Output, ToolError>| {
            if let Ok(output) = &mut result {
                change(output);
            }
            result
        };
        Some((site, Plant::Output(nth, Arc::new(edit))))
    });
    sites.collect()
}

pub(super) fn other_price(place: &Place<'_>) -> Sites {
    let fits = |findings: &[Shared<Finding>]| {
        let priced = |it: &&Shared<Finding>| match &it.body {
            Body::Product(_) => true,
            Body::Cart(cart) => !cart.lines.is_empty(),
            _ => false,
        };
        findings.iter().find(priced).map(|it| it.record.to_string())
    };
    changed(place, fits, |output| {
        for finding in &mut output.findings {
            let mut changed = Finding::clone(finding);
            match &mut changed.body {
                Body::Product(facts) => {
                    facts.variants.iter_mut().for_each(|it| it.price.minor += UNIT);
                }
                Body::Cart(cart) => {
                    if let Some(line) = cart.lines.first_mut() {
                        line.amount.minor += UNIT;
                    }
                    cart.total.iter_mut().for_each(|total| total.minor += UNIT);
                }
                Body::Link { .. } | Body::Policy { .. } | Body::Other(_) => {}
            }
            *finding = changed.into();
        }
    })
}

pub(super) fn other_stock(place: &Place<'_>) -> Sites {
    let product = |it: &&Shared<Finding>| matches!(it.body, Body::Product(_));
    changed(
        place,
        |findings| findings.iter().find(product).map(|it| it.record.to_string()),
        |output| {
            for finding in &mut output.findings {
                let mut changed = Finding::clone(finding);
                if let Body::Product(facts) = &mut changed.body {
                    for variant in &mut facts.variants {
                        let had = variant.stock.can_be_ordered();
                        variant.stock = if had { Stock::Out } else { Stock::In(None) };
                    }
                }
                *finding = changed.into();
            }
        },
    )
}

pub(super) fn fails(place: &Place<'_>) -> Sites {
    let ran = place.view.calls.iter().filter(|called| called.result.is_some()).enumerate();
    let good = ran.filter(|(_, called)| matches!(called.result, Some(Ok(_))));
    let site = |(nth, called): (usize, &agent_core::replay::view::Called)| {
        let edit = |_| Err(ToolError::Unavailable("out of order".to_owned()));
        (called.call.tool.to_string(), Plant::Output(nth, Arc::new(edit)))
    };
    good.map(site).collect()
}

fn several(findings: &[Shared<Finding>]) -> Option<String> {
    let products = findings.iter().filter(|it| matches!(it.body, Body::Product(_)));
    (products.count() > 1).then(|| format!("{} results", findings.len()))
}

pub(super) fn other_order(place: &Place<'_>) -> Sites {
    changed(place, several, |output| output.findings.rotate_left(1))
}

pub(super) fn first_lost(place: &Place<'_>) -> Sites {
    changed(place, several, |output| drop(output.findings.remove(0)))
}

/// The tool says it was done, and nothing is kept.
pub(super) fn not_kept(place: &Place<'_>) -> Sites {
    let changes = !place.view.changes.is_empty();
    let touches = |it: &&agent_core::replay::view::Called| {
        matches!(it.call.tool.as_str(), "cart_add" | "cart_set" | "cart_remove" | "hand_over")
    };
    let ran = place.view.calls.iter().filter(|called| called.result.is_some()).enumerate();
    let kept = ran
        .filter(|(_, called)| changes && touches(called) && matches!(called.result, Some(Ok(_))));
    let site = |(nth, called): (usize, &agent_core::replay::view::Called)| {
        let edit = |result: Result<Output, ToolError>| {
            result.map(|output| Output { changes: Vec::new(), ..output })
        };
        (called.call.tool.to_string(), Plant::Output(nth, Arc::new(edit)))
    };
    kept.map(site).collect()
}
