//! `sutler orders list`.

use agent_core::id::{JournalId, Seq, Subject};
use agent_core::money::Money;
use agent_core::order::Order;
use agent_core::replay::tape::Holds;
use agent_core::time::Micros;
use clap::Args;
use serde_json::{Value, json};

use super::super::conversations::list::minute;
use super::super::conversations::{all, bar, books, shop, shop_name};
use crate::cli::Global;
use crate::command::{print, table};
use crate::data::Data;
use crate::exit::Failure;
use crate::tape::Error;

/// List them, the latest last. Of customers who were erased, the number and the times are left.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Those of one shop, by its name or number
    #[arg(long, value_name = "NAME")]
    shop: Option<String>,
    /// One JSON object an order
    #[arg(long)]
    json: bool,
}

/// One order, at a glance.
struct Glance {
    id: JournalId,
    shop: String,
    /// When its journal began and was last told something.
    times: (Micros, Micros),
    /// None of somebody who was erased.
    order: Option<Order>,
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
        let ids = all(&books, holds, Subject::Order).await?;
        let bar = bar("reading");
        bar.set_length(ids.len() as u64);
        let mut glances = Vec::new();
        for id in ids {
            let clear = data.store.clear(id, Seq::START, usize::MAX).await.map_err(Error::from)?;
            let time = |clear: Option<&storage::Clear>| clear.map(|it| it.at).unwrap_or_default();
            let order = books.journal(id).await?.map(|journal| Order::fold(&journal.events));
            let times = (time(clear.first()), time(clear.last()));
            glances.push(Glance { id, shop: shop_name(&config, id.shop), times, order });
            bar.inc(1);
        }
        bar.finish_and_clear();
        glances.sort_by_key(|glance| glance.times);
        if self.json {
            return glances.iter().try_for_each(|glance| print(&format!("{}\n", told(glance))));
        }
        let head = ["reference", "shop", "placed", "progress", "total", "paid"];
        let rows: Vec<Vec<String>> = glances.iter().map(row).collect();
        print(&if rows.is_empty() {
            "nothing was ordered yet\n".to_owned()
        } else {
            table(&head, &rows)
        })
    }
}

fn progress(order: &Order) -> String {
    let twice = if order.is_paid_twice() { ", PAID TWICE" } else { "" };
    format!("{}{twice}", order.progress())
}

fn row(glance: &Glance) -> Vec<String> {
    let money = |money: Option<Money>| money.map(|it| it.to_string()).unwrap_or_default();
    let order = glance.order.as_ref();
    let reference = order.and_then(Order::reference).map(|it| it.to_string());
    let placed = order.and_then(|order| order.placed.as_ref());
    vec![
        reference.unwrap_or_else(|| glance.id.key.to_string()),
        glance.shop.clone(),
        minute(glance.times.0),
        order.map_or_else(|| "erased".to_owned(), progress),
        money(placed.and_then(|placed| placed.total.clone())),
        money(order.and_then(Order::paid)),
    ]
}

fn told(glance: &Glance) -> Value {
    let order = glance.order.as_ref();
    let placed = order.and_then(|order| order.placed.as_ref());
    json!({
        "id": glance.id.key, "shop": glance.shop,
        "reference": order.and_then(Order::reference).map(|it| it.to_string()),
        "conversation": placed.and_then(|placed| placed.conversation),
        "placed": glance.times.0.to_string(), "last": glance.times.1.to_string(),
        "progress": order.map_or_else(|| json!("erased"), |order| json!(order.progress())),
        "lines": placed.map(|placed| &placed.lines),
        "total": placed.and_then(|placed| placed.total.as_ref()),
        "paid": order.and_then(Order::paid), "refunded": order.and_then(Order::refunded),
        "paid_twice": order.map(Order::is_paid_twice),
    })
}
