//! `sutler customers list`.

use std::collections::BTreeMap;

use agent_core::id::{CustomerId, ShopId, Subject};
use agent_core::replay::tape::Holds;
use clap::Args;
use serde_json::json;

use super::super::conversations::{all, bar, books, shop, shop_name};
use super::{customers, known, names, owner};
use crate::cli::Global;
use crate::command::{print, table};
use crate::data::Data;
use crate::exit::Failure;

/// List them.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Those of one shop, by its name or number
    #[arg(long, value_name = "NAME")]
    shop: Option<String>,
    /// One JSON object a customer
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        let config = global.config(None)?;
        let books = books(&Data::existing(&config)?);
        let holds = match &self.shop {
            Some(name) => Holds::Shop(shop(&config, name)?),
            None => Holds::Everything,
        };
        let bar = bar("reading");
        let conversations = all(&books, holds, Subject::Conversation).await?;
        bar.set_length(conversations.len() as u64);
        let mut talks: BTreeMap<(ShopId, CustomerId), u64> = BTreeMap::new();
        for journal in conversations {
            if let Some(customer) = owner(&books, journal).await? {
                *talks.entry((journal.shop, customer)).or_default() += 1;
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        let (mut rows, mut erased) = (Vec::new(), 0_u64);
        for id in customers(&books, holds).await? {
            let Some(journal) = books.journal(id).await? else {
                erased += 1;
                continue;
            };
            let known = known(&books, &journal).await?;
            let names = names(&known);
            let talks = talks.get(&(id.shop, CustomerId(id.key.0))).copied().unwrap_or_default();
            let shop = shop_name(&config, id.shop);
            if self.json {
                let told = json!({
                    "id": id.key, "shop": shop, "known_as": names, "conversations": talks,
                    "opted_out": known.opted_out(), "consent": known.consent, "same_person": known.same,
                });
                print(&format!("{told}\n"))?;
                continue;
            }
            let same = known.same.iter().map(|other| format!("also customer {other}"));
            let wants = if known.opted_out() { "no" } else { "yes" };
            rows.push(vec![
                id.key.to_string(),
                shop,
                talks.to_string(),
                wants.to_owned(),
                names.into_iter().chain(same).collect::<Vec<_>>().join("; "),
            ]);
        }
        if self.json {
            return Ok(());
        }
        print(&if rows.is_empty() {
            "nobody is known yet\n".to_owned()
        } else {
            table(&["id", "shop", "conversations", "messages", "known as"], &rows)
        })?;
        if erased > 0 {
            print(&format!("{erased} more were erased\n"))?;
        }
        Ok(())
    }
}
