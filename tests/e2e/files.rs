//! Files of customers, files of the shop, and what people of the shop show beside words.

use std::sync::Arc;

use adapters::meta::messenger::Platform;
use agent_core::channel::{Channel, FileError};
use agent_core::digest::Digest;
use agent_core::message::{Address, Block, MediaRef, Native};
use agent_core::store::memory::MemoryStore;
use agent_core::time::Clock as _;
use agent_core::time::turned::TurnedClock;
use serde_json::{Value, json};
use sutler_tests::fake::graph::payload;
use sutler_tests::world::meta::{OnWhatsApp, address, graph};
use sutler_tests::world::{SHOP, START};

use crate::whatsapp::open;

fn channel(shop: &OnWhatsApp) -> Arc<dyn Channel> {
    shop.world.house.channel(SHOP, &address("4915")).unwrap().clone()
}

#[tokio::test]
async fn a_customers_file_is_fetched_whole_or_not_at_all() {
    let (shop, graph, _) = open().await;
    let channel = channel(&shop);
    let photo = graph.keeps("image/png", &b"a photo"[..]);
    let file = channel.file(&photo).await.unwrap();
    assert_eq!((file.mime.as_str(), file.bytes.as_ref()), ("image/png", &b"a photo"[..]));
    let refused = |media: MediaRef| {
        let channel = channel.clone();
        async move { matches!(channel.file(&media).await, Err(FileError::Refused(_))) }
    };
    let other = Some(Digest::of(b"another"));
    assert!(refused(MediaRef { sha256: other, ..photo.clone() }).await, "another hash");
    let link = |url: String| MediaRef { id: url, sha256: None, ..photo.clone() };
    let at = format!("{}/files/{}", graph.base_url(), photo.id);
    assert!(!refused(link(at.clone())).await, "a link at Meta");
    let short = MediaRef { bytes: Some(3), ..link(at.clone()) };
    assert!(refused(short).await, "another length");
    let elsewhere =
        ["https://evil.example/a", "http://lookaside.fbsbx.com/a", "https://fbsbx.com.evil/a"];
    for url in elsewhere {
        assert!(refused(link(url.to_owned())).await, "{url}");
    }
    let huge = graph.keeps("image/png", vec![0; (5 << 20) + 1]);
    assert!(refused(huge).await, "longer than pictures are");
    let gone = MediaRef { id: "404".to_owned(), ..photo };
    assert!(matches!(channel.file(&gone).await, Err(FileError::Gone(_))));
}

#[tokio::test]
async fn a_picture_may_be_longer_on_instagram() {
    let clock = Arc::new(TurnedClock::new(START));
    let (graph, store) = (graph(&clock).await, Arc::new(MemoryStore::new()));
    let shop = OnWhatsApp::on(
        Platform::Instagram,
        &graph,
        (store.clone(), store),
        (clock, crate::whatsapp::member()),
    );
    let at = Address { channel: "instagram".into(), ..address("ada") };
    let channel = shop.await.world.house.channel(SHOP, &at).unwrap().clone();
    for (bytes, fits) in [((5 << 20) + 1, true), ((25 << 20) + 1, false)] {
        let lies = graph.keeps("image/png", vec![0; bytes]);
        let id = format!("{}/files/{}", graph.base_url(), lies.id);
        let photo = MediaRef { id, mime: "image/*".to_owned(), ..MediaRef::default() };
        let file = channel.file(&photo).await;
        assert_eq!(file.is_ok(), fits, "{bytes} bytes: {:?}", file.err());
    }
}

#[tokio::test]
async fn what_a_person_shows_is_shown_as_whatsapp_has_it() {
    let (shop, graph, _) = open().await;
    shop.answered(&graph, "4915", "hello").await;
    let place = Native::Place {
        name: "The shop".to_owned(),
        address: String::new(),
        lat_e6: 52_520_000,
        lon_e6: -13_400_000,
    };
    let contact = Native::Contact { name: "Eve".to_owned(), phone: "+49 30 1".to_owned() };
    let reaction = Native::Reaction { to: "wamid.IN1".into(), emoji: Some("👍".to_owned()) };
    let picture = MediaRef {
        id: "https://cdn.other.example/a.jpg".to_owned(),
        mime: "image/jpeg".to_owned(),
        ..MediaRef::default()
    };
    let shown: [(Block, &str, Value); 5] = [
        (
            Block::Native(place),
            "location",
            json!({ "latitude": 52.52, "longitude": -13.4, "name": "The shop" }),
        ),
        (
            Block::Native(contact),
            "contacts",
            json!([{ "name": { "formatted_name": "Eve", "first_name": "Eve" },
                "phones": [{ "phone": "+49 30 1", "type": "WORK" }] }]),
        ),
        (Block::Native(reaction), "reaction", json!({ "message_id": "wamid.IN1", "emoji": "👍" })),
        (
            Block::Media { media: picture, caption: "This one".to_owned() },
            "image",
            json!({ "link": "https://cdn.other.example/a.jpg", "caption": "This one" }),
        ),
        // Neither catalogue nor forms are configured here: words alone.
        (
            Block::Form { name: "fit".into(), ask: "Which size?".to_owned() },
            "text",
            json!({ "body": "Which size?", "preview_url": false }),
        ),
    ];
    for (n, (block, kind, content)) in shown.into_iter().enumerate() {
        shop.shows("4915", &format!("show{n}"), block).await;
        let newest = graph.taken().pop().unwrap().body;
        assert_eq!((&newest["type"], &newest[kind]), (&json!(kind), &content));
    }
    assert_eq!(graph.faults(), [""; 0]);
}

#[tokio::test]
async fn a_file_of_the_shop_is_brought_once_and_sent_by_its_id() {
    let (shop, graph, _) = open().await;
    shop.answered(&graph, "4915", "hello").await;
    let lies = graph.keeps("image/jpeg", &b"a picture\r\n--with a line"[..]);
    let link = format!("{}/shop/{}", graph.base_url(), lies.id);
    let media = MediaRef { id: link.clone(), sha256: None, ..lies };
    for n in 0..2 {
        let block = Block::Media { media: media.clone(), caption: String::new() };
        shop.shows("4915", &format!("f{n}"), block).await;
        let newest = graph.taken().pop().unwrap().body;
        assert_eq!(newest["image"], json!({ "id": "901" }), "brought once");
    }
    let lies = graph.file("901").unwrap();
    assert_eq!((lies.mime.as_str(), lies.name.as_str()), ("image/jpeg", "file"));
    assert_eq!(lies.bytes.as_ref(), &b"a picture\r\n--with a line"[..]);
    // What can't be brought is left to Meta: what is gone, and what only our key opens.
    let customers = format!("{}/files/{}", graph.base_url(), graph.keeps("image/png", "hers").id);
    for (n, link) in [format!("{link}1"), customers].into_iter().enumerate() {
        let media = MediaRef { id: link.clone(), ..media.clone() };
        let block = Block::Media { media, caption: String::new() };
        shop.shows("4915", &format!("gone{n}"), block).await;
        assert_eq!(graph.taken().pop().unwrap().body["image"], json!({ "link": link }));
    }
    assert_eq!(graph.faults(), [""; 0]);
}

#[tokio::test]
async fn a_document_keeps_its_name_on_the_way_and_where_it_is_shown() {
    let (shop, graph, _) = open().await;
    shop.answered(&graph, "4915", "hello").await;
    let lies = graph.keeps("application/pdf", &b"an invoice"[..]);
    let link = format!("{}/shop/{}", graph.base_url(), lies.id);
    let name = Some("Rechnung \"Ü\"/12.pdf\r\n".into());
    let media = MediaRef { id: link, name, sha256: None, ..lies };
    shop.shows("4915", "d", Block::Media { media, caption: String::new() }).await;
    let shown = json!({ "id": "901", "filename": "Rechnung Ü12.pdf" });
    assert_eq!(graph.taken().pop().unwrap().body["document"], shown);
    let lies = graph.file("901").unwrap();
    assert_eq!((lies.name.as_str(), lies.bytes.as_ref()), ("Rechnung Ü12.pdf", &b"an invoice"[..]));
    assert_eq!(graph.faults(), [""; 0]);
}

#[tokio::test]
async fn somebody_speaking_is_a_voice_message_and_music_is_not() {
    let (shop, graph, _) = open().await;
    shop.answered(&graph, "4915", "hello").await;
    for (n, (mime, voice)) in
        [("audio/ogg; codecs=opus", true), ("audio/ogg", false), ("audio/mpeg", true)]
            .into_iter()
            .enumerate()
    {
        let media = MediaRef {
            id: "1013859600285441".to_owned(),
            mime: mime.to_owned(),
            voice,
            ..MediaRef::default()
        };
        shop.shows("4915", &format!("v{n}"), Block::Media { media, caption: String::new() }).await;
        let sent = graph.taken().pop().unwrap().body["audio"].clone();
        let spoken = voice && mime.starts_with("audio/ogg");
        assert_eq!(sent.get("voice").is_some(), spoken, "{mime}");
    }
    assert_eq!(graph.faults(), [""; 0]);
}

#[tokio::test]
async fn a_payment_is_told_once_and_under_its_reference() {
    let (shop, graph, clock) = open().await;
    shop.answered(&graph, "4915", "hello").await;
    let paid = payload::payment("4915", "r1", "captured", clock.now());
    let told = graph.signed(&payload::statuses("77", &[paid.clone(), paid]));
    shop.told(&told).await;
    shop.told(&told).await;
    let state = shop.conversation("4915").await;
    let happenings: Vec<String> = state
        .transcript
        .iter()
        .map(|entry| format!("{entry:?}"))
        .filter(|entry| entry.contains("payment_captured"))
        .collect();
    let [happening] = happenings.as_slice() else { panic!("{happenings:?}") };
    assert!(happening.contains("r1") && happening.contains("2000"), "{happening}");
}
