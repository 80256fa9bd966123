//! A changed word, a changed price, a removed tool, a slower model: each shows as what it is, and nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use agent_core::id::Name;
use agent_core::model::clerk::Clerk;
use agent_core::model::{Completion, Delta, Model, ModelError, Request, Usage};
use agent_core::money::Money;
use agent_core::replay::cassette::Key;
use agent_core::replay::diff::{Facet, Tolerance};
use agent_core::replay::rerun::OffScript;
use agent_core::time::turned::TurnedClock;
use async_trait::async_trait;
use catalog::Offer;
use indicatif::ProgressBar;
use sutler::replay::batch;
use sutler::replay::plan::{self, Plan};
use sutler::replay::rates::{MicroUsd, Rates, rate};
use sutler::replay::report::{Report, Turn};
use sutler_tests::world::{SHOP, START};
use tempfile::TempDir;

use super::{held, shelf, shipped};

/// The clerk, over a pack's own goods, with nothing changed.
fn plan(feed: &[u8]) -> Plan {
    Plan {
        model: Ok(Arc::new(Clerk::new())),
        shelf: Some(shelf(feed)),
        pack: plan::as_recorded(),
        off_script: OffScript::Stop,
        tolerance: Tolerance::default(),
        rates: Rates::default(),
        clock: Arc::new(TurnedClock::new(START)),
        clerk: false,
        changes: Vec::new(),
    }
}

async fn run(pack: &str, plan: &Plan) -> Report {
    let (journals, archive) = held(pack).await;
    batch::run(journals, archive, plan, None, 2, &ProgressBar::hidden()).await.unwrap()
}

/// What differs, of which kinds, and how many turns.
fn differing(report: &Report) -> (Vec<&Turn>, BTreeSet<Facet>) {
    let failed: Vec<_> = report.conversations.iter().filter_map(|it| it.error.as_ref()).collect();
    assert!(failed.is_empty(), "{failed:?}");
    let turns: Vec<&Turn> =
        report.conversations.iter().flat_map(|it| &it.turns).filter(|it| it.differs()).collect();
    let facets = turns.iter().flat_map(|turn| &turn.differences).map(|it| it.facet).collect();
    (turns, facets)
}

#[tokio::test]
async fn what_is_run_again_unchanged_comes_out_the_same() {
    for pack in prompts::builtin() {
        let (_, feed, _) = shipped(pack);
        for plan in [plan(feed), Plan { model: Err(Key::Request), ..plan(feed) }] {
            let report = run(pack, &plan).await;
            assert!(report.figures().turns > 10, "{:?}", report.figures());
            assert_eq!(differing(&report), (Vec::new(), BTreeSet::new()), "{pack}");
            assert_eq!(report.figures().misses, 0);
        }
    }
}

#[tokio::test]
async fn a_changed_word_shows_as_a_word_where_it_is_said() {
    let (_, feed, _) = shipped("retail");
    let pack = plan::changed(plan::as_recorded(), |content| {
        let phrase = content.phrases.get_mut("en").unwrap().get_mut("cart.empty").unwrap();
        *phrase = format!("Well, {phrase}");
    });
    let report = run("retail", &Plan { pack, ..plan(feed) }).await;
    let (turns, facets) = differing(&report);
    assert_eq!(facets, BTreeSet::from([Facet::Words]));
    assert!(turns.iter().all(|turn| turn.now.as_ref().unwrap().said.concat().contains("Well,")));
    assert!(turns.iter().all(|turn| turn.off_script.is_none()));
}

#[tokio::test]
async fn a_changed_price_shows_as_an_amount_where_it_is_told() {
    let (_, feed, _) = shipped("retail");
    let plan = plan(feed);
    let shelf = plan.shelf.as_ref().unwrap();
    let stock = agent_core::evidence::Stock::In(None);
    let offer = Offer { price: Money::new(7_990, "EUR"), sale: None, stock };
    assert!(shelf.goods.update(SHOP, &"RJM01-BLU-M".into(), offer));
    let report = run("retail", &plan).await;
    let (turns, facets) = differing(&report);
    assert!(facets.is_subset(&BTreeSet::from([Facet::Amounts, Facet::Arguments])), "{facets:?}");
    assert!(facets.contains(&Facet::Amounts));
    for difference in turns.iter().flat_map(|turn| &turn.differences) {
        let told = |text: &str, once: &str, twice: &str| {
            let text = text.replace(',', ".");
            (text.contains(once), text.contains(twice))
        };
        let was = told(&difference.was, "77.9", "155.80");
        let now = told(&difference.now, "79.9", "159.80");
        let (once, twice) = (was.0 && now.0, was.1 && now.1);
        // Cheaper than what they saw is cheaper than another price.
        let less = difference.was.contains("77.89") && difference.now.contains("79.89");
        assert!(once || twice || less && difference.facet == Facet::Arguments, "{difference:?}");
    }
}

#[tokio::test]
async fn a_removed_tool_shows_as_a_tool_and_the_turns_behind_it_are_marked() {
    let (_, feed, _) = shipped("retail");
    let pack = plan::without(plan::as_recorded(), vec![Name::from("checkout")]);
    let report = run("retail", &Plan { pack, ..plan(feed) }).await;
    let (turns, facets) = differing(&report);
    assert!(facets.contains(&Facet::Tools), "{facets:?}");
    for turn in &turns {
        let tools = turn.differences.iter().find(|it| it.facet == Facet::Tools);
        assert!(tools.is_some_and(|it| it.was.contains("checkout")) || turn.stopped, "{turn:?}");
    }
    // What is said and ordered follows from it, and nothing else.
    for other in
        [Facet::Amounts, Facet::Slots, Facet::Cart, Facet::Model, Facet::Cost, Facet::Latency]
    {
        assert!(!facets.contains(&other), "{facets:?}");
    }
    // A conversation without a checkout is as it was.
    let others = report.conversations.iter().filter(|it| !it.differs()).count();
    assert!(others > 8, "{others}");
}

/// The clerk, slowly.
#[derive(Debug)]
struct Slow(Clerk, Arc<TurnedClock>);

#[async_trait]
impl Model for Slow {
    async fn complete(
        &self,
        request: &Request,
        hear: &mut (dyn for<'a> FnMut(Delta<'a>) + Send),
    ) -> Result<Completion, ModelError> {
        self.1.turn(Duration::from_secs(3));
        self.0.complete(request, hear).await
    }
}

#[tokio::test]
async fn a_slower_model_shows_as_latency() {
    let (_, feed, _) = shipped("restaurant");
    let clock = Arc::new(TurnedClock::new(START));
    let model = Ok(Arc::new(Slow(Clerk::new(), clock.clone())) as Arc<dyn Model>);
    // One at a time: the clock is everybody's.
    let (journals, archive) = held("restaurant").await;
    let plan = Plan { model, clock, ..plan(feed) };
    let report =
        batch::run(journals, archive, &plan, None, 1, &ProgressBar::hidden()).await.unwrap();
    let (turns, facets) = differing(&report);
    assert_eq!(facets, BTreeSet::from([Facet::Latency]));
    assert!(turns.len() > 5);
}

/// The clerk, for money.
#[derive(Debug)]
struct Dear(Clerk);

#[async_trait]
impl Model for Dear {
    async fn complete(
        &self,
        request: &Request,
        hear: &mut (dyn for<'a> FnMut(Delta<'a>) + Send),
    ) -> Result<Completion, ModelError> {
        let usage = Some(Usage { input: 1_000, output: 50, ..Usage::default() });
        Ok(Completion { usage, ..self.0.complete(request, hear).await? })
    }
}

#[tokio::test]
async fn a_dearer_model_shows_as_cost_in_tokens_and_in_money() {
    let (_, feed, _) = shipped("restaurant");
    let rates = Rates::default().with([rate("clerk=1/1/4").unwrap()]);
    let plan = Plan { model: Ok(Arc::new(Dear(Clerk::new()))), rates, ..plan(feed) };
    let report = run("restaurant", &plan).await;
    let (turns, facets) = differing(&report);
    assert_eq!(facets, BTreeSet::from([Facet::Cost]));
    let first = &turns[0].differences[0];
    let asked = first.now.split(' ').next().unwrap().parse::<u64>().unwrap() / 1_050;
    let money = MicroUsd(asked * 1_200);
    assert_eq!(first.was, "0 tokens, 0.00 USD");
    assert_eq!(first.now, format!("{} tokens, {money}", asked * 1_050));
    let models = report.figures().models().unwrap();
    assert!(models.contains(" tokens, 0.00 USD → "), "{models}");
}

/// A request that was never recorded fails, and is shown beside the nearest that was.
#[tokio::test]
async fn a_miss_is_shown_with_what_is_nearest() {
    let (_, feed, _) = shipped("retail");
    let plan = Plan { model: Err(Key::Request), ..plan(feed) };
    let stock = agent_core::evidence::Stock::In(None);
    let offer = Offer { price: Money::new(7_990, "EUR"), sale: None, stock };
    plan.shelf.as_ref().unwrap().goods.update(SHOP, &"RJM01-BLU-M".into(), offer);
    let report = run("retail", &plan).await;
    let missed: Vec<_> = report.conversations.iter().flat_map(|it| &it.misses).collect();
    assert!(!missed.is_empty());
    for miss in missed {
        assert!(miss.alike > 90 && miss.nearest.is_some(), "{miss:?}");
        assert!(miss.diff.contains("-") && miss.diff.contains("7990"), "{}", miss.diff);
    }
}

/// Cut short, a run goes on; of another run, its results are refused.
#[tokio::test]
async fn a_run_goes_on_where_it_was_cut_short() {
    let (_, feed, _) = shipped("restaurant");
    let plan = plan(feed);
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("results");
    let again = || async {
        let (journals, archive) = held("restaurant").await;
        batch::run(journals, archive, &plan, Some(&file), 2, &ProgressBar::hidden()).await
    };
    let whole = again().await.unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    // Cut off in the middle of a line, as a kill leaves it.
    std::fs::write(&file, &text[..text.len() * 2 / 3]).unwrap();
    let resumed = again().await.unwrap();
    assert_eq!(resumed.conversations.len(), whole.conversations.len());
    assert_eq!(resumed.figures(), whole.figures());
    assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), text.lines().count());
    std::fs::write(&file, "{\"run\":\"another\"}\n").unwrap();
    assert!(again().await.is_err());
}

/// The customer is not answered as they were; a simulated one still goes for what they ended up with.
#[tokio::test]
async fn a_turn_that_leaves_the_script_is_marked_and_goes_on_as_is_said() {
    let (_, feed, _) = shipped("retail");
    let pack = || plan::without(plan::as_recorded(), vec![Name::from("compare")]);
    let with = |off_script| Plan { pack: pack(), off_script, ..plan(feed) };
    let stopped = run("retail", &with(OffScript::Stop)).await.figures();
    let on = run("retail", &with(OffScript::Continue)).await.figures();
    let simulated = run("retail", &with(OffScript::Simulate)).await;
    assert!(stopped.stopped > 0 && on.stopped == 0, "{stopped:?} {on:?}");
    let turns = simulated.conversations.iter().flat_map(|it| &it.turns);
    assert!(turns.filter(|turn| turn.simulated && turn.now.is_some()).count() > 0);
}
