//! A recorded customer, heard again: what they did then, as it is meant in the conversation as it is now.

use crate::conversation::Conversation;
use crate::digest::canonical;
use crate::evidence::Owner;
use crate::id::Made;
use crate::message::{Action, ActionRef, Control, Inbound, InboundKind, Tap};

/// What a recorded inbound is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// This.
    Same(Box<Inbound>),
    /// Nothing: it is about a message that is not sent now.
    Nothing,
    /// The customer taps what is not offered now; its label.
    Lost(String),
}

/// Carries an inbound over from the conversation that was recorded, `then`, to the one that runs, `now`.
#[must_use]
pub fn carry(inbound: &Inbound, then: &Conversation, now: &Conversation) -> Carried {
    let mut inbound = inbound.clone();
    match &mut inbound.kind {
        InboundKind::Tap(Tap::Action(action)) => match again(*action, then, now) {
            Ok(found) => *action = found,
            Err(label) => return Carried::Lost(label),
        },
        InboundKind::Text(text) => {
            if let Some(action) = then.numbered(text) {
                let found = again(action, then, now);
                let shown = found.ok().and_then(|found| {
                    let newest = now.offered.last()?;
                    newest.numbered.iter().find(|(_, meant)| *meant == found).map(|(n, _)| *n)
                });
                match shown {
                    Some(n) => *text = n.to_string(),
                    None => return Carried::Lost(text.clone()),
                }
            }
        }
        InboundKind::Status { of, .. }
        | InboundKind::Control { command: Control::Settle { of, .. }, .. } => {
            let Some(sent) = sent(of.first(), now) else { return Carried::Nothing };
            let sending = (0..of.times()).try_fold(sent, |sending, _| sending.again());
            *of = sending.unwrap_or(sent);
        }
        _ => {}
    }
    Carried::Same(Box::new(inbound))
}

/// The action that means now what this one meant then.
fn again(action: ActionRef, then: &Conversation, now: &Conversation) -> Result<ActionRef, String> {
    let offered = then.offered.iter().find(|offered| offered.outbound == action.outbound);
    let meant = offered.and_then(|offered| offered.actions.get(usize::from(action.option)));
    // What was gone then is gone now.
    let Some((label, meaning)) = meant else { return Ok(action) };
    let find = |same: &dyn Fn(&str, &Action) -> bool| {
        // The same offer goes before others that say the same.
        let own = now.offered.iter().filter(|offered| offered.outbound == action.outbound);
        let mut offers = own.chain(now.offered.iter().rev());
        offers.find_map(|offered| {
            let option = offered.actions.iter().position(|(label, it)| same(label, it))?;
            let option = u16::try_from(option).ok()?;
            Some(ActionRef { outbound: offered.outbound, option })
        })
    };
    find(&|_, it| it == meaning)
        .or_else(|| find(&|shown, _| shown == label))
        .ok_or_else(|| label.clone())
}

/// The message that is sent now where this one was: that of the same turn.
fn sent(of: Made, now: &Conversation) -> Option<Made> {
    let of_turn = now.offered.iter().filter(|offered| offered.outbound.turn == of.turn);
    let mut sent = of_turn.map(|offered| offered.outbound);
    sent.clone().find(|outbound| *outbound == of).or_else(|| sent.next())
}

/// Where two conversations stand differently, so that what the customer said next may not fit any more;
/// none where they stand alike.
#[must_use]
pub fn astray(then: &Conversation, now: &Conversation) -> Option<String> {
    let differs = |what: &str, then: String, now: String| {
        (then != now).then(|| format!("{what} {then}, now {now}"))
    };
    differs("answers then:", owner(&then.owner), owner(&now.owner))
        .or_else(|| differs("wants messages then:", wants(then), wants(now)))
        .or_else(|| differs("waits for a yes then:", pending(then), pending(now)))
        .or_else(|| differs("in the cart then:", cart(then), cart(now)))
        .or_else(|| {
            (offer(then) != offer(now))
                .then(|| "the customer was offered something else".to_owned())
        })
}

fn owner(owner: &Owner) -> String {
    match owner {
        Owner::Bot => "the agent".to_owned(),
        Owner::Waiting { .. } => "nobody yet".to_owned(),
        Owner::Person { who, .. } => who.to_string(),
        Owner::Closed => "nobody".to_owned(),
    }
}

fn wants(state: &Conversation) -> String {
    if state.opted_out { "no" } else { "yes" }.to_owned()
}

fn pending(state: &Conversation) -> String {
    state.pending.as_ref().map_or_else(|| "nothing".to_owned(), |call| call.tool.to_string())
}

fn cart(state: &Conversation) -> String {
    let mut lines: Vec<String> =
        state.cart.iter().map(|(variant, quantity)| format!("{quantity} × {variant}")).collect();
    lines.sort();
    if lines.is_empty() { "nothing".to_owned() } else { lines.join(", ") }
}

/// What the newest reply offers, whatever it is called.
fn offer(state: &Conversation) -> Vec<String> {
    let newest = state.offered.last();
    newest.into_iter().flat_map(|it| &it.actions).map(|(_, action)| canonical(action)).collect()
}
