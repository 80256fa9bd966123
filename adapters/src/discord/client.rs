//! Discord's REST, asked by us: the requests are built by serenity, and sent here, so that status and
//! `retry_after` are read by who has to act on them. There is no limiter but the courier's.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agent_core::channel::DeliveryError;
use agent_core::time::{Clock, Micros};
use reqwest::{Client, Method};
use serde::Serialize;
use serde_json::Value;

/// How long an answer is awaited.
const PATIENCE: Duration = Duration::from_secs(15);
/// Until a server that could not be reached is tried again.
const UNREACHED: Duration = Duration::from_secs(5);
/// Until a refused key is tried again: Discord bans who asks in vain 10,000 times in 10 minutes.
const REFUSED: Duration = Duration::from_secs(300);
/// "Invalid webhook token": that of an interaction is over.
const OVER: u64 = 50_027;
/// The longest wait that is believed.
const LONGEST: Duration = Duration::from_secs(3600);

/// A bot's token. Its `Debug` does not tell it.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A token as Discord's page shows it.
    #[must_use]
    pub fn new(token: &str) -> Self {
        Self(token.trim().trim_start_matches("Bot ").to_owned())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Why Discord did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing was asked; it may be after this long.
    #[error("it can't be asked for {0:?}")]
    Later(Duration),
    /// Asked too fast: it wants so long a rest.
    #[error("it asks for a rest of {0:?}")]
    TooFast(Duration),
    /// The whole bot asked too fast.
    #[error("it asks the bot for a rest of {0:?}")]
    AccountTooFast(Duration),
    /// It won't: the status, Discord's own code, and its words.
    #[error("{status} {message} (code {code})")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Discord's code. <https://discord.com/developers/docs/topics/opcodes-and-status-codes#json>
        code: u64,
        /// Discord's words.
        message: String,
    },
    /// Nobody knows whether it did.
    #[error("nobody knows: {0}")]
    Unknown(String),
}

impl Refusal {
    /// Whether it is this refusal, by Discord's code.
    pub(crate) fn is(&self, wanted: u64) -> bool {
        matches!(self, Self::Refused { code, .. } if *code == wanted)
    }

    /// Whether an interaction can't be answered any more: it is unknown, or its token is over.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. }) || self.is(OVER)
    }
}

impl From<Refusal> for DeliveryError {
    fn from(refusal: Refusal) -> Self {
        let said = refusal.to_string();
        match refusal {
            Refusal::Later(wait) => Self::Later(wait),
            Refusal::TooFast(wait) => Self::TooFast(wait),
            Refusal::AccountTooFast(wait) => Self::AccountLater(wait),
            Refusal::Unknown(why) => Self::Ambiguous(why),
            Refusal::Refused { status: 401, code, .. } if code != OVER => Self::Unauthorized(said),
            Refusal::Refused { .. } => Self::Never(said),
        }
    }
}

/// One bot's way to Discord.
#[derive(Debug)]
pub struct Rest {
    http: Client,
    /// `https://discord.com`, or what stands for it.
    base: String,
    token: Token,
    clock: Arc<dyn Clock>,
    /// Until when nothing is asked, because Discord said so of the whole account.
    held: Mutex<Micros>,
}

impl Rest {
    /// A way to the Discord at `base`.
    #[must_use]
    pub fn new(http: Client, base: &str, token: Token, clock: Arc<dyn Clock>) -> Self {
        let base = base.trim_end_matches('/').to_owned();
        Self { http, base, token, clock, held: Mutex::new(Micros(i64::MIN)) }
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn token(&self) -> &Token {
        &self.token
    }

    /// What is at a path.
    ///
    /// # Errors
    /// When Discord does not tell.
    pub async fn get(&self, path: &str) -> Result<Value, Refusal> {
        self.ask(Method::GET, path, None).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Result<Value, Refusal> {
        self.ask(Method::DELETE, path, None).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<Value, Refusal> {
        let body = serde_json::to_vec(body).map_err(|error| Refusal::Refused {
            status: 0,
            code: 0,
            message: format!("the request can't be written: {error}"),
        })?;
        self.ask(method, path, Some(body)).await
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Value, Refusal> {
        let now = self.clock.now();
        let held = *self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held > now {
            return Err(Refusal::Later(held.since(now)));
        }
        let asked = self.http.request(method, format!("{}/api/v10{path}", self.base));
        let mut asked = asked.header("Authorization", format!("Bot {}", self.token.reveal()));
        if let Some(body) = body {
            asked = asked.header("Content-Type", "application/json").body(body);
        }
        let answer = async {
            let answer = asked.send().await.map_err(|error| unsent(&error))?;
            let status = answer.status().as_u16();
            let after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
            let after = after.and_then(|seconds| seconds.parse::<f64>().ok());
            let body = answer.bytes().await;
            let body = body.map_err(|error| Refusal::Unknown(error.without_url().to_string()))?;
            Ok((status, after, body))
        };
        let (status, after, body) = tokio::select! {
            answer = answer => answer?,
            () = self.clock.sleep_until(now.after(PATIENCE)) => {
                return Err(Refusal::Unknown(format!("no answer within {PATIENCE:?}")));
            }
        };
        let body = if body.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&body) };
        match (status, body) {
            (200..300, Ok(value)) => Ok(value),
            (200..300, Err(error)) => {
                Err(Refusal::Unknown(format!("its answer is no JSON: {error}")))
            }
            (500.., _) => Err(Refusal::Unknown(format!("it answered {status}"))),
            (_, body) => Err(self.refusal(status, after, &body.unwrap_or_default())),
        }
    }

    /// What a status below 500 says.
    fn refusal(&self, status: u16, after: Option<f64>, body: &Value) -> Refusal {
        let hold = |wait: Duration| {
            *self.held.lock().unwrap_or_else(PoisonError::into_inner) =
                self.clock.now().after(wait);
        };
        if status == 429 {
            let told = body.get("retry_after").and_then(Value::as_f64).or(after).unwrap_or(1.0);
            let wait = Duration::try_from_secs_f64(told).unwrap_or(LONGEST).min(LONGEST);
            if body.get("global").and_then(Value::as_bool).unwrap_or(false) {
                hold(wait);
                return Refusal::AccountTooFast(wait);
            }
            return Refusal::TooFast(wait);
        }
        let code = body.get("code").and_then(Value::as_u64).unwrap_or_default();
        // An interaction's token that is over says nothing of the bot's.
        if status == 401 && code != OVER {
            hold(REFUSED);
        }
        let message = body.get("message").and_then(Value::as_str).unwrap_or("without words");
        // What is wrong with which field; it names fields and limits, never what a customer said.
        let fields = body.get("errors").map(|errors| format!(" {errors}")).unwrap_or_default();
        Refusal::Refused { status, code, message: format!("{message}{fields}") }
    }
}

/// A request without an answer: never sent, or perhaps.
fn unsent(error: &reqwest::Error) -> Refusal {
    if error.is_connect() || error.is_builder() {
        Refusal::Later(UNREACHED)
    } else {
        Refusal::Unknown(format!("the connection broke: {}", kind(error)))
    }
}

/// What of an error can be told without its address, which may hold an interaction's token.
fn kind(error: &reqwest::Error) -> &'static str {
    match () {
        () if error.is_timeout() => "timed out",
        () if error.is_body() => "in the body",
        () if error.is_request() => "in the request",
        () => "elsewhere",
    }
}
