//! Conversations by chance: two shops, both languages, customers who do whatever customers do, and models,
//! tools and a store that fail now and then. The real intake, mailbox, turn and courier run them.

mod customer;
mod model;
mod ports;
pub mod rounds;
mod words;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agent_core::catalog::{Backend, Catalog};
use agent_core::channel::Channel;
use agent_core::courier::{Ambiguous, Courier};
use agent_core::house::{House, Shop};
use agent_core::id::ShopId;
use agent_core::intake::Intake;
use agent_core::mailbox::Mailbox;
use agent_core::time::turned::{CountedIds, TurnedClock};
use agent_core::time::{Clock, Ids};
use agent_core::tool::shop_tools;
use agent_core::turn::{Agent, Ports};
use anyhow::{Context as _, anyhow};
use catalog::Goods;
use catalog::backend::LocalLinks;
use futures::future::join_all;
use indicatif::ProgressBar;
use prompts::{Feed, Folder};
use sutler::tape::Books;
use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::dice::Dice;
use crate::world::{Collected, START};

/// The shops: their pack, and what they are called.
pub const SHOPS: [(ShopId, &str); 2] = [(ShopId(1), "retail"), (ShopId(2), "restaurant")];
/// Conversations that go on at once.
const AT_ONCE: u64 = 64;
/// Steps of the longest conversation.
const STEPS: u64 = 7;
/// How often what was left waiting by a fault is taken up again.
const ROUNDS: usize = 50;

/// One throw of dice for whoever asks.
#[derive(Debug)]
pub struct Chance(Mutex<Dice>);

impl Chance {
    /// Chance as `seed` says.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(Dice::new(seed)))
    }

    /// A number below `end`.
    pub fn below(&self, end: u64) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).below(end)
    }

    /// Whether the one case in so many is met.
    pub fn one_in(&self, many: u64) -> bool {
        self.below(many) == 0
    }

    /// One of these.
    pub fn of<'a, T>(&self, all: &'a [T]) -> Option<&'a T> {
        all.get(usize::try_from(self.below(all.len() as u64)).unwrap_or_default())
    }
}

/// The shops, put together over a store.
struct Street {
    house: Arc<House>,
    intake: Intake,
    mailbox: Arc<Mailbox>,
    courier: Arc<Courier>,
    clock: Arc<TurnedClock>,
}

/// Holds so many conversations over a store.
///
/// # Errors
/// When the shops can't be put together, or something is left unanswered.
pub async fn talk(books: &Books, seed: u64, count: u64, bar: &ProgressBar) -> anyhow::Result<()> {
    let street = Street::new(books, seed).await?;
    let mut dice = Dice::new(seed);
    for first in (0..count).step_by(usize::try_from(AT_ONCE)?) {
        let customers = first..count.min(first + AT_ONCE);
        let mut customers: Vec<_> =
            customers.map(|n| customer::Customer::new(n, Dice::new(dice.roll()))).collect();
        for step in 0..STEPS {
            join_all(customers.iter_mut().map(|it| it.step(&street, step))).await;
            street.settled().await;
            street.clock.turn(Duration::from_millis(dice.below(90_000)));
            if dice.below(100) == 0 {
                street.clock.turn(Duration::from_secs(26 * 3600));
            }
        }
        street.rest().await?;
        bar.inc(customers.len() as u64);
    }
    Ok(())
}

impl Street {
    async fn new(books: &Books, seed: u64) -> anyhow::Result<Self> {
        let chance = Arc::new(Chance::new(seed ^ 0x5EED));
        let clock = Arc::new(TurnedClock::new(START));
        let ids: Arc<dyn Ids> = Arc::new(CountedIds::new(seed | 1));
        let goods = Arc::new(Goods::new(clock.clone()));
        let channel = Arc::new(Collected::default());
        let mut packs = Vec::new();
        for (shop, pack) in SHOPS {
            let folder = Folder::builtin(pack).context("a pack that ships")?;
            let Some(Feed::Embedded(feed)) = folder.feed() else {
                return Err(anyhow!("{pack} has no feed in the binary"));
            };
            goods.import(shop, *feed, None, |_| {})?;
            packs.push((shop, pack, Arc::new(folder.pack()?)));
        }
        let catalog: Arc<dyn Catalog> = Arc::new(ports::Catalog::new(goods, chance.clone()));
        let links = LocalLinks::new("https://shop.example/checkout".to_owned(), ids.clone());
        let backend: Arc<dyn Backend> = Arc::new(ports::Backend::new(links, chance.clone()));
        let store = Arc::new(ports::Store::new(books.store.clone(), chance.clone()));
        let ports = Ports {
            model: Arc::new(model::Moods::new(chance.clone())),
            tools: shop_tools(&catalog, &backend).into(),
            store: store.clone(),
            clock: clock.clone(),
        };
        let agents = SHOPS.map(|(shop, _)| (shop, Agent::new(ports.clone())));
        let shops = packs.into_iter().map(|(id, name, pack)| Shop {
            id,
            name: name.into(),
            pack,
            accounts: BTreeMap::from([(
                ("test".into(), "main".into()),
                channel.clone() as Arc<dyn Channel>,
            )]),
            settings: format!("{{\"shop\":{id}}}"),
        });
        let time: (Arc<dyn Clock>, Arc<dyn Ids>) = (clock.clone(), ids);
        let stores = (store as _, books.archive.clone());
        let house =
            House::new(BTreeMap::from(agents), stores, time, catalog, shops.collect()).await;
        let house = Arc::new(house?);
        let outbox = Arc::new(Notify::new());
        let mailbox = Mailbox::new(house.clone(), outbox.clone(), Handle::current());
        let courier = Courier::new(house.clone(), mailbox.clone(), outbox, Ambiguous::Resend);
        let intake = Intake::new(house.clone(), mailbox.clone());
        Ok(Self { house, intake, mailbox, courier, clock })
    }

    /// Answers what is waiting and delivers what is due, while time goes on.
    async fn settled(&self) {
        let work = async {
            self.mailbox.settled().await;
            self.courier.deliver_due().await;
            self.mailbox.settled().await;
        };
        let time = async {
            loop {
                for _ in 0..256 {
                    tokio::task::yield_now().await;
                }
                self.clock.turn(Duration::from_millis(250));
            }
        };
        tokio::select! { () = work => {}, () = time => {} }
    }

    /// Takes up what faults have left, until nothing but statuses waits.
    async fn rest(&self) -> anyhow::Result<()> {
        for _ in 0..ROUNDS {
            // A fault may meet this reading too.
            if self.mailbox.resume().await.is_err() {
                continue;
            }
            self.settled().await;
            if !self.anybody_waits().await {
                return Ok(());
            }
        }
        Err(anyhow!("messages are still not answered after {ROUNDS} rounds"))
    }

    async fn anybody_waits(&self) -> bool {
        for (shop, _) in SHOPS {
            let Ok(journals) = self.house.store.waiting(shop, usize::MAX).await else {
                return true;
            };
            for journal in journals {
                let Ok(rows) = self.house.store.inbox(journal, 64).await else { return true };
                if rows.iter().any(|row| !ports::is_status(&row.inbound)) {
                    return true;
                }
            }
        }
        false
    }
}
