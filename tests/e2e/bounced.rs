//! What WhatsApp had taken, and told later that it did not arrive: sent again or not by the class of its code, and
//! never where it may have arrived.

use std::sync::Arc;
use std::time::Duration;

use agent_core::id::CommitId;
use agent_core::message::{Block, Control, Inbound, InboundKind, MediaRef, Purpose, Status};
use agent_core::store::fault::{Fault, FaultStore};
use agent_core::store::memory::MemoryStore;
use agent_core::store::{Accept, Commit};
use agent_core::time::Clock as _;
use agent_core::time::turned::TurnedClock;
use sutler_tests::fake::graph::{FakeGraph, Fate, Taken, payload};
use sutler_tests::world::meta::{NUMBER, OnWhatsApp, address, graph, words};
use sutler_tests::world::{SHOP, START};
use tokio::sync::mpsc::unbounded_channel;

use crate::whatsapp::{member, open};

/// Everything that waits to be told is told, twice.
pub(crate) async fn told(shop: &OnWhatsApp, graph: &FakeGraph) {
    for status in graph.statuses() {
        shop.told(&status).await;
        shop.told(&status).await;
    }
}

/// A status of one message, as it is told when it is.
pub(crate) async fn says(shop: &OnWhatsApp, graph: &FakeGraph, taken: &Taken, status: &str) {
    let taken = Taken { fails: Some(131_000), ..taken.clone() };
    let told = payload::status(&taken, status, shop.world.clock.now());
    shop.told(&graph.signed(&payload::statuses(NUMBER, &[told]))).await;
}

pub(crate) async fn after(shop: &OnWhatsApp, seconds: u64) {
    shop.world.clock.turn(Duration::from_secs(seconds));
    shop.world.deliver_and_settle().await;
}

pub(crate) async fn newest(shop: &OnWhatsApp, who: &str) -> Status {
    shop.conversation(who).await.deliveries.parts.pop().unwrap().status
}

/// A customer whose answer was taken and is told of as failed with this code.
pub(crate) async fn failed(code: u64) -> (OnWhatsApp, FakeGraph) {
    let (shop, graph, _) = open().await;
    graph.fate([Fate::Fails(code)]);
    shop.answered(&graph, "4915", "hello").await;
    assert_eq!(graph.taken().len(), 1);
    told(&shop, &graph).await;
    (shop, graph)
}

#[tokio::test]
async fn what_passes_is_sent_again_when_it_may_have_passed_and_once() {
    // The code; seconds after which it is not sent again yet, and more after which it is.
    for (code, early, then) in
        [(131_000, 11, 6), (131_053, 11, 6), (131_056, 3, 1), (130_429, 59, 1), (131_048, 3_599, 1)]
    {
        let (shop, graph) = failed(code).await;
        assert!(matches!(newest(&shop, "4915").await, Status::Bounced(_)), "{code}");
        after(&shop, early).await;
        assert_eq!(graph.taken().len(), 1, "{code}");
        after(&shop, then).await;
        let taken = graph.taken();
        assert_eq!(taken.len(), 2, "{code}");
        assert_eq!(words(&taken[0].body), words(&taken[1].body));
        let marks = taken.iter().map(|it| it.body["biz_opaque_callback_data"].clone());
        let marks: Vec<_> = marks.collect();
        assert_ne!(marks[0], marks[1], "the sendings are told apart");
        assert!(matches!(newest(&shop, "4915").await, Status::Accepted(_)), "{code}");
        told(&shop, &graph).await;
        assert_eq!(newest(&shop, "4915").await, Status::Read, "{code}");
        after(&shop, 90_000).await;
        assert_eq!((graph.taken().len(), graph.faults()), (2, Vec::new()), "{code}");
    }
}

#[tokio::test]
async fn what_does_not_pass_is_not_sent_again() {
    for code in [131_026, 131_049, 131_050, 132_015, 100, 999_999] {
        let (shop, graph) = failed(code).await;
        let Status::Failed(why) = newest(&shop, "4915").await else { panic!("{code}") };
        // Who has had enough of marketing may be tried again, and it is said when.
        assert_eq!(why.contains("not again before 2026-11-02T"), code == 131_049, "{why}");
        after(&shop, 90_000).await;
        assert_eq!(graph.taken().len(), 1, "{code}");
        let journal = shop.world.house.find(SHOP, &address("4915")).await.unwrap().unwrap();
        let stopped = shop.world.log(journal).await.iter().any(|it| {
            format!("{it:?}").contains(&format!("Consent {{ purpose: {:?}", Purpose::Marketing))
        });
        assert_eq!(stopped, code == 131_050, "{code}");
    }
}

#[tokio::test]
async fn what_fails_again_and_again_is_given_up() {
    let (shop, graph) = failed(131_000).await;
    graph.fate((0..9).map(|_| Fate::Fails(131_000)));
    for _ in 0..10 {
        after(&shop, 600).await;
        told(&shop, &graph).await;
    }
    assert_eq!(graph.taken().len(), 7, "six times more");
    assert!(matches!(newest(&shop, "4915").await, Status::Failed(_)));
}

#[tokio::test]
async fn the_chat_rests_or_the_number_does() {
    for (code, wait, others) in [(131_056, 4, true), (130_429, 60, false)] {
        let (shop, graph) = failed(code).await;
        for who in ["4915", "4916"] {
            shop.answered(&graph, who, "and?").await;
        }
        let to: Vec<String> = graph.taken().into_iter().skip(1).map(|it| it.to).collect();
        let expected: &[&str] = if others { &["4916"] } else { &[] };
        assert_eq!(to, expected, "{code}");
        after(&shop, wait).await;
        let texts: Vec<String> = graph
            .taken()
            .iter()
            .filter(|it| it.to == "4915")
            .map(|it| words(&it.body).to_owned())
            .collect();
        assert_eq!(texts.len(), 3, "{code}: {texts:?}");
        assert_eq!(texts[0], texts[1], "what did not arrive goes first");
    }
}

#[tokio::test]
async fn a_window_that_the_platform_says_is_closed_is_closed_until_the_customer_writes() {
    let (shop, graph) = failed(131_047).await;
    after(&shop, 1).await;
    assert_eq!(newest(&shop, "4915").await, Status::Held("send.window".into()));
    let kinds = |graph: &FakeGraph| -> Vec<String> {
        graph.taken().iter().map(|it| it.body["type"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(kinds(&graph), ["text", "template"], "invited once");
    // Whatever a person says now is held too: nobody learns it by a refusal.
    let say = Control::Say("Are you there?".to_owned());
    shop.commanded("4915", "p1", say).await;
    after(&shop, 60).await;
    assert_eq!((kinds(&graph).len(), graph.faults()), (2, Vec::new()));
    shop.commanded("4915", "p2", Control::GiveBack).await;
    shop.answered(&graph, "4915", "here I am").await;
    assert_eq!((kinds(&graph).len(), graph.faults()), (3, Vec::new()));
}

#[tokio::test]
async fn what_arrived_is_not_sent_again_whenever_that_is_told() {
    for late in [false, true] {
        let (shop, graph) = failed(131_000).await;
        let first = graph.taken().remove(0);
        // Of the sending that failed: it takes nothing away from the next.
        says(&shop, &graph, &first, "sent").await;
        if late {
            after(&shop, 16).await;
        }
        says(&shop, &graph, &first, "delivered").await;
        after(&shop, 600).await;
        assert_eq!(graph.taken().len(), if late { 2 } else { 1 });
        assert_eq!(newest(&shop, "4915").await, Status::Delivered);
    }
}

#[tokio::test]
async fn the_first_sending_that_arrived_after_all_is_not_made_up_for_a_second_time() {
    let (shop, graph) = failed(131_000).await;
    let first = graph.taken().remove(0);
    graph.fate([Fate::Fails(131_000)]);
    after(&shop, 16).await;
    told(&shop, &graph).await;
    says(&shop, &graph, &first, "delivered").await;
    after(&shop, 600).await;
    assert_eq!(graph.taken().len(), 2, "the third is not sent");
}

#[tokio::test]
async fn a_lost_answer_that_is_told_of_as_failed_is_sent_again_at_once_and_not_by_the_policy_too() {
    let (shop, graph, _) = open().await;
    graph.fate([Fate::Lost]);
    shop.answered(&graph, "4915", "hello").await;
    assert_eq!(newest(&shop, "4915").await, Status::Ambiguous);
    says(&shop, &graph, &graph.taken()[0], "failed").await;
    after(&shop, 16).await;
    assert_eq!(graph.taken().len(), 2);
    after(&shop, 600).await;
    after(&shop, 600).await;
    assert_eq!(graph.taken().len(), 2);
}

#[tokio::test]
async fn where_one_sending_is_in_doubt_the_failure_of_another_repeats_nothing() {
    let (shop, graph, _) = open().await;
    graph.fate([Fate::Lost]);
    shop.answered(&graph, "4915", "hello").await;
    // Nobody tells: it is sent once more.
    after(&shop, 600).await;
    let [first, second] = graph.taken().try_into().unwrap();
    says(&shop, &graph, &second, "failed").await;
    after(&shop, 600).await;
    assert_eq!(graph.taken().len(), 2, "the first may be there");
    says(&shop, &graph, &first, "failed").await;
    after(&shop, 600).await;
    assert_eq!(graph.taken().len(), 3, "neither was");
    says(&shop, &graph, &first, "failed").await;
    after(&shop, 600).await;
    assert_eq!(graph.taken().len(), 3);
}

#[tokio::test]
async fn it_is_sent_again_by_the_next_process_and_beside_what_the_customer_says() {
    let clock = Arc::new(TurnedClock::new(START));
    let (graph, store) = (graph(&clock).await, Arc::new(MemoryStore::new()));
    let both = || (store.clone() as Arc<_>, store.clone() as Arc<_>);
    let shop = OnWhatsApp::open(&graph, both(), clock.clone(), member()).await;
    shop.answered(&graph, "4915", "hello").await;
    let taken = Taken { fails: Some(131_000), ..graph.taken().remove(0) };
    let journal = shop.world.house.find(SHOP, &address("4915")).await.unwrap().unwrap();
    // Both came in, and the process ended before it looked.
    let reading = adapters::meta::news::Reading { now: clock.now() };
    let body = payload::statuses(NUMBER, &[payload::status(&taken, "failed", clock.now())]);
    let news = adapters::meta::parse::parse(&payload::wire(&body), reading).unwrap();
    let told = news.into_iter().find_map(|it| match it.what {
        adapters::meta::news::What::Chat(inbound) => Some(inbound),
        _ => None,
    });
    let told = told.unwrap();
    let said = Inbound {
        id: "wamid.IN9".into(),
        kind: InboundKind::Text("and?".to_owned()),
        ..told.clone()
    };
    let accept =
        |inbound: Inbound| Accept { journal, customer: None, scope: "whatsapp/77".into(), inbound };
    let accept = vec![accept(said), accept(told)];
    let commit = Commit { accept, ..Commit::blank(CommitId(77), clock.now(), journal) };
    shop.world.house.store.commit(commit).await.unwrap();
    drop(shop);
    clock.turn(Duration::from_secs(1));
    let next = OnWhatsApp::open(&graph, both(), clock.clone(), member()).await;
    next.world.take_up().await;
    next.world.deliver_and_settle().await;
    after(&next, 16).await;
    let taken = graph.taken();
    assert_eq!(taken.len(), 3, "{taken:?}");
    let times = taken.iter().map(|it| {
        let carried = it.body["biz_opaque_callback_data"].as_str().unwrap();
        adapters::meta::news::mark::read(carried).unwrap().0.times()
    });
    assert_eq!(times.sum::<u16>(), 1, "one of them is a second sending: {taken:?}");
    assert_eq!(graph.faults(), [""; 0]);
}

#[tokio::test]
async fn a_file_that_meta_could_not_fetch_twice_is_told_by_its_link() {
    let (shop, graph, _) = open().await;
    shop.answered(&graph, "4915", "hello").await;
    graph.fate([Fate::Fails(131_053), Fate::Fails(131_053)]);
    let id = "https://shop.example/a.jpg".to_owned();
    let media = MediaRef { id, mime: "image/jpeg".to_owned(), ..MediaRef::default() };
    shop.shows("4915", "p1", Block::Media { media, caption: "This one".to_owned() }).await;
    for _ in 0..2 {
        told(&shop, &graph).await;
        after(&shop, 60).await;
    }
    let kinds: Vec<_> = graph.taken().iter().skip(1).map(|it| it.body["type"].clone()).collect();
    assert_eq!(kinds, ["image", "image", "text"]);
    assert_eq!(words(&graph.taken()[3].body), "This one\nhttps://shop.example/a.jpg");
    assert_eq!(graph.faults(), [""; 0]);
}

/// What one sending carries, by which it is told apart.
pub(crate) fn mark(taken: &Taken) -> &serde_json::Value {
    &taken.body["biz_opaque_callback_data"]
}

/// While something is delivered, the newest of so many that were taken by then is told of before it is answered.
async fn meanwhile(shop: &OnWhatsApp, graph: &FakeGraph, taken: usize, of: usize) {
    let told = async {
        let all = graph.until(|it| Some(it.taken()).filter(|all| all.len() == taken)).await;
        says(shop, graph, &all[of], "failed").await;
        graph.answers();
    };
    tokio::join!(shop.world.deliver(), told);
    shop.world.settled().await;
}

#[tokio::test]
async fn a_failure_told_while_it_is_sent_once_more_repeats_nothing() {
    let (shop, graph, clock) = open().await;
    graph.fate([Fate::Lost, Fate::Late]);
    shop.answered(&graph, "4915", "hello").await;
    clock.turn(Duration::from_secs(600));
    meanwhile(&shop, &graph, 2, 0).await;
    for _ in 0..3 {
        after(&shop, 600).await;
    }
    let taken = graph.taken();
    assert_eq!(taken.len(), 2, "{taken:?}");
    assert_ne!(mark(&taken[0]), mark(&taken[1]));
    says(&shop, &graph, &taken[1], "delivered").await;
    assert_eq!(newest(&shop, "4915").await, Status::Delivered);
}

#[tokio::test]
async fn a_failure_told_before_the_answer_to_that_very_sending_is_made_up_for_once() {
    let (shop, graph) = failed(131_000).await;
    graph.fate([Fate::Late]);
    shop.world.clock.turn(Duration::from_secs(16));
    meanwhile(&shop, &graph, 2, 1).await;
    for _ in 0..3 {
        after(&shop, 600).await;
    }
    assert_eq!(graph.taken().len(), 3, "two failed, and one is there");
    assert!(matches!(newest(&shop, "4915").await, Status::Accepted(_)));
}

/// The work on a failure that is told stops at each call of the store in turn, and the courier comes to its row there.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_failure_and_the_courier_come_to_one_sending_wherever_they_meet() {
    let mut met = 0;
    for at in 1.. {
        let clock = Arc::new(TurnedClock::new(START));
        let (graph, inner) = (graph(&clock).await, Arc::new(MemoryStore::new()));
        let both = (inner.clone() as Arc<_>, inner.clone() as Arc<_>);
        let first = OnWhatsApp::open(&graph, both, clock.clone(), member()).await;
        graph.fate([Fate::Lost, Fate::Lost]);
        first.answered(&graph, "4915", "hello").await;
        drop(first);
        clock.turn(Duration::from_secs(600));
        let ((stopped, mut stops), (go, goes)) = (unbounded_channel(), std::sync::mpsc::channel());
        let goes = std::sync::Mutex::new(goes);
        let stop = Fault::RunBefore(Arc::new(move || {
            let _ = stopped.send(());
            let _ = goes.lock().unwrap().recv();
        }));
        let both = (Arc::new(FaultStore::new(inner.clone(), at, stop)) as Arc<_>, inner as Arc<_>);
        let shop = Arc::new(OnWhatsApp::open(&graph, both, clock.clone(), member()).await);
        let taken = Taken { fails: Some(131_000), ..graph.taken().remove(0) };
        let status = payload::status(&taken, "failed", clock.now());
        let status = graph.signed(&payload::statuses(NUMBER, &[status]));
        let mut told = tokio::spawn({
            let shop = shop.clone();
            async move { shop.told(&status).await }
        });
        let stops = tokio::select! {
            stops = stops.recv() => stops.is_some(),
            _ = &mut told => false,
        };
        if !stops {
            break;
        }
        met += 1;
        shop.world.deliver().await;
        go.send(()).unwrap();
        told.await.unwrap();
        for seconds in [1, 16, 60] {
            after(&shop, seconds).await;
        }
        assert_eq!(graph.taken().len(), 2, "stopped at call {at}");
    }
    assert!(met > 5, "{met}");
}
