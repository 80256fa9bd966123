//! A process ends after every call of a port, which is before every next one; another takes up what it left.

use std::sync::Arc;
use std::time::Duration;

use agent_core::event::{Answer, Event};
use agent_core::message::Status;
use tokio::runtime::Builder;

use super::shop::{Opening, Outside, Shop};
use crate::ports::{Gate, at_every, process};

const ADA: u64 = 41;

/// What a customer does: each once, whatever becomes of the process meanwhile.
#[derive(Debug, Default)]
struct Script {
    wrote: Vec<u64>,
    tapped: bool,
}

#[test]
fn ended_at_every_call_it_loses_nothing_and_answers_nothing_twice() {
    let main = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let counted = Gate::new(0);
    let (outside, mut script) = (main.block_on(greeted()), Script::default());
    run(&outside, &mut script, Some(counted.clone()));
    let calls = counted.calls();
    assert!(calls > 40, "{calls}");
    let whole = main.block_on(seen(&outside));
    at_every(calls, |at| {
        let (outside, mut script) = (main.block_on(greeted()), Script::default());
        if !run(&outside, &mut script, Some(Gate::new(at))) {
            assert!(run(&outside, &mut script, None), "there is no gate");
        }
        check(&main.block_on(seen(&outside)), &whole, at);
    });
}

/// A customer who is known: of whom nothing was ever journalled, Discord tells nothing after a start.
async fn greeted() -> Outside {
    let outside = Outside::new().await;
    let shop = outside.open(Opening::default()).await;
    shop.connected(1).await;
    shop.say(ADA, "hello").await;
    outside
}

/// What came of it: what the turns answered, and every line the bot shows, in their order.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    inputs: usize,
    cart: usize,
    lines: Vec<String>,
    doubted: bool,
}

async fn seen(outside: &Outside) -> Seen {
    outside.clock.turn(Duration::from_secs(20));
    let shop = outside.open(Opening::default()).await;
    shop.settle().await;
    let said = outside.fake.said(ADA).into_iter().filter(|said| !said.by_customer);
    let lines = said.flat_map(|said| said.text.lines().map(str::to_owned).collect::<Vec<_>>());
    let lines = lines.collect();
    assert_eq!(outside.fake.complaints(), Vec::<String>::new());
    let opened = |event: &Event| match event {
        Event::Answer(Answer::Opened(opening)) => opening.inputs.len(),
        _ => 0,
    };
    let inputs = shop.events(ADA).await.iter().map(|it| opened(&it.event)).sum();
    let cart = shop.conversation(ADA).await.cart.len();
    let doubted = shop.statuses(ADA).await.contains(&Status::Ambiguous);
    Seen { inputs, cart, lines, doubted }
}

fn check(seen: &Seen, whole: &Seen, what: u64) {
    assert_eq!(seen.inputs, whole.inputs, "{what}: {seen:#?}");
    assert_eq!(seen.cart, whole.cart, "{what}: {seen:#?}");
    assert!(!seen.doubted, "{what}: Discord remembers nonces for longer");
    assert_eq!(seen.lines, whole.lines, "{what}: lost, shown twice or out of order");
}

/// Runs a process until the script is done, or until it ends at the gate; whether it was done.
fn run(outside: &Outside, script: &mut Script, gate: Option<Arc<Gate>>) -> bool {
    process(gate.clone().as_ref(), play(outside, script, gate))
}

async fn play(outside: &Outside, script: &mut Script, gate: Option<Arc<Gate>>) {
    let begun = outside.fake.sessions().0;
    // What was never announced is waited for no longer.
    outside.clock.turn(Duration::from_secs(20));
    let shop = outside.open(Opening { gate, ..Opening::default() }).await;
    shop.connected(begun + 1).await;
    // What a process before this one left.
    for id in script.wrote.clone() {
        shop.store_has(id).await;
    }
    shop.settle().await;
    let lines = ["waterproof jacket under 120 in M", "show me my cart"];
    for (n, line) in lines.iter().enumerate() {
        if script.wrote.len() <= n {
            script.wrote.push(outside.write(ADA, line));
        }
        shop.store_has(script.wrote[n]).await;
        shop.settle().await;
        if n == 0 && !script.tapped {
            tap(outside, &shop, script).await;
        }
    }
}

/// Taps until it is taken in: an interaction of a process that ended is told as failed, and tapped again.
async fn tap(outside: &Outside, shop: &Shop, script: &mut Script) {
    let tapped = |turns: &[String]| turns.iter().any(|id| id.starts_with("interaction/"));
    if !tapped(&shop.turns(ADA).await.concat()) {
        outside.clock.turn(Duration::from_secs(20));
        let interaction = outside.fake.tap(ADA, "Add to cart");
        shop.took(&interaction).await;
        shop.settle().await;
    }
    script.tapped = true;
}
