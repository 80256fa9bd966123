//! `sutler customers erase`.

use std::io::{IsTerminal as _, stdin};

use agent_core::digest::canonical;
use agent_core::id::CustomerId;
use agent_core::quarantine;
use agent_core::store::Receipt;
use clap::Args;

use super::super::conversations::{books, shop_name};
use super::Which;
use crate::cli::Global;
use crate::command::print;
use crate::data::Data;
use crate::exit::{Code, Failure};

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
        let erased =
            quarantine::erase(&*data.store, journal.shop, customer, data.clock.now()).await;
        let receipt = erased.map_err(crate::tape::Error::from)?;
        if self.json {
            return print(&(canonical(&receipt) + "\n"));
        }
        let Receipt { customer, at, journals, events, .. } = receipt;
        print(&format!(
            "customer {customer} of shop {shop} was erased at {at}: {events} events in {journals} journals can't \
             be read any more\n"
        ))
    }
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
