//! Payloads of our own through the reader.

use agent_core::message::{AccountNews, Control, Inbound, InboundKind, Standing, Status, Tap};
use agent_core::time::Micros;
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::news::{News, Of, Reading, What, logged, mark, notice};
use super::parse::parse;

const NOW: Micros = Micros(1_793_491_200_000_000);

fn read(body: &[u8]) -> Vec<News> {
    parse(body, Reading { now: NOW }).unwrap()
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
    let place = json!({ "latitude": 52.52, "longitude": "-13.4", "name": "The inn", "address": "Harbour 1" });
    check(
        json!({ "type": "location", "location": place }),
        &expect![[
            r#"{"location":{"lat_e6":52520000,"lon_e6":-13400000,"called":"The inn, Harbour 1"}}"#
        ]],
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

/// What each thing that a body tells comes to: whose and what, as JSON.
fn told(body: &[u8]) -> Vec<Value> {
    let one = |news: News| match news.what {
        What::Chat(it) => json!([it.from.unwrap().author, it.kind]),
        What::Account { news, .. } => json!(news),
        What::Unread { why, .. } => json!({ "unread": why }),
        What::Nothing(named) => json!({ "nothing": named }),
    };
    read(body).into_iter().map(one).collect()
}

#[test]
fn files_forms_and_what_is_of_no_concern_are_their_kind() {
    let media = |kind: &str, fields: Value| {
        let read = one_kind(&message(json!({ "type": kind, kind: fields })));
        let InboundKind::Media { media, caption } = read else { panic!("{read:?}") };
        (media.mime, media.voice, media.name.as_deref().unwrap_or_default().to_owned(), caption)
    };
    let of = |mime: &str, voice, name: &str, caption: &str| {
        (mime.to_owned(), voice, name.to_owned(), caption.to_owned())
    };
    let spoken = json!({ "id": "1", "mime_type": "audio/ogg; codecs=opus", "voice": true });
    assert_eq!(media("audio", spoken), of("audio/ogg; codecs=opus", true, "", ""));
    assert_eq!(media("voice", json!({ "id": "1" })), of("voice/*", true, "", ""), "as it was");
    assert_eq!(
        media("sticker", json!({ "id": "1", "animated": true })),
        of("sticker/*", false, "", "")
    );
    let film = json!({ "link": "https://lookaside.fbsbx.com/1", "mime_type": "video/mp4", "caption": "so" });
    assert_eq!(media("video", film), of("video/mp4", false, "", "so"));
    let paper = json!({ "id": "1", "mime_type": "text/csv", "filename": "a.csv" });
    assert_eq!(media("document", paper), of("text/csv", false, "a.csv", "a.csv"));
    let form = json!({ "type": "nfm_reply", "nfm_reply": { "name": "flow", "response_json": "{\"size\":\"M\"}" } });
    check(
        json!({ "type": "interactive", "interactive": form }),
        &expect![[r#"{"form":{"name":"flow","answers":{"size":"M"}}}"#]],
    );
    let call = json!({ "type": "call_permission_reply", "call_permission_reply": { "response": "accept" } });
    check(
        json!({ "type": "interactive", "interactive": call }),
        &expect![[r#"{"unsupported":"call_permission_reply"}"#]],
    );
    for (fields, named) in [
        (json!({ "type": "request_welcome" }), "request_welcome"),
        (
            json!({ "type": "text", "group_id": "g", "text": { "body": "hi" } }),
            "message in a group",
        ),
        (
            json!({ "type": "system", "system": { "type": "customer_identity_changed" } }),
            "system customer_identity_changed",
        ),
    ] {
        assert_eq!(told(&message(fields)), [json!({ "nothing": named })]);
    }
    for field in ["history", "smb_app_state_sync", "calls", "groups", "flows", "hologram"] {
        assert_eq!(told(&change(field, &json!({}))), [json!({ "nothing": field })]);
    }
}

#[test]
fn an_ad_is_told_with_whatever_was_said() {
    let ad = json!({ "source_type": "ad", "source_url": "https://fb.me/1", "ctwa_clid": "c" });
    let place = json!({ "latitude": 1, "longitude": 2 });
    for fields in [
        json!({ "type": "text", "text": { "body": "hi" }, "referral": ad }),
        json!({ "type": "location", "location": place, "referral": ad }),
    ] {
        let What::Chat(inbound) = read(&message(fields)).remove(0).what else { panic!() };
        assert_eq!(inbound.referral, Some(ad.clone()));
    }
}

#[test]
fn new_numbers_and_ids_take_the_place_of_old_ones() {
    let identity = |fields: Value| {
        let mut it = json!({ "id": "w", "type": "system", "timestamp": "1793491000" });
        for (key, value) in fields.as_object().unwrap() {
            it[key] = value.clone();
        }
        told(&change("messages", &json!({ "messages": [it] })))
    };
    let named = |author: &str| format!("person\nwhatsapp\n77\n{author}");
    let changed = |add: &[&str], remove: &[&str]| {
        let all = |names: &[&str]| names.iter().map(|name| named(name)).collect::<Vec<_>>();
        json!([add[0], { "identity": { "add": all(add), "remove": all(remove) } }])
    };
    let number =
        json!({ "from": "4915", "system": { "type": "user_changed_number", "wa_id": "4916" } });
    assert_eq!(identity(number), [changed(&["4916"], &["4915"])]);
    let id =
        json!({ "type": "user_changed_user_id", "previous_user_id": "DE.1", "user_id": "DE.2" });
    assert_eq!(
        identity(json!({ "from": "4915", "system": id })),
        [changed(&["4915", "DE.2"], &["DE.1"])]
    );
    let lost = json!({ "system": { "type": "user_changed_user_id", "user_id": "DE.2" } });
    assert_eq!(identity(lost), [json!({ "nothing": "system user_changed_user_id without ids" })]);
    let update = json!([{ "wa_id": "4915", "timestamp": "1793491000",
        "user_id": { "previous": "DE.1", "current": "DE.2" },
        "parent_user_id": { "previous": "DE.ENT.1", "current": "DE.ENT.2" } }]);
    let update = told(&change("user_id_update", &json!({ "user_id_update": update })));
    assert_eq!(update, [changed(&["4915", "DE.2", "DE.ENT.2"], &["DE.1", "DE.ENT.1"])]);
}

#[test]
fn what_customers_prefer_who_else_speaks_and_who_answers_is_told() {
    let preference = |value: &str| {
        let it = json!([{ "wa_id": "4915", "category": "marketing_messages", "value": value,
            "timestamp": 1_793_491_000 }]);
        told(&change("user_preferences", &json!({ "user_preferences": it }))).remove(0)
    };
    let consent =
        |given: bool| json!(["4915", { "consent": { "purpose": "marketing", "given": given } }]);
    assert_eq!(preference("stop"), consent(false));
    assert_eq!(preference("resume"), consent(true));
    assert_eq!(preference("signup"), consent(true));
    assert_eq!(preference("perhaps"), json!({ "nothing": "preference perhaps" }));

    let said = |it: Value| {
        told(&change("smb_message_echoes", &json!({ "message_echoes": [it] }))).remove(0)
    };
    let eve = json!({ "id": "e", "to": "4915", "type": "text", "timestamp": "1793491000",
        "text": { "body": "This is Eve." } });
    let eve = said(eve);
    assert_eq!(
        (&eve[0], &eve[1]["control"]["command"]["said"]["text"]),
        (&json!("4915"), &json!("This is Eve."))
    );
    let picture =
        json!({ "id": "e", "to_user_id": "DE.9", "type": "image", "image": { "id": "1" } });
    let picture = said(picture);
    assert_eq!(
        (&picture[0], &picture[1]["control"]["command"]["said"]["text"]),
        (&json!("DE.9"), &json!("[image]"))
    );
    assert_eq!(
        said(json!({ "id": "e", "to": "4915", "type": "reaction" })),
        json!({ "nothing": "echo of reaction" })
    );

    let handed = |it: &Value| told(&change("messaging_handovers", it)).remove(0);
    let by =
        |command: Value| json!(["4915", { "control": { "by": "platform", "command": command } }]);
    let sender = json!({ "phone_number": "4915" });
    let passed = json!({ "sender": sender, "timestamp": "1793491000", "control_passed": { "metadata": "x" } });
    assert_eq!(handed(&passed), by(json!("give_back")));
    let taken = json!({ "sender": sender, "timestamp": "1793491000", "event": "control_taken" });
    assert_eq!(handed(&taken), by(json!({ "take_over": { "until": null } })));
    let unknown = handed(&json!({ "sender": sender, "event": "control_lent" }));
    assert_eq!(unknown["notice"]["about"], "hand-over", "people read it");
    let shape = json!({ "event": null, "messaging_product": null,
        "metadata": { "display_phone_number": null, "phone_number_id": null },
        "sender": { "phone_number": null } });
    assert_eq!(unknown["notice"]["facts"], shape, "and nothing of whom it is about");
}

#[test]
fn who_answers_is_told_to_the_number_that_is_written_to() {
    let told = json!({ "messaging_product": "whatsapp", "recipient": { "phone_number_id": "77" },
        "sender": { "phone_number": "4915" }, "timestamp": "1793491000", "control_passed": {} });
    let change = json!({ "field": "messaging_handovers", "value": told });
    let body = json!({ "object": "whatsapp_business_account",
        "entry": [{ "id": "5", "changes": [change] }] });
    let news = read(body.to_string().as_bytes());
    let [News { of: Of::Number(of), what: What::Chat(inbound) }] = news.as_slice() else {
        panic!("{news:?}")
    };
    assert_eq!((of.as_str(), inbound.from.as_ref().unwrap().author.as_str()), ("77", "4915"));
    assert!(matches!(inbound.kind, InboundKind::Control { command: Control::GiveBack, .. }));
}

#[test]
fn a_hand_over_is_told_apart_by_its_own_time_or_its_entrys() {
    let id = |entry: Option<i64>, own: Option<i64>| {
        let mut body: Value = serde_json::from_slice(&change(
            "messaging_handovers",
            &json!({ "sender": { "phone_number": "4915" }, "control_passed": {} }),
        ))
        .unwrap();
        if let Some(entry) = entry {
            body["entry"][0]["time"] = entry.into();
        }
        if let Some(own) = own {
            body["entry"][0]["changes"][0]["value"]["timestamp"] = own.into();
        }
        match read(body.to_string().as_bytes()).remove(0).what {
            What::Chat(inbound) => inbound.id,
            other => panic!("{other:?}"),
        }
    };
    let (first, later) = (Some(1_793_491_000), Some(1_793_491_060));
    assert_ne!(id(first, None), id(later, None), "another a minute later");
    assert_eq!(id(first, None), id(first, None), "the same, told again");
    assert_ne!(id(None, first), id(None, later));
    assert_eq!(id(later, first), id(first, first), "its own time, in whatever entry");
    assert_eq!(id(None, None), id(None, None));
}

#[test]
fn of_news_that_may_name_customers_it_is_logged_what_they_are_about() {
    let facts = json!({ "sender": { "phone_number": "4915" }, "why": "Ada asked" });
    assert_eq!(logged(&notice("error", &facts)), "error");
    let slowed = AccountNews::stands("quality", Standing::Slowed("FLAGGED".to_owned()));
    assert!(logged(&slowed).contains("FLAGGED"), "{}", logged(&slowed));
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
        matches!(
            what,
            What::Account {
                news: AccountNews::Stands { standing: Standing::Slowed(_), ends: Some(_), .. },
                ..
            }
        )
    };
    assert!(whats.iter().any(slowed), "{whats:?}");
    let errors = json!([{ "code": 131_048, "title": "spam" }]);
    let whats = status(&json!({ "status": "failed", "errors": errors }));
    let stopped = |what: &What| {
        matches!(
            what,
            What::Account {
                news: AccountNews::Stands { standing: Standing::Stopped { .. }, .. },
                ..
            }
        )
    };
    assert!(whats.iter().any(stopped), "{whats:?}");
    let again = status(&json!({ "id": "wamid.T", "status": "failed", "errors": errors }));
    let id = |whats: &[What]| match whats.iter().find(|it| stopped(it)) {
        Some(What::Account { id, .. }) => id.clone(),
        other => panic!("{other:?}"),
    };
    assert_ne!(id(&whats), id(&again), "told again, it is told");
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
