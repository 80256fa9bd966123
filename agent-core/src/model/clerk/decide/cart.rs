//! The cart: filled, changed, paid.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::evidence::VariantFacts;
use crate::id::Name;
use crate::model::clerk::decide::goods::so_named;
use crate::model::clerk::decide::lines::{line, lines};
use crate::model::clerk::decide::look::which;
use crate::model::clerk::decide::name::{is_wider, own};
use crate::model::clerk::decide::pick::{
    Fit, called, fits, known, meant, named, only, pick, subject, titled, whole,
};
use crate::model::clerk::decide::size::{sized, unmeasured};
use crate::model::clerk::decide::swap::as_before;
use crate::model::clerk::decide::{Missing, Next, after, call, chosen, goods, look, said, side};
use crate::model::clerk::say::Saying;
use crate::model::clerk::scene::{Asked, Done, Scene, Shown};
use crate::model::clerk::understand::{Act, Wish, plain, same, says, telling};

/// Versions of one product that are put there at once, at most.
const EACH: usize = 6;
/// Words of so many letters name nothing.
const SHORT: usize = 3;

pub(super) fn add(wish: &Wish, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    let answers = wish.words.is_empty() && wish.places.is_empty();
    // `Large`, `both in large`.
    let both = wish.words.is_empty() && wish.places == [0];
    let asked = if both { &scene.asked[..] } else { scene.asked.get(..1).unwrap_or_default() };
    if !asked.is_empty() && (answers || both) {
        return all(asked, saying, |asked, saying| {
            let quantity = wish.quantity.or(asked.quantity);
            put(&asked.product, &Wish { quantity, ..wish.clone() }, scene, saying, true)
        });
    }
    // `Two more of those socks`, of what is in the cart.
    if !wish.for_it
        && (wish.again || wish.it || (wish.one || wish.quantity.is_some()) && scene.adding)
        && let Some((shown, wish)) = of_line(wish, scene)
    {
        return put(&shown, &wish, scene, saying, true);
    }
    if let Some(each) = each_of(wish, scene) {
        return all(&each, saying, |(shown, wish), saying| put(shown, wish, scene, saying, true));
    }
    // What was just put there is not put there again without a word of it.
    let held = |it: &Name| scene.cart.iter().any(|(held, _)| held == it);
    let nothing = answers && !wish.again && wish.filters.is_empty();
    let nothing = nothing && wish.quantity.is_none() && !wish.one && wish.price == 0;
    if nothing && scene.adding && scene.focus.as_ref().is_some_and(held) {
        return said(saying, "nod");
    }
    let mut products = meant(wish, scene);
    // `Gas for it`, of a gas stove.
    products.retain(|it| !wish.for_it || !it.facts.variants.iter().any(|it| held(&it.variant)));
    // `And one for my friend`: who it is for names nothing.
    let counted = wish.quantity.is_some() || wish.one;
    let bare = wish.head.is_empty() && !wish.thing && counted;
    // `And one of the fig candle too`: what goods are called so is none that was spoken of.
    let called = if products.is_empty() && bare && !wish.words.is_empty() {
        let words = plain(&wish.words);
        match so_named(wish, [], scene) {
            Err(next) => return next,
            Ok((found, _)) => {
                found.iter().any(|it| words.iter().all(|word| titled(it.facts, word)))
            }
        }
    } else {
        false
    };
    let bare = bare && !called;
    if products.is_empty() && !wish.for_it {
        let it = Wish { words: String::new(), ..wish.clone() };
        let it = subject(if bare { &it } else { wish }, scene);
        products.extend(it.filter(|it| comes_so(it, wish)));
    }
    if products.is_empty() {
        return if wish.words.is_empty() {
            which(wish, scene, saying)
        } else {
            by_name(wish, scene, saying)
        };
    }
    all(&products, saying, |product, saying| put(product, wish, scene, saying, !wish.each))
}

/// What is put there once more of all that lies there, or each version of one product: `one more of each`, `one in each
/// colour`; none where there are too many of them.
fn each_of<'a>(wish: &Wish, scene: &Scene<'a>) -> Option<Vec<(Shown<'a>, Wish)>> {
    let so = |shown: &Shown<'a>, it: &VariantFacts| {
        let (variant, filters) = (it.variant.clone(), it.attributes.clone());
        (Shown { variant, ..shown.clone() }, Wish { filters, ..wish.clone() })
    };
    let bare = wish.words.is_empty() && wish.filters.is_empty();
    if wish.again && wish.places == [0] && bare && scene.cart.len() > 1 {
        let line = |(held, _): &(Name, u32)| {
            let shown = scene.product(held)?;
            let facts = shown.facts.variants.iter().find(|it| it.variant == *held)?;
            Some(so(&shown, facts))
        };
        return scene.cart.iter().map(line).collect();
    }
    let shown = subject(wish, scene).filter(|_| wish.each)?;
    let fits = |it: &&VariantFacts| {
        let fits = |(name, value): (&Name, &String)| fits(it, name, value) != Fit::No;
        it.stock.can_be_ordered() && wish.filters.iter().all(fits)
    };
    let each: Vec<_> = shown.facts.variants.iter().filter(fits).map(|it| so(&shown, it)).collect();
    let apart: BTreeSet<&Name> = telling(shown.facts).into_iter().map(|(name, _)| name).collect();
    let open = apart.iter().filter(|name| !wish.filters.contains_key(**name)).count();
    (open == 1 && each.len() <= EACH).then_some(each)
}

/// Whether it tells of what was asked for, and names nothing else: `it's a king size bed, and I'd prefer grey`.
pub(super) fn tells_of_asked(wish: &Wish, scene: &Scene<'_>) -> bool {
    // `De blauen`: what is so short names nothing.
    let short = wish.words.chars().count() <= SHORT;
    let open = (wish.it || wish.points || short)
        && wish.guess
        && !wish.thing
        && !wish.asks
        && wish.places.is_empty();
    let kinds = || wish.filters.iter().filter(|(name, _)| name.as_str() != "gender");
    let offers = |asked: &Asked<'_>| {
        let has = |(name, value): (&Name, &String)| {
            asked.product.facts.variants.iter().any(|it| fits(it, name, value) != Fit::No)
        };
        kinds().all(has)
    };
    open && kinds().next().is_some() && scene.asked.first().is_some_and(offers)
}

/// The same for each: what can be done first, then what must be asked.
pub(super) fn all<'s, T>(
    each: &[T],
    saying: &mut Saying<'s>,
    mut one: impl FnMut(&T, &mut Saying<'s>) -> Next,
) -> Next {
    let (mut calls, mut asking) = (Vec::new(), Vec::new());
    for it in each {
        let before = saying.clone();
        match one(it, saying) {
            // `A caesar salad but hold the croutons` names one thing twice.
            Next::Call(more) => {
                let new: Vec<_> = more.into_iter().filter(|it| !calls.contains(it)).collect();
                calls.extend(new);
            }
            Next::Say if saying.asks() && !before.asks() => {
                *saying = before;
                asking.push(it);
            }
            Next::Say => {}
        }
    }
    if !calls.is_empty() {
        return Next::Call(calls);
    }
    for it in asking {
        let _asked = one(it, saying);
    }
    Next::Say
}

/// Asks on for the versions of what was asked for beside what this turn put into the cart.
pub(super) fn ask_on(scene: &Scene<'_>, saying: &mut Saying<'_>) {
    let adds = scene.done.iter().filter(|done| done.call.tool.as_str() == "cart_add");
    let added: Vec<_> =
        adds.filter_map(|done| done.call.arguments.get("variant")?.as_str()).collect();
    let is_answered = |asked: &&Asked<'_>| {
        let mut variants = asked.product.facts.variants.iter();
        variants.any(|it| added.contains(&it.variant.as_str()))
    };
    if saying.asks() || !scene.asked.iter().any(|asked| is_answered(&asked)) {
        return;
    }
    for asked in scene.asked.iter().filter(|asked| !is_answered(asked)) {
        let wish = Wish { act: Some(Act::Add), quantity: asked.quantity, ..Wish::default() };
        let _asked = put(&asked.product, &wish, scene, saying, true);
    }
}

/// Whether a product comes in what is wished of it at all: a cola is no `small one`.
fn comes_so(shown: &Shown<'_>, wish: &Wish) -> bool {
    let has = |name: &Name| {
        shown.facts.variants.iter().any(|variant| variant.attributes.contains_key(name))
    };
    wish.filters.keys().all(|name| name.as_str() == "gender" || has(name))
}

/// What lies in the cart and is named, or was put there last, and the wish for it as it lies there.
pub(super) fn of_line<'a>(wish: &Wish, scene: &Scene<'a>) -> Option<(Shown<'a>, Wish)> {
    let begun = scene.adding || wish.again;
    let last = scene
        .focus
        .clone()
        .filter(|_| wish.words.is_empty() && wish.places.is_empty() && wish.price == 0 && begun);
    let variant = last.or_else(|| line(&wish.words, &Wish::default(), scene))?;
    let held = scene.lines.iter().find(|held| held.variant == variant)?;
    let title = plain(&held.title);
    let named = |word: &String| title.iter().any(|own| says(own, word));
    let shown = scene.product(&variant).filter(|_| plain(&wish.words).iter().all(named))?;
    let shown = Shown { variant, ..shown };
    let before = chosen(&shown).filter(|_| comes_so(&shown, wish))?.attributes.clone();
    let filters = as_before(&shown, &wish.filters, before);
    Some((shown, Wish { filters, ..wish.clone() }))
}

/// What is named and was not shown: searched, and put there if it is one.
pub(super) fn by_name(wish: &Wish, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    // `The Garden Party Dress`, where the pack has another word for a party dress.
    if plain(&wish.said).len() > 1 && wish.said != wish.words && wish.names.len() < 2 {
        let said = Wish { words: wish.said.clone(), said: String::new(), ..wish.clone() };
        let (found, _) = match so_named(&said, [], scene) {
            Ok(found) => found,
            Err(next) => return next,
        };
        let (whole, own) = (whole(&found, &plain(&said.words)), plain(&said.words));
        if let [only] = whole.as_slice()
            && own.iter().all(|word| titled(only.facts, word))
        {
            return put(only, &said, scene, saying, false);
        }
    }
    let (found, _) = match so_named(wish, [], scene) {
        Ok(found) => found,
        Err(next) => return next,
    };
    let words = plain(&wish.words);
    // `The large one with 55 litres, in blue`: a word that no goods are called by.
    let titles = |it: &Shown<'_>| words.iter().any(|word| titled(it.facts, word));
    let points = wish.points || wish.it && !wish.own;
    let points = points && !wish.filters.is_empty() && !found.iter().any(titles);
    // `Lovely, I take it`: words that name nothing say nothing beside `it`.
    if (found.is_empty() && wish.it || points) && !wish.thing {
        let it = Wish { words: String::new(), ..wish.clone() };
        if let Some(shown) = subject(&it, scene) {
            return put(&shown, &it, scene, saying, true);
        }
    }
    let single = || found.get(named(&found, &words, false)?);
    // `The Ridgeway rucksack`, where the feed has another word for one.
    // `The merino insoles to go inside`: two words of its name are enough of it.
    let known = known(&found, &wish.words);
    let so = |it: &Shown<'_>| known.len() > 1 && known.iter().all(|word| titled(it.facts, word));
    let alone = || found.first().filter(|it| found.len() == 1 && (by_own_word(it, wish) || so(it)));
    // Where no word says that it is bought, only its name does: `a vegetarian burger` may be any.
    let titles = |it: &&Shown<'_>| {
        wish.buys
            || wish.again
            || !known.is_empty() && known.iter().all(|word| titled(it.facts, word))
            // `And a lemon sorbet for afters`.
            || whole(std::slice::from_ref(*it), &words).len() == 1
    };
    // `Make the gloves warm` names nothing that could take their place.
    let comes = |it: &&Shown<'_>| {
        wish.act != Some(Act::Swap) || words.iter().any(|word| titled(it.facts, word))
    };
    // `I want the black trainers for my boy`, where there are no others.
    let pointed = || {
        let such = |it: &&Shown<'_>| called(it.facts, &wish.head) && found.len() == 1;
        let several = |it: &&Shown<'_>| it.facts.variants.len() > 1;
        found.first().filter(|_| wish.buys && wish.thing).filter(such).filter(several)
    };
    let only = only(&found, &wish.words).or_else(single).or_else(alone).or_else(pointed);
    let only = only.filter(titles).filter(comes).filter(|_| !is_wider(wish));
    let only = only.or_else(|| measured(&found, wish));
    // `A chair and a doormat` are no one thing.
    let has =
        |shown: &Shown<'_>, name: &String| plain(name).iter().any(|word| titled(shown.facts, word));
    let apart = |shown: &Shown<'_>| !wish.names.iter().all(|name| has(shown, name));
    if wish.names.len() > 1 && only.is_none_or(apart) {
        return side::each_by_name(wish, scene, saying);
    }
    match only {
        Some(only) => put(only, wish, scene, saying, false),
        None if wish.guess && !wish.buys => goods::search(wish, Act::Search, scene, saying),
        None => {
            saying.found(&found, false, 0);
            Next::Say
        }
    }
}

/// The one product that is called so and comes in the size that is told: `wall plugs, the 8 mm ones`, beside saws of 550 mm.
fn measured<'s, 'a>(found: &'s [Shown<'a>], wish: &Wish) -> Option<&'s Shown<'a>> {
    let words = plain(&unmeasured(wish));
    let so = |it: &&Shown<'_>| {
        let called = !words.is_empty() && words.iter().all(|word| titled(it.facts, word));
        called && sized(wish, it) != *wish
    };
    let mut such = found.iter().filter(so);
    such.next().filter(|_| such.next().is_none())
}

/// Whether a product has a word of its own that a wish says, beside what it is.
fn by_own_word(shown: &Shown<'_>, wish: &Wish) -> bool {
    let (words, kind) = (plain(&wish.words), plain(&wish.kind));
    wish.own && own(shown.facts).iter().any(|own| words.contains(own) && !kind.contains(own))
}

/// Puts one product into the cart, or asks which version of it.
pub(super) fn put(
    product: &Shown<'_>,
    wish: &Wish,
    scene: &Scene<'_>,
    saying: &mut Saying<'_>,
    seen: bool,
) -> Next {
    // The number may be part of the name: `the five-panel cap`; but not that of `4 x wool`, of `Wool 4-ply`.
    let wish = &sized(wish, product);
    let (title, words) = (plain(&product.facts.title), plain(&wish.words));
    let number = title.iter().position(|own| *own == wish.counted);
    let next = number.and_then(|at| title.get(at + 1));
    // `Three of the three-pack boxers` says it twice.
    let twice = words.contains(&wish.counted);
    let named = number.is_some() && !twice;
    // `A 5 pack of the socks`, of a `Pack of 5`.
    let before = |n: usize| number.and_then(|at| at.checked_sub(n)).and_then(|at| title.get(at));
    let part = |it: Option<&String>| it.is_some_and(|it| words.contains(it));
    let of = |own: &&String| !words.iter().any(|it| same(own, it));
    let pack = part(before(2)) && before(1).filter(of).is_some();
    let named = named && (!wish.ahead || part(next) || pack);
    let quantity = wish.quantity.filter(|_| !named).unwrap_or(1).max(1);
    let mut alike = wish.clone();
    let mut picked = pick(product, wish, scene, seen);
    if let Err(Missing { attribute: Some(name), .. }) = &picked
        && let Some(value) = as_last(name, wish, scene)
    {
        alike.filters.insert(name.clone(), value);
        picked = pick(product, &alike, scene, seen);
    }
    match picked {
        Err(missing) => {
            saying.choose(product, &missing, quantity);
            Next::Say
        }
        Ok(variant) => {
            let arguments = json!({ "variant": variant.variant, "quantity": quantity });
            match scene.result("cart_add", &arguments) {
                None => call("cart_add", arguments),
                Some(_) => {
                    saying.added();
                    Next::Say
                }
            }
        }
    }
}

/// What was put into the cart last is so, where the same is wished: `the hat too, same size`.
fn as_last(name: &Name, wish: &Wish, scene: &Scene<'_>) -> Option<String> {
    let held = |it: &&Name| scene.cart.iter().any(|(held, _)| held == *it);
    let last = scene.focus.as_ref().filter(held);
    let last = last.or_else(|| scene.cart.last().map(|(held, _)| held)).filter(|_| wish.same)?;
    let product = scene.product(last)?;
    let variant = product.facts.variants.iter().find(|it| it.variant == *last)?;
    variant.attributes.get(name).cloned()
}

/// One of what was shown, as it is to be: put into the cart where nothing is left open, else shown.
pub(super) fn choose(wish: &Wish, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    let subject = subject(wish, scene);
    let sized = |shown: &Shown<'_>| {
        let variants = &shown.facts.variants;
        !variants.iter().any(|it| it.attributes.contains_key("size"))
            || wish.filters.contains_key("size")
            || variants.len() == 1
    };
    match subject {
        Some(shown) if sized(&shown) && pick(&shown, wish, scene, true).is_ok() => {
            put(&shown, wish, scene, saying, true)
        }
        // `Yes, the Frost bedding in red, please`.
        Some(shown) if wish.kindly && wish.points && wish.own => {
            put(&shown, wish, scene, saying, false)
        }
        Some(_) => look::details(wish, scene, saying),
        None => goods::search(wish, Act::Refine, scene, saying),
    }
}

/// Whether all that lies there, just put there, goes again by a word that no goods have: `that key thingy can go`.
fn drops_last(wish: &Wish, act: Act, scene: &Scene<'_>) -> bool {
    let lexicon = scene.request.pack.lexicon(&scene.request.locale);
    let told = lexicon.map(|it| &it.told).filter(|it| !it.is_empty());
    let words = plain(&wish.words);
    let strange = told.is_some_and(|told| !words.iter().any(|word| told.contains(word)));
    let bare = wish.filters.is_empty() && wish.places.is_empty() && !words.is_empty();
    let only = scene.adding && scene.cart.len() == 1;
    act == Act::Remove && only && wish.points && !wish.thing && bare && strange
}

/// Shows the cart.
pub(super) fn view(scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    after(scene, "cart_view", json!({}), |saying, _| saying.cart(), saying)
}

pub(super) fn change(wish: &Wish, act: Act, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    if scene.cart.is_empty() {
        return said(saying, "cart.empty");
    }
    // `I want to change something first.`
    let open = wish.words.is_empty() && wish.filters.is_empty() && wish.places.is_empty();
    if act == Act::Set && open && !wish.it && wish.quantity.is_none() && !wish.doubled {
        return view(scene, saying);
    }
    let rest = wish.rest && act == Act::Remove;
    // `The others can go`, of several: which one stays was not said.
    if rest && open && scene.cart.len() > 2 {
        return said(saying, "cart.which");
    }
    let places = wish.places.iter().copied().filter(|place| *place != 0).collect();
    let named = Wish { places, it: false, ..wish.clone() };
    let mut variants = lines(if rest { &named } else { wish }, scene);
    if rest && !variants.is_empty() {
        let held = scene.cart.iter().map(|(variant, _)| variant.clone());
        variants = held.filter(|held| !variants.contains(held)).collect();
    }
    let held = |variant: &Name| {
        scene.cart.iter().find(|(line, _)| line == variant).map_or(0, |(_, quantity)| *quantity)
    };
    // `Two mugs are enough`: of the one there are several of.
    if act == Act::Set && variants.len() > wish.names.len().max(1) && !wish.places.contains(&0) {
        variants.retain(|variant| held(variant) > 1);
        variants.truncate(if variants.len() > 1 { 0 } else { 1 });
    }
    // `The lighter one can go`, of several: which one is so was not understood.
    let compares = act == Act::Remove && wish.refines && open && scene.cart.len() > 1;
    variants.extend(
        scene.focus.clone().filter(|_| variants.is_empty() && drops_last(wish, act, scene)),
    );
    if variants.is_empty() || compares {
        return said(saying, "cart.which");
    }
    let mut calls = Vec::new();
    for variant in &variants {
        let set = |quantity: u32| {
            ("cart_set".into(), json!({ "variant": variant, "quantity": quantity }))
        };
        calls.push(match (act, wish.quantity) {
            (Act::Remove, Some(fewer)) if 0 < fewer && fewer < held(variant) => {
                set(held(variant) - fewer)
            }
            (Act::Remove, _) | (_, Some(0)) => {
                ("cart_remove".into(), json!({ "variant": variant }))
            }
            (_, _) if wish.doubled => set(held(variant) * 2),
            (_, _) if wish.halved && held(variant) % 2 == 0 => set(held(variant) / 2),
            (_, Some(quantity)) => set(quantity),
            (_, None) => return said(saying, "cart.how_many"),
        });
    }
    let done = |(tool, arguments): &(Name, Value)| scene.result(tool.as_str(), arguments).is_some();
    calls.retain(|call| !done(call));
    if calls.is_empty() {
        saying.changed(act);
        return Next::Say;
    }
    Next::Call(calls)
}

pub(super) fn checkout(scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    if scene.request.notes.cart.is_empty() {
        return said(saying, "checkout.empty");
    }
    let viewed =
        scene.priced() || scene.done.iter().any(|done| done.call.tool.as_str() == "cart_view");
    let changes = |done: &&Done<'_>| {
        ["cart_add", "cart_set", "cart_remove"].contains(&done.call.tool.as_str())
            && done.result.is_ok()
    };
    let asked = scene.done.iter().rposition(|done| done.call.tool.as_str() == "checkout");
    // What was changed since is another order.
    let asked =
        asked.and_then(|at| scene.done.get(at..)).filter(|it| !it.iter().any(|it| changes(&it)));
    match asked.and_then(<[_]>::first) {
        None if !viewed => call("cart_view", json!({})),
        None => call("checkout", json!({})),
        Some(_) if scene.is_in_doubt() => call("cart_view", json!({})),
        Some(done) if done.result.is_err() => {
            saying.failed(done);
            Next::Say
        }
        Some(_) => {
            saying.checkout();
            Next::Say
        }
    }
}
