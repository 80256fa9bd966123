//! Who may ask for what: bearer keys, each of one shop, with scopes.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use agent_core::id::{Name, ShopId};
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::desk::Desk;
use crate::server::Problem;

/// What a key opens.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Say what a customer says.
    Post,
    /// Read conversations.
    Read,
    /// Take over, give back, write as a person, settle.
    Control,
    /// Tell of events of the shop.
    Tell,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Post => "post",
            Self::Read => "read",
            Self::Control => "control",
            Self::Tell => "tell",
        })
    }
}

/// A key. Of its secret only the hash is kept.
#[derive(Clone)]
pub struct Key {
    /// Its name, for the log and for commands it gives.
    pub name: Name,
    /// The one shop it belongs to.
    pub shop: ShopId,
    scopes: BTreeSet<Scope>,
    hash: [u8; 32],
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("name", &self.name)
            .field("shop", &self.shop)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

impl Key {
    /// A key of a shop.
    #[must_use]
    pub fn new(name: Name, shop: ShopId, scopes: BTreeSet<Scope>, secret: &str) -> Self {
        Self { name, shop, scopes, hash: Sha256::digest(secret.as_bytes()).into() }
    }

    /// # Errors
    /// The problem to answer with, when the key does not open this.
    pub(super) fn may(&self, scope: Scope) -> Result<(), Problem> {
        if self.scopes.contains(&scope) {
            return Ok(());
        }
        let detail = format!("the key `{}` lacks the scope `{scope}`", self.name);
        Err(Problem::new(StatusCode::FORBIDDEN, detail))
    }
}

/// All keys of a process.
#[derive(Clone, Debug, Default)]
pub struct Keys(pub Vec<Key>);

impl Keys {
    /// The key with this secret. Hashes are compared, every key and every byte whatever was found before: how
    /// long it takes tells nothing.
    fn find(&self, secret: &str) -> Option<&Key> {
        let hash: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
        let same = |key: &&Key| bool::from(key.hash.ct_eq(&hash));
        self.0.iter().filter(same).fold(None, |_, key| Some(key))
    }
}

/// Who asks.
#[derive(Debug)]
pub(super) struct Caller(pub(super) Key);

impl FromRequestParts<Arc<Desk>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, Problem> {
        let given = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let bearer = given.and_then(|given| {
            let (scheme, secret) = given.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
        });
        let Some(key) = bearer.and_then(|secret| desk.front.keys.find(secret)) else {
            let detail = "send a key of the shop: Authorization: Bearer …";
            return Err(Problem::new(StatusCode::UNAUTHORIZED, detail));
        };
        if let Err(wait) = desk.rate.take((key.shop, key.name.clone())) {
            let detail = format!("too many requests with the key `{}`", key.name);
            return Err(
                Problem::new(StatusCode::TOO_MANY_REQUESTS, detail).retry(wait.as_secs() + 1)
            );
        }
        Ok(Self(key.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_its_scopes_and_its_secret_is_nowhere() {
        let key = |name: &str, secret| {
            Key::new(name.into(), ShopId(1), BTreeSet::from([Scope::Read]), secret)
        };
        let keys = Keys(vec![key("a", "secret-of-a"), key("b", "secret-of-b")]);
        assert_eq!(keys.find("secret-of-b").unwrap().name.as_str(), "b");
        assert!(keys.find("secret-of-").is_none() && keys.find("").is_none());
        let found = keys.find("secret-of-a").unwrap();
        assert!(found.may(Scope::Read).is_ok());
        assert_eq!(found.may(Scope::Control).unwrap_err().status, 403);
        assert!(!format!("{keys:?}").contains("secret-of"));
    }
}
