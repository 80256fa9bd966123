//! The bare handler: checks the signature, asks the model, sends the answer. Nothing else.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::task::JoinHandle;

/// What both sides are told a message is signed with.
pub(crate) const SECRET: &[u8] = b"loopback";
/// The header the signature stands in.
pub(crate) const SIGNATURE: &str = "x-signature";

/// A message of a customer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) from: String,
    pub(crate) text: String,
}

/// What is sent to the sink.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Sent {
    pub(crate) to: String,
    pub(crate) text: String,
    /// The messages it answers.
    pub(crate) answers: Vec<String>,
}

struct Handler {
    http: reqwest::Client,
    model: String,
    sink: String,
}

/// Serves on a loopback port; says where messages go.
pub(crate) async fn open(model: &str, sink: &str) -> (String, JoinHandle<()>) {
    let handler = Handler { http: client(), model: model.to_owned(), sink: sink.to_owned() };
    let app = Router::new().route("/", post(handle)).with_state(Arc::new(handler));
    serve(app).await
}

pub(crate) async fn serve(app: Router) -> (String, JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (url, tokio::spawn(async move { axum::serve(listener, app).await.unwrap() }))
}

pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// A message, if it is signed.
pub(crate) fn signed(headers: &HeaderMap, body: &[u8]) -> Result<Message, StatusCode> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).unwrap();
    mac.update(body);
    let signature = headers.get(SIGNATURE).and_then(|it| hex::decode(it).ok());
    let signature = signature.ok_or(StatusCode::UNAUTHORIZED)?;
    mac.verify_slice(&signature).map_err(|_| StatusCode::UNAUTHORIZED)?;
    serde_json::from_slice(body).map_err(|_| StatusCode::BAD_REQUEST)
}

async fn handle(
    State(handler): State<Arc<Handler>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let message = match signed(&headers, &body) {
        Ok(message) => message,
        Err(refused) => return refused,
    };
    let asked = json!({"model": "muse", "max_tokens": 2048, "messages": [
        {"role": "system", "content": "You sell outdoor clothes. Be brief and kind."},
        {"role": "user", "content": message.text},
    ]});
    let asked = handler.http.post(format!("{}/chat/completions", handler.model)).json(&asked);
    let answer: Value = asked.send().await.unwrap().json().await.unwrap();
    let text = answer.pointer("/choices/0/message/content").and_then(Value::as_str).unwrap();
    let sent = Sent { to: message.from, text: text.to_owned(), answers: vec![message.id] };
    handler.http.post(&handler.sink).json(&sent).send().await.unwrap().error_for_status().unwrap();
    StatusCode::OK
}
