//! Which mode and which language a turn is answered in. Pure, and the same on every run.

use std::collections::{BTreeMap, BTreeSet};

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
    let spoken: Vec<(&Locale, BTreeSet<&String>)> =
        pack.locales.iter().map(|locale| (locale, spoken(pack, locale, &words))).collect();
    // A word tells of a language where no other has it.
    let score = |locale: &Locale| {
        let (own, others): (Vec<_>, Vec<_>) = spoken.iter().partition(|(it, _)| *it == locale);
        let own = own.into_iter().flat_map(|(_, words)| words);
        let own = own.filter(|word| !others.iter().any(|(_, words)| words.contains(*word)));
        // The names of goods are of the feed's language, whatever the customer's is.
        own.map(|word| if goods(pack, word) { 1 } else { 2 }).sum::<usize>()
    };
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

/// Whether a word is of what is sold.
fn goods(pack: &Pack, word: &str) -> bool {
    let mut lexicons = pack.lexicons.values();
    lexicons.any(|it| {
        it.synonyms.contains_key(word)
            || it
                .things
                .iter()
                .any(|thing| word.starts_with(thing.as_str()) && word.len() < thing.len() + 3)
            || it.synonyms.values().flat_map(|feed| feed.split(' ')).any(|feed| feed == word)
    })
}

/// Those of these words that a language's examples, cues or lexicon have, with any of its endings.
fn spoken<'w>(pack: &Pack, locale: &Locale, said: &'w BTreeSet<String>) -> BTreeSet<&'w String> {
    let intents = pack.intents.iter().flat_map(|intent| [&intent.examples, &intent.cues]);
    let topics = pack.topics.iter().map(|topic| &topic.examples);
    let texts = intents.chain(topics).filter_map(|texts| texts.get(locale)).flatten();
    let lexicon = pack.lexicons.get(locale);
    let lists = lexicon.into_iter().flat_map(|it| {
        let amounts = &it.amounts;
        [
            [&it.fillers, &it.things, &it.questions, &it.size_words, &it.it],
            [&amounts.at_most, &amounts.at_least, &amounts.between, &amounts.or_less, &it.joins],
        ]
    });
    let lists = lists.flatten();
    let maps = lexicon.into_iter().flat_map(|it| {
        let values = it.values.values().flat_map(BTreeMap::keys);
        it.synonyms.keys().chain(values).chain(it.numbers.keys()).chain(it.ordinals.keys())
    });
    let known: BTreeSet<String> =
        texts.chain(lists.flatten()).chain(maps).flat_map(|text| words(text)).collect();
    let endings = lexicon.map(|it| it.endings.as_slice()).unwrap_or_default();
    let inflected = |word: &String| {
        let mut stems = endings.iter().filter_map(|ending| word.strip_suffix(ending.as_str()));
        stems.any(|stem| stem.chars().count() > 2 && known.contains(stem))
    };
    // A word made of two is told by its first.
    let joined = |word: &String| {
        let firsts = known.iter().filter(|it| it.chars().count() > 4 && it.len() + 2 < word.len());
        firsts.into_iter().any(|first| word.starts_with(first.as_str()))
    };
    said.iter().filter(|word| known.contains(*word) || inflected(word) || joined(word)).collect()
}
