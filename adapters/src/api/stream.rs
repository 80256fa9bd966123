//! A conversation as it goes on, by server-sent events.
#![expect(unused_qualifications, reason = "of the code that is made for the document")]

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use agent_core::action;
use agent_core::id::{JournalId, Seq};
use agent_core::store::StoreError;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, Sse};
use futures::Stream;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;
use utoipa::IntoParams;

use super::desk::Desk;
use super::document::Refused;
use super::key::{Caller, Scope};
use super::reading::Reading;
use super::word::Place;
use crate::server::Problem;

/// Events that wait for a slow reader before the stream does.
const AHEAD: usize = 64;
/// How often a quiet stream says that it lives: less than the idle time of any proxy.
const BEAT: Duration = Duration::from_secs(15);

/// From where on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct From {
    /// Only what comes after this place; `Last-Event-ID` goes before it.
    #[param(inline)]
    after: Option<Place>,
}

/// Stream a conversation.
///
/// Server-sent events. `message`, `status`, `receipt`, `owner`, `turn` and `event` are the entries of the conversation, in
/// order, each with its `seq` as id: a stream that was cut goes on with `Last-Event-ID`, with nothing lost and
/// nothing twice. `typing` has no id: it tells that something is being written, and the sentences that were
/// passed so far, until one with `null` takes them back.
#[utoipa::path(
    get,
    path = "/v1/conversations/{id}/events",
    tag = "conversations",
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$"), From),
    responses((status = 200, description = "the stream", body = String, content_type = "text/event-stream"), Refused),
    security(("key" = ["read"])),
)]
pub(super) async fn events(
    State(desk): State<Arc<Desk>>,
    Caller(key): Caller,
    Path(id): Path<String>,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    key.may(Scope::Read)?;
    let journal = Desk::journal(key.shop, &id)?;
    desk.events(journal).await?;
    let seat = desk.front.streams.take(Vec::new())?;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let after = last.unwrap_or(from.after.unwrap_or_default().0);
    let (sender, mut events) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        let reader = sender.clone();
        tokio::select! {
            () = desk.front.stop.clone().asked() => {}
            () = reader.closed() => {}
            Err(error) = run(&desk, journal, after, sender) => {
                tracing::error!(%error, "a stream was not read");
            }
        }
        drop(seat);
    });
    Ok(Sse::new(futures::stream::poll_fn(move |context| events.poll_recv(context))))
}

type Sender = mpsc::Sender<Result<Event, Infallible>>;

/// Tells what is new, for ever: the journal from where it stands, and what is being written.
async fn run(
    desk: &Desk,
    journal: JournalId,
    after: u64,
    sender: Sender,
) -> Result<(), StoreError> {
    let mut grown = desk.front.watched.listen(journal);
    let token = |action| action::mint(&*desk.front.house.ids, journal, action);
    let mut reading = Reading::new(&token);
    let mut at = Seq::START;
    let address = loop {
        look(desk, journal, &mut reading, (&mut at, after), &sender).await?;
        match desk.address(journal).await? {
            Some(address) => break address,
            None => wait(desk, &mut grown, &sender).await,
        }
    };
    let mut typing = desk.front.typing.listen(journal.shop, &address);
    typing.mark_changed();
    loop {
        tokio::select! {
            () = wait(desk, &mut grown, &sender) => {
                look(desk, journal, &mut reading, (&mut at, after), &sender).await?;
            }
            changed = typing.changed() => {
                if changed.is_err() {
                    typing = desk.front.typing.listen(journal.shop, &address);
                }
                let text = typing.borrow_and_update().clone();
                let event = Event::default().event("typing");
                send(&sender, event.data(json!({ "text": text }).to_string())).await;
            }
        }
    }
}

/// Returns when the journal has grown, or it is time to look all the same.
async fn wait(desk: &Desk, grown: &mut tokio::sync::watch::Receiver<Seq>, sender: &Sender) {
    let clock = &desk.front.house.clock;
    tokio::select! {
        // An error means that nobody tells any more; the beat goes on.
        Ok(()) = grown.changed() => {}
        () = clock.sleep_until(clock.now().after(BEAT)) => {
            send(sender, Event::default().comment("")).await;
        }
    }
}

/// Tells what is new in the journal.
async fn look(
    desk: &Desk,
    journal: JournalId,
    reading: &mut Reading<'_>,
    (at, after): (&mut Seq, u64),
    sender: &Sender,
) -> Result<(), StoreError> {
    let (_, events) = desk.front.house.events(journal, *at).await?;
    for recorded in &events {
        *at = recorded.seq;
        let Some(entry) = reading.read(recorded).filter(|entry| entry.seq() > after) else {
            continue;
        };
        // Words and numbers alone: they are always JSON.
        let data = serde_json::to_string(&entry).unwrap_or_default();
        let event = Event::default().event(entry.kind()).id(entry.seq().to_string());
        send(sender, event.data(data)).await;
    }
    Ok(())
}

/// Who does not read any more ends the whole stream, and not here.
async fn send(sender: &Sender, event: Event) {
    let _gone = sender.send(Ok(event)).await;
}
