//! The REST side.

use std::sync::Arc;

use agent_core::time::Micros;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, Response, StatusCode};
use axum::routing::get;
use serde_json::{Value, json};

use super::state::{
    APPLICATION, Fault, GUILD, Interaction, LIFE, NONCE, State as Known, TOKEN, person,
};
use super::{Server, check};

/// A status and a body.
type Answer = (u16, Value);

pub(super) fn routes() -> Router<Arc<Server>> {
    Router::new()
        .route("/api/v10/gateway", get(gateway))
        .route("/api/v10/{*path}", get(asked).post(asked).patch(asked).put(asked).delete(asked))
}

async fn gateway(State(server): State<Arc<Server>>) -> String {
    json!({"url": format!("ws://{}/gw", server.state().address)}).to_string()
}

async fn asked(State(server): State<Arc<Server>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
    let path = parts.uri.path().trim_start_matches("/api/v10").to_owned();
    let line = format!("{} {path}", parts.method);
    let signed = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
    let signed = signed == Some(&format!("Bot {TOKEN}"));
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let (answer, fault) = {
        let mut state = server.state();
        state.asked.push(line.clone());
        let at = state.faults.iter().position(|(request, _)| line.starts_with(request));
        let fault = at.and_then(|at| state.faults.remove(at)).map(|(_, fault)| fault);
        let body = serde_json::from_slice(&body).unwrap_or_default();
        let answer = match &fault {
            Some(Fault::TooFast(after, global)) => too_fast(*after, *global),
            Some(Fault::Status(status)) => (*status, json!({"message": "told to fail", "code": 0})),
            Some(Fault::Refused(status, code)) => {
                (*status, json!({"message": "told to refuse", "code": code}))
            }
            _ if !signed => (401, json!({"message": "401: Unauthorized", "code": 0})),
            _ => state.answer(server.clock.now(), &parts.method, &path, (&query, &body)),
        };
        (answer, fault)
    };
    server.changed();
    match fault {
        Some(Fault::Silent) => std::future::pending().await,
        Some(Fault::Lost) => respond((502, json!({"message": "the answer is lost"}))),
        _ => respond(answer),
    }
}

fn respond((status, body): Answer) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body =
        if status == StatusCode::NO_CONTENT { Body::empty() } else { Body::from(body.to_string()) };
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(body).unwrap_or_default()
}

fn too_fast(after: f64, global: bool) -> Answer {
    let said = "You are being rate limited.";
    (429, json!({"message": said, "retry_after": after, "global": global}))
}

fn unknown(code: u64, message: &str) -> Answer {
    (404, json!({"message": message, "code": code}))
}

impl Known {
    fn answer(
        &mut self,
        now: Micros,
        method: &Method,
        path: &str,
        (query, body): (&str, &Value),
    ) -> Answer {
        let steps: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (method.as_str(), steps.as_slice()) {
            ("GET", ["users", "@me"]) => (200, person(APPLICATION)),
            ("GET", ["applications", "@me"]) => (200, self.set_up()),
            ("PUT", ["applications", id, "commands"]) if *id == APPLICATION.to_string() => {
                self.register(body)
            }
            ("POST", ["users", "@me", "channels"]) => self.open_direct(body),
            ("GET", ["channels", channel, "messages"]) => self.history(channel, query),
            ("POST", ["channels", channel, "messages"]) => self.post(now, channel, body),
            ("POST", ["interactions", id, token, "callback"]) => self.callback(id, token, body),
            ("POST", ["webhooks", _, token]) => self.follow_up(now, token, body),
            (method, ["webhooks", app, token, "messages", "@original"]) => {
                if *app != APPLICATION.to_string() {
                    return unknown(10_002, "Unknown Application");
                }
                self.original(now, method, token, body)
            }
            _ => self.complain(404, &format!("{method} {path}")),
        }
    }

    fn complain(&mut self, status: u16, what: &str) -> Answer {
        self.complaints.push(what.to_owned());
        (status, json!({"message": what, "code": 50_035}))
    }

    fn set_up(&self) -> Value {
        let mut application = json!({
            "id": APPLICATION.to_string(), "name": "The shop", "flags": 1 << 19, "verify_key": "",
            "interactions_endpoint_url": null, "bot_public": true,
        });
        for (field, value) in &self.application {
            application[field] = value.clone();
        }
        application
    }

    fn register(&mut self, body: &Value) -> Answer {
        let commands = body.as_array().cloned().unwrap_or_default();
        let fine = |command: &Value| {
            let word = |key: &str| command[key].as_str().unwrap_or_default();
            let name =
                word("name").chars().all(|c| c.is_ascii_lowercase()) && word("name").len() <= 32;
            name && (1..=100).contains(&word("description").chars().count())
        };
        if !commands.iter().all(fine) {
            return self.complain(400, &format!("commands {body}"));
        }
        self.commands = body.clone();
        let mut told = commands;
        for (n, command) in (1..).zip(&mut told) {
            command["id"] = json!(format!("{n}"));
        }
        (200, Value::Array(told))
    }

    fn open_direct(&mut self, body: &Value) -> Answer {
        let user = body["recipient_id"].as_str().and_then(|id| id.parse().ok());
        let Some(user) = user else { return self.complain(400, &format!("direct {body}")) };
        (200, json!({"id": self.direct(user).to_string(), "type": 1}))
    }

    /// The messages after one, the newest first: of those that are there, the oldest page.
    fn history(&mut self, channel: &str, query: &str) -> Answer {
        let asked = |key: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(name, _)| *name == key).and_then(|(_, value)| value.parse::<u64>().ok())
        };
        let (Some(after), Some(limit @ 1..=100)) = (asked("after"), asked("limit")) else {
            return self.complain(400, &format!("messages of {channel} by {query}"));
        };
        let id = |message: &Value| message["id"].as_str().and_then(|id| id.parse::<u64>().ok());
        let there = self.messages.iter().filter(|message| {
            message["channel_id"] == channel
                && message["only"].is_null()
                && id(message) > Some(after)
        });
        let mut there: Vec<Value> = there.cloned().collect();
        there.sort_by_key(id);
        there.truncate(usize::try_from(limit).unwrap_or_default());
        there.reverse();
        for message in &mut there {
            // Asked for over REST, a message does not say in which guild it is.
            message.as_object_mut().map(|fields| fields.remove("guild_id"));
        }
        (200, Value::Array(there))
    }

    fn post(&mut self, now: Micros, channel: &str, body: &Value) -> Answer {
        let checked = check::message(body).and_then(|()| check::keyed(body));
        let nonce = match checked {
            Ok(nonce) => nonce,
            Err(what) => return self.complain(400, &format!("{what}: {body}")),
        };
        let Ok(channel) = channel.parse::<u64>() else {
            return unknown(10_003, "Unknown Channel");
        };
        let direct = self.directs.values().any(|direct| *direct == channel);
        if direct && self.closed {
            return (403, json!({"message": "Cannot send messages to this user", "code": 50_007}));
        }
        let key = (channel, nonce);
        let known = self.nonces.get(&key).filter(|(at, _)| now.since(*at) < NONCE);
        if let Some((_, message)) = known {
            return (200, message.clone());
        }
        let place = (Some(GUILD).filter(|_| !direct), channel);
        let message = self.show(now, place, None, body);
        self.nonces.insert(key, (now, message.clone()));
        (200, message)
    }

    /// A message of the bot's stands in a channel.
    fn show(
        &mut self,
        now: Micros,
        (guild, channel): (Option<u64>, u64),
        only: Option<u64>,
        body: &Value,
    ) -> Value {
        let id = self.fresh(now);
        let mut message = self.message(id, APPLICATION, (None, channel), "", &json!({}));
        if let Some(guild) = guild {
            message["guild_id"] = json!(guild.to_string());
        }
        fill(&mut message, body);
        message["only"] = json!(only);
        self.messages.push(message.clone());
        message
    }

    fn callback(&mut self, id: &str, token: &str, body: &Value) -> Answer {
        let known = self.interactions.get(token).filter(|it| it.id.to_string() == id);
        match known.map(|interaction| interaction.deferred) {
            None => unknown(10_062, "Unknown interaction"),
            Some(true) => {
                let message = "Interaction has already been acknowledged.";
                (400, json!({"message": message, "code": 40_060}))
            }
            Some(false) => {
                self.respond(token, body);
                (204, Value::Null)
            }
        }
    }

    /// An interaction that may still be answered.
    fn open(&self, now: Micros, token: &str) -> Option<Interaction> {
        let known = self.interactions.get(token)?;
        let born = Micros(i64::try_from(known.id >> 22).ok()? * 1_000 + 1_420_070_400_000_000);
        (known.deferred && now.since(born) < LIFE).then(|| known.clone())
    }

    fn original(&mut self, now: Micros, method: &str, token: &str, body: &Value) -> Answer {
        let Some(interaction) = self.open(now, token) else {
            return unknown(10_015, "Unknown Webhook");
        };
        let original = interaction.original.map(|id| id.to_string());
        let is = |message: &Value| original.as_ref().is_some_and(|id| message["id"] == *id);
        let at = self.messages.iter().position(is);
        match (method, at) {
            ("GET", None) => (200, json!({"id": "1", "content": "", "flags": 128})),
            ("GET", Some(at)) => (200, self.messages.get(at).cloned().unwrap_or_default()),
            ("DELETE", _) => {
                self.interactions.remove(token);
                at.map(|at| self.messages.remove(at));
                (204, Value::Null)
            }
            ("PATCH", at) => {
                if let Err(what) = check::message(body) {
                    return self.complain(400, &format!("{what}: {body}"));
                }
                if let Some(message) = at.and_then(|at| self.messages.get_mut(at)) {
                    fill(message, body);
                    return (200, message.clone());
                }
                let only = Some(interaction.user).filter(|_| interaction.ephemeral);
                let message = self.show(now, interaction.place, only, body);
                let id = message["id"].as_str().and_then(|id| id.parse().ok());
                if let Some(known) = self.interactions.get_mut(token) {
                    known.original = id;
                }
                (200, message)
            }
            _ => self.complain(405, &format!("{method} of an original")),
        }
    }

    fn follow_up(&mut self, now: Micros, token: &str, body: &Value) -> Answer {
        let Some(interaction) = self.open(now, token) else {
            return unknown(10_015, "Unknown Webhook");
        };
        if let Err(what) = check::message(body) {
            return self.complain(400, &format!("{what}: {body}"));
        }
        let only = Some(interaction.user).filter(|_| body["flags"] == 64);
        (200, self.show(now, interaction.place, only, body))
    }
}

/// What is shown of a body.
fn fill(message: &mut Value, body: &Value) {
    for key in ["content", "embeds", "components"] {
        if let Some(value) = body.get(key) {
            message[key] = value.clone();
        }
    }
}
