//! What a customer sees of the bot's messages.

use std::fmt::Write as _;

use agent_core::time::Micros;
use serde_json::Value;

use super::answer;

/// One message of the bot, or of a customer, as it stands in a chat.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The chat.
    pub chat: i64,
    /// Its number there.
    pub number: i32,
    /// When it came.
    pub at: Micros,
    /// Who wrote it: the bot when none.
    pub by: Option<i64>,
    /// What was sent.
    pub body: Value,
}

impl Shown {
    pub(super) fn new(chat: i64, number: i32, at: Micros, body: &Value) -> Self {
        Self { chat, number, at, by: None, body: body.clone() }
    }

    /// Labels and data of its buttons.
    #[must_use]
    pub fn buttons(&self) -> Vec<(String, String)> {
        let rows = self.body.pointer("/reply_markup/inline_keyboard").and_then(Value::as_array);
        let buttons = rows.into_iter().flatten().filter_map(Value::as_array).flatten();
        let field = |button: &Value, name: &str| button.get(name)?.as_str().map(str::to_owned);
        buttons
            .filter_map(|button| Some((field(button, "text")?, field(button, "callback_data")?)))
            .collect()
    }

    /// Another keyboard takes the place of its own.
    pub(super) fn press(&mut self, markup: Option<Value>) {
        if let Some((body, markup)) = self.body.as_object_mut().zip(markup) {
            body.insert("reply_markup".to_owned(), markup);
        }
    }

    /// As Telegram tells of it.
    #[must_use]
    pub fn told(&self) -> Value {
        answer::message(self.chat, self.number, self.at.0 / 1_000_000, &self.body)
    }

    /// Its words.
    #[must_use]
    pub fn text(&self) -> &str {
        let text = self.body.get("text").or_else(|| self.body.get("caption"));
        text.and_then(Value::as_str).unwrap_or_default()
    }

    /// As a reader of a transcript sees it.
    #[must_use]
    pub fn page(&self) -> String {
        if let Some(by) = self.by {
            return format!("{by} › {}\n", self.text());
        }
        let mut page = String::new();
        let mut line = |words: &str| {
            // Writing to a string can't fail.
            let _ = writeln!(page, "  {words}");
        };
        for picture in self.body.get("media").and_then(Value::as_array).into_iter().flatten() {
            let field = |name: &str| picture.get(name).and_then(Value::as_str).unwrap_or_default();
            line(&format!("[picture {}] {}", field("media"), field("caption")));
        }
        for kind in ["photo", "document"] {
            if let Some(file) = self.body.get(kind).and_then(Value::as_str) {
                line(&format!("[{kind} {file}]"));
            }
        }
        marked(
            self.text(),
            self.body.get("entities").or_else(|| self.body.get("caption_entities")),
        )
        .lines()
        .for_each(&mut line);
        let rows = self.body.pointer("/reply_markup/inline_keyboard").and_then(Value::as_array);
        for row in rows.into_iter().flatten().filter_map(Value::as_array) {
            let label = |button: &Value| {
                let words = button.get("text").and_then(Value::as_str).unwrap_or_default();
                match button.get("url").and_then(Value::as_str) {
                    // A link's signature is of no reader's use, and another one in each run.
                    Some(url) => format!("[{words} → {}]", url.split('?').next().unwrap_or(url)),
                    None => format!("[{words}]"),
                }
            };
            line(&row.iter().map(label).collect::<Vec<_>>().join(" "));
        }
        page
    }
}

/// A text with its entities as signs: `**bold**`, `[words](link)`.
fn marked(text: &str, entities: Option<&Value>) -> String {
    let mut units: Vec<Vec<u16>> = text.encode_utf16().map(|unit| vec![unit]).collect();
    units.push(Vec::new());
    for entity in entities.and_then(Value::as_array).into_iter().flatten() {
        let number =
            |name: &str| entity.get(name).and_then(Value::as_u64).unwrap_or_default() as usize;
        let field = |name: &str| entity.get(name).and_then(Value::as_str).unwrap_or_default();
        let (open, close) = match field("type") {
            "bold" => ("**".to_owned(), "**".to_owned()),
            "text_link" => ("[".to_owned(), format!("]({})", field("url"))),
            "code" => ("`".to_owned(), "`".to_owned()),
            _ => ("_".to_owned(), "_".to_owned()),
        };
        let (from, to) = (number("offset"), number("offset") + number("length"));
        for (at, sign) in [(from, open), (to, close)] {
            if let Some(unit) = units.get_mut(at) {
                let sign: Vec<u16> = sign.encode_utf16().collect();
                unit.splice(0..0, sign);
            }
        }
    }
    String::from_utf16_lossy(&units.concat())
}
