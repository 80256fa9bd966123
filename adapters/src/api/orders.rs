//! Orders: how far they are, and what the shop tells of them.

use std::sync::Arc;

use agent_core::evidence::CartLine;
use agent_core::id::{JournalId, Made, Subject};
use agent_core::money::Money;
use agent_core::order::{self, Order, Placed};
use agent_core::store::StoreError;
use agent_core::time::Micros;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::control::{Happened, happened};
use super::desk::{Desk, unread};
use super::document::Refused;
use super::key::{Caller, Key, Scope};
use super::post::{Accepted, Taken};
use super::word::Outbound;
use crate::server::Problem;

/// An order as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Ordered {
    /// What names it: the idempotency key under which the shop's system was asked for its link.
    reference: String,
    /// The conversation it was placed in.
    conversation: String,
    /// When.
    #[schema(format = DateTime)]
    placed: String,
    /// How far it is.
    progress: OrderProgress,
    /// What was ordered.
    lines: Vec<Line>,
    /// What it costs.
    total: Option<Amount>,
    /// Where it is paid.
    link: String,
    /// What was paid, as far as that was told.
    paid: Option<Amount>,
    /// It was paid by more than one transaction.
    paid_twice: bool,
    /// What was paid back.
    refunded: Option<Amount>,
    /// When it left the shop.
    #[schema(format = DateTime)]
    shipped: Option<String>,
    /// When the customer had it.
    #[schema(format = DateTime)]
    delivered: Option<String>,
    /// When it was called off.
    #[schema(format = DateTime)]
    cancelled: Option<String>,
}

/// How far an order is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OrderProgress {
    Placed,
    Failed,
    Paid,
    Shipped,
    Delivered,
    Cancelled,
    Refunded,
}

/// One line of an order.
#[derive(Debug, Serialize, ToSchema)]
struct Line {
    /// The variant, as the shop's feed names it.
    variant: String,
    /// Its name.
    title: String,
    /// How many.
    quantity: u32,
    /// What one costs.
    each: Amount,
}

/// An amount of money.
#[derive(Debug, Serialize, ToSchema)]
struct Amount {
    /// In the currency's smallest unit.
    minor: i64,
    /// By ISO 4217.
    currency: String,
}

fn amount(money: &Money) -> Amount {
    Amount { minor: money.minor, currency: money.currency.to_string() }
}

fn line(line: &CartLine) -> Line {
    let each = amount(&line.each);
    let (variant, title) = (line.variant.to_string(), line.title.clone());
    Line { variant, title, quantity: line.quantity, each }
}

fn told(order: &Order, placed: &Placed) -> Ordered {
    let time = |at: Option<Micros>| at.map(|at| at.to_string());
    let total = |money: Option<Money>| money.as_ref().map(amount);
    Ordered {
        reference: placed.reference.to_string(),
        conversation: placed.conversation.map(|it| it.to_string()).unwrap_or_default(),
        placed: placed.at.to_string(),
        progress: match order.progress() {
            order::Progress::Placed => OrderProgress::Placed,
            order::Progress::Failed => OrderProgress::Failed,
            order::Progress::Paid => OrderProgress::Paid,
            order::Progress::Shipped => OrderProgress::Shipped,
            order::Progress::Delivered => OrderProgress::Delivered,
            order::Progress::Cancelled => OrderProgress::Cancelled,
            order::Progress::Refunded => OrderProgress::Refunded,
        },
        lines: placed.lines.iter().map(line).collect(),
        total: total(placed.total.clone()),
        link: placed.link.clone(),
        paid: total(order.paid()),
        paid_twice: order.is_paid_twice(),
        refunded: total(order.refunded()),
        shipped: time(order.shipped),
        delivered: time(order.delivered),
        cancelled: time(order.cancelled),
    }
}

fn none() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "the shop has no such order")
}

/// An order of the key's shop by what a path says.
async fn find(desk: &Desk, key: &Key, reference: &str) -> Result<(Made, Order), Problem> {
    let Outbound(reference) = Outbound::try_from(reference.to_owned()).map_err(|_| none())?;
    match desk.front.house.order(key.shop, reference).await {
        Ok(order) => Ok((reference, order.ok_or_else(none)?)),
        Err(StoreError::Erased) => Err(none()),
        Err(error) => Err(unread(error)),
    }
}

/// Read an order.
///
/// It is there as soon as the customer was given its link.
#[utoipa::path(
    get,
    path = "/v1/orders/{reference}",
    tag = "orders",
    params(("reference" = String, Path, pattern = "^[0-9a-f]{32}-[0-9]{1,4}$")),
    responses((status = 200, description = "as it stands", body = Ordered), Refused),
    security(("key" = ["read"])),
)]
pub(super) async fn order(
    State(desk): State<Arc<Desk>>,
    Caller(key): Caller,
    Path(reference): Path<String>,
) -> Result<Json<Ordered>, Problem> {
    key.may(Scope::Read)?;
    let (_, order) = find(&desk, &key, &reference).await?;
    let placed = order.placed.as_ref().ok_or_else(none)?;
    Ok(Json(told(&order, placed)))
}

/// Tell an order, and the conversation it was placed in, of an event of the shop.
///
/// Names with a meaning to the order: `order_paid`, `payment_failed`, `order_shipped`, `order_delivered`, `order_cancelled` and
/// `order_refunded`; with an amount as `amount_minor` and `currency`, a payment's `transaction`, and a `refund`'s own name.
/// Refunds that are not named are told apart by the ids of their events.
#[utoipa::path(
    post,
    path = "/v1/orders/{reference}/happenings",
    tag = "orders",
    params(("reference" = String, Path, pattern = "^[0-9a-f]{32}-[0-9]{1,4}$")),
    request_body = Happened,
    responses((status = 202, description = "taken in", body = Taken), Refused),
    security(("key" = ["tell"])),
)]
pub(super) async fn tell(
    State(desk): State<Arc<Desk>>,
    Caller(key): Caller,
    Path(reference): Path<String>,
    Json(mut asked): Json<Happened>,
) -> Accepted {
    key.may(Scope::Tell)?;
    let (reference, order) = find(&desk, &key, &reference).await?;
    let conversation = order.placed.and_then(|placed| placed.conversation);
    let journal = JournalId {
        shop: key.shop,
        subject: Subject::Conversation,
        key: conversation.ok_or_else(none)?,
    };
    asked.facts.insert(order::REFERENCE.to_owned(), reference.to_string().into());
    happened(&desk, journal, asked).await
}
