//! `sutler chat` from a pipe.

use serde_json::Value;

use super::{run, stderr, stdout, sutler};

const SHOPPING: &str = "waterproof jacket under 120 in M\n1\n";

fn json(output: &std::process::Output) -> Vec<Value> {
    assert!(output.status.success(), "{}", stderr(output));
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_reply_is_one_json_object() {
    let folder = tempfile::tempdir().unwrap();
    let chat = ["chat", "--json", "--pack", "retail", "--data", "d", "--conversation", "ada"];
    let replies = json(&run(sutler(folder.path()).args(chat), SHOPPING));
    assert_eq!(replies.len(), 2);
    let found = &replies[0];
    assert_eq!(found["conversation"], "ada");
    assert_eq!(found["line"], 1);
    assert_eq!(found["model"], "clerk");
    assert_eq!(found["tools"][0]["name"], "search");
    assert_eq!(found["tools"][0]["arguments"]["filters"]["size"], "M");
    assert!(found["text"].as_str().unwrap().contains("€"), "{found}");
    assert!(found["parts"].as_array().unwrap().iter().any(|part| part.get("cards").is_some()));
    assert!(found["sources"].as_array().unwrap().iter().all(|it| it["source"] == "catalog"));
    assert!(!found["sources"].as_array().unwrap().is_empty());
    let added = &replies[1];
    assert_eq!(added["line"], 2);
    assert_eq!(added["tools"][0]["name"], "cart_add", "{added}");
}

#[test]
fn a_second_run_takes_the_same_cart_up() {
    let folder = tempfile::tempdir().unwrap();
    let chat = ["chat", "--json", "--data", "d", "--conversation", "ada"];
    let added = json(&run(sutler(folder.path()).args(chat), SHOPPING));
    let variant = added[1]["tools"][0]["arguments"]["variant"].clone();
    assert!(variant.is_string(), "{added:?}");
    let seen = json(&run(sutler(folder.path()).args(chat), "what is in my cart?\n"));
    assert_eq!(seen[0]["tools"][0]["name"], "cart_view");
    let title = |reply: &Value| reply["text"].as_str().unwrap().contains("1 ×");
    assert!(title(&seen[0]), "{seen:?}");
    let other = ["chat", "--json", "--data", "d", "--conversation", "bob"];
    let empty = json(&run(sutler(folder.path()).args(other), "what is in my cart?\n"));
    assert!(!title(&empty[0]), "{empty:?}");
}

#[test]
fn another_pack_is_another_shop() {
    let folder = tempfile::tempdir().unwrap();
    let output =
        run(sutler(folder.path()).args(["chat", "--pack", "restaurant"]), "do you have soup?\n");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).to_lowercase().contains("soup"), "{}", stdout(&output));
}

#[test]
fn after_stop_nothing_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let said = "STOP\nhello?\nshow me dresses\nSTART\n";
    let replies = json(&run(sutler(folder.path()).args(["chat", "--json"]), said));
    let lines: Vec<u64> = replies.iter().map(|reply| reply["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [1, 4]);
}

#[test]
fn nothing_said_is_nothing_answered() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(sutler(folder.path()).arg("chat"), "\n  \n");
    assert!(output.status.success());
    assert_eq!(stdout(&output), "");
}
