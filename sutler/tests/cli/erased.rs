//! `sutler customers erase`: what is left of somebody is figures.

use agent_core::event::{Answer, Recorded};
use agent_core::id::{CustomerId, JournalId, Seq};
use agent_core::message::{Inbound, InboundKind, Purpose};
use agent_core::store::Commit;
use agent_core::store::contract::make;
use agent_core::time::Micros;
use serde_json::{Value, json};
use sutler_tests::talk::rounds;
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
    let mut receipt = told(&folder, &erase).remove(0);
    assert_eq!(receipt["known_as"].take(), ada["known_as"]);
    receipt["known_as"] = json!([]);
    assert_eq!(told(&folder, &erase), [receipt], "asked again, it is told without names");
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

/// Two customers who are one person, of whom the first wants messages or not.
async fn one_person(data: &std::path::Path, given: bool) {
    let books = rounds::open(data, 1).unwrap();
    for (own, other) in [(1, 2), (2, 1)] {
        let name = format!("person\nwhatsapp\n77\n{own}");
        let (add, remove, same) = (vec![name.into()], Vec::new(), vec![CustomerId(other)]);
        let wish = InboundKind::Consent { purpose: Purpose::Service, given };
        let mut kinds = vec![InboundKind::Identity { add, remove, same }];
        kinds.extend((own == 1).then_some(wish));
        let event = |(seq, kind): (u64, InboundKind)| {
            let inbound = Inbound { kind, ..make::inbound(&format!("m{seq}"), "") };
            Recorded { seq: Seq(seq), at: Micros(7), event: Answer::Received(inbound).into() }
        };
        let commit = Commit {
            journal: JournalId::customer(make::SHOP, CustomerId(own)),
            customer: Some(CustomerId(own)),
            expect: Some(Seq::START),
            events: (1..).zip(kinds).map(event).collect(),
            ..make::commit(own)
        };
        books.store.commit(commit).await.unwrap();
    }
}

#[test]
fn whether_somebody_wants_messages_outlives_the_erasure_of_the_name_they_said_it_under() {
    for given in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("d");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(one_person(&data, given));
        let [own, other] = [1, 2].map(|id| CustomerId(id).to_string());
        let told = told(&folder, &format!("customers erase {own} --yes --json --data d")).remove(0);
        let names = |id: &str| json!([format!("whatsapp, account 77, {id}")]);
        assert_eq!((&told["customer"], &told["known_as"]), (&json!(own), &names("1")));
        let same = json!([{ "customer": other, "known_as": names("2") }]);
        assert_eq!(told["same_person"], same);
        runtime.block_on(async {
            let books = rounds::open(&data, 1).unwrap();
            let journal = JournalId::customer(make::SHOP, CustomerId(2));
            let told = books.store.inbox(journal, 9).await.unwrap();
            let [row] = told.as_slice() else { panic!("{told:?}") };
            let wish = InboundKind::Consent { purpose: Purpose::Service, given };
            assert_eq!((&row.inbound.kind, row.inbound.at), (&wish, Micros(5)));
        });
    }
}

#[test]
fn the_other_name_of_somebody_is_told_with_what_erases_it() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(one_person(&folder.path().join("d"), false));
    let [own, other] = [1, 2].map(|id| CustomerId(id).to_string());
    let output =
        run(sutler(folder.path()).args(["customers", "erase", &own, "--yes", "--data", "d"]), "");
    let said = stdout(&output);
    assert!(said.contains(&format!("{own} (whatsapp, account 77, 1) of shop")), "{said}");
    let too = format!("customer {other} (whatsapp, account 77, 2) too");
    assert!(said.contains(&too) && said.contains(&format!("customers erase {other}`")), "{said}");
}
