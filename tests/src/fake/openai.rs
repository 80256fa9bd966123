//! An OpenAI-compatible model server on loopback: its list of models, and chat completions, whole or streamed.
//!
//! It refuses what a strict server would refuse, so that a request that drifts fails its test, and
//! keeps every body as it came, byte for byte.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::routing::{get, post};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// What the server answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A completion: text and calls, whole or streamed as it was asked for.
    Says(String, Vec<(String, Value)>),
    /// A status with headers and a body.
    Status(u16, Vec<(&'static str, String)>, String),
    /// A success of this content type, whatever was asked for.
    Body(&'static str, String),
    /// Pieces of an event stream, each sent when the gate lets it; once more, and the connection breaks.
    Gated(Vec<String>, Arc<Notify>),
    /// Nothing, ever.
    Silence,
}

type Brain = Box<dyn FnMut(&Value) -> Reply + Send>;

/// A running server. It ends when it is dropped.
#[derive(Debug)]
pub struct FakeOpenAi {
    base_url: String,
    state: Arc<Server>,
    task: JoinHandle<()>,
}

struct Server {
    key: String,
    model: String,
    brain: Mutex<Brain>,
    bodies: Mutex<Vec<Bytes>>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("model", &self.model).finish_non_exhaustive()
    }
}

impl Drop for FakeOpenAi {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl FakeOpenAi {
    /// Serves `model` to whoever has `key`, answering by `brain`.
    ///
    /// # Errors
    /// When loopback has no port left.
    pub async fn start(
        key: &str,
        model: &str,
        brain: impl FnMut(&Value) -> Reply + Send + 'static,
    ) -> std::io::Result<Self> {
        let state = Arc::new(Server {
            key: key.to_owned(),
            model: model.to_owned(),
            brain: Mutex::new(Box::new(brain)),
            bodies: Mutex::default(),
        });
        let app = Router::new().route("/v1/chat/completions", post(complete));
        let app = app.route("/v1/models", get(list));
        let app = app.with_state(state.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            let _ended = axum::serve(listener, app).await;
        });
        Ok(Self { base_url: format!("http://{address}/v1"), state, task })
    }

    /// What a client's configuration names.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Every body it was sent, oldest first.
    #[must_use]
    pub fn bodies(&self) -> Vec<Bytes> {
        self.state.bodies.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What somebody without the key is answered.
fn refused(server: &Server, headers: &HeaderMap) -> Option<Response<Body>> {
    let authorized = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if authorized == Some(&format!("Bearer {}", server.key)) {
        return None;
    }
    let said = format!("Incorrect API key provided: {}", authorized.unwrap_or("none"));
    Some(status(401, &[], &error(&said, "invalid_api_key")))
}

async fn list(State(server): State<Arc<Server>>, headers: HeaderMap) -> Response<Body> {
    let listed = || {
        let model = json!({"id": server.model, "object": "model"});
        typed(200, "application/json", &json!({"object": "list", "data": [model]}).to_string())
    };
    refused(&server, &headers).unwrap_or_else(listed)
}

async fn complete(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    server.bodies.lock().unwrap_or_else(PoisonError::into_inner).push(body.clone());
    if let Some(refused) = refused(&server, &headers) {
        return refused;
    }
    let asked: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    if let Err(fault) = well_formed(&asked, &server.model) {
        return status(400, &[], &error(&fault, "invalid_request_error"));
    }
    let reply = (server.brain.lock().unwrap_or_else(PoisonError::into_inner))(&asked);
    let streams = asked.get("stream") == Some(&Value::Bool(true));
    match reply {
        Reply::Says(text, calls) if streams => {
            typed(200, "text/event-stream", &pieces(&text, &calls))
        }
        Reply::Says(text, calls) => typed(200, "application/json", &whole(&text, &calls)),
        Reply::Status(code, headers, body) => status(code, &headers, &body),
        Reply::Body(kind, body) => typed(200, kind, &body),
        Reply::Gated(pieces, gate) => gated(pieces, gate),
        Reply::Silence => std::future::pending().await,
    }
}

fn error(message: &str, kind: &str) -> String {
    json!({"error": {"message": message, "type": kind, "param": null, "code": null}}).to_string()
}

fn status(code: u16, headers: &[(&'static str, String)], body: &str) -> Response<Body> {
    let code = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let response = headers.iter().fold(
        Response::builder().status(code).header("x-request-id", "req-1"),
        |response, (name, value)| response.header(*name, value),
    );
    response.body(Body::from(body.to_owned())).unwrap_or_default()
}

fn typed(code: u16, kind: &'static str, body: &str) -> Response<Body> {
    status(code, &[("content-type", kind.to_owned())], body)
}

fn gated(pieces: Vec<String>, gate: Arc<Notify>) -> Response<Body> {
    let pieces = pieces.into_iter().map(|piece| Ok(Bytes::from(piece)));
    let sent = stream::iter(pieces.chain([Err(std::io::Error::other("cut"))]));
    let sent = sent.then(move |piece| {
        let gate = gate.clone();
        async move {
            gate.notified().await;
            piece
        }
    });
    let response = Response::builder().header(header::CONTENT_TYPE, "text/event-stream");
    response.body(Body::from_stream(sent)).unwrap_or_default()
}

/// An event of a stream.
#[must_use]
pub fn event(delta: &Value, finish: Option<&str>) -> String {
    let chunk = json!({
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    });
    format!("data: {chunk}\n\n")
}

fn usage() -> Value {
    json!({"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110,
        "prompt_tokens_details": {"cached_tokens": 60}})
}

fn finish(calls: &[(String, Value)]) -> &'static str {
    if calls.is_empty() { "stop" } else { "tool_calls" }
}

fn whole(text: &str, calls: &[(String, Value)]) -> String {
    let called = calls.iter().enumerate().map(|(n, (name, arguments))| {
        let function = json!({"name": name, "arguments": arguments.to_string()});
        json!({"id": format!("call_{n}"), "type": "function", "function": function})
    });
    let message = json!({
        "role": "assistant",
        "content": if text.is_empty() { Value::Null } else { json!(text) },
        "tool_calls": called.collect::<Vec<_>>(),
    });
    json!({
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": finish(calls)}],
        "usage": usage(),
    })
    .to_string()
}

/// Text by words, arguments in halves, then the usage: as servers stream.
fn pieces(text: &str, calls: &[(String, Value)]) -> String {
    let mut stream = String::from(": PROCESSING\n\n");
    for word in text.split_inclusive(' ') {
        stream += &event(&json!({"content": word}), None);
    }
    for (n, (name, arguments)) in calls.iter().enumerate() {
        let arguments = arguments.to_string();
        let half = arguments.floor_char_boundary(arguments.len() / 2);
        let (first, second) = arguments.split_at(half);
        let called = json!([{"index": n, "id": format!("call_{n}"), "type": "function",
            "function": {"name": name, "arguments": first}}]);
        stream += &event(&json!({"tool_calls": called}), None);
        let rest = json!([{"index": n, "function": {"arguments": second}}]);
        stream += &event(&json!({"tool_calls": rest}), None);
    }
    stream += &event(&json!({}), Some(finish(calls)));
    stream + &format!("data: {}\n\ndata: [DONE]\n\n", json!({"choices": [], "usage": usage()}))
}

/// Whether a strict server would take the request; what is wrong with it otherwise.
fn well_formed(asked: &Value, model: &str) -> Result<(), String> {
    if asked.get("model").and_then(Value::as_str) != Some(model) {
        return Err(format!("the model is {model}"));
    }
    let tools = asked.get("tools").and_then(Value::as_array).ok_or("no tools")?;
    let name = |tool: &Value| tool.pointer("/function/name")?.as_str().map(str::to_owned);
    let offered: BTreeSet<String> = tools.iter().filter_map(name).collect();
    if offered.is_empty()
        || tools.iter().any(|it| it.pointer("/function/parameters/type").is_none())
    {
        return Err("tools want a name and a schema each".to_owned());
    }
    let messages = asked.get("messages").and_then(Value::as_array).ok_or("no messages")?;
    let role = |message: &Value| message.get("role").and_then(Value::as_str).map(str::to_owned);
    if messages.first().and_then(role).as_deref() != Some("system") {
        return Err("the first message is not the system's".to_owned());
    }
    let last = messages.last().and_then(|message| message.get("content")?.as_str());
    if !last.is_some_and(|text| text.starts_with("[notes]")) {
        return Err("the last message is not the notes".to_owned());
    }
    let mut open = BTreeSet::new();
    for message in messages {
        let called = message.get("tool_calls").and_then(Value::as_array);
        match message.get("tool_call_id").and_then(Value::as_str) {
            Some(id) if open.remove(id) => continue,
            Some(id) => return Err(format!("tool_call_id {id} answers no call")),
            None if !open.is_empty() => return Err(format!("calls {open:?} have no answer")),
            None => {}
        }
        if called.is_none() && message.get("content").and_then(Value::as_str).is_none() {
            return Err("a message without content".to_owned());
        }
        for id in called.into_iter().flatten().filter_map(|call| call.get("id")?.as_str()) {
            if id.len() > 40 {
                return Err(format!("tool call id {id} is longer than 40 characters"));
            }
            open.insert(id.to_owned());
        }
    }
    if open.is_empty() { Ok(()) } else { Err(format!("calls {open:?} have no answer")) }
}
