//! The live half of a channel: what is shown of a reply while a model is still writing it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use agent_core::model::scripted::says;
use agent_core::model::{Completion, Delta, Model, ModelError, Request};
use async_trait::async_trait;
use sutler_tests::world::{Member, World};

use crate::hostile::pack;

/// A model that writes its drafts one after the other, letter by letter, and lets everybody look on.
#[derive(Debug)]
struct Typist {
    drafts: &'static [&'static str],
    written: AtomicUsize,
}

#[async_trait]
impl Model for Typist {
    async fn complete(
        &self,
        _: &Request,
        hear: &mut (dyn for<'a> FnMut(Delta<'a>) + Send),
    ) -> Result<Completion, ModelError> {
        let at = self.written.fetch_add(1, Ordering::Relaxed);
        let draft = self.drafts.get(at).ok_or(ModelError::Miss)?;
        for letter in draft.split_inclusive(|_: char| true) {
            hear(Delta::Text(letter));
            for _ in 0..8 {
                tokio::task::yield_now().await;
            }
        }
        Ok(says(draft))
    }
}

async fn previews(drafts: &'static [&'static str]) -> (Vec<String>, String) {
    let model = Arc::new(Typist { drafts, written: AtomicUsize::new(0) });
    let world = World::of(vec![Member::new(&pack("retail"), model)]).await;
    world.channel.previews();
    let text = world.say("ada", "what does the red dress cost?").await.text();
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
    (world.channel.previews(), text)
}

#[tokio::test]
async fn sentences_are_shown_as_they_pass_and_a_wrong_price_never() {
    let drafts = &[
        "It is a lovely one. It costs 12.34 EUR today. Shall I add it?",
        "It is a lovely one! I have to look up what it costs. Shall I?",
    ];
    let (previews, text) = previews(drafts).await;
    let notice = "You are chatting with our automated shop assistant.";
    let first = format!("{notice}\n\nIt is a lovely one!");
    let second = format!("{first} I have to look up what it costs.");
    let before = format!("{notice}\n\nIt is a lovely one.");
    assert_eq!(previews, ["[typing]", &before, &first, &second, "[done]"]);
    assert!(text.ends_with("Shall I?"), "{text}");
}

#[tokio::test]
async fn what_is_shown_on_the_way_is_in_no_journal() {
    let model = Arc::new(Typist {
        drafts: &["Good evening. Bye now. It costs 12.34 EUR. ", "Hello. Yes? "],
        written: AtomicUsize::new(0),
    });
    let world = World::of(vec![Member::new(&pack("retail"), model)]).await;
    world.channel.previews();
    world.say("ada", "good evening").await;
    let shown = world.channel.previews();
    assert!(shown.iter().any(|text| text.ends_with("Bye now.")), "{shown:?}");
    world.deliver_and_settle().await;
    let delivered = world.channel.take();
    assert!(delivered.iter().all(|it| !format!("{it:?}").contains("Bye now")), "{delivered:?}");
}
