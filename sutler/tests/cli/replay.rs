//! `sutler replay` as whoever tests a shop uses it: from real conversations to reports, suites and clean tapes.

use std::path::Path;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use super::{run, stderr, stdout, sutler};

/// A folder with two conversations of a restaurant on a tape.
fn told() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (who, said) in [
        (
            "ada",
            "show me the Margherita Pizza\nadd the large one\nthat's all, checkout please\nyes\n",
        ),
        ("grete", "hi, my name is Grete Meier\nwhat's in my cart?\nI want to talk to a person\n"),
    ] {
        let chat = ["chat", "--pack", "restaurant", "--conversation", who];
        let output = run(sutler(folder.path()).args(chat), said);
        assert!(output.status.success(), "{}", stderr(&output));
    }
    check(&folder, "conversations export --out shop.tape", 0);
    folder
}

/// Runs one command, which ends with this code.
#[track_caller]
fn check(folder: &TempDir, command: &str, code: i32) -> Output {
    let output = run(sutler(folder.path()).args(command.split(' ')), "");
    let said = format!("{command}\n{}\n{}", stdout(&output), stderr(&output));
    assert_eq!(output.status.code(), Some(code), "{said}");
    output
}

fn json(folder: &Path, file: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join(file)).unwrap()).unwrap()
}

#[test]
fn a_tape_is_run_again_and_a_changed_price_is_told_in_every_report() {
    let folder = told();
    let told = check(&folder, "replay verify --tape shop.tape --results verified", 0);
    assert!(stdout(&told).contains("7 turns identical"), "{}", stdout(&told));
    // Cut off in the middle of a line, as a kill leaves it, it goes on.
    let kept = std::fs::read(folder.path().join("verified")).unwrap();
    std::fs::write(folder.path().join("verified"), &kept[..kept.len() - 9]).unwrap();
    let again = check(&folder, "replay verify --tape shop.tape --results verified --jobs 2", 0);
    assert_eq!(stdout(&again), stdout(&told));
    assert_eq!(std::fs::read(folder.path().join("verified")).unwrap().len(), kept.len());
    // The restaurant's own goods are known by its conversations.
    let same = check(&folder, "replay swap --tape shop.tape", 0);
    assert!(stdout(&same).contains("those of restaurant today"), "{}", stdout(&same));
    check(&folder, "replay tools-live --tape shop.tape", 0);
    let swap = "replay swap --tape shop.tape --price PZ01-L=99.00␣EUR --html r.html --junit r.xml --json r.json --results run";
    let swap: Vec<String> = swap.split(' ').map(|it| it.replace('␣', " ")).collect();
    let dear = run(sutler(folder.path()).args(&swap), "");
    assert_eq!(dear.status.code(), Some(1), "{}", stderr(&dear));
    assert!(
        stdout(&dear).contains("amounts") && stdout(&dear).contains("99.00"),
        "{}",
        stdout(&dear)
    );
    let report = json(folder.path(), "r.json");
    assert_eq!(report["figures"]["alike"], 1, "{report}");
    assert_eq!(report["figures"]["facets"]["order"], 1, "{report}");
    let html = std::fs::read_to_string(folder.path().join("r.html")).unwrap();
    assert!(html.contains("99.00"));
    let junit = std::fs::read_to_string(folder.path().join("r.xml")).unwrap();
    assert!(junit.contains("tests=\"2\" failures=\"1\" errors=\"0\""), "{junit}");
    // Gone on with, nothing is run twice; with something else changed, its results are not taken.
    let again = run(sutler(folder.path()).args(&swap), "");
    assert_eq!(stdout(&again), stdout(&dear));
    let other = check(&folder, "replay swap --tape shop.tape --without checkout --results run", 2);
    assert!(stderr(&other).contains("another run"), "{}", stderr(&other));
    check(&folder, "replay swap --tape shop.tape --without checkout", 1);
    check(&folder, "replay swap --tape shop.tape --pack nowhere", 2);
    check(&folder, "replay swap --tape nowhere.tape", 3);
    check(&folder, "replay diff shop.tape shop.tape", 0);
}

#[test]
fn cases_made_of_a_tape_hold_and_notice_what_is_wrong() {
    let folder = told();
    check(&folder, "replay case --tape shop.tape --out suite", 0);
    // Made again they are the same; one that was worked on stays.
    check(&folder, "replay case --tape shop.tape --out suite", 0);
    let suite = std::fs::read_dir(folder.path().join("suite")).unwrap();
    let case = suite.map(|entry| entry.unwrap().path()).next().unwrap();
    let made = std::fs::read_to_string(&case).unwrap();
    let worked_on = format!("# mine\n{made}");
    std::fs::write(&case, &worked_on).unwrap();
    let refused = check(&folder, "replay case --tape shop.tape --out suite", 2);
    assert!(stderr(&refused).contains("is there already"), "{}", stderr(&refused));
    assert_eq!(std::fs::read_to_string(&case).unwrap(), worked_on);
    let suite = "replay run suite --pack restaurant";
    let ran = check(&folder, &format!("{suite} --guard --runs 2 --junit s.xml"), 0);
    assert!(stdout(&ran).contains("2 of 2 cases pass"), "{}", stdout(&ran));
    check(&folder, "replay rescore suite --tape shop.tape", 0);
    // A case whose conversation is not there has not passed.
    check(&folder, "replay sample --tape shop.tape --hand-overs --out few.tape", 0);
    let few = "replay rescore suite --tape few.tape";
    let missing = check(&folder, few, 1);
    assert!(stdout(&missing).contains("not looked at"), "{}", stdout(&missing));
    assert!(stderr(&missing).contains("1 of 2"), "{}", stderr(&missing));
    check(&folder, &format!("{few} --allow-missing"), 0);
    let found = check(&folder, "replay mutate suite --pack restaurant", 0);
    assert!(stdout(&found).contains("that do harm are noticed"), "{}", stdout(&found));
    // Another shop answers otherwise.
    let other = check(&folder, "replay run suite --pack retail --against restaurant", 1);
    assert!(stdout(&other).contains("exact McNemar"), "{}", stdout(&other));
    check(&folder, "replay run nowhere", 2);
    check(&folder, "replay run restaurant --pack restaurant --guard", 0);
}

#[test]
fn what_leaves_production_is_chosen_and_has_nobody_in_it() {
    let folder = told();
    let chosen = check(&folder, "replay sample --tape shop.tape --hand-overs --out few.tape", 0);
    assert!(stdout(&chosen).contains("1 of 2 conversations"), "{}", stdout(&chosen));
    for (was, now, older) in [("shop", "few", "newer"), ("few", "shop", "older")] {
        let differs = check(&folder, &format!("replay diff {was}.tape {now}.tape"), 1);
        let told = format!("it is not on the {older} tape");
        assert!(stdout(&differs).contains(&told), "{}", stdout(&differs));
    }
    check(&folder, "replay scrub --tape few.tape --out clean.tape", 0);
    let clean = std::fs::read_to_string(folder.path().join("clean.tape")).unwrap();
    assert!(!clean.contains("Grete") && !clean.contains("Meier"), "{clean}");
    let verified = check(&folder, "replay verify --tape clean.tape", 0);
    assert!(stdout(&verified).contains("3 turns identical"), "{}", stdout(&verified));
    let chat = "25/11/2026, 14:03 - Ada: a pizza?\n25/11/2026, 14:04 - Shop: Which?\n";
    std::fs::write(folder.path().join("chat.txt"), chat).unwrap();
    let imported = check(&folder, "replay import whatsapp chat.txt --agent Shop --out cases", 0);
    assert!(stdout(&imported).contains("1 conversations, 1 turns"), "{}", stdout(&imported));
    check(&folder, "replay import botium chat.txt", 1);
}

/// Eight versions of a pack; from the sixth on the cart says something else.
#[test]
fn the_version_and_the_file_that_broke_a_case_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let pack = prompts::Folder::builtin("restaurant").unwrap();
    for n in 1..=8 {
        for (file, text) in pack.files() {
            let text = match file.as_str() {
                "pack.toml" => text.replace("version = \"1", &format!("version = \"{n}")),
                "phrases.en.toml" if n >= 6 => text.replace("empty = \"", "empty = \"Well, "),
                "topics.toml" if n >= 6 => format!("{text}\n# another\n"),
                _ => text.clone(),
            };
            let path = folder.path().join(format!("versions/v{n}")).join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }
    let case = "name: an empty cart\nturn:\n  - say: what's in my cart?\n    not: ['Well, ']\n    parts: [text]\n";
    std::fs::write(folder.path().join("case.yaml"), case).unwrap();
    let found = check(&folder, "replay bisect --case case.yaml versions", 0);
    let said = stdout(&found);
    assert!(said.contains("the first bad version: versions/v6"), "{said}");
    assert!(said.contains("what breaks it: phrases.en.toml\n"), "{said}");
}
