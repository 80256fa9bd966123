//! A process that ends at any moment loses nothing and does nothing twice. A short form of `crash`.

use std::process::{Command, Output};

fn crash(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_crash")).args(arguments).output().unwrap()
}

/// How it ended, and all that it said.
fn ended(output: &Output) -> (Option<i32>, String) {
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn ended_around_calls_of_every_port_it_does_everything_once() {
    let (code, said) = ended(&crash(&["ports", "--every", "13"]));
    assert_eq!(code, Some(0), "{said}");
    for port in ["Store", "Archive", "Model", "Tool", "Backend", "Catalog", "Channel"] {
        assert!(said.contains(&format!("{port}: ended after")), "{said}");
    }
}

#[test]
fn killed_while_many_write_it_answers_everyone_once() {
    let (code, said) = ended(&crash(&["kills", "--kills", "6", "--customers", "8"]));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("messages acknowledged"), "{said}");
}

#[test]
fn golden_conversations_on_every_channel_verify_though_it_was_killed_in_the_middle_of_them() {
    let (code, said) = ended(&crash(&["goldens", "--kills", "1"]));
    assert_eq!(code, Some(0), "{said}");
    for pack in prompts::builtin() {
        assert!(said.contains(&format!("{pack}: killed 1 times")), "{said}");
    }
}

#[test]
fn a_message_marked_before_its_work_is_durable_is_seen_to_be_lost() {
    let arguments = ["ports", "--on-sight", "--only", "store", "--last", "9"];
    let (code, said) = ended(&crash(&arguments));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("lost: m1 was acknowledged and is in no journal"), "{said}");
}

#[test]
fn a_platform_that_drops_nothing_is_sent_to_again_only_where_nobody_knows() {
    let (code, said) = ended(&crash(&["ports", "--only", "channel", "--repeat", "never"]));
    assert_eq!(code, Some(0), "{said}");
    let numbers = |when: &str| {
        let line = said.lines().find(|line| line.contains(when)).unwrap();
        let words = line.split_whitespace().filter_map(|word| word.parse().ok());
        words.collect::<Vec<u64>>()
    };
    let (before, after) = (numbers("ended before"), numbers("ended after"));
    assert!(before[0] > 0 && before[1] == 0, "{said}");
    assert!(after[0] == before[0] && after[1] == after[0], "{said}");
}
