//! OpenAI chat: a conversation a line, `{"messages": […]}`, as fine-tuning files, batches and logs of chat
//! completions have it.

use serde_json::Value;

use super::{Import, ImportError, list, text};

pub(super) fn read(name: &str, file: &str, import: &mut Import) -> Result<(), ImportError> {
    // A file that is one JSON value is a conversation, or a list of them, written over several lines.
    if let Ok(whole) = serde_json::from_str::<Value>(file) {
        let several = whole.as_array().filter(|it| it.iter().all(|it| !messages(it).is_empty()));
        let several = several.map_or_else(|| std::slice::from_ref(&whole), Vec::as_slice);
        let mut numbered = (1..).zip(several);
        return numbered
            .try_for_each(|(n, it)| conversation((name, "conversation", n), it, import));
    }
    for (n, line) in (1..).zip(file.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let value: Value = serde_json::from_str(line)
            .map_err(|error| ImportError(format!("line {n}: {error}")))?;
        conversation((name, "line", n), &value, import)?;
    }
    Ok(())
}

/// The messages of a conversation: bare, or in the request of a batch or a log.
fn messages(value: &Value) -> &[Value] {
    let held = ["body", "request", "input"].into_iter().filter_map(|name| value.get(name));
    let lists = std::iter::once(value).chain(held).map(|it| list(it, "messages"));
    lists.into_iter().find(|it| !it.is_empty()).unwrap_or_default()
}

fn conversation(
    (name, what, n): (&str, &str, usize),
    value: &Value,
    import: &mut Import,
) -> Result<(), ImportError> {
    let messages = value.as_array().map_or_else(|| messages(value), Vec::as_slice);
    if messages.is_empty() {
        return Err(ImportError(format!("{what} {n}: there is no list `messages`")));
    }
    import.begin(&format!("{name} {n}"), "OpenAI chat");
    messages.iter().for_each(|it| message(it, import));
    // A log has the answer beside the request.
    let response = value.get("response").unwrap_or(value);
    let response = response.get("body").unwrap_or(response);
    let answer = list(response, "choices").first().and_then(|choice| choice.get("message"));
    answer.into_iter().for_each(|it| message(it, import));
    Ok(())
}

fn message(message: &Value, import: &mut Import) {
    match text(message, "role") {
        "user" => {
            let said = content(message, import);
            if said.is_empty() {
                import.skipped("a message without words");
            } else {
                import.says(&said);
            }
        }
        "assistant" => {
            let said = content(message, import);
            import.replied(&said);
            for call in list(message, "tool_calls") {
                let function = call.get("function").unwrap_or(call);
                called(function, import);
            }
            if let Some(call) = message.get("function_call").filter(|it| it.is_object()) {
                called(call, import);
            }
        }
        "tool" | "function" => import.skipped("the result of a tool: ours are asked anew"),
        "system" | "developer" => import.skipped("a prompt of another agent"),
        role => import.skipped(&format!("a message of the role `{role}`")),
    }
}

/// Arguments are JSON inside of a text; what is not, is kept as text.
fn called(function: &Value, import: &mut Import) {
    let arguments = match function.get("arguments") {
        Some(Value::String(arguments)) => serde_json::from_str(arguments).unwrap_or_else(|_| {
            import.degraded("arguments that are no JSON");
            Value::Null
        }),
        other => other.cloned().unwrap_or_default(),
    };
    import.called(text(function, "name"), &arguments);
}

/// The words: a text, or a list of parts of which some are.
fn content(message: &Value, import: &mut Import) -> String {
    match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            let mut said = Vec::new();
            for part in parts {
                match text(part, "type") {
                    "text" | "input_text" | "output_text" => {
                        said.push(text(part, "text").to_owned());
                    }
                    "refusal" => said.push(text(part, "refusal").to_owned()),
                    kind => import.degraded(&format!("a part `{kind}`")),
                }
            }
            said.join("\n")
        }
        _ => String::new(),
    }
}
