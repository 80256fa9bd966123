//! A process that ends before or after any call of any port of a turn: nothing acknowledged is lost, a write is made
//! under one key, and nothing is sent twice where statuses are told; where none are, the policy decides, visibly.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use agent_core::channel::{Channel, Delivery, DeliveryError};
use agent_core::courier::Ambiguous;
use agent_core::evidence::{Access, Call, Output, ToolError, ToolSpec};
use agent_core::id::MessageId;
use agent_core::message::Address;
use agent_core::model::scripted::{Scripted, calls, says};
use agent_core::model::{Completion, Delta, Model, ModelError, Request};
use agent_core::profile::ChannelProfile;
use agent_core::store::fault::{Fault, FaultStore};
use agent_core::store::memory::MemoryStore;
use agent_core::store::{OutboxState, Store};
use agent_core::time::Clock as _;
use agent_core::time::turned::TurnedClock;
use agent_core::tool::{Scene, Tool};
use async_trait::async_trait;
use serde_json::json;
use sutler_tests::fake::graph::{FakeGraph, payload};
use sutler_tests::world::meta::{OnWhatsApp, address, graph, words};
use sutler_tests::world::{Member, SHOP, START};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::hostile::pack;

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Port {
    Store,
    Model,
    Tool,
    Channel,
}

/// Where a process ends.
#[derive(Copy, Clone, Debug)]
struct Cut {
    port: Port,
    /// Its n-th call, counted from 1.
    at: u64,
    before: bool,
}

/// Whether statuses are told after it, and what is done where none are.
#[derive(Copy, Clone, Debug)]
struct Rule {
    reported: bool,
    ambiguous: Ambiguous,
}

/// What is told of a process that may be cut short.
enum Told {
    Cut,
    Finished,
}

/// Stops its process for good at one call.
#[derive(Clone)]
struct Gate {
    at: u64,
    before: bool,
    calls: Arc<AtomicU64>,
    tell: UnboundedSender<Told>,
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("at", &self.at).finish_non_exhaustive()
    }
}

impl Gate {
    /// The gate before one port: it stops there if the process is to be cut there.
    fn of(port: Port, cut: Option<Cut>, tell: &UnboundedSender<Told>) -> Self {
        let cut = cut.filter(|cut| cut.port == port);
        let (at, before) = cut.map_or((0, false), |cut| (cut.at, cut.before));
        Self { at, before, calls: Arc::default(), tell: tell.clone() }
    }

    fn stop(&self) {
        let _ = self.tell.send(Told::Cut);
        loop {
            std::thread::park();
        }
    }

    async fn pass<T>(&self, call: impl Future<Output = T>) -> T {
        let here = self.calls.fetch_add(1, Ordering::SeqCst) + 1 == self.at;
        if here && self.before {
            self.stop();
        }
        let answer = call.await;
        if here {
            self.stop();
        }
        answer
    }
}

#[derive(Debug)]
struct GatedModel(Scripted, Gate);

#[async_trait]
impl Model for GatedModel {
    async fn complete(
        &self,
        request: &Request,
        hear: &mut (dyn for<'a> FnMut(Delta<'a>) + Send),
    ) -> Result<Completion, ModelError> {
        self.1.pass(self.0.complete(request, hear)).await
    }
}

#[derive(Debug)]
struct GatedChannel(Arc<dyn Channel>, Gate);

#[async_trait]
impl Channel for GatedChannel {
    fn profile(&self) -> &ChannelProfile {
        self.0.profile()
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Option<MessageId>, DeliveryError> {
        self.1.pass(self.0.deliver(delivery)).await
    }

    async fn attend(&self, to: &Address, message: &MessageId) {
        self.1.pass(self.0.attend(to, message)).await;
    }
}

/// Every key that something was written under, and how often.
type Written = Arc<Mutex<BTreeMap<String, u32>>>;

/// A write of the shop's, as its own system keeps it.
#[derive(Debug)]
struct Errand(ToolSpec, Gate, Written);

#[async_trait]
impl Tool for Errand {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    async fn call(&self, call: &Call, _: Scene<'_>) -> Result<Output, ToolError> {
        let write = async {
            *self.2.lock().unwrap().entry(call.id.to_string()).or_default() += 1;
            Ok(Output::default())
        };
        self.1.pass(write).await
    }
}

fn member(cut: Option<Cut>, tell: &UnboundedSender<Told>, written: &Written) -> Member {
    let script = Scripted::by(|request| {
        let done = format!("{:?}", request.transcript).contains("errand");
        Ok(if done { says("Hello.") } else { calls([("errand", json!({}))]) })
    });
    let spec = ToolSpec {
        name: "errand".into(),
        about: String::new(),
        arguments: json!({ "type": "object" }),
        access: Access::Write,
    };
    let tool = Errand(spec, Gate::of(Port::Tool, cut, tell), written.clone());
    let model = Arc::new(GatedModel(script, Gate::of(Port::Model, cut, tell)));
    Member::new(&pack("retail"), model).with_tool(Arc::new(tool))
}

/// What outlives a process.
struct Outside {
    graph: Arc<FakeGraph>,
    clock: Arc<TurnedClock>,
    store: Arc<MemoryStore>,
    written: Written,
    told: (Vec<u8>, String),
}

/// A process that stops for good at the cut; whether it acknowledged the webhook, and whether it came to the cut.
async fn first_process(cut: Cut, rule: Rule, outside: &Outside) -> (bool, bool) {
    let (tell, mut hear) = unbounded_channel();
    let gate = Gate::of(Port::Store, Some(cut), &tell);
    let stop: Arc<dyn Fn() + Send + Sync> = Arc::new({
        let gate = gate.clone();
        move || gate.stop()
    });
    let fault = if cut.before { Fault::RunBefore(stop) } else { Fault::RunAfter(stop) };
    let inner = outside.store.clone();
    let store: Arc<dyn Store> = Arc::new(FaultStore::new(inner.clone(), gate.at, fault));
    let acknowledged = Arc::new(AtomicBool::new(false));
    let (heard, graph, clock) =
        (acknowledged.clone(), outside.graph.clone(), outside.clock.clone());
    let (written, told) = (outside.written.clone(), outside.told.clone());
    // A runtime of its own: where it stops, all of the process does.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let gate = Gate::of(Port::Channel, Some(cut), &tell);
            let before = |channel| Arc::new(GatedChannel(channel, gate)) as Arc<dyn Channel>;
            let member = member(Some(cut), &tell, &written);
            let by = (rule.ambiguous, before);
            let shop = OnWhatsApp::by(&graph, (store, inner), clock, member, by).await;
            heard.store(shop.front.take(&told.0).await.is_ok(), Ordering::SeqCst);
            shop.world.settled().await;
            shop.world.deliver_and_settle().await;
        });
        let _ = tell.send(Told::Finished);
    });
    let came = matches!(hear.recv().await, Some(Told::Cut));
    (acknowledged.load(Ordering::SeqCst), came)
}

/// Half an hour goes by, with what is sent and told in it.
async fn go_on(shop: &OnWhatsApp, outside: &Outside, reported: bool) {
    for _ in 0..4 {
        shop.world.deliver_and_settle().await;
        for status in outside.graph.statuses().iter().filter(|_| reported) {
            shop.told(status).await;
        }
        outside.clock.turn(Duration::from_secs(700));
    }
}

/// Cuts the work short; then the process is another one. Whether it came to that, and whether a send was in doubt.
async fn cut_short(cut: Cut, rule: Rule) -> (bool, bool) {
    let clock = Arc::new(TurnedClock::new(START));
    let graph = Arc::new(graph(&clock).await);
    let told = graph.says("4915", &payload::text("hello"));
    let (store, written) = (Arc::new(MemoryStore::new()), Written::default());
    let outside = Outside { graph, clock, store, written, told };
    let (acknowledged, came) = first_process(cut, rule, &outside).await;
    let Outside { graph, clock, store, written, told } = &outside;
    clock.turn(Duration::from_secs(60));
    let (tell, _hear) = unbounded_channel();
    let by = (rule.ambiguous, |channel| channel);
    let both = (store.clone() as Arc<_>, store.clone() as Arc<_>);
    let member = member(None, &tell, written);
    let second = OnWhatsApp::by(graph, both, clock.clone(), member, by).await;
    second.world.take_up().await;
    if !acknowledged {
        second.told(told).await;
    }
    go_on(&second, &outside, rule.reported).await;
    let taken = graph.taken();
    assert!(taken.iter().all(|it| words(&it.body).ends_with("Hello.")), "{taken:?}");
    assert_eq!(written.lock().unwrap().len(), 1, "{cut:?}: {written:?}");
    let journal = second.world.house.find(SHOP, &address("4915")).await.unwrap().unwrap();
    let log = format!("{:?}", second.world.log(journal).await);
    let doubted = log.contains("Ambiguous");
    let rows = store.due(SHOP, clock.now().after(Duration::from_secs(90_000)), 9).await.unwrap().0;
    let held = rows.iter().any(|row| row.state == OutboxState::Held);
    match (doubted, rule) {
        (true, Rule { reported: false, ambiguous: Ambiguous::Resend }) => {
            assert!((1..=2).contains(&taken.len()), "{cut:?}: {taken:?}");
        }
        // It arrived or not, and nobody told: a person sees it held.
        (true, Rule { ambiguous: Ambiguous::Hold, .. }) if !taken_and_told(taken.len(), rule) => {
            assert!(taken.len() <= 1 && held, "{cut:?}: {taken:?}");
        }
        _ => assert_eq!((taken.len(), held), (1, false), "{cut:?}: {rows:?}"),
    }
    (came, doubted)
}

fn taken_and_told(taken: usize, rule: Rule) -> bool {
    taken == 1 && rule.reported
}

#[tokio::test]
async fn cut_short_at_any_call_of_any_port_everything_is_answered_and_once() {
    let mut doubts = 0;
    for (reported, ambiguous) in [
        (true, Ambiguous::Resend),
        (false, Ambiguous::Resend),
        (true, Ambiguous::Hold),
        (false, Ambiguous::Hold),
    ] {
        let rule = Rule { reported, ambiguous };
        for (port, least) in
            [(Port::Store, 12), (Port::Model, 2), (Port::Tool, 1), (Port::Channel, 2)]
        {
            // What is held and what is sent once more part only where something was being sent.
            let parts = matches!(port, Port::Store | Port::Channel);
            for before in [true, false] {
                if !parts && ambiguous == Ambiguous::Hold {
                    continue;
                }
                let mut at = 0;
                loop {
                    at += 1;
                    let (came, doubted) = cut_short(Cut { port, at, before }, rule).await;
                    doubts += u32::from(doubted);
                    if !came {
                        break;
                    }
                }
                assert!(at > least, "{port:?} has {at} calls");
            }
        }
    }
    assert!(doubts > 8, "{doubts} times nobody knew");
}
