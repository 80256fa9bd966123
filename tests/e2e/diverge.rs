//! A changed answer, or a changed engine, is met at the right event: for each kind of decision.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use agent_core::digest::Digest;
use agent_core::event::{Answer, Decision, Event, Outcome, Recorded, Verdict};
use agent_core::evidence::{Access, Change};
use agent_core::id::{JournalId, Seq, TurnId};
use agent_core::message::InboundKind;
use agent_core::model::scripted::{Scripted, calls, says};
use agent_core::model::{Entry, Request};
use agent_core::replay::verify::{Verified, Verifier, VerifyError};
use agent_core::turn::planted;
use prompts::{Feed, Folder};
use serde_json::json;
use sutler_tests::world::World;

/// The kinds of decisions there are.
const KINDS: [&str; 8] =
    ["judged", "chose", "asked", "called", "refused", "changed", "replied", "closed"];

/// A conversation with every kind of decision in it, and the world it was held in.
async fn talked() -> (World, JournalId, Vec<Recorded>) {
    let folder = Folder::builtin("retail").unwrap();
    let pack = Arc::new(folder.pack().unwrap());
    let Some(Feed::Embedded(feed)) = folder.feed() else { panic!("a feed") };
    let model = Scripted::by(|request: &Request| {
        Ok(match request.transcript.last() {
            Some(Entry::Customer { text, .. }) if text == "buy" => calls([
                ("teleport", json!({ "to": "Mars" })),
                ("cart_add", json!({ "variant": "RJM06-BLU-M", "quantity": 2 })),
            ]),
            _ => says("Here you are."),
        })
    });
    let world = World::new(pack, feed, Arc::new(model)).await;
    for text in ["hi", "buy", "STOP", "anybody there"] {
        world.say("ada", text).await;
    }
    let (journal, events) = (world.journal("ada").await, world.events("ada").await);
    let kinds: BTreeSet<&str> = events.iter().map(|it| it.event.kind()).collect();
    assert!(KINDS.iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
    (world, journal, events)
}

async fn verified(
    world: &World,
    journal: JournalId,
    events: &[Recorded],
) -> Result<Verified, VerifyError> {
    Verifier::new(world.house.archive.clone()).verify(journal, events).await
}

/// Where it diverged, and the kind of event there.
fn met(verified: Result<Verified, VerifyError>) -> Option<(Seq, &'static str)> {
    match verified {
        Err(VerifyError::Diverged { seq, kind, .. }) => Some((seq, kind)),
        Ok(_) => None,
        Err(other) => panic!("{other}"),
    }
}

/// Changes the first answer it can; says where.
fn change(events: &mut [Recorded], change: impl Fn(&mut Answer) -> bool) -> Seq {
    let changed = events.iter_mut().find_map(|recorded| match &mut recorded.event {
        Event::Answer(answer) => change(answer).then_some(recorded.seq),
        Event::Decision(_) => None,
    });
    changed.unwrap()
}

fn said(answer: &mut Answer, was: &str, is: &str) -> bool {
    match answer {
        Answer::Received(inbound) if inbound.kind == InboundKind::Text(was.to_owned()) => {
            inbound.kind = InboundKind::Text(is.to_owned());
            true
        }
        _ => false,
    }
}

fn called(answer: &mut Answer, tool: &str) -> bool {
    let Answer::Answered(Ok(completion)) = answer else { return false };
    let call = completion.calls.iter_mut().find(|(name, _)| name.as_str() == tool);
    call.map(|(_, arguments)| *arguments = json!({ "variant": "RJM06-BLU-M", "quantity": 3 }))
        .is_some()
}

/// Changes the answer that decides something of this kind first.
fn answer_for(kind: &str, answer: &mut Answer) -> bool {
    match (kind, answer) {
        ("judged", answer) => said(answer, "hi", "I want to talk to a person"),
        ("chose", answer) => said(answer, "hi", "Hallo, ich suche eine Jacke"),
        ("asked", answer) => said(answer, "hi", "hi there"),
        ("called", answer) => called(answer, "cart_add"),
        ("refused", answer) => called(answer, "teleport"),
        ("changed", Answer::Returned { result: Ok(output), .. }) => {
            output.changes = vec![Change::Cart { variant: "RJM06-BLU-M".into(), quantity: 5 }];
            true
        }
        ("replied", Answer::Answered(Ok(completion))) if !completion.text.is_empty() => {
            completion.text.push('!');
            true
        }
        // Of a turn in which nothing is said, the end alone says which it was.
        ("closed", Answer::Opened(opening)) if opening.inputs[0].as_str() == "m4" => {
            opening.turn = TurnId(opening.turn.0 + 1);
            true
        }
        _ => false,
    }
}

#[tokio::test]
async fn one_changed_answer_diverges_at_the_first_decision_that_hangs_on_it() {
    let (world, journal, events) = talked().await;
    assert_eq!(verified(&world, journal, &events).await.unwrap().identical, 4);
    for kind in KINDS {
        let mut events = events.clone();
        let seq = change(&mut events, |answer| answer_for(kind, answer));
        let first = events.iter().find(|it| it.seq > seq && it.event.kind() == kind).unwrap();
        let met = met(verified(&world, journal, &events).await);
        assert_eq!(met, Some((first.seq, kind)), "the answer at {seq}");
    }
}

/// The engine, changed in the one thing it decides.
fn altered(decision: Decision) -> Decision {
    match decision {
        Decision::Judged { stage, verdict: Verdict::Block(_), .. } => {
            Decision::Judged { stage, rule: "ingress.new".into(), verdict: Verdict::Confirm }
        }
        Decision::Judged { stage, rule, .. } => {
            Decision::Judged { stage, rule, verdict: Verdict::Block("no".to_owned()) }
        }
        Decision::Chose { mode, locale, .. } => {
            Decision::Chose { mode, locale, why: "by chance".into() }
        }
        Decision::Asked { request, .. } => Decision::Asked { request, stem: Digest::of(b"new") },
        Decision::Called { call, .. } => Decision::Called { call, access: Access::Write },
        Decision::Refused { call, rule, .. } => {
            Decision::Refused { call, rule, why: "said otherwise".to_owned() }
        }
        Decision::Changed(_) => Decision::Changed(Change::Locale("tlh".into())),
        Decision::Replied { outbound, plan, fallback, .. } => {
            Decision::Replied { draft: "new".to_owned(), outbound, plan, fallback }
        }
        Decision::Closed { turn, .. } => {
            Decision::Closed { turn, outcome: Outcome::Failed("new".to_owned()) }
        }
    }
}

#[tokio::test]
async fn a_change_of_the_engine_diverges_where_it_decides_otherwise() {
    let (world, journal, events) = talked().await;
    let decisions: Vec<&Recorded> = events.iter().filter(|it| !it.event.is_answer()).collect();
    for (n, decision) in decisions.iter().enumerate() {
        let made = AtomicUsize::new(0);
        let change = move |decision| {
            if made.fetch_add(1, Ordering::Relaxed) == n { altered(decision) } else { decision }
        };
        let verified = verified(&world, journal, &events);
        let met = met(planted::with(Arc::new(change), verified).await);
        assert_eq!(met, Some((decision.seq, decision.event.kind())));
    }
    let same = planted::with(Arc::new(|decision| decision), verified(&world, journal, &events));
    assert_eq!(met(same.await), None);
}

#[tokio::test]
async fn decisions_left_out_added_or_outside_of_any_turn_are_met() {
    let (world, journal, events) = talked().await;
    let numbered = |mut events: Vec<Recorded>| {
        (1..).zip(&mut events).for_each(|(seq, event)| event.seq = Seq(seq));
        events
    };
    for at in 0..events.len() {
        let mut fewer = events.clone();
        let removed = fewer.remove(at);
        let last = at + 1 == events.len();
        let answered = verified(&world, journal, &numbered(fewer)).await;
        // Without its end, the last turn is open.
        assert_eq!(answered.is_ok(), last, "without {} {}", removed.seq, removed.event.kind());
        let mut more = events.clone();
        more.insert(at, events[at].clone());
        let twice = verified(&world, journal, &numbered(more)).await;
        let quiet = matches!(removed.event, Event::Answer(Answer::Received(_)));
        assert!(twice.is_err() || quiet, "twice {} {}", removed.seq, removed.event.kind());
    }
    let mut stray = events.clone();
    stray.push(Recorded {
        seq: Seq(stray.len() as u64 + 1),
        event: Decision::Changed(Change::Disclosed).into(),
        ..events[0].clone()
    });
    let met = met(verified(&world, journal, &stray).await);
    assert_eq!(met, Some((Seq(stray.len() as u64), "changed")));
}

/// An upgrade explains it as well as tampering does, so the operator is told.
#[tokio::test]
async fn a_turn_of_another_build_that_diverges_is_told_as_such() {
    let (world, journal, events) = talked().await;
    for other in [false, true] {
        let mut events = events.clone();
        change(&mut events, |answer| said(answer, "hi", "I want to talk to a person"));
        for recorded in events.iter_mut().filter(|_| other) {
            if let Event::Answer(Answer::Opened(opening)) = &mut recorded.event {
                opening.basis.engine = Digest::of(b"older");
            }
        }
        let error = verified(&world, journal, &events).await.unwrap_err();
        let VerifyError::Diverged { other_engine, .. } = &error else { panic!("{error}") };
        assert_eq!(*other_engine, other);
        let first = error.to_string();
        assert_eq!(first.lines().next().unwrap().contains("another build"), other, "{first}");
    }
}
