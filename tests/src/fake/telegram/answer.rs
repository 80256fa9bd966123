//! What each method does, and answers.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::check::{self, Refusal};
use super::shown::Shown;
use super::{BOT, Chats};
use crate::fake::loopback::Shared;

pub(super) async fn answer(
    shared: &Arc<Shared<Chats>>,
    method: &str,
    body: &Value,
) -> Result<Value, Refusal> {
    if let Err(refusal) = check::fields(method, body) {
        shared.state().wrong.push(format!("{method}: {}", refusal.1));
        return Err(refusal);
    }
    match method {
        "getme" => Ok(json!({
            "id": BOT.0, "is_bot": true, "first_name": "Shop", "username": BOT.1,
            "can_join_groups": true, "can_read_all_group_messages": false,
            "supports_inline_queries": false, "has_main_web_app": false,
        })),
        "getupdates" => Ok(updates(shared, body).await),
        "setwebhook" => {
            let field = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
            let webhook = (field("url").to_owned(), field("secret_token").to_owned());
            shared.state().webhook = Some(webhook);
            Ok(true.into())
        }
        "deletewebhook" => {
            shared.state().webhook = None;
            Ok(true.into())
        }
        "getwebhookinfo" => {
            let state = shared.state();
            let url = state.webhook.as_ref().map(|(url, _)| url.clone()).unwrap_or_default();
            let pending = state.updates.len();
            Ok(
                json!({ "url": url, "has_custom_certificate": false, "pending_update_count": pending }),
            )
        }
        "editmessagereplymarkup" => edit(&mut shared.state(), body),
        "answercallbackquery" | "sendchataction" => Ok(true.into()),
        _ => sent(shared, body),
    }
}

/// Updates from an offset on: those there are, else those that come.
async fn updates(shared: &Arc<Shared<Chats>>, body: &Value) -> Value {
    let number = |name: &str| body.get(name).and_then(Value::as_i64);
    let (offset, timeout) = (number("offset"), number("timeout").unwrap_or(0));
    {
        let mut state = shared.state();
        if let Some(offset) = offset.filter(|offset| *offset > state.confirmed) {
            state.confirmed = offset;
        }
    }
    shared.changed();
    let patience = Duration::from_secs(u64::try_from(timeout).unwrap_or(0));
    let found = || {
        let mut state = shared.state();
        let from = if state.again > 0 && offset.is_some() { 0 } else { state.confirmed };
        state.again = state.again.saturating_sub(usize::from(offset.is_some()));
        let due = state.updates.iter().filter(|(id, _)| i64::from(*id) >= from);
        let found: Vec<Value> = due.map(|(_, update)| update.clone()).take(100).collect();
        (!found.is_empty()).then_some(Value::Array(found))
    };
    shared.within(patience, found).await.unwrap_or_else(|| json!([]))
}

fn sent(shared: &Arc<Shared<Chats>>, body: &Value) -> Result<Value, Refusal> {
    let now = shared.clock.now();
    let mut state = shared.state();
    let chat = body.get("chat_id").and_then(Value::as_i64).unwrap_or_default();
    if state.shut.contains(&chat) {
        let why = "Forbidden: bot can't initiate conversation with a user";
        return Err((403, why.to_owned(), Value::Null));
    }
    check::pace(&mut state, chat, now)?;
    let count = body.get("media").and_then(Value::as_array).map_or(1, Vec::len);
    let first = state.number(chat, count);
    state.shown.push(Shown::new(chat, first, now, body));
    let message =
        |n: usize| message(chat, first + i32::try_from(n).unwrap_or(0), now.0 / 1_000_000, body);
    let messages: Vec<Value> = (0..count).map(message).collect();
    Ok(match (body.get("media"), messages.into_iter().next()) {
        (None, Some(message)) => message,
        _ => Value::Array((0..count).map(message).collect()),
    })
}

/// A message of the bot, as Telegram tells of it.
pub(super) fn message(chat: i64, number: i32, date: i64, body: &Value) -> Value {
    let place = if chat < 0 {
        json!({ "id": chat, "type": "supergroup", "title": "Group" })
    } else {
        json!({ "id": chat, "type": "private", "first_name": "Customer" })
    };
    let mut message = json!({
        "message_id": number, "date": date, "chat": place,
        "from": { "id": BOT.0, "is_bot": true, "first_name": "Shop", "username": BOT.1 },
    });
    if let Some(fields) = message.as_object_mut() {
        let text = body.get("text").or_else(|| body.get("caption")).cloned().unwrap_or_default();
        fields.insert("text".to_owned(), text);
        if let Some(markup) =
            body.get("reply_markup").filter(|it| it.get("inline_keyboard").is_some())
        {
            fields.insert("reply_markup".to_owned(), markup.clone());
        }
    }
    message
}

fn edit(state: &mut Chats, body: &Value) -> Result<Value, Refusal> {
    let number = |name: &str| body.get(name).and_then(Value::as_i64).unwrap_or_default();
    let (chat, id) = (number("chat_id"), number("message_id"));
    let markup = body.get("reply_markup").cloned();
    let shown = state.shown.iter_mut().find(|it| it.chat == chat && i64::from(it.number) == id);
    let Some(shown) = shown else {
        let why = "Bad Request: message to edit not found".to_owned();
        return Err((400, why, Value::Null));
    };
    shown.press(markup);
    Ok(shown.told())
}

impl Chats {
    /// The next numbers of a chat, of which there are `count`.
    pub(super) fn number(&mut self, chat: i64, count: usize) -> i32 {
        let next = self.next_message.entry(chat).or_insert(1);
        let first = *next;
        *next += i32::try_from(count).unwrap_or(1);
        first
    }
}
