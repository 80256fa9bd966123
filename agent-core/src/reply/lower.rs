//! Cuts a reply to what one platform can show. Pure and deterministic.
//!
//! No option is ever unreachable: what does not fit on buttons becomes a list, and what does not fit there a
//! numbered text whose typed number maps back to the same action. Nothing exceeds a limit; what was lost is
//! on record.

use crate::message::{
    ActionRef, Block, Card, CardPart, Choice, ListRow, Loss, Outbound, Part, Plan, SummaryLine,
};
use crate::profile::{Can, ChannelProfile, Menu};
use crate::reply::split::{shorten, split};

/// A reply, cut to what a platform can show.
#[must_use]
pub fn lower(outbound: &Outbound, profile: &ChannelProfile) -> Plan {
    let mut lowering =
        Lowering { outbound, profile, plan: Plan::default(), options: 0, numbers: 0 };
    for block in &outbound.blocks {
        lowering.block(block);
    }
    lowering.plan
}

struct Lowering<'a> {
    outbound: &'a Outbound,
    profile: &'a ChannelProfile,
    plan: Plan,
    /// Actions counted so far.
    options: u16,
    /// Numbers given so far.
    numbers: u16,
}

impl Lowering<'_> {
    fn block(&mut self, block: &Block) {
        match block {
            Block::Text(text) => self.text(text),
            Block::Choice { ask, open, options } => self.choice(ask, open, options),
            Block::Cards(cards) => self.cards(cards),
            Block::Summary { lines, total, .. } if self.profile.can.contains(&Can::Summaries) => {
                let (lines, total) = (lines.clone(), total.clone());
                self.plan.parts.push(Part::Summary { lines, total });
            }
            Block::Summary { lines, total, .. } => self.text(&summary(lines, total)),
            Block::Link { label, url } => self.link(label, url),
            Block::Media { media, caption } => {
                let short = shorten(caption, &self.profile.caption);
                if short != *caption {
                    self.plan.losses.push(Loss::Shortened(caption.clone()));
                }
                self.plan.parts.push(Part::Media { media: media.clone(), caption: short });
            }
            Block::Form { name, ask } => {
                if self.profile.can.contains(&Can::Forms) {
                    self.plan.parts.push(Part::Form { name: name.clone(), body: ask.clone() });
                } else {
                    self.plan.losses.push(Loss::Dropped("form".into()));
                    self.text(ask);
                }
            }
            Block::Template { name, slots } => {
                if self.profile.can.contains(&Can::Templates) {
                    self.plan
                        .parts
                        .push(Part::Template { name: name.clone(), slots: slots.clone() });
                } else {
                    self.plan.losses.push(Loss::Dropped("template".into()));
                }
            }
            Block::AskLocation(ask) => {
                if self.profile.can.contains(&Can::AskLocation) {
                    self.plan.parts.push(Part::AskLocation(ask.clone()));
                } else {
                    self.text(ask);
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        let pieces = split(text, &self.profile.text);
        if pieces.len() > 1 {
            let into = u16::try_from(pieces.len()).unwrap_or(u16::MAX);
            self.plan.losses.push(Loss::Split { into });
        }
        self.plan.parts.extend(pieces.into_iter().map(Part::Text));
    }

    fn next(&mut self) -> ActionRef {
        let action = ActionRef { outbound: self.outbound.id, option: self.options };
        self.options = self.options.saturating_add(1);
        action
    }

    fn choice(&mut self, ask: &str, open: &str, options: &[Choice]) {
        let actions: Vec<ActionRef> = options.iter().map(|_| self.next()).collect();
        let pairs = options.iter().zip(actions);
        if let Some(menu) = self.profile.buttons.filter(|menu| fits(menu, ask, options)) {
            let options = pairs
                .map(|(option, action)| (shorten(&option.label, &menu.label), action))
                .collect();
            self.plan.parts.push(Part::Buttons { body: ask.to_owned(), options });
            return;
        }
        if let Some(menu) = self.profile.list.filter(|menu| fits(menu, ask, options)) {
            self.plan.losses.push(Loss::ButtonsToList);
            let rows = pairs.map(|(option, action)| ListRow {
                label: shorten(&option.label, &menu.label),
                hint: shorten(&option.hint, &menu.hint),
                action,
            });
            let part =
                Part::List { body: ask.to_owned(), open: open.to_owned(), rows: rows.collect() };
            self.plan.parts.push(part);
            return;
        }
        self.plan.losses.push(Loss::ListToNumbers);
        let mut text = ask.to_owned();
        for (option, action) in pairs {
            text.push_str(&self.numbered(&option.label, action));
        }
        self.text(&text);
    }

    /// A line of a numbered text: `\n2. label`.
    fn numbered(&mut self, label: &str, action: ActionRef) -> String {
        self.numbers = self.numbers.saturating_add(1);
        self.plan.numbered.push((self.numbers, action));
        format!("\n{}. {label}", self.numbers)
    }

    fn cards(&mut self, cards: &[Card]) {
        let native = self.profile.cards.filter(|menu| cards.len() <= usize::from(menu.count));
        if let Some(menu) = native {
            let mut parts = Vec::with_capacity(cards.len());
            for card in cards {
                let options = card
                    .actions
                    .iter()
                    .map(|option| (shorten(&option.label, &menu.label), self.next()))
                    .collect();
                parts.push(CardPart {
                    record: card.record.clone(),
                    title: shorten(&card.title, &menu.body),
                    detail: shorten(&card.detail, &menu.hint),
                    image: card.image.clone(),
                    link: card.link.clone(),
                    options,
                });
            }
            self.plan.parts.push(Part::Cards(parts));
            return;
        }
        self.plan.losses.push(Loss::CardsToText);
        for card in cards {
            let mut text = format!("{}\n{}", card.title, card.detail);
            if let Some(link) = &card.link {
                text.push('\n');
                text.push_str(link);
            }
            for option in &card.actions {
                let action = self.next();
                text.push_str(&self.numbered(&option.label, action));
            }
            self.text(&text);
        }
    }

    fn link(&mut self, label: &str, url: &str) {
        if self.profile.can.contains(&Can::Links) {
            let part =
                Part::Link { body: label.to_owned(), label: label.to_owned(), url: url.to_owned() };
            self.plan.parts.push(part);
        } else {
            self.text(&format!("{label}\n{url}"));
        }
    }
}

/// Whether a choice fits a menu without two labels becoming one.
fn fits(menu: &Menu, ask: &str, options: &[Choice]) -> bool {
    let labels: std::collections::BTreeSet<String> =
        options.iter().map(|option| shorten(&option.label, &menu.label)).collect();
    options.len() <= usize::from(menu.count)
        && labels.len() == options.len()
        && menu.body.fits(ask)
        && !ask.is_empty()
}

/// The cart or an order as text, for whoever has no layout of its own for it.
#[must_use]
pub fn summary(lines: &[SummaryLine], (word, total): &(String, String)) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(&format!("{} × {}  {}\n", line.quantity, line.label, line.text));
    }
    text.push_str(&format!("{word}: {total}"));
    text
}
