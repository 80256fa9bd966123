//! `sutler orders`, and what else the program does with them.

use agent_core::order::paid_by;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{run, stderr, stdout, sutler};

fn done(folder: &TempDir, command: &str) -> String {
    let output = run(sutler(folder.path()).args(command.split(' ')), "");
    assert!(output.status.success(), "{command}: {}", stderr(&output));
    stdout(&output).to_owned()
}

fn told(folder: &TempDir, command: &str) -> Vec<Value> {
    done(folder, command).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Ends with this code and says this.
fn refused(folder: &TempDir, command: &str, code: i32, says: &str) {
    let output = run(sutler(folder.path()).args(command.split(' ')), "");
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(code), "{command}: {said}");
    assert!(said.contains(says), "{command}: {said}");
}

/// Somebody who went to the checkout.
fn bought() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let chat = ["chat", "--data", "d", "--conversation", "ada"];
    let said = "waterproof jacket under 120 in M\n1\ncheckout\n";
    let output = run(sutler(folder.path()).args(chat), said);
    assert!(stdout(&output).contains("/checkout?"), "{}{}", stdout(&output), stderr(&output));
    folder
}

#[test]
fn an_order_is_listed_shown_exported_and_carried_by_a_tape() {
    let folder = bought();
    let listed = told(&folder, "orders list --json --data d");
    let [order] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((&order["progress"], &order["paid_twice"]), (&json!("placed"), &json!(false)));
    let total = &order["total"];
    assert!(total["minor"].as_i64().unwrap() > 0, "{order}");
    let reference = order["reference"].as_str().unwrap();
    let table = done(&folder, "orders list --data d");
    assert!(table.contains(reference) && table.contains("placed"), "{table}");
    let shown = done(&folder, &format!("orders show {reference} --data d"));
    for part in [reference, "conversation ", "/checkout?", "total ", "order_placed"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    // By the beginning of its id as well.
    let id = order["id"].as_str().unwrap();
    let whole = told(&folder, &format!("orders show {} --json --data d", &id[..8]));
    assert_eq!(whole[0]["order"]["placed"]["total"], *total);
    assert_eq!(whole[0]["order"]["placed"]["reference"], *reference);
    let paid = paid_by(whole[0]["order"]["placed"]["link"].as_str().unwrap());
    assert_eq!(done(&folder, &format!("orders show {paid} --data d")), shown);

    let nobody = format!("orders show {}-1 --data d", "0".repeat(32));
    refused(&folder, &nobody, 2, "`sutler orders list` names them all");
    refused(&folder, "orders show zz --data d", 2, "there is no order zz");
    refused(&folder, "orders list --shop nowhere --data d", 2, "nowhere");

    let customer = &told(&folder, "customers list --json --data d")[0]["id"];
    done(&folder, &format!("customers export {} --out of --data d", customer.as_str().unwrap()));
    let of = |name: &str| std::fs::read_to_string(folder.path().join("of").join(name)).unwrap();
    let kept: Value = serde_json::from_str(&of("customer.json")).unwrap();
    let journals = kept["journals"].as_array().unwrap();
    let orders: Vec<&Value> = journals.iter().filter(|it| it["subject"] == "order").collect();
    assert_eq!(orders.len(), 1, "{journals:?}");
    assert_eq!(orders[0]["order"]["placed"]["total"], *total);
    assert_eq!(orders[0]["progress"], "placed");
    let page = of("customer.html");
    assert!(page.contains("<h2>Order of ") && page.contains(reference), "{page}");

    done(&folder, "conversations export --out tape --data d");
    done(&folder, "conversations import tape --data e");
    assert_eq!(told(&folder, "orders list --json --data e"), listed);
    let verified = done(&folder, "conversations verify --tape tape --json");
    let verified: Value = serde_json::from_str(&verified).unwrap();
    assert_eq!((&verified["identical"], &verified["diverged"]), (&json!(3), &json!([])));
}

#[test]
fn the_tape_of_one_conversation_carries_its_orders_and_nobody_elses() {
    let folder = bought();
    let chat = "chat --data d --conversation bob".split(' ');
    run(sutler(folder.path()).args(chat), "waterproof jacket under 120 in M\n1\ncheckout\n");
    let all = told(&folder, "orders list --json --data d");
    assert_eq!(all.len(), 2, "{all:?}");
    for order in &all {
        let field = |name: &str| order[name].as_str().unwrap();
        let (id, reference) = (field("conversation"), field("reference"));
        done(&folder, &format!("conversations export --conversation {id} --out {id} --data d"));
        let there = format!("{id}.d");
        done(&folder, &format!("conversations import {id} --data {there}"));
        assert_eq!(
            told(&folder, &format!("orders list --json --data {there}")),
            std::slice::from_ref(order)
        );
        let shown = done(&folder, &format!("orders show {reference} --data {there}"));
        assert_eq!(shown, done(&folder, &format!("orders show {reference} --data d")));
        // The conversation and the order, on the tape and in either folder.
        for of in [
            format!("--tape {id}"),
            format!("--data {there}"),
            format!("--conversation {id} --data d"),
        ] {
            let verified = &told(&folder, &format!("conversations verify --json {of}"))[0];
            assert_eq!((&verified["journals"], &verified["identical"]), (&json!(2), &json!(3)));
            assert_eq!(verified["diverged"], json!([]));
        }
    }
}

#[test]
fn of_an_erased_customers_order_its_time_is_left() {
    let folder = bought();
    let before = told(&folder, "orders list --json --data d");
    let customer = &told(&folder, "customers list --json --data d")[0]["id"];
    let erase = format!("customers erase {} --yes --json --data d", customer.as_str().unwrap());
    let receipt = &told(&folder, &erase)[0];
    assert!(receipt["journals"].as_u64().unwrap() >= 3, "{receipt}");
    let after = told(&folder, "orders list --json --data d");
    assert_eq!(after.len(), 1);
    for figure in ["id", "shop", "placed", "last"] {
        assert_eq!(after[0][figure], before[0][figure], "{figure}");
    }
    assert_eq!(after[0]["progress"], "erased");
    for gone in ["reference", "conversation", "lines", "total", "paid"] {
        assert_eq!(after[0][gone], Value::Null, "{gone}");
    }
    let id = after[0]["id"].as_str().unwrap();
    refused(&folder, &format!("orders show {id} --data d"), 1, "erased");
    let table = done(&folder, "orders list --data d");
    assert!(table.contains(id) && table.contains("erased"), "{table}");
}
