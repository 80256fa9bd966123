//! Telegram: the real client library against a Bot API server on loopback, over the real intake, mailbox, turn
//! and courier. Time is turned; what is sent is counted on it.

mod aborts;
mod goldens;
mod groups;
mod limits;
mod updates;
mod webhook;

use std::sync::Arc;

use adapters::telegram::{Door, KIND, Settings, Telegram, poll};
use agent_core::channel::Channel;
use agent_core::conversation::Conversation;
use agent_core::courier::Ambiguous;
use agent_core::event::{Answer, Event};
use agent_core::id::JournalId;
use agent_core::message::{Address, Status};
use agent_core::model::Entry;
use agent_core::model::clerk::Clerk;
use agent_core::store::memory::MemoryStore;
use agent_core::store::{Archive, Store};
use agent_core::time::turned::TurnedClock;
use sutler_tests::fake::telegram::{FakeTelegram, TOKEN};
use sutler_tests::world::{Member, SHOP, START, World};
use tokio::task::JoinHandle;

use crate::hostile::pack;

/// The customer of most tests.
const ADA: i64 = 5;
/// Another one.
const BOB: i64 = 6;
/// A group.
const GROUP: i64 = -1_007;

/// A shop on Telegram that polls until it is dropped.
struct Shop {
    world: World,
    fake: Arc<FakeTelegram>,
    telegram: Telegram,
    polling: JoinHandle<()>,
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.polling.abort();
    }
}

/// A bot of the fake server.
fn bot(fake: &FakeTelegram, clock: &Arc<TurnedClock>) -> Telegram {
    let base_url = Some(fake.url().parse().unwrap());
    Telegram::new(Settings { token: TOKEN.to_owned(), base_url }, clock.clone()).unwrap()
}

/// The retail shop with the clerk, where the bot delivers through `channel`.
fn member(telegram: &Telegram, channel: Arc<dyn Channel>) -> Member {
    let mut member = Member::new(&pack("retail"), Arc::new(Clerk::new()));
    member.accounts.push((KIND.into(), telegram.account().clone(), channel));
    member
}

impl Shop {
    /// The retail shop with the clerk and its own goods.
    async fn open() -> Self {
        Self::with(Ambiguous::Resend).await
    }

    /// A shop with a policy for sends nobody knows the outcome of.
    async fn with(ambiguous: Ambiguous) -> Self {
        let store = Arc::new(MemoryStore::new());
        Self::on((store.clone(), store), ambiguous).await
    }

    async fn on(store: (Arc<dyn Store>, Arc<dyn Archive>), ambiguous: Ambiguous) -> Self {
        let clock = Arc::new(TurnedClock::new(START));
        let fake = Arc::new(FakeTelegram::start(clock.clone()).await.unwrap());
        let telegram = bot(&fake, &clock);
        let mut member = member(&telegram, Arc::new(telegram.clone()));
        member.feed = crate::goldens::feed("retail");
        let world = World::with_policy(store, clock, vec![member], ambiguous).await;
        let door = Door { telegram: telegram.clone(), intake: world.intake.clone(), shop: SHOP };
        let polling = tokio::spawn(poll(door, std::future::pending()));
        Self { world, fake, telegram, polling }
    }

    /// Waits until an update is taken in, and carries out what comes of it.
    async fn handle(&self, update: u32) {
        self.fake.confirmed(update).await;
        self.world.carry_out().await;
    }

    /// A person writes, and is answered.
    async fn say(&self, person: i64, text: &str) {
        self.handle(self.fake.say(person, text)).await;
    }

    /// A person writes, and what may be sent now is.
    async fn begin(&self, person: i64, text: &str) {
        self.fake.confirmed(self.fake.say(person, text)).await;
        self.world.answer().await;
    }

    /// A person taps in their own chat, and is answered.
    async fn tap(&self, person: i64, label: &str) {
        let taps = self.fake.calls("answercallbackquery").len() + 1;
        self.handle(self.fake.tap(person, person, label)).await;
        self.fake.called("editmessagereplymarkup", taps).await;
    }

    /// What the bot wrote to a chat, in words.
    fn answers(&self, chat: i64) -> Vec<String> {
        self.fake.answers(chat).iter().map(|shown| shown.text().to_owned()).collect()
    }

    async fn journal(&self, person: i64, thread: i64) -> Option<JournalId> {
        let at = Address {
            channel: KIND.into(),
            account: self.telegram.account().clone(),
            thread: thread.to_string(),
            author: person.to_string(),
        };
        self.world.house.find(SHOP, &at).await.unwrap()
    }

    /// What became of what was sent to a person, oldest first.
    async fn became(&self, person: i64) -> Vec<Status> {
        self.world.statuses(self.journal(person, person).await.unwrap()).await
    }

    /// What a person said, oldest first, as the turns read it.
    async fn heard(&self, person: i64) -> Vec<String> {
        let words = |entry: Entry| match entry {
            Entry::Customer { text, .. } => Some(text),
            _ => None,
        };
        self.state(person).await.transcript.into_iter().filter_map(words).collect()
    }

    /// How many turns answered a person.
    async fn turns(&self, person: i64) -> usize {
        let events = self.world.log(self.journal(person, person).await.unwrap()).await;
        events.iter().filter(|it| matches!(it.event, Event::Answer(Answer::Opened(_)))).count()
    }

    async fn state(&self, person: i64) -> Conversation {
        self.world.state(self.journal(person, person).await.unwrap()).await
    }
}

/// A phrase of the shop's pack.
fn phrase(name: &str) -> String {
    pack("retail").say(name, &"en".into(), &[])
}
