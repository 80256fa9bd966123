//! An order over the API: read, and told what becomes of it, by the reference the shop's own system knows.

use serde_json::{Value, json};

use super::front::begun;
use super::http::{Events, get, post};
use super::{ALL, OTHER, READER, Server};
use crate::{run, stdout, sutler};

#[test]
fn a_back_office_reads_an_order_and_tells_what_becomes_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let (conversation, mut events) = begun(server.port);
    for (id, text) in [("m2", "add the first one"), ("m3", "checkout")] {
        let said = json!({ "id": id, "customer": "ada", "text": text });
        assert_eq!(post(server.port, "/v1/messages", ALL, &said).unwrap().status, 202);
        events.until(|it| it["type"] == "turn" && it["took"] == json!([id]));
    }
    assert_eq!(server.end(), Some(0));
    let listed = run(sutler(folder.path()).args(["orders", "list", "--json"]), "");
    let listed: Value = serde_json::from_str(stdout(&listed)).unwrap();
    let reference = listed["reference"].as_str().unwrap();

    let server = Server::start(folder.path());
    let port = server.port;
    let path = format!("/v1/orders/{reference}");
    let placed = get(port, &path, READER).json();
    assert_eq!(placed["progress"], "placed", "{placed}");
    assert_eq!(placed["conversation"], *conversation);
    assert_eq!(placed["total"], listed["total"]);
    assert_eq!(placed["lines"][0]["quantity"], 1);
    let happenings = format!("{path}/happenings");
    let happened = |id: &str, name: &str, facts: Value| {
        let body = json!({ "id": id, "name": name, "facts": facts });
        let told = post(port, &happenings, ALL, &body).unwrap();
        assert_eq!(told.status, 202, "{told:?}");
        assert_eq!(told.json()["conversation"], *conversation);
    };
    let seq = events_so_far(port, &conversation);
    let mut events =
        Events::open(port, &format!("/v1/conversations/{conversation}/events"), ALL, seq);
    let amount = json!({ "amount_minor": 9_900, "currency": "EUR", "transaction": "T1" });
    for (id, name, facts, progress) in [
        ("h1", "order_paid", amount.clone(), "paid"),
        ("h2", "order_shipped", json!({ "carrier": "post" }), "shipped"),
        ("h3", "order_refunded", amount, "refunded"),
    ] {
        happened(id, name, facts);
        let heard = events.until(|it| it["type"] == "turn");
        assert!(heard.iter().any(|it| it["type"] == "event" && it["name"] == name), "{heard:?}");
        assert_eq!(get(port, &path, READER).json()["progress"], progress);
    }
    let order = get(port, &path, READER).json();
    assert_eq!((&order["paid"]["minor"], &order["paid_twice"]), (&json!(9_900), &json!(false)));
    assert!(order["shipped"].is_string() && order["delivered"].is_null(), "{order}");

    let body = json!({ "id": "h9", "name": "order_paid", "facts": {} });
    for (answer, status) in [
        (get(port, &path, OTHER), 404),
        (get(port, &format!("/v1/orders/{}-1", "0".repeat(32)), ALL), 404),
        (get(port, "/v1/orders/mine", ALL), 404),
        (post(port, &happenings, OTHER, &body).unwrap(), 404),
        (post(port, &happenings, READER, &body).unwrap(), 403),
    ] {
        assert_eq!(answer.status, status, "{answer:?}");
    }
}

/// The place of the newest event of a conversation.
fn events_so_far(port: u16, conversation: &str) -> u64 {
    let now = get(port, &format!("/v1/conversations/{conversation}"), ALL).json();
    now["head"].as_u64().unwrap()
}
