//! Two runs of one turn, compared: what differs, by what it is.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::digest::canonical;
use crate::evidence::{Access, Body, Owner};
use crate::message::{Action, Block};
use crate::money::Money;
use crate::replay::view::{Called, TurnView};

/// What differs.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Facet {
    /// How the turn ended.
    Outcome,
    /// Words.
    Words,
    /// The same words with other numbers.
    Amounts,
    /// What can be tapped.
    Offers,
    /// Where links and cards lead, and which pictures and files are shown.
    Links,
    /// Which tools were called, and in which order.
    Tools,
    /// What they were called with.
    Arguments,
    /// What they brought.
    Results,
    /// What is known of the customer's wishes.
    Slots,
    /// What is in the cart.
    Cart,
    /// What was ordered, and for how much.
    Order,
    /// Who answers, what waits for a yes, whether messages are wanted.
    Standing,
    /// Which rules applied.
    Policy,
    /// What replies stand on.
    Sources,
    /// The language and the mode.
    Language,
    /// Who was asked, in turn.
    Model,
    /// Tokens.
    Cost,
    /// How long models took.
    Latency,
}

impl Facet {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 18] = [
        Self::Outcome,
        Self::Words,
        Self::Amounts,
        Self::Offers,
        Self::Links,
        Self::Tools,
        Self::Arguments,
        Self::Results,
        Self::Slots,
        Self::Cart,
        Self::Order,
        Self::Standing,
        Self::Policy,
        Self::Sources,
        Self::Language,
        Self::Model,
        Self::Cost,
        Self::Latency,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Outcome => "outcome",
            Self::Words => "words",
            Self::Amounts => "amounts",
            Self::Offers => "offers",
            Self::Links => "links",
            Self::Tools => "tools",
            Self::Arguments => "arguments",
            Self::Results => "results",
            Self::Slots => "slots",
            Self::Cart => "cart",
            Self::Order => "order",
            Self::Standing => "standing",
            Self::Policy => "policy",
            Self::Sources => "sources",
            Self::Language => "language",
            Self::Model => "model",
            Self::Cost => "cost",
            Self::Latency => "latency",
        }
    }
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// What.
    pub facet: Facet,
    /// As it was.
    pub was: String,
    /// As it is.
    pub now: String,
    /// It is the same in another order.
    pub order_only: bool,
}

/// What counts as the same.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// A latency may differ by so much,
    pub latency: Duration,
    /// or by so many percent of the longer one.
    pub percent: u32,
}

impl Default for Tolerance {
    /// A quarter of a second, which nobody feels in a chat, or a third.
    fn default() -> Self {
        Self { latency: Duration::from_millis(250), percent: 33 }
    }
}

/// What of a turn differs; what is the same in another order is marked so.
#[must_use]
pub fn compare(was: &TurnView, now: &TurnView, tolerance: Tolerance) -> Vec<Difference> {
    let mut found = Found::default();
    found.lists(Facet::Outcome, &outcome(was), &outcome(now));
    words(was, now, &mut found);
    found.lists(Facet::Offers, &offers(was), &offers(now));
    found.lists(Facet::Links, &links(was), &links(now));
    calls(was, now, &mut found);
    found.lists(Facet::Slots, &slots(was), &slots(now));
    found.lists(Facet::Cart, &cart(was), &cart(now));
    found.lists(Facet::Order, &order(was), &order(now));
    found.lists(Facet::Standing, &[standing(was)], &[standing(now)]);
    found.lists(Facet::Policy, &policy(was), &policy(now));
    found.lists(Facet::Sources, &sources(was), &sources(now));
    found.lists(Facet::Language, &[language(was)], &[language(now)]);
    found.lists(Facet::Model, &models(was), &models(now));
    let cost = |view: &TurnView| vec![format!("{} tokens", view.tokens())];
    found.lists(Facet::Cost, &cost(was), &cost(now));
    latency(was.took(), now.took(), tolerance, &mut found);
    found.0
}

#[derive(Default)]
struct Found(Vec<Difference>);

impl Found {
    fn lists(&mut self, facet: Facet, was: &[String], now: &[String]) {
        if was == now {
            return;
        }
        let sorted = |list: &[String]| {
            let mut list = list.to_vec();
            list.sort();
            list
        };
        let order_only = sorted(was) == sorted(now);
        self.0.push(Difference { facet, was: was.join("\n"), now: now.join("\n"), order_only });
    }
}

fn outcome(view: &TurnView) -> Vec<String> {
    view.outcome.iter().map(canonical).collect()
}

/// Words, or only the numbers in them.
fn words(was: &TurnView, now: &TurnView, found: &mut Found) {
    let lines = |view: &TurnView| -> Vec<String> { view.words().lines().map(Into::into).collect() };
    let (was, now) = (lines(was), lines(now));
    let blank = |lines: &[String]| lines.iter().map(|line| masked(line)).collect::<Vec<_>>();
    let same = blank(&was) == blank(&now);
    found.lists(if same { Facet::Amounts } else { Facet::Words }, &was, &now);
}

/// A text with its numbers blanked.
#[must_use]
pub fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if !c.is_ascii_digit() {
            masked.push(c);
            continue;
        }
        masked.push('#');
        // A point or comma belongs to a number when another digit follows it.
        loop {
            let mut ahead = chars.clone();
            match (ahead.next(), ahead.next()) {
                (Some(digit), _) if digit.is_ascii_digit() => _ = chars.next(),
                (Some('.' | ','), Some(digit)) if digit.is_ascii_digit() => _ = chars.next(),
                _ => break,
            }
        }
    }
    masked
}

fn offers(view: &TurnView) -> Vec<String> {
    let blocks = view.replies.iter().flat_map(|reply| &reply.outbound.blocks);
    let choices = blocks.flat_map(|block| match block {
        Block::Choice { options, .. } => options.iter().collect::<Vec<_>>(),
        Block::Cards(cards) => cards.iter().flat_map(|card| &card.actions).collect(),
        _ => Vec::new(),
    });
    let offer = |choice: &crate::message::Choice| match &choice.action {
        Action::Say(text) if *text == choice.label => format!("[{}]", choice.label),
        Action::Say(text) => format!("[{}] says `{text}`", choice.label),
        Action::Do { tool, arguments } => {
            format!("[{}] {tool} {}", choice.label, canonical(arguments))
        }
    };
    choices.map(offer).collect()
}

/// Where links lead, what cards lead to and show, and which files are sent. What follows the question mark is made
/// anew for each checkout; of the shop's own pages it is part of the address.
fn links(view: &TurnView) -> Vec<String> {
    let anew = view.cited.iter().any(|(source, _)| source.as_str() == "checkout");
    let path = |url: &str| url.split('?').next().unwrap_or(url).to_owned();
    let blocks = view.replies.iter().flat_map(|reply| &reply.outbound.blocks);
    let links = blocks.flat_map(|block| match block {
        Block::Link { url, .. } if anew => vec![path(url)],
        Block::Link { url, .. } => vec![url.clone()],
        Block::Cards(cards) => {
            cards.iter().flat_map(|card| [&card.link, &card.image]).flatten().cloned().collect()
        }
        Block::Media { media, .. } => vec![media.id.clone()],
        _ => Vec::new(),
    });
    links.collect()
}

/// Tools; and where they are the same, what each was called with, and brought.
fn calls(was: &TurnView, now: &TurnView, found: &mut Found) {
    let names = |view: &TurnView| view.calls.iter().map(named).collect::<Vec<_>>();
    let (before, after) = (names(was), names(now));
    let same = before == after;
    found.lists(Facet::Tools, &before, &after);
    if !same {
        return;
    }
    let full = |view: &TurnView| {
        let full = |it: &Called| format!("{} {}", it.call.tool, canonical(&it.call.arguments));
        view.calls.iter().map(full).collect::<Vec<_>>()
    };
    found.lists(Facet::Arguments, &full(was), &full(now));
    let brought = |view: &TurnView| view.calls.iter().map(brought).collect::<Vec<_>>();
    found.lists(Facet::Results, &brought(was), &brought(now));
}

fn named(called: &Called) -> String {
    match &called.refused {
        Some(rule) => format!("{} (refused by {rule})", called.call.tool),
        None => called.call.tool.to_string(),
    }
}

/// The records a call brought, whatever they cost: prices are told by what is said.
fn brought(called: &Called) -> String {
    let brought = match &called.result {
        None => "nothing".to_owned(),
        Some(Err(error)) => error.to_string(),
        Some(Ok(_)) if called.access == Some(Access::Write) => "done".to_owned(),
        Some(Ok(findings)) => {
            let records: Vec<&str> = findings.iter().map(|it| it.record.as_str()).collect();
            records.join(", ")
        }
    };
    format!("{}: {brought}", called.call.tool)
}

fn slots(view: &TurnView) -> Vec<String> {
    view.after.slots.iter().map(|(name, value)| format!("{name} = {value}")).collect()
}

fn cart(view: &TurnView) -> Vec<String> {
    let line = |(variant, quantity): &(crate::id::Name, u32)| format!("{quantity} × {variant}");
    view.after.cart.iter().map(line).collect()
}

/// What was ordered, and for how much: the cart as it was when a write was made, and what the shop's system was told
/// that it costs.
fn order(view: &TurnView) -> Vec<String> {
    let written = view.calls.iter().filter(|it| it.access == Some(Access::Write));
    let mut order: Vec<String> = written
        .map(|it| {
            let how = match &it.result {
                Some(Ok(_)) => "done",
                Some(Err(_)) => "failed",
                None => "open",
            };
            format!("{} {how}", it.call.tool)
        })
        .collect();
    if view.ordered().is_some() {
        order.extend(cart(view));
        order.extend(total(view).map(|total| format!("for {total}")));
    }
    order
}

/// What the cart cost that was ordered last. Old tapes tell it by what was priced before.
fn total(view: &TurnView) -> Option<&Money> {
    let written = view.calls.iter().filter(|it| it.access == Some(Access::Write));
    let findings = written.filter_map(|it| it.result.as_ref()?.as_ref().ok()).flatten();
    let total = findings.rev().find_map(|finding| match &finding.body {
        Body::Cart(cart) => cart.total.as_ref(),
        _ => None,
    });
    total.or(view.after.total.as_ref())
}

fn standing(view: &TurnView) -> String {
    let owner = match &view.after.owner {
        Owner::Bot => "the agent answers",
        Owner::Waiting { .. } => "a person was asked",
        Owner::Person { .. } => "a person answers",
        Owner::Closed => "closed",
    };
    let mut standing = vec![owner.to_owned()];
    standing.extend(view.after.pending.iter().map(|tool| format!("{tool} waits for a yes")));
    standing.extend(view.after.opted_out.then(|| "no messages are wanted".to_owned()));
    standing.extend((!view.after.disclosed).then(|| "not told of the machine".to_owned()));
    standing.join(", ")
}

fn policy(view: &TurnView) -> Vec<String> {
    let judged = view.judged.iter().map(|(_, rule, verdict)| {
        let kind = serde_json::to_value(verdict).unwrap_or_default();
        let kind = kind.as_object().and_then(|it| it.keys().next().cloned());
        format!("{rule}: {}", kind.unwrap_or_else(|| canonical(verdict)))
    });
    judged.collect()
}

fn sources(view: &TurnView) -> Vec<String> {
    view.cited.iter().map(|(source, record)| format!("{source} {record}")).collect()
}

fn language(view: &TurnView) -> String {
    let locale = view.locale.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{locale} {}", view.mode.as_ref().map(canonical).unwrap_or_default())
}

fn models(view: &TurnView) -> Vec<String> {
    let by = |asked: &crate::replay::view::Asked| match &asked.by {
        Ok(name) => name.to_string(),
        Err(why) => why.clone(),
    };
    let mut names: Vec<String> = view.asked.iter().map(by).collect();
    names.dedup();
    names
}

fn latency(was: Duration, now: Duration, tolerance: Tolerance, found: &mut Found) {
    let apart = was.abs_diff(now);
    let share = was.max(now) * tolerance.percent / 100;
    if apart > tolerance.latency && apart > share {
        let text = |took: Duration| vec![format!("{:.2} s", took.as_secs_f64())];
        found.lists(Facet::Latency, &text(was), &text(now));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::digest::Digest;
    use crate::evidence::{Call, CartFacts, Finding, Label, Trust};
    use crate::id::{Made, TurnId};
    use crate::message::{Address, Card, MediaRef, Outbound, Purpose};
    use crate::replay::view::Reply;
    use crate::time::Micros;

    const MADE: Made = Made { turn: TurnId(1), n: 1 };

    /// A turn that shows this, and in which an order of so much got this link.
    fn turn(blocks: Vec<Block>, order: Option<(&str, i64)>) -> TurnView {
        let finding = |body| Finding {
            source: "checkout".into(),
            record: "1".into(),
            version: Digest::of(b""),
            at: Micros::default(),
            good_for: Duration::ZERO,
            trust: Trust::Shop,
            body,
        };
        let calls = order.into_iter().map(|(url, total)| {
            let link = Body::Link { url: url.to_owned(), expires: None };
            let total = Some(Money::new(total, "EUR"));
            let cart = Body::Cart(CartFacts { lines: Vec::new(), total });
            Called {
                call: Call { id: MADE, tool: "checkout".into(), arguments: json!({}) },
                access: Some(Access::Write),
                refused: None,
                cart: vec![("shirt-1".into(), 1)],
                result: Some(Ok(vec![finding(link).into(), finding(cart).into()])),
            }
        });
        let outbound = Outbound {
            id: MADE,
            to: Address {
                channel: "terminal".into(),
                account: "shop".into(),
                thread: "ada".to_owned(),
                author: "ada".to_owned(),
            },
            purpose: Purpose::Service,
            answers: Vec::new(),
            blocks,
            sources: Vec::new(),
            expires: None,
        };
        let reply = Reply { draft: String::new(), outbound, fallback: false };
        let cited = order.map(|_| ("checkout".into(), "checkout".into()));
        TurnView {
            replies: vec![reply],
            calls: calls.collect(),
            cited: cited.into_iter().collect(),
            ..TurnView::default()
        }
    }

    #[track_caller]
    fn check(was: &TurnView, now: &TurnView, facets: &[Facet]) {
        let found = compare(was, now, Tolerance::default());
        let told: Vec<Facet> = found.iter().map(|it| it.facet).collect();
        assert_eq!(told, facets, "{found:?}");
    }

    #[test]
    fn an_order_for_another_price_is_another_order_whatever_is_said() {
        let order = |total| turn(Vec::new(), Some(("https://shop.example/c", total)));
        check(&order(100), &order(100), &[]);
        check(&order(100), &order(7_790), &[Facet::Order]);
    }

    #[test]
    fn links_lead_elsewhere_where_they_do_and_not_where_they_are_made_anew() {
        let link = |url: &str| Block::Link { label: "Pay".to_owned(), url: url.to_owned() };
        let paid = |url: &str| turn(vec![link(url)], Some((url, 100)));
        let pages = ["https://shop.example/p?id=5", "https://shop.example/p?id=6"];
        let [five, six] = pages;
        check(&paid(five), &paid(six), &[]);
        check(&paid(five), &paid("https://other.example/p?id=5"), &[Facet::Links]);
        let card = |link: &str, image: &str| {
            Block::Cards(vec![Card {
                record: "shirt-1".into(),
                source: Label(1),
                title: "Shirt".to_owned(),
                detail: String::new(),
                price: Money::new(100, "EUR"),
                image: Some(image.to_owned()),
                link: Some(link.to_owned()),
                actions: Vec::new(),
            }])
        };
        let shown = |link, image| turn(vec![card(link, image)], None);
        check(&shown(five, five), &shown(five, five), &[]);
        check(&shown(five, five), &shown(six, five), &[Facet::Links]);
        check(&shown(five, five), &shown(five, six), &[Facet::Links]);
        let film = |id: &str| {
            let (id, mime) = (id.to_owned(), "video/mp4".to_owned());
            let media = MediaRef { id, mime, ..MediaRef::default() };
            turn(vec![Block::Media { media, caption: String::new() }], None)
        };
        check(&film("1"), &film("1"), &[]);
        check(&film("1"), &film("2"), &[Facet::Links]);
    }
}
