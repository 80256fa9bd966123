//! Which mode and which language a turn is answered in. Pure, and the same on every run.

use std::collections::BTreeSet;

use crate::conversation::Conversation;
use crate::id::{Locale, Name};
use crate::model::Entry;
use crate::pack::{Mode, Pack};

/// The mode of a turn and why: shopping where the pack has it, else its quickest.
#[must_use]
pub fn choose(pack: &Pack) -> (Mode, Name) {
    for mode in [Mode::Shopping, Mode::Instant, Mode::Thinking] {
        if pack.modes.contains_key(&mode) {
            return (mode, "pack".into());
        }
    }
    (Mode::Instant, "default".into())
}

/// The language of a turn: that of the customer's last words where they tell, else the conversation's,
/// else the pack's default.
#[must_use]
pub fn locale(conversation: &Conversation, pack: &Pack) -> Locale {
    let held = conversation.locale.clone().filter(|locale| pack.locales.contains(locale));
    let held = held.unwrap_or_else(|| pack.default_locale());
    let last = conversation.transcript.iter().rev().find_map(|entry| match entry {
        Entry::Customer { text, action: None, .. } => Some(text),
        _ => None,
    });
    let Some(text) = last.filter(|_| pack.locales.len() > 1) else { return held };
    let words: BTreeSet<String> = words(text).collect();
    let score = |locale: &Locale| words.iter().filter(|word| speaks(pack, locale, word)).count();
    let best = pack.locales.iter().max_by_key(|locale| (score(locale), **locale == held));
    match best {
        Some(best) if score(best) > score(&held) => best.clone(),
        _ => held,
    }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// Whether a word stands in a language's examples and in no other's.
fn speaks(pack: &Pack, locale: &Locale, word: &str) -> bool {
    let said_in = |locale: &Locale| {
        let intents = pack.intents.iter().filter_map(|intent| intent.examples.get(locale));
        let topics = pack.topics.iter().filter_map(|topic| topic.examples.get(locale));
        intents.chain(topics).flatten().any(|example| words(example).any(|known| known == word))
    };
    said_in(locale) && !pack.locales.iter().any(|other| other != locale && said_in(other))
}
