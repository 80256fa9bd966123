//! Suites: cases of files and folders, run k times each, against another version where one is given.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use agent_core::replay::view::TurnView;
use anyhow::Context as _;
use serde::Serialize;

use super::assert::{Ground, Wrong, check};
use super::case::Case;
use super::judge::{Jury, unasked};
use super::parallel::{cores, each};
use super::rates::Spent;
use super::runner::{Ran, Runner};
use super::statistics::{Class, class, interval, paired, pass_all};

/// A case and where it is from.
#[derive(Clone, Debug)]
pub struct Filed {
    /// The file.
    pub file: String,
    /// The case.
    pub case: Case,
}

/// The cases of files, of folders (every TOML and YAML file in them), or the golden conversations of a pack that ships.
///
/// # Errors
/// Every case that can't be read.
pub fn read(paths: &[PathBuf]) -> anyhow::Result<Vec<Filed>> {
    let mut cases = Vec::new();
    for path in paths {
        let name = path.to_string_lossy();
        if path.is_dir() {
            folder(path, &mut cases)?;
        } else if let Some(folder) = prompts::Folder::builtin(&name).filter(|_| !path.exists()) {
            for (file, text) in
                folder.files().iter().filter(|(file, _)| file.starts_with("golden/"))
            {
                let case = Case::parse(text).with_context(|| format!("{name}/{file}"))?;
                cases.push(Filed { file: format!("{name}/{file}"), case });
            }
        } else {
            cases.push(Filed { file: name.into_owned(), case: Case::read(path)? });
        }
    }
    anyhow::ensure!(!cases.is_empty(), "there are no cases in {}", shown(paths));
    Ok(cases)
}

fn shown(paths: &[PathBuf]) -> String {
    paths.iter().map(|it| it.display().to_string()).collect::<Vec<_>>().join(", ")
}

fn folder(path: &Path, cases: &mut Vec<Filed>) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(path).with_context(|| path.display().to_string())?;
    let mut files: Vec<PathBuf> = entries.filter_map(|it| Some(it.ok()?.path())).collect();
    files.sort();
    let cased = |file: &PathBuf| {
        let ending = file.extension().and_then(|it| it.to_str()).unwrap_or_default();
        matches!(ending, "toml" | "yaml" | "yml")
    };
    for file in files.into_iter().filter(cased) {
        let case = Case::read(&file)?;
        cases.push(Filed { file: file.display().to_string(), case });
    }
    Ok(())
}

/// What came of a case.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// Its file.
    pub file: String,
    /// Runs that passed.
    pub passed: u32,
    /// Runs.
    pub runs: u32,
    /// How many had to pass.
    pub required: u32,
    /// What it is by its runs.
    pub class: Class,
    /// The share that passes, 95 % sure.
    pub interval: (f64, f64),
    /// What was wrong in the first run that failed; and what is only told.
    pub wrong: Vec<Wrong>,
    /// What the judges cost.
    pub judged: Spent,
}

impl Outcome {
    /// Of a tape that was only read again.
    #[must_use]
    pub fn scored(name: String, file: &str, passed: u32, wrong: Vec<Wrong>) -> Self {
        Self {
            name,
            file: file.to_owned(),
            passed,
            runs: 1,
            required: 1,
            class: class(passed, 1),
            interval: interval(passed, 1),
            wrong,
            judged: Spent::default(),
        }
    }

    /// Whether enough of its runs passed.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.passed >= self.required
    }
}

/// What came of a suite.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Results {
    /// Its cases.
    pub cases: Vec<Outcome>,
    /// The same of the old version, where there is one.
    pub old: Vec<Outcome>,
    /// What guards found: cases that prove nothing.
    pub guards: Vec<(String, String)>,
    /// Cases that were put to nothing: the conversation they are of is not there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<(String, String)>,
}

/// Old against new.
#[derive(Copy, Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// Cases that only the old one passes.
    pub worse: u32,
    /// Cases that only the new one passes.
    pub better: u32,
    /// How likely such a difference is by chance.
    pub chance: f64,
}

impl Results {
    /// The chance that a suite of one case each, drawn k times, passes wholly: the mean of pass^k.
    #[must_use]
    pub fn pass_all(&self, k: u32) -> Option<f64> {
        let each: Option<Vec<f64>> =
            self.cases.iter().map(|it| pass_all(it.passed, it.runs, k)).collect();
        let each = each.filter(|each| !each.is_empty())?;
        #[expect(clippy::cast_precision_loss, reason = "counts of cases are small")]
        let many = each.len() as f64;
        Some(each.iter().sum::<f64>() / many)
    }

    /// Old against new, case by case.
    #[must_use]
    pub fn compared(&self) -> Option<Compared> {
        if self.old.is_empty() {
            return None;
        }
        let pairs =
            self.old.iter().zip(&self.cases).map(|(old, new)| (old.is_good(), new.is_good()));
        let count = |of: (bool, bool)| {
            u32::try_from(pairs.clone().filter(|it| *it == of).count()).unwrap_or(u32::MAX)
        };
        let (worse, better) = (count((true, false)), count((false, true)));
        Some(Compared { worse, better, chance: paired(worse, better) })
    }
}

/// How cases are run.
#[derive(Clone, Debug, Default)]
pub struct How {
    /// How often at least; a case that requires more is run so often.
    pub runs: Option<u32>,
    /// So many at once; one a core without.
    pub jobs: Option<usize>,
    /// Who is asked what cases want to be asked.
    pub jury: Option<Jury>,
}

/// Runs cases.
///
/// # Errors
/// When a case can't be run at all.
pub async fn run(
    runner: &Runner,
    cases: &[Filed],
    how: &How,
    progress: impl FnMut(),
) -> anyhow::Result<Vec<Outcome>> {
    let one = |filed: &Filed| {
        let (runner, filed, how) = (runner.clone(), filed.clone(), how.clone());
        async move { outcome(&runner, filed, &how).await }
    };
    let jobs = how.jobs.unwrap_or_else(cores);
    each(cases, jobs, one, progress).await?.into_iter().collect()
}

/// Runs cases, and an older version beside, by the same judges.
///
/// # Errors
/// When a case can't be run at all.
pub async fn against(
    runner: &Runner,
    old: &Runner,
    cases: &[Filed],
    how: &How,
    mut progress: impl FnMut(),
) -> anyhow::Result<Results> {
    let [jury, olds] = match how.jury.clone().map(Jury::halved) {
        Some(halves) => halves.map(Some),
        None => [None, None],
    };
    let new = run(runner, cases, &How { jury, ..how.clone() }, &mut progress).await?;
    let old = run(old, cases, &How { jury: olds, ..how.clone() }, &mut progress).await?;
    Ok(Results { cases: new, old, ..Results::default() })
}

async fn outcome(runner: &Runner, filed: Filed, how: &How) -> anyhow::Result<Outcome> {
    let Filed { file, case } = filed;
    let ground = Ground::of(&runner.pack).priced(&runner.rates);
    let (required, of) = case.required().with_context(|| file.clone())?;
    let times = how.runs.unwrap_or(of).max(of);
    // More runs than the case asks for keep its share.
    let required = (required * times).div_ceil(of);
    let (mut passed, mut wrong, mut judged) = (0, Vec::new(), Spent::default());
    for attempt in 0..times {
        let ran = runner.run(&case, attempt).await;
        let mut found = found(&case, &ran, &ground);
        match &how.jury {
            Some(jury) => judged += jury.judge(&case, &ran.views, &runner.rates, &mut found).await,
            None => found.extend(unasked(&case)),
        }
        let failed = found.iter().any(|it| !it.advisory);
        passed += u32::from(!failed);
        if wrong.is_empty() || (failed && wrong.iter().all(|it: &Wrong| it.advisory)) {
            wrong = found;
        }
    }
    Ok(Outcome {
        name: case.name,
        file,
        passed,
        runs: times,
        required,
        class: class(passed, times),
        interval: interval(passed, times),
        wrong,
        judged,
    })
}

fn found(case: &Case, ran: &Ran, ground: &Ground<'_>) -> Vec<Wrong> {
    let mut found = check(case, &ran.views, ground);
    if let Some(why) = &ran.ended {
        let turn = ran.views.len() + 1;
        found.push(Wrong { turn, what: why.clone(), advisory: false });
    }
    found
}

/// Whether cases prove anything: the gold path must execute, and an agent that does nothing must fail.
pub async fn guard(runner: &Runner, cases: &[Filed]) -> Vec<(String, String)> {
    let pack = runner.pack.clone();
    let ground = Ground::of(&pack).priced(&runner.rates);
    let idle = Runner { model: Arc::new(Idle), ..runner.clone() };
    let mut found = Vec::new();
    for Filed { case, .. } in cases {
        let gold = runner.run(case, 0).await;
        let calls = gold.views.iter().flat_map(|view| &view.calls);
        let failed = calls.filter_map(|it| Some((&it.call, it.result.as_ref()?.as_ref().err()?)));
        for (call, error) in failed.take(1) {
            let what =
                format!("its path does not execute: {} {}: {error}", call.tool, call.arguments);
            found.push((case.name.clone(), what));
        }
        if let Some(why) = &gold.ended {
            found.push((case.name.clone(), format!("its path does not execute: {why}")));
        }
        let silence: Vec<TurnView> = gold.views.iter().map(silent).collect();
        if check(case, &silence, &ground).is_empty() {
            found
                .push((case.name.clone(), "an agent that says and does nothing passes".to_owned()));
        }
        let asked = gold.views.iter().any(|view| !view.asked.is_empty());
        let polite = idle.run(case, 0).await;
        if asked && polite.ended.is_none() && check(case, &polite.views, &ground).is_empty() {
            found.push((case.name.clone(), "an agent that only says `Okay.` passes".to_owned()));
        }
    }
    found
}

/// The turn, had the agent said and done nothing.
fn silent(view: &TurnView) -> TurnView {
    TurnView { at: view.at, heard: view.heard.clone(), ..TurnView::default() }
}

/// A model that does nothing, politely.
#[derive(Debug)]
struct Idle;

#[async_trait::async_trait]
impl agent_core::model::Model for Idle {
    async fn complete(
        &self,
        _: &agent_core::model::Request,
        _: &mut (dyn for<'a> FnMut(agent_core::model::Delta<'a>) + Send),
    ) -> Result<agent_core::model::Completion, agent_core::model::ModelError> {
        Ok(agent_core::model::scripted::says("Okay."))
    }
}
