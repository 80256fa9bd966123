//! `sutler replay tools-live` and `swap`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use agent_core::replay::cassette::Key;
use agent_core::replay::diff::{Facet, Tolerance};
use agent_core::replay::rerun::OffScript;
use agent_core::store::Archive;
use clap::{Args, ValueEnum};

use super::change::{GoodsOf, PackOf, Rated, model};
use super::source::Source;
use crate::cli::Global;
use crate::clock::SystemClock;
use crate::command::conversations::bar;
use crate::command::print;
use crate::config::Config;
use crate::exit::{Code, Failure};
use crate::replay::batch;
use crate::replay::parallel::cores;
use crate::replay::plan::{Plan, as_recorded};
use crate::replay::report::{Report, html, json, junit, terminal};
use crate::tape::Journal;
use crate::tape::results::ResultsError;

/// Recorded models, live tools: do the same calls still bring the same?
///
/// The models answer as recorded, each request by the hash of all it says. The tools run on a copy of the shop:
/// its goods as they are today, its systems as they answered then. A request that was never recorded is a miss:
/// it fails, and is shown beside the nearest that was. No network is used.
#[derive(Debug, Args)]
pub(crate) struct ToolsLive {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    goods: GoodsOf,
    /// How a recorded answer is found: by the whole request, or by its place in its turn
    #[arg(long = "match", value_enum, default_value = "request")]
    key: By,
    #[command(flatten)]
    run: Run,
}

/// Another pack, model, policy set, catalogue or price: what would be different?
///
/// A turn leaves the script when the customer is faced with something else than they were: other offers, another
/// cart, a question instead of an answer. What they said next may not fit then. Such turns are marked; whether the
/// rest is run says --off-script.
#[derive(Debug, Args)]
pub(crate) struct Swap {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    pack: PackOf,
    #[command(flatten)]
    goods: GoodsOf,
    /// Who answers
    #[arg(long, value_enum, default_value = "clerk")]
    model: Who,
    /// What answers tools: a copy of the shop with today's goods, or the tape
    #[arg(long, value_enum, default_value = "live")]
    tools: Tools,
    #[command(flatten)]
    run: Run,
}

/// How it is run, compared and told.
#[derive(Debug, Args)]
struct Run {
    /// What becomes of turns that leave the script
    #[arg(long, value_enum, default_value = "stop")]
    off_script: Off,
    /// The same in another order is the same
    #[arg(long)]
    any_order: bool,
    /// Differences of this kind do not count; repeatable: words, amounts, tools, latency, …
    #[arg(long, value_name = "KIND", value_parser = facet)]
    ignore: Vec<Facet>,
    /// Milliseconds by which a latency may differ (and it may always differ by a third)
    #[arg(long, value_name = "MS", default_value_t = 250)]
    latency: u64,
    #[command(flatten)]
    rated: Rated,
    /// Conversations that run at once [default: one a core]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// What was run is kept here as it comes; called again with it, by the same build and for the same changes, a run
    /// that was cut short goes on
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
    /// A report in one file, to be opened in a browser
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// A report for CI servers
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// A report for programs; `-` writes it instead of the report for people
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Copy, Clone, Debug, ValueEnum)]
enum By {
    /// The whole request
    Request,
    /// The place in the turn
    Place,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
enum Who {
    /// The deterministic one, without a network
    Clerk,
    /// The shop's own, by the configuration
    Configured,
    /// Nobody: the recorded answers, by the whole request
    Tape,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
enum Tools {
    /// A copy of the shop
    Live,
    /// The recorded answers
    Tape,
}

#[derive(Copy, Clone, Debug, ValueEnum)]
enum Off {
    /// The rest is not run
    Stop,
    /// The customer says what they said
    Continue,
    /// A simulated customer goes on, after the same goods
    Simulate,
}

fn facet(text: &str) -> Result<Facet, String> {
    let found = Facet::ALL.into_iter().find(|facet| facet.name() == text);
    found.ok_or_else(|| format!("kinds are: {}", Facet::ALL.map(Facet::name).join(", ")))
}

impl ToolsLive {
    pub(super) async fn run(mut self, global: &Global) -> Result<(), Failure> {
        let config = global.config(None)?;
        let tapes = self.source.conversations(&config).await?;
        let config = self.goods.settle(config, &tapes.0)?;
        let mut changes =
            vec!["tools: live, on a copy of the shop; models: as recorded".to_owned()];
        let shelf = Some(self.goods.shelf(&config, &mut changes).await?);
        let key = match self.key {
            By::Request => Key::Request,
            By::Place => Key::Place,
        };
        let plan =
            Plan { model: Err(key), shelf, ..self.run.plan(&config, as_recorded(), changes) };
        self.run.run(tapes, &plan, "Tools, live").await
    }
}

impl Swap {
    pub(super) async fn run(mut self, global: &Global) -> Result<(), Failure> {
        let config = global.config(None)?;
        let tapes = self.source.conversations(&config).await?;
        let config = self.goods.settle(config, &tapes.0)?;
        let mut changes = Vec::new();
        let pack = self.pack.repack(&mut changes)?;
        let mut plan = self.run.plan(&config, pack, Vec::new());
        if self.tools == Tools::Live {
            plan.shelf = Some(self.goods.shelf(&config, &mut changes).await?);
        }
        plan.changes = changes;
        if self.model != Who::Tape {
            model(&mut plan, self.goods.shop(&config)?, self.model == Who::Configured)?;
        }
        self.run.run(tapes, &plan, "Swap").await
    }
}

impl Run {
    fn plan(
        &self,
        config: &Config,
        pack: agent_core::replay::rerun::Repack,
        changes: Vec<String>,
    ) -> Plan {
        let off_script = match self.off_script {
            Off::Stop => OffScript::Stop,
            Off::Continue => OffScript::Continue,
            Off::Simulate => OffScript::Simulate,
        };
        let latency = Duration::from_millis(self.latency);
        Plan {
            model: Err(Key::Request),
            shelf: None,
            pack,
            off_script,
            tolerance: Tolerance { latency, ..Tolerance::default() },
            rates: self.rated.rates(config),
            clock: Arc::new(SystemClock),
            clerk: false,
            changes,
        }
    }

    async fn run(
        &self,
        (journals, archive): (Vec<Journal>, Arc<dyn Archive>),
        plan: &Plan,
        title: &str,
    ) -> Result<(), Failure> {
        let running = bar("running again");
        let jobs = self.jobs.unwrap_or_else(cores);
        let results = self.results.as_deref();
        let ran = batch::run(journals, archive, plan, results, jobs, &running).await;
        running.finish_and_clear();
        let mut report = ran.map_err(|error| match error.downcast::<ResultsError>() {
            Ok(error) => Failure::from(crate::tape::Error::from(error)),
            Err(error) => Failure::from(error),
        })?;
        for conversation in &mut report.conversations {
            conversation.forgive(&self.ignore, self.any_order);
        }
        self.tell(&report, title)
    }

    fn tell(&self, report: &Report, title: &str) -> Result<(), Failure> {
        let files = [
            (&self.html, html::html(report, title)),
            (&self.junit, junit::of(report)),
            (&self.json, json::json(report)),
        ];
        let mut told = false;
        for (path, text) in files {
            match path.as_deref() {
                Some(path) if path.as_os_str() == "-" => {
                    print(&text)?;
                    told = true;
                }
                Some(path) => std::fs::write(path, text).map_err(|error| {
                    Failure::new(Code::Failed, error).hint(format!("writing {}", path.display()))
                })?,
                None => {}
            }
        }
        if !told {
            print(&terminal::terminal(report))?;
        }
        let figures = report.figures();
        let differ = figures.conversations - figures.alike;
        if figures.failed > 0 {
            let what = format!("{} conversations could not be run", figures.failed);
            return Err(Failure::new(Code::Failed, anyhow::Error::msg(what)));
        }
        match differ {
            0 => Ok(()),
            1 => Err(Failure::found("1 conversation differs")),
            many => Err(Failure::found(format!("{many} conversations differ"))),
        }
    }
}
