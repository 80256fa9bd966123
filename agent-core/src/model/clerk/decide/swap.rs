//! One thing in the cart takes the place of another: another version of it, or another product.

use serde_json::{Value, json};

use crate::evidence::VariantFacts;
use crate::id::Name;
use crate::model::clerk::decide::cart::{by_name, put};
use crate::model::clerk::decide::lines::{line, named_lines};
use crate::model::clerk::decide::look::which;
use crate::model::clerk::decide::pick::{Filters, Fit, called, fits, pick, subject};
use crate::model::clerk::decide::query::query;
use crate::model::clerk::decide::size::sized;
use crate::model::clerk::decide::{Next, call, chosen, goods, said};
use crate::model::clerk::say::Saying;
use crate::model::clerk::scene::{Did, Scene, Shown};
use crate::model::clerk::understand::{Act, Wish, plain, says, telling};

/// Another version of what was just put there, or of what is named, takes its place.
pub(super) fn swap(wish: &Wish, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    let words = plain(&wish.words);
    let named = named_lines(&wish.words, &Wish::default(), scene);
    let line = named.first().filter(|_| named.len() == 1 && !words.is_empty()).cloned();
    let own = |variant: &Name| words.iter().all(|word| is_called(variant, word, scene));
    // `Swap the cap for that`, of what was looked at.
    let held = |it: &Name| scene.cart.iter().any(|(held, _)| held == it);
    let other = |it: &Shown<'_>| !it.facts.variants.iter().any(|it| held(&it.variant));
    let it = Wish { words: String::new(), ..wish.clone() };
    let that = wish.it && line.is_some() && wish.filters.is_empty();
    if that && subject(&it, scene).is_some_and(|it| other(&it)) {
        return replace(wish, scene, saying);
    }
    if let Some(next) = line.as_ref().and_then(|gone| other_of_two(gone, wish, scene, saying)) {
        return next;
    }
    let line = match line {
        // `I mean normal cola`, of a cola zero.
        Some(line) if is_other(&line, &words, scene) => return replace(wish, scene, saying),
        Some(line) if own(&line) => Some(line),
        // `The cognac is too light, black please`, of what does not lie there last.
        _ if words.is_empty() => {
            let told = denied(wish, scene).or_else(|| told_of(wish, scene));
            told.or_else(|| comes_so(wish, scene)).or_else(|| scene.focus.clone())
        }
        _ => match goods_named(wish, line.as_ref(), scene) {
            Err(next) => return next,
            Ok(true) => return replace(wish, scene, saying),
            // `L will be too big for him, change it to M`: nothing is called so.
            Ok(false) => line.or_else(|| comes_so(wish, scene)).or_else(|| scene.focus.clone()),
        },
    };
    // `Both in large, please.`
    let both = wish.places.contains(&0) && words.is_empty();
    let of: Vec<&(Name, u32)> =
        scene.cart.iter().filter(|it| both || Some(&it.0) == line.as_ref()).collect();
    if of.is_empty() && scene.cart.is_empty() {
        return goods::search(wish, Act::Refine, scene, saying);
    }
    if of.is_empty() {
        return which(wish, scene, saying);
    }
    let mut calls = Vec::new();
    for (variant, quantity) in of {
        match version_of(variant, *quantity, wish, scene, saying) {
            Next::Call(more) => calls.extend(more),
            Next::Say if saying.asks() => return Next::Say,
            Next::Say => {}
        }
    }
    if calls.is_empty() && !saying.helps() {
        return said(saying, "nod");
    }
    if calls.is_empty() { Next::Say } else { Next::Call(calls) }
}

/// Of two that are shown, the other takes the place of the one that is named and comes in no other version: `the small one
/// in place of the floor pump`.
fn other_of_two(
    gone: &Name,
    wish: &Wish,
    scene: &Scene<'_>,
    saying: &mut Saying<'_>,
) -> Option<Next> {
    let [first, second] = scene.shown.as_slice() else { return None };
    let of = |it: &Shown<'_>| it.facts.variants.iter().any(|it| it.variant == *gone);
    let (goes, comes) = match (of(first), of(second)) {
        (true, false) => (first, second),
        (false, true) => (second, first),
        _ => return None,
    };
    let held = scene.cart.iter().find(|(held, _)| held == gone)?.1;
    let told = wish.filters.keys().any(|name| name.as_str() != "gender");
    if !told || goes.facts.variants.len() > 1 {
        return None;
    }
    let quantity = wish.quantity.or(Some(held));
    let come = Wish { act: Some(Act::Swap), quantity, ..Wish::default() };
    Some(match put(comes, &come, scene, saying, true) {
        Next::Call(calls) => Next::Call([vec![makes_room(gone, held, wish)], calls].concat()),
        Next::Say => Next::Say,
    })
}

/// The one line of the cart that lies there as it is not wished: the paint, of `grey, not cream`.
fn denied(wish: &Wish, scene: &Scene<'_>) -> Option<Name> {
    let so = |variant: &Name| {
        let product = scene.product(variant)?;
        let facts = product.facts.variants.iter().find(|it| it.variant == *variant)?;
        let lies = |value: &String| facts.attributes.values().any(|it| it == value);
        wish.without.iter().any(lies).then(|| variant.clone())
    };
    let mut lines = scene.cart.iter().filter_map(|(held, _)| so(held));
    lines.next().filter(|_| lines.next().is_none())
}

/// The version in the cart that most of what is said tells of, of several of the product in focus: `the cream one in
/// 25 cm instead`, of a cream one in 40 cm and a brown one.
fn told_of(wish: &Wish, scene: &Scene<'_>) -> Option<Name> {
    let product = scene.product(scene.focus.as_ref()?)?;
    let told = |variant: &Name| {
        let facts = product.facts.variants.iter().find(|it| it.variant == *variant)?;
        let fits = |(name, value): &(&Name, &String)| fits(facts, name, value) == Fit::Exact;
        Some(wish.filters.iter().filter(fits).count())
    };
    let lines = scene.cart.iter().filter_map(|(held, _)| Some((told(held)?, held)));
    let most = lines.clone().map(|(told, _)| told).max().filter(|most| *most > 0)?;
    let mut best = lines.filter(|(told, _)| *told == most);
    let (_, only) = best.next()?;
    best.next().is_none().then(|| only.clone())
}

/// The one line of the cart that there is as it is wished, where what was put there last does not come so.
fn comes_so(wish: &Wish, scene: &Scene<'_>) -> Option<Name> {
    let so = |variant: &Name| {
        let variants = scene.product(variant).map(|it| it.facts.variants.iter());
        let all = |facts: &VariantFacts| {
            wish.filters.iter().all(|(name, value)| fits(facts, name, value) == Fit::Exact)
        };
        !wish.filters.is_empty() && variants.is_some_and(|mut it| it.any(all))
    };
    if scene.focus.as_ref().is_some_and(so) {
        return None;
    }
    let mut lines = scene.cart.iter().map(|(held, _)| held).filter(|held| so(held));
    let only = lines.next()?;
    lines.next().is_none().then(|| only.clone())
}

/// Whether a line of the cart is called so, or is a kind of it.
fn is_called(variant: &Name, word: &str, scene: &Scene<'_>) -> bool {
    let mut lines = scene.lines.iter().filter(|held| held.variant == *variant);
    lines.any(|held| plain(&held.title).iter().any(|own| says(own, word)))
        || scene.product(variant).is_some_and(|it| called(it.facts, word))
}

/// Whether other goods than a line are called by just these words, which its name has among others.
fn is_other(line: &Name, words: &[String], scene: &Scene<'_>) -> bool {
    let lexicon = scene.request.pack.lexicon(&scene.request.locale);
    let whole = |title: &String| plain(title) == words;
    let mut held = scene.lines.iter().filter(|held| held.variant == *line);
    lexicon.is_some_and(|it| it.titles.iter().any(whole)) && !held.any(|held| whole(&held.title))
}

/// Whether anything that is sold is called what a wish names beside how it is to be; where it does not say that, it
/// names something. What only the `line` is called is no other: `in place of the cap the hat in grey`.
fn goods_named(wish: &Wish, line: Option<&Name>, scene: &Scene<'_>) -> Result<bool, Next> {
    let says = wish.step != 0 || wish.filters.keys().any(|name| name.as_str() != "gender");
    if !says {
        return Ok(true);
    }
    let mut words = plain(&wish.words);
    words.retain(|word| !line.is_some_and(|line| is_called(line, word, scene)));
    if words.is_empty() {
        return Ok(false);
    }
    let other = Wish { words: words.join(" "), ..wish.clone() };
    let (found, _) = goods::found(query(&other, Act::Search, scene), [], scene)?;
    Ok(found.iter().any(|it| words.iter().any(|word| called(it.facts, word))))
}

/// A line of the cart as it is wished takes its place.
fn version_of(
    variant: &Name,
    held: u32,
    wish: &Wish,
    scene: &Scene<'_>,
    saying: &mut Saying<'_>,
) -> Next {
    let Some(shown) = scene.product(variant) else { return which(wish, scene, saying) };
    let shown = Shown { variant: variant.clone(), ..shown };
    let wish = sized(wish, &shown);
    let before = shown.facts.variants.iter().find(|it| it.variant == *variant);
    let before = before.map(|it| it.attributes.clone()).unwrap_or_default();
    let filters = as_before(&shown, &wish.filters, before);
    let quantity = wish.quantity.unwrap_or(held);
    let wish = Wish { filters, ..wish };
    match pick(&shown, &wish, scene, false) {
        Ok(other) if other.variant != *variant => {
            let come = json!({ "variant": other.variant, "quantity": quantity });
            if scene.result("cart_add", &come).is_some() {
                saying.changed(Act::Set);
                return Next::Say;
            }
            Next::Call(vec![makes_room(variant, held, &wish), ("cart_add".into(), come)])
        }
        Ok(_) if quantity != held => {
            let so_many = json!({ "variant": variant, "quantity": quantity });
            if scene.result("cart_set", &so_many).is_some() {
                saying.changed(Act::Set);
                return Next::Say;
            }
            call("cart_set", so_many)
        }
        Ok(_) => Next::Say,
        Err(missing) => {
            saying.choose(&shown, &missing, quantity);
            Next::Say
        }
    }
}

/// What is wished of a product, and what it was before: what is silver is not gold-plated, where it does not come so. Its
/// size and colour stay as they were.
pub(super) fn as_before(shown: &Shown<'_>, wished: &Filters, before: Filters) -> Filters {
    let comes = |filters: &Filters| {
        let fits = |it: &VariantFacts| {
            filters.iter().all(|(name, value)| fits(it, name, value) != Fit::No)
        };
        shown.facts.variants.iter().any(fits)
    };
    before.into_iter().fold(wished.clone(), |filters, (name, value)| {
        let said = matches!(name.as_str(), "size" | "color");
        let mut both = filters.clone();
        both.entry(name).or_insert(value);
        if said || comes(&both) || !comes(&filters) { both } else { filters }
    })
}

/// What takes a line out of the cart for what comes in its place; only so many of several where that was said: `swap
/// one penne for a carbonara`.
fn makes_room(variant: &Name, held: u32, wish: &Wish) -> (Name, Value) {
    // `One of them in blue instead`.
    let of_it = wish.ahead || wish.article && wish.it;
    match wish.quantity.filter(|it| of_it && *it < held) {
        Some(fewer) => ("cart_set".into(), json!({ "variant": variant, "quantity": held - fewer })),
        None => ("cart_remove".into(), json!({ "variant": variant })),
    }
}

/// Whether what is wished stands for what does not lie in the cart, so that nothing goes: `the lamp in place of the globe`.
fn stands_for_none(wish: &Wish, scene: &Scene<'_>) -> bool {
    let denied = || wish.without.iter().flat_map(|it| plain(it));
    let lies = |(held, _): &(Name, u32)| denied().any(|it| is_called(held, &it, scene));
    wish.instead && denied().next().is_some() && !scene.cart.iter().any(lies)
}

/// Another product takes the place of one in the cart: both are named, in any order, or it was looked at last.
fn replace(wish: &Wish, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    // `The cap instead`, of what was just taken out: nothing else goes.
    let named = plain(&wish.words);
    let of_cart = |(held, _): &(Name, u32)| named.iter().any(|word| is_called(held, word, scene));
    if matches!(scene.did, Some(Did::Removed)) && !scene.cart.iter().any(of_cart) {
        return by_name(&Wish { buys: true, ..wish.clone() }, scene, saying);
    }
    let line = line(&wish.words, &Wish::default(), scene);
    // `The scarf instead`, of two.
    let of_line = |(held, _): &(Name, u32)| {
        plain(&wish.words).iter().any(|word| is_called(held, word, scene))
    };
    let several = scene.cart.iter().filter(|held| of_line(held)).count() > 1;
    let held = |it: &Name| scene.cart.iter().any(|(held, _)| held == it);
    let focus = scene.focus.clone().filter(|it| held(it) && (wish.it || scene.adding) && !several);
    if line.is_none() && stands_for_none(wish, scene) {
        return by_name(&Wish { buys: true, ..wish.clone() }, scene, saying);
    }
    // `Swap it for the commuter`, of the one thing in the cart.
    let line = line.or(focus).or_else(|| match scene.cart.as_slice() {
        [(only, _)] => Some(only.clone()),
        _ => None,
    });
    let held = scene.lines.iter().find(|held| Some(&held.variant) == line.as_ref());
    let Some(gone) = held else { return said(saying, "cart.which") };
    let title = plain(&gone.title);
    let mut words = plain(&wish.words);
    let other = is_other(&gone.variant, &words, scene);
    let of_gone = |word: &String| !other && title.iter().any(|own| says(own, word));
    // The `chicken pouches` of `swap the tuna for the chicken pouches`.
    let last = words.iter().rposition(|word| !of_gone(word));
    let kind = last.and_then(|at| words.get(at + 1)).cloned();
    words.retain(|word| !of_gone(word));
    let quantity = wish.quantity.or(Some(gone.quantity));
    let (words, names) = (words.join(" "), Vec::new());
    let wish = Wish { words, names, quantity, buys: true, ..wish.clone() };
    let come = |wish: &Wish, saying: &mut Saying<'_>| match subject(wish, scene) {
        Some(shown) if wish.words.is_empty() => put(&shown, wish, scene, saying, true),
        _ => by_name(wish, scene, saying),
    };
    let before = saying.clone();
    let mut next = come(&wish, saying);
    if let Some(kind) = kind.filter(|_| matches!(next, Next::Say) && !saying.asks()) {
        let whole = Wish { words: format!("{} {kind}", wish.words), ..wish.clone() };
        let mut said = before.clone();
        match come(&whole, &mut said) {
            Next::Call(calls) => next = Next::Call(calls),
            Next::Say if said.asks() => *saying = said,
            Next::Say => {}
        }
    }
    // `The prosciutto instead`, of a small salami: a small one.
    if saying.asks() || wish.same {
        let mut alike = wish.clone();
        let looks = scene.product(&gone.variant);
        let looks = looks.map(|it| Shown { variant: gone.variant.clone(), ..it });
        let told = looks.iter().flat_map(|it| telling(it.facts));
        let told: Vec<&Name> = told.map(|(name, _)| name).collect();
        for (name, value) in looks.as_ref().and_then(chosen).iter().flat_map(|it| &it.attributes) {
            if told.contains(&name) {
                alike.filters.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        let mut said = before;
        let other = come(&alike, &mut said);
        if matches!(other, Next::Call(_)) || !said.asks() {
            (next, *saying) = (other, said);
        }
    }
    match next {
        Next::Call(mut calls) if calls.iter().any(|(tool, _)| tool.as_str() == "cart_add") => {
            calls.insert(0, makes_room(&gone.variant, gone.quantity, &wish));
            Next::Call(calls)
        }
        next => next,
    }
}
