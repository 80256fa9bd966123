//! What a back office shows a customer on WhatsApp, and the file a customer sent.

use serde_json::{Value, json};
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
        let taken = graph.taken();
        let place = taken.iter().find_map(|it| it.body.get("location"));
        assert_eq!(place.unwrap()["latitude"], 52.52, "{taken:?}");
        assert_eq!(graph.read(), ["wamid.IN1"], "what is being answered is marked as read");
        assert_eq!(graph.faults(), [""; 0]);
    });
}

/// A picture with a link.
fn slide(n: u8) -> Value {
    let url = format!("https://shop.example/{n}");
    json!({ "file": format!("{url}.jpg"), "mime": "image/jpeg",
        "tap": { "kind": "link", "label": "Look", "url": url } })
}

/// A picture with two answers.
fn asks(n: u8) -> Value {
    let reply = |word: &str| json!({ "label": word, "says": format!("{word}, of {n}") });
    json!({ "file": format!("https://shop.example/{n}.jpg"), "mime": "image/jpeg",
        "tap": { "kind": "replies", "replies": [reply("More"), reply("This one")] } })
}

fn row(slides: &[Value]) -> Value {
    json!({ "kind": "carousel", "text": "New:", "slides": slides })
}

fn button(place: u8, fill: &Value) -> Value {
    json!({ "place": place, "fill": fill })
}

fn template(buttons: &[Value]) -> Value {
    json!({ "kind": "template", "name": "shipped", "slots": [{ "slot": "1", "text": "Ada" }],
        "header": { "kind": "file", "file": "https://shop.example/a.pdf",
            "mime": "application/pdf" },
        "buttons": buttons })
}

/// A card of a template.
fn card(n: u8) -> Value {
    let top = format!("https://shop.example/{n}.jpg");
    let link = json!({ "kind": "link", "end": n.to_string() });
    json!({ "shows": { "kind": "file", "file": top, "mime": "image/jpeg" },
        "buttons": [button(0, &link)] })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_back_office_asks_for_a_number_and_shows_rows_and_templates() {
    let graph = graph(None).await;
    let folder = tempfile::tempdir().unwrap();
    block_in_place(|| {
        let server = Server::with(folder.path(), &on_whatsapp(graph.base_url()));
        let port = server.port;
        let tell = |kind: &Value| {
            let (body, signature) = graph.says("DE.9", kind);
            let headers = [format!("x-hub-signature-256: {signature}")];
            let body = String::from_utf8(body).unwrap();
            assert_eq!(ask(port, "POST /webhooks/meta", &headers, &body).unwrap().status, 200);
        };
        tell(&payload::text("hello"));
        let path = format!("/v1/conversations/{}", conversation(port));
        let mut events = Events::open(port, &format!("{path}/events"), ALL, 0);
        events.until(|it| it["from"] == "agent");
        let show = |id: &str, what: &Value| {
            let body = json!({ "id": id, "by": "Grace", "what": what });
            post(port, &format!("{path}/show"), ALL, &body).unwrap().status
        };
        assert_eq!(show("one", &row(&[slide(1)])), 422, "a row of one");
        let mut none = asks(1);
        none["tap"]["replies"] = json!([]);
        assert_eq!(show("none", &row(&[none.clone(), none])), 422, "nothing to tap");
        let form = json!({ "kind": "form" });
        assert_eq!(show("ten", &template(&[button(10, &form)])), 422);
        let offer = json!({ "kind": "template", "name": "offer", "until": 1_893_456_000,
            "cards": [card(1), card(2)] });
        let voice = json!({ "kind": "file", "file": "https://shop.example/a.ogg",
            "mime": "audio/ogg", "voice": true, "name": "a.ogg" });
        let reply = json!({ "kind": "reply", "label": "Monday", "says": "On Monday." });
        let shown = [
            (json!({ "kind": "ask_contact", "text": "Your number?" }), "/interactive/type"),
            (json!({ "kind": "ask_address", "text": "Where to?" }), "/text/body"),
            (row(&[slide(1), slide(2)]), "/interactive/type"),
            (
                row(&[asks(1), asks(2)]),
                "/interactive/action/cards/1/action/buttons/1/quick_reply/title",
            ),
            (offer, "/template/components/1/cards/1/components/1/parameters/0/text"),
            (voice, "/type"),
            (template(&[button(0, &reply), button(1, &form)]), "/template/name"),
        ];
        let mut found = Vec::new();
        for (n, (what, path)) in shown.iter().enumerate() {
            let seen = graph.taken().len();
            assert_eq!(show(&format!("s{n}"), what), 202, "{what}");
            events.until(|it| it["from"] == "person");
            let newest = graph.taken().get(seen).unwrap().body.clone();
            found.push(newest.pointer(path).unwrap().as_str().unwrap().to_owned());
        }
        let expected =
            ["request_contact_info", "Where to?", "carousel", "This one", "2", "audio", "shipped"];
        assert_eq!(found, expected);
        tell(&payload::contact("4915", true));
        let told = events.until(|it| it["content"]["what"] == "contact");
        assert_eq!(told.last().unwrap()["content"]["text"], "+4915");
        // Meta puts up to 3 MB into one body; the program's own limit is far below.
        let mut long = payload::text("a long body");
        long["unknown"] = "x".repeat((3 << 20) - 1_000).into();
        tell(&long);
        events.until(|it| it["content"]["text"] == "a long body");
        assert_eq!(graph.faults(), [""; 0]);
    });
}
