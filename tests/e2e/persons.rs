//! People of the shop, its events, its timers and its journals.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use agent_core::channel::DeliveryError;
use agent_core::evidence::Owner;
use agent_core::id::{Alias, JournalId, MessageId, Seq, Subject};
use agent_core::intake::IntakeError;
use agent_core::message::{Address, Control, Inbound, InboundKind, Purpose, Status};
use agent_core::model::scripted::{Scripted, says};
use agent_core::profile::Repeat;
use agent_core::quarantine;
use agent_core::store::contract::make;
use agent_core::store::memory::MemoryStore;
use agent_core::store::{Commit, OutboxRow, Store as _};
use agent_core::time::turned::TurnedClock;
use agent_core::time::{Clock as _, Micros};
use serde_json::json;
use sutler_tests::world::{Collected, Member, SHOP, START, World, address};

use crate::hostile::pack;

async fn shop(repeat: Repeat) -> World {
    let model = Scripted::by(|_| Ok(says("Hello.")));
    let mut member = Member::new(&pack("retail"), Arc::new(model));
    member.channel = Arc::new(Collected::like(Duration::ZERO, repeat));
    World::of(vec![member]).await
}

/// The same, with somebody who was greeted and told that a machine writes.
async fn greeted(repeat: Repeat) -> World {
    let world = shop(repeat).await;
    world.say("ada", "hello").await;
    world.deliver_and_settle().await;
    world.channel.take();
    world
}

/// What became of all that was sent after the greeting.
async fn statuses(world: &World) -> Vec<Status> {
    world.statuses(world.journal("ada").await).await.split_off(2)
}

fn command(command: Control) -> InboundKind {
    InboundKind::Control { by: "eve".into(), command }
}

fn told(id: &str, kind: InboundKind) -> Inbound {
    Inbound::told(MessageId(id.to_owned()), START, kind)
}

#[tokio::test]
async fn a_person_owns_a_conversation_before_its_first_message_and_gives_it_back() {
    let world = shop(Repeat::Nonce).await;
    let until = Some(world.clock_after(Duration::from_secs(3600)));
    world.tell("ada", command(Control::TakeOver { until })).await;
    assert!(world.say("ada", "hello?").await.reply.is_none());
    let said = world.tell("ada", command(Control::Say("Eve here: 5 euros.".to_owned()))).await;
    assert_eq!(said.reply.unwrap().purpose, Purpose::Person);
    assert_eq!(world.deliver().await.len(), 1, "people say what they like");
    world.clock.turn(Duration::from_secs(3600));
    assert!(world.say("ada", "and now?").await.reply.is_some(), "her time is over");
    world.tell("ada", command(Control::Close)).await;
    assert_eq!(world.conversation("ada").await.owner, Owner::Closed);
    assert!(world.say("ada", "one more thing").await.reply.is_some(), "it is open again");
}

#[tokio::test]
async fn who_was_not_told_of_the_machine_is_told_with_the_next_reply() {
    let world = shop(Repeat::Nonce).await;
    let told = pack("retail").say("disclosure", &"en".into(), &[]);
    assert!(world.say("ada", "hello").await.text().contains(&told));
    world.tell("ada", command(Control::TakeOver { until: None })).await;
    world.deliver_and_settle().await;
    world.tell("ada", command(Control::GiveBack)).await;
    assert!(world.say("ada", "hello?").await.text().contains(&told), "the first was not sent");
    world.deliver_and_settle().await;
    assert!(!world.say("ada", "and now?").await.text().contains(&told), "once is enough");
}

#[tokio::test]
async fn nobody_can_be_told_anything_without_an_address() {
    let world = shop(Repeat::Nonce).await;
    let journal = JournalId::conversation(SHOP, 42);
    let refused = world.intake.tell(journal, told("c", command(Control::GiveBack))).await;
    assert!(matches!(refused, Err(IntakeError::NoAddress)), "{refused:?}");
}

#[tokio::test]
async fn an_event_of_the_shop_and_a_timer_cause_turns() {
    let world = shop(Repeat::Nonce).await;
    world.say("ada", "hello").await;
    let journal = world.journal("ada").await;
    let facts = BTreeMap::from([("order".into(), json!("4711"))]);
    let event = InboundKind::Event { name: "order_shipped".into(), facts };
    assert!(world.intake.tell(journal, told("e1", event.clone())).await.unwrap());
    assert!(!world.intake.tell(journal, told("e1", event)).await.unwrap(), "told again");
    world.settled().await;
    assert_eq!(world.deliver().await.last().unwrap().answers, ["e1".into()]);

    let due = world.clock_after(Duration::from_secs(60));
    let id = agent_core::id::CommitId(99);
    let timers = vec![("remind".into(), Some(due))];
    let set = Commit { timers, ..Commit::blank(id, due, journal) };
    world.house.store.commit(set).await.unwrap();
    world.ring().await;
    assert!(world.deliver().await.is_empty(), "it is not due");
    world.clock.turn(Duration::from_secs(60));
    world.ring().await;
    world.ring().await;
    assert_eq!(world.deliver().await.len(), 1, "it rings once");
}

#[tokio::test]
async fn what_nobody_knows_arrived_is_sent_once_more_and_then_held_for_a_person() {
    let world = greeted(Repeat::Never).await;
    let lost = || DeliveryError::Ambiguous("timed out".to_owned());
    world.channel.fail([lost(), lost()]);
    let reply = world.say("ada", "hello").await.reply.unwrap();
    world.deliver_and_settle().await;
    assert_eq!(statuses(&world).await, [Status::Ambiguous], "the doubt is told at once");
    world.clock.turn(Duration::from_secs(31));
    world.deliver_and_settle().await;
    assert_eq!(statuses(&world).await, [Status::Ambiguous], "and once");
    world.clock.turn(Duration::from_secs(3600));
    assert!(world.deliver().await.is_empty(), "held");
    let settle = Control::Settle { of: reply.id, part: 0, arrived: false };
    world.tell("ada", command(settle)).await;
    assert_eq!(world.deliver().await.len(), 1, "a person saw that it had not arrived");
}

#[tokio::test]
async fn a_repetition_is_harmless_as_long_as_the_platform_remembers() {
    let world = greeted(Repeat::NonceFor(Duration::from_secs(120))).await;
    let lost = || DeliveryError::Ambiguous("timed out".to_owned());
    // At 0, 30, 60 and 90 seconds under one key; at 120 the platform has forgotten it: once more.
    let later = DeliveryError::Later(Duration::from_secs(30));
    world.channel.fail([lost(), lost(), later, lost()]);
    world.say("ada", "hello").await;
    for _ in 0..4 {
        world.deliver_and_settle().await;
        assert_eq!(statuses(&world).await, [], "it is sent again as if nothing had been");
        world.clock.turn(Duration::from_secs(30));
    }
    world.deliver_and_settle().await;
    assert_eq!(statuses(&world).await.first(), Some(&Status::Ambiguous));
    assert_eq!(world.deliver().await.len(), 1);
}

#[tokio::test]
async fn what_was_sent_twice_and_forgotten_twice_is_held() {
    let world = greeted(Repeat::NonceFor(Duration::from_secs(20))).await;
    let lost = || DeliveryError::Ambiguous("timed out".to_owned());
    world.channel.fail([lost(), lost()]);
    world.say("ada", "hello").await;
    for _ in 0..4 {
        world.deliver_and_settle().await;
        world.clock.turn(Duration::from_secs(30));
    }
    assert!(world.deliver().await.is_empty());
    assert_eq!(statuses(&world).await, [Status::Ambiguous]);
}

#[tokio::test]
async fn a_held_part_is_settled_by_the_platforms_status() {
    let world = greeted(Repeat::StatusEcho).await;
    world.channel.fail([DeliveryError::Ambiguous("timed out".to_owned())]);
    let reply = world.say("ada", "hello").await.reply.unwrap();
    world.deliver_and_settle().await;
    let status =
        InboundKind::Status { of: reply.id, part: 0, status: Status::Delivered, billed: None };
    world.tell("ada", status).await;
    world.clock.turn(Duration::from_secs(25 * 3600));
    world.deliver_and_settle().await;
    let became = statuses(&world).await;
    assert_eq!(became, [Status::Ambiguous, Status::Delivered], "not expired: it is gone");
}

#[tokio::test]
async fn nothing_overtakes_a_part_that_waits() {
    let world = greeted(Repeat::Nonce).await;
    world.channel.fail([DeliveryError::Later(Duration::from_secs(90))]);
    let first = world.say("ada", "one").await.reply.unwrap().id;
    world.deliver_and_settle().await;
    let second = world.say("ada", "two").await.reply.unwrap().id;
    world.clock.turn(Duration::from_secs(40));
    assert!(world.deliver().await.is_empty());
    world.clock.turn(Duration::from_secs(60));
    let sent: Vec<_> = world.deliver().await.iter().map(|delivery| delivery.id).collect();
    assert_eq!(sent, [first, second]);
}

/// A shop of one pack and one account, after a crash: what was in memory is gone.
async fn next_process(store: &Arc<MemoryStore>, clock: &Arc<TurnedClock>) -> World {
    let member = Member::new(&pack("retail"), Arc::new(Scripted::by(|_| Ok(says("Hello.")))));
    World::on((store.clone(), store.clone()), clock.clone(), vec![member]).await
}

/// Rows of an account that is not in the configuration any more, each of another conversation, and when each is due.
async fn stranded(store: &MemoryStore, due: impl Iterator<Item = Micros>) {
    let row = |(n, due): (u16, Micros)| OutboxRow {
        journal: JournalId::conversation(SHOP, n.into()),
        to: Address { account: "gone".into(), ..address("somebody") },
        due,
        ..make::outbox(n, 0, 1, 0)
    };
    let outbox: Vec<OutboxRow> = (1..).zip(due).map(row).collect();
    let commit = Commit { journal: outbox[0].journal, outbox, ..make::commit(1) };
    store.commit(commit).await.unwrap();
}

#[tokio::test]
async fn nothing_overtakes_what_waits_since_before_a_crash() {
    let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(TurnedClock::new(START)));
    let world = next_process(&store, &clock).await;
    world.channel.fail([DeliveryError::Later(Duration::from_secs(90))]);
    let first = world.say("ada", "one").await.reply.unwrap().id;
    world.deliver_and_settle().await;
    let second = world.say("ada", "two").await.reply.unwrap().id;
    drop(world);
    let world = next_process(&store, &clock).await;
    clock.turn(Duration::from_secs(40));
    assert!(world.deliver().await.is_empty());
    clock.turn(Duration::from_secs(60));
    let mut sent: Vec<_> = world.deliver().await.iter().map(|delivery| delivery.id).collect();
    sent.dedup();
    assert_eq!(sent, [first, second]);
}

#[tokio::test]
async fn what_waits_since_before_a_crash_is_found_among_however_much() {
    let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(TurnedClock::new(START)));
    // Some of it waits for one moment, and is more than is read at once.
    let soon = |n: u64| START.after(Duration::from_secs(if n < 600 { 50 } else { 60 + n % 20 }));
    stranded(&store, (0..1_400).map(soon)).await;
    let world = next_process(&store, &clock).await;
    world.channel.fail([DeliveryError::Later(Duration::from_secs(90))]);
    for words in ["one", "two"] {
        world.say("ada", words).await;
        world.deliver_and_settle().await;
    }
    drop(world);
    let world = next_process(&store, &clock).await;
    clock.turn(Duration::from_secs(40));
    assert!(world.deliver().await.is_empty(), "the second waits for the first");
}

/// Of an account that is not in the configuration any more, say.
#[tokio::test]
async fn those_who_wait_keep_nobody_else_from_being_written_to() {
    let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(TurnedClock::new(START)));
    stranded(&store, (0..600).map(|_| Micros(0))).await;
    let world = next_process(&store, &clock).await;
    world.deliver().await;
    let reply = world.say("ada", "hello").await.reply.unwrap().id;
    assert!(world.deliver().await.iter().any(|delivery| delivery.id == reply));
}

#[tokio::test]
async fn a_customer_is_known_by_any_alias_and_a_platforms_opt_out_holds_everywhere() {
    let world = shop(Repeat::Nonce).await;
    let phone = Alias("phone/+491701234567".to_owned());
    let mut inbound = told("m1", InboundKind::Text("hello".to_owned()));
    inbound.from = Some(address("ada"));
    inbound.aliases = vec![phone.clone()];
    world.intake.accept(SHOP, inbound.clone()).await.unwrap();
    inbound.id = "m2".into();
    inbound.from = Some(address("other"));
    world.intake.accept(SHOP, inbound).await.unwrap();
    world.settled().await;
    let (ada, other) = (world.conversation("ada").await, world.conversation("other").await);
    assert_eq!(ada.customer, other.customer);
    let customer = world.house.customer(SHOP, ada.customer.unwrap()).await.unwrap();
    assert_eq!(customer.aliases.len(), 3);
    assert!(customer.aliases.contains(&phone));
    world.tell("ada", InboundKind::Consent { purpose: Purpose::Service, given: false }).await;
    assert!(world.say("other", "hello").await.reply.is_none());
}

#[tokio::test]
async fn the_journals_of_shops_and_accounts_keep_what_they_are_told() {
    let world = shop(Repeat::Nonce).await;
    for _ in 0..2 {
        world.intake.open_shops().await.unwrap();
        world.settled().await;
    }
    assert_eq!(world.log(JournalId::shop(SHOP)).await.len(), 1, "the same pack is told once");
    let account = JournalId::account(SHOP, &"test".into(), &"main".into());
    let state = InboundKind::Unsupported("account_update: card 4242 4242 4242 4242".to_owned());
    world.intake.tell(account, told("u1", state)).await.unwrap();
    world.settled().await;
    assert_eq!(quarantined(&world, "7").await, [true, false]);
    let log = world.log(account).await;
    assert_eq!(log.len(), 2);
    assert!(format!("{log:?}").contains("an unknown kind"));
    assert!(!format!("{log:?}").contains("4242"));
    assert!(!format!("{log:?}").contains("hologram"), "the words are elsewhere");
}

/// What a platform sends twice and nobody can read: whether it was new.
async fn quarantined(world: &World, id: &str) -> [bool; 2] {
    let raw = r#"{"hologram":"card 4242 4242 4242 4242"}"#;
    let mut told = [false; 2];
    for fresh in &mut told {
        let names = (&"test".into(), &"main".into());
        let what = (raw, "an unknown kind");
        *fresh = world.intake.quarantine(SHOP, names, id, what).await.unwrap();
        world.settled().await;
    }
    told
}

/// The journals of what could not be read: how many events can be read there, or none.
async fn unread(world: &World) -> Vec<Option<usize>> {
    let journals = world.house.archive.journals(SHOP, None, 99).await.unwrap();
    let mut unread = Vec::new();
    for journal in journals.into_iter().filter(|it| it.subject == Subject::Quarantine) {
        let events = world.house.events(journal, Seq::START).await;
        unread.push(events.ok().map(|(_, events)| {
            let events = format!("{events:?}");
            assert!(!events.contains("4242"));
            events.matches("hologram").count()
        }));
    }
    unread
}

#[tokio::test]
async fn what_nobody_could_read_is_kept_for_a_while_and_no_longer() {
    let world = shop(Repeat::Nonce).await;
    assert_eq!(quarantined(&world, "1").await, [true, false]);
    assert_eq!(quarantined(&world, "2").await, [true, false]);
    assert_eq!(unread(&world).await, [Some(2)]);
    let day = Duration::from_secs(24 * 3600);
    world.clock.turn(day);
    assert_eq!(quarantined(&world, "3").await, [true, false]);
    world.clock.turn(29 * day);
    world.ring().await;
    assert_eq!(unread(&world).await, [Some(2), Some(1)]);
    world.clock.turn(day);
    world.ring().await;
    assert_eq!(unread(&world).await, [None, Some(1)]);
    let account = JournalId::account(SHOP, &"test".into(), &"main".into());
    assert_eq!(world.log(account).await.len(), 3, "that there was something stays");
}

#[tokio::test]
async fn what_nobody_could_read_goes_with_any_customer() {
    let world = greeted(Repeat::Nonce).await;
    quarantined(&world, "1").await;
    let customer = world.conversation("ada").await.customer.unwrap();
    let (store, now) = ((&*world.house.store, &*world.house.archive), world.clock.now());
    let receipt = quarantine::erase(store, SHOP, customer, now).await.unwrap();
    assert_eq!((receipt.customer, receipt.journals), (customer, 2));
    assert_eq!(unread(&world).await, [None]);
    assert_eq!(quarantined(&world, "2").await, [true, false], "and the day goes on");
    assert_eq!(unread(&world).await, [None, Some(1)]);
}

/// `chat` over the folder of a server, say: what the server has to deliver is left to it.
#[tokio::test]
async fn a_reply_waits_for_its_account() {
    let store = Arc::new(MemoryStore::new());
    let clock = Arc::new(TurnedClock::new(START));
    let side = Arc::new(Collected::default());
    let process = |has_side: bool| {
        let model = Scripted::by(|_| Ok(says("Hello.")));
        let mut member = Member::new(&pack("retail"), Arc::new(model));
        if has_side {
            member.accounts = vec![("test".into(), "side".into(), side.clone())];
        }
        World::on((store.clone(), store.clone()), clock.clone(), vec![member])
    };
    let hello = Inbound {
        from: Some(Address { account: "side".into(), ..address("ada") }),
        ..told("m1", InboundKind::Text("hello".to_owned()))
    };
    let world = process(true).await;
    world.intake.accept(SHOP, hello).await.unwrap();
    world.settled().await;
    clock.turn(Duration::from_secs(1));
    process(false).await.deliver_and_settle().await;
    assert!(side.take().is_empty());
    clock.turn(Duration::from_secs(1));
    let world = process(true).await;
    world.deliver().await;
    assert_eq!(side.take().len(), 2, "the reply, and that a machine writes");
}
