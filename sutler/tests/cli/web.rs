//! The page of a shop, by what it asks and is told.

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Value, json};

use super::visit::{Serving, Told, Visitor};

const SHOP: &str = "retail";

fn ids(messages: &[Told]) -> Vec<&str> {
    messages.iter().filter_map(|told| told.id.as_deref()).collect()
}

#[tokio::test]
async fn every_tab_sees_one_conversation_and_a_cut_stream_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path());
    let ada = Visitor::new(&serving, SHOP).await;
    let mut one = ada.open(None).await.unwrap();
    let mut two = ada.open(None).await.unwrap();
    ada.say("waterproof jacket under 120 in M").await;
    let seen = one.until("cards").await;
    assert_eq!(seen.first().unwrap().data["who"], "you");
    assert!(seen.len() >= 3, "{seen:?}");
    assert_eq!(two.until("cards").await, seen);
    // Whoever comes later reads the same, with the same ids.
    let mut late = ada.open(None).await.unwrap();
    assert_eq!(late.until("cards").await, seen);
    // What she has read is read in every tab.
    let last = seen.last().unwrap().id.clone().unwrap();
    let read = ada.post("read", &json!({ "id": last })).send().await.unwrap();
    assert_eq!(read.status(), StatusCode::NO_CONTENT);
    let told = two.through("read").await;
    assert_eq!(told.last().unwrap().data["id"], last.as_str());
    // A stream that was cut anywhere goes on after what it told last: nothing is lost, nothing comes twice.
    for (n, told) in seen.iter().enumerate() {
        let mut again = ada.open(told.id.as_deref()).await.unwrap();
        let rest = again.through("ready").await;
        let rest: Vec<Told> = rest.into_iter().filter(|it| it.name == "message").collect();
        assert_eq!(ids(&rest), ids(&seen[n + 1..]));
    }
}

#[tokio::test]
async fn a_message_that_is_sent_again_is_answered_once() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path());
    let ada = Visitor::new(&serving, SHOP).await;
    let bob = Visitor::new(&serving, SHOP).await;
    let mut stream = ada.open(None).await.unwrap();
    assert_eq!(ada.says("a", "waterproof jacket under 120 in M").await, Ok(true));
    let told = stream.through("writing").await;
    assert_eq!(told.last().unwrap().data["text"], "", "the typing sign goes on");
    stream.until("cards").await;
    assert_eq!(ada.says("a", "waterproof jacket under 120 in M").await, Ok(false));
    assert_eq!(bob.says("a", "hello").await, Ok(true), "another visitor's id is another id");
    assert_eq!(ada.says("b", "what is in my cart?").await, Ok(true));
    let next = stream.until("text").await;
    assert_eq!(next.first().unwrap().data["client"], "b", "{next:?}");
}

#[tokio::test]
async fn nobody_reads_or_writes_for_another() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path());
    let ada = Visitor::new(&serving, SHOP).await;
    let mut stream = ada.open(None).await.unwrap();
    ada.say("waterproof jacket under 120 in M").await;
    let seen = stream.until("cards").await;
    let last = seen.last().unwrap().id.as_deref();
    // Another visitor who knows an id of hers, and the token of a button she was shown.
    let bob = Visitor::new(&serving, SHOP).await;
    let mut his = bob.open(last).await.unwrap();
    let told = his.through("ready").await;
    assert!(told.iter().all(|it| it.name != "message"), "{told:?}");
    let read = bob.post("read", &json!({ "id": last })).send().await.unwrap();
    assert_eq!(read.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let tap = &seen.last().unwrap().data["cards"][0]["options"][0]["tap"];
    bob.post("messages", &json!({ "id": "t", "tap": tap })).send().await.unwrap();
    bob.say("what is in my cart?").await;
    let answer = his.until("text").await;
    let words = format!("{answer:?}");
    assert!(!words.contains("€"), "nothing of hers is in his cart: {words}");
    // A cookie that was changed anywhere is none.
    let (name, token) = ada.cookie.split_once('=').unwrap();
    for forged in ["", "1.v.00.0.00", &token.replace("1.v.", "1.k."), token.get(1..).unwrap()] {
        let eve = ada.with(format!("{name}={forged}"));
        assert_eq!(eve.open(None).await.err(), Some(StatusCode::UNAUTHORIZED), "{forged}");
        let said = eve.says("x", "hello").await;
        assert_eq!(said.err().map(|it| it.0), Some(StatusCode::UNAUTHORIZED));
    }
}

#[tokio::test]
async fn what_another_site_sends_is_refused_and_so_is_what_is_too_much() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path());
    let ada = Visitor::new(&serving, SHOP).await;
    let said = || ada.post("messages", &json!({ "id": "x", "text": "hello" }));
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let response = said().header(name, value).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{name}");
    }
    let plain = [(CONTENT_TYPE, HeaderValue::from_static("text/plain"))].into_iter().collect();
    let form = said().headers(plain).send().await.unwrap();
    assert_eq!(form.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let long = "x".repeat(5_000);
    assert_eq!(ada.says("l", &long).await, Err((StatusCode::UNPROCESSABLE_ENTITY, false)));
    let huge = "x".repeat(40_000);
    assert_eq!(ada.says("h", &huge).await, Err((StatusCode::PAYLOAD_TOO_LARGE, false)));
    let mut refused = None;
    for n in 0..60 {
        refused = ada.says(&format!("n{n}"), "hello").await.err().or(refused);
    }
    assert_eq!(refused, Some((StatusCode::TOO_MANY_REQUESTS, true)));
}

#[tokio::test]
async fn a_kill_loses_nothing_that_was_acknowledged_and_repeats_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path());
    let ada = Visitor::new(&serving, SHOP).await;
    let mut stream = ada.open(None).await.unwrap();
    ada.say("waterproof jacket under 120 in M").await;
    let seen = stream.until("cards").await;
    ada.say("what is in my cart?").await;
    serving.kill();
    let serving = Serving::start(folder.path());
    let ada = ada.at(&serving, SHOP);
    let mut stream = ada.open(seen.last().unwrap().id.as_deref()).await.unwrap();
    let next = stream.until("text").await;
    assert_eq!(next.first().unwrap().data["text"], "what is in my cart?");
    let mut all = ada.open(None).await.unwrap();
    let mut whole = all.until("cards").await;
    whole.extend(all.until("text").await);
    let expected: Vec<&str> = ids(&seen).into_iter().chain(ids(&next)).collect();
    assert_eq!(ids(&whole), expected);
}

#[tokio::test]
async fn a_signed_customer_has_one_conversation_wherever_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let config = "[[shop]]\nname = \"My shop\"\npack = \"retail\"\n[[shop.channel]]\nkind = \"web\"\n\
                  origins = [\"https://shop.example\"]\nidentity_env = \"SHOP_SECRET\"\n";
    std::fs::write(folder.path().join("sutler.toml"), config).unwrap();
    let serving = Serving::start(folder.path());
    // printf c-77 | openssl dgst -sha256 -hmac secret
    let signature = "fe05d71755fdcd1354273e0dc84f187da5acc5fb53105b1bdd99f31a30196272";
    let said = |id: &str| json!({ "customer": [id, signature] });
    let begin = async |said: Value| Visitor::signed(&serving, "my-shop", said, "?frame=1").await;
    assert_eq!(begin(said("c-78")).await.err(), Some(StatusCode::FORBIDDEN));
    let (desk, phone) = (begin(said("c-77")).await.unwrap(), begin(said("c-77")).await.unwrap());
    let mut stream = phone.open(None).await.unwrap();
    desk.say("waterproof jacket under 120 in M").await;
    let seen = stream.until("cards").await;
    assert_eq!(seen.first().unwrap().data["text"], "waterproof jacket under 120 in M");
    // Signed out, somebody else sits there.
    let out = desk.post("session", &json!({})).send().await.unwrap();
    let out: Value = out.json().await.unwrap();
    assert_eq!(out["fresh"], true);
    // Only the site that was named may show the frame, and nobody the page.
    let policy = async |path: &str| {
        let page = reqwest::get(format!("{}{path}", serving.url)).await.unwrap();
        page.headers().get("content-security-policy").unwrap().to_str().unwrap().to_owned()
    };
    let frame = policy("/frame/my-shop").await;
    assert!(frame.contains("frame-ancestors 'self' https://shop.example;"), "{frame}");
    assert!(policy("/").await.contains("frame-ancestors 'none';"));
}
