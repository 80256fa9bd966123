//! The retail pack's golden conversations, as its customers see them on Telegram.

use agent_core::message::InboundKind;
use expect_test::expect_file;
use prompts::Folder;
use sutler_tests::world::Turned;

use super::{ADA, Shop};
use crate::goldens::wrong;
use crate::hostile::pack;

#[tokio::test]
async fn the_golden_conversations_come_out_as_written_and_look_as_reviewed() {
    let (pack, mut found, mut pages) = (pack("retail"), Vec::new(), String::new());
    for golden in Folder::builtin("retail").unwrap().goldens().unwrap() {
        let shop = Shop::open().await;
        let mut seen = 0;
        for (n, turn) in golden.turns.iter().enumerate() {
            match (&turn.say, &turn.tap) {
                (Some(text), _) => shop.say(ADA, text).await,
                (None, Some(label)) => shop.tap(ADA, label).await,
                (None, None) => panic!("a turn says or taps"),
            }
            let journal = shop.journal(ADA, ADA).await.unwrap();
            let events = shop.world.log(journal).await;
            let turned = Turned::of(events.get(seen..).unwrap().to_vec());
            seen = events.len();
            let state = shop.world.state(journal).await;
            for what in wrong(turn, &turned, &state, (&pack, &golden.locale)) {
                found.push(format!("{} turn {}: {what}", golden.name, n + 1));
            }
        }
        assert_eq!(shop.fake.wrong(), Vec::<String>::new(), "{}", golden.name);
        pages.push_str(&format!("== {}\n{}\n", golden.name, shop.fake.transcript(ADA)));
    }
    assert_eq!(found, Vec::<String>::new());
    expect_file!["goldens.txt"].assert_eq(&pages);
}

#[tokio::test]
async fn a_tap_reaches_what_it_showed_and_an_old_one_says_so() {
    let shop = Shop::open().await;
    shop.say(ADA, "show me the Harbour Rain Jacket in M").await;
    let offered = shop.fake.answers(ADA);
    let (message, (_, token)) = offered
        .iter()
        .rev()
        .flat_map(|shown| shown.buttons().into_iter().map(move |button| (shown.told(), button)))
        .find(|(_, (label, _))| label.contains("Add to cart"))
        .unwrap();
    shop.tap(ADA, "Add to cart").await;
    assert_eq!(shop.state(ADA).await.cart.len(), 1, "{:?}", shop.answers(ADA));
    let again = shop.fake.press(ADA, message.clone(), &token);
    shop.handle(again).await;
    assert_eq!(shop.answers(ADA).pop().unwrap(), super::phrase("tap.spent"));
    let forged = shop.fake.press(super::BOB, message.clone(), &token);
    shop.handle(forged).await;
    shop.world.clock.turn(std::time::Duration::from_secs(25 * 3600));
    let old = shop.fake.press(ADA, message, &token);
    shop.handle(old).await;
    let journal = shop.journal(ADA, ADA).await.unwrap();
    let taps = shop.world.log(journal).await.into_iter().filter(|recorded| {
        matches!(&recorded.event, agent_core::event::Event::Answer(agent_core::event::Answer::Received(it)) if matches!(it.kind, InboundKind::Tap(_)))
    });
    assert_eq!(taps.count(), 3);
    assert_eq!(shop.state(ADA).await.cart.iter().map(|(_, n)| n).sum::<u32>(), 1);
    assert_eq!(shop.fake.wrong(), Vec::<String>::new());
}
