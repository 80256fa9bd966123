//! Customers who said words that stand nowhere else: fifty each, in everything that is kept of a customer.

use std::path::Path;
use std::sync::Arc;

use agent_core::id::{JournalId, Seq};
use agent_core::message::{InboundKind, MediaRef};
use agent_core::model::clerk::Clerk;
use agent_core::store::contract::make;
use agent_core::store::{Archive, Commit, CommitError, Store};
use agent_core::time::turned::CountedIds;
use anyhow::{Context as _, Result, anyhow};
use prompts::{Feed, Folder};
use storage::{Settings, SledStore};
use sutler_tests::dice::Dice;
use sutler_tests::world::{SHOP, World, address};

/// Words planted for each customer.
const WORDS: usize = 50;
/// Products enough for the clerk to talk about.
const PRODUCTS: usize = 40;

pub(crate) fn who(customer: u64) -> String {
    format!("customer-{customer}")
}

/// The words of a customer: twelve random letters each.
pub(crate) fn words(seed: u64, customer: u64) -> Vec<String> {
    let mut dice = Dice::new(seed ^ (customer << 32));
    let letter = |dice: &mut Dice| char::from(b'a' + dice.below(26) as u8);
    (0..WORDS).map(|_| (0..12).map(|_| letter(&mut dice)).collect()).collect()
}

pub(crate) fn open(dir: &Path) -> Result<Arc<SledStore>> {
    Ok(SledStore::open(dir, &Settings::default(), Arc::new(CountedIds::new(1)))?)
}

/// The customer's own journal and their conversation.
pub(crate) async fn journals(store: &SledStore, customer: u64) -> Result<(JournalId, JournalId)> {
    let address = address(&who(customer));
    let person = store.find(SHOP, &agent_core::house::person(&address)).await?;
    let person = person.context("the customer is not known")?;
    let talk = store.find(SHOP, &agent_core::house::talk(person, &address)).await?;
    Ok((person, talk.context("the customer has no conversation")?))
}

/// Fills a folder: every customer says all of their words.
pub(crate) async fn plant(dir: &Path, seed: u64, customers: u64) -> Result<()> {
    let store = open(dir)?;
    let folder = Folder::builtin("retail").context("no pack")?;
    let Some(Feed::Embedded(feed)) = folder.feed() else { return Err(anyhow!("no feed")) };
    let rows = feed.split_inclusive(|byte| *byte == b'\n').take(PRODUCTS + 1);
    let feed = rows.collect::<Vec<_>>().concat();
    let (pack, clerk) = (Arc::new(folder.pack()?), Arc::new(Clerk::new()));
    let world = World::over((store.clone(), store.clone()), pack, &feed, clerk).await;
    for customer in 0..customers {
        let who = who(customer);
        let words = words(seed, customer);
        let mut spoken = words.chunks(10);
        let mut next = || spoken.next().unwrap_or_default().join(" ");
        world.say(&who, &format!("My name is {}", next())).await;
        world.say(&who, &format!("Do you have a rain jacket in {}?", next())).await;
        let mime = "image/png".to_owned();
        let media = MediaRef { id: next(), mime, ..MediaRef::default() };
        world.tell(&who, InboundKind::Media { media, caption: next() }).await;
        // Long enough for a blob.
        let long = format!("{} ", next()).repeat(1000);
        world.tell(&who, InboundKind::Contact(long.into())).await;
        world.deliver().await;
        left(&store, customer, &words).await?;
    }
    drop(world);
    // What it had begun holds the store for a moment longer.
    while Arc::strong_count(&store) > 1 {
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// What an erasure finds on its way: a message in the inbox, a fold.
async fn left(store: &SledStore, customer: u64, words: &[String]) -> Result<()> {
    let (_, talk) = journals(store, customer).await?;
    let said = words.join(" ");
    loop {
        let page = store.read(talk, Seq(u64::MAX), 1).await?;
        let commit = Commit {
            journal: talk,
            customer: page.customer,
            expect: Some(page.head),
            accept: vec![make::accept(talk, &said, &said)],
            snapshot: Some(said.clone().into_bytes().into()),
            ..make::commit(u128::from(customer) << 64 | 1)
        };
        match store.commit(commit).await {
            // What was delivered is still being written into the journal.
            Err(CommitError::Conflict(_)) => tokio::task::yield_now().await,
            done => return Ok(done.map(|_| ())?),
        }
    }
}

/// How many journals there are that have events.
pub(crate) async fn count(store: &SledStore) -> Result<usize> {
    Ok(store.journals(SHOP, None, usize::MAX).await?.len())
}
