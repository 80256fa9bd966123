//! The customers: what they write, tap and do.

use serde_json::{Value, json};

use super::{BOT, FakeTelegram, Shown};

#[expect(clippy::needless_pass_by_value, reason = "what a customer sends is written on the spot")]
impl FakeTelegram {
    /// A person writes to the bot; the update's number.
    pub fn say(&self, person: i64, text: &str) -> u32 {
        self.send(person, person, json!({ "text": text }))
    }

    /// A person sends something to a chat, with these fields; the update's number.
    pub fn send(&self, person: i64, chat: i64, fields: Value) -> u32 {
        let now = self.shared.clock.now();
        let message = {
            let mut state = self.shared.state();
            let number = state.number(chat, 1);
            let by = Some(person);
            state.shown.push(Shown { by, ..Shown::new(chat, number, now, &fields) });
            let mut message = json!({
                "message_id": number, "date": now.0 / 1_000_000,
                "from": from(person), "chat": place(chat),
            });
            let both = message.as_object_mut().zip(fields.as_object().cloned());
            if let Some((message, fields)) = both {
                message.extend(fields);
            }
            message
        };
        self.push("message", message)
    }

    /// A person speaks to the bot in a group; the update's number.
    pub fn mention(&self, person: i64, group: i64, text: &str) -> u32 {
        let name = format!("@{}", BOT.1);
        let entity = json!([{ "type": "mention", "offset": 0, "length": name.len() }]);
        self.send(person, group, json!({ "text": format!("{name} {text}"), "entities": entity }))
    }

    /// A person taps the newest button with this label in a chat; the update's number.
    ///
    /// # Panics
    /// When there is none.
    pub fn tap(&self, person: i64, chat: i64, label: &str) -> u32 {
        let found = {
            let state = self.shared.state();
            let shown = state.shown.iter().rev().filter(|it| it.chat == chat);
            shown
                .flat_map(|shown| shown.buttons().into_iter().map(move |button| (shown, button)))
                .find(|(_, (words, _))| *words == label || words.ends_with(&format!("· {label}")))
                .map(|(shown, (_, data))| (shown.told(), data))
        };
        assert!(found.is_some(), "no button `{label}`");
        let (message, data) = found.unwrap_or_default();
        self.press(person, message, &data)
    }

    /// A person taps what carries this data, under a message.
    pub fn press(&self, person: i64, message: Value, data: &str) -> u32 {
        let id = format!("q{}", self.shared.state().next_update);
        let from = from(person);
        let query = json!({ "id": id, "from": from, "message": message, "chat_instance": "c", "data": data });
        self.push("callback_query", query)
    }

    /// Something happens; the update's number.
    pub fn push(&self, kind: &str, body: Value) -> u32 {
        let id = {
            let mut state = self.shared.state();
            let id = state.next_update;
            state.next_update += 1;
            state.updates.push_back((id, json!({ "update_id": id, kind: body })));
            id
        };
        self.shared.changed();
        id
    }

    /// A person blocks the bot, or lets it in again.
    pub fn block(&self, person: i64, blocked: bool) -> u32 {
        let bot = json!({ "id": BOT.0, "is_bot": true, "first_name": "Shop" });
        let member = |blocked: bool| match blocked {
            true => json!({ "user": bot, "status": "kicked", "until_date": 0 }),
            false => json!({ "user": bot, "status": "member" }),
        };
        let body = json!({
            "chat": place(person), "from": from(person), "date": self.shared.clock.now().0 / 1_000_000,
            "old_chat_member": member(!blocked), "new_chat_member": member(blocked),
        });
        self.push("my_chat_member", body)
    }

    /// An update, as it is told.
    #[must_use]
    pub fn update(&self, id: u32) -> Value {
        let state = self.shared.state();
        let found = state.updates.iter().find(|(update, _)| *update == id);
        found.map(|(_, update)| update.clone()).unwrap_or_default()
    }

    /// Where updates are to be sent, and with what secret.
    #[must_use]
    pub fn webhook(&self) -> Option<(String, String)> {
        self.shared.state().webhook.clone()
    }

    /// What stands in a chat, oldest first.
    #[must_use]
    pub fn chat(&self, chat: i64) -> Vec<Shown> {
        let state = self.shared.state();
        state.shown.iter().filter(|shown| shown.chat == chat).cloned().collect()
    }

    /// What the bot wrote in a chat, oldest first.
    #[must_use]
    pub fn answers(&self, chat: i64) -> Vec<Shown> {
        self.chat(chat).into_iter().filter(|shown| shown.by.is_none()).collect()
    }

    /// A chat, as its readers see it.
    #[must_use]
    pub fn transcript(&self, chat: i64) -> String {
        self.chat(chat).iter().map(Shown::page).collect()
    }
}

fn from(person: i64) -> Value {
    json!({ "id": person, "is_bot": false, "first_name": "Customer", "language_code": "en" })
}

fn place(chat: i64) -> Value {
    if chat < 0 {
        json!({ "id": chat, "type": "supergroup", "title": "Group" })
    } else {
        json!({ "id": chat, "type": "private", "first_name": "Customer" })
    }
}
