//! What comes in: told again, malformed, unknown, blocked.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use agent_core::courier::Ambiguous;
use agent_core::event::{Answer, Event, Recorded};
use agent_core::id::JournalId;
use agent_core::message::InboundKind;
use agent_core::store::fault::{self, FaultStore};
use agent_core::store::memory::MemoryStore;
use serde_json::json;
use sutler_tests::fake::telegram::Fault;
use sutler_tests::world::SHOP;

use super::{ADA, BOB, Shop};
use crate::ports::Watched;

#[tokio::test]
async fn an_update_told_three_times_is_answered_once() {
    let shop = Shop::open().await;
    shop.fake.repeat(2);
    shop.say(ADA, "hello").await;
    shop.say(ADA, "can I send it back?").await;
    shop.fake.called("getupdates", 5).await;
    shop.world.carry_out().await;
    assert_eq!(shop.heard(ADA).await, ["hello", "can I send it back?"]);
    assert_eq!(shop.turns(ADA).await, 2);
    assert_eq!(shop.fake.wrong(), Vec::<String>::new());
}

#[tokio::test]
async fn an_update_the_store_did_not_take_is_fetched_again() {
    let memory = Arc::new(MemoryStore::new());
    // Two look-ups, and the commit that is refused.
    let store = Arc::new(FaultStore::new(memory.clone(), 3, fault::Fault::Before));
    let shop = Shop::on((store, memory), Ambiguous::Resend).await;
    let confirmed = shop.fake.confirmed(shop.fake.say(ADA, "hello"));
    shop.world.clock.during((Duration::from_secs(2), &BTreeMap::new()), confirmed).await;
    shop.world.carry_out().await;
    assert_eq!(shop.turns(ADA).await, 1);
    assert!(!shop.fake.answers(ADA).is_empty());
}

#[tokio::test]
async fn what_cant_be_read_is_quarantined_and_the_next_is_handled() {
    let shop = Shop::open().await;
    shop.fake.push("hologram", json!({ "depth": 3 }));
    shop.fake.push("message", json!({ "text": "no chat, no author" }));
    shop.say(ADA, "hello").await;
    assert!(!shop.fake.answers(ADA).is_empty());
    let account = JournalId::account(SHOP, &"telegram".into(), shop.telegram.account());
    let kept = shop.world.log(account).await;
    let whys = kept.iter().filter_map(|recorded| match &recorded.event {
        Event::Answer(Answer::Received(inbound)) => match &inbound.kind {
            InboundKind::Event { name, facts } if *name == "quarantined".into() => {
                facts.get("why").and_then(|why| why.as_str()).map(str::to_owned)
            }
            _ => None,
        },
        _ => None,
    });
    let whys: Vec<String> = whys.collect();
    assert_eq!(whys, ["of a kind nobody knows", "a malformed message"], "{kept:?}");
}

#[tokio::test]
async fn whose_record_is_damaged_keeps_nobody_else_waiting() {
    let memory = Arc::new(MemoryStore::new());
    let store = Arc::new(Watched::new(memory.clone(), None));
    store.damage(&ADA.to_string());
    let shop = Shop::on((store, memory), Ambiguous::Resend).await;
    shop.fake.say(ADA, "hello");
    shop.say(BOB, "hello").await;
    assert!(!shop.fake.answers(BOB).is_empty());
    let account = JournalId::account(SHOP, &"telegram".into(), shop.telegram.account());
    assert_eq!(shop.world.log(account).await.len(), 1, "it is quarantined");
}

#[tokio::test]
async fn an_answer_nobody_can_read_is_read_update_by_update() {
    let shop = Shop::open().await;
    let good = shop.fake.say(ADA, "hello");
    let cut = shop.fake.update(good).to_string().replace("hello", "hello \\ud83d");
    let answer = format!(r#"{{"ok":true,"result":[{{"update_id":7}},{cut}]}}"#);
    shop.handle(good).await;
    // The question that is open is answered with what is said now, the next one with this.
    let asked = shop.fake.calls("getupdates").len();
    let answer = answer.replace("\"message_id\":1", "\"message_id\":77");
    shop.fake.fault("getupdates", Fault::Answered(answer));
    shop.say(ADA, "hello again").await;
    shop.fake.called("getupdates", asked + 2).await;
    shop.world.carry_out().await;
    assert_eq!(shop.heard(ADA).await, ["hello", "hello again", "hello \u{fffd}"]);
}

#[tokio::test]
async fn who_blocks_the_bot_is_left_alone_until_they_let_it_in_again() {
    let shop = Shop::open().await;
    shop.say(ADA, "hello").await;
    shop.handle(shop.fake.block(ADA, true)).await;
    assert!(shop.state(ADA).await.opted_out);
    let before = shop.fake.answers(ADA).len();
    shop.say(ADA, "hello?").await;
    assert_eq!(shop.fake.answers(ADA).len(), before);
    shop.handle(shop.fake.block(ADA, false)).await;
    shop.say(ADA, "show me jackets").await;
    assert!(shop.fake.answers(ADA).len() > before);
}

#[tokio::test]
async fn who_blocked_the_bot_unseen_is_left_alone_from_the_first_refusal_on() {
    let shop = Shop::open().await;
    let blocked = "Forbidden: bot was blocked by the user";
    shop.fake.fault("sendmessage", Fault::Refused(403, blocked, json!(null)));
    shop.say(ADA, "show me jackets").await;
    assert!(shop.state(ADA).await.opted_out);
    assert_eq!(shop.fake.calls("sendmessage").len(), 1);
    assert_eq!(shop.answers(ADA), [""; 0]);
}

#[tokio::test]
async fn an_edit_is_what_was_meant_and_photos_and_places_are_answered_under_a_typing_sign() {
    let shop = Shop::open().await;
    let first = shop.fake.say(ADA, "socks");
    shop.handle(first).await;
    let mut edited = shop.fake.update(first)["message"].clone();
    edited["text"] = json!("show me jackets");
    edited["edit_date"] = edited["date"].clone();
    shop.handle(shop.fake.push("edited_message", edited)).await;
    assert_eq!(shop.heard(ADA).await, ["show me jackets"]);
    let size =
        json!([{ "file_id": "f", "file_unique_id": "u", "file_size": 9, "width": 3, "height": 3 }]);
    let file =
        json!({ "file_id": "f", "file_unique_id": "u", "file_size": 9, "file_name": "a.pdf" });
    let voice = json!({ "file_id": "f", "file_unique_id": "u", "file_size": 9, "duration": 2 });
    for fields in [
        json!({ "photo": size }),
        json!({ "document": file }),
        json!({ "voice": voice }),
        json!({ "location": { "latitude": 1.5, "longitude": 2.5 } }),
        json!({ "contact": { "phone_number": "+491", "first_name": "Ada" } }),
        json!({ "text": "/start spring", "entities": [{ "type": "bot_command", "offset": 0, "length": 6 }] }),
    ] {
        let before = shop.fake.answers(ADA).len();
        shop.handle(shop.fake.send(ADA, ADA, fields.clone())).await;
        assert!(shop.fake.answers(ADA).len() > before, "{fields}");
    }
    let from = |it: &Recorded| match &it.event {
        Event::Answer(Answer::Received(inbound)) => inbound.referral.clone(),
        _ => None,
    };
    let events = shop.world.log(shop.journal(ADA, ADA).await.unwrap()).await;
    let referral = events.iter().find_map(from).unwrap();
    assert!(format!("{referral:?}").contains("spring"), "{referral:?}");
    assert!(!shop.fake.calls("sendchataction").is_empty());
    assert_eq!(shop.fake.wrong(), Vec::<String>::new());
}
