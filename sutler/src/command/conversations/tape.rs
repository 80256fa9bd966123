//! `sutler conversations export` and `import`.

use std::path::PathBuf;

use clap::Args;

use super::{Which, bar, books};
use crate::cli::Global;
use crate::command::print;
use crate::data::Data;
use crate::exit::Failure;
use crate::tape::{Exported, Imported, export, import};

/// Write journals onto a tape: versioned, hash-chained JSON lines that name no engine.
///
/// A tape holds everything in clear, so its file is for its owner only. With --conversation it holds that one and the
/// orders placed in it; without, the customers' journals too, and whoever imports it has the conversations and who
/// they are with. It does not hold what still waits to be answered or sent: stop the shop when it is quiet before
/// you move it by a tape.
///
/// While it is being written it is called FILE.part. Called again after it was cut short, the export goes on.
///
/// Exit codes: 0 all of it is on the tape; 1 what is damaged is named and left out, and all else is on the tape.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The tape
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    which: Which,
    /// The figures as JSON
    #[arg(long)]
    json: bool,
}

/// Read a tape into the data folder, new or not; sealed there with keys of its own.
///
/// All of the tape is checked before anything is written: a changed, missing or torn line is named and refused, and
/// so is a conversation that differs here.
/// What is here already stays as it is; imported again, or after it was cut short, what is missing is added.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The tape
    #[arg(value_name = "FILE")]
    tape: PathBuf,
    /// The figures as JSON
    #[arg(long)]
    json: bool,
}

impl Export {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        let config = global.config(None)?;
        let data = Data::existing(&config)?;
        let books = books(&data);
        let holds = self.which.holds(&config, &books).await?;
        let bar = bar("exporting");
        let exported = export(&books, holds, &self.out, &bar).await;
        bar.finish_and_clear();
        let exported = exported?;
        if self.json {
            print(&json(&exported))?;
        } else {
            self.tell(&exported)?;
        }
        let Exported { damaged, lost, .. } = exported;
        if damaged.is_empty() && lost.is_empty() {
            return Ok(());
        }
        Err(Failure::found("not all of it can be read; whatever can be is on the tape"))
    }

    fn tell(&self, exported: &Exported) -> Result<(), Failure> {
        let Exported { journals, resumed, events, erased, waiting, unsent, damaged, lost } =
            exported;
        print(&format!(
            "{journals} journals on {}, {events} events written\n",
            self.out.display()
        ))?;
        note(*resumed, "were there from an export that was cut short")?;
        note(*erased, "are of customers who were erased, and can't be read")?;
        if waiting + unsent > 0 {
            print(&format!(
                "not on the tape: messages of {waiting} journals that wait to be taken up, and {unsent} parts of \
                 replies that were not sent; to move the shop, start it until it is quiet, then export again\n"
            ))?;
        }
        for journal in damaged {
            print(&format!("{journal} is damaged, and not on the tape\n"))?;
        }
        for hash in lost {
            print(&format!(
                "the archive has nothing readable named {hash}: turns that name it can't be verified\n"
            ))?;
        }
        Ok(())
    }
}

impl Import {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        let config = global.config(None)?;
        let data = Data::open(&config)?;
        let bar = bar("importing");
        let imported = import(&books(&data), &self.tape, data.clock.now(), &bar).await;
        bar.finish_and_clear();
        let imported = imported?;
        if self.json {
            return print(&json(&imported));
        }
        let Imported { journals, events, there, erased, taken, kept } = imported;
        print(&format!(
            "{journals} journals, {events} events written, {there} were here already\n"
        ))?;
        note(erased, "were left out: their customers were erased here")?;
        note(kept, "of shops and accounts are others here, and stay as they are")?;
        if taken > 0 {
            print(&format!("{taken} names of people belong to others here, and stay so\n"))?;
        }
        Ok(())
    }
}

fn note(journals: u64, what: &str) -> Result<(), Failure> {
    if journals == 0 { Ok(()) } else { print(&format!("{journals} journals {what}\n")) }
}

fn json(figures: &impl serde::Serialize) -> String {
    agent_core::digest::canonical(figures) + "\n"
}
