//! Where the conversations come from: a tape, or the data folder.

use std::path::PathBuf;
use std::sync::Arc;

use agent_core::id::Subject;
use agent_core::store::Archive;
use agent_core::store::memory::MemoryStore;
use clap::Args;
use indicatif::ProgressBar;

use super::super::conversations::{Which, bar, books};
use crate::config::Config;
use crate::data::Data;
use crate::exit::Failure;
use crate::tape::{Journal, read_tape};

/// Which conversations; without, all of the data folder.
#[derive(Debug, Args)]
pub(super) struct Source {
    /// Those on a tape instead of those in the data folder; repeatable
    #[arg(long, value_name = "FILE", conflicts_with_all = ["conversation", "shop"])]
    tape: Vec<PathBuf>,
    #[command(flatten)]
    which: Which,
}

impl Source {
    /// The conversations, of which there must be some; with a bar while they are read.
    pub(super) async fn conversations(
        &self,
        config: &Config,
    ) -> Result<(Vec<Journal>, Arc<dyn Archive>), Failure> {
        let reading = bar("reading");
        let read = self.read(config, &reading).await;
        reading.finish_and_clear();
        let (journals, archive) = read?;
        if journals.is_empty() {
            return Err(Failure::usage("there are no conversations to run again"));
        }
        Ok((journals, archive))
    }

    /// The journals, and what their hashes name. All of them are held in memory.
    pub(super) async fn read(
        &self,
        config: &Config,
        bar: &ProgressBar,
    ) -> Result<(Vec<Journal>, Arc<dyn Archive>), Failure> {
        if self.tape.is_empty() {
            let books = books(&Data::existing(config)?);
            let holds = self.which.holds(config, &books).await?;
            let mut journals = Vec::new();
            for id in books.journals(holds).await? {
                if id.subject == Subject::Conversation {
                    journals.extend(books.journal(id).await?);
                }
            }
            return Ok((journals, books.archive));
        }
        let archive = Arc::new(MemoryStore::new());
        let mut journals = Vec::new();
        for tape in &self.tape {
            journals.extend(read_tape(tape, &*archive, bar).await?);
        }
        journals.retain(|journal| journal.id.subject == Subject::Conversation);
        Ok((journals, archive))
    }
}
