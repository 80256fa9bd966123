//! Whether a suite would notice a broken agent: it is broken in known ways, one at a time, at every turn where the
//! way fits; what no case notices is listed, with the reason.

pub mod broken;
mod calls;
mod events;
mod results;
mod words;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use agent_core::event::Recorded;
use agent_core::evidence::{Body, Output, ProductFacts, ToolError};
use agent_core::model::Completion;
use agent_core::pack::Pack;
use agent_core::replay::diff::{Tolerance, compare};
use agent_core::replay::view::TurnView;
use serde::Serialize;

use super::assert::{Ground, Wrong, check};
use super::case::Case;
use super::parallel::{cores, each};
use super::runner::{Ran, Runner};

/// Changes something.
pub type Edit<T> = Arc<dyn Fn(T) -> T + Send + Sync>;

/// Where an agent is broken.
#[derive(Clone)]
pub enum Plant {
    /// Another pack is in force for the turn.
    Pack(Arc<Pack>),
    /// A model's answer, the n-th of the turn or all, is another.
    Completion(Option<usize>, Edit<Completion>),
    /// A tool's answer, the n-th of the turn, is another.
    Output(usize, Edit<Result<Output, ToolError>>),
    /// The turn leaves other events.
    Events(Edit<Vec<Recorded>>),
}

impl fmt::Debug for Plant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pack(_) => "Pack",
            Self::Completion(..) => "Completion",
            Self::Output(..) => "Output",
            Self::Events(_) => "Events",
        })
    }
}

/// An agent that is broken in one way at one place.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// The way.
    pub kind: &'static str,
    /// The turn, counted from 0.
    pub turn: usize,
    /// What exactly is broken there.
    pub site: String,
    /// How.
    pub plant: Plant,
}

/// A way to break an agent: finds the places in a turn where it fits.
type Way = fn(&Place<'_>) -> Vec<(String, Plant)>;

/// A turn of the unbroken agent.
struct Place<'a> {
    events: &'a [Recorded],
    view: &'a TurnView,
    /// Products that were found by then.
    goods: Vec<&'a ProductFacts>,
    pack: &'a Arc<Pack>,
}

/// Every way, by name.
const WAYS: &[(&str, Way)] = &[
    ("a call is dropped", calls::dropped),
    ("the second of two calls is dropped", calls::second_dropped),
    ("a call is made twice", calls::twice),
    ("another item", calls::other_item),
    ("another variant of the item", calls::other_variant),
    ("another quantity", calls::other_quantity),
    ("a condition of a search is forgotten", calls::condition_forgotten),
    ("goes to the checkout unasked", calls::checkout_unasked),
    ("asks a person unasked", calls::person_unasked),
    ("the answer is about something else", calls::past_the_question),
    ("a tool tells another price", results::other_price),
    ("a tool tells another stock", results::other_stock),
    ("a tool fails", results::fails),
    ("results stand in another order", results::other_order),
    ("the first result is lost", results::first_lost),
    ("what changed is not kept", results::not_kept),
    ("the confirmation is skipped", events::confirmation_skipped),
    ("the confirmation comes after the write", events::confirmation_late),
    ("a stop is ignored", events::stop_ignored),
    ("the wish for a person is ignored", events::person_refused),
    ("nothing is said", events::silent),
    ("the disclosure is dropped", events::undisclosed),
    ("another language", events::other_language),
    ("another amount in the words alone", words::other_amount),
    ("another amount in the second of two lines", words::second_amount),
    ("another name", words::other_name),
    ("a line is left out", words::line_left_out),
    ("a discount is made up", words::discount),
    ("the options are lost", words::no_options),
    ("an option does something else", words::other_option),
    ("the link leads elsewhere", words::link_elsewhere),
    ("the link is of another customer's order", words::other_order),
];

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fate {
    /// The case.
    pub case: String,
    /// The way.
    pub kind: &'static str,
    /// The turn, counted from 1.
    pub turn: usize,
    /// What exactly is broken.
    pub site: String,
    /// How it was noticed, if it was.
    pub noticed: Option<String>,
    /// Why it was not.
    pub reason: Option<String>,
    /// Nothing came of it: what the customer gets and what is kept is the same.
    pub harmless: bool,
}

/// What a suite notices.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Mutation {
    /// Every mutant.
    pub fates: Vec<Fate>,
    /// Cases that fail without any mutant, and so can't notice one.
    pub failing: Vec<String>,
}

impl Mutation {
    /// By way: places, noticed, harmless. Ways that fit nowhere are told too.
    #[must_use]
    pub fn ways(&self) -> Vec<(&'static str, usize, usize, usize)> {
        let of = |name: &'static str| {
            let all = self.fates.iter().filter(|fate| fate.kind == name);
            let noticed = all.clone().filter(|fate| fate.noticed.is_some()).count();
            let harmless = all.clone().filter(|fate| fate.harmless).count();
            (name, all.count(), noticed, harmless)
        };
        WAYS.iter().map(|(name, _)| of(name)).collect()
    }

    /// The share that was noticed, of those that do harm.
    #[must_use]
    pub fn share(&self) -> f64 {
        let harm: Vec<&Fate> = self.fates.iter().filter(|fate| !fate.harmless).collect();
        let noticed = harm.iter().filter(|fate| fate.noticed.is_some()).count();
        #[expect(clippy::cast_precision_loss, reason = "counts of mutants are small")]
        if harm.is_empty() { 1.0 } else { noticed as f64 / harm.len() as f64 }
    }
}

/// Breaks the agent at every place of every case; several cases at once.
///
/// # Errors
/// When a run panics.
pub async fn mutate(
    runner: &Runner,
    cases: &[Case],
    progress: impl FnMut(),
) -> anyhow::Result<Mutation> {
    let one = |case: &Case| {
        let (runner, case) = (runner.clone(), case.clone());
        async move { fates(&runner, &case).await.ok_or(case.name) }
    };
    let mut mutation = Mutation::default();
    for fates in each(cases, cores(), one, progress).await? {
        match fates {
            Ok(fates) => mutation.fates.extend(fates),
            Err(name) => mutation.failing.push(name),
        }
    }
    Ok(mutation)
}

/// What becomes of every mutant of a case; none where it fails without any.
async fn fates(runner: &Runner, case: &Case) -> Option<Vec<Fate>> {
    let ground = Ground::of(&runner.pack).priced(&runner.rates);
    let gold = runner.run(case, 0).await;
    if !check(case, &gold.views, &ground).is_empty() {
        return None;
    }
    let mut fates = Vec::new();
    for mutant in mutants(&gold, &runner.pack) {
        let ran = runner.broken(case, &gold, &mutant).await;
        let wrong = check(case, &ran.views, &ground);
        fates.push(fate(case, &mutant, (&gold, &ran), wrong));
    }
    Some(fates)
}

/// Every mutant of a run.
fn mutants(gold: &Ran, pack: &Arc<Pack>) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for (turn, (events, view)) in gold.turns.iter().zip(&gold.views).enumerate() {
        let seen = gold.views.iter().take(turn + 1);
        let place = Place { events, view, goods: goods(seen), pack };
        for (kind, way) in WAYS {
            let found = way(&place).into_iter();
            mutants.extend(found.map(|(site, plant)| Mutant { kind, turn, site, plant }));
        }
    }
    mutants
}

/// Products that were found.
fn goods<'a>(views: impl Iterator<Item = &'a TurnView>) -> Vec<&'a ProductFacts> {
    let mut goods: BTreeMap<&str, &ProductFacts> = BTreeMap::new();
    let results =
        views.flat_map(|view| &view.calls).filter_map(|it| it.result.as_ref()?.as_ref().ok());
    for finding in results.flatten() {
        if let Body::Product(facts) = &finding.body {
            goods.insert(facts.product.as_str(), facts);
        }
    }
    goods.into_values().collect()
}

fn fate(case: &Case, mutant: &Mutant, (gold, ran): (&Ran, &Ran), wrong: Vec<Wrong>) -> Fate {
    let noticed = wrong.into_iter().find(|it| !it.advisory);
    let noticed = noticed.map(|wrong| format!("turn {}: {}", wrong.turn, wrong.what));
    let mut facets: Vec<&str> = Vec::new();
    // Everything counts here, but how long it took and how often a model was asked.
    for (was, now) in gold.views.iter().zip(&ran.views) {
        let differences = compare(was, now, Tolerance::default());
        facets.extend(differences.iter().map(|it| it.facet.name()));
    }
    facets.retain(|name| !["latency", "model", "cost"].contains(name));
    facets.sort_unstable();
    facets.dedup();
    let same = gold.views.len() == ran.views.len();
    let seen = ["words", "amounts", "offers", "links", "cart", "order", "standing", "outcome"];
    let harmless = noticed.is_none() && same && !facets.iter().any(|name| seen.contains(name));
    let reason = noticed.is_none().then(|| match (harmless, facets.as_slice()) {
        (_, []) => "nothing comes of it".to_owned(),
        (true, facets) => format!("nothing the customer gets differs, only {}", facets.join(", ")),
        (false, facets) => {
            format!("differs in {}, which the case does not look at", facets.join(", "))
        }
    });
    Fate {
        case: case.name.clone(),
        kind: mutant.kind,
        turn: mutant.turn + 1,
        site: mutant.site.clone(),
        noticed,
        reason,
        harmless,
    }
}
