//! Money in integer minor units with its ISO 4217 currency. Never a float.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::Name;

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// In the currency's smallest unit: cents, or whole yen.
    pub minor: i64,
    /// ISO 4217 code, upper case.
    pub currency: Name,
}

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a number with a dot and a currency code after one space.
    #[error("expected an amount such as `15.00 USD`, found `{0}`")]
    Form(String),
    /// More decimals than the currency has.
    #[error("`{0}` has more decimals than its currency")]
    Decimals(String),
    /// Not a code of ISO 4217.
    #[error("`{0}` is not a currency code of ISO 4217")]
    Currency(String),
    /// Beyond what can be counted.
    #[error("`{0}` is too large")]
    Large(String),
}

/// Currencies without a minor unit, and those with three decimals; all others have two (ISO 4217, list one, 2024).
const ZERO: &[&str] = &[
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
    "VUV", "XAF", "XOF", "XPF",
];
const THREE: &[&str] = &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];
const TWO: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF \
CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR \
IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN \
NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL \
THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG";

/// How many decimals a currency has, or nothing if ISO 4217 has no such code.
#[must_use]
pub fn decimals(currency: &str) -> Option<u32> {
    if ZERO.contains(&currency) {
        Some(0)
    } else if THREE.contains(&currency) {
        Some(3)
    } else {
        (currency.len() == 3 && TWO.split(' ').any(|code| code == currency)).then_some(2)
    }
}

/// The family of a code of ISO 4217: what its sign stands for, or the code itself.
#[must_use]
pub fn family(code: &str) -> Name {
    match code {
        "EUR" => "€",
        "USD" | "CAD" | "AUD" | "NZD" | "SGD" | "HKD" | "TWD" | "MXN" | "BRL" | "ARS" | "CLP"
        | "COP" => "$",
        "GBP" => "£",
        "JPY" | "CNY" => "¥",
        "SEK" | "NOK" | "DKK" | "ISK" => "kr",
        code => code,
    }
    .into()
}

impl Money {
    /// An amount in minor units.
    #[must_use]
    pub fn new(minor: i64, currency: &str) -> Self {
        Self { minor, currency: currency.into() }
    }

    /// In thousandths of the currency's unit, however many decimals it has.
    #[must_use]
    pub fn thousandths(&self) -> i64 {
        match self.currency.as_str() {
            code if ZERO.contains(&code) => self.minor.saturating_mul(1000),
            code if THREE.contains(&code) => self.minor,
            _ => self.minor.saturating_mul(10),
        }
    }

    /// Reads `15.00 USD`, the form of product feeds: dot decimal, a space, an ISO 4217 code.
    ///
    /// # Errors
    /// Says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        let (number, currency) =
            text.trim().split_once(' ').ok_or_else(|| MoneyError::Form(text.to_owned()))?;
        let currency = currency.trim();
        let places = decimals(currency).ok_or_else(|| MoneyError::Currency(currency.to_owned()))?;
        Ok(Self::new(scaled(number, places)?, currency))
    }

    /// This many of it; stops at the limits instead of wrapping.
    #[must_use]
    pub fn times(&self, quantity: u32) -> Self {
        Self {
            minor: self.minor.saturating_mul(i64::from(quantity)),
            currency: self.currency.clone(),
        }
    }

    /// Whole units and the rest, with the number of decimals: `(12, 50, 2)` for 12.50.
    #[must_use]
    pub fn split(&self) -> (u64, u64, u32) {
        let places = decimals(&self.currency.0).unwrap_or(2);
        let unit = 10_u64.pow(places);
        let minor = self.minor.unsigned_abs();
        (minor / unit, minor % unit, places)
    }
}

/// A bare number of whole units, as a customer or a model says it: `120`, `119.99`. Its currency is the catalogue's.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Decimal(String);

impl Decimal {
    /// Reads digits with at most one dot.
    ///
    /// # Errors
    /// When it is anything else, a sign included.
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        scaled(text, 9).map(|_| Self(text.to_owned()))
    }

    /// In minor units of a currency; decimals beyond the currency's are cut.
    #[must_use]
    pub fn minor(&self, currency: &str) -> Option<i64> {
        let kept = 9_u32.checked_sub(decimals(currency)?)?;
        Some(scaled(&self.0, 9).ok()? / 10_i64.pow(kept))
    }

    /// As it was said.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Decimal {
    /// From a JSON number or string: models write either.
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = match serde_json::Value::deserialize(from)? {
            serde_json::Value::Number(number) => number.to_string(),
            serde_json::Value::String(text) => text,
            other => {
                return Err(serde::de::Error::custom(format!(
                    "expected a number such as 120, found {other}"
                )));
            }
        };
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Decimal {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Decimal".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "number", "minimum": 0})
    }
}

/// `12.5` with two places is 1250.
fn scaled(number: &str, places: u32) -> Result<i64, MoneyError> {
    let form = || MoneyError::Form(number.to_owned());
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty()
        || !digits(whole)
        || !digits(fraction)
        || (number.contains('.') && fraction.is_empty())
    {
        return Err(form());
    }
    let places = places as usize;
    let kept = fraction.trim_end_matches('0');
    if kept.len() > places {
        return Err(MoneyError::Decimals(number.to_owned()));
    }
    format!("{whole}{kept:0<places$}").parse().map_err(|_| MoneyError::Large(number.to_owned()))
}

impl fmt::Display for Money {
    /// The form of feeds, `15.00 USD`: exact, and read back by [`Money::parse`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest, places) = self.split();
        let sign = if self.minor < 0 { "-" } else { "" };
        match places {
            0 => write!(f, "{sign}{whole} {}", self.currency),
            places => write!(
                f,
                "{sign}{whole}.{rest:0places$} {}",
                self.currency,
                places = places as usize
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_back_what_they_write() {
        for text in ["15.00 USD", "0.05 EUR", "1200 JPY", "1.250 KWD"] {
            assert_eq!(Money::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Money::parse("15 USD").unwrap().minor, 1500);
        assert_eq!(Money::parse("12.500 EUR").unwrap().minor, 1250);
    }

    #[test]
    fn a_bare_number_is_read_from_a_number_or_a_string() {
        let read =
            |json: &str| serde_json::from_str::<Decimal>(json).ok().and_then(|it| it.minor("EUR"));
        assert_eq!(read("120"), Some(12000));
        assert_eq!(read("119.99"), Some(11999));
        assert_eq!(read("\"49.5\""), Some(4950));
        assert_eq!(read("\"-3\""), None);
        assert_eq!(read("\"cheap\""), None);
    }

    #[test]
    fn what_is_not_an_amount_is_refused_with_its_reason() {
        assert!(matches!(Money::parse("15,00 EUR"), Err(MoneyError::Form(_))));
        assert!(matches!(Money::parse("15.00"), Err(MoneyError::Form(_))));
        assert!(matches!(Money::parse("1. EUR"), Err(MoneyError::Form(_))));
        assert!(matches!(Money::parse("1.005 EUR"), Err(MoneyError::Decimals(_))));
        assert!(matches!(Money::parse("15.00 EURO"), Err(MoneyError::Currency(_))));
        assert!(matches!(Money::parse("99999999999999999999 EUR"), Err(MoneyError::Large(_))));
    }
}
