//! The other process: the model, the sink, and the customers who write.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::routing::post;
use axum::{Json, Router};
use futures::StreamExt as _;
use futures::stream;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::sync::oneshot;

use crate::bare::{Message, SECRET, SIGNATURE, Sent, client, serve};

/// How long an answer is awaited.
const PATIENCE: Duration = Duration::from_secs(60);
/// Customers who write at once where no rate is given.
const AT_ONCE: usize = 64;
const SAYS: &str = "I am glad to help you with that. What is it for, and which size do you wear?";
const ASKS: [&str; 4] = [
    "Hello, I am looking for a blue rain jacket for cycling",
    "It should be really waterproof and have a hood",
    "I usually wear a medium, but I like it loose",
    "Thank you, and do you have trousers that go with it?",
];

/// What the customers are to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Load {
    pub(crate) url: String,
    pub(crate) customers: u64,
    pub(crate) messages: u64,
    /// A second; without, each customer waits for an answer before the next message.
    pub(crate) rate: Option<u64>,
    /// The number of the first message, so that ids are never told twice.
    pub(crate) first: u64,
}

/// What came of it; times in microseconds.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) answered: u64,
    pub(crate) failed: u64,
    pub(crate) p50: u64,
    pub(crate) p99: u64,
}

type Waiting = Arc<Mutex<HashMap<String, oneshot::Sender<()>>>>;

/// Does what stdin says, until it ends.
pub(crate) async fn run() {
    let waiting = Waiting::default();
    let (model, _) = serve(Router::new().route("/v1/chat/completions", post(complete))).await;
    let sink = Router::new().route("/", post(sent)).with_state(waiting.clone());
    let (sink, _) = serve(sink).await;
    println!("{model}/v1 {sink}");
    let http = client();
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        let load: Load = serde_json::from_str(&line).unwrap();
        let told = write(&http, &waiting, load).await;
        println!("{}", serde_json::to_string(&told).unwrap());
    }
}

async fn complete(Json(asked): Json<Value>) -> ([(header::HeaderName, &'static str); 1], String) {
    let usage = json!({"prompt_tokens": 900, "completion_tokens": 20, "total_tokens": 920});
    if asked.get("stream") != Some(&Value::Bool(true)) {
        let message = json!({"role": "assistant", "content": SAYS});
        let choice = json!({"index": 0, "message": message, "finish_reason": "stop"});
        let answer = json!({"object": "chat.completion", "choices": [choice], "usage": usage});
        return ([(header::CONTENT_TYPE, "application/json")], answer.to_string());
    }
    let mut events = String::new();
    let mut event = |choices: Value, usage: &Value| {
        let chunk = json!({"object": "chat.completion.chunk", "choices": choices, "usage": usage});
        events.push_str(&format!("data: {chunk}\n\n"));
    };
    for word in SAYS.split_inclusive(' ') {
        event(
            json!([{"index": 0, "delta": {"content": word}, "finish_reason": null}]),
            &Value::Null,
        );
    }
    event(json!([{"index": 0, "delta": {}, "finish_reason": "stop"}]), &usage);
    events.push_str("data: [DONE]\n\n");
    ([(header::CONTENT_TYPE, "text/event-stream")], events)
}

async fn sent(State(waiting): State<Waiting>, Json(sent): Json<Sent>) -> StatusCode {
    let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
    for answered in sent.answers {
        if let Some(waits) = waiting.remove(&answered) {
            let _gone = waits.send(());
        }
    }
    StatusCode::OK
}

async fn write(http: &reqwest::Client, waiting: &Waiting, load: Load) -> Told {
    let begun = Instant::now();
    let one = |n: u64, customer: u64, due: Instant| {
        let message = Message {
            id: format!("m{}", load.first + n),
            from: format!("customer-{customer}"),
            text: ASKS
                .iter()
                .cycle()
                .nth((n / load.customers % 4) as usize)
                .map_or("", |it| it)
                .to_owned(),
        };
        say(http.clone(), waiting.clone(), load.url.clone(), message, due)
    };
    let mut took = Vec::new();
    if let Some(rate) = load.rate {
        let mut said = Vec::new();
        for n in 0..load.messages {
            let due = begun + Duration::from_secs_f64(n as f64 / rate as f64);
            tokio::time::sleep_until(due.into()).await;
            said.push(tokio::spawn(one(n, n % load.customers, due)));
        }
        for said in said {
            took.push(said.await.unwrap());
        }
    } else {
        let one = &one;
        let talks = (0..load.customers).map(|customer| async move {
            let mut took = Vec::new();
            for n in (customer..load.messages).step_by(load.customers as usize) {
                // Customers of one load are told from those of the next by the first number.
                took.push(one(n, load.first + customer, Instant::now()).await);
            }
            took
        });
        let talks: Vec<_> = stream::iter(talks).buffer_unordered(AT_ONCE).collect().await;
        took.extend(talks.into_iter().flatten());
    }
    let mut answered: Vec<u64> = took.iter().flatten().map(|it| it.as_micros() as u64).collect();
    answered.sort_unstable();
    let at = |part: usize| answered.get(answered.len() * part / 100).copied().unwrap_or_default();
    Told {
        answered: answered.len() as u64,
        failed: (took.len() - answered.len()) as u64,
        p50: at(50),
        p99: at(99),
    }
}

/// Says one message; how long after it was due its answer came to the sink.
async fn say(
    http: reqwest::Client,
    waiting: Waiting,
    url: String,
    message: Message,
    due: Instant,
) -> Option<Duration> {
    let (waits, answered) = oneshot::channel();
    waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(message.id.clone(), waits);
    let body = serde_json::to_vec(&message).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).unwrap();
    mac.update(&body);
    let signature = hex::encode(mac.finalize().into_bytes());
    let asked = http.post(url).header(SIGNATURE, signature).body(body).send().await;
    asked.and_then(reqwest::Response::error_for_status).ok()?;
    tokio::time::timeout(PATIENCE, answered).await.ok()?.ok()?;
    Some(due.elapsed())
}
