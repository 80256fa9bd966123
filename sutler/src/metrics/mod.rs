//! What an operator counts, in the text format Prometheus reads.
//!
//! Nothing in the core counts: what happened stands in the commits, which [`Counted`] reads on their way to the
//! store, and how much waits stands in the store, which is asked when somebody looks.

mod counted;
mod queue;

use std::time::Duration;

use adapters::server::Witness;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

pub use counted::Counted;
pub use queue::look;

/// The media type of what [`Metrics::text`] writes.
pub const MEDIA: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Names and values that tell series apart. Never a customer's.
type Labels = Vec<(&'static str, String)>;
type Counts = Family<Labels, Counter>;
type Sums = Family<Labels, Counter<f64, std::sync::atomic::AtomicU64>>;
type Times = Family<Labels, Histogram, fn() -> Histogram>;
type Levels = Family<Labels, Gauge>;

/// Everything that is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    turns: Counts,
    turn_time: Times,
    messages: Counts,
    fallbacks: Counts,
    hand_overs: Counts,
    model_calls: Counts,
    model_time: Times,
    tokens: Counts,
    cost: Sums,
    tool_calls: Counts,
    deliveries: Counts,
    parts: Times,
    billed: Counts,
    billed_cost: Sums,
    commit_time: Times,
    errors: Counts,
    http: Counts,
    http_time: Times,
    connections: Gauge,
    conversations: Levels,
    outbox: Levels,
    oldest: Levels,
    standing: Levels,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("sutler");
        let quick = || Family::new_with_constructor(quick as fn() -> Histogram);
        let slow = || Family::new_with_constructor(slow as fn() -> Histogram);
        let (turn_time, model_time) = (slow(), slow());
        let (commit_time, http_time) = (quick(), quick());
        let metrics = Self {
            turns: Counts::default(),
            turn_time,
            messages: Counts::default(),
            fallbacks: Counts::default(),
            hand_overs: Counts::default(),
            model_calls: Counts::default(),
            model_time,
            tokens: Counts::default(),
            cost: Sums::default(),
            tool_calls: Counts::default(),
            deliveries: Counts::default(),
            parts: Family::new_with_constructor(few as fn() -> Histogram),
            billed: Counts::default(),
            billed_cost: Sums::default(),
            commit_time,
            errors: Counts::default(),
            http: Counts::default(),
            http_time,
            connections: Gauge::default(),
            conversations: Levels::default(),
            outbox: Levels::default(),
            oldest: Levels::default(),
            standing: Levels::default(),
            registry: Registry::default(),
        };
        metrics.told(&mut registry);
        Self { registry, ..metrics }
    }
}

/// For how many messages a reply comes to.
fn few() -> Histogram {
    Histogram::new([1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0])
}

/// For what a turn or a model takes: from milliseconds to minutes.
fn slow() -> Histogram {
    Histogram::new([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0])
}

/// For what a disk or a route takes.
fn quick() -> Histogram {
    Histogram::new([0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0])
}

fn label(name: &'static str, value: impl Into<String>) -> (&'static str, String) {
    (name, value.into())
}

impl Metrics {
    /// Names everything, with what it means.
    fn told(&self, to: &mut Registry) {
        to.register("turns", "Turns that ended, by how", self.turns.clone());
        to.register(
            "turn_seconds",
            "From the opening of a turn until it is durable",
            self.turn_time.clone(),
        );
        to.register("messages", "What customers did", self.messages.clone());
        to.register(
            "fallbacks",
            "Replies that had to be the pack's phrase",
            self.fallbacks.clone(),
        );
        to.register("hand_overs", "Conversations that wait for a person", self.hand_overs.clone());
        to.register("model_calls", "Calls of models, by how they ended", self.model_calls.clone());
        to.register("model_seconds", "What a model's answer took", self.model_time.clone());
        to.register("tokens", "Tokens by the provider's own count", self.tokens.clone());
        to.register("cost_usd", "What they cost by the configuration's prices", self.cost.clone());
        to.register("tool_calls", "Calls of tools, by how they ended", self.tool_calls.clone());
        to.register("deliveries", "What became of parts", self.deliveries.clone());
        to.register("reply_parts", "Messages that one reply came to", self.parts.clone());
        to.register("billed", "Messages a platform bills, by category", self.billed.clone());
        to.register(
            "billed_usd",
            "What they cost by the configuration's prices",
            self.billed_cost.clone(),
        );
        to.register(
            "commit_seconds",
            "What it took to make a commit durable",
            self.commit_time.clone(),
        );
        to.register("errors", "What went wrong, by class", self.errors.clone());
        to.register("http_requests", "Requests, by route and status", self.http.clone());
        to.register("http_seconds", "Until an answer began", self.http_time.clone());
        to.register("http_connections", "Connections that are open", self.connections.clone());
        to.register(
            "waiting_conversations",
            "Conversations with something unanswered",
            self.conversations.clone(),
        );
        to.register("outbox_parts", "Parts that are not settled, by state", self.outbox.clone());
        to.register(
            "outbox_oldest_seconds",
            "For how long the oldest part is due",
            self.oldest.clone(),
        );
        to.register(
            "account_standing",
            "Whether a platform lets an account send: 0 as it likes, 1 slowly, 2 not at all",
            self.standing.clone(),
        );
    }

    /// All of it, as text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string can't fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

impl Witness for Metrics {
    fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let route = label("route", route);
        let labels =
            vec![label("method", method), route.clone(), label("status", status.to_string())];
        self.http.get_or_create(&labels).inc();
        self.http_time.get_or_create(&vec![route]).observe(took.as_secs_f64());
    }

    fn connections(&self, open: usize) {
        self.connections.set(i64::try_from(open).unwrap_or(i64::MAX));
    }
}
