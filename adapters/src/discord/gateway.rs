//! The gateway, held by serenity: what Discord tells, in the order in which it is told.
//!
//! serenity hands out each event as a task of its own. So it has a thread with a runtime of one thread here:
//! that runs tasks in the order of their making, and an event is in the queue before its task first waits.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agent_core::time::Clock;
use serde_json::Value;
use serenity::all::{
    Client, Context, Event, GatewayError, GatewayIntents, HttpBuilder, RawEventHandler,
};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::client::Token;
use super::parse;
use super::place::Place;

/// News that wait to be taken in; beyond that messages are fetched later.
const QUEUE: usize = 4_096;
/// Until a gateway that let us go is tried again.
const AGAIN: Duration = Duration::from_secs(30);

/// What the gateway tells.
#[derive(Debug)]
pub(crate) enum News {
    /// A new session began: what was said before it has to be asked for. The bot's user.
    Ready(u64),
    /// An event: its kind, and what it holds.
    Event(String, Value),
}

/// What there was no room for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Gap {
    /// The first message of each place: what was said from there on can be fetched.
    pub(crate) messages: BTreeMap<Place, u64>,
    /// A new session began, of this user.
    pub(crate) ready: Option<u64>,
    /// Events that nobody can fetch: interactions and edits.
    pub(crate) lost: usize,
}

/// What there was no room for since this was asked last.
#[derive(Debug, Default)]
pub(crate) struct Missed(Mutex<Gap>);

impl Missed {
    fn note(&self, news: &News) {
        let mut gap = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match news {
            News::Ready(me) => gap.ready = Some(*me),
            News::Event(kind, value) => {
                let found = parse::place_of(value).zip(parse::id_of(value));
                match found.filter(|_| kind == "MESSAGE_CREATE") {
                    Some((place, id)) => drop(gap.messages.entry(place).or_insert(id)),
                    None => gap.lost += 1,
                }
            }
        }
    }

    pub(crate) fn take(&self) -> Gap {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The gateway's end on our side. Dropped, the connection is closed.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) news: mpsc::Receiver<News>,
    pub(crate) missed: Arc<Missed>,
}

/// Opens the gateway, and holds it open.
///
/// # Errors
/// When the system has no thread left.
pub(crate) fn open(
    base: &str,
    token: &Token,
    clock: Arc<dyn Clock>,
    content: bool,
) -> io::Result<Line> {
    let (sender, news) = mpsc::channel(QUEUE);
    let missed = Arc::new(Missed::default());
    let held = Held {
        base: base.to_owned(),
        token: token.clone(),
        clock,
        ear: Ear { news: sender, missed: missed.clone() },
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let run = move || {
        runtime.block_on(held.hold(content));
        runtime.shutdown_background();
    };
    std::thread::Builder::new().name("discord".to_owned()).spawn(run)?;
    Ok(Line { news, missed })
}

struct Held {
    base: String,
    token: Token,
    clock: Arc<dyn Clock>,
    ear: Ear,
}

impl Held {
    async fn hold(self, content: bool) {
        let mut intents = GatewayIntents::GUILD_MESSAGES | GatewayIntents::DIRECT_MESSAGES;
        intents.set(GatewayIntents::MESSAGE_CONTENT, content);
        while !self.ear.news.is_closed() {
            let ended = self.session(intents).await;
            if forbids(&ended, intents) {
                intents.remove(GatewayIntents::MESSAGE_CONTENT);
                continue;
            }
            if let Err(error) = ended {
                tracing::warn!(%error, "the gateway is not open");
            }
            tokio::select! {
                () = self.ear.news.closed() => return,
                () = self.clock.sleep_until(self.clock.now().after(AGAIN)) => {}
            }
        }
    }

    /// One connection, with all its resumptions.
    async fn session(&self, intents: GatewayIntents) -> serenity::Result<()> {
        // With its own limiter serenity would ignore where it is told to go.
        let http =
            HttpBuilder::new(self.token.reveal()).proxy(&self.base).ratelimiter_disabled(true);
        let http = http.build();
        let url = http.get_gateway().await?.url;
        let builder = serenity::client::ClientBuilder::new_with_http(http, intents);
        let mut client: Client = builder.raw_event_handler(self.ear.clone()).await?;
        // Asked by itself, serenity goes to a gateway it knows by heart when it gets no answer.
        *client.ws_url.lock().await = url;
        let shards = client.shard_manager.clone();
        tokio::select! {
            ended = client.start() => ended,
            () = self.ear.news.closed() => {
                shards.shutdown_all().await;
                Ok(())
            }
        }
    }
}

/// Whether Discord refused the intent to read what does not call us by name.
fn forbids(ended: &serenity::Result<()>, intents: GatewayIntents) -> bool {
    let refused =
        matches!(ended, Err(serenity::Error::Gateway(GatewayError::DisallowedGatewayIntents)))
            && intents.contains(GatewayIntents::MESSAGE_CONTENT);
    if refused {
        tracing::error!(
            "the message content intent is not switched on: only direct messages and what calls the bot by name is \
             read; `sutler doctor` says where to click"
        );
    }
    refused
}

/// The type of an interaction, which serenity leaves out when it writes one.
fn kind_of(event: &Event) -> Option<Value> {
    match event {
        Event::InteractionCreate(created) => serde_json::to_value(created.interaction.kind()).ok(),
        _ => None,
    }
}

#[derive(Clone)]
struct Ear {
    news: mpsc::Sender<News>,
    missed: Arc<Missed>,
}

#[serenity::async_trait]
impl RawEventHandler for Ear {
    async fn raw_event(&self, _: Context, ev: Event) {
        let ev = &ev;
        let news = match ev {
            Event::Ready(ready) => News::Ready(ready.ready.user.id.get()),
            // What serenity can't read, it hands on as unknown: we need less of it.
            Event::MessageCreate(_)
            | Event::MessageUpdate(_)
            | Event::InteractionCreate(_)
            | Event::Unknown(_) => {
                let mut event = serde_json::to_value(ev).unwrap_or_default();
                let mut value = event.get_mut("d").map(Value::take).unwrap_or_default();
                if let Some(fields) = value.as_object_mut() {
                    // What an edit does not tell, serenity writes as null, whatever it would be.
                    fields.retain(|_, field| !field.is_null());
                    fields.extend(kind_of(ev).map(|told| ("type".to_owned(), told)));
                }
                let kind = event.get("t").and_then(Value::as_str).unwrap_or_default();
                News::Event(kind.to_owned(), value)
            }
            _ => return,
        };
        self.hand(news);
    }
}

impl Ear {
    fn hand(&self, news: News) {
        if let Err(TrySendError::Full(news)) = self.news.try_send(news) {
            self.missed.note(&news);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_there_is_no_room_for_is_noted_and_a_new_session_too() {
        let (news, mut queue) = mpsc::channel(1);
        let ear = Ear { news, missed: Arc::default() };
        let said = |kind: &str, id: u64| {
            let value = json!({"id": id.to_string(), "channel_id": "5", "author": {"id": "41"}});
            News::Event(kind.to_owned(), value)
        };
        for id in 1..4 {
            ear.hand(said("MESSAGE_CREATE", id));
        }
        ear.hand(News::Ready(9));
        ear.hand(said("INTERACTION_CREATE", 4));
        let messages = BTreeMap::from([(Place::Direct(41), 2)]);
        assert_eq!(ear.missed.take(), Gap { messages, ready: Some(9), lost: 1 });
        assert_eq!(ear.missed.take(), Gap::default());
        assert!(queue.try_recv().is_ok() && queue.try_recv().is_err());
    }
}
