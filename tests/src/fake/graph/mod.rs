//! Meta's Graph API on loopback, as far as business messaging needs it.
//!
//! It validates every body against the limits and fails loudly; it answers as Meta does, keeps the 24-hour window
//! and the pair limit on the clock it is given, and tells statuses as signed webhooks: duplicated and shuffled. It
//! plays customers too. `cargo run -p tests --bin fake-graph` is the same as a program, of use to anyone who
//! builds for WhatsApp.

mod files;
pub mod limits;
mod orders;
pub mod payload;
mod serve;
mod template;

pub use files::Lies;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use agent_core::time::{Clock, Micros};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;

use crate::dice::Dice;

/// How long a customer may be written to freely after they wrote.
pub const WINDOW: Duration = Duration::from_secs(24 * 3600);
/// Between two messages to one customer, and how many may be borrowed.
const PAIR: (Duration, u32) = (Duration::from_secs(6), 45);
/// The code of a free message to somebody who has not written for too long.
const WINDOW_CLOSED: u64 = 131_047;

/// What the next send comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Refused with this code and HTTP status.
    Code(u16, u64),
    /// Refused as one too many of the account, which may be used again after so many minutes.
    Busy(u64),
    /// Taken, and the answer is lost on the way.
    Lost,
    /// Not taken, and no answer comes either.
    Gone,
    /// Taken, and answered only when [`FakeGraph::answers`] says so: what is told of it may come before its answer.
    Late,
    /// Taken, and told as failed with this code when statuses are asked for. Told that the window is closed, whoever
    /// writes freely nonetheless is at fault.
    Fails(u64),
}

/// One message that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Its id.
    pub id: String,
    /// To whom.
    pub to: String,
    /// Its body.
    pub body: Value,
    /// When.
    pub at: Micros,
    /// The code it is told as failed with.
    pub fails: Option<u64>,
}

/// What the account is that is served.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Account {
    /// A WhatsApp number.
    Number,
    /// A page, on Messenger.
    Page,
    /// An Instagram account.
    Instagram,
}

/// How the server is to be.
#[derive(Debug)]
pub struct Settings {
    /// The number that is served.
    pub number: String,
    /// The key that is taken.
    pub token: String,
    /// The app's secret, which signs webhooks.
    pub secret: String,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// What shuffles.
    pub seed: u64,
}

/// A running server. It ends when it is dropped.
#[derive(Debug)]
pub struct FakeGraph {
    state: Arc<State>,
    task: JoinHandle<()>,
}

/// What it knows.
#[derive(Debug)]
pub(super) struct State {
    pub(super) base_url: String,
    pub(super) settings: Settings,
    held: Mutex<Held>,
    /// Rung when something was taken.
    pub(super) bell: Notify,
    /// So many late answers may go.
    pub(super) late: Semaphore,
}

#[derive(Debug)]
pub(super) struct Held {
    /// What was taken, oldest first.
    pub(super) taken: Vec<Taken>,
    /// Files, by their id.
    pub(super) files: BTreeMap<String, Lies>,
    /// What was told of as read.
    pub(super) read: Vec<String>,
    /// What was wrong with bodies.
    pub(super) faults: Vec<String>,
    /// What the account is.
    pub(super) account: Account,
    /// Whether an app is subscribed to what is told.
    pub(super) subscribed: bool,
    /// What it is subscribed to of a page or an Instagram account.
    pub(super) fields: Vec<String>,
    /// What the app tells whom.
    pub(super) tells: Option<(String, Vec<String>)>,
    /// What the next sends come to.
    fates: VecDeque<Fate>,
    /// When each customer last wrote.
    wrote: BTreeMap<String, Micros>,
    /// The moment up to which each customer's allowance is used.
    used: BTreeMap<String, Micros>,
    /// Of what was taken, up to which statuses were told.
    told: usize,
    said: u64,
    dice: Dice,
}

impl State {
    pub(super) fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for FakeGraph {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl FakeGraph {
    /// Serves on a free port of loopback.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start(settings: Settings) -> std::io::Result<Self> {
        Self::on(TcpListener::bind("127.0.0.1:0").await?, settings)
    }

    /// Serves on a listener.
    ///
    /// # Errors
    /// When it has no address.
    pub fn on(listener: TcpListener, settings: Settings) -> std::io::Result<Self> {
        let address = listener.local_addr()?;
        let held = Held {
            taken: Vec::new(),
            files: BTreeMap::new(),
            read: Vec::new(),
            faults: Vec::new(),
            account: Account::Number,
            subscribed: true,
            fields: Vec::new(),
            tells: None,
            fates: VecDeque::new(),
            wrote: BTreeMap::new(),
            used: BTreeMap::new(),
            told: 0,
            said: 0,
            dice: Dice::new(settings.seed),
        };
        let base_url = format!("http://{address}");
        let held = Mutex::new(held);
        let (bell, late) = (Notify::new(), Semaphore::new(0));
        let state = Arc::new(State { base_url, settings, held, bell, late });
        let app = serve::routes(state.clone());
        let task = tokio::spawn(async move {
            let _ended = axum::serve(listener, app).await;
        });
        Ok(Self { state, task })
    }

    /// What a configuration names as `base_url`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.state.base_url
    }

    /// Meta's id of its number.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.state.settings.number
    }

    /// Returns when `done` answers with something. Every message that is taken is looked at.
    pub async fn until<T>(&self, mut done: impl FnMut(&Self) -> Option<T>) -> T {
        loop {
            let mut rung = std::pin::pin!(self.state.bell.notified());
            rung.as_mut().enable();
            if let Some(done) = done(self) {
                return done;
            }
            rung.await;
        }
    }

    /// The next sends come to these, one after the other.
    pub fn fate(&self, fates: impl IntoIterator<Item = Fate>) {
        self.state.held().fates.extend(fates);
    }

    /// One answer that is late goes now.
    pub fn answers(&self) {
        self.state.late.add_permits(1);
    }

    /// What was taken, oldest first.
    #[must_use]
    pub fn taken(&self) -> Vec<Taken> {
        self.state.held().taken.clone()
    }

    /// What was taken beyond the first `seen`, as soon as there is something.
    pub async fn taken_after(&self, seen: usize) -> Vec<Taken> {
        loop {
            let rung = self.state.bell.notified();
            let fresh: Vec<Taken> = self.state.held().taken.iter().skip(seen).cloned().collect();
            if !fresh.is_empty() {
                return fresh;
            }
            rung.await;
        }
    }

    /// The ids that were told of as read.
    #[must_use]
    pub fn read(&self) -> Vec<String> {
        self.state.held().read.clone()
    }

    /// What was wrong with bodies that came: nothing, if the client is right.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        self.state.held().faults.clone()
    }

    /// From now on no app is subscribed to what is told, as before a shop is set up.
    pub fn unsubscribe(&self) {
        self.state.held().subscribed = false;
    }

    /// From now on the account is of this kind, and the app subscribed to these fields of it: of a number there are none.
    pub fn serves(&self, account: Account, fields: &[&str]) {
        let mut held = self.state.held();
        (held.account, held.fields) = (account, named(fields));
    }

    /// From now on the app tells these fields of accounts of this kind, and there.
    pub fn tells(&self, callback: &str, fields: &[&str]) {
        self.state.held().tells = Some((callback.to_owned(), named(fields)));
    }

    /// A customer writes: the body of the webhook, and its signature.
    #[must_use]
    pub fn says(&self, from: &str, kind: &Value) -> (Vec<u8>, String) {
        let now = self.state.settings.clock.now();
        let mut held = self.state.held();
        held.said += 1;
        let id = format!("wamid.IN{}", held.said);
        held.wrote.insert(from.to_owned(), now);
        drop(held);
        let body = payload::message(&self.state.settings.number, (from, &id), now, kind);
        self.signed(&body)
    }

    /// A customer may be written to from now on, whatever they wrote.
    pub fn opens(&self, from: &str) {
        let now = self.state.settings.clock.now();
        self.state.held().wrote.insert(from.to_owned(), now);
    }

    /// The statuses of what was taken since this was asked last: sent, delivered and read of each, or sent and failed;
    /// every one up to twice, in no order, several in one webhook.
    #[must_use]
    pub fn statuses(&self) -> Vec<(Vec<u8>, String)> {
        let now = self.state.settings.clock.now();
        let mut held = self.state.held();
        let fresh: Vec<Taken> = held.taken.iter().skip(held.told).cloned().collect();
        held.told = held.taken.len();
        let mut all = Vec::new();
        for taken in &fresh {
            if taken.fails == Some(WINDOW_CLOSED) {
                held.wrote.remove(&taken.to);
            }
            let good: &[&str] = &["sent", "delivered", "read"];
            let told = taken.fails.map_or(good, |_| &["sent", "failed"]);
            for status in told {
                let told = payload::status(taken, status, now);
                let times = 1 + held.dice.below(2);
                all.extend((0..times).map(|_| told.clone()));
            }
        }
        for n in (1..all.len()).rev() {
            let other = usize::try_from(held.dice.below(n as u64 + 1)).unwrap_or_default();
            all.swap(n, other);
        }
        drop(held);
        let number = &self.state.settings.number;
        all.chunks(3).map(|some| self.signed(&payload::statuses(number, some))).collect()
    }

    /// A body as Meta writes it, with its signature.
    #[must_use]
    pub fn signed(&self, body: &Value) -> (Vec<u8>, String) {
        let bytes = payload::wire(body);
        let signature = adapters::meta::signature::sign(&self.state.settings.secret, &bytes);
        (bytes, signature)
    }
}

fn named(fields: &[&str]) -> Vec<String> {
    fields.iter().map(|field| (*field).to_owned()).collect()
}

impl Held {
    fn next_fate(&mut self) -> Option<Fate> {
        self.fates.pop_front()
    }

    /// Whether a customer may be written to now; the code that says why not.
    fn may(&mut self, to: &str, template: bool, now: Micros) -> Result<(), u64> {
        let open = self.wrote.get(to).is_some_and(|wrote| now < wrote.after(WINDOW));
        if !open && !template {
            return Err(WINDOW_CLOSED);
        }
        let used = self.used.entry(to.to_owned()).or_default();
        let next = (*used).max(now).after(PAIR.0);
        if next > now.after(PAIR.0.saturating_mul(PAIR.1)) {
            return Err(131_056);
        }
        *used = next;
        Ok(())
    }
}
