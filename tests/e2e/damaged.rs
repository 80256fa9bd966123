//! One damaged record costs itself: the shop opens, hears and sends.

use std::path::Path;
use std::sync::Arc;

use agent_core::event::{Answer, Recorded};
use agent_core::heard::heard;
use agent_core::id::{CommitId, JournalId, MessageId, Seq};
use agent_core::message::{AccountNews, Inbound, InboundKind, Standing};
use agent_core::model::clerk::Clerk;
use agent_core::store::Commit;
use agent_core::time::turned::CountedIds;
use prompts::{Feed, Folder};
use storage::{Settings, SledStore};
use sutler_tests::world::{SHOP, START, World, address};
use tempfile::TempDir;

/// A shop over a store in a folder.
async fn shop(dir: &Path) -> World {
    let ids = Arc::new(CountedIds::new(1));
    let store = SledStore::open(dir, &Settings::default(), ids).unwrap();
    let folder = Folder::builtin("retail").unwrap();
    let Some(Feed::Embedded(feed)) = folder.feed() else { panic!("a feed") };
    let pack = Arc::new(folder.pack().unwrap());
    World::over((store.clone(), store), pack, feed, Arc::new(Clerk::new())).await
}

/// A journal that begins with what can't be read any more, and goes on with this.
async fn damage(world: &World, dir: &Path, journal: JournalId, behind: InboundKind) {
    damage_after(world, dir, journal, (None, behind)).await;
    world.house.store.read(journal, Seq::START, 1).await.unwrap_err();
}

/// Writes a journal in which an event can't be read any more: it is so long that it lies in a file of its own, and
/// that is gone. Before it stands the one, if anything, and behind it the other.
async fn damage_after(
    world: &World,
    dir: &Path,
    journal: JournalId,
    (before, behind): (Option<InboundKind>, InboundKind),
) {
    let long = Inbound {
        from: Some(address("ada")),
        ..Inbound::told("long".into(), START, InboundKind::Text("long ".repeat(20_000)))
    };
    let before = before.map(|before| Inbound::told("before".into(), START, before));
    let behind = Inbound::told("behind".into(), START, behind);
    let recorded = |(seq, inbound)| {
        let event = Answer::Received(inbound).into();
        Recorded { seq: Seq(seq), at: START, event }
    };
    for (head, inbound) in before.into_iter().chain([long, behind]).enumerate() {
        let head = head as u64;
        let commit = Commit {
            expect: Some(Seq(head)),
            events: vec![recorded((head + 1, inbound))],
            ..Commit::blank(CommitId(u128::from(head) + journal.key.0), START, journal)
        };
        world.house.store.commit(commit).await.unwrap();
    }
    std::fs::remove_dir_all(dir.join("blobs")).unwrap();
}

fn note() -> InboundKind {
    InboundKind::Text("behind".to_owned())
}

#[tokio::test]
async fn a_shop_opens_whose_own_journal_is_damaged_and_its_pack_is_told_again() {
    let dir = TempDir::new().unwrap();
    let world = shop(dir.path()).await;
    let journal = JournalId::shop(SHOP);
    damage(&world, dir.path(), journal, note()).await;
    for _ in 0..2 {
        world.intake.open_shops().await.unwrap();
        world.resume().await;
    }
    let (_, events) = world.house.events(journal, Seq(2)).await.unwrap();
    assert_eq!(events.len(), 1, "{events:?}");
}

#[tokio::test]
async fn up_to_where_an_account_was_heard_is_known_beside_a_damaged_conversation() {
    let dir = TempDir::new().unwrap();
    let world = shop(dir.path()).await;
    world.say("bob", "hello").await;
    for n in [0, u128::MAX - 9] {
        damage(&world, dir.path(), JournalId::conversation(SHOP, n), note()).await;
    }
    let account = (&"test".into(), &"main".into());
    let ids = |id: &MessageId| Some(id.clone());
    let heard = heard(&world.house, SHOP, account, ids).await.unwrap();
    assert_eq!(heard, [(address("bob").thread, "m1".into())]);
}

#[tokio::test]
async fn what_stands_behind_damage_holds_of_an_account_and_it_sends() {
    let dir = TempDir::new().unwrap();
    let world = shop(dir.path()).await;
    let journal = JournalId::account(SHOP, &"test".into(), &"main".into());
    let slowed = Standing::Slowed("quality".to_owned());
    let news = InboundKind::Account(AccountNews::Standing(slowed.clone()));
    damage(&world, dir.path(), journal, news).await;
    let account = world.house.account(SHOP, &address("ada")).await.unwrap();
    assert_eq!(account.standing(START), slowed);
    world.say("ada", "hello").await;
    assert!(!world.deliver().await.is_empty());
}

/// What stands before damage in one page with it is told as well as what stands behind.
#[tokio::test]
async fn what_stands_on_both_sides_of_damage_holds_of_an_account() {
    let dir = TempDir::new().unwrap();
    let world = shop(dir.path()).await;
    let journal = JournalId::account(SHOP, &"test".into(), &"main".into());
    let stands = |cause: &str| {
        let slowed = Standing::Slowed(cause.to_owned());
        InboundKind::Account(AccountNews::stands(cause, slowed))
    };
    let around = (Some(stands("before")), stands("behind"));
    damage_after(&world, dir.path(), journal, around).await;
    let account = world.house.account(SHOP, &address("ada")).await.unwrap();
    let known = format!("{account:?}");
    assert!(known.contains("before") && known.contains("behind"), "{known}");
}
