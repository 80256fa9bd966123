//! The server's routes.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::{Account, Fate, Settings, State, Taken, files, limits};

/// The app's id.
const APP: &str = "900000000000001";

pub(super) fn routes(state: Arc<State>) -> Router {
    Router::new()
        .route("/{version}/{id}", get(known))
        .route("/{version}/{id}/messages", post(messages))
        .route("/{version}/{id}/media", post(files::brought))
        .route("/files/{id}", get(files::content))
        .route("/shop/{id}", get(files::shown))
        .route("/{version}/{id}/subscribed_apps", get(subscribed))
        .route("/{version}/{id}/subscriptions", get(subscriptions))
        .with_state(state)
}

/// An answer as Meta refuses.
pub(super) fn refused(status: u16, code: u64, message: &str) -> Response {
    let error = json!({ "message": message, "type": "OAuthException", "code": code,
        "error_data": { "messaging_product": "whatsapp", "details": message },
        "fbtrace_id": "FAKE" });
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    answered(status, &json!({ "error": error }))
}

pub(super) fn answered(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// Whether the key is the one that is taken.
pub(super) fn authorized(state: &State, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    given == Some(&format!("Bearer {}", state.settings.token))
}

async fn known(
    Shared(state): Shared<Arc<State>>,
    Path((_version, id)): Path<(String, String)>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if !authorized(&state, &headers) {
        return refused(401, 190, "Invalid OAuth access token");
    }
    if !proves(&state, &query) {
        return refused(400, 100, "Invalid appsecret_proof provided in the API argument");
    }
    if let Some(file) = files::told(&state, &id) {
        return answered(StatusCode::OK, &file);
    }
    if id == "app" {
        return answered(StatusCode::OK, &json!({ "id": APP, "name": "An app" }));
    }
    if id != state.settings.number {
        return refused(400, 100, "Object does not exist");
    }
    let account = state.held().account;
    let mut facts = account.facts();
    if let Some(asked) = query.get("fields") {
        let unknown = |field: &&str| *field != "id" && facts.get(*field).is_none();
        if let Some(field) = asked.split(',').find(unknown) {
            let why = format!("(#100) Tried accessing nonexisting field ({field})");
            return refused(400, 100, &why);
        }
        facts.retain(|field, _| asked.split(',').any(|it| it == field));
    }
    facts.insert("id".to_owned(), id.into());
    answered(StatusCode::OK, &facts.into())
}

impl Account {
    /// What is known of it.
    fn facts(self) -> Map<String, Value> {
        let facts: &[(&str, &str)] = match self {
            Self::Number => &[
                ("display_phone_number", "+1 555 000 1111"),
                ("verified_name", "A shop"),
                ("quality_rating", "GREEN"),
            ],
            Self::Page => &[("name", "A page"), ("category", "Shopping")],
            Self::Instagram => &[("name", "A gallery"), ("username", "a.shop")],
        };
        facts.iter().map(|(name, fact)| ((*name).to_owned(), (*fact).into())).collect()
    }

    /// As webhooks name its kind.
    fn object(self) -> &'static str {
        match self {
            Self::Number => "whatsapp_business_account",
            Self::Page => "page",
            Self::Instagram => "instagram",
        }
    }
}

/// Who is subscribed: to a page or an Instagram account itself, to a number by its business account.
async fn subscribed(
    Shared(state): Shared<Arc<State>>,
    Path((_version, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if !authorized(&state, &headers) {
        return refused(401, 190, "Invalid OAuth access token");
    }
    let held = state.held();
    let itself = id == state.settings.number;
    if itself == (held.account == Account::Number) {
        return refused(400, 100, "(#100) Tried accessing nonexisting field (subscribed_apps)");
    }
    let app = match held.account {
        Account::Number => json!({ "whatsapp_business_api_data": { "id": APP } }),
        _ => json!({ "id": APP, "name": "An app", "subscribed_fields": held.fields }),
    };
    let apps = if held.subscribed { vec![app] } else { Vec::new() };
    answered(StatusCode::OK, &json!({ "data": apps }))
}

/// What the app tells: for its own key, which its secret is part of.
async fn subscriptions(Shared(state): Shared<Arc<State>>, headers: HeaderMap) -> Response {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if given != Some(&format!("Bearer {APP}|{}", state.settings.secret)) {
        return refused(400, 15, "This method must be called with an app access_token.");
    }
    let held = state.held();
    let told = held.tells.iter().map(|(callback, fields)| {
        let fields: Vec<Value> =
            fields.iter().map(|name| json!({ "name": name, "version": "v25.0" })).collect();
        json!({ "object": held.account.object(), "callback_url": callback, "active": true,
            "fields": fields })
    });
    answered(StatusCode::OK, &json!({ "data": told.collect::<Vec<Value>>() }))
}

async fn messages(
    Shared(state): Shared<Arc<State>>,
    Path((_version, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !authorized(&state, &headers) {
        return refused(401, 190, "Invalid OAuth access token");
    }
    if id != state.settings.number {
        return refused(400, 100, "Object does not exist");
    }
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    // Messenger's and Instagram's messages name whom they are for by an object.
    let page = state.held().account == Account::Page;
    let checked = match asked.pointer("/recipient/id") {
        Some(_) => limits::messenger(&asked, !page),
        None => limits::whatsapp(&asked),
    };
    if let Err(fault) = checked {
        state.held().faults.push(fault.clone());
        return refused(400, 131_009, &fault);
    }
    if asked.get("sender_action").is_some() {
        return answered(StatusCode::OK, &json!({ "recipient_id": "1" }));
    }
    if let Some(read) = asked.get("message_id").and_then(Value::as_str) {
        state.held().read.push(read.to_owned());
        return answered(StatusCode::OK, &json!({ "success": true }));
    }
    take(&state, &asked).await
}

async fn take(state: &State, asked: &Value) -> Response {
    let key = |key: &str| asked.get(key).and_then(Value::as_str).map(str::to_owned);
    let instagram = asked.pointer("/recipient/id").and_then(Value::as_str).map(str::to_owned);
    let to = instagram.or_else(|| key("to")).or_else(|| key("recipient")).unwrap_or_default();
    let template = key("type").as_deref() == Some("template");
    let now = state.settings.clock.now();
    let (answer, fate) = {
        let mut held = state.held();
        let fate = held.next_fate();
        match fate {
            Some(Fate::Code(status, code)) => return refused(status, code, "told to refuse"),
            Some(Fate::Busy(minutes)) => return busy(minutes),
            Some(Fate::Gone) => (Value::Null, fate),
            Some(Fate::Lost | Fate::Fails(_) | Fate::Late) | None => {
                if let Err(code) = held.may(&to, template, now) {
                    // Whoever knows the window does not ask.
                    let late = code == 131_047;
                    held.faults.extend(late.then(|| format!("{to} has not written for 24 hours")));
                    let status = if code == 131_056 { 429 } else { 400 };
                    return refused(status, code, "(#limit) not now");
                }
                let id = format!("wamid.OUT{}", held.taken.len() + 1);
                let fails = match fate {
                    Some(Fate::Fails(code)) => Some(code),
                    _ => None,
                };
                let body = asked.clone();
                held.taken.push(Taken { id: id.clone(), to: to.clone(), body, at: now, fails });
                state.bell.notify_waiters();
                let answer = json!({
                    "messaging_product": "whatsapp",
                    "contacts": [{ "input": to, "wa_id": to }],
                    "recipient_id": to,
                    "message_id": id,
                    "messages": [{ "id": id, "message_status": "accepted" }],
                });
                (answer, fate)
            }
        }
    };
    match fate {
        // Whoever waits for an answer gets a server's error in place of it, as from a proxy.
        Some(Fate::Lost | Fate::Gone) => {
            (StatusCode::BAD_GATEWAY, "upstream closed").into_response()
        }
        Some(Fate::Late) => {
            // The server keeps it open for as long as there is one.
            if let Ok(permit) = state.late.acquire().await {
                permit.forget();
            }
            answered(StatusCode::OK, &answer)
        }
        _ => answered(StatusCode::OK, &answer),
    }
}

/// The account sent too much; the header says when that is over.
fn busy(minutes: u64) -> Response {
    let usage = json!({ "1": [{ "type": "messages", "call_count": 100, "total_cputime": 20,
        "total_time": 20, "estimated_time_to_regain_access": minutes }] });
    let header = ("x-business-use-case-usage", usage.to_string());
    ([header], refused(429, 80_007, "Rate limit issues")).into_response()
}

/// Whether a request that brings a proof of the app's secret brings the right one.
fn proves(state: &State, query: &BTreeMap<String, String>) -> bool {
    let Settings { secret, token, .. } = &state.settings;
    let proof = adapters::meta::signature::proof(secret, token);
    query.get("appsecret_proof").is_none_or(|given| *given == proof)
}
