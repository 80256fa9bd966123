//! `sutler orders show`.

use agent_core::event::{Answer, Event, Recorded};
use agent_core::id::Name;
use agent_core::message::InboundKind;
use agent_core::order::{Order, PLACED, Placed, REFERENCE};
use anstyle::Style;
use clap::Args;
use serde_json::{Value, json};

use super::super::conversations::list::minute;
use super::super::conversations::{books, shop_name};
use super::named;
use crate::cli::Global;
use crate::command::{print, table};
use crate::config::Config;
use crate::data::Data;
use crate::exit::Failure;
use crate::tape::Journal;

/// Show one: what was ordered, and what was told of it since.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Its reference, which the shop's own system knows as the idempotency key; the one its payment in a chat names; or its id,
    /// or as much of its beginning as tells it from the others
    #[arg(value_name = "REFERENCE")]
    reference: String,
    /// The order, and every event of its journal, as JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        let config = global.config(None)?;
        let books = books(&Data::existing(&config)?);
        let id = named(&books, &self.reference).await?;
        let Some(journal) = books.journal(id).await? else {
            return Err(Failure::found(format!("the customer of {id} was erased")));
        };
        let order = Order::fold(&journal.events);
        if self.json {
            let told = json!({
                "id": id.key, "shop": shop_name(&config, id.shop), "customer": journal.customer,
                "progress": order.progress(), "order": order, "events": journal.events,
            });
            return print(&format!("{told}\n"));
        }
        print(&head(&config, &journal, &order))?;
        if let Some(placed) = &order.placed {
            print(&lines(placed))?;
        }
        journal.events.iter().filter_map(happened).try_for_each(|line| print(&line))
    }
}

fn head(config: &Config, journal: &Journal, order: &Order) -> String {
    let bold = Style::new().bold();
    let mut facts = vec![format!("shop {}", shop_name(config, journal.id.shop))];
    facts.extend(journal.customer.map(|customer| format!("customer {customer}")));
    let conversation = order.placed.as_ref().and_then(|placed| placed.conversation);
    facts.extend(conversation.map(|conversation| format!("conversation {conversation}")));
    facts.push(order.progress().to_string());
    facts.extend(order.paid().map(|paid| format!("paid: {paid}")));
    if order.is_paid_twice() {
        let transactions = order.payments.keys().filter(|name| !name.as_str().is_empty());
        let transactions: Vec<&str> = transactions.map(Name::as_str).collect();
        facts.push(format!("PAID TWICE, by the transactions {}", transactions.join(", ")));
    }
    facts.extend(order.refunded().map(|refunded| format!("refunded: {refunded}")));
    let reference =
        order.reference().map_or_else(|| journal.id.key.to_string(), |it| it.to_string());
    format!("{bold}{reference}{bold:#}\n{}\n\n", facts.join("\n"))
}

fn lines(placed: &Placed) -> String {
    let row = |line: &agent_core::evidence::CartLine| {
        let what = [line.title.as_str(), line.options.as_str()];
        let what: Vec<&str> = what.into_iter().filter(|it| !it.is_empty()).collect();
        vec![
            line.quantity.to_string(),
            what.join(", "),
            line.each.to_string(),
            line.amount.to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = placed.lines.iter().map(row).collect();
    let total = placed.total.as_ref().map(|total| format!("total {total}\n")).unwrap_or_default();
    let goods = if rows.is_empty() {
        String::new()
    } else {
        table(&["", "goods", "each", "amount"], &rows)
    };
    format!("{goods}{total}{}\n\n", placed.link)
}

/// One thing that was told, in a line.
fn happened(recorded: &Recorded) -> Option<String> {
    let Event::Answer(Answer::Received(inbound)) = &recorded.event else { return None };
    let InboundKind::Event { name, facts } = &inbound.kind else { return None };
    let told =
        facts.iter().filter(|(fact, _)| name.as_str() != PLACED && fact.as_str() != REFERENCE);
    let told: Vec<String> = told
        .map(|(fact, value)| match value {
            Value::String(text) => format!("{fact} {text}"),
            value => format!("{fact} {value}"),
        })
        .collect();
    let told = told.join(", ");
    Some(format!("{}  {name}  {told}", minute(inbound.at)).trim_end().to_owned() + "\n")
}
