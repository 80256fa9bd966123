//! Interactions: announced as being answered as soon as they are durable, over HTTP or by a request of ours.

use std::sync::Arc;
use std::time::Duration;

use agent_core::digest::Digest;
use agent_core::intake::Intake;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use reqwest::Method;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::Value;
use serenity::all::{
    CommandOptionType, CreateCommand, CreateCommandOption, CreateInteractionResponse,
    CreateInteractionResponseMessage, InteractionContext,
};

use super::Discord;
use super::answers::{Begun, LIFE};
use super::client::Refusal;
use super::parse::{self, Asked};
use super::place::{Place, Ticket, moment};

/// How far the moment a request was signed may be from now.
const FRESH: Duration = Duration::from_secs(5 * 60);
/// The bytes of a request.
const BODY: usize = 256 * 1024;
/// "Interaction has already been acknowledged."
const ACKNOWLEDGED: u64 = 40_060;
/// The command that shows who uses it their cart, and nobody else.
pub(super) const CART: &str = "cart";
/// Before the end of an interaction, when an answer that shows nothing is taken away.
const LAST: Duration = Duration::from_secs(60);

/// Where Discord sends the interactions of an application.
#[must_use]
pub fn path(application: u64) -> String {
    format!("/discord/{application}/interactions")
}

/// The route of an account's interactions; none when it has no key to check them with.
pub fn routes(discord: &Arc<Discord>, intake: &Intake) -> Router {
    if discord.public_key.is_none() {
        return Router::new();
    }
    let door = Arc::new(Door { discord: discord.clone(), intake: intake.clone() });
    Router::new()
        .route(&path(discord.desk.application), post(asked))
        .layer(DefaultBodyLimit::max(BODY))
        .with_state(door)
}

#[derive(Debug)]
struct Door {
    discord: Arc<Discord>,
    intake: Intake,
}

async fn asked(State(door): State<Arc<Door>>, headers: HeaderMap, body: Bytes) -> Response {
    if !door.discord.is_signed(&headers, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let value = serde_json::from_slice::<Value>(&body);
    let read = value.as_ref().map_err(parse::Unread::from);
    match read.and_then(|value| parse::interaction(&door.discord.desk, value)) {
        Ok(Asked::Ping) => answered(&CreateInteractionResponse::Pong),
        Ok(Asked::Nothing) => StatusCode::NO_CONTENT.into_response(),
        Ok(Asked::Told(ticket, place, inbound)) => {
            let begun = door.discord.answers.begin(ticket.id, door.discord.clock.now());
            if let Err(error) = door.intake.accept(door.discord.shop, *inbound).await {
                tracing::warn!(%error, "interaction not taken in");
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
            begun.announced();
            door.discord.clone().take_away(ticket);
            answered(&announced(place))
        }
        Err(why) => {
            let id = Digest::of(&body).to_string();
            let value = value.unwrap_or_default();
            door.discord.quarantine(&door.intake, &id, &value, &why.to_string()).await;
            StatusCode::NO_CONTENT.into_response()
        }
    }
}

fn answered(response: &CreateInteractionResponse) -> Response {
    match serde_json::to_vec(response) {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// That an answer follows; in a guild for who asked alone.
fn announced(place: Place) -> CreateInteractionResponse {
    let message = CreateInteractionResponseMessage::new().ephemeral(place.is_shared());
    CreateInteractionResponse::Defer(message)
}

impl Discord {
    /// Whether Discord signed a request, and not long ago: Ed25519 over the moment and the exact bytes.
    /// <https://discord.com/developers/docs/interactions/overview#setting-up-an-endpoint>
    fn is_signed(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let told = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let (Some(key), Some(signature), Some(at)) =
            (&self.public_key, told("x-signature-ed25519"), told("x-signature-timestamp"))
        else {
            return false;
        };
        let (Ok(signature), Ok(seconds)) = (hex::decode(signature), at.parse::<i64>()) else {
            return false;
        };
        let now = self.clock.now().0.div_euclid(1_000_000);
        let message: Vec<u8> = at.bytes().chain(body.iter().copied()).collect();
        now.abs_diff(seconds) <= FRESH.as_secs()
            && UnparsedPublicKey::new(&ED25519, key).verify(&message, &signature).is_ok()
    }

    /// Announces the answer to an interaction that came over the gateway. It is in the inbox by now.
    pub(super) async fn announce(self: &Arc<Self>, ticket: Ticket, place: Place, begun: Begun<'_>) {
        let path = format!("/interactions/{}/{}/callback", ticket.id, ticket.token);
        match self.rest.send(Method::POST, &path, &announced(place)).await {
            Err(refusal) if !refusal.is(ACKNOWLEDGED) => {
                tracing::warn!(%refusal, "an interaction is answered by a message");
            }
            _ => {
                begun.announced();
                self.clone().take_away(ticket);
            }
        }
    }

    /// Where nothing is said, the announcement of an answer is taken away before it becomes an error.
    fn take_away(self: Arc<Self>, ticket: Ticket) {
        let last = moment(ticket.id).after(LIFE.saturating_sub(LAST));
        tokio::spawn(async move {
            self.clock.sleep_until(last).await;
            if self.answers.is_bare(ticket.id) {
                self.answers.over(ticket.id);
                let _gone = self.rest.delete(&self.original(&ticket)).await;
            }
        });
    }

    /// Tells Discord which commands there are.
    ///
    /// # Errors
    /// When Discord does not take them.
    pub async fn register(&self) -> Result<(), Refusal> {
        let path = format!("/applications/{}/commands", self.desk.application);
        let registered = self.rest.send(Method::PUT, &path, &commands()).await?;
        let mut told = registered.as_array().into_iter().flatten();
        let cart = told.find(|command| command.get("name").is_some_and(|name| name == CART));
        if let Some(id) = cart.and_then(|cart| cart.get("id")).and_then(Value::as_str) {
            let _known = self.cart.set(id.to_owned());
        }
        Ok(())
    }
}

fn commands() -> Vec<CreateCommand> {
    let words =
        CreateCommandOption::new(CommandOptionType::String, "query", "What are you looking for?");
    let command = |name: &str, about: &str| {
        CreateCommand::new(name)
            .description(about)
            .contexts(vec![InteractionContext::Guild, InteractionContext::BotDm])
    };
    vec![
        command("shop", "Ask the shop").add_option(words.max_length(500)),
        command(CART, "See what is in your cart"),
        command("human", "Talk to a person of the shop"),
    ]
}
