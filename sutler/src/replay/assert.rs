//! Whether what happened is what a case wants: the same for a run, and for a tape that is only read again.

use std::collections::BTreeSet;

use agent_core::evidence::Access;
use agent_core::id::{Locale, Name};
use agent_core::message::Purpose;
use agent_core::money::Money;
use agent_core::pack::Pack;
use agent_core::replay::diff::masked;
use agent_core::replay::view::{Called, Reply, TurnView};
use agent_core::reply::claims::{self, Amount, Kind};
use serde_json::Value;
use similar::TextDiff;

use super::case::{Always, Case, End, Expected, Line, Owner, Part, Turn};
use super::grounded::Grounds;
use super::rates::{MicroUsd, Rates, Spent};

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Wrong {
    /// The turn, counted from 1; 0 for the whole.
    pub turn: usize,
    /// What.
    pub what: String,
    /// It is told, and fails nothing.
    pub advisory: bool,
}

/// The words amounts are read with, and phrases are known by.
#[derive(Debug)]
pub struct Ground<'a> {
    pack: &'a Pack,
    rates: Rates,
}

impl<'a> Ground<'a> {
    /// Of a pack.
    #[must_use]
    pub fn of(pack: &'a Pack) -> Self {
        Self { pack, rates: Rates::default() }
    }

    /// The same, with what models cost.
    #[must_use]
    pub fn priced(self, rates: &Rates) -> Self {
        Self { rates: rates.clone(), ..self }
    }

    /// The amounts a text says.
    #[must_use]
    pub fn amounts(&self, text: &str) -> Vec<Amount> {
        let claims = claims::read(text, self.pack.words()).into_iter();
        let amount = |claim: claims::Claim| match claim.kind {
            Kind::Amount(amount) => Some(amount),
            _ => None,
        };
        claims.filter_map(amount).collect()
    }

    /// Everything a text claims.
    #[must_use]
    pub fn claims(&self, text: &str) -> Vec<claims::Claim> {
        claims::read(text, self.pack.words())
    }

    /// The pack.
    #[must_use]
    pub fn pack(&self) -> &Pack {
        self.pack
    }
}

/// Everything that is wrong with what happened.
#[must_use]
pub fn check(case: &Case, views: &[TurnView], ground: &Ground<'_>) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let mut tell = |turn: usize, what: String| wrong.push(Wrong { turn, what, advisory: false });
    if views.len() < case.turns.len() {
        tell(views.len() + 1, "the conversation does not get here".to_owned());
    }
    let mut grounds = Grounds::new(ground);
    // Of turns beyond those of the case nothing is wanted but what must always hold.
    let beyond = Turn::default();
    for (n, view) in views.iter().enumerate() {
        let turn = case.turns.get(n).unwrap_or(&beyond);
        let mut told = Vec::new();
        let locale = view.locale.as_ref().or(case.locale.as_ref());
        said(turn, view, (ground, locale), &mut told);
        called(turn, view, &mut told);
        stands(turn, view, &mut told);
        let most = Most { millis: turn.latency_ms, tokens: turn.tokens, usd: turn.usd };
        most.of(ground.rates.spent(view), &mut told);
        let claimed = grounds.unbacked(view);
        if let Some(always) = &case.always {
            let before = views.get(..n).unwrap_or_default();
            in_every(always, (before, view), ground.pack, &mut told);
            let most = Most { millis: always.latency_ms, tokens: always.tokens, usd: always.usd };
            most.of(ground.rates.spent(view), &mut told);
            if always.grounded {
                told.extend(claimed.into_iter().map(|it| format!("nothing backs `{it}`")));
            }
        }
        told.into_iter().for_each(|what| tell(n + 1, what));
    }
    if let Some(end) = &case.end {
        at_the_end(end, views, &ground.rates).into_iter().for_each(|what| tell(0, what));
    }
    wrong
}

fn said(
    turn: &Turn,
    view: &TurnView,
    (ground, locale): (&Ground<'_>, Option<&Locale>),
    wrong: &mut Vec<String>,
) {
    let full = view.lines().join("\n");
    let text = full.to_lowercase();
    let lacks = |wanted: &&String| !text.contains(&wanted.to_lowercase());
    wrong.extend(turn.reply.iter().filter(lacks).map(|it| format!("does not say `{it}`")));
    let has = |unwanted: &&String| text.contains(&unwanted.to_lowercase());
    wrong.extend(turn.not.iter().filter(has).map(|it| format!("says `{it}`")));
    let matches = |pattern: &&String| regex::Regex::new(pattern).is_ok_and(|it| it.is_match(&full));
    let unmatched = turn.matches.iter().filter(|it| !matches(it));
    wrong.extend(unmatched.map(|it| format!("does not match `{it}`")));
    let matched = turn.not_matches.iter().filter(matches);
    wrong.extend(matched.map(|it| format!("matches `{it}`")));
    if let Some(amounts) = &turn.amounts {
        let mut wanted: Vec<Amount> = amounts
            .iter()
            .filter_map(|it| Money::parse(it).ok())
            .map(|it| Amount::of(&it))
            .collect();
        let mut made = ground.amounts(&view.words());
        wanted.sort();
        made.sort();
        if wanted != made {
            wrong.push(format!("the amounts are {}", shown(&made)));
        }
    }
    if let Some(kind) = &turn.kind {
        let locale = locale.cloned().unwrap_or_else(|| ground.pack.default_locale());
        if !says(ground.pack, &locale, kind.as_str(), &text) {
            wrong.push(format!("is not of the kind `{kind}`"));
        }
    }
    if let Some(similar) = &turn.similar {
        let (was, now) = (masked(&similar.to), masked(&view.words()));
        let ratio: f64 = TextDiff::from_words(&was, &now).ratio().into();
        if ratio < similar.at_least {
            wrong.push(format!("is {ratio:.2} like the words it must be like"));
        }
    }
    shows(turn, view, wrong);
}

fn shown(amounts: &[Amount]) -> String {
    let amount = |amount: &Amount| {
        let currency = amount.currency.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{}{}.{:02}", currency, amount.value / 1000, amount.value % 1000 / 10)
    };
    let amounts: Vec<String> = amounts.iter().map(amount).collect();
    if amounts.is_empty() { "none".to_owned() } else { amounts.join(", ") }
}

/// Whether a text says one of the pack's phrases of a kind: all that stands between its slots, in order.
fn says(pack: &Pack, locale: &Locale, kind: &str, text: &str) -> bool {
    let area = format!("{kind}.");
    let phrases = pack.phrases.get(locale).into_iter().flatten();
    let mut phrases =
        phrases.filter(|(name, _)| name.as_str() == kind || name.as_str().starts_with(&area));
    phrases.any(|(_, phrase)| {
        let mut rest = text;
        let mut pieces = phrase.split(['{', '}']).step_by(2);
        pieces.all(|piece| match rest.split_once(&piece.to_lowercase()) {
            Some((_, tail)) => {
                rest = tail;
                true
            }
            None => false,
        })
    })
}

/// Blocks, options, links and sources.
fn shows(turn: &Turn, view: &TurnView, wrong: &mut Vec<String>) {
    if let Some(parts) = &turn.parts {
        let blocks = view.replies.iter().flat_map(|reply| &reply.outbound.blocks);
        let made: Vec<Part> = blocks.filter_map(Part::of).collect();
        let mut left = made.iter();
        let fits = parts.iter().all(|part| left.any(|it| it == part));
        if !fits || parts.is_empty() != made.is_empty() {
            wrong.push(format!("the parts are {made:?}").to_lowercase());
        }
    }
    if let Some(offers) = &turn.offers
        && sorted(offers) != sorted(&view.options())
    {
        wrong.push(format!("offers [{}]", view.options().join("] [")));
    }
    if let Some(links) = &turn.links {
        let made = view.links();
        let fits = links.iter().zip(&made).all(|(begins, url)| url.starts_with(begins.as_str()));
        if !fits || links.len() != made.len() {
            wrong.push(format!("the links are {made:?}"));
        }
    }
    if let Some(cites) = &turn.cites {
        let made: Vec<String> =
            view.cited.iter().map(|(source, record)| format!("{source} {record}")).collect();
        if sorted(cites) != sorted(&made) {
            wrong.push(format!(
                "stands on {}",
                if made.is_empty() { "nothing".to_owned() } else { made.join(", ") }
            ));
        }
    }
}

fn sorted(list: &[String]) -> Vec<&String> {
    let mut list: Vec<&String> = list.iter().collect();
    list.sort();
    list
}

fn called(turn: &Turn, view: &TurnView, wrong: &mut Vec<String>) {
    let made: Vec<&Called> = view.calls.iter().filter(|it| it.refused.is_none()).collect();
    let list = || {
        let call = |it: &&Called| format!("{} {}", it.call.tool, it.call.arguments);
        let list: Vec<String> = made.iter().map(call).collect();
        if list.is_empty() { "none".to_owned() } else { list.join("; ") }
    };
    if let Some(tools) = &turn.tools {
        let same = if turn.any_order {
            let mut left = made.clone();
            tools.iter().all(|wanted| {
                let at = left.iter().position(|it| fits(wanted, it));
                at.map(|at| left.remove(at)).is_some()
            }) && left.is_empty()
        } else {
            tools.len() == made.len()
                && tools.iter().zip(&made).all(|(wanted, it)| fits(wanted, it))
        };
        if !same {
            wrong.push(format!("the calls are {}", list()));
        }
    }
    let missing = turn.called.iter().filter(|wanted| made.iter().all(|it| !fits(wanted, it)));
    wrong.extend(
        missing.map(|it| {
            format!("does not call {} {}; the calls are {}", it.name, it.arguments, list())
        }),
    );
    let forbidden =
        turn.not_called.iter().filter(|tool| made.iter().any(|it| it.call.tool == **tool));
    wrong.extend(forbidden.map(|tool| format!("calls {tool}")));
    let mut left = made.iter();
    if !turn.order.iter().all(|tool| left.any(|it| it.call.tool == *tool)) {
        wrong.push(format!("the order of calls is {}", list()));
    }
}

fn fits(wanted: &Expected, made: &Called) -> bool {
    wanted.name == made.call.tool
        && (wanted.arguments.is_null() || holds(&made.call.arguments, &wanted.arguments))
}

/// Whether a value holds all that another does; numbers by value, whether written as text or not.
fn holds(made: &Value, wanted: &Value) -> bool {
    match (made, wanted) {
        (Value::Object(made), Value::Object(wanted)) => wanted
            .iter()
            .all(|(name, wanted)| made.get(name).is_some_and(|made| holds(made, wanted))),
        (Value::String(made), Value::Number(wanted)) => made.parse::<f64>().ok() == wanted.as_f64(),
        (Value::Number(made), Value::Number(wanted)) => made.as_f64() == wanted.as_f64(),
        (Value::String(made), Value::String(wanted)) => made.eq_ignore_ascii_case(wanted),
        _ => made == wanted,
    }
}

/// What stands after a turn, and which rules applied in it.
fn stands(turn: &Turn, view: &TurnView, wrong: &mut Vec<String>) {
    let after = &view.after;
    if let Some(cart) = &turn.cart {
        wrong.extend(cart_is(cart, &after.cart));
    }
    for (name, wanted) in &turn.slots {
        let value = after.slots.get(name);
        if !value.is_some_and(|value| holds(value, wanted)) {
            wrong.push(format!("the slot {name} is {}", value.unwrap_or(&Value::Null)));
        }
    }
    let owner = Owner::from(&after.owner);
    if turn.owner.is_some_and(|wanted| wanted != owner) {
        wrong.push(format!("the owner is {owner:?}").to_lowercase());
    }
    let pending = after.pending.as_ref().map(Name::as_str).unwrap_or_default();
    if turn.pending.as_ref().is_some_and(|wanted| wanted != pending) {
        wrong.push(format!("what waits for a yes is `{pending}`"));
    }
    if turn.opted_out.is_some_and(|wanted| wanted != after.opted_out) {
        wrong.push(format!(
            "the customer wants {} messages",
            if after.opted_out { "no" } else { "more" }
        ));
    }
    let applied = |rule: &Name| view.judged.iter().any(|(_, it, _)| it.as_str() == rule.as_str());
    wrong.extend(
        turn.rules.iter().filter(|it| !applied(it)).map(|it| format!("{it} did not apply")),
    );
    wrong.extend(turn.not_rules.iter().filter(|it| applied(it)).map(|it| format!("{it} applied")));
}

fn cart_is(wanted: &[Line], made: &[(Name, u32)]) -> Option<String> {
    let made = Line::all(made);
    let set = |lines: &[Line]| lines.iter().cloned().collect::<BTreeSet<_>>();
    let shown = || made.iter().map(|it| format!("{} × {}", it.quantity, it.variant));
    (set(wanted) != set(&made)).then(|| {
        let lines = shown().collect::<Vec<_>>().join(", ");
        format!("the cart is {}", if lines.is_empty() { "empty".to_owned() } else { lines })
    })
}

/// What may be spent at most.
struct Most {
    millis: Option<u64>,
    tokens: Option<u64>,
    usd: Option<f64>,
}

impl Most {
    fn of(&self, spent: Spent, wrong: &mut Vec<String>) {
        if self.millis.is_some_and(|most| spent.millis > most) {
            wrong.push(format!("models took {} ms", spent.millis));
        }
        if self.tokens.is_some_and(|most| spent.tokens > most) {
            wrong.push(format!("{} tokens were spent", spent.tokens));
        }
        if self.usd.is_some_and(|most| spent.cost > MicroUsd::of_usd(most)) {
            wrong.push(format!("{} were spent", spent.cost));
        }
    }
}

fn in_every(
    always: &Always,
    (before, view): (&[TurnView], &TurnView),
    pack: &Pack,
    wrong: &mut Vec<String>,
) {
    let text = view.lines().join("\n").to_lowercase();
    let has = |unwanted: &&String| text.contains(&unwanted.to_lowercase());
    wrong.extend(always.not.iter().filter(has).map(|it| format!("says `{it}`")));
    let made = |tool: &&Name| view.tools().contains(tool);
    wrong.extend(always.not_called.iter().filter(made).map(|it| format!("calls {it}")));
    if always.disclosed && !discloses(before, view, pack) {
        wrong.push("the first reply does not tell of the machine".to_owned());
    }
    let earlier: Vec<&Called> = before.iter().flat_map(|view| &view.calls).collect();
    for (n, called) in view.calls.iter().enumerate() {
        let here = view.calls.iter().take(n);
        let confirmed = || was_asked(called, &earlier) && !here.clone().any(|it| ran(it, called));
        if always.confirm.contains(&called.call.tool) && called.refused.is_none() && !confirmed() {
            wrong.push(format!("calls {} before the customer said yes", called.call.tool));
        }
    }
}

/// Whether a call was asked for in the turns before: it was refused with the same arguments, for the same cart where
/// that is what it is about, and did not run since. A yes is good for once.
fn was_asked(called: &Called, before: &[&Called]) -> bool {
    let since = before.iter().rev().take_while(|it| !ran(it, called));
    let ordered = called.call.tool.as_str() == "checkout";
    let same = |it: &&&Called| {
        it.refused.is_some()
            && it.call.tool == called.call.tool
            && it.call.arguments == called.call.arguments
            && (!ordered || it.cart == called.cart)
    };
    since.into_iter().any(|it| same(&it))
}

/// Whether it is a call of the same tool that ran.
fn ran(it: &Called, called: &Called) -> bool {
    it.refused.is_none() && it.call.tool == called.call.tool
}

/// Whether the customer is told by the first reply of the agent, in words and not only in the books. What confirms a
/// stop, and what a person writes, need not tell.
fn discloses(before: &[TurnView], view: &TurnView, pack: &Pack) -> bool {
    let own =
        |reply: &Reply| matches!(reply.outbound.purpose, Purpose::Service | Purpose::Marketing);
    let replies = |view: &TurnView| view.replies.iter().any(own);
    let locale = view.locale.clone().unwrap_or_else(|| pack.default_locale());
    let told = || view.words().contains(pack.say("disclosure", &locale, &[]).trim());
    !replies(view) || before.iter().any(replies) || told()
}

fn at_the_end(end: &End, views: &[TurnView], rates: &Rates) -> Vec<String> {
    let mut wrong = Vec::new();
    let Some(last) = views.last() else { return vec!["nothing happened".to_owned()] };
    if let Some(cart) = &end.cart {
        wrong.extend(cart_is(cart, &last.after.cart).map(|it| format!("at the end {it}")));
    }
    let owner = Owner::from(&last.after.owner);
    if end.owner.is_some_and(|wanted| wanted != owner) {
        wrong.push(format!("at the end the owner is {owner:?}").to_lowercase());
    }
    if let Some(writes) = &end.writes {
        let made = writes_of(views);
        let fits = writes.iter().zip(&made).all(|(wanted, made)| {
            let cart = wanted.cart.as_ref().is_none_or(|it| Some(it) == made.cart.as_ref());
            let total = wanted.total.as_ref().is_none_or(|it| Some(it) == made.total.as_ref());
            wanted.tool == made.tool && cart && total
        });
        if !fits || writes.len() != made.len() {
            let made = made
                .iter()
                .map(|it| format!("{} {}", it.tool, it.total.as_deref().unwrap_or_default()));
            wrong.push(format!(
                "in the shop's systems was done: {}",
                made.collect::<Vec<_>>().join("; ")
            ));
        }
    }
    if end.turns.is_some_and(|most| views.len() > most) {
        wrong.push(format!("it took {} turns", views.len()));
    }
    let mut spent = Spent::default();
    views.iter().for_each(|view| spent += rates.spent(view));
    Most { millis: None, tokens: end.tokens, usd: end.usd }.of(spent, &mut wrong);
    wrong
}

/// What was done in the shop's systems.
#[must_use]
pub fn writes_of(views: &[TurnView]) -> Vec<super::case::Write> {
    let written = views.iter().flat_map(|view| {
        let made = view
            .calls
            .iter()
            .filter(|it| it.access == Some(Access::Write) && matches!(it.result, Some(Ok(_))));
        made.map(move |it| super::case::Write {
            tool: it.call.tool.clone(),
            cart: Some(Line::all(&it.cart)),
            total: (it.call.tool.as_str() == "checkout")
                .then(|| view.after.total.as_ref().map(ToString::to_string))
                .flatten(),
        })
    });
    written.collect()
}
