//! The app at Meta behind a key: whether a secret is its own, and what it tells whom. For whoever sets a shop up.

use serde_json::Value;

use super::graph::{CallError, Graph};
use super::loose::{is, text};
use super::signature::proof;

/// What an error names when a proof is not that of the key's app; its code is that of any parameter that is wrong.
const PROOF: &str = "appsecret_proof";

/// What an app tells of one kind of thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The kind, as webhooks name it: `whatsapp_business_account`, `page`, `instagram`.
    pub object: String,
    /// Where it is told.
    pub callback: String,
    /// What is told.
    pub fields: Vec<String>,
}

impl Graph {
    /// Whether a secret is that of the app whose key this is. `id` is of something the key may read.
    ///
    /// # Errors
    /// When Meta did not look at it.
    pub async fn knows(&self, id: &str, secret: &str) -> Result<bool, CallError> {
        let proof = proof(secret, self.token());
        match self.get(&format!("{id}?fields=id&{PROOF}={proof}")).await {
            Ok(_) => Ok(true),
            Err(CallError::Refused(error, _)) if error.message.contains(PROOF) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// What the app whose key and secret these are tells: only what it is told to.
    ///
    /// # Errors
    /// When Meta does not say.
    pub async fn subscriptions(&self, secret: &str) -> Result<Vec<Subscription>, CallError> {
        let app = self.get("app?fields=id").await?;
        let id = text(&app, "/id").unwrap_or_default();
        let told = self.of_app(&id, secret).get(&format!("{id}/subscriptions")).await?;
        let all = told.pointer("/data").and_then(Value::as_array).into_iter().flatten();
        let active = all.filter(|it| it.get("active").is_none() || is(it, "/active"));
        let subscription = |it: &Value| {
            let fields = it.pointer("/fields").and_then(Value::as_array).into_iter().flatten();
            Some(Subscription {
                object: text(it, "/object")?,
                callback: text(it, "/callback_url").unwrap_or_default(),
                // With their version, or by their names alone.
                fields: fields
                    .filter_map(|it| text(it, "/name").or_else(|| text(it, "")))
                    .collect(),
            })
        };
        Ok(active.filter_map(subscription).collect())
    }
}
