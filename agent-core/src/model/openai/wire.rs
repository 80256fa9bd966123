//! Answers as servers write them, read tolerantly: whole ones and streams through one reader.
//!
//! A foreign value is no reason to lose an answer that was paid for. What decides is whether it can
//! be understood: it ended, it says something, and every call names a tool.

use serde_json::{Map, Value};

use super::refusal;
use crate::id::Name;
use crate::model::{Completion, Finish, ModelError, Usage};

/// More text or arguments than this is a server gone wild.
const ANSWER_MAX: usize = 512 * 1024;
/// More calls in one answer than this likewise.
const CALLS_MAX: usize = 64;

/// What was read of an answer so far.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    text: String,
    calls: Vec<Partial>,
    finish: Option<String>,
    withheld: bool,
    usage: Option<Usage>,
}

/// A call as far as it is known.
#[derive(Debug, Default)]
struct Partial {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

impl Gathered {
    /// Reads a whole answer.
    pub(super) fn message(&mut self, answer: &Value) -> Result<(), ModelError> {
        self.read(answer, "message").map(drop)
    }

    /// Reads one piece of a stream; returns the text it adds.
    pub(super) fn delta(&mut self, chunk: &Value) -> Result<String, ModelError> {
        self.read(chunk, "delta")
    }

    fn read(&mut self, answer: &Value, part: &str) -> Result<String, ModelError> {
        if let Some(error) = refusal::within(answer) {
            return Err(error);
        }
        if let Some(usage) = answer.get("usage").filter(|usage| usage.is_object()) {
            self.usage = Some(read_usage(usage));
        }
        // One choice was asked for; a piece with usage alone has none.
        let Some(choice) = answer.pointer("/choices/0") else { return Ok(String::new()) };
        if let Some(error) = refusal::within(choice) {
            return Err(error);
        }
        if let Some(finish) = choice.get("finish_reason").and_then(Value::as_str) {
            self.finish = Some(finish.to_lowercase());
        }
        let Some(said) = choice.get(part) else { return Ok(String::new()) };
        self.withheld |=
            said.get("refusal").and_then(Value::as_str).is_some_and(|it| !it.is_empty());
        let text = said.get("content").map(words).unwrap_or_default();
        self.text.push_str(&text);
        let calls = said.get("tool_calls").and_then(Value::as_array);
        for call in calls.into_iter().flatten() {
            self.call(call);
        }
        let size = self.text.len() + self.calls.iter().map(|it| it.arguments.len()).sum::<usize>();
        if size > ANSWER_MAX || self.calls.len() > CALLS_MAX {
            return Err(ModelError::Unavailable("the answer has no end".to_owned()));
        }
        Ok(text)
    }

    /// Adds a call, or a piece of one: known by index and id, else by either, else the last one. A name without an id
    /// is another call where the one before it is whole: some servers count every call 0 and give none an id.
    fn call(&mut self, call: &Value) {
        let text = |pointer| call.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let (id, name) = (text("/id"), text("/function/name"));
        let index = call.get("index").and_then(Value::as_u64);
        let whole = |known: &Partial| serde_json::from_str::<Value>(&known.arguments).is_ok();
        let known = self.calls.iter().rposition(|known| match index {
            Some(_) if id.is_empty() && !name.is_empty() && whole(known) => false,
            Some(_) => known.index == index && (id.is_empty() || known.id == id),
            None if !id.is_empty() => known.id == id,
            None => name.is_empty(),
        });
        let at = known.unwrap_or(self.calls.len());
        if known.is_none() {
            self.calls.push(Partial { index, ..Partial::default() });
        }
        let Some(partial) = self.calls.get_mut(at) else { return };
        if partial.id.is_empty() {
            partial.id.push_str(id);
        }
        if partial.name.is_empty() {
            partial.name.push_str(name);
        }
        match call.pointer("/function/arguments") {
            None | Some(Value::Null) => {}
            Some(Value::String(piece)) => partial.arguments.push_str(piece),
            Some(whole) => partial.arguments = whole.to_string(),
        }
    }

    /// The whole answer, if it is one.
    pub(super) fn completion(self, by: &Name) -> Result<Completion, ModelError> {
        let broken = |why: &str| Err(ModelError::Unavailable(why.to_owned()));
        let Some(finish) = self.finish.as_deref() else {
            return broken("the answer broke off before its end");
        };
        if finish == "error" {
            return broken("the server failed while it answered");
        }
        let finish = match finish {
            "length" | "max_tokens" => Finish::Length,
            "content_filter" | "refusal" | "safety" => Finish::Filtered,
            _ if self.withheld => Finish::Filtered,
            _ if !self.calls.is_empty() => Finish::Tools,
            _ => Finish::Stop,
        };
        // Cut off in the middle of its arguments, a call would do something else than was meant.
        let calls = if finish == Finish::Length { Vec::new() } else { self.calls };
        if calls.iter().any(|call| call.name.is_empty()) {
            return broken("the answer calls a tool without naming it");
        }
        if self.text.trim().is_empty() && calls.is_empty() && finish != Finish::Filtered {
            return broken("the answer is empty");
        }
        let calls = calls.into_iter().map(|call| (Name(call.name), arguments(&call.arguments)));
        Ok(Completion {
            text: self.text,
            calls: calls.collect(),
            finish,
            usage: self.usage,
            by: by.clone(),
            attempts: Vec::new(),
        })
    }
}

/// Text, or the text among parts; nothing of anything else.
fn words(content: &Value) -> String {
    let part = |part: &Value| {
        let kind = part.get("type").and_then(Value::as_str).unwrap_or("text");
        let text = part.get("text").and_then(Value::as_str);
        text.filter(|_| matches!(kind, "text" | "output_text")).unwrap_or_default().to_owned()
    };
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(part).collect(),
        _ => String::new(),
    }
}

/// Arguments as JSON; what is none stays text, and the tool says what is wrong with it.
fn arguments(text: &str) -> Value {
    if text.trim().is_empty() {
        return Value::Object(Map::new());
    }
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// Tokens under any of the names servers have for them.
fn read_usage(usage: &Value) -> Usage {
    let number = |pointers: &[&str]| {
        let found = pointers.iter().find_map(|pointer| usage.pointer(pointer)?.as_u64());
        found.and_then(|number| u32::try_from(number).ok()).unwrap_or(0)
    };
    Usage {
        input: number(&["/prompt_tokens", "/input_tokens"]),
        cached: number(&[
            "/prompt_tokens_details/cached_tokens",
            "/input_tokens_details/cached_tokens",
            "/prompt_cache_hit_tokens",
        ]),
        output: number(&["/completion_tokens", "/output_tokens"]),
        reasoning: number(&[
            "/completion_tokens_details/reasoning_tokens",
            "/output_tokens_details/reasoning_tokens",
        ]),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn show(answer: Result<Completion, ModelError>) -> String {
        match answer {
            Err(error) => error.to_string(),
            Ok(answer) => {
                let calls = answer.calls.iter().map(|(name, it)| format!(" {name}{it}"));
                let usage = answer.usage.map(|it| (it.input, it.cached, it.output, it.reasoning));
                let calls: String = calls.collect();
                format!("{:?} {:?}{calls} {usage:?}", answer.finish, answer.text)
            }
        }
    }

    #[track_caller]
    fn check(body: &str, expect: &Expect) {
        let mut gathered = Gathered::default();
        let read = gathered.message(&serde_json::from_str(body).unwrap());
        expect.assert_eq(&show(read.and_then(|()| gathered.completion(&"m".into()))));
    }

    #[track_caller]
    fn check_stream(chunks: &[&str], expect: &Expect) {
        let mut gathered = Gathered::default();
        let read: Result<_, ModelError> = chunks.iter().try_fold(String::new(), |heard, chunk| {
            Ok(heard + &gathered.delta(&serde_json::from_str(chunk).unwrap())? + "|")
        });
        let shown = match read {
            Err(error) => error.to_string(),
            Ok(heard) => format!("{heard} {}", show(gathered.completion(&"m".into()))),
        };
        expect.assert_eq(&shown);
    }

    #[test]
    fn whole_answers_are_read_whatever_is_foreign_in_them() {
        check(
            r#"{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}"#,
            &expect![[r#"Stop "Hi" None"#]],
        );
        check(
            r#"{"id":7,"created":1.5,"service_tier":"on_demand","choices":[{"message":{"content":
            [{"type":"thinking","text":"hm"},{"type":"text","text":"H"},{"type":"text","text":"i"}],
            "reasoning_content":"hm","tool_calls":null},"finish_reason":"EOS"}],"usage":null}"#,
            &expect![[r#"Stop "Hi" None"#]],
        );
        check(
            r#"{"choices":[{"message":{"content":null,"tool_calls":[
            {"function":{"name":"search","arguments":{"words":"coat"}}},
            {"id":"","function":{"name":"cart_view","arguments":""}},
            {"id":"a","function":{"name":"cart_add","arguments":"{\"variant\":"}}]},
            "finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":4,
            "prompt_tokens_details":{"cached_tokens":null},"prompt_cache_hit_tokens":5,
            "completion_tokens_details":{"reasoning_tokens":2}}}"#,
            &expect![[
                r#"Tools "" search{"words":"coat"} cart_view{} cart_add"{\"variant\":" Some((9, 5, 4, 2))"#
            ]],
        );
    }

    #[test]
    fn answers_that_say_nothing_are_failures() {
        check(
            r#"{"choices":[{"message":{"content":"Hi"}}]}"#,
            &expect!["the model is unavailable: the answer broke off before its end"],
        );
        check(
            r#"{"choices":[{"message":{"content":null},"finish_reason":"stop"}]}"#,
            &expect!["the model is unavailable: the answer is empty"],
        );
        check(
            r#"{"choices":[{"message":{"content":null},"finish_reason":"length"}]}"#,
            &expect!["the model is unavailable: the answer is empty"],
        );
        check(
            r#"{"choices":[{"message":{"content":"x"},"finish_reason":"error"}]}"#,
            &expect!["the model is unavailable: the server failed while it answered"],
        );
        check(
            r#"{"choices":[{"message":{"tool_calls":[{"id":"a"}]},"finish_reason":"tool_calls"}]}"#,
            &expect!["the model is unavailable: the answer calls a tool without naming it"],
        );
        check(
            r#"{"error":{"message":"model is loading"}}"#,
            &expect!["the model is unavailable: model is loading"],
        );
        check(
            r#"{"object":"list"}"#,
            &expect!["the model is unavailable: the answer broke off before its end"],
        );
    }

    #[test]
    fn what_was_held_back_or_cut_off_is_said_so() {
        check(
            r#"{"choices":[{"message":{"refusal":"No."},"finish_reason":"stop"}]}"#,
            &expect![[r#"Filtered "" None"#]],
        );
        check(
            r#"{"choices":[{"message":{"content":"One mo","tool_calls":[
            {"function":{"name":"cart_add","arguments":"{\"var"}}]},"finish_reason":"length"}]}"#,
            &expect![[r#"Length "One mo" None"#]],
        );
    }

    #[test]
    fn a_stream_is_put_together_by_index() {
        check_stream(
            &[
                r#"{"choices":[{"delta":{"role":"assistant","content":"Hel"}}]}"#,
                r#"{"choices":[{"delta":{"content":"lo","tool_calls":[
                {"index":0,"id":"a","function":{"name":"search","arguments":""}}]}}]}"#,
                r#"{"choices":[{"delta":{"tool_calls":[
                {"index":1,"id":"b","function":{"name":"product","arguments":"{\"id\""}},
                {"index":0,"function":{"arguments":"{\"words\":"}}]}}]}"#,
                r#"{"choices":[{"delta":{"tool_calls":[
                {"index":1,"function":{"arguments":":\"P1\"}"}},
                {"index":0,"function":{"arguments":"\"coat\"}"}}]},"finish_reason":"tool_calls"}]}"#,
                r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#,
            ],
            &expect![[
                r#"Hel|lo|||| Tools "Hello" search{"words":"coat"} product{"id":"P1"} Some((3, 0, 2, 0))"#
            ]],
        );
    }

    #[test]
    fn a_stream_without_indexes_or_with_one_for_all_is_put_together_by_id() {
        check_stream(
            &[
                r#"{"choices":[{"delta":{"tool_calls":[{"id":"a","function":{"name":"cart_view"}}]}}]}"#,
                r#"{"choices":[{"delta":{"tool_calls":[{"id":"b","function":{"name":"product","arguments":"{\"id\":"}}]}}]}"#,
                r#"{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"\"P1\"}"}}]},"finish_reason":"x"}]}"#,
            ],
            &expect![[r#"||| Tools "" cart_view{} product{"id":"P1"} None"#]],
        );
        check_stream(
            &[
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"cart_view","arguments":"{}"}}]}}]}"#,
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"b","function":{"name":"product","arguments":"{}"}}]},"finish_reason":"x"}]}"#,
            ],
            &expect![[r#"|| Tools "" cart_view{} product{} None"#]],
        );
        check_stream(
            &[
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"cart_view","arguments":"{}"}}]}}]}"#,
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"","function":{"name":"product","arguments":"{\"id\":"}}]}}]}"#,
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"product","arguments":"\"P1\"}"}}]},"finish_reason":"x"}]}"#,
            ],
            &expect![[r#"||| Tools "" cart_view{} product{"id":"P1"} None"#]],
        );
    }

    #[test]
    fn a_stream_that_breaks_off_or_fails_on_the_way_is_no_answer() {
        check_stream(
            &[r#"{"choices":[{"delta":{"content":"Hel"}}]}"#],
            &expect!["Hel| the model is unavailable: the answer broke off before its end"],
        );
        check_stream(
            &[
                r#"{"choices":[{"delta":{"content":"Hel"}}]}"#,
                r#"{"choices":[],"error":{"code":502,"message":"provider died"}}"#,
            ],
            &expect!["the model is unavailable: provider died"],
        );
    }
}
