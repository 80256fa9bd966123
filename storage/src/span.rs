//! The events of one commit, as they lie in one row: a list of their clear halves and a list of what is
//! sealed. A row each would cost a turn ten writes, and the engine ten places to remember for ever.

use agent_core::digest::Digest;
use agent_core::event::{Answer, Event, Recorded};
use agent_core::id::{Name, Seq};
use agent_core::message::{InboundKind, Status};
use agent_core::time::Micros;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A commit goes on in another row beyond this, so that whoever reads one event never opens many. Half of
/// what still lies in the engine.
const LONG: usize = crate::record::INLINE / 2;

/// The clear half of an event: what figures need, and nothing of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clear {
    /// What kind of event; see [`Event::kind`].
    pub kind: String,
    /// Its position in its journal.
    pub seq: Seq,
    /// When.
    pub at: Micros,
    /// Tokens in and out, of a model's answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<(u32, u32)>,
    /// Which model answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Name>,
    /// As what a platform bills a part that the customer has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billed: Option<Name>,
    /// The pack a turn opened with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<Digest>,
}

impl Clear {
    fn of(recorded: &Recorded) -> Self {
        let (mut tokens, mut model, mut billed, mut pack) = (None, None, None, None);
        match &recorded.event {
            Event::Answer(Answer::Answered(Ok(completion))) => {
                tokens = completion.usage.map(|usage| (usage.input, usage.output));
                model = Some(completion.by.clone());
            }
            Event::Answer(Answer::Opened(opening)) => pack = Some(opening.basis.pack),
            Event::Answer(Answer::Received(inbound)) => {
                if let InboundKind::Status { status: Status::Delivered, billed: as_what, .. } =
                    &inbound.kind
                {
                    billed.clone_from(as_what);
                }
            }
            Event::Answer(_) | Event::Decision(_) => {}
        }
        let kind = recorded.event.kind().to_owned();
        Self { kind, seq: recorded.seq, at: recorded.at, tokens, model, billed, pack }
    }
}

/// Events that lie in one row, as JSON.
#[derive(Debug)]
pub(crate) struct Span {
    /// The position of the first.
    pub(crate) first: Seq,
    /// A list of [`Clear`].
    pub(crate) clear: Vec<u8>,
    /// A list of events.
    pub(crate) plain: Vec<u8>,
}

/// The rows of a commit's events.
pub(crate) fn spans(events: &[Recorded]) -> serde_json::Result<Vec<Span>> {
    let mut spans: Vec<Span> = Vec::new();
    for recorded in events {
        let goes_on = spans.last_mut().filter(|it| it.plain.len().max(it.clear.len()) < LONG);
        let span = match goes_on {
            Some(span) => {
                span.clear.push(b',');
                span.plain.push(b',');
                span
            }
            None => {
                let (clear, plain) = (vec![b'['], vec![b'[']);
                spans.push_mut(Span { first: recorded.seq, clear, plain })
            }
        };
        serde_json::to_writer(&mut span.clear, &Clear::of(recorded))?;
        serde_json::to_writer(&mut span.plain, &recorded.event)?;
    }
    for span in &mut spans {
        span.clear.push(b']');
        span.plain.push(b']');
    }
    Ok(spans)
}

/// The clear halves of a row.
pub(crate) fn clear(clear: &[u8]) -> serde_json::Result<Vec<Clear>> {
    all(clear)
}

/// The events of a row; nothing where the two lists don't belong together.
pub(crate) fn events(clear: &[u8], plain: &[u8]) -> Option<Vec<Recorded>> {
    let (clear, events) = (self::clear(clear).ok()?, all::<Event>(plain).ok()?);
    if clear.len() != events.len() {
        return None;
    }
    let recorded = clear.into_iter().zip(events);
    Some(recorded.map(|(Clear { seq, at, .. }, event)| Recorded { seq, at, event }).collect())
}

/// A list, or the one thing that stands there alone since format 1.
fn all<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<Vec<T>> {
    if json.first() == Some(&b'[') {
        serde_json::from_slice(json)
    } else {
        serde_json::from_slice(json).map(|one| vec![one])
    }
}

#[cfg(test)]
mod tests {
    use agent_core::store::contract::make;

    use super::*;

    #[test]
    fn what_is_long_goes_on_in_another_row_and_reads_back() {
        let words = ["short".to_owned(), "x".repeat(LONG), "y".repeat(3 * LONG), "z".to_owned()];
        let made: Vec<Recorded> =
            (5..).zip(&words).map(|(seq, words)| make::event(seq, words)).collect();
        let spans = spans(&made).unwrap();
        assert_eq!(spans.iter().map(|it| it.first.0).collect::<Vec<_>>(), [5, 7, 8]);
        let read = spans.iter().flat_map(|it| events(&it.clear, &it.plain).unwrap());
        assert_eq!(read.collect::<Vec<_>>(), made);
        assert_eq!(events(&spans[0].clear, &spans[1].plain), None);
    }

    /// What figures are made of is told by these names for ever.
    #[test]
    fn the_clear_half_tells_no_words() {
        let spans = spans(&[make::event(3, "secret")]).unwrap();
        assert_eq!(spans[0].clear, br#"[{"kind":"received","seq":3,"at":3}]"#);
    }
}
