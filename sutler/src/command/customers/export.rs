//! `sutler customers export`.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use agent_core::conversation::Conversation;
use agent_core::id::Subject;
use agent_core::order::Order;
use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use super::super::conversations::{books, shop_name};
use super::{Kept, Which, names, page};
use crate::cli::Global;
use crate::command::print;
use crate::data::Data;
use crate::exit::Failure;
use crate::transcript::lines;

/// Write all that is kept of one person: customer.json, and customer.html to read and print.
///
/// Exit codes: 0 all of it is there; 1 what is damaged is named, and all else is there.
#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    which: Which,
    /// The folder the two files are put into; made if it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Export {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        let config = global.config(None)?;
        let data = Data::existing(&config)?;
        let books = books(&data);
        let kept = Kept::read(&books, self.which.find(&config, &books).await?).await?;
        let shop = shop_name(&config, kept.shop);
        fs::create_dir_all(&self.out).with_context(|| self.out.display().to_string())?;
        let text = serde_json::to_string_pretty(&whole(&kept, &shop)).context("JSON")?;
        write(&self.out.join("customer.json"), &text)?;
        write(&self.out.join("customer.html"), &page::page(&kept, &shop, data.clock.now()))?;
        print(&format!(
            "{} journals of customer {} are in {}: customer.json and customer.html\n",
            kept.journals.len(),
            kept.id,
            self.out.display()
        ))?;
        if kept.damaged.is_empty() {
            return Ok(());
        }
        for journal in &kept.damaged {
            print(&format!("{journal} is damaged, and not in them\n"))?;
        }
        Err(Failure::found("not all of it can be read; whatever can be is there"))
    }
}

/// For a machine: what is known, what was said, and every event.
fn whole(kept: &Kept, shop: &str) -> Value {
    let journals = kept.journals.iter().map(|journal| {
        let state = Conversation::fold(&journal.events);
        let is_talk = journal.id.subject == Subject::Conversation;
        let is_order = journal.id.subject == Subject::Order;
        let order = is_order.then(|| Order::fold(&journal.events));
        json!({
            "subject": journal.id.subject, "id": journal.id.key,
            "address": state.address, "cart": is_talk.then_some(state.cart),
            "said": is_talk.then(|| lines(&journal.events, false)),
            "order": order, "progress": order.as_ref().map(Order::progress),
            "events": journal.events,
        })
    });
    json!({
        "customer": kept.id, "shop": shop, "known_as": names(&kept.known),
        "wants_no_messages": kept.known.opted_out(), "agreed_to": kept.known.consent,
        "journals": journals.collect::<Vec<_>>(), "damaged": kept.damaged,
    })
}

/// For its owner's eyes only; never over a file of another person.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    match written {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(Failure::usage(format!("{} is there already", path.display()))
                .hint("name another folder with --out, or remove it first"))
        }
        written => Ok(written.with_context(|| path.display().to_string())?),
    }
}
