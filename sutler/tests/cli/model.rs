//! A real client, a server on loopback: the same script gives the same cart, the same cards and the same
//! amounts, whoever writes.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use agent_core::time::Micros;
use agent_core::time::turned::TurnedClock;
use serde_json::Value;
use sutler::model_server;
use sutler_tests::fake::openai::{FakeOpenAi, Reply};
use sutler_tests::fake::shopper::shop;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::{run, stderr, stdout, sutler};

const SCRIPT: &str =
    "rain jacket under 120 in M\nadd the second one\nwhat is in my cart?\ncheckout\n";

/// What a customer can compare between two shops: cards, cart lines and totals, as they are shown.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    cards: Vec<(String, String)>,
    amounts: BTreeSet<String>,
    tools: Vec<String>,
    models: Vec<String>,
}

fn talk(folder: &Path, environment: &[(&str, &str)]) -> Seen {
    let mut command = sutler(folder);
    command.args(["chat", "--json"]).envs(environment.iter().copied());
    let output = run(&mut command, SCRIPT);
    assert!(output.status.success(), "{}", stderr(&output));
    let mut seen =
        Seen { cards: Vec::new(), amounts: BTreeSet::new(), tools: Vec::new(), models: Vec::new() };
    for line in stdout(&output).lines() {
        let reply: Value = serde_json::from_str(line).unwrap();
        let list = |key: &str| reply.get(key).and_then(Value::as_array).unwrap().clone();
        let text = |value: &Value, key: &str| value.get(key).unwrap().as_str().unwrap().to_owned();
        for part in list("parts") {
            let cards = part.get("cards").and_then(Value::as_array).cloned().unwrap_or_default();
            seen.cards.extend(cards.iter().map(|it| (text(it, "title"), text(it, "detail"))));
        }
        let amount = |line: &&str| line.contains('×') || line.starts_with("Total");
        seen.amounts.extend(text(&reply, "text").lines().filter(amount).map(str::to_owned));
        seen.tools.extend(list("tools").iter().map(|it| text(it, "name")));
        seen.models.push(text(&reply, "model"));
    }
    seen
}

fn configured(folder: &Path, base_url: &str) {
    let config = format!(
        "[[shop]]\nname = \"retail\"\npack = \"retail\"\nmodel = {{ kind = \"openai\", base_url = \"{base_url}\", model = \"muse\", key_env = \"MUSE_KEY\" }}\n"
    );
    fs::write(folder.join("sutler.toml"), config).unwrap();
}

/// What is made of a server that answers a question for its models like this; where it stalls, time goes on.
async fn listed(answer: &str, stalls: bool) -> Result<Vec<String>, String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let clock = TurnedClock::new(Micros(0));
    let serves = async {
        let mut stream = BufReader::new(listener.accept().await.unwrap().0);
        let mut line = String::from("head");
        while !line.trim_end().is_empty() {
            line.clear();
            stream.read_line(&mut line).await.unwrap();
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        if stalls {
            clock.turn(Duration::from_secs(5));
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        known = model_server::listed(&clock, &base_url, None) => known,
        () = serves => unreachable!(),
    }
}

#[tokio::test]
async fn a_server_that_lists_no_models_is_told_of_and_one_that_stalls_is_not_waited_for() {
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
    let whole = |status: &str, body: &str| {
        format!("HTTP/1.1 {status}\r\nlocation: /\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    };
    let list = whole("200 OK", r#"{"data":[{"id":"muse"}]}"#);
    assert_eq!(listed(&list, false).await, Ok(vec!["muse".to_owned()]));
    assert_eq!(listed(&whole("200 OK", r#"{"models":[]}"#), false).await, Ok(Vec::new()));
    for (status, body, told) in [
        ("404 Not Found", "{}", "answers 404 Not Found where it should list"),
        ("405 Method Not Allowed", "{}", "is `base_url` right?"),
        ("301 Moved Permanently", "", "is `base_url` right?"),
        ("200 OK", "<html>", "answers no JSON where it should list"),
        ("403 Forbidden", "{}", "refuses the key"),
        ("429 Too Many Requests", "{}", "answers 429 Too Many Requests"),
        ("503 Service Unavailable", "{}", "answers 503 Service Unavailable"),
    ] {
        let why = listed(&whole(status, body), false).await.unwrap_err();
        assert!(why.contains(told), "{status}: {why}");
    }
    for stalls in ["", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"] {
        let why = listed(stalls, true).await.unwrap_err();
        assert_eq!(why, "does not answer within 5s", "{stalls}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_doubts_an_address_that_lists_no_models() {
    let fake = FakeOpenAi::start("sk-loopback", "muse", shop).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let said = |base_url: &str| {
        configured(folder.path(), base_url);
        let mut command = sutler(folder.path());
        let output = tokio::task::block_in_place(|| run(command.arg("doctor").envs(KEY), ""));
        stdout(&output).to_owned()
    };
    let right = said(fake.base_url());
    assert!(right.contains(&format!("ok   retail: model muse at {}: answers\n", fake.base_url())));
    let base_url = fake.base_url().trim_end_matches("/v1");
    let wrong = said(base_url);
    let told = format!("note retail: model muse at {base_url}: answers 404 Not Found where");
    assert!(wrong.contains(&told), "{wrong}");
}

const KEY: [(&str, &str); 1] = [("MUSE_KEY", "sk-loopback")];

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_calls_tools_fills_the_same_cart_as_the_clerk() {
    let clerks = tempfile::tempdir().unwrap();
    let expected = talk(clerks.path(), &[]);
    assert!(!expected.cards.is_empty() && expected.amounts.len() == 2, "{expected:?}");
    let fake = FakeOpenAi::start("sk-loopback", "muse", shop).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    configured(folder.path(), fake.base_url());
    let seen = tokio::task::block_in_place(|| talk(folder.path(), &KEY));
    assert_eq!(seen.models, ["muse"; 4]);
    assert_eq!(seen.amounts, expected.amounts);
    let shown: Vec<_> = expected.cards.iter().take(seen.cards.len()).cloned().collect();
    assert_eq!(seen.cards, shown);
    let bodies = fake.bodies();
    for (one, next) in bodies.iter().zip(bodies.iter().skip(1)) {
        let shared = one.iter().zip(next).take_while(|(a, b)| a == b).count();
        assert!(shared * 2 > one.len(), "{shared} of {} bytes are shared", one.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_server_is_down_the_clerk_answers() {
    let fake = FakeOpenAi::start("sk-loopback", "muse", |_| Reply::Says(String::new(), Vec::new()));
    let fake = fake.await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    configured(folder.path(), fake.base_url());
    drop(fake);
    let seen = tokio::task::block_in_place(|| talk(folder.path(), &KEY));
    assert_eq!(seen.models, ["clerk"; 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_ends_a_chat_from_a_pipe_does_not_wait_for_the_model() {
    let (asked, was_asked) = std::sync::mpsc::channel();
    let thinks = move |_: &Value| {
        asked.send(()).unwrap();
        Reply::Silence
    };
    let fake = FakeOpenAi::start("sk-loopback", "muse", thinks).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    configured(folder.path(), fake.base_url());
    let mut command = sutler(folder.path());
    command.arg("chat").envs(KEY).stdin(Stdio::piped()).stdout(Stdio::piped());
    let output = tokio::task::block_in_place(|| {
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(SCRIPT.as_bytes()).unwrap();
        was_asked.recv().unwrap();
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        child.wait_with_output().unwrap()
    });
    assert!(output.status.success(), "{output:?}");
    assert_eq!(stdout(&output), "", "nobody had answered yet");
}
