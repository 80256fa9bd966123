//! What others published of Meta's webhooks through the reader, where it lies beside the repository: each is its kind.

use std::collections::BTreeMap;

use agent_core::time::Micros;
use reqwest::StatusCode;
use serde_json::Value;

use super::errors::Class;
use super::graph::{CallError, read};
use super::loose::text;
use super::news::{News, Reading, What};
use super::parse::parse;

/// The word of what was read.
fn word(what: &What) -> String {
    match what {
        What::Chat(inbound) => match serde_json::to_value(&inbound.kind).unwrap() {
            Value::Object(kind) => kind.keys().next().unwrap().clone(),
            kind => kind.to_string(),
        },
        What::Account { .. } => "account".to_owned(),
        What::Unread { .. } => "unread".to_owned(),
        What::Nothing(_) => "nothing".to_owned(),
    }
}

fn all<'a>(value: &'a Value, path: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(path).and_then(Value::as_array).into_iter().flatten()
}

/// What a message of WhatsApp may be read as.
fn of_message(it: &Value) -> &'static [&'static str] {
    match it["type"].as_str().unwrap_or_default() {
        _ if it.get("group_id").is_some() => &["nothing"],
        "text" => &["text", "enquiry"],
        "image" | "video" | "document" | "sticker" | "audio" | "voice" => &["media"],
        // Some say what is to be put there.
        "location" if it.pointer("/location/latitude").is_some_and(Value::is_string) => {
            &["location", "unsupported"]
        }
        "location" => &["location"],
        "contacts" => &["contact"],
        "button" => &["text", "tap"],
        "interactive" => match it["interactive"]["type"].as_str() {
            Some("button_reply" | "list_reply") => &["text", "tap"],
            Some("nfm_reply") => &["form", "unsupported"],
            _ => &["unsupported"],
        },
        "order" => &["order"],
        "reaction" => &["reaction"],
        "edit" => &["edit"],
        "revoke" => &["delete"],
        "system" => &["identity", "nothing"],
        "request_welcome" => &["nothing"],
        _ => &["unsupported"],
    }
}

/// What a change of WhatsApp's may be read as, one set for each thing in it.
fn of_change(change: &Value) -> Vec<&'static [&'static str]> {
    let value = &change["value"];
    let mut sets: Vec<&'static [&'static str]> = Vec::new();
    match change["field"].as_str().unwrap_or_default() {
        "messages" => {
            sets.extend(all(value, "/messages").map(of_message));
            sets.extend(all(value, "/statuses").map(|_| &["status", "event", "nothing"][..]));
            sets.extend(all(value, "/errors").map(|_| &["account"][..]));
        }
        "standby" => {
            sets.extend(all(value, "/standby/messages").map(of_message));
            sets.extend(all(value, "/standby/message_echoes").map(|_| &["control"][..]));
            sets.extend(all(value, "/standby/statuses").map(|_| &["nothing"][..]));
        }
        "smb_message_echoes" => {
            let echoes = all(value, "/message_echoes");
            sets.extend(echoes.map(|it| match it["type"].as_str() {
                Some("edit" | "revoke" | "reaction") => &["nothing"][..],
                _ => &["control"][..],
            }));
        }
        "user_preferences" => sets.push(&["consent"]),
        "user_id_update" => sets.push(&["identity"]),
        "messaging_handovers" => sets.push(&["control", "account"]),
        _ => sets.push(&["account", "nothing"]),
    }
    sets
}

/// What an event of Messenger's or Instagram's may be read as.
fn of_event(it: &Value) -> &'static [&'static str] {
    let has = |path: &str| it.pointer(path).is_some_and(|it| *it != Value::Bool(false));
    let first = ["message", "postback", "referral", "optin", "reaction", "read", "messaging_seen"];
    match first.into_iter().find(|key| it.get(*key).is_some()) {
        Some("message") if has("/message/is_echo") => &["control", "status"],
        Some("message") if has("/message/is_deleted") => &["delete"],
        Some("message") if has("/message/is_unsupported") => &["unsupported"],
        Some("message") if has("/message/text") => &["text", "tap", "enquiry"],
        Some("message") => &["media", "location", "enquiry", "text", "unsupported"],
        Some("postback") => &["text", "tap"],
        Some("referral") => &["unsupported"],
        Some("optin") => &["consent", "nothing"],
        Some("reaction") => &["reaction"],
        Some("read" | "messaging_seen") => &["receipt"],
        _ if it.get("delivery").is_some() => &["receipt"],
        _ if it.get("message_edit").is_some() => &["edit"],
        _ => &["control", "account", "nothing"],
    }
}

fn expected(body: &Value) -> Vec<&'static [&'static str]> {
    let mut sets = Vec::new();
    for entry in all(body, "/entry") {
        if body["object"] == "whatsapp_business_account" {
            sets.extend(all(entry, "/changes").flat_map(of_change));
        } else {
            sets.extend(all(entry, "/messaging").chain(all(entry, "/standby")).map(of_event));
            sets.extend(all(entry, "/changes").map(|_| &["nothing"][..]));
        }
    }
    sets
}

fn check(name: &str, bytes: &[u8]) {
    let news = parse(bytes, Reading { now: Micros(1_793_491_200_000_000) });
    if matches!(name, "truncated-json.json" | "wrong-object.json") {
        assert!(news.is_err(), "{name}");
        return;
    }
    if name == "netflie-return-null-when-payload-is-empty.json" {
        return;
    }
    let news: Vec<News> = news.unwrap_or_else(|error| panic!("{name}: {error}"));
    let words: Vec<String> = news.iter().map(|news| word(&news.what)).collect();
    assert!(!words.contains(&"unread".to_owned()), "{name}: {news:?}");
    // Some hold what no parser but a lenient one takes: for those it is enough that nothing is lost.
    let Ok(body) = serde_json::from_slice::<Value>(bytes) else {
        assert!(!words.is_empty(), "{name}");
        return;
    };
    let mut words = words.iter();
    for set in expected(&body) {
        // What is in standby is told with whose the chat is, and a status with what it says of the account.
        let found = words.any(|word| set.contains(&word.as_str()));
        assert!(found, "{name}: no {set:?} in {news:?}");
    }
}

#[test]
fn answers_that_others_published_are_taken_or_have_their_class() {
    let Ok(files) = std::fs::read_dir("../../shared/fixtures/whatsapp-response") else { return };
    let mut refused = BTreeMap::new();
    for file in files {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        // `error-429-131056` is that code under that status.
        let mut told = name.strip_prefix("error-").into_iter().flat_map(|it| it.split('-'));
        let status = told.next().map_or(200, |status| status.parse().unwrap());
        let status = StatusCode::from_u16(status).unwrap();
        match read(status, &std::fs::read(&path).unwrap(), None) {
            Ok(answer) => {
                let id = text(&answer, "/messages/0/id").is_some_and(|id| !id.is_empty());
                assert!(status.is_success() && (id || answer["success"] == true), "{name}");
            }
            Err(CallError::Refused(error, None)) => {
                assert_eq!(told.next(), Some(error.code.to_string().as_str()), "{name}");
                refused.insert(error.code, error.class());
            }
            Err(other) => panic!("{name}: {other}"),
        }
    }
    let expected = BTreeMap::from([
        (190, Class::Unauthorized),
        (368, Class::Stopped),
        (130_429, Class::NumberSlower),
        (131_047, Class::WindowClosed),
        (131_056, Class::PairSlower),
        (131_062, Class::Recipient),
    ]);
    assert_eq!(refused, expected);
}

#[test]
fn what_others_published_is_its_kind() {
    let mut seen = 0;
    for folder in ["whatsapp", "whatsapp-edge", "messenger", "instagram"] {
        let Ok(files) = std::fs::read_dir(format!("../../shared/fixtures/{folder}")) else {
            continue;
        };
        for file in files {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            check(&name, &std::fs::read(&path).unwrap());
            seen += 1;
        }
    }
    assert!(seen == 0 || seen > 150, "{seen}");
}
