//! The same customer before the clerk and before a model server on loopback: the same cart, cards and amounts,
//! for the renderer writes them.

use std::sync::Arc;

use agent_core::id::Name;
use agent_core::message::Block;
use agent_core::model::Model;
use agent_core::model::clerk::Clerk;
use agent_core::model::openai::{Cap, OpenAi, OpenAiSettings, Secret};
use agent_core::money::Money;
use agent_core::time::Micros;
use agent_core::time::turned::TurnedClock;
use serde_json::Value;
use sutler_tests::fake::openai::FakeOpenAi;
use sutler_tests::fake::shopper;
use sutler_tests::world::{Member, World};

use crate::hostile::pack;

const SCRIPT: &[&str] = &[
    "hello",
    "I need a rain jacket under 120 in M",
    "add the first one",
    "show me wool socks",
    "add the first one",
    "what is in my cart?",
    "checkout please",
];

/// What a customer was shown and has: cart, cards with their prices, lines and total of the cart, links.
#[derive(Debug, Default, PartialEq, Eq)]
struct Shown {
    cart: Vec<(Name, u32)>,
    cards: Vec<(Name, String, Money)>,
    amounts: Vec<(String, String)>,
    links: usize,
}

async fn run(model: Arc<dyn Model>) -> Shown {
    let world = World::of(vec![Member::new(&pack("retail"), model)]).await;
    let mut shown = Shown::default();
    for text in SCRIPT {
        let turned = world.say("ada", text).await;
        for block in turned.reply.into_iter().flat_map(|reply| reply.blocks) {
            match block {
                Block::Cards(cards) => shown
                    .cards
                    .extend(cards.into_iter().map(|card| (card.record, card.detail, card.price))),
                Block::Summary { lines, total, .. } => {
                    shown.amounts.extend(lines.into_iter().map(|line| (line.label, line.text)));
                    shown.amounts.push(total);
                }
                Block::Link { .. } => shown.links += 1,
                _ => {}
            }
        }
    }
    // The clerk shows the cart with the link, and a model once less: what is shown last counts.
    let last = shown.amounts.len().saturating_sub(3);
    shown.amounts.drain(..last);
    shown.cart = world.conversation("ada").await.cart;
    shown
}

#[tokio::test]
async fn a_model_server_sells_the_same_as_the_clerk() {
    let fake = FakeOpenAi::start("sk-loopback", "muse", shopper::shop).await.unwrap();
    let settings = OpenAiSettings {
        name: "muse".into(),
        base_url: fake.base_url().to_owned(),
        model: "muse".to_owned(),
        key: Secret::parse("sk-loopback").unwrap(),
        stream: true,
        cap: Cap::MaxTokens,
        least_output: 0,
        effort: None,
    };
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let clock = Arc::new(TurnedClock::new(Micros(0)));
    let served = run(Arc::new(OpenAi::new(settings, http, clock))).await;
    let clerks = run(Arc::new(Clerk::new())).await;
    assert_eq!(served, clerks);
    assert_eq!(served.cart, [("jacket-m".into(), 1), ("socks".into(), 1)]);
    assert_eq!(served.amounts.last().unwrap().1, "€102.49");
    assert_eq!(served.links, 1);
    assert!(!served.cards.is_empty());

    let bodies = fake.bodies();
    assert!(bodies.len() >= 2 * SCRIPT.len() - 1, "{}", bodies.len());
    for pair in bodies.windows(2) {
        let older: Value = serde_json::from_slice(&pair[0]).unwrap();
        let messages = older["messages"].as_array().unwrap();
        assert!(messages[0]["content"].as_str().unwrap().len() > 100, "the pack's prompt");
        assert!(older["tools"].as_array().unwrap().len() >= 10);
        // All but the notes, which are last, stands in the next request byte for byte.
        let notes = messages.last().unwrap()["content"].to_string();
        let (stem, _) = std::str::from_utf8(&pair[0]).unwrap().rsplit_once(&notes).unwrap();
        let shared = stem.len() - ",{\"role\":\"user\",\"content\":".len();
        assert_eq!(&pair[1][..shared], &pair[0][..shared]);
    }
    let last: Value = serde_json::from_slice(bodies.last().unwrap()).unwrap();
    let last = last["messages"].to_string();
    assert!(SCRIPT.iter().all(|said| last.contains(said)), "the whole history");
    assert!(last.contains("\"role\":\"tool\""), "what tools brought");
}
