//! Customers who write, by webhooks as Meta tells them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agent_core::time::{Clock as _, Micros};
use indicatif::ProgressBar;
use sutler::clock::SystemClock;
use sutler_tests::dice::Dice;
use sutler_tests::fake::graph::{FakeGraph, payload};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::ledger::{Ledger, mark};
use crate::town::{NUMBER, Town};

/// How long the next answer is awaited when everything is said.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a repetition is looked out for when everything is answered.
const AFTER: Duration = Duration::from_secs(2);
/// The longest time until a webhook is told again, in milliseconds.
const AGAIN_MS: u64 = 3_000;
/// Until a webhook that was refused is told again.
const REFUSED: Duration = Duration::from_millis(200);
/// How often it is.
const TRIES: usize = 50;

/// What the customers are to do.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    pub(crate) url: String,
    pub(crate) customers: u64,
    pub(crate) messages: u64,
    /// A second; none where every customer waits for the answer.
    pub(crate) rate: Option<u64>,
    pub(crate) burst: u64,
    pub(crate) doubles: u64,
    pub(crate) duplicates: u64,
    pub(crate) statuses: bool,
    pub(crate) seed: u64,
}

/// How acknowledgements went.
#[derive(Debug, Default)]
pub(crate) struct Acks {
    pub(crate) times: Vec<Duration>,
    /// Webhooks that were refused, and told again.
    pub(crate) refused: u64,
    /// Webhooks that nobody ever took.
    pub(crate) never: u64,
}

/// Who tells webhooks.
struct Meta {
    load: Load,
    http: reqwest::Client,
    graph: Arc<FakeGraph>,
    ledger: Arc<Ledger>,
    bar: ProgressBar,
    times: Mutex<Vec<Duration>>,
    refused: AtomicU64,
    never: AtomicU64,
}

impl Load {
    /// Messages in all.
    pub(crate) fn count(&self) -> u64 {
        self.customers * self.messages
    }

    /// Has the customers write, and returns when all is answered, or nothing more is to be expected.
    pub(crate) async fn run(&self, town: &Town, bar: ProgressBar) -> Acks {
        let meta = Arc::new(Meta {
            load: self.clone(),
            http: reqwest::Client::builder().no_proxy().build().unwrap_or_default(),
            graph: town.graph.clone(),
            ledger: town.ledger.clone(),
            bar,
            times: Mutex::default(),
            refused: AtomicU64::default(),
            never: AtomicU64::default(),
        });
        let telling = self.statuses.then(|| tokio::spawn(meta.clone().statuses()));
        match self.rate {
            Some(rate) => meta.clone().open(rate).await,
            None => meta.clone().closed().await,
        }
        SystemClock.sleep_until(SystemClock.now().after(AFTER)).await;
        if let Some(telling) = telling {
            telling.abort();
        }
        meta.bar.finish_and_clear();
        Acks {
            times: std::mem::take(&mut *meta.times()),
            refused: meta.refused.load(Ordering::Relaxed),
            never: meta.never.load(Ordering::Relaxed),
        }
    }
}

impl Meta {
    fn times(&self) -> std::sync::MutexGuard<'_, Vec<Duration>> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Messages come at their time, whatever became of those before.
    async fn open(self: Arc<Self>, rate: u64) {
        let Load { customers, messages, burst, doubles, seed, .. } = self.load;
        let mut dice = Dice::new(seed);
        let begun = SystemClock.now();
        let mut left = vec![messages; usize::try_from(customers).unwrap_or_default()];
        let (mut said, mut writing) = (0, JoinSet::new());
        while left.iter().any(|left| *left > 0) {
            for (customer, left) in (0..).zip(&mut left).filter(|(_, left)| **left > 0) {
                let twice = *left > 1 && dice.below(100) < doubles;
                let count = 1 + u64::from(twice);
                let micros = said / burst * burst * 1_000_000 / rate;
                let due = begun.after(Duration::from_micros(micros));
                SystemClock.sleep_until(due).await;
                writing.spawn(self.clone().writes((customer, count), due, dice.roll()));
                *left -= count;
                said += count;
            }
        }
        loop {
            tokio::select! {
                answered = writing.join_next() => if answered.is_none() { break },
                () = SystemClock.sleep_until(SystemClock.now().after(PATIENCE)) => break,
            }
        }
    }

    /// Every customer waits for the answer.
    async fn closed(self: Arc<Self>) {
        let mut writing = JoinSet::new();
        for customer in 0..self.load.customers {
            let meta = self.clone();
            writing.spawn(async move {
                for n in 0..meta.load.messages {
                    let chance = meta.load.seed ^ (customer << 20) ^ n;
                    let one = meta.clone().writes((customer, 1), SystemClock.now(), chance);
                    tokio::select! {
                        () = one => {}
                        () = SystemClock.sleep_until(SystemClock.now().after(PATIENCE)) => return,
                    }
                }
            });
        }
        while writing.join_next().await.is_some() {}
    }

    /// A customer writes so many messages one after the other, without awaiting answers; then awaits them.
    async fn writes(self: Arc<Self>, (customer, count): (u64, u64), due: Micros, chance: u64) {
        let mut dice = Dice::new(chance);
        let mut again = JoinSet::new();
        let mut answers: Vec<oneshot::Receiver<()>> = Vec::new();
        for n in 0..count {
            let at = if n == 0 { due } else { SystemClock.now() };
            let (number, answered) = self.ledger.told(customer, at);
            answers.push(answered);
            let words = format!("Hello, do you have something like {}?", mark(number));
            let told = self.graph.says(&from(customer), &payload::text(&words));
            if dice.below(100) < self.load.duplicates {
                // Half of them beside the first.
                let late = dice.below(2) * dice.below(AGAIN_MS);
                let (meta, told) = (self.clone(), told.clone());
                again.spawn(async move {
                    let late = SystemClock.now().after(Duration::from_millis(late));
                    SystemClock.sleep_until(late).await;
                    meta.tells(&told).await;
                });
            }
            self.tells(&told).await;
        }
        for answered in answers {
            let _gone = answered.await;
            self.bar.inc(1);
        }
        while again.join_next().await.is_some() {}
    }

    /// Tells a webhook until it is taken, as Meta does.
    async fn tells(&self, (body, signature): &(Vec<u8>, String)) {
        for _ in 0..TRIES {
            let request = self.http.post(&self.load.url).header("X-Hub-Signature-256", signature);
            let request = request.header("Content-Type", "application/json").body(body.clone());
            let begun = SystemClock.now();
            let answer = request.send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                self.times().push(SystemClock.now().since(begun));
                return;
            }
            self.refused.fetch_add(1, Ordering::Relaxed);
            SystemClock.sleep_until(SystemClock.now().after(REFUSED)).await;
        }
        self.never.fetch_add(1, Ordering::Relaxed);
    }

    /// Tells what became of every answer that was taken.
    async fn statuses(self: Arc<Self>) {
        let mut seen = 0;
        loop {
            for taken in self.graph.taken_after(seen).await {
                seen += 1;
                let meta = self.clone();
                tokio::spawn(async move {
                    for status in ["sent", "delivered", "read"] {
                        let told = payload::status(&taken, status, SystemClock.now());
                        let told = payload::statuses(NUMBER, &[told]);
                        meta.tells(&meta.graph.signed(&told)).await;
                    }
                });
            }
        }
    }
}

/// A customer's number.
fn from(customer: u64) -> String {
    format!("4915{customer:08}")
}
