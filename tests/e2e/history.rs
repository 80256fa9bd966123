//! What a model is shown is bounded: old turns leave whole, by an event, and between such events it only grows.

use std::sync::Arc;

use agent_core::evidence::Change;
use agent_core::model::Entry;
use agent_core::model::scripted::{Scripted, calls, says};
use agent_core::request::{TRANSCRIPT_TOKENS, tokens};
use serde_json::json;
use sutler_tests::world::{Member, World};

use crate::hostile::pack;

#[tokio::test]
async fn old_turns_leave_whole_and_the_rest_only_grows() {
    let model = Arc::new(Scripted::by(|request| {
        let looked = matches!(request.transcript.last(), Some(Entry::Tool { .. }));
        Ok(if looked { says("Well.") } else { calls([("search", json!({"words": "jacket"}))]) })
    }));
    let world = World::of(vec![Member::new(&pack("retail"), model.clone())]).await;
    let words = "and another thing about that jacket ".repeat(30);
    let mut forgot = 0;
    for _ in 0..60 {
        let turned = world.say("ada", &words).await;
        forgot += turned.changes.iter().filter(|it| matches!(it, Change::Forgot { .. })).count();
    }
    assert!(forgot > 1, "{forgot}");
    let mut before: Vec<Entry> = Vec::new();
    let mut shrank = 0;
    for request in model.asked() {
        let transcript = request.transcript;
        let size: usize = transcript.iter().map(tokens).sum();
        assert!(size <= TRANSCRIPT_TOKENS, "{size}");
        assert!(matches!(transcript[0], Entry::Customer { .. }), "a turn is not cut");
        let made = transcript.iter().filter_map(|entry| match entry {
            Entry::Agent { calls, .. } => Some(calls),
            _ => None,
        });
        let made: Vec<_> = made.flatten().map(|call| call.id).collect();
        let results = transcript.iter().filter_map(|entry| match entry {
            Entry::Tool { call, .. } => Some(*call),
            _ => None,
        });
        assert_eq!(made, results.collect::<Vec<_>>(), "calls and results leave together");
        match transcript.starts_with(&before) {
            true => {}
            false => shrank += 1,
        }
        before = transcript;
    }
    assert_eq!(shrank, forgot, "between forgettings it only grows");
}
