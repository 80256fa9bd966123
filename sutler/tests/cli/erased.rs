//! `sutler customers erase`: what is left of somebody is figures.

use serde_json::Value;
use tempfile::TempDir;

use super::{run, stderr, stdout, sutler};

fn told(folder: &TempDir, command: &str) -> Vec<Value> {
    let output = run(sutler(folder.path()).args(command.split(' ')), "");
    assert!(output.status.success(), "{command}: {}", stderr(&output));
    stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn of_an_erased_customer_figures_are_listed_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    for who in ["ada", "bob"] {
        let chat = ["chat", "--data", "d", "--conversation", who];
        let said = "waterproof jacket under 120 in M\n1\n";
        let output = run(sutler(folder.path()).args(chat), said);
        assert!(output.status.success(), "{}", stderr(&output));
    }
    let list = "conversations list --json --data d";
    let before = told(&folder, list);
    assert_eq!(before.len(), 2);
    assert!(before.iter().all(|it| it["owner"] == "agent" && it["cart"].is_object()), "{before:?}");
    let customers = told(&folder, "customers list --json --data d");
    let ada = customers.iter().find(|it| it["known_as"].to_string().contains("ada")).unwrap();
    let erase = format!("customers erase {} --yes --json --data d", ada["id"].as_str().unwrap());
    let receipt = told(&folder, &erase);
    assert_eq!(told(&folder, &erase), receipt, "asked again");
    let after = told(&folder, list);
    let gone = after.iter().find(|it| it["owner"] == "erased").unwrap();
    let then = before.iter().find(|it| it["id"] == gone["id"]).unwrap();
    for figure in ["shop", "started", "last", "turns", "tokens_in", "tokens_out", "billed", "pack"]
    {
        assert_eq!(gone[figure], then[figure], "{figure}");
    }
    assert_eq!((&gone["cart"], &gone["channel"]), (&Value::Null, &Value::from("")));
    assert_eq!(after.iter().filter(|it| it["owner"] == "agent").count(), 1);
    assert_eq!(gone["turns"], 2);
    assert!(gone["pack"].as_str().unwrap().starts_with("retail"), "{gone}");
}
