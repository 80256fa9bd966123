//! `sutler customers list`.

use std::collections::BTreeMap;

use agent_core::id::{CustomerId, ShopId, Subject};
use agent_core::replay::tape::Holds;
use clap::Args;
use serde_json::json;

use super::super::conversations::{all, bar, books, shop, shop_name};
use super::{customers, known, names, owner, unread};
use crate::cli::Global;
use crate::command::{print, table};
use crate::data::Data;
use crate::exit::Failure;

/// List them.
///
/// Exit codes: 0 all of them can be read; 1 some are damaged, and shown as such.
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
        let mut damaged = Vec::new();
        let mut talks: BTreeMap<(ShopId, CustomerId), u64> = BTreeMap::new();
        for journal in conversations {
            match owner(&books, journal).await {
                Ok(Some(customer)) => *talks.entry((journal.shop, customer)).or_default() += 1,
                Ok(None) => {}
                Err(error) => unread(journal, error, &mut damaged)?,
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        let (mut rows, mut erased) = (Vec::new(), 0_u64);
        for id in customers(&books, holds).await? {
            let known = match books.journal(id).await {
                Ok(Some(journal)) => Some(known(&books, &journal).await?),
                Ok(None) => {
                    erased += 1;
                    continue;
                }
                Err(error) => unread(id, error, &mut damaged).map(|()| None)?,
            };
            let is_damaged = known.is_none();
            let known = known.unwrap_or_default();
            let names = names(&known);
            let talks = talks.get(&(id.shop, CustomerId(id.key.0))).copied().unwrap_or_default();
            let shop = shop_name(&config, id.shop);
            if self.json {
                let told = json!({
                    "id": id.key, "shop": shop, "known_as": names, "conversations": talks,
                    "opted_out": known.opted_out(), "consent": known.consent, "same_person": known.same,
                    "damaged": is_damaged,
                });
                print(&format!("{told}\n"))?;
                continue;
            }
            let same = known.same.iter().map(|other| format!("also customer {other}"));
            let wants = match known.opted_out() {
                _ if is_damaged => "damaged",
                true => "no",
                false => "yes",
            };
            rows.push(vec![
                id.key.to_string(),
                shop,
                talks.to_string(),
                wants.to_owned(),
                names.into_iter().chain(same).collect::<Vec<_>>().join("; "),
            ]);
        }
        if !self.json {
            tell(&rows, erased)?;
        }
        match damaged.as_slice() {
            [] => Ok(()),
            _ => Err(Failure::found("what is damaged can't be read; all else is whole")),
        }
    }
}

fn tell(rows: &[Vec<String>], erased: u64) -> Result<(), Failure> {
    print(&if rows.is_empty() {
        "nobody is known yet\n".to_owned()
    } else {
        table(&["id", "shop", "conversations", "messages", "known as"], rows)
    })?;
    if erased > 0 {
        print(&format!("{erased} more were erased\n"))?;
    }
    Ok(())
}
