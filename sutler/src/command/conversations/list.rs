//! `sutler conversations list`.

use std::collections::BTreeMap;

use agent_core::catalog::sum;
use agent_core::conversation::Conversation;
use agent_core::digest::Digest;
use agent_core::evidence::Owner;
use agent_core::id::{JournalId, Name, Seq, Subject};
use agent_core::money::Money;
use agent_core::pack::Content;
use agent_core::store::{StoreError, kept};
use agent_core::time::Micros;
use clap::Args;
use serde_json::{Value, json};
use storage::Clear;

use super::{all, bar, books, settle, shop, shop_name};
use crate::cli::Global;
use crate::command::{print, table};
use crate::data::Data;
use crate::exit::Failure;
use crate::tape::{Books, Error};
use agent_core::replay::tape::Holds;

/// As much of an id as a table shows.
pub(in crate::command) const SHORT: usize = 12;

/// List them, the latest last. Of customers who were erased, figures are left.
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
    /// Of all answers of models: in, and out.
    tokens: (u64, u64),
    /// Parts that a platform bills, by what they are billed as.
    billed: BTreeMap<Name, u64>,
    owner: &'static str,
    cart: Option<Money>,
    /// Parts of which nobody knows whether they arrived.
    ambiguous: Vec<String>,
    pack: Option<String>,
}

impl List {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        let config = global.config(None)?;
        let data = Data::existing(&config)?;
        let books = books(&data);
        let holds = match &self.shop {
            Some(name) => Holds::Shop(shop(&config, name)?),
            None => Holds::Everything,
        };
        let ids = all(&books, holds, Subject::Conversation).await?;
        let bar = bar("reading");
        bar.set_length(ids.len() as u64);
        let (mut glances, mut packs, mut damaged) = (Vec::new(), BTreeMap::new(), 0);
        for id in ids {
            let clear = match data.store.clear(id, Seq::START, usize::MAX).await {
                Err(StoreError::Damaged(_)) => Vec::new(),
                clear => clear.map_err(Error::from)?,
            };
            let mut glance = figures(shop_name(&config, id.shop), id, &clear);
            if let Some(pack) = clear.iter().rev().find_map(|clear| clear.pack) {
                glance.pack = named(&books, pack, &mut packs).await;
            }
            match books.journal(id).await {
                Ok(Some(journal)) => glance.look_at(Conversation::fold(&journal.events)),
                Ok(None) => {}
                Err(error) if error.is_damage() => {
                    glance.owner = "damaged";
                    damaged += 1;
                }
                Err(error) => return Err(error.into()),
            }
            glances.push(glance);
            bar.inc(1);
        }
        bar.finish_and_clear();
        glances.sort_by_key(|glance| glance.last);
        self.tell(&glances)?;
        match damaged {
            0 => Ok(()),
            _ => Err(Failure::found("what is damaged can't be read; all else is whole")),
        }
    }

    fn tell(&self, glances: &[Glance]) -> Result<(), Failure> {
        if self.json {
            return glances.iter().try_for_each(|glance| print(&format!("{}\n", told(glance))));
        }
        let head = ["id", "shop", "channel", "started", "last", "turns", "answers", "cart", "pack"];
        let rows: Vec<Vec<String>> = glances.iter().map(row).collect();
        print(&if rows.is_empty() {
            "nobody has talked yet\n".to_owned()
        } else {
            table(&head, &rows)
        })
    }
}

/// What stands in clear, and so is left of those who were erased.
fn figures(shop: String, id: JournalId, clear: &[Clear]) -> Glance {
    let mut billed = BTreeMap::new();
    for category in clear.iter().filter_map(|clear| clear.billed.clone()) {
        *billed.entry(category).or_default() += 1;
    }
    let tokens = clear.iter().filter_map(|clear| clear.tokens);
    Glance {
        id: id.key.to_string(),
        shop,
        channel: String::new(),
        started: clear.first().map(|first| first.at).unwrap_or_default(),
        last: clear.last().map(|last| last.at).unwrap_or_default(),
        turns: clear.iter().filter(|clear| clear.kind == "opened").count(),
        tokens: tokens.fold((0, 0), |(input, output), (more_in, more_out)| {
            (input + u64::from(more_in), output + u64::from(more_out))
        }),
        billed,
        owner: "erased",
        cart: None,
        ambiguous: Vec::new(),
        pack: None,
    }
}

impl Glance {
    fn look_at(&mut self, state: Conversation) {
        self.channel = state.address.map(|it| it.channel.to_string()).unwrap_or_default();
        self.owner = owner(&state.owner);
        let doubts = state.deliveries.parts.iter().filter(|sent| sent.is_in_doubt());
        self.ambiguous = doubts.map(settle::named).collect();
        self.cart = state.priced.filter(|_| !state.cart.is_empty()).and_then(|priced| {
            priced.total.or_else(|| sum(priced.lines.iter().map(|line| &line.amount)))
        });
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
        "turns": glance.turns, "tokens_in": glance.tokens.0, "tokens_out": glance.tokens.1,
        "billed": glance.billed, "owner": glance.owner, "cart": glance.cart, "pack": glance.pack,
        "ambiguous": glance.ambiguous,
    })
}

/// A moment to the minute.
pub(in crate::command) fn minute(at: Micros) -> String {
    let (year, month, day, hour, minute, _) = at.civil();
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
}

fn row(glance: &Glance) -> Vec<String> {
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
