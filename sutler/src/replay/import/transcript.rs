//! Microsoft Bot Framework `.transcript`: a JSON list of activities.

use serde_json::Value;

use super::{Import, ImportError, list, text};

pub(super) fn read(name: &str, file: &str, import: &mut Import) -> Result<(), ImportError> {
    let value: Value = serde_json::from_str(file.trim_start_matches('\u{feff}'))
        .map_err(|error| ImportError(error.to_string()))?;
    let activities = value
        .as_array()
        .ok_or_else(|| ImportError("a transcript is a list of activities".to_owned()))?;
    let mut offered: Vec<String> = Vec::new();
    let mut conversation = None;
    for activity in activities {
        let own = activity.get("conversation").map(|it| text(it, "id").to_owned());
        if own != conversation {
            let id = own.as_deref().unwrap_or_default();
            import.begin(format!("{name} {id}").trim(), "Bot Framework transcript");
            conversation = own;
            offered.clear();
        }
        match text(activity, "type") {
            "message" => message(activity, &mut offered, import),
            kind => import.skipped(&format!("an activity `{kind}`")),
        }
    }
    Ok(())
}

/// By its sender's role; where there is none, a message that answers another is the bot's.
fn is_users(activity: &Value) -> bool {
    let role = activity.get("from").map(|it| text(it, "role")).unwrap_or_default();
    let to = activity.get("recipient").map(|it| text(it, "role")).unwrap_or_default();
    match (role, to) {
        ("user", _) | (_, "bot" | "skill") => true,
        ("bot" | "skill", _) | (_, "user") => false,
        _ => activity.get("replyToId").is_none(),
    }
}

fn message(activity: &Value, offered: &mut Vec<String>, import: &mut Import) {
    let said = text(activity, "text").trim();
    let attachments = list(activity, "attachments");
    if is_users(activity) {
        for attachment in attachments {
            import.degraded(&format!("a file `{}`", text(attachment, "contentType")));
        }
        if said.is_empty() {
            let value = activity.get("value").is_some();
            return import.skipped(if value { "a filled card" } else { "a message without words" });
        }
        return if offered.iter().any(|it| it == said) {
            import.taps(said);
        } else {
            import.says(said);
        };
    }
    import.replied(said);
    let suggested =
        activity.get("suggestedActions").map(|it| list(it, "actions")).unwrap_or_default();
    let cards = attachments.iter().filter_map(|it| it.get("content"));
    let buttons = cards.clone().flat_map(|it| list(it, "buttons")).chain(suggested);
    let labels: Vec<String> = buttons.map(|it| text(it, "title").to_owned()).collect();
    for card in cards {
        let lines = ["title", "subtitle", "text"].map(|name| text(card, name));
        import.replied(&lines.join("\n"));
    }
    for attachment in
        attachments.iter().filter(|it| it.get("content").is_none_or(|it| it.get("body").is_some()))
    {
        import.degraded(&format!("what is shown as `{}`", text(attachment, "contentType")));
    }
    if !labels.is_empty() {
        import.replied(&format!("[{}]", labels.join("] [")));
        *offered = labels;
    }
}
