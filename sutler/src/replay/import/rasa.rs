//! Rasa: end-to-end tests (`test_cases`) and stories (`stories`), YAML.
//!
//! A story names intents where it has no words; their first example of the same file's `nlu` is said instead.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Import, ImportError, list, text};

pub(super) fn read(name: &str, file: &str, import: &mut Import) -> Result<(), ImportError> {
    let value: Value =
        serde_saphyr::from_str(file).map_err(|error| ImportError(error.to_string()))?;
    let examples = examples(&value);
    let (cases, stories) = (list(&value, "test_cases"), list(&value, "stories"));
    if cases.is_empty() && stories.is_empty() {
        return Err(ImportError("there are neither `test_cases` nor `stories`".to_owned()));
    }
    for (n, case) in cases.iter().enumerate() {
        let own = text(case, "test_case");
        import.begin(if own.is_empty() { name } else { own }, "Rasa end-to-end test");
        if own.is_empty() {
            import.degraded(&format!("the test case {} has no name", n + 1));
        }
        if case.get("fixtures").is_some() {
            import.degraded("slots that fixtures fill beforehand");
        }
        let mut offered = Vec::new();
        list(case, "steps").iter().for_each(|step| e2e(step, &mut offered, import));
    }
    for story in stories {
        import.begin(text(story, "story"), "Rasa story");
        list(story, "steps").iter().for_each(|step| self::story(step, &examples, import));
    }
    for other in ["rules", "flows", "nlu", "responses"] {
        list(&value, other).iter().for_each(|_| import.skipped(&format!("an entry of `{other}`")));
    }
    Ok(())
}

/// A step; `offered` are the labels and payloads of the buttons that were shown last.
fn e2e(step: &Value, offered: &mut Vec<(String, String)>, import: &mut Import) {
    if let Some(said) = step.get("user").map(words_of) {
        // `/SetSlots(…)`, `/intent{"entity": …}` and buttons' payloads are no words.
        let tapped = offered.iter().find(|(_, payload)| *payload == said);
        match tapped {
            Some((label, _)) => import.taps(label),
            None if said.trim().is_empty() => return import.skipped("a message without words"),
            None => {
                if said.starts_with('/') {
                    import.degraded("a payload instead of words");
                }
                import.says(&said);
            }
        }
        list(step, "assertions").iter().for_each(|it| assertion(it, offered, import));
        return;
    }
    if let Some(said) = step.get("bot").and_then(Value::as_str) {
        let said = said.trim();
        if let Some(turn) = import.answered() {
            turn.reply.push(said.to_owned());
        }
        return;
    }
    if let Some(utter) = step.get("utter").and_then(Value::as_str) {
        import.degraded("a reply that is named and not said");
        return import.replied(&format!("[{utter}]"));
    }
    if step.get("slot_was_set").is_some() {
        return slots(list(step, "slot_was_set"), import);
    }
    let named = step.as_object().and_then(|it| it.keys().next().cloned()).unwrap_or_default();
    import.skipped(&format!("a step `{named}`"));
}

/// What a customer writes may look like a number or a truth to YAML.
fn words_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

fn assertion(assertion: &Value, offered: &mut Vec<(String, String)>, import: &mut Import) {
    let Some((name, wanted)) = assertion.as_object().and_then(|it| it.iter().next()) else {
        return;
    };
    match name.as_str() {
        "bot_uttered" => {
            let buttons = list(wanted, "buttons").iter();
            let buttons =
                buttons.map(|it| (text(it, "title").to_owned(), text(it, "payload").to_owned()));
            let buttons: Vec<(String, String)> = buttons.collect();
            if !buttons.is_empty() {
                *offered = buttons;
            }
            uttered(wanted, import);
        }
        "bot_did_not_utter" => {
            let pattern = text(wanted, "text_matches").to_owned();
            if let Some(turn) = import.answered().filter(|_| !pattern.is_empty()) {
                turn.not_matches.push(pattern);
            }
        }
        "slot_was_set" => slots(wanted.as_array().map_or(&[], Vec::as_slice), import),
        name => import.skipped(&format!("an assertion `{name}`")),
    }
}

fn uttered(wanted: &Value, import: &mut Import) {
    let pattern = text(wanted, "text_matches").to_owned();
    let labels: Vec<String> =
        list(wanted, "buttons").iter().map(|it| text(it, "title").to_owned()).collect();
    if let Some(turn) = import.answered() {
        match regex::Regex::new(&pattern) {
            Ok(_) if !pattern.is_empty() => turn.matches.push(pattern),
            Ok(_) => {}
            // A pattern of Python that is none of ours is a text.
            Err(_) => turn.reply.push(pattern),
        }
        if !labels.is_empty() {
            turn.offers = Some(labels);
        }
    }
    if !text(wanted, "utter_name").is_empty() {
        import.degraded("a reply that is named and not said");
    }
}

/// Slots as `- name: value`, or as `- name: …` and `value: …`.
fn slots(slots: &[Value], import: &mut Import) {
    for slot in slots {
        let named = slot.get("name").and_then(Value::as_str).zip(slot.get("value"));
        let pair = named.map(|(name, value)| (name.to_owned(), value.clone())).or_else(|| {
            slot.as_object()?.iter().next().map(|(name, value)| (name.clone(), value.clone()))
        });
        match (pair, import.answered()) {
            (Some((name, value)), Some(turn)) if !value.is_null() => {
                _ = turn.slots.insert(name.into(), value);
            }
            _ => import.degraded("a slot without a value"),
        }
    }
}

fn story(step: &Value, examples: &BTreeMap<String, String>, import: &mut Import) {
    if let Some(said) = step.get("user").and_then(Value::as_str) {
        return import.says(&words(said));
    }
    if let Some(intent) = step.get("intent").and_then(Value::as_str) {
        let example = examples.get(intent);
        import.degraded(if example.is_some() {
            "an intent, said by its first example"
        } else {
            "an intent, said by its name"
        });
        return import.says(&example.cloned().unwrap_or_else(|| intent.replace('_', " ")));
    }
    if let Some(action) = step.get("action").and_then(Value::as_str) {
        return import.replied(&format!("[{action}]"));
    }
    if let Some(said) = step.get("bot").and_then(Value::as_str) {
        return import.replied(said);
    }
    if step.get("slot_was_set").is_some() {
        return slots(list(step, "slot_was_set"), import);
    }
    let named = step.as_object().and_then(|it| it.keys().next().cloned()).unwrap_or_default();
    import.skipped(&format!("a step `{named}`"));
}

/// The first example of each intent.
fn examples(value: &Value) -> BTreeMap<String, String> {
    let examples = list(value, "nlu").iter().filter_map(|it| {
        let first = text(it, "examples").lines().find_map(|line| line.trim().strip_prefix("- "));
        Some((text(it, "intent").to_owned(), words(first?)))
    });
    examples.collect()
}

/// An example without its marks: `[blue](color)` and `[blue]{"entity": "color"}` are `blue`.
fn words(example: &str) -> String {
    let mut words = String::new();
    let mut rest = example.trim();
    while let Some((before, after)) = rest.split_once('[') {
        words.push_str(before);
        let Some((inside, tail)) = after.split_once(']') else { return words + "[" + after };
        words.push_str(inside);
        let close = if tail.starts_with('(') { ')' } else { '}' };
        rest = match (tail.starts_with(['(', '{']), tail.split_once(close)) {
            (true, Some((_, tail))) => tail,
            _ => tail,
        };
    }
    words + rest
}
