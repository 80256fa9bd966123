//! Several shops in one process, made of what a test chooses; and finer steps than one message at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agent_core::alarm;
use agent_core::catalog::{Backend, Catalog};
use agent_core::channel::{Channel, Delivery, DeliveryError};
use agent_core::conversation::Conversation;
use agent_core::courier::{Ambiguous, Courier};
use agent_core::event::{Answer, Event, Recorded};
use agent_core::house::{House, Shop};
use agent_core::id::{JournalId, MessageId, Name, Seq, ShopId};
use agent_core::intake::{Accepted, Intake};
use agent_core::mailbox::Mailbox;
use agent_core::message::{Inbound, InboundKind, Status};
use agent_core::model::Model;
use agent_core::pack::Pack;
use agent_core::profile::{ChannelProfile, Repeat};
use agent_core::store::memory::MemoryStore;
use agent_core::store::{Archive, OutboxState, Store};
use agent_core::time::turned::{CountedIds, TurnedClock};
use agent_core::time::{Clock, Ids, Micros};
use agent_core::tool::{Tool, shop_tools};
use agent_core::turn::{Agent, Ports};
use catalog::Goods;
use catalog::backend::LocalLinks;
use tokio::runtime::Handle;
use tokio::sync::Notify;

use super::{Collected, SHOP, START, World, address};

/// For as long messages are gathered, and a place within a pace is waited for, at most.
const MOMENT: Duration = Duration::from_secs(1);
/// A reply that is due later than that is none of what is carried out.
const HOUR: Duration = Duration::from_secs(3_600);

/// A feed one reads at a glance: a jacket in two sizes, socks, and a hat that is sold out.
pub const FEED: &str = "\
id,item_group_id,title,description,link,availability,price,color,size
jacket-s,jacket,Rain Jacket,Keeps dry,https://shop.example/jacket,in_stock,89.99 EUR,blue,S
jacket-m,jacket,Rain Jacket,Keeps dry,https://shop.example/jacket,in_stock,89.99 EUR,blue,M
socks,,Wool Socks,Warm,https://shop.example/socks,in_stock,12.50 EUR,grey,
hat,,Sun Hat,Wide,https://shop.example/hat,out_of_stock,30.00 EUR,white,
";

/// One shop of a world.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its number.
    pub id: ShopId,
    /// Its pack.
    pub pack: Arc<Pack>,
    /// Its goods.
    pub feed: Vec<u8>,
    /// Who answers.
    pub model: Arc<dyn Model>,
    /// Its own systems; without, links made here.
    pub backend: Option<Arc<dyn Backend>>,
    /// Its tools beside those every shop has.
    pub tools: Vec<Arc<dyn Tool>>,
    /// The account that collects.
    pub channel: Arc<Collected>,
    /// Its accounts beside that one: kind, account, and what delivers.
    pub accounts: Vec<(Name, Name, Arc<dyn Channel>)>,
}

impl Member {
    /// A shop with this pack and model, [`FEED`], and nothing else.
    #[must_use]
    pub fn new(pack: &Arc<Pack>, model: Arc<dyn Model>) -> Self {
        Self {
            id: SHOP,
            pack: pack.clone(),
            feed: FEED.as_bytes().to_vec(),
            model,
            backend: None,
            tools: Vec::new(),
            channel: Arc::default(),
            accounts: Vec::new(),
        }
    }

    /// The same with a tool more, which the pack allows.
    #[must_use]
    pub fn with_tool(mut self, tool: Arc<dyn Tool>) -> Self {
        let mut content = (**self.pack).clone();
        content.tools.entry(tool.spec().name.clone()).or_default();
        self.pack = Arc::new(Pack::new(content));
        self.tools.push(tool);
        self
    }
}

impl Collected {
    /// One on which words are gathered for so long, and a repeated send is as harmless as this.
    #[must_use]
    pub fn like(settle: Duration, repeat: Repeat) -> Self {
        let mut collected = Self::default();
        collected.profile.settle = settle;
        collected.profile.repeat = repeat;
        collected
    }

    /// One that is what this makes of it.
    #[must_use]
    pub fn shaped(shape: impl FnOnce(&mut ChannelProfile)) -> Self {
        let mut collected = Self::default();
        shape(&mut collected.profile);
        collected
    }

    /// The next deliveries fail so, one after the other.
    pub fn fail(&self, failures: impl IntoIterator<Item = DeliveryError>) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).extend(failures);
    }

    /// What was delivered since this was asked last.
    pub fn take(&self) -> Vec<Delivery> {
        std::mem::take(&mut *self.delivered.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl World {
    /// A world of these shops, over a store in memory.
    ///
    /// # Panics
    /// When a feed can't be used.
    pub async fn of(members: Vec<Member>) -> Self {
        let store = Arc::new(MemoryStore::new());
        let clock = Arc::new(TurnedClock::new(START));
        Self::on((store.clone(), store), clock, members).await
    }

    /// A world of these shops, over a store and a clock that may have been used before.
    ///
    /// # Panics
    /// When a feed can't be used.
    pub async fn on(
        store: (Arc<dyn Store>, Arc<dyn Archive>),
        clock: Arc<TurnedClock>,
        members: Vec<Member>,
    ) -> Self {
        Self::with_policy(store, clock, members, Ambiguous::Resend).await
    }

    /// The same with a policy for sends nobody knows the outcome of.
    ///
    /// # Panics
    /// When a feed can't be used.
    pub async fn with_policy(
        store: (Arc<dyn Store>, Arc<dyn Archive>),
        clock: Arc<TurnedClock>,
        members: Vec<Member>,
        ambiguous: Ambiguous,
    ) -> Self {
        // A later process counts on from elsewhere.
        let seed = u64::try_from(clock.now().0 - START.0).unwrap_or_default() + 7;
        let ids: Arc<dyn Ids> = Arc::new(CountedIds::new(seed));
        let goods = Arc::new(Goods::new(clock.clone()));
        for member in &members {
            let imported = goods.import(member.id, member.feed.as_slice(), None, |_| {});
            assert!(imported.is_ok(), "{imported:?}");
        }
        let catalog: Arc<dyn Catalog> = goods;
        let channel = members.first().map(|member| member.channel.clone()).unwrap_or_default();
        let (mut agents, mut shops) = (BTreeMap::new(), Vec::new());
        for member in members {
            let made_here = || {
                let base = format!("https://shop{}.example/checkout", member.id);
                Arc::new(LocalLinks::new(base, ids.clone())) as Arc<dyn Backend>
            };
            let backend = member.backend.unwrap_or_else(made_here);
            let mut tools = shop_tools(&catalog, &backend);
            tools.extend(member.tools);
            let ports = Ports {
                model: member.model,
                tools: tools.into(),
                store: store.0.clone(),
                clock: clock.clone(),
            };
            agents.insert(member.id, Agent::new(ports));
            let account = ("test".into(), "main".into());
            let more = member.accounts.into_iter().map(|(kind, name, to)| ((kind, name), to));
            let collects = (account, member.channel as Arc<dyn Channel>);
            shops.push(Shop {
                id: member.id,
                name: format!("shop {}", member.id).into(),
                pack: member.pack,
                accounts: more.chain([collects]).collect(),
                settings: "{}".to_owned(),
            });
        }
        let time: (Arc<dyn Clock>, Arc<dyn Ids>) = (clock.clone(), ids);
        let house = House::new(agents, store, time, catalog, shops).await;
        assert!(house.is_ok(), "the archive takes what hashes name");
        let Ok(house) = house.map(Arc::new) else { unreachable!("asserted above") };
        let outbox = Arc::new(Notify::new());
        let mailbox = Mailbox::new(house.clone(), outbox.clone(), Handle::current());
        let courier = Courier::new(house.clone(), mailbox.clone(), outbox, ambiguous);
        let intake = Intake::new(house.clone(), mailbox.clone());
        Self { house, intake, channel, clock, mailbox, courier, said: Mutex::new(0) }
    }

    /// Something comes in from a customer's chat; nothing is awaited but that it is durable.
    ///
    /// # Panics
    /// When it is not taken in.
    pub async fn send(&self, shop: ShopId, who: &str, id: &str, kind: InboundKind) -> Accepted {
        let inbound = Inbound {
            id: MessageId(id.to_owned()),
            at: self.clock.now(),
            from: Some(address(who)),
            aliases: Vec::new(),
            kind,
            reply_to: None,
            referral: None,
        };
        let accepted = self.intake.accept(shop, inbound).await;
        assert!(accepted.is_ok(), "{accepted:?}");
        let Ok(accepted) = accepted else { unreachable!("asserted above") };
        accepted
    }

    /// The moment that is so far from now.
    #[must_use]
    pub fn clock_after(&self, wait: Duration) -> Micros {
        self.clock.now().after(wait)
    }

    /// Returns when no journal is busy.
    pub async fn settled(&self) {
        self.mailbox.settled().await;
    }

    /// Rings what is due, as the alarm does each second, and waits for what comes of it.
    pub async fn ring(&self) {
        alarm::ring_due(&self.house, &self.mailbox).await;
        self.settled().await;
    }

    /// Delivers what is due and waits until its outcome is in the journals.
    pub async fn deliver_and_settle(&self) {
        self.courier.deliver_due().await;
        self.settled().await;
    }

    /// Answers what came in and delivers what may go now. What is gathered or paced for a moment is waited for.
    pub async fn answer(&self) {
        self.settled_in_time().await;
        // While something is on its way, time stands but for what delivers: what is sent is counted by it.
        let others = self.clock.sleepers();
        self.clock.during((MOMENT, &others), self.deliver_and_settle()).await;
    }

    /// Turns time until everything that came in is answered and all of it delivered, as in a shop that runs;
    /// what is held for a person stays.
    pub async fn carry_out(&self) {
        loop {
            self.answer().await;
            let mut next: Option<Micros> = None;
            for shop in self.house.shops() {
                let due = self
                    .house
                    .store
                    .due(shop.id, Micros::MIN..=self.clock_after(HOUR), 512, &BTreeSet::new())
                    .await;
                let rows = due.map(|due| due.0).unwrap_or_default();
                let rows = rows.iter().filter(|row| row.state != OutboxState::Held);
                next = next.into_iter().chain(rows.map(|row| row.due)).min();
            }
            let Some(next) = next else { return };
            self.clock.turn(next.since(self.clock.now()).max(Duration::from_millis(1)));
        }
    }

    /// Takes up what an earlier process left.
    ///
    /// # Panics
    /// When the store can't be read.
    pub async fn take_up(&self) {
        self.take_up_by(agent_core::mailbox::BUSY).await;
    }

    /// The same, so many journals at once.
    ///
    /// # Panics
    /// When the store can't be read.
    pub async fn take_up_by(&self, at_once: usize) {
        let resumed = self.mailbox.resume_by(at_once).await;
        assert!(resumed.is_ok(), "{resumed:?}");
        self.settled_in_time().await;
    }

    /// Returns when no journal is busy; what is gathered is waited for.
    async fn settled_in_time(&self) {
        self.clock.during((MOMENT, &BTreeMap::new()), self.settled()).await;
    }

    /// The events of a journal.
    pub async fn log(&self, journal: JournalId) -> Vec<Recorded> {
        self.house.events(journal, Seq::START).await.map(|it| it.1).unwrap_or_default()
    }

    /// The state of a conversation.
    pub async fn state(&self, journal: JournalId) -> Conversation {
        Conversation::fold(&self.log(journal).await)
    }

    /// What became of the parts of a conversation, oldest first.
    pub async fn statuses(&self, journal: JournalId) -> Vec<Status> {
        let events = self.log(journal).await.into_iter();
        let status = |recorded: Recorded| match recorded.event {
            Event::Answer(Answer::Received(Inbound {
                kind: InboundKind::Status { status, .. },
                ..
            })) => Some(status),
            _ => None,
        };
        events.filter_map(status).collect()
    }
}
