//! Wishes that are listed side by side: what one says of how many, of the colour or the size is said of the other.

use crate::id::Name;
use crate::model::clerk::understand::pairs::{narrows, searches};
use crate::model::clerk::understand::together::Heard;
use crate::model::clerk::understand::{Act, Wish};

/// Words of a name, at most: more are told around it.
const NAME: usize = 4;

/// Whether it counts what is named behind it, of another colour or size: `two blue and two white mugs`.
fn leads(before: &Wish, wish: &Wish) -> bool {
    let other =
        |(name, value): (&Name, &String)| wish.filters.get(name).is_some_and(|it| it != value);
    let counts = before.quantity.is_some() || before.article || before.one;
    let open = matches!(before.act, Some(Act::Search | Act::Add | Act::Refine | Act::Lost));
    let bare = before.words.is_empty() && before.places.is_empty() && !before.it;
    open && bare && counts && searches(wish) && before.filters.iter().any(other)
}

fn leading(before: &mut Wish, wish: &Wish) {
    let mut filters = wish.filters.clone();
    filters.append(&mut before.filters);
    let quantity = before.quantity.or(Some(1));
    let act = before.act.filter(|act| *act == Act::Add).or(wish.act);
    *before = Wish { act, filters, quantity, ahead: true, ..wish.clone() };
}

/// `A pizza and a cola, please` wishes for both; `two pizzas and a cola` for one cola.
fn counted(before: &mut Wish, wish: &mut Wish, heard: Heard) {
    let guessed = |wish: &Wish| wish.act == Some(Act::Search) && (wish.guess || wish.buys);
    let short = before.words.split(' ').count() <= NAME;
    if heard.follows && wish.act == Some(Act::Add) && guessed(before) && short && !before.loose {
        before.act = Some(Act::Add);
    }
    // `Belt and cap out`.
    if heard.joined && wish.act == Some(Act::Remove) && guessed(before) && !before.article {
        before.act = Some(Act::Remove);
    }
    // `A cola and two beers`.
    let counts = before.article || before.one || before.buys && !before.asks;
    if heard.follows && guessed(wish) && guessed(before) && counts {
        let one = before.quantity.is_none() && wish.quantity.is_some();
        if one {
            (before.quantity, before.ahead, before.listed) = (Some(1), true, true);
        }
    }
    let beside = heard.joined && wish.thing || heard.follows && wish.article;
    if beside && guessed(wish) && guessed(before) && wish.quantity.is_none() {
        // `Risotto and a still water`.
        if wish.article && before.quantity.is_none() && !before.loose {
            (before.quantity, before.ahead, before.listed) = (Some(1), true, true);
        }
        wish.quantity = before.quantity.and(Some(1));
        (wish.ahead, wish.listed) = (before.ahead, true);
    }
}

/// What is listed before a wish, and what it says of that.
pub(super) fn listed_after(before: &mut Wish, wish: &mut Wish, heard: Heard) {
    counted(before, wish, heard);
    if !heard.joined {
        return;
    }
    if is_another(before, wish) {
        another(before, wish);
    }
    if for_another(before, wish) {
        return;
    }
    another_measure(before, wish);
    // `The Smith belt in 95 and the Saddlery in black, same size`.
    if wish.same && searches(before) && searches(wish) {
        let size = before.filters.iter().find(|(name, _)| name.as_str() == "size");
        if let Some((name, size)) = size {
            wish.filters.entry(name.clone()).or_insert_with(|| size.clone());
        }
    }
    // `Four burgers and the same number of lemonades`.
    if wish.as_many && searches(before) && searches(wish) && wish.quantity.is_none() {
        (wish.quantity, wish.ahead) = (before.quantity, true);
    }
    // `Make it two blue and two green`: the rest is put there beside it.
    let counts = |wish: &Wish| wish.quantity.is_some() || wish.one;
    let version = wish.words.is_empty() && counts(wish) && !wish.filters.is_empty();
    if before.act == Some(Act::Swap) && counts(before) && version && !wish.asks {
        (wish.act, wish.again) = (Some(Act::Add), true);
        wish.quantity = wish.quantity.or(Some(1));
        before.quantity = before.quantity.or(Some(1));
    }
    // `A hoodie in black and a jacket in grey, both in L`.
    if wish.places == [0] && searches(wish) && searches(before) {
        for (name, value) in &wish.filters {
            before.filters.entry(name.clone()).or_insert_with(|| value.clone());
        }
        wish.places.clear();
    }
    if leads(before, wish) {
        leading(before, wish);
    }
    // `That and a still water`, of what was looked at.
    let open = matches!(before.act, Some(Act::Lost | Act::Nod | Act::Details | Act::Search));
    let bare = before.words.is_empty() && before.filters.is_empty() && before.guess;
    if wish.act == Some(Act::Add) && open && bare && before.it && !before.asks {
        before.act = Some(Act::Add);
    }
    // `A small one and a big one`, of what was asked for.
    let bare = |wish: &Wish| wish.words.is_empty() && wish.places.is_empty();
    let put = |wish: &Wish| wish.act == Some(Act::Add) && bare(wish) && !wish.filters.is_empty();
    let told =
        |wish: &Wish| (narrows(wish) || put(wish)) && !wish.asks && (counts(wish) || wish.article);
    let other =
        |(name, value): (&Name, &String)| before.filters.get(name).is_some_and(|it| it != value);
    let swaps = before.act == Some(Act::Swap) && put(wish);
    if told(before) && told(wish) && !swaps && wish.filters.iter().any(other) {
        for one in [before, wish] {
            (one.act, one.quantity) = (Some(Act::Add), one.quantity.or(Some(1)));
        }
    }
}

/// Whether so many more are for somebody else: `in pink, one for me and one for my sister`.
fn for_another(before: &mut Wish, wish: &mut Wish) -> bool {
    let whom = !wish.filters.is_empty() && wish.filters.keys().all(|it| it.as_str() == "gender");
    let both = before.words.is_empty() && whom && wish.words.is_empty() && !wish.asks;
    let both = both && !before.filters.is_empty() && before.quantity.is_none();
    let both = both && [before.act, wish.act] == [Some(Act::Add); 2];
    if both {
        before.quantity = Some(1 + wish.quantity.unwrap_or(1));
        *wish = Wish { act: Some(Act::Nod), ..Wish::default() };
    }
    both
}

/// One more of what was named before, of another size: `two pack sacks, one of 10 litres and one of 20 litres`.
fn another_measure(before: &mut Wish, wish: &mut Wish) {
    let measured = !wish.measures.is_empty() && wish.words == wish.measures.join(" ");
    let counts = wish.quantity.is_some() || wish.one;
    let first = before.measures.join(" ");
    if measured
        && counts
        && searches(before)
        && !first.is_empty()
        && let Some(named) = before.words.strip_suffix(&first)
    {
        let words = format!("{named}{}", wish.words);
        wish.quantity = wish.quantity.or(Some(1));
        before.quantity = before.quantity.or(Some(1));
        before.ahead = true;
        let mut filters = before.filters.clone();
        filters.append(&mut wish.filters);
        let (quantity, measures) = (wish.quantity, std::mem::take(&mut wish.measures));
        *wish = Wish { words, filters, quantity, measures, ..before.clone() };
    }
}

/// Whether it is one more of what was named before, of another colour or size: `one in black and one in white`.
fn is_another(before: &Wish, wish: &Wish) -> bool {
    let other =
        |(name, value): (&Name, &String)| before.filters.get(name).is_some_and(|it| it != value);
    // `The robe in white, and for him the same in grey`.
    let puts = [before.act, wish.act] == [Some(Act::Add); 2] && !wish.instead;
    let counts = wish.quantity.is_some() || wish.article || wish.one || puts;
    let open = wish.asks && before.act != Some(Act::Add);
    let named = searches(before) || before.act == Some(Act::Pick) && before.own;
    named && counts && wish.words.is_empty() && wish.filters.iter().any(other) && !open
}

fn another(before: &mut Wish, wish: &mut Wish) {
    before.quantity = before.quantity.or(Some(1));
    before.ahead = true;
    let mut filters = before.filters.clone();
    filters.append(&mut wish.filters);
    *wish = Wish { filters, quantity: wish.quantity.or(Some(1)), instead: false, ..before.clone() };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_version_and_another_that_is_put_there_are_both() {
        let version = |act, color: &str| Wish {
            act: Some(act),
            filters: [("color".into(), color.to_owned())].into(),
            one: true,
            ..Wish::default()
        };
        let heard =
            Heard { follows: true, joined: true, asks: false, instead: false, tells: false };
        let acts = |first| {
            let (mut before, mut wish) = (version(first, "gold"), version(Act::Add, "silver"));
            listed_after(&mut before, &mut wish, heard);
            [before.act, wish.act]
        };
        assert_eq!(acts(Act::Refine), [Some(Act::Add); 2]);
        assert_eq!(acts(Act::Swap), [Some(Act::Swap), Some(Act::Add)]);
    }

    #[test]
    fn one_of_one_size_and_one_of_another_are_both() {
        let measured = |words: &str, measure: &str| Wish {
            act: Some(Act::Search),
            words: words.to_owned(),
            measures: vec![measure.to_owned()],
            one: true,
            guess: true,
            ..Wish::default()
        };
        let heard =
            Heard { follows: true, joined: true, asks: false, instead: false, tells: false };
        let (mut before, mut wish) = (measured("sack 10 l", "10 l"), measured("20 l", "20 l"));
        listed_after(&mut before, &mut wish, heard);
        assert_eq!((wish.words.as_str(), wish.quantity), ("sack 20 l", Some(1)));
        let (mut before, mut wish) = (measured("sack 10 l", "10 l"), measured("hat 20 l", "20 l"));
        listed_after(&mut before, &mut wish, heard);
        assert_eq!(wish.words, "hat 20 l");
    }
}
