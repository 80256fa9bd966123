//! `sutler orders`: what was ordered, and how far it is.

mod list;
mod show;

use agent_core::id::{JournalId, Made, Subject};
use agent_core::order::Order;
use agent_core::replay::tape::Holds;
use clap::Subcommand;

use super::conversations::{all, find};
use crate::cli::Global;
use crate::exit::Failure;
use crate::tape::Books;

/// Orders: what was ordered, and how far it is.
///
/// An order is there as soon as a customer was given a link to pay it. What is told of it later (payments in the chat, the
/// shop's own events over the API, what people show) is in its journal too.
///
/// The data folder must not be in use: stop the shop's process first, or ask its API.
#[derive(Debug, Subcommand)]
pub(crate) enum Orders {
    /// List them, the latest last
    List(list::List),
    /// Show one: what was ordered, and what was told of it since
    Show(show::Show),
}

impl Orders {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        match self {
            Self::List(list) => list.run(global).await,
            Self::Show(show) => show.run(global).await,
        }
    }
}

/// The journal of an order: by its reference, by the one its payment named, or by the beginning of its id.
async fn named(books: &Books, name: &str) -> Result<JournalId, Failure> {
    let mut orders = all(books, Holds::Everything, Subject::Order).await?;
    if let Ok(reference) = name.parse::<Made>() {
        orders.retain(|journal| *journal == JournalId::order(journal.shop, reference));
        return orders.first().copied().ok_or_else(|| {
            Failure::usage(format!("there is no order {name}"))
                .hint("`sutler orders list` names them all")
        });
    }
    for journal in orders {
        let order = books.journal(journal).await?.map(|journal| Order::fold(&journal.events));
        if order.is_some_and(|order| order.is_named(name)) {
            return Ok(journal);
        }
    }
    find(books, Subject::Order, name).await
}
