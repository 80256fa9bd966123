//! One canonical form of JSON, and SHA-256 over it: how packs, requests and settings are named.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// SHA-256 of something; written as 64 hexadecimal digits.
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Of raw bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Of a value in canonical form.
    #[must_use]
    pub fn of_value(value: &impl Serialize) -> Self {
        Self::of(canonical(value).as_bytes())
    }
}

/// A value that is known by its hash: hashed once, and serialised as its hash.
#[derive(Clone, Debug)]
pub struct Named<T> {
    id: Digest,
    value: T,
}

impl<T: Serialize> Named<T> {
    /// Names a value.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self { id: Digest::of_value(&value), value }
    }

    /// Its hash.
    #[must_use]
    pub fn id(&self) -> Digest {
        self.id
    }
}

impl<T> Deref for Named<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Serialize for Named<T> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.id.serialize(to)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Digest {
    type Err = hex::FromHexError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)?;
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse().map_err(|_| serde::de::Error::custom("expected 64 hexadecimal digits"))
    }
}

/// JSON without spaces and with keys in byte order, whatever order or features the writer had.
///
/// Our types hold no floats, so numbers have one form. A value that JSON can't hold (a map with
/// composite keys) has no canonical form; none of ours is such, and it would read `null`.
#[must_use]
pub fn canonical(value: &impl Serialize) -> String {
    let mut text = String::new();
    write(&mut text, &serde_json::to_value(value).unwrap_or(Value::Null));
    text
}

fn write(text: &mut String, value: &Value) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            fields.sort_unstable_by_key(|(key, _)| *key);
            text.push('{');
            for (n, (key, value)) in fields.into_iter().enumerate() {
                if n > 0 {
                    text.push(',');
                }
                quote(text, key);
                text.push(':');
                write(text, value);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    text.push(',');
                }
                write(text, item);
            }
            text.push(']');
        }
        Value::String(string) => quote(text, string),
        Value::Null | Value::Bool(_) | Value::Number(_) => text.push_str(&value.to_string()),
    }
}

/// Most strings stand in JSON as they are.
fn quote(text: &mut String, string: &str) {
    if string.bytes().any(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
        text.push_str(&Value::from(string).to_string());
    } else {
        text.push('"');
        text.push_str(string);
        text.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_in_byte_order_at_every_depth() {
        let value = serde_json::json!({"b": [{"z": 1, "a": null}], "a": "ü\"\n"});
        assert_eq!(canonical(&value), r#"{"a":"ü\"\n","b":[{"a":null,"z":1}]}"#);
    }

    #[test]
    fn a_digest_reads_back_what_it_writes() {
        let digest = Digest::of(b"sutler");
        assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
    }
}
