//! What Meta's webhooks look like.

use agent_core::message::MediaRef;
use agent_core::time::Micros;
use serde_json::{Value, json};

use super::Taken;

/// A change of one number's field (`messages`, `standby`, `user_id_update`).
#[must_use]
pub fn change(number: &str, field: &str, fields: Value) -> Value {
    let mut value = fields;
    if let Some(it) = value.as_object_mut() {
        it.insert("messaging_product".to_owned(), "whatsapp".into());
        let metadata = json!({ "display_phone_number": "15550001111", "phone_number_id": number });
        it.insert("metadata".to_owned(), metadata);
    }
    let change = json!({ "field": field, "value": value });
    json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": "BUSINESS", "changes": [change] }],
    })
}

/// A customer's message; `kind` holds its type and the object of that name. Who has a business-scoped id in place of a
/// number (`DE.9`) writes under it.
#[must_use]
pub fn message(number: &str, (from, id): (&str, &str), at: Micros, kind: &Value) -> Value {
    let mut it = kind.clone();
    if let Some(fields) = it.as_object_mut() {
        let key = if from.contains('.') { "from_user_id" } else { "from" };
        fields.insert(key.to_owned(), from.into());
        fields.insert("id".to_owned(), id.into());
        fields.insert("timestamp".to_owned(), (at.0 / 1_000_000).to_string().into());
    }
    let key = if from.contains('.') { "user_id" } else { "wa_id" };
    let contact = json!({ "profile": { "name": "A customer" }, key: from });
    change(number, "messages", json!({ "contacts": [contact], "messages": [it] }))
}

/// A customer writes these words while another app has the chat.
#[must_use]
pub fn standby(number: &str, from: &str, words: &str, at: Micros) -> Value {
    let message = json!({ "from": from, "id": format!("wamid.SB{from}"), "type": "text",
        "timestamp": (at.0 / 1_000_000).to_string(), "text": { "body": words } });
    change(number, "standby", json!({ "standby": { "messages": [message] } }))
}

/// Words of a customer.
#[must_use]
pub fn text(words: &str) -> Value {
    json!({ "type": "text", "text": { "body": words } })
}

/// A picture of a customer's.
#[must_use]
pub fn image(media: &MediaRef) -> Value {
    let image = json!({ "id": media.id, "mime_type": media.mime,
        "sha256": media.sha256.map(|it| it.to_string()) });
    json!({ "type": "image", "image": image })
}

/// A tap on the row or button with this id.
#[must_use]
pub fn tap(id: &str, title: &str) -> Value {
    let reply = json!({ "id": id, "title": title });
    let interactive = json!({ "type": "button_reply", "button_reply": reply });
    json!({ "type": "interactive", "interactive": interactive })
}

/// The number of a customer who was asked for it; `given` unless somebody else's contact is sent.
#[must_use]
pub fn contact(number: &str, given: bool) -> Value {
    let origin = if given { "contact_request" } else { "other" };
    let phones = json!([{ "phone": format!("+{number}"), "wa_id": number, "type": "CELL" }]);
    json!({ "type": "contacts", "contacts": [{ "origin": origin, "phones": phones }] })
}

/// The address of a customer who was asked for it.
#[must_use]
pub fn address(fields: &Value) -> Value {
    let values = json!({ "values": fields }).to_string();
    let reply = json!({ "name": "address_message", "body": "Address", "response_json": values });
    json!({ "type": "interactive", "interactive": { "type": "nfm_reply", "nfm_reply": reply } })
}

/// A tap on a quick reply of a template.
#[must_use]
pub fn reply(payload: &str, title: &str) -> Value {
    json!({ "type": "button", "button": { "payload": payload, "text": title } })
}

/// A message on Messenger (`page`) or `instagram`: of a customer, or the echo of one the account sent, which has a
/// file in the place of no words.
#[must_use]
pub fn event(
    (object, account): (&str, &str),
    (with, mid): (&str, &str),
    at: Micros,
    (echo, text): (bool, &str),
) -> Value {
    let (from, to) = if echo { (account, with) } else { (with, account) };
    let mut message = match text {
        "" => json!({ "mid": mid, "attachments": [{ "type": "image" }] }),
        text => json!({ "mid": mid, "text": text }),
    };
    if let Some(fields) = message.as_object_mut().filter(|_| echo) {
        fields.insert("is_echo".to_owned(), true.into());
    }
    let event = json!({ "sender": { "id": from }, "recipient": { "id": to },
        "timestamp": at.0 / 1_000, "message": message });
    json!({ "object": object, "entry": [{ "id": account, "time": at.0 / 1_000,
        "messaging": [event] }] })
}

/// What became of a payment in the chat.
#[must_use]
pub fn payment(from: &str, reference: &str, status: &str, at: Micros) -> Value {
    json!({
        "id": format!("wamid.PAY{reference}"),
        "type": "payment",
        "status": status,
        "timestamp": (at.0 / 1_000_000).to_string(),
        "recipient_id": from,
        "payment": {
            "reference_id": reference,
            "amount": { "value": 2_000, "offset": 100 },
            "currency": "INR",
            "transaction": { "id": "T1", "status": "success" },
        },
    })
}

/// What became of a message. One that failed says with which code, and is billed to nobody.
#[must_use]
pub fn status(taken: &Taken, status: &str, at: Micros) -> Value {
    let mark = taken.body.get("biz_opaque_callback_data").cloned().unwrap_or_default();
    let mut told = json!({
        "id": taken.id,
        "status": status,
        "timestamp": (at.0 / 1_000_000).to_string(),
        "recipient_id": taken.to,
        "biz_opaque_callback_data": mark,
    });
    let (key, value) = match taken.fails.filter(|_| status == "failed") {
        Some(code) => ("errors", json!([{ "code": code, "title": "told to fail" }])),
        None => (
            "pricing",
            json!({ "billable": true, "pricing_model": "PMP", "type": "regular", "category": "service" }),
        ),
    };
    if let Some(fields) = told.as_object_mut() {
        fields.insert(key.to_owned(), value);
    }
    told
}

/// Several statuses in one webhook.
#[must_use]
pub fn statuses(number: &str, statuses: &[Value]) -> Value {
    change(number, "messages", json!({ "statuses": statuses }))
}

/// The bytes Meta sends: ASCII, with `\uXXXX` in lower case and `\/`. What is signed is this.
#[must_use]
pub fn wire(body: &Value) -> Vec<u8> {
    let mut wire = String::new();
    for c in body.to_string().chars() {
        match c {
            '/' => wire.push_str("\\/"),
            c if c.is_ascii() => wire.push(c),
            c => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    wire.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    wire.into_bytes()
}
