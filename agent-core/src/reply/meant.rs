//! What a sentence speaks of: which products, and which of their variants. "The red one in M" is not backed by what the
//! blue one costs.

use std::collections::BTreeSet;

use crate::evidence::{Body, Evidence, Label, ProductFacts, VariantFacts};
use crate::id::Name;
use crate::reply::Ground;
use crate::reply::claims::{Claim, Kind};

/// The evidence a sentence may stand on.
pub(super) fn grounds<'a>(
    sentence: &str,
    sources: &[Label],
    ground: &Ground<'a>,
) -> Vec<&'a Evidence> {
    let lower = sentence.to_lowercase();
    let named = |evidence: &Evidence| match &evidence.finding.body {
        Body::Product(facts) => lower.contains(&facts.title.to_lowercase()),
        _ => false,
    };
    let product = |evidence: &Evidence| matches!(evidence.finding.body, Body::Product(_));
    let mut grounds: Vec<&Evidence> = ground.good().collect();
    if grounds.iter().any(|it| named(it)) {
        grounds.retain(|it| !product(it) || named(it) || sources.contains(&it.label));
    }
    grounds
}

/// What a piece of evidence says to a sentence, with the variants that are meant.
pub(super) fn stand<'a>(
    evidence: &'a Evidence,
    sentence: &str,
    claims: &[Claim],
) -> (&'a Body, Vec<&'a VariantFacts>) {
    let variants = match &evidence.finding.body {
        Body::Product(facts) => meant(facts, sentence, claims),
        _ => Vec::new(),
    };
    (&evidence.finding.body, variants)
}

/// The variants that have every value a sentence names, of those their product's variants differ in; all of them
/// where it names none, or where none has them all.
fn meant<'f>(facts: &'f ProductFacts, sentence: &str, claims: &[Claim]) -> Vec<&'f VariantFacts> {
    let spoken = spoken(&sentence.replace(&facts.title, " "), claims);
    let all = || facts.variants.iter();
    let names: BTreeSet<&Name> = all().flat_map(|it| it.attributes.keys()).collect();
    let mut meant: Vec<&VariantFacts> = all().collect();
    for name in names {
        let of = |it: &'f VariantFacts| it.attributes.get(name).map(String::as_str);
        let values: BTreeSet<&str> = all().filter_map(of).collect();
        if values.len() > 1 {
            let named = named(&values, &spoken);
            meant.retain(|it| named.is_empty() || of(it).is_some_and(|it| named.contains(it)));
        }
    }
    if meant.is_empty() { all().collect() } else { meant }
}

/// The words of a sentence but for the figures it claims, between spaces: "it costs 38 €" names no size.
fn spoken(sentence: &str, claims: &[Claim]) -> String {
    let mut sentence = sentence.to_owned();
    for claim in claims.iter().filter(|it| !matches!(it.kind, Kind::Stock(_) | Kind::Link(_))) {
        sentence = sentence.replace(&claim.words, " ");
    }
    between(&sentence)
}

fn between(text: &str) -> String {
    let words = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '’' | '.')));
    let words = words.map(|word| word.trim_matches('.')).filter(|word| !word.is_empty());
    words.fold(" ".to_owned(), |text, word| text + word + " ")
}

/// The values whose words are spoken, and are not part of the longer name of another ("dark blue"). Short ones as
/// they are written: "m" is no size.
fn named<'v>(values: &BTreeSet<&'v str>, spoken: &str) -> BTreeSet<&'v str> {
    let lower = spoken.to_lowercase();
    let mut longest: Vec<(String, &str)> = values.iter().map(|it| (between(it), *it)).collect();
    longest.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
    let (mut exact, mut folded, mut named) = (spoken.to_owned(), lower, BTreeSet::new());
    for (words, value) in longest {
        let short = value.chars().count() < 3;
        let (text, words) =
            if short { (&mut exact, words) } else { (&mut folded, words.to_lowercase()) };
        if words.trim().is_empty() || !text.contains(&words) {
            continue;
        }
        *text = text.replace(&words, " ");
        named.insert(value);
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Stock;
    use crate::money::Money;

    fn check(sentence: &str, expected: &[&str]) {
        let variant = |id: &str, color: &str, size: &str, price: i64| VariantFacts {
            variant: id.into(),
            attributes: [("color".into(), color.to_owned()), ("size".into(), size.to_owned())]
                .into(),
            price: Money::new(price, "EUR"),
            was: None,
            stock: Stock::Out,
            link: None,
            image: None,
        };
        let facts = ProductFacts {
            product: "jacket".into(),
            title: "Red River Jacket".to_owned(),
            brand: String::new(),
            description: String::new(),
            category: Vec::new(),
            chosen: 0,
            variants: vec![
                variant("red-m", "red", "M", 99),
                variant("blue-m", "blue", "M", 119),
                variant("dark-m", "dark blue", "M", 119),
                variant("blue-38", "blue", "38", 38),
            ],
        };
        let figure = Kind::Percent(0);
        let claims = [Claim { words: "38 €".to_owned(), kind: figure }];
        let meant: Vec<&str> =
            meant(&facts, sentence, &claims).iter().map(|it| it.variant.as_str()).collect();
        assert_eq!(meant, expected, "{sentence}");
    }

    #[test]
    fn the_variants_a_sentence_names_are_meant() {
        let all = ["red-m", "blue-m", "dark-m", "blue-38"];
        check("It is in stock.", &all);
        check("The red one is in stock.", &["red-m"]);
        check("The Red River Jacket is in stock.", &all);
        check("Blue, M: in stock.", &["blue-m"]);
        check("I'm sorry, not in dark blue.", &["dark-m"]);
        check("Blue and red we have.", &["red-m", "blue-m", "blue-38"]);
        check("It costs 38 €.", &all);
        check("In 38 it costs 38 €.", &["blue-38"]);
        check("A red one in 38 there is not.", &all);
        check("The green one is in stock.", &all);
    }
}
