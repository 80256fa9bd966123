//! Events of our own through the reader, and parts through `render`.

use std::collections::BTreeMap;

use agent_core::channel::Delivery;
use agent_core::id::{Made, TurnId};
use agent_core::message::{ActionRef, Address, Part};
use agent_core::time::Micros;
use serde_json::{Value, json};

use super::Platform;
use super::render::render;
use crate::meta::news::{Reading, What, mark};
use crate::meta::parse::parse;

/// What an event of ada's with a page comes to: each kind as JSON.
fn read(key: &str, fields: &Value) -> Vec<Value> {
    read_in("messaging", key, fields)
}

fn read_in(list: &str, key: &str, fields: &Value) -> Vec<Value> {
    read_beside(list, key, fields, &json!({}))
}

/// The same with other keys beside it.
fn read_with(key: &str, fields: &Value, beside: &Value) -> Vec<Value> {
    read_beside("messaging", key, fields, beside)
}

fn read_beside(list: &str, key: &str, fields: &Value, beside: &Value) -> Vec<Value> {
    let (mut from, mut to) = ("ada", "shop");
    if fields.pointer("/is_echo").is_some() {
        (from, to) = (to, from);
    }
    let mut event = json!({ "sender": { "id": from }, "recipient": { "id": to },
        "timestamp": 1_793_491_200_000_i64 });
    for (key, value) in beside.as_object().unwrap() {
        event[key] = value.clone();
    }
    event[key] = fields.clone();
    let entry = json!([{ "id": "shop", list: [event] }]);
    let body = json!({ "object": "page", "entry": entry }).to_string();
    let reading = Reading { now: Micros(1_793_491_260_000_000) };
    let news = parse(body.as_bytes(), reading).unwrap();
    let kind = |what: What| match what {
        What::Chat(inbound) => {
            assert_eq!(inbound.from.unwrap().author, "ada");
            serde_json::to_value(&inbound.kind).unwrap()
        }
        What::Nothing(named) => json!({ "nothing": named }),
        other => panic!("{other:?}"),
    };
    news.into_iter().map(|news| kind(news.what)).collect()
}

#[test]
fn what_a_person_does_is_its_kind() {
    let token = format!("AQ{}", "A".repeat(38));
    let reply = json!({ "payload": token });
    assert_eq!(
        read("message", &json!({ "mid": "m1", "text": "Blue", "quick_reply": reply })),
        [json!({ "tap": { "token": token } })]
    );
    let others = json!({ "payload": "PICK_BLUE" });
    assert_eq!(
        read("message", &json!({ "mid": "m1", "text": "Blue", "quick_reply": others })),
        [json!({ "text": "Blue" })],
        "another app's button is what stands on it"
    );
    let thumb = json!([{ "type": "image", "payload": { "sticker_id": 369_239_263_222_822_i64 } }]);
    assert_eq!(
        read("message", &json!({ "mid": "m1", "attachments": thumb })),
        [json!({ "text": "👍" })]
    );
    let place = json!({ "coordinates": { "lat": 52.5, "long": -0.25 } });
    let place = json!([{ "type": "location", "payload": place }]);
    assert_eq!(
        read("message", &json!({ "mid": "m1", "attachments": place })),
        [json!({ "location": { "lat_e6": 52_500_000, "lon_e6": -250_000 } })]
    );
    assert_eq!(
        read("message", &json!({ "mid": "m1", "is_deleted": true })),
        [json!({ "delete": { "of": "m1" } })]
    );
    assert_eq!(
        read("postback", &json!({ "title": "Get started", "payload": "START" })),
        [json!({ "text": "Get started" })]
    );
    assert_eq!(
        read("reaction", &json!({ "mid": "m0", "action": "unreact", "emoji": "❤" })),
        [json!({ "reaction": { "to": "m0", "emoji": null } })]
    );
    let hop = json!([{ "app_id": 1 }]);
    for beside in [json!({ "hop_context": hop }), json!({ "referral": { "ref": "spring" } })] {
        let said = read_with("message", &json!({ "mid": "m1", "text": "hi" }), &beside);
        assert_eq!(said, [json!({ "text": "hi" })], "beside {beside}");
    }
    assert_eq!(
        read("message_edit", &json!({ "mid": "m0", "text": "green", "num_edit": 1 })),
        [json!({ "edit": { "of": "m0", "text": "green" } })]
    );
}

#[test]
fn receipts_optins_and_who_answers_are_told() {
    assert_eq!(
        read("read", &json!({ "watermark": 1_793_491_100_000_i64 })),
        [json!({ "receipt": { "of": [], "until": 1_793_491_100_000_000_i64, "status": "read" } })]
    );
    let seen = [json!({ "receipt": { "of": ["m1"], "status": "read" } })];
    assert_eq!(read("messaging_seen", &json!({ "mid": "m1" })), seen);
    assert_eq!(
        read("delivery", &json!({ "mids": ["m1", "m2"] })),
        [json!({ "receipt": { "of": ["m1", "m2"], "status": "delivered" } })]
    );
    let consent = |given: bool| [json!({ "consent": { "purpose": "marketing", "given": given } })];
    let optin = json!({ "type": "notification_messages", "notification_messages_token": "t" });
    assert_eq!(read("optin", &optin), consent(true));
    let mut stopped = optin;
    stopped["notification_messages_status"] = "STOP_NOTIFICATIONS".into();
    assert_eq!(read("optin", &stopped), consent(false));
    let by = |command: Value| [json!({ "control": { "by": "platform", "command": command } })];
    let apps = json!({ "previous_owner_app_id": "1", "new_owner_app_id": "2" });
    assert_eq!(read("pass_thread_control", &apps), by(json!("give_back")));
    let others = [json!({ "nothing": "event pass_thread_control" })];
    assert_eq!(read_in("standby", "pass_thread_control", &apps), others, "from one to another");
    let taken = by(json!({ "take_over": { "until": null } }));
    assert_eq!(read("take_thread_control", &apps), taken);
    assert_eq!(
        read("request_thread_control", &apps),
        [json!({ "nothing": "event request_thread_control" })]
    );
    let link = read("referral", &json!({ "ref": "spring", "source": "SHORTLINK" }));
    assert_eq!(link, [json!({ "unsupported": "followed a link into the chat" })]);
}

#[test]
fn what_is_said_in_standby_is_kept_and_silences() {
    let said = read_in("standby", "message", &json!({ "mid": "m1", "text": "hi" }));
    let over =
        json!({ "control": { "by": "standby", "command": { "take_over": { "until": null } } } });
    assert_eq!(said, [over, json!({ "text": "hi" })]);
    let echo = json!({ "mid": "m2", "is_echo": true, "text": "Eve here.", "app_id": 9 });
    let [said] = read_in("standby", "message", &echo).try_into().unwrap();
    let command = json!({ "said": { "text": "Eve here.", "until": null } });
    let said = &said["control"];
    assert_eq!(said["command"], command, "for as long as they have the chat");
    assert_eq!(said["by"], "standby", "and no longer");
}

#[test]
fn what_is_enforced_on_a_page_stops_it() {
    let told = |key: &str, fields: Value| {
        let event = json!({ "recipient": { "id": "shop" }, "timestamp": 1_793_491_200_000_i64, key: fields });
        let entry = json!([{ "id": "shop", "messaging": [event] }]);
        let body = json!({ "object": "page", "entry": entry }).to_string();
        let reading = Reading { now: Micros(1_793_491_260_000_000) };
        match parse(body.as_bytes(), reading).unwrap().remove(0).what {
            What::Account { news, .. } => serde_json::to_value(news).unwrap(),
            other => panic!("{other:?}"),
        }
    };
    let enforced =
        |action: &str| told("policy-enforcement", json!({ "action": action, "reason": "spam" }));
    let until = 1_793_491_200_000_000_i64 + 86_400_000_000;
    let of = |standing: Value| json!({ "stands": { "cause": "policy", "standing": standing } });
    assert_eq!(enforced("block"), of(json!({ "stopped": { "why": "spam", "until": until } })));
    assert_eq!(enforced("unblock"), of(json!("good")));
    assert_eq!(
        told("app_roles", json!({ "1": ["primary_receiver"] }))["notice"]["about"],
        "app roles"
    );
}

#[test]
fn an_echo_of_ours_is_a_status_and_of_another_a_persons_words() {
    let of = Made { turn: TurnId(9), n: 1 };
    let ours = json!({ "mid": "m2", "is_echo": true, "text": "Hello.",
        "metadata": mark::write(of, 0) });
    let status = json!({ "status": { "of": of, "part": 0, "status": "sent" } });
    assert_eq!(read("message", &ours), [status]);
    let theirs = json!({ "mid": "m3", "is_echo": true, "text": "This is Eve." });
    let [said] = read("message", &theirs).try_into().unwrap();
    assert_eq!(said["control"]["command"]["said"]["text"], "This is Eve.");
}

fn rendered(platform: Platform, body: Part) -> Value {
    let (thread, author) = ("ada".to_owned(), "ada".to_owned());
    let delivery = Delivery {
        id: Made { turn: TurnId(9), n: 1 },
        part: 0,
        to: Address { channel: platform.kind().into(), account: "shop".into(), thread, author },
        private: false,
        again: false,
        answers: Vec::new(),
        body,
        tokens: BTreeMap::from([(0, "T".repeat(40))]),
    };
    render(&delivery, platform).unwrap()
}

#[test]
fn a_reply_is_a_response_without_a_tag_and_instagrams_has_no_mark() {
    let text = || Part::Text("Hi".to_owned());
    assert_eq!(
        rendered(Platform::Messenger, text()),
        json!({ "recipient": { "id": "ada" }, "messaging_type": "RESPONSE", "message": {
            "text": "Hi", "metadata": "sutler:00000000000000000000000000000009-1/0" } })
    );
    let message = rendered(Platform::Instagram, text())["message"].clone();
    assert_eq!(message, json!({ "text": "Hi" }));
    let action = ActionRef { outbound: Made { turn: TurnId(9), n: 1 }, option: 0 };
    let buttons =
        Part::Buttons { body: "Which?".to_owned(), options: vec![("Blue".to_owned(), action)] };
    let payload =
        rendered(Platform::Instagram, buttons)["message"]["attachment"]["payload"].clone();
    assert_eq!(payload["buttons"][0]["payload"], "T".repeat(40));
}
