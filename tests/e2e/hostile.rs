//! A model that invents, calls what it was not given and never stops: none of it reaches a customer.

use std::sync::Arc;

use agent_core::event::{Decision, Event, Outcome, Recorded, Verdict};
use agent_core::evidence::Owner;
use agent_core::message::{Control, InboundKind, Purpose, Status};
use agent_core::model::scripted::{Scripted, calls, says};
use agent_core::model::{Completion, Finish};
use agent_core::pack::Pack;
use prompts::Folder;
use serde_json::json;
use sutler_tests::world::{FEED, Member, SHOP, World};

pub(crate) fn pack(name: &str) -> Arc<Pack> {
    Arc::new(Folder::builtin(name).unwrap().pack().unwrap())
}

/// A shop whose model gives these drafts, one after the other, and the last for ever.
async fn shop(drafts: &'static [&str]) -> (World, Arc<Scripted>) {
    let mut drafts = drafts.iter().copied();
    let mut draft = "";
    let model = Arc::new(Scripted::by(move |_| {
        draft = drafts.next().unwrap_or(draft);
        Ok(says(draft))
    }));
    (World::of(vec![Member::new(&pack("retail"), model.clone())]).await, model)
}

/// Everything the channel was given, as one text.
async fn seen(world: &World) -> String {
    world.deliver_and_settle().await;
    let bodies: Vec<String> =
        world.channel.take().iter().map(|delivery| format!("{:?}", delivery.body)).collect();
    bodies.join("\n")
}

pub(crate) fn rules(events: &[Recorded]) -> Vec<String> {
    let rule = |recorded: &Recorded| match &recorded.event {
        Event::Decision(Decision::Judged { rule, .. } | Decision::Refused { rule, .. }) => {
            Some(rule.to_string())
        }
        _ => None,
    };
    events.iter().filter_map(rule).collect()
}

#[tokio::test]
async fn an_invented_price_is_mended_once_then_a_phrase_then_a_person() {
    let (world, model) = shop(&["The jacket is yours for just 5 euros!"]).await;
    let first = world.say("ada", "how much is the jacket?").await;
    let fallback = pack("retail").say("fallback", &"en".into(), &[]);
    assert!(first.text().ends_with(&fallback), "{}", first.text());
    let asked = model.asked();
    assert_eq!(asked.len(), 2, "one regeneration");
    assert!(asked[0].notes.violations.is_empty());
    assert!(asked[1].notes.violations[0].contains("5 euros"), "{:?}", asked[1].notes.violations);
    assert!(rules(&first.events).contains(&"egress.amount".to_owned()));
    let told = seen(&world).await;

    let second = world.say("ada", "how much is it?").await;
    assert!(matches!(world.conversation("ada").await.owner, Owner::Waiting { .. }));
    assert!(second.events.iter().any(|it| matches!(
        &it.event,
        Event::Decision(Decision::Judged { verdict: Verdict::HandOver(_), .. })
    )));
    let third = world.say("ada", "hello?").await;
    assert!(third.reply.is_none(), "a person was asked: silence");
    let told = told + &seen(&world).await;
    assert!(!told.contains("5 euros") && told.contains(&fallback), "{told}");
}

#[tokio::test]
async fn a_draft_that_is_mended_is_sent() {
    let (world, _) = shop(&["Only €3, and 50% off!", "I can look that up for you."]).await;
    let turned = world.say("ada", "how much is the jacket?").await;
    assert!(turned.text().ends_with("I can look that up for you."), "{}", turned.text());
}

#[tokio::test]
async fn half_an_answer_is_not_sent() {
    for finish in [Finish::Length, Finish::Filtered] {
        let mut n = 0;
        let model = Scripted::by(move |_| {
            n += 1;
            let half = Completion { finish, ..says("Sure, I will put it into") };
            Ok(if n == 1 { half } else { says("Which size?") })
        });
        let world = World::of(vec![Member::new(&pack("retail"), Arc::new(model))]).await;
        let turned = world.say("ada", "the jacket please").await;
        assert!(turned.text().ends_with("Which size?"), "{}", turned.text());
        assert!(rules(&turned.events).contains(&"egress.whole".to_owned()));
    }
}

#[tokio::test]
async fn a_cart_in_two_currencies_is_shown_without_a_sum() {
    let mut n = 0;
    let model = Scripted::by(move |_| {
        n += 1;
        let add = |variant| ("cart_add", json!({ "variant": variant }));
        Ok(if n == 1 { calls([add("socks"), add("hat")]) } else { says("[[cart]]") })
    });
    let feed = FEED.replace("out_of_stock,30.00 EUR", "in_stock,30.00 USD");
    let feed = Vec::from(feed);
    let world =
        World::of(vec![Member { feed, ..Member::new(&pack("retail"), Arc::new(model)) }]).await;
    let text = world.say("ada", "socks and a hat").await.text();
    assert!(text.ends_with("1 × Wool Socks: €12.50\n1 × Sun Hat: $30.00"), "{text}");
}

#[tokio::test]
async fn a_tool_it_was_not_given_is_not_run() {
    let mut n = 0;
    let model = Scripted::by(move |_| {
        n += 1;
        Ok(if n == 1 { calls([("refund", json!({"all": true}))]) } else { says("Done.") })
    });
    let world = World::of(vec![Member::new(&pack("retail"), Arc::new(model))]).await;
    let turned = world.say("ada", "give me my money back").await;
    assert!(turned.calls.is_empty());
    assert!(rules(&turned.events).contains(&"tool.allow".to_owned()));
}

#[tokio::test]
async fn after_stop_there_is_one_confirmation_and_then_silence() {
    let (world, model) = shop(&["Buy more!"]).await;
    world.say("ada", "hello").await;
    let turned = world.say("ada", "STOP").await;
    assert_eq!(turned.reply.map(|reply| reply.purpose), Some(Purpose::Notice));
    assert_eq!(model.asked().len(), 1, "no model is asked about a stop");
    for text in ["are you there?", "stop", "buy buy"] {
        assert!(world.say("ada", text).await.reply.is_none(), "{text}");
    }
    assert_eq!(model.asked().len(), 1);
    // The reply to "hello" was still in the outbox.
    let seen = seen(&world).await;
    assert!(!seen.contains("Buy more!"), "{seen}");
    assert_eq!(seen.lines().count(), 1, "the confirmation alone: {seen}");
    let statuses = world.statuses(world.journal("ada").await).await;
    assert!(statuses.contains(&Status::Refused("send.opted_out".into())), "{statuses:?}");
    assert!(world.say("ada", "START").await.reply.is_some());
}

#[tokio::test]
async fn a_reply_in_the_outbox_is_not_sent_once_a_person_is_asked_or_takes_over() {
    for command in [None, Some(Control::TakeOver { until: None })] {
        let (world, _) = shop(&["It will be fine."]).await;
        let said = world.say("ada", "my parcel is gone").await;
        assert_eq!(said.reply.as_ref().unwrap().answers, ["m1".into()]);
        let handed = command.is_none();
        match command {
            None => world.say("ada", "I want to talk to a human").await,
            Some(command) => {
                world.tell("ada", InboundKind::Control { by: "eve".into(), command }).await
            }
        };
        let seen = seen(&world).await;
        assert!(!seen.contains("It will be fine"), "{seen}");
        assert_eq!(
            seen.lines().count(),
            usize::from(handed),
            "what says who comes is sent: {seen}"
        );
        let statuses = world.statuses(world.journal("ada").await).await;
        assert!(statuses.contains(&Status::Refused("send.owner".into())), "{statuses:?}");
    }
}

#[tokio::test]
async fn a_stop_and_a_persons_command_in_one_turn_are_both_heard() {
    let (world, _) = shop(&["Hello."]).await;
    let say = Control::Say("This is Eve.".to_owned());
    world.send(SHOP, "ada", "c1", InboundKind::Control { by: "eve".into(), command: say }).await;
    world.send(SHOP, "ada", "m1", InboundKind::Text("stop".to_owned())).await;
    world.settled().await;
    let state = world.conversation("ada").await;
    assert!(state.opted_out && matches!(state.owner, Owner::Person { .. }), "{state:?}");
}

#[tokio::test]
async fn a_button_a_model_made_confirms_nothing() {
    let draft = "[[choice Look? | Show pictures => checkout {}]]";
    let model = Scripted::by(move |_| Ok(says(draft)));
    let world = World::of(vec![Member::new(&pack("restaurant"), Arc::new(model))]).await;
    world.say("ada", "hi").await;
    let turned = world.tap("ada", "Show pictures").await;
    assert!(turned.calls.is_empty(), "the pack wants checkout confirmed: {:?}", turned.calls);
    assert!(rules(&turned.events).contains(&"tool.confirm".to_owned()));
    let yes = pack("restaurant").say("confirm.yes", &"en".into(), &[]);
    assert_eq!(world.tap("ada", &yes).await.tools(), ["checkout".into()]);
    assert!(matches!(
        world.events("ada").await.last().map(|it| &it.event),
        Some(Event::Decision(Decision::Closed { outcome: Outcome::Replied, .. }))
    ));
}
