//! The API as a front end and a back office use it, and what an operator sees.

use serde_json::{Value, json};

use super::http::{Events, ask, bearer, get, post};
use super::{ALL, CONFIG, OTHER, READER, Server};
use crate::{run, stderr, stdout, sutler};

const JSON: &str = "content-type: application/json";

fn said(id: &str, text: &str) -> Value {
    json!({ "id": id, "customer": "ada", "text": text })
}

/// A conversation that was answered once.
pub(super) fn begun(port: u16) -> (String, Events) {
    let taken = post(port, "/v1/messages", ALL, &said("m1", "rain jacket in M")).unwrap();
    assert_eq!(taken.status, 202, "{taken:?}");
    let conversation = taken.json()["conversation"].as_str().unwrap().to_owned();
    let path = format!("/v1/conversations/{conversation}/events");
    let mut events = Events::open(port, &path, ALL, 0);
    events.until(|it| it["content"]["kind"] == "cards");
    (conversation, events)
}

#[test]
fn a_front_end_posts_hears_the_answer_taps_it_and_goes_on_after_a_cut() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let port = server.port;
    let (conversation, mut events) = begun(port);
    let again = post(port, "/v1/messages", ALL, &said("m1", "rain jacket in M")).unwrap();
    assert_eq!(again.json()["fresh"], false);
    let entries = format!("/v1/conversations/{conversation}/entries");
    let told = get(port, &entries, ALL).json();
    let all = told["entries"].as_array().unwrap();
    let cards = all.iter().find(|it| it["content"]["kind"] == "cards").unwrap();
    assert_eq!(cards["answers"], json!(["m1"]));
    let token = &cards["content"]["cards"][0]["options"][0]["token"];
    let tap = json!({ "id": "t1", "customer": "ada", "token": token });
    assert_eq!(post(port, "/v1/taps", ALL, &tap).unwrap().status, 202);
    let heard = events.until(|it| it["content"]["kind"] == "summary");
    let tapped = heard.iter().find(|it| it["content"]["kind"] == "tap").unwrap();
    assert_eq!(tapped["content"]["text"], "Add to cart");
    // A stream that was cut goes on where it ended, and tells what the list tells.
    let last = tapped["seq"].as_u64().unwrap();
    let path = format!("/v1/conversations/{conversation}/events");
    let mut rest = Events::open(port, &path, READER, last);
    let mut rest = rest.until(|it| it["content"]["kind"] == "summary");
    rest.retain(|it| it.get("seq").is_some());
    let told = get(port, &format!("{entries}?after={last}"), ALL).json();
    assert_eq!(json!(rest), told["entries"]);
    assert_eq!(server.end(), Some(0));
    assert!(events.ends());
}

#[test]
fn a_back_office_takes_over_writes_and_gives_back() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let port = server.port;
    let (conversation, mut events) = begun(port);
    let command = |what: &str, body: Value| {
        let path = format!("/v1/conversations/{conversation}/{what}");
        let answer = post(port, &path, ALL, &body).unwrap();
        assert_eq!(answer.status, 202, "{answer:?}");
    };
    command("take-over", json!({ "id": "c1", "by": "Grace", "minutes": 30 }));
    let heard = events.until(|it| it["type"] == "owner");
    assert_eq!(heard.last().unwrap()["owner"], "person");
    post(port, "/v1/messages", ALL, &said("m2", "hello?")).unwrap();
    let heard = events.until(|it| it["type"] == "turn" && it["took"] == json!(["m2"]));
    assert_eq!(heard.last().unwrap()["outcome"], "silent");
    command("say", json!({ "id": "c2", "by": "Grace", "text": "Grace here, one moment." }));
    let heard = events.until(|it| it["from"] == "person");
    assert_eq!(heard.last().unwrap()["content"]["text"], "Grace here, one moment.");
    let now = get(port, &format!("/v1/conversations/{conversation}"), READER).json();
    assert_eq!((&now["owner"], &now["owner_name"]), (&json!("person"), &json!("Grace")));
    command("give-back", json!({ "id": "c3", "by": "Grace" }));
    events.until(|it| it["owner"] == "agent");
    let listed = get(port, "/v1/conversations?limit=1", READER).json();
    assert_eq!(listed["conversations"][0]["owner"], "agent");
    command("happenings", json!({ "id": "h1", "name": "order_shipped", "facts": { "n": 1 } }));
    let heard = events.until(|it| it["type"] == "event");
    assert_eq!(heard.last().unwrap()["name"], "order_shipped");
}

#[test]
fn every_refusal_is_a_problem_and_no_key_opens_another_shop() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let port = server.port;
    let (conversation, _events) = begun(port);
    let own = format!("/v1/conversations/{conversation}");
    let long = said("m", &"x".repeat(70_000)).to_string();
    let (all, json) = (bearer(ALL), JSON.to_owned());
    let cases: [(&str, &str, Vec<String>, &str); 14] = [
        ("404", "GET /nothing", vec![], ""),
        ("405", "PUT /v1/messages", vec![all.clone()], ""),
        ("401", "GET /v1/conversations", vec![], ""),
        ("401", "GET /v1/conversations", vec![bearer("wrong")], ""),
        (
            "403",
            "POST /v1/messages",
            vec![bearer(READER), json.clone()],
            &said("m", "x").to_string(),
        ),
        ("404", &format!("GET {own}"), vec![bearer(OTHER)], ""),
        ("404", &format!("GET {own}/entries"), vec![bearer(OTHER)], ""),
        ("404", &format!("GET {own}/events"), vec![bearer(OTHER)], ""),
        (
            "404",
            &format!("POST {own}/say"),
            vec![bearer(OTHER), json.clone()],
            r#"{"id":"1","by":"x","text":"x"}"#,
        ),
        ("400", "GET /v1/conversations?limit=0", vec![all.clone()], ""),
        ("400", "POST /v1/messages", vec![all.clone(), json.clone()], "{"),
        ("413", "POST /v1/messages", vec![all.clone(), json.clone()], &long),
        ("415", "POST /v1/messages", vec![all.clone()], "{}"),
        ("422", "POST /v1/messages", vec![all, json], "{}"),
    ];
    for (status, what, headers, body) in cases {
        let answer = ask(port, what, &headers, body).unwrap();
        assert_eq!(answer.status.to_string(), status, "{what}: {answer:?}");
        assert!(answer.head.contains("content-type: application/problem+json"), "{answer:?}");
        assert_eq!(answer.json()["status"], answer.status, "{answer:?}");
        assert!(!answer.body.contains("rain jacket"), "{answer:?}");
    }
}

#[test]
fn an_operator_sees_that_it_lives_works_and_counts() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let port = server.port;
    begun(port);
    assert_eq!(get(port, "/healthz", "").status, 200);
    let ready = get(port, "/readyz", "").json();
    assert_eq!(ready["health"], "ready");
    let parts = ready["parts"].as_array().unwrap().iter();
    let parts: std::collections::BTreeSet<&str> =
        parts.map(|it| it["part"].as_str().unwrap()).collect();
    assert_eq!(parts.into_iter().collect::<Vec<_>>(), ["catalogue", "model", "pack", "store"]);
    let metrics = get(port, "/metrics", "").body;
    for line in [
        r#"sutler_turns_total{shop="one",outcome="replied"} 1"#,
        r#"sutler_messages_total{shop="one",channel="api"} 1"#,
        r#"sutler_tool_calls_total{shop="one",tool="search",result="ok"} 1"#,
        r#"sutler_outbox_parts{shop="two",state="held"} 0"#,
        r#"sutler_http_requests_total{method="POST",route="/v1/messages",status="202"} 1"#,
        r#"sutler_turn_seconds_count{shop="one"} 1"#,
        "# EOF",
    ] {
        assert!(metrics.lines().any(|it| it == line), "{line} is not in\n{metrics}");
    }
    assert!(!metrics.contains("ada"));
    let document = get(port, "/v1/openapi.json", "").json();
    assert_eq!(document["openapi"], "3.1.0");
}

#[test]
fn the_doctor_tells_a_taken_port_and_a_missing_key_before_anybody_opens() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let config = CONFIG.replace("127.0.0.1:0", &taken.local_addr().unwrap().to_string());
    std::fs::write(folder.path().join("sutler.toml"), config).unwrap();
    let mut doctor = sutler(folder.path());
    let doctor = doctor.arg("doctor").env("KEY_ALL", ALL).env("KEY_READER", "short");
    let told = run(doctor, "");
    assert_eq!(told.status.code(), Some(1));
    let told = stdout(&told);
    for line in [
        format!("bad  server: {}", taken.local_addr().unwrap()),
        "note server: public_url: not set".to_owned(),
        "ok   one: key all: opens post, read, control, tell".to_owned(),
        "bad  one: key reader: the secret in KEY_READER is too short".to_owned(),
        "bad  two: key other: the variable KEY_OTHER is not set".to_owned(),
    ] {
        assert!(told.contains(&line), "{line} is not in\n{told}");
    }
    let mut serve = sutler(folder.path());
    let serve = run(serve.arg("serve"), "");
    assert_eq!(serve.status.code(), Some(3));
    assert!(stderr(&serve).contains("can't listen on 127.0.0.1"), "{}", stderr(&serve));
}

#[test]
fn two_keys_with_one_secret_open_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("sutler.toml"), CONFIG).unwrap();
    let keys = |reader, other| [("KEY_ALL", ALL), ("KEY_READER", reader), ("KEY_OTHER", other)];
    for (keys, whose, known) in [
        (keys(READER, ALL), "the key `other` of `two`", "bad  two: key other"),
        (keys(ALL, OTHER), "the key `reader` of `one`", "bad  one: key reader"),
    ] {
        let refused = run(sutler(folder.path()).arg("serve").envs(keys), "");
        assert_eq!(refused.status.code(), Some(2));
        let told = stderr(&refused);
        let what = format!("{whose} has the same secret as the key `all` of `one`");
        assert!(told.contains(&what) && !told.contains(ALL), "{told}");
        let told = run(sutler(folder.path()).arg("doctor").envs(keys), "");
        let told = stdout(&told);
        let what = format!("{known}: has the same secret as one: key all\n");
        assert!(told.contains(&what) && !told.contains(ALL), "{told}");
    }
}
