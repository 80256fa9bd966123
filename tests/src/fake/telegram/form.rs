//! The body of a call, as JSON or as a form of several parts: fields, those that hold JSON as JSON.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

/// The fields that hold JSON in a form.
const JSON: &[&str] = &[
    "allowed_updates",
    "caption_entities",
    "entities",
    "media",
    "reply_markup",
    "reply_parameters",
];
/// Those that hold a number.
const NUMBERS: &[&str] = &["chat_id", "message_id", "max_connections"];

/// Reads a body.
///
/// # Errors
/// What is wrong with it.
pub(super) fn body(headers: &HeaderMap, body: &[u8]) -> Result<Value, String> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/json") {
        return serde_json::from_slice(body).map_err(|error| error.to_string());
    }
    let boundary = kind.split_once("boundary=").ok_or("neither JSON nor a form")?.1;
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    let mut fields = Map::new();
    for part in text.split(&format!("--{boundary}")) {
        let Some((head, value)) = part.split_once("\r\n\r\n") else { continue };
        let name = head.split_once("name=\"").and_then(|(_, rest)| rest.split('"').next());
        let (name, value) = (name.ok_or("a part without a name")?, value.trim_end_matches("\r\n"));
        let value = if JSON.contains(&name) || NUMBERS.contains(&name) {
            serde_json::from_str(value).map_err(|error| format!("{name}: {error}"))?
        } else {
            Value::from(value)
        };
        fields.insert(name.to_owned(), value);
    }
    Ok(Value::Object(fields))
}
