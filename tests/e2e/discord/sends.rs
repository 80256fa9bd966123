//! Sends that are refused, lost and doubted.

use std::time::Duration;

use agent_core::courier::Ambiguous;
use agent_core::message::Status;
use serde_json::json;
use sutler_tests::fake::discord::{Fault, GUILD};

use super::shop::{Opening, Outside, Shop};

const ADA: u64 = 41;
const BEN: u64 = 42;
const POSTS: &str = "POST /channels";

async fn greeted(ambiguous: Ambiguous) -> (Outside, Shop) {
    let outside = Outside::new().await;
    let shop = outside.open(Opening { ambiguous, ..Opening::default() }).await;
    shop.connected(1).await;
    shop.say(ADA, "hello").await;
    (outside, shop)
}

/// How many messages of the bot a customer sees.
fn shown(outside: &Outside, user: u64) -> usize {
    outside.fake.said(user).iter().filter(|said| !said.by_customer).count()
}

async fn later(shop: &Shop, seconds: u64) {
    shop.outside.clock.turn(Duration::from_secs(seconds));
    shop.settle().await;
}

#[tokio::test]
async fn too_fast_is_waited_out_and_order_is_kept() {
    let (outside, shop) = greeted(Ambiguous::Resend).await;
    let before = shown(&outside, ADA);
    outside.fake.fail(POSTS, [Fault::TooFast(64.57, false)]);
    shop.say(ADA, "waterproof jacket").await;
    shop.say(ADA, "thanks").await;
    assert_eq!(shown(&outside, ADA), before, "nothing overtakes what waits");
    shop.say(BEN, "hello").await;
    assert!(shown(&outside, BEN) > 0, "another chat does not wait");
    later(&shop, 30).await;
    let seen = shop.transcript(ADA);
    let (jacket, thanks) = (seen.rfind("Jacket").unwrap(), seen.rfind("welcome").unwrap());
    assert!(jacket < thanks, "{seen}");
    assert_eq!(outside.fake.asked(POSTS), 1 + shown(&outside, ADA) + shown(&outside, BEN));
}

#[tokio::test]
async fn too_fast_for_the_whole_bot_holds_every_chat() {
    let (outside, shop) = greeted(Ambiguous::Resend).await;
    outside.fake.fail(POSTS, [Fault::TooFast(90.0, true)]);
    shop.say(ADA, "waterproof jacket").await;
    let asked = outside.fake.asked(POSTS);
    shop.say(BEN, "hello").await;
    assert_eq!(outside.fake.asked(POSTS), asked, "nothing is even asked");
    later(&shop, 90).await;
    assert!(shown(&outside, BEN) > 0);
}

#[tokio::test]
async fn a_lost_answer_is_repeated_under_its_nonce_and_shown_once() {
    let (outside, shop) = greeted(Ambiguous::Hold).await;
    let before = shown(&outside, ADA);
    outside.fake.fail(POSTS, [Fault::Lost, Fault::Lost, Fault::Lost]);
    shop.say(ADA, "thanks").await;
    for _ in 0..3 {
        later(&shop, 30).await;
    }
    assert_eq!(shown(&outside, ADA), before + 1);
    assert!(!shop.statuses(ADA).await.contains(&Status::Ambiguous));
}

#[tokio::test]
async fn a_server_that_never_answers_is_not_waited_for_for_ever() {
    let (outside, shop) = greeted(Ambiguous::Hold).await;
    let before = shown(&outside, ADA);
    outside.fake.fail(POSTS, [Fault::Silent]);
    let id = outside.write(ADA, "thanks");
    shop.store.took(&id.to_string()).await;
    shop.mailbox.settled().await;
    let posts = outside.fake.asked(POSTS);
    let courier = shop.courier.clone();
    let sending = tokio::spawn(async move { courier.deliver_due().await });
    outside.fake.until(|fake| (fake.asked(POSTS) > posts).then_some(())).await;
    outside.clock.turn(Duration::from_secs(15));
    sending.await.unwrap();
    later(&shop, 30).await;
    assert_eq!(shown(&outside, ADA), before + 1);
}

#[tokio::test]
async fn when_the_nonce_is_forgotten_the_policy_decides() {
    for ambiguous in [Ambiguous::Resend, Ambiguous::Hold] {
        let (outside, shop) = greeted(ambiguous).await;
        let before = shown(&outside, ADA);
        // It arrived, and the server then is out of reach for longer than it remembers the nonce.
        outside.fake.fail(POSTS, [Fault::Lost, Fault::Status(503)]);
        shop.say(ADA, "thanks").await;
        later(&shop, 31).await;
        assert!(!shop.statuses(ADA).await.contains(&Status::Ambiguous), "{ambiguous:?}");
        later(&shop, 200).await;
        shop.settle().await;
        let doubts = shop.statuses(ADA).await.iter().filter(|it| **it == Status::Ambiguous).count();
        assert_eq!(doubts, 1, "told once, and counted");
        let more = if ambiguous == Ambiguous::Resend { 2 } else { 1 };
        assert_eq!(shown(&outside, ADA), before + more, "{ambiguous:?}");
        later(&shop, 3_600).await;
        assert_eq!(shown(&outside, ADA), before + more, "and no oftener");
    }
}

#[tokio::test]
async fn an_answer_of_an_interaction_is_edited_again_and_shown_once() {
    let (outside, shop) = greeted(Ambiguous::Resend).await;
    shop.say(ADA, "waterproof jacket under 120 in M").await;
    let before = shown(&outside, ADA);
    outside.fake.fail("PATCH /webhooks", [Fault::Lost, Fault::Status(500)]);
    shop.tap(ADA, "Add to cart").await;
    later(&shop, 30).await;
    later(&shop, 30).await;
    assert_eq!(shown(&outside, ADA), before + 1, "{}", shop.transcript(ADA));
    assert!(shop.transcript(ADA).contains("Total: €115.90"));
}

/// Somebody in a guild who takes no direct messages, and was shown jackets.
async fn closed_to_us() -> (Outside, Shop) {
    let (outside, shop) = greeted(Ambiguous::Resend).await;
    outside.fake.close_direct_messages();
    let words = "waterproof jacket under 120 in M";
    let asked = outside.fake.command(ADA, (Some(GUILD), 600), "shop", words);
    shop.took(&asked).await;
    shop.settle().await;
    (outside, shop)
}

#[tokio::test]
async fn who_takes_no_direct_messages_is_answered_where_they_tapped() {
    let (_outside, shop) = closed_to_us().await;
    shop.tap(ADA, "Add to cart").await;
    assert!(shop.transcript(ADA).contains("Total: €115.90"));
}

#[tokio::test]
async fn where_no_answer_can_be_edited_and_no_direct_message_sent_a_follow_up_is() {
    let (outside, shop) = closed_to_us().await;
    // It was announced, and nobody on our side knows.
    outside.fake.fail("POST /interactions", [Fault::Lost]);
    shop.tap(ADA, "Add to cart").await;
    assert_eq!(outside.fake.asked("POST /webhooks"), 1);
    assert!(shop.transcript(ADA).contains("Total: €115.90"), "{}", shop.transcript(ADA));
}

#[tokio::test]
async fn many_options_are_a_menu_whose_rows_reach_what_they_showed() {
    let (outside, shop) = greeted(Ambiguous::Resend).await;
    shop.say(ADA, "add the Court Sneakers in white").await;
    let asked = outside.fake.said(ADA).pop().unwrap().text;
    assert!(asked.contains("▾ 37 / 38 /"), "{asked}");
    shop.tap(ADA, "42").await;
    let told = outside.fake.said(ADA).pop().unwrap().text;
    assert!(told.contains("1 × Court Sneakers (white, 42)"), "{told}");
}

#[tokio::test]
async fn an_old_tap_does_nothing_but_say_so() {
    let (outside, shop) = greeted(Ambiguous::Resend).await;
    shop.say(ADA, "waterproof jacket under 120 in M").await;
    outside.clock.turn(Duration::from_secs(25 * 3_600));
    shop.tap(ADA, "Add to cart").await;
    assert!(shop.conversation(ADA).await.cart.is_empty());
    let said = outside.fake.said(ADA).pop().unwrap().text;
    assert!(said.contains("too old"), "{said}");
    let forged = json!({"component_type": 2, "custom_id": "buy:SKU-1"});
    let forged = outside.fake.interaction(ADA, (None, ADA + 1_000_000), (3, forged));
    outside.fake.tell("INTERACTION_CREATE", &forged);
    shop.took(&forged).await;
    shop.settle().await;
    assert!(outside.fake.said(ADA).pop().unwrap().text.contains("too old"));
}

#[tokio::test]
async fn an_interaction_whose_announcing_was_cut_is_answered_by_a_message() {
    let (outside, shop) = greeted(Ambiguous::Resend).await;
    shop.say(ADA, "waterproof jacket under 120 in M").await;
    outside.fake.fail("POST /interactions", [Fault::Silent]);
    outside.clock.turn(Duration::from_secs(20));
    outside.fake.tap(ADA, "Add to cart");
    outside.fake.until(|fake| (fake.asked("POST /interactions") == 1).then_some(())).await;
    shop.stop();
    shop.settle().await;
    assert!(shop.transcript(ADA).contains("Total: €115.90"), "{}", shop.transcript(ADA));
}

#[tokio::test]
async fn the_token_of_an_interaction_that_is_over_silences_nobody() {
    let (outside, shop) = greeted(Ambiguous::Resend).await;
    shop.say(ADA, "waterproof jacket under 120 in M").await;
    outside
        .fake
        .fail("PATCH /webhooks", [Fault::Refused(401, 50_027), Fault::Refused(401, 50_027)]);
    shop.tap(ADA, "Add to cart").await;
    shop.say(BEN, "hello").await;
    assert!(shown(&outside, BEN) > 0, "another chat does not wait");
    later(&shop, 10).await;
    assert!(shop.transcript(ADA).contains("Total: €115.90"), "{}", shop.transcript(ADA));
}

#[tokio::test]
async fn what_was_said_while_a_right_was_missing_is_shown_when_it_is_there_again() {
    let (outside, shop) = greeted(Ambiguous::Resend).await;
    let before = shown(&outside, ADA);
    outside.fake.fail(POSTS, [Fault::Refused(403, 50_013)]);
    shop.say(ADA, "thanks").await;
    assert_eq!(shown(&outside, ADA), before);
    later(&shop, 601).await;
    assert_eq!(shown(&outside, ADA), before + 1);
}
