//! `sutler customers`: who wrote, what is kept of them, and how it goes.

mod erase;
mod export;
mod list;
mod page;

use std::collections::BTreeSet;

use agent_core::customer::Customer;
use agent_core::house::person;
use agent_core::id::{CustomerId, JournalId, ShopId, Subject};
use agent_core::message::Address;
use agent_core::replay::tape::Holds;
use clap::{Args, Subcommand};

use super::conversations::{all, find, shop};
use crate::cli::Global;
use crate::config::Config;
use crate::exit::{Code, Failure};
use crate::tape::{Books, Error, Journal};

/// Customers: who they are, what is kept of them, and how it goes.
///
/// The data folder must not be in use: stop the shop's process first.
#[derive(Debug, Subcommand)]
pub(crate) enum Customers {
    /// List them
    List(list::List),
    /// Write all that is kept of one person: customer.json, and customer.html to read and print
    Export(export::Export),
    /// Make all that is kept of one person unreadable, for ever
    Erase(erase::Erase),
}

impl Customers {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        match self {
            Self::List(list) => list.run(global).await,
            Self::Export(export) => export.run(global).await,
            Self::Erase(erase) => erase.run(global).await,
        }
    }
}

/// Who is meant: by our id, or by what a platform calls them.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// The customer's id, or as much of its beginning as tells it from the others
    #[arg(value_name = "ID", required_unless_present = "channel", conflicts_with = "channel")]
    id: Option<String>,
    /// The kind of platform they write on: telegram, whatsapp
    #[arg(long, value_name = "KIND", requires_all = ["account", "author"])]
    channel: Option<String>,
    /// The shop's account there
    #[arg(long, value_name = "ACCOUNT", requires = "channel")]
    account: Option<String>,
    /// Who they are there: a phone number, an id
    #[arg(long, value_name = "PERSON", requires = "channel")]
    author: Option<String>,
    /// Whose customer, by the shop's name or number [default: any shop's]
    #[arg(long, value_name = "NAME", requires = "channel")]
    shop: Option<String>,
}

impl Which {
    /// The customer's own journal.
    async fn find(&self, config: &Config, books: &Books) -> Result<JournalId, Failure> {
        let (Some(channel), Some(account), Some(author)) =
            (&self.channel, &self.account, &self.author)
        else {
            return find(books, Subject::Customer, self.id.as_deref().unwrap_or_default()).await;
        };
        let shops = match &self.shop {
            Some(name) => vec![shop(config, name)?],
            None => books.archive.shops().await.map_err(Error::from)?,
        };
        let alias = person(&Address {
            channel: channel.as_str().into(),
            account: account.as_str().into(),
            thread: author.clone(),
            author: author.clone(),
        });
        let mut found = Vec::new();
        for shop in shops {
            found.extend(books.store.find(shop, &alias).await.map_err(Error::from)?);
        }
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(Failure::usage(format!(
                "nobody is called {author} on {channel}, account {account}"
            ))
            .hint("`sutler customers list` names them all")),
            _ => Err(Failure::usage(format!("{author} is a customer of {} shops", found.len()))
                .hint("say which with --shop")),
        }
    }
}

/// All that is kept of one person.
struct Kept {
    shop: ShopId,
    id: CustomerId,
    known: Customer,
    /// Their own journal, then their conversations and whatever else is theirs.
    journals: Vec<Journal>,
    /// What can't be read of it, or perhaps is theirs: of some nobody can tell whose they are.
    damaged: Vec<JournalId>,
}

impl Kept {
    async fn read(books: &Books, own: JournalId) -> Result<Self, Failure> {
        let id = CustomerId(own.key.0);
        let erased = || {
            let what = format!("customer {id} was erased: there is nothing to read");
            Failure::new(Code::Found, anyhow::Error::msg(what))
        };
        let mut damaged = Vec::new();
        let first = match books.journal(own).await {
            Ok(journal) => Some(journal.ok_or_else(erased)?),
            Err(error) => unread(own, error, &mut damaged).map(|()| None)?,
        };
        let known = match &first {
            Some(first) => known(books, first).await?,
            None => Customer::default(),
        };
        let mut journals = Vec::from_iter(first);
        for other in books.journals(Holds::Shop(own.shop)).await? {
            if other == own {
                continue;
            }
            let read = match owner(books, other).await {
                Ok(owner) if owner != Some(id) => continue,
                Ok(_) => books.journal(other).await,
                Err(error) => Err(error),
            };
            match read {
                Ok(journal) => journals.extend(journal),
                Err(error) => unread(other, error, &mut damaged)?,
            }
        }
        Ok(Self { shop: own.shop, id, known, journals, damaged })
    }
}

/// What is damaged is named, and costs nothing else.
fn unread(journal: JournalId, error: Error, damaged: &mut Vec<JournalId>) -> Result<(), Error> {
    if !error.is_damage() {
        return Err(error);
    }
    damaged.push(journal);
    Ok(())
}

/// What is known of a customer by their own journal, and what the same person wished as others; with all of these.
async fn known(books: &Books, journal: &Journal) -> Result<Customer, Failure> {
    let own = CustomerId(journal.id.key.0);
    let mut known = Customer::fold(&journal.events);
    let (mut all, mut same) = (BTreeSet::new(), std::mem::take(&mut known.same));
    while let Some(next) = same.pop_first() {
        if next == own || !all.insert(next) {
            continue;
        }
        let other = match books.journal(JournalId::customer(journal.id.shop, next)).await {
            Err(error) if error.is_damage() => None,
            other => other?,
        };
        if let Some(other) = other {
            let other = Customer::fold(&other.events);
            known.join(&other);
            same.extend(other.same);
        }
    }
    Ok(Customer { same: all, ..known })
}

/// How a customer is known outside, as read.
fn names(known: &Customer) -> Vec<String> {
    known.aliases.iter().map(|it| called(it.as_str())).collect()
}

/// Whose a journal is; none also for one of somebody who was erased.
async fn owner(books: &Books, journal: JournalId) -> Result<Option<CustomerId>, Error> {
    use agent_core::id::Seq;
    use agent_core::store::StoreError;
    match books.store.read(journal, Seq(u64::MAX), 1).await {
        Ok(page) => Ok(page.customer),
        Err(StoreError::Erased) => Ok(None),
        Err(source) => Err(Error::Read { journal, source }),
    }
}

/// How a person is known outside, as read: `telegram, account shop, 4711`.
fn called(alias: &str) -> String {
    let words: Vec<&str> = alias.split('\n').collect();
    match words.as_slice() {
        ["person", channel, account, author] => format!("{channel}, account {account}, {author}"),
        _ => words.join(", "),
    }
}

async fn customers(books: &Books, holds: Holds) -> Result<Vec<JournalId>, Failure> {
    all(books, holds, Subject::Customer).await
}
