//! What of production is worth a look.

use std::collections::BTreeMap;
use std::sync::Arc;

use agent_core::event::{Decision, Event};
use agent_core::evidence::{Change, Owner};
use agent_core::message::InboundKind;
use agent_core::model::scripted::{Scripted, says};
use agent_core::model::{Completion, Entry, Usage};
use sutler::replay::rates::{MicroUsd, Rates, rate};
use sutler::replay::sample::{Rules, Stratum, choose};
use sutler::tape::Journal;
use sutler_tests::world::World;

use super::{held, shipped};

fn waits(journal: &Journal) -> bool {
    journal.events.iter().any(|recorded| {
        let changed = Event::Decision(Decision::Changed(Change::Owner(Owner::Bot)));
        matches!(&recorded.event, Event::Decision(Decision::Changed(Change::Owner(owner)))
            if recorded.event != changed && matches!(owner, Owner::Waiting { .. }))
    })
}

#[tokio::test]
async fn every_hand_over_and_every_new_path_is_chosen_and_no_other() {
    let (journals, _) = held("retail").await;
    let chosen = choose(&journals, &Rules { hand_overs: true, ..Rules::default() });
    let at: Vec<usize> = chosen.iter().map(|it| it.at).collect();
    let expected: Vec<usize> = (0..journals.len()).filter(|at| waits(&journals[*at])).collect();
    assert!(!at.is_empty());
    assert_eq!(at, expected);
    let paths = choose(&journals, &Rules { new_paths: true, ..Rules::default() });
    assert!(paths.len() > 3 && paths.len() < journals.len(), "{paths:#?}");
    // Held again, nothing in them is new.
    let twice: Vec<Journal> = journals.iter().chain(&journals).cloned().collect();
    assert_eq!(choose(&twice, &Rules { new_paths: true, ..Rules::default() }).len(), paths.len());
}

#[tokio::test]
async fn a_share_is_taken_of_each_kind_and_is_the_same_each_time() {
    let (journals, _) = held("retail").await;
    let rules = |share| Rules { share, per: vec![Stratum::Locale], ..Rules::default() };
    let few = choose(&journals, &rules(0.01));
    let kinds: std::collections::BTreeSet<&str> =
        few.iter().map(|it| it.stratum.as_str()).collect();
    assert_eq!(kinds, ["de", "en"].into(), "one of each language at least");
    assert_eq!(few, choose(&journals, &rules(0.01)));
    let more = choose(&journals, &rules(0.5));
    assert!(few.iter().all(|it| more.contains(it)), "who was drawn stays drawn");
    assert_eq!(choose(&journals, &rules(1.0)).len(), journals.len());
    assert_eq!(choose(&journals, &rules(0.0)), []);
    let most = Rules { most: Some(2), ..rules(1.0) };
    assert_eq!(choose(&journals, &most).len(), 2);
}

/// Those who were dear, those who were not content, and those in which a rule held something back.
#[tokio::test]
async fn what_was_dear_or_bad_or_held_back_is_chosen_and_no_other() {
    let (pack, feed, _) = shipped("retail");
    let model = Scripted::by(|request| {
        let price = request.transcript.iter().any(
            |entry| matches!(entry, Entry::Customer { text, .. } if text.contains("what does it cost")),
        );
        let first = request.notes.violations.is_empty();
        // An amount that nobody ever told, and all right when it is asked again.
        let text = if price && first { "It costs 5.00 EUR." } else { "All right." };
        let usage = Some(Usage { input: 900, output: 100, ..Usage::default() });
        Ok(Completion { usage, ..says(text) })
    });
    let world = World::new(pack, feed, Arc::new(model)).await;
    world.say("plain", "hello").await;
    for text in ["hello", "hello again", "and again"] {
        world.say("dear", text).await;
    }
    let bad = InboundKind::Reaction { to: "m1".into(), emoji: Some("👎".to_owned()) };
    world.say("sad", "hello").await;
    world.tell("sad", bad).await;
    let good = InboundKind::Reaction { to: "m1".into(), emoji: Some("👍".to_owned()) };
    world.say("glad", "hello").await;
    world.tell("glad", good).await;
    world.say("held", "what does it cost?").await;
    let (mut journals, who) = (Vec::new(), ["plain", "dear", "sad", "glad", "held"]);
    for who in who {
        let (id, events) = (world.journal(who).await, world.events(who).await);
        journals.push(Journal { id, customer: None, events });
    }
    let check = |rules: Rules, expected: &[(&str, &str)]| {
        let chosen = choose(&journals, &rules);
        let told: BTreeMap<&str, String> =
            chosen.iter().map(|it| (who[it.at], it.reasons.join("; "))).collect();
        let expected = expected.iter().map(|(who, why)| (*who, (*why).to_owned())).collect();
        assert_eq!(told, expected);
    };
    check(Rules { negative: true, ..Rules::default() }, &[("sad", "reaction 👎")]);
    check(Rules { tokens: Some(2_500), ..Rules::default() }, &[("dear", "3000 tokens")]);
    let rates = Rates::default().with([rate("scripted=1/1/4").unwrap()]);
    let dear = Rules { cost: Some(MicroUsd(3_000)), rates, ..Rules::default() };
    check(dear, &[("dear", "0.0039 USD")]);
    let held = choose(&journals, &Rules { policy: true, ..Rules::default() });
    assert_eq!(held.iter().map(|it| who[it.at]).collect::<Vec<_>>(), ["held"], "{held:?}");
    assert!(held[0].reasons.iter().all(|why| why.starts_with("policy ")), "{held:?}");
}
