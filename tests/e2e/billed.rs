//! Messages of a reply and what the platform bills for them are counted, once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use agent_core::store::memory::MemoryStore;
use agent_core::time::turned::TurnedClock;
use sutler::config::Price;
use sutler::metrics::{Counted, Metrics};
use sutler_tests::fake::graph::{FakeGraph, Fate, payload};
use sutler_tests::world::meta::{NUMBER, OnWhatsApp, graph};
use sutler_tests::world::{SHOP, START};

use crate::whatsapp::member;

/// A shop on WhatsApp that is counted.
async fn shop() -> (OnWhatsApp, FakeGraph, Arc<Metrics>) {
    let clock = Arc::new(TurnedClock::new(START));
    let (graph, inner, metrics) =
        (graph(&clock).await, Arc::new(MemoryStore::new()), Arc::new(Metrics::default()));
    let shops = BTreeMap::from([(SHOP, ("shop".to_owned(), Price::default()))]);
    let of = (SHOP, "whatsapp".into(), NUMBER.into(), "service".into());
    let bills = BTreeMap::from([(of, 0.25)]);
    let counted = Counted::new(inner.clone(), metrics.clone(), clock.clone(), shops, bills);
    let shop = OnWhatsApp::open(&graph, (Arc::new(counted), inner), clock, member()).await;
    (shop, graph, metrics)
}

#[tokio::test]
async fn a_part_in_doubt_is_counted_once_however_often_it_is_sent() {
    let (shop, graph, metrics) = shop().await;
    graph.fate([Fate::Lost, Fate::Lost]);
    shop.told(&graph.says("4915", &payload::text("hello"))).await;
    for _ in 0..3 {
        shop.world.deliver_and_settle().await;
        shop.world.clock.turn(Duration::from_secs(600));
    }
    assert_eq!(graph.taken().len(), 2, "once more, and then it is held");
    let counted = r#"sutler_deliveries_total{shop="shop",outcome="ambiguous"} 1"#;
    let text = metrics.text();
    assert!(text.lines().any(|line| line == counted), "{text}");
}

#[tokio::test]
async fn what_is_delivered_is_billed_once_however_often_it_is_told() {
    let (shop, graph, metrics) = shop().await;
    for words in ["hello", "and?"] {
        shop.told(&graph.says("4915", &payload::text(words))).await;
        shop.world.deliver_and_settle().await;
    }
    let statuses = graph.statuses();
    for status in statuses.iter().chain(&statuses) {
        shop.told(status).await;
    }
    let text = metrics.text();
    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    let labels = r#"{shop="shop",channel="whatsapp",category="service"}"#;
    assert_eq!(line("sutler_billed_total"), format!("sutler_billed_total{labels} 2"));
    assert_eq!(line("sutler_billed_usd_total"), format!("sutler_billed_usd_total{labels} 0.5"));
    let parts = r#"sutler_reply_parts_count{shop="shop",channel="whatsapp"} 2"#;
    assert!(text.contains(parts), "{text}");
}
