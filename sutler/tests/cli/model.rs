//! A real client, a server on loopback: the same script gives the same cart, the same cards and the same
//! amounts, whoever writes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;
use sutler_tests::fake::openai::{FakeOpenAi, Reply};
use sutler_tests::fake::shopper::shop;

use super::{run, stderr, stdout, sutler};

const SCRIPT: &str =
    "rain jacket under 120 in M\nadd the second one\nwhat is in my cart?\ncheckout\n";

/// What a customer can compare between two shops: cards, cart lines and totals, as they are shown.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    cards: Vec<(String, String)>,
    amounts: BTreeSet<String>,
    tools: Vec<String>,
    models: Vec<String>,
}

fn talk(folder: &Path, environment: &[(&str, &str)]) -> Seen {
    let mut command = sutler(folder);
    command.args(["chat", "--json"]).envs(environment.iter().copied());
    let output = run(&mut command, SCRIPT);
    assert!(output.status.success(), "{}", stderr(&output));
    let mut seen =
        Seen { cards: Vec::new(), amounts: BTreeSet::new(), tools: Vec::new(), models: Vec::new() };
    for line in stdout(&output).lines() {
        let reply: Value = serde_json::from_str(line).unwrap();
        let list = |key: &str| reply.get(key).and_then(Value::as_array).unwrap().clone();
        let text = |value: &Value, key: &str| value.get(key).unwrap().as_str().unwrap().to_owned();
        for part in list("parts") {
            let cards = part.get("cards").and_then(Value::as_array).cloned().unwrap_or_default();
            seen.cards.extend(cards.iter().map(|it| (text(it, "title"), text(it, "detail"))));
        }
        let amount = |line: &&str| line.contains('×') || line.starts_with("Total");
        seen.amounts.extend(text(&reply, "text").lines().filter(amount).map(str::to_owned));
        seen.tools.extend(list("tools").iter().map(|it| text(it, "name")));
        seen.models.push(text(&reply, "model"));
    }
    seen
}

fn configured(folder: &Path, base_url: &str) {
    let config = format!(
        "[[shop]]\nname = \"retail\"\npack = \"retail\"\nmodel = {{ kind = \"openai\", base_url = \"{base_url}\", model = \"muse\", key_env = \"MUSE_KEY\" }}\n"
    );
    fs::write(folder.join("sutler.toml"), config).unwrap();
}

const KEY: [(&str, &str); 1] = [("MUSE_KEY", "sk-loopback")];

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_calls_tools_fills_the_same_cart_as_the_clerk() {
    let clerks = tempfile::tempdir().unwrap();
    let expected = talk(clerks.path(), &[]);
    assert!(!expected.cards.is_empty() && expected.amounts.len() == 2, "{expected:?}");
    let fake = FakeOpenAi::start("sk-loopback", "muse", shop).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    configured(folder.path(), fake.base_url());
    let seen = tokio::task::block_in_place(|| talk(folder.path(), &KEY));
    assert_eq!(seen.models, ["muse"; 4]);
    assert_eq!(seen.amounts, expected.amounts);
    let shown: Vec<_> = expected.cards.iter().take(seen.cards.len()).cloned().collect();
    assert_eq!(seen.cards, shown);
    let bodies = fake.bodies();
    for (one, next) in bodies.iter().zip(bodies.iter().skip(1)) {
        let shared = one.iter().zip(next).take_while(|(a, b)| a == b).count();
        assert!(shared * 2 > one.len(), "{shared} of {} bytes are shared", one.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_server_is_down_the_clerk_answers() {
    let fake = FakeOpenAi::start("sk-loopback", "muse", |_| Reply::Says(String::new(), Vec::new()));
    let fake = fake.await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    configured(folder.path(), fake.base_url());
    drop(fake);
    let seen = tokio::task::block_in_place(|| talk(folder.path(), &KEY));
    assert_eq!(seen.models, ["clerk"; 4]);
}
