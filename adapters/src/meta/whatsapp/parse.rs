//! What WhatsApp's webhooks tell: an entry with its changes, by their field.

use std::collections::BTreeMap;

use agent_core::digest::Digest;
use agent_core::message::{Control, Inbound, InboundKind, Purpose};
use agent_core::time::Micros;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{KIND, account, message, status};
use crate::meta::loose::{fields, items, moment, text, time, value};
use crate::meta::news::{News, Of, Place, Reading, What, control, notice, notice_of_customer};
use crate::meta::parse::{id, unread};
use crate::meta::standby::STANDBY;

/// One change as its readers see it.
#[derive(Debug)]
pub(super) struct Change<'a> {
    /// The number it is for.
    pub(super) place: Place<'a>,
    /// The people it names.
    pub(super) contacts: Vec<Value>,
    /// When its entry was told, where that says so.
    pub(super) told: Option<Micros>,
    pub(super) reading: Reading,
}

/// Reads an entry.
pub(crate) fn entry(raw: &RawValue, reading: Reading, news: &mut Vec<News>) {
    let entry = fields(raw);
    let business = id(&entry);
    let time = entry.get("time").and_then(|raw| value(raw)).unwrap_or_default();
    let at = moment(&time, "").map(|at| at.min(reading.now));
    for change in items(entry.get("changes")) {
        let change = fields(change);
        let field = change.get("field").and_then(|raw| serde_json::from_str(raw.get()).ok());
        let field: String = field.unwrap_or_default();
        let Some(told) = change.get("value") else {
            let what = What::Nothing(format!("{field} without a value"));
            news.push(News { of: Of::Business(business.clone(), None), what });
            continue;
        };
        let parts = fields(told);
        // Of who answers in a chat it is told as of a message to the number.
        let number = ["metadata", "recipient"].into_iter().find_map(|key| {
            let it = parts.get(key).and_then(|raw| value(raw))?;
            text(&it, "/phone_number_id")
        });
        match number {
            Some(number) => {
                let contacts = items(parts.get("contacts")).into_iter().filter_map(value);
                let place = Place { channel: KIND, account: &number };
                let change = Change { place, contacts: contacts.collect(), told: at, reading };
                of_number(&field, &change, &parts, told, news);
            }
            None => {
                news.push(account::read(&field, &business, at.unwrap_or(reading.now), told));
            }
        }
    }
}

fn of_number(
    field: &str,
    change: &Change<'_>,
    parts: &BTreeMap<String, &RawValue>,
    told: &RawValue,
    news: &mut Vec<News>,
) {
    let of = || Of::Number(change.place.account.to_owned());
    let mut each = |key: &str, read: &mut dyn FnMut(&Value, &mut Vec<What>)| {
        for raw in items(parts.get(key)) {
            match value(raw) {
                Some(value) => {
                    let mut whats = Vec::new();
                    read(&value, &mut whats);
                    news.extend(whats.into_iter().map(|what| News { of: of(), what }));
                }
                None => news.push(unread(of(), &format!("{key} of {field}"), raw)),
            }
        }
    };
    match field {
        "messages" | "" => {
            each("messages", &mut |it, whats| whats.extend(message::read(it, change)));
            each("statuses", &mut |it, whats| whats.extend(status::read(it, change)));
            each("errors", &mut |it, whats| {
                let facts = notice("error", it);
                whats.push(account::told("error", &facts, change));
            });
        }
        "smb_message_echoes" => each("message_echoes", &mut |it, whats| {
            whats.push(echo(it, change, Some(change.reading.now)));
        }),
        "user_preferences" => each(field, &mut |it, whats| whats.push(preference(it, change))),
        "user_id_update" => each(field, &mut |it, whats| whats.push(renamed(it, change))),
        "standby" => {
            let Some(standby) = parts.get("standby") else { return };
            of_standby(standby, change, &of(), news);
        }
        "messaging_handovers" => {
            let what =
                value(told).map_or(What::Nothing(field.to_owned()), |it| handed(&it, change));
            news.push(News { of: of(), what });
        }
        // Calls, groups, flows, the history of a phone that was connected: nothing an agent answers.
        _ => news.push(News { of: of(), what: What::Nothing(field.to_owned()) }),
    }
}

/// Somebody else answers in this chat: what is said there is kept, and not answered.
fn of_standby(raw: &RawValue, change: &Change<'_>, of: &Of, news: &mut Vec<News>) {
    let parts = fields(raw);
    let contacts = items(parts.get("contacts")).into_iter().filter_map(value);
    let contacts = change.contacts.iter().cloned().chain(contacts).collect();
    let change = Change { place: change.place.clone(), contacts, ..*change };
    let mut push = |what| news.push(News { of: of.clone(), what });
    for raw in items(parts.get("messages")) {
        let Some(message) = value(raw) else {
            push(unread(of.clone(), "a message in standby", raw).what);
            continue;
        };
        for what in message::read(&message, &change) {
            if let What::Chat(inbound) = &what {
                let command = Control::TakeOver { until: None };
                push(What::Chat(Inbound {
                    id: format!("{STANDBY}/{}", inbound.id).into(),
                    aliases: inbound.aliases.clone(),
                    kind: control(STANDBY, command),
                    reply_to: None,
                    referral: None,
                    ..inbound.clone()
                }));
            }
            push(what);
        }
    }
    for raw in items(parts.get("message_echoes")) {
        match value(raw) {
            Some(it) => push(echo(&it, &change, None)),
            None => push(unread(of.clone(), "an echo in standby", raw).what),
        }
    }
    for _ in items(parts.get("statuses")) {
        push(What::Nothing("status in standby".to_owned()));
    }
}

/// What the shop said by other means: the phone's app, or whoever answers in standby, without an end.
fn echo(it: &Value, change: &Change<'_>, until: Option<Micros>) -> What {
    // In standby the whole request of the send stands in `message`.
    let body =
        it.pointer("/message").filter(|inner| inner.pointer("/type").is_some()).unwrap_or(it);
    let first = |paths: [&str; 4]| paths.iter().find_map(|path| text(it, path));
    let to = first(["/to", "/message/to", "/to_user_id", "/message/recipient"]);
    let (Some(id), Some(to)) = (text(it, "/id"), to) else {
        return What::Nothing("echo without id or customer".to_owned());
    };
    let kind = text(body, "/type").unwrap_or_default();
    if matches!(kind.as_str(), "edit" | "revoke" | "reaction") {
        return What::Nothing(format!("echo of {kind}"));
    }
    let words = message::words(body).unwrap_or_else(|| format!("[{kind}]"));
    let at = time(it, "/timestamp", change.reading.now);
    let names: Vec<String> = std::iter::once(to).chain(text(it, "/to_user_id")).collect();
    let by = if until.is_some() { "person" } else { STANDBY };
    let said = control(by, Control::Said { text: words, until });
    What::Chat(change.place.inbound(&names, id, at, said))
}

/// What somebody wants of marketing, said to the platform.
fn preference(it: &Value, change: &Change<'_>) -> What {
    let names: Vec<String> = ["/wa_id", "/user_id"].iter().filter_map(|p| text(it, p)).collect();
    let (Some(first), Some(wish)) = (names.first(), text(it, "/value")) else {
        return What::Nothing("preference without customer or value".to_owned());
    };
    let given = match wish.as_str() {
        "stop" => false,
        "resume" | "signup" => true,
        _ => return What::Nothing(format!("preference {wish}")),
    };
    let at = time(it, "/timestamp", change.reading.now);
    let id = format!("preference/{first}/{wish}/{}", at.0);
    let kind = InboundKind::Consent { purpose: Purpose::Marketing, given };
    What::Chat(change.place.inbound(&names, id, at, kind))
}

/// Somebody has another id.
fn renamed(it: &Value, change: &Change<'_>) -> What {
    let at = time(it, "/timestamp", change.reading.now);
    let of = |path: &str| text(it, path);
    let old = [of("/user_id/previous"), of("/parent_user_id/previous")];
    let new = [of("/wa_id"), of("/user_id/current"), of("/parent_user_id/current")];
    message::identity(old.into_iter().flatten(), new.into_iter().flatten(), at, &change.place)
        .unwrap_or_else(|| What::Nothing("id change without ids".to_owned()))
}

/// Who answers in a chat changed. The shape is not settled in public: only what is plain is believed.
fn handed(it: &Value, change: &Change<'_>) -> What {
    let names: Vec<String> = [
        "/sender/phone_number",
        "/sender/wa_id",
        "/sender/user_id",
        "/sender/id",
        "/wa_id",
        "/user_id",
    ]
    .iter()
    .filter_map(|path| text(it, path))
    .collect();
    let told = it.to_string();
    let passed = told.contains("control_passed") || told.contains("pass_thread_control");
    let taken = told.contains("control_taken") || told.contains("take_thread_control");
    let unclear = || {
        let notice = notice_of_customer("hand-over", it);
        account::told("messaging_handovers", &notice, change)
    };
    let command = match (passed, taken) {
        (true, false) => Control::GiveBack,
        (false, true) => Control::TakeOver { until: None },
        _ => return unclear(),
    };
    if names.is_empty() {
        return unclear();
    }
    let now = change.reading.now;
    let told_at = moment(it, "/timestamp").or(change.told);
    // Told again it is the same, as its own time or its entry's shows; without any, as long as the hour is.
    let when = told_at.map_or(now.0 / 3_600_000_000, |at| at.0);
    let id = format!("handover/{when}/{}", Digest::of(told.as_bytes()));
    let at = told_at.unwrap_or(now).min(now);
    What::Chat(change.place.inbound(&names, id, at, control("platform", command)))
}
