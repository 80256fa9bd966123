//! The world outside: a platform that takes deliveries, and the shop's own system that takes errands. It
//! lives in the parent, which no crash reaches.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What a child sends for one part.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Sent {
    pub(crate) outbound: String,
    pub(crate) part: u8,
    pub(crate) answers: Vec<String>,
}

/// What came to the sink.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// How often each part of each outbound was sent, and what it answers.
    pub(crate) parts: BTreeMap<(String, u8), (u64, Vec<String>)>,
    /// How often each errand was asked for, by its key: the first time has an effect.
    pub(crate) errands: BTreeMap<String, u64>,
    /// The total the shop's system was told of, for each key that was to be paid.
    pub(crate) totals: BTreeMap<String, i64>,
}

impl Seen {
    /// How often a part came that was there already.
    pub(crate) fn repeated(&self) -> u64 {
        self.parts.values().map(|(times, _)| times - 1).sum()
    }
}

/// The sink, listening.
#[derive(Debug)]
pub(crate) struct Sink {
    pub(crate) url: String,
    seen: Arc<Mutex<Seen>>,
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sink {
    pub(crate) async fn start() -> Result<Self> {
        let seen = Arc::<Mutex<Seen>>::default();
        let routes = Router::new()
            .route("/deliver", post(deliver))
            .route("/errand", post(errand))
            .with_state(seen.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.context("no loopback port")?;
        let url = format!("http://{}", listener.local_addr()?);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Self { url, seen })
    }

    pub(crate) fn seen(&self) -> Seen {
        lock(&self.seen).clone()
    }
}

async fn deliver(State(seen): State<Arc<Mutex<Seen>>>, Json(sent): Json<Sent>) -> Json<Value> {
    let id = format!("{}/{}", sent.outbound, sent.part);
    let mut seen = lock(&seen);
    let known = seen.parts.entry((sent.outbound, sent.part)).or_insert((0, sent.answers));
    known.0 += 1;
    Json(json!({ "id": id }))
}

async fn errand(
    State(seen): State<Arc<Mutex<Seen>>>,
    headers: HeaderMap,
    Json(errand): Json<Value>,
) -> Json<Value> {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
    let mut seen = lock(&seen);
    *seen.errands.entry(key.to_owned()).or_default() += 1;
    let total = errand.pointer("/body/total").and_then(Value::as_i64);
    seen.totals.extend(total.map(|total| (key.to_owned(), total)));
    Json(json!({ "url": format!("https://shop.example/pay/{}", key.replace('/', "-")) }))
}
