//! How a server ends while a model is still thinking, what it says when the model's server is gone, and its limits.

use std::io::{BufRead as _, BufReader, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use sutler_tests::fake::openai::{FakeOpenAi, Reply, event};
use tokio::sync::Notify;
use tokio::task::block_in_place;

use super::http::{Events, get, post};
use super::{ALL, CONFIG, MUSE, Server, with_model};

/// A model that thinks for ever, until it is told to speak.
async fn thinker(speaks: &Arc<AtomicBool>) -> FakeOpenAi {
    let speaks = speaks.clone();
    let brain = move |_: &Value| {
        if speaks.load(Ordering::Relaxed) {
            Reply::Says("Here I am.".to_owned(), Vec::new())
        } else {
            Reply::Silence
        }
    };
    FakeOpenAi::start(MUSE, "muse", brain).await.unwrap()
}

/// A message whose turn has begun, and its conversation.
fn asked(port: u16) -> (String, Events) {
    let said = json!({ "id": "m1", "customer": "ada", "text": "hello" });
    let taken = post(port, "/v1/messages", ALL, &said).unwrap();
    assert_eq!(taken.status, 202, "{taken:?}");
    let path =
        format!("/v1/conversations/{}/events", taken.json()["conversation"].as_str().unwrap());
    let mut events = Events::open(port, &path, ALL, 0);
    events.until(|it| it.get("seq").is_none() && it["text"] == "");
    (path, events)
}

/// The next start answers what was left, in one turn.
fn answered_in_one_turn(folder: &std::path::Path, config: &str, path: &str) {
    let server = Server::with(folder, config);
    let mut events = Events::open(server.port, path, ALL, 0);
    let heard = events.until(|it| it["content"]["text"] == "Here I am.");
    let turns = heard.iter().filter(|it| it["type"] == "turn");
    assert_eq!(turns.filter(|it| it["took"] == json!(["m1"])).count(), 1, "{heard:?}");
    let said = heard.iter().filter(|it| it["content"]["text"] == "Here I am.");
    assert_eq!(said.filter(|it| it.get("seq").is_some()).count(), 1, "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_outlasts_the_grace_is_left_for_the_next_start() {
    let speaks = Arc::new(AtomicBool::new(false));
    let model = thinker(&speaks).await;
    let folder = tempfile::tempdir().unwrap();
    let config = with_model(model.base_url(), "grace_s = 1");
    block_in_place(|| {
        let server = Server::with(folder.path(), &config);
        let (path, _events) = asked(server.port);
        assert_eq!(server.end(), Some(0));
        speaks.store(true, Ordering::Relaxed);
        answered_in_one_turn(folder.path(), &config, &path);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_at_once_and_loses_nothing() {
    let speaks = Arc::new(AtomicBool::new(false));
    let model = thinker(&speaks).await;
    let folder = tempfile::tempdir().unwrap();
    let config = with_model(model.base_url(), "grace_s = 86400");
    block_in_place(|| {
        let server = Server::with(folder.path(), &config);
        let (path, mut events) = asked(server.port);
        server.ask_to_end();
        // Streams end with the first signal: it was heard, and the second is not taken for it.
        assert!(events.ends());
        assert_eq!(server.end(), Some(0));
        speaks.store(true, Ordering::Relaxed);
        answered_in_one_turn(folder.path(), &config, &path);
    });
}

#[test]
fn a_store_that_failed_ends_the_process_and_the_next_start_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let config = CONFIG.replace("body_kib = 64", "body_kib = 512");
    let mut server = Server::with(folder.path(), &config);
    let said = json!({ "id": "m1", "customer": "ada", "text": "hello" });
    let taken = post(server.port, "/v1/messages", ALL, &said).unwrap().json();
    let path = format!("/v1/conversations/{}", taken["conversation"].as_str().unwrap());
    let mut events = Events::open(server.port, &format!("{path}/events"), ALL, 0);
    events.until(|it| it["from"] == "agent");
    // Where the folder of what is long should be lies a file.
    let blobs = folder.path().join("d/blobs");
    assert!(!blobs.exists());
    std::fs::write(&blobs, []).unwrap();
    let happened =
        json!({ "id": "h1", "name": "order_shipped", "facts": { "note": "x".repeat(200_000) } });
    let tell = |port| post(port, &format!("{path}/happenings"), ALL, &happened);
    let refused = tell(server.port);
    assert!(refused.is_err() || refused.as_ref().is_ok_and(|it| it.status == 503), "{refused:?}");
    assert!(events.ends());
    assert_eq!(server.child.wait().unwrap().code(), Some(3));
    std::fs::remove_file(&blobs).unwrap();
    let server = Server::with(folder.path(), &config);
    assert_eq!(tell(server.port).unwrap().status, 202);
    assert_eq!(server.end(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_tells_sentences_while_they_are_written() {
    let words = ["Good ", "day. And then"].map(|it| event(&json!({ "content": it }), None));
    let gate = Arc::new(Notify::new());
    let (pieces, ahead) = (vec![words.concat()], gate.clone());
    let model = move |_: &Value| Reply::Gated(pieces.clone(), ahead.clone());
    let model = FakeOpenAi::start(MUSE, "muse", model).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let server = Server::with(folder.path(), &with_model(model.base_url(), ""));
    gate.notify_one();
    block_in_place(|| {
        let (_path, mut events) = asked(server.port);
        events.until(|it| it["text"].as_str().is_some_and(|it| it.ends_with("Good day.")));
        // The model's server breaks off: what was shown is taken back, and somebody else answers.
        gate.notify_one();
        let heard = events.until(|it| it["from"] == "agent");
        assert!(
            heard.iter().any(|it| it.get("seq").is_none() && it["text"].is_null()),
            "{heard:?}"
        );
        assert!(!heard.iter().any(|it| it.to_string().contains("And then")), "{heard:?}");
    });
}

#[test]
fn without_its_model_a_shop_is_degraded_and_still_answers() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = format!("http://{}/v1", nobody.local_addr().unwrap());
    drop(nobody);
    let folder = tempfile::tempdir().unwrap();
    let server = Server::with(folder.path(), &with_model(&gone, ""));
    let answer = get(server.port, "/readyz", "");
    let ready = answer.json();
    assert_eq!((answer.status, &ready["health"]), (200, &json!("degraded")), "{ready}");
    let parts = ready["parts"].as_array().unwrap();
    let bad: Vec<&Value> = parts.iter().filter(|it| it["health"] != "ready").collect();
    assert_eq!((bad.len(), &bad[0]["part"], &bad[0]["shop"]), (1, &json!("model"), &json!("one")));
    let said = json!({ "id": "m1", "customer": "ada", "text": "rain jacket in M" });
    let taken = post(server.port, "/v1/messages", ALL, &said).unwrap().json();
    let path = format!("/v1/conversations/{}/events", taken["conversation"].as_str().unwrap());
    Events::open(server.port, &path, ALL, 0).until(|it| it["content"]["kind"] == "cards");
}

#[test]
fn the_models_of_all_shops_are_asked_at_once() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let model = format!(
        "name = \"two\"\nmodel = {{ kind = \"openai\", base_url = \"{base_url}\", model = \"muse\" }}"
    );
    let config = with_model(&base_url, "").replace("name = \"two\"", &model);
    let folder = tempfile::tempdir().unwrap();
    let server = Server::with(folder.path(), &config);
    // It answers nobody before both have asked.
    let answers = std::thread::spawn(move || {
        let asked: Vec<_> = (0..2).map(|_| listener.accept().unwrap().0).collect();
        for stream in asked {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            while lines.next().is_some_and(|line| !line.is_empty()) {}
            let list = r#"{"data":[]}"#;
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}", list.len());
            // An error means that it was given up.
            let _ = (&stream).write_all(format!("{head}\r\n\r\n{list}").as_bytes());
        }
    });
    let ready = get(server.port, "/readyz", "").json();
    answers.join().unwrap();
    assert_eq!(ready["health"], "ready", "{ready}");
}

#[test]
fn an_address_that_asks_too_often_is_told_when_to_come_again() {
    let folder = tempfile::tempdir().unwrap();
    let config = CONFIG.replace("100000", "2");
    let server = Server::with(folder.path(), &config);
    let answers: Vec<_> = (0..20).map(|_| get(server.port, "/v1/conversations", ALL)).collect();
    assert_eq!(answers[0].status, 200);
    let refused = answers.iter().find(|it| it.status == 429).unwrap();
    assert!(refused.head.contains("retry-after: 1"), "{refused:?}");
    assert_eq!(refused.json()["status"], 429);
}
