//! The commands, a file or folder each.

mod catalog;
mod chat;
mod conversations;
mod customers;
mod doctor;
#[cfg(feature = "meta")]
mod doctor_meta;
mod orders;
mod pack;
mod replay;
#[cfg(feature = "server")]
mod serve;

use std::io::{ErrorKind, Write as _};

use clap::Subcommand;
use unicode_width::UnicodeWidthStr as _;

use crate::cli::Global;
use crate::exit::{Code, Failure};

/// What can be asked of the program.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Talk to a shop: in a terminal, or line by line from a pipe
    Chat(chat::Chat),
    /// Open the shops of the configuration to the web, until Ctrl-C
    #[cfg(feature = "server")]
    Serve(serve::Serve),
    /// List the packs, or check one
    #[command(subcommand)]
    Pack(pack::Pack),
    /// Import a feed, search it, count what is in it
    #[command(subcommand)]
    Catalog(catalog::Catalog),
    /// List, show, export, import and verify what was said
    #[command(subcommand)]
    Conversations(conversations::Conversations),
    /// Run conversations again: as they were, or with something changed; test suites of them
    #[command(subcommand)]
    Replay(Box<replay::Replay>),
    /// List customers, export or erase what is kept of one
    #[command(subcommand)]
    Customers(customers::Customers),
    /// List and show what was ordered
    #[command(subcommand)]
    Orders(orders::Orders),
    /// Look at everything a shop needs, and say what is missing
    Doctor(doctor::Doctor),
}

impl Command {
    /// Runs it.
    ///
    /// # Errors
    /// What went wrong.
    pub(crate) async fn run(self, global: &Global) -> Result<(), Failure> {
        match self {
            Self::Chat(chat) => chat.run(global).await,
            #[cfg(feature = "server")]
            Self::Serve(serve) => serve.run(global).await,
            Self::Pack(pack) => pack.run(global),
            Self::Catalog(catalog) => catalog.run(global).await,
            Self::Conversations(conversations) => conversations.run(global).await,
            Self::Replay(replay) => replay.run(global).await,
            Self::Customers(customers) => customers.run(global).await,
            Self::Orders(orders) => orders.run(global).await,
            Self::Doctor(doctor) => doctor.run(global).await,
        }
    }
}

/// Prints on standard output. Who closed it wants no more.
fn print(text: &str) -> Result<(), Failure> {
    match anstream::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        printed => printed.map_err(|error| Failure::new(Code::Failed, error)),
    }
}

/// Columns as wide as they need to be.
fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width());
        cells.chain(head.get(column).map(|cell| cell.width())).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells.zip(&widths).map(|(cell, width)| {
            format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width())))
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    let mut text = line(&mut head.iter().copied());
    for row in rows {
        text.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    text
}
