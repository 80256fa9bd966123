//! Products: looked at closely, asked about, compared.

use serde_json::json;

use crate::catalog::Query;
use crate::id::Name;
use crate::model::clerk::decide::goods::{found, search, so_named, version};
use crate::model::clerk::decide::name::{called_whole, is_named_so};
use crate::model::clerk::decide::pick::{
    as_said, asked_of, called, fitting, known, meant, named, only, subject, titled, touched,
    versions, whole,
};
use crate::model::clerk::decide::size::sized;
use crate::model::clerk::decide::{Next, call, chosen, said};
use crate::model::clerk::say::Saying;
use crate::model::clerk::scene::{Scene, Shown};
use crate::model::clerk::understand::{Act, Wish, plain, same};

/// Words of so many letters and fewer name no product.
const SHORT: usize = 2;
/// Words of a question that are searched by themselves.
const ASKED: usize = 3;

pub(super) fn details(wish: &Wish, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    // What is asked of the one product shown need not be in its name.
    let of_it = || {
        let it = Wish { words: String::new(), ..wish.clone() };
        let pointed = wish.it && wish.asks || !wish.thing;
        // `Do you have a white shirt in the same size?` asks of no suit.
        let kinds = wish.filters.keys().any(|name| name.as_str() != "gender");
        let other = |it: &Shown<'_>| {
            wish.thing && kinds && !plain(&wish.words).iter().any(|word| called(it.facts, word))
        };
        // `And what would the nightowl cost?`, of other pyjamas that were shown.
        let words = plain(&wish.words);
        let elsewhere = |it: &Shown<'_>| {
            !wish.it
                && words.iter().any(|word| is_named_so(word, scene))
                && !words.iter().any(|word| titled(it.facts, word))
        };
        let of = subject(&it, scene).filter(|it| !other(it) && !elsewhere(it));
        of.filter(|_| pointed && (scene.adding || scene.shown.len() < 2))
    };
    // `Does that come with a hood?`, of what was asked for in which colour.
    let asked = || match scene.asked.as_slice() {
        [asked] if wish.it && wish.asks && !wish.thing => Some(asked.product.clone()),
        _ => None,
    };
    let line = || asked_of(wish, scene);
    // `Does the Kestrel K5 have NFC?`, of another Kestrel that was shown.
    let called = plain(&wish.called);
    // `The Fox sweater, does it come in grey?`, with another sweater in the cart.
    let title = called_whole(&plain(&wish.words), scene);
    let so = |it: &Shown<'_>| {
        let other = title.as_ref().is_some_and(|title| plain(&it.facts.title) != *title);
        !other && called.iter().all(|word| titled(it.facts, word))
    };
    let shown = subject(wish, scene).or_else(line).or_else(asked).or_else(of_it);
    let shown = shown.or_else(|| touched(wish, scene)).filter(so);
    let Some(shown) = shown else {
        return if wish.words.is_empty() {
            which(wish, scene, saying)
        } else {
            by_name(wish, scene, saying)
        };
    };
    let wish = &sized(wish, &shown);
    if wish.filters.keys().any(|name| name.as_str() != "gender") {
        return of_version(&shown, wish, saying);
    }
    told_of(&shown, scene, saying)
}

/// The version that is asked about, or which there are where that is asked: `what sizes are left in white?`
pub(super) fn of_version(shown: &Shown<'_>, wish: &Wish, saying: &mut Saying<'_>) -> Next {
    let said = sized(wish, shown);
    let left = versions(shown, &said);
    if !wish.versions || left.is_empty() {
        return version(shown, wish, saying);
    }
    saying.comes_in(shown, &left, &said.filters);
    Next::Say
}

/// Tells of the one product found: looked at closely where that is wished, else as it was found.
pub(super) fn tell(
    wish: &Wish,
    only: &Shown<'_>,
    scene: &Scene<'_>,
    saying: &mut Saying<'_>,
) -> Next {
    if wish.act == Some(Act::Details) {
        return told_of(only, scene, saying);
    }
    saying.details(only);
    Next::Say
}

/// Tells of one product all there is to tell.
pub(super) fn told_of(shown: &Shown<'_>, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    let arguments = json!({ "id": shown.variant });
    match scene.result("product", &arguments) {
        None => call("product", arguments),
        Some(done) => {
            match done.products().first() {
                Some(shown) => saying.details(shown),
                None => saying.failed(done),
            }
            Next::Say
        }
    }
}

/// A product as it was found, in the version that costs least of those that can be had, where others cost more.
fn cheapest<'a>(shown: &Shown<'a>) -> Shown<'a> {
    let variants = shown.facts.variants.iter().filter(|it| it.stock.can_be_ordered());
    let least = variants.min_by_key(|it| it.price.minor);
    let now = chosen(shown).map(|it| it.price.minor);
    match least.filter(|it| now.is_none_or(|now| it.price.minor < now)) {
        Some(least) => Shown { variant: least.variant.clone(), ..shown.clone() },
        None => shown.clone(),
    }
}

/// A question that may be about a product: the one with a word of it in its name, else none of ours.
pub(super) fn ask(wish: &Wish, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    let words = plain(&wish.words);
    let long = words.iter().filter(|word| word.chars().count() > SHORT).take(ASKED);
    // All of the words, then each by itself: `how long does the Firefly battery last?`
    for asked in std::iter::once(&wish.words).chain(long) {
        let query = Query { words: asked.clone(), ..Query::default() };
        let (found, _) = match found(query, [], scene) {
            Ok(found) => found,
            Err(next) => return next,
        };
        let has = |shown: &&Shown<'_>| {
            let mut title = plain(&shown.facts.title).into_iter();
            title.any(|own| own.chars().count() > SHORT && words.contains(&own))
        };
        let mut named = found.iter().filter(has);
        let single = named.next().filter(|_| named.next().is_none());
        let only = single.or_else(|| whole(&found, &words).first().copied());
        // Of a question about the world, few words are ours.
        let ours = asked != &wish.words || known(&found, asked).len() * 2 >= words.len();
        // `Which wines are on your list?`
        let several: Vec<Shown<'_>> =
            found.iter().filter(|it| called(it.facts, &wish.head)).cloned().collect();
        let named = |word: &&String| found.iter().any(|it| titled(it.facts, word));
        let kind = words.iter().filter(named).all(|word| same(word, &wish.head));
        if ours && kind && !wish.head.is_empty() && several.len() > 1 {
            saying.found(&several, false, wish.price);
            return Next::Say;
        }
        if let Some(only) = only.filter(|_| ours) {
            return told_of(only, scene, saying);
        }
    }
    said(saying, "off_topic")
}

/// What is named in a question that may be for a rule: `how long does the Longhaul keep tea hot?`
pub(super) fn unknown(wish: &Wish, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Option<Next> {
    if wish.unknown.is_empty() {
        return None;
    }
    let query = Query { words: wish.unknown.clone(), ..Query::default() };
    let (found, _) = match found(query, [], scene) {
        Ok(found) => found,
        Err(next) => return Some(next),
    };
    let words = plain(&wish.unknown);
    let mut named = found.iter().filter(|it| words.iter().any(|word| titled(it.facts, word)));
    let only = named.next().filter(|_| named.next().is_none())?;
    Some(told_of(only, scene, saying))
}

/// Details of what is named, where it was not shown before.
fn by_name(wish: &Wish, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    if !wish.own {
        return search(wish, Act::Search, scene, saying);
    }
    // `Does the Kestrel K5 have NFC?`
    if !wish.called.is_empty() {
        let (found, _) =
            match found(Query { words: wish.called.clone(), ..Query::default() }, [], scene) {
                Ok(found) => found,
                Err(next) => return next,
            };
        if let Some(only) = only(&found, &wish.called) {
            let so = sized(&as_said(wish, only, &plain(&wish.words)), only);
            if so.filters.is_empty() {
                return told_of(&cheapest(only), scene, saying);
            }
            return of_version(only, &so, saying);
        }
    }
    // `Does the risotto contain garlic?`
    let of_kind = wish.head.is_empty() || plain(&wish.kind).contains(&wish.head);
    let kind = (of_kind && !wish.kind.is_empty() && wish.kind != wish.words)
        .then(|| Query { words: wish.kind.clone(), ..Query::default() });
    let (found, relaxed) = match so_named(wish, kind, scene) {
        Ok(found) => found,
        Err(next) => return next,
    };
    let words = if relaxed { &wish.kind } else { &wish.words };
    let only = only(&found, words).or_else(|| found.get(named(&found, &plain(words), true)?));
    let as_said = |it| sized(&as_said(wish, it, &plain(&wish.words)), it);
    let wish = &only.map_or_else(|| wish.clone(), as_said);
    match only {
        Some(only) if wish.filters.keys().any(|name| name.as_str() != "gender") => {
            of_version(only, wish, saying)
        }
        Some(only) => told_of(&cheapest(only), scene, saying),
        None => search(wish, Act::Search, scene, saying),
    }
}

/// Asks which of those shown is meant, of those that have what was said where any has.
pub(super) fn which(wish: &Wish, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    if scene.shown.is_empty() {
        return said(saying, "add.what");
    }
    let fitting = fitting(&scene.shown, wish, |_, it| it.stock.can_be_ordered());
    saying.which(if fitting.is_empty() { &scene.shown } else { &fitting });
    Next::Say
}

pub(super) fn compare(wish: &Wish, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    let mut compared: Vec<Name> = meant(wish, scene).into_iter().map(|it| it.variant).collect();
    if compared.len() < 2 && wish.names.len() > 1 {
        match by_names(wish, scene) {
            Ok(named) => compared = named,
            Err(next) => return next,
        }
    }
    if compared.len() < 2 && (wish.own || wish.it && !wish.words.is_empty()) {
        match found(Query { words: wish.words.clone(), ..Query::default() }, [], scene) {
            Ok((found, _)) => {
                let whole = whole(&found, &plain(&wish.words));
                compared = whole.into_iter().map(|it| it.variant.clone()).collect();
                let only = only(&found, &wish.words).filter(|_| compared.is_empty());
                compared.extend(only.map(|it| it.variant.clone()));
            }
            Err(next) => return next,
        }
    }
    // `The difference between your two neck pillows`.
    if compared.is_empty() && scene.shown.is_empty() && wish.thing {
        match found(Query { words: wish.words.clone(), ..Query::default() }, [], scene) {
            Ok((found, _)) => {
                let such = found.iter().filter(|it| called(it.facts, &wish.head));
                let such: Vec<Shown<'_>> = such.cloned().collect();
                if such.len() > 2 {
                    saying.found(&such, false, 0);
                    return Next::Say;
                }
                compared = such.into_iter().map(|it| it.variant).collect();
            }
            Err(next) => return next,
        }
    }
    // `How does that compare to the ankle boots?`
    if let [other] = compared.as_slice()
        && let Some(shown) = scene.shown.first().filter(|it| it.variant != *other)
    {
        compared.insert(0, shown.variant.clone());
    }
    if compared.len() < 2 {
        let pool = if scene.shown.len() > 1 { &scene.shown } else { &scene.recent };
        compared = pool.iter().take(2).map(|it| it.variant.clone()).collect();
    }
    if compared.len() < 2 {
        return said(saying, "compare.which");
    }
    compared.dedup();
    compared.truncate(4);
    side_by_side(&compared, scene, saying)
}

/// Products next to each other.
pub(super) fn side_by_side(compared: &[Name], scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    let arguments = json!({ "ids": compared });
    match scene.result("compare", &arguments) {
        None => call("compare", arguments),
        Some(done) => {
            saying.compared(&done.products());
            Next::Say
        }
    }
}

/// The products that are named side by side: shown before, else searched.
fn by_names(wish: &Wish, scene: &Scene<'_>) -> Result<Vec<Name>, Next> {
    let mut ids = Vec::new();
    let mut calls = Vec::new();
    for name in wish.names.iter().take(4) {
        let words = plain(name);
        if let Some(shown) = named(&scene.recent, &words, true).and_then(|at| scene.recent.get(at))
        {
            ids.push(shown.variant.clone());
            continue;
        }
        let bare = Query { words: name.clone(), ..Query::default() };
        let so = Query { filters: wish.filters.clone(), ..bare.clone() };
        match found(so, [bare], scene) {
            Ok((found, _)) => {
                let only = only(&found, name).or_else(|| found.first());
                ids.extend(only.map(|it| it.variant.clone()));
            }
            Err(Next::Call(call)) => calls.extend(call),
            Err(Next::Say) => {}
        }
    }
    if calls.is_empty() { Ok(ids) } else { Err(Next::Call(calls)) }
}
