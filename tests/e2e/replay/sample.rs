//! What of production is worth a look.

use agent_core::event::{Decision, Event};
use agent_core::evidence::{Change, Owner};
use sutler::replay::sample::{Rules, Stratum, choose};
use sutler::tape::Journal;

use super::held;

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
