//! The one product that a search was for, put into the cart or told of where that is wished.

use crate::evidence::VariantFacts;
use crate::model::clerk::decide::name::{by_own_name, is_wider, kind, own, told_so, unbranded};
use crate::model::clerk::decide::pick::{called, known, named, only, pick, titled, whole};
use crate::model::clerk::decide::price::costing;
use crate::model::clerk::decide::size::sized;
use crate::model::clerk::decide::taken::taken;
use crate::model::clerk::decide::{Next, cart, look};
use crate::model::clerk::say::Saying;
use crate::model::clerk::scene::{Scene, Shown};
use crate::model::clerk::understand::{Act, Wish, plain, same, says};

/// The one product that is named, put into the cart or told of where that is wished; `words` are those searched
/// by, and those of them that anything found has.
pub(super) fn single(
    found: &[Shown<'_>],
    words: (&str, &str),
    wish: &Wish,
    scene: &Scene<'_>,
    saying: &mut Saying<'_>,
) -> Option<Next> {
    if is_wider(wish) {
        return None;
    }
    let asked = plain(words.0);
    let told = |only: &Shown<'_>| pick(only, &sized(wish, only), scene, false).is_ok();
    let open = wish.guess && !wish.loose && !wish.asks && wish.act != Some(Act::Details);
    // `Diavola, large`, as from a menu.
    let kinds = wish.filters.keys().any(|name| name.as_str() != "gender");
    let menu = scene.request.pack.lexicon(&scene.request.locale).is_some_and(|it| it.menu);
    let ordered = (wish.article || menu && kinds) && open;
    // Not `wide leg jeans for women please`.
    let whom = wish.filters.keys().any(|name| name.as_str() == "gender");
    let one = wish.points || wish.article;
    let named = !wish.filters.is_empty() || asked.len() > 1 || one;
    let kindly = wish.kindly && named && !whom && open;
    // `The Oxford shirt in white, L`: all that tells its versions apart is told.
    let all = |only: &Shown<'_>| wish.points && open && taken(only, wish, scene);
    // `One 50 euro gift card`.
    let counts = wish.quantity.is_some() || wish.article;
    let priced = wish.costs && counts && open && scene.searched.is_none();
    if let Some(only) = costing(found, wish).and_then(|at| found.get(at)).filter(|_| priced) {
        return Some(cart::put(only, wish, scene, saying, false));
    }
    if let [only] = whole(found, &asked).as_slice() {
        // `A tiramisu`, of who has begun to order.
        let begun = asked.len() > 1 || kindly || !scene.cart.is_empty();
        let own = begun && asked.iter().all(|it| titled(only.facts, it));
        // `I'd like to order a Panama hat`; `a Woven Belt in brown, size 95`.
        let buys = wish.buys && !wish.asks && said_whole(only, words, scene);
        let so = (ordered || kindly) && told(only) || all(only);
        if buys || so && own {
            return Some(cart::put(only, wish, scene, saying, false));
        }
        // `Is the bean burger vegan?`
        let more = asked.iter().any(|it| !titled(only.facts, it));
        let told = wish.guess && !merely_alike(only, found, words.0);
        if wish.asks && wish.filters.is_empty() && (more || told) {
            return Some(look::tell(wish, only, scene, saying));
        }
    }
    // `The bamboo brush in blue, soft please`, its brand left out.
    let mut called = found.iter().filter(|it| unbranded(it, &asked));
    let called = called.next().filter(|_| called.next().is_none() && asked.len() > 1);
    if let Some(only) = called.filter(|only| asked.iter().all(|word| of_it(only, word)))
        && (kindly && told(only) || all(only))
    {
        return Some(cart::put(only, wish, scene, saying, false));
    }
    // `A large margherita`; not `a tent under 160`, where only pegs cost so little.
    if ordered
        && wish.amount == (None, None)
        && let Some(only) = all_own(found, &asked).filter(|only| told(only))
    {
        return Some(cart::put(only, wish, scene, saying, false));
    }
    // `The battery locomotive in blue please`, `the waffle iron please`, where there is one.
    let buys = wish.buys && !wish.filters.is_empty() && asked.len() > 1;
    let fresh = wish.article || scene.shown.is_empty();
    let pointed = wish.points && open && !whom && buys || kindly && one;
    if pointed
        && wish.amount == (None, None)
        && let Some(only) =
            only(found, words.0).filter(|only| told(only) || fresh && found.len() == 1)
        && asked.iter().all(|it| titled(only.facts, it))
    {
        return Some(cart::put(only, wish, scene, saying, false));
    }
    asked_of(found, &asked, wish, scene, saying)
        .or_else(|| counted(found, words, wish, scene, saying))
        .or_else(|| ordered_whole(found, &asked, wish, scene, saying))
}

/// The one product there is of what is ordered, where all that tells its versions apart is told: `foundation in honey
/// please`, `Earl Grey 250 grams please`, `I'd like a whiteboard`, `the trench coat in 38`.
fn ordered_whole(
    found: &[Shown<'_>],
    asked: &[String],
    wish: &Wish,
    scene: &Scene<'_>,
    saying: &mut Saying<'_>,
) -> Option<Next> {
    let open = wish.guess && wish.act != Some(Act::Details);
    // Not `wide leg jeans for women please`.
    let whom = wish.filters.keys().any(|name| name.as_str() == "gender");
    let named = !wish.filters.is_empty() || asked.len() > 1 || wish.points || wish.article;
    let by_size = wish.points && open && wish.filters.keys().any(|name| name.as_str() == "size");
    let orders = wish.kindly && named && open || wish.buys || by_size;
    if !orders || wish.asks || wish.loose || whom || wish.amount != (None, None) {
        return None;
    }
    let measures: Vec<String> = wish.measures.iter().flat_map(|it| plain(it)).collect();
    let (rest, names): (Vec<&String>, Vec<&String>) =
        asked.iter().partition(|it| measures.contains(it));
    let mut all = found.iter().filter(|it| names.iter().all(|word| of_it(it, word)));
    let only = all.next().filter(|_| all.next().is_none() && !names.is_empty())?;
    let wish = &sized(wish, only);
    let told = rest.is_empty() || wish.filters.keys().any(|name| name.as_str() == "size");
    let one = found.len() == 1 || !rest.is_empty();
    // `I'd like the Pieter boxer shorts`, which come in several versions.
    let open = found.len() == 1 && wish.buys && wish.own;
    (one && told && (open || pick(only, wish, scene, false).is_ok()))
        .then(|| cart::put(only, wish, scene, saying, false))
}

/// Whether a word is one of a product's name, or of how one of its versions comes.
fn of_it(only: &Shown<'_>, word: &str) -> bool {
    let mut values = only.facts.variants.iter().flat_map(|it| it.attributes.values());
    titled(only.facts, word) || values.any(|it| plain(it).iter().any(|own| own == word))
}

/// What is asked of the one product that is named: `how waterproof is the Longfell tent?`
fn asked_of(
    found: &[Shown<'_>],
    asked: &[String],
    wish: &Wish,
    scene: &Scene<'_>,
    saying: &mut Saying<'_>,
) -> Option<Next> {
    let in_title = |word: &&String| found.iter().any(|it| titled(it.facts, word));
    let (names, rest): (Vec<&String>, Vec<&String>) = asked.iter().partition(in_title);
    let names: Vec<String> = names.into_iter().cloned().collect();
    if rest.is_empty() || !(wish.asks && wish.guess && wish.filters.is_empty()) {
        return None;
    }
    let only = only(found, &names.join(" ")).or_else(|| by_own_name(found, &names))?;
    Some(look::tell(wish, only, scene, saying))
}

/// So many of the one product with this name: `two pocket shirts in M`.
fn counted(
    found: &[Shown<'_>],
    words: (&str, &str),
    wish: &Wish,
    scene: &Scene<'_>,
    saying: &mut Saying<'_>,
) -> Option<Next> {
    let (only, count) = single_of(found, words.1, wish).zip(wish.quantity)?;
    let whole = whole(found, &plain(words.0)).len() == 1;
    let title = plain(&only.facts.title);
    let part = title.contains(&count.to_string());
    let own = own(only.facts);
    let said = plain(words.0);
    let named = !wish.listed || whole || own.iter().any(|own| said.iter().any(|it| same(own, it)));
    let counts = wish.ahead || wish.kindly;
    (named && said_whole(only, words, scene) && counts && !wish.asks && !part)
        .then(|| cart::put(only, wish, scene, saying, false))
}

/// The one product found whose name has all the words, none of which only says what it is.
fn all_own<'s, 'a>(found: &'s [Shown<'a>], words: &[String]) -> Option<&'s Shown<'a>> {
    let own = |shown: &Shown<'_>| {
        let own = own(shown.facts);
        words.iter().all(|word| own.iter().any(|it| same(it, word)))
    };
    // `A sleeping bag` is no liner for one, where sleeping bags are sold.
    let is_kind = |shown: &Shown<'_>| {
        kind(shown.facts).is_some_and(|kind| words.iter().any(|word| says(&kind, word)))
    };
    let mut named = found.iter().filter(|shown| own(shown));
    let only = named.next().filter(|_| named.next().is_none() && !words.is_empty());
    only.filter(|_| !found.iter().any(is_kind))
}

/// Whether all that is said is known of what lies in the cart: `one of the colas diet` is no more of them.
fn said_whole(only: &Shown<'_>, words: (&str, &str), scene: &Scene<'_>) -> bool {
    let held = |it: &VariantFacts| scene.cart.iter().any(|(held, _)| *held == it.variant);
    plain(words.1).len() == plain(words.0).len() || !only.facts.variants.iter().any(held)
}

/// The one product found that is meant, by its name or as the only one there is of what is counted.
pub(super) fn single_of<'s, 'a>(
    found: &'s [Shown<'a>],
    known: &str,
    wish: &Wish,
) -> Option<&'s Shown<'a>> {
    let only = only(found, known).filter(|it| !merely_alike(it, found, known));
    // `Phones`, of which one is called so and others are a kind of them.
    let so = |it: &&Shown<'_>| plain(known).iter().all(|word| called(it.facts, word));
    let looks = wish.act == Some(Act::Search) && plain(known).len() == 1 && !wish.buys;
    let only = only.filter(|_| !looks || found.iter().filter(so).count() < 2);
    let only = only.or_else(|| told_so(found, &plain(known)).filter(|_| wish.buys));
    only.or_else(|| {
        let [single] = found else { return None };
        wish.quantity.and(named(found, &plain(known), false)).map(|_| single)
    })
}

/// Whether a product's name is only like what was said, which others are too: a `Vegana`, of pizzas that are vegan.
fn merely_alike(only: &Shown<'_>, found: &[Shown<'_>], words: &str) -> bool {
    let all = |it: &Shown<'_>| {
        let known = known(std::slice::from_ref(it), words).len();
        known == plain(words).len() && it.facts.product != only.facts.product
    };
    let own = own(only.facts);
    let alike = |word: &String| own.iter().any(|own| same(own, word)) && !own.contains(word);
    plain(words).iter().any(alike) && found.iter().any(all)
}
