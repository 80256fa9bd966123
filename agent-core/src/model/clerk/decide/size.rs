//! Sizes said in other words: a measure, the next one up, the big one of two.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::size_fits;
use crate::id::Name;
use crate::model::clerk::decide::chosen;
use crate::model::clerk::decide::pick::tells;
use crate::model::clerk::scene::{Scene, Shown};
use crate::model::clerk::understand::{Wish, measures, parts_of, plain, same};

/// Numbers from here on may be a size rather than so many.
const SIZE: u32 = 10;

/// The wish with the size a product has for what is said of one.
pub(super) fn sized(wish: &Wish, product: &Shown<'_>) -> Wish {
    let mut wish = wish.clone();
    let sizes = sizes(product);
    if sizes.len() < 2 {
        return wish;
    }
    // `The belt in brown, also 95`.
    let counted = wish.quantity.filter(|it| !wish.ahead && *it >= SIZE).map(|it| it.to_string());
    let said = |it: &String| wish.counted == *it && sizes.iter().any(|size| has(size, it));
    let counted = counted.filter(said);
    if counted.is_some() && wish.filters.get("size").is_none_or(|it| Some(it) == counted.as_ref()) {
        wish.quantity = None;
        wish.filters.extend(counted.map(|it| ("size".into(), it)));
    }
    let said = wish.filters.get("size");
    let size = match said {
        None if wish.step != 0 => next(&sizes, product, wish.step).cloned(),
        None => told(&sizes, &wish, product),
        Some(said) if sizes.iter().any(|size| has(size, said)) => None,
        Some(said) => extreme(&sizes, said).cloned(),
    };
    if let Some(size) = size {
        wish.filters.insert("size".into(), size);
    }
    wish
}

/// The size that most of what is said tells of, or what several say of it: `the kilo of whole beans`, of coffee in `1 kg
/// whole bean` and `1 kg ground`.
fn told(sizes: &[&String], wish: &Wish, product: &Shown<'_>) -> Option<String> {
    let (words, title) = (plain(&wish.words), plain(&product.facts.title));
    let own: Vec<&String> = words.iter().filter(|word| !title.contains(word)).collect();
    let said = |part: &String| {
        let has = |word: &String| own.iter().any(|it| same(word, it));
        wish.measures.iter().any(|it| measures(part, it))
            || tells_size(&plain(part)) && plain(part).iter().all(has)
    };
    let said = |size: &&&String| -> Vec<String> {
        parts_of(size).into_iter().filter(|part| said(part)).collect()
    };
    let most = sizes.iter().map(|size| said(&size).len()).max().filter(|most| *most > 0)?;
    let best: Vec<&&String> = sizes.iter().filter(|size| said(size).len() == most).collect();
    let parts = said(best.first()?);
    match best.as_slice() {
        [only] => Some((**only).clone()),
        [first, ..] if parts_of(first).len() < 2 => Some((**first).clone()),
        best => best.iter().all(|size| said(size) == parts).then(|| parts.join(" ")),
    }
}

/// The words of a wish without the measures it tells: the `wall plugs` of `wall plugs 8 mm`.
pub(super) fn unmeasured(wish: &Wish) -> String {
    let mut words = plain(&wish.words);
    for measure in wish.measures.iter().map(|it| plain(it)).filter(|it| !it.is_empty()) {
        let at = words.windows(measure.len()).position(|words| words == measure.as_slice());
        if let Some(at) = at {
            words.drain(at..at + measure.len());
        }
    }
    words.join(" ")
}

/// The sizes a product comes in, in the feed's order.
fn sizes<'a>(product: &Shown<'a>) -> Vec<&'a String> {
    let mut sizes: Vec<&String> = Vec::new();
    for size in product.facts.variants.iter().filter_map(|it| it.attributes.get("size")) {
        if !sizes.contains(&size) {
            sizes.push(size);
        }
    }
    sizes
}

fn has(size: &str, said: &str) -> bool {
    size_fits(size, said)
}

/// The next size up or down of the version that is spoken of; of two, it is the one or the other: `the bigger one`.
fn next<'a>(sizes: &[&'a String], product: &Shown<'_>, step: i8) -> Option<&'a String> {
    if let [small, large] = sizes {
        return Some(if step > 0 { large } else { small });
    }
    let now = chosen(product)?.attributes.get("size")?;
    let at = sizes.iter().position(|size| *size == now)?;
    let to = if step > 0 { at.checked_add(1) } else { at.checked_sub(1) };
    sizes.get(to?).copied()
}

/// The largest or the smallest, where a product has no `large` or `small`.
fn extreme<'a>(sizes: &[&'a String], said: &str) -> Option<&'a String> {
    if has("L", said) {
        sizes.last().copied()
    } else if has("S", said) {
        sizes.first().copied()
    } else {
        None
    }
}

/// The line with the largest or the smallest version of one product, of several that lie in the cart: `the small one`, of
/// kettles of 0.6 and 1 l.
pub(super) fn line_of_size(wish: &Wish, scene: &Scene<'_>) -> Option<Name> {
    let said = wish.filters.get("size").filter(|_| wish.filters.len() == 1)?;
    let lines = || scene.cart.iter().filter_map(|(line, _)| Some((line, scene.product(line)?)));
    let product = |it: &Shown<'_>| it.facts.product.clone();
    let several =
        |it: &Shown<'_>| lines().filter(|(_, other)| product(other) == product(it)).count() > 1;
    let size = |line: &Name, shown: &Shown<'_>| {
        let version = shown.facts.variants.iter().find(|it| it.variant == *line)?;
        sizes(shown).into_iter().position(|size| version.attributes.get("size") == Some(size))
    };
    let held = lines().filter(|(_, shown)| several(shown));
    let products: BTreeSet<Name> = held.clone().map(|(_, shown)| product(&shown)).collect();
    let held = held.filter_map(|(line, shown)| Some((size(line, &shown)?, line)));
    let held: BTreeMap<usize, &Name> = held.filter(|_| products.len() == 1).collect();
    let ends = held.values().next().zip(held.values().next_back()).filter(|_| held.len() > 1);
    let (smallest, largest) = ends?;
    let line = if has("S", said) { smallest } else { largest };
    (has("S", said) || has("L", said)).then(|| (*line).clone())
}

/// Whether some words of a size tell it from others: the `ground` and the `250 g` of `250 g ground`, but no letter and no
/// number.
pub(super) fn tells_size(words: &[String]) -> bool {
    words.len() > 1 || words.iter().all(|word| tells(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_is_no_part_of_a_name() {
        let wish = |words: &str, measure: &str| Wish {
            words: words.to_owned(),
            measures: vec![measure.to_owned()],
            ..Wish::default()
        };
        assert_eq!(unmeasured(&wish("wall plugs 8 mm", "8 mm")), "wall plugs");
        assert_eq!(unmeasured(&wish("4.0 ah battery", "4.0 ah")), "battery");
        assert_eq!(unmeasured(&wish("wall plugs 8 cm", "8 mm")), "wall plugs 8 cm");
    }
}
