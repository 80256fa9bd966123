//! What every part of the shell stands on: the ports, the shops of this process, and how their journals stand.

mod folds;
mod readable;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;

use crate::account::Account;
use crate::catalog::Catalog;
use crate::channel::Channel;
use crate::conversation::Conversation;
use crate::courier::pace::Paces;
use crate::customer::Customer;
use crate::digest::{Digest, Named, canonical};
use crate::event::{Basis, Recorded};
use crate::evidence::ToolSpec;
use crate::id::{Alias, CustomerId, JournalId, Made, Name, Seq, ShopId, Subject};
use crate::message::Address;
use crate::order::Order;
use crate::pack::{Content, Pack};
use crate::policy;
use crate::profile::ChannelProfile;
use crate::replay::{Stretch, outcome, stretches};
use crate::store::{Archive, InboxRow, Page, Store, StoreError, kept};
use crate::time::{Clock, Ids};
use crate::turn::{Agent, InForce, SNAPSHOT_EVERY, engine, snapshot};
use folds::Folds;

/// One shop of this process.
#[derive(Clone, Debug)]
pub struct Shop {
    /// Its number.
    pub id: ShopId,
    /// Its name, for people.
    pub name: Name,
    /// The pack in force.
    pub pack: Arc<Pack>,
    /// Its accounts, by channel and account.
    pub accounts: BTreeMap<(Name, Name), Arc<dyn Channel>>,
    /// The settings its turns depend on, as canonical JSON.
    pub settings: String,
}

/// The ports, and the shops.
#[derive(Debug)]
pub struct House {
    /// Runs turns, by shop: a shop has its own model and tools.
    pub agents: BTreeMap<ShopId, Agent>,
    /// Journals and queues.
    pub store: Arc<dyn Store>,
    /// What hashes name.
    pub archive: Arc<dyn Archive>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids.
    pub ids: Arc<dyn Ids>,
    /// Goods.
    pub catalog: Arc<dyn Catalog>,
    /// Accounts as they stand, as they were needed.
    accounts: RwLock<BTreeMap<JournalId, Arc<Account>>>,
    /// Counts what accounts were told: what was folded before is not kept.
    told: AtomicU64,
    /// Packs by hash, as they were needed.
    packs: RwLock<BTreeMap<Digest, Arc<Pack>>>,
    shops: BTreeMap<ShopId, Shop>,
    standards: BTreeMap<ShopId, Standards>,
    conversations: Folds<Fold>,
    customers: Folds<Arc<Customer>>,
    /// What is sent and what is shown live share one budget.
    pub(crate) paces: Paces,
}

/// What is in force in every turn of a shop, by hash.
#[derive(Debug)]
struct Standards {
    settings: Digest,
    profiles: BTreeMap<(Name, Name), Arc<Named<ChannelProfile>>>,
    shown: Arc<Named<Vec<ToolSpec>>>,
}

impl Standards {
    fn of(shop: &Shop, agents: &BTreeMap<ShopId, Agent>) -> Self {
        let named = |channel: &Arc<dyn Channel>| Arc::new(Named::new(channel.profile().clone()));
        let profiles = shop.accounts.iter().map(|(name, channel)| (name.clone(), named(channel)));
        let shown = |agent: &Agent| policy::tools_shown(agent.specs(), &shop.pack);
        let shown = agents.get(&shop.id).map(shown);
        Self {
            settings: Digest::of(shop.settings.as_bytes()),
            profiles: profiles.collect(),
            shown: shown.unwrap_or_else(|| Arc::new(Named::new(Vec::new()))),
        }
    }
}

/// The fold of a conversation up to the last turn that was closed, and what was kept since.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fold {
    /// Where the newest snapshot stands.
    pub(crate) kept: Seq,
    /// The fold.
    pub(crate) state: Arc<Conversation>,
}

impl Fold {
    /// Whether the next turn is to write a snapshot.
    pub(crate) fn is_long(&self) -> bool {
        self.state.head.0 - self.kept.0 >= SNAPSHOT_EVERY
    }
}

/// How a conversation stands.
#[derive(Debug)]
pub(crate) struct Standing {
    /// Before the turn that is open, if one is.
    pub(crate) fold: Fold,
    /// What the journal already holds of that turn.
    pub(crate) tape: Vec<Recorded>,
    /// Whose data key seals the journal.
    pub(crate) customer: Option<CustomerId>,
}

/// Events read at once when a journal is folded.
const PAGE: usize = 512;

impl House {
    /// A house over these ports. What its shops' hashes name is archived here, before the first turn.
    ///
    /// # Errors
    /// When the archive can't be written.
    pub async fn new(
        agents: BTreeMap<ShopId, Agent>,
        (store, archive): (Arc<dyn Store>, Arc<dyn Archive>),
        (clock, ids): (Arc<dyn Clock>, Arc<dyn Ids>),
        catalog: Arc<dyn Catalog>,
        shops: Vec<Shop>,
    ) -> Result<Self, StoreError> {
        let mut packs = BTreeMap::new();
        for shop in &shops {
            archive.keep(Bytes::from(canonical(&**shop.pack))).await?;
            archive.keep(Bytes::from(shop.settings.clone())).await?;
            for channel in shop.accounts.values() {
                archive.keep(Bytes::from(canonical(channel.profile()))).await?;
            }
            packs.insert(shop.pack.id(), shop.pack.clone());
        }
        for agent in agents.values() {
            archive.keep(Bytes::from(canonical(&***agent.specs()))).await?;
        }
        let standards = shops.iter().map(|shop| (shop.id, Standards::of(shop, &agents))).collect();
        let shops = shops.into_iter().map(|shop| (shop.id, shop)).collect();
        Ok(Self {
            agents,
            store,
            archive,
            paces: Paces::new(clock.clone()),
            clock,
            ids,
            catalog,
            accounts: RwLock::default(),
            told: AtomicU64::new(0),
            packs: RwLock::new(packs),
            shops,
            standards,
            conversations: Folds::default(),
            customers: Folds::default(),
        })
    }

    /// The shops of this process.
    pub fn shops(&self) -> impl Iterator<Item = &Shop> {
        self.shops.values()
    }

    /// A shop by its number.
    #[must_use]
    pub fn shop(&self, id: ShopId) -> Option<&Shop> {
        self.shops.get(&id)
    }

    /// The channel an address belongs to.
    #[must_use]
    pub fn channel(&self, shop: ShopId, to: &Address) -> Option<&Arc<dyn Channel>> {
        self.shops.get(&shop)?.accounts.get(&(to.channel.clone(), to.account.clone()))
    }

    /// A pack by its hash, from the archive where it is no longer in force.
    ///
    /// # Errors
    /// When the archive can't be read, or has no such pack.
    pub async fn pack(&self, id: Digest) -> Result<Arc<Pack>, StoreError> {
        let held = self.packs.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if let Some(pack) = held {
            return Ok(pack);
        }
        let content: Content = kept(&*self.archive, id).await?;
        let pack = Arc::new(Pack::new(content));
        self.packs.write().unwrap_or_else(PoisonError::into_inner).insert(id, pack.clone());
        Ok(pack)
    }

    /// What is in force for a turn of a conversation that opens now.
    ///
    /// # Errors
    /// When the store or the catalogue can't be read.
    pub async fn in_force(
        &self,
        journal: JournalId,
        past: &Conversation,
        to: &Address,
    ) -> Result<InForce, StoreError> {
        let failed = |what: &str| StoreError::Failed(what.to_owned());
        let shop = self
            .shops
            .get(&journal.shop)
            .ok_or_else(|| failed("the shop is not in the configuration"))?;
        let agent =
            self.agents.get(&journal.shop).ok_or_else(|| failed("the shop has no agent"))?;
        let standards = self.standards.get(&journal.shop);
        let standards = standards.ok_or_else(|| failed("the shop is not in the configuration"))?;
        let account = (to.channel.clone(), to.account.clone());
        let profile = standards.profiles.get(&account);
        let profile = profile.ok_or_else(|| failed("the account is not in the configuration"))?;
        let customer = past.customer.ok_or_else(|| failed("the conversation has no customer"))?;
        let catalog = self.catalog.version(journal.shop).await;
        let known = self.customer(journal.shop, customer).await?;
        Ok(InForce {
            pack: shop.pack.clone(),
            customer,
            turn: crate::id::TurnId(self.ids.fresh()),
            basis: Basis {
                engine: engine(),
                pack: shop.pack.id(),
                settings: standards.settings,
                profile: profile.id(),
                tools: agent.specs().id(),
                catalog: catalog.unwrap_or_else(|_| Digest::of(b"unavailable")),
                arm: None,
            },
            profile: profile.clone(),
            specs: agent.specs().clone(),
            shown: standards.shown.clone(),
            opted_out: known.opted_out(),
            consent: known.consent.clone(),
        })
    }

    /// How far each account of a shop may be used now, as its platform said.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn standings(
        &self,
        shop: &Shop,
    ) -> Result<Vec<((Name, Name), crate::message::Standing)>, StoreError> {
        let mut standings = Vec::with_capacity(shop.accounts.len());
        for (channel, name) in shop.accounts.keys() {
            let (thread, author) = (String::new(), String::new());
            let to = Address { channel: channel.clone(), account: name.clone(), thread, author };
            let standing = self.account(shop.id, &to).await?.standing(self.clock.now());
            standings.push(((channel.clone(), name.clone()), standing));
        }
        Ok(standings)
    }

    /// The fold of the journal of the account an address belongs to.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn account(&self, shop: ShopId, to: &Address) -> Result<Arc<Account>, StoreError> {
        let journal = JournalId::account(shop, &to.channel, &to.account);
        let held =
            self.accounts.read().unwrap_or_else(PoisonError::into_inner).get(&journal).cloned();
        if let Some(account) = held {
            return Ok(account);
        }
        let told = self.told.load(Ordering::SeqCst);
        let events = self.readable(journal).await?;
        let account = Arc::new(Account::fold(&events));
        let mut accounts = self.accounts.write().unwrap_or_else(PoisonError::into_inner);
        if told == self.told.load(Ordering::SeqCst) {
            accounts.insert(journal, account.clone());
        }
        Ok(account)
    }

    /// An account's journal was written: it is folded again when it is next needed.
    pub(crate) fn told_of(&self, journal: JournalId) {
        let mut accounts = self.accounts.write().unwrap_or_else(PoisonError::into_inner);
        self.told.fetch_add(1, Ordering::SeqCst);
        accounts.remove(&journal);
    }

    /// The fold of a customer's journal, and what waits for it: a wish holds from the moment it was said. What the same
    /// person wished as another customer is theirs.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn customer(
        &self,
        shop: ShopId,
        customer: CustomerId,
    ) -> Result<Arc<Customer>, StoreError> {
        let mut known = self.customer_alone(shop, customer).await?;
        let (mut looked_at, mut same) = (BTreeSet::from([customer]), known.same.clone());
        while let Some(next) = same.pop_first() {
            if !looked_at.insert(next) {
                continue;
            }
            match self.customer_alone(shop, next).await {
                Err(StoreError::Erased) => {}
                other => {
                    let other = other?;
                    Arc::make_mut(&mut known).join(&other);
                    same.extend(&other.same);
                }
            }
        }
        Ok(known)
    }

    async fn customer_alone(
        &self,
        shop: ShopId,
        customer: CustomerId,
    ) -> Result<Arc<Customer>, StoreError> {
        let journal = JournalId::customer(shop, customer);
        let waiting = match self.store.inbox(journal, PAGE).await {
            Err(StoreError::Erased) => Vec::new(),
            waiting => waiting?,
        };
        let mut fold = self.customers.take(journal).unwrap_or_default();
        let (_, events) = self.events(journal, fold.head).await?;
        events.iter().for_each(|recorded| Arc::make_mut(&mut fold).apply(recorded));
        self.customers.put(journal, fold.clone());
        let told = |row: &&InboxRow| !events.iter().any(|it| it.received(&row.inbound.id));
        for row in waiting.iter().filter(told) {
            Arc::make_mut(&mut fold).take(&row.inbound.kind, row.inbound.at);
        }
        Ok(fold)
    }

    /// An order by the call that placed it, what waits for its journal included; none where nobody placed it.
    ///
    /// # Errors
    /// When the store can't be read, or the customer was erased.
    pub async fn order(&self, shop: ShopId, reference: Made) -> Result<Option<Order>, StoreError> {
        let journal = JournalId::order(shop, reference);
        let waiting = self.store.inbox(journal, PAGE).await?;
        let (_, events) = self.events(journal, Seq::START).await?;
        let mut order = Order::fold(&events);
        waiting.iter().for_each(|row| order.take(&row.inbound));
        Ok(order.placed.is_some().then_some(order))
    }

    /// How a conversation stands; its fold is taken out of the cache.
    pub(crate) async fn standing(&self, journal: JournalId) -> Result<Standing, StoreError> {
        let mut fold = match self.conversations.take(journal) {
            Some(fold) => fold,
            None => self.kept_fold(journal).await?,
        };
        let (page, events) = self.events(journal, fold.state.head).await?;
        let mut tape = Vec::new();
        for stretch in stretches(&events) {
            match stretch {
                Stretch::Turn(turn) if outcome(turn).is_none() => tape = turn.to_vec(),
                Stretch::Turn(events) | Stretch::Quiet(events) => {
                    let state = Arc::make_mut(&mut fold.state);
                    events.iter().for_each(|recorded| state.apply(recorded));
                }
            }
        }
        Ok(Standing { fold, tape, customer: page.customer })
    }

    /// Whether a conversation's fold is at hand.
    pub(crate) fn has_at_hand(&self, journal: JournalId) -> bool {
        self.conversations.has(journal)
    }

    /// Keeps a fold at hand that ends with a turn, or with what was kept after it.
    pub(crate) fn remember(&self, journal: JournalId, fold: Fold) {
        self.conversations.put(journal, fold);
    }

    /// Takes what was kept between turns into a fold that is at hand.
    pub(crate) fn advance(&self, journal: JournalId, kept: &Recorded) {
        if let Some(mut fold) = self.conversations.take(journal) {
            if fold.state.head.next() == kept.seq {
                Arc::make_mut(&mut fold.state).apply(kept);
            }
            self.remember(journal, fold);
        }
    }

    /// The fold of the newest snapshot.
    async fn kept_fold(&self, journal: JournalId) -> Result<Fold, StoreError> {
        let kept = self.store.snapshot(journal).await?;
        let fold = kept.and_then(|(kept, bytes)| {
            Some(Fold { kept, state: Arc::new(snapshot::fold(&bytes)?) })
        });
        Ok(fold.unwrap_or_default())
    }

    /// The fold of a conversation as of its journal's head.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn conversation(&self, journal: JournalId) -> Result<Arc<Conversation>, StoreError> {
        let Standing { fold, tape, .. } = self.standing(journal).await?;
        self.remember(journal, fold.clone());
        let mut state = fold.state;
        for recorded in &tape {
            Arc::make_mut(&mut state).apply(recorded);
        }
        Ok(state)
    }

    /// The conversation of somebody at an address, if they ever wrote.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn find(&self, shop: ShopId, at: &Address) -> Result<Option<JournalId>, StoreError> {
        match self.store.find(shop, &person(at)).await? {
            Some(customer) => self.store.find(shop, &talk(customer, at)).await,
            None => Ok(None),
        }
    }

    /// All events of a journal after a position.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn events(
        &self,
        journal: JournalId,
        after: Seq,
    ) -> Result<(Page, Vec<Recorded>), StoreError> {
        let mut page = self.store.read(journal, after, PAGE).await?;
        let mut events = std::mem::take(&mut page.events);
        while events.last().is_some_and(|last| last.seq < page.head) {
            let last = events.last().map_or(after, |last| last.seq);
            let more = self.store.read(journal, last, PAGE).await?;
            if more.events.is_empty() {
                break;
            }
            events.extend(more.events);
        }
        Ok((page, events))
    }
}

/// The index key of a person on a platform.
#[must_use]
pub fn person(address: &Address) -> Alias {
    Alias(format!("person\n{}\n{}\n{}", address.channel, address.account, address.author))
}

/// The index key of one person's conversation on one account, in one thread.
///
/// A chat with one person is theirs under whatever name they write: platforms change how they name people.
#[must_use]
pub fn talk(customer: JournalId, address: &Address) -> Alias {
    let Address { channel, account, thread, author } = address;
    let thread = if thread == author { "" } else { thread };
    Alias(format!("talk\n{}\n{channel}\n{account}\n{thread}", customer.key))
}

/// Whether a journal is folded by turns, or only kept.
#[must_use]
pub fn has_turns(journal: JournalId) -> bool {
    journal.subject == Subject::Conversation
}
