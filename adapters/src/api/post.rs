//! What customers say on the shop's own front end.

use std::sync::Arc;

use agent_core::id::{JournalId, MessageId};
use agent_core::message::{Inbound, InboundKind, Tap};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::channel::address;
use super::desk::{Desk, refused};
use super::document::Refused;
use super::key::{Caller, Key, Scope};
use super::word::{Id, Text, Token};
use crate::server::Problem;

/// Taken in, and durable.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Taken {
    /// The conversation it went to.
    conversation: String,
    /// Whether it was new; what is sent again under the same id is not.
    fresh: bool,
}

/// The answer to whatever is taken in.
pub(super) type Accepted = Result<(StatusCode, Json<Taken>), Problem>;

/// What is answered to what was taken in.
#[expect(clippy::unnecessary_wraps, reason = "it ends what may fail before")]
pub(super) fn taken(journal: JournalId, fresh: bool) -> Accepted {
    let conversation = journal.key.to_string();
    Ok((StatusCode::ACCEPTED, Json(Taken { conversation, fresh })))
}

/// What a customer says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    /// The client's id of the message: for one customer, the same id is the same message.
    id: Id,
    /// Who says it, by the shop's own name of them. A customer has one conversation.
    customer: Id,
    /// The words.
    text: Text,
}

/// What a customer taps.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Tapped {
    /// The client's id of the tap.
    id: Id,
    /// Who taps.
    customer: Id,
    /// The token of what is tapped. An old or a forged one orders nothing.
    token: Token,
}

async fn post(desk: &Desk, key: &Key, (id, customer): (Id, Id), kind: InboundKind) -> Accepted {
    key.may(Scope::Post)?;
    let inbound = Inbound {
        id: MessageId(format!("{customer}/{id}")),
        at: desk.front.house.clock.now(),
        from: Some(address(customer.as_ref())),
        aliases: Vec::new(),
        kind,
        reply_to: None,
        referral: None,
    };
    let accepted = desk.front.intake.accept(key.shop, inbound).await;
    let accepted = accepted.map_err(|error| refused(&error))?;
    taken(accepted.journal, accepted.fresh)
}

/// Say what a customer says.
///
/// It is durable when it is answered; the reply comes by the conversation's events.
#[utoipa::path(
    post,
    path = "/v1/messages",
    tag = "customers",
    request_body = Said,
    responses((status = 202, description = "taken in", body = Taken), Refused),
    security(("key" = ["post"])),
)]
pub(super) async fn message(
    State(desk): State<Arc<Desk>>,
    Caller(key): Caller,
    Json(said): Json<Said>,
) -> Accepted {
    let kind = InboundKind::Text(said.text.to_string());
    post(&desk, &key, (said.id, said.customer), kind).await
}

/// Tap what a reply offered.
#[utoipa::path(
    post,
    path = "/v1/taps",
    tag = "customers",
    request_body = Tapped,
    responses((status = 202, description = "taken in", body = Taken), Refused),
    security(("key" = ["post"])),
)]
pub(super) async fn tap(
    State(desk): State<Arc<Desk>>,
    Caller(key): Caller,
    Json(tapped): Json<Tapped>,
) -> Accepted {
    let kind = InboundKind::Tap(Tap::Token(tapped.token.to_string()));
    post(&desk, &key, (tapped.id, tapped.customer), kind).await
}
