//! Which variants of a product a search means: its filters, on what stands now.

use agent_core::catalog::{Query, size_fits};
use agent_core::evidence::{ProductFacts, VariantFacts};
use agent_core::id::Name;

/// The best variant for a search, and how well it fits; none when no variant satisfies every filter.
///
/// Lower is better: exact before partial, what can be ordered before what can't, what has more of the
/// query's words before what has fewer, the feed's order last.
pub(crate) fn choose(facts: &ProductFacts, query: &Query) -> Option<usize> {
    let mut best: Option<((bool, u8, usize), usize)> = None;
    let words: Vec<String> = query.words.split_whitespace().map(str::to_lowercase).collect();
    for (at, variant) in facts.variants.iter().enumerate() {
        let Some(loose) = fits(facts, variant, query) else { continue };
        let says = |word: &&String| {
            let mut values = variant.attributes.values().map(|value| value.to_lowercase());
            values.any(|value| value.split(' ').any(|own| own == word.as_str()))
        };
        let missed = words.len() - words.iter().filter(says).count();
        let rank = (!variant.stock.can_be_ordered(), loose, missed);
        if best.as_ref().is_none_or(|(held, _)| rank < *held) {
            best = Some((rank, at));
        }
    }
    best.map(|(_, at)| at)
}

/// How many filters a variant satisfies only in part; none when it misses one.
fn fits(facts: &ProductFacts, variant: &VariantFacts, query: &Query) -> Option<u8> {
    let currency = variant.price.currency.as_str();
    let within = query
        .max_price
        .as_ref()
        .is_none_or(|max| max.minor(currency).is_none_or(|max| variant.price.minor <= max))
        && query
            .min_price
            .as_ref()
            .is_none_or(|min| min.minor(currency).is_none_or(|min| variant.price.minor >= min));
    if !within {
        return None;
    }
    let mut loose = 0;
    for (name, wanted) in &query.filters {
        match held(facts, variant, name, wanted) {
            Fit::Exact => {}
            Fit::Part => loose += 1,
            Fit::No => return None,
        }
    }
    Some(loose)
}

enum Fit {
    Exact,
    Part,
    No,
}

fn held(facts: &ProductFacts, variant: &VariantFacts, name: &Name, wanted: &str) -> Fit {
    let wanted = wanted.trim().to_lowercase();
    match name.as_str() {
        "brand" => words(&facts.brand.to_lowercase(), &wanted),
        "category" => {
            let text = format!("{} {}", facts.category.join(" "), facts.title).to_lowercase();
            let stems: Vec<String> =
                text.split(|c: char| !c.is_alphanumeric()).map(singular).collect();
            let all = wanted
                .split(|c: char| !c.is_alphanumeric())
                .filter(|it| !it.is_empty())
                .all(|it| stems.contains(&singular(it)));
            if all { Fit::Exact } else { Fit::No }
        }
        "gender" => {
            let has =
                variant.attributes.get("gender").map_or("unisex", String::as_str).to_lowercase();
            match (gender(&has), gender(&wanted)) {
                (has, wanted) if has == wanted => Fit::Exact,
                ("unisex", _) => Fit::Part,
                _ => Fit::No,
            }
        }
        "size" => {
            let has =
                variant.attributes.get("size").map(|size| size.to_lowercase()).unwrap_or_default();
            if size_fits(&has, &wanted) { Fit::Exact } else { Fit::No }
        }
        name => {
            variant.attributes.get(name).map_or(Fit::No, |has| words(&has.to_lowercase(), &wanted))
        }
    }
}

/// `blue` is `blue` exactly, and `light blue` in part.
fn words(has: &str, wanted: &str) -> Fit {
    if has == wanted {
        return Fit::Exact;
    }
    let parts: Vec<&str> = has.split(|c: char| !c.is_alphanumeric()).collect();
    if wanted.split_whitespace().all(|word| parts.contains(&word)) { Fit::Part } else { Fit::No }
}

fn singular(word: &str) -> String {
    let word = word
        .strip_suffix("es")
        .filter(|stem| stem.ends_with("sh") || stem.ends_with("ss") || stem.ends_with('x'))
        .unwrap_or(word);
    word.strip_suffix('s')
        .filter(|stem| stem.len() > 2 && !stem.ends_with('s'))
        .unwrap_or(word)
        .to_owned()
}

fn gender(word: &str) -> &str {
    match word {
        "women" | "woman" | "womens" | "women's" | "ladies" | "girls" => "female",
        "men" | "man" | "mens" | "men's" | "gentlemen" | "boys" => "male",
        other => other,
    }
}
