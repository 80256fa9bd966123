//! Checks a reply's claims against the evidence of the conversation, before anything is sent.
//!
//! An amount is backed by a price, a total or a policy that evidence states, by arithmetic on it (a price
//! times a quantity up to [`TIMES`], the difference of two prices of one product), or by the customer's
//! own words. Everything else is a violation, whoever wrote the draft.

use std::collections::BTreeSet;

use crate::evidence::{Body, Evidence, Stock};
use crate::id::RuleId;
use crate::message::Block;
use crate::money::{Money, decimals};
use crate::reply::Ground;
use crate::reply::claims::{self, Claim, Kind};

/// Multiples of a price that count as backed.
pub const TIMES: i64 = 20;

/// A claim that nothing backs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule it breaks.
    pub rule: RuleId,
    /// The words that claim it.
    pub claim: String,
    /// Why it may not be said. Written so that a model can mend it.
    pub why: String,
}

/// What backs claims.
#[derive(Debug, Default)]
struct Backing {
    /// In hundredths.
    amounts: BTreeSet<i64>,
    percents: BTreeSet<i64>,
    links: Vec<String>,
    stock: BTreeSet<bool>,
    /// Policies and descriptions, lower case.
    texts: Vec<String>,
}

/// The claims of a reply that nothing backs.
#[must_use]
pub fn check(blocks: &[Block], ground: &Ground<'_>, customer: &[String]) -> Vec<Violation> {
    let claims: Vec<Claim> =
        blocks.iter().flat_map(texts).flat_map(|text| claims::read(&text)).collect();
    let linked = blocks.iter().filter_map(|block| match block {
        Block::Link { url, .. } => {
            Some(Claim { words: url.clone(), kind: Kind::Link(url.clone()) })
        }
        _ => None,
    });
    let claims: Vec<Claim> = claims.into_iter().chain(linked).collect();
    if claims.is_empty() {
        return Vec::new();
    }
    let backing = Backing::of(ground, customer);
    claims.into_iter().filter_map(|claim| backing.judge(claim)).collect()
}

/// The words of a block that a model wrote or a renderer filled.
fn texts(block: &Block) -> Vec<String> {
    match block {
        Block::Text(text) | Block::AskLocation(text) => vec![text.clone()],
        Block::Choice { ask, options, .. } => std::iter::once(ask.clone())
            .chain(options.iter().map(|option| option.label.clone()))
            .collect(),
        Block::Link { label, .. } => vec![label.clone()],
        Block::Media { caption, .. } => vec![caption.clone()],
        Block::Form { ask, .. } => vec![ask.clone()],
        // Written by the renderer from evidence alone.
        Block::Cards(_) | Block::Summary { .. } | Block::Template { .. } => Vec::new(),
    }
}

impl Backing {
    fn of(ground: &Ground<'_>, customer: &[String]) -> Self {
        let mut backing = Self::default();
        for evidence in ground.good() {
            backing.take(evidence);
        }
        for text in customer {
            for claim in claims::read(text) {
                match claim.kind {
                    Kind::Amount(amount) => _ = backing.amounts.insert(amount),
                    Kind::Percent(percent) => _ = backing.percents.insert(percent),
                    Kind::Link(link) => backing.links.push(link),
                    Kind::Stock(_) | Kind::Free => {}
                }
            }
            let numbers = text.split(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ','));
            backing.amounts.extend(
                numbers.filter(|word| !word.is_empty()).filter_map(|word| claims::number(word).0),
            );
        }
        backing
    }

    fn take(&mut self, evidence: &Evidence) {
        match &evidence.finding.body {
            Body::Product(facts) => {
                for variant in &facts.variants {
                    let price = hundredths(&variant.price);
                    self.multiples(price);
                    if let Some(was) = variant.was.as_ref().map(hundredths).filter(|was| *was > 0) {
                        self.amounts.extend([was, was - price]);
                        self.percents.extend([
                            (was - price) * 100 / was,
                            ((was - price) * 100 + was / 2) / was,
                        ]);
                    }
                    self.links.extend(variant.link.clone());
                    self.stock.insert(!matches!(variant.stock, Stock::Out | Stock::In(Some(0))));
                }
                self.read(&facts.description);
                self.texts.push(facts.title.to_lowercase());
            }
            Body::Cart(cart) => {
                for line in &cart.lines {
                    self.multiples(hundredths(&line.each));
                    self.amounts.insert(hundredths(&line.amount));
                }
                self.amounts.extend(cart.total.as_ref().map(hundredths));
            }
            Body::Link { url, .. } => self.links.push(url.clone()),
            Body::Policy { text, .. } => self.read(text),
            Body::Other(value) => self.read(&value.to_string()),
        }
    }

    fn multiples(&mut self, price: i64) {
        self.amounts.extend((1..=TIMES).map(|n| price.saturating_mul(n)));
    }

    /// The shop's own words back what they claim themselves.
    fn read(&mut self, text: &str) {
        for claim in claims::read(text) {
            match claim.kind {
                Kind::Amount(amount) => _ = self.amounts.insert(amount),
                Kind::Percent(percent) => _ = self.percents.insert(percent),
                Kind::Link(link) => self.links.push(link),
                Kind::Stock(_) | Kind::Free => {}
            }
        }
        self.texts.push(text.to_lowercase());
    }

    fn judge(&self, claim: Claim) -> Option<Violation> {
        let (rule, why) = match &claim.kind {
            Kind::Amount(amount) if self.amounts.contains(amount) => return None,
            Kind::Percent(percent) if self.percents.contains(percent) => return None,
            Kind::Link(link) if self.backs_link(link) => return None,
            Kind::Stock(has) if self.stock.contains(has) || self.said(&claim.words) => return None,
            Kind::Free if self.said(&claim.words) || self.words_free() => return None,
            Kind::Amount(_) => (
                "egress.amount",
                "no evidence states this amount; write a slot such as {{e3.price}}",
            ),
            Kind::Percent(_) => {
                ("egress.percent", "no evidence states this percentage; leave it out")
            }
            Kind::Link(_) => {
                ("egress.link", "this link is not from a tool; write {{e3.link}} or leave it out")
            }
            Kind::Stock(_) => ("egress.stock", "no evidence states this stock; write {{e3.stock}}"),
            Kind::Free => ("egress.amount", "no evidence says that this is free; leave it out"),
        };
        Some(Violation { rule: rule.into(), claim: claim.words, why: why.to_owned() })
    }

    fn said(&self, words: &str) -> bool {
        self.texts.iter().any(|text| text.contains(words))
    }

    fn words_free(&self) -> bool {
        self.texts.iter().any(|text| {
            ["free", "kostenlos", "gratis", "kostenfrei"].iter().any(|word| text.contains(word))
        })
    }

    fn backs_link(&self, link: &str) -> bool {
        let bare = |link: &str| {
            let link = link.to_lowercase();
            let link = link
                .strip_prefix("https://")
                .or_else(|| link.strip_prefix("http://"))
                .unwrap_or(&link);
            link.trim_end_matches('/').to_owned()
        };
        self.links.iter().any(|known| bare(known) == bare(link))
    }
}

/// An amount in hundredths of its unit.
fn hundredths(money: &Money) -> i64 {
    match decimals(&money.currency.0) {
        Some(0) => money.minor.saturating_mul(100),
        Some(3) => money.minor / 10,
        _ => money.minor,
    }
}
