//! The lines of the cart that a wish means.

use std::collections::BTreeSet;

use crate::evidence::ProductFacts;
use crate::id::Name;
use crate::model::clerk::decide::pick::{Fit, called, fits, told};
use crate::model::clerk::decide::size::line_of_size;
use crate::model::clerk::scene::{Did, Scene, Shown};
use crate::model::clerk::understand::{Wish, plain, same, says};

/// The lines of the cart a wish means; none where that is not clear.
pub(super) fn lines(wish: &Wish, scene: &Scene<'_>) -> Vec<Name> {
    let variants: Vec<&Name> = scene.cart.iter().map(|(variant, _)| variant).collect();
    let titled = |word: &String| {
        let mut lines = scene.lines.iter();
        let mut held = variants.iter().filter_map(|variant| scene.product(variant));
        lines.any(|line| plain(&line.title).iter().any(|own| says(own, word)))
            || held.any(|held| called(held.facts, word))
    };
    if wish.places.contains(&0) && !plain(&wish.words).iter().any(titled) {
        return variants.into_iter().cloned().collect();
    }
    // `Change of plan, take it out`: words that name nothing that is sold say nothing beside `it`.
    let named = plain(&wish.words).iter().any(titled) || !wish.it || wish.thing;
    if !wish.words.is_empty() && named {
        let names: Vec<Vec<Name>> =
            wish.names.iter().map(|name| named_lines(name, wish, scene)).collect();
        if names.iter().all(|lines| !lines.is_empty()) {
            return names.concat();
        }
        if wish.places.is_empty() {
            return Vec::new();
        }
    }
    if let Some(place) = wish.places.first() {
        let at = if *place < 0 {
            variants.len().checked_sub(1)
        } else {
            usize::try_from(*place - 1).ok()
        };
        return at.and_then(|at| variants.get(at)).map(|it| (*it).clone()).into_iter().collect();
    }
    let filtered = line("", wish, scene).filter(|_| !wish.filters.is_empty());
    let filtered = filtered.or_else(|| line_of_size(wish, scene));
    // `Take the white one out`, where none or several are white.
    let kinds = wish.filters.keys().any(|name| name.as_str() != "gender");
    if kinds && filtered.is_none() && !wish.it {
        return Vec::new();
    }
    let focus = scene.focus.clone().filter(|focus| variants.contains(&focus));
    // `Take it out`, of what was just taken out: nothing else goes.
    if wish.it && !wish.again && focus.is_none() && matches!(scene.did, Some(Did::Removed)) {
        return Vec::new();
    }
    let single = || if let [only] = variants.as_slice() { Some((*only).clone()) } else { None };
    filtered.or(focus).or_else(single).into_iter().collect()
}

/// The lines a name means: the one that is called most like it; those its words mean one by one, as in `no tea, no
/// sorbet`; all of a kind, where it speaks of several: `the drinks`.
pub(super) fn named_lines(name: &str, wish: &Wish, scene: &Scene<'_>) -> Vec<Name> {
    if let Some(line) = line(name, wish, scene) {
        return vec![line];
    }
    let words = plain(name);
    let each = words.iter().map(|word| line(word, &Wish::default(), scene));
    if let Some(each) = each.collect::<Option<BTreeSet<Name>>>().filter(|it| it.len() > 1) {
        return each.into_iter().collect();
    }
    // `Take the blue shoes out, he wants boots`, of shoes in blue and in pink.
    let lines = || scene.cart.iter().filter_map(|(variant, _)| scene.product(variant));
    let words: Vec<String> =
        words.into_iter().filter(|word| lines().any(|it| called(it.facts, word))).collect();
    let so = |facts: &ProductFacts, variant: &Name| {
        let mut kinds = wish.filters.iter().filter(|(name, _)| name.as_str() != "gender");
        let held = facts.variants.iter().find(|it| it.variant == *variant);
        kinds.all(|(name, value)| held.is_some_and(|it| fits(it, name, value) != Fit::No))
    };
    let of_kind = |variant: &Name| {
        let called = |it: &Shown<'_>| words.iter().all(|word| called(it.facts, word));
        let product = scene.product(variant).filter(|_| !words.is_empty());
        product.is_some_and(|it| called(&it) && so(it.facts, variant))
    };
    let lines = scene.cart.iter().map(|(variant, _)| variant.clone());
    let kind: Vec<Name> = lines.filter(of_kind).collect();
    let request = scene.request;
    let endings = request.pack.lexicon(&request.locale).map_or(&[][..], |it| &it.endings);
    // `The hoodie`, of two: it is said as their names say it, and means one.
    let one = |word: &String| {
        let mut products = kind.iter().filter_map(|variant| scene.product(variant));
        products.any(|it| plain(&it.facts.title).contains(word))
    };
    let several =
        |word: &String| !one(word) && endings.iter().any(|it| word.ends_with(it.as_str()));
    // `Both scarves`.
    let all = wish.places.contains(&0);
    if kind.len() == 1 || all || words.last().is_some_and(several) { kind } else { Vec::new() }
}

/// The one line with the most of a name's words and a wish's filters.
pub(super) fn line(name: &str, wish: &Wish, scene: &Scene<'_>) -> Option<Name> {
    let words = plain(name);
    let score = |variant: &Name| {
        let line = scene.lines.iter().find(|line| line.variant == *variant);
        let (title, options) =
            line.map(|line| (plain(&line.title), plain(&line.options))).unwrap_or_default();
        let product = scene.product(variant);
        // `The dragon game`, of a game that is not called one, beside one that is.
        let kind = |word: &String| product.as_ref().is_some_and(|it| called(it.facts, word));
        let own = |word: &&String| title.iter().any(|own| says(own, word));
        let titled = words.iter().filter(own).count();
        let named = words.iter().filter(|word| own(word) || titled > 0 && kind(word)).count();
        let values = wish.filters.values().flat_map(|value| plain(value));
        let fits = values.filter(|value| options.contains(value)).count();
        // `The tent`, beside tent pegs: what it is, a title says last.
        let head = words.last().is_some_and(|it| title.last().is_some_and(|own| same(own, it)));
        // `The beef lasagne`, of one whose text alone says so.
        let told = |word: &&String| product.as_ref().is_some_and(|it| told(it.facts, word));
        let all = named < words.len() && words.iter().filter(told).count() == words.len();
        let more = usize::from(head) * 10 + usize::from(all) * 15 + fits;
        if named > 0 || words.is_empty() { named * 20 + more } else { 0 }
    };
    let best = scene.cart.iter().map(|(variant, _)| score(variant)).max()?;
    let mut best = scene.cart.iter().filter(|(variant, _)| best > 0 && score(variant) == best);
    let (only, _) = best.next()?;
    best.next().is_none().then(|| only.clone())
}
