//! Groups: answered where the bot is spoken to, and what is a person's own goes to them.

use std::time::Duration;

use serde_json::json;
use sutler_tests::fake::telegram::BOT;

use super::{ADA, BOB, GROUP, Shop};

#[tokio::test]
async fn a_group_is_answered_where_it_speaks_to_the_bot_and_as_a_reply() {
    let shop = Shop::open().await;
    shop.handle(shop.fake.send(ADA, GROUP, json!({ "text": "nice weather" }))).await;
    assert!(shop.fake.answers(GROUP).is_empty());
    shop.handle(shop.fake.mention(ADA, GROUP, "show me jackets")).await;
    let answers = shop.fake.answers(GROUP);
    assert!(!answers.is_empty());
    for answer in &answers {
        assert_eq!(answer.body["reply_parameters"]["message_id"], 2, "{answer:?}");
    }
    assert!(shop.fake.answers(ADA).is_empty(), "nothing of it is private");
    assert_eq!(shop.fake.wrong(), Vec::<String>::new());
}

#[tokio::test]
async fn a_reply_to_the_bot_speaks_to_it() {
    let shop = Shop::open().await;
    let first = shop.fake.mention(ADA, GROUP, "hello");
    shop.handle(first).await;
    let answers = shop.fake.answers(GROUP).len();
    for (from, answered) in [(BOT.0 + 1, false), (BOT.0, true)] {
        let mut to = shop.fake.update(first)["message"].clone();
        to["from"] = json!({ "id": from, "is_bot": true, "first_name": "Shop" });
        let reply = json!({ "text": "show me jackets", "reply_to_message": to });
        shop.handle(shop.fake.send(ADA, GROUP, reply)).await;
        assert_eq!(shop.fake.answers(GROUP).len() > answers, answered, "{from}");
    }
}

#[tokio::test]
async fn a_group_is_told_no_more_than_twenty_messages_a_minute() {
    let shop = Shop::open().await;
    while shop.fake.answers(GROUP).len() <= 20 {
        shop.handle(shop.fake.mention(ADA, GROUP, "show me the Harbour Rain Jacket")).await;
    }
    let answers = shop.fake.answers(GROUP);
    let minute = answers[20].at.since(answers[0].at);
    assert!(minute >= Duration::from_secs(60), "{minute:?}");
    assert_eq!(shop.fake.wrong(), Vec::<String>::new());
}

#[tokio::test]
async fn cart_and_link_go_to_the_person_alone() {
    let shop = Shop::open().await;
    shop.handle(shop.fake.mention(ADA, GROUP, "show me the Harbour Rain Jacket")).await;
    shop.handle(shop.fake.mention(ADA, GROUP, "add it in blue, size M")).await;
    shop.handle(shop.fake.mention(ADA, GROUP, "checkout")).await;
    let group = shop.fake.transcript(GROUP);
    let own = shop.fake.transcript(ADA);
    assert!(!group.contains("Total") && !group.contains(".example/checkout"), "{group}");
    assert!(own.contains("Total") && own.contains(".example/checkout"), "{own}");
    assert_eq!(shop.fake.wrong(), Vec::<String>::new());
}

#[tokio::test]
async fn who_has_no_chat_with_the_bot_is_shown_where_it_is() {
    let shop = Shop::open().await;
    shop.fake.shut(BOB);
    shop.handle(shop.fake.mention(BOB, GROUP, "show me the Harbour Rain Jacket")).await;
    shop.handle(shop.fake.mention(BOB, GROUP, "add it in blue, size M")).await;
    let group = shop.fake.transcript(GROUP);
    assert!(group.contains(&format!("https://t.me/{}", BOT.1)), "{group}");
    assert!(!group.contains("Total"), "{group}");
    assert!(shop.fake.answers(BOB).is_empty());
}
