//! One open stream: reads the journal from where it stands, tells what is new, and waits.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use agent_core::action;
use agent_core::event::Recorded;
use agent_core::id::{JournalId, Made, Seq};
use agent_core::message::InboundKind;
use agent_core::store::StoreError;
use agent_core::time::Micros;
use axum::response::sse::{Event, Sse};
use futures::Stream;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::address;
use super::hub::{Ear, Sound};
use super::reading::{self, Id, Place, Seen};
use super::render::{self, Ink};
use super::routes::Desk;
use crate::server::Seat;

/// Events that wait for a slow reader before the stream does.
const AHEAD: usize = 64;
/// How often a quiet stream says that it lives, and looks whether it missed anything.
const BEAT: Duration = Duration::from_secs(15);
/// Events of a journal that are read for a stream that begins: what was said before is not shown again.
const PAST: u64 = 1_500;
/// Events before a tap, or a mark that something was read, among which is the reply: offers are good for twelve.
const OFFERED: u64 = 600;
/// Words that no turn has taken yet, as many as are shown.
const WAITING: usize = 32;

/// The stream of a visitor, from the id that was seen last.
pub(super) fn open(
    desk: Arc<Desk>,
    thread: String,
    last: Option<&str>,
    seat: Seat,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
    let (sender, mut events) = mpsc::channel(AHEAD);
    let tag = desk.tag(&thread);
    let last = last.and_then(|last| last.strip_prefix(tag.as_str())?.strip_prefix('/'));
    let last = last.and_then(Id::parse);
    let (ear, writing, recent) = desk.web.hub.listen(&thread);
    let mut visit = Visit {
        desk,
        thread,
        tag,
        sender,
        journal: None,
        place: last.map_or(Place::FIRST, Id::after),
        delivered: recent.into_iter().collect(),
        cart: Value::Null,
        read: None,
    };
    tokio::spawn(async move {
        let (stop, reader) = (visit.desk.stop.clone(), visit.sender.clone());
        tokio::select! {
            () = stop.asked() => {}
            () = reader.closed() => {}
            ended = visit.run(ear, writing, last) => {
                if let Err(Ended::Store(error)) = ended {
                    tracing::error!(%error, "a visitor's journal was not read");
                }
            }
        }
        drop(seat);
    });
    Sse::new(futures::stream::poll_fn(move |context| events.poll_recv(context)))
}

/// One open stream.
struct Visit {
    desk: Arc<Desk>,
    thread: String,
    tag: String,
    sender: mpsc::Sender<Result<Event, Infallible>>,
    journal: Option<JournalId>,
    place: Place,
    /// Parts that may be seen and whose mark may not be in the journal yet.
    delivered: BTreeSet<(Made, u8)>,
    /// As last told.
    cart: Value,
    read: Option<Id>,
}

/// Why a stream ends by itself.
enum Ended {
    /// Nobody reads.
    Unread,
    Store(StoreError),
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Visit {
    async fn run(
        &mut self,
        mut ear: Ear,
        writing: Option<String>,
        last: Option<Id>,
    ) -> Result<(), Ended> {
        self.begin(last).await?;
        self.look().await?;
        self.waiting().await?;
        self.tell("ready", json!({})).await?;
        if let Some(text) = writing {
            self.tell("writing", json!({ "text": text })).await?;
        }
        loop {
            let house = &self.desk.house;
            let beat = house.clock.now().after(BEAT);
            let sound = tokio::select! {
                sound = ear.hear() => Some(sound),
                () = house.clock.sleep_until(beat) => None,
            };
            self.heard(sound).await?;
        }
    }

    /// Tells what was heard; nothing for a while: that the stream lives, and what it may have missed.
    async fn heard(&mut self, sound: Option<Sound>) -> Result<(), Ended> {
        match sound {
            Some(Sound::Delivered(made, part)) => {
                self.delivered.insert((made, part));
                self.look().await
            }
            Some(Sound::More) => self.look().await,
            Some(Sound::Writing(text)) => self.tell("writing", json!({ "text": text })).await,
            Some(Sound::Said(client, words, at)) => {
                self.tell("message", render::said(&client, &words, Micros(at))).await
            }
            None => {
                self.send(Event::default().comment("")).await?;
                self.look().await
            }
        }
    }

    /// Finds the journal, and the place in it: a new stream begins where the past that is shown does, and one
    /// that stands where the journal never was begins anew.
    async fn begin(&mut self, last: Option<Id>) -> Result<(), Ended> {
        let Some(journal) = self.find().await? else {
            return if last.is_some() { self.anew(Place::FIRST).await } else { Ok(()) };
        };
        let head = self.desk.house.store.read(journal, Seq(u64::MAX), 1).await?.head;
        let past = Place::after(Seq(head.0.saturating_sub(PAST)));
        match last {
            Some(last) if last.parts().0 > head => self.anew(past).await,
            Some(_) => Ok(()),
            None => {
                self.place = past;
                Ok(())
            }
        }
    }

    async fn anew(&mut self, place: Place) -> Result<(), Ended> {
        self.place = place;
        self.tell("reset", json!({})).await
    }

    async fn find(&mut self) -> Result<Option<JournalId>, Ended> {
        if self.journal.is_none() {
            let at = address(&self.thread);
            self.journal = self.desk.house.find(self.desk.shop, &at).await?;
        }
        Ok(self.journal)
    }

    /// Tells what is new in the journal.
    async fn look(&mut self) -> Result<(), Ended> {
        let Some(journal) = self.find().await? else { return self.cart(None).await };
        let house = self.desk.house.clone();
        let after = Seq(self.place.seq.0.saturating_sub(1));
        let events = match house.events(journal, after).await {
            Ok((_, events)) => events,
            // Everything of an erased customer is gone; whoever writes again is somebody new.
            Err(StoreError::Erased) => {
                self.journal = None;
                return self.anew(Place::FIRST).await;
            }
            Err(error) => return Err(error.into()),
        };
        let older = self.older(journal, &events).await?;
        let reading = reading::read(&events, self.place, &self.delivered, &older);
        let desk = self.desk.clone();
        let token = |action| action::mint(&*house.ids, journal, action);
        let picture = |record: &str, link: Option<&str>| desk.picture(record, link);
        let ink = Ink { token: &token, picture: &picture };
        for (id, at, seen) in &reading.seen {
            let message = render::message(*at, seen, &ink);
            let event = Event::default().event("message").id(format!("{}/{id}", self.tag));
            self.send(event.data(message.to_string())).await?;
            if let Seen::Ours(outbound, _) = seen {
                self.delivered.retain(|(made, part)| {
                    *made != outbound.id || id.parts().1.is_some_and(|seen| *part > seen)
                });
            }
        }
        self.place = reading.next;
        if reading.read.is_some() && reading.read != self.read {
            self.read = reading.read;
            let id = self.read.map(|id| format!("{}/{id}", self.tag));
            self.tell("read", json!({ "id": id })).await?;
        }
        if reading.cart || self.cart.is_null() {
            self.cart(Some(journal)).await?;
        }
        Ok(())
    }

    /// What was said before these events, where they tell of it.
    async fn older(&self, journal: JournalId, events: &[Recorded]) -> Result<Vec<Recorded>, Ended> {
        let Some(first) = events.first().filter(|_| events.iter().any(reading::looks_back)) else {
            return Ok(Vec::new());
        };
        let from = Seq(first.seq.0.saturating_sub(OFFERED));
        Ok(self.desk.house.events(journal, from).await?.1)
    }

    /// Tells the cart, if it is another than was told last.
    async fn cart(&mut self, journal: Option<JournalId>) -> Result<(), Ended> {
        let desk = self.desk.clone();
        let state = match journal {
            Some(journal) => desk.house.conversation(journal).await?,
            None => Arc::default(),
        };
        let Some(shop) = desk.house.shop(desk.shop) else { return Ok(()) };
        let ink =
            Ink { token: &|_| String::new(), picture: &|record, link| desk.picture(record, link) };
        let cart = render::cart(&state, &shop.pack, &ink);
        if cart != self.cart {
            self.tell("cart", cart.clone()).await?;
            self.cart = cart;
        }
        Ok(())
    }

    /// Tells what was accepted and no turn has taken yet.
    async fn waiting(&mut self) -> Result<(), Ended> {
        let Some(journal) = self.find().await? else { return Ok(()) };
        for row in self.desk.house.store.inbox(journal, WAITING).await? {
            if let InboundKind::Text(words) = &row.inbound.kind {
                let client = row.inbound.id.as_str().rsplit('/').next().unwrap_or_default();
                let said = render::said(client, words, row.inbound.at);
                self.tell("message", said).await?;
            }
        }
        Ok(())
    }

    async fn tell(&self, name: &str, data: Value) -> Result<(), Ended> {
        self.send(Event::default().event(name).data(data.to_string())).await
    }

    async fn send(&self, event: Event) -> Result<(), Ended> {
        self.sender.send(Ok(event)).await.map_err(|_| Ended::Unread)
    }
}
