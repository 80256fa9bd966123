//! Names and numbers that tell things apart. A newtype each, so that none is mistaken for another.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($($(#[$about:meta])* $name:ident($inner:ty);)*) => {$(
        $(#[$about])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    )*};
}

macro_rules! from_str {
    ($($name:ident),*) => {$(
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl $name {
            /// The word itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

words! {
    /// A short, stable word that people read: a tool, a product, a channel, a slot.
    Name(String);
    /// A BCP 47 language tag a pack speaks: `en`, `de`, `pt-BR`.
    Locale(String);
    /// The name of one rule of policy; every decision of policy carries one.
    RuleId(String);
    /// The id a platform gave to a message, unique within one account. Told again, it is the same message.
    MessageId(String);
    /// How a person or a conversation is known outside: the key of an index entry. In stores it stands as a keyed hash only.
    Alias(String);
    /// The position of an event in its journal, counted from 1.
    Seq(u64);
}

from_str!(Name, Locale, RuleId, MessageId, Alias);

impl Copy for Seq {}

impl Default for Seq {
    fn default() -> Self {
        Self::START
    }
}

impl Seq {
    /// Before the first event.
    pub const START: Self = Self(0);

    /// The position after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

macro_rules! wide {
    ($($(#[$about:meta])* $name:ident;)*) => {$(
        $(#[$about])*
        #[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u128);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:032x}", self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                u128::from_str_radix(text, 16).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
                text.parse().map_err(|_| serde::de::Error::custom("expected 32 hexadecimal digits"))
            }
        }
    )*};
}

wide! {
    /// One customer of one shop, whatever aliases they have. Written as 32 hexadecimal digits.
    CustomerId;
    /// One turn. Drawn once, by `Ids`; everything a turn makes derives its id from it.
    TurnId;
    /// One write to the store: sent again, it is the same write.
    CommitId;
    /// The number inside a [`JournalId`].
    JournalKey;
}

/// A shop's short number inside one deployment; the first part of every key in every store.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShopId(pub u32);

impl fmt::Display for ShopId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// What a journal is about.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// One customer on one account of one shop.
    Conversation,
    /// Aliases, consent and opt-out of one person.
    Customer,
    /// A number or page of the shop on a platform: its state, and that something could not be parsed.
    Account,
    /// One order: placed, paid, shipped.
    Order,
    /// The shop itself: the packs in force.
    Shop,
    /// What could not be parsed on one day; its words are not kept for long.
    Quarantine,
}

/// Whatever has one writer and one order of events. Always inside a shop.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalId {
    /// The shop it belongs to.
    pub shop: ShopId,
    /// What it is about.
    pub subject: Subject,
    /// Which one.
    pub key: JournalKey,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Conversation => "conversation",
            Self::Customer => "customer",
            Self::Account => "account",
            Self::Order => "order",
            Self::Shop => "shop's journal",
            Self::Quarantine => "quarantine",
        })
    }
}

impl fmt::Display for JournalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} of shop {}", self.subject, self.key, self.shop)
    }
}

impl JournalId {
    /// A conversation's journal.
    #[must_use]
    pub fn conversation(shop: ShopId, key: u128) -> Self {
        Self { shop, subject: Subject::Conversation, key: JournalKey(key) }
    }

    /// A customer's journal; its key is the customer's id.
    #[must_use]
    pub fn customer(shop: ShopId, customer: CustomerId) -> Self {
        Self { shop, subject: Subject::Customer, key: JournalKey(customer.0) }
    }

    /// The journal of one of a shop's accounts on a platform.
    #[must_use]
    pub fn account(shop: ShopId, channel: &Name, account: &Name) -> Self {
        Self { shop, subject: Subject::Account, key: hashed(&format!("{channel}\n{account}")) }
    }

    /// An order's journal, by the call that placed it: whoever knows the reference finds it.
    #[must_use]
    pub fn order(shop: ShopId, reference: Made) -> Self {
        Self { shop, subject: Subject::Order, key: hashed(&reference.to_string()) }
    }

    /// A shop's own journal.
    #[must_use]
    pub fn shop(shop: ShopId) -> Self {
        Self { shop, subject: Subject::Shop, key: JournalKey(0) }
    }

    /// The slot of 4,096 that several nodes on one store would share out; computed, never stored.
    #[must_use]
    pub fn slot(&self) -> u16 {
        let folded = self.key.0 ^ (self.key.0 >> 64);
        let mixed = (folded as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed >> 52) as u16
    }
}

/// The key of a journal that is found by a name.
fn hashed(name: &str) -> JournalKey {
    let digest = crate::digest::Digest::of(name.as_bytes());
    JournalKey(digest.0.iter().take(16).fold(0, |key, byte| key << 8 | u128::from(*byte)))
}

/// The n-th thing a turn made: a call, an outbound, a commit. Derived, never drawn; also its idempotency key.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// The turn that made it.
    pub turn: TurnId,
    /// Which of the things it made.
    pub n: u16,
}

/// From this number on the numbers of a turn's things say that they were made again: a turn makes far fewer.
const AGAIN: u16 = 1 << 12;

impl Made {
    /// The same thing under the name of its next sending, so that what is told of the sendings before is no word about
    /// that one; none after the fifteenth.
    #[must_use]
    pub fn again(self) -> Option<Self> {
        Some(Self { n: self.n.checked_add(AGAIN)?, ..self })
    }

    /// The thing as its turn made it, whichever sending is named.
    #[must_use]
    pub fn first(self) -> Self {
        Self { n: self.n % AGAIN, ..self }
    }

    /// Which sending is named, counted from 0.
    #[must_use]
    pub fn times(self) -> u16 {
        self.n / AGAIN
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.turn, self.n)
    }
}

impl std::str::FromStr for Made {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (turn, n) = text.split_once('-').unwrap_or((text, ""));
        Ok(Self { turn: turn.parse()?, n: n.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_ids_read_back_what_they_write() {
        let id = CustomerId(7);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, "\"00000000000000000000000000000007\"");
        assert_eq!(serde_json::from_str::<CustomerId>(&json).unwrap(), id);
        let made = Made { turn: TurnId(3), n: 12 };
        assert_eq!(made.to_string().parse::<Made>().unwrap(), made);
        let sendings: Vec<Made> = std::iter::successors(Some(made), |made| made.again()).collect();
        assert_eq!(sendings.len(), 16);
        for (times, sending) in (0..).zip(&sendings) {
            assert_eq!((sending.first(), sending.times()), (made, times));
        }
    }

    #[test]
    fn slots_stay_in_range_and_spread() {
        let slots: std::collections::BTreeSet<u16> =
            (0..1000).map(|key| JournalId::conversation(ShopId(1), key).slot()).collect();
        assert!(slots.iter().all(|slot| *slot < 4096));
        assert!(slots.len() > 700, "{}", slots.len());
    }
}
