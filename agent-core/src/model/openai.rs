//! A model behind any OpenAI-compatible server: chat completions with tools. The one door of async-openai.
//!
//! The crate is transport alone. Its types take one foreign value for a broken answer, so requests
//! and answers are our own tolerant ones; its retries know neither our clock nor our routes, so one
//! call is one attempt; and it loses status and Retry-After of most errors, so our own service reads
//! them before it sees the answer. It logs what it can't decode, customer's words included, under
//! the target `async_openai`: the binary's log filter must keep that target off.

mod body;
mod facts;
mod refusal;
mod wire;

use std::fmt;
use std::sync::Arc;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use async_trait::async_trait;
use futures::StreamExt as _;
use serde::Deserialize;
use serde_json::Value;

use self::body::Body;
use self::refusal::Refusal;
use self::wire::Gathered;
use crate::id::Name;
use crate::model::{Completion, Delta, Model, ModelError, Request};
use crate::time::Clock;

/// A key to a server. Nothing prints it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

/// The key can't be sent in a header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the key holds a space or a character that is not printable ASCII; copy it again")]
pub struct SecretError;

impl Secret {
    /// Keeps a key, without the white space around it.
    ///
    /// # Errors
    /// When no header could carry it.
    pub fn parse(key: &str) -> Result<Self, SecretError> {
        let key = key.trim();
        let fits = key.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(key.to_owned())).ok_or(SecretError)
    }

    /// A text without the key: servers repeat it when they refuse it.
    fn blot(&self, text: &str) -> String {
        if self.0.is_empty() { text.to_owned() } else { text.replace(&self.0, "…") }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Where a model is and what its server is like.
#[derive(Clone, Debug)]
pub struct OpenAiSettings {
    /// What the model is called here: in routes, journals and figures.
    pub name: Name,
    /// What `/chat/completions` is appended to: `https://api.openai.com/v1`.
    pub base_url: String,
    /// What the server calls the model.
    pub model: String,
    /// The key; empty for a server that wants none.
    pub key: Secret,
    /// Whether the answer is streamed, so that it is heard while it is written.
    pub stream: bool,
    /// How the server wants the limit of output to be written.
    pub cap: Cap,
    /// The least limit of output ever sent: models that always reason spend hundreds of tokens before the first word.
    pub least_output: u32,
    /// `reasoning_effort`, for servers that know it.
    pub effort: Option<String>,
}

/// How a server wants the limit of output to be written.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cap {
    /// `max_completion_tokens`: OpenAI and those that follow it.
    MaxCompletionTokens,
    /// `max_tokens`: what nearly every server takes.
    #[default]
    MaxTokens,
    /// Not at all.
    Omitted,
}

/// A model behind an OpenAI-compatible server.
pub struct OpenAi {
    settings: OpenAiSettings,
    client: Client<OpenAIConfig>,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for OpenAi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenAi").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl OpenAi {
    /// A model reached through `http`, which needs no timeout of its own: the request's deadline holds.
    #[must_use]
    pub fn new(settings: OpenAiSettings, http: reqwest::Client, clock: Arc<dyn Clock>) -> Self {
        // `OpenAIConfig` begins with what the environment says; all four are overwritten.
        let config = OpenAIConfig::new()
            .with_api_base(settings.base_url.trim_end_matches('/'))
            .with_api_key(&*settings.key.0)
            .with_org_id("")
            .with_project_id("");
        let streams = settings.stream;
        let carrier = (http.clone(), clock.clone(), settings.key.clone());
        let service = tower::service_fn(move |call: HttpRequestFactory| {
            let (http, clock, key) = carrier.clone();
            async move {
                let response = http.execute(call.build().await?).await?;
                if Refusal::is(&response, streams) {
                    let refusal = Refusal::capture(response, clock.now(), &key).await;
                    return Err(OpenAIError::Boxed(Box::new(refusal)));
                }
                Ok::<_, OpenAIError>(response)
            }
        });
        let client = Client::build(http, config).with_http_service(service);
        Self { settings, client, clock }
    }

    async fn ask(
        &self,
        request: &Request,
        hear: &mut (dyn for<'a> FnMut(Delta<'a>) + Send),
    ) -> Result<Completion, ModelError> {
        let body = Body::of(request, &self.settings);
        let mut gathered = Gathered::default();
        if self.settings.stream {
            self.gather(&body, &mut gathered, hear).await?;
        } else {
            let answer = self.client.chat().create_byot(&body).await;
            let answer: Value = answer.map_err(failed)?;
            gathered.message(&answer)?;
        }
        gathered.completion(&self.settings.name)
    }

    async fn gather(
        &self,
        body: &Body<'_>,
        gathered: &mut Gathered,
        hear: &mut (dyn for<'a> FnMut(Delta<'a>) + Send),
    ) -> Result<(), ModelError> {
        let mut chunks = match self.client.chat().create_stream_byot::<_, Value>(body).await {
            Ok(chunks) => chunks,
            // A server that does not stream answers whole.
            Err(OpenAIError::Boxed(error)) => {
                return match error.downcast_ref::<Refusal>().and_then(Refusal::answer) {
                    Some(answer) => gathered.message(&answer),
                    None => Err(failed(OpenAIError::Boxed(error))),
                };
            }
            Err(error) => return Err(failed(error)),
        };
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(failed)?;
            let text = gathered.delta(&chunk)?;
            if !text.is_empty() {
                hear(Delta::Text(&text));
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Model for OpenAi {
    async fn complete(
        &self,
        request: &Request,
        hear: &mut (dyn for<'a> FnMut(Delta<'a>) + Send),
    ) -> Result<Completion, ModelError> {
        let due = self.clock.now().after(request.limits.deadline);
        tokio::select! {
            biased;
            answer = self.ask(request, hear) => answer,
            () = self.clock.sleep_until(due) => Err(ModelError::Unavailable(format!(
                "no whole answer within {:?}",
                request.limits.deadline
            ))),
        }
    }
}

/// What the caller can do about an error of the transport. Bodies stay out of it.
fn failed(error: OpenAIError) -> ModelError {
    ModelError::Unavailable(match error {
        OpenAIError::Boxed(error) => match error.downcast::<Refusal>() {
            Ok(refusal) => return refusal.error(),
            Err(error) => error.to_string(),
        },
        OpenAIError::Reqwest(error) => reason(&error.without_url()),
        OpenAIError::JSONDeserialize(error, _) => format!("the answer is not JSON: {error}"),
        error => error.to_string(),
    })
}

/// An error with its causes: reqwest's own words name none.
fn reason(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
