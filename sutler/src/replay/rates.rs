//! What models' tokens cost in money. No journal knows prices, so everything is priced as it would be billed now:
//! an old run and a new one at the same rates.

use std::collections::BTreeMap;
use std::fmt;

use agent_core::id::Name;
use agent_core::model::Usage;
use agent_core::replay::diff::{Difference, Facet};
use agent_core::replay::view::TurnView;
use serde::{Deserialize, Serialize};

use crate::config::{Config, Price};

/// Millionths of a US dollar.
#[derive(
    Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct MicroUsd(pub u64);

impl MicroUsd {
    /// So many dollars, rounded.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float stops at the limits, and nothing costs less than nothing"
    )]
    pub fn of_usd(usd: f64) -> Self {
        Self((usd * 1e6).round() as u64)
    }
}

impl fmt::Display for MicroUsd {
    /// `0.0123 USD`: cents at least, and as much below as there is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 1_000_000, self.0 % 1_000_000);
        let rest = format!("{rest:06}");
        let (cents, below) = rest.split_at(2);
        write!(f, "{whole}.{cents}{} USD", below.trim_end_matches('0'))
    }
}

/// What was spent on models.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// Tokens.
    pub tokens: u64,
    /// Money, as far as rates are known.
    pub cost: MicroUsd,
    /// How long models took, in milliseconds.
    pub millis: u64,
}

impl std::ops::AddAssign for Spent {
    fn add_assign(&mut self, more: Self) {
        self.tokens += more.tokens;
        self.cost.0 += more.cost.0;
        self.millis += more.millis;
    }
}

/// What models cost, by their names. One that is not named costs nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Rates(BTreeMap<Name, Price>);

impl Rates {
    /// The prices of a configuration's models.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let models = config.shops.iter().map(|shop| shop.get_ref().model());
        let named = models.filter_map(|it| Some((it.server()?.1.into(), it.price)));
        Self(named.collect())
    }

    /// The same, and these before them.
    #[must_use]
    pub fn with(mut self, more: impl IntoIterator<Item = (Name, Price)>) -> Self {
        self.0.extend(more);
        self
    }

    /// What an answer cost.
    #[must_use]
    pub fn cost(&self, by: &Name, usage: &Usage) -> MicroUsd {
        self.0.get(by).map_or(MicroUsd(0), |price| MicroUsd::of_usd(price.of(usage)))
    }

    /// What a turn cost.
    #[must_use]
    pub fn spent(&self, view: &TurnView) -> Spent {
        let priced = view
            .asked
            .iter()
            .filter_map(|asked| Some(self.cost(asked.by.as_ref().ok()?, asked.usage.as_ref()?).0));
        Spent {
            tokens: view.tokens(),
            cost: MicroUsd(priced.sum()),
            millis: u64::try_from(view.took().as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// Tells the cost of a turn that differs in money too.
    pub fn tell(&self, was: &TurnView, now: &TurnView, differences: &mut Vec<Difference>) {
        let (before, after) = (self.spent(was), self.spent(now));
        if before.cost == MicroUsd(0) && after.cost == MicroUsd(0) {
            return;
        }
        let text = |spent: Spent| format!("{} tokens, {}", spent.tokens, spent.cost);
        let found = differences.iter_mut().find(|it| it.facet == Facet::Cost);
        match found {
            Some(cost) => (cost.was, cost.now) = (text(before), text(after)),
            None if before.cost == after.cost => {}
            None => {
                // Told before the latency, as always.
                let at = differences.iter().position(|it| it.facet > Facet::Cost);
                let (was, now) = (text(before), text(after));
                let cost = Difference { facet: Facet::Cost, was, now, order_only: false };
                differences.insert(at.unwrap_or(differences.len()), cost);
            }
        }
    }
}

/// Reads `gpt-4.1-mini=0.4/0.1/1.6`: a model, and what a million tokens of its prompt, of the cached part of it and
/// of its answer cost, in US dollars.
///
/// # Errors
/// When it is not written so.
pub fn rate(text: &str) -> Result<(Name, Price), String> {
    let expected = "expected MODEL=INPUT/CACHED/OUTPUT, US dollars for a million tokens";
    let (model, prices) = text.rsplit_once('=').ok_or(expected)?;
    let prices: Vec<f64> = prices
        .split('/')
        .map(|it| it.trim().parse().ok().filter(|it: &f64| it.is_finite() && *it >= 0.0))
        .collect::<Option<_>>()
        .ok_or(expected)?;
    match (model, prices.as_slice()) {
        ("", _) => Err(expected.to_owned()),
        (model, [input_usd, cached_usd, output_usd]) => {
            let (input_usd, cached_usd, output_usd) = (*input_usd, *cached_usd, *output_usd);
            Ok((model.into(), Price { input_usd, cached_usd, output_usd }))
        }
        _ => Err(expected.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use agent_core::replay::diff::{Tolerance, compare};
    use agent_core::replay::view::Asked;
    use std::time::Duration;

    fn turn(by: &str, input: u32) -> TurnView {
        let usage = Some(Usage { input, cached: 400, output: 100, reasoning: 0 });
        let asked = Asked { by: Ok(by.into()), usage, took: Duration::from_millis(5) };
        TurnView { asked: vec![asked], ..TurnView::default() }
    }

    #[test]
    fn money_is_told_with_the_tokens_and_also_where_they_are_as_many() {
        let rates = Rates::default().with([rate("a=1/0.5/4").unwrap(), rate("b=2/1/8").unwrap()]);
        let told = |was: &TurnView, now: &TurnView| {
            let mut found = compare(was, now, Tolerance::default());
            rates.tell(was, now, &mut found);
            found.retain(|it| it.facet == Facet::Cost);
            found.into_iter().map(|it| format!("{} → {}", it.was, it.now)).collect::<Vec<_>>()
        };
        let a = turn("a", 1_000);
        assert_eq!(told(&a, &a), Vec::<String>::new());
        assert_eq!(
            told(&a, &turn("a", 2_000)),
            ["1100 tokens, 0.0012 USD → 2100 tokens, 0.0022 USD"]
        );
        assert_eq!(
            told(&a, &turn("b", 1_000)),
            ["1100 tokens, 0.0012 USD → 1100 tokens, 0.0024 USD"]
        );
        assert_eq!(told(&turn("c", 1), &turn("c", 2)), ["101 tokens → 102 tokens"]);
    }

    #[test]
    fn a_rate_that_is_written_otherwise_is_refused() {
        for text in ["a", "a=1", "a=1/2", "=1/2/3", "a=1/2/x", "a=1/2/-3", "a=1/2/3/4"] {
            assert!(rate(text).is_err(), "{text}");
        }
        assert_eq!(MicroUsd(1_234_500).to_string(), "1.2345 USD");
        assert_eq!(MicroUsd(0).to_string(), "0.00 USD");
    }
}
