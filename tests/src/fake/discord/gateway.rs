//! The gateway: sessions that are begun, told, broken and resumed.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::Server;
use super::state::{APPLICATION, Connection, Session, TOKEN, person};

/// The bit of the message content intent, and those of an application that may have it.
const CONTENT: u64 = 1 << 15;
const MAY: u64 = 1 << 18 | 1 << 19;

pub(super) fn routes() -> Router<Arc<Server>> {
    Router::new().route("/gw", get(upgrade)).route("/gw/", get(upgrade))
}

async fn upgrade(State(server): State<Arc<Server>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(move |socket| talk(server, socket))
}

async fn talk(server: Arc<Server>, mut socket: WebSocket) {
    let (frames, mut told) = mpsc::unbounded_channel::<Value>();
    let mut frames = Some(frames);
    let hello = json!({"op": 10, "d": {"heartbeat_interval": 41_250}});
    let mut open = send(&mut socket, &hello).await;
    while open {
        tokio::select! {
            frame = told.recv() => match frame {
                Some(frame) => open = send(&mut socket, &frame).await,
                // Whoever held the other end broke the connection.
                None => return,
            },
            heard = socket.recv() => {
                let Some(Ok(Message::Text(text))) = heard else { return };
                let asked: Value = serde_json::from_str(&text).unwrap_or_default();
                match asked["op"].as_u64() {
                    Some(1) => open = send(&mut socket, &json!({"op": 11})).await,
                    Some(2) => match begin(&server, &asked["d"], &mut frames) {
                        Ok(()) => server.changed(),
                        Err(code) => {
                            let frame = axum::extract::ws::CloseFrame { code, reason: "".into() };
                            let _gone = socket.send(Message::Close(Some(frame))).await;
                            return;
                        }
                    },
                    Some(6) if resume(&server, &asked["d"], &mut frames) => {
                        server.changed();
                    }
                    Some(6) => open = send(&mut socket, &json!({"op": 9, "d": false})).await,
                    _ => {}
                }
            }
        }
    }
}

async fn send(socket: &mut WebSocket, frame: &Value) -> bool {
    socket.send(Message::Text(frame.to_string().into())).await.is_ok()
}

/// Whether it comes with the bot's token. serenity writes the kind before it, which Discord takes.
fn is_ours(asked: &Value) -> bool {
    asked["token"] == format!("Bot {TOKEN}") || asked["token"] == TOKEN
}

type Frames = Option<mpsc::UnboundedSender<Value>>;

fn begin(server: &Server, asked: &Value, frames: &mut Frames) -> Result<(), u16> {
    let mut state = server.state();
    if !is_ours(asked) {
        return Err(4004);
    }
    let flags = state.application.get("flags").and_then(Value::as_u64).unwrap_or(MAY);
    let intents = asked["intents"].as_u64().unwrap_or_default();
    if intents & CONTENT != 0 && flags & MAY == 0 {
        return Err(4014);
    }
    state.intents = intents;
    state.begun += 1;
    let name = format!("session-{}", state.begun);
    let ready = json!({
        "v": 10, "user": person(APPLICATION), "guilds": [], "session_id": name,
        "resume_gateway_url": format!("ws://{}/gw", state.address), "shard": [0, 1],
        "application": {"id": APPLICATION.to_string(), "flags": 0},
    });
    let frame = json!({"op": 0, "s": 1, "t": "READY", "d": ready});
    if let Some(frames) = frames.take() {
        let _gone = frames.send(frame.clone());
        state.connections.push(Connection { session: name.clone(), frames });
    }
    state.sessions.insert(name, Session { told: vec![frame] });
    Ok(())
}

fn resume(server: &Server, asked: &Value, frames: &mut Frames) -> bool {
    let mut state = server.state();
    let name = asked["session_id"].as_str().unwrap_or_default().to_owned();
    let seen = asked["seq"].as_u64().and_then(|seq| usize::try_from(seq).ok()).unwrap_or_default();
    let Some(session) = state.sessions.get(&name).filter(|_| is_ours(asked)) else {
        return false;
    };
    let missed: Vec<Value> = session.told.iter().skip(seen).cloned().collect();
    let last = session.told.len();
    if let Some(frames) = frames.take() {
        for frame in missed {
            let _gone = frames.send(frame);
        }
        let _gone = frames.send(json!({"op": 0, "s": last, "t": "RESUMED", "d": {}}));
        state.connections.push(Connection { session: name, frames });
    }
    state.resumed += 1;
    true
}
