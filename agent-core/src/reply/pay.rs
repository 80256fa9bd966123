//! Where an order is paid: by the link that was made for the cart there is now, and by no other.

use crate::evidence::{Body, CartFacts, Evidence};
use crate::message::{ActionRef, Block, Native, Outbound};
use crate::profile::{Can, ChannelProfile};
use crate::reply::Ground;
use crate::reply::check::{Violation, is_same_link};
use crate::reply::claims::{Claim, Kind};

/// The rule.
const RULE: &str = "egress.order";

/// An order and the link where it is paid, as one thing that is paid in the chat, where the platform has that. That
/// the link is this order's, [`below`] and [`outdated`] have seen to.
pub(super) fn payable(
    block: &Block,
    next: Option<&Block>,
    outbound: &Outbound,
    profile: &ChannelProfile,
) -> Option<Native<(String, ActionRef)>> {
    let (Block::Summary { lines, total, amount }, Some(Block::Link { label, url })) = (block, next)
    else {
        return None;
    };
    let can = profile.can.contains(&Can::Orders) && !outbound.to.is_shared() && !lines.is_empty();
    can.then(|| Native::Order {
        lines: lines.clone(),
        total: total.clone(),
        amount: amount.clone(),
        pay: (label.clone(), url.clone()),
    })
}

/// Links below a cart that are no order's: whoever pays there pays for nothing the shop knows of.
pub(super) fn below<'a>(
    blocks: &'a [Block],
    ground: &'a Ground<'_>,
) -> impl Iterator<Item = Violation> + 'a {
    blocks.iter().zip(blocks.iter().skip(1)).filter_map(|pair| match pair {
        (Block::Summary { .. }, Block::Link { url, .. }) if orders(url, ground).next().is_none() => {
            let why = "only the link of checkout may follow the cart; call checkout and cite its link, or \
                show this one elsewhere";
            Some(Violation { rule: RULE.into(), claim: url.clone(), why: why.to_owned() })
        }
        _ => None,
    })
}

/// A link that pays for another cart than the one there is now.
pub(super) fn outdated(claim: &Claim, ground: &Ground<'_>) -> Option<Violation> {
    let Kind::Link(link) = &claim.kind else { return None };
    let now = newest(ground.evidence);
    let mut orders = orders(link, ground).peekable();
    orders.peek()?;
    let why = "this link pays for another cart than the one there is now; call checkout again and cite its link";
    let outdated = orders.all(|order| ordered(order, ground) != now);
    outdated.then(|| Violation {
        rule: RULE.into(),
        claim: claim.words.clone(),
        why: why.to_owned(),
    })
}

/// The checkouts that a link comes from; a shop may give several the same one.
fn orders<'a>(link: &'a str, ground: &Ground<'a>) -> impl Iterator<Item = &'a Evidence> + use<'a> {
    ground.evidence.iter().filter(move |evidence| match &evidence.finding.body {
        Body::Link { url, .. } => {
            evidence.finding.source.as_str() == "checkout" && is_same_link(url, link)
        }
        _ => false,
    })
}

/// The cart that a link was made for: it came with the link, or was looked at before.
fn ordered<'a>(link: &Evidence, ground: &Ground<'a>) -> Option<&'a CartFacts> {
    let mut came = ground.evidence.iter().filter(|evidence| evidence.call == link.call);
    let before = ground.evidence.partition_point(|evidence| evidence.label < link.label);
    came.find_map(cart).or_else(|| newest(ground.evidence.get(..before)?))
}

fn newest(evidence: &[Evidence]) -> Option<&CartFacts> {
    evidence.iter().rev().find_map(cart)
}

fn cart(evidence: &Evidence) -> Option<&CartFacts> {
    match &evidence.finding.body {
        Body::Cart(cart) => Some(cart),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::digest::{Digest, Shared};
    use crate::evidence::{CartLine, Finding, Label, ProductFacts, Stock, Trust, VariantFacts};
    use crate::id::{Made, TurnId};
    use crate::money::Money;
    use crate::pack::tests::pack;
    use crate::reply::check::{self, Said};
    use crate::reply::{draft, fill};
    use crate::time::Micros;

    fn holds(amounts: &[i64]) -> Body {
        let line = |amount: &i64| CartLine {
            variant: format!("v{amount}").into(),
            product: "p".into(),
            title: "Jacket".to_owned(),
            options: String::new(),
            quantity: 1,
            each: Money::new(*amount, "EUR"),
            amount: Money::new(*amount, "EUR"),
        };
        let total = (!amounts.is_empty()).then(|| Money::new(amounts.iter().sum(), "EUR"));
        Body::Cart(CartFacts { lines: amounts.iter().map(line).collect(), total })
    }

    fn link(name: &str) -> Body {
        Body::Link { url: format!("https://shop.example/{name}"), expires: None }
    }

    fn product() -> Body {
        let variant = VariantFacts {
            variant: "v".into(),
            attributes: [].into(),
            price: Money::new(5_000, "EUR"),
            was: None,
            stock: Stock::In(None),
            link: Some("https://shop.example/v".to_owned()),
            image: None,
        };
        Body::Product(Box::new(ProductFacts {
            product: "p".into(),
            title: "Jacket".to_owned(),
            brand: String::new(),
            description: String::new(),
            category: Vec::new(),
            chosen: 0,
            variants: vec![variant],
        }))
    }

    /// The rules that a draft breaks over what calls brought, each with its source.
    #[track_caller]
    fn check(calls: &[(&str, &[Body])], draft: &str, broken: &[&str]) {
        let brought = (0..).zip(calls).flat_map(|(n, (source, bodies))| {
            bodies.iter().map(move |body| (n, *source, body.clone()))
        });
        let evidence = (1..).zip(brought).map(|(label, (n, source, body))| Evidence {
            label: Label(label),
            call: Made { turn: TurnId(1), n },
            finding: Shared::from(Finding {
                source: source.into(),
                record: "x".into(),
                version: Digest::of(b""),
                at: Micros(0),
                good_for: Duration::from_secs(60),
                trust: Trust::Shop,
                body,
            }),
        });
        let (evidence, pack, locale) = (evidence.collect::<Vec<_>>(), pack(), "en".into());
        let ground =
            Ground { evidence: &evidence, pack: &pack, locale: &locale, now: Micros(1_000_000) };
        let filled = fill::fill(&draft::parse(draft).unwrap(), &ground).unwrap();
        let said = Said { blocks: &filled.blocks, sources: &filled.sources, customer: &[] };
        let violations = check::check(said, &ground);
        let rules: Vec<&str> = violations.iter().map(|it| it.rule.as_str()).collect();
        assert_eq!(rules, broken, "{draft}: {violations:?}");
    }

    #[test]
    fn a_cart_is_paid_by_the_link_that_was_made_for_it() {
        let paid = [link("c1"), holds(&[5_000])];
        for draft in ["[[cart]]\n[[link e1 | Pay]]", "Pay at {{e1.link}}", "[[link e1]]\n[[cart]]"]
        {
            check(&[("checkout", &paid)], draft, &[]);
            check(&[("checkout", &paid), ("cart", &[holds(&[5_000])])], draft, &[]);
            // A jacket was added since, or everything was taken out.
            for now in [holds(&[5_000, 12_000]), holds(&[])] {
                check(&[("checkout", &paid), ("cart", &[now])], draft, &[RULE]);
            }
        }
        let again = [link("c2"), holds(&[5_000, 12_000])];
        check(&[("checkout", &paid), ("checkout", &again)], "[[cart]]\n[[link e3]]", &[]);
        check(&[("checkout", &paid), ("checkout", &again)], "[[cart]]\n[[link e1]]", &[RULE]);
        // A shop whose link is always the same means the cart by it.
        let same = [link("c1"), holds(&[5_000, 12_000])];
        check(&[("checkout", &paid), ("checkout", &same)], "[[cart]]\n[[link e1]]", &[]);
    }

    #[test]
    fn a_checkout_that_brings_no_cart_is_of_the_one_before_it() {
        let before = [("cart", &[holds(&[5_000])][..]), ("checkout", &[link("c1")][..])];
        check(&before, "[[cart]]\n[[link e2]]", &[]);
        let more = [before[0], before[1], ("cart", &[holds(&[5_000, 12_000])][..])];
        check(&more, "[[cart]]\n[[link e2]]", &[RULE]);
        check(&[("checkout", &[link("c1")])], "[[link e1]]", &[]);
    }

    #[test]
    fn no_other_link_stands_below_a_cart() {
        let calls = [("cart", &[holds(&[5_000])][..]), ("catalog", &[product()][..])];
        check(&calls, "[[cart]]\n[[link e2]]", &[RULE]);
        check(&calls, "[[cart]]\nAnd its page:\n[[link e2]]", &[]);
        check(&[calls[0], ("club", &[link("join")][..])], "[[cart]]\n[[link e2]]", &[RULE]);
    }
}
