//! Conversations run again, with something changed: each change shows as what it is.

mod bisect;
mod sample;
mod scrub;
mod shows;
mod suite;

use std::sync::Arc;

use agent_core::model::clerk::Clerk;
use agent_core::pack::Pack;
use agent_core::store::Archive;
use agent_core::time::turned::TurnedClock;
use catalog::Goods;
use prompts::golden::Golden;
use prompts::{Feed, Folder};
use sutler::replay::rates::Rates;
use sutler::replay::runner::Runner;
use sutler::replay::sandbox::Shelf;
use sutler::tape::Journal;
use sutler_tests::world::{SHOP, START, World};

/// A pack that ships: the pack, its feed, its golden conversations.
fn shipped(name: &str) -> (Arc<Pack>, &'static [u8], Vec<Golden>) {
    let folder = Folder::builtin(name).unwrap();
    let Some(Feed::Embedded(feed)) = folder.feed().cloned() else { panic!("{name} has a feed") };
    (Arc::new(folder.pack().unwrap()), feed, folder.goldens().unwrap())
}

/// The goods of a feed.
fn shelf(feed: &[u8]) -> Shelf {
    let goods = Arc::new(Goods::new(Arc::new(TurnedClock::new(START))));
    goods.import(SHOP, feed, None, |_| {}).unwrap();
    Shelf { goods, shop: SHOP }
}

/// What runs cases: the clerk over a pack and its goods.
fn runner(pack: Arc<Pack>, feed: &[u8]) -> Runner {
    let clock = Arc::new(TurnedClock::new(START));
    let model = Arc::new(Clerk::new());
    Runner { pack, shelf: shelf(feed), model, clock, rates: Rates::default() }
}

/// The golden conversations of a pack, held by the real intake, mailbox and courier.
async fn held(name: &str) -> (Vec<Journal>, Arc<dyn Archive>) {
    held_and(name, &[]).await
}

/// The same, and somebody who says this beside.
async fn held_and(name: &str, more: &[&str]) -> (Vec<Journal>, Arc<dyn Archive>) {
    let (pack, feed, goldens) = shipped(name);
    let world = World::new(pack, feed, Arc::new(Clerk::new())).await;
    let mut journals = Vec::new();
    for text in more {
        world.say("more", text).await;
    }
    if !more.is_empty() {
        let (id, events) = (world.journal("more").await, world.events("more").await);
        journals.push(Journal { id, customer: None, events });
    }
    for golden in &goldens {
        for turn in &golden.turns {
            match (&turn.say, &turn.tap) {
                (Some(text), _) => _ = world.say(&golden.name, text).await,
                (None, Some(label)) => _ = world.tap(&golden.name, label).await,
                (None, None) => panic!("a turn says or taps"),
            }
        }
        let (id, events) = (world.journal(&golden.name).await, world.events(&golden.name).await);
        journals.push(Journal { id, customer: None, events });
    }
    (journals, world.house.archive.clone())
}
