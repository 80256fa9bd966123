//! Whether what is said was ever found: amounts, percentages and foreign links, against everything tools brought.
//!
//! Independent of the engine's own check, which a broken agent might not run.

use std::collections::BTreeSet;

use agent_core::evidence::{Body, Finding};
use agent_core::money::Money;
use agent_core::replay::view::TurnView;
use agent_core::reply::claims::{Amount, Kind};

use super::assert::Ground;

/// Everything that may be said so far.
#[derive(Debug)]
pub struct Grounds<'a> {
    ground: &'a Ground<'a>,
    amounts: BTreeSet<Amount>,
    percents: BTreeSet<i64>,
    links: BTreeSet<String>,
}

impl<'a> Grounds<'a> {
    /// Nothing yet but the shop's own rules.
    #[must_use]
    pub fn new(ground: &'a Ground<'a>) -> Self {
        let mut grounds = Self {
            ground,
            amounts: BTreeSet::new(),
            percents: BTreeSet::new(),
            links: BTreeSet::new(),
        };
        for text in ground.pack().phrases.values().flat_map(|phrases| phrases.values()) {
            grounds.text(text);
        }
        grounds
    }

    /// What a turn claims and nothing backs; what it found and heard may be said from now on.
    pub fn unbacked(&mut self, view: &TurnView) -> Vec<String> {
        view.heard.iter().for_each(|text| self.text(text));
        let results = view.calls.iter().filter_map(|called| called.result.as_ref());
        results.filter_map(|it| it.as_ref().ok()).flatten().for_each(|it| self.finding(it));
        let mut unbacked = Vec::new();
        for claim in self.ground.claims(&view.words()) {
            let backed = match &claim.kind {
                Kind::Amount(amount) => self.has(amount),
                Kind::Percent(percent) => self.percents.contains(percent),
                Kind::Link(link) => self.links.iter().any(|known| known.contains(link.as_str())),
                _ => true,
            };
            if !backed {
                unbacked.push(claim.words);
            }
        }
        let foreign = view.links().into_iter().filter(|url| !self.links.contains(*url));
        unbacked.extend(foreign.map(ToOwned::to_owned));
        unbacked
    }

    /// An amount without a currency may be of any.
    fn has(&self, amount: &Amount) -> bool {
        let same = |known: &Amount| {
            let currency = amount.currency.is_none() || known.currency.is_none();
            known.value == amount.value && (currency || known.currency == amount.currency)
        };
        self.amounts.iter().any(same)
    }

    fn money(&mut self, money: &Money) {
        self.amounts.insert(Amount::of(money));
    }

    fn text(&mut self, text: &str) {
        for claim in self.ground.claims(text) {
            match claim.kind {
                Kind::Amount(amount) => _ = self.amounts.insert(amount),
                Kind::Percent(percent) => _ = self.percents.insert(percent),
                Kind::Link(link) => _ = self.links.insert(link),
                _ => {}
            }
        }
    }

    fn finding(&mut self, finding: &Finding) {
        match &finding.body {
            Body::Product(facts) => {
                self.text(&facts.title);
                self.text(&facts.description);
                for variant in &facts.variants {
                    self.money(&variant.price);
                    variant.was.iter().for_each(|was| self.money(was));
                    self.links.extend(variant.link.clone());
                }
            }
            Body::Cart(cart) => {
                for line in &cart.lines {
                    self.money(&line.each);
                    self.money(&line.amount);
                }
                cart.total.iter().for_each(|total| self.money(total));
            }
            Body::Link { url, .. } => _ = self.links.insert(url.clone()),
            Body::Policy { text, .. } => self.text(text),
            Body::Other(value) => self.text(&value.to_string()),
        }
    }
}
