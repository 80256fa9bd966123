//! The webhook: a route of our server, since 200 means that an update is ours from then on.
//!
//! Updates of one chat come one after the other, the next when the one before was answered
//! (telegram-bot-api, `WebhookActor`), so their order is kept.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use agent_core::id::Name;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use subtle::ConstantTimeEq as _;
use teloxide::prelude::Requester as _;
use url::Url;

use super::decode;
use super::door::{Door, WANTED};
use super::fault;
use crate::server::Problem;

/// The path the routes stand under; after it comes the account.
pub const PATH: &str = "/webhooks/telegram";

/// The header with the secret.
const SECRET: &str = "x-telegram-bot-api-secret-token";
/// The first and the longest wait until the webhook is announced again.
const WAITS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// Seconds until Telegram should try again what was not taken in.
const AGAIN: u64 = 5;

/// Doors by account, each with its secret.
type Doors = Arc<BTreeMap<Name, (Door, String)>>;

/// The routes, for whoever nests them under [`PATH`]. Each door comes with its secret, of 1 to 256 letters,
/// digits, `_` and `-`.
pub fn routes(doors: impl IntoIterator<Item = (Door, String)>) -> Router {
    let doors = doors.into_iter().map(|door| (door.0.telegram.account().clone(), door));
    let doors: Doors = Arc::new(doors.collect());
    Router::new().route("/{account}", post(receive)).with_state(doors)
}

async fn receive(
    State(doors): State<Doors>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let unknown =
        || Problem::new(StatusCode::UNAUTHORIZED, "the secret token is wrong").into_response();
    let Some((door, secret)) = doors.get(&Name::from(account.as_str())) else { return unknown() };
    let given = headers.get(SECRET).map_or(&[][..], |given| given.as_bytes());
    if !bool::from(given.ct_eq(secret.as_bytes())) {
        tracing::warn!(account, "a webhook call without the secret was refused");
        return unknown();
    }
    let text = String::from_utf8_lossy(&body);
    match door.take(decode::update(&text)).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => {
            tracing::error!(account, %error, "an update was not taken in");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "").retry(AGAIN).into_response()
        }
    }
}

/// Tells Telegram where the webhook is, until it knows.
pub async fn announce(door: Door, url: Url, secret: String, stop: impl Future<Output = ()> + Send) {
    let (telegram, mut wait) = (&door.telegram, WAITS.0);
    let mut stop = std::pin::pin!(stop);
    loop {
        let mut set = telegram.bot().set_webhook(url.clone());
        set.secret_token = Some(secret.clone());
        set.allowed_updates = Some(WANTED.to_vec());
        let set = tokio::select! {
            () = &mut stop => return,
            set = async { set.await } => set,
        };
        match set {
            Ok(_) => return tracing::info!(account = %telegram.account(), "webhook set"),
            Err(error) => {
                let why = fault::told(&error);
                tracing::error!(account = %telegram.account(), why, "webhook not set");
            }
        }
        tokio::select! {
            () = &mut stop => return,
            () = telegram.clock().sleep_until(telegram.clock().now().after(wait)) => {}
        }
        wait = wait.saturating_mul(2).min(WAITS.1);
    }
}
