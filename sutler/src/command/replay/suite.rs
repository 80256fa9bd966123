//! `sutler replay case`, `run`, `rescore` and `mutate`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use agent_core::model::clerk::Clerk;
use agent_core::pack::Pack;
use clap::{Args, ValueEnum};
use indicatif::ProgressBar;

use super::change::{GoodsOf, Rated, load, short};
use super::source::Source;
use crate::assembly::{model_of, pack_of};
use crate::cli::Global;
use crate::clock::SystemClock;
use crate::command::conversations::bar;
use crate::command::print;
use crate::config::Config;
use crate::exit::{Code, Failure};
use crate::replay::assert::{Ground, check};
use crate::replay::infer::{Strictness, case, recorded};
use crate::replay::judge::{Jury, unasked};
use crate::replay::mutate::mutate;
use crate::replay::report::junit::{self, Case as Tested};
use crate::replay::report::suite::{mutation, results};
use crate::replay::runner::Runner;
use crate::replay::suite::{self, Filed, How, Results, guard, read};

/// What cases are run with.
#[derive(Debug, Args)]
pub(super) struct With {
    /// The pack: a built-in one by its name, or a folder [default: the shop's]
    #[arg(long, value_name = "PACK")]
    pack: Option<String>,
    #[command(flatten)]
    goods: GoodsOf,
    /// Who answers
    #[arg(long, value_enum, default_value = "clerk")]
    model: Who,
    #[command(flatten)]
    rated: Rated,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
enum Who {
    /// The deterministic one, without a network
    Clerk,
    /// The shop's own, by the configuration
    Configured,
}

impl With {
    pub(super) async fn runner(
        &self,
        global: &Global,
        changes: &mut Vec<String>,
    ) -> Result<Runner, Failure> {
        // A built-in pack brings its goods; a folder is tried with the shop's.
        let builtin = self.pack.as_deref().filter(|name| prompts::builtin().any(|it| it == *name));
        let config: Config = global.config(builtin)?;
        let shop = self.goods.shop(&config)?;
        let pack = match &self.pack {
            Some(name) => load(name)?,
            None => pack_of(&config, shop)?,
        };
        changes.push(format!("pack: {} {} ({})", pack.name, pack.version, short(&pack)));
        let shelf = self.goods.shelf(&config, changes).await?;
        let clock: Arc<dyn agent_core::time::Clock> = Arc::new(SystemClock);
        let model: Arc<dyn agent_core::model::Model> = match self.model {
            Who::Clerk => Arc::new(Clerk::new()),
            Who::Configured => model_of(shop, &clock)?,
        };
        let rates = self.rated.rates(&config);
        Ok(Runner { pack: Arc::new(pack), shelf, model, clock, rates })
    }
}

/// Run the cases of a suite: what must be said, called and done, and what must not.
///
/// A case is a file of TOML or YAML; a golden conversation of a pack is one too. `require = "3/3"` in it says how often it must
/// pass; a case that passes now and then is called flaky. With --against, an older pack runs the same cases, and the
/// difference is tested exactly (McNemar).
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Files, folders of files, or the name of a built-in pack for its golden conversations
    #[arg(required = true, value_name = "CASES")]
    cases: Vec<PathBuf>,
    #[command(flatten)]
    with: With,
    /// Runs of each case, at least
    #[arg(long, value_name = "N")]
    runs: Option<u32>,
    /// Cases that run at once [default: one a core]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// An older pack to compare with
    #[arg(long, value_name = "PACK")]
    against: Option<String>,
    /// Look at the suite itself too: the path must execute, and an agent that does nothing must fail
    #[arg(long)]
    guard: bool,
    /// Ask judges, by the shop's own model, and spend so many tokens on them at most; with --against, half of it on each
    /// pack
    #[arg(long, value_name = "TOKENS")]
    judge: Option<u64>,
    /// A report for CI servers
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// The results as JSON
    #[arg(long)]
    json: bool,
}

impl Run {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        let cases = filed(&self.cases)?;
        let mut changes = Vec::new();
        let runner = self.with.runner(global, &mut changes).await?;
        let jury = match self.judge {
            Some(most) => {
                let config = global.config(None)?;
                let model = model_of(self.with.goods.shop(&config)?, &runner.clock)?;
                Some(Jury::new(model, most))
            }
            None => None,
        };
        let running = bar("running cases");
        running.set_length(cases.len() as u64 * (1 + u64::from(self.against.is_some())));
        let how = How { runs: self.runs, jobs: self.jobs, jury };
        let mut told = match &self.against {
            Some(old) => {
                let old = Runner { pack: Arc::new(load(old)?), ..runner.clone() };
                suite::against(&runner, &old, &cases, &how, || running.inc(1)).await?
            }
            None => {
                let cases = suite::run(&runner, &cases, &how, || running.inc(1)).await?;
                Results { cases, ..Results::default() }
            }
        };
        if self.guard {
            told.guards = guard(&runner, &cases).await;
        }
        running.finish_and_clear();
        self.tell(&told, &changes)
    }

    fn tell(&self, told: &Results, changes: &[String]) -> Result<(), Failure> {
        if let Some(path) = &self.junit {
            let cases: Vec<Tested> = told.cases.iter().map(tested).collect();
            write(path, &junit::junit(&changes.join("; "), &cases))?;
        }
        if self.json {
            let text = serde_json::to_string_pretty(told).unwrap_or_default();
            print(&(text + "\n"))?;
        } else {
            print(&results(told, changes))?;
        }
        let failed = told.cases.iter().filter(|it| !it.is_good()).count();
        match (failed, told.guards.len()) {
            (0, 0) => Ok(()),
            (0, guards) => Err(Failure::found(format!("{guards} cases prove nothing"))),
            (failed, _) => {
                Err(Failure::found(format!("{failed} of {} cases fail", told.cases.len())))
            }
        }
    }
}

fn tested(outcome: &suite::Outcome) -> Tested {
    let wrong = outcome.wrong.iter().filter(|it| !it.advisory);
    let wrong: Vec<String> = wrong.map(|it| format!("turn {}: {}", it.turn, it.what)).collect();
    let share = format!("{} of {} runs passed", outcome.passed, outcome.runs);
    let failure = (!outcome.is_good()).then(|| format!("{share}\n{}", wrong.join("\n")));
    Tested { name: outcome.name.clone(), failure, ..Tested::default() }
}

fn filed(paths: &[PathBuf]) -> Result<Vec<Filed>, Failure> {
    read(paths).map_err(|error| Failure::new(Code::Usage, error))
}

fn write(path: &std::path::Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| {
        Failure::new(Code::Failed, error).hint(format!("writing {}", path.display()))
    })
}

/// Writes a case, and never over one that somebody worked on since it was made.
pub(super) fn put(path: &std::path::Path, text: &str) -> Result<(), Failure> {
    match std::fs::read_to_string(path) {
        Ok(there) if there != text => {
            let what = format!("{} is there already, and is another case", path.display());
            Err(Failure::usage(what).hint("name another folder with --out, or remove the file"))
        }
        Ok(_) | Err(_) => write(path, text),
    }
}

/// Put assertions to recorded conversations, without running anything.
///
/// A case that names in `from` the conversation it was made from is put to that one alone; one without turns, with
/// `[always]` and `[end]` only, to each. A case whose conversation is not there has not passed.
#[derive(Debug, Args)]
pub(crate) struct Rescore {
    /// Files or folders of cases
    #[arg(required = true, value_name = "CASES")]
    cases: Vec<PathBuf>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    rated: Rated,
    /// Cases whose conversation is not there are only told
    #[arg(long)]
    allow_missing: bool,
    /// The results as JSON
    #[arg(long)]
    json: bool,
}

impl Rescore {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        let cases = filed(&self.cases)?;
        let config = global.config(None)?;
        let (journals, archive) = self.source.read(&config, &ProgressBar::hidden()).await?;
        let mut forces = agent_core::replay::force::Forces::new(archive);
        let rates = self.rated.rates(&config);
        let mut told = Results::default();
        let mut met = BTreeSet::new();
        for journal in &journals {
            let name = journal.id.to_string();
            let opening = agent_core::replay::rerun::opening(&journal.events);
            let Some((_, opening)) = opening else { continue };
            let force = forces.of(&opening.basis).await;
            let pack: Arc<Pack> = force.map_err(|error| Failure::new(Code::Failed, error))?.pack;
            let ground = Ground::of(&pack).priced(&rates);
            let (_, views) = recorded(&journal.events);
            let meant = |it: &Filed| match &it.case.from {
                Some(from) => *from == name,
                None => it.case.turns.is_empty(),
            };
            for (n, Filed { file, case }) in cases.iter().enumerate().filter(|it| meant(it.1)) {
                met.insert(n);
                let mut wrong = check(case, &views, &ground);
                let passed = u32::from(wrong.is_empty());
                wrong.extend(unasked(case));
                told.cases.push(suite::Outcome::scored(
                    format!("{} · {name}", case.name),
                    file,
                    passed,
                    wrong,
                ));
            }
        }
        if told.cases.is_empty() {
            return Err(Failure::usage("none of the cases is of any of these conversations").hint(
                "a case is put to the conversation its `from` names; one without turns, to each",
            ));
        }
        let missing = cases.iter().enumerate().filter(|(n, _)| !met.contains(n));
        let missing = missing.map(|(_, Filed { case, .. })| {
            let why = case.from.as_ref().map_or_else(
                || "it names no conversation in `from`".to_owned(),
                |from| format!("{from} is not there, or has no turn"),
            );
            (case.name.clone(), why)
        });
        told.missing = missing.collect();
        if self.json {
            print(&(serde_json::to_string_pretty(&told).unwrap_or_default() + "\n"))?;
        } else {
            print(&results(&told, &["nothing was run".to_owned()]))?;
        }
        let failed = told.cases.iter().filter(|it| !it.is_good()).count();
        match (failed, told.missing.len()) {
            (0, 0) => Ok(()),
            (0, _) if self.allow_missing => Ok(()),
            (0, missing) => {
                let what = format!("{missing} of {} cases met no conversation", cases.len());
                Err(Failure::found(what).hint("with --allow-missing that is only told"))
            }
            (failed, _) => Err(Failure::found(format!("{failed} of {} fail", told.cases.len()))),
        }
    }
}

/// Make cases of recorded conversations: everything that can be asserted of them is.
///
/// Read them before you keep them, and strike out what may be otherwise. What the customer wrote is in them: make
/// them from a scrubbed tape, if they are to be shown around.
#[derive(Debug, Args)]
pub(crate) struct Case {
    #[command(flatten)]
    source: Source,
    /// The folder the cases are written to, a file each
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How alike the words must be, from 0 to 1; 0 leaves them open, beyond names and amounts
    #[arg(long, value_name = "SHARE", default_value_t = 0.8)]
    similar: f64,
}

impl Case {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        let config = global.config(None)?;
        let (journals, archive) = self.source.read(&config, &ProgressBar::hidden()).await?;
        let mut forces = agent_core::replay::force::Forces::new(archive);
        std::fs::create_dir_all(&self.out).map_err(|error| Failure::new(Code::Failed, error))?;
        let strict = Strictness { similar: (self.similar > 0.0).then_some(self.similar) };
        let mut made = 0;
        for journal in &journals {
            let Some((_, opening)) = agent_core::replay::rerun::opening(&journal.events) else {
                continue;
            };
            let force = forces.of(&opening.basis).await;
            let force = force.map_err(|error| Failure::new(Code::Failed, error))?;
            let (turns, views) = recorded(&journal.events);
            let first = turns.iter().find_map(|turn| turn.say.clone()).unwrap_or_default();
            let name: String = first.chars().take(60).collect();
            let mut case = case(&name, turns, &views, &Ground::of(&force.pack), strict);
            case.from = Some(journal.id.to_string());
            let own = **force.profile != adapters::terminal::profile();
            case.profile = own.then(|| (**force.profile).clone());
            let key: String = journal.id.key.to_string().chars().take(12).collect();
            put(&self.out.join(format!("{key}.toml")), &case.write())?;
            made += 1;
        }
        print(&format!("{made} cases in {}\n", self.out.display()))
    }
}

/// Break the agent in known ways, at every turn where each fits, and say what the suite would not notice.
///
/// A way that fits nowhere is told too. What does no harm (the customer gets the same) is not counted.
#[derive(Debug, Args)]
pub(crate) struct Mutate {
    /// Files, folders of files, or the name of a built-in pack for its golden conversations
    #[arg(required = true, value_name = "CASES")]
    cases: Vec<PathBuf>,
    #[command(flatten)]
    with: With,
    /// The share that must be noticed, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 95)]
    least: u8,
    /// Every mutant and its fate, as JSON
    #[arg(long)]
    json: bool,
}

impl Mutate {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        let filed = filed(&self.cases)?;
        let runner = self.with.runner(global, &mut Vec::new()).await?;
        let breaking = bar("breaking the agent");
        breaking.set_length(filed.len() as u64);
        let cases: Vec<_> = filed.into_iter().map(|it| it.case).collect();
        let found = mutate(&runner, &cases, || breaking.inc(1)).await?;
        breaking.finish_and_clear();
        if self.json {
            print(&(serde_json::to_string_pretty(&found).unwrap_or_default() + "\n"))?;
        } else {
            print(&mutation(&found))?;
        }
        if !found.failing.is_empty() {
            let what = format!("{} cases fail without any mutant", found.failing.len());
            return Err(Failure::found(what));
        }
        if found.share() * 100.0 < f64::from(self.least) {
            return Err(Failure::found(format!("less than {} % are noticed", self.least)));
        }
        Ok(())
    }
}
