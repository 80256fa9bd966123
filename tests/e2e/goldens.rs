//! The golden conversations of the packs that ship, run with the clerk; and every one of them verified.

use std::sync::Arc;

use agent_core::evidence::Owner as Held;
use agent_core::message::Block;
use agent_core::model::clerk::Clerk;
use agent_core::replay::verify::Verifier;
use prompts::golden::{Golden, Owner, Part, Turn};
use prompts::{Feed, Folder};
use serde_json::Value;
use sutler_tests::world::{Turned, World};

#[tokio::test]
async fn every_golden_conversation_comes_out_as_written_and_verifies() {
    let mut wrong = Vec::new();
    let mut ran = 0;
    for name in prompts::builtin() {
        let folder = Folder::builtin(name).unwrap();
        let pack = Arc::new(folder.pack().unwrap());
        let feed = match folder.feed() {
            Some(Feed::Embedded(bytes)) => bytes.to_vec(),
            other => panic!("{name} has a feed in the binary, not {other:?}"),
        };
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

async fn run(pack: &str, golden: &Golden, world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    for (n, turn) in golden.turns.iter().enumerate() {
        let turned = match (&turn.say, &turn.tap) {
            (Some(text), _) => world.say("ada", text).await,
            (None, Some(label)) => world.tap("ada", label).await,
            (None, None) => panic!("a turn says or taps"),
        };
        let state = world.conversation("ada").await;
        let told = turn.say.as_deref().or(turn.tap.as_deref()).unwrap_or_default();
        let mut note = |what: String| {
            let calls: Vec<String> = turned
                .calls
                .iter()
                .map(|call| format!("{} {}", call.tool, call.arguments))
                .collect();
            wrong.push(format!(
                "{pack}/{} turn {} `{told}`: {what}\n  calls: {}\n  reply: {}",
                golden.name,
                n + 1,
                calls.join("; "),
                turned.text().replace('\n', " / ")
            ));
        };
        check(turn, &turned, &mut note);
        if let Some(cart) = &turn.cart {
            let wanted: Vec<_> =
                cart.iter().map(|line| (line.variant.clone(), line.quantity)).collect();
            if wanted != state.cart {
                note(format!("the cart is {:?}", state.cart));
            }
        }
        let owner = match state.owner {
            Held::Bot => Owner::Bot,
            Held::Waiting { .. } => Owner::Waiting,
            Held::Person { .. } => Owner::Person,
            Held::Closed => Owner::Closed,
        };
        if turn.owner.is_some_and(|wanted| wanted != owner) {
            note(format!("the owner is {owner:?}"));
        }
    }
    wrong
}

fn check(turn: &Turn, turned: &Turned, note: &mut impl FnMut(String)) {
    let text = turned.text().to_lowercase();
    for wanted in turn.reply.iter().filter(|wanted| !text.contains(&wanted.to_lowercase())) {
        note(format!("does not say `{wanted}`"));
    }
    for unwanted in turn.not.iter().filter(|unwanted| text.contains(&unwanted.to_lowercase())) {
        note(format!("says `{unwanted}`"));
    }
    if let Some(tools) = &turn.tools {
        let fits = tools.len() == turned.calls.len()
            && tools.iter().zip(&turned.calls).all(|(wanted, made)| {
                wanted.name == made.tool
                    && (wanted.arguments.is_null() || holds(&made.arguments, &wanted.arguments))
            });
        if !fits {
            note(format!("calls are not {tools:?}"));
        }
    }
    if let Some(parts) = &turn.parts {
        let blocks = turned.reply.iter().flat_map(|reply| &reply.blocks);
        let mut kinds = blocks.filter_map(kind);
        let good = if parts.is_empty() {
            kinds.next().is_none()
        } else {
            parts.iter().all(|part| kinds.any(|kind| kind == *part))
        };
        if !good {
            note(format!("parts are not {parts:?}"));
        }
    }
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
