//! The files of the page, as they are compiled in, and the headers they travel with.

use std::sync::LazyLock;

use agent_core::digest::Digest;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

use crate::server::Problem;

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// Name, media type, content.
const FILES: &[(&str, &str, &str)] = &[
    ("chat.css", STYLE, include_str!("page/chat.css")),
    ("goods.css", STYLE, include_str!("page/goods.css")),
    ("icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
    ("chat.js", SCRIPT, include_str!("page/chat.js")),
    ("dom.js", SCRIPT, include_str!("page/dom.js")),
    ("link.js", SCRIPT, include_str!("page/link.js")),
    ("log.js", SCRIPT, include_str!("page/log.js")),
    ("part.js", SCRIPT, include_str!("page/part.js")),
    ("cart.js", SCRIPT, include_str!("page/cart.js")),
];

/// The one line that embeds the page.
const WIDGET: &str = include_str!("page/widget.js");

/// What tells the files of one build from those of another: browsers keep them for ever under it.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let all: String = FILES.iter().map(|(_, _, content)| *content).collect();
    Digest::of(all.as_bytes()).to_string().chars().take(12).collect()
});

/// Where a file is.
pub(super) fn path(file: &str) -> String {
    format!("/assets/{}/{file}", *VERSION)
}

pub(super) async fn asset(
    Path((version, file)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let found = FILES.iter().find(|(name, _, _)| *name == file && version == *VERSION);
    let (_, kind, content) = found.ok_or_else(|| {
        Problem::new(StatusCode::NOT_FOUND, "there is no such file in this version")
    })?;
    Ok(kept(kind, *content, "public, max-age=31536000, immutable"))
}

pub(super) async fn widget() -> Response {
    // A page of another site loads it, whatever that site asks of what it loads.
    let head = [("cross-origin-resource-policy", "cross-origin")];
    (head, kept(SCRIPT, WIDGET, "public, max-age=300")).into_response()
}

/// A shop's own style sheet.
pub(super) fn style(content: String) -> Response {
    kept(STYLE, content, "public, max-age=300")
}

/// A picture that was drawn. It runs nothing and loads nothing, wherever it is opened.
pub(super) fn picture(content: String) -> Response {
    let head = [("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")];
    (head, kept("image/svg+xml", content, "public, max-age=86400")).into_response()
}

fn kept(kind: &str, content: impl Into<axum::body::Body>, cache: &str) -> Response {
    let head = [
        (CONTENT_TYPE.as_str(), kind),
        (CACHE_CONTROL.as_str(), cache),
        ("x-content-type-options", "nosniff"),
    ];
    (head, content.into()).into_response()
}
