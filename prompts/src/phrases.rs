//! Phrases and their slots: every language says the same things of the same facts.

use std::collections::{BTreeMap, BTreeSet};

use agent_core::id::Locale;
use agent_core::pack::{CLERK_SLOTS, ENGINE_PHRASES};

use crate::document::Document;
use crate::problem::Problem;
use crate::suggest::nearest;

/// Checks the phrases of all languages against what the engine says and against the first language.
pub(crate) fn check(
    locales: &[Locale],
    phrases: &BTreeMap<Locale, Document<'_>>,
    problems: &mut Vec<Problem>,
) {
    let mut wanted: BTreeSet<&str> = ENGINE_PHRASES.iter().map(|(name, _)| *name).collect();
    let mut model = None;
    for document in locales.iter().filter_map(|locale| phrases.get(locale)) {
        let own = check_names(document, &wanted, model, problems);
        for phrase in document.keys() {
            check_slots(document, phrase, model, problems);
        }
        if model.is_none() {
            wanted.extend(own);
            model = Some(document);
        }
    }
}

/// Finds phrases that are missing and those that nobody says; tells which are the pack's own.
fn check_names<'d>(
    document: &'d Document<'_>,
    wanted: &BTreeSet<&str>,
    model: Option<&Document<'_>>,
    problems: &mut Vec<Problem>,
) -> Vec<&'d str> {
    let present: BTreeSet<&str> = document.keys().collect();
    let mut missing: BTreeSet<&str> = wanted.difference(&present).copied().collect();
    let mut own = Vec::new();
    for phrase in document.keys().filter(|phrase| !wanted.contains(phrase)) {
        let meant = nearest(phrase, missing.iter().copied());
        // In the first language a phrase may be the clerk's; it is a slip only where it looks like one.
        if meant.is_none() && model.is_none() {
            own.push(phrase);
            continue;
        }
        let problem = document.problem(&[phrase], format!("unknown phrase `{phrase}`"));
        let problem = match meant {
            Some(meant) => problem.meant(phrase, [meant]),
            None => problem.meant(phrase, wanted.iter().copied()),
        };
        problems.push(problem);
        missing.retain(|name| meant != Some(*name));
    }
    for name in missing {
        let why = match model.filter(|model| model.keys().any(|key| key == name)) {
            Some(model) => format!("{} has it", model.line(&[name])),
            None => "the engine says it".to_owned(),
        };
        problems.push(document.problem(&[], format!("missing phrase `{name}`; {why}")));
    }
    own
}

/// Checks the slots of one phrase.
fn check_slots(
    document: &Document<'_>,
    phrase: &str,
    model: Option<&Document<'_>>,
    problems: &mut Vec<Problem>,
) {
    let mut used = BTreeSet::new();
    for text in document.strings(phrase) {
        match slots(text) {
            Ok(found) => used.extend(found),
            Err(what) => {
                problems.push(document.problem(&[phrase], format!("phrase `{phrase}`: {what}")));
                return;
            }
        }
    }
    let model = model.filter(|model| model.keys().any(|key| key == phrase));
    let theirs = model.map(|model| {
        let texts = model.strings(phrase).into_iter();
        texts.flat_map(|text| slots(text).unwrap_or_default()).collect::<BTreeSet<&str>>()
    });
    let mut filled = ENGINE_PHRASES.iter().chain(CLERK_SLOTS);
    let engine = filled.find(|(name, _)| *name == phrase);
    let valid = engine.map(|(_, slots)| slots.iter().copied().collect()).or_else(|| theirs.clone());
    let Some(valid) = valid else { return };
    if phrase == "card.sale" && model.is_none() && !used.contains("price") {
        let what =
            format!("phrase `{phrase}` lacks the slot `price`: a reduced product would have none");
        problems.push(document.problem(&[phrase], what));
    }
    for slot in used.difference(&valid) {
        let problem =
            document.problem(&[phrase], format!("phrase `{phrase}` has the unknown slot `{slot}`"));
        problems.push(problem.meant(slot, valid.iter().copied()));
    }
    let (Some(model), Some(theirs)) = (model, theirs) else { return };
    let there = model.line(&[phrase]);
    for slot in theirs.difference(&used).filter(|slot| valid.contains(*slot)) {
        let what = format!("phrase `{phrase}` lacks the slot `{slot}`, which {there} has");
        problems.push(document.problem(&[phrase], what));
    }
    for slot in used.difference(&theirs).filter(|slot| valid.contains(*slot)) {
        let what = format!("phrase `{phrase}` has the slot `{slot}`, which {there} lacks");
        problems.push(document.problem(&[phrase], what));
    }
}

/// The `{slots}` of a text as [`Pack::say`](agent_core::pack::Pack::say) reads them; `{{e3.price}}` is not one.
pub(crate) fn slots(text: &str) -> Result<BTreeSet<&str>, String> {
    let mut slots = BTreeSet::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('{') {
        if after.starts_with('{') {
            let Some((_, tail)) = after.split_once("}}") else {
                return Err("a `{{` is never closed".to_owned());
            };
            rest = tail;
            continue;
        }
        let Some((slot, tail)) = after.split_once('}') else {
            return Err("a `{` is never closed".to_owned());
        };
        if !is_slot(slot) {
            return Err(format!("`{{{slot}}}` is no slot; one is written `{{small_letters}}`"));
        }
        slots.insert(slot);
        rest = tail;
    }
    Ok(slots)
}

/// Whether a word can be a slot's name.
pub(crate) fn is_slot(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}
