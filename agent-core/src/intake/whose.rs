//! Whose something is: by any name that the index knows of a person.
//!
//! Who is known by two names as two customers stays two, and each of the two keeps their names; but their journals are told
//! that they are the same person.

use super::Intake;
use crate::action;
use crate::conversation::Conversation;
use crate::house::{person, talk};
use crate::id::{Alias, CustomerId, JournalId, MessageId, Name, Seq, ShopId};
use crate::mailbox::TAKEN;
use crate::message::{ActionRef, Address, Inbound, InboundKind, Tap};
use crate::store::{Accept, Bind, StoreError};

/// Events within which it is looked for what a status is of.
const LATELY: u64 = 4_096;

/// Where an inbound goes, and whose names it tells.
pub(super) struct Place {
    pub(super) customer: JournalId,
    pub(super) conversation: JournalId,
    /// Whether the conversation is new.
    pub(super) fresh: bool,
    /// The names it comes under, and whose each is so far.
    names: Vec<(Alias, Option<JournalId>)>,
    /// The names that are lost by it, and whose they were: somebody else may get them, as happens to numbers.
    lost: Vec<(Alias, JournalId)>,
}

impl Place {
    /// Its customer.
    pub(super) fn customer_id(&self) -> CustomerId {
        id_of(self.customer)
    }

    /// What the index is told.
    pub(super) fn bind(&self, from: &Address) -> Vec<Bind> {
        let bind = |alias: &Alias, from, to| Bind { alias: alias.clone(), from, to };
        let new = self.new_names().map(|alias| bind(alias, None, Some(self.customer)));
        let lost = self.lost.iter().map(|(alias, whose)| bind(alias, Some(*whose), None));
        let talk = bind(&talk(self.customer, from), None, Some(self.conversation));
        new.chain(lost).chain(self.fresh.then_some(talk)).collect()
    }

    /// Names that were nobody's, and are the customer's from now on.
    fn new_names(&self) -> impl Iterator<Item = &Alias> {
        self.names.iter().filter(|(_, whose)| whose.is_none()).map(|(alias, _)| alias)
    }

    /// Whether a name belongs to another customer who is the same person.
    fn is_anothers(&self, alias: &Alias) -> bool {
        let mut names = self.names.iter();
        names.any(|(name, whose)| name == alias && whose.is_some_and(|it| it != self.customer))
    }
}

impl Intake {
    /// Whose it is: by whatever the index knows of the person, else somebody new.
    pub(super) async fn place(
        &self,
        shop: ShopId,
        from: &Address,
        inbound: &Inbound,
    ) -> Result<Place, StoreError> {
        let (store, ids) = (&self.house.store, &self.house.ids);
        let mut names = Vec::new();
        for alias in std::iter::once(person(from)).chain(inbound.aliases.iter().cloned()) {
            let whose = store.find(shop, &alias).await?;
            names.push((alias, whose));
        }
        let people = people(&names);
        let whose = self.whose(&people, from, &inbound.kind).await?;
        let customer = whose.unwrap_or_else(|| JournalId::customer(shop, CustomerId(ids.fresh())));
        let mut lost = Vec::new();
        if let InboundKind::Identity { remove, .. } = &inbound.kind {
            for alias in remove {
                let whose = store.find(shop, alias).await?.filter(|whose| people.contains(whose));
                lost.extend(whose.map(|whose| (alias.clone(), whose)));
            }
        }
        let known = store.find(shop, &talk(customer, from)).await?;
        let conversation = known.unwrap_or_else(|| JournalId::conversation(shop, ids.fresh()));
        Ok(Place { customer, conversation, fresh: known.is_none(), names, lost })
    }

    /// Which of the customers who are one person something is for: what tells of something sent, or taps on it, is for who
    /// that was sent to; all else for who was heard last, for there the talk goes on.
    async fn whose(
        &self,
        people: &[JournalId],
        from: &Address,
        kind: &InboundKind,
    ) -> Result<Option<JournalId>, StoreError> {
        let first = people.first().copied();
        if people.len() < 2 {
            return Ok(first);
        }
        let mut newest = None;
        for customer in people {
            let found = self.house.store.find(customer.shop, &talk(*customer, from)).await?;
            let Some(journal) = found else { continue };
            let state = match self.house.conversation(journal).await {
                Err(StoreError::Erased) => continue,
                state => state?,
            };
            if self.is_of(journal, &state, kind).await? {
                return Ok(Some(*customer));
            }
            let waiting = self.house.store.inbox(journal, TAKEN).await?;
            let spoken = waiting.iter().filter(|row| row.inbound.kind.is_spoken());
            let heard = spoken.map(|row| row.inbound.at).max().max(state.last_customer);
            if newest.is_none_or(|(before, _)| before < heard) {
                newest = Some((heard, *customer));
            }
        }
        Ok(newest.map(|(_, customer)| customer).or(first))
    }

    /// Whether it tells of something that was sent in this conversation, or taps on it.
    async fn is_of(
        &self,
        journal: JournalId,
        state: &Conversation,
        kind: &InboundKind,
    ) -> Result<bool, StoreError> {
        match kind {
            InboundKind::Status { of, .. } => {
                let after = Seq(state.head.0.saturating_sub(LATELY));
                let (_, events) = self.house.events(journal, after).await?;
                Ok(events.iter().any(|it| it.replied(*of)))
            }
            InboundKind::Tap(Tap::Token(token)) => Ok(self.meant(journal, token).await?.is_some()),
            _ => Ok(false),
        }
    }

    /// What the conversation is told: a tap by what it means there, and of names those that are its customer's.
    pub(super) async fn row(
        &self,
        place: &Place,
        from: &Address,
        mut inbound: Inbound,
    ) -> Result<Accept, StoreError> {
        match &mut inbound.kind {
            InboundKind::Tap(tap) => {
                if let Tap::Token(token) = tap {
                    let action = self.meant(place.conversation, token).await?;
                    *tap = action.map_or(Tap::Forged, Tap::Action);
                }
            }
            InboundKind::Identity { add, .. } => add.retain(|alias| !place.is_anothers(alias)),
            _ => {}
        }
        let (journal, customer) = (place.conversation, Some(place.customer_id()));
        let scope = Name(format!("{}/{}", from.channel, from.account));
        Ok(Accept { journal, customer, scope, inbound })
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

    /// What customers' journals are told: of new names, of lost ones, and of who is the same person.
    pub(super) async fn introduce(
        &self,
        place: &Place,
        by: &MessageId,
    ) -> Result<Vec<Accept>, StoreError> {
        let (own, mut same, mut told) = (place.customer, Vec::new(), Vec::new());
        for other in people(&place.names).into_iter().filter(|other| *other != own) {
            let known = self.house.customer(own.shop, id_of(other)).await?;
            let news = (!known.same.contains(&id_of(own))).then(|| id_of(own));
            same.extend(news.map(|_| id_of(other)));
            let lost = place.lost.iter().filter(|(_, whose)| *whose == other);
            let remove = lost.map(|(alias, _)| alias.clone()).collect();
            told.extend(self.identity(other, by, (Vec::new(), remove, Vec::from_iter(news))));
        }
        // What it loses itself stands in the inbound.
        let add = place.new_names().cloned().collect();
        told.extend(self.identity(own, by, (add, Vec::new(), same)));
        Ok(told)
    }

    /// What a customer's journal is told of names, if there is anything to tell.
    fn identity(
        &self,
        journal: JournalId,
        by: &MessageId,
        (add, remove, same): (Vec<Alias>, Vec<Alias>, Vec<CustomerId>),
    ) -> Option<Accept> {
        if add.is_empty() && remove.is_empty() && same.is_empty() {
            return None;
        }
        let (id, at) = (MessageId(format!("introduced/{by}")), self.house.clock.now());
        let inbound = Inbound::told(id, at, InboundKind::Identity { add, remove, same });
        Some(Accept::told(journal, Some(id_of(journal)), inbound))
    }
}

/// The customers these names belong to.
fn people(names: &[(Alias, Option<JournalId>)]) -> Vec<JournalId> {
    let mut people = Vec::new();
    for whose in names.iter().filter_map(|(_, whose)| *whose) {
        if !people.contains(&whose) {
            people.push(whose);
        }
    }
    people
}

/// The customer of whom a journal is told.
fn id_of(customer: JournalId) -> CustomerId {
    CustomerId(customer.key.0)
}
