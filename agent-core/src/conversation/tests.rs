use std::collections::BTreeSet;

use super::*;
use crate::digest::Digest;
use crate::event::{Answer, Basis, Decision, Event, Opening, Outcome, Recorded};
use crate::evidence::{Body, CartFacts, CartLine, Finding, Output, Trust};
use crate::id::TurnId;
use crate::message::{Bounce, Inbound, InboundKind, Rests, Status};
use crate::money::Money;
use crate::order::Placed;

fn told(id: &str, at: i64, kind: InboundKind) -> Inbound {
    Inbound::told(id.into(), Micros(at), kind)
}

/// What was said, changed, taken back, sent, received and read: 40 messages each way and what follows them.
fn happenings() -> Vec<Inbound> {
    let mut all = Vec::new();
    for n in 0..20_u16 {
        let (id, at) = (format!("m{n}"), i64::from(n) * 10);
        let of = MessageId(id.clone());
        all.push(told(&id, at, InboundKind::Text(format!("words {n}"))));
        for (k, text) in ["first", "second"].iter().enumerate() {
            let edit = InboundKind::Edit { of: of.clone(), text: format!("{text} {n}") };
            all.push(told(&format!("{id}/e{k}"), at + 3 + k as i64, edit));
        }
        if n % 3 == 0 {
            all.push(told(&format!("{id}/d"), at + 4, InboundKind::Delete { of: of.clone() }));
        }
        all.push(told(&format!("{id}/r"), at, InboundKind::Reaction { to: of, emoji: None }));
        let of = Made { turn: TurnId(u128::from(n)), n: 0 };
        let statuses = [
            Status::Accepted(Some(format!("p{n}").into())),
            Status::Sent,
            Status::Delivered,
            Status::Failed("lost".to_owned()),
        ];
        for (k, status) in statuses.into_iter().enumerate().take(2 + usize::from(n % 3)) {
            let kind = InboundKind::Status { of, part: 0, status, billed: None };
            all.push(told(&format!("{id}/s{k}"), at, kind));
        }
        if n % 2 == 0 {
            // Another part did not arrive and was sent again; every other time it was there all the same.
            let again = of.again().unwrap();
            let bounce = Bounce { why: "131000".to_owned(), until: Micros(at), rests: Rests::Part };
            let sendings = [
                (of, Status::Accepted(None)),
                (of, Status::Bounced(bounce)),
                (again, Status::Accepted(None)),
                (again, Status::Sent),
                (of, Status::Delivered),
            ];
            for (k, (of, status)) in
                sendings.into_iter().enumerate().take(4 + usize::from(n % 4 / 2))
            {
                let kind = InboundKind::Status { of, part: 1, status, billed: None };
                all.push(told(&format!("{id}/b{k}"), at, kind));
            }
        }
        let read = InboundKind::Receipt {
            of: vec![format!("p{n}").into()],
            until: (n == 10).then_some(Micros(100)),
            status: if n % 2 == 0 { Status::Read } else { Status::Delivered },
        };
        all.push(told(&format!("{id}/w"), at, read));
    }
    all
}

/// The state, without what is rightly in the order of arrival.
fn outcome(order: &[Inbound]) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut seen = BTreeSet::new();
    let fresh = order.iter().filter(|inbound| seen.insert(inbound.id.clone()));
    let events: Vec<Recorded> = fresh
        .zip(1..)
        .map(|(inbound, seq)| Recorded {
            seq: Seq(seq),
            at: Micros(0),
            event: Answer::Received(inbound.clone()).into(),
        })
        .collect();
    let state = Conversation::fold(&events);
    let texts = state.transcript.iter().map(|entry| format!("{entry:?}")).collect();
    (texts, state.deliveries.parts.iter().map(|sent| format!("{sent:?}")).collect())
}

#[test]
fn whatever_order_it_is_told_in_it_comes_to_the_same() {
    let all = happenings();
    let expected = outcome(&all);
    assert_eq!((expected.0.len(), expected.1.len()), (14, 30), "7 were taken back and look alike");
    let again = |sent: &&String| sent.contains("status: Sent, times: 1, failed: 1");
    assert_eq!(expected.1.iter().filter(again).count(), 2, "the second sending is the newest word");
    let mut seed = 7_u64;
    for _ in 0..200 {
        // Each is told up to three times, in an order of its own.
        let mut order: Vec<Inbound> = all.iter().chain(&all).chain(&all).cloned().collect();
        for n in (1..order.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            order.swap(n, (seed >> 33) as usize % (n + 1));
        }
        assert_eq!(outcome(&order), expected);
    }
}

/// A turn that opens, and finds so much by one call.
fn finds(turn: u128, count: usize) -> [Event; 2] {
    let (turn, none) = (TurnId(turn), Digest([0; 32]));
    let opening = Opening {
        turn,
        customer: CustomerId(1),
        inputs: Vec::new(),
        basis: Basis {
            engine: none,
            pack: none,
            settings: none,
            profile: none,
            tools: none,
            catalog: none,
            arm: None,
        },
        consent: BTreeSet::new(),
        opted_out: false,
    };
    let finding = Finding {
        source: "shelf".into(),
        record: "thing".into(),
        version: none,
        at: Micros(0),
        good_for: std::time::Duration::ZERO,
        trust: Trust::Typed,
        body: Body::Other(Value::Null),
    };
    let findings = vec![finding.into(); count];
    let result = Ok(Output { findings, changes: Vec::new() });
    let returned = Answer::Returned { call: Made { turn, n: 0 }, result };
    [Answer::Opened(Box::new(opening)).into(), returned.into()]
}

/// The n-th link to a checkout, with a sock on it.
fn places(n: u128) -> Event {
    let none = Digest([0; 32]);
    let (each, amount) = (Money::new(5, "EUR"), Money::new(5, "EUR"));
    let (variant, product): (Name, Name) = ("sock".into(), "sock".into());
    let (title, options) = ("Sock".to_owned(), String::new());
    let line = CartLine { variant, product, title, options, quantity: 1, each, amount };
    let cart = CartFacts { lines: vec![line], total: None };
    let finding = |source: &str, body| Finding {
        source: source.into(),
        record: source.into(),
        version: none,
        at: Micros(0),
        good_for: std::time::Duration::ZERO,
        trust: Trust::Typed,
        body,
    };
    let link = Body::Link { url: format!("https://shop.example/{n}"), expires: None };
    let findings = vec![finding("checkout", link).into(), finding("cart", Body::Cart(cart)).into()];
    let call = Made { turn: TurnId(n), n: 0 };
    Answer::Returned { call, result: Ok(Output { findings, changes: Vec::new() }) }.into()
}

#[test]
fn an_order_can_be_told_something_though_many_came_after_it() {
    let mut state = Conversation::default();
    let mut take = |event| {
        state.apply(&Recorded { seq: state.head.next(), at: Micros(0), event });
        state.orders.clone()
    };
    let most = ORDERS_KEPT as u128;
    let orders = (1..=most + 1).map(|n| take(places(n))).last().unwrap();
    let placed: Vec<&Placed> = orders.iter().filter_map(|it| it.placed.as_ref()).collect();
    assert_eq!(placed.len(), ORDERS_KEPT);
    assert_eq!((placed[0].reference.turn, placed[511].reference.turn), (TurnId(2), TurnId(513)));
    let whole = placed.iter().rev().take_while(|it| !it.lines.is_empty()).count();
    assert_eq!(whole, ORDERS_WHOLE);
    assert!(placed[..ORDERS_KEPT - whole].iter().all(|it| it.lines.is_empty()));
    // The oldest is told that it is on its way, by its reference.
    let reference = placed[0].reference.to_string();
    let facts = [(crate::order::REFERENCE.into(), reference.into())].into();
    let shipped = InboundKind::Event { name: "order_shipped".into(), facts };
    let orders = take(Answer::Received(told("s1", 9, shipped)).into());
    assert_eq!(orders[0].shipped, Some(Micros(9)));
    assert!(orders[1..].iter().all(|it| it.shipped.is_none()));
}

#[test]
fn what_a_turn_was_shown_can_be_cited_until_it_ends() {
    let mut state = Conversation::default();
    let mut labels = |event: Event| {
        state.apply(&Recorded { seq: state.head.next(), at: Micros(0), event });
        let label = |it: Option<&Evidence>| it.map_or(0, |it| it.label.0);
        (label(state.evidence.first()), label(state.evidence.last()))
    };
    let closed = |turn| Decision::Closed { turn: TurnId(turn), outcome: Outcome::Replied };
    let first = finds(1, 30).map(&mut labels);
    assert_eq!(first, [(0, 0), (1, 30)]);
    assert_eq!(labels(closed(1).into()), (1, 30));
    // What was found before it leaves, and of its own nothing.
    let second = finds(2, EVIDENCE_KEPT + 20).map(&mut labels);
    assert_eq!(second, [(1, 30), (31, 98)]);
    assert_eq!(labels(closed(2).into()), (51, 98));
}
