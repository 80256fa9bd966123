//! Things and wishes side by side: each by its name, or one with what is told of it beside.

use crate::model::clerk::decide::Next;
use crate::model::clerk::decide::cart::{all, by_name};
use crate::model::clerk::decide::goods::{found, so_named};
use crate::model::clerk::decide::pick::{called, known, titled, whole};
use crate::model::clerk::decide::query::query;
use crate::model::clerk::say::Saying;
use crate::model::clerk::scene::Scene;
use crate::model::clerk::understand::{Act, Wish, plain};

/// The wishes without those that say no more than others, or the searches that are still to be made to tell.
pub(super) fn told_once(wishes: &[Wish], scene: &Scene<'_>) -> Result<Vec<Wish>, Next> {
    let (mut once, mut calls): (Vec<Wish>, Vec<_>) = (Vec::new(), Vec::new());
    for (at, wish) in wishes.iter().enumerate() {
        let behind = wishes.get(at + 1..).unwrap_or_default();
        let both = match once.last() {
            Some(before) => described(before, wish, scene),
            None => Ok(None),
        };
        match (names_follow(wish, behind, scene), both) {
            (Ok(true), _) => {}
            (Ok(false), Ok(Some(both))) => {
                once.pop();
                once.push(both);
            }
            (Ok(false), Ok(None)) => once.push(wish.clone()),
            (Err(Next::Call(more)), _) | (_, Err(Next::Call(more))) => calls.extend(more),
            (Err(Next::Say), _) | (_, Err(Next::Say)) => {}
        }
    }
    if calls.is_empty() { Ok(once) } else { Err(Next::Call(calls)) }
}

/// Whether what is put there is only a kind, and as many of it are named behind it: `two pizzas, a small marinara and a
/// tonno`.
fn names_follow(wish: &Wish, behind: &[Wish], scene: &Scene<'_>) -> Result<bool, Next> {
    let named = |it: &&Wish| it.act == Some(Act::Add) && !it.words.is_empty();
    let words = plain(&wish.words);
    let [kind] = words.as_slice() else { return Ok(false) };
    let bare = wish.filters.is_empty() && wish.places.is_empty() && !wish.it;
    let bare = bare && wish.act == Some(Act::Add) && wish.kind == *kind;
    if !bare || behind.first().filter(named).is_none() {
        return Ok(false);
    }
    // A cola is no kind of what is named behind it.
    let several = so_named(wish, [], scene)?.0;
    if several.len() < 2 || !whole(&several, &words).is_empty() {
        return Ok(false);
    }
    let (many, mut count) = (wish.quantity.unwrap_or(1), 0);
    for name in behind.iter().take_while(named) {
        if count >= many {
            break;
        }
        let words = plain(&name.words);
        let found = so_named(name, [], scene)?.0;
        let mut named = found.iter().filter(|it| words.iter().all(|word| titled(it.facts, word)));
        let own = !words.contains(kind) && named.next().is_some_and(|it| called(it.facts, kind));
        if !own || !named.all(|it| called(it.facts, kind)) {
            return Ok(false);
        }
        count += name.quantity.unwrap_or(1);
    }
    Ok(count == many)
}

/// What is searched as one word beside it says it is to be, which nothing is called: `a main course up to 14, vegetarian`,
/// `my wife is vegetarian, what pasta can she have?`
fn described(before: &Wish, wish: &Wish, scene: &Scene<'_>) -> Result<Option<Wish>, Next> {
    let search = |wish: &Wish| wish.act == Some(Act::Search) && wish.names.len() < 2;
    let tells = |wish: &Wish| {
        let bare =
            wish.filters.is_empty() && wish.amount == (None, None) && wish.quantity.is_none();
        let open = wish.guess && !wish.article && !wish.aside && !wish.asks && wish.price == 0;
        bare && open && !wish.words.is_empty() && !wish.words.contains(' ')
    };
    let (thing, told) = if tells(wish) { (before, wish) } else { (wish, before) };
    if !(search(thing) && search(told) && tells(told)) || thing.words.is_empty() {
        return Ok(None);
    }
    let words = format!("{} {}", thing.words, told.words);
    let names = vec![words.clone()];
    let both = Wish { words, names, said: String::new(), ..thing.clone() };
    let found = found(query(&both, Act::Search, scene), [], scene)?.0;
    let all = found
        .iter()
        .any(|it| known(std::slice::from_ref(it), &both.words).len() == plain(&both.words).len());
    let called = found.iter().any(|it| called(it.facts, &told.words));
    Ok((all && !called).then_some(both))
}

/// Things named side by side: each is searched by itself, and put there if it is one.
pub(super) fn each_by_name(wish: &Wish, scene: &Scene<'_>, saying: &mut Saying<'_>) -> Next {
    let one = |(n, name): (usize, &String)| {
        // `Two caps and the scarf`: only the first is counted.
        let quantity = wish.quantity.filter(|_| n == 0 || !wish.ahead);
        let (words, said, names) = (name.clone(), String::new(), Vec::new());
        Wish { words, said, names, quantity, ..wish.clone() }
    };
    let named: Vec<(usize, Wish)> =
        wish.names.iter().enumerate().map(|it| (it.0, one(it))).collect();
    all(&named, saying, |(n, wish), saying| {
        let mut told = saying.clone();
        let next = by_name(wish, scene, &mut told);
        // `The sash and the belt in black, size 75`, of a sash that comes in no size.
        let open = n + 1 < named.len() && wish.filters.contains_key("size") && told.asks();
        if open && matches!(next, Next::Say) {
            let mut bare = wish.clone();
            bare.filters.remove("size");
            if let call @ Next::Call(_) = by_name(&bare, scene, &mut saying.clone()) {
                return call;
            }
        }
        *saying = told;
        next
    })
}
