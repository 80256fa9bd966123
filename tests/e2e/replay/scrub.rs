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

/// What somebody says who tells everything and buys a bag, and by what they would be known.
struct Told {
    says: &'static [&'static str],
    planted: &'static [&'static str],
}

const ENGLISH: Told = Told {
    says: &[
        "hi, my name is Ada Lovelace",
        "do you have the Archive Backpack in grey?",
        "I'll take it",
        "ship it to Ada Lovelace, 12 St James Square or to Lange Straße 17, 10115 Berlin",
        "my mail is ada.lovelace@mail.example, phone +49 170 5550123 or 01705550123",
        "pay from DE89 3704 0044 0532 0130 00 or with 4111 1111 1111 1111",
        "or bring it to 7 baker street, Springfield, IL 62704, and call me on (415) 555-2671",
        "LOVELACE was here. I want to pay",
        "I want to talk to a person",
    ],
    planted: &[
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
        "baker street",
        "Springfield",
        "62704",
        "555-2671",
    ],
};

const GERMAN: Told = Told {
    says: &[
        "Hallo, ich heiße Jürgen Möller",
        "Habt ihr den Archive Backpack in Grau?",
        "Den nehme ich",
        "Schick ihn an Frau Grete Möller-Huß, Unter den Linden 77, D-10117 Berlin",
        "Mail: juergen.moeller@post.example, Telefon (030) 123 45 67 oder 0049 170 5550123",
        "Ich zahle von DE89370400440532013000 oder mit 4111-1111-1111-1111",
        "Oder zur Lange Str. 4, 80331 München. Ruft mich an: 0170/5550123",
        "Ich möchte bezahlen. Viele Grüße, Jürgen",
        "Ich möchte mit einem Menschen sprechen",
    ],
    planted: &[
        "Jürgen",
        "Möller",
        "Huß",
        "Unter den Linden 77",
        "Linden 77",
        "10117",
        "juergen.moeller",
        "post.example",
        "123 45 67",
        "5550123",
        "DE89370400440532013000",
        "4111-1111-1111-1111",
        "Lange Str. 4",
        "80331 München",
    ],
};

/// What every one of them has, whatever they say: a number they write from, a card, what a person of the shop says.
const ALWAYS: &[&str] = &[
    "491705550199",
    "Grete Meier",
    "5550144",
    "52520008",
    "13404954",
    "Karl Otto",
    "wamid.HBgLNDkx",
];

async fn told(told: &Told) -> (Journal, Arc<dyn agent_core::store::Archive>) {
    let (pack, feed, _) = shipped("retail");
    let world = World::new(pack, feed, Arc::new(Clerk::new())).await;
    // Where they write from is a telephone number, as on WhatsApp.
    let who = "491705550199";
    for text in told.says {
        world.say(who, text).await;
    }
    let card = json!({ "name": { "first_name": "Grete", "formatted_name": "Grete Meier" }, "phones": [{ "phone": "+49 170 5550144" }] });
    let wamid = "wamid.HBgLNDkxNzA1NTUwMTk5FQIAEhg";
    for kind in [
        InboundKind::Contact(card),
        InboundKind::Tap(Tap::Token("forged".to_owned())),
        InboundKind::Location {
            lat_e6: 52_520_008,
            lon_e6: 13_404_954,
            called: "Karl Otto's".to_owned(),
        },
        InboundKind::Edit { of: wamid.into(), text: "my name is Karl Otto".to_owned() },
        InboundKind::Reaction { to: wamid.into(), emoji: None },
        InboundKind::Enquiry { product: "BPK04".into(), text: "for Mr. Karl Otto?".to_owned() },
    ] {
        world.tell(who, kind).await;
    }
    let (id, events) = (world.journal(who).await, world.events(who).await);
    (Journal { id, customer: None, events }, world.house.archive.clone())
}

#[tokio::test]
async fn nothing_planted_is_left_and_the_conversation_is_the_same() {
    for story in [ENGLISH, GERMAN] {
        let (journal, archive) = told(&story).await;
        let text = journal.events.iter().map(canonical).collect::<String>();
        let planted = || story.planted.iter().chain(ALWAYS);
        // A card number is taken out before anything is kept.
        let kept = planted().filter(|it| !it.starts_with("4111"));
        for planted in kept {
            assert!(text.to_lowercase().contains(&planted.to_lowercase()), "{planted} is planted");
        }
        let mut scrub = Scrub::new(archive.clone(), Arc::new(CountedIds::new(5)), Vec::new());
        let (scrubbed, replaced) = scrub.journal(&journal).await.unwrap();
        assert!(replaced.0.len() >= 6, "{replaced:?}");
        let text = scrubbed.events.iter().map(canonical).collect::<String>();
        for planted in planted() {
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
        // What is of the shop stays: its goods, its amounts.
        assert!(text.contains("Archive Backpack") && text.contains("9590"));
    }
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
