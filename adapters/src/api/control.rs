//! What people of the shop do, and what happens in it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use agent_core::id::JournalId;
use agent_core::message::{Control, InboundKind};
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::desk::Desk;
use super::document::Refused;
use super::key::{Caller, Key, Scope};
use super::post::{Accepted, Taken, taken};
use super::word::{Id, Minutes, Outbound, PartNumber, Person, Text};

/// A command of a person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Command {
    /// The client's id of the command.
    id: Id,
    /// Who gives it.
    by: Person,
}

/// A person takes a conversation over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TakeOver {
    /// The client's id of the command.
    id: Id,
    /// Who takes it over.
    by: Person,
    /// For so many minutes; without, until it is given back.
    minutes: Option<Minutes>,
}

/// What a person says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Say {
    /// The client's id of the message.
    id: Id,
    /// Who says it.
    by: Person,
    /// The words.
    text: Text,
}

/// What a person found out about a part that failed, or of which nobody knew.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Settlement {
    /// The client's id of the command.
    id: Id,
    /// Who found it out.
    by: Person,
    /// The reply.
    outbound: Outbound,
    /// Which of its parts.
    part: PartNumber,
    /// Whether it had arrived; if not, it is sent once more.
    arrived: bool,
}

async fn control(
    desk: &Desk,
    key: &Key,
    id: &str,
    (command_id, by): (&Id, &Person),
    command: Control,
) -> Accepted {
    key.may(Scope::Control)?;
    let journal = Desk::journal(key.shop, id)?;
    let fresh = desk.command(journal, (command_id.as_ref(), by.as_ref()), command).await?;
    taken(journal, fresh)
}

/// Take a conversation over: a person answers from now on.
#[utoipa::path(
    post,
    path = "/v1/conversations/{id}/take-over",
    tag = "control",
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")),
    request_body = TakeOver,
    responses((status = 202, description = "taken in", body = Taken), Refused),
    security(("key" = ["control"])),
)]
pub(super) async fn take_over(
    State(desk): State<Arc<Desk>>,
    Caller(key): Caller,
    Path(id): Path<String>,
    Json(asked): Json<TakeOver>,
) -> Accepted {
    let now = desk.front.house.clock.now();
    let long = |minutes: Minutes| now.after(Duration::from_secs(u64::from(minutes.0) * 60));
    let command = Control::TakeOver { until: asked.minutes.map(long) };
    control(&desk, &key, &id, (&asked.id, &asked.by), command).await
}

/// Give a conversation back: the agent answers again.
#[utoipa::path(
    post,
    path = "/v1/conversations/{id}/give-back",
    tag = "control",
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")),
    request_body = Command,
    responses((status = 202, description = "taken in", body = Taken), Refused),
    security(("key" = ["control"])),
)]
pub(super) async fn give_back(
    State(desk): State<Arc<Desk>>,
    Caller(key): Caller,
    Path(id): Path<String>,
    Json(asked): Json<Command>,
) -> Accepted {
    control(&desk, &key, &id, (&asked.id, &asked.by), Control::GiveBack).await
}

/// Close a conversation: nobody answers until the customer writes again.
#[utoipa::path(
    post,
    path = "/v1/conversations/{id}/close",
    tag = "control",
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")),
    request_body = Command,
    responses((status = 202, description = "taken in", body = Taken), Refused),
    security(("key" = ["control"])),
)]
pub(super) async fn close(
    State(desk): State<Arc<Desk>>,
    Caller(key): Caller,
    Path(id): Path<String>,
    Json(asked): Json<Command>,
) -> Accepted {
    control(&desk, &key, &id, (&asked.id, &asked.by), Control::Close).await
}

/// Write to the customer as a person.
#[utoipa::path(
    post,
    path = "/v1/conversations/{id}/say",
    tag = "control",
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")),
    request_body = Say,
    responses((status = 202, description = "taken in", body = Taken), Refused),
    security(("key" = ["control"])),
)]
pub(super) async fn say(
    State(desk): State<Arc<Desk>>,
    Caller(key): Caller,
    Path(id): Path<String>,
    Json(asked): Json<Say>,
) -> Accepted {
    let command = Control::Say(asked.text.to_string());
    control(&desk, &key, &id, (&asked.id, &asked.by), command).await
}

/// Settle what became of a part that failed, or of which nobody knew.
#[utoipa::path(
    post,
    path = "/v1/conversations/{id}/settle",
    tag = "control",
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")),
    request_body = Settlement,
    responses((status = 202, description = "taken in", body = Taken), Refused),
    security(("key" = ["control"])),
)]
pub(super) async fn settle(
    State(desk): State<Arc<Desk>>,
    Caller(key): Caller,
    Path(id): Path<String>,
    Json(asked): Json<Settlement>,
) -> Accepted {
    key.may(Scope::Control)?;
    let of = desk.sending(Desk::journal(key.shop, &id)?, (asked.outbound.0, asked.part.0)).await?;
    let command = Control::Settle { of, part: asked.part.0, arrived: asked.arrived };
    control(&desk, &key, &id, (&asked.id, &asked.by), command).await
}

/// An event of the shop.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Happened {
    /// The client's id of the event.
    pub(super) id: Id,
    /// Its name, as the pack's prompts know it: `order_shipped`.
    pub(super) name: Id,
    /// What is known of it. Models see it. One that names an order by `reference` is told to the order too.
    pub(super) facts: BTreeMap<String, Value>,
}

/// Tell a conversation of an event of the shop.
///
/// An order was shipped, a refund was made: the agent may tell the customer, in its own words. Of an order, tell the order.
#[utoipa::path(
    post,
    path = "/v1/conversations/{id}/happenings",
    tag = "control",
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")),
    request_body = Happened,
    responses((status = 202, description = "taken in", body = Taken), Refused),
    security(("key" = ["tell"])),
)]
pub(super) async fn tell(
    State(desk): State<Arc<Desk>>,
    Caller(key): Caller,
    Path(id): Path<String>,
    Json(asked): Json<Happened>,
) -> Accepted {
    key.may(Scope::Tell)?;
    let journal = Desk::journal(key.shop, &id)?;
    happened(&desk, journal, asked).await
}

/// Something of the shop happened.
pub(super) async fn happened(desk: &Desk, journal: JournalId, asked: Happened) -> Accepted {
    let facts = asked.facts.into_iter().map(|(name, value)| (name.into(), value)).collect();
    let kind = InboundKind::Event { name: asked.name.as_ref().into(), facts };
    let fresh = desk.tell(journal, asked.id.as_ref(), kind).await?;
    taken(journal, fresh)
}
