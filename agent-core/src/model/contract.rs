//! What every model must hold to, whichever it is; and a request to try it with.

use std::sync::Arc;
use std::time::Duration;

use crate::digest::Named;
use crate::model::{Completion, Delta, Entry, Finish, Limits, Model, ModelError, Notes, Request};
use crate::pack::{Content, Mode, Pack};
use crate::time::Micros;

/// Asks once, and checks that what was heard is what was said and that the answer agrees with itself.
///
/// # Errors
/// What the model answered.
///
/// # Panics
/// When the model breaks the contract.
pub async fn check(model: &dyn Model, request: &Request) -> Result<Completion, ModelError> {
    let mut heard = String::new();
    let mut hear = |delta: Delta<'_>| match delta {
        Delta::Text(text) => heard.push_str(text),
        Delta::Restart => heard.clear(),
    };
    let answer = model.complete(request, &mut hear).await?;
    assert!(heard.is_empty() || heard == answer.text, "what was heard is not what was said");
    let calls = !answer.calls.is_empty();
    assert_eq!(answer.finish == Finish::Tools, calls, "calls and the reason to end disagree");
    let said = calls || !answer.text.trim().is_empty();
    assert!(said || answer.finish == Finish::Filtered, "an answer that says nothing is a failure");
    assert!(answer.calls.iter().all(|(tool, _)| !tool.as_str().is_empty()), "a call of no tool");
    let usage = answer.usage.unwrap_or_default();
    assert!(usage.cached <= usage.input, "cached tokens are part of the input");
    assert!(usage.reasoning <= usage.output, "reasoning tokens are part of the output");
    Ok(answer)
}

/// The least request there is: a pack without content, and a customer who says hello.
#[must_use]
pub fn request() -> Request {
    let content = Content {
        name: "empty".into(),
        version: "1".to_owned(),
        locales: vec!["en".into()],
        modes: [].into(),
        prompts: [].into(),
        tools: [].into(),
        intents: Vec::new(),
        topics: Vec::new(),
        phrases: [].into(),
        lexicons: [].into(),
    };
    Request {
        pack: Arc::new(Pack::new(content)),
        mode: Mode::Shopping,
        locale: "en".into(),
        tools: Arc::new(Named::new(Vec::new())),
        transcript: vec![Entry::Customer {
            text: "hello".to_owned(),
            action: None,
            media: Vec::new(),
        }],
        notes: Notes {
            now: Micros(0),
            first: true,
            cart: Vec::new(),
            priced: None,
            slots: [].into(),
            evidence: Vec::new(),
            pending: None,
            violations: Vec::new(),
        },
        limits: Limits { output: 1024, deadline: Duration::from_secs(30) },
    }
}
