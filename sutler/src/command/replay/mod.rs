//! `sutler replay`: conversations run again, and what would be different.

mod again;
mod bisect;
mod change;
mod source;
mod suite;
mod taken;

use clap::Subcommand;

use crate::cli::Global;
use crate::exit::Failure;

const EXAMPLES: &str = "\
Examples:
  sutler conversations export --out shop.tape              every conversation is a tape
  sutler replay verify --tape shop.tape                    the same answers, the same decisions?
  sutler replay swap --tape shop.tape --pack ./packs/next  what would another pack have said?
  sutler replay swap --tape shop.tape --price TEE01-BLK-M='19.90 EUR' --html report.html
  sutler replay tools-live --tape shop.tape                do today's goods still bring the same?
  sutler replay case --tape shop.tape --out suite          a case of each conversation
  sutler replay run suite --pack ./packs/next --runs 3     do they still hold?
  sutler replay mutate suite                               would they notice a broken agent?
  sutler replay bisect --case suite/x.toml ./versions      which version, which file?
  sutler replay scrub --tape shop.tape --out clean.tape    without personal data

Exit codes: 0 pass; 1 something differs or fails; 2 wrong arguments; 3 it could not be tried.";

/// Run conversations again: as they were, or with another pack, model, policy, goods or price.
///
/// The customers say what they said. What they are answered is compared turn by turn: words, tools, cart, cost,
/// latency, policy, sources. Nothing is sent to anybody, and nothing is written but the reports asked for.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Replay {
    /// Recorded answers: every decision must come out the same
    Verify(super::conversations::Verify),
    /// Recorded models, live tools: do the same calls still bring the same?
    ToolsLive(again::ToolsLive),
    /// Another pack, model, policy set, catalogue or price: what would be different?
    Swap(again::Swap),
    /// Put assertions to recorded conversations, without running anything
    Rescore(suite::Rescore),
    /// Compare two tapes of the same conversations
    Diff(taken::Diff),
    /// Make cases of recorded conversations
    Case(suite::Case),
    /// Run the cases of a suite
    Run(suite::Run),
    /// Break the agent in known ways, and say what a suite would not notice
    Mutate(suite::Mutate),
    /// Find the version of a pack that broke a case, and then the file
    Bisect(bisect::Bisect),
    /// Write a tape without personal data
    Scrub(taken::ScrubOut),
    /// Choose conversations that are worth a look
    Sample(taken::Sample),
    /// Make cases of conversations of other programs
    Import(taken::Import),
}

impl Replay {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        match self {
            Self::Verify(verify) => verify.run(global).await,
            Self::ToolsLive(tools_live) => tools_live.run(global).await,
            Self::Swap(swap) => swap.run(global).await,
            Self::Rescore(rescore) => rescore.run(global).await,
            Self::Diff(diff) => diff.run(global).await,
            Self::Case(case) => case.run(global).await,
            Self::Run(run) => run.run(global).await,
            Self::Mutate(mutate) => mutate.run(global).await,
            Self::Bisect(bisect) => bisect.run(global).await,
            Self::Scrub(scrub) => scrub.run(global).await,
            Self::Sample(sample) => sample.run(global).await,
            Self::Import(import) => import.run(),
        }
    }
}
