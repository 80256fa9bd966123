//! Visitors of a shop's page, all at once: each writes, reads the answer, and is cut off now and then.
//!
//! `cargo build --release -p sutler && cargo run --release -p tests --bin visitors`. Exits with 1 when anything
//! was lost, came twice or out of order, or is on record in more than one turn, whatever connections were cut and however
//! often the server was killed. The time of answers is printed beside what the same machine needs for a bare sync and a bare request.

mod probe;
mod server;
mod turns;
mod visitor;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Parser;
use sutler_tests::dice::Dice;
use sutler_tests::probe::{Figures, syncs};
use sutler_tests::report::{self, Findings};
use tokio::task::JoinSet;

use crate::server::Server;
use crate::visitor::{Told, Visitor};

/// Visitors of a shop's page, all at once.
#[derive(Clone, Debug, Parser)]
struct Arguments {
    /// The program
    #[arg(long, default_value = "target/release/sutler")]
    program: PathBuf,
    /// How many visitors there are
    #[arg(long, default_value_t = 1_000)]
    visitors: u64,
    /// How many messages each writes, one after the other
    #[arg(long, default_value_t = 3)]
    messages: u64,
    /// At how many of a hundred events the connection is cut
    #[arg(long, default_value_t = 10)]
    cuts: u64,
    /// How often the server is killed meanwhile, and started again
    #[arg(long, default_value_t = 0)]
    kills: u64,
    /// What chance starts from
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let run = async {
        // An error means that one was chosen already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        run(&arguments).await
    };
    report::report(runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run)))
}

async fn run(arguments: &Arguments) -> anyhow::Result<Findings> {
    let server = Arc::new(Server::start(&arguments.program).await?);
    let bar = report::bar(arguments.visitors, "visitors");
    let answered = Arc::new(AtomicU64::new(0));
    let mut visitors = JoinSet::new();
    for number in 0..arguments.visitors {
        let visitor = Visitor {
            number,
            server: server.clone(),
            dice: Dice::new(arguments.seed ^ (number << 20)),
            cuts: arguments.cuts,
            answered: answered.clone(),
        };
        let messages = arguments.messages;
        visitors.spawn(async move { (number, visitor.visit(messages).await) });
    }
    // Under the same load, from the side: what a request costs that touches nothing.
    let probe = tokio::spawn(probe::requests(server.clone()));
    let (mut findings, mut told) = (Findings::default(), Vec::new());
    let kills = kill(arguments, &server, &answered);
    let all = async {
        while let Some(visited) = visitors.join_next().await {
            findings.tried += 1;
            bar.inc(1);
            match visited? {
                (_, Ok(visit)) => told.push(visit),
                (number, Err(error)) => findings.add(&format!("visitor {number}"), &error),
            }
        }
        anyhow::Ok(())
    };
    tokio::try_join!(all, kills)?;
    if let Err(error) = turns::check(&server, answered.load(Ordering::Relaxed)).await {
        findings.add("on record", &error);
    }
    let requests = probe.await?;
    bar.finish_and_clear();
    let syncs = syncs(server.folder())?;
    let sum = |count: fn(&Told) -> u64| told.iter().map(count).sum::<u64>();
    findings.say(format!(
        "{} visitors, {} messages, {} connections cut and resumed, {} kills",
        told.len(),
        sum(|it| it.answers.len() as u64),
        sum(|it| it.cut),
        arguments.kills,
    ));
    let answers = told.into_iter().flat_map(|it| it.answers).collect();
    findings.say(format!("from posting to the first part of the answer: {}", Figures::of(answers)));
    findings
        .say(format!("a bare request beside it:                     {}", Figures::of(requests)));
    findings.say(format!("a bare sync of 4 KiB on the same disk:        {}", Figures::of(syncs)));
    Ok(findings)
}

/// Kills the server at even distances of answers, and starts it again.
async fn kill(arguments: &Arguments, server: &Server, answered: &AtomicU64) -> anyhow::Result<()> {
    let all = arguments.visitors * arguments.messages;
    for kill in 1..=arguments.kills {
        let at = all * kill / (arguments.kills + 1);
        while answered.load(Ordering::Relaxed) < at {
            server.moment().await;
        }
        server.kill_and_start().await?;
    }
    Ok(())
}
