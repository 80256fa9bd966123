//! `sutler conversations`: what was said, whether it arrived, and whether it would be said again.

pub(super) mod list;
mod settle;
mod show;
mod tape;
mod verify;

use agent_core::id::{JournalId, ShopId, Subject};
use agent_core::replay::tape::Holds;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::Global;
use crate::config::Config;
use crate::data::Data;
use crate::exit::{Code, Failure};
use crate::tape::results::ResultsError;
use crate::tape::{Books, Error};

pub(super) use verify::Verify;

/// Conversations: look at them, settle what was sent, take them elsewhere, run them again.
///
/// The data folder must not be in use: stop the shop's process first, ask its API, or look at a tape of it.
#[derive(Debug, Subcommand)]
pub(crate) enum Conversations {
    /// List them, the latest last
    List(list::List),
    /// Show one: who said what, which tools were called, which rules applied
    Show(show::Show),
    /// Say of a part that failed, or of which nobody knows, whether it arrived or is to be sent once more
    Settle(settle::Settle),
    /// Write journals onto a tape: versioned, hash-chained JSON lines that name no engine
    Export(tape::Export),
    /// Read a tape into the data folder, new or not; sealed there with keys of its own
    Import(tape::Import),
    /// Run every turn again with the recorded answers; every decision must come out the same
    Verify(Verify),
}

impl Conversations {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        match self {
            Self::List(list) => list.run(global).await,
            Self::Show(show) => show.run(global).await,
            Self::Settle(settle) => settle.run(global).await,
            Self::Export(export) => export.run(global).await,
            Self::Import(import) => import.run(global).await,
            Self::Verify(verify) => verify.run(global).await,
        }
    }
}

/// Which journals are meant; all without.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// One conversation and its orders, by its id or as much of its beginning as tells it from the others
    #[arg(long, value_name = "ID", conflicts_with = "shop")]
    conversation: Option<String>,
    /// Those of one shop, by its name or number
    #[arg(long, value_name = "NAME")]
    shop: Option<String>,
}

impl Which {
    pub(super) async fn holds(&self, config: &Config, books: &Books) -> Result<Holds, Failure> {
        match (&self.conversation, &self.shop) {
            (Some(id), _) => find(books, Subject::Conversation, id).await.map(Holds::Journal),
            (None, Some(name)) => shop(config, name).map(Holds::Shop),
            (None, None) => Ok(Holds::Everything),
        }
    }
}

/// A shop of the configuration by its name, or any by its number.
pub(super) fn shop(config: &Config, name: &str) -> Result<ShopId, Failure> {
    match (config.shop(Some(name)), name.parse()) {
        (Ok(shop), _) => Ok(shop.id()),
        (Err(_), Ok(number)) => Ok(ShopId(number)),
        (Err(unknown), Err(_)) => Err(unknown),
    }
}

/// The name of a shop; its number where the configuration does not know it.
pub(super) fn shop_name(config: &Config, id: ShopId) -> String {
    let known = config.shops.iter().map(toml::Spanned::get_ref).find(|shop| shop.id() == id);
    known.map_or_else(|| id.to_string(), |shop| shop.name.clone())
}

pub(super) fn books(data: &Data) -> Books {
    Books::new(data.store.clone())
}

/// The journals of a kind.
pub(super) async fn all(
    books: &Books,
    holds: Holds,
    subject: Subject,
) -> Result<Vec<JournalId>, Failure> {
    let mut journals = books.journals(holds).await?;
    journals.retain(|journal| journal.subject == subject);
    Ok(journals)
}

/// The one journal of a kind whose id begins so.
pub(super) async fn find(books: &Books, subject: Subject, id: &str) -> Result<JournalId, Failure> {
    let wanted = id.to_lowercase();
    let mut found = all(books, Holds::Everything, subject).await?;
    found.retain(|journal| journal.key.to_string().starts_with(&wanted));
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(Failure::usage(format!("there is no {subject} {id}"))
            .hint(format!("`sutler {subject}s list` names them all"))),
        [first, second, ..] => {
            let what = format!("{} {subject}s begin with {id}", found.len());
            Err(Failure::usage(what).hint(format!("two of them: {} and {}", first.key, second.key)))
        }
    }
}

/// A bar on standard error, where that is a terminal.
pub(super) fn bar(of: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(0).with_message(of);
    let style = ProgressStyle::with_template("{msg} {bar:30} {percent}%, {eta} left");
    if let Ok(style) = style { bar.with_style(style) } else { bar }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match &error {
            Error::Tape { .. } => Self::new(Code::Found, error)
                .hint("write it anew with `sutler conversations export`"),
            Error::Differs { .. } => Self::new(Code::Found, error),
            Error::There { .. } | Error::Results(ResultsError::Another(_)) => {
                Self::new(Code::Usage, error)
            }
            Error::Results(ResultsError::Io { .. })
            | Error::Io { .. }
            | Error::Read { .. }
            | Error::Commit { .. }
            | Error::Store(_) => Self::new(Code::Failed, error),
        }
    }
}
