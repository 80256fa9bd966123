//! How evidence and notes are written for a model: short, with amounts as text and labels to cite.
//!
//! Models see amounts to reason about them; what the customer reads is written by the renderer.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::digest::canonical;
use crate::evidence::{Body, CartFacts, Evidence, ProductFacts, Stock, ToolError, VariantFacts};
use crate::id::Locale;
use crate::model::Notes;

/// Longer descriptions are cut: a model compares by attributes, and the renderer has the whole.
const DESCRIPTION_MAX: usize = 600;
/// A product shows no more variants than this: ten products of a search then take a few thousand tokens.
const VARIANTS_MAX: usize = 24;
/// The tail names no more evidence than this, newest last.
const CITABLE_MAX: usize = 40;

/// What a call brought, as the text of a tool message.
pub(super) fn result(result: &Result<Vec<Evidence>, ToolError>) -> String {
    match result {
        Ok(found) => canonical(&found.iter().map(evidence).collect::<Vec<_>>()),
        Err(error) => canonical(&json!({ "error": error.to_string() })),
    }
}

fn evidence(evidence: &Evidence) -> Value {
    let says = match &evidence.finding.body {
        Body::Product(facts) => json!({ "product": product(facts) }),
        Body::Cart(facts) => json!({ "cart": cart(facts) }),
        Body::Link { .. } => json!({ "link": "made; cite it, its address is filled in" }),
        Body::Policy { topic, text } => json!({ "policy": topic, "text": text }),
        Body::Other(value) => value.clone(),
    };
    json!({ "label": evidence.label, "says": says })
}

fn product(facts: &ProductFacts) -> Value {
    let description: String = facts.description.chars().take(DESCRIPTION_MAX).collect();
    let chosen = facts.variant().map(|variant| &variant.variant);
    // The one that was chosen first, then what can be had.
    let mut variants: Vec<&VariantFacts> = facts.variants.iter().collect();
    if variants.len() > VARIANTS_MAX {
        variants.sort_by_key(|it| (Some(&it.variant) != chosen, !it.stock.can_be_ordered()));
    }
    let more = variants.len().saturating_sub(VARIANTS_MAX);
    let mut told = json!({
        "id": facts.product,
        "title": facts.title,
        "brand": facts.brand,
        "description": description,
        "category": facts.category.join(" > "),
        "chosen": chosen,
        "variants": variants.into_iter().take(VARIANTS_MAX).map(variant).collect::<Vec<_>>(),
    });
    if let Some(told) = told.as_object_mut().filter(|_| more > 0) {
        told.insert("more_variants".to_owned(), json!(more));
    }
    told
}

fn variant(facts: &VariantFacts) -> Value {
    let mut fields: Map<String, Value> =
        facts.attributes.iter().map(|(name, value)| (name.0.clone(), json!(value))).collect();
    fields.insert("id".to_owned(), json!(facts.variant));
    fields.insert("price".to_owned(), json!(facts.price.to_string()));
    if let Some(was) = &facts.was {
        fields.insert("was".to_owned(), json!(was.to_string()));
    }
    fields.insert("stock".to_owned(), json!(stock(facts.stock)));
    Value::Object(fields)
}

fn stock(stock: Stock) -> String {
    match stock {
        Stock::Out | Stock::In(Some(0)) => "out".to_owned(),
        Stock::In(Some(count)) => format!("{count} in stock"),
        Stock::In(None) => "in stock".to_owned(),
        Stock::Preorder => "preorder".to_owned(),
        Stock::Backorder => "backorder".to_owned(),
    }
}

fn cart(facts: &CartFacts) -> Value {
    let lines = facts.lines.iter().map(|line| {
        json!({
            "variant": line.variant,
            "title": line.title,
            "options": line.options,
            "quantity": line.quantity,
            "each": line.each.to_string(),
            "amount": line.amount.to_string(),
        })
    });
    json!({
        "lines": lines.collect::<Vec<_>>(),
        "total": facts.total.as_ref().map(ToString::to_string),
    })
}

/// What stands now, as the last message of a request.
pub(super) fn notes(notes: &Notes, locale: &Locale) -> String {
    let mut text = format!("[notes]\nnow: {}\nlanguage: {locale}\n", notes.now);
    if notes.first {
        text.push_str("nothing was answered in this conversation yet\n");
    }
    let lines: Vec<String> =
        notes.cart.iter().map(|(variant, quantity)| format!("{quantity} x {variant}")).collect();
    let total = notes.priced.as_ref().and_then(|priced| priced.total.as_ref());
    let total = total.map(|total| format!("; total {total}")).unwrap_or_default();
    match lines.is_empty() {
        true => text.push_str("cart: empty\n"),
        false => line(&mut text, "cart", &(lines.join(", ") + &total)),
    }
    for (name, value) in &notes.slots {
        line(&mut text, &format!("wish {name}"), &canonical(value));
    }
    let skipped = notes.evidence.len().saturating_sub(CITABLE_MAX);
    for evidence in notes.evidence.iter().skip(skipped) {
        line(&mut text, &evidence.label.to_string(), &summary(&evidence.finding.body));
    }
    if let Some(call) = &notes.pending {
        let call = format!("{} {}", call.tool, canonical(&call.arguments));
        line(&mut text, "waits for the customer's yes", &call);
    }
    if !notes.violations.is_empty() {
        text.push_str("your last draft was not sent; write it again without these faults:\n");
    }
    for violation in &notes.violations {
        line(&mut text, "-", violation);
    }
    text
}

/// One line, whatever the value holds: notes are told from words by their lines.
fn line(text: &mut String, name: &str, value: &str) {
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    // Writing to a String never fails.
    let _ = writeln!(text, "{name}{} {value}", if name == "-" { "" } else { ":" });
}

fn summary(body: &Body) -> String {
    match body {
        Body::Product(facts) => {
            let variant = facts.variant().map(|variant| {
                let attributes: Vec<&str> =
                    variant.attributes.values().map(String::as_str).collect();
                let (id, options) = (&variant.variant, attributes.join(", "));
                format!(", variant {id} ({options}) {}, {}", variant.price, stock(variant.stock))
            });
            format!("product {} \"{}\"{}", facts.product, facts.title, variant.unwrap_or_default())
        }
        Body::Cart(facts) => match &facts.total {
            Some(total) => format!("cart, {} lines, total {total}", facts.lines.len()),
            None if facts.lines.is_empty() => "cart, empty".to_owned(),
            None => format!("cart, {} lines, in two currencies", facts.lines.len()),
        },
        Body::Link { .. } => "link".to_owned(),
        Body::Policy { topic, .. } => format!("policy {topic}"),
        Body::Other(value) => canonical(value).chars().take(DESCRIPTION_MAX).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Money;

    #[test]
    fn of_many_variants_the_chosen_one_is_shown_and_what_can_be_had() {
        let variant = |n: usize| VariantFacts {
            variant: format!("v{n}").as_str().into(),
            attributes: [("size".into(), n.to_string())].into(),
            price: Money::new(100, "EUR"),
            was: None,
            stock: if n >= 60 { Stock::In(None) } else { Stock::Out },
            link: None,
            image: None,
        };
        let facts = |many| ProductFacts {
            product: "p".into(),
            title: "Shoe".to_owned(),
            brand: String::new(),
            description: String::new(),
            category: Vec::new(),
            chosen: 7,
            variants: (0..many).map(variant).collect(),
        };
        let shown = |many| {
            let told = product(&facts(many));
            let ids = told["variants"].as_array().unwrap().iter().map(|it| it["id"].clone());
            (ids.collect::<Vec<_>>(), told.get("more_variants").cloned())
        };
        let (ids, more) = shown(70);
        assert_eq!(ids.len(), VARIANTS_MAX);
        assert_eq!(ids[..3], ["v7", "v60", "v61"]);
        assert_eq!(more, Some(json!(46)));
        let (ids, more) = shown(24);
        assert_eq!((&ids[0], ids.len(), more), (&json!("v0"), 24, None));
    }
}
