//! Words of a request, each within its limits: the same limits the document tells.

use std::fmt;

use agent_core::id::Made;
use agent_core::time::Micros;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use utoipa::ToSchema;

/// A word that does not keep its limits.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct WordError(&'static str);

macro_rules! words {
    ($($(#[$about:meta])* $name:ident: $fits:expr, $why:literal;)*) => {$(
        #[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
        $(#[$about])*
        #[serde(try_from = "String")]
        pub(super) struct $name(String);

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = WordError;

            fn try_from(text: String) -> Result<Self, WordError> {
                let fits: fn(&str) -> bool = $fits;
                if fits(&text) { Ok(Self(text)) } else { Err(WordError($why)) }
            }
        }
    )*};
}

words! {
    /// A name a client gives: letters, digits and `. _ : -`.
    #[schema(pattern = "^[A-Za-z0-9._:-]{1,128}$")]
    Id: |text| {
        (1..=128).contains(&text.len())
            && text.bytes().all(|c| c.is_ascii_alphanumeric() || b"._:-".contains(&c))
    }, "expected 1 to 128 letters, digits and . _ : -";
    /// A person of the shop, as people call them.
    #[schema(min_length = 1, max_length = 64)]
    Person: |text| (1..=64).contains(&text.chars().count()), "expected 1 to 64 characters";
    /// Words.
    #[schema(min_length = 1, max_length = 8_000)]
    Text: |text| (1..=8_000).contains(&text.chars().count()), "expected 1 to 8,000 characters";
    /// What a tap carries.
    #[schema(min_length = 1, max_length = 64)]
    Token: |text| (1..=64).contains(&text.chars().count()), "expected 1 to 64 characters";
}

/// A whole number within limits. JSON knows one kind of number: `30.0` is 30.
fn whole(number: f64, from: u32, to: u32) -> Result<u32, WordError> {
    let fits = number.fract() == 0.0 && (f64::from(from)..=f64::from(to)).contains(&number);
    // Within the limits of a u32 and whole: nothing is cut off.
    if fits {
        Ok(number as u32)
    } else {
        Err(WordError("expected a whole number within its limits"))
    }
}

/// For how long, in minutes; a week at most.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(value_type = u32, minimum = 1, maximum = 10_080)]
#[serde(try_from = "f64")]
pub(super) struct Minutes(pub(super) u32);

impl TryFrom<f64> for Minutes {
    type Error = WordError;

    fn try_from(number: f64) -> Result<Self, WordError> {
        whole(number, 1, 10_080).map(Self)
    }
}

/// Which of a reply's parts.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(value_type = u32, minimum = 0, maximum = 255)]
#[serde(try_from = "f64")]
pub(super) struct PartNumber(pub(super) u8);

impl TryFrom<f64> for PartNumber {
    type Error = WordError;

    fn try_from(number: f64) -> Result<Self, WordError> {
        whole(number, 0, 255).map(|number| Self(number as u8))
    }
}

/// Which of a template's ten buttons, counted from 0.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(value_type = u32, minimum = 0, maximum = 9)]
#[serde(try_from = "f64")]
pub(super) struct ButtonNumber(pub(super) u8);

impl TryFrom<f64> for ButtonNumber {
    type Error = WordError;

    fn try_from(number: f64) -> Result<Self, WordError> {
        whole(number, 0, 9).map(|number| Self(number as u8))
    }
}

/// A moment, in seconds since 1970; before the year 2100.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(value_type = u32, minimum = 0, maximum = 4_102_444_800_u32)]
#[serde(try_from = "f64")]
pub(super) struct Moment(pub(super) Micros);

impl TryFrom<f64> for Moment {
    type Error = WordError;

    fn try_from(number: f64) -> Result<Self, WordError> {
        let seconds = whole(number, 0, 4_102_444_800)?;
        Ok(Self(Micros(i64::from(seconds) * 1_000_000)))
    }
}

/// A place in a conversation, up to the largest number that every reader of JSON holds exactly.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(value_type = u64, minimum = 0, maximum = 9_007_199_254_740_991_u64)]
#[serde(try_from = "u64")]
pub(super) struct Place(pub(super) u64);

impl TryFrom<u64> for Place {
    type Error = WordError;

    fn try_from(number: u64) -> Result<Self, WordError> {
        if number < 1 << 53 {
            return Ok(Self(number));
        }
        Err(WordError("expected a whole number below 2^53"))
    }
}

/// Something of several kinds within another such thing. Out of what serde keeps of that, a `kind` that is a number
/// would do, as a place among the variants; out of JSON it must be a word, as the document says.
pub(super) fn kinded<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    T::deserialize(Value::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// A list with a least and a most.
pub(super) fn few<'de, const LEAST: usize, const MOST: usize, D, T>(
    deserializer: D,
) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let list = Vec::deserialize(deserializer)?;
    if (LEAST..=MOST).contains(&list.len()) {
        return Ok(list);
    }
    Err(D::Error::custom(format_args!("expected {LEAST} to {MOST} in the list")))
}

/// The id of a reply: a turn, and which of the things it made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(value_type = String, pattern = "^[0-9a-f]{32}-[0-9]{1,4}$")]
#[serde(try_from = "String")]
pub(super) struct Outbound(pub(super) Made);

impl TryFrom<String> for Outbound {
    type Error = WordError;

    fn try_from(text: String) -> Result<Self, WordError> {
        let wrong = || WordError("expected a reply's id: 32 hexadecimal digits, `-` and a number");
        let (turn, number) = text.split_once('-').ok_or_else(wrong)?;
        let turn_fits = turn.len() == 32 && turn.bytes().all(|c| b"0123456789abcdef".contains(&c));
        let number_fits =
            (1..=4).contains(&number.len()) && number.bytes().all(|c| c.is_ascii_digit());
        if !turn_fits || !number_fits {
            return Err(wrong());
        }
        text.parse().map(Self).map_err(|_| wrong())
    }
}

/// Degrees north of the equator, kept in millionths.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(value_type = f64, minimum = -90, maximum = 90)]
#[serde(try_from = "f64")]
pub(super) struct Latitude(pub(super) i32);

impl TryFrom<f64> for Latitude {
    type Error = WordError;

    fn try_from(degrees: f64) -> Result<Self, WordError> {
        let wrong = || WordError("expected -90 to 90 degrees");
        millionths(degrees, 90.0).map(Self).ok_or_else(wrong)
    }
}

/// Degrees east of Greenwich, kept in millionths.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(value_type = f64, minimum = -180, maximum = 180)]
#[serde(try_from = "f64")]
pub(super) struct Longitude(pub(super) i32);

impl TryFrom<f64> for Longitude {
    type Error = WordError;

    fn try_from(degrees: f64) -> Result<Self, WordError> {
        let wrong = || WordError("expected -180 to 180 degrees");
        millionths(degrees, 180.0).map(Self).ok_or_else(wrong)
    }
}

/// Within these bounds it fits.
fn millionths(degrees: f64, most: f64) -> Option<i32> {
    (-most..=most).contains(&degrees).then(|| (degrees * 1e6).round() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_the_limits_the_document_tells() {
        let id = |text: &str| Id::try_from(text.to_owned()).is_ok();
        assert!(id("m-1") && id(&"x".repeat(128)));
        assert!(!id("") && !id(&"x".repeat(129)) && !id("a/b") && !id("ä") && !id("a\n"));
        let text = |text: String| Text::try_from(text).is_ok();
        assert!(text("ä".repeat(8_000)) && !text("ä".repeat(8_001)) && !text(String::new()));
        let turn = "0123456789abcdef0123456789abcdef";
        let outbound = |text: String| Outbound::try_from(text).is_ok();
        assert!(outbound(format!("{turn}-0")) && outbound(format!("{turn}-9999")));
        for wrong in ["-", "", "-65536", "-00001", "-+1"] {
            assert!(!outbound(format!("{turn}{wrong}")), "{wrong}");
        }
        let minutes = |number: f64| Minutes::try_from(number).ok().map(|it| it.0);
        assert_eq!((minutes(30.0), minutes(10_080.0)), (Some(30), Some(10_080)));
        for wrong in [0.0, -1.0, 1.5, 10_081.0, f64::MAX] {
            assert_eq!(minutes(wrong), None);
        }
        let degrees = |number: f64| Longitude::try_from(number).ok().map(|it| it.0);
        assert!(Latitude::try_from(90.0).is_ok() && Latitude::try_from(90.5).is_err());
        assert_eq!(degrees(-180.0), Some(-180_000_000));
        assert_eq!((degrees(52.520_008_3), degrees(180.1)), (Some(52_520_008), None));
        assert!(ButtonNumber::try_from(9.0).is_ok() && ButtonNumber::try_from(10.0).is_err());
        assert!(PartNumber::try_from(255.0).is_ok() && PartNumber::try_from(256.0).is_err());
        assert!(Place::try_from((1 << 53) - 1).is_ok() && Place::try_from(1 << 53).is_err());
        assert!(Moment::try_from(4_102_444_800.0).is_ok() && Moment::try_from(1e10).is_err());
        assert!(!outbound(format!("{}-1", turn.to_uppercase())) && !outbound("1-1".to_owned()));
    }
}
