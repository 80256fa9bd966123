//! An engine that does not keep the rules: the events a turn leaves are changed, or the pack it runs under.

use std::sync::Arc;

use agent_core::event::{Answer, Decision, Event, Outcome, Recorded, Stage};
use agent_core::evidence::{Access, Change, Output, Owner};
use agent_core::id::Locale;
use agent_core::message::Block;
use agent_core::pack::Pack;

use super::{Place, Plant};

type Sites = Vec<(String, Plant)>;

fn events(change: impl Fn(Vec<Recorded>) -> Vec<Recorded> + Send + Sync + 'static) -> Plant {
    Plant::Events(Arc::new(change))
}

fn applied(place: &Place<'_>, rule: &str) -> bool {
    place.view.judged.iter().any(|(_, it, _)| it.as_str() == rule)
}

/// The tool a turn asked a yes for.
fn asked(place: &Place<'_>) -> Option<agent_core::id::Name> {
    let refused =
        place.view.calls.iter().find(|called| {
            called.refused.as_ref().is_some_and(|rule| rule.as_str() == "tool.confirm")
        });
    refused.map(|called| called.call.tool.clone())
}

pub(super) fn confirmation_skipped(place: &Place<'_>) -> Sites {
    let Some(tool) = asked(place) else { return Sites::new() };
    let mut content = (***place.pack).clone();
    if let Some(grant) = content.tools.get_mut(&tool) {
        grant.confirm = false;
    }
    vec![(tool.to_string(), Plant::Pack(Arc::new(Pack::new(content))))]
}

/// The write is made, and then the customer is asked.
pub(super) fn confirmation_late(place: &Place<'_>) -> Sites {
    let Some(tool) = asked(place) else { return Sites::new() };
    let change = |mut events: Vec<Recorded>| {
        let at = events
            .iter()
            .position(|it| matches!(&it.event, Event::Decision(Decision::Refused { .. })));
        let Some((at, recorded)) = at.and_then(|at| Some((at, events.get(at)?.clone()))) else {
            return events;
        };
        if let Event::Decision(Decision::Refused { call, .. }) = &recorded.event {
            let (id, call) = (call.id, call.clone());
            let done = Answer::Returned { call: id, result: Ok(Output::default()) };
            let made = Decision::Called { call, access: Access::Write };
            events.insert(at, Recorded { event: done.into(), ..recorded.clone() });
            events.insert(at, Recorded { event: made.into(), ..recorded });
        }
        events
    };
    vec![(tool.to_string(), events(change))]
}

/// The pack's phrase for what was not understood, in the turn's language.
fn fallback(place: &Place<'_>) -> String {
    let locale = place.view.locale.clone().unwrap_or_else(|| place.pack.default_locale());
    place.pack.phrase("fallback", &locale).to_owned()
}

/// The blocks of the turn's last reply are changed.
pub(super) fn reply(change: impl Fn(&mut Vec<Block>) + Send + Sync + 'static) -> Plant {
    events(move |mut events| {
        let replied = events.iter_mut().rev().find_map(|it| match &mut it.event {
            Event::Decision(Decision::Replied { outbound, .. }) => Some(outbound),
            _ => None,
        });
        if let Some(outbound) = replied {
            change(&mut outbound.blocks);
        }
        events
    })
}

/// The same without some events, and with other words.
fn instead(keep: fn(&Event) -> bool, text: String) -> Plant {
    events(move |mut events| {
        events.retain(|recorded| keep(&recorded.event));
        for recorded in &mut events {
            if let Event::Decision(Decision::Replied { outbound, .. }) = &mut recorded.event {
                outbound.blocks = vec![Block::Text(text.clone())];
            }
        }
        events
    })
}

pub(super) fn stop_ignored(place: &Place<'_>) -> Sites {
    if !applied(place, "ingress.stop") {
        return Sites::new();
    }
    let keep = |event: &Event| {
        !matches!(
            event,
            Event::Decision(
                Decision::Changed(Change::Consent { .. })
                    | Decision::Judged { stage: Stage::Ingress, .. }
            )
        )
    };
    vec![("stop".to_owned(), instead(keep, fallback(place)))]
}

pub(super) fn person_refused(place: &Place<'_>) -> Sites {
    let waits = |change: &Change| matches!(change, Change::Owner(Owner::Waiting { .. }));
    if !place.view.changes.iter().any(waits) {
        return Sites::new();
    }
    let keep = |event: &Event| {
        !matches!(
            event,
            Event::Decision(Decision::Changed(Change::Owner(_)) | Decision::Called { .. })
                | Event::Answer(Answer::Returned { .. })
        )
    };
    vec![("hand_over".to_owned(), instead(keep, fallback(place)))]
}

pub(super) fn silent(place: &Place<'_>) -> Sites {
    if place.view.replies.is_empty() {
        return Sites::new();
    }
    let change = |mut events: Vec<Recorded>| {
        events.retain(|it| !matches!(&it.event, Event::Decision(Decision::Replied { .. })));
        for recorded in &mut events {
            if let Event::Decision(Decision::Closed { outcome, .. }) = &mut recorded.event {
                *outcome = Outcome::Silent;
            }
        }
        events
    };
    vec![("the reply".to_owned(), events(change))]
}

pub(super) fn undisclosed(place: &Place<'_>) -> Sites {
    if !applied(place, "egress.disclosure") {
        return Sites::new();
    }
    let unsaid = |blocks: &mut Vec<Block>| *blocks = blocks.split_off(1.min(blocks.len()));
    let change = move |mut events: Vec<Recorded>| {
        events.retain(|it| match &it.event {
            Event::Decision(Decision::Judged { rule, .. }) => rule.as_str() != "egress.disclosure",
            Event::Decision(Decision::Changed(change)) => *change != Change::Disclosed,
            _ => true,
        });
        for recorded in &mut events {
            if let Event::Decision(Decision::Replied { outbound, .. }) = &mut recorded.event {
                unsaid(&mut outbound.blocks);
            }
        }
        events
    };
    vec![
        ("the first reply".to_owned(), events(change)),
        ("its words alone".to_owned(), reply(unsaid)),
    ]
}

/// The phrases of the turn's language are those of another.
pub(super) fn other_language(place: &Place<'_>) -> Sites {
    let Some(spoken) = &place.view.locale else { return Sites::new() };
    let other: Option<&Locale> = place.pack.locales.iter().find(|it| *it != spoken);
    let Some(other) = other.filter(|_| !place.view.replies.is_empty()) else { return Sites::new() };
    let mut content = (***place.pack).clone();
    if let Some(phrases) = content.phrases.get(other).cloned() {
        content.phrases.insert(spoken.clone(), phrases);
    }
    vec![(format!("{other} for {spoken}"), Plant::Pack(Arc::new(Pack::new(content))))]
}
