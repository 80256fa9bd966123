//! Goods: searched, looked at, compared.

use std::collections::BTreeMap;

use crate::catalog::Query;
use crate::compound::{bare, made_of};
use crate::model::clerk::decide::name::{by_own_name, is_named, kind};
use crate::model::clerk::decide::pick::{
    Missing, as_said, called, chosen, known, only, touched, variant, whole,
};
use crate::model::clerk::decide::price::of_those;
use crate::model::clerk::decide::query::{
    arguments, beyond, in_words, of_kind, otherwise, query, relaxed,
};
use crate::model::clerk::decide::single::{single, single_of};
use crate::model::clerk::decide::size::sized;
use crate::model::clerk::decide::taken::{so_shown, spoken, taken_by_name};
use crate::model::clerk::decide::{Next, call, cart, look, said, side};
use crate::model::clerk::say::Saying;
use crate::model::clerk::scene::{Scene, Shown};
use crate::model::clerk::understand::{Act, Wish, plain, says};

/// Rounds of a turn after which nothing more is searched: a turn has few of them, and the last one says what came.
const SEARCHES: usize = 5;
/// Things named side by side that are searched.
const NAMES: usize = 3;
/// Products shown of each of them.
const EACH: usize = 2;
/// Products asked for where more of the same are wished.
const MORE: u8 = 20;

/// What a search brings: the call that is still to be made, or what was found and whether it had to be
/// relaxed.
pub(super) fn found<'a>(
    asked: Query,
    others: impl IntoIterator<Item = Query>,
    scene: &Scene<'a>,
) -> Result<(Vec<Shown<'a>>, bool), Next> {
    let mut relaxed = false;
    for query in std::iter::once(asked).chain(others) {
        let arguments = arguments(&query);
        let Some(done) = scene.result("search", &arguments) else {
            if scene.rounds < SEARCHES {
                return Err(call("search", arguments));
            }
            continue;
        };
        let found = done.products();
        if !found.is_empty() {
            return Ok((found, relaxed));
        }
        relaxed = true;
    }
    Ok((Vec::new(), relaxed))
}

/// What a name brings: as it is wished, where what is found so has all of the name; else by the name alone.
pub(super) fn so_named<'a>(
    wish: &Wish,
    others: impl IntoIterator<Item = Query>,
    scene: &Scene<'a>,
) -> Result<(Vec<Shown<'a>>, bool), Next> {
    let bare = Query { words: wish.words.clone(), ..Query::default() };
    let asked = query(wish, Act::Search, scene);
    if asked == bare {
        return found(bare, others, scene);
    }
    let has = |found: &[Shown<'_>]| known(found, &wish.words).len();
    let (so, _) = found(asked, [], scene)?;
    if !so.is_empty() && has(&so) == plain(&wish.words).len() {
        return Ok((so, false));
    }
    let (bare, relaxed) = found(bare, others, scene)?;
    let more = so.is_empty() || has(&bare) > has(&so);
    Ok(if more { (bare, relaxed) } else { (so, false) })
}

/// The wish bounded by what the product costs that it names: `anything cheaper than the Harrow one?`
fn than(wish: &Wish, act: Act, scene: &Scene<'_>) -> Option<Wish> {
    let than = touched(wish, scene).filter(|_| act == Act::Refine && wish.price.abs() == 1)?;
    by_own_name(std::slice::from_ref(&than), &plain(&wish.words))?;
    let price = beyond(&chosen(&than)?.price, wish.price)?;
    let amount = if wish.price < 0 { (None, Some(price)) } else { (Some(price), None) };
    Some(Wish { words: String::new(), names: Vec::new(), amount, ..wish.clone() })
}

/// What is said to a change of a search that only speaks of what is shown.
fn of_shown(wish: &Wish, act: Act, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Option<Next> {
    if act != Act::Refine {
        return None;
    }
    if let Some(shown) = spoken(wish, scene) {
        return Some(so_shown(&shown, wish, scene, saying));
    }
    saying.found(std::slice::from_ref(of_those(wish, scene)?), false, wish.price);
    Some(Next::Say)
}

/// What costs less and is not what was looked at is no cheaper one of those.
fn of_their_kind(found: &mut Vec<Shown<'_>>, words: &str, scene: &Scene<'_>) {
    let looked_at = known(&scene.shown, words).len();
    found.retain(|it| known(std::slice::from_ref(it), words).len() >= looked_at);
    // Tent pegs are no cheaper tents.
    let head = plain(words).pop();
    let of_kind = |own: String| head.as_ref().is_some_and(|it| says(&own, it));
    let is = |it: &Shown<'_>| kind(it.facts).is_some_and(of_kind);
    if scene.shown.iter().all(is) {
        found.retain(is);
    }
}

pub(super) fn search(wish: &Wish, act: Act, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    if let Some(wish) = than(wish, act, scene) {
        return search(&wish, act, scene, saying);
    }
    if let Some(next) = of_shown(wish, act, scene, saying) {
        return next;
    }
    let wish = &match as_called(wish, act, scene) {
        Ok(wish) => wish,
        Err(next) => return next,
    };
    let words = query(wish, act, scene).words;
    let (mut found, relaxed) = match fitting(wish, act, scene) {
        Ok(found) => found,
        Err(next) => return next,
    };
    if act == Act::Refine && wish.price.abs() == 1 {
        of_their_kind(&mut found, &words, scene);
    }
    let all =
        |shown: &Shown<'_>| known(std::slice::from_ref(shown), &words).len() == plain(&words).len();
    // `A poncho and a compass` are no one thing.
    if act == Act::Search && wish.names.len() > 1 && !found.iter().any(all) {
        // `One stove and the pots`, which are ordered.
        let ordered = wish.buys && wish.guess && !wish.asks;
        return if ordered {
            side::each_by_name(wish, scene, saying)
        } else {
            several(wish, scene, saying)
        };
    }
    // `asdfgh` changes nothing of what was searched, `meh, cheaper` only the price.
    if act == Act::Refine && !wish.words.is_empty() && known(&found, &wish.words).is_empty() {
        let wish = Wish { words: String::new(), names: Vec::new(), ..wish.clone() };
        let changes = wish.price != 0 || wish.amount != (None, None) || !wish.filters.is_empty();
        return if changes { search(&wish, act, scene, saying) } else { said(saying, "lost") };
    }
    let known = known(&found, &words).join(" ");
    let some = plain(&known).len() < plain(&words).len();
    if relaxed && some {
        so_called(&mut found, &known);
    }
    let guess = wish.guess && !wish.thing && wish.filters.is_empty() && wish.price == 0;
    let headed = wish.act == Some(Act::Search)
        && !wish.loose
        && headed(&mut found, wish, some && guess, scene);
    if act == Act::Search
        && let Some(next) = single(&found, (&words, &known), wish, scene, saying)
    {
        return next;
    }
    // What only looks a little like what was said is none of it.
    if act == Act::Search && !words.is_empty() && known.is_empty() && !wish.guess && !headed {
        return said(saying, "search.none");
    }
    // A guess that no product has all words of was none.
    let (some, all) = (plain(&known).len(), plain(&words).len().max(1));
    let few = if wish.loose { some * 3 < all * 2 } else { some * 2 < all && !headed };
    if guess && act == Act::Search && few {
        return said(saying, "lost");
    }
    if let Some(only) = taken_by_name(&found, wish, act, scene) {
        return cart::put(only, wish, scene, saying, false);
    }
    let told = wish.act == Some(Act::Details) && wish.filters.is_empty() && wish.price == 0;
    let bare = |only: &Shown<'_>| sized(wish, only).filters.is_empty();
    match single_of(&found, &known, wish) {
        Some(only) if told && bare(only) => return look::told_of(only, scene, saying),
        None if found.is_empty() && wish.price.abs() == 1 => saying.least(wish.price),
        Some(only) => return as_wished(only, wish, relaxed, saying),
        None => saying.found(&found, relaxed, wish.price),
    }
    Next::Say
}

/// The one product found, in the version that is wished where that is another: `the goose down duvet in king`.
fn as_wished(only: &Shown<'_>, wish: &Wish, relaxed: bool, saying: &mut Saying<'_>) -> Next {
    let so = sized(&as_said(wish, only, &plain(&wish.words)), only);
    match variant(only, &so).filter(|it| it.variant != only.variant) {
        _ if wish.versions => return look::of_version(only, &so, saying),
        Some(so) => saying.card(only.label, Some(&so.variant), "search.one"),
        None => saying.found(std::slice::from_ref(only), relaxed, wish.price),
    }
    Next::Say
}

/// What fits a wish: as it is, else with less.
fn fitting<'a>(wish: &Wish, act: Act, scene: &Scene<'a>) -> Result<(Vec<Shown<'a>>, bool), Next> {
    let mut asked = query(wish, act, scene);
    // `A small backpack`: what is so small and no backpack is none.
    if let Some(kind) = plain(&wish.kind).pop().filter(|_| wish.described) {
        let (so, _) = found(asked.clone(), [], scene)?;
        if !so.iter().any(|it| called(it.facts, &kind)) {
            asked.filters.remove("size");
        }
    }
    let bounded = wish.price.abs() == 1;
    let others = if bounded { Vec::new() } else { relaxed(&asked, wish, act, scene) };
    let so = found(asked, others, scene)?;
    // `A green ink`: what is green and no ink is none, where inks are sold.
    let called = |found: &[Shown<'_>]| found.iter().any(|it| called(it.facts, &wish.head));
    let kinds = wish.filters.keys().any(|name| name.as_str() != "gender");
    let named = act == Act::Search && wish.thing && is_named(&wish.head, scene);
    if named && kinds && !so.0.is_empty() && !called(&so.0) {
        let head = Query { words: wish.head.clone(), ..Query::default() };
        let (head, _) = found(head, [], scene)?;
        return Ok(if called(&head) { (head, true) } else { so });
    }
    Ok(so)
}

/// The wish in the words of the feed, which may be others than the pack's: a `rucksack` is a backpack elsewhere.
fn as_called(wish: &Wish, act: Act, scene: &Scene<'_>) -> Result<Wish, Next> {
    let found = fitting(wish, act, scene)?.0;
    if act != Act::Search {
        return Ok(wish.clone());
    }
    // Found as it was said, and not in the pack's word for it.
    if known(&found, &wish.words).is_empty() && !known(&found, &wish.said).is_empty() {
        return Ok(in_words(wish, &wish.said, &wish.said));
    }
    // What only has a word of it somewhere is not it: `a backpack for school`, where backpacks are called rucksacks.
    let said = plain(&format!("{} {}", wish.words, wish.said));
    let such = |it: &Shown<'_>| said.iter().any(|word| called(it.facts, word));
    let none = !found.iter().any(such);
    // `Pans` are no pants, where pans are sold.
    if none && !wish.said.is_empty() {
        let own = Query { words: wish.said.clone(), ..Query::default() };
        let own = self::found(own, [], scene)?.0;
        let said = plain(&wish.said);
        if own.iter().any(|it| said.iter().all(|word| called(it.facts, word))) {
            return Ok(in_words(wish, &wish.said, &wish.said));
        }
    }
    let others = if none { otherwise(wish, scene) } else { Vec::new() };
    // `Lamps for the living room`: what only has to do with a room is no lamp.
    let called = |found: &[Shown<'_>]| found.iter().any(|it| called(it.facts, &wish.head));
    let several = plain(&wish.words).len() > 1 && wish.names.len() < 2;
    // `A radio for the kitchen`, where kitchens have more than radios.
    let head = wish.strange || wish.for_it && plain(&wish.kind).contains(&wish.head);
    if head && several && !found.is_empty() && !called(&found) {
        let head = Query { words: wish.head.clone(), ..Query::default() };
        if called(&self::found(head, [], scene)?.0) {
            return Ok(in_words(wish, &wish.head, &wish.head));
        }
    }
    for other in others {
        let bare = Query { words: other.kind.clone(), ..Query::default() };
        if !self::found(bare, [], scene)?.0.is_empty() {
            return Ok(other);
        }
    }
    Ok(wish.clone())
}

/// What has some of the words only must be called by one of them: `a phone case` is no glove for a phone.
fn so_called(found: &mut Vec<Shown<'_>>, known: &str) {
    let called = |it: &Shown<'_>| plain(known).iter().any(|word| called(it.facts, word));
    if !found.iter().any(called) {
        found.clear();
    }
}

/// Whether anything found is called what the wish calls last; `only`: nothing else counts then. `Laces for boots`
/// are no boots.
fn headed(found: &mut Vec<Shown<'_>>, wish: &Wish, only: bool, scene: &Scene<'_>) -> bool {
    if wish.head.is_empty() {
        return false;
    }
    // `A box for watches`, where it is called Uhrenbox.
    let apart = scene.request.pack.lexicon(&scene.request.locale).is_none_or(|it| it.apart);
    let head = bare(&wish.head);
    let made = |it: &Shown<'_>| plain(&it.facts.title).iter().any(|own| made_of(&bare(own), &head));
    let called = |it: &Shown<'_>| called(it.facts, &wish.head) || !apart && made(it);
    if found.iter().any(called) {
        found.retain(|it| !only || called(it));
        return true;
    }
    // `Does the Commuter backpack take a laptop?`
    if !whole(found, &plain(&wish.words)).is_empty() {
        return false;
    }
    if wish.elsewhere || wish.strange && known(found, &wish.head).is_empty() {
        found.clear();
    }
    false
}

/// Several things that were named side by side, each searched by itself.
fn several(wish: &Wish, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    let (mut calls, mut all, mut named) = (Vec::new(), Vec::new(), Vec::new());
    for name in wish.names.iter().take(NAMES) {
        let one = Wish { words: name.clone(), ..wish.clone() };
        let asked = query(&one, Act::Search, scene);
        let bare = Query { filters: BTreeMap::new(), without: Vec::new(), ..asked.clone() };
        match found(asked, [bare], scene) {
            Ok((found, _)) => {
                let known = known(&found, name).join(" ");
                let only = only(&found, &known).map(|only| vec![only.clone()]);
                named.extend(only.iter().flatten().map(|only| only.variant.clone()));
                let each = || found.iter().take(EACH).cloned().collect();
                for shown in only.unwrap_or_else(each) {
                    if all.iter().all(|it: &Shown<'_>| it.facts.product != shown.facts.product) {
                        all.push(shown);
                    }
                }
            }
            Err(Next::Call(call)) => calls.extend(call),
            Err(Next::Say) => {}
        }
    }
    if !calls.is_empty() {
        return Next::Call(calls);
    }
    // `The Penny loafers or the Mooring loafers?`
    if wish.either && wish.asks && named.len() == 2 && all.len() == 2 {
        return look::side_by_side(&named, scene, saying);
    }
    saying.found(&all, false, wish.price);
    Next::Say
}

/// The version of one product that is wished, or what else there is of it.
pub(super) fn version(shown: &Shown<'_>, wish: &Wish, saying: &mut Saying<'_>) -> Next {
    let wish = &sized(wish, shown);
    match variant(shown, wish) {
        Some(variant) => saying.card(shown.label, Some(&variant.variant), "product.variant"),
        None => {
            let left = shown.facts.variants.iter().filter(|it| it.stock.can_be_ordered());
            saying.choose(shown, &Missing { attribute: None, left: left.collect() }, 1);
        }
    }
    Next::Say
}

/// More of what was found, without what was shown.
pub(super) fn more(scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    let Some(mut before) = scene.searched.clone() else { return said(saying, "lost") };
    // Of one product that was named, others of its kind are wished.
    if let [only] = scene.shown.as_slice()
        && whole(&scene.shown, &plain(&before.words)).len() == 1
    {
        of_kind(&mut before, only);
    }
    let (mut found, _) = match found(Query { limit: MORE, ..before }, [], scene) {
        Ok(found) => found,
        Err(next) => return next,
    };
    let shown =
        |it: &Shown<'_>| scene.recent.iter().any(|seen| seen.facts.product == it.facts.product);
    found.retain(|it| !shown(it));
    if found.is_empty() {
        return said(saying, "search.all");
    }
    saying.found(&found, false, 0);
    Next::Say
}
