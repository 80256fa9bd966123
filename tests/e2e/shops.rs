//! Two shops in one process, the same customers in both, everything at once: nothing crosses.

use std::sync::Arc;

use agent_core::action;
use agent_core::house::{person, talk};
use agent_core::id::{JournalId, ShopId};
use agent_core::message::{ActionRef, InboundKind, Tap};
use agent_core::model::clerk::Clerk;
use sutler_tests::dice::Dice;
use sutler_tests::world::{FEED, Member, World, address};

use crate::hostile::pack;

const CUSTOMERS: u64 = 3;
const MESSAGES: u64 = 40;

/// A shop of a pack whose every product, price and link names the shop.
fn member(shop: u32, name: &str) -> Member {
    let feed = FEED.replace("Rain Jacket", &format!("Rain Jacket {name}"));
    let feed = feed.replace("shop.example", &format!("{name}.example"));
    let feed = feed.replace("jacket-", &format!("{name}-"));
    let feed = feed.replace("89.99", &format!("8{shop}.00"));
    Member {
        id: ShopId(shop),
        feed: feed.into_bytes(),
        ..Member::new(
            &pack(if shop == 1 { "retail" } else { "restaurant" }),
            Arc::new(Clerk::new()),
        )
    }
}

async fn journal(world: &World, shop: ShopId, who: &str) -> JournalId {
    let store = &world.house.store;
    let customer = store.find(shop, &person(&address(who))).await.unwrap().unwrap();
    store.find(shop, &talk(customer, &address(who))).await.unwrap().unwrap()
}

/// Both shops' customers say the same things, in an order that falls by chance.
async fn talked(seed: u64) -> (World, [Member; 2]) {
    let members = [member(1, "alpha"), member(2, "beta")];
    let world = World::of(members.to_vec()).await;
    let mut dice = Dice::new(seed);
    let says = [
        "I need a rain jacket",
        "the first one in M please",
        "show me my cart",
        "checkout",
        "yes",
        "wool socks",
        "add the socks",
        "what is your return policy",
        "stop",
        "start",
    ];
    for n in 0..MESSAGES {
        let shop = ShopId(u32::try_from(dice.below(2)).unwrap() + 1);
        let who = format!("c{}", dice.below(CUSTOMERS));
        let text = *says.get(usize::try_from(dice.below(says.len() as u64)).unwrap()).unwrap();
        // The same message ids in both: they are another account's.
        world.send(shop, &who, &format!("m{n}"), InboundKind::Text(text.to_owned())).await;
        match dice.below(3) {
            0 => world.settled().await,
            1 => world.deliver_and_settle().await,
            _ => {}
        }
    }
    for shop in [ShopId(1), ShopId(2)] {
        for n in 0..CUSTOMERS {
            let text = InboundKind::Text("start".to_owned());
            world.send(shop, &format!("c{n}"), &format!("start{n}"), text).await;
            world.settled().await;
            let text = InboundKind::Text("show me jackets".to_owned());
            world.send(shop, &format!("c{n}"), &format!("last{n}"), text).await;
        }
    }
    world.settled().await;
    world.deliver_and_settle().await;
    (world, members)
}

#[tokio::test]
async fn nothing_crosses_between_two_shops() {
    for seed in 0..6 {
        let (world, members) = talked(seed).await;
        for (member, (mine, other)) in members.iter().zip([("alpha", "beta"), ("beta", "alpha")]) {
            let shown = format!("{:?}", member.channel.take());
            assert!(shown.contains(mine), "seed {seed}: {shown}");
            let others_price = if mine == "alpha" { "82.00" } else { "81.00" };
            for crossed in [other, others_price] {
                assert!(!shown.contains(crossed), "seed {seed}, {mine}: `{crossed}` in {shown}");
            }
            let packs: Vec<String> =
                world.house.shops().map(|it| it.pack.id().to_string()).collect();
            for n in 0..CUSTOMERS {
                let journal = journal(&world, member.id, &format!("c{n}")).await;
                assert_eq!(journal.shop, member.id);
                let log = serde_json::to_string(&world.log(journal).await).unwrap();
                assert!(!log.contains(other), "seed {seed}: a journal of {mine} names {other}");
                let theirs = packs.iter().filter(|id| **id != member.pack.id().to_string());
                assert!(theirs.into_iter().all(|id| !log.contains(id)), "seed {seed}: a pack");
            }
        }
    }
}

#[tokio::test]
async fn an_alias_and_a_tap_are_one_shops_alone() {
    let (world, _) = talked(3).await;
    let (mine, others) =
        (journal(&world, ShopId(1), "c0").await, journal(&world, ShopId(2), "c0").await);
    assert_ne!(mine.key, others.key);
    let state = world.state(mine).await;
    assert_ne!(state.customer, world.state(others).await.customer);
    let offered = state.offered.last().unwrap();
    let action = ActionRef { outbound: offered.outbound, option: 0 };
    let token = action::mint(&*world.house.ids, mine, action);
    let before = world.state(others).await;
    world.send(ShopId(2), "c0", "tap", InboundKind::Tap(Tap::Token(token))).await;
    world.settled().await;
    let after = world.state(others).await;
    assert_eq!((after.cart, after.spent), (before.cart, before.spent));
}
