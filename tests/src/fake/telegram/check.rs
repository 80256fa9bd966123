//! What Telegram would not take: fields, lengths, limits (core.telegram.org/bots/api, /bots/faq).

use std::time::Duration;

use agent_core::time::Micros;
use serde_json::Value;

use super::Chats;

/// A refusal: code, description, `parameters`.
pub(super) type Refusal = (u16, String, Value);

/// The fields each method may have here.
const FIELDS: &[(&str, &[&str])] = &[
    ("getme", &[]),
    ("getupdates", &["offset", "limit", "timeout", "allowed_updates"]),
    ("setwebhook", &["url", "secret_token", "allowed_updates", "max_connections"]),
    ("deletewebhook", &[]),
    ("getwebhookinfo", &[]),
    ("sendmessage", &["text", "entities", "link_preview_options", "reply_markup"]),
    ("sendphoto", &["photo", "caption", "caption_entities", "reply_markup"]),
    ("sendmediagroup", &["media"]),
    ("senddocument", &["document", "caption", "caption_entities"]),
    ("sendchataction", &["action"]),
    ("editmessagereplymarkup", &["message_id", "reply_markup"]),
    ("answercallbackquery", &["callback_query_id"]),
];

/// Checks a call's fields.
///
/// # Errors
/// As Telegram says it.
pub(super) fn fields(method: &str, body: &Value) -> Result<(), Refusal> {
    let bad = |why: &str| Err((400, format!("Bad Request: {why}"), Value::Null));
    let Some((_, known)) = FIELDS.iter().find(|(name, _)| *name == method) else {
        return Err((404, "Not Found".to_owned(), Value::Null));
    };
    let common = ["chat_id", "reply_parameters"];
    let to_chat = method.starts_with("send") || method.starts_with("edit");
    for name in body.as_object().into_iter().flat_map(|fields| fields.keys()) {
        if !(known.contains(&name.as_str()) || to_chat && common.contains(&name.as_str())) {
            return bad(&format!("unknown field {name}"));
        }
    }
    if to_chat && body.get("chat_id").and_then(Value::as_i64).is_none() {
        return bad("chat_id is empty");
    }
    if method == "sendmessage" {
        text(body.get("text"), body.get("entities"), 4_096, "message text")?;
    }
    if body.get("caption").is_some() {
        text(body.get("caption"), body.get("caption_entities"), 1_024, "message caption")?;
    }
    if method == "sendmediagroup" {
        let media = body.get("media").and_then(Value::as_array).map_or(0, Vec::len);
        if !(2..=10).contains(&media) {
            return bad("wrong number of media in an album");
        }
        for one in body.get("media").and_then(Value::as_array).into_iter().flatten() {
            text(one.get("caption"), one.get("caption_entities"), 1_024, "caption")?;
        }
    }
    keyboard(body.get("reply_markup"))
}

fn text(
    words: Option<&Value>,
    entities: Option<&Value>,
    most: usize,
    what: &str,
) -> Result<(), Refusal> {
    let bad = |why: String| Err((400, format!("Bad Request: {why}"), Value::Null));
    let words = words.and_then(Value::as_str).unwrap_or_default();
    let units: Vec<u16> = words.encode_utf16().collect();
    if words.trim().is_empty() {
        return bad(format!("{what} is empty"));
    }
    if units.len() > most {
        return bad(format!("{what} is too long"));
    }
    for entity in entities.and_then(Value::as_array).into_iter().flatten() {
        let number = |name: &str| entity.get(name).and_then(Value::as_u64).unwrap_or(u64::MAX);
        let (from, length) = (number("offset"), number("length"));
        let piece =
            usize::try_from(from).ok().zip(usize::try_from(from.saturating_add(length)).ok());
        let piece = piece.and_then(|(from, to)| units.get(from..to));
        if piece.is_none_or(|piece| piece.is_empty() || String::from_utf16(piece).is_err()) {
            return bad(format!("entity {entity} is not within the {what}"));
        }
    }
    Ok(())
}

fn keyboard(markup: Option<&Value>) -> Result<(), Refusal> {
    let bad = |why: String| Err((400, format!("Bad Request: {why}"), Value::Null));
    let Some(rows) = markup.and_then(|it| it.get("inline_keyboard")).and_then(Value::as_array)
    else {
        return Ok(());
    };
    let rows: Vec<&Vec<Value>> = rows.iter().filter_map(Value::as_array).collect();
    if rows.iter().any(|row| row.is_empty() || row.len() > 8)
        || rows.iter().map(|row| row.len()).sum::<usize>() > 100
    {
        return bad("the keyboard has too many buttons".to_owned());
    }
    for button in rows.into_iter().flatten() {
        let field = |name: &str| button.get(name).and_then(Value::as_str);
        let good = field("text").is_some_and(|text| !text.trim().is_empty());
        let data = field("callback_data").is_some_and(|data| (1..=64).contains(&data.len()));
        let url = field("url").is_some_and(|url| url.starts_with("http") && url.contains('.'));
        if !good || data == url {
            return bad(if field("url").is_some() {
                "BUTTON_URL_INVALID"
            } else {
                "BUTTON_DATA_INVALID"
            }
            .to_owned());
        }
    }
    Ok(())
}

/// Counts what is sent within Telegram's limits.
///
/// # Errors
/// When it is too much; nobody should have asked.
pub(super) fn pace(state: &mut Chats, chat: i64, now: Micros) -> Result<(), Refusal> {
    let within = |seconds: u64, of: Option<i64>| {
        let since = |at: &Micros| now.since(*at) < Duration::from_secs(seconds);
        let counted =
            state.sent.iter().filter(|(at, to)| since(at) && of.is_none_or(|of| of == *to));
        counted.count()
    };
    let broken = if within(1, None) >= 30 {
        Some("30 in a second")
    } else if within(1, Some(chat)) >= 1 {
        Some("1 in a second to one chat")
    } else if chat < 0 && within(60, Some(chat)) >= 20 {
        Some("20 in a minute to one group")
    } else {
        None
    };
    state.sent.push((now, chat));
    let Some(limit) = broken else { return Ok(()) };
    state.wrong.push(format!("more than {limit}, at {now}"));
    let parameters = serde_json::json!({ "retry_after": 3 });
    Err((429, "Too Many Requests: retry after 3".to_owned(), parameters))
}
