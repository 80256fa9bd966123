//! What the routes of the API stand on.

use std::sync::Arc;

use agent_core::conversation::Sent;
use agent_core::event::Recorded;
use agent_core::house::House;
use agent_core::id::{JournalId, JournalKey, Made, MessageId, Name, Seq, ShopId, Subject};
use agent_core::intake::{Intake, IntakeError};
use agent_core::message::{Address, Control, Inbound, InboundKind};
use agent_core::store::watched::Watched;
use agent_core::store::{CommitError, StoreError};
use axum::Router;
use axum::http::StatusCode;

use super::document;
use super::key::Keys;
use super::live::Typing;
use crate::server::{Allowance, Problem, Rate, Stop, Streams};

/// What one key may ask, whatever address it comes from.
const PER_KEY: Allowance = Allowance { per_second: 100, burst: 500 };

/// What the API needs of the process.
#[derive(Debug)]
pub struct Front {
    /// The shops.
    pub house: Arc<House>,
    /// Where messages go in.
    pub intake: Intake,
    /// Tells that journals grew.
    pub watched: Arc<Watched>,
    /// Tells what is being written.
    pub typing: Arc<Typing>,
    /// Who may ask.
    pub keys: Keys,
    /// The streams that may be open at once.
    pub streams: Streams,
    /// When streams end.
    pub stop: Stop,
}

/// The routes, under `/v1`.
pub fn router(front: Front) -> Router {
    let rate = Rate::new(PER_KEY, front.house.clock.clone());
    document::routes(Arc::new(Desk { front, rate }))
}

/// What the routes stand on.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) front: Front,
    pub(super) rate: Rate<(ShopId, Name)>,
}

impl Desk {
    /// A conversation of a shop by what a path says.
    pub(super) fn journal(shop: ShopId, id: &str) -> Result<JournalId, Problem> {
        let digits = id.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
        let key = id.parse::<JournalKey>().ok().filter(|_| digits && id.len() == 32);
        let key = key.ok_or_else(nobody)?;
        Ok(JournalId { shop, subject: Subject::Conversation, key })
    }

    /// The events of a conversation; none as long as no turn has taken what was said.
    pub(super) async fn events(&self, journal: JournalId) -> Result<Vec<Recorded>, Problem> {
        let house = &self.front.house;
        let (_, events) = house.events(journal, Seq::START).await.map_err(unread)?;
        if events.is_empty() && house.store.inbox(journal, 1).await.map_err(unread)?.is_empty() {
            return Err(nobody());
        }
        Ok(events)
    }

    /// Where the customer writes from: in the journal once a turn has taken what was said, and in the inbox before.
    pub(super) async fn address(&self, journal: JournalId) -> Result<Option<Address>, StoreError> {
        let house = &self.front.house;
        if let Some(address) = &house.conversation(journal).await?.address {
            return Ok(Some(address.clone()));
        }
        let waiting = house.store.inbox(journal, 1).await?;
        Ok(waiting.into_iter().find_map(|row| row.inbound.from))
    }

    /// The sending of a part that can be settled: the newest of those that its reply was given.
    pub(super) async fn sending(
        &self,
        journal: JournalId,
        (of, part): (Made, u8),
    ) -> Result<Made, Problem> {
        let state = self.front.house.conversation(journal).await.map_err(unread)?;
        Ok(state.deliveries.of(of, part).and_then(Sent::newest).unwrap_or(of))
    }

    /// Tells a conversation of what comes from no platform; whether it was new. `id` is the client's, and
    /// names the same for ever.
    pub(super) async fn tell(
        &self,
        journal: JournalId,
        id: &str,
        kind: InboundKind,
    ) -> Result<bool, Problem> {
        let (id, now) = (MessageId(format!("api/{id}")), self.front.house.clock.now());
        let inbound = Inbound::told(id, now, kind);
        self.front.intake.tell(journal, inbound).await.map_err(|error| refused(&error))
    }

    /// A command of a person.
    pub(super) async fn command(
        &self,
        journal: JournalId,
        (id, by): (&str, &str),
        command: Control,
    ) -> Result<bool, Problem> {
        self.tell(journal, id, InboundKind::Control { by: by.into(), command }).await
    }
}

/// There is no such conversation.
pub(super) fn nobody() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "the shop has no such conversation")
}

/// What could not be read.
pub(super) fn unread(error: StoreError) -> Problem {
    match error {
        // Everything of an erased customer is gone; that there was something is nobody's business.
        StoreError::Erased => nobody(),
        error => {
            tracing::error!(%error, "a conversation was not read");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the store can't be read").retry(5)
        }
    }
}

/// What was not taken in.
pub(super) fn refused(error: &IntakeError) -> Problem {
    match error {
        IntakeError::NoAddress
        | IntakeError::Stranger
        | IntakeError::Store(StoreError::Erased)
        | IntakeError::Commit(CommitError::Erased) => nobody(),
        IntakeError::Full(_) => {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too much waits to be answered").retry(2)
        }
        IntakeError::Commit(CommitError::TooLarge(_)) => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "more than the store takes at once")
        }
        IntakeError::Store(_) | IntakeError::Commit(_) => {
            tracing::error!(%error, "not taken in");
            let detail = "nothing was kept of it: send it again under the same id";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).retry(1)
        }
    }
}
