//! The shop's own system on loopback: it takes errands, makes each effect once by its key, and may be too late
//! to say so, or say something else.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// A running system. It ends when it is dropped.
#[derive(Debug)]
pub struct FakeBackend {
    url: String,
    state: Arc<Counter>,
    task: JoinHandle<()>,
}

/// What is said of an errand instead of its result.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing, ever.
    Silence,
    /// A status alone.
    Status(u16),
}

#[derive(Debug, Default)]
struct Counter {
    asked: Mutex<Vec<String>>,
    effects: Mutex<BTreeMap<String, Value>>,
    troubles: Mutex<VecDeque<Trouble>>,
    accepted: Notify,
}

impl Drop for FakeBackend {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl FakeBackend {
    /// A system that accepts every errand, and the first times has these troubles to say so.
    ///
    /// # Errors
    /// When loopback has no port left.
    pub async fn start(troubles: &[Trouble]) -> std::io::Result<Self> {
        let troubles = Mutex::new(troubles.iter().copied().collect());
        let state = Arc::new(Counter { troubles, ..Counter::default() });
        let app = Router::new().route("/errands", post(accept)).with_state(state.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            let _ended = axum::serve(listener, app).await;
        });
        Ok(Self { url: format!("http://{address}/errands"), state, task })
    }

    /// Where errands go.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The keys of everything it was asked, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.state.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What it did, by key.
    #[must_use]
    pub fn effects(&self) -> BTreeMap<String, Value> {
        self.state.effects.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns when an errand was accepted since this was awaited last.
    pub async fn accepted(&self) {
        self.state.accepted.notified().await;
    }
}

async fn accept(
    State(state): State<Arc<Counter>>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let errand: Value = serde_json::from_slice(&body).unwrap_or_default();
    let key = header("idempotency-key").to_owned();
    if key.is_empty() || header("x-sutler-signature").len() != 64 || errand.get("key").is_none() {
        return (StatusCode::BAD_REQUEST, "no key, no signature or no errand".to_owned());
    }
    let answer = {
        let mut effects = state.effects.lock().unwrap_or_else(PoisonError::into_inner);
        let url = format!("https://shop.example/pay/{}", effects.len() + 1);
        effects
            .entry(key.clone())
            .or_insert_with(|| json!({ "url": url, "errand": errand }))
            .clone()
    };
    state.asked.lock().unwrap_or_else(PoisonError::into_inner).push(key);
    let trouble = state.troubles.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    state.accepted.notify_one();
    match trouble {
        Some(Trouble::Silence) => std::future::pending().await,
        Some(Trouble::Status(status)) => {
            (StatusCode::from_u16(status).unwrap_or_default(), String::new())
        }
        None => (StatusCode::OK, json!({ "url": answer.get("url") }).to_string()),
    }
}
