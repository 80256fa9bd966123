//! `sutler customers erase`.

use std::io::{IsTerminal as _, stdin};

use agent_core::customer::Customer;
use agent_core::id::{CustomerId, JournalId};
use agent_core::message::{InboundKind, Purpose};
use agent_core::quarantine;
use agent_core::store::{Archive, Receipt, Store};
use clap::Args;
use serde_json::json;

use super::super::conversations::{books, shop_name};
use super::{Which, known, names, unread};
use crate::cli::Global;
use crate::command::print;
use crate::data::Data;
use crate::exit::{Code, Failure};
use crate::tape::Error;

/// Make all that is kept of one person unreadable, for ever.
///
/// Their data key is destroyed, and with it every word in journals, queues and files; what waits for them is
/// dropped. So is all that a platform sent and nobody could read: perhaps it was theirs. Figures stay: times, tokens,
/// cost. Backups and tapes of before still hold what they held.
/// What they were known as is told once: asked again, the first receipt is shown without it.
#[derive(Debug, Args)]
pub(crate) struct Erase {
    #[command(flatten)]
    which: Which,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// The receipt as JSON
    #[arg(long)]
    json: bool,
}

impl Erase {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        let config = global.config(None)?;
        let data = Data::existing(&config)?;
        let journal = self.which.find(&config, &books(&data)).await?;
        let customer = CustomerId(journal.key.0);
        let shop = shop_name(&config, journal.shop);
        if !self.yes && !agreed(&format!("Erase customer {customer} of shop {shop}, for ever?"))? {
            return Err(Failure::new(Code::Usage, anyhow::anyhow!("nothing was erased")));
        }
        let Same { known, others, damaged } = same(&data, journal).await?;
        let store = (&*data.store as &dyn Store, &*data.store as &dyn Archive);
        let erased = quarantine::erase(store, journal.shop, customer, data.clock.now()).await;
        let Receipt { customer, at, journals, events, .. } = erased.map_err(Error::from)?;
        if self.json {
            let told = json!({
                "shop": journal.shop, "customer": customer, "at": at, "journals": journals, "events": events,
                "known_as": names(&known), "same_person": others.iter().map(|(id, known)| {
                    json!({ "customer": id, "known_as": names(known) })
                }).collect::<Vec<_>>(), "damaged": damaged,
            });
            return print(&format!("{told}\n"));
        }
        print(&format!(
            "customer {customer}{} of shop {shop} was erased at {at}: {events} events in {journals} journals can't \
             be read any more\n",
            aside(&known)
        ))?;
        for journal in damaged {
            print(&format!("{journal} is damaged: what it says of who they are is not known\n"))?;
        }
        others.iter().try_for_each(|(id, known)| {
            print(&format!(
                "they are known as customer {id}{} too, of whom nothing was erased: `sutler customers erase {id}` \
                 does it\n",
                aside(known)
            ))
        })
    }
}

/// How somebody is known outside, in brackets.
fn aside(known: &Customer) -> String {
    let names = names(known).join("; ");
    if names.is_empty() { names } else { format!(" ({names})") }
}

/// What is known of a customer, and of those who are the same person and still there.
#[derive(Default)]
struct Same {
    known: Customer,
    others: Vec<(CustomerId, Customer)>,
    /// The journals of theirs that can't be read: what is in them is erased all the same.
    damaged: Vec<JournalId>,
}

/// Looks at who they are; what is damaged keeps nobody from being erased. Whether they want messages is theirs as well, as whom they still are, and must outlive what is
/// erased.
async fn same(data: &Data, own: JournalId) -> Result<Same, Failure> {
    let books = books(data);
    let mut same = Same::default();
    match books.journal(own).await {
        Ok(None) => return Ok(same),
        Ok(Some(journal)) => same.known = known(&books, &journal).await?,
        Err(error) => unread(own, error, &mut same.damaged)?,
    }
    for id in same.known.same.clone() {
        let journal = JournalId::customer(own.shop, id);
        let mut other = Customer::default();
        match books.journal(journal).await {
            Ok(None) => continue,
            Ok(Some(journal)) => other = Customer::fold(&journal.events),
            Err(error) => unread(journal, error, &mut same.damaged)?,
        }
        same.others.push((id, other));
        let Some((given, at)) = same.known.wants_messages() else { continue };
        let kind = InboundKind::Consent { purpose: Purpose::Service, given };
        let told = data.tell((journal, Some(id)), (format!("erased/{}", own.key), at), kind).await;
        told.map_err(|source| Error::Commit { journal, source })?;
    }
    Ok(same)
}

/// Asks the person at the keyboard; without one, --yes must say it.
fn agreed(question: &str) -> Result<bool, Failure> {
    if !stdin().is_terminal() {
        return Err(Failure::usage("nobody is there to ask").hint("say --yes if you mean it"));
    }
    print(&format!("{question} Type `erase`: "))?;
    let mut answer = String::new();
    stdin().read_line(&mut answer).map_err(|error| Failure::new(Code::Failed, error))?;
    Ok(answer.trim() == "erase")
}
