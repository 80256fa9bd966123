//! What a request says of the moment: the last words, what was shown, what this turn's calls brought.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Query, Sort};
use crate::evidence::{
    Body, Call, CartLine, Evidence, Label, NO_LONGER_SOLD, ProductFacts, ToolError,
};
use crate::id::Name;
use crate::message::{Action, Block, REDACTED_CARD, REDACTED_SECRET};
use crate::model::clerk::understand::plain;
use crate::model::{Entry, Request};

/// One product that was shown.
#[derive(Clone, Debug)]
pub(crate) struct Shown<'a> {
    pub(crate) label: Label,
    pub(crate) variant: Name,
    pub(crate) facts: &'a ProductFacts,
}

/// A question for a version of a product.
#[derive(Clone, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) product: Shown<'a>,
    /// The versions that were offered; none where a colour was asked for.
    pub(crate) offered: Vec<Name>,
    /// How many are wished.
    pub(crate) quantity: Option<u32>,
}

/// What was done to a line of the cart.
#[derive(Clone, Debug)]
pub(crate) enum Did {
    /// It was taken out.
    Removed,
    /// There are so many of it now.
    Counted(u32),
    /// Another version of it took its place, with these values.
    Changed(BTreeMap<Name, String>),
}

/// One call of this turn and what it brought.
#[derive(Clone, Debug)]
pub(crate) struct Done<'a> {
    pub(crate) call: &'a Call,
    pub(crate) result: &'a Result<Vec<Evidence>, ToolError>,
}

impl<'a> Done<'a> {
    /// The products it brought.
    pub(crate) fn products(&self) -> Vec<Shown<'a>> {
        self.result.iter().flatten().filter_map(product).collect()
    }
}

/// The moment.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) request: &'a Request,
    /// The customer's words since they were last answered.
    pub(crate) words: String,
    /// A card number or a secret was taken out of them.
    pub(crate) redacted: bool,
    /// A tap already did something.
    pub(crate) tapped: bool,
    /// What was shown last, in order.
    pub(crate) shown: Vec<Shown<'a>>,
    /// What was shown last as a list of several, in order.
    pub(crate) listed: Vec<Shown<'a>>,
    /// What was shown last one by one, the newest first.
    pub(crate) apart: Vec<Shown<'a>>,
    /// What was shown before, the newest first, once each.
    pub(crate) recent: Vec<Shown<'a>>,
    /// The products whose versions were asked for last.
    pub(crate) asked: Vec<Asked<'a>>,
    /// The customer's words since the turn that showed what was shown last.
    pub(crate) said: Vec<String>,
    /// The turn before put something into the cart, or looked closely at what lies there.
    pub(crate) adding: bool,
    /// What the turn before did to a line of the cart.
    pub(crate) did: Option<Did>,
    /// The turn before showed the cart.
    pub(crate) viewing: bool,
    /// The turn before told all of a product that does not lie in the cart.
    pub(crate) telling: bool,
    /// The turn before set products side by side.
    pub(crate) comparing: bool,
    /// The rule of the shop that the turn before told.
    pub(crate) ruled: Option<Name>,
    /// The cart as it was before this turn.
    pub(crate) cart: Vec<(Name, u32)>,
    /// Its lines, where they are known.
    pub(crate) lines: Vec<CartLine>,
    /// What was last spoken of: put into the cart, or looked at.
    pub(crate) focus: Option<Name>,
    /// The search before this turn.
    pub(crate) searched: Option<Query>,
    /// The last search before this turn that the customer's own words made, not `cheaper` or `dearer`.
    pub(crate) worded: Option<Query>,
    /// This turn's calls, in order.
    pub(crate) done: Vec<Done<'a>>,
    /// How often this turn has called tools.
    pub(crate) rounds: usize,
}

impl<'a> Scene<'a> {
    pub(crate) fn of(request: &'a Request) -> Self {
        let turn = turn_start(&request.transcript);
        let (before, now) = request.transcript.split_at(turn);
        let mut words = Vec::new();
        let mut tapped = false;
        for entry in now {
            if let Entry::Customer { text, action, .. } = entry {
                tapped |= matches!(action, Some(Action::Do { .. }));
                words.push(text.as_str());
            }
        }
        let said = words.join(" \n ");
        let clean = said.replace(REDACTED_CARD, " ").replace(REDACTED_SECRET, " ");
        let calls = |entries: &'a [Entry]| -> Vec<&'a Call> {
            entries
                .iter()
                .filter_map(|entry| match entry {
                    Entry::Agent { calls, .. } => Some(calls),
                    _ => None,
                })
                .flatten()
                .collect()
        };
        let made = calls(now);
        let round =
            |entry: &&Entry| matches!(entry, Entry::Agent { calls, .. } if !calls.is_empty());
        let done = now.iter().filter_map(|entry| match entry {
            Entry::Tool { call, result } => {
                made.iter().find(|made| made.id == *call).map(|call| Done { call, result })
            }
            _ => None,
        });
        let earlier = calls(before);
        let searches = earlier.iter().rev().filter(|call| call.tool.as_str() == "search");
        let mut searches =
            searches.filter_map(|call| serde_json::from_value(call.arguments.clone()).ok());
        let searched: Option<Query> = searches.next();
        let worded =
            searched.iter().cloned().chain(searches).find(|query| query.sort == Sort::Relevance);
        let (cart, lines) = cart(request, before, now);
        let last = turn_start(before.split_last().map_or(before, |(_, rest)| rest));
        let newest = calls(before.get(last..).unwrap_or_default());
        let adding = newest.iter().any(|it| adds(it, &cart));
        Self {
            request,
            redacted: clean != said,
            words: clean,
            tapped,
            shown: shown(request, before, 1),
            listed: shown(request, since_search(before), 2),
            apart: once(apart(request, before)),
            recent: once(before.iter().rev().flat_map(|entry| cards(request, entry))),
            said: told_in(since_shown(request, before)),
            adding,
            did: did(request, &newest),
            viewing: newest.last().is_some_and(|call| call.tool.as_str() == "cart_view"),
            telling: !adding && newest.last().is_some_and(|call| call.tool.as_str() == "product"),
            comparing: newest.last().is_some_and(|call| call.tool.as_str() == "compare"),
            ruled: newest.iter().rev().find_map(|call| {
                let rule = Some(call).filter(|call| call.tool.as_str() == "policy")?;
                argument(rule, "topic").flatten()
            }),
            cart,
            lines,
            asked: asked(request, before),
            focus: gone(before).or_else(|| focus(&earlier)),
            searched,
            worded,
            done: done.collect(),
            rounds: now.iter().filter(round).count(),
        }
    }

    /// What a call of this turn brought, by its tool and arguments; none when it was not made.
    pub(crate) fn result(&self, tool: &str, arguments: &serde_json::Value) -> Option<&Done<'a>> {
        let mut done = self.done.iter();
        done.find(|done| done.call.tool.as_str() == tool && done.call.arguments == *arguments)
    }

    /// The products this turn's calls of a tool brought.
    pub(crate) fn brought(&self, tool: &str) -> Vec<Shown<'a>> {
        let mine = self.done.iter().filter(|done| done.call.tool.as_str() == tool);
        mine.flat_map(Done::products).collect()
    }

    /// Evidence of a product by its own id or a variant's; the newest, this turn's included.
    pub(crate) fn product(&self, id: &Name) -> Option<Shown<'a>> {
        let mut known: Vec<Shown<'a>> =
            self.request.notes.evidence.iter().filter_map(product).collect();
        known.extend(
            self.done
                .iter()
                .filter_map(|done| done.result.as_ref().ok())
                .flatten()
                .filter_map(product),
        );
        let has = |shown: &Shown<'_>| {
            shown.facts.product == *id
                || shown.facts.variants.iter().any(|variant| variant.variant == *id)
        };
        known.into_iter().rev().find(has)
    }

    /// The words of what was shown and of what lies in the cart.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        let shown = self.recent.iter().map(|it| &it.facts.title);
        let titles = shown.chain(self.lines.iter().map(|it| &it.title));
        titles.flat_map(|title| plain(title)).collect()
    }

    /// The newest cart evidence of this turn.
    pub(crate) fn cart(&self) -> Option<&'a Evidence> {
        let mut evidence =
            self.done.iter().rev().filter_map(|done| done.result.as_ref().ok()).flatten();
        evidence.find(|evidence| is_cart(evidence))
    }

    /// The products that the newest cart of this turn holds more of than there are.
    pub(crate) fn short(&self) -> Vec<Shown<'a>> {
        let newest = self.done.iter().rev().find(|done| done.result.iter().flatten().any(is_cart));
        newest.map(Done::products).unwrap_or_default()
    }

    /// What the newest cart of this turn holds and is no longer sold, as it is called where that is known.
    pub(crate) fn withdrawn(&self) -> Vec<Option<String>> {
        let results = self.done.iter().rev().map(|done| done.result.as_deref().unwrap_or_default());
        let newest = results.into_iter().find(|brought| brought.iter().any(is_cart));
        let title = |variant: Name| {
            let line = self.lines.iter().find(|line| line.variant == variant);
            let known = || self.product(&variant).map(|it| it.facts.title.clone());
            line.map(|line| line.title.clone()).or_else(known)
        };
        newest.into_iter().flat_map(withdrawn).map(title).collect()
    }

    /// The order this turn asked for last, where it was refused.
    pub(crate) fn refused(&self) -> Option<&Done<'a>> {
        let asked = self.done.iter().rev().find(|done| done.call.tool.as_str() == "checkout");
        asked.filter(|done| matches!(done.result, Err(ToolError::Refused(_))))
    }

    /// Whether the cart was not looked at since an order of it was refused: it tells what can't be had.
    pub(crate) fn is_in_doubt(&self) -> bool {
        let after = self.done.iter().rev().take_while(|done| done.call.tool.as_str() != "checkout");
        let looked = after.clone().any(|done| done.call.tool.as_str() == "cart_view");
        self.may("cart_view")
            && self.refused().is_some()
            && !looked
            && !self.request.notes.cart.is_empty()
    }

    /// Whether the cart as it stands was priced just now.
    pub(crate) fn priced(&self) -> bool {
        let newest = self.request.notes.evidence.iter().rev().find_map(priced);
        newest.is_some_and(|lines| {
            let lines = lines.iter().map(|line| (&line.variant, line.quantity));
            lines.eq(self.request.notes.cart.iter().map(|(variant, count)| (variant, *count)))
        })
    }

    /// Whether a tool may be called.
    pub(crate) fn may(&self, tool: &str) -> bool {
        self.request.tools.iter().any(|spec| spec.name.as_str() == tool)
    }
}

/// Whether a call put something into the cart, or looked closely at what lies there.
fn adds(call: &Call, cart: &[(Name, u32)]) -> bool {
    let looked_at = argument(call, "id").flatten().filter(|_| call.tool.as_str() == "product");
    let held = |id: Name| cart.iter().any(|(variant, _)| *variant == id);
    call.tool.as_str() == "cart_add" || looked_at.is_some_and(held)
}

/// The words a customer said among entries.
fn told_in(entries: &[Entry]) -> Vec<String> {
    let told = entries.iter().filter_map(|entry| match entry {
        Entry::Customer { text, .. } => Some(plain(text)),
        _ => None,
    });
    told.flatten().collect()
}

/// Where this turn begins: after the last reply that was shown.
fn turn_start(transcript: &[Entry]) -> usize {
    let replied = |entry: &Entry| match entry {
        Entry::Agent { blocks, .. } => !blocks.is_empty(),
        Entry::Person { .. } => true,
        _ => false,
    };
    transcript.iter().rposition(replied).map_or(0, |at| at + 1)
}

fn product(evidence: &Evidence) -> Option<Shown<'_>> {
    match &evidence.finding.body {
        Body::Product(facts) => {
            let variant = facts.variant()?.variant.clone();
            Some(Shown { label: evidence.label, variant, facts })
        }
        _ => None,
    }
}

fn is_cart(evidence: &Evidence) -> bool {
    priced(evidence).is_some()
}

/// The variants of a cart that a call brought and that are no longer sold.
fn withdrawn(brought: &[Evidence]) -> Vec<Name> {
    let gone = brought.iter().filter_map(|evidence| match &evidence.finding.body {
        Body::Other(told) => told.get(NO_LONGER_SOLD)?.as_array(),
        _ => None,
    });
    gone.flatten().filter_map(|variant| variant.as_str()).map(Name::from).collect()
}

/// The lines a piece of evidence tells of, if it is a cart.
fn priced(evidence: &Evidence) -> Option<&Vec<CartLine>> {
    match &evidence.finding.body {
        Body::Cart(cart) => Some(&cart.lines),
        _ => None,
    }
}

/// The cart before this turn: as it is now, unless this turn changed it already.
fn cart(request: &Request, before: &[Entry], now: &[Entry]) -> (Vec<(Name, u32)>, Vec<CartLine>) {
    let told = |entry: &Entry| match entry {
        Entry::Tool { result: Ok(evidence), .. } => evidence.iter().rev().find_map(priced).cloned(),
        _ => None,
    };
    let last = before.iter().rev().find_map(told);
    let notes = &request.notes;
    if now.iter().find_map(told).is_none() {
        let priced = notes.priced.as_ref().map(|cart| cart.lines.clone());
        return (notes.cart.clone(), priced.or(last).unwrap_or_default());
    }
    let lines = last.unwrap_or_default();
    (lines.iter().map(|line| (line.variant.clone(), line.quantity)).collect(), lines)
}

/// The products that questions about colour or size were asked of, if that was the last reply.
fn asked<'a>(request: &'a Request, before: &[Entry]) -> Vec<Asked<'a>> {
    let draft = before.iter().rev().find_map(|entry| match entry {
        Entry::Agent { draft, blocks, .. } if !blocks.is_empty() => Some(draft.as_str()),
        _ => None,
    });
    let draft = draft.filter(|draft| !draft.contains("=> product")).unwrap_or_default();
    let pieces: Vec<&str> = draft.split("[[choice").collect();
    let questions = pieces.windows(2).filter_map(|pair| match pair {
        [about, options] => of_question(request, about, options),
        _ => None,
    });
    questions.collect()
}

/// The product that is named last before a question, and what the question offers.
fn of_question<'a>(request: &'a Request, about: &str, options: &str) -> Option<Asked<'a>> {
    let (_, rest) = about.rsplit_once("{{")?;
    let label: Label = rest.split_once(".title}}")?.0.parse().ok()?;
    let evidence = request.notes.evidence.iter().find(|evidence| evidence.label == label);
    let product = evidence.and_then(product)?;
    let calls = options.split("=> cart_add ").skip(1).filter_map(|rest| {
        let (arguments, _) = rest.split_once('}')?;
        serde_json::from_str::<serde_json::Value>(&format!("{arguments}}}")).ok()
    });
    let (mut offered, mut quantity) = (Vec::new(), None);
    for call in calls {
        offered.extend(call.get("variant").and_then(|it| it.as_str()).map(Name::from));
        let count = call.get("quantity").and_then(serde_json::Value::as_u64);
        quantity = count.and_then(|count| u32::try_from(count).ok()).filter(|count| *count > 1);
    }
    Some(Asked { product, offered, quantity })
}

/// The products of a reply's cards.
fn cards<'a>(request: &'a Request, entry: &Entry) -> Vec<Shown<'a>> {
    let Entry::Agent { blocks, .. } = entry else { return Vec::new() };
    let cards = blocks.iter().filter_map(|block| match block {
        Block::Cards(cards) => Some(cards),
        _ => None,
    });
    let known = |card: &crate::message::Card| {
        let evidence = &request.notes.evidence;
        let evidence = evidence.iter().find(|evidence| evidence.label == card.source)?;
        Some(Shown { variant: card.record.clone(), ..product(evidence)? })
    };
    cards.flatten().filter_map(known).collect()
}

/// The cards of the newest reply that had at least so many.
fn shown<'a>(request: &'a Request, before: &[Entry], least: usize) -> Vec<Shown<'a>> {
    let replies = before.iter().rev().map(|entry| cards(request, entry));
    replies.into_iter().find(|cards| cards.len() >= least).unwrap_or_default()
}

/// What came since the turn began that showed products last.
fn since_shown<'a>(request: &'a Request, before: &'a [Entry]) -> &'a [Entry] {
    let shows = |entry: &Entry| !cards(request, entry).is_empty();
    let shown = before.iter().rposition(shows).unwrap_or(0);
    let start = turn_start(before.get(..shown).unwrap_or_default());
    before.get(start..).unwrap_or_default()
}

/// What came after the last search was called: a list of before it is no longer what is looked at.
fn since_search(before: &[Entry]) -> &[Entry] {
    let searched = before.iter().rposition(|entry| match entry {
        Entry::Agent { calls, .. } => calls.iter().any(|call| call.tool.as_str() == "search"),
        _ => false,
    });
    before.get(searched.unwrap_or(0)..).unwrap_or_default()
}

/// The cards of the newest replies that had one each.
fn apart<'a>(request: &'a Request, before: &[Entry]) -> impl Iterator<Item = Shown<'a>> {
    let replies = before.iter().rev().map(|entry| cards(request, entry));
    replies.filter(|cards| !cards.is_empty()).take_while(|cards| cards.len() == 1).flatten()
}

/// The same, each product once.
fn once<'a>(shown: impl Iterator<Item = Shown<'a>>) -> Vec<Shown<'a>> {
    let mut once: Vec<Shown<'a>> = Vec::new();
    for shown in shown {
        if !once.iter().any(|known| known.facts.product == shown.facts.product) {
            once.push(shown);
        }
    }
    once
}

/// What the newest cart told is no longer sold, where it is one thing.
fn gone(before: &[Entry]) -> Option<Name> {
    let told = before.iter().rev().find_map(|entry| match entry {
        Entry::Tool { result: Ok(evidence), .. } => Some(withdrawn(evidence)),
        _ => None,
    })?;
    if let [only] = told.as_slice() { Some(only.clone()) } else { None }
}

fn focus(calls: &[&Call]) -> Option<Name> {
    calls.iter().rev().find_map(|call| match call.tool.as_str() {
        "cart_add" | "cart_set" | "cart_remove" => argument(call, "variant"),
        "product" => argument(call, "id"),
        "search" => Some(None),
        _ => None,
    })?
}

/// What the calls of a turn did last to a line of the cart.
fn did(request: &Request, calls: &[&Call]) -> Option<Did> {
    let variant = |call: &&Call| argument(call, "variant").flatten();
    let of = |tool: &str| calls.iter().rev().find(|call| call.tool.as_str() == tool);
    match (of("cart_set"), of("cart_remove"), of("cart_add")) {
        (Some(set), None, None) => {
            let count = set.arguments.get("quantity")?.as_u64()?;
            u32::try_from(count).ok().map(Did::Counted)
        }
        (None, Some(_), None) => Some(Did::Removed),
        (None, Some(gone), Some(come)) => {
            let (gone, come) = (variant(gone)?, variant(come)?);
            let known = request.notes.evidence.iter().rev().filter_map(product);
            let of = |facts: &ProductFacts, id: &Name| {
                let variant = facts.variants.iter().find(|it| it.variant == *id);
                variant.map(|it| it.attributes.clone())
            };
            let mut both = known.filter_map(|it| of(it.facts, &gone).zip(of(it.facts, &come)));
            let (before, mut now) = both.next()?;
            now.retain(|name, value| before.get(name) != Some(value));
            Some(Did::Changed(now))
        }
        _ => None,
    }
}

fn argument(call: &Call, name: &str) -> Option<Option<Name>> {
    Some(call.arguments.get(name).and_then(|value| value.as_str()).map(Name::from))
}
