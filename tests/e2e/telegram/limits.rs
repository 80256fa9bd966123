//! What goes out: a rest that was asked for, answers that were lost, pictures Telegram would not have.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use agent_core::courier::Ambiguous;
use agent_core::message::Status;
use agent_core::time::Clock as _;
use serde_json::json;
use sutler_tests::fake::telegram::Fault;
use tokio::sync::Notify;

use super::{ADA, BOB, Shop};

const CAROL: i64 = 7;

fn rest(seconds: u64) -> Fault {
    let parameters = json!({ "retry_after": seconds });
    Fault::Refused(429, "Too Many Requests: retry after", parameters)
}

#[tokio::test]
async fn a_chat_rests_as_long_as_it_was_told_and_a_second_one_rests_the_bot() {
    let shop = Shop::open().await;
    shop.fake.fault("sendmessage", rest(35));
    shop.begin(ADA, "hello").await;
    assert!(shop.fake.answers(ADA).is_empty());
    shop.begin(BOB, "hello").await;
    assert!(!shop.fake.answers(BOB).is_empty(), "another chat goes on");

    shop.fake.fault("sendmessage", rest(20));
    shop.world.clock.turn(Duration::from_secs(2));
    shop.begin(BOB, "can I send it back?").await;
    shop.begin(CAROL, "hello").await;
    assert!(shop.fake.answers(CAROL).is_empty(), "a second chat was refused: it is the bot");
    let before = shop.world.clock.now();
    shop.world.carry_out().await;
    assert!(!shop.fake.answers(ADA).is_empty());
    let first = shop.fake.answers(CAROL).first().unwrap().at.since(before);
    assert!(first >= Duration::from_secs(15), "{first:?}");
    assert_eq!(shop.fake.wrong(), Vec::<String>::new());
}

#[tokio::test]
async fn who_is_answered_slowly_holds_nobody_else() {
    let shop = Shop::open().await;
    let go = Arc::new(Notify::new());
    shop.fake.fault("sendmessage", Fault::Slow(go.clone()));
    let bobs = async {
        shop.fake.called("sendmessage", 1).await;
        let answered = async {
            shop.fake.until(|fake| (!fake.answers(BOB).is_empty()).then_some(())).await;
            assert!(shop.fake.answers(ADA).is_empty());
            go.notify_one();
        };
        tokio::join!(shop.begin(BOB, "hello"), answered)
    };
    tokio::join!(shop.begin(ADA, "hello"), bobs);
    assert_eq!(shop.fake.answers(ADA).len(), shop.became(ADA).await.len());
}

#[tokio::test]
async fn an_answer_that_was_lost_is_a_doubt_that_is_told_and_sent_once_more() {
    for (fault, twice) in [(Fault::Lost, 1), (Fault::Unheard, 0)] {
        let shop = Shop::open().await;
        shop.fake.fault("sendmessage", fault);
        shop.say(ADA, "hello").await;
        let became = shop.became(ADA).await;
        let [Status::Ambiguous, sent @ ..] = became.as_slice() else { panic!("{became:?}") };
        assert!(sent.iter().all(|it| matches!(it, Status::Accepted(Some(_)))), "{became:?}");
        assert_eq!(shop.fake.answers(ADA).len(), sent.len() + twice);
    }
}

#[tokio::test]
async fn where_the_policy_is_to_hold_nothing_is_sent_again() {
    let shop = Shop::with(Ambiguous::Hold).await;
    shop.fake.fault("sendmessage", Fault::Lost);
    shop.say(ADA, "hello").await;
    let became = shop.became(ADA).await;
    assert_eq!(became.iter().filter(|it| **it == Status::Ambiguous).count(), 1, "{became:?}");
    let texts = shop.answers(ADA);
    assert_eq!(shop.fake.calls("sendmessage").len(), texts.len());
    assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), texts.len(), "{texts:?}");
}

#[tokio::test]
async fn a_message_that_was_sent_is_not_sent_again_for_what_is_new_in_the_answer() {
    let shop = Shop::open().await;
    let odd = r#"{"ok":true,"result":{"message_id":2,"date":"tomorrow"}}"#;
    shop.fake.fault("sendmessage", Fault::Answered(odd.to_owned()));
    shop.say(ADA, "hello").await;
    let became = shop.became(ADA).await;
    assert_eq!(became.first(), Some(&Status::Accepted(Some("5/2".into()))));
    assert!(!became.contains(&Status::Ambiguous));
    assert_eq!(shop.fake.answers(ADA).len(), became.len());
}

#[tokio::test]
async fn a_picture_telegram_would_not_have_costs_the_picture_alone() {
    for why in [
        "Bad Request: failed to get HTTP URL content",
        "Bad Request: wrong type of the web page content",
    ] {
        let shop = Shop::open().await;
        shop.fake.fault("sendphoto", Fault::Refused(400, why, json!(null)));
        shop.say(ADA, "show me the Harbour Rain Jacket in blue, size M").await;
        let answers = shop.fake.answers(ADA);
        let card = answers.last().unwrap();
        assert!(card.body.get("photo").is_none() && card.text().contains("Harbour"), "{answers:?}");
        assert!(!card.buttons().is_empty());
        assert_eq!(shop.fake.calls("sendphoto").len(), 1);
    }
}

#[tokio::test]
async fn a_bot_whose_token_is_wrong_waits_and_loses_nothing() {
    let shop = Shop::open().await;
    shop.fake.fault("sendmessage", Fault::Refused(401, "Unauthorized", json!(null)));
    shop.say(ADA, "hello").await;
    assert!(!shop.fake.answers(ADA).is_empty(), "it is sent once the token is right");
}
