//! A send that failed, or of which nobody knows the arrival, told by the API and settled through it.

use std::sync::Arc;

use serde_json::{Value, json};
use sutler::clock::SystemClock;
use sutler_tests::fake::graph::{FakeGraph, Fate, Settings, Taken, payload};
use tokio::task::block_in_place;

use super::http::{Events, ask, get, post};
use super::{ALL, CONFIG, Server};
use crate::{run, stderr, stdout, sutler};

pub(super) const NUMBER: &str = "77";

/// A Graph API whose first send comes to this.
pub(super) async fn graph(fate: Option<Fate>) -> FakeGraph {
    let settings = Settings {
        number: NUMBER.to_owned(),
        token: super::GRAPH.to_owned(),
        secret: super::GRAPH.to_owned(),
        clock: Arc::new(SystemClock),
        seed: 5,
    };
    let graph = FakeGraph::start(settings).await.unwrap();
    graph.fate(fate);
    graph
}

/// The first shop on WhatsApp too; what is in doubt is held.
pub(super) fn on_whatsapp(base_url: &str) -> String {
    let channel = format!(
        r#"pack = "retail"
[[shop.channel]]
kind = "whatsapp"
number_id = "{NUMBER}"
[shop.channel.app]
token_env = "GRAPH"
secret_env = ["GRAPH"]
verify_env = "GRAPH"
base_url = "{base_url}"
settle_ms = 0
"#
    );
    CONFIG.replacen("pack = \"retail\"\n", &channel, 1) + "[courier]\nambiguous = \"hold\"\n"
}

/// The only conversation, once a turn has taken it. No key is asked for meanwhile: a key may ask so often and no more.
pub(super) fn conversation(port: u16) -> String {
    while !get(port, "/metrics", "").body.contains("sutler_turns_total{shop=\"one\"") {}
    let listed = get(port, "/v1/conversations", ALL).json();
    listed["conversations"][0]["id"].as_str().unwrap().to_owned()
}

/// A customer's greeting whose answer comes to this: the conversation, and the status that says so.
fn came_to(fate: &str, port: u16, graph: &FakeGraph) -> (String, Events, Value) {
    let (body, signature) = graph.says("4915", &payload::text("hello"));
    let headers =
        [format!("x-hub-signature-256: {signature}"), "content-type: application/json".to_owned()];
    let body = String::from_utf8(body).unwrap();
    assert_eq!(ask(port, "POST /webhooks/meta", &headers, &body).unwrap().status, 200);
    let id = conversation(port);
    let path = format!("/v1/conversations/{id}");
    let mut events = Events::open(port, &format!("{path}/events"), ALL, 0);
    let told = events.until(|it| it["type"] == "status" && it["status"] == fate);
    let status = told.last().unwrap().clone();
    (path, events, status)
}

fn settle(port: u16, path: &str, doubt: &Value, arrived: bool) {
    let said = json!({ "id": "s1", "by": "Grace", "outbound": doubt["outbound"],
        "part": doubt["part"], "arrived": arrived });
    let answer = post(port, &format!("{path}/settle"), ALL, &said).unwrap();
    assert_eq!(answer.status, 202, "{answer:?}");
}

pub(super) fn metric(port: u16, line: &str) -> bool {
    get(port, "/metrics", "").body.lines().any(|it| it == line)
}

/// What was sent, whichever sending of it.
fn said(taken: &Taken) -> Value {
    let mut body = taken.body.clone();
    body["biz_opaque_callback_data"].take();
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_arrive_is_sent_again_and_the_doubt_is_counted() {
    let graph = graph(Some(Fate::Lost)).await;
    let folder = tempfile::tempdir().unwrap();
    block_in_place(|| {
        let server = Server::with(folder.path(), &on_whatsapp(graph.base_url()));
        let (path, mut events, doubt) = came_to("ambiguous", server.port, &graph);
        assert!(metric(server.port, r#"sutler_outbox_parts{shop="one",state="ambiguous"} 1"#));
        let first = graph.taken();
        settle(server.port, &path, &doubt, false);
        events.until(|it| it["from"] == "agent");
        let taken = graph.taken();
        assert_eq!(taken.iter().filter(|it| said(it) == said(&first[0])).count(), 2, "{taken:?}");
        assert!(metric(server.port, r#"sutler_outbox_parts{shop="one",state="ambiguous"} 0"#));
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_is_sent_when_a_person_asks_for_it() {
    let graph = graph(Some(Fate::Code(400, 131_026))).await;
    let folder = tempfile::tempdir().unwrap();
    block_in_place(|| {
        let server = Server::with(folder.path(), &on_whatsapp(graph.base_url()));
        let (path, mut events, refused) = came_to("failed", server.port, &graph);
        settle(server.port, &path, &refused, false);
        let id = format!("{}/{}", refused["outbound"].as_str().unwrap(), refused["part"]);
        let told = events.until(|it| it["id"] == id);
        assert_eq!(told.last().unwrap()["from"], "agent");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrived_is_not_sent_again_and_what_waited_behind_it_goes() {
    let graph = graph(Some(Fate::Lost)).await;
    let folder = tempfile::tempdir().unwrap();
    block_in_place(|| {
        let server = Server::with(folder.path(), &on_whatsapp(graph.base_url()));
        let (path, mut events, doubt) = came_to("ambiguous", server.port, &graph);
        settle(server.port, &path, &doubt, true);
        let (body, signature) = graph.says("4915", &payload::text("rain jacket in M"));
        let headers = [format!("x-hub-signature-256: {signature}")];
        let body = String::from_utf8(body).unwrap();
        assert_eq!(ask(server.port, "POST /webhooks/meta", &headers, &body).unwrap().status, 200);
        events.until(|it| it["from"] == "agent");
        // Turns tell of messages, not of what became of ours.
        let told = get(server.port, &format!("{path}/entries?limit=500"), ALL).json();
        let turns = told["entries"].as_array().unwrap().iter().filter(|it| it["type"] == "turn");
        let took = turns.flat_map(|it| it["took"].as_array().unwrap());
        // What comes together is taken together, in the order of its times.
        let mut took: Vec<&str> = took.map(|it| it.as_str().unwrap()).collect();
        took.sort_unstable();
        assert_eq!(took, ["s1", "wamid.IN1", "wamid.IN2"]);
        let taken = graph.taken();
        assert_eq!(taken.iter().filter(|it| said(it) == said(&taken[0])).count(), 1, "{taken:?}");
        assert!(taken.len() > 1);
        assert_eq!(get(server.port, &path, ALL).json()["ambiguous"], json!([]), "it is known now");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_settled_on_the_command_line_is_done_by_the_next_start() {
    let graph = graph(Some(Fate::Lost)).await;
    let folder = tempfile::tempdir().unwrap();
    block_in_place(|| {
        let config = on_whatsapp(graph.base_url());
        let server = Server::with(folder.path(), &config);
        let (path, _, doubt) = came_to("ambiguous", server.port, &graph);
        let id = path.rsplit('/').next().unwrap();
        let part = format!("{}/{}", doubt["outbound"].as_str().unwrap(), doubt["part"]);
        let conversations = |command: &str, args: &[&str]| {
            run(sutler(folder.path()).args(["conversations", command, id]).args(args), "")
        };
        let running = conversations("settle", &["--again", "--by", "Grace"]);
        assert_eq!(running.status.code(), Some(3));
        assert!(stderr(&running).contains("another process") && stderr(&running).contains("API"));
        assert_eq!(server.end(), Some(0));
        for (wrong, why) in [
            (&["--by", "Grace"][..], "--arrived"),
            (&["--by", "Grace", "--again", "--arrived"], "cannot be used with"),
            (&["--by", "Grace", "--again", "77-1/0"], &format!("name one of them: {part}")),
            (&["--again"], "--by"),
        ] {
            let refused = conversations("settle", wrong);
            assert_eq!(refused.status.code(), Some(2), "{wrong:?}");
            assert!(stderr(&refused).contains(why), "{wrong:?}: {}", stderr(&refused));
        }
        let shown = conversations("show", &[]);
        assert!(stdout(&shown).contains(&format!("to settle: {part}, nobody knows")));
        let listed = run(sutler(folder.path()).args(["conversations", "list", "--json"]), "");
        let listed: Value = serde_json::from_str(stdout(&listed)).unwrap();
        assert_eq!(listed["ambiguous"], json!([part]));
        let settled = conversations("settle", &["--again", "--by", "Grace", "--json"]);
        let told: Value = serde_json::from_str(stdout(&settled)).unwrap();
        let expected = json!({ "conversation": id, "shop": "one", "by": "Grace", "arrived": false,
            "outbound": doubt["outbound"], "part": doubt["part"] });
        assert_eq!(told, expected);
        let server = Server::with(folder.path(), &config);
        let mut events = Events::open(server.port, &format!("{path}/events"), ALL, 0);
        events.until(|it| it["id"] == part);
        let taken = graph.taken();
        assert_eq!(taken.iter().filter(|it| said(it) == said(&taken[0])).count(), 2, "{taken:?}");
        drop((events, server));
        let nothing = conversations("settle", &["--arrived", "--by", "Grace"]);
        assert_eq!(nothing.status.code(), Some(2));
        assert!(stderr(&nothing).contains("there is nothing to settle"), "{}", stderr(&nothing));
    });
}
