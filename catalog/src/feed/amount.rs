//! Prices as shops write them, taken only where one reading is possible.

use agent_core::money::{Money, decimals};

/// Reads `15.00 USD`, and what feeds hold instead: `USD 15.00`, `15.00USD`, `15,00 EUR`, `1.299,00 EUR`,
/// and, where the shop has a currency, `15.00`.
pub(super) fn amount(text: &str, currency: Option<&str>) -> Result<Money, String> {
    let form = || format!("expected an amount such as `15.00 USD`, found `{text}`");
    let (number, code) = parted(text).filter(|(number, _)| !number.is_empty()).ok_or_else(form)?;
    let code = match (code.is_empty(), currency) {
        (false, _) => code.to_uppercase(),
        (true, Some(currency)) => currency.to_owned(),
        (true, None) => return Err(format!("`{text}` names no currency, and the shop has none")),
    };
    let Some(places) = decimals(&code) else {
        return Err(format!("`{code}` is not a currency code of ISO 4217"));
    };
    let number = dotted(number, places).ok_or_else(|| {
        format!("`{text}` is ambiguous; write thousands without a mark: `1299.00 USD`")
    })?;
    let money = Money::parse(&format!("{number} {code}")).map_err(|error| error.to_string())?;
    if money.minor <= 0 {
        return Err("must be more than zero".to_owned());
    }
    Ok(money)
}

/// The number and the currency beside it, on either side.
fn parted(text: &str) -> Option<(&str, &str)> {
    let letter = |c: char| c.is_ascii_alphabetic();
    let text = text.trim();
    let front = text.trim_start_matches(letter);
    let back = text.trim_end_matches(letter);
    match (text.len() - front.len(), text.len() - back.len()) {
        (0, _) => Some((back.trim(), text.get(back.len()..)?)),
        (front_letters, 0) => Some((front.trim(), text.get(..front_letters)?)),
        _ => None,
    }
}

/// A number with a dot before its decimals, of which its currency has so many, and no groups; none where its marks can
/// be read in two ways.
fn dotted(number: &str, places: u32) -> Option<String> {
    let mark = number.rfind(['.', ',']);
    let Some(at) = mark else { return Some(number.to_owned()) };
    let (whole, fraction) = (number.get(..at)?, number.get(at + 1..)?);
    let decimal = number.get(at..=at)?;
    if !whole.contains(['.', ',']) {
        // `1,299` may be a thousand or one: a comma needs its two decimals. So may `1.200`, a dot before three digits,
        // unless what stands before it is no first group or the currency has three decimals.
        let group = (1..=3).contains(&whole.len()) && !whole.starts_with('0') && places != 3;
        let fits = if decimal == "." { fraction.len() != 3 || !group } else { fraction.len() == 2 };
        return fits.then(|| format!("{whole}.{fraction}"));
    }
    let group = if decimal == "." { ',' } else { '.' };
    let mut groups = whole.split(group);
    let first = groups.next()?;
    let three = |group: &str| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit());
    let fits = (1..=3).contains(&first.len()) && groups.all(three) && fraction.len() == 2;
    fits.then(|| format!("{}.{fraction}", whole.replace(group, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_taken_where_it_can_be_read_in_one_way() {
        for (text, read) in [
            ("15.00 USD", "15.00 USD"),
            ("15 usd", "15.00 USD"),
            ("15.5USD", "15.50 USD"),
            ("EUR 15,00", "15.00 EUR"),
            ("1.299,00 EUR", "1299.00 EUR"),
            ("1,299.00 USD", "1299.00 USD"),
            ("1.250 KWD", "1.250 KWD"),
            ("0.990 EUR", "0.99 EUR"),
            ("1299.000 EUR", "1299.00 EUR"),
            ("12.5000 EUR", "12.50 EUR"),
            ("1200 JPY", "1200 JPY"),
            ("7.5", "7.50 CHF"),
        ] {
            let money = amount(text, Some("CHF")).map(|money| money.to_string());
            assert_eq!(money.as_deref(), Ok(read), "{text}");
        }
        for text in [
            "1,299 USD",
            "1.200 EUR",
            "1.000 JPY",
            "20.000 CLP",
            "250.000 VND",
            "1.500.000 IDR",
            "1,29,900.00 INR",
            "15.00 $",
            "USD 15 USD",
            "-3 EUR",
            "0.00 EUR",
            "EUR",
            "3 EURO",
            "",
        ] {
            assert!(amount(text, Some("CHF")).is_err(), "{text}");
        }
        assert!(amount("15.00", None).unwrap_err().contains("names no currency"));
    }
}
