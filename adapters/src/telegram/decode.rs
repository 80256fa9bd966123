//! JSON of the platform as teloxide's [`Update`], tolerant of what this version does not know.
//!
//! teloxide reads the first field of an update and nothing else, gives a message up for one entity it does
//! not know, and a whole batch for half a surrogate; clients write all of these.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use teloxide::types::{Message, MessageEntity, MessageKind, Update, UpdateKind};

/// What could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unread {
    /// Its number, if that could be read.
    pub(super) id: Option<u32>,
    /// All of it.
    pub(super) raw: String,
    /// What is wrong with it.
    pub(super) why: String,
}

/// The kinds teloxide has a word for.
const KINDS: &[&str] = &[
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
];

/// The fields of a message this channel reads.
const FIELDS: &[&str] = &[
    "message_id",
    "from",
    "chat",
    "date",
    "edit_date",
    "text",
    "caption",
    "photo",
    "document",
    "voice",
    "audio",
    "video",
    "video_note",
    "animation",
    "sticker",
    "location",
    "venue",
    "contact",
    "reply_markup",
];

/// One update.
///
/// # Errors
/// When it can't be read, whatever is left out.
pub(super) fn update(text: &str) -> Result<Update, Unread> {
    #[derive(Deserialize)]
    struct Numbered {
        update_id: u32,
    }
    let value = serde_json::from_str(text).or_else(|_| serde_json::from_str(&scrubbed(text)));
    value.map_or_else(
        |error| {
            let numbered: Option<Numbered> = serde_json::from_str(text).ok();
            let id = numbered.map(|it| it.update_id);
            Err(Unread { id, raw: text.to_owned(), why: error.to_string() })
        },
        |value: Value| known(&value),
    )
}

/// The updates of an answer teloxide could not read; none when it is no answer with updates.
pub(super) fn updates(answer: &str) -> Option<Vec<Result<Update, Unread>>> {
    #[derive(Deserialize)]
    struct Answer<'a> {
        #[serde(borrow)]
        result: Vec<&'a RawValue>,
    }
    let answer: Answer<'_> = serde_json::from_str(answer).ok()?;
    Some(answer.result.into_iter().map(|raw| update(raw.get())).collect())
}

/// An update teloxide gave up.
///
/// # Errors
/// When it can't be read, whatever is left out.
pub(super) fn known(value: &Value) -> Result<Update, Unread> {
    let id = value.get("update_id").and_then(Value::as_u64).and_then(|id| u32::try_from(id).ok());
    let unread = |why: String| Unread { id, raw: value.to_string(), why };
    let kind = value
        .as_object()
        .and_then(|fields| fields.iter().find(|(name, _)| KINDS.contains(&name.as_str())));
    let Some((kind, body)) = kind else { return Err(unread("of a kind nobody knows".to_owned())) };
    let read = |body: Value| {
        // By way of a text: from a value teloxide loses the key it reads first.
        let text = json!({ "update_id": id, kind: body }).to_string();
        let update: Update = serde_json::from_str(&text).ok()?;
        (!matches!(update.kind, UpdateKind::Error(_))).then_some(update)
    };
    let whole = read(body.clone());
    if let Some(update) = whole.as_ref().filter(|update| !is_empty(update)) {
        return Ok(update.clone());
    }
    let plain = read(plain(body)).filter(|update| !is_empty(update));
    plain.or(whole).ok_or_else(|| unread(format!("a malformed {kind}")))
}

/// Whether teloxide read a message and found nothing in it that it knows.
fn is_empty(update: &Update) -> bool {
    let empty = |message: &Message| matches!(message.kind, MessageKind::Empty {});
    match &update.kind {
        UpdateKind::Message(message) | UpdateKind::EditedMessage(message) => empty(message),
        _ => false,
    }
}

/// A message, or what holds one, with nothing but the fields this channel reads.
fn plain(body: &Value) -> Value {
    let Some(fields) = body.as_object() else { return body.clone() };
    if let Some(message) = fields.get("message") {
        let mut fields = fields.clone();
        fields.insert("message".to_owned(), plain(message));
        return Value::Object(fields);
    }
    let known = fields.iter().filter(|(name, _)| FIELDS.contains(&name.as_str()));
    let mut kept: Map<String, Value> =
        known.map(|(name, value)| (name.clone(), value.clone())).collect();
    for name in ["entities", "caption_entities"] {
        let Some(entities) = fields.get(name).and_then(Value::as_array) else { continue };
        let known = |it: &&Value| serde_json::from_value::<MessageEntity>((*it).clone()).is_ok();
        let entities = entities.iter().filter(known).cloned().collect();
        kept.insert(name.to_owned(), Value::Array(entities));
    }
    if let Some(to) = fields.get("reply_to_message") {
        // Whom it answers matters, and not what that said.
        let mut to = plain(to);
        if let Some(fields) = to.as_object_mut() {
            fields
                .retain(|name, _| ["message_id", "from", "chat", "date"].contains(&name.as_str()));
        }
        kept.insert("reply_to_message".to_owned(), to);
    }
    Value::Object(kept)
}

/// The text with every half of a surrogate pair (an emoji somebody's client cut) as U+FFFD.
fn scrubbed(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        clean.push_str(before);
        let unit = unit(escape);
        let pair = unit.filter(|unit| (0xD800..0xDC00).contains(unit)).and_then(|_| {
            let low = escape.get(6..).and_then(self::unit)?;
            (0xDC00..0xE000).contains(&low).then_some(12)
        });
        let half = unit.is_some_and(|unit| (0xD800..0xE000).contains(&unit)) && pair.is_none();
        let length = pair.unwrap_or(if unit.is_some() { 6 } else { 2 }).min(escape.len());
        let length = if escape.is_char_boundary(length) { length } else { 1 };
        let (escape, tail) = escape.split_at(length);
        clean.push_str(if half { "\\ufffd" } else { escape });
        rest = tail;
    }
    clean.push_str(rest);
    clean
}

/// The code unit of a `\uXXXX` at the beginning of a text.
fn unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(update: Result<Update, Unread>) -> String {
        match update.unwrap().kind {
            UpdateKind::Message(message) => message.text().unwrap().to_owned(),
            other => panic!("{other:?}"),
        }
    }

    fn message(inside: &str) -> String {
        let from = r#""from":{"id":5,"is_bot":false,"first_name":"Ada"}"#;
        let chat = r#""chat":{"id":5,"type":"private","first_name":"Ada"}"#;
        format!(r#"{{"message_id":7,"date":1700000000,{from},{chat},{inside}}}"#)
    }

    #[test]
    fn fields_before_after_and_within_that_nobody_knows_lose_nothing() {
        let plain = message(r#""text":"hello""#);
        for known in [
            format!(r#"{{"update_id":1,"message":{plain}}}"#),
            format!(r#"{{"aura":{{}},"update_id":1,"message":{plain},"zeal":3}}"#),
            format!(
                r#"{{"update_id":1,"message":{}}}"#,
                message(
                    r#""text":"hello","forward_origin":{"type":"moon"},
                    "entities":[{"type":"hologram","offset":0,"length":2},{"type":"bold","offset":0,"length":5}]"#
                )
            ),
        ] {
            assert_eq!(text(update(&known)), "hello", "{known}");
        }
        let cut = message(r#""text":"hello \ud83d, \ud83d\ude00 \\ud83d""#);
        assert_eq!(
            text(update(&format!(r#"{{"update_id":1,"message":{cut}}}"#))),
            "hello \u{fffd}, 😀 \\ud83d"
        );
    }

    #[test]
    fn what_cant_be_read_is_told_with_its_number() {
        let deep = format!(r#"{{"update_id":4,"message":{}{}}}"#, "[".repeat(200), "]".repeat(200));
        for (raw, id) in [
            (r#"{"update_id":2,"hologram":{}}"#, Some(2)),
            (r#"{"update_id":3,"message":{"text":"no chat"}}"#, Some(3)),
            (deep.as_str(), Some(4)),
            (r#"{"message":{}}"#, None),
            ("not JSON", None),
            ("", None),
        ] {
            let unread = update(raw).unwrap_err();
            assert_eq!(unread.id, id, "{raw}");
        }
    }

    #[test]
    fn an_answer_with_one_bad_update_gives_the_others() {
        let good = message(r#""text":"hello""#);
        let answer = format!(
            r#"{{"ok":true,"result":[{{"update_id":1,"message":{good}}},{{"update_id":-1}},17,{{"update_id":2,"message":{good}}}]}}"#
        );
        let read = updates(&answer).unwrap();
        assert_eq!(read.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, false, true]);
        assert!(updates("<html>").is_none());
    }
}
