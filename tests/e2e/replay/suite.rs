//! Suites made of conversations, whether they would notice a broken agent, and whether they prove anything.

use std::collections::BTreeMap;
use std::sync::Arc;

use agent_core::pack::Pack;
use sutler::replay::assert::{Ground, check};
use sutler::replay::case::{Case, Turn};
use sutler::replay::infer::{Strictness, case, recorded};
use sutler::replay::judge::Jury;
use sutler::replay::mutate::mutate;
use sutler::replay::rates::{Rates, rate};
use sutler::replay::runner::Runner;
use sutler::replay::suite::{Filed, How, guard, read, run};

use super::{held_and, runner, shipped};

/// Who looks around, wants no messages any more, and then does.
const STOPS: [&str; 4] = ["show me the Archive Backpack", "stop", "start", "what's in my cart?"];

/// Cases of a pack's golden conversations and one more, as `replay case` makes them.
async fn made(name: &str, pack: &Pack) -> Vec<Case> {
    let ground = Ground::of(pack);
    let (journals, _) = held_and(name, &STOPS).await;
    let strict = Strictness { similar: Some(0.8) };
    let cases = journals.iter().map(|journal| {
        let (turns, views) = recorded(&journal.events);
        let made = case(&journal.id.to_string(), turns, &views, &ground, strict);
        // As it is kept: written, and read again.
        Case::parse(&made.write()).unwrap()
    });
    cases.collect()
}

fn filed(cases: &[Case]) -> Vec<Filed> {
    cases.iter().map(|case| Filed { file: String::new(), case: case.clone() }).collect()
}

#[tokio::test]
async fn a_case_made_of_a_conversation_holds_when_it_is_run_and_when_it_is_only_read_again() {
    for name in prompts::builtin() {
        let (pack, feed, _) = shipped(name);
        let cases = made(name, &pack).await;
        let runner = runner(pack.clone(), feed);
        for outcome in run(&runner, &filed(&cases), &How { runs: Some(2), ..How::default() }, || {})
            .await
            .unwrap()
        {
            assert!(outcome.is_good() && outcome.runs == 2, "{name}: {outcome:?}");
        }
        let ground = Ground::of(&pack);
        for (case, journal) in cases.iter().zip(held_and(name, &STOPS).await.0) {
            let wrong = check(case, &recorded(&journal.events).1, &ground);
            assert!(wrong.is_empty(), "{name}: {wrong:?}");
        }
        assert_eq!(guard(&runner, &filed(&cases)).await, []);
    }
}

/// The suites of both packs; the shop's alone must notice nearly all. Every way fits somewhere, or it is none.
#[tokio::test(flavor = "multi_thread")]
async fn nearly_every_broken_agent_is_noticed_and_the_rest_is_told_with_the_reason() {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for name in prompts::builtin() {
        let (pack, feed, _) = shipped(name);
        let cases = made(name, &pack).await;
        let found = mutate(&runner(pack, feed), &cases, || {}).await.unwrap();
        assert!(found.failing.is_empty(), "{:?}", found.failing);
        found.ways().iter().for_each(|way| *places.entry(way.0).or_default() += way.1);
        let missed: Vec<_> = found.fates.iter().filter(|it| it.noticed.is_none()).collect();
        assert!(missed.iter().all(|it| it.reason.is_some()));
        assert!(found.share() >= 0.95, "{name}: {:.3}: {missed:#?}", found.share());
        assert!(name != "retail" || found.fates.len() > 600, "{} mutants", found.fates.len());
    }
    assert!(places.len() >= 30 && places.values().all(|places| *places > 0), "{places:#?}");
}

/// Who talks to a machine is told in words; a stop is confirmed without.
#[tokio::test]
async fn a_case_wants_the_disclosure_in_words_where_one_is_due() {
    let (pack, ..) = shipped("restaurant");
    let ground = Ground::of(&pack);
    for (said, due) in [("stop", false), ("hello", true)] {
        let (journals, _) = held_and("restaurant", &[said]).await;
        let (turns, mut views) = recorded(&journals[0].events);
        let strict = Strictness { similar: None };
        let case = case(said, turns, &views, &ground, strict);
        assert_eq!(check(&case, &views, &ground), [], "{said}");
        views[0].replies[0].outbound.blocks.remove(0);
        let wrong = check(&case, &views, &ground);
        assert_eq!(wrong.iter().any(|it| it.what.contains("the machine")), due, "{wrong:?}");
    }
}

/// A golden conversation proves something: its path executes, and an idle agent fails it.
#[tokio::test]
async fn every_golden_conversation_proves_something() {
    for name in prompts::builtin() {
        let (pack, feed, _) = shipped(name);
        let cases = read(&[name.into()]).unwrap();
        assert!(!cases.is_empty());
        assert_eq!(guard(&runner(pack, feed), &cases).await, [], "{name}");
    }
}

/// A case that looks at nothing is found out, and so is one whose path does not execute.
#[tokio::test]
async fn a_case_that_proves_nothing_is_told() {
    let (pack, feed, _) = shipped("retail");
    let says = |text: &str| Turn { say: Some(text.to_owned()), ..Turn::default() };
    let case = |name: &str, turns| Case { name: name.to_owned(), turns, ..Case::default() };
    let lazy = case("lazy", vec![Turn { not_called: vec!["checkout".into()], ..says("hello") }]);
    let lost = Turn { tap: Some("No such button".to_owned()), ..Turn::default() };
    let broken = case("broken", vec![says("hello"), lost]);
    let found = guard(&runner(pack, feed), &filed(&[lazy, broken])).await;
    let told: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(told, ["lazy", "lazy", "broken"], "{found:?}");
    assert!(found[2].1.contains("No such button"), "{found:?}");
}

/// A judge sees the calls, is metered, and advises unless it binds.
#[tokio::test]
async fn a_judge_advises_and_binds_only_where_a_case_says_so() {
    use agent_core::model::scripted::{Scripted, says};
    use agent_core::model::{Entry, Usage};
    let (pack, feed, _) = shipped("retail");
    let text = |binding: bool| {
        format!(
            "name = 'judged'\n[[turn]]\nsay = \"what's in my cart?\"\n\
             judge = {{ ask = 'Was it kind?', votes = 3, binding = {binding} }}\n"
        )
    };
    let model = || {
        Arc::new(Scripted::by(|request| {
            let Some(Entry::Customer { text, .. }) = request.transcript.last() else {
                panic!("asked")
            };
            assert!(text.contains("cart_view") && text.contains("Was it kind?"), "{text}");
            let usage = Some(Usage { input: 90, output: 10, ..Usage::default() });
            Ok(agent_core::model::Completion { usage, ..says("No.") })
        }))
    };
    let runner = runner(pack, feed);
    let runner =
        Runner { rates: Rates::default().with([rate("scripted=2/2/8").unwrap()]), ..runner };
    for (binding, most, good, cost) in
        [(false, 10_000, true, 300), (true, 10_000, false, 300), (true, 150, true, 200)]
    {
        let cases = filed(&[Case::parse(&text(binding)).unwrap()]);
        let how = How { jury: Some(Jury::new(model(), most)), ..How::default() };
        let ran = run(&runner, &cases, &how, || {}).await.unwrap();
        assert_eq!((ran[0].is_good(), ran[0].judged.tokens), (good, cost), "{:?}", ran[0]);
        assert_eq!(ran[0].judged.cost.0, cost / 100 * 90 * 2 + cost / 100 * 10 * 8);
        assert_eq!(ran[0].wrong.len(), 1);
    }
}
