//! The HTTP server all channels with a web side stand on: one listener, limits on everything, and one way to
//! say that something is wrong.
//!
//! A part brings a [`Router`] with its own state and the path it is found under; the [`Server`] knows nothing
//! of what stands behind. It speaks HTTP/1.1 without TLS: a proxy in front of it does that.

mod accept;
mod guard;
mod problem;
mod proxy;
mod rate;
mod stop;
mod streams;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use agent_core::time::Clock;
use axum::Router;
use axum::extract::DefaultBodyLimit;
pub use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;

pub use accept::Ended;
pub use problem::Problem;
pub use proxy::{Client, Network};
pub use rate::{Allowance, Rate};
pub use stop::{Stop, Stopper};
pub use streams::{Seat, Streams};

/// What one server takes on at most. Every default is enough for a thousand visitors on a small machine.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at once; who comes after waits in the system's own queue.
    pub connections: usize,
    /// Bytes of a request's body.
    pub body: usize,
    /// Bytes of a request's line and headers together; hyper wants at least 8,192.
    pub head: usize,
    /// How long a request's headers may take to arrive, which is also how long an idle connection is kept.
    pub head_time: Duration,
    /// How long a request may take until its answer begins; a stream's length is not limited by it.
    pub answer_time: Duration,
    /// Requests of one address.
    pub allowance: Allowance,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4_096,
            body: 256 * 1024,
            head: 16 * 1024,
            head_time: Duration::from_secs(30),
            answer_time: Duration::from_secs(30),
            allowance: Allowance { per_second: 20, burst: 100 },
        }
    }
}

/// A part of the server: the routes of a channel, of the API, of what an operator asks.
#[derive(Clone, Debug)]
pub struct Part {
    /// The path its routes stand under, as `/webhooks/meta`; empty: they say it all themselves.
    pub at: String,
    /// The routes, with their own state.
    pub routes: Router,
}

/// A server that was put together and does not listen yet.
#[derive(Debug)]
pub struct Server {
    routes: Router,
    limits: Limits,
    proxies: Vec<Network>,
    clock: Arc<dyn Clock>,
    witness: Arc<dyn Witness>,
}

/// Sees what the server does, and counts it.
pub trait Witness: Send + Sync + fmt::Debug {
    /// A request was answered. The route is as it was declared, `/v1/conversations/{id}`; empty where there is none.
    fn answered(&self, method: &str, route: &str, status: u16, took: Duration);

    /// So many connections are open now.
    fn connections(&self, open: usize);
}

/// What a route tells: its status, its media type, and the body.
pub type Told = (StatusCode, &'static str, String);

impl Part {
    /// One route that tells what a function says, whoever asks.
    pub fn telling<F>(
        at: &'static str,
        tell: impl Fn() -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Told> + Send + 'static,
    {
        let answer = move || {
            let told = tell();
            async move {
                let (status, kind, body) = told.await;
                (status, [(CONTENT_TYPE, kind)], body)
            }
        };
        Self { at: String::new(), routes: Router::new().route(at, get(answer)) }
    }
}

impl Server {
    /// A server with these limits. From `proxies`, and from nobody else, `X-Forwarded-For` is believed.
    #[must_use]
    pub fn new(
        limits: Limits,
        proxies: Vec<Network>,
        clock: Arc<dyn Clock>,
        witness: Arc<dyn Witness>,
    ) -> Self {
        // Whoever is answered here has a process that lives; whether it can work is another question.
        let routes = Router::new().route("/healthz", get(|| async { "ok\n" }));
        Self { routes, limits, proxies, clock, witness }
    }

    /// The same with one more part.
    ///
    /// # Panics
    /// When two parts have the same route: that is a mistake of whoever puts them together.
    #[must_use]
    pub fn with(self, part: Part) -> Self {
        let routes = match part.at.as_str() {
            "" => self.routes.merge(part.routes),
            at => self.routes.nest(at, part.routes),
        };
        Self { routes, ..self }
    }

    /// All routes behind what guards them: the order in which a request passes is that of the lines from
    /// below.
    pub(crate) fn guarded(&self) -> Router {
        let rate = Arc::new(Rate::new(self.limits.allowance, self.clock.clone()));
        let time = guard::Time { clock: self.clock.clone(), limit: self.limits.answer_time };
        let witness = (self.witness.clone(), self.clock.clone());
        self.routes
            .clone()
            .layer(DefaultBodyLimit::max(self.limits.body))
            .layer(from_fn_with_state(time, guard::time))
            .layer(from_fn_with_state(rate, guard::rate))
            .layer(from_fn_with_state(Arc::<[Network]>::from(self.proxies.clone()), guard::client))
            .layer(from_fn(problem::uniform))
            .layer(from_fn_with_state(witness, guard::witness))
    }
}
