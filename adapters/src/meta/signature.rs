//! Whether a webhook is Meta's: `X-Hub-Signature-256`, HMAC-SHA256 under the app's secret over the exact bytes.
//!
//! Meta signs what is on the wire, which is ASCII with `\uXXXX` and `\/`: parsed and written again, a body has
//! another signature.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What stands before the digits.
const PREFIX: &str = "sha256=";

/// The secrets of the apps whose webhooks come in here: several while one is being changed.
#[derive(Clone)]
pub struct Secrets(Vec<Hmac<Sha256>>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({} …)", self.0.len())
    }
}

impl Secrets {
    /// The secrets of these apps. Empty ones are left out: whatever they signed, anybody could sign.
    #[must_use]
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let known = secrets.into_iter().filter(|secret| !secret.is_empty());
        // HMAC takes keys of any length.
        Self(known.filter_map(|it| Hmac::new_from_slice(it.as_bytes()).ok()).collect())
    }

    /// Which of the secrets signed these bytes; none, when none did. Every secret is tried, and compared in
    /// constant time.
    #[must_use]
    pub fn signer(&self, header: &str, body: &[u8]) -> Option<usize> {
        let digits = header.strip_prefix(PREFIX)?;
        let given: [u8; 32] = hex::decode(digits).ok()?.try_into().ok()?;
        let mut signer = None;
        for (n, secret) in self.0.iter().enumerate() {
            let mut mac = secret.clone();
            mac.update(body);
            if mac.verify(&given.into()).is_ok() {
                signer = signer.or(Some(n));
            }
        }
        signer
    }
}

/// The header's value for a body, as Meta makes it.
#[must_use]
pub fn sign(secret: &str, body: &[u8]) -> String {
    format!("{PREFIX}{}", digits(secret, body))
}

/// What proves to the Graph API that whoever has a key has the secret of its app as well: `appsecret_proof`.
#[must_use]
pub fn proof(secret: &str, token: &str) -> String {
    digits(secret, token.as_bytes())
}

fn digits(secret: &str, bytes: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(bytes);
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_secret_signs_its_own_bytes_and_nothing_else() {
        let secrets = Secrets::new(["", "old", "new"]);
        let body = br#"{"text":"J'ai \u00e9crit \ud83c\udf5d https:\/\/x.y"}"#;
        for (n, secret) in ["old", "new"].iter().enumerate() {
            let header = sign(secret, body);
            assert_eq!(secrets.signer(&header, body), Some(n));
            assert_eq!(secrets.signer(&header.to_uppercase().replace("SHA", "sha"), body), Some(n));
            let again = serde_json::from_slice::<serde_json::Value>(body).unwrap().to_string();
            assert_eq!(secrets.signer(&header, again.as_bytes()), None, "written again");
        }
        for header in ["", "sha256=", "sha256=00", "sha1=00", "sha256=é", &sign("", body)] {
            assert_eq!(secrets.signer(header, body), None, "{header}");
        }
        assert_eq!(format!("{secrets:?}"), "Secrets(2 …)");
    }

    #[test]
    fn a_proof_is_made_of_the_key_by_the_secret() {
        // `printf token | openssl dgst -sha256 -hmac secret`
        let proof = "e941110e3d2bfe82621f0e3e1434730d7305d106c5f68c87165d0b27a4611a4a";
        assert_eq!(super::proof("secret", "token"), proof);
    }

    #[test]
    fn the_vectors_behave() {
        let vectors = "../../shared/fixtures/signature/x-hub-signature-256-vectors.json";
        let Ok(text) = std::fs::read_to_string(vectors) else { return };
        let vectors: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        for vector in &vectors {
            let text = |key: &str| vector[key].as_str().unwrap_or_default();
            let body = crate::meta::loose::base64(text("body_base64")).unwrap();
            let signed = Secrets::new([text("secret")]).signer(text("header"), &body).is_some();
            assert_eq!(signed, vector["valid"].as_bool().unwrap(), "{}", text("name"));
        }
        assert!(vectors.len() > 10);
    }
}
