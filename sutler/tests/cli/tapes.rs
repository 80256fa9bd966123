//! Tapes written and read by processes that are killed in the middle.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};

use agent_core::id::{CustomerId, JournalId, Subject};
use agent_core::replay::tape::{Chain, Line, Reader};
use agent_core::store::Commit;
use agent_core::store::contract::make;
use serde_json::Value;
use sutler_tests::talk::rounds;

use super::{run, stderr, stdout, sutler};

/// Conversations in the folder: enough that nobody is done before the kill.
const TALKS: u64 = 400;

async fn filled(dir: &Path) {
    let books = rounds::open(dir, 1).unwrap();
    for n in 1..=TALKS {
        let (id, customer) = (u128::from(n), Some(CustomerId(n.into())));
        let mut commit = Commit { customer, ..make::events(id, 0, 3) };
        commit.journal = JournalId::conversation(make::SHOP, id);
        commit.events.push(make::event(4, &format!("{n} ").repeat(3_000)));
        books.store.commit(commit).await.unwrap();
    }
}

/// Runs it until `so_far` is reached, and kills it; says that it was not done.
fn killed(folder: &Path, arguments: &[&str], so_far: impl Fn() -> bool) {
    let mut command = sutler(folder);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child: Child = command.spawn().unwrap();
    while !so_far() {
        assert!(child.try_wait().unwrap().is_none(), "{arguments:?} was done before the kill");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success(), "{arguments:?} was done before the kill");
}

fn done(folder: &Path, arguments: &[&str]) -> Value {
    let output = run(sutler(folder).args(arguments), "");
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_str(stdout(&output)).unwrap()
}

/// How many groups are durable in a folder, as its mark tells.
fn groups(data: &Path) -> u64 {
    let mark = fs::read(data.join("mark")).unwrap_or_default();
    mark.first_chunk().map_or(0, |groups| u64::from_be_bytes(*groups))
}

#[test]
fn a_tape_goes_on_after_its_process_was_killed() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(filled(&home.join("here")));
    let export = |data: &'static str, tape: &'static str| {
        ["conversations", "export", "--json", "--data", data, "--out", tape]
    };
    assert_eq!(done(home, &export("here", "whole"))["journals"], TALKS);
    let whole = fs::metadata(home.join("whole")).unwrap().len();

    let part = home.join("cut.part");
    for share in [3, 2] {
        let written = || fs::metadata(&part).map_or(0, |part| part.len());
        killed(home, &export("here", "cut"), || written() > whole / 6 * (4 - share));
    }
    assert!(!home.join("cut").exists());
    let resumed = done(home, &export("here", "cut"));
    assert!(resumed["resumed"].as_u64().unwrap() > TALKS / 7, "{resumed}");
    let same =
        |tape: &str| fs::read(home.join(tape)).unwrap() == fs::read(home.join("whole")).unwrap();
    assert!(same("cut"), "byte for byte");

    let import = ["conversations", "import", "--json", "--data", "there", "cut"];
    for least in [TALKS / 4, TALKS / 2] {
        killed(home, &import, || groups(&home.join("there")) > least);
    }
    let imported = done(home, &import);
    assert!(imported["there"].as_u64().unwrap() > TALKS, "{imported}");
    assert_eq!(imported["journals"], TALKS);
    assert_eq!(done(home, &export("there", "again"))["journals"], TALKS);
    assert!(same("again"), "and so it is there");
}

/// A tape on which the conversations of another stand so many times.
fn multiplied(tape: &Path, times: u64, to: &Path) {
    let text = fs::read_to_string(tape).unwrap();
    let mut reader = Reader::default();
    let lines: Vec<Line> = text.lines().map(|line| reader.read(line).unwrap()).collect();
    let begins = lines.iter().position(|line| matches!(line, Line::Journal { .. })).unwrap();
    let (before, journals) = lines.split_at(begins);
    let talk = journals.split_inclusive(|line| matches!(line, Line::End { .. })).find(|lines| {
        matches!(lines.first(), Some(Line::Journal { journal, .. })
            if journal.subject == Subject::Conversation)
    });
    let (mut chain, mut many) = (Chain::default(), String::new());
    let mut write = |line: &Line| many.push_str(&(chain.write(line) + "\n"));
    before.iter().for_each(&mut write);
    for n in 1..=times {
        for line in talk.unwrap() {
            let mut line = line.clone();
            if let Line::Journal { journal, .. } = &mut line {
                *journal = JournalId::conversation(journal.shop, n.into());
            }
            write(&line);
        }
    }
    write(&Line::Done { journals: times });
    fs::write(to, many).unwrap();
}

#[test]
fn verifying_goes_on_after_its_process_was_killed() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let said = "show me the Margherita Pizza\nadd the large one\nthat's all, checkout please\n";
    let chat = ["chat", "--pack", "restaurant", "--conversation", "ada"];
    assert!(run(sutler(home).args(chat), said).status.success());
    let export = ["conversations", "export", "--out", "one"];
    assert!(run(sutler(home).args(export), "").status.success());
    multiplied(&home.join("one"), TALKS, &home.join("many"));
    let verify = ["replay", "verify", "--tape", "many", "--results", "kept", "--jobs", "2"];
    let lines = || {
        let kept = fs::read(home.join("kept")).unwrap_or_default();
        kept.iter().filter(|byte| **byte == b'\n').count() as u64
    };
    for least in [TALKS / 4, TALKS / 2] {
        killed(home, &verify, || lines() > least);
    }
    let output = run(sutler(home).args(verify), "");
    let told = format!("{} turns identical", 3 * TALKS);
    assert!(stdout(&output).contains(&told), "{}{}", stdout(&output), stderr(&output));
    assert_eq!(lines(), 1 + TALKS, "nothing was verified twice");
}
