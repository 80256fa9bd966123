//! The model and the Graph server, and what they see.

use std::sync::Arc;
use std::time::Duration;

use agent_core::time::Clock as _;
use axum::extract::State;
use axum::http::header;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use sutler::clock::SystemClock;
use sutler_tests::fake::graph::{FakeGraph, Settings};
use sutler_tests::world::meta::words;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::ledger::{Ledger, mark, marks};

/// Meta's id of the shop's number.
pub(crate) const NUMBER: &str = "106540352242922";
/// The app's secret, its key and the word of the handshake.
pub(crate) const SECRET: &str = "load";

pub(crate) struct Town {
    pub(crate) graph: Arc<FakeGraph>,
    /// Where the model is.
    pub(crate) model: String,
    pub(crate) ledger: Arc<Ledger>,
    tasks: [JoinHandle<()>; 2],
}

impl Drop for Town {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

struct Model {
    ledger: Arc<Ledger>,
    time: Duration,
}

impl Town {
    /// A town whose model takes so long.
    pub(crate) async fn found(time: Duration) -> anyhow::Result<Self> {
        let settings = Settings {
            number: NUMBER.to_owned(),
            token: SECRET.to_owned(),
            secret: SECRET.to_owned(),
            clock: Arc::new(SystemClock),
            seed: 1,
        };
        let graph = Arc::new(FakeGraph::start(settings).await?);
        let ledger = Arc::new(Ledger::default());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let model = format!("http://{}/v1", listener.local_addr()?);
        let app = Router::new()
            .route("/v1/chat/completions", post(complete))
            .with_state(Arc::new(Model { ledger: ledger.clone(), time }));
        let thinking = tokio::spawn(async move {
            let _ended = axum::serve(listener, app).await;
        });
        let looking = tokio::spawn(look(graph.clone(), ledger.clone()));
        Ok(Self { graph, model, ledger, tasks: [thinking, looking] })
    }
}

/// Books every answer the Graph server takes.
async fn look(graph: Arc<FakeGraph>, ledger: Arc<Ledger>) {
    let mut seen = 0;
    loop {
        for taken in graph.taken_after(seen).await {
            ledger.answered(&marks(words(&taken.body)), taken.at);
            seen += 1;
        }
    }
}

/// Answers every message since the last answer, by its mark.
async fn complete(
    State(model): State<Arc<Model>>,
    Json(asked): Json<Value>,
) -> ([(header::HeaderName, &'static str); 1], String) {
    let begun = SystemClock.now();
    let all = asked.get("messages").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let role = |it: &Value| it.get("role").and_then(Value::as_str).map(str::to_owned);
    let answered = all.iter().rposition(|it| role(it).as_deref() == Some("assistant"));
    let open = all.iter().skip(answered.map_or(0, |at| at + 1));
    let mut numbers: Vec<usize> = open.flat_map(|it| marks(&it.to_string())).collect();
    numbers.dedup();
    SystemClock.sleep_until(SystemClock.now().after(model.time)).await;
    model.ledger.thought(&numbers, begun, SystemClock.now());
    let named: Vec<String> = numbers.iter().map(|number| mark(*number)).collect();
    let says = format!("I am glad to help you with {}. Which size is it for?", named.join(" and "));
    let usage = json!({"prompt_tokens": 900, "completion_tokens": 20, "total_tokens": 920});
    if asked.get("stream") != Some(&Value::Bool(true)) {
        let message = json!({"role": "assistant", "content": says});
        let choice = json!({"index": 0, "message": message, "finish_reason": "stop"});
        let answer = json!({"object": "chat.completion", "choices": [choice], "usage": usage});
        return ([(header::CONTENT_TYPE, "application/json")], answer.to_string());
    }
    let mut events = String::new();
    for word in says.split_inclusive(' ') {
        events += &sutler_tests::fake::openai::event(&json!({ "content": word }), None);
    }
    events += &sutler_tests::fake::openai::event(&json!({}), Some("stop"));
    events += &format!("data: {}\n\ndata: [DONE]\n\n", json!({"choices": [], "usage": usage}));
    ([(header::CONTENT_TYPE, "text/event-stream")], events)
}
