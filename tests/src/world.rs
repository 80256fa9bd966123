//! A shop in a test: the real intake, mailbox, turn and courier over a store, with a turned clock and a
//! channel that collects.

pub mod meta;
mod shops;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use agent_core::catalog::{Backend, Catalog};
use agent_core::channel::{Channel, Delivery, DeliveryError, Live};
use agent_core::conversation::Conversation;
use agent_core::courier::{Ambiguous, Courier};
use agent_core::event::{Decision, Event, Recorded};
use agent_core::evidence::{Call, Change};
use agent_core::house::{House, Shop};
use agent_core::id::{JournalId, MessageId, Name, Seq, ShopId};
use agent_core::intake::Intake;
use agent_core::mailbox::Mailbox;
use agent_core::message::{Action, Address, Inbound, InboundKind, Outbound, Tap};
use agent_core::model::Model;
use agent_core::pack::Pack;
use agent_core::profile::{ChannelProfile, Limit, Markup, Menu, Pace, Repeat, Unit};
use agent_core::store::memory::MemoryStore;
use agent_core::store::{Archive, Store};
use agent_core::time::turned::{CountedIds, TurnedClock};
use agent_core::time::{Clock, Ids, Micros};
use agent_core::tool::shop_tools;
use agent_core::turn::{Agent, Ports};
use async_trait::async_trait;
use catalog::Goods;
use catalog::backend::LocalLinks;
use tokio::runtime::Handle;
use tokio::sync::Notify;

pub use shops::{FEED, Member};

/// The start of a test's time: 2026-11-01T00:00:00Z.
pub const START: Micros = Micros(1_793_491_200_000_000);

/// A channel that keeps what it is given.
#[derive(Debug)]
pub struct Collected {
    profile: ChannelProfile,
    delivered: Mutex<Vec<Delivery>>,
    /// What its live half was told; none as long as it has no such half.
    previews: Mutex<Option<Vec<String>>>,
    failures: Mutex<VecDeque<DeliveryError>>,
}

impl Default for Collected {
    fn default() -> Self {
        let limit = |max| Limit { max, unit: Unit::Graphemes };
        let menu = |count| Menu { count, label: limit(24), hint: limit(72), body: limit(1_024) };
        let profile = ChannelProfile {
            channel: "test".into(),
            text: limit(4_096),
            caption: limit(1_024),
            buttons: Some(menu(3)),
            list: Some(menu(10)),
            cards: Some(menu(10)),
            markup: Markup::Plain,
            can: [agent_core::profile::Can::Links].into(),
            window: None,
            reopen: None,
            settle: Duration::ZERO,
            repeat: Repeat::Nonce,
            pace: Pace {
                account_per_second: 60_000,
                chat_every: Duration::ZERO,
                chat_burst: 60_000,
                shared: None,
            },
        };
        Self {
            profile,
            delivered: Mutex::default(),
            previews: Mutex::default(),
            failures: Mutex::default(),
        }
    }
}

#[async_trait]
impl Channel for Collected {
    fn profile(&self) -> &ChannelProfile {
        &self.profile
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Option<MessageId>, DeliveryError> {
        let mut failures = self.failures.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(failure) = failures.pop_front() {
            return Err(failure);
        }
        self.delivered
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .push(delivery.clone());
        Ok(Some(MessageId(format!("{}/{}", delivery.id, delivery.part))))
    }

    fn live(&self) -> Option<&dyn Live> {
        let previews = self.previews.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        previews.is_some().then_some(self as _)
    }
}

#[async_trait]
impl Live for Collected {
    async fn begin(&self, to: &Address) {
        self.update(to, "[typing]").await;
    }

    async fn update(&self, _: &Address, text: &str) {
        let mut previews = self.previews.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        previews.get_or_insert_default().push(text.to_owned());
    }

    async fn finish(&self, to: &Address) {
        self.update(to, "[done]").await;
    }
}

impl Collected {
    /// What the live half was told since this was last asked; asked once, the channel has one.
    pub fn previews(&self) -> Vec<String> {
        let mut previews = self.previews.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        previews.replace(Vec::new()).unwrap_or_default()
    }
}

/// What one message of a customer came to.
#[derive(Clone, Debug, Default)]
pub struct Turned {
    /// The calls that were made.
    pub calls: Vec<Call>,
    /// The reply; none where nothing was said.
    pub reply: Option<Outbound>,
    /// The draft the reply was made from.
    pub draft: String,
    /// Changes of state.
    pub changes: Vec<Change>,
    /// Every event of the turn.
    pub events: Vec<Recorded>,
}

/// A shop in a test.
#[derive(Debug)]
pub struct World {
    /// Its parts.
    pub house: Arc<House>,
    /// Where messages go in.
    pub intake: Intake,
    /// What was delivered.
    pub channel: Arc<Collected>,
    /// Its time.
    pub clock: Arc<TurnedClock>,
    mailbox: Arc<Mailbox>,
    courier: Arc<Courier>,
    said: Mutex<u64>,
}

/// The shop of a world.
pub const SHOP: ShopId = ShopId(1);

impl World {
    /// A shop with this pack, feed and model, over a store in memory.
    ///
    /// # Panics
    /// When the feed can't be used.
    pub async fn new(pack: Arc<Pack>, feed: &[u8], model: Arc<dyn Model>) -> Self {
        let store = Arc::new(MemoryStore::new());
        Self::over((store.clone(), store), pack, feed, model).await
    }

    /// A shop over a store.
    ///
    /// # Panics
    /// When the feed can't be used.
    pub async fn over(
        store: (Arc<dyn Store>, Arc<dyn Archive>),
        pack: Arc<Pack>,
        feed: &[u8],
        model: Arc<dyn Model>,
    ) -> Self {
        let clock = Arc::new(TurnedClock::new(START));
        let goods = Arc::new(Goods::new(clock.clone()));
        let imported = goods.import(SHOP, feed, None, |_| {});
        assert!(imported.is_ok(), "{imported:?}");
        Self::furnished(store, pack, (goods, clock), model).await
    }

    /// A shop over a store in memory, with goods that were imported before.
    pub async fn stocked(pack: Arc<Pack>, goods: Arc<Goods>, model: Arc<dyn Model>) -> Self {
        let store = Arc::new(MemoryStore::new());
        let clock = Arc::new(TurnedClock::new(START));
        Self::furnished((store.clone(), store), pack, (goods, clock), model).await
    }

    async fn furnished(
        store: (Arc<dyn Store>, Arc<dyn Archive>),
        pack: Arc<Pack>,
        (goods, clock): (Arc<Goods>, Arc<TurnedClock>),
        model: Arc<dyn Model>,
    ) -> Self {
        let ids: Arc<dyn Ids> = Arc::new(CountedIds::new(7));
        let catalog: Arc<dyn Catalog> = goods;
        let links: Arc<dyn Backend> =
            Arc::new(LocalLinks::new("https://shop.example/checkout".to_owned(), ids.clone()));
        let channel = Arc::new(Collected::default());
        let shop = Shop {
            id: SHOP,
            name: "test".into(),
            pack,
            accounts: BTreeMap::from([(
                ("test".into(), "main".into()),
                channel.clone() as Arc<dyn Channel>,
            )]),
            settings: "{}".to_owned(),
        };
        let tools = shop_tools(&catalog, &links).into();
        let ports = Ports { model, tools, store: store.0.clone(), clock: clock.clone() };
        let agents = BTreeMap::from([(SHOP, Agent::new(ports))]);
        let time: (Arc<dyn Clock>, Arc<dyn Ids>) = (clock.clone(), ids);
        let house = House::new(agents, store, time, catalog, vec![shop]).await;
        assert!(house.is_ok(), "the archive takes what hashes name");
        let Ok(house) = house.map(Arc::new) else { unreachable!("asserted above") };
        let outbox = Arc::new(Notify::new());
        let mailbox = Mailbox::new(house.clone(), outbox.clone(), Handle::current());
        let courier = Courier::new(house.clone(), mailbox.clone(), outbox, Ambiguous::Resend);
        let intake = Intake::new(house.clone(), mailbox.clone());
        Self { house, intake, channel, clock, mailbox, courier, said: Mutex::new(0) }
    }

    /// A customer writes; what came of it.
    ///
    /// # Panics
    /// When it is not taken in.
    pub async fn say(&self, who: &str, text: &str) -> Turned {
        self.tell(who, InboundKind::Text(text.to_owned())).await
    }

    /// A customer taps the option with this label, of the newest reply that offers it.
    ///
    /// # Panics
    /// When nothing offers it.
    pub async fn tap(&self, who: &str, label: &str) -> Turned {
        let conversation = self.conversation(who).await;
        let action = conversation.offered.iter().rev().find_map(|offered| {
            let at = offered.actions.iter().position(|(shown, _)| shown == label)?;
            let option = u16::try_from(at).ok()?;
            Some(agent_core::message::ActionRef { outbound: offered.outbound, option })
        });
        assert!(action.is_some(), "nothing offers `{label}`");
        let journal = self.journal(who).await;
        let token =
            action.map(|action| agent_core::action::mint(&*self.house.ids, journal, action));
        self.tell(who, InboundKind::Tap(Tap::Token(token.unwrap_or_default()))).await
    }

    /// Something of a customer comes in; what came of it.
    ///
    /// # Panics
    /// When it is not taken in.
    pub async fn tell(&self, who: &str, kind: InboundKind) -> Turned {
        self.clock.turn(Duration::from_secs(20));
        let n = {
            let mut said = self.said.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *said += 1;
            *said
        };
        let inbound = Inbound {
            id: MessageId(format!("m{n}")),
            at: self.house.clock.now(),
            from: Some(address(who)),
            aliases: Vec::new(),
            kind,
            reply_to: None,
            referral: None,
        };
        let before = self.events(who).await.len();
        let accepted = self.intake.accept(SHOP, inbound).await;
        assert!(accepted.is_ok(), "{accepted:?}");
        self.mailbox.settled().await;
        let events = self.events(who).await.split_off(before);
        Turned::of(events)
    }

    /// Takes up what was left waiting when the process before this one ended.
    ///
    /// # Panics
    /// When the store can't be read.
    pub async fn resume(&self) {
        let resumed = self.mailbox.resume().await;
        assert!(resumed.is_ok(), "{resumed:?}");
        self.mailbox.settled().await;
    }

    /// Delivers what is due.
    pub async fn deliver(&self) -> Vec<Delivery> {
        self.courier.deliver_due().await;
        let mut delivered =
            self.channel.delivered.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::take(&mut *delivered)
    }

    /// The journal of a customer's conversation.
    ///
    /// # Panics
    /// When they never wrote.
    pub async fn journal(&self, who: &str) -> JournalId {
        let found = self.find(who).await;
        assert!(found.is_some(), "{who} never wrote");
        found.unwrap_or_else(|| JournalId::conversation(SHOP, 0))
    }

    async fn find(&self, who: &str) -> Option<JournalId> {
        let store = &self.house.store;
        let person = agent_core::house::person(&address(who));
        let customer = store.find(SHOP, &person).await.ok()??;
        store.find(SHOP, &agent_core::house::talk(customer, &address(who))).await.ok()?
    }

    /// The events of a customer's conversation.
    pub async fn events(&self, who: &str) -> Vec<Recorded> {
        match self.find(who).await {
            Some(journal) => {
                self.house.events(journal, Seq::START).await.map(|it| it.1).unwrap_or_default()
            }
            None => Vec::new(),
        }
    }

    /// The state of a customer's conversation.
    pub async fn conversation(&self, who: &str) -> Conversation {
        Conversation::fold(&self.events(who).await)
    }
}

/// Where a customer of a test writes from.
#[must_use]
pub fn address(who: &str) -> Address {
    Address {
        channel: "test".into(),
        account: "main".into(),
        thread: who.to_owned(),
        author: who.to_owned(),
    }
}

impl Turned {
    /// What these events of a turn come to.
    #[must_use]
    pub fn of(events: Vec<Recorded>) -> Self {
        let mut turned = Self::default();
        for recorded in &events {
            match &recorded.event {
                Event::Decision(Decision::Called { call, .. }) => turned.calls.push(call.clone()),
                Event::Decision(Decision::Changed(change)) => turned.changes.push(change.clone()),
                Event::Decision(Decision::Replied { draft, outbound, .. }) => {
                    turned.reply = Some((**outbound).clone());
                    turned.draft.clone_from(draft);
                }
                _ => {}
            }
        }
        turned.events = events;
        turned
    }

    /// Everything the customer reads in the reply.
    #[must_use]
    pub fn text(&self) -> String {
        use agent_core::message::Block;
        let blocks = self.reply.iter().flat_map(|reply| &reply.blocks);
        let texts = blocks.map(|block| match block {
            Block::Text(text) => text.clone(),
            Block::Choice { ask, options, .. } => {
                let labels: Vec<&str> =
                    options.iter().map(|option| option.label.as_str()).collect();
                format!("{ask}\n{}", labels.join("\n"))
            }
            Block::Cards(cards) => {
                let cards = cards.iter().map(|card| format!("{} {}", card.title, card.detail));
                cards.collect::<Vec<_>>().join("\n")
            }
            Block::Summary { lines, total, .. } => {
                let lines = lines
                    .iter()
                    .map(|line| format!("{} × {} {}", line.quantity, line.label, line.text));
                format!("{}\n{}: {}", lines.collect::<Vec<_>>().join("\n"), total.0, total.1)
            }
            Block::Link { label, url } => format!("{label} {url}"),
            other => format!("{other:?}"),
        });
        texts.collect::<Vec<_>>().join("\n")
    }

    /// The labels of what can be tapped.
    #[must_use]
    pub fn offers(&self) -> Vec<(String, Action)> {
        let blocks = self.reply.as_ref().map(|reply| agent_core::message::actions(&reply.blocks));
        blocks
            .unwrap_or_default()
            .into_iter()
            .map(|(label, action)| (label.to_owned(), action.clone()))
            .collect()
    }

    /// The names of the tools that were called.
    #[must_use]
    pub fn tools(&self) -> Vec<Name> {
        self.calls.iter().map(|call| call.tool.clone()).collect()
    }
}
