//! `/webhooks/meta`: the handshake, and everything Meta tells. What is Meta's gets 200 once it is durable.
//!
//! A wrong signature is 401. What is signed and can't be read is kept and gets 200 too: Meta would redeliver it
//! for seven days, and it would be no better then. What could not be made durable gets 503, and is redelivered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use agent_core::digest::Digest;
use agent_core::event::{Answer, Decision, Event};
use agent_core::evidence::Owner;
use agent_core::house::House;
use agent_core::id::{JournalId, MessageId, Name, Seq, ShopId};
use agent_core::intake::{Intake, IntakeError};
use agent_core::message::{AccountNews, Address, Control, Inbound, InboundKind, Standing, Status};
use agent_core::store::{CommitError, StoreError};
use agent_core::time::Clock;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::StreamExt as _;
use reqwest::Url;

use super::messenger::render::words;
use super::messenger::{Own, Platform};
use super::news::{News, Of, Reading, What, control, logged};
use super::parse::parse;
use super::signature::Secrets;
use super::standby::{STANDBY, Standby, Told};

/// Bytes of one body: Meta sends up to 3 MB.
const BODY: usize = 3 * 1024 * 1024 + 64 * 1024;
/// Chats of one body that are taken in at once.
const CHATS: usize = 64;
/// Events of a conversation, and microseconds, within which an echo of ours is looked for.
const LATELY: u64 = 256;
const DAY: i64 = 24 * 3_600 * 1_000_000;
/// The header that signs.
const SIGNATURE: &str = "x-hub-signature-256";
/// The longest challenge that is given back; Meta's are ten digits.
const CHALLENGE: usize = 256;

/// One account of a shop, and how Meta names it.
#[derive(Clone, Debug)]
pub struct Route {
    /// Of which shop.
    pub shop: ShopId,
    /// The kind of platform.
    pub channel: Name,
    /// The id of its number, page or account.
    pub account: Name,
    /// The WhatsApp business account its number belongs to.
    pub business: Option<String>,
    /// Its number as people read it, digits alone.
    pub number: Option<String>,
    /// How long the agent is silent after a person wrote by other means.
    pub quiet: Duration,
}

/// What the webhook is put together from.
#[derive(Debug)]
pub struct Front {
    /// Where messages go in.
    pub intake: Intake,
    /// What was said before.
    pub house: Arc<House>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The secrets of the apps.
    pub secrets: Secrets,
    /// What a handshake must know.
    pub verify_tokens: Vec<String>,
    /// The accounts.
    pub routes: Vec<Route>,
    /// What was sent by us to Instagram.
    pub own: Own,
    /// Where other apps answer.
    pub standby: Standby,
}

/// Whose the chat is that something happened in.
enum Whose {
    /// Ours, or nothing shows that it is not.
    Ours,
    /// Ours once more: another app had it.
    OursAgain,
    /// It is ours, though another app had it when this happened.
    Late,
}

/// The routes: `GET` shakes hands, `POST` tells.
pub fn router(front: Front) -> Router {
    Router::new()
        .route("/", get(handshake).post(told))
        .layer(DefaultBodyLimit::max(BODY))
        .with_state(Arc::new(front))
}

/// Proves to Meta that this is the address it was given.
async fn handshake(State(front): State<Arc<Front>>, uri: Uri) -> Response {
    // Meta escapes what the word is made of, and others the dot of the keys as well.
    let asked = Url::parse(&format!("http://meta/?{}", uri.query().unwrap_or_default()));
    let query: BTreeMap<String, String> =
        asked.map(|url| url.query_pairs().into_owned().collect()).unwrap_or_default();
    let of = |key: &str| query.get(key).map(String::as_str).unwrap_or_default();
    let token = Digest::of(of("hub.verify_token").as_bytes());
    // Hashes are compared: how long that takes tells nothing of the token.
    let known = front.verify_tokens.iter().any(|it| Digest::of(it.as_bytes()) == token);
    let challenge = of("hub.challenge");
    let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_');
    let fits = (1..=CHALLENGE).contains(&challenge.len()) && challenge.bytes().all(plain);
    if of("hub.mode") == "subscribe" && known && fits {
        return challenge.to_owned().into_response();
    }
    tracing::warn!("a handshake was refused: the verify token is not the configured one");
    StatusCode::FORBIDDEN.into_response()
}

async fn told(State(front): State<Arc<Front>>, headers: HeaderMap, body: Bytes) -> Response {
    let header = headers.get(SIGNATURE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if front.secrets.signer(header, &body).is_none() {
        tracing::warn!(bytes = body.len(), "a webhook was refused: no configured app signed it");
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match front.take(&body).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => {
            tracing::error!(%error, "a webhook was not taken in; it will be delivered again");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

impl Front {
    /// Takes in everything a body tells. Durable when it answers.
    ///
    /// # Errors
    /// When a part was not; told again, what was taken in is dropped as known.
    pub async fn take(&self, body: &[u8]) -> Result<(), IntakeError> {
        let reading = Reading { now: self.clock.now() };
        let news = match parse(body, reading) {
            Ok(news) => news,
            Err(unread) => {
                let Some(route) = self.routes.first() else { return Ok(()) };
                let raw = String::from_utf8_lossy(body);
                let id = Digest::of(body).to_string();
                return self.quarantine(route, &id, &raw, &unread.0).await;
            }
        };
        // One chat's news in their order, chats side by side.
        let mut chats: BTreeMap<(Of, String), Vec<News>> = BTreeMap::new();
        for news in news {
            let thread = match &news.what {
                What::Chat(Inbound { from: Some(from), .. }) => from.thread.clone(),
                _ => String::new(),
            };
            chats.entry((news.of.clone(), thread)).or_default().push(news);
        }
        let taken = futures::stream::iter(chats.into_values())
            .map(|news| async {
                for one in news {
                    self.one(one).await?;
                }
                Ok(())
            })
            .buffer_unordered(CHATS)
            .collect::<Vec<Result<(), IntakeError>>>()
            .await;
        taken.into_iter().collect()
    }

    async fn one(&self, news: News) -> Result<(), IntakeError> {
        if let What::Nothing(named) = &news.what {
            tracing::debug!(named, "a webhook told nothing that concerns us");
            return Ok(());
        }
        let routes: Vec<&Route> = self.routes.iter().filter(|route| route.is(&news.of)).collect();
        if routes.is_empty() {
            tracing::warn!(of = ?news.of, "a webhook is of an account no shop is configured with");
        }
        for route in routes {
            match news.what.clone() {
                What::Chat(inbound) => self.chat(route, inbound).await?,
                What::Account { id, at, news } => self.account(route, (id, at), news).await?,
                What::Unread { id, why, raw } => self.quarantine(route, &id, &raw, &why).await?,
                What::Nothing(_) => {}
            }
        }
        Ok(())
    }

    async fn chat(&self, route: &Route, mut inbound: Inbound) -> Result<(), IntakeError> {
        if self.is_own(route, &inbound).await? {
            return Ok(());
        }
        if let InboundKind::Control { command: Control::Said { until, .. }, .. } = &mut inbound.kind
        {
            *until = until.map(|since| since.after(route.quiet));
        }
        match self.whose(route, &mut inbound).await? {
            Whose::Ours => self.accept(route, inbound).await,
            Whose::OursAgain => {
                self.accept(route, given_back(&inbound)).await?;
                if let Some(from) = &inbound.from {
                    self.standby.tell(from, Told { at: inbound.at, other: false });
                }
                self.accept(route, inbound).await
            }
            Whose::Late => Ok(()),
        }
    }

    /// What an inbound shows of whose its chat is.
    async fn whose(&self, route: &Route, inbound: &mut Inbound) -> Result<Whose, StoreError> {
        let (Some(from), at) = (&inbound.from, inbound.at) else { return Ok(Whose::Ours) };
        let known = self.standby.of(from);
        match &mut inbound.kind {
            InboundKind::Control { by, command } if by.as_str() == STANDBY => {
                // Told when the chat is ours again.
                if known.is_some_and(|known| !known.other && at < known.at) {
                    let Control::Said { until, .. } = command else { return Ok(Whose::Late) };
                    *until = Some(at);
                }
                self.standby.tell(from, Told { at, other: true });
            }
            InboundKind::Control { command: Control::GiveBack, .. } => {
                self.standby.tell(from, Told { at, other: false });
            }
            // In standby it is as old as what was told just before it.
            kind if kind.is_spoken() && known.is_none_or(|known| at > known.at) => {
                let other = known.is_none_or(|known| known.other);
                if other && self.is_back(route, from, known.is_some()).await? {
                    return Ok(Whose::OursAgain);
                }
                self.standby.tell(from, Told { at, other: false });
            }
            _ => {}
        }
        Ok(Whose::Ours)
    }

    /// Whether the agent is silent for another app alone, so that a message to us ends it. What was told a moment ago
    /// may not stand in the conversation yet.
    async fn is_back(
        &self,
        route: &Route,
        from: &Address,
        lately: bool,
    ) -> Result<bool, StoreError> {
        let Some(journal) = self.house.find(route.shop, from).await? else { return Ok(false) };
        let state = match self.house.conversation(journal).await {
            // Who wants to be forgotten has no chat.
            Err(StoreError::Erased) => return Ok(false),
            state => state?,
        };
        Ok(match &state.owner {
            Owner::Person { who, .. } => who.as_str() == STANDBY,
            Owner::Bot => lately,
            Owner::Waiting { .. } | Owner::Closed => false,
        })
    }

    async fn accept(&self, route: &Route, inbound: Inbound) -> Result<(), IntakeError> {
        let id = inbound.id.clone();
        match self.intake.accept(route.shop, inbound).await {
            Ok(accepted) => {
                tracing::trace!(%id, fresh = accepted.fresh, "taken in");
                Ok(())
            }
            // Of something we never sent; or of somebody who wants to be forgotten.
            Err(IntakeError::Stranger | IntakeError::Commit(CommitError::Erased)) => Ok(()),
            Err(error) => match error.never() {
                Some(why) => self.quarantine(route, &id.0, "", why).await,
                None => Err(error),
            },
        }
    }

    /// Whether it is the echo of something we sent: by what is remembered, and by the journal, which another
    /// process may have written. Messenger's are known by their mark.
    async fn is_own(&self, route: &Route, inbound: &Inbound) -> Result<bool, StoreError> {
        let (InboundKind::Control { command: Control::Said { text, .. }, .. }, Some(from)) =
            (&inbound.kind, &inbound.from)
        else {
            return Ok(false);
        };
        if route.channel.as_str() == Platform::Messenger.kind() {
            return Ok(false);
        }
        if self.own.is(&from.thread, text, &inbound.id) {
            return Ok(true);
        }
        let Some(journal) = self.house.find(route.shop, from).await? else { return Ok(false) };
        let head = self.house.store.read(journal, Seq(u64::MAX), 1).await?.head;
        let after = Seq(head.0.saturating_sub(LATELY));
        let (_, events) = self.house.events(journal, after).await?;
        let since = self.clock.now().0.saturating_sub(DAY);
        let lately = events.iter().filter(|recorded| recorded.at.0 >= since);
        // By the platform's id where its answer told it; else by the words.
        let (mut known, mut unknown) = (BTreeSet::new(), BTreeSet::new());
        for event in lately.map(|recorded| &recorded.event) {
            match event {
                Event::Answer(Answer::Received(told)) => {
                    if let InboundKind::Status { of, part, status, .. } = &told.kind
                        && let Status::Accepted(Some(id)) = status
                    {
                        known.insert(id.clone());
                        unknown.retain(|(made, nth, _)| (made, nth) != (of, part));
                    }
                }
                Event::Decision(Decision::Replied { outbound, plan, .. }) => {
                    let parts = (0..).zip(&plan.parts);
                    unknown.extend(parts.map(|(nth, part)| (outbound.id, nth, words(part))));
                }
                Event::Answer(_) | Event::Decision(_) => {}
            }
        }
        let said = unknown.iter().any(|(_, _, words)| words == text);
        Ok(known.contains(&inbound.id) || said)
    }

    async fn account(
        &self,
        route: &Route,
        (id, at): (MessageId, agent_core::time::Micros),
        news: AccountNews,
    ) -> Result<(), IntakeError> {
        let told = logged(&news);
        match &news {
            AccountNews::Stands { standing: Standing::Good, .. }
            | AccountNews::Template { usable: true, .. } => {
                tracing::info!(account = %route.account, told, "good news of an account");
            }
            // Whoever runs the shop must act, or will have to.
            _ => {
                tracing::error!(account = %route.account, told, "the platform told of an account");
            }
        }
        let inbound = Inbound::told(id, at, InboundKind::Account(news));
        let journal = JournalId::account(route.shop, &route.channel, &route.account);
        self.intake.tell(journal, inbound).await.map(|_| ())
    }

    async fn quarantine(
        &self,
        route: &Route,
        id: &str,
        raw: &str,
        why: &str,
    ) -> Result<(), IntakeError> {
        let account = (&route.channel, &route.account);
        self.intake.quarantine(route.shop, account, id, (raw, why)).await.map(|_| ())
    }
}

/// Another app answers no longer, as a message to us shows.
fn given_back(inbound: &Inbound) -> Inbound {
    Inbound {
        id: MessageId(format!("{STANDBY}/over/{}", inbound.id)),
        kind: control("platform", Control::GiveBack),
        reply_to: None,
        referral: None,
        ..inbound.clone()
    }
}

impl Route {
    /// Whether something is for this account.
    fn is(&self, of: &Of) -> bool {
        let named =
            |kind: &str, id: &str| self.channel.as_str() == kind && self.account.as_str() == id;
        match of {
            Of::Number(id) => named("whatsapp", id),
            Of::Page(id) => named("messenger", id),
            Of::Instagram(id) => named("instagram", id),
            Of::Business(id, number) => {
                let digits = |it: &str| it.chars().filter(char::is_ascii_digit).collect::<String>();
                let ours = self.number.as_deref().map(digits);
                let theirs = number.as_deref().map(digits);
                // Of one number, where both are known; else of all.
                let one = ours.is_none() || theirs.is_none() || ours == theirs;
                self.business.as_deref() == Some(id.as_str()) && one
            }
        }
    }
}
