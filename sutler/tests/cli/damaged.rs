//! One damaged record costs itself: everything else is listed, verified, exported, and anybody can be erased.

use std::path::Path;

use agent_core::id::{CustomerId, JournalId};
use agent_core::store::Commit;
use agent_core::store::contract::make;
use serde_json::Value;
use sutler_tests::talk::rounds;
use tempfile::TempDir;

use super::{run, stderr, stdout, sutler};

/// Two conversations and their customers. The first of each can't be read: its event is so long that it lies in a file
/// of its own, and that is gone.
async fn damaged(data: &Path) {
    let books = rounds::open(data, 1).unwrap();
    for n in [1, 2] {
        let customer = CustomerId(n);
        let own = JournalId::customer(make::SHOP, customer);
        for (id, journal) in [(n, JournalId::conversation(make::SHOP, n)), (n + 10, own)] {
            let mut commit = Commit { journal, customer: Some(customer), ..make::events(id, 0, 1) };
            if n == 1 {
                commit.events = vec![make::event(1, &"long ".repeat(20_000))];
            }
            books.store.commit(commit).await.unwrap();
        }
    }
    drop(books);
    std::fs::remove_dir_all(data.join("blobs")).unwrap();
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(damaged(&folder.path().join("d")));
    folder
}

/// What a command says that ends with 1.
fn found(folder: &TempDir, command: &str) -> Vec<Value> {
    let output = run(sutler(folder.path()).args(command.split(' ')), "");
    assert_eq!(output.status.code(), Some(1), "{command}: {}", stderr(&output));
    stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_is_whole_is_listed_verified_and_exported_and_what_is_damaged_is_named() {
    let folder = folder();
    let list = found(&folder, "conversations list --json --data d");
    let owners: Vec<&str> = list.iter().filter_map(|it| it["owner"].as_str()).collect();
    assert_eq!(owners.len(), 2, "{list:?}");
    assert_eq!(owners.iter().filter(|owner| **owner == "damaged").count(), 1, "{list:?}");
    let verified = found(&folder, "conversations verify --json --data d").remove(0);
    let count = |told: &Value| told["damaged"].as_array().unwrap().len();
    assert_eq!((&verified["journals"], count(&verified)), (&Value::from(2), 2), "{verified}");
    let exported = found(&folder, "conversations export --json --data d --out tape").remove(0);
    assert_eq!((&exported["journals"], count(&exported)), (&Value::from(2), 2), "{exported}");
    let output =
        run(sutler(folder.path()).args(["conversations", "import", "--data", "e", "tape"]), "");
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn customers_are_listed_and_exported_as_far_as_they_can_be_read() {
    let folder = folder();
    let list = found(&folder, "customers list --json --data d");
    let damaged: Vec<bool> = list.iter().filter_map(|it| it["damaged"].as_bool()).collect();
    assert_eq!(damaged, [true, false], "{list:?}");
    assert!(list.iter().all(|it| it["conversations"] == 1), "{list:?}");
    let [one, two] = [1, 2].map(|n| CustomerId(n).to_string());
    let export = |id: &str, code| {
        let export = ["customers", "export", id, "--out", id, "--data", "d"];
        let output = run(sutler(folder.path()).args(export), "");
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        assert_eq!(stdout(&output).matches("is damaged").count(), 2 * code as usize);
        let told = std::fs::read(folder.path().join(id).join("customer.json")).unwrap();
        let told: Value = serde_json::from_slice(&told).unwrap();
        let count = |what: &str| told[what].as_array().unwrap().len();
        (count("journals"), count("damaged"))
    };
    assert_eq!(export(&one, 1), (0, 2));
    assert_eq!(export(&two, 0), (2, 0));
}

#[test]
fn somebody_whose_own_journal_is_damaged_is_erased() {
    let folder = folder();
    let id = CustomerId(1).to_string();
    let erase = ["customers", "erase", &id, "--yes", "--json", "--data", "d"];
    for damaged in [1, 0] {
        let output = run(sutler(folder.path()).args(erase), "");
        assert!(output.status.success(), "{}", stderr(&output));
        let told: Value = serde_json::from_str(stdout(&output)).unwrap();
        assert_eq!((&told["journals"], &told["events"]), (&Value::from(2), &Value::from(2)));
        assert_eq!(told["damaged"].as_array().unwrap().len(), damaged, "{told}");
    }
}
