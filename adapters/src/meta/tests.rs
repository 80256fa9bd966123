//! Payloads of our own through the reader.

use std::time::Duration;

use agent_core::message::{AccountNews, Inbound, InboundKind, Standing, Status, Tap};
use agent_core::time::Micros;
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::news::{News, Reading, What, mark};
use super::parse::parse;

const NOW: Micros = Micros(1_793_491_200_000_000);

fn read(body: &[u8]) -> Vec<News> {
    parse(body, Reading { now: NOW, quiet: Duration::from_secs(3600) }).unwrap()
}

/// A change of a WhatsApp number's field.
fn change(field: &str, value: &Value) -> Vec<u8> {
    let mut value = value.clone();
    value["messaging_product"] = "whatsapp".into();
    value["metadata"] = json!({ "display_phone_number": "491701", "phone_number_id": "77" });
    let change = json!({ "field": field, "value": value });
    let entry = json!([{ "id": "5", "changes": [change] }]);
    json!({ "object": "whatsapp_business_account", "entry": entry }).to_string().into_bytes()
}

/// A message of ada's, on WhatsApp.
#[expect(clippy::needless_pass_by_value, reason = "a payload is written where it is given")]
fn message(fields: Value) -> Vec<u8> {
    let mut it = json!({ "from": "4915", "id": "wamid.A", "timestamp": "1793491000" });
    for (key, value) in fields.as_object().unwrap() {
        it[key] = value.clone();
    }
    let contacts = json!([{ "profile": { "name": "Ada" }, "wa_id": "4915", "user_id": "DE.9" }]);
    change("messages", &json!({ "contacts": contacts, "messages": [it] }))
}

fn one_kind(body: &[u8]) -> InboundKind {
    match read(body).as_slice() {
        [News { what: What::Chat(inbound), .. }] => inbound.kind.clone(),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check(fields: Value, expect: &Expect) {
    expect.assert_eq(&serde_json::to_string(&one_kind(&message(fields))).unwrap());
}

#[test]
fn every_type_of_message_is_its_kind() {
    let text = json!({ "type": "text", "text": { "body": "hi\0 \u{202e}there" } });
    let read = one_kind(&message(text));
    assert_eq!(read, InboundKind::Text("hi \u{202e}there".to_owned()));
    let photo = json!({ "id": "m9", "mime_type": "image/jpeg", "caption": "this?" });
    check(
        json!({ "type": "image", "image": photo }),
        &expect![[
            r#"{"media":{"media":{"id":"m9","mime":"image/jpeg","bytes":null,"sha256":null},"caption":"this?"}}"#
        ]],
    );
    let place = json!({ "latitude": 52.52, "longitude": "-13.4" });
    check(
        json!({ "type": "location", "location": place }),
        &expect![[r#"{"location":{"lat_e6":52520000,"lon_e6":-13400000}}"#]],
    );
    check(
        json!({ "type": "button", "button": { "text": "Yes" } }),
        &expect![[r#"{"text":"Yes"}"#]],
    );
    let reply =
        json!({ "type": "list_reply", "list_reply": { "id": "elsewhere", "title": "Blue" } });
    check(json!({ "type": "interactive", "interactive": reply }), &expect![[r#"{"text":"Blue"}"#]]);
    check(json!({ "type": "interactive" }), &expect![[r#"{"unsupported":"interactive"}"#]]);
    let flow =
        json!({ "type": "nfm_reply", "nfm_reply": { "name": "flow", "response_json": "[1" } });
    check(
        json!({ "type": "interactive", "interactive": flow }),
        &expect![[r#"{"unsupported":"a form that can't be read"}"#]],
    );
    let item = |quantity: Value| json!({ "product_retailer_id": "socks", "quantity": quantity, "item_price": "12.5", "currency": "EUR" });
    let items = json!([item(json!("2")), item(json!(0)), item(json!(1.5)), item(json!("x"))]);
    check(
        json!({ "type": "order", "order": { "text": "soon", "product_items": items } }),
        &expect![[
            r#"{"order":{"lines":[{"variant":"socks","quantity":2,"claimed":{"minor":1250,"currency":"EUR"}}],"note":"soon"}}"#
        ]],
    );
    check(
        json!({ "type": "reaction", "reaction": { "message_id": "wamid.B", "emoji": "" } }),
        &expect![[r#"{"reaction":{"to":"wamid.B","emoji":null}}"#]],
    );
    let edit = json!({ "original_message_id": "w1", "message": { "type": "text", "text": { "body": "new" } } });
    check(
        json!({ "type": "edit", "edit": edit }),
        &expect![[r#"{"edit":{"of":"w1","text":"new"}}"#]],
    );
    check(
        json!({ "type": "revoke", "revoke": { "original_message_id": "w1" } }),
        &expect![[r#"{"delete":{"of":"w1"}}"#]],
    );
    let product = json!({ "id": "w0", "referred_product": { "product_retailer_id": "hat" } });
    check(
        json!({ "type": "text", "text": { "body": "in red?" }, "context": product }),
        &expect![[r#"{"enquiry":{"product":"hat","text":"in red?"}}"#]],
    );
    check(
        json!({ "type": "unsupported", "unsupported": { "type": "poll" } }),
        &expect![[r#"{"unsupported":"poll"}"#]],
    );
    check(json!({ "type": "hologram" }), &expect![[r#"{"unsupported":"hologram"}"#]]);
}

#[test]
fn a_tap_on_ours_is_a_token() {
    let tapped = |id: &str| {
        let reply = json!({ "type": "button_reply", "button_reply": { "id": id, "title": "Yes" } });
        one_kind(&message(json!({ "type": "interactive", "interactive": reply })))
    };
    let token = format!("AQ{}", "A".repeat(38));
    assert_eq!(tapped(&token), InboundKind::Tap(Tap::Token(token)));
    let others = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
    assert_eq!(tapped(others), InboundKind::Text("Yes".to_owned()), "somebody else's");
}

#[test]
fn who_writes_without_a_number_is_known_by_their_id_and_who_has_both_by_either() {
    let of = |fields: Value| match read(&message(fields)).remove(0).what {
        What::Chat(Inbound { from: Some(from), aliases, .. }) => (from.author, aliases.len()),
        other => panic!("{other:?}"),
    };
    let text = json!({ "body": "hi" });
    assert_eq!(of(json!({ "type": "text", "text": text })), ("4915".to_owned(), 1));
    let contacts = json!([{ "user_id": "DE.9", "profile": { "username": "@ada" } }]);
    let it = json!([{ "id": "w", "timestamp": "1", "type": "text", "text": text, "from_user_id": "DE.9" }]);
    let body = change("messages", &json!({ "contacts": contacts, "messages": it }));
    let What::Chat(inbound) = read(&body).remove(0).what else { panic!() };
    assert_eq!(inbound.from.unwrap().author, "DE.9");
}

#[test]
fn a_contact_is_ones_own_where_it_was_asked_for_and_an_address_is_a_form() {
    let aliases = |origin: &str| {
        let phones = json!([{ "phone": "+49 16", "wa_id": "4916" }]);
        let contacts = json!([{ "origin": origin, "phones": phones }]);
        let body = message(json!({ "type": "contacts", "contacts": contacts }));
        match read(&body).remove(0).what {
            What::Chat(it) => (it.aliases.len(), matches!(it.kind, InboundKind::Contact(_))),
            other => panic!("{other:?}"),
        }
    };
    // The other name is `DE.9`, which they have anyway.
    assert_eq!(aliases("contact_request"), (2, true));
    assert_eq!(aliases("other"), (1, true));
    let answers = |json: &str| {
        let reply = json!({ "name": "address_message", "response_json": json });
        json!({ "type": "interactive", "interactive": { "type": "nfm_reply", "nfm_reply": reply } })
    };
    check(
        answers(r#"{"values":{"in_pin_code":"110001","city":"Delhi"}}"#),
        &expect![[r#"{"form":{"name":"address","answers":{"city":"Delhi","postcode":"110001"}}}"#]],
    );
    check(
        answers(r#"{"saved_address_id":"home"}"#),
        &expect![[r#"{"form":{"name":"address","answers":{"saved_address_id":"home"}}}"#]],
    );
}

fn status(fields: &Value) -> Vec<What> {
    let mut it = json!({ "id": "wamid.S", "recipient_id": "4915", "timestamp": "1793491000" });
    for (key, value) in fields.as_object().unwrap() {
        it[key] = value.clone();
    }
    let read = read(&change("messages", &json!({ "statuses": [it] })));
    read.into_iter().map(|news| news.what).collect()
}

#[test]
fn a_status_tells_of_the_part_it_carries_and_of_the_account() {
    let of = agent_core::id::Made { turn: agent_core::id::TurnId(9), n: 2 };
    let carried = mark::write(of, 1);
    let pricing = json!({ "billable": true, "category": "service" });
    let whats = status(
        &json!({ "status": "played", "biz_opaque_callback_data": carried, "pricing": pricing }),
    );
    let [What::Chat(inbound)] = whats.as_slice() else { panic!("{whats:?}") };
    let read =
        InboundKind::Status { of, part: 1, status: Status::Read, billed: Some("service".into()) };
    assert_eq!(inbound.kind, read);
    let whats = status(&json!({ "status": "sent" }));
    assert!(matches!(whats.as_slice(), [What::Nothing(_)]), "another app's: {whats:?}");
    let pricing = json!({ "billable": true, "category": "general_purpose_ai" });
    let whats = status(&json!({ "status": "delivered", "pricing": pricing }));
    let slowed = |what: &What| {
        matches!(what, What::Account { news: AccountNews::Standing(Standing::Slowed(_)), .. })
    };
    assert!(whats.iter().any(slowed), "{whats:?}");
    let errors = json!([{ "code": 131_048, "title": "spam" }]);
    let whats = status(&json!({ "status": "failed", "errors": errors }));
    let stopped = |what: &What| {
        matches!(what, What::Account { news: AccountNews::Standing(Standing::Stopped { .. }), .. })
    };
    assert!(whats.iter().any(stopped), "{whats:?}");
    let errors = json!([{ "code": 131_050, "title": "stopped" }]);
    let whats = status(&json!({ "status": "failed", "errors": errors }));
    let silent = |what: &What| matches!(what, What::Chat(it) if matches!(it.kind, InboundKind::Consent { given: false, .. }));
    assert!(whats.iter().any(silent), "{whats:?}");
}

#[test]
fn one_bad_message_costs_itself_alone() {
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let good =
        r#"{"id":"w2","from":"1","timestamp":"1","type":"text","text":{"body":"cut \ud83d"}}"#;
    let body = format!(
        r#"{{"object":"whatsapp_business_account","entry":[{{"id":"5","changes":[{{"field":"messages","value":
        {{"metadata":{{"phone_number_id":"77"}},"messages":[{{"id":"w1","x":{deep}}},7,{good}]}}}}]}}]}}"#
    );
    let whats: Vec<What> = read(body.as_bytes()).into_iter().map(|news| news.what).collect();
    assert!(matches!(&whats[0], What::Unread { .. }), "{whats:?}");
    assert!(matches!(&whats[1], What::Nothing(_)));
    let text = |what: &What| matches!(what, What::Chat(it) if it.kind == InboundKind::Text("cut \u{fffd}".to_owned()));
    assert!(text(&whats[2]), "{whats:?}");
}
