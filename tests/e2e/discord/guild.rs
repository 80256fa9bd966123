//! In a guild others read along.

use std::time::Duration;

use sutler_tests::fake::discord::{APPLICATION, GUILD};

use super::shop::{Opening, Outside, Shop};

const ADA: u64 = 41;
const BEN: u64 = 42;
const CHANNEL: u64 = 600;

async fn opened(channels: &[u64]) -> (Outside, Shop) {
    let outside = Outside::new().await;
    let channels = channels.iter().copied().collect();
    let shop = outside.open(Opening { channels, ..Opening::default() }).await;
    shop.connected(1).await;
    (outside, shop)
}

async fn say_in(shop: &Shop, user: u64, text: &str) {
    shop.outside.clock.turn(Duration::from_secs(20));
    let id = shop.outside.fake.write_in(CHANNEL, user, text);
    shop.store.took(&id.to_string()).await;
    shop.settle().await;
}

fn seen(shop: &Shop, user: u64, place: &str) -> Vec<String> {
    let said = shop.outside.fake.said(user).into_iter();
    said.filter(|said| !said.by_customer && said.place == place).map(|said| said.text).collect()
}

#[tokio::test]
async fn goods_are_shown_to_all_and_the_cart_to_its_owner_alone() {
    let (outside, shop) = opened(&[CHANNEL]).await;
    say_in(&shop, ADA, "waterproof jacket under 120 in M").await;
    assert!(seen(&shop, BEN, "channel").concat().contains("Marsh Rain Jacket"));
    say_in(&shop, ADA, "add the second one").await;
    assert!(!seen(&shop, ADA, "channel").concat().contains("Total"), "{}", shop.transcript(ADA));
    assert!(seen(&shop, ADA, "direct").concat().contains("Total: €96.90"));
    say_in(&shop, ADA, "checkout").await;
    let direct = seen(&shop, ADA, "direct").concat();
    assert!(direct.contains("https://shop.example/checkout?"), "{direct}");
    assert!(seen(&shop, BEN, "direct").is_empty());
    // What is tapped in a channel is answered for who taps.
    outside.clock.turn(Duration::from_secs(20));
    let tap = outside.fake.tap(ADA, "Details");
    shop.took(&tap).await;
    shop.settle().await;
    assert_eq!(seen(&shop, ADA, "only you").len(), 1);
    assert!(seen(&shop, BEN, "only you").is_empty());
}

#[tokio::test]
async fn who_takes_no_direct_messages_is_told_in_the_channel_how_to_see_their_cart() {
    let (outside, shop) = opened(&[CHANNEL]).await;
    outside.fake.close_direct_messages();
    say_in(&shop, ADA, "waterproof jacket under 120 in M").await;
    say_in(&shop, ADA, "add the second one").await;
    assert_eq!(seen(&shop, ADA, "channel").pop().unwrap(), "✉️ </cart:2>");
    outside.clock.turn(Duration::from_secs(20));
    let asked = outside.fake.command(ADA, (Some(GUILD), CHANNEL), "cart", "");
    shop.took(&asked).await;
    shop.settle().await;
    assert!(seen(&shop, ADA, "only you").concat().contains("Total: €96.90"));
    let pointed = seen(&shop, BEN, "channel").concat().matches("/cart").count();
    assert_eq!(pointed, 1, "{}", shop.transcript(ADA));
}

#[tokio::test]
async fn elsewhere_the_shop_is_called_by_name_and_another_persons_tap_does_nothing() {
    let (outside, shop) = opened(&[]).await;
    outside.clock.turn(Duration::from_secs(20));
    outside.fake.write_in(CHANNEL, BEN, "anybody seen a jacket?");
    let called = format!("<@{APPLICATION}> waterproof jacket under 120 in M");
    say_in(&shop, ADA, &called).await;
    let thread = format!("{GUILD}/{CHANNEL}");
    assert!(shop.events_in(BEN, &thread).await.is_empty(), "he did not talk to us");
    assert!(seen(&shop, BEN, "channel").concat().contains("Marsh Rain Jacket"));
    let tap = outside.fake.tap(BEN, "Add to cart");
    shop.took(&tap).await;
    shop.settle().await;
    let told = seen(&shop, BEN, "only you").concat();
    assert!(told.contains("too old"), "{told}");
    assert!(shop.journal(BEN, &thread).await.is_some());
}

#[tokio::test]
async fn commands_speak_the_packs_words_and_are_answered_in_place() {
    let (outside, shop) = opened(&[]).await;
    assert_eq!(outside.fake.commands().as_array().unwrap().len(), 3);
    for (name, words, shown) in [
        ("shop", "waterproof jacket under 120 in M", "Marsh Rain Jacket"),
        ("cart", "", "cart is empty"),
        ("human", "", "colleague"),
    ] {
        outside.clock.turn(Duration::from_secs(20));
        let asked = outside.fake.command(ADA, (Some(GUILD), CHANNEL), name, words);
        shop.took(&asked).await;
        shop.settle().await;
        let told = seen(&shop, ADA, "only you").pop().unwrap_or_default();
        assert!(told.contains(shown), "/{name}: {}", shop.transcript(ADA));
    }
    assert_eq!(seen(&shop, ADA, "only you").len(), 3, "each is one answer");
    assert!(seen(&shop, BEN, "channel").is_empty());
}

#[tokio::test]
async fn an_answer_that_never_comes_is_taken_back_before_it_becomes_an_error() {
    let (outside, shop) = opened(&[]).await;
    shop.say(ADA, "i want to talk to a person").await;
    outside.clock.turn(Duration::from_secs(20));
    let channel = ADA + 1_000_000;
    let asked = outside.fake.command(ADA, (None, channel), "shop", "still there?");
    shop.took(&asked).await;
    shop.settle().await;
    // In order: when this is taken in, that was announced.
    let id = outside.fake.write(ADA, "hello?");
    shop.store.took(&id.to_string()).await;
    shop.settle().await;
    let deleted = || outside.fake.asked("DELETE /webhooks");
    assert_eq!(deleted(), 0, "a person may still answer");
    outside.clock.turn(Duration::from_secs(14 * 60));
    outside.fake.until(|_| (deleted() == 1).then_some(())).await;
}
