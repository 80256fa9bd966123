//! Messages of content blocks: `{"messages": […]}` as a whole file or a line each, or a session of a message a line,
//! bare or as `{"type": "user", "message": {…}}`.

use serde_json::Value;

use super::{Import, ImportError, list, text};

pub(super) fn read(name: &str, file: &str, import: &mut Import) -> Result<(), ImportError> {
    if let Ok(whole) = serde_json::from_str::<Value>(file) {
        let several =
            whole.as_array().filter(|it| it.iter().any(|it| it.get("messages").is_some()));
        match several {
            Some(several) => {
                let named = several.iter().enumerate();
                named.for_each(|(n, it)| conversation(&format!("{name} {}", n + 1), it, import));
            }
            None => conversation(name, &whole, import),
        }
        return Ok(());
    }
    let mut session = false;
    for (n, line) in file.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let n = n + 1;
        let value: Value = serde_json::from_str(line)
            .map_err(|error| ImportError(format!("line {n}: {error}")))?;
        if value.get("messages").is_some() {
            conversation(&format!("{name} {n}"), &value, import);
            continue;
        }
        if !session {
            import.begin(name, "content blocks");
            session = true;
        }
        let inner = value.get("message").filter(|it| it.is_object()).unwrap_or(&value);
        // A session names who speaks outside of the message too, or only there.
        let by = [text(inner, "role"), text(&value, "type")];
        match by.into_iter().find(|it| matches!(*it, "user" | "assistant")) {
            Some(by) => message(by, inner, import),
            None => import.skipped(&format!("a line of the type `{}`", text(&value, "type"))),
        }
    }
    Ok(())
}

fn conversation(name: &str, value: &Value, import: &mut Import) {
    import.begin(name, "content blocks");
    if value.get("system").is_some() {
        import.skipped("a prompt of another agent");
    }
    let messages = value.as_array().map_or_else(|| list(value, "messages"), Vec::as_slice);
    messages.iter().for_each(|it| message(text(it, "role"), it, import));
}

fn message(by: &str, message: &Value, import: &mut Import) {
    let user = by == "user";
    let blocks = match message.get("content") {
        Some(Value::String(text)) => vec![serde_json::json!({ "type": "text", "text": text })],
        Some(Value::Array(blocks)) => blocks.clone(),
        _ => return import.skipped("a message without content"),
    };
    let mut said = Vec::new();
    for block in &blocks {
        match text(block, "type") {
            "text" => said.push(text(block, "text")),
            "tool_use" | "server_tool_use" => {
                let input = block.get("input").cloned().unwrap_or_default();
                if user {
                    import.skipped("a call by the customer");
                } else {
                    import.called(text(block, "name"), &input);
                }
            }
            "tool_result" => import.skipped("the result of a tool: ours are asked anew"),
            "thinking" | "redacted_thinking" => import.skipped("thoughts of another agent"),
            kind => import.degraded(&format!("a block `{kind}`")),
        }
    }
    let said = said.join("\n");
    match (user, said.is_empty()) {
        (true, false) => import.says(&said),
        (false, false) => import.replied(&said),
        (_, true) => {}
    }
}
