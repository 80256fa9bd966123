//! Which mode and which language a turn is answered in. Pure, and the same on every run.

use std::collections::BTreeSet;

use crate::conversation::Conversation;
use crate::id::{Locale, Name};
use crate::model::Entry;
use crate::pack::{Known, Mode, Pack, words};

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
    let tongues = pack.tongues();
    let words: BTreeSet<String> = words(text).collect();
    // A word tells of a language where no other knows it as well.
    let score = |locale: &Locale| {
        let others = || pack.locales.iter().filter(|it| *it != locale);
        let own = words.iter().filter_map(|word| {
            let best = others().map(|it| tongues.knows(it, word)).max();
            let known = tongues.knows(locale, word);
            best.is_none_or(|best| known > best).then_some((word, known))
        });
        // The names of goods are of the feed's language, whatever the customer's is.
        // `Ein Set Solar Gartenleuchten`.
        let named = |word: &String, known| known != Known::Small && tongues.tells(word);
        let weak = |(word, known): (&String, Known)| {
            known == Known::Begins || tongues.sells(word) || named(word, known)
        };
        // `Birthday Gift Card in den Warenkorb`: small words tell more than names.
        let tells = |it: (&String, Known)| match it {
            it if weak(it) => 1,
            (_, Known::Small) => 3,
            _ => 2,
        };
        own.map(tells).sum::<usize>()
    };
    let scored: Vec<_> = pack.locales.iter().map(|it| (score(it), *it == held, it)).collect();
    let held_scores = scored.iter().find(|it| it.1).map_or(0, |it| it.0);
    match scored.iter().max_by_key(|(score, is_held, _)| (*score, *is_held)) {
        Some((best, _, locale)) if *best > held_scores => (*locale).clone(),
        _ => held,
    }
}
