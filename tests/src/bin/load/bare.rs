//! The bare handler: checks the signature, acknowledges, asks the model, sends the answer. It keeps nothing.

use std::sync::Arc;

use adapters::meta::signature::Secrets;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::town::{NUMBER, SECRET};

struct Handler {
    http: reqwest::Client,
    secrets: Secrets,
    model: String,
    graph: String,
}

/// Serves on a loopback port, and says on which.
pub(crate) async fn serve(model: &str, graph: &str) -> anyhow::Result<()> {
    let handler = Handler {
        http: reqwest::Client::builder().no_proxy().build()?,
        secrets: Secrets::new([SECRET]),
        model: format!("{model}/chat/completions"),
        graph: format!("{graph}/v25.0/{NUMBER}/messages"),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    anstream::println!("http://{}/", listener.local_addr()?);
    let app = Router::new().route("/", post(handle)).with_state(Arc::new(handler));
    axum::serve(listener, app).await?;
    Ok(())
}

async fn handle(
    State(handler): State<Arc<Handler>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let header = headers.get("x-hub-signature-256").and_then(|it| it.to_str().ok());
    if handler.secrets.signer(header.unwrap_or_default(), &body).is_none() {
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(told) = serde_json::from_slice::<Value>(&body) else { return StatusCode::OK };
    if let Some(message) = told.pointer("/entry/0/changes/0/value/messages/0") {
        tokio::spawn(answer(handler, message.clone()));
    }
    StatusCode::OK
}

async fn answer(handler: Arc<Handler>, message: Value) -> reqwest::Result<()> {
    let asked = json!({ "model": "load", "messages": [
        { "role": "system", "content": "You sell outdoor clothes. Be brief and kind." },
        { "role": "user", "content": message.pointer("/text/body") },
    ] });
    let asked = handler.http.post(&handler.model).json(&asked).send().await?;
    let answer: Value = asked.json().await?;
    let body = json!({ "messaging_product": "whatsapp", "type": "text", "to": message.get("from"),
        "text": { "body": answer.pointer("/choices/0/message/content") } });
    handler.http.post(&handler.graph).bearer_auth(SECRET).json(&body).send().await?;
    Ok(())
}
