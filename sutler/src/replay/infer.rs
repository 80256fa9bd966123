//! A case made from what happened: everything that can be asserted of it is, so that who reads it strikes out what
//! may be otherwise.

use agent_core::conversation::Conversation;
use agent_core::event::{Answer, Event, Recorded};
use agent_core::message::{Block, InboundKind, Tap};
use agent_core::money::Money;
use agent_core::replay::view::{TurnView, view};
use agent_core::replay::{Stretch, stretches};
use agent_core::reply::claims::Amount;
use agent_core::time::Micros;
use serde_json::Value;

use super::assert::{Ground, writes_of};
use super::case::{Always, Case, End, Expected, Line, Owner, Part, Similar, Turn};

/// How much is asserted.
#[derive(Copy, Clone, Debug)]
pub struct Strictness {
    /// How alike the words must be; none: they do not matter, beyond names and amounts.
    pub similar: Option<f64>,
}

/// The case of a conversation. What the customer did is given a turn each.
#[must_use]
pub fn case(
    name: &str,
    turns: Vec<Turn>,
    views: &[TurnView],
    ground: &Ground<'_>,
    strict: Strictness,
) -> Case {
    let turns = turns.into_iter().zip(views);
    let turns = turns.map(|(turn, view)| asserted(turn, view, ground, strict)).collect();
    let last = views.last();
    Case {
        name: name.to_owned(),
        locale: last.and_then(|view| view.locale.clone()),
        turns,
        always: Some(Always { grounded: true, disclosed: true, ..Always::default() }),
        end: Some(End {
            cart: last.map(|view| Line::all(&view.after.cart)),
            writes: Some(writes_of(views)),
            owner: last.map(|view| Owner::from(&view.after.owner)),
            ..End::default()
        }),
        ..Case::default()
    }
}

fn asserted(turn: Turn, view: &TurnView, ground: &Ground<'_>, strict: Strictness) -> Turn {
    let made = view.calls.iter().filter(|it| it.refused.is_none());
    let tools = made.map(|it| Expected {
        name: it.call.tool.clone(),
        arguments: without_nulls(&it.call.arguments),
    });
    let blocks: Vec<&Block> = view.replies.iter().flat_map(|it| &it.outbound.blocks).collect();
    let amounts = ground.amounts(&view.words());
    let amounts: Option<Vec<String>> = amounts.iter().map(|it| money(it, ground)).collect();
    Turn {
        tools: Some(tools.collect()),
        reply: names(&blocks),
        amounts,
        parts: Some(blocks.iter().filter_map(|block| Part::of(block)).collect()),
        offers: Some(view.options()),
        // A shop's own system may make another each time; that a tool made it, `grounded` looks at.
        links: Some(vec![String::new(); view.links().len()]),
        cites: Some(
            view.cited.iter().map(|(source, record)| format!("{source} {record}")).collect(),
        ),
        cart: Some(Line::all(&view.after.cart)),
        slots: view.after.slots.clone(),
        owner: Some(Owner::from(&view.after.owner)),
        pending: Some(view.after.pending.as_ref().map(ToString::to_string).unwrap_or_default()),
        opted_out: Some(view.after.opted_out),
        rules: view.judged.iter().map(|(_, rule, _)| rule.as_str().into()).collect(),
        similar: strict
            .similar
            .filter(|_| !view.replies.is_empty())
            .map(|at_least| Similar { to: view.words(), at_least }),
        ..turn
    }
}

/// An amount that was read, written as a feed does; none where its currency is not told.
fn money(amount: &Amount, ground: &Ground<'_>) -> Option<String> {
    let signs = ground.pack().lexicons.values().flat_map(|lexicon| lexicon.writing.signs.keys());
    let codes = signs.map(agent_core::id::Name::as_str).chain(["EUR", "USD", "GBP"]);
    let same = |code: &&str| Amount::of(&Money::new(0, code)).currency == amount.currency;
    let own = amount.currency.as_ref()?.to_string();
    let code = codes.filter(same).map(ToOwned::to_owned).next().unwrap_or(own);
    let (whole, rest) = (amount.value / 1000, amount.value % 1000);
    match agent_core::money::decimals(&code)? {
        0 => (rest == 0).then(|| format!("{whole} {code}")),
        3 => Some(format!("{whole}.{rest:03} {code}")),
        _ => (rest % 10 == 0).then(|| format!("{whole}.{:02} {code}", rest / 10)),
    }
}

/// What is not given, TOML has no word for.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let given = fields.iter().filter(|(_, value)| !value.is_null());
            given.map(|(name, value)| (name.clone(), without_nulls(value))).collect()
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        value => value.clone(),
    }
}

/// The names of goods, and of rules their words.
fn names(blocks: &[&Block]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for block in blocks {
        match block {
            Block::Cards(cards) => names.extend(cards.iter().map(|card| card.title.clone())),
            Block::Summary { lines, .. } => {
                names
                    .extend(lines.iter().map(|line| format!("{} × {}", line.quantity, line.label)));
            }
            _ => {}
        }
    }
    names.dedup();
    names
}

/// What the customer of a recorded conversation did, a turn each, and what came of it.
#[must_use]
pub fn recorded(events: &[Recorded]) -> (Vec<Turn>, Vec<TurnView>) {
    let mut state = Conversation::default();
    let (mut turns, mut views) = (Vec::new(), Vec::new());
    let mut before: Option<Micros> = None;
    for stretch in stretches(events) {
        match stretch {
            Stretch::Quiet(quiet) => quiet.iter().for_each(|recorded| state.apply(recorded)),
            Stretch::Turn(turn) => {
                let mut did = did(turn, &state);
                let view = view(&mut state, turn);
                let seconds = before.map(|before| view.at.since(before).as_secs());
                did.after = seconds.filter(|seconds| *seconds > 0);
                before = Some(view.at);
                turns.push(did);
                views.push(view);
            }
        }
    }
    (turns, views)
}

/// What came in: words in one breath are one message.
fn did(turn: &[Recorded], state: &Conversation) -> Turn {
    let received = turn.iter().filter_map(|recorded| match &recorded.event {
        Event::Answer(Answer::Received(inbound)) => Some(&inbound.kind),
        _ => None,
    });
    let mut did = Turn::default();
    let raw = |kind: &InboundKind| serde_json::to_value(kind).ok().map(|it| without_nulls(&it));
    for kind in received {
        match kind {
            InboundKind::Text(text) => {
                let said = did.say.get_or_insert_default();
                if !said.is_empty() {
                    said.push('\n');
                }
                said.push_str(text);
            }
            InboundKind::Tap(Tap::Action(action)) if did.say.is_none() => {
                // Known by its words, though it may be used up or over by then.
                let offered = state.offered.iter().find(|it| it.outbound == action.outbound);
                match offered.and_then(|it| it.actions.get(usize::from(action.option))) {
                    Some((label, _)) => did.tap = Some(label.clone()),
                    None => did.inbound = raw(kind),
                }
            }
            InboundKind::Status { .. } => {}
            kind if did.say.is_none() && did.tap.is_none() => {
                did.inbound = raw(kind);
            }
            _ => {}
        }
    }
    if did.say.is_some() {
        (did.tap, did.inbound) = (None, None);
    } else if did.tap.is_some() {
        did.inbound = None;
    }
    did
}
