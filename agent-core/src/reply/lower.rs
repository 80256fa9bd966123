//! Cuts a reply to what one platform can show. Pure and deterministic.
//!
//! No option is ever unreachable: what does not fit on buttons becomes a list, and what does not fit there a
//! numbered text whose typed number maps back to the same action. Nothing exceeds a limit; what was lost is
//! on record.

use std::collections::BTreeSet;

use crate::message::{
    ActionRef, Block, Card, CardPart, Choice, ListRow, Loss, Native, Outbound, Part, Picture, Plan,
    Slide, SummaryLine,
};
use crate::profile::{Can, ChannelProfile, Menu};
use crate::reply::pay::payable;
use crate::reply::row;
use crate::reply::split::{shorten, split};

/// A reply, cut to what a platform can show.
#[must_use]
pub fn lower(outbound: &Outbound, profile: &ChannelProfile) -> Plan {
    let mut lowering =
        Lowering { outbound, profile, plan: Plan::default(), options: 0, numbers: 0 };
    let mut blocks = outbound.blocks.iter().peekable();
    while let Some(block) = blocks.next() {
        if let Some(order) = payable(block, blocks.peek().copied(), outbound, profile) {
            lowering.plan.parts.push(Part::Native(order));
            blocks.next();
            continue;
        }
        let before = lowering.plan.parts.len();
        lowering.block(block);
        if outbound.to.is_shared() && matches!(block, Block::Summary { .. } | Block::Link { .. }) {
            let private = before..lowering.plan.parts.len();
            lowering.plan.private.extend(private.filter_map(|n| u8::try_from(n).ok()));
        }
    }
    let joins = profile.can.contains(&Can::Bill) || profile.can.contains(&Can::Join);
    if joins && lowering.plan.private.is_empty() {
        lowering.plan.parts = joined(lowering.plan.parts, profile);
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
                // Where a file has no words with it, they go before it.
                let alone = self.profile.caption.max == 0;
                if alone && !caption.is_empty() {
                    self.text(caption);
                }
                let caption = if alone { "" } else { caption };
                let short = shorten(caption, &self.profile.caption);
                if short != caption {
                    self.plan.losses.push(Loss::Shortened(caption.to_owned()));
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
            Block::Native(Native::Carousel { text, slides }) => self.swiped(text, slides),
            Block::Native(native) => self.native(native),
            Block::Template { name, slots, header, buttons, cards, until } => {
                let mut next = |_| self.next();
                let buttons = buttons.iter().cloned().map(|it| it.map(&mut next)).collect();
                let cards = cards.iter().cloned().map(|it| it.map(&mut next)).collect();
                if self.profile.can.contains(&Can::Templates) {
                    let (name, slots, header) = (name.clone(), slots.clone(), header.clone());
                    let until = *until;
                    let part = Part::Template { name, slots, header, buttons, cards, until };
                    self.plan.parts.push(part);
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

    fn native(&mut self, native: &Native) {
        let needs = match native {
            Native::Place { .. }
            | Native::Contact { .. }
            | Native::Reaction { .. }
            | Native::AskContact { .. }
            // Handled before.
            | Native::Carousel { .. } => Can::Native,
            Native::AskAddress { .. } => Can::Addresses,
            Native::Catalog { .. } => Can::Catalog,
            Native::Order { .. } | Native::OrderStatus { .. } => Can::Orders,
        };
        let words = native.words();
        if self.profile.can.contains(&needs) {
            let native = native.clone().map(|choice| (choice.label, self.next()));
            self.plan.parts.push(Part::Native(native));
        } else if words.is_empty() {
            self.plan.losses.push(Loss::Dropped("native".into()));
        } else {
            self.text(&words);
        }
    }

    /// Pictures in a row, where the platform has that and they make one; else their words, and what they offer by
    /// numbers.
    fn swiped(&mut self, text: &str, slides: &[Slide]) {
        let label = self.profile.buttons.map(|menu| menu.label);
        let row = label.filter(|label| row::is_even(slides, label));
        if let Some(label) = row.filter(|_| self.profile.can.contains(&Can::Native)) {
            let mut answer = |choice: Choice| (shorten(&choice.label, &label), self.next());
            let slides = slides.iter().cloned().map(|slide| slide.map(&mut answer)).collect();
            let row = Native::Carousel { text: text.to_owned(), slides };
            return self.plan.parts.push(Part::Native(row));
        }
        self.plan.losses.push(Loss::CardsToText);
        let mut all = text.to_owned();
        for slide in slides {
            let words = slide.words();
            let space = if all.is_empty() || words.is_empty() { "" } else { "\n\n" };
            all.push_str(space);
            all.push_str(&words);
            for choice in slide.replies() {
                let action = self.next();
                all.push_str(&self.numbered(&choice.label, action));
            }
        }
        self.text(&all);
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
        let bills = self.profile.can.contains(&Can::Bill);
        if self.profile.can.contains(&Can::Catalog) && cards.len() <= GOODS {
            return self.goods(cards);
        }
        let native = |menu: &Menu| {
            let one = !bills || cards.len() <= usize::from(menu.count);
            one && cards.iter().all(|card| self.can_tap(card, menu))
        };
        if let Some(menu) = self.profile.cards.filter(native) {
            for row in cards.chunks(usize::from(menu.count.max(1))) {
                self.row(row, &menu);
            }
            return;
        }
        self.plan.losses.push(Loss::CardsToText);
        if bills {
            return self.gathered(cards);
        }
        for card in cards {
            let mut text = words(card);
            for option in &card.actions {
                let action = self.next();
                text.push_str(&self.numbered(&option.label, action));
            }
            self.text(&text);
        }
    }

    /// Whether all that a card offers fits under it, told apart.
    fn can_tap(&self, card: &Card, menu: &Menu) -> bool {
        let most = self.profile.buttons.map_or(usize::MAX, |buttons| usize::from(buttons.count));
        let labels = card.actions.iter().map(|option| shorten(&option.label, &menu.label));
        let labels: BTreeSet<String> = labels.filter(|label| !label.is_empty()).collect();
        card.actions.len() <= most && labels.len() == card.actions.len()
    }

    /// Cards in one message of words, and what they offer as the rows of a list, else by numbers.
    fn gathered(&mut self, cards: &[Card]) {
        let body = cards.iter().map(words).collect::<Vec<_>>().join("\n\n");
        let count: usize = cards.iter().map(|card| card.actions.len()).sum();
        let single = cards.iter().all(|card| card.actions.len() == 1);
        let open = cards.iter().flat_map(|card| &card.actions).next().map(|it| it.label.clone());
        let fits = |menu: &Menu| count <= usize::from(menu.count) && menu.body.fits(&body);
        let list = self.profile.list.filter(fits).zip(open);
        let Some((menu, open)) = list else {
            let mut text = String::new();
            for card in cards {
                let space = if text.is_empty() { "" } else { "\n\n" };
                text.push_str(space);
                text.push_str(&words(card));
                for option in &card.actions {
                    let action = self.next();
                    text.push_str(&self.numbered(&option.label, action));
                }
            }
            return self.text(&text);
        };
        let mut rows = Vec::with_capacity(count);
        for card in cards {
            for option in &card.actions {
                let (label, hint) = match single {
                    true => (&card.title, &option.label),
                    false => (&option.label, &card.title),
                };
                rows.push(ListRow {
                    label: shorten(label, &menu.label),
                    hint: shorten(hint, &menu.hint),
                    action: self.next(),
                });
            }
        }
        self.plan.parts.push(Part::List { body, open, rows });
    }

    /// Products of the platform's own catalogue have no buttons of ours: what they offer is typed.
    fn goods(&mut self, cards: &[Card]) {
        let mut row = Vec::with_capacity(cards.len());
        for card in cards {
            let mut detail = card.detail.clone();
            for option in &card.actions {
                let action = self.next();
                detail.push_str(&self.numbered(&option.label, action));
            }
            row.push(CardPart {
                record: card.record.clone(),
                title: card.title.clone(),
                detail,
                image: None,
                link: None,
                options: Vec::new(),
            });
        }
        let length: usize = row.iter().map(|card| card.title.len() + card.detail.len() + 8).sum();
        if length <= GOODS_WORDS {
            self.plan.parts.push(Part::Cards(row));
            return;
        }
        // Too many words to stand with them: all of it as text, and nothing is lost.
        let texts: Vec<String> =
            row.iter().map(|card| format!("{}\n{}", card.title, card.detail)).collect();
        self.plan.losses.push(Loss::CardsToText);
        self.text(&texts.join("\n\n"));
    }

    /// Cards in one row. Where pictures go together, those of several cards go before it.
    fn row(&mut self, cards: &[Card], menu: &Menu) {
        let pictures = cards.iter().filter_map(|card| {
            let url = card.image.clone()?;
            Some(Picture { url, caption: shorten(&card.title, &self.profile.caption) })
        });
        let pictures: Vec<Picture> = pictures.collect();
        let album = pictures.len() > 1 && self.profile.can.contains(&Can::Album);
        if album {
            self.plan.parts.push(Part::Album(pictures));
        }
        let mut row = Vec::with_capacity(cards.len());
        for card in cards {
            let options = card.actions.iter();
            let options =
                options.map(|option| (shorten(&option.label, &menu.label), self.next())).collect();
            row.push(CardPart {
                record: card.record.clone(),
                title: shorten(&card.title, &menu.body),
                detail: shorten(&card.detail, &menu.hint),
                image: card.image.clone().filter(|_| !album),
                link: card.link.clone(),
                options,
            });
        }
        self.plan.parts.push(Part::Cards(row));
    }

    fn link(&mut self, label: &str, url: &str) {
        let buttons = self.profile.buttons;
        let fits = buttons.is_none_or(|menu| menu.body.fits(label) && menu.label.fits(label));
        if self.profile.can.contains(&Can::Links) && fits {
            let part =
                Part::Link { body: label.to_owned(), label: label.to_owned(), url: url.to_owned() };
            self.plan.parts.push(part);
        } else {
            self.text(&format!("{label}\n{url}"));
        }
    }
}

/// Products of a catalogue that stand in one message (WhatsApp's list of products).
const GOODS: usize = 30;
/// Bytes of all their words: within what any platform with a catalogue takes.
const GOODS_WORDS: usize = 1_000;

/// A card as words.
fn words(card: &Card) -> String {
    let mut text = format!("{}\n{}", card.title, card.detail);
    if let Some(link) = &card.link {
        text.push('\n');
        text.push_str(link);
    }
    text
}

/// The same parts in fewer messages: words go with what follows them, where they fit.
fn joined(parts: Vec<Part>, profile: &ChannelProfile) -> Vec<Part> {
    let mut joined: Vec<Part> = Vec::with_capacity(parts.len());
    for mut part in parts {
        let with = match joined.last() {
            Some(Part::Text(before)) => put_before(before, &mut part, profile),
            _ => false,
        };
        if with {
            joined.pop();
        }
        joined.push(part);
    }
    joined
}

/// Puts words before a part's own, where it has room for them.
fn put_before(before: &str, part: &mut Part, profile: &ChannelProfile) -> bool {
    let (buttons, list) = (profile.buttons.map(|it| it.body), profile.list.map(|it| it.body));
    // What its button says as well is not said twice.
    let said = matches!(part, Part::Link { body, label, .. } if body == label);
    let (own, room) = match part {
        Part::Text(own) => (own, Some(profile.text)),
        Part::Buttons { body, .. } => (body, buttons),
        Part::List { body, .. } => (body, list),
        Part::Link { body, .. } => (body, buttons.or(list)),
        _ => return false,
    };
    let both = if said { before.to_owned() } else { format!("{before}\n\n{own}") };
    let fits = room.is_some_and(|room| room.fits(&both));
    if fits {
        *own = both;
    }
    fits
}

/// Whether a choice fits a menu without two labels becoming one.
fn fits(menu: &Menu, ask: &str, options: &[Choice]) -> bool {
    let labels: BTreeSet<String> =
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

#[cfg(test)]
mod tests;
