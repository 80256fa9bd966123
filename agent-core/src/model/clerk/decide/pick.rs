//! Which product, which version of it, which line of the cart is meant.

use std::collections::BTreeSet;

use crate::catalog::size_fits;
use crate::evidence::{ProductFacts, VariantFacts};
use crate::id::Name;
use crate::model::clerk::decide::before::as_said_before;
use crate::model::clerk::decide::name::{by_a_word, called_whole, is_kind, kind};
use crate::model::clerk::decide::price::{costing, extreme};
use crate::model::clerk::decide::size::{line_of_size, tells_size};
use crate::model::clerk::scene::{Did, Scene, Shown};
use crate::model::clerk::understand::{Act, Wish, plain, same, says, telling};

/// Words of so many letters and fewer tell nothing in a name.
const SHORT: usize = 2;
/// Words of a name that tell something are enough of it, from so many on.
const TELLING: usize = 2;

/// Whether a product's title has a word.
pub(super) fn titled(facts: &ProductFacts, word: &str) -> bool {
    let title = plain(&facts.title);
    // A `coolbox` is a cool box.
    let joined = |pair: &[String]| pair.concat() == word;
    title.iter().any(|own| says(own, word)) || title.windows(2).any(joined)
}

/// Whether its title or what it is a kind of has a word.
pub(super) fn called(facts: &ProductFacts, word: &str) -> bool {
    let kind = |it: &String| plain(it).iter().any(|own| says(own, word));
    titled(facts, word) || facts.category.iter().any(kind)
}

/// Whether anything that is known of a product has a word.
fn told(facts: &ProductFacts, word: &str) -> bool {
    let has = |text: &str| plain(text).iter().any(|own| same(own, word));
    titled(facts, word)
        || has(&facts.brand)
        || has(&facts.description)
        || facts.category.iter().any(|it| has(it))
        || facts.variants.iter().flat_map(|it| it.attributes.values()).any(|it| has(it))
}

/// The one product that has all these words: in its title, else anywhere. `own`: one of them is not only what it is.
pub(crate) fn named(shown: &[Shown<'_>], words: &[String], own: bool) -> Option<usize> {
    if words.is_empty() {
        return None;
    }
    let all = |has: fn(&ProductFacts, &str) -> bool| {
        let fitting = shown.iter().enumerate().filter(|(_, shown)| {
            let kind = kind(shown.facts);
            let kind = kind.is_some_and(|kind| words.iter().all(|word| says(&kind, word)));
            words.iter().all(|word| has(shown.facts, word)) && !(own && kind)
        });
        fitting.map(|(at, _)| at).collect::<Vec<usize>>()
    };
    match (all(titled).as_slice(), all(told).as_slice()) {
        ([only], _) | ([], [only]) => Some(*only),
        _ => None,
    }
}

/// The variant that was shown of a product.
pub(crate) fn chosen<'a>(shown: &Shown<'a>) -> Option<&'a VariantFacts> {
    shown.facts.variants.iter().find(|variant| variant.variant == shown.variant)
}

/// Those of some words that anything found has: the others were not searched by.
pub(super) fn known(found: &[Shown<'_>], words: &str) -> Vec<String> {
    let words = plain(words).into_iter();
    words.filter(|word| found.iter().any(|shown| told(shown.facts, word))).collect()
}

/// Whether a word of a name tells something: not the `250` and the `ml` of `fish flakes 250 ml`.
pub(super) fn tells(own: &str) -> bool {
    own.chars().count() > SHORT && own.chars().any(char::is_alphabetic)
}

/// The found products whose whole name is among the words; where it has several that tell something, without those
/// that do not.
pub(super) fn whole<'s, 'a>(found: &'s [Shown<'a>], words: &[String]) -> Vec<&'s Shown<'a>> {
    let said = |own: &String| words.iter().any(|word| same(own, word));
    let all = |shown: &&Shown<'_>| {
        let title = plain(&shown.facts.title);
        let telling: Vec<&String> = title.iter().filter(|own| tells(own)).collect();
        title.iter().all(said) || telling.len() >= TELLING && telling.into_iter().all(said)
    };
    found.iter().filter(all).collect()
}

/// The one product whose name holds all the words, where no other's does.
pub(super) fn only<'s, 'a>(found: &'s [Shown<'a>], words: &str) -> Option<&'s Shown<'a>> {
    let words = plain(words);
    if let [whole] = whole(found, &words).as_slice() {
        return Some(whole);
    }
    let mut full = found.iter().filter(|shown| words.iter().all(|it| titled(shown.facts, it)));
    let only = full.next().filter(|_| full.next().is_none())?;
    // `An espresso machine`, of several, one of which has it in its name.
    let kind = |shown: &&Shown<'_>| is_kind(shown.facts, &words);
    let any = kind(&only) && found.iter().filter(kind).count() > 1;
    (!any && (words.len() > 1 || found.len() == 1)).then_some(only)
}

/// The one product a wish is about, if it is clear.
pub(super) fn subject<'a>(wish: &Wish, scene: &Scene<'a>) -> Option<Shown<'a>> {
    if let Some(shown) = meant(wish, scene).into_iter().next() {
        return Some(shown);
    }
    if !wish.words.is_empty() || !wish.places.is_empty() {
        return None;
    }
    let words = scene.searched.as_ref().map(|query| query.words.as_str()).unwrap_or_default();
    // What was just put into the cart is spoken of before what was shown.
    if let Some(shown) = only(&scene.shown, words).filter(|_| !scene.adding) {
        return Some(shown.clone());
    }
    let focus = scene.focus.as_ref().and_then(|id| {
        let mut shown = scene.product(id)?;
        if shown.facts.variants.iter().any(|variant| variant.variant == *id) {
            shown.variant = id.clone();
        }
        Some(shown)
    });
    // The version that was shown of it last, where none is in the cart.
    let held = |it: &Shown<'_>| scene.cart.iter().any(|(variant, _)| *variant == it.variant);
    let focus = focus.map(|focus| match scene.shown.as_slice() {
        [only] if only.facts.product == focus.facts.product && !held(&focus) => only.clone(),
        _ => focus,
    });
    focus.or_else(|| if scene.shown.len() == 1 { scene.shown.first().cloned() } else { None })
}

/// The one of what was shown that a wish names by a word of its own, whatever else it says of it: `is the
/// fedora wool?`
pub(super) fn touched<'a>(wish: &Wish, scene: &Scene<'a>) -> Option<Shown<'a>> {
    let words = plain(&wish.words);
    let own = |pool: &[Shown<'a>], word: &String| {
        let mut having = pool.iter().filter(|shown| titled(shown.facts, word));
        let only = having.next().filter(|_| having.next().is_none());
        only.map(|shown| shown.facts.product.clone())
    };
    [&scene.shown, &scene.recent].into_iter().find_map(|pool| {
        let named: BTreeSet<Name> = words.iter().filter_map(|word| own(pool, word)).collect();
        let only = named.first().filter(|_| named.len() == 1)?;
        pool.iter().find(|shown| shown.facts.product == *only).cloned()
    })
}

/// The shown products a wish names: by place, by name, by price, by colour.
pub(super) fn meant<'a>(wish: &Wish, scene: &Scene<'a>) -> Vec<Shown<'a>> {
    let several = scene.shown.len() > 1 || scene.listed.is_empty();
    let pool = if several { &scene.shown } else { &scene.listed };
    // Not `the cap and the scarf, both in grey`, nor `the cap, and then I have it all`.
    let words = plain(&wish.words);
    let single = named(&scene.shown, &words, true).is_some();
    if wish.places.contains(&0) && wish.names.len() < 2 && !single {
        let both = |pool: &[Shown<'a>]| (pool.len() == 2).then(|| pool.to_vec());
        let pools = [&scene.shown, &scene.listed, &scene.apart];
        return pools.into_iter().find_map(|pool| both(pool)).unwrap_or_default();
    }
    if !wish.places.is_empty() && !single {
        let place = |place: &i64| match place {
            -1 => pool.last(),
            place => usize::try_from(*place - 1).ok().and_then(|at| pool.get(at)),
        };
        return wish.places.iter().filter_map(place).cloned().collect();
    }
    let one = |pool: &[Shown<'a>], at: Option<usize>| {
        at.and_then(|at| pool.get(at)).map(|shown| vec![shown.clone()])
    };
    if wish.costs
        && let Some(shown) = one(&scene.shown, costing(&scene.shown, wish))
    {
        return shown;
    }
    // What is called by its whole name is nothing else that has its words somewhere.
    if let Some(title) = called_whole(&words, scene) {
        let shown = |it: &&Shown<'a>| plain(&it.facts.title) == title;
        return scene.shown.iter().chain(&scene.recent).find(shown).cloned().into_iter().collect();
    }
    let pools = [&scene.shown, &scene.listed, &scene.recent];
    // `And a cushion`, of throws that are kept beside cushions, is none of them.
    let anew = wish.act == Some(Act::Add) && (wish.article || wish.quantity.is_some());
    // `Add the scratching post`, of a cat tree that is described by both words, is none of it.
    let anew = anew || wish.act == Some(Act::Add) && words.len() > 1;
    let such = |it: &Shown<'_>| !anew || words.iter().any(|word| titled(it.facts, word));
    let named = |pool: &[Shown<'a>]| one(pool, named(pool, &words, false));
    let known = pools.into_iter().find_map(|pool| named(pool));
    if let Some(shown) = known.filter(|it| it.iter().all(such)) {
        return shown;
    }
    if !words.is_empty() {
        return Vec::new();
    }
    // `I'll go for the cheaper one`, of two; `the cheaper one in M`, of two that come in it.
    let coming = coming(wish, scene);
    let of_two = coming.len() == 2 && wish.act == Some(Act::Add);
    if wish.price.abs() > 1 || wish.price != 0 && of_two {
        return extreme(&coming, wish.price).cloned().into_iter().collect();
    }
    // `The blue one`: the one that is shown in that colour; to be bought, the one there is in it.
    let shown = fitting(&scene.shown, wish, |shown, it| it.variant == shown.variant);
    let any = || fitting(&scene.shown, wish, |_, it| it.stock.can_be_ordered());
    let bought = shown.is_empty() && wish.act == Some(Act::Add);
    let fitting = if bought { any() } else { shown };
    if fitting.len() == 1 && !wish.filters.is_empty() { fitting } else { Vec::new() }
}

/// Those of what is shown that can be had as a wish says.
pub(crate) fn coming<'a>(wish: &Wish, scene: &Scene<'a>) -> Vec<Shown<'a>> {
    fitting(&scene.shown, wish, |_, it| it.stock.can_be_ordered())
}

/// Those of some products that have such a variant with all that a wish says.
pub(super) fn fitting<'a>(
    shown: &[Shown<'a>],
    wish: &Wish,
    such: impl Fn(&Shown<'a>, &VariantFacts) -> bool,
) -> Vec<Shown<'a>> {
    let fits = |variant: &VariantFacts| {
        wish.filters.iter().all(|(name, wanted)| fits(variant, name, wanted) != Fit::No)
    };
    let any = |it: &&Shown<'a>| it.facts.variants.iter().any(|own| such(it, own) && fits(own));
    shown.iter().filter(any).cloned().collect()
}

/// What is not told yet, with the variants left; nothing, where it can't be had.
pub(crate) struct Missing<'a> {
    pub(crate) attribute: Option<Name>,
    pub(crate) left: Vec<&'a VariantFacts>,
}

/// The variant that is meant, or what is missing to tell it. `seen`: the customer saw the variant that is
/// chosen: what it looks like counts as said, its size only where it was searched for.
pub(super) fn pick<'a>(
    product: &Shown<'a>,
    wish: &Wish,
    scene: &Scene<'_>,
    seen: bool,
) -> Result<&'a VariantFacts, Missing<'a>> {
    let orderable = || product.facts.variants.iter().filter(|it| it.stock.can_be_ordered());
    let gone = || Missing { attribute: None, left: orderable().collect() };
    if let [only] = product.facts.variants.as_slice() {
        let fits = !narrowed(vec![only], &wish.filters).is_empty();
        return if only.stock.can_be_ordered() && fits { Ok(only) } else { Err(gone()) };
    }
    // Values the pack has no words for are among those that were searched.
    let searched = scene.searched.iter().filter(|_| seen).flat_map(|query| plain(&query.words));
    let words: Vec<String> = plain(&wish.words).into_iter().chain(searched).collect();
    let filters = &mut as_said(wish, product, &words).filters;
    let asked = scene.asked.iter().find(|asked| {
        asked.product.facts.product == product.facts.product && !asked.offered.is_empty()
    });
    let offered: Vec<&VariantFacts> = orderable()
        .filter(|it| asked.is_some_and(|asked| asked.offered.contains(&it.variant)))
        .collect();
    // What all that was offered have in common was said before.
    let common = offered.split_first().map(|(first, rest)| {
        let held = |(name, value): &(&Name, &String)| {
            rest.iter().all(|it| it.attributes.get(*name) == Some(*value))
        };
        first.attributes.iter().filter(held).map(|(name, value)| (name.clone(), value.clone()))
    });
    let common: Filters = common.into_iter().flatten().collect();
    let mut left = as_said_before(narrowed(offered, filters), filters, scene);
    if left.is_empty() {
        for (name, value) in common {
            filters.entry(name).or_insert(value);
        }
        left = narrowed(orderable().collect(), filters);
        let searched = scene.searched.iter().flat_map(|query| &query.filters);
        let looks = chosen(product).into_iter().flat_map(|it| &it.attributes);
        // `Is there an L? I'll take it`.
        let asked = |value: &String| {
            let value = plain(value);
            let number = value.first().filter(|it| it.bytes().all(|it| it.is_ascii_digit()));
            number.is_some_and(|it| scene.said.contains(it))
                || value.iter().all(|word| scene.said.contains(word))
        };
        let looks = looks.filter(|(name, value)| name.as_str() != "size" || asked(value));
        // What was shown last, before what was searched.
        for (name, value) in looks.chain(searched) {
            if seen && !filters.contains_key(name) {
                let narrower = narrowed(left.clone(), &[(name.clone(), value.clone())].into());
                left = if narrower.is_empty() { left } else { narrower };
            }
        }
    }
    match left.as_slice() {
        [] => Err(gone()),
        [only] => Ok(only),
        _ => {
            let differs = |name: &&Name| {
                let values = left.iter().map(|it| it.attributes.get(*name));
                values.collect::<BTreeSet<_>>().len() > 1
            };
            let attribute = left.first().and_then(|it| it.attributes.keys().find(differs)).cloned();
            match (attribute, left.first()) {
                (None, Some(first)) => Ok(first),
                (attribute, _) => Err(Missing { attribute, left }),
            }
        }
    }
}

/// The wish with the values of a product that words say and the pack has no words for: `the duvet in double`.
pub(super) fn as_said(wish: &Wish, product: &Shown<'_>, words: &[String]) -> Wish {
    let title = plain(&product.facts.title);
    let mut wish = wish.clone();
    for (name, value) in telling(product.facts) {
        let value_words = plain(value);
        let said = value_words.iter().all(|word| words.contains(word) && !title.contains(word));
        let said = said || by_a_word(product.facts, (name, &value_words), words);
        let said = said && !value_words.is_empty();
        // `Swap the black one for a brass lamp`: what is called so is the new one.
        if said && wish.act == Some(Act::Swap) {
            wish.filters.insert(name.clone(), value.clone());
        } else if said {
            wish.filters.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    wish
}

pub(super) type Filters = std::collections::BTreeMap<Name, String>;

/// The variants that fit, exactly where any does. What a variant says nothing of is not missed.
fn narrowed<'a>(mut left: Vec<&'a VariantFacts>, filters: &Filters) -> Vec<&'a VariantFacts> {
    for (name, wanted) in filters {
        if !left.iter().any(|variant| variant.attributes.contains_key(name)) {
            continue;
        }
        let exact = left.iter().any(|variant| fits(variant, name, wanted) == Fit::Exact);
        left.retain(|variant| match fits(variant, name, wanted) {
            Fit::Exact => true,
            Fit::Part => !exact,
            Fit::No => name.as_str() == "gender",
        });
    }
    left
}

#[derive(Copy, Clone, PartialEq, Eq)]
pub(super) enum Fit {
    Exact,
    Part,
    No,
}

/// Whether a variant's attribute is this value, or has it as a word.
pub(super) fn fits(variant: &VariantFacts, name: &Name, wanted: &str) -> Fit {
    let Some(value) = variant.attributes.get(name) else { return Fit::No };
    let sized = name.as_str() == "size" && size_fits(value, wanted);
    let (value, wanted) = (plain(value), plain(wanted));
    if value == wanted || sized {
        Fit::Exact
    } else if (name.as_str() != "size" || tells_size(&wanted))
        && wanted.iter().all(|word| value.contains(word))
    {
        Fit::Part
    } else {
        Fit::No
    }
}

/// The variant of a product with what is wished, else as it was shown; none where it can't be had so.
pub(super) fn variant<'a>(shown: &Shown<'a>, wish: &Wish) -> Option<&'a VariantFacts> {
    let variants = shown.facts.variants.iter();
    let fitting =
        narrowed(variants.filter(|it| it.stock.can_be_ordered()).collect(), &wish.filters);
    let looks = chosen(shown).map(|it| it.attributes.clone()).unwrap_or_default();
    let alike = looks.into_iter().filter(|(name, _)| !wish.filters.contains_key(name));
    let alike = alike.fold(fitting.clone(), |left, look| {
        let narrower = narrowed(left.clone(), &[look].into());
        if narrower.is_empty() { left } else { narrower }
    });
    alike.into_iter().next()
}

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

/// What lies in the cart and is called what a question names.
pub(super) fn asked_of<'a>(wish: &Wish, scene: &Scene<'a>) -> Option<Shown<'a>> {
    let such = wish.asks && wish.price == 0 && !wish.words.is_empty() && wish.places.is_empty();
    let variant = line(&wish.words, &Wish::default(), scene).filter(|_| such)?;
    Some(Shown { variant: variant.clone(), ..scene.product(&variant)? })
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
        if named > 0 || words.is_empty() { named * 20 + usize::from(head) * 10 + fits } else { 0 }
    };
    let best = scene.cart.iter().map(|(variant, _)| score(variant)).max()?;
    let mut best = scene.cart.iter().filter(|(variant, _)| best > 0 && score(variant) == best);
    let (only, _) = best.next()?;
    best.next().is_none().then(|| only.clone())
}
