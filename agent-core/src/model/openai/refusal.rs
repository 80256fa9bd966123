//! What a server answers that is no completion, and what the caller can do about it.
//!
//! Status first, then the words: servers agree on the former and on nothing else. What they say is
//! cut short before it goes into an error.

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde_json::Value;

use super::Secret;
use crate::model::ModelError;
use crate::time::Micros;

/// So much of a body is read: an answer that was not streamed though it should have been fits.
const BODY_MAX: usize = 1024 * 1024;
/// So much of a server's words goes into an error.
const WORDS_MAX: usize = 300;
/// Nobody waits longer for a model than this, whatever its server asks.
const WAIT_MAX: Duration = Duration::from_secs(10 * 60);
/// The wait when a server asks for one without saying how long.
const WAIT: Duration = Duration::from_secs(1);

/// An answer that is no completion, as it was captured from the wire.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    wait: Option<Duration>,
    request: Option<String>,
    body: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server answered {}", self.status)
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    /// Whether a response is none that a completion could be read from as asked.
    pub(super) fn is(response: &Response, streams: bool) -> bool {
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let streamed = kind.is_some_and(|kind| kind.starts_with("text/event-stream"));
        !response.status().is_success() || (streams && !streamed)
    }

    /// Reads status and headers, and only then the body, in which `key` is blotted out.
    pub(super) async fn capture(mut response: Response, now: Micros, key: &Secret) -> Self {
        let status = response.status();
        let wait = wait(response.headers(), now);
        let request = response.headers().get("x-request-id");
        let request = request.and_then(|id| id.to_str().ok()).map(str::to_owned);
        let mut body = Vec::new();
        while body.len() < BODY_MAX
            && let Ok(Some(chunk)) = response.chunk().await
        {
            body.extend_from_slice(&chunk);
        }
        Self { status, wait, request, body: key.blot(&String::from_utf8_lossy(&body)) }
    }

    /// The body of a success: an answer that came whole where a stream was asked for.
    pub(super) fn answer(&self) -> Option<Value> {
        self.status.is_success().then(|| serde_json::from_str(&self.body).ok()).flatten()
    }

    /// What the caller can do about it.
    pub(super) fn error(&self) -> ModelError {
        let body = serde_json::from_str(&self.body).unwrap_or(Value::Null);
        let said = Said::read(&body, &self.body);
        let request = self.request.as_deref().map(|id| format!(", request {id}"));
        let words =
            format!("{}{}: {}", self.status.as_u16(), request.unwrap_or_default(), said.words);
        classify(self.status.as_u16(), self.wait, &said, words)
    }
}

/// The error a server wrote into an answer that began as a success; none if there is none.
pub(super) fn within(answer: &Value) -> Option<ModelError> {
    answer.get("error").filter(|error| !error.is_null())?;
    let said = Said::read(answer, "");
    let status = said.code.parse().ok().filter(|code| (400..600).contains(code)).unwrap_or(0);
    Some(classify(status, None, &said, said.words.clone()))
}

/// What a server said of its error.
struct Said {
    /// Its code and type, in lower case.
    code: String,
    kind: String,
    words: String,
}

impl Said {
    /// From any of the forms servers use, else from the text itself.
    fn read(body: &Value, text: &str) -> Self {
        let body = body.get(0).unwrap_or(body);
        let error = body.get("error").unwrap_or(body);
        let field = |name: &str| match error.get(name) {
            Some(Value::String(text)) => text.to_lowercase(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let words = [error.get("message"), Some(error), body.get("detail"), body.get("message")];
        let words = words.into_iter().flatten().find_map(Value::as_str).unwrap_or(text);
        Self {
            code: field("code"),
            kind: field("type"),
            words: words.trim().chars().take(WORDS_MAX).collect(),
        }
    }

    fn names(&self, signs: &[&str]) -> bool {
        let words = self.words.to_lowercase();
        signs.iter().any(|sign| [&self.code, &self.kind, &words].iter().any(|at| at.contains(sign)))
    }
}

/// How servers say that a conversation is too long.
const LONG: &[&str] = &[
    "context_length",
    "context length",
    "context window",
    "context size",
    "maximum context",
    "too many tokens",
    "prompt is too long",
    "string_above_max_length",
];
/// How they say that nobody paid.
const UNPAID: &[&str] = &["insufficient_quota", "billing", "credit balance"];

fn classify(status: u16, wait: Option<Duration>, said: &Said, words: String) -> ModelError {
    match status {
        401..=403 => ModelError::Unauthorized(words),
        _ if said.names(UNPAID) => ModelError::Unauthorized(words),
        413 => ModelError::TooLong(words),
        400 | 422 | 0 if said.names(LONG) => ModelError::TooLong(words),
        429 => ModelError::Later(wait.unwrap_or(WAIT)),
        0 if said.names(&["rate_limit", "rate limit"]) => ModelError::Later(wait.unwrap_or(WAIT)),
        503 | 529 => wait.map_or(ModelError::Unavailable(words), ModelError::Later),
        408 | 409 | 425 => ModelError::Unavailable(words),
        300..500 => ModelError::Rejected(words),
        _ => ModelError::Unavailable(words),
    }
}

/// How long the server asks to wait: in milliseconds, in seconds or a fraction of them, or until a date.
fn wait(headers: &HeaderMap, now: Micros) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let seconds = |text: &str, unit: f64| {
        Duration::try_from_secs_f64(text.trim().parse::<f64>().ok()? * unit).ok()
    };
    let milliseconds = text("retry-after-ms").and_then(|text| seconds(text, 0.001));
    let wait = milliseconds.or_else(|| {
        let text = text(RETRY_AFTER.as_str())?;
        seconds(text, 1.0).or_else(|| {
            let date = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
            Some(Micros(0).after(date).since(now))
        })
    });
    wait.map(|wait| wait.min(WAIT_MAX))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    #[track_caller]
    fn check(status: u16, body: &str, expect: &Expect) {
        let status = StatusCode::from_u16(status).unwrap();
        let refusal = Refusal { status, wait: None, request: None, body: body.to_owned() };
        expect.assert_eq(&format!("{:?}", refusal.error()));
    }

    #[test]
    fn every_form_of_error_keeps_its_status_and_its_words() {
        check(
            400,
            r#"{"error":{"message":"no tool_choice","type":"invalid_request_error","code":null}}"#,
            &expect![[r#"Rejected("400: no tool_choice")"#]],
        );
        check(
            401,
            "<html>who are you</html>",
            &expect![[r#"Unauthorized("401: <html>who are you</html>")"#]],
        );
        check(
            404,
            r#"[{"error":{"code":404,"message":"no such model"}}]"#,
            &expect![[r#"Rejected("404: no such model")"#]],
        );
        check(
            404,
            r#"{"error":"model 'x' not found"}"#,
            &expect![[r#"Rejected("404: model 'x' not found")"#]],
        );
        check(
            422,
            r#"{"detail":"field required"}"#,
            &expect![[r#"Rejected("422: field required")"#]],
        );
        check(429, "slow down", &expect!["Later(1s)"]);
        check(
            429,
            r#"{"error":{"message":"pay","type":"insufficient_quota"}}"#,
            &expect![[r#"Unauthorized("429: pay")"#]],
        );
        check(
            402,
            r#"{"error":{"code":402,"message":"pay"}}"#,
            &expect![[r#"Unauthorized("402: pay")"#]],
        );
        check(
            400,
            r#"{"error":{"code":"context_length_exceeded","message":"!"}}"#,
            &expect![[r#"TooLong("400: !")"#]],
        );
        check(
            400,
            r#"{"error":"This model's maximum context length is 8192"}"#,
            &expect![[r#"TooLong("400: This model's maximum context length is 8192")"#]],
        );
        check(413, "too large", &expect![[r#"TooLong("413: too large")"#]]);
        check(500, "", &expect![[r#"Unavailable("500: ")"#]]);
        check(
            529,
            r#"{"error":{"type":"overloaded_error","message":"busy"}}"#,
            &expect![[r#"Unavailable("529: busy")"#]],
        );
    }

    #[test]
    fn an_error_inside_a_success_is_an_error() {
        let error = |text: &str| within(&serde_json::from_str(text).unwrap());
        assert_eq!(error(r#"{"choices":[]}"#), None);
        assert_eq!(error(r#"{"choices":[],"error":null}"#), None);
        assert_eq!(
            error(r#"{"error":{"code":429,"message":"slow"}}"#),
            Some(ModelError::Later(WAIT))
        );
        assert_eq!(
            error(r#"{"error":{"message":"provider died"}}"#),
            Some(ModelError::Unavailable("provider died".to_owned()))
        );
    }

    #[test]
    fn a_wait_is_read_in_every_form_and_never_too_long() {
        let now = Micros(1_445_412_470_000_000);
        let read = |name: &'static str, value: &'static str| {
            let headers = HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())]);
            wait(&headers, now)
        };
        assert_eq!(read("retry-after", "2"), Some(Duration::from_secs(2)));
        assert_eq!(read("retry-after", "0.25"), Some(Duration::from_millis(250)));
        assert_eq!(read("retry-after-ms", "40"), Some(Duration::from_millis(40)));
        assert_eq!(
            read("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"),
            Some(Duration::from_secs(10))
        );
        assert_eq!(read("retry-after", "Wed, 21 Oct 2015 07:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(read("retry-after", "86400"), Some(WAIT_MAX));
        assert_eq!(read("retry-after", "-1"), None);
        assert_eq!(read("retry-after", "soon"), None);
    }
}
