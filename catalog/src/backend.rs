//! The shop's own systems: a webhook, or links made here where the shop has none.

use std::sync::Arc;
use std::time::Duration;

use agent_core::catalog::{Backend, Errand};
use agent_core::evidence::ToolError;
use agent_core::id::ShopId;
use agent_core::time::{Clock, Ids};
use async_trait::async_trait;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::Sha256;

/// How long a link to a checkout holds, unless the shop says otherwise.
const LINK_GOOD_FOR: Duration = Duration::from_secs(24 * 3600);
/// The longest answer of a webhook that is read.
const ANSWER_MAX: usize = 64 << 10;

/// The shop's webhook: `POST`s each errand as JSON.
///
/// Headers: `Idempotency-Key` (the same whenever the errand is sent again), `X-Sutler-Timestamp` (Unix
/// seconds of the errand) and `X-Sutler-Signature`, the hexadecimal HMAC-SHA256 of `timestamp + "." + body`
/// under the shared secret.
///
/// An answer of 2xx carries the errand's result as JSON. 4xx refuses for good, and was not done; but 409 says that the
/// errand is still being worked on, and 408, 425 and 429 that it was not taken up now. Whatever leaves open whether it was
/// done is asked again with the same key.
pub struct Webhook {
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    url: String,
    secret: Vec<u8>,
    timeout: Duration,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhook")
            .field("url", &self.url)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl Webhook {
    /// A webhook at `url`, signed with `secret`.
    #[must_use]
    pub fn new(
        http: reqwest::Client,
        clock: Arc<dyn Clock>,
        url: String,
        secret: Vec<u8>,
        timeout: Duration,
    ) -> Self {
        Self { http, clock, url, secret, timeout }
    }

    async fn send(&self, errand: &Errand) -> Result<Value, ToolError> {
        let body = serde_json::to_vec(errand)
            .map_err(|error| ToolError::Unavailable(error.to_string()))?;
        let timestamp = errand.at.0.div_euclid(1_000_000).to_string();
        let signature = sign(&self.secret, &timestamp, &body).unwrap_or_default();
        let sent = self
            .http
            .post(&self.url)
            .header("content-type", "application/json")
            .header("idempotency-key", errand.key.to_string())
            .header("x-sutler-timestamp", timestamp)
            .header("x-sutler-signature", signature)
            .body(body)
            .send();
        let mut answer = sent.await.map_err(|error| {
            let why = "the shop's system did not answer".to_owned();
            if error.is_connect() { ToolError::Unavailable(why) } else { ToolError::Ambiguous(why) }
        })?;
        let status = answer.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = answer
            .chunk()
            .await
            .map_err(|_| ToolError::Ambiguous("the answer broke off".to_owned()))?
        {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > ANSWER_MAX {
                return Err(ToolError::Ambiguous("the shop's system answered too much".to_owned()));
            }
        }
        if status.is_success() {
            let value =
                if bytes.is_empty() { Ok(json!({})) } else { serde_json::from_slice(&bytes) };
            return value.map_err(|_| {
                ToolError::Ambiguous("the shop's system answered no JSON".to_owned())
            });
        }
        let why = format!("the shop's system answered {}", status.as_u16());
        Err(match status.as_u16() {
            408 | 425 | 429 => ToolError::Unavailable(why),
            400..=499 if status != StatusCode::CONFLICT => ToolError::Refused(why),
            _ => ToolError::Ambiguous(why),
        })
    }

    async fn send_in_time(&self, errand: &Errand) -> Result<Value, ToolError> {
        let late = self.clock.now().after(self.timeout);
        tokio::select! {
            outcome = self.send(errand) => outcome,
            () = self.clock.sleep_until(late) => {
                Err(ToolError::Ambiguous("the shop's system did not answer in time".to_owned()))
            }
        }
    }
}

/// How long the shop's system is left alone before an errand is sent again within a call, with its key: an unknown outcome
/// becomes known by asking again, and a system that is still at it needs a moment.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];

#[async_trait]
impl Backend for Webhook {
    async fn run(&self, _: ShopId, errand: &Errand) -> Result<Value, ToolError> {
        let mut outcome = self.send_in_time(errand).await;
        for pause in PAUSES {
            if !matches!(outcome, Err(ToolError::Ambiguous(_))) {
                break;
            }
            self.clock.sleep_until(self.clock.now().after(pause)).await;
            outcome = match self.send_in_time(errand).await {
                // It tells nothing of what was sent before.
                Err(ToolError::Unavailable(why)) => Err(ToolError::Ambiguous(why)),
                known => known,
            };
        }
        outcome
    }
}

/// Signs a body as [`Webhook`] says; none only if the secret can't be a key, which any bytes can.
fn sign(secret: &[u8], timestamp: &str, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(hex::encode(mac.finalize().into_bytes()))
}

/// For a shop without a webhook: checkout links that carry the cart, signed and expiring.
///
/// `<base>?cart=<variant:quantity,…>&order=<reference>&expires=<Unix seconds>&sig=<MAC>`, the MAC being the first 16
/// bytes, in hexadecimal, of `Ids::keyed("checkout", "<shop>/<cart>/<order>/<expires>")`. The reference is the order's: no
/// two orders have one link, however alike they are.
#[derive(Debug)]
pub struct LocalLinks {
    base: String,
    ids: Arc<dyn Ids>,
    good_for: Duration,
}

impl LocalLinks {
    /// Links below `base`.
    #[must_use]
    pub fn new(base: String, ids: Arc<dyn Ids>) -> Self {
        Self { base, ids, good_for: LINK_GOOD_FOR }
    }

    /// The same, with links that hold this long.
    #[must_use]
    pub fn holding(self, good_for: Duration) -> Self {
        Self { good_for, ..self }
    }

    fn checkout(&self, shop: ShopId, errand: &Errand) -> Value {
        let lines = errand.body.get("lines").and_then(Value::as_array);
        let line = |line: &Value| {
            Some(format!("{}:{}", line.get("variant")?.as_str()?, line.get("quantity")?))
        };
        let cart = lines.into_iter().flatten().filter_map(line).collect::<Vec<_>>().join(",");
        let expires = errand.at.after(self.good_for);
        let seconds = expires.0.div_euclid(1_000_000);
        let order = errand.key.to_string();
        let signed = format!("{shop}/{cart}/{order}/{seconds}");
        let mac = self.ids.keyed("checkout", signed.as_bytes());
        let mac = hex::encode(mac.get(..16).unwrap_or_default());
        let seconds = seconds.to_string();
        let query = [("cart", &cart), ("order", &order), ("expires", &seconds), ("sig", &mac)];
        let url = url::Url::parse_with_params(&self.base, query)
            .map_or_else(|_| self.base.clone(), String::from);
        json!({ "url": url, "expires": expires })
    }
}

#[async_trait]
impl Backend for LocalLinks {
    async fn run(&self, shop: ShopId, errand: &Errand) -> Result<Value, ToolError> {
        match errand.kind.as_str() {
            "checkout" => Ok(self.checkout(shop, errand)),
            _ => Ok(json!({})),
        }
    }
}

#[cfg(test)]
mod tests {
    use agent_core::id::{Made, TurnId};
    use agent_core::time::Micros;
    use agent_core::time::turned::CountedIds;

    use super::*;

    #[tokio::test]
    async fn no_two_orders_have_one_link() {
        let links =
            LocalLinks::new("https://shop.example/pay".into(), Arc::new(CountedIds::new(1)));
        let body = json!({ "lines": [{ "variant": "a", "quantity": 2 }] });
        let mut urls = Vec::new();
        for turn in [7, 8] {
            let (kind, key) = ("checkout".into(), Made { turn: TurnId(turn), n: 0 });
            let errand = Errand { kind, key, at: Micros(0), body: body.clone() };
            urls.push(links.run(ShopId(1), &errand).await.unwrap()["url"].to_string());
        }
        assert!(urls[0].contains("cart=a%3A2&order=00000000000000000000000000000007-0&expires="));
        assert_ne!(urls[0], urls[1]);
    }
}
