//! A shop on the fake Discord: the real client library, inlet, mailbox and courier, over a store and a clock
//! that outlive it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use adapters::discord::{Commands, Discord, Inlet, Rest, Settings, Token, routes};
use agent_core::catalog::{Backend, Catalog};
use agent_core::channel::Channel;
use agent_core::conversation::Conversation;
use agent_core::courier::{Ambiguous, Courier};
use agent_core::event::{Answer, Event, Recorded};
use agent_core::house::{self, House};
use agent_core::id::{JournalId, Seq};
use agent_core::intake::Intake;
use agent_core::mailbox::Mailbox;
use agent_core::message::{Address, Inbound, InboundKind, Status};
use agent_core::model::clerk::Clerk;
use agent_core::pack::Pack;
use agent_core::store::memory::MemoryStore;
use agent_core::store::{Archive, Store};
use agent_core::time::turned::{CountedIds, TurnedClock};
use agent_core::time::{Clock, Ids};
use agent_core::tool::shop_tools;
use agent_core::turn::{Agent, Ports};
use axum::Router;
use catalog::Goods;
use catalog::backend::LocalLinks;
use prompts::{Feed, Folder};
use sutler_tests::fake::discord::{APPLICATION, FakeDiscord, TOKEN};
use sutler_tests::world::{SHOP, START};
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot};

use crate::ports::{Gate, GatedChannel, Watched};

/// The key of the interactions endpoint.
pub(super) const SEED: [u8; 32] = [7; 32];

/// What outlives a process: the world outside, and what is durable.
#[derive(Clone)]
pub(super) struct Outside {
    pub(super) clock: Arc<TurnedClock>,
    pub(super) fake: Arc<FakeDiscord>,
    pub(super) store: Arc<MemoryStore>,
    pack: Arc<Pack>,
    goods: Arc<Goods>,
}

/// How a shop is opened.
#[derive(Clone, Default)]
pub(super) struct Opening {
    pub(super) channels: BTreeSet<u64>,
    /// Interactions come over HTTP.
    pub(super) http: bool,
    /// What is done when nobody knows.
    pub(super) ambiguous: Ambiguous,
    /// Where the process ends.
    pub(super) gate: Option<Arc<Gate>>,
}

/// A process.
pub(super) struct Shop {
    pub(super) outside: Outside,
    pub(super) house: Arc<House>,
    pub(super) store: Arc<Watched>,
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) courier: Arc<Courier>,
    pub(super) routes: Router,
    stop: Mutex<Option<oneshot::Sender<()>>>,
}

impl Outside {
    pub(super) async fn new() -> Self {
        let clock = Arc::new(TurnedClock::new(START));
        let fake = FakeDiscord::start(clock.clone()).await.unwrap();
        let folder = Folder::builtin("retail").unwrap();
        let Some(Feed::Embedded(feed)) = folder.feed() else { panic!("a feed in the binary") };
        let goods = Arc::new(Goods::new(clock.clone()));
        goods.import(SHOP, *feed, None, |_| {}).unwrap();
        let (store, pack) = (Arc::new(MemoryStore::new()), Arc::new(folder.pack().unwrap()));
        Self { clock, fake: Arc::new(fake), store, pack, goods }
    }

    pub(super) async fn open(&self, opening: Opening) -> Shop {
        let clock: Arc<dyn Clock> = self.clock.clone();
        // A later process counts on from elsewhere.
        self.clock.turn(Duration::from_secs(1));
        let seed = u64::try_from(self.clock.now().0 - START.0).unwrap_or_default() + 7;
        let ids: Arc<dyn Ids> = Arc::new(StableIds(CountedIds::new(seed), CountedIds::new(1)));
        let catalog: Arc<dyn Catalog> = self.goods.clone();
        let links: Arc<dyn Backend> =
            Arc::new(LocalLinks::new("https://shop.example/checkout".to_owned(), ids.clone()));
        let store = Arc::new(Watched::new(self.store.clone(), opening.gate.clone()));
        let discord = self.discord(&opening);
        let mut channel: Arc<dyn Channel> = discord.clone();
        if let Some(gate) = opening.gate {
            channel = Arc::new(GatedChannel(channel, gate));
        }
        let tools = shop_tools(&catalog, &links).into();
        let ports = Ports {
            model: Arc::new(Clerk::new()),
            tools,
            store: store.clone(),
            clock: clock.clone(),
        };
        let shop = house::Shop {
            id: SHOP,
            name: "test".into(),
            pack: self.pack.clone(),
            accounts: BTreeMap::from([(("discord".into(), discord.account()), channel)]),
            settings: "{}".to_owned(),
        };
        let agents = BTreeMap::from([(SHOP, Agent::new(ports))]);
        let kept: (Arc<dyn Store>, Arc<dyn Archive>) = (store.clone(), self.store.clone());
        let house = House::new(agents, kept, (clock, ids), catalog, vec![shop]).await.unwrap();
        let house = Arc::new(house);
        let outbox = Arc::new(Notify::new());
        let mailbox = Mailbox::new(house.clone(), outbox.clone(), Handle::current());
        let courier = Courier::new(house.clone(), mailbox.clone(), outbox, opening.ambiguous);
        let intake = Intake::new(house.clone(), mailbox.clone());
        let routes = routes(&discord, &intake);
        let (stop, stopped) = oneshot::channel();
        let inlet = Inlet::new(&discord, &house, &intake);
        tokio::spawn(inlet.run(async { drop(stopped.await) }));
        mailbox.resume().await.unwrap();
        let outside = self.clone();
        Shop { outside, house, store, mailbox, courier, routes, stop: Mutex::new(Some(stop)) }
    }

    fn discord(&self, opening: &Opening) -> Arc<Discord> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        use ring::signature::{Ed25519KeyPair, KeyPair as _};
        let pair = Ed25519KeyPair::from_seed_unchecked(&SEED).unwrap();
        let key: [u8; 32] = pair.public_key().as_ref().try_into().unwrap();
        let settings = Settings {
            shop: SHOP,
            application: APPLICATION,
            public_key: opening.http.then_some(key),
            channels: opening.channels.clone(),
            commands: Commands {
                shop: "hello".to_owned(),
                cart: "show me my cart".to_owned(),
                human: "i want to talk to a person".to_owned(),
            },
        };
        let http = reqwest::Client::new();
        let rest = Rest::new(http, self.fake.base(), Token::new(TOKEN), self.clock.clone());
        Discord::new(settings, rest, self.clock.clone())
    }

    /// A customer writes, some time after what was before.
    pub(super) fn write(&self, user: u64, text: &str) -> u64 {
        self.clock.turn(Duration::from_secs(20));
        self.fake.write(user, text)
    }
}

/// Fresh ids that differ from process to process, under one key.
#[derive(Debug)]
struct StableIds(CountedIds, CountedIds);

impl Ids for StableIds {
    fn fresh(&self) -> u128 {
        self.0.fresh()
    }

    fn keyed(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        self.1.keyed(purpose, bytes)
    }
}

impl Shop {
    /// The process is told to end: nothing more is taken in.
    pub(super) fn stop(&self) {
        self.stop.lock().unwrap().take();
    }

    /// Returns when the gateway is open.
    pub(super) async fn connected(&self, sessions: usize) {
        self.outside.fake.until(|fake| (fake.sessions().0 >= sessions).then_some(())).await;
    }

    /// Everything that is due is turned into turns and delivered.
    pub(super) async fn settle(&self) {
        self.mailbox.settled().await;
        // Who writes much is answered as fast as Discord allows, which the courier waits for.
        let clock = &self.outside.clock;
        let pace = (Duration::from_secs(2), &clock.sleepers());
        clock.during(pace, self.courier.deliver_due()).await;
        self.mailbox.settled().await;
    }

    /// A customer writes, and is answered.
    pub(super) async fn say(&self, user: u64, text: &str) {
        let id = self.outside.write(user, text);
        self.store.took(&id.to_string()).await;
        self.settle().await;
    }

    /// A customer taps, and is answered.
    pub(super) async fn tap(&self, user: u64, label: &str) {
        self.outside.clock.turn(Duration::from_secs(20));
        let interaction = self.outside.fake.tap(user, label);
        self.took(&interaction).await;
        self.settle().await;
    }

    /// A message was taken in, by this process or by one before it.
    pub(super) async fn store_has(&self, id: u64) {
        let known = self.turns(self.outside.fake.writer(id)).await.concat();
        if !known.contains(&id.to_string()) {
            self.store.took(&id.to_string()).await;
        }
    }

    /// An interaction is taken in, and announced as being answered.
    pub(super) async fn took(&self, interaction: &serde_json::Value) {
        let id = interaction["id"].as_str().unwrap();
        self.store.took(&format!("interaction/{id}/")).await;
    }

    /// The conversation with a customer in a thread.
    pub(super) async fn journal(&self, user: u64, thread: &str) -> Option<JournalId> {
        let address = Address {
            channel: "discord".into(),
            account: APPLICATION.to_string().into(),
            thread: thread.to_owned(),
            author: user.to_string(),
        };
        let store = &self.house.store;
        let customer = store.find(SHOP, &house::person(&address)).await.unwrap()?;
        store.find(SHOP, &house::talk(customer, &address)).await.unwrap()
    }

    pub(super) async fn events(&self, user: u64) -> Vec<Recorded> {
        self.events_in(user, &user.to_string()).await
    }

    pub(super) async fn events_in(&self, user: u64, thread: &str) -> Vec<Recorded> {
        match self.journal(user, thread).await {
            Some(journal) => self.house.events(journal, Seq::START).await.unwrap().1,
            None => Vec::new(),
        }
    }

    pub(super) async fn conversation(&self, user: u64) -> Conversation {
        Conversation::fold(&self.events(user).await)
    }

    /// The messages that each turn of a customer's conversation answered.
    pub(super) async fn turns(&self, user: u64) -> Vec<Vec<String>> {
        let opened = |recorded: &Recorded| match &recorded.event {
            Event::Answer(Answer::Opened(opening)) => {
                Some(opening.inputs.iter().map(ToString::to_string).collect())
            }
            _ => None,
        };
        self.events(user).await.iter().filter_map(opened).collect()
    }

    /// What became of the parts of a conversation.
    pub(super) async fn statuses(&self, user: u64) -> Vec<Status> {
        let status = |recorded: Recorded| match recorded.event {
            Event::Answer(Answer::Received(Inbound {
                kind: InboundKind::Status { status, .. },
                ..
            })) => Some(status),
            _ => None,
        };
        self.events(user).await.into_iter().filter_map(status).collect()
    }

    /// What a customer sees, as a text; and nothing was asked that Discord would refuse.
    pub(super) fn transcript(&self, user: u64) -> String {
        let fake = &self.outside.fake;
        assert_eq!(fake.complaints(), Vec::<String>::new());
        let mut text = String::new();
        for said in fake.said(user) {
            let who = if said.by_customer { "you" } else { "shop" };
            let indented = said.text.replace('\n', "\n    ");
            text.push_str(&format!("{who} ({}):\n    {indented}\n", said.place));
        }
        text
    }
}
