//! What Discord takes of a message, by its own pages.

use std::collections::BTreeSet;

use serde_json::Value;

/// What is wrong with a message that is to be shown.
pub(super) fn message(body: &Value) -> Result<(), String> {
    let content = text(body, "content", 2_000)?;
    let embeds = list(body, "embeds", 10)?;
    let mut letters = 0;
    for embed in &embeds {
        letters += text(embed, "title", 256)? + text(embed, "description", 4_096)?;
        web(embed, "url", 2_048)?;
    }
    if letters > 6_000 {
        return Err(format!("{letters} letters in embeds"));
    }
    let rows = list(body, "components", 5)?;
    if content == 0 && embeds.is_empty() && rows.is_empty() {
        return Err("it is empty".to_owned());
    }
    let mut ids = BTreeSet::new();
    rows.iter().try_for_each(|components| row(components, &mut ids))?;
    // Without it, whoever stands in a text is called.
    if body["allowed_mentions"]["parse"] != Value::Array(Vec::new()) {
        return Err("it calls everybody who stands in it".to_owned());
    }
    Ok(())
}

/// What is wrong with a message of ours beyond that.
pub(super) fn keyed(body: &Value) -> Result<String, String> {
    let nonce = body["nonce"].as_str().ok_or("it has no nonce")?;
    if nonce.is_empty() || nonce.len() > 25 {
        return Err(format!("a nonce of {} letters", nonce.len()));
    }
    if body["enforce_nonce"] != true {
        return Err("the nonce is not enforced".to_owned());
    }
    if let Some(reference) = body.get("message_reference") {
        let known = reference["message_id"].is_string() && reference["fail_if_not_exists"] == false;
        return if known { Ok(nonce.to_owned()) } else { Err("a bad reference".to_owned()) };
    }
    Ok(nonce.to_owned())
}

fn row(row: &Value, ids: &mut BTreeSet<String>) -> Result<(), String> {
    let components = list(row, "components", 5)?;
    if row["type"] != 1 || components.is_empty() {
        return Err("a row without components".to_owned());
    }
    for component in &components {
        match component["type"].as_u64() {
            Some(2) if component["style"] == 5 => {
                need(component, "label", 80)?;
                need(component, "url", 512)?;
                web(component, "url", 512)?;
            }
            Some(2) => {
                need(component, "label", 80)?;
                need(component, "custom_id", 100)?;
            }
            Some(3) if components.len() == 1 => {
                need(component, "custom_id", 100)?;
                text(component, "placeholder", 150)?;
                let options = list(component, "options", 25)?;
                let mut values = BTreeSet::new();
                for option in &options {
                    need(option, "label", 100)?;
                    need(option, "value", 100)?;
                    text(option, "description", 100)?;
                    if !values.insert(option["value"].to_string()) {
                        return Err("two options with one value".to_owned());
                    }
                }
                if options.is_empty() {
                    return Err("a menu without options".to_owned());
                }
            }
            other => return Err(format!("a component of type {other:?} here")),
        }
        let id = component["custom_id"].as_str().map(str::to_owned);
        if id.is_some_and(|id| !ids.insert(id)) {
            return Err("two components with one custom id".to_owned());
        }
    }
    Ok(())
}

fn list(of: &Value, key: &str, most: usize) -> Result<Vec<Value>, String> {
    let all = of[key].as_array().cloned().unwrap_or_default();
    if all.len() > most { Err(format!("{} {key}", all.len())) } else { Ok(all) }
}

fn text(of: &Value, key: &str, most: usize) -> Result<usize, String> {
    let length = of[key].as_str().unwrap_or_default().chars().count();
    if length > most { Err(format!("a {key} of {length} letters")) } else { Ok(length) }
}

fn need(of: &Value, key: &str, most: usize) -> Result<(), String> {
    match text(of, key, most)? {
        0 => Err(format!("no {key}")),
        _ => Ok(()),
    }
}

fn web(of: &Value, key: &str, most: usize) -> Result<(), String> {
    text(of, key, most)?;
    match of[key].as_str() {
        Some(url) if !url.starts_with("https://") && !url.starts_with("http://") => {
            Err(format!("{url} is no address"))
        }
        _ => Ok(()),
    }
}
