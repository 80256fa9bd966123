//! The retail pack's golden conversations, word for word as a customer on Discord sees them.

use std::sync::Arc;

use agent_core::pack::Pack;
use expect_test::expect_file;
use prompts::Folder;
use prompts::golden::Golden;
use sutler_tests::world::Turned;

use super::shop::{Opening, Outside};
use crate::goldens::wrong;

const ADA: u64 = 41;

#[tokio::test]
async fn the_golden_conversations_come_out_as_written_and_as_they_were_reviewed() {
    let folder = Folder::builtin("retail").unwrap();
    let pack = Arc::new(folder.pack().unwrap());
    let (mut found, mut seen) = (Vec::new(), String::new());
    for golden in folder.goldens().unwrap() {
        let outside = Outside::new().await;
        let shop = outside.open(Opening::default()).await;
        shop.connected(1).await;
        for turn in &golden.turns {
            let before = shop.events(ADA).await.len();
            match (&turn.say, &turn.tap) {
                (Some(text), _) => shop.say(ADA, text).await,
                (None, Some(label)) => shop.tap(ADA, label).await,
                (None, None) => panic!("a turn says or taps"),
            }
            let turned = Turned::of(shop.events(ADA).await.split_off(before));
            found.extend(complaints(&golden, turn, &turned, &pack, &shop.conversation(ADA).await));
        }
        seen.push_str(&format!("== {}\n{}\n", golden.name, shop.transcript(ADA)));
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
    expect_file!["goldens.txt"].assert_eq(&seen);
}

fn complaints(
    golden: &Golden,
    turn: &prompts::golden::Turn,
    turned: &Turned,
    pack: &Pack,
    state: &agent_core::conversation::Conversation,
) -> Vec<String> {
    let told = turn.say.as_deref().or(turn.tap.as_deref()).unwrap_or_default();
    let wrong = wrong(turn, turned, state, (pack, &golden.locale)).into_iter();
    wrong.map(|what| format!("{} `{told}`: {what}", golden.name)).collect()
}
