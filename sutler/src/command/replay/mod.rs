//! `sutler replay`: conversations run again, and what would be different.

mod again;
mod change;
mod source;

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
}

impl Replay {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        match self {
            Self::Verify(verify) => verify.run(global).await,
            Self::ToolsLive(tools_live) => tools_live.run(global).await,
            Self::Swap(swap) => swap.run(global).await,
        }
    }
}
