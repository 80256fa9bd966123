//! The load bench: plays Meta before a running `sutler serve`, with a fake model and a fake Graph server behind it.
//!
//! `cargo build --release -p sutler && cargo run --release -p tests --bin load`. Exits with 1 when an answer was
//! lost, came twice or out of order, or a body broke a limit of Meta's. What times come to is printed beside a bare
//! handler's, which checks the signature, acknowledges, asks the same model and sends, and keeps nothing; and beside
//! its times when it syncs what it was told before it acknowledges, which is what the disk allows.

mod bare;
mod customers;
mod ledger;
mod machine;
mod told;
mod town;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use sutler_tests::probe::{Figures, syncs};
use sutler_tests::report::{self, Findings};

use crate::customers::Load;
use crate::machine::Side;
use crate::told::{Report, Told};

/// Plays Meta before a running `sutler serve`, and says what came of it.
///
/// Customers write by signed webhooks; a model on loopback takes its time and answers; a Graph server on loopback takes
/// the answers, and refuses what breaks a limit. The same load goes to a bare handler first, which keeps nothing, and to
/// one that syncs what it was told before it acknowledges.
///
/// A turn's time runs from its webhook, or from the customer's answer before where that came later, until the Graph
/// server has the answer; the model's own time is taken off. WhatsApp lets a shop send ten messages a minute to one
/// customer: with more MESSAGES than that, or with fewer CUSTOMERS, waiting for it is in the times.
///
/// Set TMPDIR to a folder on the disk in question.
#[derive(Clone, Debug, Parser)]
#[command(max_term_width = 100)]
struct Arguments {
    /// The program
    #[arg(long, default_value = "target/release/sutler")]
    program: PathBuf,
    /// How many customers there are
    #[arg(long, default_value_t = 1_000)]
    customers: u64,
    /// How many messages each writes
    #[arg(long, default_value_t = 6)]
    messages: u64,
    /// Messages a second, whether or not those before were answered
    #[arg(long, default_value_t = 200, conflicts_with = "closed")]
    rate: u64,
    /// Closed loop: every customer waits for the answer before the next message
    #[arg(long)]
    closed: bool,
    /// How many come at the same instant; the rate stays
    #[arg(long, default_value_t = 10)]
    burst: u64,
    /// At how many of a hundred messages the customer writes the next one at once
    #[arg(long, default_value_t = 10)]
    doubles: u64,
    /// How many of a hundred webhooks are told again, at once or within three seconds
    #[arg(long, default_value_t = 10)]
    duplicates: u64,
    /// Tell of each answer as sent, delivered and read: three webhooks more
    #[arg(long)]
    statuses: bool,
    /// How long the model takes, in milliseconds
    #[arg(long, default_value_t = 200)]
    model_ms: u64,
    /// For how long the shop gathers messages that come together, in milliseconds
    #[arg(long, default_value_t = 0)]
    settle_ms: u64,
    /// Leave the bare handlers out
    #[arg(long)]
    no_bare: bool,
    /// What chance starts from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// One JSON object on standard output
    #[arg(long)]
    json: bool,
    /// Be the bare handler of a model and a Graph server. The bench starts this itself.
    #[arg(long, hide = true, num_args = 2..=3)]
    bare: Option<Vec<String>>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let run = async {
        // An error means that one was chosen already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        if let Some([model, graph, folder @ ..]) = arguments.bare.as_deref() {
            bare::serve(model, graph, folder.first().map(Path::new)).await?;
        }
        run(&arguments).await
    };
    let found = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run));
    if arguments.json {
        return report::report_json(found);
    }
    report::report(found.map(|(report, mut findings)| {
        report.lines().into_iter().for_each(|line| findings.say(line));
        findings
    }))
}

async fn run(arguments: &Arguments) -> anyhow::Result<(Report, Findings)> {
    let folder = tempfile::tempdir()?;
    let mut report = Report { sync: Figures::of(syncs(folder.path())?), ..Report::default() };
    if !arguments.no_bare {
        report.bare = Some(one(arguments, Kind::Bare(None), "bare handler").await?);
        let keeping = Kind::Bare(Some(folder.path()));
        report.keeping = Some(one(arguments, keeping, "one that keeps").await?);
    }
    report.sutler = one(arguments, Kind::Sutler(folder.path()), "sutler serve").await?;
    let mut findings = Findings::default();
    findings.tried = report.sutler.messages;
    for (count, what) in report.sutler.wrong() {
        findings.add(what, &anyhow::anyhow!("{count}"));
    }
    Ok((report, findings))
}

/// What is measured.
#[derive(Copy, Clone, Debug)]
enum Kind<'a> {
    /// `sutler serve`, in a folder.
    Sutler(&'a Path),
    /// The bare handler; it keeps what it is told in a folder, if it has one.
    Bare(Option<&'a Path>),
}

/// The load against one side.
async fn one(arguments: &Arguments, kind: Kind<'_>, name: &str) -> anyhow::Result<Told> {
    let town = town::Town::found(Duration::from_millis(arguments.model_ms)).await?;
    let side = match kind {
        Kind::Sutler(folder) => {
            Side::sutler(&arguments.program, folder, &town, arguments.settle_ms).await?
        }
        Kind::Bare(folder) => Side::bare(&town, folder).await?,
    };
    let load = Load {
        url: side.url.clone(),
        customers: arguments.customers,
        messages: arguments.messages,
        rate: (!arguments.closed).then_some(arguments.rate.max(1)),
        burst: arguments.burst.max(1),
        doubles: arguments.doubles,
        duplicates: arguments.duplicates,
        statuses: arguments.statuses,
        seed: arguments.seed,
    };
    let before = side.cpu();
    let acks = load.run(&town, report::bar(load.count(), name)).await;
    Ok(Told::of(&town, acks, side.cpu() - before, side.peak()))
}
