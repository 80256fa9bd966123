//! What must hold when all is settled: nothing acknowledged is lost, torn, or answered or done twice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use agent_core::conversation::Conversation;
use agent_core::event::{Answer, Decision, Event, Outcome, Recorded};
use agent_core::evidence::{Access, Owner};
use agent_core::house::has_turns;
use agent_core::id::{JournalId, Seq, Subject};
use agent_core::message::InboundKind;
use agent_core::order::{Order, Placed};
use agent_core::replay::verify::Verifier;
use agent_core::store::{Archive, Store};
use anyhow::{Context as _, Result, ensure};
use storage::{Settings, SledStore};
use sutler::ids::OsIds;
use sutler_tests::world::SHOP;

use crate::child::{Kind, Platform};
use crate::parent::Parent;
use crate::sink::Seen;

/// Journals and events read at once: more than a run makes.
const ALL: usize = 1_000_000;

/// What the journals say.
#[derive(Debug, Default)]
struct Told {
    /// How often each message was received.
    received: BTreeMap<String, u64>,
    /// The outbounds that answer each message.
    answered: BTreeMap<String, Vec<String>>,
    /// Messages that were rightly not answered, for a person had their conversation by then.
    unspoken: BTreeSet<String>,
    /// Conversations that wait for a person, and why.
    handed_over: Vec<String>,
    /// Every part of every reply.
    parts: BTreeSet<(String, u8)>,
    /// Every write that was called, by its key.
    called: BTreeSet<String>,
    /// Of those, the ones the shop's system did.
    done: BTreeSet<String>,
    /// What each link that was made is to pay, by its order's journal.
    placed: BTreeMap<JournalId, Placed>,
    /// Every order's journal: how often it was told that it was placed, and what it came to.
    orders: BTreeMap<JournalId, (usize, Order)>,
    turns: u64,
    conversations: u64,
    /// Events of the longest conversation.
    longest: usize,
}

impl Told {
    /// Takes in a conversation.
    fn fold(&mut self, journal: JournalId, events: &[Recorded]) {
        let mut state = Conversation::default();
        for recorded in events {
            self.add(recorded, &state);
            state.apply(recorded);
        }
        if let Owner::Waiting { why, .. } = state.owner {
            self.handed_over.push(format!("{} ({why})", journal.key));
        }
        self.conversations += 1;
        self.longest = self.longest.max(events.len());
    }

    fn add(&mut self, recorded: &Recorded, before: &Conversation) {
        match &recorded.event {
            Event::Answer(Answer::Received(inbound)) => {
                if matches!(inbound.kind, InboundKind::Text(_)) {
                    *self.received.entry(inbound.id.0.clone()).or_default() += 1;
                }
            }
            Event::Decision(Decision::Replied { outbound, plan, .. }) => {
                let id = outbound.id.to_string();
                for answers in &outbound.answers {
                    self.answered.entry(answers.0.clone()).or_default().push(id.clone());
                }
                let parts = (0..plan.parts.len()).map(|part| (id.clone(), part as u8));
                self.parts.extend(parts);
            }
            Event::Decision(Decision::Closed { outcome: Outcome::Silent, .. })
                if before.owner != Owner::Bot =>
            {
                self.unspoken.extend(before.unanswered.iter().map(ToString::to_string));
            }
            Event::Decision(Decision::Called { call, access: Access::Write }) => {
                self.called.insert(call.id.to_string());
            }
            Event::Answer(Answer::Returned { call, result: Ok(output) }) => {
                let placed = Placed::by(*call, recorded.at, output);
                let placed = placed.map(|placed| (JournalId::order(SHOP, *call), placed));
                self.placed.extend(placed);
                let id = call.to_string();
                if self.called.contains(&id) {
                    self.done.insert(id);
                }
            }
            _ => {}
        }
    }
}

/// Holds the journals, the deliveries and the errands against what was acknowledged; says how much it was.
pub(crate) async fn check(parent: &Parent) -> Result<String> {
    let told = read(parent.dir.path()).await?;
    let seen = parent.sink.seen();
    for id in &parent.acknowledged {
        let received = told.received.get(id).copied().unwrap_or_default();
        ensure!(received > 0, "lost: {id} was acknowledged and is in no journal");
        ensure!(received == 1, "{id} is in the journals {received} times");
        let answered = told.answered.get(id).map_or(0, Vec::len);
        let unspoken = told.unspoken.contains(id);
        ensure!(answered == usize::from(!unspoken), "{id} was answered {answered} times");
    }
    let unheard = told.received.keys().find(|id| !parent.acknowledged.contains(*id));
    ensure!(unheard.is_none(), "{unheard:?} was told until acknowledged, and was not");
    let undelivered = delivered(&told, &seen, parent.kind)?;
    let asked: BTreeSet<String> = seen.errands.keys().cloned().collect();
    let invented: Vec<_> = asked.difference(&told.called).collect();
    ensure!(invented.is_empty(), "done outside, and in no journal: {invented:?}");
    let undone: Vec<_> = told.done.difference(&asked).collect();
    ensure!(undone.is_empty(), "in the journals, and never done outside: {undone:?}");
    ordered(&told, &seen)?;
    ensure!(
        told.handed_over.is_empty(),
        "nothing was lost; but nobody asked for a person, and so many conversations were given to one: {}, with {} \
         messages that wait there; the first: {:?}",
        told.handed_over.len(),
        told.unspoken.len(),
        told.handed_over.first(),
    );
    Ok(format!(
        "{} messages acknowledged in {} conversations of at most {} events, {} turns identical when run again, \
         {} parts delivered ({} sent again, {undelivered} held), {} effects ({} asked for again), {} orders",
        parent.acknowledged.len(),
        told.conversations,
        told.longest,
        told.turns,
        seen.parts.len(),
        seen.repeated(),
        seen.errands.len(),
        seen.errands.values().map(|times| times - 1).sum::<u64>(),
        told.orders.len(),
    ))
}

/// Every link that was made has one order, begun once, with the total the shop's system was told; and there is no
/// other order.
fn ordered(told: &Told, seen: &Seen) -> Result<()> {
    for (journal, placed) in &told.placed {
        let known = told.orders.get(journal);
        let (times, order) = known.with_context(|| format!("no order of {}", placed.link))?;
        ensure!(*times == 1, "{journal} was begun {times} times");
        let begun = order.placed.as_ref().context("an order nobody placed")?;
        ensure!(begun.link == placed.link, "{journal} is paid at {}", begun.link);
        let total = begun.total.as_ref().map(|total| total.minor);
        let asked = seen.totals.get(&placed.reference.to_string()).copied();
        ensure!(total.is_some() && total == asked, "{journal}: {total:?}, and asked {asked:?}");
    }
    let invented = told.orders.keys().find(|journal| !told.placed.contains_key(journal));
    ensure!(invented.is_none(), "{invented:?} is of no link");
    Ok(())
}

/// Every part of every reply arrived, and nothing else; says how many are held back.
fn delivered(told: &Told, seen: &Seen, kind: Kind) -> Result<usize> {
    let arrived: BTreeSet<_> = seen.parts.keys().cloned().collect();
    let invented: Vec<_> = arrived.difference(&told.parts).collect();
    ensure!(invented.is_empty(), "delivered, and in no journal: {invented:?}");
    let missing: Vec<_> = told.parts.difference(&arrived).collect();
    let holds = kind.hold && kind.repeat == Platform::Never;
    ensure!(holds || missing.is_empty(), "torn: never delivered: {missing:?}");
    ensure!(!holds || seen.repeated() == 0, "sent again though it is held");
    for ((outbound, _), (_, answers)) in &seen.parts {
        for id in answers {
            let by_journal = told.answered.get(id).is_some_and(|by| by.contains(outbound));
            ensure!(by_journal, "{outbound} says that it answers {id}, the journal does not");
        }
    }
    Ok(missing.len())
}

async fn read(dir: &Path) -> Result<Told> {
    let store = SledStore::open(dir, &Settings::default(), Arc::new(OsIds::open(dir)?))?;
    let mut verifier = Verifier::new(store.clone());
    let mut told = Told::default();
    for journal in store.journals(SHOP, None, ALL).await? {
        if !has_turns(journal) && journal.subject != Subject::Order {
            continue;
        }
        let page = store.read(journal, Seq::START, ALL).await?;
        if journal.subject == Subject::Order {
            ensure!(store.inbox(journal, ALL).await?.is_empty(), "{journal} was not taken in");
            told.orders.insert(journal, (page.events.len(), Order::fold(&page.events)));
            continue;
        }
        let verified = verifier.verify(journal, &page.events).await;
        let verified = verified.with_context(|| format!("conversation {}", journal.key))?;
        ensure!(verified.failed == 0, "{} turns failed", verified.failed);
        ensure!(verified.open == 0, "{} turns are open", verified.open);
        told.turns += verified.identical;
        told.fold(journal, &page.events);
    }
    Ok(told)
}
