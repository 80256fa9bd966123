//! `sutler conversations list`.

use std::collections::BTreeMap;

use agent_core::catalog::sum;
use agent_core::conversation::Conversation;
use agent_core::digest::Digest;
use agent_core::event::{Answer, Event};
use agent_core::evidence::Owner;
use agent_core::id::Subject;
use agent_core::money::Money;
use agent_core::pack::Content;
use agent_core::replay::{Stretch, stretches};
use agent_core::store::kept;
use agent_core::time::Micros;
use clap::Args;
use serde_json::{Value, json};

use super::{all, bar, books, shop, shop_name};
use crate::cli::Global;
use crate::command::{print, table};
use crate::config::Config;
use crate::data::Data;
use crate::exit::Failure;
use crate::tape::{Books, Journal};
use agent_core::replay::tape::Holds;

/// As much of an id as a table shows.
pub(in crate::command) const SHORT: usize = 12;

/// List them, the latest last.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Those of one shop, by its name or number
    #[arg(long, value_name = "NAME")]
    shop: Option<String>,
    /// One JSON object a conversation
    #[arg(long)]
    json: bool,
}

/// One conversation, at a glance.
struct Glance {
    id: String,
    shop: String,
    channel: String,
    started: Micros,
    last: Micros,
    turns: usize,
    owner: &'static str,
    cart: Option<Money>,
    pack: Option<String>,
}

impl List {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        let config = global.config(None)?;
        let books = books(&Data::existing(&config)?);
        let holds = match &self.shop {
            Some(name) => Holds::Shop(shop(&config, name)?),
            None => Holds::Everything,
        };
        let ids = all(&books, holds, Subject::Conversation).await?;
        let bar = bar("reading");
        bar.set_length(ids.len() as u64);
        let (mut glances, mut erased, mut packs) = (Vec::new(), 0_u64, BTreeMap::new());
        for id in ids {
            match books.journal(id).await? {
                Some(journal) => glances.push(glance(&config, &books, &journal, &mut packs).await),
                None => erased += 1,
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        glances.sort_by_key(|glance| glance.last);
        if self.json {
            return glances.iter().try_for_each(|glance| print(&format!("{}\n", told(glance))));
        }
        let head = ["id", "shop", "channel", "started", "last", "turns", "answers", "cart", "pack"];
        let rows: Vec<Vec<String>> = glances.iter().map(row).collect();
        print(&if rows.is_empty() {
            "nobody has talked yet\n".to_owned()
        } else {
            table(&head, &rows)
        })?;
        if erased > 0 {
            print(&format!("{erased} more are of customers who were erased\n"))?;
        }
        Ok(())
    }
}

async fn glance(
    config: &Config,
    books: &Books,
    journal: &Journal,
    packs: &mut BTreeMap<Digest, Option<String>>,
) -> Glance {
    let state = Conversation::fold(&journal.events);
    let pack = journal.events.iter().rev().find_map(|recorded| match &recorded.event {
        Event::Answer(Answer::Opened(opening)) => Some(opening.basis.pack),
        _ => None,
    });
    let turns = stretches(&journal.events);
    Glance {
        id: journal.id.key.to_string(),
        shop: shop_name(config, journal.id.shop),
        channel: state.address.map(|it| it.channel.to_string()).unwrap_or_default(),
        started: journal.events.first().map(|first| first.at).unwrap_or_default(),
        last: state.at,
        turns: turns.iter().filter(|stretch| matches!(stretch, Stretch::Turn(_))).count(),
        owner: owner(&state.owner),
        cart: state.priced.filter(|_| !state.cart.is_empty()).and_then(|priced| {
            priced.total.or_else(|| sum(priced.lines.iter().map(|line| &line.amount)))
        }),
        pack: match pack {
            Some(hash) => named(books, hash, packs).await,
            None => None,
        },
    }
}

/// The name of a pack that was in force once.
async fn named(
    books: &Books,
    hash: Digest,
    packs: &mut BTreeMap<Digest, Option<String>>,
) -> Option<String> {
    if let Some(name) = packs.get(&hash) {
        return name.clone();
    }
    let content: Option<Content> = kept(&*books.archive, hash).await.ok();
    let name = content.map(|content| format!("{} {}", content.name, content.version));
    packs.insert(hash, name.clone());
    name
}

/// Who answers, in a word.
pub(in crate::command) fn owner(owner: &Owner) -> &'static str {
    match owner {
        Owner::Bot => "agent",
        Owner::Waiting { .. } => "waits",
        Owner::Person { .. } => "person",
        Owner::Closed => "closed",
    }
}

fn told(glance: &Glance) -> Value {
    json!({
        "id": glance.id, "shop": glance.shop, "channel": glance.channel,
        "started": glance.started.to_string(), "last": glance.last.to_string(),
        "turns": glance.turns, "owner": glance.owner, "cart": glance.cart, "pack": glance.pack,
    })
}

fn row(glance: &Glance) -> Vec<String> {
    let minute = |at: Micros| {
        let (year, month, day, hour, minute, _) = at.civil();
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
    };
    vec![
        glance.id.chars().take(SHORT).collect(),
        glance.shop.clone(),
        glance.channel.clone(),
        minute(glance.started),
        minute(glance.last),
        glance.turns.to_string(),
        glance.owner.to_owned(),
        glance.cart.as_ref().map(ToString::to_string).unwrap_or_default(),
        glance.pack.clone().unwrap_or_default(),
    ]
}
