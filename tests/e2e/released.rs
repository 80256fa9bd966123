//! What failed, or nobody knows of, and a person settles: it arrived, or it is sent once more.

use std::sync::Arc;

use agent_core::courier::Ambiguous;
use agent_core::message::{Control, Status};
use agent_core::store::memory::MemoryStore;
use agent_core::time::turned::TurnedClock;
use sutler_tests::fake::graph::{FakeGraph, Fate};
use sutler_tests::world::START;
use sutler_tests::world::meta::{OnWhatsApp, graph};

use crate::bounced::{after, failed, mark, newest, says, told};
use crate::whatsapp::{member, open};

/// A shop where what is in doubt is held, and an answer of which nobody knows.
async fn held() -> (OnWhatsApp, FakeGraph, Control) {
    let clock = Arc::new(TurnedClock::new(START));
    let (graph, store) = (graph(&clock).await, Arc::new(MemoryStore::new()));
    let both = (store.clone() as Arc<_>, store as Arc<_>);
    let by = (Ambiguous::Hold, |channel| channel);
    let shop = OnWhatsApp::by(&graph, both, clock, member(), by).await;
    graph.fate([Fate::Lost]);
    shop.answered(&graph, "4915", "hello").await;
    for _ in 0..2 {
        after(&shop, 600).await;
    }
    assert_eq!(graph.taken().len(), 1, "a person decides");
    let of = shop.conversation("4915").await.deliveries.parts[0].newest().unwrap();
    (shop, graph, Control::Settle { of, part: 0, arrived: false })
}

#[tokio::test]
async fn what_a_person_releases_is_a_sending_of_its_own() {
    let (shop, graph, release) = held().await;
    graph.fate([Fate::Lost]);
    shop.commanded("4915", "s1", release).await;
    after(&shop, 1).await;
    let [first, second] = graph.taken().try_into().unwrap();
    assert_ne!(mark(&first), mark(&second));
    // What becomes of the first is no word about the second, of which nobody knows.
    says(&shop, &graph, &first, "failed").await;
    after(&shop, 1_200).await;
    assert_eq!(graph.taken().len(), 2);
    assert_eq!(newest(&shop, "4915").await, Status::Ambiguous);
    says(&shop, &graph, &second, "delivered").await;
    after(&shop, 90_000).await;
    assert_eq!((graph.taken().len(), newest(&shop, "4915").await), (2, Status::Delivered));
}

/// Lost, sent once more, and that one failed: nothing is sent by itself, since the first may be there.
#[tokio::test]
async fn what_failed_after_one_that_is_in_doubt_waits_for_a_person() {
    for arrived in [false, true] {
        let (shop, graph, _) = open().await;
        graph.fate([Fate::Lost, Fate::Fails(131_000), Fate::Fails(131_000)]);
        shop.answered(&graph, "4915", "hello").await;
        after(&shop, 600).await;
        says(&shop, &graph, &graph.taken()[1], "failed").await;
        after(&shop, 1_200).await;
        assert_eq!(graph.taken().len(), 2);
        let known = async || shop.conversation("4915").await.deliveries.parts.remove(0);
        assert!(known().await.is_in_doubt());
        let of = known().await.newest().unwrap();
        let settle = |arrived| Control::Settle { of, part: 0, arrived };
        shop.commanded("4915", "s1", settle(arrived)).await;
        after(&shop, 1).await;
        if arrived {
            assert_eq!((graph.taken().len(), known().await.status), (2, Status::Delivered));
            continue;
        }
        assert_eq!(graph.taken().len(), 3, "released");
        // It fails too, and the first is as much in doubt as before: once more, and it arrives.
        says(&shop, &graph, &graph.taken()[2], "failed").await;
        after(&shop, 1_200).await;
        assert!(known().await.is_in_doubt());
        for id in ["s2", "s3"] {
            shop.commanded("4915", id, settle(false)).await;
        }
        after(&shop, 1).await;
        let taken = graph.taken();
        assert_eq!(taken.len(), 4, "once, however often it is said");
        let marks: std::collections::BTreeSet<String> =
            taken.iter().map(|it| mark(it).to_string()).collect();
        assert_eq!(marks.len(), 4);
        says(&shop, &graph, &taken[3], "delivered").await;
        shop.commanded("4915", "s4", settle(false)).await;
        after(&shop, 90_000).await;
        assert_eq!((graph.taken().len(), known().await.status), (4, Status::Delivered));
    }
}

/// Sent once more or not, and then refused outright: nothing is sent by itself any more.
#[tokio::test]
async fn what_is_refused_outright_waits_for_a_person() {
    let refused = Fate::Code(400, 131_026);
    // What becomes of its sendings; whether one of them may be there.
    for (fates, doubt) in [
        (vec![refused.clone()], false),
        (vec![Fate::Fails(131_000), refused.clone()], false),
        (vec![Fate::Lost, refused], true),
    ] {
        for arrived in [false, true] {
            let (shop, graph, _) = open().await;
            graph.fate(fates.clone());
            shop.answered(&graph, "4915", "hello").await;
            if !doubt {
                told(&shop, &graph).await;
            }
            after(&shop, 600).await;
            after(&shop, 1_200).await;
            let before = fates.len() - 1;
            let known = async || shop.conversation("4915").await.deliveries.parts.remove(0);
            assert!(matches!(known().await.status, Status::Failed(_)), "{fates:?}");
            assert_eq!((graph.taken().len(), known().await.is_in_doubt()), (before, doubt));
            let of = known().await.newest().unwrap();
            let settle = Control::Settle { of, part: 0, arrived };
            graph.fate([Fate::Fails(131_000)]);
            shop.commanded("4915", "s1", settle.clone()).await;
            shop.commanded("4915", "s2", settle).await;
            after(&shop, 1).await;
            if arrived {
                let now = (graph.taken().len(), known().await.status);
                assert_eq!(now, (before, Status::Delivered), "{fates:?}");
                continue;
            }
            assert_eq!(
                graph.taken().len(),
                before + 1,
                "once, however often it is said: {fates:?}"
            );
            says(&shop, &graph, &graph.taken()[before], "failed").await;
            after(&shop, 600).await;
            let again = if doubt { 1 } else { 2 };
            assert_eq!(graph.taken().len(), before + again, "by itself where none is there");
            assert_eq!((known().await.is_in_doubt(), graph.faults()), (doubt, Vec::new()));
        }
    }
}

#[tokio::test]
async fn what_was_held_before_it_was_sent_is_in_no_doubt_when_a_person_releases_it() {
    let (shop, graph) = failed(131_047).await;
    after(&shop, 1).await;
    let of = shop.conversation("4915").await.deliveries.parts[0].newest().unwrap();
    shop.answered(&graph, "4915", "here I am").await;
    graph.fate([Fate::Fails(131_000)]);
    shop.commanded("4915", "s1", Control::Settle { of, part: 0, arrived: false }).await;
    after(&shop, 1).await;
    told(&shop, &graph).await;
    after(&shop, 60).await;
    let taken = graph.taken();
    let first = of.first();
    let carried = taken.iter().filter_map(|it| mark(it).as_str().map(str::to_owned));
    let marks = carried.filter_map(|it| adapters::meta::news::mark::read(&it));
    let same = marks.filter(|(of, part)| (of.first(), *part) == (first, 0));
    assert_eq!(same.count(), 3, "it failed twice, and nobody doubts that: {taken:?}");
}

#[tokio::test]
async fn what_a_person_saw_arrive_is_in_no_doubt_and_is_not_sent_again() {
    let (shop, graph, release) = held().await;
    let Control::Settle { of, part, .. } = release else { unreachable!("as it was made") };
    shop.commanded("4915", "s1", Control::Settle { of, part, arrived: true }).await;
    assert_eq!(newest(&shop, "4915").await, Status::Delivered);
    says(&shop, &graph, &graph.taken()[0], "failed").await;
    after(&shop, 1_200).await;
    assert_eq!(graph.taken().len(), 1);
}
