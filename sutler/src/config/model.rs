//! `[shop.model]`: who answers. Behind every model stands the clerk, who answers when it does not.

use serde::{Deserialize, Serialize};

use super::problem::{ConfigError, Text};

/// Who answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// What kind of model.
    #[serde(default)]
    pub kind: ModelKind,
    /// What `/chat/completions` is appended to.
    pub base_url: Option<String>,
    /// What the server calls the model.
    pub model: Option<String>,
    /// The variable that holds the server's key; none for a server that wants none.
    pub key_env: Option<String>,
    /// Whether the answer is streamed.
    #[serde(default = "yes")]
    pub stream: bool,
    /// How the server wants the limit of output to be written.
    #[serde(default)]
    pub cap: Cap,
    /// The least limit of output ever sent: models that always reason spend hundreds of tokens before the first word.
    #[serde(default)]
    pub least_output: u32,
    /// `reasoning_effort`, for servers that know it.
    pub effort: Option<String>,
    /// What its tokens cost, for `/metrics`.
    #[serde(default)]
    pub price: Price,
}

/// What a million tokens cost, in US dollars.
#[derive(Copy, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Price {
    /// Of the prompt.
    pub input_usd: f64,
    /// Of the prompt, where the provider had it in its cache.
    pub cached_usd: f64,
    /// Of the answer, reasoning included.
    pub output_usd: f64,
}

impl Price {
    /// What an answer cost, in US dollars.
    #[must_use]
    pub fn of(&self, usage: &agent_core::model::Usage) -> f64 {
        let fresh = f64::from(usage.input.saturating_sub(usage.cached));
        let sum = fresh * self.input_usd
            + f64::from(usage.cached) * self.cached_usd
            + f64::from(usage.output) * self.output_usd;
        sum / 1e6
    }
}

/// What kind of model.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// The deterministic one, without a network.
    #[default]
    Clerk,
    /// Behind an OpenAI-compatible server.
    Openai,
}

/// How a server wants the limit of output to be written.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cap {
    /// What nearly every server takes.
    #[default]
    MaxTokens,
    /// OpenAI and those that follow it.
    MaxCompletionTokens,
    /// Not at all.
    Omitted,
}

fn yes() -> bool {
    true
}

impl Default for Model {
    fn default() -> Self {
        Self {
            kind: ModelKind::Clerk,
            base_url: None,
            model: None,
            key_env: None,
            stream: true,
            cap: Cap::default(),
            least_output: 0,
            effort: None,
            price: Price::default(),
        }
    }
}

#[cfg(feature = "openai")]
impl From<Cap> for agent_core::model::openai::Cap {
    fn from(cap: Cap) -> Self {
        match cap {
            Cap::MaxTokens => Self::MaxTokens,
            Cap::MaxCompletionTokens => Self::MaxCompletionTokens,
            Cap::Omitted => Self::Omitted,
        }
    }
}

impl Model {
    /// Base address and model name, where a server answers.
    #[must_use]
    pub fn server(&self) -> Option<(&str, &str)> {
        match self.kind {
            ModelKind::Clerk => None,
            ModelKind::Openai => self.base_url.as_deref().zip(self.model.as_deref()),
        }
    }

    pub(super) fn check(&self, text: &Text<'_>, at: usize) -> Result<(), ConfigError> {
        if self.kind == ModelKind::Clerk {
            let server = [&self.base_url, &self.model, &self.key_env, &self.effort];
            if server.iter().any(|key| key.is_some()) {
                let what = "the clerk needs no server: these keys are for `kind = \"openai\"`";
                return Err(text.problem(at, what));
            }
            return Ok(());
        }
        if !cfg!(feature = "openai") {
            let hint = "build sutler with the cargo feature `openai`";
            return Err(text.problem(at, "this build has no models behind servers").hint(hint));
        }
        let needed = [("base_url", &self.base_url), ("model", &self.model)];
        match needed.iter().find(|(_, value)| value.is_none()) {
            Some((key, _)) => {
                Err(text.problem(at, &format!("`kind = \"openai\"` needs the key `{key}`")))
            }
            None => Ok(()),
        }
    }
}
