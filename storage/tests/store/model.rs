//! The store on sled against the store in memory: random commits, equal answers.

use std::collections::BTreeSet;

use agent_core::id::{
    CommitId, CustomerId, JournalId, Made, Name, Seq, ShopId, Subject as About, TurnId,
};
use agent_core::store::contract::{Subject, make};
use agent_core::store::memory::MemoryStore;
use agent_core::store::{
    Accept, Archive, Arrival, Bind, Commit, DEDUPE, OutboxState, Settle, Settled, Store,
};
use agent_core::time::Micros;
use proptest::prelude::*;

use super::Folder;

const SHOPS: [ShopId; 2] = [ShopId(1), ShopId(2)];

/// A step: small numbers, so that they meet.
#[derive(Clone, Debug)]
enum Step {
    Commit(Box<Plan>),
    /// One of the last commits is sent again, so much later.
    Again(usize, u64),
    Erase(u32, u128),
    Reopen,
}

/// A commit before the state is known: its head is told as a difference.
#[derive(Clone, Debug)]
struct Plan {
    wait: u64,
    journal: (u32, u8, u128),
    customer: Option<u128>,
    behind: Option<u64>,
    events: Vec<usize>,
    snapshot: Option<usize>,
    accept: Vec<(u8, u128, u8, usize)>,
    consume: Vec<u64>,
    outbox: Vec<(u16, u8, i64)>,
    settle: Vec<(u16, u8, Option<i64>)>,
    timers: Vec<(u8, Option<i64>)>,
    bind: Vec<(u8, Option<u128>, Option<u128>)>,
}

fn plan() -> impl Strategy<Value = Plan> {
    let size = prop_oneof![6 => 0..900_usize, 2 => 3_000..9_000_usize, 1 => 60_000..90_000_usize];
    let customer = prop::option::weighted(0.6, 1..4_u128);
    let body = (
        prop::collection::vec(size.clone(), 0..3),
        prop::option::weighted(0.3, size.clone()),
        prop::collection::vec((0..2_u8, 0..4_u128, 0..9_u8, size), 0..3),
        prop::collection::vec(0..12_u64, 0..3),
        prop::collection::vec((0..4_u16, 0..2_u8, -4..9_i64), 0..3),
        prop::collection::vec((0..4_u16, 0..2_u8, prop::option::of(-4..9_i64)), 0..3),
        prop::collection::vec((0..3_u8, prop::option::of(-4..9_i64)), 0..3),
        prop::collection::vec(
            (0..3_u8, prop::option::of(0..3_u128), prop::option::of(0..3_u128)),
            0..3,
        ),
    );
    let head = (
        wait(),
        (1..3_u32, 0..2_u8, 0..3_u128),
        customer,
        prop::option::weighted(0.8, prop_oneof![9 => Just(0_u64), 1 => 1..3_u64]),
    );
    (head, body).prop_map(|((wait, journal, customer, behind), body)| {
        let (events, snapshot, accept, consume, outbox, settle, timers, bind) = body;
        let (events, snapshot) =
            if behind.is_some() { (events, snapshot) } else { (Vec::new(), None) };
        Plan {
            wait,
            journal,
            customer,
            behind,
            events,
            snapshot,
            accept,
            consume,
            outbox,
            settle,
            timers,
            bind,
        }
    })
}

fn wait() -> impl Strategy<Value = u64> {
    prop_oneof![20 => 0..9_u64, 1 => Just(DEDUPE.as_micros() as u64)]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        40 => plan().prop_map(|plan| Step::Commit(Box::new(plan))),
        10 => (0..6_usize, wait()).prop_map(|(back, wait)| Step::Again(back, wait)),
        1 => (1..3_u32, 1..4_u128).prop_map(|(shop, customer)| Step::Erase(shop, customer)),
        1 => Just(Step::Reopen),
    ]
}

fn journal(shop: u32, subject: u8, key: u128) -> JournalId {
    let subject = if subject == 0 { About::Conversation } else { About::Customer };
    JournalId { subject, ..JournalId::conversation(ShopId(shop), key) }
}

fn commit(id: u128, plan: &Plan, at: Micros, head: Seq) -> Commit {
    let (shop, subject, key) = plan.journal;
    let about = journal(shop, subject, key);
    let made = |n| Made { turn: TurnId(9), n };
    let head = plan.behind.map(|behind| Seq(head.0.saturating_sub(behind)));
    let next = |n: usize| head.unwrap_or_default().0 + 1 + n as u64;
    let words = |size: &usize| "w".repeat(*size);
    let sizes = plan.events.iter().enumerate();
    let outbox = plan.outbox.iter().map(|(n, part, due)| {
        let mut row = make::outbox(*n, *part, u64::from(*n), *due);
        row.journal = about;
        row
    });
    let bind = plan.bind.iter().map(|(alias, from, to)| Bind {
        alias: format!("wa:{alias}").into(),
        from: from.map(|key| journal(shop, 0, key)),
        to: to.map(|key| journal(shop, 0, key)),
    });
    Commit {
        id: CommitId(id),
        at,
        journal: about,
        customer: plan.customer.map(CustomerId),
        expect: head,
        events: sizes.map(|(n, size)| make::event(next(n), &words(size))).collect(),
        accept: (plan.accept.iter())
            .map(|(subject, key, message, size)| Accept {
                customer: plan.customer.map(CustomerId),
                ..make::accept(journal(shop, *subject, *key), &format!("m{message}"), &words(size))
            })
            .collect(),
        consume: plan.consume.iter().map(|arrival| Arrival(*arrival)).collect(),
        outbox: outbox.collect(),
        settle: (plan.settle.iter())
            .map(|(n, part, again)| Settle {
                id: made(*n),
                part: *part,
                to: again
                    .map_or(Settled::Done, |due| Settled::Again(Micros(due), OutboxState::Sending)),
            })
            .collect(),
        timers: (plan.timers.iter())
            .map(|(name, due)| (Name::from(format!("t{name}")), due.map(Micros)))
            .collect(),
        bind: bind.collect(),
        snapshot: plan.snapshot.and_then(|size| make::fold(&words(&size))),
    }
}

/// Everything the two tell must be equal.
async fn compare(left: &impl Both, right: &impl Both) {
    for shop in SHOPS {
        for (one, two) in told(left, shop).await.into_iter().zip(told(right, shop).await) {
            assert_eq!(one, two);
        }
    }
}

/// Everything a store tells of a shop.
async fn told(store: &impl Both, shop: ShopId) -> Vec<String> {
    let mut told = Vec::new();
    for id in (0..3).flat_map(|key| [0, 1].map(|about| journal(shop.0, about, key))) {
        told.push(format!("{id:?} {:?}", store.read(id, Seq(1), 2).await));
        told.push(format!("{id:?} {:?}", store.snapshot(id).await));
        told.push(format!("{id:?} {:?}", store.inbox(id, 9).await));
    }
    let passing = BTreeSet::from([journal(shop.0, 0, 1)]);
    for (from, until, limit) in [(Micros::MIN, 2, 3), (Micros::MIN, 9, 99), (Micros(3), 9, 99)] {
        let within = from..=Micros(until);
        told.push(format!("{:?}", store.due(shop, within, limit, &passing).await));
        told.push(format!("{:?}", store.timers(shop, Micros(until), limit).await));
    }
    for alias in 0..3 {
        told.push(format!("{:?}", store.find(shop, &format!("wa:{alias}").into()).await));
    }
    told.push(format!("{:?}", store.waiting(shop, 3).await));
    told.push(format!("{:?}", store.journals(shop, None, 9).await));
    // Long words say nothing more than short ones.
    told.iter().map(|line| line.replace(&"w".repeat(100), "W")).collect()
}

trait Both: Store + Archive {}
impl<T: Store + Archive> Both for T {}

async fn run(steps: Vec<Step>) {
    let model = MemoryStore::new();
    let mut folder = Folder::fresh();
    let mut now = 1_000_000;
    let mut sent: Vec<Commit> = Vec::new();
    for step in steps {
        match step {
            Step::Commit(plan) => {
                now += plan.wait as i64;
                let (shop, subject, key) = plan.journal;
                let head = folder.store.read(journal(shop, subject, key), Seq::START, 0).await;
                let head = head.map_or(Seq::START, |page| page.head);
                let commit = commit(sent.len() as u128, &plan, Micros(now), head);
                sent.push(commit.clone());
                let expected = model.commit(commit.clone()).await;
                assert_eq!(folder.store.commit(commit).await, expected, "{plan:?}");
            }
            Step::Again(back, wait) => {
                now += wait as i64;
                let Some(commit) = sent.iter().rev().nth(back) else { continue };
                let commit = Commit { at: Micros(now), ..commit.clone() };
                let expected = model.commit(commit.clone()).await;
                assert_eq!(folder.store.commit(commit.clone()).await, expected, "{commit:?}");
            }
            Step::Erase(shop, customer) => {
                let (shop, customer) = (ShopId(shop), CustomerId(customer));
                let expected = model.erase(shop, customer, Micros(now)).await;
                assert_eq!(folder.store.erase(shop, customer, Micros(now)).await, expected);
            }
            Step::Reopen => folder = folder.reopened(),
        }
    }
    compare(folder.store(), &model).await;
    compare(folder.reopened().store(), &model).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn random_commits_are_answered_and_read_as_in_memory(steps in prop::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(run(steps));
    }
}
