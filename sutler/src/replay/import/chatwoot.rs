//! Chatwoot: conversations with their messages, as its API gives them: one, a list, or a page of them.

use serde_json::Value;

use super::{Import, ImportError, list, text};

pub(super) fn read(name: &str, file: &str, import: &mut Import) -> Result<(), ImportError> {
    let value: Value =
        serde_json::from_str(file).map_err(|error| ImportError(error.to_string()))?;
    // A page of conversations, or of messages, is inside of `data` or `payload`.
    let inner = value.get("data").unwrap_or(&value);
    let inner = inner.get("payload").unwrap_or(inner);
    let items = inner.as_array().cloned().unwrap_or_else(|| vec![inner.clone()]);
    let mut found = false;
    if items.iter().any(|it| it.get("message_type").is_some()) {
        import.begin(name, "Chatwoot");
        messages(&items, import);
        return Ok(());
    }
    for conversation in &items {
        let held = list(conversation, "messages");
        if held.is_empty() {
            import.skipped("a conversation without messages");
            continue;
        }
        found = true;
        let id = conversation.get("display_id").or_else(|| conversation.get("id"));
        let id = id.map(ToString::to_string).unwrap_or_default();
        import.begin(format!("{name} {id}").trim(), "Chatwoot");
        messages(held, import);
    }
    if found {
        Ok(())
    } else {
        Err(ImportError("there are no conversations with `messages`".to_owned()))
    }
}

/// Oldest first, whatever order they were given in.
fn messages(messages: &[Value], import: &mut Import) {
    let mut sorted: Vec<&Value> = messages.iter().collect();
    let at = |message: &Value| {
        let created = message.get("created_at");
        let seconds = created.and_then(Value::as_i64).unwrap_or_default();
        (seconds, text(message, "created_at").to_owned(), message.get("id").and_then(Value::as_i64))
    };
    sorted.sort_by_key(|it| at(it));
    sorted.into_iter().for_each(|it| message(it, import));
}

/// The API writes kinds as numbers, webhooks and exports as words.
fn kind(message: &Value) -> &str {
    match message.get("message_type") {
        Some(Value::Number(number)) => match number.as_u64() {
            Some(0) => "incoming",
            Some(1) => "outgoing",
            Some(2) => "activity",
            Some(3) => "template",
            _ => "",
        },
        Some(Value::String(kind)) => kind,
        _ => "",
    }
}

fn message(message: &Value, import: &mut Import) {
    let said = text(message, "content").trim();
    if message.get("private").and_then(Value::as_bool) == Some(true) {
        return import.skipped("a private note");
    }
    match kind(message) {
        "incoming" => {
            for file in list(message, "attachments") {
                import.degraded(&format!("a file `{}`", text(file, "file_type")));
            }
            if said.is_empty() {
                import.skipped("a message without words");
            } else {
                import.says(said);
            }
        }
        "outgoing" | "template" => {
            let sender = message.get("sender").map(|it| text(it, "type")).unwrap_or_default();
            if sender == "user" {
                import.degraded("a reply by a person of the shop");
            }
            import.replied(said);
            let items =
                message.get("content_attributes").map(|it| list(it, "items")).unwrap_or_default();
            let labels: Vec<&str> = items.iter().map(|it| text(it, "title")).collect();
            if !labels.is_empty() {
                import.replied(&format!("[{}]", labels.join("] [")));
            }
            // What the customer chose of them stands in the question.
            let chosen = message.get("content_attributes").map(|it| list(it, "submitted_values"));
            for it in chosen.unwrap_or_default().iter().map(|it| text(it, "title")) {
                if labels.contains(&it) {
                    import.taps(it);
                } else {
                    import.degraded("a filled form");
                }
            }
        }
        "activity" => import.skipped("a notice of Chatwoot"),
        kind => import.skipped(&format!("a message of the kind `{kind}`")),
    }
}
