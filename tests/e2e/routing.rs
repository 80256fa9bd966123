//! One webhook for all accounts of all shops: each message goes to the account it names, and nothing is acknowledged
//! that was not kept.

use std::sync::Arc;
use std::time::Duration;

use adapters::meta::messenger::Own;
use adapters::meta::webhook::{Front, Route, router};
use agent_core::evidence::Owner;
use agent_core::id::ShopId;
use agent_core::message::Address;
use agent_core::model::scripted::{Scripted, says};
use agent_core::store::fault::{Fault, FaultStore};
use agent_core::store::memory::MemoryStore;
use agent_core::time::turned::TurnedClock;
use serde_json::{Value, json};
use sutler_tests::fake::graph::payload;
use sutler_tests::world::meta::{OnWhatsApp, address, front, graph};
use sutler_tests::world::{Collected, Member, SHOP, START, World};

use crate::hostile::pack;
use crate::whatsapp::member;

const OTHER: ShopId = ShopId(2);
/// Which shop has which account.
const ACCOUNTS: [(ShopId, &str, &str); 5] = [
    (SHOP, "whatsapp", "77"),
    (OTHER, "whatsapp", "78"),
    (SHOP, "messenger", "101"),
    (OTHER, "messenger", "102"),
    (OTHER, "instagram", "101"),
];

async fn shops(clock: &Arc<TurnedClock>) -> (World, Front) {
    let of = |shop: ShopId| {
        let model = Scripted::by(|_| Ok(says("Hello.")));
        let mut member = Member { id: shop, ..Member::new(&pack("retail"), Arc::new(model)) };
        let theirs = ACCOUNTS.iter().filter(|(owner, ..)| *owner == shop);
        let collects = |(_, kind, name): &(ShopId, &str, &str)| {
            ((*kind).into(), (*name).into(), Arc::new(Collected::default()) as Arc<_>)
        };
        member.accounts = theirs.map(collects).collect();
        member
    };
    let store = Arc::new(MemoryStore::new());
    let world = World::on((store.clone(), store), clock.clone(), vec![of(SHOP), of(OTHER)]).await;
    let routes = ACCOUNTS.iter().map(|(shop, kind, name)| Route {
        shop: *shop,
        channel: (*kind).into(),
        account: (*name).into(),
        business: None,
        number: None,
        quiet: Duration::from_secs(if *name == "77" { 60 } else { 600 }),
    });
    let front = front(&world, clock.clone(), "whatsapp".into(), Own::default());
    let front = Front { routes: routes.collect(), ..front };
    (world, front)
}

/// What somebody said to an account of a shop, if the shop heard of them.
async fn said(world: &World, shop: ShopId, kind: &str, account: &str, who: &str) -> Option<String> {
    let at = Address {
        channel: kind.into(),
        account: account.into(),
        thread: who.to_owned(),
        author: who.to_owned(),
    };
    let journal = world.house.find(shop, &at).await.unwrap()?;
    Some(format!("{:?}", world.state(journal).await.transcript))
}

#[tokio::test]
async fn each_message_of_a_body_goes_to_the_account_it_names() {
    let clock = Arc::new(TurnedClock::new(START));
    let (world, front) = shops(&clock).await;
    let change = |number: &str, said: &[(&str, &str)]| -> Value {
        let message = |(n, (who, words)): (usize, &(&str, &str))| {
            json!({ "from": who, "id": format!("wamid.{number}.{who}.{n}"), "type": "text",
                "timestamp": "1793491200", "text": { "body": words } })
        };
        let messages: Vec<Value> = said.iter().enumerate().map(message).collect();
        payload::change(number, "messages", json!({ "messages": messages }))["entry"][0]["changes"]
            [0]
        .clone()
    };
    // Nobody has 79: what is said there is nobody's, and costs nobody anything.
    let entries = json!([
        { "id": "B1", "changes": [
            change("77", &[("4915", "to one"), ("4916", "me too"), ("4915", "and more")]),
            change("78", &[("4915", "to the other")]),
        ] },
        { "id": "B2", "changes": [change("79", &[("4915", "to nobody")])] },
        { "id": "B3", "changes": [change("78", &[("4917", "late")])] },
    ]);
    let event = |page: &str, who: &str, words: &str| {
        json!({ "sender": { "id": who }, "recipient": { "id": page },
            "timestamp": 1_793_491_200_000_i64,
            "message": { "mid": format!("m.{page}.{who}.{words}"), "text": words } })
    };
    let pages = json!([
        { "id": "101", "messaging": [event("101", "5", "to a page"), event("101", "6", "me too")] },
        { "id": "102", "messaging": [event("102", "5", "to another page")] },
    ]);
    let pictures = json!([{ "id": "101", "messaging": [event("101", "5", "to an account")] }]);
    for (object, entries) in
        [("whatsapp_business_account", entries), ("page", pages), ("instagram", pictures)]
    {
        let body = json!({ "object": object, "entry": entries });
        front.take(&payload::wire(&body)).await.unwrap();
    }
    world.settled().await;
    let expected: [(&str, &str, &str, &[&str]); 7] = [
        ("whatsapp", "77", "4915", &["to one", "and more"]),
        ("whatsapp", "77", "4916", &["me too"]),
        ("whatsapp", "78", "4915", &["to the other"]),
        ("whatsapp", "78", "4917", &["late"]),
        ("messenger", "101", "5", &["to a page"]),
        ("messenger", "102", "5", &["to another page"]),
        ("instagram", "101", "5", &["to an account"]),
    ];
    for (kind, account, who, words) in expected {
        let (owner, ..) =
            *ACCOUNTS.iter().find(|(_, it, name)| (*it, *name) == (kind, account)).unwrap();
        for shop in [SHOP, OTHER] {
            let told = said(&world, shop, kind, account, who).await;
            assert_eq!(told.is_some(), shop == owner, "{told:?}");
            let Some(told) = told else { continue };
            assert!(words.iter().all(|it| told.contains(it)), "{told}");
            assert_eq!(told.matches("Customer {").count(), words.len(), "and nothing else: {told}");
        }
    }
}

#[tokio::test]
async fn each_account_is_silent_for_as_long_as_its_own_person_has_it() {
    let clock = Arc::new(TurnedClock::new(START));
    let (world, front) = shops(&clock).await;
    for (shop, number, seconds) in [(SHOP, "77", 60), (OTHER, "78", 600)] {
        let echo = json!({ "id": format!("wamid.E{number}"), "to": "4915", "type": "text",
            "timestamp": (START.0 / 1_000_000).to_string(), "text": { "body": "This is Eve." } });
        let echoes = json!({ "message_echoes": [echo] });
        let body = payload::change(number, "smb_message_echoes", echoes);
        front.take(&payload::wire(&body)).await.unwrap();
        world.settled().await;
        let at = Address { account: number.into(), ..address("4915") };
        let journal = world.house.find(shop, &at).await.unwrap().unwrap();
        let until = Some(START.after(Duration::from_secs(seconds)));
        let owner = world.state(journal).await.owner;
        assert_eq!(owner, Owner::Person { who: "person".into(), until }, "{number}");
    }
}

#[tokio::test]
async fn what_could_not_be_kept_is_refused_and_taken_when_it_is_told_again() {
    let clock = Arc::new(TurnedClock::new(START));
    let graph = graph(&clock).await;
    let (body, signature) = graph.says("4915", &payload::text("hello"));
    let mut refusals = 0;
    loop {
        let inner = Arc::new(MemoryStore::new());
        let store = Arc::new(FaultStore::new(inner.clone(), refusals + 1, Fault::Before));
        let shop = OnWhatsApp::open(&graph, (store, inner.clone()), clock.clone(), member()).await;
        let OnWhatsApp { world, front } = shop;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = format!("http://{}/", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, router(front)).await });
        let post = || async {
            let request = reqwest::Client::new().post(&at).body(body.clone());
            let request = request.header("X-Hub-Signature-256", signature.clone());
            request.send().await.unwrap().status().as_u16()
        };
        let first = post().await;
        let kept = world.house.find(SHOP, &address("4915")).await.unwrap().is_some();
        assert_eq!(first == 200, kept, "call {refusals}: {first}");
        let second = post().await;
        assert_eq!(second, 200, "call {refusals}");
        task.abort();
        if first == 200 {
            break;
        }
        assert_eq!(first, 503);
        refusals += 1;
    }
    assert!(refusals > 1, "{refusals} calls of the store come before the answer");
}
