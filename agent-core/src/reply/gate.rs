//! Lets through, of a reply that is still being written, the whole sentences that may be said.
//!
//! A sentence is filled with evidence and checked like the finished reply, and only then is it shown. The first
//! one that does not pass shuts the gate until the model begins again.

use crate::message::Block;
use crate::model::Delta;
use crate::reply::check::{self, Said, ends};
use crate::reply::draft::DraftError;
use crate::reply::{Ground, draft, fill};

/// A gate for one answer of a model.
#[derive(Debug)]
pub struct Gate<'a> {
    ground: Ground<'a>,
    /// What the customer said, and what happened to their orders.
    customer: Vec<String>,
    /// What stands before whatever is said: a notice that is still owed.
    before: String,
    heard: String,
    /// Up to where it has been looked at.
    read: usize,
    open: Open,
}

/// Whether more may pass.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Open {
    /// Nothing was heard yet. An answer that comes as one piece is there itself before it could be shown.
    Unheard,
    Yes,
    No,
}

impl<'a> Gate<'a> {
    /// A gate over what a reply stands on; `customer` as in [`Said`], `before` stands before all that passes.
    #[must_use]
    pub fn new(ground: Ground<'a>, customer: Vec<String>, before: String) -> Self {
        Self { ground, customer, before, heard: String::new(), read: 0, open: Open::Unheard }
    }

    /// Hears more; all that has passed, where that changed.
    pub fn hear(&mut self, delta: &Delta<'_>) -> Option<String> {
        let Delta::Text(more) = delta else {
            (self.read, self.open) = (0, Open::Unheard);
            self.heard.clear();
            return Some(String::new());
        };
        self.heard.push_str(more);
        match self.open {
            Open::Unheard => {
                self.open = Open::Yes;
                None
            }
            Open::Yes => self.more(),
            Open::No => None,
        }
    }

    /// Reads the sentences that came to their end.
    fn more(&mut self) -> Option<String> {
        let ends: Vec<usize> = ends(&self.heard).filter(|end| *end > self.read).collect();
        let mut passed = None;
        for end in ends {
            match self.pass(self.heard.get(..end).unwrap_or_default()) {
                // It ends within a slot or a block.
                Ok(None) => {}
                Ok(Some(text)) => (self.read, passed) = (end, Some(text)),
                Err(Shut) => {
                    self.open = Open::No;
                    break;
                }
            }
        }
        passed
    }

    /// The words of a part of the draft, if all of it may be said.
    fn pass(&self, text: &str) -> Result<Option<String>, Shut> {
        let draft = match draft::parse(text) {
            Err(DraftError::Open(_)) => return Ok(None),
            draft => draft.map_err(|_| Shut)?,
        };
        let filled = fill::fill(&draft, &self.ground).map_err(|_| Shut)?;
        let (blocks, sources) = (&filled.blocks, &filled.sources);
        if !check::check(Said { blocks, sources, customer: &self.customer }, &self.ground)
            .is_empty()
        {
            return Err(Shut);
        }
        let words = blocks.iter().filter_map(|block| match block {
            Block::Text(text) => Some(text.as_str()),
            _ => None,
        });
        let before = Some(self.before.as_str()).filter(|before| !before.is_empty());
        let words: Vec<&str> = before.into_iter().chain(words).collect();
        Ok(Some(words.join("\n\n")))
    }
}

/// Something may not be said.
#[derive(Debug)]
struct Shut;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Locale;
    use crate::model::contract;
    use crate::time::Micros;

    /// All that passes of an answer that comes a character at a time.
    fn shown(text: &str, before: &str) -> Vec<String> {
        let pack = contract::request().pack;
        let locale = Locale::from("en");
        let ground = Ground { evidence: &[], pack: &pack, locale: &locale, now: Micros(0) };
        let mut gate = Gate::new(ground, vec!["under 50.00 EUR".to_owned()], before.to_owned());
        let letters = text.char_indices().map(|(at, c)| &text[at..at + c.len_utf8()]);
        letters.filter_map(|letter| gate.hear(&Delta::Text(letter))).collect()
    }

    #[test]
    fn whole_sentences_pass_and_a_price_without_evidence_shuts_the_gate() {
        let text = "A warm one. Only 12.00 EUR today! It is blue.\nAnd long.\n";
        assert_eq!(shown(text, ""), ["A warm one."]);
        let text = "A warm one.\nUnder 50.00 EUR, as you said! It is";
        assert_eq!(
            shown(text, "I am a machine."),
            [
                "I am a machine.\n\nA warm one.",
                "I am a machine.\n\nA warm one.\nUnder 50.00 EUR, as you said!",
            ]
        );
    }

    #[test]
    fn nothing_passes_within_a_slot_and_nothing_that_cites_in_vain() {
        assert_eq!(
            shown("See: [[choice Which one? | A | B]]\nGood. ", ""),
            ["See:", "See:\n\nGood."]
        );
        assert_eq!(shown("Look. {{e1.title}} is nice. Yes. ", ""), ["Look."]);
    }

    #[test]
    fn another_attempt_begins_anew_and_one_piece_is_never_shown_before_itself() {
        let pack = contract::request().pack;
        let locale = Locale::from("en");
        let ground = Ground { evidence: &[], pack: &pack, locale: &locale, now: Micros(0) };
        let mut gate = Gate::new(ground, Vec::new(), String::new());
        assert_eq!(gate.hear(&Delta::Text("Hello there. How are you? ")), None);
        assert_eq!(gate.hear(&Delta::Text("I")), Some("Hello there. How are you?".to_owned()));
        assert_eq!(gate.hear(&Delta::Restart), Some(String::new()));
        assert_eq!(gate.hear(&Delta::Text("Good day. ")), None);
        assert_eq!(gate.hear(&Delta::Text("Wh")), Some("Good day.".to_owned()));
    }
}
