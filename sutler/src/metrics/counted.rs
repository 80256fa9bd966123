//! A store that counts what is committed to it. What was not committed did not happen, and is not counted.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use agent_core::event::{Answer, Decision, Event, Outcome, Recorded};
use agent_core::evidence::{Change, Owner, ToolError};
use agent_core::id::{Alias, JournalId, Made, Name, Seq, ShopId, TurnId};
use agent_core::message::{InboundKind, Status};
use agent_core::model::{Completion, ModelError};
use agent_core::store::{
    Commit, CommitError, Committed, InboxRow, OutboxRow, Page, Store, StoreError,
};
use agent_core::time::{Clock, Micros};
use async_trait::async_trait;
use bytes::Bytes;

use super::{Metrics, label};
use crate::config::Price;

/// Turns and calls that are remembered between two commits of one turn; beyond it they are not timed.
const OPEN: usize = 4_096;
/// Parts in doubt that are remembered; beyond it all are forgotten, and may be counted a second time.
const DOUBTED: usize = 4_096;

/// Another store, and what is counted of it.
#[derive(Debug)]
pub struct Counted {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Where it is counted.
    pub metrics: Arc<Metrics>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Name and prices of each shop.
    pub shops: BTreeMap<ShopId, (String, Price)>,
    /// What platforms bill for a message, in US dollars, by shop, channel, account and category.
    pub bills: BTreeMap<(ShopId, Name, Name, Name), f64>,
    open: Mutex<Open>,
    failing: AtomicBool,
}

/// What later commits refer to.
#[derive(Debug, Default)]
struct Open {
    turns: HashMap<TurnId, Micros>,
    calls: HashMap<Made, Name>,
    /// Parts of which it was told that nobody knows whether they arrived: told of each sending, counted once.
    doubted: HashSet<(Made, u8)>,
}

/// One thing to count.
enum Fact {
    Opened(TurnId, Micros),
    Closed(TurnId, &'static str),
    Message(Name),
    Fallback,
    HandOver,
    Answered(Result<Box<Completion>, ModelError>, Option<Micros>, Micros),
    Called(Made, Name),
    Returned(Made, &'static str),
    Became(&'static str),
    /// Nobody knows whether a part arrived.
    Doubted(Made, u8),
    /// A reply came to so many messages.
    Parts(Name, usize),
    /// A message that the customer has is billed.
    Billed(Name, Name, Name),
}

impl Counted {
    /// Nothing was counted yet.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        metrics: Arc<Metrics>,
        clock: Arc<dyn Clock>,
        shops: BTreeMap<ShopId, (String, Price)>,
        bills: BTreeMap<(ShopId, Name, Name, Name), f64>,
    ) -> Self {
        let (open, failing) = (Mutex::default(), AtomicBool::new(false));
        Self { store, metrics, clock, shops, bills, open, failing }
    }

    /// Whether the last commit failed by the store's own fault.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    fn count(&self, shop: ShopId, facts: Vec<Fact>) {
        let Some((name, price)) = self.shops.get(&shop) else { return };
        let billed = facts.iter().filter_map(|fact| match fact {
            Fact::Billed(channel, account, category) => Some((channel, account, category)),
            _ => None,
        });
        for (channel, account, category) in billed {
            let labels = vec![
                label("shop", name.as_str()),
                label("channel", channel.as_str()),
                label("category", category.as_str()),
            ];
            self.metrics.billed.get_or_create(&labels).inc();
            let of = (shop, channel.clone(), account.clone(), category.clone());
            if let Some(usd) = self.bills.get(&of) {
                self.metrics.billed_cost.get_or_create(&labels).inc_by(*usd);
            }
        }
        let shop = label("shop", name.as_str());
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for fact in facts {
            self.one(&mut open, &shop, *price, fact);
        }
    }

    fn one(&self, open: &mut Open, shop: &(&'static str, String), price: Price, fact: Fact) {
        let metrics = &self.metrics;
        let with = |name, value: &str| vec![shop.clone(), label(name, value)];
        match fact {
            Fact::Opened(turn, at) if open.turns.len() < OPEN => _ = open.turns.insert(turn, at),
            Fact::Called(call, tool) if open.calls.len() < OPEN => {
                open.calls.insert(call, tool);
            }
            Fact::Opened(..) | Fact::Called(..) | Fact::Billed(..) => {}
            Fact::Parts(channel, count) => {
                let labels = with("channel", channel.as_str());
                metrics.parts.get_or_create(&labels).observe(count as f64);
            }
            Fact::Closed(turn, outcome) => {
                metrics.turns.get_or_create(&with("outcome", outcome)).inc();
                if let Some(at) = open.turns.remove(&turn) {
                    let took = self.clock.now().since(at).as_secs_f64();
                    metrics.turn_time.get_or_create(&vec![shop.clone()]).observe(took);
                }
            }
            Fact::Message(channel) => {
                metrics.messages.get_or_create(&with("channel", channel.as_str())).inc();
            }
            Fact::Fallback => {
                metrics.fallbacks.get_or_create(&vec![shop.clone()]).inc();
            }
            Fact::HandOver => {
                metrics.hand_overs.get_or_create(&vec![shop.clone()]).inc();
            }
            Fact::Returned(call, result) => {
                let tool = open.calls.remove(&call);
                let mut labels = with("tool", tool.as_ref().map_or("unknown", Name::as_str));
                labels.push(label("result", result));
                metrics.tool_calls.get_or_create(&labels).inc();
            }
            Fact::Became(what) => {
                metrics.deliveries.get_or_create(&with("outcome", what)).inc();
            }
            Fact::Doubted(of, part) => {
                if open.doubted.len() >= DOUBTED {
                    open.doubted.clear();
                }
                if open.doubted.insert((of.first(), part)) {
                    metrics.deliveries.get_or_create(&with("outcome", "ambiguous")).inc();
                }
            }
            Fact::Answered(result, asked, at) => self.answered(shop, price, &result, (asked, at)),
        }
    }

    fn answered(
        &self,
        shop: &(&'static str, String),
        price: Price,
        result: &Result<Box<Completion>, ModelError>,
        (asked, at): (Option<Micros>, Micros),
    ) {
        let metrics = &self.metrics;
        let call = |model: &str, result: &str| {
            let labels = vec![shop.clone(), label("model", model), label("result", result)];
            metrics.model_calls.get_or_create(&labels).inc();
        };
        let completion = match result {
            Ok(completion) => completion,
            Err(error) => return call("", error.class()),
        };
        completion.attempts.iter().for_each(|it| call(it.model.as_str(), it.failed.class()));
        let model = completion.by.as_str();
        call(model, "ok");
        let labels = vec![shop.clone(), label("model", model)];
        if let Some(asked) = asked {
            metrics.model_time.get_or_create(&labels).observe(at.since(asked).as_secs_f64());
        }
        let Some(usage) = completion.usage else { return };
        for (kind, count) in [
            ("input", usage.input.saturating_sub(usage.cached)),
            ("cached", usage.cached),
            ("output", usage.output),
        ] {
            let mut labels = labels.clone();
            labels.push(label("kind", kind));
            metrics.tokens.get_or_create(&labels).inc_by(count.into());
        }
        metrics.cost.get_or_create(&labels).inc_by(price.of(&usage));
    }

    fn failed(&self, class: &str) {
        self.metrics.errors.get_or_create(&vec![label("class", class)]).inc();
    }

    fn told<T>(&self, read: Result<T, StoreError>) -> Result<T, StoreError> {
        match &read {
            Ok(_) | Err(StoreError::Erased) => {}
            Err(StoreError::Damaged(_)) => self.failed("store_damaged"),
            Err(StoreError::Failed(_)) => self.failed("store_read"),
        }
        read
    }
}

/// What is to be counted of a commit, once it is one.
fn facts(events: &[Recorded]) -> Vec<Fact> {
    let mut asked = None;
    let fact = |recorded: &Recorded| match &recorded.event {
        Event::Answer(answer) => {
            let fact = answered(answer, asked.take_if(|_| matches!(answer, Answer::Answered(_))));
            fact.map(|fact| match fact {
                Fact::Answered(result, asked, _) => Fact::Answered(result, asked, recorded.at),
                Fact::Opened(turn, _) => Fact::Opened(turn, recorded.at),
                fact => fact,
            })
        }
        Event::Decision(Decision::Asked { .. }) => {
            asked = Some(recorded.at);
            None
        }
        Event::Decision(decision) => decided(decision),
    };
    let mut facts: Vec<Fact> = events.iter().filter_map(fact).collect();
    facts.extend(events.iter().filter_map(|recorded| bubbles(&recorded.event)));
    facts
}

/// What is said and billed: messages of a reply, and those the customer has. Meta bills what was delivered, once.
fn bubbles(event: &Event) -> Option<Fact> {
    match event {
        Event::Decision(Decision::Replied { outbound, plan, .. }) => {
            Some(Fact::Parts(outbound.to.channel.clone(), plan.parts.len()))
        }
        Event::Answer(Answer::Received(inbound)) => match (&inbound.kind, &inbound.from) {
            (
                InboundKind::Status { status: Status::Delivered, billed: Some(category), .. },
                Some(from),
            ) => Some(Fact::Billed(from.channel.clone(), from.account.clone(), category.clone())),
            _ => None,
        },
        Event::Decision(_) | Event::Answer(_) => None,
    }
}

fn answered(answer: &Answer, asked: Option<Micros>) -> Option<Fact> {
    Some(match answer {
        Answer::Opened(opening) => Fact::Opened(opening.turn, Micros::default()),
        Answer::Answered(result) => {
            let result = result.as_ref().map(|it| Box::new(it.clone())).map_err(Clone::clone);
            Fact::Answered(result, asked, Micros::default())
        }
        Answer::Prepared { .. } => return None,
        Answer::Returned { call, result } => Fact::Returned(
            *call,
            match result {
                Ok(_) => "ok",
                Err(ToolError::Arguments(_)) => "arguments",
                Err(ToolError::Missing(_)) => "missing",
                Err(ToolError::Refused(_)) => "refused",
                Err(ToolError::Unavailable(_)) => "unavailable",
                Err(ToolError::Ambiguous(_)) => "ambiguous",
            },
        ),
        Answer::Received(inbound) => match &inbound.kind {
            InboundKind::Status { of, part, status: Status::Ambiguous, .. } => {
                Fact::Doubted(*of, *part)
            }
            InboundKind::Status { status, .. } | InboundKind::Receipt { status, .. } => {
                Fact::Became(match status {
                    Status::Accepted(_) => "accepted",
                    Status::Sent => "sent",
                    Status::Delivered => "delivered",
                    Status::Read => "read",
                    Status::Failed(_) => "failed",
                    Status::Bounced(_) => "bounced",
                    Status::Refused(_) => "refused",
                    Status::Held(_) => "held",
                    Status::Ambiguous => "ambiguous",
                })
            }
            kind if kind.is_customers() => Fact::Message(inbound.from.as_ref()?.channel.clone()),
            _ => return None,
        },
    })
}

fn decided(decision: &Decision) -> Option<Fact> {
    Some(match decision {
        Decision::Called { call, .. } => Fact::Called(call.id, call.tool.clone()),
        Decision::Replied { fallback: true, .. } => Fact::Fallback,
        Decision::Changed(Change::Owner(Owner::Waiting { .. })) => Fact::HandOver,
        Decision::Closed { turn, outcome } => Fact::Closed(
            *turn,
            match outcome {
                Outcome::Replied => "replied",
                Outcome::Silent => "silent",
                Outcome::HandedOver => "handed_over",
                Outcome::Failed(_) => "failed",
            },
        ),
        _ => return None,
    })
}

#[async_trait]
impl Store for Counted {
    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        let (shop, facts, begun) = (commit.journal.shop, facts(&commit.events), self.clock.now());
        let committed = self.store.commit(commit).await;
        let class = match &committed {
            Ok(_) => {
                let took = self.clock.now().since(begun).as_secs_f64();
                self.metrics.commit_time.get_or_create(&Vec::new()).observe(took);
                self.count(shop, facts);
                self.failing.store(false, Ordering::Relaxed);
                return committed;
            }
            Err(CommitError::Conflict(_)) => "commit_conflict",
            Err(CommitError::Bound) => "commit_bound",
            Err(CommitError::Fenced) => "commit_fenced",
            Err(CommitError::Erased) => "commit_erased",
            Err(CommitError::TooLarge(_)) => "commit_too_large",
            Err(CommitError::Damaged(_)) => "commit_damaged",
            Err(CommitError::NotApplied(_)) => "commit_not_applied",
            Err(CommitError::Unknown(_)) => "commit_unknown",
        };
        let fault = matches!(class, "commit_not_applied" | "commit_unknown");
        self.failing.fetch_or(fault, Ordering::Relaxed);
        self.failed(class);
        committed
    }

    async fn read(&self, journal: JournalId, after: Seq, limit: usize) -> Result<Page, StoreError> {
        self.told(self.store.read(journal, after, limit).await)
    }

    async fn snapshot(&self, journal: JournalId) -> Result<Option<(Seq, Bytes)>, StoreError> {
        self.told(self.store.snapshot(journal).await)
    }

    async fn inbox(&self, journal: JournalId, limit: usize) -> Result<Vec<InboxRow>, StoreError> {
        self.told(self.store.inbox(journal, limit).await)
    }

    async fn waiting(&self, shop: ShopId, limit: usize) -> Result<Vec<JournalId>, StoreError> {
        self.told(self.store.waiting(shop, limit).await)
    }

    async fn due(
        &self,
        shop: ShopId,
        within: RangeInclusive<Micros>,
        limit: usize,
        passing: &BTreeSet<JournalId>,
    ) -> Result<(Vec<OutboxRow>, Option<Micros>), StoreError> {
        self.told(self.store.due(shop, within, limit, passing).await)
    }

    async fn timers(
        &self,
        shop: ShopId,
        until: Micros,
        limit: usize,
    ) -> Result<(Vec<(JournalId, Name, Micros)>, Option<Micros>), StoreError> {
        self.told(self.store.timers(shop, until, limit).await)
    }

    async fn find(&self, shop: ShopId, alias: &Alias) -> Result<Option<JournalId>, StoreError> {
        self.told(self.store.find(shop, alias).await)
    }
}
