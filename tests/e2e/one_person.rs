//! Who was known by a number and, as somebody else, by a business-scoped id, and turns out to be one person: two
//! customers, one will, and nothing is lost.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use agent_core::event::{Answer, Event, Recorded};
use agent_core::house::person;
use agent_core::id::{CustomerId, JournalId, MessageId};
use agent_core::message::Status;
use agent_core::model::scripted::{Scripted, says};
use agent_core::policy::is_opted_out;
use agent_core::time::Clock as _;
use serde_json::{Value, json};
use sutler_tests::fake::graph::{FakeGraph, payload};
use sutler_tests::world::meta::{NUMBER, OnWhatsApp, address};
use sutler_tests::world::{Member, SHOP};

use crate::hostile::pack;
use crate::whatsapp::{member, open_with};

const PHONE: &str = "4915";
const ID: &str = "DE.9";
/// The id that takes its place.
const NEXT: &str = "DE.10";

/// The person writes, and Meta names the number and this id.
fn both(shop: &OnWhatsApp, graph: &FakeGraph, (id, user): (&str, &str)) -> (Vec<u8>, String) {
    under_both(shop, graph, (id, user), &payload::text("it is me"))
}

/// The person says anything, and Meta names the number and this id.
fn under_both(
    shop: &OnWhatsApp,
    graph: &FakeGraph,
    (id, user): (&str, &str),
    kind: &Value,
) -> (Vec<u8>, String) {
    graph.opens(PHONE);
    let now = shop.world.clock.now();
    let mut told = payload::message(NUMBER, (PHONE, id), now, kind);
    let value = told.pointer_mut("/entry/0/changes/0/value").unwrap();
    value["messages"][0]["from_user_id"] = user.into();
    value["contacts"][0]["user_id"] = user.into();
    graph.signed(&told)
}

/// The person's id changed, Meta says, and names the number.
fn renamed(shop: &OnWhatsApp, graph: &FakeGraph) -> (Vec<u8>, String) {
    let at = (shop.world.clock.now().0 / 1_000_000).to_string();
    let update = json!([{ "wa_id": PHONE, "timestamp": at,
        "user_id": { "previous": ID, "current": NEXT } }]);
    let update = json!({ "user_id_update": update });
    graph.signed(&payload::change(NUMBER, "user_id_update", update))
}

/// Two customers, greeted, the one with the id last.
async fn two() -> (OnWhatsApp, FakeGraph) {
    two_of(member()).await
}

async fn two_of(member: Member) -> (OnWhatsApp, FakeGraph) {
    let (shop, graph, _) = open_with(member).await;
    for who in [PHONE, ID] {
        shop.answered(&graph, who, "hello").await;
        shop.world.clock.turn(Duration::from_secs(60));
    }
    assert_eq!(graph.taken().len(), 2);
    assert_ne!(customer(&shop, PHONE).await, customer(&shop, ID).await);
    (shop, graph)
}

async fn customer(shop: &OnWhatsApp, who: &str) -> CustomerId {
    shop.conversation(who).await.customer.unwrap()
}

async fn journal(shop: &OnWhatsApp, who: &str) -> JournalId {
    shop.world.house.find(SHOP, &address(who)).await.unwrap().unwrap()
}

async fn owner(shop: &OnWhatsApp, who: &str) -> Option<JournalId> {
    shop.world.house.store.find(SHOP, &person(&address(who))).await.unwrap()
}

/// A moment goes by, and what waits is delivered; to whom it was by then.
async fn went(shop: &OnWhatsApp, graph: &FakeGraph) -> Vec<String> {
    shop.world.clock.turn(Duration::from_secs(60));
    shop.world.deliver_and_settle().await;
    graph.taken().into_iter().map(|taken| taken.to).collect()
}

#[tokio::test]
async fn who_wants_no_messages_under_one_name_gets_none_under_the_other() {
    for (stops, other) in [(PHONE, ID), (ID, PHONE)] {
        // Before it is known that they are one, and after; by a message, and by news of an id.
        for (late, news) in [(false, false), (false, true), (true, false), (true, true)] {
            let (shop, graph) = two().await;
            let told = match news {
                true => renamed(&shop, &graph),
                false => both(&shop, &graph, ("wamid.B", ID)),
            };
            // The old id is nobody's once there is another.
            let named = |who| if news && who == ID { NEXT } else { who };
            let now = |who| if late { who } else { named(who) };
            if !late {
                shop.told(&told).await;
                went(&shop, &graph).await;
            }
            shop.told(&graph.says(now(other), &payload::text("a rain jacket"))).await;
            shop.told(&graph.says(now(stops), &payload::text("STOP"))).await;
            if late {
                shop.told(&told).await;
            }
            let before = graph.taken().len();
            let to = went(&shop, &graph).await;
            let what = format!("{stops} stops, late {late}, news {news}: {to:?}");
            assert_eq!(to[before..], [now(stops)], "one confirmation alone: {what}");
            let (stops, other, id) = (named(stops), named(other), named(ID));
            for (n, who) in [other, stops, other].into_iter().enumerate() {
                shop.told(&graph.says(who, &payload::text("are you there?"))).await;
                shop.told(&both(&shop, &graph, (&format!("wamid.C{n}"), id))).await;
            }
            assert_eq!(went(&shop, &graph).await.len(), before + 1, "{what}");
            let silent = async |who| {
                let conversation = shop.conversation(who).await;
                let customer = conversation.customer.unwrap();
                let customer = shop.world.house.customer(SHOP, customer).await.unwrap();
                is_opted_out(&conversation, &customer)
            };
            assert!(silent(stops).await && silent(other).await, "{what}");
            // Whoever wants messages again gets them.
            shop.told(&graph.says(other, &payload::text("START"))).await;
            let to = went(&shop, &graph).await;
            assert_eq!(to[before + 1..], [other], "{what}: {to:?}");
            assert!(!silent(stops).await && !silent(other).await, "{what}");
            // And does so under either name.
            for (n, who) in [other, stops, stops].into_iter().enumerate() {
                shop.answered(&graph, who, "a rain jacket").await;
                assert_eq!(went(&shop, &graph).await[before + 2 + n..], [who], "{what}");
            }
            assert_eq!(graph.faults(), [""; 0]);
        }
    }
}

#[tokio::test]
async fn names_that_went_belong_to_nobody_and_those_that_came_to_one_of_the_two() {
    let (shop, graph) = two().await;
    let (phone, id) = (owner(&shop, PHONE).await.unwrap(), owner(&shop, ID).await.unwrap());
    shop.told(&renamed(&shop, &graph)).await;
    assert_eq!(owner(&shop, ID).await, None, "the id is no longer theirs");
    assert_eq!(owner(&shop, PHONE).await, Some(phone), "what belongs to another is left to them");
    assert_eq!(owner(&shop, NEXT).await, Some(id), "they wrote last under the id it replaces");
    for (one, two) in [(phone, id), (id, phone)] {
        let known = shop.world.house.customer(SHOP, CustomerId(one.key.0)).await.unwrap();
        assert_eq!(known.same, BTreeSet::from([CustomerId(two.key.0)]));
        let has = |who| known.aliases.contains(&person(&address(who)));
        assert_eq!([PHONE, ID, NEXT].map(has), [one == phone, false, one == id]);
    }
    // Told again, and in every later message, it is no news.
    for n in 0..3 {
        shop.told(&renamed(&shop, &graph)).await;
        shop.told(&both(&shop, &graph, (&format!("wamid.B{n}"), NEXT))).await;
    }
    for customer in [phone, id] {
        let log = format!("{:?}", shop.world.log(customer).await);
        assert_eq!(log.matches("same: [0").count(), 1, "{log}");
    }
}

/// The messages a conversation received.
fn messages(log: &[Recorded]) -> Vec<MessageId> {
    let received = log.iter().filter_map(|recorded| match &recorded.event {
        Event::Answer(Answer::Received(inbound)) if inbound.kind.is_spoken() => Some(&inbound.id),
        _ => None,
    });
    received.cloned().collect()
}

#[tokio::test]
async fn the_talk_goes_on_where_they_were_heard_last_and_statuses_go_where_it_was_sent() {
    let (shop, graph) = two().await;
    let [first, second] = graph.taken().try_into().unwrap();
    let (phone, id) = (journal(&shop, PHONE).await, journal(&shop, ID).await);
    shop.told(&both(&shop, &graph, ("wamid.B1", ID))).await;
    let told = async |journal: JournalId| messages(&shop.world.log(journal).await);
    assert_eq!(told(id).await, ["wamid.IN2".into(), "wamid.B1".into()]);
    assert_eq!(told(phone).await, ["wamid.IN1".into()]);
    shop.world.deliver_and_settle().await;
    assert_eq!(graph.taken()[2].to, PHONE, "it is answered under the number");
    // Both names stand in a status; each sending's belongs to the talk it was made in.
    for (taken, journal) in [(&first, phone), (&second, id), (&graph.taken()[2], id)] {
        let mut status: Value = payload::status(taken, "delivered", shop.world.clock.now());
        status["recipient_id"] = PHONE.into();
        status["recipient_user_id"] = ID.into();
        shop.told(&graph.signed(&payload::statuses(NUMBER, &[status]))).await;
        let parts = shop.world.state(journal).await.deliveries.parts;
        let arrived = parts.iter().filter(|sent| sent.status == Status::Delivered).count();
        let all = parts.iter().map(|sent| &sent.status).collect::<Vec<_>>();
        assert_eq!(arrived, if taken.id == "wamid.OUT3" { 2 } else { 1 }, "{}: {all:?}", taken.id);
    }
    // Under the number alone the older talk is taken up, and from there on both names lead to it.
    shop.world.clock.turn(Duration::from_secs(60));
    shop.told(&graph.says(PHONE, &payload::text("by the number"))).await;
    shop.world.clock.turn(Duration::from_secs(60));
    shop.told(&both(&shop, &graph, ("wamid.B2", ID))).await;
    assert_eq!(told(phone).await, ["wamid.IN1".into(), "wamid.IN3".into(), "wamid.B2".into()]);
    assert_eq!(told(id).await.len(), 2);
    assert_eq!(graph.faults(), [""; 0]);
}

/// What is used up stands in the journal it was offered in, and a tap works nowhere else: so it works once over both.
#[tokio::test]
async fn a_tap_works_once_and_where_it_was_offered_whichever_names_it_comes_under() {
    let draft = r#"[[choice Well? | Add => cart_add {"variant":"socks"}]]"#;
    let member = Member::new(&pack("retail"), Arc::new(Scripted::by(move |_| Ok(says(draft)))));
    let (shop, graph) = two_of(member).await;
    shop.told(&both(&shop, &graph, ("wamid.B", ID))).await;
    let cart = async |who| shop.conversation(who).await.cart;
    let offers = graph.taken().into_iter().take(2).zip([PHONE, ID]);
    for (n, (offer, own)) in offers.enumerate() {
        let other = if own == PHONE { ID } else { PHONE };
        let token = offer.body.pointer("/interactive/action/buttons/0/reply/id").unwrap();
        let tap = payload::tap(token.as_str().unwrap(), "Add");
        shop.told(&graph.says(other, &tap)).await;
        assert!(cart(own).await.is_empty(), "it was not sent to that name: {own}");
        for again in ["1", "2"] {
            let id = format!("wamid.T{n}{again}");
            shop.told(&under_both(&shop, &graph, (&id, ID), &tap)).await;
            assert_eq!(cart(own).await, [("socks".into(), 1)], "under both names: {own}");
            shop.told(&graph.says(own, &tap)).await;
            shop.told(&graph.says(other, &tap)).await;
            assert_eq!(cart(own).await, [("socks".into(), 1)], "{own}");
            assert_eq!(cart(other).await.len(), n, "{own}");
        }
    }
    assert_eq!(graph.faults(), [""; 0]);
}
