//! The golden conversations of the packs that ship, run with the clerk; and every one of them verified.

use std::collections::BTreeSet;
use std::sync::Arc;

use agent_core::conversation::Conversation;
use agent_core::evidence::Owner as Held;
use agent_core::id::{Locale, Name};
use agent_core::message::Block;
use agent_core::model::clerk::Clerk;
use agent_core::pack::Pack;
use agent_core::replay::verify::Verifier;
use prompts::golden::{Expected, Golden, Owner, Part, Turn};
use prompts::{Feed, Folder};
use serde_json::Value;
use sutler_tests::world::{SHOP, Turned, World};

#[tokio::test]
async fn every_golden_conversation_comes_out_as_written_and_verifies() {
    let mut wrong = Vec::new();
    let mut ran = 0;
    for name in prompts::builtin() {
        let folder = Folder::builtin(name).unwrap();
        let pack = Arc::new(folder.pack().unwrap());
        let feed = feed(name);
        for golden in folder.goldens().unwrap() {
            let world = World::new(pack.clone(), &feed, Arc::new(Clerk::new())).await;
            wrong.extend(run(name, &golden, &world).await);
            let events = world.events("ada").await;
            let mut verifier = Verifier::new(world.house.archive.clone());
            let verified = verifier.verify(world.journal("ada").await, &events).await;
            match verified {
                Ok(verified) if verified.identical > 0 && verified.failed == 0 => {}
                other => wrong.push(format!("{name}/{}: {other:?}", golden.name)),
            }
            ran += 1;
        }
    }
    assert!(ran >= 20, "{ran}");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The goods that come with a pack.
pub(crate) fn feed(pack: &str) -> Vec<u8> {
    match Folder::builtin(pack).unwrap().feed() {
        Some(Feed::Embedded(bytes)) => bytes.to_vec(),
        other => panic!("{pack} has a feed in the binary, not {other:?}"),
    }
}

async fn run(pack: &str, golden: &Golden, world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (n, turn) in golden.turns.iter().enumerate() {
        let turned = match (&turn.say, &turn.tap) {
            (Some(text), _) => world.say("ada", text).await,
            (None, Some(label)) => world.tap("ada", label).await,
            (None, None) => panic!("a turn says or taps"),
        };
        let state = world.conversation("ada").await;
        let told = turn.say.as_deref().or(turn.tap.as_deref()).unwrap_or_default();
        let pack_of = &world.house.shop(SHOP).unwrap().pack;
        for what in wrong(turn, &turned, &state, (pack_of, &golden.locale)) {
            let calls: Vec<String> = turned
                .calls
                .iter()
                .map(|call| format!("{} {}", call.tool, call.arguments))
                .collect();
            found.push(format!(
                "{pack}/{} turn {} `{told}`: {what}\n  calls: {}\n  reply: {}",
                golden.name,
                n + 1,
                calls.join("; "),
                turned.text().replace('\n', " / ")
            ));
        }
    }
    found
}

/// What of a turn is not as it must be.
pub(crate) fn wrong(
    turn: &Turn,
    turned: &Turned,
    state: &Conversation,
    (pack, locale): (&Pack, &Locale),
) -> Vec<String> {
    let mut wrong = Vec::new();
    let text = turned.text().to_lowercase();
    for wanted in turn.reply.iter().filter(|wanted| !text.contains(&wanted.to_lowercase())) {
        wrong.push(format!("does not say `{wanted}`"));
    }
    for unwanted in turn.not.iter().filter(|unwanted| text.contains(&unwanted.to_lowercase())) {
        wrong.push(format!("says `{unwanted}`"));
    }
    if let Some(kind) = turn.kind.as_ref().filter(|kind| !says(pack, locale, kind.as_str(), &text))
    {
        wrong.push(format!("is not of the kind `{kind}`"));
    }
    if turn.tools.as_ref().is_some_and(|tools| !calls(tools, turned)) {
        wrong.push(format!("calls are not {:?}", turn.tools));
    }
    if turn.parts.as_ref().is_some_and(|parts| !shows(parts, turned)) {
        wrong.push(format!("parts are not {:?}", turn.parts));
    }
    if let Some(cart) = &turn.cart {
        let lines = cart.iter().map(|line| (&line.variant, line.quantity));
        let wanted: BTreeSet<(&Name, u32)> = lines.collect();
        if wanted != state.cart.iter().map(|(variant, quantity)| (variant, *quantity)).collect() {
            wrong.push(format!("the cart is {:?}", state.cart));
        }
    }
    let owner = match state.owner {
        Held::Bot => Owner::Bot,
        Held::Waiting { .. } => Owner::Waiting,
        Held::Person { .. } => Owner::Person,
        Held::Closed => Owner::Closed,
    };
    if turn.owner.is_some_and(|wanted| wanted != owner) {
        wrong.push(format!("the owner is {owner:?}"));
    }
    wrong
}

fn calls(wanted: &[Expected], turned: &Turned) -> bool {
    wanted.len() == turned.calls.len()
        && wanted.iter().zip(&turned.calls).all(|(wanted, made)| {
            wanted.name == made.tool
                && (wanted.arguments.is_null() || holds(&made.arguments, &wanted.arguments))
        })
}

fn shows(parts: &[Part], turned: &Turned) -> bool {
    let mut kinds = turned.reply.iter().flat_map(|reply| &reply.blocks).filter_map(kind);
    if parts.is_empty() {
        return kinds.next().is_none();
    }
    parts.iter().all(|part| kinds.any(|kind| kind == *part))
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

fn kind(block: &Block) -> Option<Part> {
    match block {
        Block::Text(_) => Some(Part::Text),
        Block::Choice { .. } => Some(Part::Choice),
        Block::Cards(_) => Some(Part::Cards),
        Block::Summary { .. } => Some(Part::Summary),
        Block::Link { .. } => Some(Part::Link),
        _ => None,
    }
}

/// Whether a value holds all that another does; numbers by value, whether written as text or not.
pub(crate) fn holds(made: &Value, wanted: &Value) -> bool {
    match (made, wanted) {
        (Value::Object(made), Value::Object(wanted)) => wanted
            .iter()
            .all(|(name, wanted)| made.get(name).is_some_and(|made| holds(made, wanted))),
        (Value::String(made), Value::Number(wanted)) => made.parse::<f64>().ok() == wanted.as_f64(),
        (Value::String(made), Value::String(wanted)) => made.eq_ignore_ascii_case(wanted),
        _ => made == wanted,
    }
}
