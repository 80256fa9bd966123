//! Scrubbing leaves nothing that was planted, and the same conversation.

use std::sync::Arc;

use agent_core::digest::canonical;
use agent_core::event::{Decision, Event};
use agent_core::message::{Block, InboundKind, Tap};
use agent_core::model::clerk::Clerk;
use agent_core::replay::verify::Verifier;
use agent_core::time::turned::CountedIds;
use serde_json::json;
use sutler::replay::infer::recorded;
use sutler::replay::scrub::Scrub;
use sutler::tape::Journal;
use sutler_tests::world::World;

use super::{held, shipped};

/// What is planted, as it is written, and in parts by which it would be known.
const PLANTED: &[&str] = &[
    "ada.lovelace@mail.example",
    "Ada Lovelace",
    "lovelace",
    "+49 170 5550123",
    "01705550123",
    "5550123",
    "12 St James Square",
    "James Square",
    "Lange Straße 17",
    "10115 Berlin",
    "DE89 3704 0044 0532 0130 00",
    "4111 1111 1111 1111",
    "Grete Meier",
    "491705550199",
];

/// Somebody who tells everything, and buys a bag.
async fn told() -> (Journal, Arc<dyn agent_core::store::Archive>) {
    let (pack, feed, _) = shipped("retail");
    let world = World::new(pack, feed, Arc::new(Clerk::new())).await;
    // Where they write from is a telephone number, as on WhatsApp.
    let who = "491705550199";
    for text in [
        "hi, my name is Ada Lovelace",
        "do you have the Archive Backpack in grey?",
        "I'll take it",
        "ship it to Ada Lovelace, 12 St James Square or to Lange Straße 17, 10115 Berlin",
        "my mail is ada.lovelace@mail.example, phone +49 170 5550123 or 01705550123",
        "pay from DE89 3704 0044 0532 0130 00 or with 4111 1111 1111 1111",
        "LOVELACE was here. I want to pay",
    ] {
        world.say(who, text).await;
    }
    let card = json!({ "name": { "first_name": "Grete", "formatted_name": "Grete Meier" }, "phones": [{ "phone": "+49 170 5550123" }] });
    world.tell(who, InboundKind::Contact(card)).await;
    world.tell(who, InboundKind::Tap(Tap::Token("forged".to_owned()))).await;
    world.say(who, "I want to talk to a person").await;
    let (id, events) = (world.journal(who).await, world.events(who).await);
    (Journal { id, customer: None, events }, world.house.archive.clone())
}

#[tokio::test]
async fn nothing_planted_is_left_and_the_conversation_is_the_same() {
    let (journal, archive) = told().await;
    let text = journal.events.iter().map(canonical).collect::<String>();
    assert!(text.contains("Ada Lovelace") && text.contains("491705550199"));
    let mut scrub = Scrub::new(archive.clone(), Arc::new(CountedIds::new(5)), Vec::new());
    let (scrubbed, replaced) = scrub.journal(&journal).await.unwrap();
    assert!(replaced.0.len() >= 6, "{replaced:?}");
    let text = scrubbed.events.iter().map(canonical).collect::<String>();
    for planted in PLANTED {
        assert!(!text.to_lowercase().contains(&planted.to_lowercase()), "{planted} is left");
    }
    let verified = Verifier::new(archive).verify(scrubbed.id, &scrubbed.events).await.unwrap();
    let (was, now) = (recorded(&journal.events).1, recorded(&scrubbed.events).1);
    assert_eq!(verified.identical, was.len() as u64);
    for (was, now) in was.iter().zip(&now) {
        assert_eq!(was.after.cart, now.after.cart);
        assert_eq!(was.tools(), now.tools());
        assert_eq!(was.judged, now.judged);
    }
    // The number they write from and the one they tell stay one person's, wherever they stand.
    let phones = |text: &str| text.matches("+49").count();
    assert!(phones(&text) >= 2, "{text}");
}

/// What is of nobody stays as it is, but for the names of messages and chats.
#[tokio::test]
async fn every_golden_conversation_can_be_scrubbed() {
    for pack in prompts::builtin() {
        let (journals, archive) = held(pack).await;
        let mut scrub = Scrub::new(archive.clone(), Arc::new(CountedIds::new(5)), Vec::new());
        for journal in &journals {
            let scrubbed = scrub.journal(journal).await;
            let (scrubbed, _) = scrubbed.unwrap_or_else(|why| panic!("{pack}: {why}"));
            let (was, now) = (recorded(&journal.events).1, recorded(&scrubbed.events).1);
            let words = |views: &[agent_core::replay::view::TurnView]| {
                views.iter().map(|view| view.words()).collect::<Vec<_>>()
            };
            for (was, now) in words(&was).iter().zip(words(&now)) {
                assert_eq!(*was, now, "{pack}");
            }
        }
    }
}

/// What can't be made again is left out, and the reason is said.
#[tokio::test]
async fn a_conversation_that_can_not_be_made_again_is_refused() {
    let (mut journals, archive) = held("retail").await;
    let mut scrub = Scrub::new(archive, Arc::new(CountedIds::new(5)), Vec::new());
    let mut journal = journals.remove(0);
    let end = journal.events.pop();
    let why = scrub.journal(&journal).await.unwrap_err();
    assert!(why.to_string().contains("is still open"), "{why}");
    // A reply that the recorded answers do not make: of another engine, or of nobody's.
    journal.events.extend(end);
    for recorded in &mut journal.events {
        if let Event::Decision(Decision::Replied { outbound, .. }) = &mut recorded.event {
            outbound.blocks = vec![Block::Text("Something nobody says.".to_owned())];
        }
    }
    let why = scrub.journal(&journal).await.unwrap_err();
    assert!(why.to_string().contains("turn 1 differs in words"), "{why}");
}
