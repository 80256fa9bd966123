//! What Meta tells of customers, of replies and of the number, as a back office and whoever is on call see it.

use agent_core::time::Clock as _;
use serde_json::{Value, json};
use sutler::clock::SystemClock;
use sutler_tests::fake::graph::{Fate, payload};
use tokio::task::block_in_place;

use super::doubt::{NUMBER, conversation, graph, metric, on_whatsapp};
use super::http::{Events, ask, get};
use super::{ALL, Server};

fn told(port: u16, (body, signature): (Vec<u8>, String)) {
    let headers = [format!("x-hub-signature-256: {signature}")];
    let body = String::from_utf8(body).unwrap();
    assert_eq!(ask(port, "POST /webhooks/meta", &headers, &body).unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_customers_come_from_why_a_reply_failed_and_how_the_number_stands_is_told() {
    let graph = graph(Some(Fate::Fails(131_026))).await;
    let folder = tempfile::tempdir().unwrap();
    block_in_place(|| {
        let server = Server::with(folder.path(), &on_whatsapp(graph.base_url()));
        let port = server.port;
        let ad = json!({ "source_type": "ad", "source_url": "https://fb.me/1", "ctwa_clid": "c1" });
        let mut hello = payload::text("hello");
        hello["referral"] = ad.clone();
        told(port, graph.says("4915", &hello));
        let path = format!("/v1/conversations/{}/events", conversation(port));
        let mut events = Events::open(port, &path, ALL, 0);
        let heard = events.until(|it| it["from"] == "agent");
        let referrals: Vec<&Value> = heard.iter().filter_map(|it| it.get("referral")).collect();
        assert_eq!(referrals, [&ad], "{heard:?}");

        graph.statuses().into_iter().for_each(|status| told(port, status));
        let failed = events.until(|it| it["status"] == "failed");
        assert_eq!(failed.last().unwrap()["why"], "131026 told to fail", "{failed:?}");

        let standing = |level: u8| {
            let of = format!(r#"shop="one",channel="whatsapp",account="{NUMBER}""#);
            metric(port, &format!("sutler_account_standing{{{of}}} {level}"))
        };
        assert!(standing(0), "{}", get(port, "/metrics", "").body);
        let mut status = payload::status(&graph.taken()[0], "sent", SystemClock.now());
        status["pricing"]["category"] = "general_purpose_ai".into();
        told(port, graph.signed(&payload::statuses(NUMBER, &[status])));
        while !standing(1) {}
        let ready = get(port, "/readyz", "");
        assert_eq!((ready.status, &ready.json()["health"]), (200, &json!("degraded")), "{ready:?}");
        assert!(ready.body.contains("sends slowly: Meta bills the number"), "{ready:?}");
    });
}
