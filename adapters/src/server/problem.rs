//! What is wrong, as `application/problem+json` (RFC 9457): always, whoever found it.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// The media type.
const JSON: HeaderValue = HeaderValue::from_static("application/problem+json");
/// Of a plain answer, what is taken over as detail; what is longer is not meant for people.
const DETAIL: usize = 2_048;

/// What is wrong with a request. Its words are for the developer who sent it; what went wrong inside is in
/// the log and never here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "api", derive(utoipa::ToSchema))]
pub struct Problem {
    /// What kind of problem, for machines: a relative reference that never changes; `about:blank` says no
    /// more than the status.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status's own words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What to do about it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// In how many seconds to try again, which is also said as `Retry-After`.
    #[serde(skip)]
    pub retry: Option<u64>,
}

impl Problem {
    /// A problem that its status names.
    #[must_use]
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("error");
        Self {
            kind: "about:blank",
            title,
            status: status.as_u16(),
            detail: detail.into(),
            retry: None,
        }
    }

    /// The same with a kind of its own.
    #[must_use]
    pub fn kind(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    /// The same, to be tried again in so many seconds.
    #[must_use]
    pub fn retry(self, seconds: u64) -> Self {
        Self { retry: Some(seconds), ..self }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // Words and numbers alone: they are always JSON.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, [(CONTENT_TYPE, JSON)], body).into_response();
        if status == StatusCode::UNAUTHORIZED {
            // RFC 9110, 11.6.1: a 401 says how to prove who one is.
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Whatever went wrong without words of ours is told as a problem too: a path nobody knows, a method, a
/// body that is too long, JSON that is none, a panic.
pub(crate) async fn uniform(request: Request, next: Next) -> Response {
    use futures::FutureExt as _;
    let answered = std::panic::AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let Ok(response) = answered else {
        tracing::error!("a request's answer panicked");
        return Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "").into_response();
    };
    let status = response.status();
    let kind = response.headers().get(CONTENT_TYPE);
    let plain = kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !plain || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let words = to_bytes(body, DETAIL).await.unwrap_or_default();
    let detail = if status.is_client_error() { String::from_utf8_lossy(&words) } else { "".into() };
    let problem = Problem::new(status, detail);
    head.headers.insert(CONTENT_TYPE, JSON);
    head.headers.remove(CONTENT_LENGTH);
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    Response::from_parts(head, Body::from(body))
}
