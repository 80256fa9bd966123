//! What the page asks, and what it is answered.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use agent_core::digest::Digest;
use agent_core::event::{Decision, Event};
use agent_core::house::House;
use agent_core::id::{MessageId, Seq, ShopId};
use agent_core::intake::{Intake, IntakeError};
use agent_core::message::{Inbound, InboundKind, Status};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::header::{CACHE_CONTROL, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use serde::Deserialize;
use serde_json::json;

use super::door::{self, Kept};
use super::hub::Sound;
use super::parse::{self, Posted};
use super::reading::Id;
use super::session::{self, Session, Who};
use super::settings::Settings;
use super::{Web, address, assets, identity, page, picture, stream};
use crate::server::{Allowance, Client, Problem, Rate, Stop, Streams};

/// Bytes of a message: its characters at four bytes each, escaped, with room for its id.
const BODY_MAX: usize = 32 * 1024;
/// Messages of one visitor: nobody types faster, and a script gets no further.
const MESSAGES: Allowance = Allowance { per_second: 2, burst: 20 };
/// New visitors of one address: many sit behind one router, and one costs nothing until they write.
const VISITORS: Allowance = Allowance { per_second: 50, burst: 1_000 };
/// Streams that one visitor opens.
const STREAMS: Allowance = Allowance { per_second: 2, burst: 30 };

/// Streams that one visitor has open: as many tabs and devices as anybody looks at.
const OPEN: usize = 8;
/// Streams that one address has open: many sit behind one router, and there are other addresses.
const OPEN_BY_ADDRESS: usize = 256;

/// A shop's place on the web.
#[derive(Clone, Debug)]
pub struct Shop {
    /// Its number.
    pub id: ShopId,
    /// Its name, for people; what it is called in addresses is made from it.
    pub name: String,
    /// What it says of its page.
    pub settings: Settings,
    /// Its channel, the one the house has.
    pub web: Arc<Web>,
}

/// All shops of a process, on the web.
#[derive(Debug)]
pub struct Front {
    /// The ports.
    pub house: Arc<House>,
    /// Where messages go in.
    pub intake: Intake,
    /// The shops.
    pub shops: Vec<Shop>,
    /// The streams that may be open at once.
    pub open: Streams,
    /// Asked when the server ends: streams end then, and are taken up again by whoever comes next.
    pub stop: Stop,
}

/// What one shop's routes need.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) house: Arc<House>,
    intake: Intake,
    pub(super) shop: ShopId,
    /// What it is called in addresses.
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) settings: Settings,
    pub(super) web: Arc<Web>,
    pub(super) stop: Stop,
    open: Streams,
    messages: Rate<String>,
    visitors: Rate<IpAddr>,
    streams: Rate<String>,
}

/// The shops, by what they are called in addresses.
#[derive(Clone, Debug)]
struct Desks(Arc<BTreeMap<String, Arc<Desk>>>);

/// The routes of the page, the frame and the widget.
pub fn router(front: Front) -> Router {
    let mut desks: BTreeMap<String, Arc<Desk>> = BTreeMap::new();
    for shop in front.shops {
        let clock = &front.house.clock;
        let slug =
            Some(slug(&shop.name)).filter(|slug| !slug.is_empty() && !desks.contains_key(slug));
        let slug = slug.unwrap_or_else(|| shop.id.to_string());
        let desk = Desk {
            house: front.house.clone(),
            intake: front.intake.clone(),
            shop: shop.id,
            slug: slug.clone(),
            name: shop.name,
            settings: shop.settings,
            web: shop.web,
            stop: front.stop.clone(),
            open: front.open.clone(),
            messages: Rate::new(MESSAGES, clock.clone()),
            visitors: Rate::new(VISITORS, clock.clone()),
            streams: Rate::new(STREAMS, clock.clone()),
        };
        desks.insert(slug, Arc::new(desk));
    }
    Router::new()
        .route("/", get(front_page))
        .route("/widget.js", get(assets::widget))
        .route("/assets/{version}/{file}", get(assets::asset))
        .route("/frame/{shop}", get(frame))
        .route("/s/{shop}", get(shop_page))
        .route("/s/{shop}/theme.css", get(theme))
        .route("/s/{shop}/picture/{record}", get(drawn))
        .route("/s/{shop}/session", post(begin))
        .route("/s/{shop}/messages", post(say))
        .route("/s/{shop}/read", post(mark))
        .route("/s/{shop}/events", get(events))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(Desks(Arc::new(desks)))
}

/// A name as it stands in an address: `My shop` is `my-shop`.
fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

impl Desks {
    fn shop(&self, slug: &str) -> Result<Arc<Desk>, Problem> {
        let by_number = || self.0.values().find(|desk| desk.shop.to_string() == slug);
        let found = self.0.get(slug).or_else(by_number).cloned();
        found.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "there is no such shop here"))
    }
}

impl Desk {
    /// What tells the ids of one conversation from those of another; says nothing of it.
    pub(super) fn tag(&self, thread: &str) -> String {
        let tag = self.house.ids.keyed("web stream", format!("{}\n{thread}", self.shop).as_bytes());
        Digest(tag).to_string().chars().take(12).collect()
    }

    /// Where the picture of a record is: where the shop has it, if that is allowed, else drawn by us.
    pub(super) fn picture(&self, record: &str, link: Option<&str>) -> String {
        match link.filter(|link| self.settings.shows(link)) {
            Some(link) => link.to_owned(),
            None => format!("/s/{}/picture/{}", self.slug, escape(record)),
        }
    }

    /// The visitor of a request.
    fn visitor(&self, headers: &HeaderMap, frame: bool) -> Option<(Kept, Session)> {
        let (kept, token) = door::token(headers, self.shop, frame)?;
        let now = self.house.clock.now();
        Some((kept, Session::read(&*self.house.ids, self.shop, token, now)?))
    }

    /// The visitor of a request, and the name of their conversation.
    fn known(&self, headers: &HeaderMap, view: &View) -> Result<(Session, String), Problem> {
        door::own_page(headers)?;
        let (_, session) = self.visitor(headers, view.frame.is_some()).ok_or_else(|| {
            Problem::new(StatusCode::UNAUTHORIZED, "begin with POST session")
                .kind("/problems/session")
        })?;
        let thread = session.thread(&*self.house.ids, self.shop);
        Ok((session, thread))
    }
}

/// A part of an address with what may not stand in it written in hexadecimal (RFC 3986).
fn escape(text: &str) -> String {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    let written =
        |byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(written).collect()
}

/// Which cookie counts: a frame on another site has one of its own.
#[derive(Debug, Deserialize)]
struct View {
    frame: Option<String>,
}

async fn front_page(State(desks): State<Desks>, headers: HeaderMap) -> Response {
    match desks.0.values().next() {
        Some(only) if desks.0.len() == 1 => page::shop(only, &headers),
        _ => page::list(desks.0.values().map(|desk| (desk.slug.as_str(), desk.name.as_str()))),
    }
}

async fn shop_page(
    State(desks): State<Desks>,
    Path(shop): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Ok(page::shop(&*desks.shop(&shop)?, &headers))
}

async fn frame(
    State(desks): State<Desks>,
    Path(shop): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Ok(page::frame(&*desks.shop(&shop)?, &headers))
}

async fn theme(State(desks): State<Desks>, Path(shop): Path<String>) -> Result<Response, Problem> {
    Ok(assets::style(desks.shop(&shop)?.settings.theme()))
}

async fn drawn(
    State(desks): State<Desks>,
    Path((shop, record)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let desk = desks.shop(&shop)?;
    let found = desk.house.catalog.product(desk.shop, &record.as_str().into()).await;
    let facts = found.ok().flatten().map(|found| found.facts);
    Ok(assets::picture(picture::of(facts.as_ref(), &record)))
}

/// What the page says of itself when it begins.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Beginning {
    /// The cookie was refused: the token is to be told, for the frame's own storage.
    #[serde(default)]
    storage: bool,
    /// The shop's own id of a signed-in customer, and its signature.
    customer: Option<(String, String)>,
}

/// Begins a visit, or goes on with it: whoever has no token of ours is somebody new.
async fn begin(
    State(desks): State<Desks>,
    Path(shop): Path<String>,
    Query(view): Query<View>,
    client: Option<Extension<Client>>,
    headers: HeaderMap,
    Json(beginning): Json<Beginning>,
) -> Result<Response, Problem> {
    let desk = desks.shop(&shop)?;
    door::own_page(&headers)?;
    let (house, frame) = (&desk.house, view.frame.is_some());
    let now = house.clock.now();
    let held = desk.visitor(&headers, frame);
    let customer = beginning.customer.map(|signed| vouched(&desk, signed)).transpose()?;
    let same = held.as_ref().map(|(_, session)| session).filter(|session| match &customer {
        Some(customer) => session.who == *customer,
        // Who has signed out of the shop's site is not that customer any more.
        None => matches!(session.who, Who::Visitor(_)),
    });
    let (session, fresh) = match same {
        Some(session) => (session.renewed(now).unwrap_or_else(|| session.clone()), false),
        None => {
            let address = client.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |Extension(it)| it.0);
            desk.visitors.take(address).map_err(slower)?;
            let who = customer.unwrap_or_else(|| Who::Visitor(house.ids.fresh()));
            (Session::new(who, now), true)
        }
    };
    let token = session.token(&*house.ids, desk.shop);
    let mut said =
        json!({ "fresh": fresh, "tag": desk.tag(&session.thread(&*house.ids, desk.shop)) });
    if beginning.storage && frame {
        if let Some(said) = said.as_object_mut() {
            said.insert("token".to_owned(), token.into());
        }
        return Ok(([(CACHE_CONTROL, "no-store")], Json(said)).into_response());
    }
    let kept = if frame { Kept::Frame } else { Kept::Page };
    let cookie = door::cookie(&headers, desk.shop, kept, &token);
    let head = AppendHeaders([(SET_COOKIE, cookie), (CACHE_CONTROL, "no-store".to_owned())]);
    Ok((head, Json(said)).into_response())
}

/// The customer the shop's own site vouches for.
fn vouched(desk: &Desk, (customer, signature): (String, String)) -> Result<Who, Problem> {
    let signed = desk.settings.secret.as_ref().is_some_and(|secret| {
        !customer.is_empty()
            && customer.len() <= session::ID_MAX
            && identity::is_signed(&secret.0, &customer, &signature)
    });
    if signed {
        return Ok(Who::Customer(customer));
    }
    let detail = "the customer's id is not signed with the shop's secret";
    Err(Problem::new(StatusCode::FORBIDDEN, detail).kind("/problems/identity"))
}

/// Takes a message in. It is durable when it is answered.
async fn say(
    State(desks): State<Desks>,
    Path(shop): Path<String>,
    Query(view): Query<View>,
    headers: HeaderMap,
    Json(posted): Json<Posted>,
) -> Result<Response, Problem> {
    let desk = desks.shop(&shop)?;
    let (session, thread) = desk.known(&headers, &view)?;
    desk.messages.take(thread.clone()).map_err(slower)?;
    let at = desk.house.clock.now();
    let client = posted.id.clone();
    let inbound = parse::inbound(posted, &thread, session.aliases(), at)
        .map_err(|wrong| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, wrong))?;
    let words = match &inbound.kind {
        InboundKind::Text(words) => Some(words.clone()),
        _ => None,
    };
    let accepted = desk.intake.accept(desk.shop, inbound).await.map_err(|error| refused(&error))?;
    if let Some(words) = words.filter(|_| accepted.fresh) {
        desk.web.hub.tell(&thread, Sound::Said(client, words, at.0));
    }
    Ok((StatusCode::ACCEPTED, Json(json!({ "fresh": accepted.fresh }))).into_response())
}

/// A message that the visitor has read, with all before it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    id: String,
}

/// Marks as read.
async fn mark(
    State(desks): State<Desks>,
    Path(shop): Path<String>,
    Query(view): Query<View>,
    headers: HeaderMap,
    Json(mark): Json<Mark>,
) -> Result<Response, Problem> {
    let desk = desks.shop(&shop)?;
    let (_, thread) = desk.known(&headers, &view)?;
    desk.messages.take(thread.clone()).map_err(slower)?;
    let wrong = || Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "`id` names no message of yours");
    let failed = |error| refused(&IntakeError::Store(error));
    let id =
        mark.id.strip_prefix(&desk.tag(&thread)).and_then(|id| Id::parse(id.strip_prefix('/')?));
    let (seq, part) = id.map(Id::parts).ok_or_else(wrong)?;
    let part = part.ok_or_else(wrong)?;
    let found = desk.house.find(desk.shop, &address(&thread)).await.map_err(failed)?;
    let journal = found.ok_or_else(wrong)?;
    let before = Seq(seq.0.saturating_sub(1));
    let page = desk.house.store.read(journal, before, 1).await.map_err(failed)?;
    let of = page.events.first().and_then(|recorded| match &recorded.event {
        Event::Decision(Decision::Replied { outbound, plan, .. }) => {
            (usize::from(part) < plan.parts.len()).then_some(outbound.id)
        }
        _ => None,
    });
    let of = of.ok_or_else(wrong)?;
    let (id, now) = (MessageId(format!("{of}/{part}/read")), desk.house.clock.now());
    let kind = InboundKind::Status { of, part, status: Status::Read, billed: None };
    let inbound = Inbound::told(id, now, kind);
    desk.intake.tell(journal, inbound).await.map_err(|error| refused(&error))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The stream of a visitor.
async fn events(
    State(desks): State<Desks>,
    Path(shop): Path<String>,
    Query(view): Query<View>,
    client: Option<Extension<Client>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let desk = desks.shop(&shop)?;
    let (_, thread) = desk.known(&headers, &view)?;
    desk.streams.take(thread.clone()).map_err(slower)?;
    let network = client.map(|Extension(client)| client.network());
    let network = network.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)).to_string();
    let visitor = format!("{}/{thread}", desk.shop);
    let seat = desk.open.take(vec![(visitor, OPEN), (network, OPEN_BY_ADDRESS)])?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let head = [("cache-control", "no-store"), ("x-accel-buffering", "no")];
    Ok((head, stream::open(desk, thread, last, seat)).into_response())
}

fn slower(wait: std::time::Duration) -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "slower, please").retry(wait.as_secs() + 1)
}

/// What was not taken in is sent again by the page.
fn refused(error: &IntakeError) -> Problem {
    tracing::warn!(%error, "a visitor's message was not taken in");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "try again in a moment").retry(2)
}
