//! What the fake Discord knows.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use agent_core::time::Micros;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

/// The token of the bot.
pub const TOKEN: &str = "fake.bot.token";
/// The application and its bot.
pub const APPLICATION: u64 = 900_000_000_000_000_001;
/// The guild.
pub const GUILD: u64 = 800_000_000_000_000_001;
/// The first moment of Discord's ids, in milliseconds.
const EPOCH_MS: i64 = 1_420_070_400_000;
/// For how long a nonce is remembered.
pub(super) const NONCE: Duration = Duration::from_secs(180);
/// For how long an interaction can be answered.
pub(super) const LIFE: Duration = Duration::from_secs(15 * 60);

/// How a request goes wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// It is asked too fast: seconds, and whether that is true of the whole bot.
    TooFast(f64, bool),
    /// A status, and nothing is done.
    Status(u16),
    /// A status with Discord's code, and nothing is done.
    Refused(u16, u64),
    /// It is done, and the answer is lost.
    Lost,
    /// It is done, and no answer ever comes.
    Silent,
}

/// Something a customer sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The customer, and not the bot.
    pub by_customer: bool,
    /// Where: `direct`, `channel`, or `only you` for what nobody else in the channel sees.
    pub place: &'static str,
    /// What stands there, with what can be tapped.
    pub text: String,
}

/// An interaction.
#[derive(Clone, Debug)]
pub(super) struct Interaction {
    pub(super) id: u64,
    pub(super) user: u64,
    pub(super) place: (Option<u64>, u64),
    /// How it was responded to.
    pub(super) deferred: bool,
    pub(super) ephemeral: bool,
    /// The message of the answer.
    pub(super) original: Option<u64>,
}

impl Interaction {
    pub(super) fn new(id: u64, user: u64, place: (Option<u64>, u64)) -> Self {
        Self { id, user, place, deferred: false, ephemeral: false, original: None }
    }
}

/// A session of the gateway: what was told in it.
#[derive(Debug, Default)]
pub(super) struct Session {
    pub(super) told: Vec<Value>,
}

/// Who listens to a session.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) session: String,
    pub(super) frames: mpsc::UnboundedSender<Value>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) address: String,
    pub(super) made: u64,
    /// Everything that stands in channels. `only` is who alone sees it.
    pub(super) messages: Vec<Value>,
    pub(super) directs: BTreeMap<u64, u64>,
    pub(super) interactions: BTreeMap<String, Interaction>,
    pub(super) nonces: BTreeMap<(u64, String), (Micros, Value)>,
    pub(super) faults: VecDeque<(String, Fault)>,
    pub(super) asked: Vec<String>,
    pub(super) complaints: Vec<String>,
    pub(super) sessions: BTreeMap<String, Session>,
    pub(super) connections: Vec<Connection>,
    pub(super) begun: usize,
    pub(super) resumed: usize,
    pub(super) intents: u64,
    pub(super) commands: Value,
    pub(super) application: Map<String, Value>,
    pub(super) closed: bool,
}

impl State {
    /// An id made at this moment.
    pub(super) fn fresh(&mut self, now: Micros) -> u64 {
        self.made += 1;
        let ms = u64::try_from(now.0 / 1_000 - EPOCH_MS).unwrap_or_default();
        ms << 22 | self.made
    }

    /// The channel of direct messages with a user.
    pub(super) fn direct(&mut self, user: u64) -> u64 {
        *self.directs.entry(user).or_insert(user + 1_000_000)
    }

    /// A message of a user, as Discord writes it.
    pub(super) fn message(
        &self,
        id: u64,
        user: u64,
        (guild, channel): (Option<u64>, u64),
        text: &str,
        more: &Value,
    ) -> Value {
        let called = text.contains(&format!("<@{APPLICATION}>"));
        let mut message = json!({
            "id": id.to_string(), "channel_id": channel.to_string(), "content": text, "type": 0,
            "author": person(user), "timestamp": "2026-11-01T00:00:00Z", "edited_timestamp": null,
            "tts": false, "mention_everyone": false, "mention_roles": [], "attachments": [],
            "mentions": if called { json!([person(APPLICATION)]) } else { json!([]) },
            "embeds": [], "pinned": false,
        });
        if let Some(guild) = guild {
            message["guild_id"] = json!(guild.to_string());
            // What is withheld without the intent.
            if self.intents & 1 << 15 == 0 && !called {
                message["content"] = json!("");
            }
        }
        for (key, value) in more.as_object().into_iter().flatten() {
            message[key] = value.clone();
        }
        message
    }

    /// An interaction as Discord writes it.
    pub(super) fn interaction(
        &self,
        id: u64,
        token: &str,
        (user, (guild, channel)): (u64, (Option<u64>, u64)),
        (kind, data): (u8, &Value),
    ) -> Value {
        let mut interaction = json!({
            "id": id.to_string(), "application_id": APPLICATION.to_string(), "type": kind, "token": token,
            "version": 1, "channel_id": channel.to_string(), "data": data, "locale": "en-US",
            "entitlements": [], "attachment_size_limit": 10_485_760, "app_permissions": "0",
        });
        let shown =
            |message: &&Value| data["custom_id"].as_str().is_some_and(|id| holds(message, id));
        if let Some(message) = self.messages.iter().find(shown) {
            interaction["message"] = message.clone();
        }
        match guild {
            None => interaction["user"] = person(user),
            Some(guild) => {
                interaction["guild_id"] = json!(guild.to_string());
                interaction["member"] = json!({
                    "user": person(user), "roles": [], "permissions": "0", "nick": null, "avatar": null,
                    "joined_at": "2026-01-01T00:00:00Z", "deaf": false, "mute": false, "pending": false,
                    "flags": 0,
                });
            }
        }
        interaction
    }

    /// Tells every session something.
    pub(super) fn dispatch(&mut self, kind: &str, value: &Value) {
        for (name, session) in &mut self.sessions {
            let frame = json!({"op": 0, "s": session.told.len() + 1, "t": kind, "d": value});
            session.told.push(frame.clone());
            for connection in self.connections.iter().filter(|it| it.session == *name) {
                let _gone = connection.frames.send(frame.clone());
            }
        }
    }

    /// An interaction is responded to.
    pub(super) fn respond(&mut self, token: &str, response: &Value) {
        let Some(interaction) = self.interactions.get_mut(token) else { return };
        interaction.deferred = response["type"] == 5;
        interaction.ephemeral = response["data"]["flags"] == 64;
        if !interaction.deferred {
            self.complaints.push(format!("an interaction is responded to with {response}"));
        }
    }

    /// Where something with this label is shown to a user, newest first, and what tapping it says.
    pub(super) fn find(&self, user: u64, label: &str) -> Option<((Option<u64>, u64), Value)> {
        self.messages.iter().rev().filter(|message| self.sees(user, message)).find_map(|message| {
            let place = place(message);
            let rows = message["components"].as_array().into_iter().flatten();
            let all = rows.flat_map(|row| row["components"].as_array().into_iter().flatten());
            for component in all {
                let id = &component["custom_id"];
                let named = component["label"]
                    .as_str()
                    .is_some_and(|shown| shown == label || shown.ends_with(&format!(". {label}")));
                if component["type"] == 2 && named && id.is_string() {
                    return Some((place, json!({"component_type": 2, "custom_id": id})));
                }
                let options = component["options"].as_array().into_iter().flatten();
                if let Some(option) = options.into_iter().find(|option| option["label"] == label) {
                    let values = json!([option["value"]]);
                    let data = json!({"component_type": 3, "custom_id": id, "values": values});
                    return Some((place, data));
                }
            }
            None
        })
    }

    fn sees(&self, user: u64, message: &Value) -> bool {
        let only = message["only"].as_u64().is_none_or(|only| only == user);
        let (guild, channel) = place(message);
        only && (guild.is_some() || self.directs.get(&user) == Some(&channel))
    }

    pub(super) fn said(&self, user: u64) -> Vec<Said> {
        let seen = self.messages.iter().filter(|message| self.sees(user, message));
        let shop = APPLICATION.to_string();
        let said = seen.map(|message| Said {
            by_customer: message["author"]["id"] != shop,
            place: match (message["only"].is_u64(), place(message).0) {
                (true, Some(_)) => "only you",
                (false, Some(_)) => "channel",
                (_, None) => "direct",
            },
            text: text(message),
        });
        said.collect()
    }
}

/// Whether a message shows a component.
fn holds(message: &Value, id: &str) -> bool {
    let rows = message["components"].as_array().into_iter().flatten();
    let mut all = rows.flat_map(|row| row["components"].as_array().into_iter().flatten());
    all.any(|component| component["custom_id"] == id)
}

/// The guild and channel of a message.
fn place(message: &Value) -> (Option<u64>, u64) {
    let number = |key: &str| message[key].as_str().and_then(|text| text.parse().ok());
    (number("guild_id"), number("channel_id").unwrap_or_default())
}

/// A message as somebody reads it.
fn text(message: &Value) -> String {
    let mut lines = vec![message["content"].as_str().unwrap_or_default().to_owned()];
    for embed in message["embeds"].as_array().into_iter().flatten() {
        let part = |key: &str| embed[key].as_str().unwrap_or_default().to_owned();
        lines.push(format!("# {}", part("title")));
        lines.extend([part("description"), part("url")]);
        lines.extend(embed["thumbnail"]["url"].as_str().map(|url| format!("({url})")));
    }
    for row in message["components"].as_array().into_iter().flatten() {
        let shown = row["components"].as_array().into_iter().flatten().map(|component| {
            let word = |key: &str| component[key].as_str().unwrap_or_default();
            let options = component["options"].as_array().into_iter().flatten();
            let options: Vec<&str> =
                options.filter_map(|option| option["label"].as_str()).collect();
            match (component["url"].as_str(), options.is_empty()) {
                (Some(url), _) => format!("[{}]({url})", word("label")),
                (None, true) => format!("[{}]", word("label")),
                (None, false) => format!("[{} ▾ {}]", word("placeholder"), options.join(" / ")),
            }
        });
        lines.push(shown.collect::<Vec<_>>().join(" "));
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

pub(super) fn person(id: u64) -> Value {
    json!({
        "id": id.to_string(), "username": format!("user{id}"), "discriminator": "0", "avatar": null,
        "bot": id == APPLICATION,
    })
}
