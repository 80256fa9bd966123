//! What `sutler doctor` says of a WhatsApp number, a page and an Instagram account, before a Graph API on loopback.

use std::path::Path;
use std::sync::Arc;

use sutler::clock::SystemClock;
use sutler_tests::fake::graph::{Account, FakeGraph, Settings};
use tokio::task::block_in_place;

const SHOP: &str = r#"[server]
public_url = "https://shop.example"
[[shop]]
name = "one"
pack = "retail"
[[shop.channel]]
kind = "whatsapp"
number_id = "77"
business_id = "5"
[shop.channel.app]
token_env = "TOKEN"
secret_env = ["SECRET"]
verify_env = "VERIFY"
base_url = "GRAPH"
"#;

/// What is said where the shop is this one, and the variables these.
fn said(folder: &Path, shop: &str, variables: &[(&str, &str)]) -> String {
    std::fs::write(folder.join("sutler.toml"), shop).unwrap();
    let mut command = super::sutler(folder);
    let command = command.args(["doctor", "--data", "d"]).envs(variables.iter().copied());
    let output = command.output().unwrap();
    format!("{}{}", super::stdout(&output), super::stderr(&output))
}

async fn graph() -> FakeGraph {
    let settings = Settings {
        number: "77".to_owned(),
        token: "the-token".to_owned(),
        secret: "the-secret".to_owned(),
        clock: Arc::new(SystemClock),
        seed: 1,
    };
    FakeGraph::start(settings).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_looks_at_keys_numbers_subscriptions_and_secrets() {
    let graph = graph().await;
    let folder = tempfile::tempdir().unwrap();
    block_in_place(|| {
        let shop = SHOP.replace("GRAPH", graph.base_url());
        let here = "https://shop.example/webhooks/meta";
        let news = ["account_update", "message_template_status_update"];
        let others = ["messaging_handovers", "smb_message_echoes", "standby"];
        let told = ["messages", "phone_number_quality_update", "user_preferences"];
        let all = [&told[..], &news, &others].concat();
        graph.tells(here, &all);
        let keys = [("TOKEN", "the-token"), ("SECRET", "the-secret"), ("VERIFY", "a-word")];
        let fine = said(folder.path(), &shop, &keys);
        for words in [
            "the key is good; A shop +1 555 000 1111 GREEN",
            "SECRET is the secret of the key's app",
            "an app is subscribed to 5",
            "its webhook is https://shop.example/webhooks/meta",
            "the app tells https://shop.example/webhooks/meta",
        ] {
            assert!(fine.contains(words), "{words}: {fine}");
        }
        let expect = |shop: &str, keys: &[(&str, &str)], words: [&str; 2]| {
            let said = said(folder.path(), shop, keys);
            for words in words {
                assert!(said.contains(words), "{words}: {said}");
            }
        };
        let wrong = [("TOKEN", "another"), keys[1], keys[2]];
        expect(&shop, &wrong, ["Invalid OAuth access token", "make a key of a system user"]);
        let another = [keys[0], ("SECRET", "another"), keys[2]];
        let words = ["SECRET is not the secret of the key's app", "no message would be believed"];
        expect(&shop, &another, words);
        let two = shop.replace("[\"SECRET\"]", "[\"OLD\", \"SECRET\"]");
        let both = [keys[0], keys[1], keys[2], ("OLD", "another")];
        let old = "note one: whatsapp 77: OLD is not the secret";
        expect(&two, &both, [old, "take the old one out of `secret_env`"]);
        let number = shop.replace("\"77\"", "\"78\"");
        expect(&number, &keys, ["Object does not exist", "is it the id, and not the number?"]);
        expect(&shop, &keys[..2], ["the variable VERIFY is not set", "export VERIFY="]);
        let open = shop.replace("[\"SECRET\"]", "[]");
        expect(&open, &keys, ["no webhook would be believed", "App settings, Basic"]);
        let alone = shop.replace("business_id = \"5\"\n", "");
        expect(&alone, &keys, ["can't be looked up", "set `business_id`"]);
        let plain = shop.replace("https://shop.example", "http://shop.example");
        expect(&plain, &keys, ["https alone", "set `public_url`"]);
        graph.tells("https://old.example/", &all);
        expect(
            &shop,
            &keys,
            ["the app tells https://old.example/, and not", "Callback URL: https://shop"],
        );
        graph.tells(here, &news);
        expect(
            &shop,
            &keys,
            ["bad  one: whatsapp 77: the app does not tell messages", "Manage: messages"],
        );
        let missing = "messaging_handovers, phone_number_quality_update, smb_message_echoes, \
                       standby, user_preferences";
        expect(&shop, &keys, [&format!("does not tell {missing}"), &format!("Manage: {missing}")]);
        graph.unsubscribe();
        expect(&shop, &keys, ["no message would come", "POST /5/subscribed_apps"]);
        assert!(!fine.contains("the-token") && !fine.contains("the-secret"), "{fine}");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_looks_at_pages_and_at_instagram_accounts() {
    let graph = graph().await;
    let folder = tempfile::tempdir().unwrap();
    block_in_place(|| {
        let here = "https://shop.example/webhooks/meta";
        let keys = [("TOKEN", "the-token"), ("SECRET", "the-secret"), ("VERIFY", "a-word")];
        let needed = ["messages", "messaging_postbacks"];
        let echoes = ["message_echoes", "message_deliveries", "message_reads"];
        let page = [&echoes[..], &["messaging_handovers", "standby"]].concat();
        let gallery = ["messaging_handover", "messaging_seen", "standby"];
        for (kind, account, useful, name) in [
            ("messenger", Account::Page, &page[..], "A page"),
            ("instagram", Account::Instagram, &gallery[..], "A gallery"),
        ] {
            let shop = SHOP.replace("GRAPH", graph.base_url()).replace("whatsapp", kind);
            let shop = shop.replace("number_id = \"77\"\nbusiness_id = \"5\"", "id = \"77\"");
            let all = [&needed[..], useful].concat();
            let expect = |words: &[&str]| {
                let said = said(folder.path(), &shop, &keys);
                for words in words {
                    assert!(said.contains(words), "{kind}, {words}: {said}");
                }
                said
            };
            graph.serves(account, &all);
            graph.tells(here, &all);
            let fine = expect(&[
                &format!("ok   one: {kind} 77: the key is good; {name}\n"),
                &format!("ok   one: {kind} 77: an app is subscribed to 77\n"),
                &format!("ok   one: {kind} 77: the app tells {here}\n"),
            ]);
            assert!(!fine.contains("bad  one: "), "{fine}");
            // What the app tells, and what it is subscribed to of the account, are two things.
            graph.tells(here, &all[..1]);
            expect(&[
                &format!("bad  one: {kind} 77: the app does not tell messaging_postbacks\n"),
                &format!("note one: {kind} 77: the app does not tell {}\n", useful.join(", ")),
                &format!("ok   one: {kind} 77: an app is subscribed to 77\n"),
            ]);
            graph.tells(here, &all);
            graph.serves(account, &["messages"]);
            expect(&[
                &format!(
                    "bad  one: {kind} 77: no app is subscribed to messaging_postbacks of 77\n"
                ),
                &format!("POST /77/subscribed_apps?subscribed_fields={}", all.join(",")),
            ]);
            // Another kind of account by the same number: what is known of it has other names.
            graph.serves(Account::Number, &[]);
            expect(&["nonexisting field (name)", "is it the id, and not the number?"]);
        }
        graph.serves(Account::Page, &needed);
        graph.unsubscribe();
        let shop = SHOP.replace("GRAPH", graph.base_url()).replace("whatsapp", "messenger");
        let shop = shop.replace("number_id = \"77\"\nbusiness_id = \"5\"", "id = \"77\"");
        let said = said(folder.path(), &shop, &keys);
        assert!(said.contains("no app is subscribed to 77: no message would come"), "{said}");
    });
}
