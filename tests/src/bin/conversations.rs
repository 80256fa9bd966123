//! Holds conversations by chance, takes them by tape to another folder with other keys, and verifies them.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use sutler_tests::dice::Dice;
use sutler_tests::report::{Findings, bar, report};
use sutler_tests::talk::{rounds, talk};
use tempfile::TempDir;

/// Conversations by chance, run again.
///
/// Two shops, both languages, random timings; a store, tools, a shop's system and models that fail. All of it is
/// exported, imported under other keys, and must come out identical each time. Then one field is changed in each
/// tape, which must be reported at its event. The seed says who says what and where chance falls; how turns
/// interleave is the machine's affair.
///
/// Exit codes: 0 all as it must be; 1 something was not; 3 it could not be tried.
#[derive(Debug, Parser)]
#[command(max_term_width = 100)]
struct Args {
    /// How many conversations
    #[arg(long, default_value_t = 10_000)]
    count: u64,
    /// How many tapes with one changed field [default: as many]
    #[arg(long)]
    changed: Option<u64>,
    /// What chance begins with
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the folders and the tape are made and kept [default: a temporary folder, removed]
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    // Models panic here by chance; each costs a turn, and nobody wants to read of all of them.
    std::panic::set_hook(Box::new(|_| {}));
    report(run(args).await)
}

async fn run(args: Args) -> anyhow::Result<Findings> {
    let temporary = TempDir::new().context("a temporary folder")?;
    let dir = args.keep.as_deref().unwrap_or(temporary.path());
    std::fs::create_dir_all(dir)?;
    let mut findings = Findings::default();
    let (here, there) = (dir.join("here"), dir.join("there"));
    {
        let talking = bar(args.count, "conversations");
        let books = rounds::open(&here, args.seed)?;
        talk(&books, args.seed, args.count, &talking).await?;
        talking.finish_and_clear();
    }
    let books = (rounds::open(&here, args.seed)?, rounds::open(&there, args.seed + 1)?);
    let travelling = bar(0, "travelling");
    let tape = dir.join("tape.jsonl");
    let turns = rounds::travel((&books.0, &books.1), &tape, &travelling, &mut findings).await?;
    travelling.finish_and_clear();
    findings.say(format!(
        "{} conversations: {} turns identical, {} closed as failed, {} open",
        args.count, turns.identical, turns.failed, turns.open
    ));
    let changed = args.changed.unwrap_or(args.count);
    let changing = bar(changed, "one field changed");
    let mut dice = Dice::new(args.seed);
    let tampered = rounds::tamper(&books.1, changed, &mut dice, &changing, &mut findings).await?;
    changing.finish_and_clear();
    findings.say(format!(
        "{} tapes with one changed field, reported at it; with the chain made good again, the engine differs \
         at it in {}, later in {}, and nothing hangs on it in {}",
        tampered.tapes, tampered.at_the_event, tampered.later, tampered.free
    ));
    Ok(findings)
}
