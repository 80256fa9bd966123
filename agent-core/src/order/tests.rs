use serde_json::json;

use super::*;
use crate::id::{Seq, TurnId};

const CALL: Made = Made { turn: TurnId(5), n: 2 };
const LINK: &str = "https://shop.example/c/1";

fn inbound(id: &str, at: i64, kind: InboundKind) -> Inbound {
    Inbound::told(id.into(), Micros(at), kind)
}

fn told(at: i64, name: &str, facts: &Value) -> Inbound {
    let mut known: BTreeMap<Name, Value> = [(REFERENCE.into(), paid_by(LINK).into())].into();
    let more = facts.as_object().unwrap().iter();
    known.extend(more.map(|(name, fact)| (Name::from(name.as_str()), fact.clone())));
    let kind = InboundKind::Event { name: name.into(), facts: known };
    inbound(&format!("{name}/{at}"), at, kind)
}

fn placed() -> Inbound {
    let line = CartLine {
        variant: "socks".into(),
        product: "socks".into(),
        title: "Wool Socks".to_owned(),
        options: String::new(),
        quantity: 2,
        each: Money::new(1_250, "EUR"),
        amount: Money::new(2_500, "EUR"),
    };
    let placed = Placed {
        reference: CALL,
        at: Micros(1),
        conversation: None,
        lines: vec![line],
        total: Some(Money::new(2_500, "EUR")),
        link: LINK.to_owned(),
    };
    inbound("order", 1, placed.told(JournalKey(7)))
}

fn captured(at: i64, transaction: &str) -> Inbound {
    let facts = json!({ "transaction": transaction, "amount_minor": "2500", "currency": "EUR" });
    told(at, "payment_captured", &facts)
}

/// The fold of these, as the journal would hold them.
fn fold(told: &[&Inbound]) -> Order {
    let recorded = |(seq, inbound): (u64, &&Inbound)| Recorded {
        seq: Seq(seq),
        at: Micros(99),
        event: Answer::Received((*inbound).clone()).into(),
    };
    let events: Vec<Recorded> = (1..).zip(told).map(recorded).collect();
    Order::fold(&events)
}

#[test]
fn whatever_order_it_is_told_in_and_however_often_it_comes_to_the_same() {
    let all = [
        placed(),
        told(2, "payment_failed", &json!({})),
        captured(3, "T1"),
        captured(9, "T1"),
        told(4, "order_paid", &json!({})),
        told(5, "order_processing", &json!({})),
        told(6, "order_shipped", &json!({})),
        told(8, "order_shipped", &json!({ "carrier": "post" })),
        told(7, "order_delivered", &json!({})),
        told(10, "order_refunded", &json!({ "amount_minor": 500, "currency": "EUR" })),
        told(11, "order_refunded", &json!({ "amount_minor": 300, "currency": "EUR" })),
    ];
    let all: Vec<&Inbound> = all.iter().collect();
    let expected = fold(&all);
    assert_eq!(expected.progress(), Progress::Delivered);
    assert_eq!((expected.paid(), expected.refunded()), (eur(2_500), eur(800)));
    assert_eq!((expected.shipped, expected.reference()), (Some(Micros(6)), Some(CALL)));
    assert!(!expected.is_paid_twice(), "two told of one payment");
    let mut seed = 7_u64;
    for _ in 0..500 {
        let mut order = [all.as_slice(), &all, &all].concat();
        for n in (1..order.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            order.swap(n, (seed >> 33) as usize % (n + 1));
        }
        assert_eq!(fold(&order), expected);
    }
}

fn eur(minor: i64) -> Option<Money> {
    Some(Money::new(minor, "EUR"))
}

#[test]
fn an_order_is_as_far_as_what_was_told_of_it_goes() {
    let order = placed();
    let check = |more: &[Inbound], progress: &str| {
        let told: Vec<&Inbound> = std::iter::once(&order).chain(more).collect();
        assert_eq!(fold(&told).progress().to_string(), progress, "{more:?}");
    };
    let event = |name: &str| told(5, name, &json!({}));
    check(&[], "placed");
    check(&[event("payment_failed")], "payment failed");
    check(&[event("payment_failed"), captured(6, "T1")], "paid");
    check(&[captured(6, "T1"), event("order_completed")], "delivered");
    check(&[captured(6, "T1"), event("order_canceled")], "cancelled");
    check(&[captured(6, "T1"), event("order_canceled"), event("payment_refunded")], "refunded");
    check(&[event("order_gift_wrapped")], "placed");
}

#[test]
fn a_part_that_was_paid_back_is_not_the_whole() {
    let order = placed();
    let check = |more: &[Inbound], progress: &str| {
        let told: Vec<&Inbound> = std::iter::once(&order).chain(more).collect();
        assert_eq!(fold(&told).progress().to_string(), progress, "{more:?}");
    };
    let paid = || told(3, "order_paid", &json!({}));
    let back = |at: i64, minor: i64, currency: &str| {
        let facts = json!({ "transaction": "T1", "amount_minor": minor, "currency": currency });
        told(at, "order_refunded", &facts)
    };
    // What was paid was not told: the order's own total is the whole.
    check(&[paid(), back(4, 1_000, "EUR")], "paid");
    check(&[paid(), back(4, 2_500, "EUR")], "refunded");
    check(&[paid(), back(4, 2_500, "JPY")], "paid");
    check(&[captured(3, "T1"), back(4, 2_500, "JPY")], "paid");
    check(&[captured(3, "T1"), back(4, 2_499, "EUR"), back(5, 1, "USD")], "paid");
    // Two parts of one transaction are two; one that is told again is one.
    check(&[captured(3, "T1"), back(4, 1_000, "EUR"), back(5, 1_500, "EUR")], "refunded");
    check(&[captured(3, "T1"), back(4, 1_500, "EUR"), back(4, 1_500, "EUR")], "paid");
    // Nothing tells how much the whole is.
    let told = [&paid(), &back(4, 2_500, "EUR")];
    assert_eq!(fold(&told).progress(), Progress::Paid);
}

#[test]
fn equal_parts_that_were_paid_back_are_told_apart_by_their_events() {
    let order = placed();
    let told = |at: i64, name: &str, refund: Option<&str>| {
        let mut facts = json!({ "transaction": "T1", "amount_minor": 1_000, "currency": "EUR" });
        facts["refund"] = refund.into();
        told(at, name, &facts)
    };
    let shops = |at| told(at, "order_refunded", None);
    let platforms = |at| {
        let id = word_of(&paid_by(LINK), "T1", REFUNDED);
        Inbound { id, ..told(at, "payment_refunded", None) }
    };
    let otherwise = |at| told(at, "payment_refunded", None);
    let named = |at, refund| told(at, "order_refunded", Some(refund));
    for (all, minor) in [
        (vec![shops(4), shops(5)], 2_000),
        (vec![shops(4), shops(4)], 1_000),
        (vec![platforms(4), platforms(5)], 1_000),
        (vec![platforms(3), shops(4), shops(5)], 2_000),
        // A shop may call it as platforms do.
        (vec![otherwise(4), otherwise(5)], 2_000),
        (vec![otherwise(4), otherwise(4)], 1_000),
        (vec![platforms(3), otherwise(4), otherwise(5)], 2_000),
        (vec![named(4, "R1"), named(5, "R1"), named(6, "R2"), platforms(7)], 2_000),
    ] {
        let mut all: Vec<&Inbound> = std::iter::once(&order).chain(&all).collect();
        for _ in 0..2 {
            assert_eq!(fold(&all).refunded(), eur(minor), "{all:?}");
            all.reverse();
        }
    }
}

#[test]
fn a_second_transaction_is_a_second_payment() {
    let order = placed();
    let twice = fold(&[&order, &captured(3, "T1"), &captured(4, "T2")]);
    assert!(twice.is_paid_twice());
    assert_eq!(twice.paid(), eur(5_000));
    assert!(!fold(&[&order, &captured(3, "T1"), &captured(4, "T1")]).is_paid_twice());
    // Some systems count their transactions.
    let counted = [1, 2].map(|n| told(5, "order_paid", &json!({ "transaction": n })));
    assert!(fold(&[&order, &counted[0], &counted[1]]).is_paid_twice());
}

#[test]
fn an_order_is_named_by_its_call_and_by_its_link() {
    let order = fold(&[&placed()]);
    assert!(order.is_named(&CALL.to_string()) && order.is_named(&paid_by(LINK)));
    assert!(!order.is_named("") && !order.is_named(LINK));
    let shown = Native::OrderStatus {
        reference: CALL.to_string(),
        status: "shipped".into(),
        text: String::new(),
    };
    let command = Control::Show(Box::new(Block::Native(shown)));
    let shows = inbound("s", 4, InboundKind::Control { by: "Eve".into(), command });
    assert_eq!(news(&shows).unwrap().0, CALL.to_string());
    assert_eq!(fold(&[&placed(), &shows]).progress(), Progress::Shipped);
    // Nobody but the turn that placed it says that it was placed.
    assert_eq!(news(&placed()), None);
}
