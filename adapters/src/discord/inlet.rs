//! Takes in what the gateway tells: in order within a place, and without gaps.
//!
//! A place is *stale* when something may have been said there that was not heard: after a start, and after a
//! session that could not be resumed. What was said since the newest message in its journals is fetched before
//! anything newer is taken in; places where nothing happens are fetched in between, the busiest first.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use agent_core::digest::Digest;
use agent_core::heard::heard;
use agent_core::house::House;
use agent_core::id::MessageId;
use agent_core::intake::Intake;
use agent_core::message::Inbound;
use agent_core::store::StoreError;
use agent_core::time::Micros;
use futures::{FutureExt as _, StreamExt as _, stream};
use serde_json::Value;

use super::client::Refusal;
use super::gateway::{self, Line, News};
use super::parse::{self, Asked, Desk, Heard};
use super::place::{Place, Ticket, moment};
use super::{Discord, KIND};

/// The kind of the event that somebody said something.
const MESSAGE: &str = "MESSAGE_CREATE";
/// News taken in one go.
const BATCH: usize = 256;
/// Places taken in side by side.
const SIDE: usize = 32;
/// Stale places fetched between two looks at the news.
const SLICE: usize = 8;
/// Messages fetched at once: the most Discord gives.
const PAGE: usize = 100;
/// Between two slices: Discord takes 50 requests a second of a bot, and replies are among them.
const PACE: Duration = Duration::from_secs(1);
/// Who said nothing for so long has their place fetched when they say something, and not before.
const RECENT: Duration = Duration::from_secs(30 * 24 * 3600);
/// Until something that failed is tried again.
const AGAIN: Duration = Duration::from_secs(5);
/// Until a store that did not take a message is asked again.
const STORE: Duration = Duration::from_secs(1);

/// An event: its kind, and what it holds.
type Told = (String, Value);

/// Takes in what the gateway tells of one account.
#[derive(Debug)]
pub struct Inlet {
    discord: Arc<Discord>,
    house: Arc<House>,
    intake: Intake,
    desk: Desk,
    places: BTreeMap<Place, Known>,
    /// When stale places are fetched next.
    next: Micros,
    /// The operator was told that words are withheld.
    warned: AtomicBool,
}

/// A place where somebody talks to the shop.
#[derive(Debug)]
struct Known {
    /// The newest message or interaction that was heard.
    last: u64,
    stale: bool,
    /// How often it could not be fetched since it was stale.
    failed: u32,
    /// What happened meanwhile and waits until what was said before is fetched. Messages are fetched themselves.
    waiting: Vec<Told>,
}

impl Known {
    /// A place that was heard up to this.
    fn fresh(last: u64) -> Self {
        Self { last, stale: false, failed: 0, waiting: Vec::new() }
    }

    /// Whether it is fetched although nothing happens there.
    fn is_due(&self, now: Micros) -> bool {
        self.stale && moment(self.last).after(RECENT) > now
    }
}

/// The number of a message that was said; `id/n` is a further file of it. An edit has the number of a message that
/// may be old: nothing tells that everything before it was heard.
fn message_number(id: &MessageId) -> Option<u64> {
    let (id, file) = id.as_str().split_once('/').unwrap_or((id.as_str(), "0"));
    let _number: usize = file.parse().ok()?;
    id.parse().ok()
}

impl Inlet {
    /// An inlet of this account.
    #[must_use]
    pub fn new(discord: &Arc<Discord>, house: &Arc<House>, intake: &Intake) -> Self {
        Self {
            discord: discord.clone(),
            house: house.clone(),
            intake: intake.clone(),
            desk: discord.desk.clone(),
            places: BTreeMap::new(),
            next: Micros(i64::MIN),
            warned: AtomicBool::new(false),
        }
    }

    /// Takes in until `stop` is done.
    pub async fn run(mut self, stop: impl Future<Output = ()> + Send) {
        let mut stop = std::pin::pin!(stop.fuse());
        let opened = async {
            self.prepare().await;
            let rest = &self.discord.rest;
            // Only in channels that are the shop's own it has to read what does not call it by name.
            let content = !self.desk.channels.is_empty();
            gateway::open(rest.base(), rest.token(), self.discord.clock.clone(), content)
        };
        let line = tokio::select! {
            () = &mut stop => return,
            line = opened => line,
        };
        let mut line = match line {
            Ok(line) => line,
            Err(error) => return tracing::error!(%error, "the gateway can't be opened"),
        };
        loop {
            let step = self.step(&mut line);
            tokio::select! {
                () = &mut stop => return,
                open = step => if !open { return },
            }
        }
    }

    /// Learns up to where each channel was heard, and tells Discord the commands.
    async fn prepare(&mut self) {
        let clock = self.discord.clock.clone();
        if let Err(refusal) = self.discord.register().await {
            tracing::warn!(%refusal, "the commands are not registered; it is tried again at the next start");
        }
        let heard = loop {
            match self.heard_before().await {
                Ok(heard) => break heard,
                Err(error) => {
                    tracing::error!(%error, "not known up to where was heard");
                    clock.sleep_until(clock.now().after(AGAIN)).await;
                }
            }
        };
        // The first session makes them stale.
        let heard = heard.into_iter();
        self.places.extend(heard.map(|(place, last)| (place, Known::fresh(last))));
    }

    /// Up to where each place was heard: the newest message of its journals. Where there is none, the newest
    /// interaction; it does for no other, since what comes over HTTP may overtake what was said.
    async fn heard_before(&self) -> Result<BTreeMap<Place, u64>, StoreError> {
        let account = (&KIND.into(), &self.discord.account());
        let newest = async |read: fn(&MessageId) -> Option<u64>| {
            let mut newest = BTreeMap::new();
            for (thread, id) in heard(&self.house, self.discord.shop, account, read).await? {
                let Some(place) = Place::read(&thread) else { continue };
                let last = newest.entry(place).or_insert(id);
                *last = id.max(*last);
            }
            Ok::<_, StoreError>(newest)
        };
        let mut known = newest(message_number).await?;
        for (place, id) in newest(|id| Some(Ticket::read(id)?.id)).await? {
            if self.is_ours(place) {
                known.entry(place).or_insert(id);
            }
        }
        Ok(known)
    }

    /// Whether everything that is said in a place is said to the shop.
    fn is_ours(&self, place: Place) -> bool {
        match place {
            Place::Direct(_) => true,
            Place::Guild { channel, .. } => self.desk.channels.contains(&channel),
        }
    }

    /// A session of this user began: anything may have been said before it.
    fn begun(&mut self, me: u64) {
        self.desk.me = me;
        self.places.values_mut().for_each(|known| known.stale = true);
        self.next = Micros(i64::MIN);
    }

    /// One go: news that came, else stale places. False when there will be no more.
    async fn step(&mut self, line: &mut Line) -> bool {
        let gap = line.missed.take();
        if gap.lost > 0 {
            tracing::error!(lost = gap.lost, "there was no room for interactions and edits");
        }
        if let Some(me) = gap.ready {
            self.begun(me);
        }
        for (place, first) in gap.messages {
            let before = first.saturating_sub(1);
            let known = self.places.entry(place).or_insert_with(|| Known::fresh(before));
            (known.last, known.stale) = (known.last.min(before), true);
        }
        let clock = self.discord.clock.clone();
        let stale = self.places.values().any(|known| known.is_due(clock.now()));
        let mut batch = Vec::new();
        tokio::select! {
            biased;
            taken = line.news.recv_many(&mut batch, BATCH) => {
                self.take(batch).await;
                taken > 0
            }
            () = clock.sleep_until(self.next), if stale => {
                self.fetch_some().await;
                true
            }
        }
    }

    async fn take(&mut self, batch: Vec<News>) {
        let mut groups: BTreeMap<Option<Place>, Vec<Told>> = BTreeMap::new();
        for news in batch {
            match news {
                News::Event(kind, value) => {
                    let group = groups.entry(parse::place_of(&value)).or_default();
                    group.push((kind, value));
                }
                News::Ready(me) => {
                    self.taken(std::mem::take(&mut groups)).await;
                    self.begun(me);
                }
            }
        }
        self.taken(groups).await;
    }

    /// Takes in events: side by side by their places, and in the order of their ids within one.
    async fn taken(&mut self, groups: BTreeMap<Option<Place>, Vec<Told>>) {
        let mut work = Vec::new();
        for (place, events) in groups {
            let known = place.and_then(|place| self.places.remove(&place));
            work.push((place, known, events));
        }
        let inlet = &*self;
        let done = stream::iter(work).map(|(place, known, events)| async move {
            let known = inlet.place(place, known, events).await;
            place.zip(known)
        });
        let done: Vec<Option<(Place, Known)>> = done.buffer_unordered(SIDE).collect().await;
        self.places.extend(done.into_iter().flatten());
    }

    /// Fetches some of the stale places, those that were busy last first, and behind them those that failed.
    async fn fetch_some(&mut self) {
        let now = self.discord.clock.now();
        let stale = self.places.iter().filter(|(_, known)| known.is_due(now));
        let mut stale: Vec<(u32, Reverse<u64>, Place)> =
            stale.map(|(place, it)| (it.failed, Reverse(it.last), *place)).collect();
        stale.sort_unstable();
        stale.truncate(SLICE);
        let groups = stale.iter().map(|(.., place)| (Some(*place), Vec::new()));
        self.taken(groups.collect()).await;
        let failed = |place: &Place| self.places.get(place).is_some_and(|known| known.stale);
        let failed = stale.iter().any(|(.., place)| failed(place));
        self.next = self.discord.clock.now().after(if failed { AGAIN } else { PACE });
    }

    /// Takes in what happened in one place.
    async fn place(
        &self,
        place: Option<Place>,
        known: Option<Known>,
        mut events: Vec<Told>,
    ) -> Option<Known> {
        // By their ids, which tell the time: what happened first comes first, however it was handed to us.
        events.sort_by_key(|(_, value)| parse::id_of(value));
        let mut last = known.as_ref().map(|known| known.last);
        if let (Some(place), Some(mut known)) = (place, known) {
            events.splice(0..0, known.waiting.drain(..));
            if known.stale
                && let Err(why) = self.fetch(place, &mut known).await
            {
                tracing::warn!(%why, "what was missed is not fetched yet");
                events.retain(|(kind, _)| kind != MESSAGE);
                return Some(Known { waiting: events, failed: known.failed + 1, ..known });
            }
            last = Some(known.last);
        }
        for (kind, value) in events {
            last = self.event(last, &kind, &value).await;
        }
        last.map(Known::fresh)
    }

    /// Takes in an event; answers with the newest message or interaction of its place.
    async fn event(&self, last: Option<u64>, kind: &str, value: &Value) -> Option<u64> {
        match kind {
            MESSAGE => {
                let told = self.message(value, None).await;
                let id = parse::id_of(value);
                // A place where nobody talks to us is none of ours.
                return if last.is_some() || told { last.max(id) } else { None };
            }
            "MESSAGE_UPDATE" => {
                self.heard(value, parse::edit(&self.desk, value)).await;
            }
            "INTERACTION_CREATE" => match parse::interaction(&self.desk, value) {
                Ok(Asked::Told(ticket, place, inbound)) => {
                    let id = ticket.id;
                    let begun = self.discord.answers.begin(id, self.discord.clock.now());
                    self.accept(*inbound).await;
                    self.discord.announce(ticket, place, begun).await;
                    return if last.is_some() || self.is_ours(place) {
                        last.max(Some(id))
                    } else {
                        None
                    };
                }
                Ok(Asked::Ping | Asked::Nothing) => {}
                Err(why) => self.unread(value, &why.to_string()).await,
            },
            // Of a kind we do not know there may be many: it is kept once.
            kind => {
                let (id, why) = (format!("event/{kind}"), format!("an event of the kind {kind}"));
                self.discord.quarantine(&self.intake, &id, value, &why).await;
            }
        }
        last
    }

    /// A message that was said, in this place when it does not tell so itself; whether it was said to us.
    async fn message(&self, value: &Value, place: Option<Place>) -> bool {
        let told = self.heard(value, parse::message(&self.desk, value, place)).await;
        if let (Some(Place::Direct(user)), Some(channel)) =
            (parse::place_of(value).filter(|_| told && place.is_none()), parse::direct_of(value))
        {
            self.discord.remember(user, channel);
        }
        told
    }

    /// Takes in what was read of something; whether it was said to us.
    async fn heard(&self, value: &Value, read: Result<Heard, parse::Unread>) -> bool {
        match read {
            Ok(Heard::Told(told)) => {
                for inbound in told {
                    self.accept(inbound).await;
                }
                return true;
            }
            Ok(Heard::Nothing) => {}
            Ok(Heard::Withheld) => {
                if !self.warned.swap(true, Ordering::Relaxed) {
                    tracing::error!(
                        "Discord withholds the words of messages in the shop's channels: the message content intent is \
                         missing; `sutler doctor` says where to click"
                    );
                }
            }
            Err(why) => self.unread(value, &why.to_string()).await,
        }
        false
    }

    async fn unread(&self, value: &Value, why: &str) {
        let id = parse::id_of(value).map(|id| id.to_string());
        let id = id.unwrap_or_else(|| Digest::of_value(value).to_string());
        self.discord.quarantine(&self.intake, &id, value, why).await;
    }

    /// Makes a message durable. A store that does not take it is asked until it does.
    async fn accept(&self, inbound: Inbound) {
        loop {
            match self.intake.accept(self.discord.shop, inbound.clone()).await {
                Ok(_) => return,
                Err(error) => {
                    if let Some(why) = error.never() {
                        let (id, none) = (inbound.id.to_string(), Value::Null);
                        return self.discord.quarantine(&self.intake, &id, &none, why).await;
                    }
                    tracing::warn!(%error, "message not taken in; it is tried again");
                    let clock = &self.discord.clock;
                    clock.sleep_until(clock.now().after(STORE)).await;
                }
            }
        }
    }

    /// Takes in what was said in a place since its newest message. Where Discord won't have that asked, since the
    /// customer blocked the bot or the channel is gone, there is nothing to fetch any more.
    async fn fetch(&self, place: Place, known: &mut Known) -> Result<(), Refusal> {
        match self.fetch_all(place, known).await {
            Err(refusal @ Refusal::Refused { status: 400 | 403 | 404, .. }) => {
                tracing::info!(%refusal, "what was missed in a place can't be read any more");
                Ok(())
            }
            fetched => fetched,
        }
    }

    async fn fetch_all(&self, place: Place, known: &mut Known) -> Result<(), Refusal> {
        let channel = match place {
            Place::Guild { channel, .. } => channel,
            Place::Direct(user) => self.discord.direct(user).await?,
        };
        loop {
            let last = known.last;
            let path = format!("/channels/{channel}/messages?after={last}&limit={PAGE}");
            let page = self.discord.rest.get(&path).await?;
            let mut page: Vec<Value> = page.as_array().cloned().unwrap_or_default();
            page.sort_by_key(parse::id_of);
            for value in &page {
                self.message(value, Some(place)).await;
                known.last = known.last.max(parse::id_of(value).unwrap_or_default());
            }
            if page.len() < PAGE || known.last == last {
                return Ok(());
            }
        }
    }
}
