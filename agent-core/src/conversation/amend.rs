//! What customers change and take back of what they said, in whatever order it is told.

use serde::{Deserialize, Serialize};

use crate::id::MessageId;
use crate::model::Entry;
use crate::time::Micros;

/// Messages that can still be changed, and changes that are remembered.
const KEPT: usize = 64;

/// What is shown of a message that was taken back.
const TAKEN_BACK: &str = "[taken back]";

/// Which entry of the transcript is which message, and what became of messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amendments {
    /// The message of an entry, counted from the first the conversation ever had.
    said: Vec<(MessageId, u64)>,
    /// The newest words of a message, and when they were written; none when it was taken back.
    changed: Vec<(MessageId, Micros, Option<String>)>,
    /// Entries that left the transcript.
    left: u64,
}

impl Amendments {
    /// The newest entry is this message's.
    pub(super) fn said(&mut self, id: &MessageId, transcript: &mut [Entry]) {
        let Some(last) = (transcript.len() as u64).checked_sub(1) else { return };
        self.said.push((id.clone(), self.left + last));
        let gone = self.said.len().saturating_sub(KEPT);
        self.said.drain(..gone);
        self.apply(id, transcript);
    }

    /// A message has other words now, or none.
    pub(super) fn change(
        &mut self,
        of: &MessageId,
        at: Micros,
        text: Option<&str>,
        transcript: &mut [Entry],
    ) {
        let text = text.map(str::to_owned);
        match self.changed.iter_mut().find(|(id, ..)| id == of) {
            // What was taken back stays so; of two changes the later holds.
            Some((_, when, words)) => {
                let later = (at, text.as_ref()) > (*when, words.as_ref());
                if words.is_some() && (text.is_none() || later) {
                    (*when, *words) = (at, text);
                }
            }
            None => self.changed.push((of.clone(), at, text)),
        }
        let gone = self.changed.len().saturating_sub(KEPT);
        self.changed.drain(..gone);
        self.apply(of, transcript);
    }

    /// The oldest entries left the transcript.
    pub(super) fn left(&mut self, entries: usize) {
        self.left += entries as u64;
        self.said.retain(|(_, entry)| *entry >= self.left);
    }

    fn apply(&self, id: &MessageId, transcript: &mut [Entry]) {
        let Some((_, entry)) = self.said.iter().find(|(said, _)| said == id) else { return };
        let Some((.., words)) = self.changed.iter().find(|(of, ..)| of == id) else { return };
        let place = usize::try_from(entry - self.left).ok();
        if let Some(Entry::Customer { text, media, .. }) =
            place.and_then(|place| transcript.get_mut(place))
        {
            match words {
                Some(words) => text.clone_from(words),
                None => {
                    TAKEN_BACK.clone_into(text);
                    media.clear();
                }
            }
        }
    }
}
