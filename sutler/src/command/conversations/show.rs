//! `sutler conversations show`.

use agent_core::conversation::Conversation;
use agent_core::digest::canonical;
use agent_core::id::Subject;
use agent_core::money::Money;
use anstyle::{AnsiColor, Style};
use clap::Args;

use super::list::owner;
use super::settle::waits;
use super::{books, find, shop_name};
use crate::cli::Global;
use crate::command::print;
use crate::config::Config;
use crate::data::Data;
use crate::exit::Failure;
use crate::tape::Journal;
use crate::transcript::{Line, Who, lines};

/// Show one: who said what, which tools were called, which rules applied.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Its id, or as much of its beginning as tells it from the others
    #[arg(value_name = "ID")]
    id: String,
    /// Only what was said
    #[arg(long, conflicts_with = "events")]
    said: bool,
    /// Every event as a line of JSON
    #[arg(long)]
    events: bool,
}

impl Show {
    pub(super) async fn run(self, global: &Global) -> Result<(), Failure> {
        let config = global.config(None)?;
        let books = books(&Data::existing(&config)?);
        let id = find(&books, Subject::Conversation, &self.id).await?;
        let Some(journal) = books.journal(id).await? else {
            return Err(Failure::found(format!("the customer of {id} was erased")));
        };
        if self.events {
            return journal.events.iter().try_for_each(|it| print(&(canonical(it) + "\n")));
        }
        print(&head(&config, &journal))?;
        lines(&journal.events, !self.said).iter().try_for_each(|line| print(&shown(line)))
    }
}

fn head(config: &Config, journal: &Journal) -> String {
    let bold = Style::new().bold();
    let state = Conversation::fold(&journal.events);
    let mut facts = vec![format!("shop {}", shop_name(config, journal.id.shop))];
    if let Some(address) = &state.address {
        facts.push(format!(
            "{}, account {}, thread {}",
            address.channel, address.account, address.thread
        ));
    }
    if let Some(customer) = journal.customer {
        facts.push(format!("customer {customer}"));
    }
    facts.push(format!("answers: {}", owner(&state.owner)));
    if !state.cart.is_empty() {
        let lines: Vec<String> = state
            .cart
            .iter()
            .map(|(variant, quantity)| format!("{quantity} × {variant}"))
            .collect();
        let total = state.priced.as_ref().and_then(|priced| priced.total.as_ref());
        let total = total.map(|total: &Money| format!(" = {total}")).unwrap_or_default();
        facts.push(format!("cart: {}{total}", lines.join(", ")));
    }
    let open = state.deliveries.parts.iter().filter(|sent| sent.can_be_settled());
    facts.extend(open.map(|sent| format!("to settle: {}", waits(sent))));
    format!("{bold}{}{bold:#}\n{}\n\n", journal.id.key, facts.join("\n"))
}

fn shown(line: &Line) -> String {
    let (name, style) = match line.who {
        Who::Customer => ("customer", Style::new().bold()),
        Who::Agent => ("agent   ", Style::new().fg_color(Some(AnsiColor::Cyan.into()))),
        Who::Person => ("person  ", Style::new().fg_color(Some(AnsiColor::Magenta.into()))),
        Who::Note => ("        ", Style::new().dimmed()),
    };
    // A customer does not write to the operator's terminal.
    let plain = |c: char| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c };
    let text: String = line.text.trim_end().replace("\r\n", "\n").chars().map(plain).collect();
    let text: Vec<&str> = text.lines().map(str::trim_end).collect();
    let text = text.join(&format!("\n{}", " ".repeat(32)));
    let text = if line.who == Who::Note { format!("{style}{text}{style:#}") } else { text };
    format!("{}  {style}{name}{style:#}  {text}\n", line.at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_does_not_write_to_the_operators_terminal() {
        let text = "hello\x1b]52;c;eA==\x07\r\nsecond\rpaid\u{9b}2J".to_owned();
        let line = Line { at: agent_core::time::Micros(0), who: Who::Customer, text };
        let shown = anstream::adapter::strip_str(&shown(&line)).to_string();
        assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
        assert!(shown.ends_with("second\u{fffd}paid\u{fffd}2J\n"), "{shown:?}");
    }
}
