//! Files: what customers sent, and what was brought.

use std::sync::Arc;

use agent_core::digest::Digest;
use agent_core::message::MediaRef;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};

use super::serve::{answered, authorized, refused};
use super::{FakeGraph, State};

impl FakeGraph {
    /// A customer's file lies here; what a message names it by.
    #[must_use]
    pub fn keeps(&self, mime: &str, bytes: impl Into<Bytes>) -> MediaRef {
        let bytes = bytes.into();
        let sha256 = Some(Digest::of(&bytes));
        MediaRef { id: self.state.keep(mime, bytes), mime: mime.to_owned(), bytes: None, sha256 }
    }

    /// What lies here under an id: type and content.
    #[must_use]
    pub fn file(&self, id: &str) -> Option<(String, Bytes)> {
        self.state.held().files.get(id).cloned()
    }
}

impl State {
    fn keep(&self, mime: &str, bytes: Bytes) -> String {
        let mut held = self.held();
        let id = format!("90{}", held.files.len());
        held.files.insert(id.clone(), (mime.to_owned(), bytes));
        id
    }
}

/// What is told of a file.
pub(super) fn told(state: &State, id: &str) -> Option<Value> {
    let held = state.held();
    let (mime, bytes) = held.files.get(id)?;
    Some(json!({
        "messaging_product": "whatsapp",
        "id": id,
        "url": format!("{}/files/{id}", state.base_url),
        "mime_type": mime,
        "sha256": Digest::of(bytes).to_string(),
        "file_size": bytes.len().to_string(),
    }))
}

pub(super) async fn content(
    Shared(state): Shared<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    // Meta answers no one who does not say who they are.
    if !authorized(&state, &headers) || !headers.contains_key(header::USER_AGENT) {
        return refused(401, 190, "Invalid OAuth access token");
    }
    let file = state.held().files.get(&id).cloned();
    match file {
        Some((mime, bytes)) => ([(header::CONTENT_TYPE, mime)], bytes).into_response(),
        None => refused(404, 100, "Object does not exist"),
    }
}

pub(super) async fn brought(
    Shared(state): Shared<Arc<State>>,
    Path((_version, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !authorized(&state, &headers) {
        return refused(401, 190, "Invalid OAuth access token");
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let boundary = kind.and_then(|it| it.strip_prefix("multipart/form-data; boundary="));
    let file = boundary.and_then(|boundary| parts(&body, boundary));
    match file {
        Some((mime, bytes)) if id == state.settings.number => {
            answered(StatusCode::OK, &json!({ "id": state.keep(&mime, bytes) }))
        }
        _ => {
            state.held().faults.push("a file that is no form of three fields".to_owned());
            refused(400, 100, "Invalid parameter")
        }
    }
}

/// Type and content of a form's file, if it is whole and for WhatsApp.
fn parts(body: &Bytes, boundary: &str) -> Option<(String, Bytes)> {
    let find = |from: usize, what: &str| {
        let rest = body.get(from..)?;
        let at = rest.windows(what.len()).position(|it| it == what.as_bytes())?;
        Some(from + at)
    };
    let field = |name: &str| {
        let start = find(0, &format!("name=\"{name}\""))?;
        let start = find(start, "\r\n\r\n")? + 4;
        let end = find(start, &format!("\r\n--{boundary}"))?;
        Some((start, end))
    };
    let text = |(start, end): (usize, usize)| {
        std::str::from_utf8(body.get(start..end)?).ok().map(str::to_owned)
    };
    let product = text(field("messaging_product")?)?;
    let mime = text(field("type")?)?;
    let (start, end) = field("file")?;
    let ends = body.ends_with(format!("--{boundary}--\r\n").as_bytes());
    (product == "whatsapp" && ends).then(|| (mime, body.slice(start..end)))
}
