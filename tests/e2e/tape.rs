//! Conversations go by tape to another folder with other keys, and come out identical there.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use agent_core::event::{Answer, Recorded};
use agent_core::house::person;
use agent_core::id::{CommitId, CustomerId, JournalId, Seq, Subject};
use agent_core::message::{Inbound, InboundKind};
use agent_core::model::clerk::Clerk;
use agent_core::replay::tape::{Holds, Wrong};
use agent_core::replay::verify::VerifyError;
use agent_core::store::contract::make;
use agent_core::store::{Archive as _, Bind, Commit, Store as _};
use agent_core::time::turned::CountedIds;
use indicatif::ProgressBar;
use prompts::{Feed, Folder};
use storage::{Settings, SledStore};
use sutler::tape::{Books, Error, Exported, How, Imported, export, import, verify, verify_tape};
use sutler_tests::dice::Dice;
use sutler_tests::report::Findings;
use sutler_tests::talk::{rounds, talk};
use sutler_tests::world::{SHOP, START, World, address};
use tempfile::TempDir;

fn quiet() -> ProgressBar {
    ProgressBar::hidden()
}

/// The short form of the command `conversations`.
#[tokio::test]
async fn conversations_by_chance_come_out_identical_and_a_changed_field_is_reported_at_its_event() {
    let dir = TempDir::new().unwrap();
    let here = rounds::open(&dir.path().join("here"), 1).unwrap();
    talk(&here, 11, 12, &quiet()).await.unwrap();
    let there = rounds::open(&dir.path().join("there"), 2).unwrap();
    let tape = dir.path().join("tape");
    let mut findings = Findings::default();
    let turns = rounds::travel((&here, &there), &tape, &quiet(), &mut findings).await.unwrap();
    assert!(turns.identical > 12, "{turns:?}");
    let mut dice = Dice::new(3);
    let changed = rounds::tamper(&there, 200, &mut dice, &quiet(), &mut findings).await.unwrap();
    assert_eq!((changed.tapes, findings.wrong()), (200, 0));
    assert!(changed.at_the_event > 50, "{changed:?}");
}

#[tokio::test]
async fn every_golden_conversation_verifies_elsewhere() {
    let dir = TempDir::new().unwrap();
    for (n, name) in prompts::builtin().enumerate() {
        let folder = Folder::builtin(name).unwrap();
        let pack = Arc::new(folder.pack().unwrap());
        let Some(Feed::Embedded(feed)) = folder.feed() else { panic!("{name} has a feed") };
        let books = rounds::open(&dir.path().join(format!("{n}-here")), 1).unwrap();
        let store = (books.store.clone(), books.archive.clone());
        let world = World::over(store, pack, feed, Arc::new(Clerk::new())).await;
        let goldens = folder.goldens().unwrap();
        for (who, golden) in goldens.iter().enumerate() {
            let who = format!("customer {who}");
            for turn in &golden.turns {
                match (&turn.say, &turn.tap) {
                    (Some(text), _) => _ = world.say(&who, text).await,
                    (None, Some(label)) => _ = world.tap(&who, label).await,
                    (None, None) => panic!("a turn says or taps"),
                }
            }
        }
        world.deliver().await;
        let tape = dir.path().join(format!("{n}.tape"));
        let there = rounds::open(&dir.path().join(format!("{n}-there")), 2).unwrap();
        let mut findings = Findings::default();
        let travelled = rounds::travel((&books, &there), &tape, &quiet(), &mut findings).await;
        let said: usize = goldens.iter().map(|golden| golden.turns.len()).sum();
        assert_eq!((travelled.unwrap().identical, findings.wrong()), (said as u64, 0), "{name}");
    }
}

/// A folder in which two people have talked, and its store.
async fn talked(dir: &Path) -> (Books, Arc<SledStore>) {
    let ids = Arc::new(CountedIds::new(1));
    let store = SledStore::open(dir, &Settings::default(), ids).unwrap();
    let folder = Folder::builtin("retail").unwrap();
    let Some(Feed::Embedded(feed)) = folder.feed() else { panic!("a feed") };
    let pack = Arc::new(folder.pack().unwrap());
    let world =
        World::over((store.clone(), store.clone()), pack, feed, Arc::new(Clerk::new())).await;
    for who in ["ada", "bob"] {
        world.say(who, "waterproof jacket under 150 in M").await;
        world.say(who, "add the first to my cart").await;
    }
    (Books::new(store.clone()), store)
}

#[tokio::test]
async fn an_export_that_was_cut_short_goes_on_where_it_was() {
    let dir = TempDir::new().unwrap();
    let (books, _) = talked(&dir.path().join("here")).await;
    let whole = dir.path().join("whole");
    let first = export(&books, Holds::Everything, &whole, &quiet()).await.unwrap();
    assert_eq!((first.journals, first.resumed), (4, 0), "two talks, two people");
    let text = fs::read(&whole).unwrap();
    for cut in [0, 1, text.len() / 3, text.len() / 2, text.len() - 1, text.len()] {
        let tape = dir.path().join(format!("cut at {cut}"));
        let part = dir.path().join(format!("cut at {cut}.part"));
        fs::write(&part, &text[..cut]).unwrap();
        let again = export(&books, Holds::Everything, &tape, &quiet()).await.unwrap();
        assert_eq!(fs::read(&tape).unwrap(), text, "cut at {cut}");
        assert_eq!(again.journals, first.journals);
        let resumed = if cut + 1 < text.len() { again.resumed < 4 } else { again.resumed == 4 };
        assert!(resumed, "cut at {cut}: {again:?}");
        assert!(!part.exists());
    }
    let there = export(&books, Holds::Everything, &whole, &quiet()).await;
    assert!(matches!(there, Err(Error::There { .. })), "{there:?}");
    let other = dir.path().join("other");
    fs::write(dir.path().join("other.part"), &text[..text.len() / 2]).unwrap();
    let mixed = export(&books, Holds::Shop(SHOP), &other, &quiet()).await;
    assert!(matches!(mixed, Err(Error::There { .. })), "{mixed:?}");
}

/// All but the last byte of an export, as one leaves it that was killed then.
async fn cut(books: &Books, tape: &Path) -> Vec<u8> {
    export(books, Holds::Everything, tape, &quiet()).await.unwrap();
    let mut text = fs::read(tape).unwrap();
    text.pop();
    text
}

/// An export does not go on with this.
async fn refused(books: &Books, tape: &Path, part: &[u8]) {
    let path = tape.with_extension("part");
    fs::write(&path, part).unwrap();
    let again = export(books, Holds::Everything, tape, &quiet()).await;
    assert!(matches!(again, Err(Error::There { .. })), "{}: {again:?}", tape.display());
}

/// A tape shows a store as it stood once: what was written of it before it went on is no part of that.
#[tokio::test]
async fn an_export_does_not_go_on_where_the_store_went_on() {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name);
    let (books, store) = talked(&at("here")).await;
    let begun = JournalId::conversation(SHOP, 0);
    for (name, journal) in [("begun", begun), ("longer", begun)] {
        let part = cut(&books, &at(&format!("{name} whole"))).await;
        let head = store.read(journal, Seq(u64::MAX), 1).await.unwrap().head;
        let events = vec![make::event(head.next().0, "more")];
        let id = CommitId(u128::from(head.0) + 99);
        let commit = Commit { id, journal, expect: Some(head), events, ..make::commit(0) };
        store.commit(commit).await.unwrap();
        refused(&books, &at(name), &part).await;
    }
    let part = cut(&books, &at("erased whole")).await;
    let customers = books.journals(Holds::Everything).await.unwrap();
    let customer = customers.iter().find(|it| it.subject == Subject::Customer).unwrap();
    store.erase(SHOP, CustomerId(customer.key.0), START).await.unwrap();
    refused(&books, &at("erased"), &part).await;
    let part = cut(&books, &at("moved whole")).await;
    refused(&rounds::open(&at("another"), 2).unwrap(), &at("moved"), &part).await;
}

#[tokio::test]
async fn a_file_that_is_no_beginning_of_an_export_stays_as_it_is() {
    let dir = TempDir::new().unwrap();
    let (books, _) = talked(&dir.path().join("here")).await;
    let text = String::from_utf8(cut(&books, &dir.path().join("whole")).await).unwrap();
    let newer = text.replacen("\"format\":1", "\"format\":9", 1);
    for part in ["buy milk", "buy milk\n", &newer] {
        let tape = dir.path().join("tape");
        refused(&books, &tape, part.as_bytes()).await;
        assert_eq!(fs::read_to_string(tape.with_extension("part")).unwrap(), part);
    }
}

#[tokio::test]
async fn a_damaged_tape_is_refused_and_nothing_is_taken_from_it() {
    let dir = TempDir::new().unwrap();
    let (books, _) = talked(&dir.path().join("here")).await;
    let tape = dir.path().join("tape");
    export(&books, Holds::Everything, &tape, &quiet()).await.unwrap();
    let mut text = fs::read_to_string(&tape).unwrap();
    let at = text.rfind("add the first").unwrap();
    text.replace_range(at..at + 3, "sub");
    fs::write(&tape, &text).unwrap();
    let line = text[..at].lines().count() as u64;
    let there = rounds::open(&dir.path().join("there"), 2).unwrap();
    match import(&there, &tape, START, &quiet()).await {
        Err(Error::Tape { source, .. }) => {
            assert_eq!((source.line, source.wrong), (line, Wrong::Changed));
            assert!(source.at.is_some_and(|(journal, _)| journal.subject == Subject::Conversation));
        }
        other => panic!("{other:?}"),
    }
    assert!(there.journals(Holds::Everything).await.unwrap().is_empty());
    assert!(verify_tape(&tape, &How::default(), &quiet()).await.is_err());
}

#[tokio::test]
async fn an_import_adds_what_is_missing_and_changes_nothing() {
    let dir = TempDir::new().unwrap();
    let (books, _) = talked(&dir.path().join("here")).await;
    let tape = dir.path().join("tape");
    let Exported { events, .. } = export(&books, Holds::Everything, &tape, &quiet()).await.unwrap();
    let ids = Arc::new(CountedIds::new(2));
    let store = SledStore::open(dir.path().join("there"), &Settings::default(), ids).unwrap();
    let there = Books::new(store.clone());
    let first = import(&there, &tape, START, &quiet()).await.unwrap();
    assert_eq!(first, Imported { journals: 4, events, ..Imported::default() });
    let same = import(&there, &tape, START, &quiet()).await.unwrap();
    assert_eq!(same, Imported { journals: 4, there: events, ..Imported::default() });
    // One of them was erased here: they stay so.
    let gone = books.journals(Holds::Everything).await.unwrap();
    let gone = gone.iter().find(|journal| journal.subject == Subject::Customer).unwrap();
    let gone = CustomerId(gone.key.0);
    store.erase(SHOP, gone, START).await.unwrap();
    let again = import(&there, &tape, START, &quiet()).await.unwrap();
    assert_eq!((again.events, again.erased), (0, 2), "{again:?}");
    let verdict = verify(&there, Holds::Everything, &How::default(), &quiet()).await.unwrap();
    assert_eq!((verdict.erased, verdict.turns.identical, verdict.diverged.len()), (2, 2, 0));
}

/// Who takes a shop elsewhere by a tape finds its customers again.
#[tokio::test]
async fn people_are_found_again_where_a_tape_was_imported() {
    let dir = TempDir::new().unwrap();
    let (books, store) = talked(&dir.path().join("here")).await;
    let tape = dir.path().join("tape");
    export(&books, Holds::Everything, &tape, &quiet()).await.unwrap();
    let there = rounds::open(&dir.path().join("there"), 2).unwrap();
    import(&there, &tape, START, &quiet()).await.unwrap();
    let address = address("ada");
    let (shop, person) = (SHOP, person(&address));
    let customer = store.find(shop, &person).await.unwrap().unwrap();
    assert_eq!(there.store.find(shop, &person).await.unwrap(), Some(customer));
    let talk = agent_core::house::talk(customer, &address);
    let conversation = store.find(shop, &talk).await.unwrap();
    assert!(conversation.is_some());
    assert_eq!(there.store.find(shop, &talk).await.unwrap(), conversation);
}

#[tokio::test]
async fn a_journal_that_differs_from_the_tapes_is_left_alone() {
    let dir = TempDir::new().unwrap();
    let (books, _) = talked(&dir.path().join("here")).await;
    let tape = dir.path().join("tape");
    export(&books, Holds::Everything, &tape, &quiet()).await.unwrap();
    let there = rounds::open(&dir.path().join("there"), 2).unwrap();
    let journals = books.journals(Holds::Everything).await.unwrap();
    let mut journal = books.journal(journals[0]).await.unwrap().unwrap();
    journal.events.truncate(1);
    journal.events[0].at.0 += 1;
    let blank = Commit::blank(CommitId(1), START, journal.id);
    let commit = Commit {
        customer: journal.customer,
        expect: Some(Seq::START),
        events: journal.events,
        ..blank
    };
    there.store.commit(commit).await.unwrap();
    match import(&there, &tape, START, &quiet()).await {
        Err(Error::Differs { journal: id, seq: Seq(1) }) => assert_eq!(id, journal.id),
        other => panic!("{other:?}"),
    }
}

/// What is missing in the archive is said, and where it was in force.
#[tokio::test]
async fn a_journal_without_its_pack_names_what_is_missing() {
    let dir = TempDir::new().unwrap();
    let (books, _) = talked(&dir.path().join("here")).await;
    fs::remove_dir_all(dir.path().join("here/archive")).unwrap();
    let verdict = verify(&books, Holds::Everything, &How::default(), &quiet()).await.unwrap();
    assert_eq!(verdict.diverged.len(), 2);
    let error = &verdict.diverged[0].error;
    assert!(matches!(error, VerifyError::Archive { seq: Seq(2), .. }), "{error}");
}

/// Whoever has the name now is somebody else, and must not come into the conversation of who had it.
#[tokio::test]
async fn an_old_tape_gives_nobody_a_name_back_that_they_lost() {
    let dir = TempDir::new().unwrap();
    let (books, store) = talked(&dir.path().join("here")).await;
    let tape = dir.path().join("tape");
    export(&books, Holds::Everything, &tape, &quiet()).await.unwrap();
    let alias = person(&address("ada"));
    let journal = store.find(SHOP, &alias).await.unwrap().unwrap();
    let head = store.read(journal, Seq(u64::MAX), 1).await.unwrap().head;
    let (add, remove, same) = (Vec::new(), vec![alias.clone()], Vec::new());
    let kind = InboundKind::Identity { add, remove, same };
    let event = Answer::Received(Inbound::told("lost".into(), START, kind)).into();
    let lost = Commit {
        journal,
        expect: Some(head),
        events: vec![Recorded { seq: head.next(), at: START, event }],
        bind: vec![Bind { alias: alias.clone(), from: Some(journal), to: None }],
        ..make::commit(99)
    };
    store.commit(lost).await.unwrap();
    import(&books, &tape, START, &quiet()).await.unwrap();
    assert_eq!(store.find(SHOP, &alias).await, Ok(None));
}

#[tokio::test]
async fn what_waits_and_so_is_on_no_tape_is_counted() {
    let dir = TempDir::new().unwrap();
    let books = rounds::open(&dir.path().join("here"), 1).unwrap();
    let mut commit = make::events(1, 0, 1);
    commit.accept =
        (1..=2).map(|n| make::accept(make::journal(), &format!("m{n}"), "hello")).collect();
    commit.outbox = (0..3).map(|part| make::outbox(1, part, 1, 7)).collect();
    books.store.commit(commit).await.unwrap();
    books
        .store
        .commit(Commit { journal: JournalId::conversation(SHOP, 1), ..make::events(2, 0, 1) })
        .await
        .unwrap();
    for (holds, counted) in [
        (Holds::Everything, (1, 3)),
        (Holds::Shop(SHOP), (1, 3)),
        (Holds::Journal(make::journal()), (1, 3)),
        (Holds::Journal(JournalId::conversation(SHOP, 1)), (0, 0)),
    ] {
        let tape = dir.path().join(format!("{holds:?}"));
        let Exported { waiting, unsent, .. } =
            export(&books, holds, &tape, &quiet()).await.unwrap();
        assert_eq!((waiting, unsent), counted, "{holds:?}");
    }
}

/// Nothing is written of a tape that is refused, and the machine it goes to may have tried the shop before.
#[tokio::test]
async fn what_differs_is_found_before_anything_is_written_and_a_shop_may_have_begun_again() {
    let dir = TempDir::new().unwrap();
    let (books, store) = talked(&dir.path().join("here")).await;
    let begin = async |books: &Books, journal: JournalId, words: &str| {
        let events = vec![make::event(1, words)];
        let id = CommitId(journal.key.0);
        let commit = Commit { id, journal, expect: Some(Seq::START), events, ..make::commit(0) };
        books.store.commit(commit).await.unwrap();
    };
    begin(&books, JournalId::shop(SHOP), "here").await;
    let tape = dir.path().join("tape");
    export(&books, Holds::Everything, &tape, &quiet()).await.unwrap();
    let there = rounds::open(&dir.path().join("there"), 2).unwrap();
    begin(&there, JournalId::shop(SHOP), "there").await;
    let imported = import(&there, &tape, START, &quiet()).await.unwrap();
    assert_eq!((imported.journals, imported.kept), (5, 1));

    let last = store.journals(SHOP, None, 99).await.unwrap();
    let last = last.into_iter().rfind(|it| it.subject == Subject::Customer).unwrap();
    let other = rounds::open(&dir.path().join("other"), 3).unwrap();
    begin(&other, last, "somebody else").await;
    let refused = import(&other, &tape, START, &quiet()).await;
    assert!(matches!(refused, Err(Error::Differs { journal, .. }) if journal == last));
    assert_eq!(
        other.journals(Holds::Everything).await.unwrap(),
        [last],
        "nothing else was written"
    );
}

/// What was said can be read without it.
#[tokio::test]
async fn what_the_archive_lost_keeps_no_conversation_off_a_tape() {
    let dir = TempDir::new().unwrap();
    let (books, _) = talked(&dir.path().join("here")).await;
    let archive = dir.path().join("here/archive");
    let lost = fs::read_dir(&archive).unwrap().map(|it| it.unwrap().path());
    lost.for_each(|path| fs::remove_file(path).unwrap());
    let tape = dir.path().join("tape");
    let exported = export(&books, Holds::Everything, &tape, &quiet()).await.unwrap();
    assert_eq!((exported.journals, exported.damaged.len(), exported.lost.len()), (4, 0, 4));
    let part = fs::read(&tape).unwrap();
    fs::write(dir.path().join("again.part"), &part[..part.len() - 1]).unwrap();
    let again = dir.path().join("again");
    let resumed = export(&books, Holds::Everything, &again, &quiet()).await.unwrap();
    assert_eq!((resumed.resumed, resumed.lost), (4, exported.lost));
}
