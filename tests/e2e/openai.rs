//! The model behind an OpenAI-compatible server, over a real socket.

use std::sync::Arc;
use std::time::Duration;

use agent_core::digest::Named;
use agent_core::evidence::{Access, ToolSpec};
use agent_core::model::contract;
use agent_core::model::openai::{Cap, OpenAi, OpenAiSettings, Secret};
use agent_core::model::{Completion, Delta, Entry, Finish, Model, ModelError, Request, Usage};
use agent_core::time::Micros;
use agent_core::time::turned::TurnedClock;
use serde_json::{Value, json};
use sutler_tests::fake::openai::{FakeOpenAi, Reply, event};
use tokio::sync::Notify;

const KEY: &str = "sk-loopback";

/// A model at a fake server that always gives the same reply.
async fn behind(reply: Reply, stream: bool) -> (FakeOpenAi, OpenAi, Arc<TurnedClock>) {
    let fake = FakeOpenAi::start(KEY, "muse", move |_| reply.clone()).await.unwrap();
    let clock = Arc::new(TurnedClock::new(Micros(0)));
    let model = at(&fake, stream, KEY, &clock);
    (fake, model, clock)
}

fn at(fake: &FakeOpenAi, stream: bool, key: &str, clock: &Arc<TurnedClock>) -> OpenAi {
    let settings = OpenAiSettings {
        name: "muse".into(),
        base_url: fake.base_url().to_owned(),
        model: "muse".to_owned(),
        key: Secret::parse(key).unwrap(),
        stream,
        cap: Cap::MaxTokens,
        least_output: 0,
        effort: None,
    };
    // Loopback needs no certificates, but the client wants a provider before it is built.
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    OpenAi::new(settings, http, clock.clone())
}

fn request() -> Request {
    let tool = ToolSpec {
        name: "search".into(),
        about: "Finds products.".to_owned(),
        arguments: json!({"type": "object"}),
        access: Access::Read,
    };
    Request { tools: Arc::new(Named::new(vec![tool])), ..contract::request() }
}

async fn ask(reply: Reply, stream: bool) -> Result<Completion, ModelError> {
    let (_fake, model, _clock) = behind(reply, stream).await;
    contract::check(&model, &request()).await
}

fn spoken() -> Reply {
    let calls = vec![
        ("search".to_owned(), json!({"words": "rain jacket"})),
        ("search".to_owned(), json!({"words": "bär"})),
    ];
    Reply::Says("One moment please".to_owned(), calls)
}

#[tokio::test]
async fn whole_and_streamed_answers_are_the_same() {
    let whole = ask(spoken(), false).await.unwrap();
    assert_eq!(whole, ask(spoken(), true).await.unwrap());
    assert_eq!(whole.text, "One moment please");
    assert_eq!(whole.finish, Finish::Tools);
    assert_eq!(whole.calls[0], ("search".into(), json!({"words": "rain jacket"})));
    assert_eq!(whole.calls[1], ("search".into(), json!({"words": "bär"})));
    assert_eq!(whole.usage, Some(Usage { input: 100, cached: 60, output: 10, reasoning: 0 }));
}

/// Streams pieces, each sent when the one before was heard, and returns what was heard and answered.
async fn stream(pieces: Vec<String>) -> (Vec<String>, Result<Completion, ModelError>) {
    let gate = Arc::new(Notify::new());
    let (_fake, model, _clock) = behind(Reply::Gated(pieces, gate.clone()), true).await;
    let mut heard = Vec::new();
    gate.notify_one();
    let mut hear = |delta: Delta<'_>| {
        if let Delta::Text(text) = delta {
            heard.push(text.to_owned());
            gate.notify_one();
        }
    };
    let answer = model.complete(&request(), &mut hear).await;
    (heard, answer)
}

#[tokio::test]
async fn a_stream_is_heard_before_it_ends() {
    let (heard, answer) = stream(vec![
        event(&json!({"content": "Hel"}), None),
        event(&json!({"content": "lo"}), None),
        event(&json!({}), Some("stop")) + "data: [DONE]\n\n",
    ])
    .await;
    assert_eq!(heard, ["Hel", "lo"]);
    assert_eq!(answer.unwrap().text, "Hello");
}

#[tokio::test]
async fn a_stream_that_is_cut_is_no_answer() {
    let (heard, answer) = stream(vec![event(&json!({"content": "Hel"}), None)]).await;
    assert_eq!(heard, ["Hel"]);
    assert!(matches!(answer, Err(ModelError::Unavailable(_))), "{answer:?}");
    let ended = Reply::Body("text/event-stream", event(&json!({"content": "Hel"}), None));
    let failed = ask(ended, true).await.unwrap_err();
    assert!(failed.to_string().contains("broke off"), "{failed:?}");
    let garbage = Reply::Body("text/event-stream", "data: {{{\n\n".to_owned());
    assert!(matches!(ask(garbage, true).await, Err(ModelError::Unavailable(_))));
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_understood_all_the_same() {
    let whole = json!({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]});
    let reply = Reply::Body("application/json", whole.to_string());
    assert_eq!(ask(reply, true).await.unwrap().text, "Hi");
    let error = Reply::Body("application/json", json!({"error": "model is loading"}).to_string());
    assert_eq!(ask(error, true).await, Err(ModelError::Unavailable("model is loading".to_owned())));
    let page = Reply::Body("text/html", "<html>".to_owned());
    assert!(matches!(ask(page, true).await, Err(ModelError::Unavailable(_))));
}

#[tokio::test]
async fn errors_keep_status_wait_and_words() {
    for stream in [false, true] {
        let slow = Reply::Status(429, vec![("retry-after", "1.5".to_owned())], "slow".to_owned());
        assert_eq!(ask(slow, stream).await, Err(ModelError::Later(Duration::from_millis(1500))));
        let long = Reply::Status(413, Vec::new(), "too large".to_owned());
        let said = "413, request req-1: too large".to_owned();
        assert_eq!(ask(long, stream).await, Err(ModelError::TooLong(said)));
        let down = Reply::Status(502, Vec::new(), "<html>".to_owned());
        assert!(matches!(ask(down, stream).await, Err(ModelError::Unavailable(_))));
    }
}

#[tokio::test]
async fn a_refused_key_is_told_without_the_key() {
    let (fake, _, clock) = behind(Reply::Silence, true).await;
    let model = at(&fake, true, "sk-wrong", &clock);
    let failed = contract::check(&model, &request()).await.unwrap_err();
    assert!(matches!(failed, ModelError::Unauthorized(_)), "{failed:?}");
    assert!(!format!("{failed:?} {model:?}").contains("sk-wrong"), "{failed:?} {model:?}");
}

#[tokio::test]
async fn one_call_is_one_attempt() {
    let reply = Reply::Status(503, vec![("retry-after", "3600".to_owned())], String::new());
    let (fake, model, _clock) = behind(reply, false).await;
    let failed = contract::check(&model, &request()).await;
    assert_eq!(failed, Err(ModelError::Later(Duration::from_secs(600))));
    assert_eq!(fake.bodies().len(), 1);
}

#[tokio::test]
async fn the_deadline_holds_by_the_clock_alone() {
    let arrived = Arc::new(Notify::new());
    let bell = arrived.clone();
    let fake = FakeOpenAi::start(KEY, "muse", move |_| {
        bell.notify_one();
        Reply::Silence
    });
    let (fake, clock) = (fake.await.unwrap(), Arc::new(TurnedClock::new(Micros(0))));
    let model = at(&fake, true, KEY, &clock);
    let asking = tokio::spawn(async move { contract::check(&model, &request()).await });
    arrived.notified().await;
    clock.turn(Duration::from_secs(29));
    tokio::task::yield_now().await;
    assert!(!asking.is_finished());
    clock.turn(Duration::from_secs(1));
    assert!(matches!(asking.await.unwrap(), Err(ModelError::Unavailable(_))));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let (fake, model, _clock) = behind(Reply::Silence, false).await;
    drop(fake);
    tokio::task::yield_now().await;
    assert!(matches!(contract::check(&model, &request()).await, Err(ModelError::Unavailable(_))));
}

#[tokio::test]
async fn successive_requests_share_their_bytes_up_to_the_older_transcripts_end() {
    let said = Reply::Says("Hi".to_owned(), Vec::new());
    let (fake, model, _clock) = behind(said, true).await;
    let mut request = request();
    for turn in 1..5 {
        let answer = contract::check(&model, &request).await.unwrap();
        request.transcript.push(Entry::Agent {
            draft: answer.text,
            blocks: Vec::new(),
            calls: Vec::new(),
        });
        request.transcript.push(Entry::Customer {
            text: format!("and {turn}?"),
            action: None,
            media: Vec::new(),
        });
        request.notes.now = Micros(turn * 1_000_000);
    }
    let bodies = fake.bodies();
    for pair in bodies.windows(2) {
        let older: Value = serde_json::from_slice(&pair[0]).unwrap();
        let tail = older["messages"].as_array().unwrap().last().unwrap()["content"].to_string();
        let text = std::str::from_utf8(&pair[0]).unwrap();
        let (stem, _) = text.rsplit_once(&tail).unwrap();
        let shared = stem.len() - ",{\"role\":\"user\",\"content\":".len();
        assert!(pair[1].starts_with(&pair[0][..shared]));
    }
}
