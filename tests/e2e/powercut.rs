//! What was acknowledged outlives the power and the disk. A short form of the command `powercut`.

use std::process::{Command, Output};

/// Runs the command with little to write.
fn powercut(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_powercut"));
    command.args(["--sessions", "3", "--writers", "2", "--commits", "4"]).args(arguments);
    command.output().unwrap()
}

/// How it ended, and all that it said.
fn ended(output: &Output) -> (Option<i32>, String) {
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn a_power_cut_takes_back_nothing_that_was_acknowledged() {
    let (code, said) = ended(&powercut(&["cut", "--points", "8"]));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("16 tried, 0 wrong"), "{said}");
}

/// Within a segment's length the engine takes an order of its writes for granted that only a sync gives.
#[test]
fn however_many_write_no_group_fills_a_segment_of_the_engine() {
    let (code, said) = ended(&powercut(&["cut", "--points", "2", "--writers", "100"]));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("a segment holds 2048"), "{said}");
}

/// Most of a large commit lies in blobs.
#[test]
fn however_much_a_commit_brings_it_fills_no_segment_of_the_engine_and_is_there_after_a_cut() {
    let large = ["--sessions", "1", "--commits", "1", "--events", "250", "--size", "28000"];
    let (code, said) = ended(&powercut(&[&["cut", "--points", "2"][..], &large].concat()));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("4 tried, 0 wrong"), "{said}");
}

#[test]
fn without_our_fdatasync_a_power_cut_is_seen_to_take_commits_back() {
    let (code, said) = ended(&powercut(&["cut", "--points", "8", "--without", "fdatasync"]));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("was acknowledged, and the journal ends at"), "{said}");
}

#[test]
fn without_the_cleaning_of_snapshots_a_store_is_seen_not_to_open() {
    let (code, said) = ended(&powercut(&["cut", "--without", "cleaning"]));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("it does not open"), "{said}");
}

#[test]
fn a_disk_that_fails_or_is_full_stops_the_store_and_takes_nothing_back() {
    let (code, said) = ended(&powercut(&["fail", "--points", "12"]));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("an error, at 12 of "), "{said}");
    assert!(said.contains("24 tried, 0 wrong"), "{said}");
}
