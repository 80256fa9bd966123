//! Suites made of conversations, whether they would notice a broken agent, and whether they prove anything.

use std::collections::BTreeMap;
use std::sync::Arc;

use agent_core::id::{Made, TurnId};
use agent_core::message::{ActionRef, InboundKind, Tap};
use agent_core::model::clerk::Clerk;
use agent_core::pack::Pack;
use agent_core::replay::view::TurnView;
use serde_json::{Value, json};
use sutler::replay::assert::{Ground, check};
use sutler::replay::case::{Case, Turn};
use sutler::replay::infer::{Strictness, case, recorded};
use sutler::replay::judge::Jury;
use sutler::replay::mutate::mutate;
use sutler::replay::rates::{Rates, rate};
use sutler::replay::runner::Runner;
use sutler::replay::suite::{Filed, How, against, guard, read, run};

use sutler_tests::world::World;

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

/// A button that is used up, and one that nobody knows, are tapped in the case as they were.
#[tokio::test]
async fn a_case_taps_what_is_used_up_too() {
    let (pack, feed, _) = shipped("restaurant");
    let world = World::new(pack.clone(), feed, Arc::new(Clerk::new())).await;
    world.say("ada", "show me the Margherita Pizza").await;
    world.say("ada", "add the large one").await;
    world.say("ada", "checkout").await;
    let yes = world.conversation("ada").await.offered.last().unwrap().actions[0].0.clone();
    world.tap("ada", &yes).await;
    world.tap("ada", &yes).await;
    let unknown = ActionRef { outbound: Made { turn: TurnId(1), n: 1 }, option: 0 };
    world.tell("ada", InboundKind::Tap(Tap::Action(unknown))).await;
    let (turns, views) = recorded(&world.events("ada").await);
    let case = case("ada", turns, &views, &Ground::of(&pack), Strictness { similar: Some(0.8) });
    let case = Case::parse(&case.write()).unwrap();
    assert!(case.turns[4].tap.is_some() && case.turns[5].inbound.is_some(), "{case:?}");
    let ran = run(&runner(pack, feed), &filed(&[case]), &How::default(), || {}).await.unwrap();
    assert!(ran[0].is_good(), "{ran:?}");
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
        [(false, 10_000, true, 300), (true, 10_000, false, 300), (true, 150, false, 200)]
    {
        let cases = filed(&[Case::parse(&text(binding)).unwrap()]);
        let how = How { jury: Some(Jury::new(model(), most)), ..How::default() };
        let ran = run(&runner, &cases, &how, || {}).await.unwrap();
        assert_eq!((ran[0].is_good(), ran[0].judged.tokens), (good, cost), "{:?}", ran[0]);
        assert_eq!(ran[0].judged.cost.0, cost / 100 * 90 * 2 + cost / 100 * 10 * 8);
        assert_eq!(ran[0].wrong.len(), 1);
    }
    // Both versions are judged, each for half of it; who was not asked is told.
    let cases = filed(&[Case::parse(&text(true)).unwrap()]);
    let how = |jury| How { jury, ..How::default() };
    for (most, cost) in [(10_000, 300), (200, 100)] {
        let how = how(Some(Jury::new(model(), most)));
        let told = against(&runner, &runner, &cases, &how, || {}).await.unwrap();
        assert_eq!((told.cases[0].judged.tokens, told.old[0].judged.tokens), (cost, cost));
        let compared = told.compared().unwrap();
        assert_eq!((compared.worse, compared.better), (0, 0), "{told:?}");
    }
    let unasked = run(&runner, &cases, &how(None), || {}).await.unwrap();
    assert!(unasked[0].is_good() && unasked[0].wrong[0].advisory, "{unasked:?}");
    assert!(unasked[0].wrong[0].what.contains("not judged"), "{unasked:?}");
}

/// Each order needs a yes of its own, to the very cart that is ordered.
#[test]
fn an_order_without_a_yes_of_its_own_is_noticed() {
    let (pack, ..) = shipped("retail");
    let case = Case::parse("name = 'asked'\n[always]\nconfirm = ['checkout']\n").unwrap();
    let turn = |asks: bool, shirts: u32| {
        let call = json!({
            "call": { "id": Made { turn: TurnId(1), n: 1 }, "tool": "checkout", "arguments": {} },
            "access": if asks { Value::Null } else { "write".into() },
            "refused": if asks { "tool.confirm".into() } else { Value::Null },
            "cart": [["shirt-1", shirts]],
            "result": Value::Null,
        });
        let call = serde_json::from_value(call).unwrap();
        TurnView { calls: vec![call], ..TurnView::default() }
    };
    let check = |turns: &[(bool, u32)], wrong: &[usize]| {
        let views: Vec<TurnView> =
            turns.iter().map(|(asks, shirts)| turn(*asks, *shirts)).collect();
        let found = check(&case, &views, &Ground::of(&pack));
        assert_eq!(found.iter().map(|it| it.turn).collect::<Vec<_>>(), wrong, "{found:?}");
    };
    let (asks, orders) = (true, false);
    check(&[(asks, 1), (orders, 1)], &[]);
    check(&[(orders, 1)], &[1]);
    check(&[(asks, 1), (orders, 1), (orders, 1)], &[3]);
    check(&[(asks, 1), (orders, 1), (orders, 2)], &[3]);
    check(&[(asks, 1), (orders, 2)], &[2]);
    check(&[(asks, 1), (orders, 1), (asks, 2), (orders, 2)], &[]);
}
