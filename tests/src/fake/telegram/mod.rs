//! A Bot API server on loopback, and the customers who write there.
//!
//! It refuses what Telegram would refuse and notes it ([`FakeTelegram::wrong`]), counts what is sent within its limits
//! on the clock it is given, and can be slow, ask to wait, lose answers and tell updates again.

mod answer;
mod check;
mod customer;
mod form;
mod shown;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use agent_core::time::{Clock, Micros};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::post;
use futures::stream;
use serde_json::{Value, json};
use tokio::sync::Notify;

pub use shown::Shown;

use super::loopback::{Served, Shared};

/// The token of the only bot it knows.
pub const TOKEN: &str = "99:loopback";
/// The bot's number, and its name.
pub const BOT: (i64, &str) = (99, "shop_bot");

/// What happens to a call.
#[derive(Clone, Debug)]
pub enum Fault {
    /// It is refused: code, description, `parameters`.
    Refused(u16, &'static str, Value),
    /// It has its effect, and its answer is lost with the connection.
    Lost,
    /// The connection ends before it has any.
    Unheard,
    /// It waits until it is told to go on.
    Slow(Arc<Notify>),
    /// It has its effect, and is answered with this.
    Answered(String),
}

/// A running server. It ends when it is dropped.
#[derive(Debug)]
pub struct FakeTelegram {
    shared: Arc<Shared<Chats>>,
    served: Served,
}

#[derive(Debug, Default)]
struct Chats {
    updates: VecDeque<(u32, Value)>,
    next_update: u32,
    confirmed: i64,
    /// How often updates that were confirmed are told once more.
    again: usize,
    shown: Vec<Shown>,
    next_message: BTreeMap<i64, i32>,
    calls: Vec<(String, Value)>,
    faults: VecDeque<(&'static str, Fault)>,
    sent: Vec<(Micros, i64)>,
    wrong: Vec<String>,
    webhook: Option<(String, String)>,
    /// Whom the bot may not write to.
    shut: Vec<i64>,
}

impl FakeTelegram {
    /// A server that counts by this clock.
    ///
    /// # Errors
    /// When loopback has no port left.
    pub async fn start(clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let shared = Shared::new(clock, Chats { next_update: 1_000, ..Chats::default() });
        let routes = Router::new().route("/{bot}/{method}", post(called));
        let routes = routes.with_state(shared.clone());
        Ok(Self { shared, served: Served::on(Served::bind().await?, routes) })
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.served.url
    }

    /// The next call of a method meets this; several, one after the other.
    pub fn fault(&self, method: &'static str, fault: Fault) {
        self.shared.state().faults.push_back((method, fault));
    }

    /// Updates that were confirmed are told again so often.
    pub fn repeat(&self, times: usize) {
        self.shared.state().again = times;
    }

    /// The bot may not write to this person, who has not opened a chat with it.
    pub fn shut(&self, person: i64) {
        self.shared.state().shut.push(person);
    }

    /// What it was asked that Telegram would not take, and what was sent beyond its limits.
    #[must_use]
    pub fn wrong(&self) -> Vec<String> {
        self.shared.state().wrong.clone()
    }

    /// The bodies of all calls of a method.
    #[must_use]
    pub fn calls(&self, method: &str) -> Vec<Value> {
        let state = self.shared.state();
        let calls = state.calls.iter().filter(|(called, _)| called == method);
        calls.map(|(_, body)| body.clone()).collect()
    }

    /// Returns when a method was called at least so often.
    pub async fn called(&self, method: &str, times: usize) {
        self.until(|fake| (fake.calls(method).len() >= times).then_some(())).await;
    }

    /// Returns when an update was confirmed: somebody has it durably, or says so.
    pub async fn confirmed(&self, update: u32) {
        let confirmed = |fake: &Self| fake.shared.state().confirmed > i64::from(update);
        self.until(|fake| confirmed(fake).then_some(())).await;
    }

    /// Returns when `done` answers with something. Every change of the server's is looked at.
    pub async fn until<T>(&self, mut done: impl FnMut(&Self) -> Option<T>) -> T {
        self.shared.until(|| done(self)).await
    }
}

async fn called(
    State(shared): State<Arc<Shared<Chats>>>,
    Path((bot, method)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    if bot != format!("bot{TOKEN}") {
        return refused(401, "Unauthorized", &Value::Null);
    }
    let method = method.to_lowercase();
    let body = match form::body(&headers, &body) {
        Ok(body) => body,
        Err(why) => {
            shared.state().wrong.push(format!("{method}: {why}"));
            return refused(400, &format!("Bad Request: {why}"), &Value::Null);
        }
    };
    let fault = {
        let mut state = shared.state();
        state.calls.push((method.clone(), body.clone()));
        let at = state.faults.iter().position(|(of, _)| *of == method);
        at.and_then(|at| state.faults.remove(at)).map(|(_, fault)| fault)
    };
    shared.changed();
    match fault {
        None => {}
        Some(Fault::Refused(code, words, parameters)) => return refused(code, words, &parameters),
        Some(Fault::Unheard) => return broken(),
        Some(Fault::Slow(go)) => go.notified().await,
        Some(Fault::Lost) => {
            let _done = answer::answer(&shared, &method, &body).await;
            shared.changed();
            return broken();
        }
        Some(Fault::Answered(words)) => {
            // A question for updates would wait for some.
            if method != "getupdates" {
                let _done = answer::answer(&shared, &method, &body).await;
            }
            shared.changed();
            return response(200, Body::from(words));
        }
    }
    let answered = answer::answer(&shared, &method, &body).await;
    shared.changed();
    match answered {
        Ok(result) => {
            response(200, Body::from(json!({ "ok": true, "result": result }).to_string()))
        }
        Err((code, words, parameters)) => refused(code, &words, &parameters),
    }
}

/// Headers, and then the end of the connection.
fn broken() -> Response<Body> {
    let cut = stream::once(async { Err::<Bytes, _>(std::io::Error::other("cut")) });
    response(200, Body::from_stream(cut))
}

fn refused(code: u16, words: &str, parameters: &Value) -> Response<Body> {
    let mut told = json!({ "ok": false, "error_code": code, "description": words });
    if let Some(told) = told.as_object_mut().filter(|_| !parameters.is_null()) {
        told.insert("parameters".to_owned(), parameters.clone());
    }
    response(code, Body::from(told.to_string()))
}

fn response(code: u16, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}
