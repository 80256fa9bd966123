//! What is ordered has a journal of its own: begun with the link, told what becomes of the order, and told once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use agent_core::event::{Answer, Decision, Event, Recorded};
use agent_core::evidence::Owner;
use agent_core::house::{person, talk};
use agent_core::id::{JournalId, Made, Name, ShopId, Subject};
use agent_core::message::{Block, Control, Inbound, InboundKind, Native};
use agent_core::model::clerk::Clerk;
use agent_core::order::{Order, Progress, paid_by};
use agent_core::replay::verify::Verifier;
use agent_core::store::memory::MemoryStore;
use agent_core::store::{Archive as _, Store as _};
use agent_core::time::Clock as _;
use agent_core::time::turned::TurnedClock;
use serde_json::Value;
use sutler_tests::fake::graph::payload;
use sutler_tests::script;
use sutler_tests::world::meta::{OnWhatsApp, graph};
use sutler_tests::world::{Member, SHOP, START, World, address};

use crate::hostile::pack;
use crate::ports::{Gate, Watched, at_every, process};

/// Whose model puts a jacket into the cart and asks for the link, whatever is said.
fn member() -> Member {
    Member::new(&pack("retail"), Arc::new(script::two_rounds()))
}

fn event(name: &str, facts: &[(&str, &str)]) -> InboundKind {
    let facts: BTreeMap<Name, Value> =
        facts.iter().map(|(name, fact)| ((*name).into(), Value::from(*fact))).collect();
    InboundKind::Event { name: name.into(), facts }
}

fn captured(reference: &str, transaction: &str) -> InboundKind {
    let amount = [("amount_minor", "8999"), ("currency", "EUR")];
    let names = [("reference", reference), ("transaction", transaction)];
    event("payment_captured", &[names, amount].concat())
}

async fn told(world: &World, who: &str, id: &str, kind: InboundKind) {
    world.send(SHOP, who, id, kind).await;
    world.settled().await;
}

async fn journal(world: &World, shop: ShopId, who: &str) -> JournalId {
    let store = &world.house.store;
    let customer = store.find(shop, &person(&address(who))).await.unwrap().unwrap();
    store.find(shop, &talk(customer, &address(who))).await.unwrap().unwrap()
}

/// The one order of somebody's conversation: by what names it, and by what it is paid.
async fn ordered(world: &World, who: &str) -> (Made, String) {
    let state = world.state(journal(world, SHOP, who).await).await;
    let [order] = state.orders.as_slice() else { panic!("{:?}", state.orders) };
    let placed = order.placed.as_ref().unwrap();
    (placed.reference, paid_by(&placed.link))
}

async fn order(world: &World, reference: Made) -> Order {
    world.house.order(SHOP, reference).await.unwrap().unwrap()
}

/// The names of the events of an order's journal.
async fn heard(world: &World, reference: Made) -> Vec<String> {
    let log = world.log(JournalId::order(SHOP, reference)).await;
    let name = |recorded: &Recorded| match &recorded.event {
        Event::Answer(Answer::Received(inbound)) => match &inbound.kind {
            InboundKind::Event { name, .. } => name.to_string(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    log.iter().map(name).collect()
}

/// The links of a conversation's replies.
fn links(events: &[Recorded]) -> Vec<String> {
    let replies = events.iter().filter_map(|recorded| match &recorded.event {
        Event::Decision(Decision::Replied { outbound, .. }) => Some(&outbound.blocks),
        _ => None,
    });
    let link = |block: &Block| match block {
        Block::Link { url, .. } => Some(url.clone()),
        _ => None,
    };
    replies.flatten().filter_map(link).collect()
}

fn says(text: &str) -> InboundKind {
    InboundKind::Text(text.to_owned())
}

#[tokio::test]
async fn an_order_is_placed_with_its_link_and_told_what_becomes_of_it() {
    let world = World::of(vec![member()]).await;
    told(&world, "ada", "m1", says("a rain jacket")).await;
    let (reference, paid) = ordered(&world, "ada").await;
    let placed = order(&world, reference).await.placed.unwrap();
    let conversation = journal(&world, SHOP, "ada").await;
    assert_eq!(links(&world.log(conversation).await), [placed.link.as_str()]);
    assert_eq!(placed.conversation, Some(conversation.key));
    assert_eq!(placed.total.as_ref().unwrap().to_string(), "89.99 EUR");
    assert_eq!((placed.lines.len(), placed.lines[0].title.as_str()), (1, "Rain Jacket"));
    // The platform names the link, the shop its own key; twice, and once more under another id.
    for id in ["p1", "p1", "p2"] {
        told(&world, "ada", id, captured(&paid, "T1")).await;
    }
    assert_eq!(order(&world, reference).await.progress(), Progress::Paid);
    let shipped = event("order_shipped", &[("reference", &reference.to_string())]);
    told(&world, "ada", "s1", shipped).await;
    let now = order(&world, reference).await;
    assert_eq!(now.progress(), Progress::Shipped);
    assert_eq!(now.paid().unwrap().to_string(), "89.99 EUR");
    assert!(!now.is_paid_twice());
    let names = ["order_placed", "payment_captured", "payment_captured", "order_shipped"];
    assert_eq!(heard(&world, reference).await, names);
    // The conversation knows the same.
    let state = world.state(conversation).await;
    let mut known = state.orders[0].clone();
    known.placed.as_mut().unwrap().conversation = placed.conversation;
    assert_eq!(known, now);
    assert_eq!(state.owner, Owner::Bot);
    // A person shows the customer that it is done; the platform is told the name it knows.
    let text = "It is with you.".to_owned();
    let status = |reference: String| Native::OrderStatus {
        reference,
        status: "completed".into(),
        text: text.clone(),
    };
    let command = Control::Show(Box::new(Block::Native(status(reference.to_string()))));
    let kind = InboundKind::Control { by: "Eve".into(), command };
    let shows = Inbound::told("c1".into(), world.clock.now(), kind);
    world.intake.tell(conversation, shows).await.unwrap();
    world.settled().await;
    assert_eq!(order(&world, reference).await.progress(), Progress::Delivered);
    assert_eq!(heard(&world, reference).await[4..], ["order_completed"]);
    let shown = world.log(conversation).await.into_iter().rev().find_map(|it| match it.event {
        Event::Decision(Decision::Replied { outbound, .. }) => Some(outbound.blocks),
        _ => None,
    });
    assert_eq!(shown.unwrap(), [Block::Native(status(paid))]);
}

#[tokio::test]
async fn an_order_that_is_paid_twice_is_given_to_a_person_once() {
    let world = World::of(vec![member()]).await;
    told(&world, "ada", "m1", says("a rain jacket")).await;
    let (reference, paid) = ordered(&world, "ada").await;
    told(&world, "ada", "p1", captured(&paid, "T1")).await;
    let conversation = journal(&world, SHOP, "ada").await;
    assert_eq!(world.state(conversation).await.owner, Owner::Bot);
    for (id, transaction) in [("p2", "T2"), ("p3", "T2"), ("p4", "T3")] {
        told(&world, "ada", id, captured(&paid, transaction)).await;
    }
    let (state, log) = (world.state(conversation).await, world.log(conversation).await);
    let Owner::Waiting { why, .. } = &state.owner else { panic!("{:?}", state.owner) };
    assert_eq!(*why, format!("the order {reference} was paid twice"));
    let calls = log.iter().filter(|it| {
        matches!(&it.event, Event::Decision(Decision::Called { call, .. })
            if call.tool.as_str() == "hand_over")
    });
    assert_eq!(calls.count(), 1);
    assert!(order(&world, reference).await.is_paid_twice());
    let verified = Verifier::new(world.house.archive.clone()).verify(conversation, &log).await;
    assert_eq!(verified.unwrap().identical, 5);
    // Whoever wants no more messages is heard all the same.
    let world = World::of(vec![member()]).await;
    told(&world, "bob", "m1", says("a rain jacket")).await;
    let (_, paid) = ordered(&world, "bob").await;
    told(&world, "bob", "p1", captured(&paid, "T1")).await;
    world.send(SHOP, "bob", "p2", captured(&paid, "T2")).await;
    told(&world, "bob", "m2", says("stop")).await;
    let state = world.state(journal(&world, SHOP, "bob").await).await;
    assert!(state.opted_out && matches!(state.owner, Owner::Waiting { .. }), "{:?}", state.owner);
}

#[tokio::test]
async fn who_has_the_conversation_keeps_it_when_an_order_is_paid_twice() {
    let (who, until) = (Name::from("eve"), None);
    let person = Owner::Person { who: who.clone(), until };
    for (command, owner) in [(Control::TakeOver { until }, person), (Control::Close, Owner::Closed)]
    {
        let world = World::of(vec![member()]).await;
        told(&world, "ada", "m1", says("a rain jacket")).await;
        let (_, paid) = ordered(&world, "ada").await;
        told(&world, "ada", "p1", captured(&paid, "T1")).await;
        told(&world, "ada", "c1", InboundKind::Control { by: who.clone(), command }).await;
        let conversation = journal(&world, SHOP, "ada").await;
        let before = world.log(conversation).await.len();
        told(&world, "ada", "p2", captured(&paid, "T2")).await;
        assert_eq!(world.state(conversation).await.owner, owner);
        let log = world.log(conversation).await;
        let decided = |is: fn(&Decision) -> bool| {
            let now = log[before..].iter();
            now.filter(|it| matches!(&it.event, Event::Decision(decision) if is(decision))).count()
        };
        let asked = decided(
            |it| matches!(it, Decision::Called { call, .. } if call.tool.as_str() == "hand_over"),
        );
        assert_eq!(asked, 1, "the shop's system is told");
        assert_eq!(decided(|it| matches!(it, Decision::Replied { .. })), 0, "{owner:?}");
        let verified = Verifier::new(world.house.archive.clone()).verify(conversation, &log).await;
        assert_eq!(verified.unwrap().identical, 4);
    }
}

#[tokio::test]
async fn who_asks_for_their_order_is_told_how_far_it_is_and_then_the_rule() {
    let world = World::of(vec![Member::new(&pack("retail"), Arc::new(Clerk::new()))]).await;
    let rule = world.say("bob", "where is my order?").await.text();
    let rule = rule.lines().last().unwrap();
    for text in ["rain jacket", "the first one in M please", "checkout"] {
        world.say("ada", text).await;
    }
    let asks = async || world.say("ada", "where is my order?").await.text();
    assert_eq!(asks().await, rule, "nothing is known of it");
    let (reference, paid) = ordered(&world, "ada").await;
    told(&world, "ada", "p1", captured(&paid, "T1")).await;
    let paid = asks().await;
    assert!(paid.contains("Your payment for 1 × Rain Jacket has reached us."), "{paid}");
    assert!(paid.ends_with(rule), "{paid}");
    let shipped = event("order_shipped", &[("reference", &reference.to_string())]);
    told(&world, "ada", "s1", shipped).await;
    let shipped = asks().await;
    assert!(shipped.starts_with("Your order of 1 × Rain Jacket is on its way."), "{shipped}");
    // Of what is long past nobody asks.
    world.clock.turn(Duration::from_secs(31 * 24 * 3600));
    assert_eq!(asks().await, rule);
}

#[tokio::test]
async fn nobody_elses_word_is_told_to_an_order() {
    let other = ShopId(2);
    let world = World::of(vec![member(), Member { id: other, ..member() }]).await;
    told(&world, "ada", "m1", says("a rain jacket")).await;
    world.send(other, "ada", "m1", says("a rain jacket")).await;
    told(&world, "bob", "m2", says("a rain jacket")).await;
    let (reference, paid) = ordered(&world, "ada").await;
    assert_eq!(world.house.order(other, reference).await.unwrap(), None);
    for (id, name) in [("p1", paid), ("p2", reference.to_string())] {
        told(&world, "bob", id, captured(&name, "T1")).await;
        world.send(other, "ada", id, captured(&name, "T1")).await;
        world.settled().await;
    }
    // Nor does an order begin with what is told of it.
    let placed = event("order_placed", &[("reference", &reference.to_string())]);
    told(&world, "ada", "p3", placed).await;
    assert_eq!(heard(&world, reference).await, ["order_placed"]);
    for (shop, orders) in [(SHOP, 2), (other, 1)] {
        let journals = world.house.archive.journals(shop, None, 99).await.unwrap();
        let found = journals.iter().filter(|it| it.subject == Subject::Order).count();
        assert_eq!(found, orders, "{shop}");
    }
}

#[tokio::test]
async fn a_payment_in_the_chat_is_told_to_the_order_it_is_of() {
    let clock = Arc::new(TurnedClock::new(START));
    let (graph, store) = (graph(&clock).await, Arc::new(MemoryStore::new()));
    let shop = OnWhatsApp::open(&graph, (store.clone(), store), clock.clone(), member()).await;
    shop.answered(&graph, "4915", "a rain jacket").await;
    let placed = shop.conversation("4915").await.orders[0].placed.clone().unwrap();
    for reference in ["r1".to_owned(), paid_by(&placed.link)] {
        let paid = payload::payment("4915", &reference, "captured", clock.now());
        let told = graph.signed(&payload::statuses("77", &[paid]));
        shop.told(&told).await;
        shop.told(&told).await;
    }
    let order = order(&shop.world, placed.reference).await;
    assert_eq!(order.progress(), Progress::Paid);
    assert_eq!(order.paid().unwrap().to_string(), "20.00 INR");
    assert_eq!(order.payments.keys().map(Name::as_str).collect::<Vec<_>>(), ["T1"]);
    assert_eq!(heard(&shop.world, placed.reference).await, ["order_placed", "payment_captured"]);
}

/// What happens to a shop: an order, its payment, its dispatch; told again from the beginning by a process that
/// takes up after another.
async fn happens(store: &Arc<MemoryStore>, clock: &Arc<TurnedClock>, gate: Option<&Arc<Gate>>) {
    let watched = Arc::new(Watched::new(store.clone(), gate.cloned()));
    let world = World::on((watched, store.clone()), clock.clone(), vec![member()]).await;
    world.take_up().await;
    told(&world, "ada", "m1", says("a rain jacket")).await;
    world.deliver_and_settle().await;
    let (reference, paid) = ordered(&world, "ada").await;
    told(&world, "ada", "p1", captured(&paid, "T1")).await;
    let shipped = event("order_shipped", &[("reference", &reference.to_string())]);
    told(&world, "ada", "s1", shipped).await;
    world.deliver_and_settle().await;
}

#[test]
fn ended_at_every_call_of_the_store_each_link_has_one_order_that_was_told_everything_once() {
    let new = || (Arc::new(MemoryStore::new()), Arc::new(TurnedClock::new(START)));
    let counted = Gate::new(0);
    let (store, clock) = new();
    assert!(process(None, happens(&store, &clock, Some(&counted))));
    assert!(counted.calls() > 20, "{}", counted.calls());
    let ends = AtomicU32::new(0);
    at_every(counted.calls(), |at| {
        let (gate, (store, clock)) = (Gate::new(at), new());
        let whole = process(Some(&gate), happens(&store, &clock, Some(&gate)));
        // How many calls there are depends on what comes together: the last ones may not be.
        ends.fetch_add((!whole).into(), Ordering::SeqCst);
        clock.turn(Duration::from_secs(60));
        let done = process(None, async {
            happens(&store, &clock, None).await;
            let world = World::on((store.clone(), store.clone()), clock.clone(), vec![]).await;
            let journals = store.journals(SHOP, None, 99).await.unwrap();
            let orders: Vec<&JournalId> =
                journals.iter().filter(|it| it.subject == Subject::Order).collect();
            let (reference, _) = ordered(&world, "ada").await;
            assert_eq!(orders, [&JournalId::order(SHOP, reference)], "call {at}");
            let placed = order(&world, reference).await.placed.unwrap();
            let log = world.log(journal(&world, SHOP, "ada").await).await;
            assert!(links(&log).contains(&placed.link), "call {at}");
            assert_eq!(placed.total.unwrap().to_string(), "89.99 EUR");
            let mut told = heard(&world, reference).await;
            told.sort();
            assert_eq!(told, ["order_placed", "order_shipped", "payment_captured"], "call {at}");
            assert!(store.inbox(*orders[0], 9).await.unwrap().is_empty(), "call {at}");
        });
        assert!(done);
    });
    assert!(ends.into_inner() > 15, "few of {} calls were come to", counted.calls());
}
