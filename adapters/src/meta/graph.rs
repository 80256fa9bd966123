//! Calls of the Graph API: what was asked, and what is known of the outcome.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use agent_core::time::{Clock, Micros};
use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::Value;

use super::errors::GraphError;
use super::loose::text;

/// Where the Graph API is.
pub const BASE_URL: &str = "https://graph.facebook.com";
/// The version that is spoken when none is configured.
pub const VERSION: &str = "v25.0";
/// How long an answer is waited for; a message nobody knows the outcome of is worse than a late one.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of an answer that are read.
const ANSWER: usize = 256 * 1024;

/// A key of the Graph API. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(pub String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// How one account reaches the Graph API.
#[derive(Clone, Debug)]
pub struct GraphSettings {
    /// Where it is; [`BASE_URL`] but for tests and for Instagram's own login.
    pub base_url: String,
    /// Its version: [`VERSION`].
    pub version: String,
    /// Its key.
    pub token: Token,
}

/// A client for one account.
#[derive(Clone, Debug)]
pub struct Graph {
    http: Client,
    clock: Arc<dyn Clock>,
    settings: GraphSettings,
}

/// Why there is no good answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It never left: it may be sent again.
    #[error("the Graph API can't be reached: {0}")]
    NotSent(String),
    /// It may have been done.
    #[error("the Graph API gave no answer: {0}")]
    Unknown(String),
    /// It was refused. With it, how long the account must wait, where Meta says so.
    #[error("{} (code {})", .0.message, .0.code)]
    Refused(GraphError, Option<Duration>),
}

impl Graph {
    /// A client over `http`, which must follow no redirects.
    #[must_use]
    pub fn new(http: Client, clock: Arc<dyn Clock>, settings: GraphSettings) -> Self {
        Self { http, clock, settings }
    }

    /// Sends `body` to a path below the version.
    ///
    /// # Errors
    /// When it was refused, or nobody knows.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, CallError> {
        self.call(self.http.post(self.url(path)).json(body)).await
    }

    /// Reads a path below the version.
    ///
    /// # Errors
    /// When it was refused, or nobody knows.
    pub async fn get(&self, path: &str) -> Result<Value, CallError> {
        self.call(self.http.get(self.url(path))).await
    }

    /// The same with the app's own key, which its id and its secret are.
    pub(crate) fn of_app(&self, id: &str, secret: &str) -> Self {
        let token = Token(format!("{id}|{secret}"));
        Self { settings: GraphSettings { token, ..self.settings.clone() }, ..self.clone() }
    }

    /// Sends a body of another type to a path below the version.
    pub(crate) async fn send(
        &self,
        path: &str,
        kind: &str,
        body: Bytes,
    ) -> Result<Value, CallError> {
        self.call(self.http.post(self.url(path)).header(CONTENT_TYPE, kind).body(body)).await
    }

    pub(crate) fn http(&self) -> &Client {
        &self.http
    }

    pub(crate) fn token(&self) -> &str {
        &self.settings.token.0
    }

    pub(crate) fn base_url(&self) -> &str {
        &self.settings.base_url
    }

    pub(crate) fn now(&self) -> Micros {
        self.clock.now()
    }

    /// Returns when an answer is no longer waited for.
    pub(crate) async fn late(&self) {
        self.clock.sleep_until(self.clock.now().after(PATIENCE)).await;
    }

    fn url(&self, path: &str) -> String {
        let GraphSettings { base_url, version, .. } = &self.settings;
        format!("{}/{version}/{path}", base_url.trim_end_matches('/'))
    }

    async fn call(&self, request: RequestBuilder) -> Result<Value, CallError> {
        let asked = async {
            let response = request.bearer_auth(&self.settings.token.0).send().await;
            let response = response.map_err(|error| {
                let what = error.is_connect().then_some(CallError::NotSent as fn(String) -> _);
                what.unwrap_or(CallError::Unknown)(error.without_url().to_string())
            })?;
            answer(response).await
        };
        tokio::select! {
            answered = asked => answered,
            () = self.late() => {
                Err(CallError::Unknown(format!("nothing within {PATIENCE:?}")))
            }
        }
    }
}

async fn answer(mut response: reqwest::Response) -> Result<Value, CallError> {
    let status = response.status();
    let wait = regained(response.headers());
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() <= ANSWER => {
                bytes.extend_from_slice(&chunk);
            }
            Ok(Some(_)) => return Err(CallError::Unknown("an endless answer".to_owned())),
            Ok(None) => break,
            Err(error) => return Err(CallError::Unknown(error.without_url().to_string())),
        }
    }
    read(status, &bytes, wait)
}

/// What a whole answer comes to.
pub(super) fn read(
    status: StatusCode,
    bytes: &[u8],
    wait: Option<Duration>,
) -> Result<Value, CallError> {
    let body: Option<Value> = serde_json::from_slice(bytes).ok();
    match body {
        Some(body) if status.is_success() && body.pointer("/error").is_none() => Ok(body),
        Some(body) if let Some(error) = GraphError::of(&body) => {
            Err(CallError::Refused(error, wait))
        }
        // A 4xx without an error of Graph's was refused on the way; nobody else did anything.
        _ if status.is_client_error() => {
            let message = format!("HTTP {status}");
            let transient = Some(status.as_u16() == 429);
            let code = if status.as_u16() == 429 { 4 } else { 100 };
            Err(CallError::Refused(GraphError { code, subcode: None, transient, message }, wait))
        }
        _ => Err(CallError::Unknown(format!("HTTP {status}"))),
    }
}

/// When the account may be used again, by `X-Business-Use-Case-Usage`, which counts minutes.
fn regained(headers: &HeaderMap) -> Option<Duration> {
    let usage = headers.get("x-business-use-case-usage")?.to_str().ok()?;
    let usage: Value = serde_json::from_str(usage).ok()?;
    let all = usage.as_object()?.values().filter_map(Value::as_array).flatten();
    let minutes = all.filter_map(|it| text(it, "/estimated_time_to_regain_access")?.parse().ok());
    minutes
        .max()
        .filter(|minutes| *minutes > 0)
        .map(|minutes: u64| Duration::from_secs(minutes * 60))
}
