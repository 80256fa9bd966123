//! A tape into a store. All of it is checked before anything is written; what is here already is left as it is.

use std::path::Path;

use agent_core::conversation::Conversation;
use agent_core::customer::Customer;
use agent_core::digest::{Digest, canonical};
use agent_core::event::Recorded;
use agent_core::house::talk;
use agent_core::id::{Alias, CommitId, JournalId, Seq, Subject};
use agent_core::quarantine;
use agent_core::store::{Bind, Commit, CommitError};
use agent_core::time::Micros;
use indicatif::ProgressBar;
use serde::Serialize;

use super::{Books, Error, Journal, Tape};

/// Events in one commit, at most.
const EVENTS: usize = 256;
/// Bytes in one commit, unless one event alone has more: what a store has room for without files of its own.
const BYTES: usize = 64 * 1024;

/// What an import came to.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Journals on the tape.
    pub journals: u64,
    /// Events that were written.
    pub events: u64,
    /// Events that were here already.
    pub there: u64,
    /// Journals that were left out, because their customer was erased here.
    pub erased: u64,
    /// Names of people or conversations that belong to somebody else here, and stay so.
    pub taken: u64,
    /// Journals of shops and accounts that differ here, and stay as they are: they are no customer's.
    pub kept: u64,
}

/// Fills a store from a tape. Done again, or gone on with after it was cut short, it adds what is missing.
///
/// # Errors
/// When the tape is damaged, or a journal here differs from the tape's: then nothing is written. Or when the store
/// fails.
pub async fn import(
    books: &Books,
    tape: &Path,
    at: Micros,
    bar: &ProgressBar,
) -> Result<Imported, Error> {
    let mut check = Tape::open(tape, bar)?;
    while let Some(journal) = check.journal(None).await? {
        if let Some(here) = books.journal(journal.id).await? {
            stands(&journal, &here.events)?;
        }
    }
    let mut imported = Imported::default();
    let mut tape = Tape::open(tape, bar)?;
    while let Some(journal) = tape.journal(Some(&*books.archive)).await? {
        imported.journals += 1;
        match books.journal(journal.id).await? {
            Some(here) => add(books, &journal, &here.events, at, &mut imported).await?,
            None => imported.erased += 1,
        }
    }
    Ok(imported)
}

/// Whether one of the tape's journal and the one here goes on where the other ends. A shop and its accounts may have
/// begun again here.
fn stands(journal: &Journal, here: &[Recorded]) -> Result<bool, Error> {
    let differs = here.iter().zip(&journal.events).find(|(here, tape)| here != tape);
    match (differs, journal.id.subject) {
        (None, _) => Ok(true),
        (Some(_), Subject::Shop | Subject::Account) => Ok(false),
        (Some((_, tape)), _) => Err(Error::Differs { journal: journal.id, seq: tape.seq }),
    }
}

/// Adds what is missing of a journal.
async fn add(
    books: &Books,
    journal: &Journal,
    here: &[Recorded],
    at: Micros,
    imported: &mut Imported,
) -> Result<(), Error> {
    if !stands(journal, here)? {
        imported.kept += 1;
        return Ok(());
    }
    let mut rest = journal.events.get(here.len()..).unwrap_or_default();
    imported.there += (journal.events.len() - rest.len()) as u64;
    // Of what went on here, the names are those of now: one that was lost since is not given back.
    let newest = if here.len() > journal.events.len() { here } else { &journal.events };
    let bind = names(books, journal, newest, imported).await?;
    let mut commits = Vec::new();
    while !rest.is_empty() {
        let (now, later) = rest.split_at(one_commit(rest));
        let head = now.first().map_or(Seq::START, |first| Seq(first.seq.0.saturating_sub(1)));
        let blank = Commit::blank(named(journal.id, &canonical(&now)), at, journal.id);
        commits.push(Commit { expect: Some(head), events: now.to_vec(), ..blank });
        rest = later;
    }
    if let Some(last) = commits.last_mut() {
        last.timers = timers(journal);
    } else if !bind.is_empty() {
        let names: Vec<&Alias> = bind.iter().map(|bind| &bind.alias).collect();
        commits.push(Commit::blank(named(journal.id, &canonical(&names)), at, journal.id));
    }
    if let Some(last) = commits.last_mut() {
        last.bind = bind;
    }
    for commit in commits {
        let events = commit.events.len() as u64;
        let commit = Commit { customer: journal.customer, ..commit };
        match books.store.commit(commit).await {
            Ok(_) => imported.events += events,
            Err(CommitError::Erased) => {
                imported.erased += 1;
                return Ok(());
            }
            Err(source) => return Err(Error::Commit { journal: journal.id, source }),
        }
    }
    Ok(())
}

/// How many of these events go into one commit.
fn one_commit(events: &[Recorded]) -> usize {
    let mut bytes = 0;
    let fits = |event: &&Recorded| {
        bytes += canonical(event).len();
        bytes <= BYTES
    };
    events.iter().take(EVENTS).take_while(fits).count().max(1)
}

/// The same part of the same journal is the same commit, whoever makes it.
fn named(journal: JournalId, content: &str) -> CommitId {
    let digest = Digest::of(format!("import {journal} {content}").as_bytes()).0;
    let half = digest.first_chunk().copied().unwrap_or_default();
    CommitId(u128::from_be_bytes(half))
}

/// The index entries that led to this journal and are not here yet. An index keeps keyed hashes, which no
/// other machine could use; but what they are of stands in the journals.
async fn names(
    books: &Books,
    journal: &Journal,
    events: &[Recorded],
    imported: &mut Imported,
) -> Result<Vec<Bind>, Error> {
    let mut bind = Vec::new();
    for alias in aliases(journal, events) {
        match books.store.find(journal.id.shop, &alias).await? {
            None => bind.push(Bind { alias, from: None, to: Some(journal.id) }),
            Some(found) => imported.taken += u64::from(found != journal.id),
        }
    }
    Ok(bind)
}

fn aliases(journal: &Journal, events: &[Recorded]) -> Vec<Alias> {
    match journal.id.subject {
        Subject::Customer => Customer::fold(events).aliases.into_iter().collect(),
        Subject::Conversation => {
            let Conversation { address, .. } = Conversation::fold(events);
            let customer = journal.customer.map(|it| JournalId::customer(journal.id.shop, it));
            customer
                .zip(address)
                .map(|(customer, address)| talk(customer, &address))
                .into_iter()
                .collect()
        }
        Subject::Account | Subject::Order | Subject::Shop | Subject::Quarantine => Vec::new(),
    }
}

fn timers(journal: &Journal) -> Vec<(agent_core::id::Name, Option<Micros>)> {
    match journal.id.subject {
        Subject::Conversation => {
            let Conversation { timers, .. } = Conversation::fold(&journal.events);
            timers.into_iter().map(|(name, due)| (name, Some(due))).collect()
        }
        Subject::Quarantine => quarantine::timers(journal.id),
        Subject::Account | Subject::Customer | Subject::Order | Subject::Shop => Vec::new(),
    }
}
