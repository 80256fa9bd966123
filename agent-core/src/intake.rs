//! Takes in what happens: redacts, resolves whose it is, and makes it durable. Only then is it acknowledged.

use std::sync::Arc;

use crate::action;
use crate::event::{Answer, Event};
use crate::house::{House, has_turns, person, talk};
use crate::id::{Alias, CommitId, CustomerId, JournalId, MessageId, Name, Seq, ShopId};
use crate::mailbox::{Mailbox, TAKEN};
use crate::message::{ActionRef, Address, Inbound, InboundKind, Tap};
use crate::policy::privacy;
use crate::quarantine::{self, Unread};
use crate::store::{Accept, Bind, Commit, CommitError, StoreError};

/// Takes in what happens to the shops of a house.
#[derive(Clone, Debug)]
pub struct Intake {
    house: Arc<House>,
    mailbox: Arc<Mailbox>,
}

/// What was taken in.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The conversation it went to.
    pub journal: JournalId,
    /// Whether it was new; a redelivered message is not.
    pub fresh: bool,
}

/// Why something was not taken in. It was not acknowledged: let the platform deliver it again.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IntakeError {
    /// It comes from no platform, so it belongs to no conversation by itself.
    #[error("the message names no address")]
    NoAddress,
    /// It tells of something we sent, and nobody by that address is known: it is not ours.
    #[error("nobody is known by this address")]
    Stranger,
    /// Too much is waiting already.
    #[error("{0} messages wait to be answered, which is the limit; try again later")]
    Full(usize),
    /// The index could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It could not be made durable.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// The event of a shop's journal that another pack came into force, and its field.
const PACK: &str = "pack";
/// Events within which it is looked for what a status is of.
const LATELY: u64 = 4_096;
/// How often an unknown outcome or a lost race is tried again before the platform is left to deliver again.
const TRIES: usize = 4;

/// Where an inbound goes.
struct Place {
    customer: JournalId,
    /// Customers who are the same person.
    others: Vec<JournalId>,
    /// What they are known by: it stays theirs.
    foreign: Vec<Alias>,
    conversation: JournalId,
    bind: Vec<Bind>,
    /// Whether the conversation is new.
    fresh: bool,
}

impl Intake {
    /// An intake into this mailbox.
    #[must_use]
    pub fn new(house: Arc<House>, mailbox: Arc<Mailbox>) -> Self {
        Self { house, mailbox }
    }

    /// Takes in one message of a customer. Durable when it answers.
    ///
    /// # Errors
    /// When it was not taken in; nothing of it is left then.
    pub async fn accept(&self, shop: ShopId, inbound: Inbound) -> Result<Accepted, IntakeError> {
        let from = inbound.from.clone().ok_or(IntakeError::NoAddress)?;
        self.mailbox.admit().map_err(IntakeError::Full)?;
        let redacted = privacy::redact_inbound(inbound);
        let mut tries = 0;
        loop {
            tries += 1;
            let place = self.place(shop, &from, &redacted).await?;
            if place.fresh && redacted.kind.is_receipt() {
                return Err(IntakeError::Stranger);
            }
            let customer = CustomerId(place.customer.key.0);
            let mut accept = vec![self.row(&place, &from, redacted.clone()).await?];
            accept.extend(self.introduce(&place, &redacted).await?);
            let commit = Commit {
                customer: Some(customer),
                accept,
                bind: place.bind,
                ..self.blank(place.conversation)
            };
            match self.commit(commit).await {
                Err(CommitError::Bound | CommitError::Erased) if tries < TRIES => {}
                Err(error) => return Err(error.into()),
                Ok(fresh) => {
                    let fresh = fresh.first().copied().unwrap_or(false);
                    return Ok(Accepted { journal: place.conversation, fresh });
                }
            }
        }
    }

    /// Tells a journal something that comes from no platform: a command of a person, an event of the shop.
    ///
    /// To reach a customer who never wrote, give [`accept`](Self::accept) their address.
    ///
    /// # Errors
    /// When it was not taken in.
    pub async fn tell(&self, journal: JournalId, inbound: Inbound) -> Result<bool, IntakeError> {
        self.mailbox.admit().map_err(IntakeError::Full)?;
        let store = &self.house.store;
        if has_turns(journal)
            && store.read(journal, Seq(u64::MAX), 1).await?.head == Seq::START
            && store.inbox(journal, 1).await?.is_empty()
        {
            return Err(IntakeError::NoAddress);
        }
        let scope = Name(format!("journal/{}", journal.key));
        let accept =
            Accept { journal, customer: None, scope, inbound: privacy::redact_inbound(inbound) };
        let commit = Commit { accept: vec![accept], ..self.blank(journal) };
        let fresh = self.commit(commit).await?;
        Ok(fresh.first().copied().unwrap_or(false))
    }

    /// Keeps what a platform sent and nobody could read, for a while; its account's journal is told. The platform
    /// is told that we have it, and a person can look at it. `id` is the platform's, or made of the bytes.
    ///
    /// # Errors
    /// When it was not taken in.
    pub async fn quarantine(
        &self,
        shop: ShopId,
        (channel, name): (&Name, &Name),
        id: &str,
        (raw, why): (&str, &str),
    ) -> Result<bool, IntakeError> {
        self.mailbox.admit().map_err(IntakeError::Full)?;
        let (unread, account) = (Unread { id, raw, why }, JournalId::account(shop, channel, name));
        let mut epoch = 0;
        let fresh = loop {
            let (commit, at) = (CommitId(self.house.ids.fresh()), self.house.clock.now());
            match self.commit(unread.commit(commit, at, account, epoch)).await {
                // What was kept of this day was erased with somebody.
                Err(CommitError::Erased) if epoch < quarantine::EPOCHS => epoch += 1,
                told => break told?.first().copied().unwrap_or(false),
            }
        };
        tracing::warn!(%shop, %channel, account = %name, id, why, "what a platform sent was not understood");
        Ok(fresh)
    }

    /// Tells each shop's journal which pack is in force, where that changed. Called once at the start.
    ///
    /// # Errors
    /// When it was not taken in.
    pub async fn open_shops(&self) -> Result<(), IntakeError> {
        for shop in self.house.shops() {
            let journal = JournalId::shop(shop.id);
            let (page, events) = self.house.events(journal, Seq::START).await?;
            let in_force = serde_json::json!(shop.pack.id());
            let told = events.iter().rev().find_map(|recorded| match &recorded.event {
                Event::Answer(Answer::Received(inbound)) => match &inbound.kind {
                    InboundKind::Event { name, facts } if name.as_str() == PACK => {
                        facts.get(PACK).cloned()
                    }
                    _ => None,
                },
                _ => None,
            });
            if told.as_ref() == Some(&in_force) {
                continue;
            }
            let facts = [(PACK.into(), in_force), ("name".into(), shop.pack.name.as_str().into())];
            let inbound = Inbound {
                id: MessageId(format!("{PACK}/{}/{}", page.head, shop.pack.id())),
                at: self.house.clock.now(),
                from: None,
                aliases: Vec::new(),
                kind: InboundKind::Event { name: PACK.into(), facts: facts.into() },
                reply_to: None,
                referral: None,
            };
            self.tell(journal, inbound).await?;
        }
        Ok(())
    }

    /// Whose it is: by whatever the index knows of the person, else somebody new.
    async fn place(
        &self,
        shop: ShopId,
        from: &Address,
        inbound: &Inbound,
    ) -> Result<Place, StoreError> {
        let (mut known, mut all, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
        for alias in std::iter::once(person(from)).chain(inbound.aliases.iter().cloned()) {
            let Some(customer) = self.house.store.find(shop, &alias).await? else {
                unknown.push(alias);
                continue;
            };
            if !all.contains(&customer) {
                all.push(customer);
            }
            known.push((alias, customer));
        }
        let customer = match all.as_slice() {
            [] => JournalId::customer(shop, CustomerId(self.house.ids.fresh())),
            [one] => *one,
            several => self.whose(several, from, &inbound.kind).await?,
        };
        let to_customer = |alias| Bind { alias, from: None, to: Some(customer) };
        let mut bind: Vec<Bind> = unknown.into_iter().map(to_customer).collect();
        if let InboundKind::Identity { remove, .. } = &inbound.kind {
            bind.extend(self.unbind(&all, remove).await?);
        }
        all.retain(|it| *it != customer);
        known.retain(|(_, whose)| *whose != customer);
        let foreign = known.into_iter().map(|(alias, _)| alias).collect();
        let alias = talk(customer, from);
        let known = self.house.store.find(shop, &alias).await?;
        let conversation = match known {
            Some(conversation) => conversation,
            None => {
                let conversation = JournalId::conversation(shop, self.house.ids.fresh());
                bind.push(Bind { alias, from: None, to: Some(conversation) });
                conversation
            }
        };
        let fresh = known.is_none();
        Ok(Place { customer, others: all, foreign, conversation, bind, fresh })
    }

    /// Which of several customers who are one person something is for: what tells of something sent, or taps on it, is for
    /// who that was sent to; all else for who was heard last, for there the talk goes on.
    async fn whose(
        &self,
        several: &[JournalId],
        from: &Address,
        kind: &InboundKind,
    ) -> Result<JournalId, StoreError> {
        let (house, mut newest) = (&self.house, None);
        for customer in several {
            let found = house.store.find(customer.shop, &talk(*customer, from)).await?;
            let Some(journal) = found else { continue };
            let state = match house.conversation(journal).await {
                Err(StoreError::Erased) => continue,
                state => state?,
            };
            let theirs = match kind {
                InboundKind::Status { of, .. } => {
                    let after = Seq(state.head.0.saturating_sub(LATELY));
                    let (_, events) = house.events(journal, after).await?;
                    events.iter().any(|it| it.replied(*of))
                }
                InboundKind::Tap(Tap::Token(token)) => self.meant(journal, token).await?.is_some(),
                _ => false,
            };
            if theirs {
                return Ok(*customer);
            }
            let waiting = house.store.inbox(journal, TAKEN).await?;
            let waiting = waiting.iter().filter(|row| row.inbound.kind.is_spoken());
            let heard = waiting.map(|row| row.inbound.at).max().max(state.last_customer);
            if newest.is_none_or(|(before, _)| before < heard) {
                newest = Some((heard, *customer));
            }
        }
        let first = several.first().copied();
        let whose = newest.map(|(_, customer)| customer).or(first);
        whose.ok_or_else(|| StoreError::Failed("nobody is known".to_owned()))
    }

    /// Names that are a customer's no longer: somebody else may get them, as happens to numbers.
    async fn unbind(&self, all: &[JournalId], gone: &[Alias]) -> Result<Vec<Bind>, StoreError> {
        let mut bind = Vec::new();
        for alias in gone {
            for customer in all {
                if self.house.store.find(customer.shop, alias).await? == Some(*customer) {
                    bind.push(Bind { alias: alias.clone(), from: Some(*customer), to: None });
                }
            }
        }
        Ok(bind)
    }

    async fn row(
        &self,
        place: &Place,
        from: &Address,
        mut inbound: Inbound,
    ) -> Result<Accept, StoreError> {
        if let InboundKind::Tap(Tap::Token(token)) = &inbound.kind {
            let action = self.meant(place.conversation, token).await?;
            inbound.kind = InboundKind::Tap(action.map_or(Tap::Forged, Tap::Action));
        }
        if let InboundKind::Identity { add, .. } = &mut inbound.kind {
            add.retain(|alias| !place.foreign.contains(alias));
        }
        let scope = Name(format!("{}/{}", from.channel, from.account));
        Ok(Accept {
            journal: place.conversation,
            customer: Some(CustomerId(place.customer.key.0)),
            scope,
            inbound,
        })
    }

    /// The action of a token; a short one is looked for among what the conversation offers.
    async fn meant(
        &self,
        journal: JournalId,
        token: &str,
    ) -> Result<Option<ActionRef>, StoreError> {
        let ids = &*self.house.ids;
        if !action::is_short(token) {
            return Ok(action::read(ids, journal, token));
        }
        let state = match self.house.conversation(journal).await {
            // Whoever was erased was offered nothing.
            Err(StoreError::Erased) => return Ok(None),
            state => state?,
        };
        let offered = state.offered.iter().flat_map(|offered| {
            let options = 0..u16::try_from(offered.actions.len()).unwrap_or(u16::MAX);
            options.map(|option| ActionRef { outbound: offered.outbound, option })
        });
        Ok(action::read_short(ids, journal, token, offered))
    }

    /// Tells customers' journals by what new names one is known, which names another has lost, and who is the same
    /// person.
    async fn introduce(&self, place: &Place, inbound: &Inbound) -> Result<Vec<Accept>, StoreError> {
        let named = |of: fn(&Bind) -> Option<JournalId>, whose: JournalId| -> Vec<Alias> {
            let bind = place.bind.iter().filter(|bind| of(bind) == Some(whose));
            bind.map(|bind| bind.alias.clone()).collect()
        };
        let own = place.customer;
        let id_of = |customer: JournalId| CustomerId(customer.key.0);
        let introduced = format!("introduced/{}", inbound.id);
        let identity = |add, remove, same| InboundKind::Identity { add, remove, same };
        let mut told = Vec::new();
        let add = named(|bind| bind.to, own);
        if !add.is_empty() {
            let kind = identity(add, Vec::new(), Vec::new());
            told.push(self.to_customer(own, introduced.clone(), kind));
        }
        for other in &place.others {
            let gone = named(|bind| bind.from, *other);
            if !gone.is_empty() {
                let kind = identity(Vec::new(), gone, Vec::new());
                told.push(self.to_customer(*other, introduced.clone(), kind));
            }
            let known = self.house.customer(own.shop, id_of(*other)).await?;
            if known.same.contains(&id_of(own)) {
                continue;
            }
            for (one, two) in [(own, *other), (*other, own)] {
                let kind = identity(Vec::new(), Vec::new(), vec![id_of(two)]);
                told.push(self.to_customer(one, format!("same/{}", two.key), kind));
            }
        }
        Ok(told)
    }

    fn to_customer(&self, journal: JournalId, id: String, kind: InboundKind) -> Accept {
        Accept {
            journal,
            customer: Some(CustomerId(journal.key.0)),
            scope: Name(format!("journal/{}", journal.key)),
            inbound: Inbound {
                id: MessageId(id),
                at: self.house.clock.now(),
                from: None,
                aliases: Vec::new(),
                kind,
                reply_to: None,
                referral: None,
            },
        }
    }

    fn blank(&self, journal: JournalId) -> Commit {
        Commit::blank(CommitId(self.house.ids.fresh()), self.house.clock.now(), journal)
    }

    /// Makes it durable, and wakes whom it is for: in a task of its own, for a caller who hangs up meanwhile is
    /// dropped, and what is durable must be answered all the same.
    async fn commit(&self, commit: Commit) -> Result<Vec<bool>, CommitError> {
        let Self { house, mailbox } = self.clone();
        let task = tokio::spawn(async move {
            let mut tries = 0;
            let fresh = loop {
                tries += 1;
                match house.store.commit(commit.clone()).await {
                    Ok(committed) => break committed.fresh,
                    Err(CommitError::Unknown(_)) if tries < TRIES => {}
                    Err(error) => return Err(error),
                }
            };
            commit.accept.iter().for_each(|it| mailbox.wake(it.journal));
            Ok(fresh)
        });
        task.await.unwrap_or_else(|error| Err(CommitError::Unknown(error.to_string())))
    }
}
