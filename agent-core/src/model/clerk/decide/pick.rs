//! Which product, which version of it, which line of the cart is meant.

use crate::evidence::{ProductFacts, VariantFacts};
use crate::id::Name;
use crate::model::clerk::scene::{Scene, Shown};
use crate::model::clerk::understand::{Tongue, Wish};

/// Whether a bare number is a size of what was asked about.
pub(super) fn sized(wish: &Wish, scene: &Scene<'_>) -> bool {
    let sizes = scene
        .asked
        .iter()
        .flat_map(|asked| &asked.facts.variants)
        .filter_map(|it| it.attributes.get("size"));
    wish.quantity.is_some_and(|number| sizes.into_iter().any(|size| *size == number.to_string()))
}

/// The one product whose name holds all the words, where no other's does.
pub(super) fn only<'s, 'a>(found: &'s [Shown<'a>], words: &str) -> Option<&'s Shown<'a>> {
    let words: Vec<&str> = words.split(' ').filter(|word| !word.is_empty()).collect();
    let full = |shown: &&Shown<'_>| {
        let title = shown.facts.title.to_lowercase();
        let title: Vec<&str> = title.split(|c: char| !c.is_alphanumeric()).collect();
        words.len() > 1 && words.iter().all(|word| title.contains(word))
    };
    let mut full = found.iter().filter(full);
    full.next().filter(|_| full.next().is_none())
}

/// The one product a wish is about, if it is clear.
pub(super) fn subject<'a>(wish: &Wish, scene: &Scene<'a>) -> Option<Shown<'a>> {
    if let Some(shown) = meant(wish, scene).into_iter().next() {
        return Some(shown);
    }
    let words = scene.searched.as_ref().map(|query| query.words.as_str()).unwrap_or_default();
    if let Some(shown) = only(&scene.shown, words) {
        return Some(shown.clone());
    }
    let focus = scene.focus.as_ref().and_then(|id| {
        let mut shown = scene.product(id)?;
        if shown.facts.variants.iter().any(|variant| variant.variant == *id) {
            shown.variant = id.clone();
        }
        Some(shown)
    });
    focus.or_else(|| if scene.shown.len() == 1 { scene.shown.first().cloned() } else { None })
}

/// The shown products a wish names: by place, by name, by colour.
pub(super) fn meant<'a>(wish: &Wish, scene: &Scene<'a>) -> Vec<Shown<'a>> {
    let pool = if scene.shown.len() < 2 { &scene.listed } else { &scene.shown };
    if wish.places.contains(&0) {
        return pool.iter().take(2).cloned().collect();
    }
    let place = |place: &i64| match place {
        -1 => pool.last(),
        place => usize::try_from(*place - 1).ok().and_then(|at| pool.get(at)),
    };
    let by_place: Vec<Shown<'_>> = wish.places.iter().filter_map(place).cloned().collect();
    if !by_place.is_empty() {
        return by_place;
    }
    let words: Vec<&str> = wish.words.split(' ').filter(|word| word.chars().count() > 2).collect();
    let score = |shown: &Shown<'_>| {
        let title = shown.facts.title.to_lowercase();
        let title: Vec<&str> = title.split(|c: char| !c.is_alphanumeric()).collect();
        words.iter().filter(|word| title.contains(*word)).count()
    };
    let best = scene.shown.iter().map(score).max().unwrap_or(0);
    let named: Vec<&Shown<'_>> =
        scene.shown.iter().filter(|shown| best > 0 && score(shown) == best).collect();
    if let [only] = named.as_slice() {
        return vec![(*only).clone()];
    }
    // `the blue one`: the one that is shown in that colour.
    let Some(color) = wish.filters.get("color") else { return Vec::new() };
    let pool: Vec<&Shown<'_>> = if named.is_empty() { scene.shown.iter().collect() } else { named };
    let colored: Vec<&&Shown<'_>> = pool
        .iter()
        .filter(|shown| {
            let variant =
                shown.facts.variants.iter().find(|variant| variant.variant == shown.variant);
            variant.is_some_and(|variant| {
                variant.attributes.get("color").is_some_and(|it| it.contains(color.as_str()))
            })
        })
        .collect();
    match colored.as_slice() {
        [only] => vec![(**only).clone()],
        _ => Vec::new(),
    }
}

/// The attribute that is not told yet, with the variants left.
pub(crate) struct Missing<'a> {
    pub(crate) attribute: &'static str,
    pub(crate) left: Vec<&'a VariantFacts>,
}

/// The variant that is meant, or what is missing to tell it.
pub(super) fn pick<'a>(
    product: &Shown<'a>,
    wish: &Wish,
    scene: &Scene<'_>,
    _: &Tongue,
) -> Result<&'a VariantFacts, Missing<'a>> {
    let shown = product.facts.variants.iter().find(|variant| variant.variant == product.variant);
    if product.facts.variants.len() == 1
        && let Some(only) = product.facts.variants.first()
    {
        return if only.stock.can_be_ordered() {
            Ok(only)
        } else {
            Err(Missing { attribute: "stock", left: Vec::new() })
        };
    }
    let searched = scene.searched.as_ref();
    let wanted = |name: &str| {
        let said = wish.filters.get(name);
        let asked = searched.and_then(|query| query.filters.get(name));
        // A colour that was shown counts as chosen; a size never does unless it was asked for.
        let seen = (name == "color")
            .then(|| shown.and_then(|variant| variant.attributes.get(name)))
            .flatten();
        said.or(asked.filter(|asked| has(shown, name, asked))).or(seen).map(String::as_str)
    };
    let fits = |variant: &&VariantFacts| {
        ["color", "size"]
            .iter()
            .all(|name| wanted(name).is_none_or(|wanted| has(Some(variant), name, wanted)))
    };
    let orderable = product.facts.variants.iter().filter(|it| it.stock.can_be_ordered());
    let mut left: Vec<&VariantFacts> = orderable.filter(fits).collect();
    // `blue` is blue before it is light blue.
    let exact = |variant: &VariantFacts| {
        variant.attributes.get("color").map(String::as_str) == wanted("color")
    };
    if left.iter().any(|variant| exact(variant)) {
        left.retain(|variant| exact(variant));
    }
    match left.as_slice() {
        [] => {
            let others =
                product.facts.variants.iter().filter(|variant| variant.stock.can_be_ordered());
            Err(Missing { attribute: "stock", left: others.collect() })
        }
        [only] => Ok(only),
        _ => {
            let colors: std::collections::BTreeSet<_> =
                left.iter().map(|it| it.attributes.get("color")).collect();
            let attribute =
                if colors.len() > 1 && wanted("color").is_none() { "color" } else { "size" };
            Err(Missing { attribute, left })
        }
    }
}

/// Whether a variant's attribute is this value, or has it as a word.
pub(super) fn has(variant: Option<&VariantFacts>, name: &str, wanted: &str) -> bool {
    let Some(value) = variant.and_then(|variant| variant.attributes.get(name)) else {
        return false;
    };
    let (value, wanted) = (value.to_lowercase(), wanted.to_lowercase());
    value == wanted
        || name == "color" && value.split(' ').any(|word| word == wanted)
        || name == "size" && value.len() > 3 && wanted.len() == 1 && value.starts_with(&wanted)
}

/// The variant of a product with the wished colour and size; the colour of `shown` where none is wished.
pub(super) fn variant<'a>(
    facts: &'a ProductFacts,
    wish: &Wish,
    _: Option<()>,
) -> Option<&'a VariantFacts> {
    let fits = |variant: &&VariantFacts| {
        ["color", "size"]
            .iter()
            .all(|name| wish.filters.get(*name).is_none_or(|value| has(Some(variant), name, value)))
    };
    let mut fitting = facts.variants.iter().filter(fits);
    fitting.clone().find(|variant| variant.stock.can_be_ordered()).or_else(|| fitting.next())
}

/// The line of the cart a wish means: by name, by what is in focus, or the only one.
pub(super) fn line(wish: &Wish, scene: &Scene<'_>) -> Option<Name> {
    let notes = &scene.request.notes;
    let priced = notes.priced.as_ref();
    let words: Vec<&str> = wish.words.split(' ').filter(|word| word.chars().count() > 2).collect();
    let titled = |variant: &Name| {
        let line = priced.and_then(|cart| cart.lines.iter().find(|line| line.variant == *variant));
        line.map(|line| format!("{} {}", line.title, line.options).to_lowercase())
            .unwrap_or_default()
    };
    let score = |variant: &Name| {
        let title = titled(variant);
        let colors =
            wish.filters.values().filter(|value| title.contains(&value.to_lowercase())).count();
        words.iter().filter(|word| title.contains(*word)).count() + colors
    };
    let best = notes.cart.iter().map(|(variant, _)| score(variant)).max().unwrap_or(0);
    if best > 0 {
        return notes
            .cart
            .iter()
            .find(|(variant, _)| score(variant) == best)
            .map(|(variant, _)| variant.clone());
    }
    if let Some(place) = wish.places.first().filter(|place| **place != 0) {
        let at = if *place < 0 {
            notes.cart.len().checked_sub(1)
        } else {
            usize::try_from(*place - 1).ok()
        };
        return at.and_then(|at| notes.cart.get(at)).map(|(variant, _)| variant.clone());
    }
    let focus =
        scene.focus.clone().filter(|focus| notes.cart.iter().any(|(variant, _)| variant == focus));
    focus.or_else(|| notes.cart.last().map(|(variant, _)| variant.clone()))
}
