//! A process that ends after any call of any port of a turn, which is before the next one: nothing acknowledged is
//! lost, a write is made under one key, and nothing is sent twice where statuses are told; where none are, the policy
//! decides, visibly.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use agent_core::channel::Channel;
use agent_core::courier::Ambiguous;
use agent_core::evidence::{Access, Call, Output, ToolError, ToolSpec};
use agent_core::model::scripted::{Scripted, calls, says};
use agent_core::model::{Completion, Delta, Model, ModelError, Request};
use agent_core::pack::Pack;
use agent_core::store::memory::MemoryStore;
use agent_core::store::{OutboxState, Store as _};
use agent_core::time::Clock as _;
use agent_core::time::turned::TurnedClock;
use agent_core::tool::{Scene, Tool};
use async_trait::async_trait;
use serde_json::json;
use sutler_tests::fake::graph::{FakeGraph, payload};
use sutler_tests::world::meta::{OnWhatsApp, address, graph, words};
use sutler_tests::world::{Member, SHOP, START};
use tokio::runtime::Builder;

use crate::hostile::pack;
use crate::ports::{Gate, GatedChannel, Watched, at_every, process};

/// Read once: processes are many.
static PACK: LazyLock<Arc<Pack>> = LazyLock::new(|| pack("retail"));

/// Whether statuses are told after it, and what is done where none are.
#[derive(Copy, Clone, Debug)]
struct Rule {
    reported: bool,
    ambiguous: Ambiguous,
}

#[derive(Debug)]
struct GatedModel(Scripted, Arc<Gate>);

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

/// Every key that something was written under, and how often.
type Written = Arc<Mutex<BTreeMap<String, u32>>>;

/// A write of the shop's, as its own system keeps it.
#[derive(Debug)]
struct Errand(ToolSpec, Arc<Gate>, Written);

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

fn member(gate: &Arc<Gate>, written: &Written) -> Member {
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
    let tool = Errand(spec, gate.clone(), written.clone());
    let model = Arc::new(GatedModel(script, gate.clone()));
    Member::new(&PACK, model).with_tool(Arc::new(tool))
}

/// What outlives a process.
struct Outside {
    graph: FakeGraph,
    clock: Arc<TurnedClock>,
    store: Arc<MemoryStore>,
    written: Written,
    told: (Vec<u8>, String),
    acknowledged: AtomicBool,
}

impl Outside {
    async fn new() -> Self {
        let clock = Arc::new(TurnedClock::new(START));
        let graph = graph(&clock).await;
        let told = graph.says("4915", &payload::text("hello"));
        let (store, written) = (Arc::default(), Written::default());
        Self { graph, clock, store, written, told, acknowledged: AtomicBool::new(false) }
    }
}

/// A process that takes up what was left, answers what is told, and delivers.
async fn work(outside: &Outside, rule: Rule, gate: &Arc<Gate>) -> OnWhatsApp {
    let shop = open(outside, rule, gate).await;
    shop.world.take_up().await;
    // What was acknowledged is not told again.
    if !outside.acknowledged.load(Ordering::SeqCst) {
        shop.front.take(&outside.told.0).await.unwrap();
        outside.acknowledged.store(true, Ordering::SeqCst);
    }
    shop.world.settled().await;
    shop.world.deliver_and_settle().await;
    shop
}

async fn open(outside: &Outside, rule: Rule, gate: &Arc<Gate>) -> OnWhatsApp {
    let store = Arc::new(Watched::new(outside.store.clone(), Some(gate.clone())));
    let before = |channel| Arc::new(GatedChannel(channel, gate.clone())) as Arc<dyn Channel>;
    let member = member(gate, &outside.written);
    let both = (store as Arc<_>, outside.store.clone() as Arc<_>);
    let by = (rule.ambiguous, before);
    OnWhatsApp::by(&outside.graph, both, outside.clock.clone(), member, by).await
}

/// Another process takes up what the first one left, and half an hour goes by with what is sent and told in it.
/// Whether a send was in doubt.
async fn taken_up(outside: &Outside, rule: Rule, at: u64) -> bool {
    let Outside { graph, clock, store, written, .. } = outside;
    let shop = work(outside, rule, &Gate::new(0)).await;
    for _ in 0..4 {
        shop.world.deliver_and_settle().await;
        for status in graph.statuses().iter().filter(|_| rule.reported) {
            shop.told(status).await;
        }
        clock.turn(Duration::from_secs(700));
    }
    let (taken, what) = (graph.taken(), format!("{rule:?}, call {at}"));
    assert!(taken.iter().all(|it| words(&it.body).ends_with("Hello.")), "{what}: {taken:?}");
    assert_eq!(written.lock().unwrap().len(), 1, "{what}: {written:?}");
    assert_eq!(graph.faults(), [""; 0], "{what}");
    let journal = shop.world.house.find(SHOP, &address("4915")).await.unwrap().unwrap();
    let doubted = format!("{:?}", shop.world.log(journal).await).contains("Ambiguous");
    let later = clock.now().after(Duration::from_secs(90_000));
    let rows = store
        .due(SHOP, agent_core::time::Micros::MIN..=later, 9, &BTreeSet::new())
        .await
        .unwrap()
        .0;
    let held = rows.iter().any(|row| row.state == OutboxState::Held);
    let told = taken.len() == 1 && rule.reported;
    match (doubted, rule.ambiguous) {
        (true, Ambiguous::Resend) if !rule.reported => {
            assert!((1..=2).contains(&taken.len()), "{what}: {taken:?}");
        }
        // It arrived or not, and nobody told: a person sees it held.
        (true, Ambiguous::Hold) if !told => {
            assert!(taken.len() <= 1 && held, "{what}: {taken:?}");
        }
        _ => assert_eq!((taken.len(), held), (1, false), "{what}: {rows:?}"),
    }
    doubted
}

#[test]
fn ended_at_every_call_of_any_port_everything_is_answered_and_once() {
    let main = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let doubts = AtomicU32::new(0);
    for (reported, ambiguous) in [
        (true, Ambiguous::Resend),
        (false, Ambiguous::Resend),
        (true, Ambiguous::Hold),
        (false, Ambiguous::Hold),
    ] {
        let rule = Rule { reported, ambiguous };
        let ended = |outside: &Outside, gate: &Arc<Gate>| {
            !process(Some(gate), async { drop(work(outside, rule, gate).await) })
        };
        let (whole, counted) = (main.block_on(Outside::new()), Gate::new(0));
        assert!(!ended(&whole, &counted));
        assert!(!main.block_on(taken_up(&whole, rule, 0)), "nothing ended");
        assert!(counted.calls() > 20, "{} calls", counted.calls());
        let ends = AtomicU32::new(0);
        at_every(counted.calls(), |at| {
            let outside = main.block_on(Outside::new());
            // How many calls there are depends on what comes together: the last ones may not be.
            ends.fetch_add(ended(&outside, &Gate::new(at)).into(), Ordering::SeqCst);
            outside.clock.turn(Duration::from_secs(60));
            let doubted = main.block_on(taken_up(&outside, rule, at));
            doubts.fetch_add(doubted.into(), Ordering::SeqCst);
        });
        assert!(ends.into_inner() > 15, "few of {} calls were come to", counted.calls());
    }
    let doubts = doubts.into_inner();
    assert!(doubts > 8, "{doubts} times nobody knew");
}
