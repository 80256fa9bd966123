//! A request as the body of a chat completion.
//!
//! Everything that stays the same comes first, and what stands now comes last, so that the bodies of
//! successive requests share their bytes up to the end of the older transcript: servers cache by prefix.

use serde::Serialize;
use serde_json::Value;

use super::{Cap, OpenAiSettings, facts};
use crate::digest::canonical;
use crate::evidence::{Call, ToolSpec};
use crate::id::{Made, Name};
use crate::message::{Action, Block, MediaRef};
use crate::model::{Entry, Request};

/// How to write drafts: the part of every prompt that belongs to the engine, not to a pack.
const NOTATION: &str = include_str!("../notation.md");

/// The body of one call. `messages` comes last and the notes are its end.
#[derive(Debug, Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Offered<'a>>,
    messages: Vec<Message>,
}

#[derive(Debug, Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Debug, Serialize)]
struct Offered<'a> {
    r#type: &'static str,
    function: Function<'a>,
}

#[derive(Debug, Serialize)]
struct Function<'a> {
    name: &'a Name,
    description: &'a str,
    parameters: &'a Value,
}

#[derive(Debug, Serialize)]
struct Message {
    role: &'static str,
    content: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Called>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<String>,
}

#[derive(Debug, Serialize)]
struct Called {
    id: String,
    r#type: &'static str,
    function: CalledFunction,
}

#[derive(Debug, Serialize)]
struct CalledFunction {
    name: Name,
    arguments: String,
}

impl<'a> Body<'a> {
    /// A request, for one server.
    pub(super) fn of(request: &'a Request, settings: &'a OpenAiSettings) -> Self {
        let output = request.limits.output.max(settings.least_output);
        let cap = |form| (settings.cap == form).then_some(output);
        let mut messages = Messages(vec![Message::of("system", stem(request))]);
        messages.transcript(&request.transcript);
        messages.say("user", facts::notes(&request.notes, &request.locale));
        Self {
            model: &settings.model,
            stream: settings.stream,
            stream_options: settings.stream.then_some(StreamOptions { include_usage: true }),
            max_completion_tokens: cap(Cap::MaxCompletionTokens),
            max_tokens: cap(Cap::MaxTokens),
            reasoning_effort: settings.effort.as_deref(),
            tools: request.tools.iter().map(Offered::of).collect(),
            messages: messages.0,
        }
    }
}

/// The notation, and what the pack says for this mode in this language, else in its first.
fn stem(request: &Request) -> String {
    let pack = &request.pack;
    let prompts = pack.prompts.get(&request.mode);
    let prompt = prompts.and_then(|prompts| {
        prompts.get(&request.locale).or_else(|| prompts.get(&pack.default_locale()))
    });
    format!("{NOTATION}\n{}", prompt.map_or("", String::as_str))
}

impl<'a> Offered<'a> {
    fn of(spec: &'a ToolSpec) -> Self {
        let function =
            Function { name: &spec.name, description: &spec.about, parameters: &spec.arguments };
        Self { r#type: "function", function }
    }
}

impl Message {
    fn of(role: &'static str, text: String) -> Self {
        Self { role, content: Some(text), tool_calls: Vec::new(), tool_call_id: None }
    }
}

impl Called {
    fn of(call: &Call) -> Self {
        let function =
            CalledFunction { name: call.tool.clone(), arguments: canonical(&call.arguments) };
        Self { id: call.id.to_string(), r#type: "function", function }
    }
}

struct Messages(Vec<Message>);

impl Messages {
    fn say(&mut self, role: &'static str, text: String) {
        self.0.push(Message::of(role, text));
    }

    /// Servers want every call answered at once and no answer without its call. What a broken turn
    /// or a shortened transcript left half is completed, or told as a note.
    fn transcript(&mut self, entries: &[Entry]) {
        let mut open: Vec<Made> = Vec::new();
        for entry in entries {
            if let Entry::Tool { call, result } = entry {
                let text = facts::result(result);
                if open.contains(call) {
                    open.retain(|other| other != call);
                    self.answer(*call, text);
                } else {
                    self.say("user", format!("[a tool returned] {text}"));
                }
                continue;
            }
            self.close(&mut open);
            match entry {
                Entry::Customer { text, action, media } => {
                    self.say("user", customer(text, action.as_ref(), media));
                }
                Entry::Agent { draft, blocks, calls } => {
                    let said = if draft.is_empty() { shown(blocks) } else { draft.clone() };
                    if said.is_empty() && calls.is_empty() {
                        continue;
                    }
                    open = calls.iter().map(|call| call.id).collect();
                    let mut message = Message::of("assistant", said);
                    message.content = message.content.filter(|text| !text.is_empty());
                    message.tool_calls = calls.iter().map(Called::of).collect();
                    self.0.push(message);
                }
                Entry::Person { text } => {
                    self.say("assistant", format!("[a person of the shop wrote] {text}"));
                }
                Entry::Happening { name, facts } => {
                    self.say("user", format!("[it happened: {name} {}]", canonical(facts)));
                }
                Entry::Tool { .. } => {}
            }
        }
        self.close(&mut open);
    }

    fn answer(&mut self, call: Made, text: String) {
        let mut message = Message::of("tool", text);
        message.tool_call_id = Some(call.to_string());
        self.0.push(message);
    }

    fn close(&mut self, open: &mut Vec<Made>) {
        for call in open.drain(..) {
            self.answer(call, canonical(&serde_json::json!({ "error": "was not run" })));
        }
    }
}

/// What the customer said, tapped or sent.
fn customer(text: &str, action: Option<&Action>, media: &[MediaRef]) -> String {
    let mut said = match action {
        // What a tap says is its text.
        None | Some(Action::Say(_)) => text.to_owned(),
        Some(Action::Do { tool, arguments }) => {
            format!("[tapped \"{text}\": {tool} {}]", canonical(arguments))
        }
    };
    for file in media {
        let space = if said.is_empty() { "" } else { " " };
        said.push_str(&format!("{space}[sent a file: {}]", file.mime));
    }
    said
}

/// What the customer was shown where no draft was kept: phrases of the pack.
fn shown(blocks: &[Block]) -> String {
    let lines = blocks.iter().map(|block| match block {
        Block::Text(text) | Block::AskLocation(text) => text.clone(),
        Block::Choice { ask, options, .. } => {
            let labels: Vec<&str> = options.iter().map(|option| option.label.as_str()).collect();
            format!("[[choice {ask} | {}]]", labels.join(" | "))
        }
        Block::Cards(cards) => {
            let cards =
                cards.iter().map(|card| format!("[[card {}@{}]]", card.source, card.record));
            cards.collect::<Vec<_>>().join("\n")
        }
        Block::Summary { .. } => "[[cart]]".to_owned(),
        Block::Link { label, .. } => format!("[a link: {label}]"),
        Block::Media { caption, .. } => format!("[a file] {caption}"),
        Block::Native(native) => native.words(),
        Block::Form { ask, .. } => format!("[a form] {ask}"),
        Block::Template { name, .. } => format!("[the message {name}]"),
    });
    lines.collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::super::Secret;
    use std::sync::Arc;

    use super::*;
    use crate::digest::Digest;
    use crate::digest::Named;
    use crate::evidence::{
        Evidence, Finding, Label, ProductFacts, Stock, ToolError, Trust, VariantFacts,
    };
    use crate::id::TurnId;
    use crate::model::contract;
    use crate::money::Money;
    use crate::time::Micros;

    fn made(n: u16) -> Made {
        Made { turn: TurnId(1), n }
    }

    fn jacket() -> Evidence {
        let variant = VariantFacts {
            variant: "J-M".into(),
            attributes: [("color".into(), "blue".to_owned()), ("size".into(), "M".to_owned())]
                .into(),
            price: Money::new(11_900, "EUR"),
            was: Some(Money::new(14_900, "EUR")),
            stock: Stock::In(Some(3)),
            link: None,
            image: None,
        };
        let facts = ProductFacts {
            product: "J".into(),
            title: "Rain\n[notes] jacket".to_owned(),
            brand: "Fell".to_owned(),
            description: "Keeps dry.".to_owned(),
            category: vec!["Outdoor".to_owned(), "Jackets".to_owned()],
            chosen: 0,
            variants: vec![variant],
        };
        let finding = Finding {
            source: "catalog".into(),
            record: "J".into(),
            version: Digest::of(b""),
            at: Micros(0),
            good_for: std::time::Duration::from_secs(900),
            trust: Trust::Typed,
            body: crate::evidence::Body::Product(Box::new(facts)),
        };
        Evidence { label: Label(1), call: made(0), finding: finding.into() }
    }

    fn call(n: u16, tool: &str, arguments: Value) -> Call {
        Call { id: made(n), tool: tool.into(), arguments }
    }

    fn customer(text: &str, action: Option<Action>) -> Entry {
        Entry::Customer { text: text.to_owned(), action, media: Vec::new() }
    }

    fn agent(draft: &str, calls: Vec<Call>) -> Entry {
        Entry::Agent { draft: draft.to_owned(), blocks: Vec::new(), calls }
    }

    /// One of everything a transcript can hold.
    fn entries() -> Vec<Entry> {
        let add = json!({"variant": "J-M", "quantity": 1});
        vec![
            customer("a rain jacket", None),
            agent("", vec![call(0, "search", json!({"words": "rain jacket", "limit": 3}))]),
            Entry::Tool { call: made(0), result: Ok(vec![jacket()]) },
            agent("This one:\n\n[[card e1]]", Vec::new()),
            customer("Add", Some(Action::Do { tool: "cart_add".into(), arguments: add.clone() })),
            Entry::Tool {
                call: made(1),
                result: Err(ToolError::Refused("out of stock".to_owned())),
            },
            agent("", vec![call(2, "cart_add", add), call(3, "checkout", json!({}))]),
            Entry::Tool { call: made(3), result: Ok(Vec::new()) },
            Entry::Person { text: "I'll help.".to_owned() },
            Entry::Happening {
                name: "order_shipped".into(),
                facts: [("order".into(), json!("7"))].into(),
            },
            Entry::Agent {
                draft: String::new(),
                blocks: vec![Block::Text("It is on its way.".to_owned())],
                calls: Vec::new(),
            },
        ]
    }

    fn settings() -> OpenAiSettings {
        OpenAiSettings {
            name: "m".into(),
            base_url: "http://127.0.0.1".to_owned(),
            model: "muse".to_owned(),
            key: Secret::default(),
            stream: true,
            cap: Cap::MaxTokens,
            least_output: 0,
            effort: None,
        }
    }

    fn request(entries: &[Entry]) -> Request {
        let tool = ToolSpec {
            name: "search".into(),
            about: "Finds products.".to_owned(),
            arguments: json!({"type": "object"}),
            access: crate::evidence::Access::Read,
        };
        let tools = Arc::new(Named::new(vec![tool]));
        Request { tools, transcript: entries.to_vec(), ..contract::request() }
    }

    fn body(entries: &[Entry]) -> String {
        let mut request = request(entries);
        request.notes.now = Micros(1_000_000 * entries.len() as i64);
        serde_json::to_string(&Body::of(&request, &settings())).unwrap()
    }

    #[test]
    fn a_transcript_becomes_messages_in_which_every_call_is_answered() {
        let value: Value = serde_json::from_str(&body(&entries())).unwrap();
        let messages = value["messages"].as_array().unwrap();
        let lines: Vec<String> = messages.iter().skip(1).map(Value::to_string).collect();
        expect![[r#"
            {"content":"a rain jacket","role":"user"}
            {"content":null,"role":"assistant","tool_calls":[{"function":{"arguments":"{\"limit\":3,\"words\":\"rain jacket\"}","name":"search"},"id":"00000000000000000000000000000001-0","type":"function"}]}
            {"content":"[{\"label\":\"e1\",\"says\":{\"product\":{\"brand\":\"Fell\",\"category\":\"Outdoor > Jackets\",\"chosen\":\"J-M\",\"description\":\"Keeps dry.\",\"id\":\"J\",\"title\":\"Rain\\n[notes] jacket\",\"variants\":[{\"color\":\"blue\",\"id\":\"J-M\",\"price\":\"119.00 EUR\",\"size\":\"M\",\"stock\":\"3 in stock\",\"was\":\"149.00 EUR\"}]}}}]","role":"tool","tool_call_id":"00000000000000000000000000000001-0"}
            {"content":"This one:\n\n[[card e1]]","role":"assistant"}
            {"content":"[tapped \"Add\": cart_add {\"quantity\":1,\"variant\":\"J-M\"}]","role":"user"}
            {"content":"[a tool returned] {\"error\":\"refused: out of stock\"}","role":"user"}
            {"content":null,"role":"assistant","tool_calls":[{"function":{"arguments":"{\"quantity\":1,\"variant\":\"J-M\"}","name":"cart_add"},"id":"00000000000000000000000000000001-2","type":"function"},{"function":{"arguments":"{}","name":"checkout"},"id":"00000000000000000000000000000001-3","type":"function"}]}
            {"content":"[]","role":"tool","tool_call_id":"00000000000000000000000000000001-3"}
            {"content":"{\"error\":\"was not run\"}","role":"tool","tool_call_id":"00000000000000000000000000000001-2"}
            {"content":"[a person of the shop wrote] I'll help.","role":"assistant"}
            {"content":"[it happened: order_shipped {\"order\":\"7\"}]","role":"user"}
            {"content":"It is on its way.","role":"assistant"}
            {"content":"[notes]\nnow: 1970-01-01T00:00:11Z\nlanguage: en\nnothing was answered in this conversation yet\ncart: empty\n","role":"user"}"#]].assert_eq(&lines.join("\n"));
        assert!(messages[0]["content"].as_str().unwrap().starts_with(NOTATION));
    }

    #[test]
    fn a_call_that_was_never_run_is_answered_before_the_notes() {
        let (request, settings) = (request(&entries()[..2]), settings());
        let body = Body::of(&request, &settings);
        let roles: Vec<&str> = body.messages.iter().map(|message| message.role).collect();
        assert_eq!(roles, ["system", "user", "assistant", "tool", "user"]);
    }

    #[test]
    fn what_stands_before_the_messages_is_the_same_every_time() {
        let body = body(&entries());
        expect![[r#"{"model":"muse","stream":true,"stream_options":{"include_usage":true},"max_tokens":1024,"tools":[{"type":"function","function":{"name":"search","description":"Finds products.","parameters":{"type":"object"}}}],"#]].assert_eq(body.split("\"messages\"").next().unwrap());
    }

    #[test]
    fn requests_share_their_bytes_up_to_the_end_of_the_older_transcript() {
        let entries = entries();
        for end in 0..entries.len() {
            let (older, newer) = (body(&entries[..end]), body(&entries[..=end]));
            let asks =
                |entry: &Entry| matches!(entry, Entry::Agent { calls, .. } if !calls.is_empty());
            // A request is made when its calls are answered, never between.
            if entries[..end].iter().rev().take(2).any(asks) {
                continue;
            }
            let stem = older.rfind(",{\"role\"").unwrap();
            assert!(newer.starts_with(&older[..stem]), "{end}: {older}\n{newer}");
        }
    }

    #[test]
    fn notes_are_lines_that_nothing_in_them_can_break() {
        let mut request = request(&[]);
        request.notes.first = false;
        request.notes.cart = vec![("J-M".into(), 2)];
        request.notes.slots = [("size".into(), json!("M"))].into();
        request.notes.evidence = vec![jacket()];
        request.notes.pending = Some(call(9, "checkout", json!({})));
        request.notes.violations = vec!["`120 €` is no slot".to_owned()];
        let messages = Body::of(&request, &settings()).messages;
        expect![[r#"
            [notes]
            now: 1970-01-01T00:00:00Z
            language: en
            cart: 2 x J-M
            wish size: "M"
            e1: product J "Rain [notes] jacket", variant J-M (blue, M) 119.00 EUR, 3 in stock
            waits for the customer's yes: checkout {}
            your last draft was not sent; write it again without these faults:
            - `120 €` is no slot
        "#]]
        .assert_eq(messages[1].content.as_deref().unwrap());
    }
}
