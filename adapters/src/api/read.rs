//! What was said, on all platforms.
#![expect(unused_qualifications, reason = "of the code that is made for the document")]

use std::sync::Arc;

use agent_core::action;
use agent_core::house::House;
use agent_core::id::{JournalId, Subject};
use agent_core::policy::is_opted_out;
use agent_core::store::StoreError;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::desk::{Desk, unread};
use super::document::Refused;
use super::key::{Caller, Scope};
use super::reading::{Entry, Reading, Who, who};
use super::word::Place;
use crate::server::Problem;

/// Entries told at once, when nobody says how many.
const ENTRIES: u16 = 100;
/// Conversations told at once, when nobody says how many.
const CONVERSATIONS: u16 = 50;

type Answer<T> = Result<Json<T>, Problem>;

/// A conversation as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Standing {
    /// Its id.
    id: String,
    /// The kind of platform; empty until the first turn.
    channel: String,
    /// When something last happened.
    #[schema(format = DateTime)]
    at: String,
    /// Who answers.
    owner: Who,
    /// The person's name, or why one was asked.
    owner_name: String,
    /// The customer wants no messages, wherever they said so.
    opted_out: bool,
    /// The language spoken, as far as it is known.
    locale: Option<String>,
    /// The place of the newest event.
    head: u64,
    /// Parts of which nobody knows whether they arrived, also where one sending failed and one before it is in doubt: settle
    /// them.
    ambiguous: Vec<Doubt>,
}

/// A part of which nobody knows whether it arrived.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Doubt {
    /// The reply.
    outbound: String,
    /// Which of its parts.
    part: u8,
}

async fn standing(house: &House, journal: JournalId) -> Result<Standing, StoreError> {
    let conversation = house.conversation(journal).await?;
    let customer = match conversation.customer {
        Some(customer) => house.customer(journal.shop, customer).await?,
        None => Arc::default(),
    };
    let (owner, owner_name) = who(&conversation.owner);
    let sent = conversation.deliveries.parts.iter();
    let doubts = sent.filter(|sent| sent.is_in_doubt());
    Ok(Standing {
        id: journal.key.to_string(),
        channel: conversation.address.as_ref().map(|it| it.channel.to_string()).unwrap_or_default(),
        at: conversation.at.to_string(),
        owner,
        owner_name,
        opted_out: is_opted_out(&conversation, &customer),
        locale: conversation.locale.as_ref().map(ToString::to_string),
        head: conversation.head.0,
        ambiguous: doubts
            .map(|sent| Doubt { outbound: sent.of.to_string(), part: sent.part })
            .collect(),
    })
}

/// Which conversations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Those after this one, by the `next` of the list before.
    #[param(value_type = Option<String>, pattern = "^[0-9a-f]{32}$")]
    after: Option<String>,
    /// At most so many.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
}

/// Conversations.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Listed {
    /// In the order of their ids, which means nothing.
    conversations: Vec<Standing>,
    /// Where the list goes on; none at its end.
    next: Option<String>,
}

fn within(limit: Option<u16>, default: u16, most: u16) -> Result<usize, Problem> {
    let limit = limit.unwrap_or(default);
    if (1..=most).contains(&limit) {
        return Ok(limit.into());
    }
    Err(Problem::new(StatusCode::BAD_REQUEST, format!("`limit` is from 1 to {most}")))
}

/// List conversations.
///
/// Of all platforms, a page at a time. One that no turn has taken up yet is not in it.
#[utoipa::path(
    get,
    path = "/v1/conversations",
    tag = "conversations",
    params(Which),
    responses((status = 200, description = "a page", body = Listed), Refused),
    security(("key" = ["read"])),
)]
pub(super) async fn list(
    State(desk): State<Arc<Desk>>,
    Caller(key): Caller,
    Query(which): Query<Which>,
) -> Answer<Listed> {
    key.may(Scope::Read)?;
    let limit = within(which.limit, CONVERSATIONS, 200)?;
    let malformed = || Problem::new(StatusCode::BAD_REQUEST, "`after` is no conversation's id");
    let after = which.after.map(|id| Desk::journal(key.shop, &id).map_err(|_| malformed()));
    let mut last = after.transpose()?;
    let mut conversations = Vec::new();
    let house = &desk.front.house;
    loop {
        let journals = house.archive.journals(key.shop, last, limit).await.map_err(unread)?;
        let Some(end) = journals.last() else {
            return Ok(Json(Listed { conversations, next: None }));
        };
        last = Some(*end);
        for journal in journals.iter().filter(|it| it.subject == Subject::Conversation) {
            match standing(house, *journal).await {
                Ok(standing) => conversations.push(standing),
                Err(StoreError::Erased) => {}
                Err(error) => return Err(unread(error)),
            }
            if conversations.len() == limit {
                let next = Some(journal.key.to_string());
                return Ok(Json(Listed { conversations, next }));
            }
        }
    }
}

/// Read how a conversation stands.
#[utoipa::path(
    get,
    path = "/v1/conversations/{id}",
    tag = "conversations",
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")),
    responses((status = 200, description = "as it stands", body = Standing), Refused),
    security(("key" = ["read"])),
)]
pub(super) async fn conversation(
    State(desk): State<Arc<Desk>>,
    Caller(key): Caller,
    Path(id): Path<String>,
) -> Answer<Standing> {
    key.may(Scope::Read)?;
    let journal = Desk::journal(key.shop, &id)?;
    desk.events(journal).await?;
    standing(&desk.front.house, journal).await.map(Json).map_err(unread)
}

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Stretch {
    /// Those after this place.
    #[param(inline)]
    after: Option<Place>,
    /// At most so many.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u16>,
}

/// Entries of a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Entries {
    /// In order.
    entries: Vec<Entry>,
    /// Where the list goes on; none at its end.
    next: Option<u64>,
}

/// Read a conversation.
#[utoipa::path(
    get,
    path = "/v1/conversations/{id}/entries",
    tag = "conversations",
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$"), Stretch),
    responses((status = 200, description = "a page", body = Entries), Refused),
    security(("key" = ["read"])),
)]
pub(super) async fn entries(
    State(desk): State<Arc<Desk>>,
    Caller(key): Caller,
    Path(id): Path<String>,
    Query(stretch): Query<Stretch>,
) -> Answer<Entries> {
    key.may(Scope::Read)?;
    let limit = within(stretch.limit, ENTRIES, 500)?;
    let journal = Desk::journal(key.shop, &id)?;
    let events = desk.events(journal).await?;
    let house = desk.front.house.clone();
    let token = move |action| action::mint(&*house.ids, journal, action);
    let mut reading = Reading::new(&token);
    let after = stretch.after.unwrap_or_default().0;
    let entries = events.iter().filter_map(|recorded| reading.read(recorded));
    let mut entries: Vec<Entry> = entries.filter(|entry| entry.seq() > after).collect();
    let more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().map(Entry::seq).filter(|_| more);
    Ok(Json(Entries { entries, next }))
}
