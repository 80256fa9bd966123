//! The interactions endpoint: what is not signed is refused, and what is signed is durable before it is announced.

use std::time::Duration;

use agent_core::id::JournalId;
use agent_core::time::Clock as _;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};
use sutler_tests::fake::discord::{APPLICATION, GUILD};
use sutler_tests::world::SHOP;
use tower::ServiceExt as _;

use super::shop::{Opening, Outside, SEED, Shop};

const ADA: u64 = 41;

async fn opened() -> (Outside, Shop) {
    let outside = Outside::new().await;
    let shop = outside.open(Opening { http: true, ..Opening::default() }).await;
    (outside, shop)
}

/// Sends a body that was signed at a moment, in seconds from now.
async fn send(shop: &Shop, body: &str, at: i64, spoil: bool) -> (StatusCode, Value) {
    let seconds = (shop.outside.clock.now().0 / 1_000_000 + at).to_string();
    let pair = Ed25519KeyPair::from_seed_unchecked(&SEED).unwrap();
    let signature = hex::encode(pair.sign(format!("{seconds}{body}").as_bytes()));
    let body = if spoil { format!("{body} ") } else { body.to_owned() };
    let request = Request::post(adapters::discord::path(APPLICATION))
        .header("x-signature-ed25519", signature)
        .header("x-signature-timestamp", seconds)
        .body(Body::from(body));
    let response = shop.routes.clone().oneshot(request.unwrap()).await.unwrap();
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 16).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

/// An interaction is sent, and Discord learns how it is responded to.
async fn tell(shop: &Shop, interaction: &Value) -> Value {
    let (status, response) = send(shop, &interaction.to_string(), 0, false).await;
    assert_eq!(status, StatusCode::OK);
    shop.outside.fake.answered(interaction, &response);
    response
}

#[tokio::test]
async fn only_what_is_signed_and_fresh_is_heard() {
    let (_outside, shop) = opened().await;
    let ping = json!({"type": 1, "id": "1", "token": "t", "version": 1}).to_string();
    for at in [0, -299, 299] {
        let (status, response) = send(&shop, &ping, at, false).await;
        assert_eq!((status, &response["type"]), (StatusCode::OK, &json!(1)));
    }
    for (at, spoil) in [(0, true), (-301, false), (301, false)] {
        assert_eq!(send(&shop, &ping, at, spoil).await.0, StatusCode::UNAUTHORIZED, "{at} {spoil}");
    }
    let unsigned = Request::post(adapters::discord::path(APPLICATION)).body(Body::from(ping));
    let response = shop.routes.clone().oneshot(unsigned.unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_command_and_its_taps_are_announced_and_answered_in_place() {
    let (outside, shop) = opened().await;
    let place = (Some(GUILD), 600);
    let data =
        |words: &str| json!({"name": "shop", "options": [{"name": "query", "value": words}]});
    let asked = outside.fake.interaction(ADA, place, (2, data("waterproof jacket under 120 in M")));
    let response = tell(&shop, &asked).await;
    assert_eq!((&response["type"], &response["data"]["flags"]), (&json!(5), &json!(64)));
    shop.settle().await;
    let tapped = outside.fake.tapped(ADA, "Add to cart");
    // Three times the same: one turn.
    for _ in 0..3 {
        tell(&shop, &tapped).await;
    }
    shop.settle().await;
    let seen = shop.transcript(ADA);
    assert!(seen.contains("Total: €115.90"), "{seen}");
    let said = outside.fake.said(ADA);
    assert_eq!(said.len(), 2, "an answer each: {seen}");
    assert!(said.iter().all(|said| said.place == "only you"));
    assert_eq!(outside.fake.asked("POST /channels"), 0);
}

#[tokio::test]
async fn an_answer_that_is_ready_before_it_was_announced_waits_for_that() {
    let (outside, shop) = opened().await;
    let data = json!({"name": "cart"});
    let asked = outside.fake.interaction(ADA, (Some(GUILD), 600), (2, data));
    let (_, response) = send(&shop, &asked.to_string(), 0, false).await;
    // Discord has not read our response yet.
    shop.settle().await;
    assert!(outside.fake.said(ADA).is_empty());
    outside.fake.answered(&asked, &response);
    outside.clock.turn(Duration::from_secs(1));
    shop.settle().await;
    assert_eq!(outside.fake.said(ADA).len(), 1);
}

#[tokio::test]
async fn what_can_not_be_read_is_quarantined_without_its_words() {
    let (outside, shop) = opened().await;
    for body in ["{\"type\": 3, \"id\": \"9\", \"token\": \"secret words\"}", "not json"] {
        assert_eq!(send(&shop, body, 0, false).await.0, StatusCode::NO_CONTENT);
    }
    let data = json!({"name": "cart"});
    tell(&shop, &outside.fake.interaction(ADA, (None, ADA + 1_000_000), (2, data))).await;
    shop.settle().await;
    assert_eq!(outside.fake.said(ADA).len(), 1, "the next is handled");
    let account = JournalId::account(SHOP, &"discord".into(), &APPLICATION.to_string().into());
    let kept = shop.house.events(account, agent_core::id::Seq::START).await.unwrap().1;
    assert_eq!(kept.len(), 2);
    assert!(!format!("{kept:?}").contains("secret words"));
}

/// Payloads as Discord writes them, where they are at hand.
#[tokio::test]
async fn interactions_as_discord_writes_them_are_understood() {
    let (outside, shop) = opened().await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/fixtures/discord");
    for name in ["interaction-button-click", "interaction-select-dm"] {
        let Ok(body) = std::fs::read_to_string(format!("{folder}/{name}.json")) else { return };
        let (status, response) = send(&shop, &body, 0, false).await;
        assert_eq!((status, &response["type"]), (StatusCode::OK, &json!(5)), "{name}");
    }
    assert_eq!(outside.fake.complaints(), Vec::<String>::new());
}
