//! A shop on WhatsApp before the fake Graph API: what goes out is within every limit, nothing is lost or said twice.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use agent_core::evidence::Owner;
use agent_core::message::Status;
use agent_core::model::scripted::{Scripted, says};
use agent_core::store::memory::MemoryStore;
use agent_core::time::Clock as _;
use agent_core::time::turned::TurnedClock;
use serde_json::json;
use sutler_tests::fake::graph::{FakeGraph, Fate, payload};
use sutler_tests::mutate;
use sutler_tests::world::meta::{NUMBER, OnWhatsApp, SECRET, VERIFY, address, graph, words};
use sutler_tests::world::{Member, SHOP, START};

use crate::hostile::pack;

pub(crate) fn member() -> Member {
    Member::new(&pack("retail"), Arc::new(Scripted::by(|_| Ok(says("Hello.")))))
}

pub(crate) async fn open() -> (OnWhatsApp, FakeGraph, Arc<TurnedClock>) {
    open_with(member()).await
}

pub(crate) async fn open_with(member: Member) -> (OnWhatsApp, FakeGraph, Arc<TurnedClock>) {
    let clock = Arc::new(TurnedClock::new(START));
    let (graph, store) = (graph(&clock).await, Arc::new(MemoryStore::new()));
    let shop = OnWhatsApp::open(&graph, (store.clone(), store), clock.clone(), member).await;
    (shop, graph, clock)
}

fn statuses(state: &agent_core::conversation::Conversation) -> Vec<Status> {
    state.deliveries.parts.iter().map(|sent| sent.status.clone()).collect()
}

#[tokio::test]
async fn a_customer_is_answered_once_however_often_and_in_whatever_order_it_is_told() {
    let (shop, graph, _) = open().await;
    let told = graph.says("4915", &payload::text("hello"));
    for _ in 0..3 {
        shop.told(&told).await;
    }
    shop.world.deliver_and_settle().await;
    let taken = graph.taken();
    assert_eq!(taken.len(), 1, "greeting and answer are one message: {taken:?}");
    assert!(words(&taken[0].body).ends_with("Hello."), "{taken:?}");
    for status in graph.statuses() {
        shop.told(&status).await;
        shop.told(&status).await;
    }
    assert_eq!(statuses(&shop.conversation("4915").await), [Status::Read]);
    assert_eq!(graph.faults(), [""; 0]);
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_its_status_and_a_lost_send_is_sent_once_more() {
    for (fate, told) in [(Fate::Lost, true), (Fate::Gone, false)] {
        let (shop, graph, clock) = open().await;
        graph.fate([fate.clone()]);
        shop.answered(&graph, "4915", "hello").await;
        assert_eq!(graph.taken().len(), usize::from(told), "{fate:?}");
        assert_eq!(statuses(&shop.conversation("4915").await), [Status::Ambiguous]);
        for status in graph.statuses() {
            shop.told(&status).await;
        }
        for _ in 0..3 {
            clock.turn(Duration::from_secs(600));
            shop.world.deliver_and_settle().await;
        }
        assert_eq!(graph.taken().len(), 1, "{fate:?}");
    }
}

#[tokio::test]
async fn refusals_have_their_class() {
    let (shop, graph, clock) = open().await;
    // Too often for this customer: 4 seconds, then 16.
    graph.fate([Fate::Code(429, 131_056), Fate::Code(429, 131_056)]);
    shop.answered(&graph, "4915", "hello").await;
    for (turn, taken) in [(3, 0), (1, 0), (15, 0), (1, 1)] {
        clock.turn(Duration::from_secs(turn));
        shop.world.deliver_and_settle().await;
        assert_eq!(graph.taken().len(), taken, "after {turn} more");
    }
    // The platform says that the window is closed: held, and nothing freely.
    graph.fate([Fate::Code(400, 131_047)]);
    shop.answered(&graph, "4915", "and?").await;
    let newest = statuses(&shop.conversation("4915").await).pop();
    assert_eq!(newest, Some(Status::Held("send.window".into())));
    let freely = |taken: &sutler_tests::fake::graph::Taken| taken.body["type"] != "template";
    assert_eq!(graph.taken().iter().filter(|taken| freely(taken)).count(), 1);
    // The customer can't be reached: failed, and not tried again.
    graph.fate([Fate::Code(400, 131_026)]);
    shop.answered(&graph, "4916", "hello").await;
    let newest = statuses(&shop.conversation("4916").await).pop();
    assert!(matches!(newest, Some(Status::Failed(why)) if why.contains("131026")));
}

#[tokio::test]
async fn an_account_that_sent_too_much_waits_for_as_long_as_meta_says() {
    let (shop, graph, clock) = open().await;
    graph.fate([Fate::Busy(3)]);
    for who in ["4915", "4916"] {
        shop.answered(&graph, who, "hello").await;
    }
    for (turn, taken) in [(179, 0), (1, 2)] {
        clock.turn(Duration::from_secs(turn));
        shop.world.deliver_and_settle().await;
        assert_eq!(graph.taken().len(), taken, "after {turn} more");
    }
}

#[tokio::test]
async fn what_meta_says_of_a_number_and_its_templates_holds_for_what_waits() {
    let (shop, graph, clock) = open().await;
    let news = |field: &str, value: serde_json::Value| {
        let change = json!({ "field": field, "value": value });
        let entry =
            json!({ "id": "BUSINESS", "time": clock.now().0 / 1_000_000, "changes": [change] });
        graph.signed(&json!({ "object": "whatsapp_business_account", "entry": [entry] }))
    };
    shop.told(&graph.says("4915", &payload::text("hello"))).await;
    let restricted = json!([{ "restriction_type": "RESTRICTED_CUSTOMER_INITIATED_MESSAGING",
        "expiration": START.0 / 1_000_000 + 3_600 }]);
    let restricted = json!({ "event": "ACCOUNT_RESTRICTION", "restriction_info": restricted });
    shop.told(&news("account_update", restricted)).await;
    for (turn, taken) in [(0, 0), (3_599, 0), (1, 1)] {
        clock.turn(Duration::from_secs(turn));
        shop.world.deliver_and_settle().await;
        assert_eq!(graph.taken().len(), taken, "after {turn} more");
    }
    shop.told(&graph.says("4915", &payload::text("and?"))).await;
    let paused = json!({ "event": "PAUSED", "message_template_name": "we_answered",
        "message_template_language": "en" });
    shop.told(&news("message_template_status_update", paused)).await;
    clock.turn(Duration::from_secs(24 * 3_600));
    shop.world.deliver_and_settle().await;
    assert_eq!(graph.taken().len(), 1, "neither the reply nor the template that would invite");
    assert_eq!(graph.faults(), [""; 0]);
}

#[tokio::test]
async fn what_a_customer_prefers_is_their_consent_and_is_not_answered() {
    let (shop, graph, _) = open().await;
    shop.answered(&graph, "4915", "hello").await;
    // The last one was wished before the second, and is told after it.
    for (wish, before, given) in [("resume", 9, true), ("stop", 5, false), ("signup", 7, false)] {
        let wish = json!([{ "wa_id": "4915", "category": "marketing_messages", "value": wish,
            "timestamp": START.0 / 1_000_000 - before }]);
        let told = json!({ "user_preferences": wish });
        shop.told(&graph.signed(&payload::change(NUMBER, "user_preferences", told))).await;
        shop.world.deliver_and_settle().await;
        let customer = shop.conversation("4915").await.customer.unwrap();
        let customer = shop.world.house.customer(SHOP, customer).await.unwrap();
        assert_eq!((customer.consent.contains("marketing"), customer.opted_out()), (given, false));
    }
    assert_eq!(graph.taken().len(), 1);
}

#[tokio::test]
async fn who_answers_in_a_chat_is_handed_over_and_back() {
    let (shop, graph, _) = open().await;
    shop.answered(&graph, "4915", "hello").await;
    for (event, answers) in [("control_taken", 1), ("control_passed", 2)] {
        let told = json!({ "sender": { "phone_number": "4915" }, "event": event,
            "timestamp": (START.0 / 1_000_000).to_string() });
        shop.told(&graph.signed(&payload::change(NUMBER, "messaging_handovers", told))).await;
        shop.answered(&graph, "4915", "and now?").await;
        assert_eq!(graph.taken().len(), answers, "{event}");
    }
}

#[tokio::test]
async fn a_key_that_is_refused_is_not_tried_with_every_chat() {
    let (shop, graph, clock) = open().await;
    graph.fate([Fate::Code(401, 190)]);
    for who in ["4915", "4916"] {
        shop.answered(&graph, who, "hello").await;
    }
    assert_eq!(graph.taken().len(), 0, "whoever came second would be refused alike");
    clock.turn(Duration::from_secs(30));
    shop.world.deliver_and_settle().await;
    assert_eq!(graph.taken().len(), 2);
}

#[tokio::test]
async fn nothing_goes_after_stop_in_standby_or_at_24_hours_though_it_waited() {
    let (shop, graph, _) = open().await;
    shop.answered(&graph, "4915", "hello").await;
    shop.told(&graph.says("4915", &payload::text("and?"))).await;
    shop.told(&graph.says("4915", &payload::text("STOP"))).await;
    shop.world.deliver_and_settle().await;
    let texts: Vec<String> = graph.taken().iter().map(|it| words(&it.body).to_owned()).collect();
    assert_eq!(texts.len(), 2, "the greeting and one confirmation: {texts:?}");
    shop.answered(&graph, "4915", "are you there?").await;
    assert_eq!(graph.taken().len(), 2, "silence");
    // Standby: another app owns the chat.
    shop.told(&graph.says("4916", &payload::text("hello"))).await;
    let told = payload::standby(NUMBER, "4916", "to the other", START);
    shop.told(&graph.signed(&told)).await;
    shop.world.deliver_and_settle().await;
    let state = shop.conversation("4916").await;
    assert!(matches!(state.owner, Owner::Person { .. }), "{:?}", state.owner);
    assert_eq!(graph.taken().len(), 2, "what waited is held back");
    assert_eq!(graph.faults(), [""; 0]);
}

#[tokio::test]
async fn what_nobody_can_read_is_answered_once_and_not_with_each_vote() {
    let (shop, graph, clock) = open().await;
    let errors = json!([{ "code": 131_051, "title": "Message type unknown" }]);
    let poll =
        json!({ "type": "unsupported", "unsupported": { "type": "poll" }, "errors": errors });
    let sends = async |kind: &serde_json::Value, sent: usize| {
        shop.told(&graph.says("4915", kind)).await;
        shop.world.deliver_and_settle().await;
        assert_eq!(graph.taken().len(), sent, "{kind}");
        clock.turn(Duration::from_secs(10));
    };
    sends(&poll, 1).await;
    for _ in 0..3 {
        sends(&poll, 1).await;
    }
    sends(&payload::text("which one is warmer?"), 2).await;
    sends(&poll, 3).await;
    clock.turn(Duration::from_secs(600));
    sends(&poll, 4).await;
}

#[tokio::test]
async fn a_customer_without_a_number_is_the_same_under_their_id() {
    let (shop, graph, _) = open().await;
    shop.answered(&graph, "4915", "hello").await;
    let known = |from: Option<&str>, id: &str, words: &str| {
        let mut message = json!({ "id": id, "timestamp": "1793491200", "type": "text",
            "text": { "body": words }, "from_user_id": "DE.abc9" });
        if let Some(from) = from {
            message["from"] = from.into();
        }
        let body = payload::change(NUMBER, "messages", json!({ "messages": [message] }));
        graph.signed(&body)
    };
    shop.told(&known(Some("4915"), "wamid.B1", "with both")).await;
    shop.told(&known(None, "wamid.B2", "with the id alone")).await;
    let by_number = shop.conversation("4915").await;
    let texts = format!("{:?}", by_number.transcript);
    assert!(texts.contains("with both") && texts.contains("with the id alone"), "{texts}");
    assert_eq!(by_number.address.unwrap().author, "DE.abc9", "answered where they wrote last");
    // The id changes: the old one is nobody's any more.
    let update = json!([{ "user_id": { "previous": "DE.abc9", "current": "DE.new1" },
        "timestamp": "1793491200" }]);
    let body = payload::change(NUMBER, "user_id_update", json!({ "user_id_update": update }));
    shop.told(&graph.signed(&body)).await;
    let find = |author: &str| {
        let mut at = address(author);
        author.clone_into(&mut at.thread);
        let house = shop.world.house.clone();
        async move { house.find(SHOP, &at).await.unwrap() }
    };
    assert!(find("DE.abc9").await.is_none());
    assert_eq!(find("DE.new1").await, find("4915").await);
}

#[tokio::test]
async fn the_webhook_shakes_hands_and_tells_what_is_metas() {
    let (shop, graph, _) = open().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}/", listener.local_addr().unwrap());
    let OnWhatsApp { world, front } = shop;
    let routes = adapters::meta::webhook::router(front);
    let task = tokio::spawn(async move { axum::serve(listener, routes).await });
    let http = reqwest::Client::new();
    let get = |query: String| {
        let (http, at) = (http.clone(), at.clone());
        async move {
            let answer = http.get(format!("{at}?{query}")).send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        }
    };
    let hands = |token: &str, challenge: &str| {
        format!("hub.mode=subscribe&hub.verify_token={token}&hub.challenge={challenge}")
    };
    assert_eq!(get(hands(VERIFY, "1158201444")).await, (200, "1158201444".to_owned()));
    let escaped = VERIFY.replace('-', "%2D");
    assert_eq!(get(hands(&escaped, "1158201444")).await.0, 200, "a word may be escaped");
    assert_eq!(get(hands("other", "1158201444")).await.0, 403);
    assert_eq!(get(hands(VERIFY, "%3Cscript%3E")).await.0, 403);
    let post = |body: Vec<u8>, signature: String| {
        let (http, at) = (http.clone(), at.clone());
        async move {
            let request = http.post(at).header("X-Hub-Signature-256", signature).body(body);
            request.send().await.unwrap().status().as_u16()
        }
    };
    let (body, signature) = graph.says("4915", &payload::text("hello"));
    assert_eq!(post(body.clone(), signature.replace('a', "b")).await, 401);
    assert_eq!(post(body.clone(), String::new()).await, 401);
    assert_eq!(post(body, signature).await, 200);
    world.settled().await;
    // Meta puts up to 3 MB into one body.
    for (bytes, status) in [(3 << 20, 200), (4 << 20, 413)] {
        let (mut body, _) = graph.says("4915", &payload::text("hello"));
        body.resize(bytes, b' ');
        let signature = adapters::meta::signature::sign(SECRET, &body);
        assert_eq!(post(body, signature).await, status, "{bytes} bytes");
    }
    let garbage = b"{\"object\":\"whatsapp_business_account\",\"entry\":[{".to_vec();
    let signature = adapters::meta::signature::sign(SECRET, &garbage);
    assert_eq!(post(garbage, signature).await, 200, "kept, or Meta would send it for a week");
    world.settled().await;
    let account = agent_core::id::JournalId::account(SHOP, &"whatsapp".into(), &"77".into());
    assert_eq!(world.log(account).await.len(), 1);
    task.abort();
}

#[test]
fn damaged_webhooks_are_read_or_said_to_be_unreadable() {
    let mut bodies = mutate::bodies();
    let unread: Vec<&Vec<u8>> = bodies.iter().filter(|body| mutate_one(body)).collect();
    assert!(unread.is_empty(), "what is whole is read");
    for folder in ["whatsapp", "whatsapp-edge", "messenger", "instagram"] {
        let files = std::fs::read_dir(format!("../../shared/fixtures/{folder}"));
        bodies.extend(
            files.into_iter().flatten().filter_map(|it| std::fs::read(it.ok()?.path()).ok()),
        );
    }
    let run = mutate::run(5_000, 3, &bodies);
    assert!(run.read > 1_000 && run.unread > 100 && run.news > 1_000, "{run:?}");
}

/// Whether a whole body can't be read.
fn mutate_one(body: &[u8]) -> bool {
    let reading = adapters::meta::news::Reading { now: START };
    adapters::meta::parse::parse(body, reading).is_err()
}

#[test]
fn the_fake_takes_what_meta_publishes_and_nothing_beyond_the_limits() {
    use sutler_tests::fake::graph::limits;
    let Ok(files) = std::fs::read_dir("../../shared/fixtures/whatsapp-outbound") else { return };
    let mut refused = BTreeSet::new();
    for file in files {
        let path = file.unwrap().path();
        let body = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        // Some say what is to be put there; and a button of Meta's own is longer than its documents allow.
        let odd = [
            "can't be named",
            "no web address: ",
            "<HEADER_TYPE>",
            "flow_cta",
            "/text is missing",
            "text is missing",
            "reference_id has 42 characters",
        ];
        let meant = |why: &String| !odd.iter().any(|odd| why.contains(odd));
        if let Some(why) = limits::whatsapp(&body).err().filter(meant) {
            refused.insert(format!("{}: {why}", path.file_stem().unwrap().to_str().unwrap()));
        }
    }
    assert_eq!(refused, BTreeSet::new());
}
