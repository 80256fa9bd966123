//! Which product, which version of it, which line of the cart is meant.

use std::collections::BTreeSet;

use crate::catalog::size_fits;
use crate::compound::is_shade;
use crate::evidence::{ProductFacts, VariantFacts};
use crate::id::Name;
use crate::model::clerk::decide::before::as_said_before;
use crate::model::clerk::decide::lines::line;
use crate::model::clerk::decide::name::{by_a_word, called_whole, is_kind, is_named, kind};
use crate::model::clerk::decide::price::{costing, extreme};
use crate::model::clerk::decide::size::tells_size;
use crate::model::clerk::scene::{Scene, Shown};
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
pub(super) fn told(facts: &ProductFacts, word: &str) -> bool {
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
    // `And what of the Halden parka?`, of which another parka was shown.
    let title = called_whole(&words, scene);
    let so = |shown: &Shown<'a>| title.as_ref().is_none_or(|it| plain(&shown.facts.title) == *it);
    [&scene.shown, &scene.recent].into_iter().find_map(|pool| {
        let named: BTreeSet<Name> = words.iter().filter_map(|word| own(pool, word)).collect();
        let only = named.first().filter(|_| named.len() == 1)?;
        pool.iter().find(|shown| shown.facts.product == *only && so(shown)).cloned()
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
    // `The snap film`, of a snap camera that was shown, where films are sold.
    let other = || anew && is_named(&wish.head, scene);
    let such = |it: &Shown<'_>| {
        let titled = words.iter().any(|word| titled(it.facts, word));
        (!anew || titled) && (called(it.facts, &wish.head) || !other())
    };
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
        // `Is there an L? I'll take it`; `the one with five steps`.
        let lexicon = scene.request.pack.lexicon(&scene.request.locale);
        let counts =
            |said: &String| lexicon.and_then(|it| it.numbers.get(said)).map(i64::to_string);
        let asked = |value: &String| {
            let value = plain(value);
            let number = value.first().filter(|it| it.bytes().all(|it| it.is_ascii_digit()));
            let says =
                |it: &String| scene.said.iter().any(|said| counts(said).as_ref() == Some(it));
            number.is_some_and(|it| scene.said.contains(it) || says(it))
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
        || name.as_str() == "color"
            && wanted.iter().all(|word| value.iter().any(|own| is_shade(own, word)))
    {
        Fit::Part
    } else {
        Fit::No
    }
}

/// The versions of a product that can be had as is wished.
pub(super) fn versions<'a>(shown: &Shown<'a>, wish: &Wish) -> Vec<&'a VariantFacts> {
    let orderable = shown.facts.variants.iter().filter(|it| it.stock.can_be_ordered());
    narrowed(orderable.collect(), &wish.filters)
}

/// The variant of a product with what is wished, else as it was shown; none where it can't be had so.
pub(super) fn variant<'a>(shown: &Shown<'a>, wish: &Wish) -> Option<&'a VariantFacts> {
    let fitting = versions(shown, wish);
    let looks = chosen(shown).map(|it| it.attributes.clone()).unwrap_or_default();
    let alike = looks.into_iter().filter(|(name, _)| !wish.filters.contains_key(name));
    let alike = alike.fold(fitting.clone(), |left, look| {
        let narrower = narrowed(left.clone(), &[look].into());
        if narrower.is_empty() { left } else { narrower }
    });
    alike.into_iter().next()
}

/// What lies in the cart and is called what a question names.
pub(super) fn asked_of<'a>(wish: &Wish, scene: &Scene<'a>) -> Option<Shown<'a>> {
    let such = wish.asks && wish.price == 0 && !wish.words.is_empty() && wish.places.is_empty();
    let variant = line(&wish.words, &Wish::default(), scene).filter(|_| such)?;
    Some(Shown { variant: variant.clone(), ..scene.product(&variant)? })
}
