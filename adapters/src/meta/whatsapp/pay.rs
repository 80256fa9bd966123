//! Orders that are paid in the chat: in India, Brazil and Singapore.
//!
//! An order is named by the link where it is paid, so that shown again it has the same reference, and Meta takes one
//! payment for it. What is told of payments is news of the order; the shop's own system decides what follows.

use std::collections::BTreeMap;

use agent_core::id::Name;
use agent_core::message::{InboundKind, SummaryLine};
use agent_core::money::Money;
use agent_core::order;
use serde_json::{Map, Value, json};

use super::limits::{BODY, ITEM};
use super::render::cut;
use crate::meta::loose::text;

/// The money that is paid by UPI, as Meta's orders have to say.
const UPI: &str = "INR";

/// How a number's orders are paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payments {
    /// The money it takes: `INR`, `BRL` or `SGD`.
    pub currency: String,
    /// Meta's name of the gateway's configuration; without, the shop's own link is shown, as Brazil has it.
    pub configuration: Option<String>,
}

/// An order that is to be paid.
pub(super) struct Asked<'a> {
    pub(super) lines: &'a [SummaryLine],
    pub(super) total: &'a (String, String),
    pub(super) amount: &'a Money,
    pub(super) pay: &'a (String, String),
}

/// The order with its lines and how it is paid; none in another money than the number takes.
pub(super) fn details(asked: &Asked<'_>, payments: &Payments) -> Option<Value> {
    let Asked { lines, total, amount, pay } = asked;
    if amount.currency.as_str() != payments.currency || amount.minor <= 0 {
        return None;
    }
    let money = |minor: i64| json!({ "value": minor, "offset": 100 });
    let items: Vec<Value> = lines.iter().map(|line| item(line, &money)).collect();
    let mut parameters = json!({
        "reference_id": order::paid_by(&pay.1),
        "type": "physical-goods",
        "currency": payments.currency,
        "total_amount": money(amount.minor),
        "order": {
            "status": "pending",
            "items": items,
            "subtotal": money(lines.iter().map(|line| line.amount.minor).sum()),
            "tax": money(0),
        },
    });
    let link = json!([{ "type": "payment_link", "payment_link": { "uri": pay.1 } }]);
    let (how, settings) = match &payments.configuration {
        Some(name) => ("payment_configuration", name.as_str().into()),
        None => ("payment_settings", link),
    };
    // What is added beyond the lines: dispatch, or a discount.
    let rest = amount.minor - lines.iter().map(|line| line.amount.minor).sum::<i64>();
    if let Some(fields) = parameters.as_object_mut() {
        fields.insert(how.to_owned(), settings);
        if payments.currency == UPI {
            fields.insert("payment_type".to_owned(), "upi".into());
        }
        let (key, minor) = if rest < 0 { ("discount", -rest) } else { ("shipping", rest) };
        if let Some(order) = fields.get_mut("order").and_then(Value::as_object_mut)
            && minor > 0
        {
            order.insert(key.to_owned(), money(minor));
        }
    }
    Some(json!({
        "type": "order_details",
        "body": { "text": cut(&format!("{}: {}", total.0, total.1), &BODY) },
        "action": { "name": "review_and_pay", "parameters": parameters },
    }))
}

/// One of it at a time where the amount comes out even; else all of it as one.
fn item(line: &SummaryLine, money: &dyn Fn(i64) -> Value) -> Value {
    let quantity = i64::from(line.quantity.max(1));
    let even = line.amount.minor % quantity == 0;
    let (name, count) = if even {
        (line.label.clone(), quantity)
    } else {
        (format!("{quantity} × {}", line.label), 1)
    };
    let id = line.variant.as_ref().map_or(line.label.as_str(), Name::as_str);
    json!({
        "retailer_id": id,
        "name": cut(&name, &ITEM),
        "amount": money(line.amount.minor / count),
        "quantity": count,
    })
}

/// How far an order is.
pub(super) fn status(reference: &str, status: &str, words: &str) -> Value {
    json!({
        "type": "order_status",
        "body": { "text": cut(words, &BODY) },
        "action": {
            "name": "review_order",
            "parameters": { "reference_id": reference, "order": { "status": status } },
        },
    })
}

/// What a status tells of a payment, and what it is named by: told again, it is the same.
pub(super) fn told(it: &Value) -> Option<(String, InboundKind)> {
    if text(it, "/type").as_deref() != Some("payment") && it.pointer("/payment").is_none() {
        return None;
    }
    let reference = text(it, "/payment/reference_id")?;
    let status = text(it, "/status")?;
    let transaction = text(it, "/payment/transaction/id").unwrap_or_default();
    let mut facts = Map::new();
    for (key, path) in [
        ("reference", "/payment/reference_id"),
        ("amount_minor", "/payment/amount/value"),
        ("currency", "/payment/currency"),
        ("transaction", "/payment/transaction/id"),
    ] {
        if let Some(value) = text(it, path) {
            facts.insert(key.to_owned(), value.into());
        }
    }
    let facts: BTreeMap<Name, Value> =
        facts.into_iter().map(|(key, it)| (key.into(), it)).collect();
    let id = order::word_of(&reference, &transaction, &status);
    Some((id.0, InboundKind::Event { name: format!("payment_{status}").into(), facts }))
}
