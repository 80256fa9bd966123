//! `sutler conversations verify`.

use std::path::PathBuf;

use agent_core::replay::verify::VerifyError;
use clap::Args;
use serde_json::{Value, json};

use super::{Which, bar, books};
use crate::cli::Global;
use crate::command::print;
use crate::data::Data;
use crate::exit::Failure;
use crate::replay::parallel::cores;
use crate::tape::{Divergence, How, Verdict, verify, verify_tape};

/// Divergences that are told one by one.
const TOLD: usize = 20;

/// Run every turn again with the recorded answers; every decision must come out the same.
///
/// The engine gets what came from outside, and nothing else: no model, no tool, no clock. It needs what the
/// journals' hashes name, and neither the shop's configuration nor its keys: a tape can be verified anywhere.
///
/// Exit codes: 0 all came out the same; 1 something did not; the first that differs is told with both versions.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The journals on a tape instead of those in the data folder
    #[arg(long, value_name = "FILE", conflicts_with_all = ["conversation", "shop"])]
    tape: Option<PathBuf>,
    #[command(flatten)]
    which: Which,
    /// Journals that run at once [default: one a core]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// What came out the same is kept here as it comes; called again with it, a run that was cut short goes on
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(in crate::command) async fn run(self, global: &Global) -> Result<(), Failure> {
        let config = global.config(None)?;
        let bar = bar("verifying");
        let how = How { jobs: self.jobs.unwrap_or_else(cores), results: self.results.clone() };
        let verdict = match &self.tape {
            Some(tape) => verify_tape(tape, &how, &bar).await,
            None => {
                let books = books(&Data::existing(&config)?);
                let holds = self.which.holds(&config, &books).await?;
                verify(&books, holds, &how, &bar).await
            }
        };
        bar.finish_and_clear();
        let verdict = verdict?;
        print(&if self.json { format!("{}\n", told(&verdict)) } else { text(&verdict) })?;
        match verdict.diverged.len() {
            0 if verdict.damaged.is_empty() => Ok(()),
            0 => Err(Failure::found(
                "what is damaged could not be run again; all else comes out the same",
            )),
            1 => Err(Failure::found("1 journal does not come out the same")),
            many => Err(Failure::found(format!("{many} journals do not come out the same"))),
        }
    }
}

fn told(verdict: &Verdict) -> Value {
    let diverged = verdict.diverged.iter().map(|Divergence { journal, error }| {
        let mut told = json!({
            "shop": journal.shop, "subject": journal.subject, "journal": journal.key,
            "error": error.to_string().lines().next(),
        });
        if let (VerifyError::Diverged { seq, kind, journal, engine, other_engine }, Some(told)) =
            (error, told.as_object_mut())
        {
            told.insert("other_engine".to_owned(), json!(other_engine));
            told.insert("event".to_owned(), json!(seq));
            told.insert("kind".to_owned(), json!(kind));
            told.insert("journal_says".to_owned(), json!(journal));
            told.insert("engine_says".to_owned(), json!(engine));
        }
        told
    });
    let turns = verdict.turns;
    json!({
        "journals": verdict.journals, "identical": turns.identical, "failed": turns.failed,
        "open": turns.open, "other_engine": turns.other_engine, "erased": verdict.erased,
        "damaged": verdict.damaged,
        "diverged": diverged.collect::<Vec<_>>(),
    })
}

fn text(verdict: &Verdict) -> String {
    let mut text = String::new();
    for (n, Divergence { journal, error }) in verdict.diverged.iter().take(TOLD).enumerate() {
        let error = error.to_string();
        // Both versions of the first; of the others, where.
        let error = if n == 0 { error.as_str() } else { error.lines().next().unwrap_or_default() };
        text.push_str(&format!("{journal}: {error}\n"));
    }
    let more = verdict.diverged.len().saturating_sub(TOLD);
    if more > 0 {
        text.push_str(&format!("and {more} more; --json tells them all\n"));
    }
    for journal in &verdict.damaged {
        text.push_str(&format!("{journal} is damaged, and could not be run again\n"));
    }
    let turns = verdict.turns;
    text.push_str(&format!("{} journals: {} turns identical", verdict.journals, turns.identical));
    for (count, what) in [
        (turns.failed, "closed as failed and identical so far"),
        (turns.open, "open and identical so far"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    text.push('\n');
    if turns.other_engine > 0 {
        let turns = turns.other_engine;
        text.push_str(&format!("{turns} of them were opened by another build of the engine\n"));
    }
    if verdict.erased > 0 {
        let erased = verdict.erased;
        text.push_str(&format!(
            "{erased} journals are of customers who were erased, and can't be read\n"
        ));
    }
    text
}
