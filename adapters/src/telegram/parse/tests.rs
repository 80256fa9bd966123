#![expect(clippy::needless_pass_by_value, reason = "every value is a literal")]

use expect_test::{Expect, expect};
use serde_json::Value;

use super::super::decode;
use super::*;

fn reader() -> Reader {
    Reader {
        account: "99".into(),
        me: Me { id: 99, username: "shop_bot".to_owned() },
        now: Micros(1_800_000_000_000_000),
    }
}

fn ada() -> Value {
    json!({ "id": 5, "is_bot": false, "first_name": "Ada" })
}

fn private() -> Value {
    json!({ "id": 5, "type": "private", "first_name": "Ada" })
}

fn group() -> Value {
    json!({ "id": -1_007, "type": "supergroup", "title": "Hikers" })
}

/// A message, with these fields beside those every one has.
fn message(chat: Value, fields: Value) -> Value {
    let mut message =
        json!({ "message_id": 7, "date": 1_790_000_000, "from": ada(), "chat": chat });
    let both = message.as_object_mut().zip(fields.as_object().cloned());
    if let Some((message, fields)) = both {
        message.extend(fields);
    }
    message
}

fn read(kind: &str, body: Value) -> Option<Inbound> {
    let update = json!({ "update_id": 31, kind: body });
    inbound(&decode::update(&update.to_string()).unwrap(), &reader())
}

/// What is made of a message of a person in their own chat.
#[track_caller]
fn check(fields: Value, expect: Expect) {
    let inbound = read("message", message(private(), fields)).unwrap();
    assert_eq!(inbound.id, "5/7".into());
    let from = inbound.from.unwrap();
    assert!(!from.is_shared());
    expect.assert_eq(&serde_json::to_string(&inbound.kind).unwrap());
}

fn file(size: u32) -> Value {
    json!({ "file_id": format!("f{size}"), "file_unique_id": "u", "file_size": size })
}

fn with(mut file: Value, fields: Value) -> Value {
    if let Some((file, fields)) = file.as_object_mut().zip(fields.as_object().cloned()) {
        file.extend(fields);
    }
    file
}

#[test]
fn what_people_send_is_read_by_its_kind() {
    check(json!({ "text": "a jacket" }), expect![[r#"{"text":"a jacket"}"#]]);
    let photo = |size, width| with(file(size), json!({ "width": width, "height": width }));
    check(
        json!({ "photo": [photo(10, 90), photo(900, 800), photo(50, 320)], "caption": "this one?" }),
        expect![[
            r#"{"media":{"media":{"id":"f900","mime":"image/jpeg","bytes":900,"sha256":null},"caption":"this one?"}}"#
        ]],
    );
    check(
        json!({ "document": with(file(3), json!({ "mime_type": "application/pdf" })) }),
        expect![[
            r#"{"media":{"media":{"id":"f3","mime":"application/pdf","bytes":3,"sha256":null},"caption":""}}"#
        ]],
    );
    check(
        json!({ "document": with(file(4), json!({ "mime_type": "not a type" })) }),
        expect![[r#"{"unsupported":"a message of a new kind"}"#]],
    );
    check(
        json!({ "voice": with(file(5), json!({ "duration": 2, "mime_type": "audio/ogg" })) }),
        expect![[
            r#"{"media":{"media":{"id":"f5","mime":"audio/ogg","bytes":5,"sha256":null},"caption":""}}"#
        ]],
    );
    check(
        json!({ "location": { "latitude": 52.520_008, "longitude": -13.404_954 } }),
        expect![[r#"{"location":{"lat_e6":52520008,"lon_e6":-13404954}}"#]],
    );
    let inn = json!({ "location": { "latitude": 1.0, "longitude": 2.0 }, "title": "The inn",
        "address": "Harbour 1" });
    check(
        json!({ "venue": inn }),
        expect![[
            r#"{"location":{"lat_e6":1000000,"lon_e6":2000000,"called":"The inn, Harbour 1"}}"#
        ]],
    );
    check(
        json!({ "contact": { "first_name": "Bob", "phone_number": "+49170", "user_id": 8 } }),
        expect![[r#"{"contact":{"name":"Bob","phone":"+49170"}}"#]],
    );
    check(json!({ "hologram": {} }), expect![[r#"{"unsupported":"a message of a new kind"}"#]]);
}

#[test]
fn a_deep_link_is_a_referral() {
    let command = json!([{ "type": "bot_command", "offset": 0, "length": 6 }]);
    let fields = json!({ "text": "/start ad-7", "entities": command });
    let inbound = read("message", message(private(), fields)).unwrap();
    assert_eq!(inbound.kind, InboundKind::Text("start".to_owned()));
    assert_eq!(inbound.referral, Some(json!({ "source": "link", "start": "ad-7" })));
}

#[test]
fn a_group_is_heard_where_the_bot_is_spoken_to() {
    let said = |fields: Value| read("message", message(group(), fields)).map(|it| it.kind);
    let text = |text: &str| Some(InboundKind::Text(text.to_owned()));
    assert_eq!(said(json!({ "text": "nice weather" })), None);
    let mention = json!([{ "type": "mention", "offset": 0, "length": 9 }]);
    assert_eq!(said(json!({ "text": "@shop_bot jackets", "entities": mention })), text("jackets"));
    let command = |length| json!([{ "type": "bot_command", "offset": 0, "length": length }]);
    assert_eq!(said(json!({ "text": "/cart", "entities": command(5) })), text("cart"));
    assert_eq!(said(json!({ "text": "/cart@other_bot", "entities": command(15) })), None);
    let ours = json!({
        "message_id": 6, "date": 1, "chat": group(), "text": "which size?",
        "from": { "id": 99, "is_bot": true, "first_name": "Shop", "username": "shop_bot" },
    });
    assert_eq!(said(json!({ "text": "M", "reply_to_message": ours })), text("M"));
    let inbound =
        read("message", message(group(), json!({ "text": "M", "reply_to_message": ours })));
    let inbound = inbound.unwrap();
    assert_eq!(inbound.reply_to, Some("-1007/6".into()));
    let from = inbound.from.unwrap();
    assert!(from.is_shared());
    assert_eq!((from.thread.as_str(), from.author.as_str()), ("-1007", "5"));
    let bot = json!({ "id": 6, "is_bot": true, "first_name": "B" });
    assert_eq!(said(json!({ "text": "/cart", "entities": command(5), "from": bot })), None);
}

#[test]
fn edits_taps_reactions_and_blocks_are_told() {
    let edit = read(
        "edited_message",
        message(private(), json!({ "text": "in M", "edit_date": 1_790_000_009 })),
    );
    let edit = edit.unwrap();
    assert_eq!(edit.kind, InboundKind::Edit { of: "5/7".into(), text: "in M".to_owned() });
    assert_eq!((edit.id, edit.at), ("5/7/edit/31".into(), Micros(1_790_000_009_000_000)));
    let place = json!({ "location": { "latitude": 1.0, "longitude": 2.0 } });
    assert_eq!(read("edited_message", message(private(), place)), None, "a live location moves");

    for shown in [
        message(private(), json!({ "text": "?" })),
        json!({ "message_id": 7, "date": 0, "chat": private() }),
    ] {
        let query = json!({ "id": "q", "from": ada(), "chat_instance": "c", "data": "token", "message": shown });
        let tap = read("callback_query", query).unwrap();
        assert_eq!(tap.kind, InboundKind::Tap(Tap::Token("token".to_owned())));
        assert_eq!((tap.id, tap.reply_to), ("tap/q".into(), Some("5/7".into())));
    }
    let reaction = json!({
        "chat": private(), "message_id": 7, "user": ada(), "date": 1,
        "old_reaction": [], "new_reaction": [{ "type": "emoji", "emoji": "👍" }],
    });
    let reaction = read("message_reaction", reaction).unwrap().kind;
    assert_eq!(reaction, InboundKind::Reaction { to: "5/7".into(), emoji: Some("👍".to_owned()) });

    let us = json!({ "id": 99, "is_bot": true, "first_name": "Shop" });
    let change = |chat: Value, status: Value| {
        let (old, new) = (
            with(json!({ "user": us }), json!({ "status": "left" })),
            with(json!({ "user": us }), status),
        );
        json!({ "chat": chat, "from": ada(), "date": 1, "old_chat_member": old, "new_chat_member": new })
    };
    let blocked = json!({ "status": "kicked", "until_date": 0 });
    let consent = |given| Some(InboundKind::Consent { purpose: Purpose::Service, given });
    let read_kind = |body| read("my_chat_member", body).map(|it| it.kind);
    assert_eq!(read_kind(change(private(), blocked.clone())), consent(false));
    assert_eq!(read_kind(change(private(), json!({ "status": "member" }))), consent(true));
    assert_eq!(read_kind(change(group(), blocked)), None, "a group is no person");
}

#[test]
fn news_of_a_chat_is_no_message() {
    let title = message(group(), json!({ "new_chat_title": "Climbers" }));
    assert_eq!(read("message", title), None);
    let channel = json!({ "id": -1_008, "type": "channel", "title": "News" });
    assert_eq!(read("channel_post", message(channel, json!({ "text": "hello" }))), None);
}

#[test]
fn every_sample_update_is_read() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/fixtures/telegram");
    let Ok(files) = std::fs::read_dir(dir) else { return };
    for file in files {
        let path = file.unwrap().path();
        let raw = std::fs::read_to_string(&path).unwrap();
        if raw.contains("update_id") {
            let update = decode::update(&raw).unwrap();
            assert!(inbound(&update, &reader()).is_some(), "{}", path.display());
        }
    }
}
