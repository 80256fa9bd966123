//! Sizes said in other words: a measure, the next one up, the big one of two.

use crate::catalog::size_fits;
use crate::model::clerk::decide::chosen;
use crate::model::clerk::scene::Shown;
use crate::model::clerk::understand::{Wish, measures};

/// The wish with the size a product has for what is said of one.
pub(super) fn sized(wish: &Wish, product: &Shown<'_>) -> Wish {
    let mut wish = wish.clone();
    let sizes = sizes(product);
    if sizes.len() < 2 {
        return wish;
    }
    let measured = || {
        let fits = |size: &&&String| wish.measures.iter().any(|it| measures(size, it));
        sizes.iter().find(fits)
    };
    let said = wish.filters.get("size");
    let size = match said {
        None if wish.step != 0 => next(&sizes, product, wish.step),
        None => measured().copied(),
        Some(said) if sizes.iter().any(|size| has(size, said)) => None,
        Some(said) => extreme(&sizes, said),
    };
    if let Some(size) = size.cloned() {
        wish.filters.insert("size".into(), size);
    }
    wish
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
