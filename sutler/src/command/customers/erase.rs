//! `sutler customers erase`.

use std::collections::BTreeSet;
use std::io::{IsTerminal as _, stdin};

use agent_core::digest::canonical;
use agent_core::id::{CommitId, CustomerId, JournalId, MessageId, Name};
use agent_core::message::{Inbound, InboundKind, Purpose};
use agent_core::quarantine;
use agent_core::store::{Accept, Commit, CommitError, Receipt, Store as _};
use clap::Args;

use super::super::conversations::{books, shop_name};
use super::{Which, known};
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
/// Asked again, the first receipt is shown.
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
        let same = same(&data, journal).await?;
        let erased =
            quarantine::erase(&*data.store, journal.shop, customer, data.clock.now()).await;
        let receipt = erased.map_err(Error::from)?;
        if self.json {
            return print(&(canonical(&receipt) + "\n"));
        }
        let Receipt { customer, at, journals, events, .. } = receipt;
        print(&format!(
            "customer {customer} of shop {shop} was erased at {at}: {events} events in {journals} journals can't \
             be read any more\n"
        ))?;
        same.iter().try_for_each(|other| {
            print(&format!("they are known as customer {other} too, of whom nothing was erased\n"))
        })
    }
}

/// The customers who are the same person. That they want no messages is theirs as well, and must outlive what is erased.
async fn same(data: &Data, own: JournalId) -> Result<BTreeSet<CustomerId>, Failure> {
    let books = books(data);
    let Some(journal) = books.journal(own).await? else { return Ok(BTreeSet::new()) };
    let known = known(&books, &journal).await?;
    let Some(at) = known.stopped() else { return Ok(known.same) };
    for other in &known.same {
        let journal = JournalId::customer(own.shop, *other);
        let (given, purpose) = (false, Purpose::Service);
        let inbound = Inbound {
            id: MessageId(format!("erased/{}", own.key)),
            at,
            from: None,
            aliases: Vec::new(),
            kind: InboundKind::Consent { purpose, given },
            reply_to: None,
            referral: None,
        };
        let scope = Name(format!("journal/{}", journal.key));
        let accept = vec![Accept { journal, customer: Some(*other), scope, inbound }];
        let (id, at) = (CommitId(data.ids.fresh()), data.clock.now());
        match data.store.commit(Commit { accept, ..Commit::blank(id, at, journal) }).await {
            Ok(_) | Err(CommitError::Erased) => {}
            Err(source) => return Err(Error::Commit { journal, source }.into()),
        }
    }
    Ok(known.same)
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
