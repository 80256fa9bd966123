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
        let id = self.state.keep(mime, "", bytes);
        MediaRef { id, mime: mime.to_owned(), sha256, ..MediaRef::default() }
    }

    /// What lies here under an id.
    #[must_use]
    pub fn file(&self, id: &str) -> Option<Lies> {
        self.state.held().files.get(id).cloned()
    }
}

/// A file that lies here.
#[derive(Clone, Debug)]
pub struct Lies {
    /// Its media type.
    pub mime: String,
    /// Its name; empty where it has none.
    pub name: String,
    /// What is in it.
    pub bytes: Bytes,
}

impl State {
    fn keep(&self, mime: &str, name: &str, bytes: Bytes) -> String {
        let mut held = self.held();
        let id = format!("90{}", held.files.len());
        let (mime, name) = (mime.to_owned(), name.to_owned());
        held.files.insert(id.clone(), Lies { mime, name, bytes });
        id
    }
}

/// What is told of a file.
pub(super) fn told(state: &State, id: &str) -> Option<Value> {
    let held = state.held();
    let Lies { mime, bytes, .. } = held.files.get(id)?;
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
    lies(&state, &id)
}

/// What the shop shows lies on its own host, which is no place for Meta's key.
pub(super) async fn shown(
    Shared(state): Shared<Arc<State>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    if headers.contains_key(header::AUTHORIZATION) {
        state.held().faults.push("the key was sent to the shop's host".to_owned());
    }
    lies(&state, &id)
}

fn lies(state: &State, id: &str) -> Response {
    let file = state.held().files.get(id).cloned();
    match file {
        Some(Lies { mime, bytes, .. }) => ([(header::CONTENT_TYPE, mime)], bytes).into_response(),
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
        Some(Lies { mime, name, bytes }) if id == state.settings.number => {
            answered(StatusCode::OK, &json!({ "id": state.keep(&mime, &name, bytes) }))
        }
        _ => {
            state.held().faults.push("a file that is no form of three fields".to_owned());
            refused(400, 100, "Invalid parameter")
        }
    }
}

/// A form's file, if it is whole and for WhatsApp.
fn parts(body: &Bytes, boundary: &str) -> Option<Lies> {
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
    let name = find(0, "filename=\"")? + "filename=\"".len();
    let name = text((name, find(name, "\"\r\n")?))?;
    let ends = body.ends_with(format!("--{boundary}--\r\n").as_bytes());
    (product == "whatsapp" && ends).then(|| Lies { mime, name, bytes: body.slice(start..end) })
}
