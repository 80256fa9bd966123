//! What a back office shows a customer on WhatsApp, and the file a customer sent.

use serde_json::json;
use sutler_tests::fake::graph::payload;
use tokio::task::block_in_place;

use super::doubt::{conversation, graph, on_whatsapp};
use super::http::{Events, ask, get, post};
use super::{ALL, READER, Server};

#[tokio::test(flavor = "multi_thread")]
async fn a_back_office_sees_a_customers_file_and_shows_them_a_place() {
    let graph = graph(None).await;
    let folder = tempfile::tempdir().unwrap();
    block_in_place(|| {
        let server = Server::with(folder.path(), &on_whatsapp(graph.base_url()));
        let port = server.port;
        let photo = graph.keeps("image/png", &b"a photo"[..]);
        let (body, signature) = graph.says("4915", &payload::image(&photo));
        let headers = [format!("x-hub-signature-256: {signature}")];
        let body = String::from_utf8(body).unwrap();
        assert_eq!(ask(port, "POST /webhooks/meta", &headers, &body).unwrap().status, 200);
        let id = conversation(port);
        let path = format!("/v1/conversations/{id}");
        let mut events = Events::open(port, &format!("{path}/events"), ALL, 0);
        let heard = events.until(|it| it["content"]["kind"] == "media");
        let seq = heard.last().unwrap()["seq"].as_u64().unwrap();
        let file = get(port, &format!("{path}/files/{seq}"), READER);
        assert_eq!((file.status, file.body.as_str()), (200, "a photo"));
        assert!(file.head.contains("content-type: image/png"), "{}", file.head);
        assert!(file.head.contains("content-disposition: attachment"), "{}", file.head);
        assert_eq!(get(port, &format!("{path}/files/{}", seq + 1), READER).status, 404);
        let place = json!({ "kind": "place", "name": "The shop", "address": "Harbour 1",
            "latitude": 52.52, "longitude": 13.4 });
        let show = |place| json!({ "id": "p1", "by": "Grace", "what": place });
        let answer = post(port, &format!("{path}/show"), READER, &show(place.clone())).unwrap();
        assert_eq!(answer.status, 403, "who only reads shows nothing");
        let far = json!({ "kind": "place", "name": "x", "address": "y", "latitude": 1, "longitude": 181 });
        assert_eq!(post(port, &format!("{path}/show"), ALL, &show(far)).unwrap().status, 422);
        assert_eq!(post(port, &format!("{path}/show"), ALL, &show(place)).unwrap().status, 202);
        events.until(|it| it["from"] == "person");
        let newest = graph.taken().pop().unwrap().body;
        assert_eq!(newest["location"]["latitude"], 52.52, "{newest}");
        assert_eq!(graph.read(), ["wamid.IN1"], "what is being answered is marked as read");
        assert_eq!(graph.faults(), [""; 0]);
    });
}
